"""Texts that break one constraint of a shape while they keep the others, if there are any."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Final

from conformance.contract import Location, Pattern, Shape
from conformance.generation.characters import EVERY, Characters
from conformance.generation.expressions import Unreadable
from conformance.generation.minimal import HEADER_SAFE, bounds_of
from conformance.generation.texts import Bounds, first_match, matching

# Ordinary characters first; control characters last, as they are refused for reasons of their own.
# None beyond the basic plane: engines differ on how many characters those are.
_INTRUDERS: Final = "!~ #%|</_-.@aA0é漢\t\n\x01"
# What some server on the way would take for another path.
_UNFIT_FOR_PATHS: Final = frozenset("/.\t\n\x01 ")
# How much further beyond the bound a text may be, if only then it matches.
_FURTHER: Final = 100
_VALID_TRIED: Final = 12
_UNKNOWN: Final = "CONFORMANCE_UNKNOWN"


def sized_text(shape: Shape, value: str, length: int, allowed: Characters = EVERY) -> str:
    """A text of a length that the shape does not allow, which matches its pattern if one does.

    Args:
        value: a valid text, to be cut or filled up where nothing matches.
    """
    low, high = (length, length + _FURTHER) if length > len(value) else (min(1, length), length)
    with suppress(Unreadable):
        for bounds in (Bounds(length, length, allowed), Bounds(low, high, allowed)):
            text = first_match(shape.pattern, bounds)
            if text is not None:
                return text
    return value[:length].ljust(length, value[-1:] or "a")


def unmatched_text(shape: Shape, value: str, location: Location) -> str | None:
    """A text that a shape's pattern does not match, one change away from a valid one.

    Its length is allowed; it is as wrong after it was sent as before. None where none is found.

    Args:
        value: a valid text.
    """
    pattern = shape.pattern
    if pattern is None:
        return None
    bounds = bounds_of(shape, location)
    for text in (value, *_others(pattern, bounds)):
        for changed in _changes(text, location):
            if bounds.low <= len(changed) <= bounds.high and pattern.matches(changed) is False:
                return changed
    return None


def other_than_enum(shape: Shape) -> str | None:
    """A text that is none of a shape's enum, in no mixture of cases, but keeps its other rules.

    None where there is none.
    """
    known = {value.casefold() for value in shape.enum}
    bounds = Bounds.of(shape, low=1)
    plain = _UNKNOWN.replace("_", "")
    others = _others(shape.pattern, bounds)
    for text in (_UNKNOWN, _UNKNOWN.lower(), plain, plain.lower(), *others):
        fits = bounds.low <= len(text) <= bounds.high
        if fits and text.casefold() not in known and _matches(shape.pattern, text):
            return text
    return None


def _matches(pattern: Pattern | None, text: str) -> bool:
    return pattern is None or pattern.matches(text) is not False


def _others(pattern: Pattern | None, bounds: Bounds) -> Iterator[str]:
    try:
        yield from islice(matching(pattern, bounds), _VALID_TRIED)
    except Unreadable:
        return


def _changes(text: str, location: Location) -> Iterator[str]:
    """One character replaced, added or left out: a replaced one inside first, the ends last."""
    intruders = [char for char in _INTRUDERS if _travels(char, location)]
    last = len(text) - 1
    places = [*range(1, last), last, 0] if last > 0 else list(range(len(text)))
    for char in intruders:
        for place in places:
            yield _settled(text[:place] + char + text[place + 1 :], location)
    for char in intruders:
        yield _settled(text + char, location)
        yield _settled(char + text, location)
    for place in places:
        yield _settled(text[:place] + text[place + 1 :], location)
    if location in ("body", "payload", "query"):
        yield " " * max(len(text), 1)


def _travels(char: str, location: Location) -> bool:
    if location in ("header", "headers"):
        return char in HEADER_SAFE
    return location != "path" or char not in _UNFIT_FOR_PATHS


def _settled(text: str, location: Location) -> str:
    """What of a text arrives: blanks at the ends of a header are none of its value."""
    return text.strip() if location in ("header", "headers") else text

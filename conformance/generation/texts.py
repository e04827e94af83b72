"""Texts that match a pattern and have a wanted length, found without chance or Hypothesis."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import islice
from random import Random
from typing import Final

from attrs import frozen

from conformance.contract import Pattern, Shape
from conformance.generation.characters import EVERY, Characters
from conformance.generation.expressions import Expression, expression, free_text
from conformance.generation.lengths import Lengths
from conformance.generation.walk import Plainest, Wandering, walk

# A text that no path, query or header could carry is of no use, and neither is a larger body.
LONGEST: Final = 1 << 20

_LENGTHS_TRIED: Final = 12
_CHARACTERS_TRIED: Final = 4
_WALKS: Final = 1000
_CHARACTERS_WALKED: Final = 150_000
# Lengths are followed that much beyond the shortest text.
_ROOM: Final = 64


@frozen
class Bounds:
    """Between which lengths a text has to be, and of which characters."""

    low: int
    high: int
    allowed: Characters = EVERY

    @classmethod
    def of(
        cls,
        shape: Shape,
        *,
        low: int = 0,
        high: int = LONGEST,
        allowed: Characters = EVERY,
    ) -> Bounds:
        """Those that a shape states.

        Args:
            low, high: the bounds of where it travels.
        """
        most = high if shape.maximum is None else min(int(shape.maximum), high)
        return cls(max(int(shape.minimum or 0), low), most, allowed)


def matching(pattern: Pattern | None, bounds: Bounds) -> Iterator[str]:
    """Different texts that match a pattern, the shortest and plainest first.

    Args:
        pattern: any text matches where there is none.

    Raises:
        Unreadable: the pattern's syntax is not known.
    """
    found: set[str] = set()
    for text in _candidates(pattern, bounds):
        if text not in found and (pattern is None or pattern.matches(text)):
            found.add(text)
            yield text


@cache
def first_match(pattern: Pattern | None, bounds: Bounds) -> str | None:
    """The plainest of the shortest texts found that match; None where none is found.

    Raises:
        Unreadable: the pattern's syntax is not known.
    """
    return next(matching(pattern, bounds), None)


def tree(pattern: Pattern | None, bounds: Bounds) -> tuple[Expression, Lengths]:
    """The expression of a pattern, and which of its lengths are between the bounds.

    Lengths far beyond the shortest are left out.

    Raises:
        Unreadable: the pattern's syntax is not known.
    """
    cap = min(bounds.high, bounds.low + _ROOM)
    while True:
        found = (
            free_text(cap, bounds.allowed)
            if pattern is None
            else expression(pattern, cap, bounds.allowed)
        )
        lengths = found.lengths.within(bounds.low, bounds.high)
        if lengths or cap >= min(bounds.high, LONGEST):
            return found, lengths
        cap = min(cap * 4 + _ROOM, bounds.high)


def _candidates(pattern: Pattern | None, bounds: Bounds) -> Iterator[str]:
    found, lengths = tree(pattern, bounds)
    if not lengths:
        return
    for length in islice(lengths, _LENGTHS_TRIED):
        for skipped in range(_CHARACTERS_TRIED):
            yield walk(found.node, Plainest(skipped), length, length)
    guide = Wandering(Random(str(pattern)))  # noqa: S311 - the same texts for the same pattern
    for _ in range(min(_WALKS, _CHARACTERS_WALKED // (lengths.least + 1))):
        yield walk(found.node, guide, lengths.least, lengths.most)

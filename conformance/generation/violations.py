"""Inputs that break one constraint of the contract, and nothing else where that is possible.

A violation is told from a valid input by one value at one path. What cannot be broken, or would no
longer be broken once it was sent, is said to be unviolable, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from attrs import frozen

from conformance.contract import ConstraintSite, Path, Shape
from conformance.contract.paths import KEY
from conformance.contract.sites import WHOLE, ConstraintKind, counted, other_case
from conformance.generation.broken_texts import other_than_enum, sized_text, unmatched_text
from conformance.generation.form import as_json
from conformance.generation.minimal import (
    Unsatisfiable,
    bounds_of,
    entries,
    extended,
    smallest,
)
from conformance.generation.texts import LONGEST
from conformance.generation.wrong_types import coercible, of_another_type, unfit_number

#: Servers need not accept more in a request line or in headers.
LONGEST_OUTSIDE_BODY: Final = 4000

_REPRESENTABLE: Final[Mapping[str, float]] = {
    "byte": 2**7,
    "short": 2**15,
    "integer": 2**31,
    "long": 2**63,
    "float": 3.4e38,
    "double": 1.7e308,
}


@frozen
class Violation:
    """How to break one constraint of a valid input.

    Attributes:
        params: the valid input, in the form that botocore takes; it has something at the path.
        path: where, in the names of the model.
        value: what to put there, in the form in which it travels: JSON in a body, text elsewhere.
        removes: whether to take away what is there instead.
        note: what is wrong, as a phrase for a reader.
    """

    params: Mapping[str, Any]
    path: Path
    value: Any
    removes: bool
    note: str


@frozen
class Unviolable:
    """Says why no request that could be sent breaks a constraint."""

    reason: str


@frozen
class _Broken:
    value: Any
    note: str


_Break = Callable[[ConstraintSite, Any], "_Broken | Unviolable"]


def violation(site: ConstraintSite, base: Mapping[str, Any]) -> Violation | Unviolable:
    """The input that breaks the constraint of a site.

    Args:
        base: a valid input of the site's operation.
    """
    shape = site.operation.input
    if shape is None:
        return Unviolable("the operation has no input")
    try:
        params = extended(shape, dict(base), site.path)
        broken = _BREAKS[site.kind](site, site.path.found_in(params)[0])
    except Unsatisfiable as error:
        return Unviolable(str(error))
    if isinstance(broken, Unviolable):
        return broken
    return Violation(params, site.path, broken.value, site.kind == "required", broken.note)


def _missing(_site: ConstraintSite, _value: Any) -> _Broken:
    return _Broken(None, "it is missing")


def _null(_site: ConstraintSite, _value: Any) -> _Broken:
    return _Broken(None, "it is null")


def _of_another_type(site: ConstraintSite, _value: Any) -> _Broken:
    return _Broken(*of_another_type(site))


def _coercible(site: ConstraintSite, value: Any) -> _Broken:
    return _Broken(*coercible(site, value))


def _unfit_number(site: ConstraintSite, _value: Any) -> _Broken | Unviolable:
    if site.shape.type == "biginteger" and site.variant != "NaN":
        return Unviolable("a whole number of any size is allowed")
    return _Broken(*unfit_number(site))


def _too_short(site: ConstraintSite, value: Any) -> _Broken | Unviolable:
    return _resized(site, value, _least(site.shape) - 1, "at least", _least(site.shape))


def _too_long(site: ConstraintSite, value: Any) -> _Broken | Unviolable:
    return _resized(site, value, _most(site.shape) + 1, "at most", _most(site.shape))


def _resized(
    site: ConstraintSite, value: Any, length: int, bound: str, limit: int
) -> _Broken | Unviolable:
    shape = site.shape
    if length > _room(site):
        return Unviolable(f"{counted(length, _unit(shape))} {_too_much(site)}")
    if length == 0 and site.location in ("path", "header", "headers"):
        return Unviolable(f"an empty {site.location} is none")
    if shape.type == "blob":
        ill = as_json(shape, (bytes(value) or b"a").ljust(length, b"a")[:length])
        return _Broken(ill, f"{counted(length, _unit(shape))} where {bound} {limit} are allowed")
    text = sized_text(shape, value, length, bounds_of(shape, site.location).allowed)
    return _Broken(text, f"{counted(len(text), _unit(shape))} where {bound} {limit} are allowed")


def _too_few(site: ConstraintSite, _value: Any) -> _Broken | Unviolable:
    least = _least(site.shape)
    ill = as_json(site.shape, entries(site.shape, least - 1))
    return _Broken(ill, f"{counted(least - 1, 'entry')} where at least {least} are allowed")


def _too_many(site: ConstraintSite, _value: Any) -> _Broken | Unviolable:
    shape, most = site.shape, _most(site.shape)
    inner = shape.element or shape.value
    assert inner is not None  # noqa: S101 - the model's own invariant, told to mypy
    each = len(str(as_json(inner.shape, smallest(inner.shape)))) + 2
    if each * (most + 1) > _room(site):
        return Unviolable(f"{counted(most + 1, 'entry')} {_too_much(site)}")
    ill = as_json(shape, entries(shape, most + 1))
    return _Broken(ill, f"{counted(most + 1, 'entry')} where at most {most} are allowed")


def _too_small(site: ConstraintSite, _value: Any) -> _Broken | Unviolable:
    return _beyond(site.shape, site.shape.minimum, -1, "at least")


def _too_large(site: ConstraintSite, _value: Any) -> _Broken | Unviolable:
    return _beyond(site.shape, site.shape.maximum, 1, "at most")


def _beyond(shape: Shape, limit: float | None, sign: int, bound: str) -> _Broken | Unviolable:
    assert limit is not None  # noqa: S101 - there is no such site without a bound
    # A fraction goes far enough beyond to survive as a number of single precision.
    step = 1 if shape.type in WHOLE else max(0.01, abs(limit) / 1000)
    ill = (int(limit) if shape.type in WHOLE else limit) + sign * step
    size = _REPRESENTABLE.get(shape.type)
    if size is not None and not -size <= ill < size:
        return Unviolable(f"the bound is that of the type {shape.type} itself")
    return _Broken(ill, f"{ill:.10g} where {bound} {limit:.10g} is allowed")


def _unmatched(site: ConstraintSite, value: Any) -> _Broken | Unviolable:
    text = unmatched_text(site.shape, value, site.location)
    if text is None:
        return Unviolable(f"no text was found that misses the pattern {site.shape.pattern}")
    return _Broken(text, f"{_shown(text)} does not match the pattern")


def _unknown_choice(site: ConstraintSite, _value: Any) -> _Broken | Unviolable:
    text = other_than_enum(site.shape)
    if text is None:
        return Unviolable("no other text has the form of the values of the enum")
    return _Broken(text, f"{_shown(text)} is none of the values")


def _in_another_case(site: ConstraintSite, _value: Any) -> _Broken:
    text = other_case(site.shape.enum)
    return _Broken(text, f"{_shown(text)} differs in its case from each of the values")


def _empty_choice(_site: ConstraintSite, _value: Any) -> _Broken:
    return _Broken("", "the empty text is none of the values")


_BREAKS: Final[Mapping[ConstraintKind, _Break]] = {
    "required": _missing,
    "null": _null,
    "type": _of_another_type,
    "coercion": _coercible,
    "number-format": _unfit_number,
    "min-length": _too_short,
    "max-length": _too_long,
    "min-items": _too_few,
    "max-items": _too_many,
    "minimum": _too_small,
    "maximum": _too_large,
    "pattern": _unmatched,
    "enum": _unknown_choice,
    "enum-case": _in_another_case,
    "enum-empty": _empty_choice,
}


def _room(site: ConstraintSite) -> int:
    if site.location in ("body", "payload") and site.path.name != KEY:
        return LONGEST
    return LONGEST_OUTSIDE_BODY


def _too_much(site: ConstraintSite) -> str:
    if _room(site) == LONGEST:
        return "are too much to send in a test"
    return "are more than servers need to take outside a body"


def _unit(shape: Shape) -> str:
    return "byte" if shape.type == "blob" else "character"


def _least(shape: Shape) -> int:
    return int(shape.minimum or 0)


def _most(shape: Shape) -> int:
    return int(shape.maximum or 0)


def _shown(text: str) -> str:
    shown = repr(text)
    return shown if len(shown) <= 60 else f"{shown[:59]}…"  # noqa: PLR2004 - a phrase, not a page

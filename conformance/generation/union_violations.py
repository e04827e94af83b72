"""Inputs in which a tagged union is set in another way than with exactly one of its members."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Literal

from conformance.contract import UnionSite
from conformance.generation.form import of_member
from conformance.generation.minimal import Unsatisfiable, extended, smallest_of
from conformance.generation.violations import Unviolable, Violation

UnionKind = Literal["none", "two", "all", "unknown", "null", "extra"]

#: A member that no contract has.
UNKNOWN_MEMBER: Final = "conformanceUnknown"

_PAIR: Final = 2


def union_violations(
    site: UnionSite, base: Mapping[str, Any]
) -> dict[UnionKind, Violation | Unviolable]:
    """Every way to set the union of a site wrongly.

    Args:
        base: a valid input of the site's operation.
    """
    return {kind: union_violation(site, kind, base) for kind in _BREAKS}


def union_violation(
    site: UnionSite, kind: UnionKind, base: Mapping[str, Any]
) -> Violation | Unviolable:
    """The input that sets the union of a site in one wrong way.

    Args:
        kind: with no member, two, all, only one that the contract does not know, null for one, or
            one that the contract does not know beside one that it knows.
        base: a valid input of the site's operation.
    """
    shape = site.operation.input
    if shape is None:
        return Unviolable("the operation has no input")
    try:
        params = extended(shape, dict(base), site.path)
    except Unsatisfiable as error:
        return Unviolable(str(error))
    value = _BREAKS[kind](site)
    if isinstance(value, Unviolable):
        return value
    return Violation(params, site.path, value, removes=False, note=_NOTES[kind])


def _members(site: UnionSite) -> Iterator[tuple[str, Any]]:
    for member in site.shape.members.values():
        try:
            yield member.wire_name, of_member(member, smallest_of(member))
        except Unsatisfiable:
            continue


def _none(_site: UnionSite) -> dict[str, Any]:
    return {}


def _two(site: UnionSite) -> dict[str, Any] | Unviolable:
    return _several(list(_members(site))[:_PAIR])


def _all(site: UnionSite) -> dict[str, Any] | Unviolable:
    return _several(list(_members(site)))


def _several(members: list[tuple[str, Any]]) -> dict[str, Any] | Unviolable:
    if len(members) < _PAIR:
        return Unviolable("the union has one member only")
    return dict(members)


def _unknown(_site: UnionSite) -> dict[str, Any]:
    return {UNKNOWN_MEMBER: {}}


def _null(site: UnionSite) -> dict[str, Any] | Unviolable:
    first = next(iter(site.shape.members.values()), None)
    return {first.wire_name: None} if first else Unviolable("the union has no members")


def _extra(site: UnionSite) -> dict[str, Any] | Unviolable:
    first = next(_members(site), None)
    if first is None:
        return Unviolable("no member of the union can be set")
    return {first[0]: first[1], UNKNOWN_MEMBER: {}}


_BREAKS: Final[Mapping[UnionKind, Callable[[UnionSite], dict[str, Any] | Unviolable]]] = {
    "none": _none,
    "two": _two,
    "all": _all,
    "unknown": _unknown,
    "null": _null,
    "extra": _extra,
}
_NOTES: Final[Mapping[UnionKind, str]] = {
    "none": "none of its members is set",
    "two": "two of its members are set",
    "all": "all of its members are set",
    "unknown": f"only {UNKNOWN_MEMBER} is set, which is none of its members",
    "null": "its only member is null",
    "extra": f"{UNKNOWN_MEMBER} is set beside one of its members",
}

"""Inputs that have, at one place, a value that the contract only just allows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from conformance.contract import Path, Shape
from conformance.contract.allowed import AllowedSite
from conformance.contract.sites import TEXTUAL, WHOLE, counted
from conformance.generation.expressions import Unreadable
from conformance.generation.form import as_json
from conformance.generation.minimal import Unsatisfiable, bounds_of, entries, extended
from conformance.generation.texts import LONGEST, Bounds, first_match
from conformance.generation.violations import LONGEST_OUTSIDE_BODY


@frozen
class Allowed:
    """A valid input and what to put into it.

    Attributes:
        params: the valid input, in the form that botocore takes; it has something at the path.
        path: where, in the names of the model; empty if the params have all.
        value: what to put there, in the form in which it travels.
    """

    params: Mapping[str, Any]
    path: Path
    value: Any


@frozen
class Unreachable:
    """Says why no input has the value that is allowed."""

    reason: str


def allowed_input(site: AllowedSite, base: Mapping[str, Any]) -> Allowed | Unreachable:
    """An input that has what the contract allows at a site.

    Args:
        base: a valid input of the site's operation.
    """
    shape = site.operation.input
    if shape is None:
        return Unreachable("the operation has no input")
    try:
        if site.kind == "arm":
            return Allowed(extended(shape, dict(base), site.path / site.value), Path(), None)
        params = extended(shape, dict(base), site.path)
        there = as_json(site.shape, site.path.found_in(params)[0])
        value = site.value if site.kind == "enum" else _at_bound(site, there)
    except (Unsatisfiable, Unreadable) as error:
        return Unreachable(str(error))
    return value if isinstance(value, Unreachable) else Allowed(params, site.path, value)


def _at_bound(site: AllowedSite, there: Any) -> Any:
    shape = site.shape
    bound = shape.minimum if site.kind.startswith("min") else shape.maximum
    assert bound is not None  # noqa: S101 - there is no such site without a bound
    if site.kind in ("minimum", "maximum"):
        number = int(bound) if shape.type in WHOLE else bound
        return str(number) if site.location in TEXTUAL else number
    if site.kind in ("min-items", "max-items"):
        # What stands there already is more likely to make sense than what is made up.
        enough = isinstance(there, list) and len(there) >= bound
        return there[: int(bound)] if enough else _entries(shape, int(bound), _room(site))
    return _text(site, int(bound))


def _text(site: AllowedSite, length: int) -> Any:
    shape = site.shape
    if length > _room(site):
        return Unreachable(f"{counted(length, 'character')} are too much to send")
    if shape.type == "blob":
        return as_json(shape, b"a" * length)
    allowed = bounds_of(shape, site.location).allowed
    text = first_match(shape.pattern, Bounds(length, length, allowed))
    if text is None:
        return Unreachable(
            f"no text of {counted(length, 'character')} was found that matches {shape.pattern}"
        )
    return text


def _entries(shape: Shape, count: int, room: int) -> Any:
    one = as_json(shape, entries(shape, min(count, 1)))
    if count * len(str(one)) > room:
        return Unreachable(f"{counted(count, 'entry')} are too much to send")
    found = as_json(shape, entries(shape, count))
    if isinstance(found, list) and len({str(entry) for entry in found}) < count:
        return Unreachable(f"{counted(count, 'entry')} that differ were not found")
    return found


def _room(site: AllowedSite) -> int:
    return LONGEST_OUTSIDE_BODY if site.location in TEXTUAL else LONGEST

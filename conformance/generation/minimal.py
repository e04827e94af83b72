"""The smallest and the fullest valid values of a shape, without chance and without Hypothesis.

Values have the form in which botocore takes parameters: member names of the model, datetime for
timestamps, bytes for blobs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final

from attrs import evolve

from conformance.contract import Location, Member, Path, Shape
from conformance.contract.paths import ELEMENT, KEY, VALUE
from conformance.contract.sites import NUMBERS, WHOLE
from conformance.errors import ConformanceError
from conformance.generation.characters import EVERY, Characters
from conformance.generation.expressions import Unreadable
from conformance.generation.texts import Bounds, first_match, matching

#: A moment that no service has reason to refuse, without a fraction that a format could lose.
MOMENT: Final = datetime(2026, 1, 1, tzinfo=UTC)

# What any header carries unchanged: spaces at its ends are cut off, other characters are encoded
# in as many ways as there are servers.
HEADER_SAFE: Final = Characters.of([(0x21, 0x7E)])

_Build = Callable[[Member, tuple[str, ...]], Any]


class Unsatisfiable(ConformanceError):  # noqa: N818 - says what the shape is
    """No value can be what a shape says.

    Args:
        shape: the shape.
        why: which of its constraints exclude each other, or what is not understood.
    """

    def __init__(self, shape: Shape, why: str) -> None:
        super().__init__(f"No value of {shape.name} can be made: {why}.")
        self.shape = shape
        self.why = why


def smallest(shape: Shape) -> Any:
    """The smallest valid value of a shape: required members only, of a union the first that can be.

    Raises:
        Unsatisfiable: there is none.
    """
    return _small(shape, "body", ())


def smallest_of(member: Member) -> Any:
    """The smallest valid value of a member, which also can travel where the member travels.

    Raises:
        Unsatisfiable: there is none.
    """
    return _small(member.shape, member.location, ())


def fullest(shape: Shape) -> Any:
    """A valid value with every optional member, one entry in each list and map, no recursion.

    Raises:
        Unsatisfiable: there is none.
    """
    return _full(shape, "body", ())


def extended(shape: Shape, value: Any, path: Path) -> Any:
    """A copy of a valid value that also has something at a path.

    Members on the way are set, lists and maps get an entry, a union is switched to the member that
    the path goes through.

    Args:
        value: a value of the shape; None stands for the smallest.

    Raises:
        Unsatisfiable: no valid value has anything there.
    """
    return _extended(shape, "body", value, path.parts)


def entries(shape: Shape, count: int) -> Any:
    """A list or map of so many of the smallest entries, which differ as far as they can.

    Raises:
        Unsatisfiable: a map has not as many keys, or an entry cannot be made.
    """
    return _entries(shape, count, _small_member, ())


# --- building -----------------------------------------------------------------------------------


def _small(shape: Shape, location: Location, entered: tuple[str, ...]) -> Any:
    if shape.document:
        return {}
    if shape.type == "structure":
        return _small_structure(shape, entered)
    if shape.type in ("list", "map"):
        # An empty list in a query string is none.
        least = max(int(shape.minimum or 0), int(location == "query"))
        return _entries(shape, least, _small_member, (*entered, shape.name))
    return scalar(shape, location)


def _small_member(member: Member, entered: tuple[str, ...]) -> Any:
    return _small(member.shape, member.location, entered)


def _small_structure(shape: Shape, entered: tuple[str, ...]) -> dict[str, Any]:
    if shape.name in entered:
        raise Unsatisfiable(shape, "it requires a value of its own kind")
    inside = (*entered, shape.name)
    if shape.union:
        return _first_arm(shape, _small_member, inside)
    required = [member for member in shape.members.values() if member.required]
    return {member.name: _small_member(member, inside) for member in required}


def _first_arm(shape: Shape, build: _Build, inside: tuple[str, ...]) -> dict[str, Any]:
    why = "it is a union without members"
    for member in shape.members.values():
        try:
            return {member.name: build(member, inside)}
        except Unsatisfiable as error:
            why = error.why
    raise Unsatisfiable(shape, why)


def _full(shape: Shape, location: Location, entered: tuple[str, ...]) -> Any:
    if shape.document or shape.type not in ("structure", "list", "map"):
        return _small(shape, location, entered)
    if shape.name in entered:
        raise Unsatisfiable(shape, "it holds a value of its own kind")
    inside = (*entered, shape.name)
    if shape.union:
        return _first_arm(shape, _full_member, inside)
    if shape.type == "structure":
        return dict(_full_members(shape, inside))
    most = 1 if shape.maximum is None else int(shape.maximum)
    return _entries(shape, max(int(shape.minimum or 0), min(1, most)), _full_member, inside)


def _full_member(member: Member, entered: tuple[str, ...]) -> Any:
    return _full(member.shape, member.location, entered)


def _full_members(shape: Shape, inside: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    for member in shape.members.values():
        try:
            yield member.name, _full_member(member, inside)
        except Unsatisfiable:
            if member.required:
                yield member.name, _small_member(member, inside)


def _entries(shape: Shape, count: int, build: _Build, entered: tuple[str, ...]) -> Any:
    if shape.type == "map":
        return _map(shape, count, build, entered)
    assert shape.element is not None  # noqa: S101 - the model's own invariant, told to mypy
    if count == 0:
        return []
    if shape.element.shape.type == "string":
        texts = list(islice(_texts(shape.element.shape), count))
        if len(texts) == count:
            return texts
    first = build(shape.element, entered)
    return [first, *(build(shape.element, entered) for _ in range(1, count))]


def _map(shape: Shape, count: int, build: _Build, entered: tuple[str, ...]) -> dict[str, Any]:
    assert shape.key is not None  # noqa: S101 - as above
    assert shape.value is not None  # noqa: S101 - as above
    keys = list(islice(_texts(shape.key.shape), count))
    if len(keys) < count:
        raise Unsatisfiable(shape, f"only {len(keys)} different keys were found, not {count}")
    return {key: build(shape.value, entered) for key in keys}


def _texts(shape: Shape) -> Iterator[str]:
    if shape.enum:
        yield from shape.enum
        return
    try:
        yield from matching(shape.pattern, Bounds.of(shape, low=1))
        if not shape.minimum:
            yield from matching(shape.pattern, Bounds.of(shape, high=0))
    except Unreadable as error:
        raise Unsatisfiable(shape, str(error)) from error


def scalar(shape: Shape, location: Location = "body") -> Any:
    """The smallest value of a shape that holds no others.

    Args:
        location: where it travels; an empty path label would be another URL, and a header carries
            no line breaks.

    Raises:
        Unsatisfiable: there is none.
    """
    if shape.type == "boolean":
        return True
    if shape.type in NUMBERS:
        return _number(shape)
    if shape.type == "timestamp":
        return MOMENT
    if shape.type == "blob":
        return b"a" * max(int(shape.minimum or 0), 1)
    return _text(shape, location)


def _number(shape: Shape) -> float:
    low, high = shape.minimum, shape.maximum
    value = 1.0
    if high is not None:
        value = min(value, high)
    if low is not None:
        value = max(value, low)
    return int(value) if shape.type in WHOLE else float(value)


def _text(shape: Shape, location: Location) -> str:
    if shape.enum:
        return shape.enum[0]
    bounds = bounds_of(shape, location)
    try:
        # One character says more than none, which servers like to take for a missing member.
        text = first_match(shape.pattern, evolve(bounds, low=max(1, bounds.low)))
        if text is None:
            text = first_match(shape.pattern, bounds)
    except Unreadable as error:
        raise Unsatisfiable(shape, str(error)) from error
    if text is None:
        raise Unsatisfiable(
            shape,
            f"no text of {bounds.low} to {bounds.high} characters was found"
            f" that matches {shape.pattern}",
        )
    return text


def bounds_of(shape: Shape, location: Location) -> Bounds:
    """Between which lengths a text has to be, and of which characters, to travel at a location."""
    in_header = location in ("header", "headers")
    return Bounds.of(
        shape,
        low=1 if in_header or location == "path" else 0,
        allowed=HEADER_SAFE if in_header else EVERY,
    )


# --- extending ----------------------------------------------------------------------------------


def _extended(shape: Shape, location: Location, value: Any, parts: tuple[str, ...]) -> Any:
    if value is None:
        value = _small(shape, location, ())
    if not parts:
        return value
    part, *rest = parts
    if part == ELEMENT:
        return _extended_list(shape, value, tuple(rest))
    if part in (VALUE, KEY):
        return _extended_map(shape, value, tuple(rest))
    member = shape.members[part]
    inner = _extended(member.shape, member.location, value.get(part), tuple(rest))
    return {part: inner} if shape.union else {**value, part: inner}


def _extended_list(shape: Shape, value: list[Any], rest: tuple[str, ...]) -> list[Any]:
    assert shape.element is not None  # noqa: S101 - as above
    first = value[0] if value else None
    return [_extended(shape.element.shape, "body", first, rest), *value[1:]]


def _extended_map(shape: Shape, value: dict[str, Any], rest: tuple[str, ...]) -> dict[str, Any]:
    assert shape.value is not None  # noqa: S101 - as above
    entry = value or entries(shape, 1)
    key = next(iter(entry))
    return {**entry, key: _extended(shape.value.shape, "body", entry[key], rest)}

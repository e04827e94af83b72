"""Strategies for the valid values of any shape, in the form in which botocore takes parameters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from attrs import define, field
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from conformance.contract import Location, Member, Shape
from conformance.contract.sites import NUMBERS, WHOLE
from conformance.generation.documents import json_objects
from conformance.generation.expressions import Unreadable
from conformance.generation.minimal import Unsatisfiable, bounds_of
from conformance.generation.structures import one_arm, structure
from conformance.generation.text import texts

#: How often a shape may hold a value of its own kind, one inside the other.
MOST_NESTED: Final = 2

NOTHING_FIXED: Final[Mapping[str, SearchStrategy[Any]]] = {}

_BITS: Final[Mapping[str, int]] = {"byte": 8, "short": 16, "integer": 32, "long": 64}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SUCCESSES: Final = (200, 299)
# The last second that every format of timestamps can write.
_LAST_SECOND: Final = 253402300799
# Entries and bytes beyond the least; more would make values larger, not more telling.
_MORE_ENTRIES: Final = 3
_MORE_BYTES: Final = 64


@define(eq=False)
class Strategies:
    """Builds the strategies of a contract's shapes, each once.

    Attributes:
        avoid: for the name of a shape, values of its enum that are not to be drawn.
    """

    avoid: Mapping[str, frozenset[str]] = field(factory=dict)
    _built: dict[tuple[Shape, int, Location], SearchStrategy[Any] | Unsatisfiable] = field(
        factory=dict, init=False
    )
    _building: set[tuple[Shape, int]] = field(factory=set, init=False)

    def of(self, shape: Shape) -> SearchStrategy[Any]:
        """A strategy for the values of a shape.

        Optional members that cannot be made are left out.

        Raises:
            Unsatisfiable: there are none.
        """
        return self._of(shape, "body", 0)

    def with_members(
        self, shape: Shape, fixed: Mapping[str, SearchStrategy[Any]]
    ) -> SearchStrategy[dict[str, Any]]:
        """A strategy for the values of a structure that have some members, drawn as given.

        Raises:
            Unsatisfiable: there are none.
        """
        return self._structure(shape, 0, fixed)

    def of_member(self, member: Member) -> SearchStrategy[Any]:
        """A strategy for the values of a member, which can travel where the member travels.

        Raises:
            Unsatisfiable: there are none.
        """
        return self._member(member, 0)

    def _member(self, member: Member, nested: int) -> SearchStrategy[Any]:
        return self._of(member.shape, member.location, nested)

    def _of(self, shape: Shape, location: Location, nested: int) -> SearchStrategy[Any]:
        if (shape, nested) in self._building:
            nested += 1
        if nested > MOST_NESTED:
            raise Unsatisfiable(shape, "it holds a value of its own kind, and so on")
        key = (shape, nested, location)
        if key not in self._built:
            self._building.add((shape, nested))
            try:
                self._built[key] = self._new(shape, location, nested)
            except Unsatisfiable as error:
                self._built[key] = error
            finally:
                self._building.discard((shape, nested))
        built = self._built[key]
        if isinstance(built, Unsatisfiable):
            raise built
        return built

    def _new(self, shape: Shape, location: Location, nested: int) -> SearchStrategy[Any]:
        if shape.document:
            return json_objects()
        if shape.type == "structure":
            return self._structure(shape, nested)
        if shape.type == "list":
            return self._list(shape, nested)
        if shape.type == "map":
            return self._map(shape, nested)
        return self._scalar(shape, location)

    def _structure(
        self, shape: Shape, nested: int, fixed: Mapping[str, SearchStrategy[Any]] = NOTHING_FIXED
    ) -> SearchStrategy[dict[str, Any]]:
        required = dict(fixed)
        optional: dict[str, SearchStrategy[Any]] = {}
        why = "it is a union without members"
        for member in shape.members.values():
            if member.name in fixed:
                continue
            try:
                made = self._member(member, nested)
            except Unsatisfiable as error:
                if member.required:
                    raise
                why = error.why
            else:
                (required if member.required else optional)[member.name] = made
        if not shape.union:
            return structure(required, optional)
        if not optional:
            raise Unsatisfiable(shape, why)
        return one_arm(optional)

    def _list(self, shape: Shape, nested: int) -> SearchStrategy[list[Any]]:
        assert shape.element is not None  # noqa: S101 - the model's own invariant, told to mypy
        least, most = _sizes(shape)
        if most == 0:
            return st.just([]).map(list)
        try:
            element = self._member(shape.element, nested)
        except Unsatisfiable:
            if least:
                raise
            return st.builds(list)
        return st.lists(element, min_size=least, max_size=most)

    def _map(self, shape: Shape, nested: int) -> SearchStrategy[dict[str, Any]]:
        assert shape.key is not None  # noqa: S101 - as above
        assert shape.value is not None  # noqa: S101 - as above
        least, most = _sizes(shape)
        enum = shape.key.shape.enum
        if enum:
            most = min(most, len(enum))
            if least > most:
                raise Unsatisfiable(shape, f"there are only {most} different keys, not {least}")
        try:
            key, value = self._member(shape.key, nested), self._member(shape.value, nested)
        except Unsatisfiable:
            if least:
                raise
            return st.builds(dict)
        return st.dictionaries(key, value, min_size=least, max_size=most)

    def _scalar(self, shape: Shape, location: Location) -> SearchStrategy[Any]:
        if location == "status":
            return st.integers(*_SUCCESSES)
        if shape.type == "boolean":
            return st.booleans()
        if shape.type in NUMBERS:
            return _numbers(shape)
        if shape.type == "timestamp":
            return st.integers(0, _LAST_SECOND).map(_moment)
        if shape.type == "blob":
            least = int(shape.minimum or 0)
            most = least + _MORE_BYTES
            return st.binary(min_size=least, max_size=min(most, int(shape.maximum or most)))
        return self._text(shape, location)

    def _text(self, shape: Shape, location: Location) -> SearchStrategy[str]:
        if shape.enum:
            avoided = self.avoid.get(shape.name, frozenset())
            return st.sampled_from([v for v in shape.enum if v not in avoided] or shape.enum)
        bounds = bounds_of(shape, location)
        try:
            made = texts(shape.pattern, bounds)
        except Unreadable as error:
            raise Unsatisfiable(shape, str(error)) from error
        if made is None:
            raise Unsatisfiable(
                shape,
                f"no text of {bounds.low} to {bounds.high} characters was found"
                f" that matches {shape.pattern}",
            )
        # Clients take these out of a path before they send it.
        return made.filter(_is_no_step) if location == "path" else made


def _is_no_step(text: str) -> bool:
    return text not in (".", "..")


def _moment(second: int) -> datetime:
    return _EPOCH + timedelta(seconds=second)


def _numbers(shape: Shape) -> SearchStrategy[Any]:
    low, high = shape.minimum, shape.maximum
    if shape.type in WHOLE:
        half = 2 ** (_BITS.get(shape.type, 64) - 1)
        least = -half if low is None else int(low)
        return st.integers(least, half - 1 if high is None else int(high))
    # What is not finite is a text on the wire, and equals nothing, not even itself.
    return st.floats(
        low,
        high,
        allow_nan=False,
        allow_infinity=False,
        width=32 if shape.type == "float" and low is high is None else 64,
    )


def _sizes(shape: Shape) -> tuple[int, int]:
    least = int(shape.minimum or 0)
    most = least + _MORE_ENTRIES
    return least, most if shape.maximum is None else min(most, int(shape.maximum))

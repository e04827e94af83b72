"""The sites at which a contract says that something is allowed: bounds, enum values, union arms."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Final, Literal

from attrs import field, frozen

from conformance.contract.model import Location, Operation, Shape
from conformance.contract.paths import KEY, Path
from conformance.contract.sites import NUMBERS, SIZED, TEXTUAL, Place, counted, places

AllowedKind = Literal[
    "min-length", "max-length", "min-items", "max-items", "minimum", "maximum", "enum", "arm"
]

_BOUNDS: Final[frozenset[AllowedKind]] = frozenset(AllowedKind.__args__) - {"enum", "arm"}  # type: ignore[attr-defined]


@frozen
class AllowedSite:
    """One value that the contract allows at one place of an operation's input.

    Attributes:
        value: of the enum, the name of the union's member, or empty for a bound.
    """

    operation: Operation
    path: Path
    kind: AllowedKind
    value: str
    location: Location = field(eq=False)
    shape: Shape = field(eq=False, repr=False)

    def __str__(self) -> str:
        return f"{self.place}={self.value or self.kind}"

    @property
    def place(self) -> str:
        """Where it is, whatever is allowed there: ``Operation:path``."""
        return f"{self.operation}:{self.path}"

    @property
    def is_bound(self) -> bool:
        """Whether it is a bound itself."""
        return self.kind in _BOUNDS

    @property
    def told(self) -> str:
        """What is allowed, as a phrase for a reader."""
        if self.kind == "enum":
            return f"the value {self.value}"
        if self.kind == "arm":
            return f"the member {self.value}"
        bound = self.shape.minimum if self.kind.startswith("min") else self.shape.maximum
        if self.shape.type in SIZED:
            return counted(bound, "entry")
        if self.shape.type in NUMBERS:
            return f"the number {bound:g}"
        return counted(bound, "byte" if self.shape.type == "blob" else "character")


@cache
def allowed_sites(operation: Operation) -> tuple[AllowedSite, ...]:
    """Every bound, enum value and union member of an operation's input, at every depth.

    What travels in the path names a resource, and a map's keys have no values of their own.
    """
    return tuple(
        AllowedSite(operation, place.path, kind, value, place.location, place.shape)
        for place in places(operation.input)
        if place.location != "path" and not place.shape.event_stream
        for kind, value in _allowed(place)
    )


def _allowed(place: Place) -> Iterator[tuple[AllowedKind, str]]:
    shape = place.shape
    if shape.enum:
        if place.path.name != KEY:
            yield from (("enum", value) for value in shape.enum)
        return
    if shape.union:
        yield from (("arm", name) for name in shape.members)
    least, most = _names(shape)
    # Outside of a body, what is empty is taken for what is missing.
    missing = shape.minimum == 0 and least != "minimum" and place.location in TEXTUAL
    if shape.minimum is not None and not missing:
        yield least, ""
    if shape.maximum is not None and shape.maximum != shape.minimum:
        yield most, ""


def _names(shape: Shape) -> tuple[AllowedKind, AllowedKind]:
    if shape.type in NUMBERS:
        return "minimum", "maximum"
    return ("min-items", "max-items") if shape.type in SIZED else ("min-length", "max-length")

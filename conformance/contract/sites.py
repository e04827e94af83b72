"""The sites: every place of a contract at which a requirement on inputs or outputs is repeated."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from attrs import field, frozen

from conformance.contract.model import Contract, Location, Member, Operation, Shape
from conformance.contract.paths import ELEMENT, KEY, VALUE, Path

ConstraintKind = Literal[
    "required",
    "type",
    "min-length",
    "max-length",
    "min-items",
    "max-items",
    "minimum",
    "maximum",
    "pattern",
    "enum",
]

CONSTRAINT_KINDS: Final[tuple[ConstraintKind, ...]] = ConstraintKind.__args__  # type: ignore[attr-defined]

NUMBERS: Final = frozenset(
    {"integer", "long", "short", "byte", "float", "double", "bigdecimal", "biginteger"}
)
SIZED: Final = frozenset({"list", "map"})


@frozen
class Place:
    """One value inside an input or output.

    Attributes:
        path: from the root, in botocore's member names.
        location: where the top-level member that holds it travels.
        required: whether its structure requires it.
    """

    path: Path
    shape: Shape
    location: Location
    required: bool
    member: Member = field(eq=False)


@frozen
class ConstraintSite:
    """One constraint at one place of an operation's input."""

    operation: Operation
    path: Path
    kind: ConstraintKind
    location: Location = field(eq=False)
    shape: Shape = field(eq=False, repr=False)

    def __str__(self) -> str:
        return f"{self.operation}:{self.path}"

    @property
    def limit(self) -> str:
        """The constraint in a reader's words."""
        shape = self.shape
        texts = {
            "required": "is required",
            "type": f"is {with_article(shape.type)}",
            "min-length": f"has at least {counted(shape.minimum, _unit(shape))}",
            "max-length": f"has at most {counted(shape.maximum, _unit(shape))}",
            "min-items": f"has at least {counted(shape.minimum, 'entry')}",
            "max-items": f"has at most {counted(shape.maximum, 'entry')}",
            "minimum": f"is at least {_number(shape.minimum)}",
            "maximum": f"is at most {_number(shape.maximum)}",
            "pattern": f"matches {shape.pattern}",
            "enum": f"is one of {_some(shape.enum)}",
        }
        return texts[self.kind]


@frozen
class UnionSite:
    """One place where an operation carries a tagged union."""

    operation: Operation
    path: Path
    location: Location = field(eq=False)
    shape: Shape = field(eq=False, repr=False)

    def __str__(self) -> str:
        return f"{self.operation}:{self.path}"

    @property
    def members(self) -> tuple[str, ...]:
        """The names of the union's members, in the order of the model."""
        return tuple(self.shape.members)


def places(shape: Shape | None) -> Iterator[Place]:
    """Every place below a shape, depth first in the order of the model.

    A recursive shape is entered once on each path: what repeats below it repeats its constraints.
    """
    if shape is None:
        return
    for member in shape.members.values():
        yield from _below(member, Path((member.name,)), member.location, (shape.name,))


def _below(
    member: Member, path: Path, location: Location, entered: tuple[str, ...]
) -> Iterator[Place]:
    shape = member.shape
    yield Place(path, shape, location, member.required, member)
    if shape.name in entered:
        return
    inside = (*entered, shape.name)
    for inner in shape.members.values():
        yield from _below(inner, path / inner.name, location, inside)
    for part, inner_member in ((ELEMENT, shape.element), (KEY, shape.key), (VALUE, shape.value)):
        if inner_member is not None:
            yield from _below(inner_member, path / part, location, inside)


def constraint_sites(operation: Operation) -> Iterator[ConstraintSite]:
    """Every constraint of an operation's input, at every depth.

    A required member of the path is no site: without it the request is for another resource.
    """
    for place in places(operation.input):
        for kind in _kinds(place):
            yield ConstraintSite(operation, place.path, kind, place.location, place.shape)


def _kinds(place: Place) -> Iterator[ConstraintKind]:
    shape = place.shape
    repeated = place.path.name in (ELEMENT, KEY, VALUE)
    # Nobody can tell a raw payload that is empty from one that is missing.
    if (
        place.required
        and not repeated
        and place.location != "path"
        and not place.member.travels_raw
    ):
        yield "required"
    # What travels as text has no JSON type to get wrong, unless a number is parsed from it.
    textual = place.location != "body" and shape.type not in NUMBERS and shape.type != "boolean"
    if not shape.document and place.path.name != KEY and not textual:
        yield "type"
    yield from _bounds(shape, place)
    if shape.pattern is not None:
        yield "pattern"
    if shape.enum:
        yield "enum"


def _bounds(shape: Shape, place: Place) -> Iterator[ConstraintKind]:
    names: tuple[ConstraintKind, ConstraintKind]
    if shape.type in NUMBERS:
        names = ("minimum", "maximum")
        least = None
    elif shape.type in SIZED:
        names = ("min-items", "max-items")
        least = 0
    else:
        names = ("min-length", "max-length")
        # An empty path label is another URL.
        least = 1 if place.location == "path" else 0
    if shape.minimum is not None and (least is None or shape.minimum > least):
        yield names[0]
    if shape.maximum is not None:
        yield names[1]


def union_sites(operation: Operation) -> Iterator[UnionSite]:
    """Every tagged union in an operation's input."""
    return _unions(operation, operation.input)


def output_union_sites(operation: Operation) -> Iterator[UnionSite]:
    """Every tagged union in an operation's output."""
    return _unions(operation, operation.output)


def _unions(operation: Operation, shape: Shape | None) -> Iterator[UnionSite]:
    for place in places(shape):
        if place.shape.union:
            yield UnionSite(operation, place.path, place.location, place.shape)


def count_sites(contract: Contract) -> tuple[int, int]:
    """How many constraint sites and how many union sites the inputs of a contract have."""
    operations = contract.operations.values()
    return (
        sum(1 for operation in operations for _ in constraint_sites(operation)),
        sum(1 for operation in operations for _ in union_sites(operation)),
    )


def with_article(noun: str) -> str:
    """A noun behind its indefinite article."""
    return f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"


def counted(number: float | None, noun: str) -> str:
    """A number before its noun, which is given in the singular."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{_number(number)} {noun if number == 1 else plural}"


def _number(value: float | None) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _some(values: tuple[str, ...]) -> str:
    shown = 6
    return ", ".join(values[:shown]) + (f" and {len(values) - shown} more" * (len(values) > shown))


def _unit(shape: Shape) -> str:
    return "byte" if shape.type == "blob" else "character"

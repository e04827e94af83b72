"""The sites: every place of a contract at which a requirement on inputs or outputs is repeated."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Final, Literal

from attrs import field, frozen

from conformance.contract.model import Contract, Location, Member, Operation, Shape
from conformance.contract.paths import ELEMENT, KEY, VALUE, Path

ConstraintKind = Literal[
    "required",
    "null",
    "type",
    "coercion",
    "number-format",
    "min-length",
    "max-length",
    "min-items",
    "max-items",
    "minimum",
    "maximum",
    "pattern",
    "enum",
    "enum-case",
    "enum-empty",
]

JsonType = Literal["string", "number", "boolean", "array", "object"]

JSON_TYPES: Final[tuple[JsonType, ...]] = JsonType.__args__  # type: ignore[attr-defined]
CONSTRAINT_KINDS: Final[tuple[ConstraintKind, ...]] = ConstraintKind.__args__  # type: ignore[attr-defined]

NUMBERS: Final = frozenset(
    {"integer", "long", "short", "byte", "float", "double", "bigdecimal", "biginteger"}
)
WHOLE: Final = frozenset({"integer", "long", "short", "byte", "biginteger"})
SIZED: Final = frozenset({"list", "map"})

#: Where a value travels as text, which has no JSON type.
TEXTUAL: Final[frozenset[Location]] = frozenset({"path", "query", "header", "headers", "status"})


@frozen
class Place:
    """One value inside an input or output.

    Attributes:
        path: from the root, in botocore's member names.
        location: where the top-level member that holds it travels.
        required: whether its structure requires it.
        sparse: whether it stands in a list or map that may also hold nulls.
    """

    path: Path
    shape: Shape
    location: Location
    required: bool
    member: Member = field(eq=False)
    sparse: bool = field(default=False, eq=False)


@frozen
class ConstraintSite:
    """One constraint at one place of an operation's input, or one of the ways to break it.

    Attributes:
        variant: which way, where there are several: the JSON type that is sent in place of another.
    """

    operation: Operation
    path: Path
    kind: ConstraintKind
    location: Location = field(eq=False)
    shape: Shape = field(eq=False, repr=False)
    member: Member = field(eq=False, repr=False)
    variant: str = ""

    def __str__(self) -> str:
        return f"{self.place}={self.variant}" if self.variant else self.place

    @property
    def place(self) -> str:
        """Where it is, whatever is wrong there: ``Operation:path``."""
        return f"{self.operation}:{self.path}"

    @property
    def limit(self) -> str:
        """The constraint in a reader's words."""
        shape = self.shape
        texts = {
            "required": "is required",
            "null": "has a value",
            "type": f"is {with_article(shape.type)}",
            "coercion": f"is {with_article(shape.type)}",
            "number-format": f"is {with_article(shape.type)}",
            "min-length": f"has at least {counted(shape.minimum, _unit(shape))}",
            "max-length": f"has at most {counted(shape.maximum, _unit(shape))}",
            "min-items": f"has at least {counted(shape.minimum, 'entry')}",
            "max-items": f"has at most {counted(shape.maximum, 'entry')}",
            "minimum": f"is at least {_number(shape.minimum)}",
            "maximum": f"is at most {_number(shape.maximum)}",
            "pattern": f"matches {shape.pattern}",
            **dict.fromkeys(("enum", "enum-case", "enum-empty"), f"is one of {_some(shape.enum)}"),
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
    A stream of events is not entered: they follow the request or response, and are no part of it.
    """
    if shape is None:
        return
    for member in shape.members.values():
        yield from _below(member, Path((member.name,)), member.location, (shape.name,))


def _below(
    member: Member,
    path: Path,
    location: Location,
    entered: tuple[str, ...],
    *,
    sparse: bool = False,
) -> Iterator[Place]:
    shape = member.shape
    yield Place(path, shape, location, member.required, member, sparse)
    if shape.name in entered or shape.event_stream:
        return
    inside = (*entered, shape.name)
    for inner in shape.members.values():
        yield from _below(inner, path / inner.name, location, inside)
    for part, inner_member in ((ELEMENT, shape.element), (KEY, shape.key), (VALUE, shape.value)):
        if inner_member is not None:
            yield from _below(inner_member, path / part, location, inside, sparse=shape.sparse)


@cache
def constraint_sites(operation: Operation) -> tuple[ConstraintSite, ...]:
    """Every constraint of an operation's input, at every depth.

    A required member of the path is no site: without it the request is for another resource.
    """
    return tuple(
        ConstraintSite(
            operation, place.path, kind, place.location, place.shape, place.member, variant
        )
        for place in places(operation.input)
        for kind, variant in _breakable(place)
    )


def _breakable(place: Place) -> Iterator[tuple[ConstraintKind, str]]:
    shape = place.shape
    if place.shape.event_stream:
        return
    for kind in _presence(place):
        yield kind, ""
    yield from _types(place)
    for kind in _bounds(shape, place):
        yield kind, ""
    if shape.pattern is not None:
        yield "pattern", ""
    if shape.enum:
        yield "enum", ""
        if other_case(shape.enum):
            yield "enum-case", ""
        # Outside of a body, what is empty may be taken for what is missing.
        if place.location not in TEXTUAL and place.path.name != KEY and "" not in shape.enum:
            yield "enum-empty", ""


def _presence(place: Place) -> Iterator[ConstraintKind]:
    if place.path.name in (ELEMENT, VALUE):
        if place.location not in TEXTUAL and not place.sparse and not place.shape.document:
            yield "null"
        return
    # Nobody can tell a raw payload that is empty from one that is missing.
    unneeded = not place.required or place.path.name == KEY or place.member.travels_raw
    if unneeded or place.location == "path":
        return
    yield "required"
    if place.location == "body" or (place.location == "payload" and len(place.path) > 1):
        yield "null"


def _types(place: Place) -> Iterator[tuple[ConstraintKind, str]]:
    shape = place.shape
    if shape.document or place.path.name == KEY or place.member.travels_raw:
        return
    if place.location in TEXTUAL:
        # What travels as text has no JSON type to get wrong, unless it is parsed.
        if shape.type in NUMBERS or shape.type in ("boolean", "timestamp"):
            yield "type", "text"
    else:
        own = json_type_of(shape, place.member.timestamp_format)
        for other in JSON_TYPES:
            if other != own:
                yield ("coercion" if _coercible(shape, own, other) else "type"), other
        if shape.type in NUMBERS or shape.type == "boolean":
            yield "coercion", "quoted"
    if shape.type in WHOLE:
        yield "coercion", "fraction"
        yield "number-format", "huge"
        yield "number-format", "exponent"
    if shape.type in WHOLE or (shape.type in NUMBERS and place.location not in TEXTUAL):
        yield "number-format", "NaN"


def json_type_of(shape: Shape, timestamp_format: str = "") -> JsonType:
    """The JSON type in which a shape's values travel in a body.

    Args:
        timestamp_format: of the member that holds it.
    """
    if shape.type in NUMBERS:
        return "number"
    if shape.type == "timestamp":
        written = timestamp_format or shape.timestamp_format
        return "string" if written in ("iso8601", "rfc822") else "number"
    types: dict[str, JsonType] = {
        "structure": "object",
        "map": "object",
        "list": "array",
        "boolean": "boolean",
    }
    return types.get(shape.type, "string")


def _coercible(shape: Shape, own: JsonType, other: JsonType) -> bool:
    """Whether lenient parsers read one JSON type as another without loss."""
    if shape.element is not None:
        inner = shape.element.shape
        return other == json_type_of(inner) or _coercible(inner, json_type_of(inner), other)
    if shape.type == "timestamp":
        return own == "string" and other == "number"
    scalars: dict[JsonType, frozenset[JsonType]] = {
        "string": frozenset({"number", "boolean"}),
        "number": frozenset({"boolean"}),
        "boolean": frozenset({"number"}),
    }
    return shape.type != "blob" and other in scalars.get(own, frozenset())


def other_case(enum: tuple[str, ...]) -> str:
    """A value of an enum in another case, which is none of its values; empty if there is none."""
    changed = (text for value in enum for text in (value.lower(), value.upper()))
    return next((text for text in changed if text not in enum), "")


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
        sum(len(constraint_sites(operation)) for operation in operations),
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

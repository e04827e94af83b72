"""JSON Schema (2020-12) of the shapes of a contract, in the form in which they travel as JSON."""

from __future__ import annotations

from typing import Any, Final

from conformance.contract.model import Member, Shape
from conformance.contract.sites import NUMBERS, WHOLE

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_NON_FINITE: Final = ["NaN", "Infinity", "-Infinity"]
# A pattern that a validator would take for ever to match is worse than none.
BASE64: Final = "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"


def json_schema(shape: Shape) -> dict[str, Any]:
    """The JSON Schema of a shape.

    Structures and unions stand in ``$defs`` and are referred to, so recursion is finite. A union is
    an object with exactly one member. Members have the names of the model.

    Args:
        shape: an input, an output, an error or any other shape.
    """
    definitions: dict[str, Any] = {}
    root = _schema(shape, definitions)
    return {"$schema": DIALECT, **root, "$defs": dict(sorted(definitions.items()))}


def _schema(shape: Shape, definitions: dict[str, Any]) -> dict[str, Any]:
    if shape.document:
        return {}
    if shape.type in ("structure", "list", "map"):
        if shape.name not in definitions:
            definitions[shape.name] = {}
            definitions[shape.name] = _container(shape, definitions)
        return {"$ref": f"#/$defs/{shape.name}"}
    return _scalar(shape, shape.timestamp_format)


def _member_schema(member: Member, definitions: dict[str, Any]) -> dict[str, Any]:
    if member.shape.type == "timestamp":
        return _scalar(member.shape, member.timestamp_format or member.shape.timestamp_format)
    return _schema(member.shape, definitions)


def _container(shape: Shape, definitions: dict[str, Any]) -> dict[str, Any]:
    if shape.type == "structure":
        return _structure(shape, definitions)
    if shape.type == "list":
        assert shape.element is not None  # noqa: S101 - the model's own invariant, told to mypy
        schema = {"type": "array", "items": _member_schema(shape.element, definitions)}
        return schema | _limits(shape, "minItems", "maxItems")
    assert shape.key is not None  # noqa: S101 - as above
    assert shape.value is not None  # noqa: S101 - as above
    return {
        "type": "object",
        "propertyNames": _member_schema(shape.key, definitions),
        "additionalProperties": _member_schema(shape.value, definitions),
    } | _limits(shape, "minProperties", "maxProperties")


def _structure(shape: Shape, definitions: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {
            name: _member_schema(member, definitions) for name, member in shape.members.items()
        },
        "additionalProperties": False,
    }
    if shape.required:
        schema["required"] = list(shape.required)
    if shape.union:
        # A third cheaper to validate than oneOf over the members.
        schema |= {"minProperties": 1, "maxProperties": 1}
    return schema


def _scalar(shape: Shape, timestamp_format: str) -> dict[str, Any]:
    if shape.type in WHOLE:
        return {"type": "integer"} | _limits(shape, "minimum", "maximum")
    if shape.type in NUMBERS:
        number = {"type": "number"} | _limits(shape, "minimum", "maximum")
        return {"anyOf": [number, {"enum": _NON_FINITE}]} if not _bounded(shape) else number
    if shape.type == "boolean":
        return {"type": "boolean"}
    if shape.type == "timestamp":
        return (
            {"type": "string"} if timestamp_format in ("iso8601", "rfc822") else {"type": "number"}
        )
    if shape.type == "blob":
        return {"type": "string", "contentEncoding": "base64", "pattern": BASE64}
    schema: dict[str, Any] = {"type": "string"} | _limits(shape, "minLength", "maxLength")
    if shape.enum:
        schema["enum"] = list(shape.enum)
    if shape.pattern is not None and shape.pattern.python is not None:
        schema["pattern"] = shape.pattern.python
    return schema


def _bounded(shape: Shape) -> bool:
    return shape.minimum is not None or shape.maximum is not None


def _limits(shape: Shape, least: str, most: str) -> dict[str, Any]:
    limits: dict[str, Any] = {}
    if shape.minimum is not None:
        limits[least] = shape.minimum
    if shape.maximum is not None:
        limits[most] = shape.maximum
    return limits

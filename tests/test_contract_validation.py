"""The validator finds exactly what is wrong, and where."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.contract import Contract, load, validator
from conformance.contract.load import from_model
from conformance.contract.validation import union_problems


@pytest.fixture(scope="module")
def cleanrooms() -> Contract:
    return load("cleanrooms")


def shaped(definition: dict[str, Any], **others: dict[str, Any]) -> Any:
    contract = from_model(
        "toy",
        {"metadata": {}, "operations": {}, "shapes": {"It": definition, **others}},
    )
    return validator(contract.shape("It"))


def problems(check: Any, value: Any) -> list[tuple[str, str]]:
    return [(problem.kind, str(problem.path)) for problem in check(value)]


@pytest.mark.parametrize(
    ("definition", "value", "kinds"),
    [
        ({"type": "string"}, "a", []),
        ({"type": "string"}, 1, ["type"]),
        ({"type": "string", "min": 2}, "a", ["min-length"]),
        ({"type": "string", "max": 1}, "ab", ["max-length"]),
        ({"type": "string", "pattern": "a+"}, "b", ["pattern"]),
        ({"type": "string", "enum": ["A"]}, "a", ["enum"]),
        ({"type": "integer"}, 1, []),
        ({"type": "integer"}, 1.0, []),
        ({"type": "integer"}, 1.5, ["type"]),
        ({"type": "integer"}, True, ["type"]),
        ({"type": "integer"}, "1", ["type"]),
        ({"type": "integer", "min": 1}, 0, ["minimum"]),
        ({"type": "integer", "max": 1}, 2, ["maximum"]),
        ({"type": "double"}, "NaN", []),
        ({"type": "double"}, "nan", ["type"]),
        ({"type": "boolean"}, False, []),
        ({"type": "boolean"}, 0, ["type"]),
        ({"type": "timestamp"}, 1_700_000_000.123, []),
        ({"type": "timestamp"}, "2026-01-01T00:00:00Z", ["type"]),
        ({"type": "timestamp", "timestampFormat": "iso8601"}, "2026-01-01T00:00:00Z", []),
        ({"type": "timestamp", "timestampFormat": "iso8601"}, "yesterday", ["format"]),
        ({"type": "timestamp", "timestampFormat": "iso8601"}, 1, ["type"]),
        ({"type": "blob"}, "aGk=", []),
        ({"type": "blob"}, "aGk", ["format"]),
        ({"type": "blob", "max": 1}, "aGk=", ["max-length"]),
    ],
)
def test_scalars(definition: dict[str, Any], value: Any, kinds: list[str]) -> None:
    assert [kind for kind, _ in problems(shaped(definition), value)] == kinds


def test_lists_and_maps_are_looked_into() -> None:
    text = {"type": "string", "max": 1}
    a_list = shaped({"type": "list", "member": {"shape": "Text"}, "max": 2}, Text=text)
    assert problems(a_list, ["a", "bb"]) == [("max-length", "[1]")]
    assert problems(a_list, ["a", "b", "c"]) == [("max-items", "")]
    assert problems(a_list, [None]) == [("null", "[0]")]
    assert problems(a_list, {}) == [("type", "")]
    a_map = shaped(
        {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Text"}, "min": 1}, Text=text
    )
    assert problems(a_map, {"kk": "v"}) == [("max-length", "{key}")]
    assert problems(a_map, {"k": 1}) == [("type", "{}")]
    assert problems(a_map, {}) == [("min-items", "")]


def test_a_missing_member_and_a_null_one_are_missing(cleanrooms: Contract) -> None:
    check = validator(cleanrooms.shape("DataEncryptionMetadata"))
    value = {"allowCleartext": True, "allowDuplicates": None, "preserveNulls": False}
    assert problems(check, value) == [
        ("required", "allowDuplicates"),
        ("required", "allowJoinsOnColumnsWithDifferentNames"),
    ]


def test_unknown_members_are_no_problem(cleanrooms: Contract) -> None:
    update = validator(cleanrooms.operation("UpdateCollaboration").input)  # type: ignore[arg-type]
    assert problems(update, {"name": "a", "later": 1}) == []


@pytest.mark.parametrize(
    ("value", "closed", "open_"),
    [
        ({"glue": {}}, True, True),
        ({}, False, False),
        ({"glue": {}, "athena": {}}, False, False),
        ({"later": {}}, False, True),
        ({"glue": {}, "later": {}}, False, False),
        ({"glue": {}, "athena": None}, True, True),
        ({"__type": "x", "glue": {}}, True, True),
    ],
)
def test_a_union_has_exactly_one_member(value: dict[str, Any], closed: bool, open_: bool) -> None:
    known = {"glue", "athena"}
    assert (not list(union_problems(value, known, (), False))) is closed
    assert (not list(union_problems(value, known, (), True))) is open_


def test_a_recursive_shape_can_be_validated() -> None:
    check = shaped(
        {"type": "structure", "members": {"child": {"shape": "It"}, "n": {"shape": "N"}}},
        N={"type": "integer"},
    )
    assert problems(check, {"child": {"child": {"n": "x"}}}) == [("type", "child.child.n")]

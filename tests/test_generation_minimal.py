"""The smallest and the fullest values are valid, and say no more and no less than they have to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.model import ServiceModel
from botocore.validate import ParamValidator
from generation_support import operations, problems, shape_of, text_shape

from conformance.contract import Path, Shape, load
from conformance.generation import Unsatisfiable, extended, fullest, smallest, smallest_of
from conformance.generation.form import as_json

SERVICES = ["cleanrooms", "appmesh", "pipes", "lambda", "iot"]
STRING = {"type": "string"}


def structure(required: list[str], **members: str) -> dict[str, Any]:
    return {
        "type": "structure",
        "required": required,
        "members": {name: {"shape": shape} for name, shape in members.items()},
    }


@pytest.mark.parametrize("make", [smallest, fullest])
@pytest.mark.parametrize("service", SERVICES)
def test_every_input_of_a_service_has_a_valid_one(
    service: str, make: Callable[[Shape], Any]
) -> None:
    contract = load(service)
    model = ServiceModel(contract.raw, service)
    for operation, shape in operations(service):
        value = make(shape)
        assert problems(shape, as_json(shape, value)) == [], operation
        theirs = model.operation_model(operation.name).input_shape
        assert not ParamValidator().validate(value, theirs).has_errors(), operation


def test_the_smallest_collaboration_has_the_required_members_only() -> None:
    shape = load("cleanrooms").operation("CreateCollaboration").input
    assert shape is not None
    assert set(smallest(shape)) == set(shape.required)
    assert smallest(shape)["members"] == []


def test_the_fullest_table_has_every_member_and_an_entry_in_each_list() -> None:
    shape = load("cleanrooms").operation("CreateConfiguredTable").input
    assert shape is not None
    value = fullest(shape)
    assert set(value) == set(shape.members)
    assert len(value["allowedColumns"]) == 1
    assert len(value["tableReference"]) == 1


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ({"type": "string"}, "a"),
        ({"type": "string", "min": 3}, "aaa"),
        ({"type": "string", "max": 0}, ""),
        ({"type": "string", "pattern": "[0-9]*", "max": 0}, ""),
        ({"type": "string", "pattern": "[0-9]{2,}", "min": 4}, "0000"),
        ({"type": "string", "enum": ["X", "Y"]}, "X"),
        ({"type": "integer"}, 1),
        ({"type": "integer", "min": 5, "max": 9}, 5),
        ({"type": "long", "max": -2}, -2),
        ({"type": "double", "max": 0.5}, 0.5),
        ({"type": "blob", "min": 2}, b"aa"),
        ({"type": "boolean"}, True),
        ({"type": "timestamp"}, datetime(2026, 1, 1, tzinfo=UTC)),
        ({"type": "structure", "document": True, "members": {}}, {}),
    ],
)
def test_a_smallest_scalar_is_within_its_bounds(definition: dict[str, Any], expected: Any) -> None:
    value = smallest(shape_of(definition))
    assert value == expected
    assert type(value) is type(expected)


def test_a_list_has_as_many_different_texts_as_it_has_to() -> None:
    definition = {"type": "list", "member": {"shape": "Text"}, "min": 3}
    assert len(set(smallest(shape_of(definition, Text=STRING)))) == 3


def test_a_map_has_as_many_keys_as_it_has_to() -> None:
    definition = {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Text"}, "min": 3}
    assert len(smallest(shape_of(definition, Text=STRING))) == 3


def test_a_map_with_fewer_keys_than_it_has_to_have_is_unsatisfiable() -> None:
    definition = {"type": "map", "key": {"shape": "One"}, "value": {"shape": "One"}, "min": 2}
    with pytest.raises(Unsatisfiable, match="only 1 different keys"):
        smallest(shape_of(definition, One={"type": "string", "enum": ["A"]}))


def test_a_union_takes_the_first_member_that_can_be_made() -> None:
    union = {**structure([], loop="It", bad="Bad", good="Good", other="Good"), "union": True}
    bad = {"type": "string", "pattern": "[a-z]{3}", "max": 2}
    assert smallest(shape_of(union, Bad=bad, Good=STRING)) == {"good": "a"}


def test_what_requires_a_value_of_its_own_kind_is_unsatisfiable() -> None:
    with pytest.raises(Unsatisfiable, match="No value of It can be made: it requires a value"):
        smallest(shape_of(structure(["it"], it="It")))


def test_a_pattern_and_a_length_that_exclude_each_other_are_unsatisfiable() -> None:
    with pytest.raises(Unsatisfiable, match=r"no text of 0 to 4 characters .* \[a-z\]\{5\}"):
        smallest(text_shape("[a-z]{5}", most=4))


def test_an_unreadable_pattern_is_said_to_be_the_cause() -> None:
    with pytest.raises(Unsatisfiable, match="NoSuch"):
        smallest(text_shape(r"[\p{NoSuch}]+"))


@pytest.mark.parametrize("location", ["uri", "header"])
def test_what_travels_in_a_path_or_header_is_not_empty(location: str) -> None:
    member = {"shape": "Text", "location": location, "locationName": "x"}
    definition = {"type": "structure", "members": {"x": member}}
    shape = shape_of(definition, Text={"type": "string", "pattern": "[ -~]*", "max": 9})
    assert smallest_of(shape.members["x"]).strip() != ""


def test_the_fullest_recursive_value_ends() -> None:
    expression = load("ce").operation("GetCostAndUsage").input
    assert expression is not None
    value = fullest(expression)
    assert "Filter" in value
    assert problems(expression, as_json(expression, value)) == []


# --- extended -----------------------------------------------------------------------------------


def test_extending_sets_what_is_on_the_way_and_leaves_the_rest() -> None:
    shape = load("cleanrooms").operation("CreateCollaboration").input
    assert shape is not None
    base = smallest(shape)
    path = Path(("members", "[]", "paymentConfiguration", "queryCompute", "isResponsible"))
    value = extended(shape, base, path)
    assert path.found_in(value) == [True]
    assert problems(shape, as_json(shape, value)) == []
    assert {**value, "members": base["members"]} == base
    assert base["members"] == []


def test_extending_keeps_what_is_there_already() -> None:
    shape = load("cleanrooms").operation("CreateConfiguredTable").input
    assert shape is not None
    base = smallest(shape) | {"tags": {"team": "blue", "stage": "test"}}
    value = extended(shape, base, Path(("tags", "{}")))
    assert value["tags"] == {"team": "blue", "stage": "test"}


def test_extending_switches_a_union_to_the_member_on_the_way() -> None:
    shape = load("cleanrooms").operation("CreateConfiguredTable").input
    assert shape is not None
    path = Path(("tableReference", "athena", "workGroup"))
    value = extended(shape, smallest(shape), path)
    assert list(value["tableReference"]) == ["athena"]
    assert problems(shape, as_json(shape, value)) == []


@pytest.mark.parametrize("last", ["{}", "{key}"])
def test_extending_gives_a_map_an_entry(last: str) -> None:
    definition = {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Text"}}
    assert extended(shape_of(definition, Text=STRING), {}, Path((last,))) == {"a": "a"}


def test_extending_nothing_starts_from_the_smallest() -> None:
    shape = shape_of(structure(["a"], a="Text", b="Text"), Text=STRING)
    assert extended(shape, None, Path(("b",))) == {"a": "a", "b": "a"}


def test_values_on_the_wire_have_wire_names_and_forms() -> None:
    definition = {
        "type": "structure",
        "members": {
            "Blob": {"shape": "Blob", "locationName": "blob"},
            "When": {"shape": "When", "locationName": "when"},
            "Written": {"shape": "When", "locationName": "written", "timestampFormat": "iso8601"},
            "Number": {"shape": "Number"},
            "Many": {"shape": "Many"},
        },
    }
    shape = shape_of(
        definition,
        Blob={"type": "blob"},
        When={"type": "timestamp"},
        Number={"type": "double"},
        Many={"type": "list", "member": {"shape": "When", "timestampFormat": "rfc822"}},
    )
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    value = {
        "Blob": b"ab",
        "When": moment,
        "Written": moment,
        "Number": float("nan"),
        "Many": [moment],
    }
    assert as_json(shape, value) == {
        "blob": "YWI=",
        "when": 1767225600,
        "written": "2026-01-01T00:00:00Z",
        "Number": "NaN",
        "Many": ["Thu, 01 Jan 2026 00:00:00 GMT"],
    }

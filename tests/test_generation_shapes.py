"""Drawn values are valid by the validator, by JSON Schema and by botocore; they shrink, and end."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

import hypothesis
import jsonschema
import pytest
from botocore.model import ServiceModel
from botocore.validate import ParamValidator
from generation_support import each_of, operation_of, problems, shape_of, thrown_away
from hypothesis import strategies as st

from conformance.contract import Operation, Shape, json_schema, load
from conformance.errors import UsageError
from conformance.generation import Unsatisfiable, inputs, smallest, values
from conformance.generation.form import as_json

CLEAN_ROOMS = load("cleanrooms")
OPERATIONS = sorted(CLEAN_ROOMS.operations)
STRING = {"type": "string"}
RECURSIVE = [
    ("ce", "GetCostAndUsage"),
    ("dynamodb", "PutItem"),
    ("wafv2", "CreateRuleGroup"),
    ("lexv2-models", "CreateIntent"),
]


def holds(service: str, operation: Operation, examples: int) -> None:
    """Holds inputs of an operation against three validators that know nothing of each other."""
    contract, shape = load(service), operation.input
    assert shape is not None
    schema = jsonschema.Draft202012Validator(json_schema(shape))
    model = ServiceModel(contract.raw, service).operation_model(operation.name).input_shape

    def check(value: dict[str, Any]) -> None:
        travelling = as_json(shape, value)
        assert problems(shape, travelling) == []
        assert schema.is_valid(travelling)
        assert not ParamValidator().validate(value, model).has_errors()

    each_of(inputs(operation), check, examples)


@pytest.mark.parametrize("name", OPERATIONS)
def test_inputs_of_clean_rooms_are_valid(name: str) -> None:
    holds("cleanrooms", CLEAN_ROOMS.operation(name), 8)


@pytest.mark.slow
@pytest.mark.parametrize("name", OPERATIONS)
def test_many_inputs_of_clean_rooms_are_valid(name: str) -> None:
    holds("cleanrooms", CLEAN_ROOMS.operation(name), 200)


@pytest.mark.parametrize(("service", "name"), RECURSIVE)
def test_recursive_inputs_are_valid_and_end(service: str, name: str) -> None:
    def check(value: Any) -> None:
        assert problems(shape, as_json(shape, value)) == []

    operation = load(service).operation(name)
    shape = operation.input
    assert shape is not None
    each_of(inputs(operation), check, 30)


@pytest.mark.parametrize("name", OPERATIONS[::5])
def test_inputs_throw_next_to_nothing_away(name: str) -> None:
    assert thrown_away(inputs(CLEAN_ROOMS.operation(name)), 50) < 0.1


@pytest.mark.parametrize(
    ("definition", "kind", "low", "high"),
    [
        ({"type": "integer", "min": 3, "max": 5}, int, 3, 5),
        ({"type": "integer"}, int, -(2**31), 2**31 - 1),
        ({"type": "long", "max": 7}, int, -(2**63), 7),
        ({"type": "double", "min": 0, "max": 1}, float, 0, 1),
        ({"type": "float", "min": 0.1}, float, 0.1, float("inf")),
    ],
)
def test_numbers_are_within_their_bounds(
    definition: dict[str, Any], kind: type, low: float, high: float
) -> None:
    def check(value: Any) -> None:
        assert type(value) is kind
        assert low <= value <= high

    each_of(values(shape_of(definition)), check)


def test_numbers_are_finite() -> None:
    each_of(values(shape_of({"type": "double"})), _finite)


def _finite(value: float) -> None:
    assert value - value == 0


def test_moments_have_a_time_zone_and_no_fraction() -> None:
    def check(value: datetime) -> None:
        assert value.tzinfo is UTC
        assert value.microsecond == 0

    each_of(values(shape_of({"type": "timestamp"})), check)


@pytest.mark.parametrize(("least", "most"), [(0, 3), (2, 2), (5, 900)])
def test_blobs_lists_and_maps_have_an_allowed_size(least: int, most: int) -> None:
    def check(value: Any) -> None:
        assert least <= len(value) <= most

    bounds = {"min": least, "max": most}
    text = {"shape": "Text"}
    for definition in (
        {"type": "blob"},
        {"type": "list", "member": text},
        {"type": "map", "key": text, "value": text},
    ):
        each_of(values(shape_of({**definition, **bounds}, Text=STRING)), check, 30)


def test_a_union_has_one_member_and_every_one_comes() -> None:
    seen: set[str] = set()

    def check(value: dict[str, Any]) -> None:
        assert len(value) == 1
        seen.update(value)

    shape = CLEAN_ROOMS.shape("TableReference")
    each_of(values(shape), check)
    assert seen == set(shape.members)


def test_every_optional_member_comes_and_every_required_one_always() -> None:
    seen: set[str] = set()
    shape = CLEAN_ROOMS.operation("CreateCollaboration").input
    assert shape is not None
    required = set(shape.required)

    def check(value: dict[str, Any]) -> None:
        assert required <= set(value)
        seen.update(value)

    each_of(inputs(CLEAN_ROOMS.operation("CreateCollaboration")), check, 300)
    assert seen == set(shape.members)


def test_documents_are_any_json_object() -> None:
    shape = shape_of({"type": "structure", "document": True, "members": {}})
    kinds: set[type] = set()
    each_of(values(shape), lambda value: kinds.update(map(type, value.values())), 200)
    assert {str, bool, list, dict} <= kinds


# --- what cannot be made ------------------------------------------------------------------------


def test_an_optional_member_that_cannot_be_made_is_left_out() -> None:
    definition = {
        "type": "structure",
        "required": ["good"],
        "members": {"good": {"shape": "Good"}, "bad": {"shape": "Bad"}},
    }
    bad = {"type": "string", "pattern": "[a-z]{3}", "max": 2}
    each_of(values(shape_of(definition, Good=STRING, Bad=bad)), lambda v: _has(v, {"good"}))


def _has(value: dict[str, Any], names: set[str]) -> None:
    assert set(value) == names


@pytest.mark.parametrize(
    ("definition", "why"),
    [
        ({"type": "structure", "required": ["b"], "members": {"b": {"shape": "Bad"}}}, "Bad"),
        ({"type": "list", "min": 1, "member": {"shape": "Bad"}}, "Bad"),
        ({"type": "structure", "union": True, "members": {"b": {"shape": "Bad"}}}, "It"),
        (
            {"type": "structure", "required": ["i"], "members": {"i": {"shape": "It"}}},
            "its own kind",
        ),
        (
            {"type": "map", "min": 2, "key": {"shape": "One"}, "value": {"shape": "One"}},
            "only 1 different keys",
        ),
    ],
)
def test_what_cannot_be_made_says_why(definition: dict[str, Any], why: str) -> None:
    bad = {"type": "string", "pattern": "[a-z]{3}", "max": 2}
    one = {"type": "string", "enum": ["A"]}
    with pytest.raises(Unsatisfiable, match=why):
        values(shape_of(definition, Bad=bad, One=one))


# --- fixed, avoided -----------------------------------------------------------------------------


def test_fixed_members_are_in_every_input() -> None:
    operation = CLEAN_ROOMS.operation("CreateCollaboration")
    strategy = inputs(operation, fixed={"name": "mine", "tags": st.just({"a": "b"})})
    each_of(strategy, lambda value: _holds(value, {"name": "mine", "tags": {"a": "b"}}), 30)


def _holds(value: dict[str, Any], expected: dict[str, Any]) -> None:
    assert {name: value[name] for name in expected} == expected


def test_a_fixed_value_is_a_copy_each_time() -> None:
    tags = {"a": "b"}

    def change(value: dict[str, Any]) -> None:
        assert value["tags"] == {"a": "b"}
        value["tags"]["more"] = "x"

    each_of(inputs(CLEAN_ROOMS.operation("CreateCollaboration"), fixed={"tags": tags}), change, 10)
    assert tags == {"a": "b"}


def test_a_fixed_member_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UsageError, match=r"'nme'.*Did you mean 'name'"):
        inputs(CLEAN_ROOMS.operation("CreateCollaboration"), fixed={"nme": "x"})


def test_avoided_values_of_an_enum_are_not_drawn() -> None:
    operation = operation_of(
        {"type": "structure", "required": ["e"], "members": {"e": {"shape": "E"}}},
        E={"type": "string", "enum": ["A", "B", "C"]},
    )
    seen: set[str] = set()
    strategy = inputs(operation, avoid={"E": frozenset({"A", "C"})})
    each_of(strategy, lambda value: seen.add(value["e"]))
    assert seen == {"B"}


def test_an_operation_without_an_input_takes_nothing() -> None:
    operation = next(o for o in load("iot").operations.values() if not o.members)
    each_of(inputs(operation), lambda value: _has(value, set()), 3)


# --- where values travel ------------------------------------------------------------------------


def located(location: str, pattern: str) -> Operation:
    member = {"shape": "Text", "location": location, "locationName": "x"}
    return operation_of(
        {"type": "structure", "required": ["x"], "members": {"x": member}},
        uri="/{x}" if location == "uri" else "/",
        Text={"type": "string", "pattern": pattern},
    )


def test_path_labels_are_neither_empty_nor_steps() -> None:
    def check(value: dict[str, Any]) -> None:
        assert value["x"] not in ("", ".", "..")

    each_of(inputs(located("uri", "[.a]*")), check, 200)


def test_headers_are_printable_and_without_blanks() -> None:
    def check(value: dict[str, Any]) -> None:
        assert all("!" <= char <= "~" for char in value["x"])
        assert value["x"]

    each_of(inputs(located("header", r"[\s\S]*")), check, 200)


def test_the_status_of_an_output_is_one_of_success() -> None:
    member = {"shape": "Number", "location": "statusCode"}
    definition = {"type": "structure", "required": ["s"], "members": {"s": member}}

    def check(value: dict[str, Any]) -> None:
        assert 200 <= value["s"] < 300

    each_of(values(shape_of(definition, Number={"type": "integer"})), check, 20)


# --- shrinking, seeds ---------------------------------------------------------------------------


SEEDS = range(6)


def shrunk(strategy: Any, condition: Any, seed: int) -> Any:
    settings = hypothesis.settings(database=None, max_examples=3000)
    return hypothesis.find(strategy, condition, settings=settings, random=random.Random(seed))


@pytest.mark.parametrize("seed", SEEDS)
def test_an_input_shrinks_to_what_is_required(seed: int) -> None:
    operation = CLEAN_ROOMS.operation("CreateCollaboration")
    found = shrunk(inputs(operation), lambda _: True, seed)
    assert operation.input is not None
    assert set(found) == set(operation.input.required)
    assert found["members"] == []
    assert found["name"] == "0"


@pytest.mark.parametrize("seed", SEEDS)
def test_an_input_shrinks_to_the_member_that_matters(seed: int) -> None:
    operation = CLEAN_ROOMS.operation("CreateConfiguredTable")
    found = shrunk(inputs(operation), lambda value: value.get("tags"), seed)
    assert operation.input is not None
    assert set(found) == {*operation.input.required, "tags"}
    assert len(found["tags"]) == 1
    assert max(map(len, found["tags"])) == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_an_input_shrinks_to_the_two_members_that_matter(seed: int) -> None:
    operation = CLEAN_ROOMS.operation("CreateCollaboration")
    found = shrunk(
        inputs(operation),
        lambda value: value.get("tags") and len(value["members"]) > 1,
        seed,
    )
    assert operation.input is not None
    assert set(found) == {*operation.input.required, "tags"}
    assert len(found["members"]) == 2


@pytest.mark.parametrize("seed", SEEDS)
def test_a_value_deep_inside_shrinks_too(seed: int) -> None:
    operation = load("ce").operation("GetCostAndUsage")
    found = shrunk(inputs(operation), lambda value: "Or" in value.get("Filter", {}), seed)
    assert operation.input is not None
    assert set(found) == {*operation.input.required, "Filter"}
    assert set(found["Filter"]) == {"Or"}


def drawn(shape: Shape, seed: int) -> list[Any]:
    seen: list[Any] = []

    def keep(value: Any) -> None:
        seen.append(value)

    settings = hypothesis.settings(
        max_examples=30, database=None, phases=[hypothesis.Phase.generate]
    )
    hypothesis.seed(seed)(settings(hypothesis.given(values(shape))(keep)))()
    return seen


def test_the_same_seed_draws_the_same_values() -> None:
    shape = CLEAN_ROOMS.operation("CreateConfiguredTable").input
    assert shape is not None
    assert drawn(shape, 7) == drawn(shape, 7)
    assert drawn(shape, 7) != drawn(shape, 8)


def test_the_smallest_values_need_no_strategy() -> None:
    shape = CLEAN_ROOMS.operation("CreateConfiguredTable").input
    assert shape is not None
    assert smallest(shape) == smallest(shape)

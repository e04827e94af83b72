"""The public strategies: what users put into their own tests."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import boto3
import hypothesis
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from generation_support import broken, each_of, problems
from hypothesis import given
from hypothesis import strategies as st

from conformance import strategies
from conformance.contract import load
from conformance.contract.validation import validator
from conformance.errors import UsageError
from conformance.generation import Violation
from conformance.generation.form import as_json

few = hypothesis.settings(max_examples=25, database=None, deadline=None)
CLEAN_ROOMS = load("cleanrooms")


def client() -> Any:
    return boto3.client(
        "cleanrooms",
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


@few
@given(
    strategies.inputs("cleanrooms", "GetCollaboration"),
    strategies.outputs("cleanrooms", "GetCollaboration"),
)
def test_an_output_stands_in_for_the_service(
    params: dict[str, Any], output: dict[str, Any]
) -> None:
    stubbed = client()
    with Stubber(stubbed) as stubber:
        stubber.add_response("get_collaboration", output, params)
        assert stubbed.get_collaboration(**params) == output


@few
@given(strategies.outputs("cleanrooms", "GetCollaboration"))
def test_outputs_are_valid_and_of_python(output: dict[str, Any]) -> None:
    shape = CLEAN_ROOMS.operation("GetCollaboration").output
    assert shape is not None
    assert problems(shape, as_json(shape, output)) == []
    assert isinstance(output["collaboration"]["createTime"], datetime)


@few
@given(strategies.errors("cleanrooms", "ResourceNotFoundException"))
def test_an_error_is_what_a_client_would_raise(response: dict[str, Any]) -> None:
    error = ClientError(response, "GetCollaboration")
    assert error.response["Error"]["Code"] == "ResourceNotFoundException"
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 404
    assert {"message", "resourceId", "resourceType"} <= set(response)
    assert response["Error"]["Message"] == response["message"]


@few
@given(strategies.shapes("cleanrooms", "TableReference"))
def test_any_shape_can_be_drawn(value: dict[str, Any]) -> None:
    shape = CLEAN_ROOMS.shape("TableReference")
    assert validator(shape)(as_json(shape, value)) == []


@few
@given(
    strategies.inputs(
        "cleanrooms",
        "ListConfiguredTableAssociations",
        fixed={"membershipIdentifier": "m-1", "maxResults": st.integers(5, 6)},
    )
)
def test_fixed_members_have_the_value_or_are_drawn(params: dict[str, Any]) -> None:
    assert params["membershipIdentifier"] == "m-1"
    assert params["maxResults"] in (5, 6)


@pytest.mark.parametrize(
    "name",
    ["CreateCollaboration", "CreateConfiguredTable", "ListCollaborations", "TagResource"],
)
def test_an_invalid_input_is_valid_but_for_one_thing(name: str) -> None:
    shape = CLEAN_ROOMS.operation(name).input
    assert shape is not None

    def check(drawn: tuple[dict[str, Any], Violation]) -> None:
        params, violation = drawn
        assert params != violation.params
        assert problems(shape, as_json(shape, dict(violation.params))) == []
        found = problems(shape, broken(shape, violation))
        assert 1 <= len(found) <= 2
        assert len({place for _, place in found}) == 1
        assert violation.note

    each_of(strategies.invalid_inputs("cleanrooms", name), check, 100)


def test_invalid_inputs_break_every_kind_of_constraint() -> None:
    notes: set[str] = set()
    strategy = strategies.invalid_inputs("cleanrooms", "CreateConfiguredTable")
    each_of(strategy, lambda drawn: notes.add(drawn[1].note), 300)
    for words in ("it is missing", "characters where", "entries where", "pattern", "is set"):
        assert any(words in note for note in notes), words


def test_an_invalid_input_shrinks_to_the_smallest() -> None:
    strategy = strategies.invalid_inputs("cleanrooms", "CreateCollaboration")
    settings = hypothesis.settings(database=None, max_examples=2000)
    _, violation = hypothesis.find(
        strategy, lambda drawn: str(drawn[1].path) == "description", settings=settings
    )
    shape = CLEAN_ROOMS.operation("CreateCollaboration").input
    assert shape is not None
    assert set(violation.params) == {*shape.required, "description"}


def test_schemas_of_your_own_are_strategies_too() -> None:
    strategy = strategies.from_schema({"type": "object", "required": ["a"]})
    each_of(strategy, _has_a, 20)


def _has_a(value: dict[str, Any]) -> None:
    assert "a" in value


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: strategies.inputs("cleanroom", "GetSchema"), "Did you mean 'cleanrooms'"),
        (lambda: strategies.inputs("cleanrooms", "GetScheme"), "Did you mean 'GetSchema'"),
        (
            lambda: strategies.inputs("cleanrooms", 3),
            "The operation is given by its name, not by int",
        ),
        (lambda: strategies.inputs(None, "GetSchema"), "The service is given by its name"),
        (
            lambda: strategies.inputs("cleanrooms", "GetSchema", fixed=["name"]),
            "fixed is list, not a mapping",
        ),
        (
            lambda: strategies.inputs("cleanrooms", "GetSchema", fixed={"nam": "x"}),
            "No member of GetSchema's input named 'nam'. Did you mean 'name'",
        ),
        (lambda: strategies.outputs("cleanrooms", "GetScheme"), "Did you mean 'GetSchema'"),
        (lambda: strategies.shapes("cleanrooms", "TableReferenc"), "Did you mean 'TableReference'"),
        (lambda: strategies.errors("cleanrooms", "NotFound"), "No error of cleanrooms"),
        (lambda: strategies.errors("cleanrooms", 404), "The error is given by its name"),
        (lambda: strategies.invalid_inputs("cleanrooms", "Nothing"), "Nothing"),
        (lambda: strategies.from_schema("{}"), "A JSON Schema is an object"),
    ],
)
def test_wrong_arguments_say_what_was_wrong(call: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        call()


def test_an_operation_without_an_input_has_no_invalid_one() -> None:
    with pytest.raises(UsageError, match="no input that could be invalid"):
        strategies.invalid_inputs("iam", "DeleteAccountPasswordPolicy")

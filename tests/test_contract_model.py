"""The contract says what the botocore model says."""

from __future__ import annotations

import json

import pytest
from attrs import evolve
from jsonschema import Draft202012Validator

from conformance.contract import (
    Contract,
    constraint_sites,
    json_schema,
    load,
    output_union_sites,
    union_sites,
)
from conformance.contract.load import from_model
from conformance.contract.sites import places
from conformance.errors import UsageError


@pytest.fixture(scope="module")
def cleanrooms() -> Contract:
    return load("cleanrooms")


def model(shapes: dict[str, object], **operation: object) -> Contract:
    return from_model(
        "toy",
        {
            "metadata": {"protocol": "rest-json", "serviceId": "Toy"},
            "operations": {
                "CreateToy": {
                    "http": {"method": "POST", "requestUri": "/toys/{id}"},
                    "input": {"shape": "Input"},
                    **operation,
                }
            },
            "shapes": {"String": {"type": "string"}, **shapes},
        },
    )


def test_an_operation_knows_method_uri_status_and_errors(cleanrooms: Contract) -> None:
    operation = cleanrooms.operation("DeleteMember")
    assert operation.method == "DELETE"
    assert operation.uri == "/collaborations/{collaborationIdentifier}/member/{accountId}"
    assert operation.success_status == 204
    assert operation.labels == ("collaborationIdentifier", "accountId")
    assert "ResourceNotFoundException" in operation.error_codes


def test_get_collaboration_declares_no_not_found(cleanrooms: Contract) -> None:
    assert "ResourceNotFoundException" not in cleanrooms.operation("GetCollaboration").error_codes


def test_each_error_has_its_status(cleanrooms: Contract) -> None:
    assert {code: error.status for code, error in cleanrooms.errors.items()} == {
        "AccessDeniedException": 403,
        "ConflictException": 409,
        "InternalServerException": 500,
        "ResourceNotFoundException": 404,
        "ServiceQuotaExceededException": 402,
        "ThrottlingException": 429,
        "ValidationException": 400,
    }


def test_an_error_without_a_status_travels_as_400_or_if_the_server_is_at_fault_as_500() -> None:
    contract = model(
        {
            "Input": {"type": "structure", "members": {}},
            "Client": {"type": "structure", "members": {}, "exception": True},
            "Server": {"type": "structure", "members": {}, "exception": True, "fault": True},
        }
    )
    assert (contract.errors["Client"].status, contract.errors["Server"].status) == (400, 500)


def test_members_know_where_they_travel(cleanrooms: Contract) -> None:
    members = cleanrooms.operation("ListProtectedQueries").members
    assert {name: member.location for name, member in members.items()} == {
        "membershipIdentifier": "path",
        "status": "query",
        "nextToken": "query",
        "maxResults": "query",
    }
    assert cleanrooms.operation("UntagResource").members["tagKeys"].location == "query"
    assert cleanrooms.operation("CreateCollaboration").members["name"].location == "body"


def test_every_paginator_names_members_that_exist(cleanrooms: Contract) -> None:
    for name, paginator in cleanrooms.paginators.items():
        operation = cleanrooms.operation(name)
        assert operation.output is not None
        assert set(paginator.input_tokens) <= set(operation.members)
        assert {*paginator.output_tokens, *paginator.result_keys} <= set(operation.output.members)


def test_only_operations_that_read_are_called_read_only(cleanrooms: Contract) -> None:
    reading = {name for name, o in cleanrooms.operations.items() if o.read_only}
    assert {"GetCollaboration", "ListTagsForResource", "BatchGetSchema"} <= reading
    assert not [n for n in reading if not n.startswith(("Get", "List", "BatchGet"))]


def test_an_unknown_operation_is_answered_with_the_nearest(cleanrooms: Contract) -> None:
    with pytest.raises(UsageError, match=r"Did you mean 'CreateCollaboration'"):
        cleanrooms.operation("CreateColaboration")


def test_an_unknown_service_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"No service model named 'cleanroom'. Did you mean"):
        load("cleanroom")


def test_sites_reach_every_depth(cleanrooms: Contract) -> None:
    sites = {
        (str(s), s.kind) for s in constraint_sites(cleanrooms.operation("CreateCollaboration"))
    }
    assert ("CreateCollaboration:name", "max-length") in sites
    assert ("CreateCollaboration:members[].accountId", "pattern") in sites
    assert ("CreateCollaboration:members[].memberAbilities[]", "enum") in sites
    assert ("CreateCollaboration:tags{key}", "min-length") in sites
    assert ("CreateCollaboration:dataEncryptionMetadata.allowCleartext", "required") in sites


def test_a_path_label_is_neither_missing_nor_empty_nor_of_another_type(
    cleanrooms: Contract,
) -> None:
    kinds = {s.kind for s in constraint_sites(cleanrooms.operation("GetCollaboration"))}
    assert kinds == {"min-length", "max-length", "pattern"}


def test_an_optional_member_is_no_site_of_a_missing_member(cleanrooms: Contract) -> None:
    sites = list(constraint_sites(cleanrooms.operation("UpdateCollaboration")))
    assert not [site for site in sites if site.kind == "required"]


def test_a_raw_payload_cannot_be_told_to_be_missing() -> None:
    sites = list(constraint_sites(load("ebs").operation("PutSnapshotBlock")))
    assert "PutSnapshotBlock:BlockData" not in {str(s) for s in sites if s.kind == "required"}
    assert "PutSnapshotBlock:Checksum" in {str(s) for s in sites if s.kind == "required"}


@pytest.mark.parametrize(("limit", "says"), [(1, "1 character"), (2, "2 characters")])
def test_a_limit_is_told_in_words(limit: int, says: str, cleanrooms: Contract) -> None:
    sites = constraint_sites(cleanrooms.operation("CreateCollaboration"))
    site = next(s for s in sites if str(s).endswith(":name") and s.kind == "min-length")
    assert evolve(site, shape=evolve(site.shape, minimum=limit)).limit == f"has at least {says}"


def test_a_recursive_shape_is_entered_once() -> None:
    contract = model(
        {
            "Input": {"type": "structure", "members": {"tree": {"shape": "Tree"}}},
            "Tree": {
                "type": "structure",
                "members": {"name": {"shape": "String"}, "child": {"shape": "Tree"}},
            },
        }
    )
    found = [str(place.path) for place in places(contract.operation("CreateToy").input)]
    assert found == ["tree", "tree.name", "tree.child"]


def test_union_sites_are_found_at_depth(cleanrooms: Contract) -> None:
    operation = cleanrooms.operation("CreateConfiguredTableAnalysisRule")
    assert [str(site) for site in union_sites(operation)] == [
        "CreateConfiguredTableAnalysisRule:analysisRulePolicy",
        "CreateConfiguredTableAnalysisRule:analysisRulePolicy.v1",
    ]
    assert [str(s) for s in output_union_sites(cleanrooms.operation("GetConfiguredTable"))][:1] == [
        "GetConfiguredTable:configuredTable.tableReference"
    ]


def test_every_schema_of_clean_rooms_is_one(cleanrooms: Contract) -> None:
    for operation in cleanrooms.operations.values():
        for shape in (operation.input, operation.output, *(e.shape for e in operation.errors)):
            if shape is not None:
                Draft202012Validator.check_schema(json_schema(shape))


def test_a_recursive_shape_has_a_schema_that_refers_to_itself() -> None:
    contract = model(
        {
            "Input": {"type": "structure", "members": {"tree": {"shape": "Tree"}}},
            "Tree": {"type": "structure", "members": {"child": {"shape": "Tree"}}},
        }
    )
    schema = json_schema(contract.shape("Input"))
    Draft202012Validator(schema).validate({"tree": {"child": {"child": {}}}})
    assert schema["$defs"]["Tree"]["properties"]["child"] == {"$ref": "#/$defs/Tree"}
    json.dumps(schema)


def test_the_same_model_has_the_same_hash_and_another_has_another() -> None:
    one = model({"Input": {"type": "structure", "members": {}}})
    same = model({"Input": {"type": "structure", "members": {}}})
    other = model({"Input": {"type": "structure", "members": {"a": {"shape": "String"}}}})
    assert one.model_sha256 == same.model_sha256 != other.model_sha256

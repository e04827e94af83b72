"""The HTTP face of the reference target: routes, signatures, serialization, validation, errors."""

from __future__ import annotations

import json
from typing import Any

import pytest
from reference_support import (
    ONE,
    TWO,
    Account,
    authorization,
    collaborate,
    collaboration_input,
    configure,
    needs,
    new_app,
    send,
)

from conformance.contract import load
from conformance.contract.load import from_model
from conformance.reference import Accounts, ReferenceTarget, create_app
from conformance.reference.calls import handlers_in, handles
from conformance.reference.resources import tags


@pytest.fixture
def app() -> ReferenceTarget:
    return new_app()


@pytest.fixture
def one(app: ReferenceTarget) -> Account:
    return Account(app, ONE)


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/nonsense", 404),
        ("GET", "/collaborations/", 404),
        ("GET", "/collaborations//members", 404),
        ("GET", "//collaborations", 404),
        ("GET", "/Collaborations", 404),
        ("PUT", "/collaborations", 405),
        ("HEAD", "/collaborations", 405),
        ("OPTIONS", "/memberships/x", 405),
        ("get", "/collaborations", 405),
    ],
)
def test_what_is_no_operation_is_answered_in_json(
    app: ReferenceTarget, method: str, target: str, status: int
) -> None:
    reply = send(app, method, target)
    assert (reply.status, reply.code) == (status, "UnknownOperationException")
    assert reply.headers["content-type"] == "application/json"
    assert ("allow" in reply.headers) == (status == 405)
    if method == "HEAD":
        assert reply.body == b""
    else:
        assert reply.document["message"]


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "MissingAuthenticationTokenException"),
        ({"HTTP_AUTHORIZATION": ""}, "MissingAuthenticationTokenException"),
        ({"HTTP_AUTHORIZATION": "Bearer abc"}, "IncompleteSignatureException"),
        ({"HTTP_AUTHORIZATION": "AWS4-HMAC-SHA256 Credential=x"}, "IncompleteSignatureException"),
    ],
)
def test_a_caller_without_a_signature_is_forbidden(
    app: ReferenceTarget, headers: dict[str, str], code: str
) -> None:
    reply = send(app, "GET", "/collaborations", account=None, **headers)
    assert (reply.status, reply.code) == (403, code)


def test_the_access_key_decides_the_account() -> None:
    app = create_app(accounts=Accounts(by_key={"AKIATWO": TWO}, default="000000000000"))
    for key, account in ((ONE, ONE), ("AKIATWO", TWO), ("AKIAOTHER", "000000000000")):
        created = Account(app, key).CreateCollaboration(**collaboration_input())["collaboration"]
        assert created["creatorAccountId"] == account


def test_a_presigned_query_names_the_account_too(app: ReferenceTarget, one: Account) -> None:
    collaborate(one)
    query = f"X-Amz-Credential={ONE}%2F20260101%2Fus-east-1%2Fcleanrooms%2Faws4_request"
    reply = send(app, "GET", f"/collaborations?{query}", account=None)
    assert len(reply.document["collaborationList"]) == 1


def post(app: ReferenceTarget, body: bytes) -> tuple[int, str]:
    reply = send(app, "POST", "/collaborations", body)
    return reply.status, reply.code


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"nonsense",
        b"[]",
        b'"text"',
        b"null",
        b"7",
        b'{"name": NaN}',
        b'{"name": Infinity}',
        b'{"name": 1e999}',
        b'{"name": "\xff"}',
        b'{"name": "\\ud800"}',
        b"\xef\xbb\xbf{}",
        b'{"a": 1}{"b": 2}',
        b'{"name": "x",}',
        b"[" * 100_000,
        b'{"name":' + b"9" * 5000 + b"}",
        '{"name": "x"}'.encode("utf-16"),
    ],
)
def test_a_body_that_is_no_json_object_is_a_serialization_error(
    app: ReferenceTarget, body: bytes
) -> None:
    assert post(app, body) == (400, "SerializationException")


@needs("CreateCollaborationInput.isMetricsEnabled")
@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("name", 5),
        ("name", ["x"]),
        ("members", {}),
        ("members", [None]),
        ("members", [["x"]]),
        ("tags", {"a": None}),
        ("tags", {"a": 1}),
        ("isMetricsEnabled", "true"),
        ("isMetricsEnabled", 1),
        ("dataEncryptionMetadata", "x"),
    ],
)
def test_a_member_of_another_type_is_a_serialization_error(
    app: ReferenceTarget, member: str, value: Any
) -> None:
    body = json.dumps(collaboration_input(**{member: value})).encode()
    assert post(app, body) == (400, "SerializationException")


@pytest.mark.parametrize(
    ("member", "value", "field"),
    [
        ("name", "", "name"),
        ("name", "x" * 101, "name"),
        ("name", " \t", "name"),
        ("name", "a\nb", "name"),
        ("name", None, "name"),
        ("queryLogStatus", "enabled", "queryLogStatus"),
        ("creatorMemberAbilities", ["CAN_FLY"], "creatorMemberAbilities[0]"),
        ("members", [{"accountId": "12", "memberAbilities": []}], "members[0].displayName"),
        ("tags", {"k" * 129: ""}, "tags{key}"),
        ("dataEncryptionMetadata", {}, "dataEncryptionMetadata.preserveNulls"),
    ],
)
def test_a_broken_constraint_is_a_validation_error_that_names_the_member(
    app: ReferenceTarget, member: str, value: Any, field: str
) -> None:
    body = json.dumps(collaboration_input(**{member: value})).encode()
    reply = send(app, "POST", "/collaborations", body)
    assert (reply.status, reply.code) == (400, "ValidationException")
    assert reply.document["reason"] == "FIELD_VALIDATION_FAILED"
    assert field in {each["name"] for each in reply.document["fieldList"]}


@pytest.mark.parametrize(
    "reference",
    [
        {},
        {"glue": None},
        {"unheard": {}},
        {"glue": {"tableName": "t", "databaseName": "d"}, "unheard": {}},
        {
            "glue": {"tableName": "t", "databaseName": "d"},
            "athena": {"workGroup": "w", "databaseName": "d", "tableName": "t"},
        },
    ],
)
def test_a_union_has_exactly_one_member(app: ReferenceTarget, reference: dict[str, Any]) -> None:
    body = {
        "name": "t",
        "tableReference": reference,
        "allowedColumns": ["a"],
        "analysisMethod": "DIRECT_QUERY",
    }
    reply = send(app, "POST", "/configuredTables", json.dumps(body).encode())
    assert (reply.status, reply.code) == (400, "ValidationException")
    assert [each["name"] for each in reply.document["fieldList"]] == ["tableReference"]


def test_nulls_and_unknown_members_count_as_absent(app: ReferenceTarget) -> None:
    body = {
        **collaboration_input(jobLogStatus=None, unheard={"of": 1}),
        "dataEncryptionMetadata": None,
        "creatorMLMemberAbilities": {
            "customMLMemberAbilities": ["CAN_RECEIVE_MODEL_OUTPUT"],
            "unheard": 1,
        },
    }
    reply = send(app, "POST", "/collaborations", json.dumps(body).encode())
    assert reply.status == 200
    assert reply.document["collaboration"].keys().isdisjoint({"jobLogStatus", "unheard"})


def test_the_last_of_duplicate_keys_wins_and_a_repeated_label_is_ignored(
    app: ReferenceTarget, one: Account
) -> None:
    known = collaborate(one)
    body = b'{"name": 5, "name": "second", "collaborationIdentifier": 7}'
    reply = send(app, "PATCH", f"/collaborations/{known}", body)
    assert reply.document["collaboration"]["name"] == "second"


def test_a_whole_number_may_be_written_with_a_fraction(app: ReferenceTarget, one: Account) -> None:
    policy = {
        "aggregateColumns": [{"columnNames": ["a"], "function": "SUM"}],
        "joinColumns": [],
        "dimensionColumns": [],
        "scalarFunctions": [],
        "outputConstraints": [{"columnName": "a", "minimum": 2.0, "type": "COUNT_DISTINCT"}],
    }
    body = {
        "analysisRuleType": "AGGREGATION",
        "analysisRulePolicy": {"v1": {"aggregation": policy}},
    }
    target = f"/configuredTables/{configure(one)}/analysisRule"
    assert b'"minimum":2,' in send(app, "POST", target, json.dumps(body).encode()).body


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("maxResults=0", "ValidationException"),
        ("maxResults=-1", "ValidationException"),
        ("maxResults=101", "ValidationException"),
        ("maxResults=", "SerializationException"),
        ("maxResults=ten", "SerializationException"),
        ("maxResults=1.5", "SerializationException"),
        ("maxResults=%31%30x", "SerializationException"),
        ("memberStatus=LEFT", "ValidationException"),
        ("memberStatus=%ff", "SerializationException"),
        ("nextToken=nonsense", "ValidationException"),
        ("nextToken=", "ValidationException"),
        ("nextToken=%C3%A9", "ValidationException"),
        ("nextToken=" + "x" * 10241, "ValidationException"),
    ],
)
def test_query_parameters_are_parsed_and_validated(
    app: ReferenceTarget, query: str, code: str
) -> None:
    reply = send(app, "GET", f"/collaborations?{query}")
    assert (reply.status, reply.code) == (400, code)


def test_unknown_query_parameters_are_ignored_and_encoded_ones_read(app: ReferenceTarget) -> None:
    assert send(app, "GET", "/collaborations?unheard=1&&maxResults=%31").status == 200


def test_labels_are_decoded_after_the_path_was_split(app: ReferenceTarget, one: Account) -> None:
    known = collaborate(one, tags={"a": "b"})
    arn = one.GetCollaboration(collaborationIdentifier=known)["collaboration"]["arn"]
    encoded = arn.replace("/", "%2F").replace(":", "%3a")
    assert send(app, "GET", f"/tags/{encoded}").document == {"tags": {"a": "b"}}
    assert send(app, "GET", f"/tags/{arn}").status == 404
    assert send(app, "GET", "/tags/%ff").code == "SerializationException"
    assert send(app, "GET", f"http://host:80/tags/{encoded}?x=1").status == 200


def test_the_decoded_path_serves_where_the_raw_one_is_missing(app: ReferenceTarget) -> None:
    environ = {"PATH_INFO": "/collaborations", "QUERY_STRING": "maxResults=0"}
    started: list[str] = []
    app(
        {"REQUEST_METHOD": "GET", "HTTP_AUTHORIZATION": authorization(ONE), **environ},
        lambda status, _headers: started.append(status),
    )
    assert started == ["400 Bad Request"]


@pytest.mark.parametrize(
    ("length", "status"), [("x", 400), ("-1", 400), ("5", 400), ("99999999999", 413), ("", 400)]
)
def test_a_wrong_content_length_is_refused(app: ReferenceTarget, length: str, status: int) -> None:
    assert send(app, "POST", "/collaborations", b"{}", CONTENT_LENGTH=length).status == status


def test_an_operation_without_a_handler_is_not_implemented() -> None:
    raw = json.loads(json.dumps(load("cleanrooms").raw))
    raw["operations"]["FlyToTheMoon"] = {
        "name": "FlyToTheMoon",
        "http": {"method": "POST", "requestUri": "/moon", "responseCode": 200},
    }
    app = create_app(from_model("cleanrooms", raw))
    reply = send(app, "POST", "/moon")
    assert (reply.status, reply.code) == (501, "NotImplementedException")
    assert "FlyToTheMoon" not in app.operations


@needs("CreateCollaborationInput.isMetricsEnabled")
def test_an_older_contract_has_fewer_operations_and_members() -> None:
    raw = json.loads(json.dumps(load("cleanrooms").raw))
    del raw["operations"]["DeleteMember"]
    del raw["shapes"]["Collaboration"]["members"]["analyticsEngine"]
    del raw["shapes"]["CreateCollaborationInput"]["members"]["isMetricsEnabled"]
    app = create_app(from_model("cleanrooms", raw))
    body = json.dumps(collaboration_input(isMetricsEnabled=True)).encode()
    found = send(app, "POST", "/collaborations", body).document["collaboration"]
    assert found.keys().isdisjoint({"analyticsEngine", "isMetricsEnabled"})
    target = f"/collaborations/{found['id']}/member/{TWO}"
    assert send(app, "DELETE", target).status == 404


def test_a_payer_is_one_of_several_candidates_only_where_the_contract_says_so() -> None:
    pays = {"queryCompute": {"isResponsible": True}}
    both = collaboration_input(
        {
            "accountId": TWO,
            "displayName": "two",
            "memberAbilities": ["CAN_QUERY"],
            "paymentConfiguration": pays,
        },
        creatorPaymentConfiguration=pays,
    )
    raw = json.loads(json.dumps(load("cleanrooms").raw))
    leaf = raw["shapes"]["QueryComputePaymentConfig"]["members"]["isResponsible"]
    for text, status in (("Exactly one member can be configured", 400), ("One or more", 200)):
        leaf["documentation"] = text
        app = create_app(from_model("cleanrooms", raw))
        assert send(app, "POST", "/collaborations", json.dumps(both).encode()).status == status


def test_a_fault_of_its_own_is_answered_and_recorded(
    app: ReferenceTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "_reader", None)
    reply = send(app, "GET", "/collaborations")
    assert (reply.status, reply.code) == (500, "InternalServerException")
    assert b"Traceback" not in reply.body
    assert "AttributeError" in app.crashes[0]


def test_the_same_calls_give_the_same_state() -> None:
    replies = [
        send(app, "POST", "/collaborations", json.dumps(collaboration_input()).encode()).body
        for app in (new_app(seed=7), new_app(seed=7), new_app(seed=8))
    ]
    assert replies[0] == replies[1] != replies[2]


def test_a_reset_forgets_everything(app: ReferenceTarget, one: Account) -> None:
    first = collaborate(one)
    app.reset()
    assert one.all("ListCollaborations") == []
    assert collaborate(one) == first


def test_an_operation_has_one_handler() -> None:
    with pytest.raises(ValueError, match="ListTagsForResource has two handlers"):
        handlers_in([tags, tags])
    assert handles("X")(lambda _call: {}).operation == "X"

"""Failures on demand, the control over HTTP, and signatures that are verified."""

from __future__ import annotations

import io
import json
import time
from typing import Any

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError, ConnectionClosedError
from reference_support import (
    ONE,
    TABLE,
    Account,
    Reply,
    boto,
    collaborate,
    collaboration_input,
    listening,
    member,
    new_app,
    refused,
    send,
)

from conformance.reference import (
    Control,
    Fault,
    ManualClock,
    ReferenceTarget,
    ShiftedClock,
    create_app,
    request_log,
)


@pytest.fixture
def app() -> ReferenceTarget:
    return new_app()


@pytest.fixture
def one(app: ReferenceTarget) -> Account:
    return Account(app, ONE)


def test_throttling_and_internal_errors_come_as_often_as_asked_for(
    app: ReferenceTarget, one: Account
) -> None:
    app.plan.add(Fault("throttle", "ListCollaborations", times=2))
    app.plan.add(Fault("internal", "ListMemberships"))
    for _ in range(2):
        refusal = refused(one.ListCollaborations)
        assert (refusal.status, refusal.code) == (429, "ThrottlingException")
    one.ListCollaborations()
    reply = send(app, "GET", "/memberships")
    assert (reply.status, reply.code) == (500, "InternalServerException")
    one.ListMemberships()
    assert list(app.crashes) == []


def test_a_fault_of_every_operation_lasts_until_it_is_cleared(
    app: ReferenceTarget, one: Account
) -> None:
    app.plan.add(Fault("throttle", times=None))
    for call in (one.ListCollaborations, one.ListConfiguredTables) * 3:
        assert refused(call).status == 429
    app.plan.clear()
    one.ListCollaborations()


def test_latency_waits_and_serves(app: ReferenceTarget, one: Account) -> None:
    app.plan.add(Fault("latency", seconds=0.05))
    began = time.perf_counter()
    one.ListCollaborations()
    assert time.perf_counter() - began >= 0.05


@pytest.mark.parametrize(
    "stated",
    [{"kind": "explode"}, {"kind": "drop", "times": 0}, {"kind": "latency", "seconds": -1}],
)
def test_a_fault_that_makes_no_sense_is_refused(stated: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError)):
        Fault(**stated)


def test_a_dropped_connection_is_closed_without_an_answer_and_logged() -> None:
    stream = io.StringIO()
    app = new_app(observer=request_log(stream))
    with listening(app) as url:
        client = boto(url)
        app.plan.add(Fault("drop", "ListCollaborations"))
        with pytest.raises(ConnectionClosedError):
            client.list_collaborations()
        client.list_collaborations()
        client.close()
    statuses = [json.loads(line)["status"] for line in stream.getvalue().splitlines()]
    assert statuses == [0, 200]


def test_boto3_retries_what_is_throttled_and_internal(app: ReferenceTarget) -> None:
    with listening(app) as url:
        client = boto3.client(
            "cleanrooms",
            endpoint_url=url,
            region_name="us-east-1",
            aws_access_key_id=ONE,
            aws_secret_access_key="secret",
            config=Config(retries={"total_max_attempts": 4, "mode": "standard"}),
        )
        app.plan.add(Fault("throttle"))
        app.plan.add(Fault("internal"))
        answer = client.list_collaborations()
        assert answer["ResponseMetadata"]["RetryAttempts"] == 2
        client.close()


def ask(control: Control, method: str, path: str, **body: Any) -> Reply:
    payload = json.dumps(body).encode() if body else b""
    return send(control, method, path, payload, account=None)


def test_the_control_resets_advances_and_plans(app: ReferenceTarget, one: Account) -> None:
    control = Control(app)
    collaborate(one)
    assert ask(control, "GET", "/_reference/state").document["records"] == 1
    assert ask(control, "POST", "/_reference/reset").status == 200
    assert ask(control, "GET", "/_reference/state").document == {
        "records": 0,
        "crashes": [],
        "operations": len(app.operations),
    }
    before = app.settings.clock()
    assert ask(control, "POST", "/_reference/clock", advance=60).document == {"now": before + 60}
    fault = {"kind": "throttle", "operation": "ListCollaborations", "times": 9}
    assert ask(control, "POST", "/_reference/faults", **fault).status == 200
    assert refused(one.ListCollaborations).status == 429
    assert ask(control, "DELETE", "/_reference/faults").status == 200
    one.ListCollaborations()
    assert send(control, "GET", "/collaborations").status == 200


def test_a_failure_can_be_meant_for_one_client(app: ReferenceTarget) -> None:
    app.plan.add(Fault("throttle", "ListCollaborations", user_agent="mine/1"))
    assert send(app, "GET", "/collaborations").status == 200
    assert send(app, "GET", "/configuredTables", HTTP_USER_AGENT="a mine/1").status == 200
    assert send(app, "GET", "/collaborations", HTTP_USER_AGENT="a mine/1 b").status == 429
    assert send(app, "GET", "/collaborations", HTTP_USER_AGENT="a mine/1 b").status == 200


def test_a_quota_is_used_up_on_demand(app: ReferenceTarget, one: Account) -> None:
    app.plan.add(Fault("quota", "CreateCollaboration"))
    told = refused(collaborate, creator=one)
    assert (told.status, told.code) == (402, "ServiceQuotaExceededException")
    collaborate(one)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/_reference/nothing", {}, 404),
        ("PUT", "/_reference/reset", {}, 404),
        ("POST", "/_reference/faults", {"kind": "explode"}, 400),
        ("POST", "/_reference/faults", {"kind": "drop", "unheard": 1}, 400),
        ("POST", "/_reference/faults", {"operation": "X"}, 400),
        ("POST", "/_reference/clock", {"advance": -1}, 400),
        ("POST", "/_reference/clock", {"advance": "soon"}, 400),
        ("POST", "/_reference/clock", {"advance": [1]}, 400),
    ],
)
def test_the_control_refuses_what_it_does_not_know(
    app: ReferenceTarget, method: str, path: str, body: dict[str, Any], status: int
) -> None:
    reply = ask(Control(app), method, path, **body)
    assert (reply.status, bool(reply.document["message"])) == (status, True)


def test_the_control_is_not_there_unless_it_was_asked_for(app: ReferenceTarget) -> None:
    assert send(app, "POST", "/_reference/reset").code == "UnknownOperationException"


def test_the_clock_of_the_day_can_be_shifted_but_only_forward() -> None:
    base = ManualClock()
    clock = ShiftedClock(base)
    clock.advance(5)
    base.advance(2)
    assert clock() == 1_700_000_007
    for wrong in (-1, float("inf"), float("nan")):
        with pytest.raises(ValueError, match="cannot be advanced"):
            clock.advance(wrong)
    assert refused_clock() == "The target's clock cannot be advanced."


def refused_clock() -> str:
    reply = ask(Control(create_app()), "POST", "/_reference/clock", advance=1)
    return str(reply.document["message"])


def signed(url: str, secret: str, region: str = "us-east-1") -> Any:
    return boto3.client(
        "cleanrooms",
        endpoint_url=url,
        region_name=region,
        aws_access_key_id=ONE,
        aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": 1}),
    )


def test_signatures_of_boto3_are_verified() -> None:
    with listening(new_app(secret="the secret")) as url:
        client = signed(url, "the secret")
        created = client.create_collaboration(
            **collaboration_input(member("222222222222"), name="é  \t x", tags={"a b": "c/d+e=f"})
        )["collaboration"]
        client.tag_resource(resourceArn=created["arn"], tags={"x": "y"})
        client.untag_resource(resourceArn=created["arn"], tagKeys=["x", "a b", "c&d", "ü+"])
        client.list_collaborations(maxResults=1, memberStatus="INVITED")
        client.create_configured_table(**TABLE)
        client.close()
        for secret, code in (("another", "InvalidSignatureException"),):
            client = signed(url, secret)
            with pytest.raises(ClientError) as refusal:
                client.list_collaborations()
            assert refusal.value.response["Error"]["Code"] == code
            assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
            client.close()


SCOPE = "Credential=111111111111/20260101/us-east-1/cleanrooms/aws4_request"
TAIL = "SignedHeaders=host;x-amz-date, Signature=" + "0" * 64


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 {SCOPE}"}, "IncompleteSignatureException"),
        ({}, "InvalidSignatureException"),
        ({"HTTP_X_AMZ_DATE": "20260101T000000Z"}, "InvalidSignatureException"),
        ({"HTTP_X_AMZ_DATE": "20260101"}, "InvalidSignatureException"),
        (
            {"HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 {SCOPE.replace('cleanrooms', 's3')}, {TAIL}"},
            "InvalidSignatureException",
        ),
    ],
)
def test_a_signature_that_is_wrong_old_or_for_something_else_is_forbidden(
    headers: dict[str, str], code: str
) -> None:
    app = new_app(secret="the secret")
    environ = {"HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 {SCOPE}, {TAIL}", **headers}
    reply = send(app, "GET", "/collaborations", account=None, **environ)
    assert (reply.status, reply.code) == (403, code)


def test_a_changed_body_is_seen() -> None:
    app = new_app(secret="the secret")
    request = AWSRequest(method="POST", url="http://localhost/configuredTables", data=b"{}")
    SigV4Auth(Credentials(ONE, "the secret"), "cleanrooms", "us-east-1").add_auth(request)
    headers = {
        f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers.items()
    }
    headers["HTTP_HOST"] = "localhost"
    for body, status in ((b"{}", 400), (b'{"a":1}', 403)):
        reply = send(app, "POST", "/configuredTables", body, account=None, **headers)
        assert reply.status == status

"""Calls the reference target in process, and holds each of its responses against the contract."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlencode

import boto3
import pytest
from attrs import frozen
from botocore.config import Config

from conformance.contract import Contract, Operation, Problem, load, validator
from conformance.reference import Listener, ManualClock, ReferenceTarget, create_app

ONE, TWO, THREE, STRANGER = "111111111111", "222222222222", "333333333333", "999999999999"
REGION = "us-east-1"
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
COMMON_CODES = {"SerializationException", "NotImplementedException", "AccessDeniedException"}


@frozen
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body) if self.body else None

    @property
    def code(self) -> str:
        return self.headers.get("x-amzn-errortype", "")


class RefusedError(Exception):
    def __init__(self, reply: Reply) -> None:
        super().__init__(f"{reply.status} {reply.code}: {reply.document}")
        self.reply = reply
        self.status = reply.status
        self.code = reply.code
        self.document = reply.document


def authorization(account: str, region: str = REGION) -> str:
    scope = f"{account}/20260101/{region}/cleanrooms/aws4_request"
    return f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"


def send(
    app: Any,
    method: str,
    target: str,
    body: bytes = b"",
    *,
    account: str | None = ONE,
    region: str = REGION,
    **environ: str,
) -> Reply:
    started: list[tuple[str, list[tuple[str, str]]]] = []
    environ = {
        "REQUEST_METHOD": method,
        "REQUEST_URI": target,
        "CONTENT_LENGTH": str(len(body)),
        **({} if account is None else {"HTTP_AUTHORIZATION": authorization(account, region)}),
        **environ,
    }
    chunks = app(
        {**environ, "wsgi.input": io.BytesIO(body)},
        lambda status, headers: started.append((status, headers)),
    )
    ((status, headers),) = started
    return Reply(int(status[:3]), {k.lower(): v for k, v in headers}, b"".join(chunks))


def request_of(operation: Operation, params: dict[str, Any]) -> tuple[str, str, bytes]:
    """The method, target and body that a call of an operation travels with."""
    target, query, body = operation.uri, [], {}
    for name, value in params.items():
        member = operation.members[name]
        if member.location == "path":
            target = target.replace(f"{{{member.wire_name}}}", quote(str(value), safe=""))
        elif member.location == "query":
            values = value if isinstance(value, list) else [value]
            query += [(member.wire_name, str(each)) for each in values]
        else:
            body[member.wire_name] = value
    if query:
        target += "?" + urlencode(query)
    has_body = any(m.location == "body" for m in operation.members.values())
    return operation.method, target, json.dumps(body).encode() if has_body else b""


class Account:
    """An account's view of a target: ``account.CreateCollaboration(name=…)``."""

    def __init__(self, app: ReferenceTarget, account: str, region: str = REGION) -> None:
        self.app = app
        self.id = account
        self.region = region

    def __getattr__(self, name: str) -> Callable[..., Any]:
        operation = self.app.contract.operation(name)
        return lambda **params: self.call(operation, params)

    def call(self, operation: Operation, params: dict[str, Any]) -> Any:
        reply = send(self.app, *request_of(operation, params), account=self.id, region=self.region)
        check_against_contract(self.app.contract, operation, reply)
        if reply.status >= 300:
            raise RefusedError(reply)
        return reply.document

    def all(self, name: str, **params: Any) -> list[Any]:
        """Every row of a list, page by page."""
        rows: list[Any] = []
        while True:
            answer = getattr(self, name)(**params)
            ((_, page),) = [(k, v) for k, v in answer.items() if isinstance(v, list)]
            rows += page
            if "nextToken" not in answer:
                return rows
            params["nextToken"] = answer["nextToken"]


def check_against_contract(contract: Contract, operation: Operation, reply: Reply) -> None:
    assert reply.headers["x-amzn-requestid"]
    assert reply.headers["date"]
    assert reply.status < 500, reply
    if reply.status == 204:
        assert (reply.status, reply.body) == (operation.success_status, b"")
        return
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["content-length"] == str(len(reply.body))
    if reply.status < 300:
        assert reply.status == operation.success_status
        assert operation.output is not None
        problems = [p for p in validator(operation.output)(reply.document) if not arn_length(p)]
        assert problems == [], (operation.name, reply.document)
        unknown_members = set(reply.document) - set(operation.output.members)
        assert unknown_members == set()
        return
    assert reply.code in operation.error_codes | COMMON_CODES, reply
    if reply.code in contract.errors:
        error = contract.errors[reply.code]
        assert reply.status == error.status
        assert validator(error.shape)(reply.document) == []
    assert reply.document["message"]


def arn_length(problem: Problem) -> bool:
    """Whether it is one of the model's limits that the service's own ARNs cannot keep.

    They are longer than it says, and those of associations have two patterns in it.
    """
    if not problem.path.name.lower().endswith("arn"):
        return False
    return problem.kind == "max-length" or (
        problem.kind == "pattern" and "configuredTableAssociation" in str(problem.path)
    )


def refused(call: Callable[..., Any], /, **params: Any) -> RefusedError:
    """The refusal that a call meets."""
    try:
        answer = call(**params)
    except RefusedError as error:
        return error
    raise AssertionError(f"not refused: {answer}")


def shared_view(created: dict[str, Any], *dropped: str) -> dict[str, Any]:
    """What the collaboration's other members see of something."""
    hidden = {"membershipId", "membershipArn", *dropped}
    return {k: v for k, v in created.items() if k not in hidden}


def needs(name: str) -> pytest.MarkDecorator:
    """Skips a test where botocore's model is too old to know an operation, or a shape's member."""
    contract = load("cleanrooms")
    shape, _, member = name.partition(".")
    known = shape in contract.operations
    if member:
        known = shape in contract.shapes and member in contract.shapes[shape].members
    return pytest.mark.skipif(
        not known, reason=f"botocore {contract.botocore_version} has no {name}"
    )


def new_app(**settings: Any) -> ReferenceTarget:
    return create_app(load("cleanrooms"), **{"clock": ManualClock(), **settings})


def member(account: str, *abilities: str, **more: Any) -> dict[str, Any]:
    return {
        "accountId": account,
        "memberAbilities": list(abilities),
        "displayName": f"member {account}",
        **more,
    }


def collaboration_input(*members: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "name": "shared data",
        "description": "what we share",
        "members": list(members),
        "creatorDisplayName": "creator",
        "creatorMemberAbilities": [],
        "queryLogStatus": "ENABLED",
        **more,
    }


def collaborate(creator: Account, *members: dict[str, Any], **more: Any) -> str:
    answer = creator.CreateCollaboration(**collaboration_input(*members, **more))
    identifier: str = answer["collaboration"]["id"]
    return identifier


def join(account: Account, collaboration: str, **more: Any) -> str:
    answer = account.CreateMembership(
        collaborationIdentifier=collaboration, queryLogStatus="ENABLED", **more
    )
    identifier: str = answer["membership"]["id"]
    return identifier


TABLE = {
    "name": "orders",
    "tableReference": {"glue": {"tableName": "orders", "databaseName": "shop"}},
    "allowedColumns": ["id", "total"],
    "analysisMethod": "DIRECT_QUERY",
}


def configure(account: Account, **more: Any) -> str:
    identifier: str = account.CreateConfiguredTable(**{**TABLE, **more})["configuredTable"]["id"]
    return identifier


@contextmanager
def listening(app: Any) -> Iterator[str]:
    with Listener(app) as listener:
        yield listener.url


def boto(url: str, account: str = ONE, region: str = REGION) -> Any:
    return boto3.client(
        "cleanrooms",
        endpoint_url=url,
        region_name=region,
        aws_access_key_id=account,
        aws_secret_access_key="secret",
        config=Config(retries={"total_max_attempts": 1}, max_pool_connections=32),
    )

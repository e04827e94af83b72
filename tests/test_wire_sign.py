"""Signatures are those of botocore's own client, and hold for the bytes that reach the server."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from contextlib import closing
from typing import Any
from urllib.parse import quote

import botocore.session
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from hostile import answer, response, serving

from conformance.wire.exchange import Request
from conformance.wire.sign import Signer
from conformance.wire.transport import SocketTransport

NOW = dt.datetime(2026, 11, 24, 12, 34, 56)  # noqa: DTZ001 - botocore asks for one without a zone
KEY_ID, SECRET, TOKEN = "AKIDEXAMPLEEXAMPLE01", "secret/key+of=botocore", "token/with+odd=signs=="

CALLS = {
    "body": ("create_collaboration", {"name": "x", "description": "é", "members": []}),
    "label with reserved characters": (
        "get_schema",
        {"collaborationIdentifier": "a/b c%2F+é~", "name": "it's (so)*!"},
    ),
    "label with an ARN": ("list_tags_for_resource", {"resourceArn": "arn:aws:cleanrooms:x:1:m/2"}),
    "query": (
        "list_collaborations",
        {"maxResults": 5, "nextToken": "a b/+=&~é", "memberStatus": ""},
    ),
    "empty body of a delete": ("delete_collaboration", {"collaborationIdentifier": "x"}),
}


@pytest.fixture(autouse=True)
def _frozen_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: NOW)


@pytest.fixture(scope="module")
def session() -> botocore.session.Session:
    return botocore.session.Session()


def sent_by_botocore(client: Any, name: str, params: dict[str, Any]) -> Any:
    """The request that botocore's client would send."""
    sent: list[Any] = []

    def catch(request: Any, **_: Any) -> AWSResponse:
        sent.append(request)
        return AWSResponse(request.url, 200, {}, _Nothing())

    client.meta.events.register("before-send.cleanrooms", catch)
    getattr(client, name)(**params)
    return sent[0]


class _Nothing:
    """A stream with no body in it."""

    def stream(self) -> list[bytes]:
        return []


@pytest.mark.parametrize("token", [None, TOKEN], ids=["lasting", "temporary"])
@pytest.mark.parametrize(
    ("endpoint_url", "host"),
    [
        ("http://127.0.0.1:5555", "127.0.0.1:5555"),
        ("https://cleanrooms.eu-west-1.amazonaws.com", "cleanrooms.eu-west-1.amazonaws.com"),
        ("http://Host.example:80", "host.example"),
        ("http://[::1]:5555", "[::1]:5555"),
    ],
)
@pytest.mark.parametrize("call", sorted(CALLS))
def test_the_signature_is_the_one_of_botocores_client(
    call: str, endpoint_url: str, host: str, token: str | None, session: botocore.session.Session
) -> None:
    client = session.create_client(
        "cleanrooms",
        region_name="eu-west-1",
        endpoint_url=endpoint_url,
        aws_access_key_id=KEY_ID,
        aws_secret_access_key=SECRET,
        aws_session_token=token,
        config=Config(parameter_validation=False),
    )
    theirs = sent_by_botocore(client, *CALLS[call])
    client.close()
    headers = {name: _text(value) for name, value in theirs.headers.items()}
    signed = headers["Authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    unsigned = Request(
        method=theirs.method,
        url=theirs.url,
        headers=tuple(
            (name, value)
            for name, value in headers.items()
            if name.lower() in signed
            and not name.lower().startswith(("x-amz-date", "x-amz-security"))
        ),
        body=theirs.body or b"",
    )
    ours = Signer(KEY_ID, SECRET, token, "eu-west-1", "cleanrooms").sign(unsigned)

    assert ours.header("Authorization") == headers["Authorization"]
    assert ours.header("Host") == ours.host == host
    assert ours.header("X-Amz-Date") == headers["X-Amz-Date"]
    assert ours.header("X-Amz-Security-Token") == headers.get("X-Amz-Security-Token") == token
    assert (ours.method, ours.url, ours.body) == (unsigned.method, unsigned.url, unsigned.body)


@pytest.mark.parametrize(
    "target",
    [
        "/collaborations",
        "/a%2Fb%20c/%E2%82%AC",
        "/x?nextToken=a%2Fb%3D%3D&maxResults=1",
        "/x?b&a=&a=1",
    ],
)
def test_the_signature_holds_for_what_the_server_receives(target: str) -> None:
    signer = Signer(KEY_ID, SECRET, TOKEN, "us-east-1", "cleanrooms")
    with (
        serving({target.partition("?")[0]: answer(response())}) as server,
        closing(SocketTransport()) as transport,
    ):
        headers = (("Content-Type", "application/json"), ("X-Name", "Zoë  €"))
        request = Request("POST", server.base_url + target, headers, b'{"a": 1}')
        assert transport.send(signer.sign(request)).fault is None
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert _signature_in(head) == _signature_of(head, body)


def test_a_signature_that_was_there_is_replaced() -> None:
    signer = Signer(KEY_ID, SECRET, TOKEN, "us-east-1", "cleanrooms")
    once = signer.sign(Request("GET", "http://127.0.0.1:1/x"))
    assert signer.sign(once) == once


def test_an_anonymous_request_has_nothing_of_a_signature() -> None:
    with serving({"/": answer(response())}) as server, closing(SocketTransport()) as transport:
        transport.send(Request("GET", f"{server.base_url}/"))
    assert b"amz" not in server.requests[0].lower().replace(b"aws-conformance", b"")
    assert b"authorization" not in server.requests[0].lower()


def test_no_secret_shows_in_a_signer() -> None:
    signer = Signer(KEY_ID, SECRET, TOKEN, "us-east-1", "cleanrooms")
    shown = f"{signer!r} {signer}"
    assert "us-east-1" in shown
    for secret in (KEY_ID, SECRET, TOKEN):
        assert secret not in shown


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _signature_in(head: bytes) -> bytes:
    return head.partition(b"Signature=")[2].partition(b"\r\n")[0]


def _signature_of(head: bytes, body: bytes) -> bytes:
    """Signature Version 4 as its documentation tells it, of a request as it was received."""
    request_line, *lines = head.split(b"\r\n")
    method, target, _ = request_line.split(b" ")
    path, _, query = target.partition(b"?")
    headers = {
        name.lower(): b" ".join(value.split())
        for name, _, value in (x.partition(b":") for x in lines)
    }
    names = headers[b"authorization"].partition(b"SignedHeaders=")[2].partition(b",")[0]
    pairs = sorted(pair.partition(b"=") for pair in query.split(b"&") if pair)
    canonical = b"\n".join(
        [
            method,
            quote(path, safe="/~").encode(),
            b"&".join(name + b"=" + value for name, _, value in pairs),
            *(name + b":" + headers[name] for name in names.split(b";")),
            b"",
            names,
            hashlib.sha256(body).hexdigest().encode(),
        ]
    )
    date = headers[b"x-amz-date"]
    scope = [date[:8], b"us-east-1", b"cleanrooms", b"aws4_request"]
    digest = hashlib.sha256(canonical).hexdigest().encode()
    to_sign = b"\n".join([b"AWS4-HMAC-SHA256", date, b"/".join(scope), digest])
    key = b"AWS4" + SECRET.encode()
    for part in scope:
        key = hmac.digest(key, part, "sha256")
    return hmac.digest(key, to_sign, "sha256").hex().encode()

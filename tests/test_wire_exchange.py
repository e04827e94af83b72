"""An exchange as a report shows it: all that a reader needs, and no secret."""

from __future__ import annotations

import json
from base64 import b64decode
from contextlib import closing
from typing import Any

import pytest
from hostile import Peer, answer, response, serving

from conformance.errors import TargetUnreachable, UsageError
from conformance.wire.exchange import SHOWN_BODY, Exchange, Fault, Request, Response
from conformance.wire.redaction import scrub
from conformance.wire.sign import Signer
from conformance.wire.transport import SocketTransport, WsgiTransport, reachable

KEY_ID, SECRET = "AKIAPLANTEDPLANTED01", "planted-secret-key/+="
TOKEN = 'planted/session+token=="quoted"' + "0123456789" * 100  # no cut may leave half of it
PASSWORD = "planted-password"
PLANTED = (
    KEY_ID,
    SECRET,
    TOKEN,
    "planted/session",
    "planted%2Fsession",
    r"planted\/session",
    PASSWORD,
)


@pytest.mark.parametrize(
    ("url", "origin", "path", "query", "host"),
    [
        ("http://a/b?c=d", "http://a", "/b", "c=d", "a"),
        ("http://A.Example:80", "http://A.Example:80", "/", "", "a.example"),
        ("https://a:443/", "https://a:443", "/", "", "a"),
        ("https://a:80/", "https://a:80", "/", "", "a:80"),
        ("http://[::1]:5000?x=/?", "http://[::1]:5000", "/", "x=/?", "[::1]:5000"),
        ("http://u:p@a:8080//b%2F", "http://u:p@a:8080", "//b%2F", "", "a:8080"),
    ],
)
def test_a_request_knows_the_parts_of_its_url(
    url: str, origin: str, path: str, query: str, host: str
) -> None:
    request = Request("GET", url)
    parts = (request.origin, request.path, request.query, request.host)
    assert parts == (origin, path, query, host)


def test_a_header_is_found_in_any_case() -> None:
    message = Response(200, "OK", (("X-One", "1"), ("Set-Cookie", "a"), ("x-one", "2")))
    assert message.header("x-ONE") == "1, 2"
    assert message.header("X-Two") is None
    assert Request("GET", "http://a/", (("A", "b"),)).header("a") == "b"


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b"", {"body": ""}),
        ('{"a": "é"}'.encode(), {"body": '{"a": "é"}'}),
        (b"\xff\x00", {"body_base64": "/wA="}),
        (b"a" * SHOWN_BODY, {"body": "a" * SHOWN_BODY}),
        (b"a" * (SHOWN_BODY + 1), {"body": "a" * SHOWN_BODY, "body_bytes": SHOWN_BODY + 1}),
        # The cut goes through the euro sign.
        (
            b"a" * (SHOWN_BODY - 1) + "€".encode(),
            {"body": "a" * (SHOWN_BODY - 1), "body_bytes": SHOWN_BODY + 2},
        ),
    ],
    ids=["empty", "text", "bytes", "at-the-bound", "beyond", "cut-character"],
)
def test_a_body_is_text_where_it_can_be_and_never_too_long(
    body: bytes, shown: dict[str, Any]
) -> None:
    for message in (Request("GET", "http://a/", (), body), Response(200, "OK", (), body)):
        as_json = message.to_json()
        assert {key: value for key, value in as_json.items() if key.startswith("body")} == shown


def test_a_long_body_of_bytes_is_cut_too() -> None:
    shown = Response(200, "OK", (), b"\xff" * 100_000).to_json()
    assert b64decode(shown["body_base64"]) == b"\xff" * SHOWN_BODY
    assert shown["body_bytes"] == 100_000


def test_an_exchange_is_json_with_all_that_happened() -> None:
    exchange = Exchange(
        Request("GET", "http://a/?nextToken=t", (("X-A", "1"), ("X-A", "2"))),
        Response(200, "OK", (("X-B", "é"),), b"half", "HTTP/1.0"),
        Fault("timeout", "no answer in time", "body"),
        0.12345678,
        "GetSchema",
    )
    assert json.loads(json.dumps(exchange.to_json())) == {
        "operation": "GetSchema",
        "request": {
            "method": "GET",
            "url": "http://a/?nextToken=t",
            "headers": [["X-A", "1"], ["X-A", "2"]],
            "body": "",
        },
        "response": {
            "status": 200,
            "reason": "OK",
            "http_version": "HTTP/1.0",
            "headers": [["X-B", "é"]],
            "body": "half",
        },
        "fault": {"kind": "timeout", "message": "no answer in time", "when": "body"},
        "elapsed_s": 0.123457,
    }
    assert str(exchange.fault) == "timeout (body): no answer in time"


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        (
            ("authorization", "AWS4-HMAC-SHA256 Credential=a/b, Signature=c"),
            "AWS4-HMAC-SHA256 [redacted]",
        ),
        (("Proxy-Authorization", "Basic abc"), "Basic [redacted]"),
        (("Authorization", "abc"), "[redacted]"),
        (("X-Amz-Security-Token", "abc def"), "[redacted]"),
        (("Cookie", "a=b; c=d"), "[redacted]"),
        (("Set-Cookie", "a=b"), "[redacted]"),
        (("X-Amz-Date", "20261124T000000Z"), "20261124T000000Z"),
    ],
)
def test_of_sensitive_headers_only_the_scheme_is_shown(header: tuple[str, str], shown: str) -> None:
    for message in (Request("GET", "http://a/", (header,)), Response(200, "OK", (header,))):
        assert message.to_json()["headers"] == [[header[0], shown]]


def test_in_a_query_string_the_signature_is_redacted_and_the_page_token_is_not() -> None:
    url = (
        "https://u:p@a/b?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=c%2Fd&nextToken=e%3D"
        "&x-amz-signature=f&X-Amz-Security-Token=g=&x"
    )
    assert Request("GET", url).to_json()["url"] == (
        "https://[redacted]@a/b?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=[redacted]"
        "&nextToken=e%3D&x-amz-signature=[redacted]&X-Amz-Security-Token=[redacted]&x"
    )


def test_short_dummy_credentials_are_not_taken_out_of_ordinary_text() -> None:
    # Emulators take a key id of twelve digits for the account.
    signer = Signer("111111111111", "test", "test", "us-east-1", "cleanrooms")
    request = signer.sign(Request("GET", "http://a/"))
    body = b'{"arn": "arn:aws:cleanrooms:us-east-1:111111111111:x/test"}'
    exchange = Exchange(request, Response(200, "OK", (), body), None, 0.0)
    assert exchange.to_json()["response"]["body"] == body.decode()


@pytest.mark.parametrize("kept", [10, 11, 40, 63, 64])
def test_a_secret_that_was_cut_off_is_redacted_as_far_as_it_goes(kept: int) -> None:
    signature, escaped = "0123456789abcdef" * 4, "0123456789/" + "b" * 50
    assert scrub(f"Signature={signature[:kept]})", [signature, escaped]) == "Signature=[redacted])"


def test_a_few_equal_characters_are_no_secret() -> None:
    assert scrub("0123456789 or 012345678a", ["012345678" + "f" * 40]) == "0123456789 or 012345678a"


def test_a_binary_echo_of_a_secret_is_redacted() -> None:
    request = Request("GET", "http://a/", (("X-Amz-Security-Token", TOKEN),))
    exchange = Exchange(request, Response(200, "OK", (), b"\xff" + TOKEN.encode()), None, 0.0)
    assert b64decode(exchange.to_json()["response"]["body_base64"]) == b"\xff[redacted]"


def test_planted_secrets_show_nowhere() -> None:
    signer = Signer(KEY_ID, SECRET, TOKEN, "us-east-1", "cleanrooms")

    def echo(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen = {name: value for name, value in environ.items() if name.startswith("HTTP_")}
        token, query = seen["HTTP_X_AMZ_SECURITY_TOKEN"], environ["QUERY_STRING"]
        start_response("200 OK", [("X-Echo", token), ("X-Query", query)])
        return [json.dumps(seen).replace("/", r"\/").encode(), json.dumps(seen).encode()]

    def crash(environ: dict[str, Any], _start_response: Any) -> list[bytes]:
        raise RuntimeError(environ["HTTP_X_AMZ_SECURITY_TOKEN"] + environ["HTTP_AUTHORIZATION"])

    def garbage(peer: Peer) -> None:
        token = peer.request.partition(b"X-Amz-Security-Token: ")[2].partition(b"\r\n")[0]
        peer.send(token + b" is no HTTP\r\n\r\n")
        peer.close()

    target = (
        "/?X-Amz-Security-Token=planted%2Fsession%2Btoken%3D%3D%22quoted%22"
        + "0123456789" * 100
        + "&X-Amz-Credential="
        + KEY_ID
    )
    behaviours = {"/": garbage, "/reason": answer(response(status=f"400 {TOKEN}"))}
    with serving(behaviours) as server, closing(SocketTransport()) as sockets:
        base = server.base_url.replace("http://", f"http://user:{PASSWORD}@")
        exchanges = [
            WsgiTransport(echo).send(
                signer.sign(Request("GET", f"http://user:{PASSWORD}@e{target}"))
            ),
            WsgiTransport(crash).send(signer.sign(Request("POST", "http://e/"))),
            sockets.send(signer.sign(Request("GET", base + target))),
            sockets.send(signer.sign(Request("GET", f"{base}/reason"))),
        ]
        pasted_with_a_line_end = Signer(KEY_ID, SECRET, f"{TOKEN}\n", "us-east-1", "cleanrooms")
        exchanges.append(sockets.send(pasted_with_a_line_end.sign(Request("GET", f"{base}/"))))
    assert [e.fault.kind if e.fault else "" for e in exchanges] == [
        "",
        "crash",
        "protocol",
        "",
        "unsendable",
    ]
    texts = [f"{exchange!r} {exchange} {json.dumps(exchange.to_json())}" for exchange in exchanges]
    texts += [f"{e.fault!r} {e.fault} {e.response!r} {e.request!r} {signer!r}" for e in exchanges]
    with pytest.raises(TargetUnreachable) as unreachable:
        reachable(f"http://user:{PASSWORD}@127.0.0.1:1", 1)
    with pytest.raises(UsageError) as unusable:
        reachable(f"ftp://user:{PASSWORD}@127.0.0.1:1", 1)
    texts += [str(unreachable.value), repr(unreachable.value), repr(unusable.value)]

    signature = (exchanges[0].request.header("Authorization") or "").rpartition("=")[2]
    for text in texts:
        for planted in (*PLANTED, signature):
            assert planted not in text

"""An application in process is called as a server would call it, and judged as over the wire."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any
from wsgiref.validate import validator

import pytest

from conformance.wire.exchange import Exchange, Request
from conformance.wire.transport import WsgiTransport

Environ = dict[str, Any]
App = Callable[[Environ, Any], Any]


def call(app: App, request: Request | None = None, **options: Any) -> Exchange:
    return WsgiTransport(app, **options).send(request or Request("GET", "http://embedded/"))


def environ_of(request: Request, **options: Any) -> Environ:
    seen: Environ = {}

    def app(environ: Environ, start_response: Any) -> list[bytes]:
        seen.update(environ, body=environ["wsgi.input"].read())
        start_response("200 OK", [])
        return []

    assert call(app, request, **options).fault is None
    return seen


def test_the_environ_says_what_was_sent() -> None:
    request = Request(
        "POST",
        "http://embedded/a%2Fb%20%E2%82%AC/..//c?x=%2F&y",
        headers=(
            ("Content-Type", "application/json"),
            ("X-Amz-Date", "now"),
            ("X-Two", "1"),
            ("x-two", "2"),
            ("X-Name", "€"),
        ),
        body=b'{"a": 1}',
    )
    environ = environ_of(request)
    assert {key: environ[key] for key in sorted(environ) if not key.startswith("wsgi.")} == {
        "CONTENT_LENGTH": "8",
        "CONTENT_TYPE": "application/json",
        "HTTP_ACCEPT_ENCODING": "identity",
        "HTTP_HOST": "embedded",
        "HTTP_USER_AGENT": "aws-conformance",
        "HTTP_X_AMZ_DATE": "now",
        "HTTP_X_NAME": "€".encode().decode("latin-1"),
        "HTTP_X_TWO": "1,2",
        "PATH_INFO": "/a/b " + "€".encode().decode("latin-1") + "/..//c",
        "QUERY_STRING": "x=%2F&y",
        "RAW_URI": "/a%2Fb%20%E2%82%AC/..//c?x=%2F&y",
        "REMOTE_ADDR": "127.0.0.1",
        "REQUEST_METHOD": "POST",
        "REQUEST_URI": "/a%2Fb%20%E2%82%AC/..//c?x=%2F&y",
        "SCRIPT_NAME": "",
        "SERVER_NAME": "embedded",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "body": b'{"a": 1}',
    }
    assert environ["wsgi.url_scheme"] == "http"


def test_the_base_url_names_the_server() -> None:
    environ = environ_of(Request("GET", "https://h:8443/"), base_url="https://h:8443")
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == ("h", "8443")
    assert environ["wsgi.url_scheme"] == "https"


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_the_call_keeps_to_pep_3333(method: str) -> None:
    def app(environ: Environ, start_response: Any) -> list[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH", "0")))
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [body, b"!"]

    exchange = call(validator(app), Request(method, "http://embedded/a?b", body=b"hello"))
    assert exchange.fault is None
    assert exchange.response is not None
    assert exchange.response.body == b"hello!"


def test_a_response_is_what_the_application_gave() -> None:
    def app(_environ: Environ, start_response: Any) -> list[bytes]:
        write = start_response("404 Not  There", [("X-A", "1"), ("x-a", "2")])
        write(b"written, ")
        return [b"", b"given"]

    got = call(app).response
    assert got is not None
    assert (got.status, got.reason, got.body) == (404, "Not  There", b"written, given")
    assert got.headers == (("X-A", "1"), ("x-a", "2"))


class Pieces:
    """A body that tells whether it was closed."""

    def __init__(self, *pieces: bytes | Exception) -> None:
        self.pieces = pieces
        self.closed = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.pieces:
            if isinstance(piece, Exception):
                raise piece
            yield piece

    def close(self) -> None:
        self.closed += 1


def giving(body: Any, status: str = "200 OK", headers: tuple[tuple[str, str], ...] = ()) -> App:
    def app(_environ: Environ, start_response: Any) -> Any:
        start_response(status, list(headers))
        return body

    return app


@pytest.mark.parametrize("pieces", [(b"a",), (b"a", ValueError("boom")), (b"a" * 20, b"b")])
def test_the_body_is_closed_once_however_it_ends(pieces: tuple[bytes | Exception, ...]) -> None:
    body = Pieces(*pieces)
    call(giving(body), max_body=10)
    assert body.closed == 1


def _fails(text: str) -> list[bytes]:
    raise KeyError(text)


def test_an_exception_is_a_crash_with_its_traceback() -> None:
    exchange = call(lambda _environ, _start_response: _fails("the cause"))
    assert exchange.response is None
    assert exchange.fault is not None
    assert (exchange.fault.kind, exchange.fault.when) == ("crash", "headers")
    assert exchange.fault.message.startswith("KeyError: 'the cause'\nTraceback")
    assert "in _fails" in exchange.fault.message


def test_of_a_long_traceback_the_end_is_kept() -> None:
    exchange = call(lambda _environ, _start_response: _fails("a" * 100_000 + "the end"))
    assert exchange.fault is not None
    assert exchange.fault.message.endswith("the end'\n")
    assert len(exchange.fault.message) < 10_000


def test_an_exception_within_the_body_leaves_what_had_gone_out() -> None:
    exchange = call(giving(Pieces(b"half", ValueError("boom"))))
    assert exchange.fault is not None
    assert (exchange.fault.kind, exchange.fault.when) == ("crash", "body")
    assert exchange.response is not None
    assert exchange.response.body == b"half"


def test_an_exception_before_the_body_leaves_no_response() -> None:
    exchange = call(giving(Pieces(b"", ValueError("boom"))))
    assert exchange.response is None
    assert exchange.fault is not None


def test_an_error_page_may_replace_headers_that_have_not_gone_out() -> None:
    def app(_environ: Environ, start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        try:
            _fails("boom")
        except KeyError as error:
            start_response("500 Oops", [("X", "y")], (KeyError, error, error.__traceback__))
        return [b"sorry"]

    exchange = call(app)
    assert exchange.fault is None
    assert exchange.response is not None
    assert (exchange.response.status, exchange.response.body) == (500, b"sorry")


def _never_starts(_environ: Environ, _start_response: Any) -> list[bytes]:
    return []


def _starts_twice(_environ: Environ, start_response: Any) -> list[bytes]:
    start_response("200 OK", [])
    start_response("200 OK", [])
    return []


@pytest.mark.parametrize(
    ("app", "message"),
    [
        (_never_starts, "never called start_response"),
        (lambda _environ, _start_response: [b"a"], "before start_response"),
        (_starts_twice, "twice"),
        (giving([], status="fine"), "'fine' is no status"),
        (giving([], headers=(("X", 1),)), "no list of pairs"),  # type: ignore[arg-type]
        (giving(["text"]), "has a str, not bytes"),
    ],
)
def test_an_application_that_breaks_pep_3333_is_told_so(app: App, message: str) -> None:
    exchange = call(app)
    assert exchange.fault is not None
    assert exchange.fault.kind == "protocol"
    assert message in exchange.fault.message


@pytest.mark.parametrize("length", ["1", "3", "no number"])
def test_a_wrong_content_length_is_seen(length: str) -> None:
    exchange = call(giving([b"{}"], headers=(("content-length", length),)))
    assert exchange.fault is not None
    assert exchange.fault.kind == "broken-length"


def test_a_body_that_no_server_would_send_is_seen() -> None:
    exchange = call(giving([b"{}"], status="204 No Content"))
    assert exchange.fault is not None
    assert exchange.fault.kind == "broken-length"
    assert exchange.response is not None
    assert exchange.response.body == b""


def test_head_drops_the_body_as_servers_do() -> None:
    app = giving([b"{}"], headers=(("Content-Length", "2"),))
    exchange = call(app, Request("HEAD", "http://embedded/"))
    assert exchange.fault is None
    assert exchange.response is not None
    assert exchange.response.body == b""


def test_an_endless_body_is_cut() -> None:
    exchange = call(giving(iter(lambda: b"a" * 100, b"")), max_body=1000)
    assert exchange.fault is not None
    assert exchange.fault.kind == "too-large"
    assert exchange.response is not None
    assert exchange.response.body == b"a" * 1000


def test_what_an_application_reports_goes_to_standard_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def app(environ: Environ, start_response: Any) -> list[bytes]:
        environ["wsgi.errors"].write("look here\n")
        start_response("200 OK", [])
        return []

    call(app)
    assert capsys.readouterr().err == "look here\n"
    assert isinstance(environ_of(Request("GET", "http://embedded/"))["wsgi.input"], io.BytesIO)

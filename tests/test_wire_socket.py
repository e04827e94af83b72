"""What goes over the wire is what was given, over a connection that is kept while it is good."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from hostile import BEHAVIOURS, Peer, Server, answer, response, serving

from conformance.errors import TargetUnreachable, UsageError
from conformance.wire import transport as transport_module
from conformance.wire.exchange import Request
from conformance.wire.transport import SocketTransport, reachable


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(BEHAVIOURS) as server:
        yield server


@pytest.fixture
def transport() -> Iterator[SocketTransport]:
    with closing(SocketTransport(timeout_s=2, deadline_s=4)) as transport:
        yield transport


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@pytest.mark.parametrize(
    "target",
    [
        "/a%2Fb%2fc",
        "/a/../b/./c",
        "//a//b/",
        "/%7Etilde~/%41",
        "/a%20b;c=d,e@f:g!$&'()*+",
        "/%E2%82%AC?name=%E2%82%AC&maxResults=1&nextToken=a%3D%3D",
        "/?a=/../b//c?d&x=[1]|{2}^`",
        "/?",
        "/a?b#c",
    ],
)
def test_path_and_query_are_sent_byte_for_byte(
    target: str, server: Server, transport: SocketTransport
) -> None:
    exchange = transport.send(Request("GET", server.base_url + target))
    assert exchange.fault is None
    assert server.requests[0].split(b"\r\n")[0] == f"GET {target} HTTP/1.1".encode()
    assert exchange.request.target == target


def test_a_url_without_a_path_asks_for_the_root(server: Server, transport: SocketTransport) -> None:
    transport.send(Request("GET", f"{server.base_url}?a=b"))
    assert server.requests[0].startswith(b"GET /?a=b HTTP/1.1\r\n")


def test_the_request_in_the_exchange_is_what_was_sent(
    server: Server, transport: SocketTransport
) -> None:
    given = Request(
        "POST",
        f"{server.base_url}/ok",
        headers=(("X-Twice", "1"), ("x-twice", "2"), ("X-Name", "Zoë €")),
        body=b'{"a": "\xff\x00"}',
    )
    sent = transport.send(given).request

    lines = [b"POST /ok HTTP/1.1", *(f"{name}: {value}".encode() for name, value in sent.headers)]
    assert server.requests == [b"\r\n".join(lines) + b"\r\n\r\n" + given.body]
    assert sent.headers[:3] == given.headers
    assert sent.header("Host") == server.base_url.removeprefix("http://")
    assert sent.header("Accept-Encoding") == "identity"
    assert sent.header("Content-Length") == str(len(given.body))


@pytest.mark.parametrize(("method", "length"), [("GET", None), ("DELETE", "0"), ("POST", "0")])
def test_an_empty_body_is_announced_where_botocore_announces_it(
    method: str, length: str | None, server: Server, transport: SocketTransport
) -> None:
    sent = transport.send(Request(method, f"{server.base_url}/ok")).request
    assert sent.header("Content-Length") == length


@pytest.mark.parametrize(
    "request_",
    [
        Request("GET", "http://127.0.0.1/a b"),
        Request("GET", "http://127.0.0.1/é"),
        Request("GET", "http://127.0.0.1/a\r\nX: y"),
        Request("GET", "http://127.0.0.1/", (("X", "a\r\nY: b"),)),
        Request("GET", "http://127.0.0.1/", (("X\nY", "a"),)),
        Request("GET", "http://127.0.0.1/", (("X", "\ud800"),)),
    ],
    ids=["space", "beyond-ascii", "line-in-path", "line-in-header", "header-name", "surrogate"],
)
def test_of_what_http_cannot_carry_nothing_is_sent(
    request_: Request, server: Server, transport: SocketTransport
) -> None:
    url = request_.url.replace("http://127.0.0.1", server.base_url)
    exchange = transport.send(Request(request_.method, url, request_.headers))
    assert exchange.fault is not None
    assert exchange.fault.kind == "unsendable"
    assert server.requests == []


def test_one_connection_serves_many_requests(server: Server, transport: SocketTransport) -> None:
    for method in ("GET", "POST", "HEAD", "DELETE", "GET"):
        assert transport.send(Request(method, f"{server.base_url}/redirect")).fault is None
    assert server.connections == 1


def test_a_redirect_is_a_response_like_any_other(
    server: Server, transport: SocketTransport
) -> None:
    exchange = transport.send(Request("GET", f"{server.base_url}/redirect"))
    assert exchange.response is not None
    assert exchange.response.header("location") == "/redirect"
    assert len(server.requests) == 1


def test_no_proxy_of_the_environment_is_used(
    server: Server, transport: SocketTransport, closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port}")
    assert transport.send(Request("GET", f"{server.base_url}/ok")).fault is None


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_server_that_closes_after_each_response_is_never_a_fault(
    method: str, server: Server, transport: SocketTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport_module, "_PROBATION_S", 2.0)  # the machine may be busy
    for _ in range(5):
        url = f"{server.base_url}/close-silently-after"
        assert transport.send(Request(method, url)).fault is None
    assert server.connections == 5


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_reading_request_that_met_the_end_of_a_connection_is_sent_again(
    method: str, server: Server, transport: SocketTransport
) -> None:
    url = f"{server.base_url}/close-before-second"
    assert transport.send(Request("POST", url)).fault is None
    assert transport.send(Request(method, url)).fault is None
    assert [r.split()[0].decode() for r in server.requests] == ["POST", method, method]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_writing_request_is_never_sent_twice(
    method: str, server: Server, transport: SocketTransport
) -> None:
    url = f"{server.base_url}/close-before-second"
    transport.send(Request("POST", url))
    exchange = transport.send(Request(method, url))
    assert exchange.fault is not None
    assert exchange.fault.kind == "closed"
    assert len(server.requests) == 2


def test_a_first_request_that_gets_no_answer_is_not_sent_again(
    server: Server, transport: SocketTransport
) -> None:
    assert transport.send(Request("GET", f"{server.base_url}/close")).fault is not None
    assert len(server.requests) == 1


def test_bytes_that_come_late_are_not_the_next_response(transport: SocketTransport) -> None:
    def unasked(peer: Peer) -> None:
        peer.send(response(b'{"asked": true}'))
        peer.wait(0.05)
        peer.send(response(b'{"asked": false}'))

    with serving({"/": unasked, "/ok": BEHAVIOURS["/ok"]}) as server:
        assert transport.send(Request("POST", f"{server.base_url}/")).fault is None
        time.sleep(0.15)
        exchange = transport.send(Request("POST", f"{server.base_url}/ok"))
    assert exchange.response is not None
    assert exchange.response.body == b"{}"
    assert server.connections == 2


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("POST", 204), ("POST", 304)])
def test_a_late_body_that_must_not_be_is_not_the_next_response(
    method: str, status: int, transport: SocketTransport
) -> None:
    def body_all_the_same(peer: Peer) -> None:
        peer.send(f"HTTP/1.1 {status} X\r\nContent-Length: 2\r\n\r\n".encode())
        peer.wait(0.1)
        peer.send(b"{}")

    with serving({"/": body_all_the_same, "/ok": BEHAVIOURS["/ok"]}) as server:
        assert transport.send(Request(method, f"{server.base_url}/")).fault is None
        assert transport.send(Request("POST", f"{server.base_url}/ok")).fault is None


def test_the_end_of_a_first_connection_may_take_a_moment_to_come(
    transport: SocketTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    def close_a_little_later(peer: Peer) -> None:
        peer.send(response())
        peer.wait(0.05)
        peer.close()

    monkeypatch.setattr(transport_module, "_PROBATION_S", 2.0)
    with serving({"/": close_a_little_later}) as server:
        for _ in range(3):
            assert transport.send(Request("POST", f"{server.base_url}/")).fault is None


def test_a_connection_that_was_idle_for_long_is_not_used(
    server: Server, transport: SocketTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport_module, "_IDLE_S", 0.0)
    for _ in range(2):
        assert transport.send(Request("POST", f"{server.base_url}/ok")).fault is None
    assert server.connections == 2


def test_another_origin_gets_another_connection(transport: SocketTransport) -> None:
    with serving(BEHAVIOURS) as one, serving({"/ok": answer(response(b'"other"'))}) as other:
        transport.send(Request("GET", f"{one.base_url}/ok"))
        exchange = transport.send(Request("GET", f"{other.base_url}/ok"))
    assert exchange.response is not None
    assert exchange.response.body == b'"other"'


@pytest.mark.parametrize(
    ("raw", "body"),
    [
        (
            b"Transfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n1\r\n!\r\n0\r\nX-A: b\r\n\r\n",
            b"hello!",
        ),
        (
            b"Content-Length: 4\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x00",
            b"\x1f\x8b\x08\x00",
        ),
        (b"Content-Length: 0\r\n\r\n", b""),
    ],
    ids=["chunked", "content-coding", "empty"],
)
def test_of_a_body_only_the_transfer_coding_is_taken_off(
    raw: bytes, body: bytes, transport: SocketTransport
) -> None:
    with serving({"/": answer(b"HTTP/1.1 200 OK\r\n" + raw)}) as server:
        for _ in range(2):  # the second shows that the first was read to its end
            exchange = transport.send(Request("GET", f"{server.base_url}/"))
            assert exchange.fault is None
            assert exchange.response is not None
            assert exchange.response.body == body
    assert server.connections == 1


@pytest.mark.parametrize(("status", "method"), [(204, "POST"), (304, "GET"), (200, "HEAD")])
def test_a_response_without_a_body_does_not_wait_for_one(
    status: int, method: str, transport: SocketTransport
) -> None:
    with serving({"/": answer(f"HTTP/1.1 {status} X\r\n\r\n".encode())}) as server:
        exchange = transport.send(Request(method, f"{server.base_url}/"))
    assert exchange.fault is None
    assert exchange.response is not None
    assert (exchange.response.status, exchange.response.body) == (status, b"")


def test_headers_come_as_they_were_sent(transport: SocketTransport) -> None:
    raw = (
        b"HTTP/1.0 200  Very well \r\nx-Amzn-RequestId:  1 \r\nX-A: 1\r\nx-a: 2\r\n"
        b"X-Folded: a\r\n  b\r\nX-Latin: \xe9\r\nContent-Length: 2\r\n\r\n{}"
    )
    with serving({"/": answer(raw)}) as server:
        got = transport.send(Request("GET", f"{server.base_url}/")).response
    assert got is not None
    assert (got.http_version, got.status, got.reason) == ("HTTP/1.0", 200, "Very well")
    assert got.headers == (
        ("x-Amzn-RequestId", "1"),
        ("X-A", "1"),
        ("x-a", "2"),
        ("X-Folded", "a b"),
        ("X-Latin", "é"),
        ("Content-Length", "2"),
    )
    assert got.header("X-A") == "1, 2"
    assert got.header("X-Missing") is None


def test_requests_are_spaced_by_the_rate(server: Server) -> None:
    with closing(SocketTransport(rate_per_s=50)) as transport:
        started = time.monotonic()
        for _ in range(4):
            transport.send(Request("GET", f"{server.base_url}/ok"))
    assert time.monotonic() - started >= 3 / 50


def test_nobody_who_listens_is_a_fault(transport: SocketTransport, closed_port: int) -> None:
    exchange = transport.send(Request("GET", f"http://127.0.0.1:{closed_port}/"))
    assert exchange.response is None
    assert exchange.fault is not None
    assert (exchange.fault.kind, exchange.fault.when) == ("refused", "connect")


def test_a_name_that_nobody_knows_is_a_fault(
    transport: SocketTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _unknown)
    exchange = transport.send(Request("GET", "http://nowhere.invalid/"))
    assert exchange.fault is not None
    assert exchange.fault.kind == "unknown-host"


def test_a_second_address_is_tried_where_the_first_refuses(
    server: Server, transport: SocketTransport, closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
    port = int(server.base_url.rpartition(":")[2])
    found = [(*stream, ("127.0.0.1", closed_port)), (*stream, ("127.0.0.1", port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert transport.send(Request("GET", "http://both.example/ok")).fault is None
    assert b"Host: both.example\r\n" in server.requests[0]


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "127.0.0.1:80/", "http:///", "http://a:b/"])
def test_a_url_that_leads_nowhere_is_wrong_usage(url: str, transport: SocketTransport) -> None:
    with pytest.raises(UsageError, match="is no URL"):
        transport.send(Request("GET", url, (("Host", "x"),)))


@pytest.mark.parametrize("name", ["timeout_s", "deadline_s", "max_body", "rate_per_s"])
def test_a_bound_of_nothing_is_wrong_usage(name: str) -> None:
    with pytest.raises(UsageError, match=f"{name} is 0. Give a number above zero"):
        SocketTransport(**{name: 0})


def test_a_server_that_listens_is_reachable_and_gets_no_request(server: Server) -> None:
    reachable(server.base_url, 1)
    assert server.requests == []


def test_why_a_target_cannot_be_reached_is_said_in_a_sentence(
    closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(TargetUnreachable) as refused:
        reachable(f"http://user:secret-word@127.0.0.1:{closed_port}", 1)
    assert str(refused.value) == (
        f"http://[redacted]@127.0.0.1:{closed_port} cannot be reached: connection refused. "
        "Is the server running, and is the port right?"
    )
    monkeypatch.setattr(socket, "getaddrinfo", _unknown)
    with pytest.raises(
        TargetUnreachable, match=r"name or service not known. Is the name of the host"
    ):
        reachable("http://nowhere.invalid", 1)


def _unknown(*_: object, **__: object) -> None:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

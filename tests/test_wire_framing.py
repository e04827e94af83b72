"""Requests that are framed otherwise than usual go over the wire as they are said to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest
from attrs import define, field
from hostile import BEHAVIOURS, Behaviour, Peer, answer, response, serving

from conformance.wire.exchange import Request
from conformance.wire.framing import USUAL, Framed, Framing
from conformance.wire.transport import SocketTransport

OK = response(b"{}")
POST = Request("POST", "http://host/", (("Host", "host"), ("Content-Length", "6")), b"abcdef")


@pytest.fixture
def transport() -> Iterator[SocketTransport]:
    with closing(SocketTransport(timeout_s=2, deadline_s=4)) as transport:
        yield transport


def post(url: str, body: bytes = b"abcdef") -> Request:
    return Request("POST", f"{url}/", (("Authorization", "signed"),), body)


# --- what is sent -------------------------------------------------------------------------------


def test_a_request_that_is_framed_as_usual_stays_as_it_is() -> None:
    assert USUAL.apply(POST) == POST


@pytest.mark.parametrize(
    ("lengths", "stated"),
    [((), []), ((0,), ["6"]), ((-1, 2), ["5", "8"]), (("{}x",), ["6x"]), (("none",), ["none"])],
)
def test_lengths_are_stated_as_they_are_said_to_be(
    lengths: tuple[int | str, ...], stated: list[str]
) -> None:
    framed = Framing("name", "is odd", lengths=lengths).apply(POST)

    assert framed.headers == (("Host", "host"), *(("Content-Length", each) for each in stated))
    assert framed.body == POST.body


def test_a_body_is_cut_into_chunks() -> None:
    framed = Framing("name", "is odd", lengths=(), chunks=4, extension=";a=b").apply(POST)

    assert framed.headers == (("Host", "host"), ("Transfer-Encoding", "chunked"))
    assert framed.body == b"2;a=b\r\nab\r\n2;a=b\r\ncd\r\n2;a=b\r\nef\r\n0\r\n\r\n"


def test_chunks_can_lack_their_end() -> None:
    framed = Framing("name", "is odd", lengths=(), chunks=1, last_chunk=b"").apply(POST)

    assert framed.body == b"6\r\nabcdef\r\n"


# --- how it is sent -----------------------------------------------------------------------------


@define
class Recorder:
    """A peer that is told what to do with a connection, and keeps what came over each."""

    url: str
    heard: list[bytes] = field(factory=list)


@contextmanager
def recording(peer: Callable[[socket.socket, Recorder], None]) -> Iterator[Recorder]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5)
        recorder = Recorder(f"http://127.0.0.1:{listener.getsockname()[1]}")

        def serve() -> None:
            sock, _ = listener.accept()
            with sock:
                sock.settimeout(5)
                peer(sock, recorder)

        thread = threading.Thread(target=serve)
        thread.start()
        yield recorder
        thread.join()


def up_to(sock: socket.socket, end: bytes) -> bytes:
    data = b""
    while not data.endswith(end):
        more = sock.recv(65536)
        if not more:
            break
        data += more
    return data


def test_the_sending_half_ends_and_the_answer_is_read(transport: SocketTransport) -> None:
    def peer(sock: socket.socket, recorder: Recorder) -> None:
        recorder.heard.append(up_to(sock, b"until the end"))
        sock.sendall(OK)

    how = Framing("name", "is odd", lengths=(1,), hangs_up=True)
    with recording(peer) as recorder:
        (exchange,) = transport.converse([Framed(how, post(recorder.url))])

    assert exchange.fault is None
    head, _, body = recorder.heard[0].partition(b"\r\n\r\n")
    assert b"Content-Length: 7" in head
    assert body == b"abcdef"
    assert exchange.request.header("Content-Length") == "7"


@pytest.mark.parametrize("tells", [b"HTTP/1.1 100 Continue\r\n\r\n", b""], ids=["told", "not told"])
def test_a_body_waits_for_100_and_no_longer_than_it_is_said_to(
    tells: bytes, transport: SocketTransport
) -> None:
    def peer(sock: socket.socket, recorder: Recorder) -> None:
        recorder.heard.append(up_to(sock, b"\r\n\r\n"))
        sock.sendall(tells)
        recorder.heard.append(up_to(sock, b"abcdef"))
        sock.sendall(OK)

    how = Framing("name", "is odd", headers=(("Expect", "100-continue"),), waits_s=0.2)
    with recording(peer) as recorder:
        (exchange,) = transport.converse([Framed(how, post(recorder.url))])

    assert (exchange.response and exchange.response.status) == 200
    assert recorder.heard[0].endswith(b"\r\n\r\n")
    assert recorder.heard[1] == b"abcdef"
    assert (exchange.elapsed_s >= 0.2) is not bool(tells)


def test_requests_go_over_one_connection_of_their_own(transport: SocketTransport) -> None:
    with serving({"/": answer(OK)}) as server:
        transport.send(post(server.base_url))
        said = [Framed(USUAL, post(server.base_url)), Framed(USUAL, post(server.base_url))]
        exchanges = transport.converse(said)
        transport.send(post(server.base_url))

    assert [e.response and e.response.status for e in exchanges] == [200, 200]
    assert (server.connections, len(server.requests)) == (2, 4)


def closing_after(data: bytes) -> Behaviour:
    def behaviour(peer: Peer) -> None:
        peer.send(data)
        peer.close()

    return behaviour


@pytest.mark.parametrize(
    "first",
    [
        closing_after(response(b"{}", headers="Connection: close\r\n")),
        closing_after(b""),
        BEHAVIOURS["/length-long"],
    ],
    ids=["said", "silent", "broken"],
)
def test_nothing_follows_on_a_connection_that_is_closed(
    first: Behaviour, transport: SocketTransport
) -> None:
    with serving({"/": first}) as server:
        said = [Framed(USUAL, post(server.base_url)), Framed(USUAL, post(server.base_url))]
        exchanges = transport.converse(said)

    assert len(exchanges) == 1
    assert len(server.requests) == 1


def test_what_came_too_much_is_the_answer_to_what_follows(transport: SocketTransport) -> None:
    other = response(b"[]", status="400 Bad Request")
    with serving({"/": answer(OK + other)}) as server:
        said = [Framed(USUAL, post(server.base_url)), Framed(USUAL, post(server.base_url))]
        first, second = transport.converse(said)

    assert (first.fault, second.fault) == (None, None)
    assert (first.response and first.response.body) == b"{}"
    assert (second.response and second.response.body) == b"[]"


def test_where_nobody_listens_nothing_is_said(transport: SocketTransport) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    said = [Framed(USUAL, post(f"http://127.0.0.1:{port}"))] * 2
    (exchange,) = transport.converse(said)

    assert exchange.fault is not None
    assert (exchange.fault.kind, exchange.fault.when) == ("refused", "connect")

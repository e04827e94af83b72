"""Whatever a peer does, sending returns in time, with what came and with the right word for it."""

from __future__ import annotations

import random
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import closing

import pytest
from attrs import evolve
from hostile import BEHAVIOURS, Behaviour, Peer, answer, hostile_server, response, serving

from conformance.wire.exchange import Exchange, Request
from conformance.wire.transport import SocketTransport

MAX_BODY = 256 * 1024
GENEROUS_S = 5.0


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    with hostile_server() as url:
        yield url


@pytest.fixture
def transport() -> Iterator[SocketTransport]:
    with closing(SocketTransport(timeout_s=0.2, deadline_s=0.3, max_body=MAX_BODY)) as transport:
        yield transport


FAULTS = {
    "/bad-status": ("protocol", "headers"),
    "/chunk-of-endless-size": ("too-large", "body"),
    "/chunks-cut": ("broken-length", "body"),
    "/chunks-endless-tiny": ("too-large", "body"),
    "/chunks-garbage": ("protocol", "body"),
    "/close": ("closed", "headers"),
    "/close-in-headers": ("closed", "headers"),
    "/drip-body": ("timeout", "body"),
    "/drip-headers": ("timeout", "headers"),
    "/drip-status": ("timeout", "headers"),
    "/early-hints": ("unsupported", "headers"),
    "/endless-body": ("too-large", "body"),
    "/endless-continue": ("too-large", "headers"),
    "/endless-header-line": ("too-large", "headers"),
    "/garbage": ("protocol", "headers"),
    "/hang": ("timeout", "headers"),
    "/hang-in-body": ("timeout", "body"),
    "/header-without-colon": ("protocol", "headers"),
    "/http-0.9": ("protocol", "headers"),
    "/http-2": ("protocol", "headers"),
    "/length-huge": ("broken-length", "body"),
    "/length-long": ("broken-length", "body"),
    "/length-no-number": ("broken-length", "headers"),
    "/length-short": ("surplus", "body"),
    "/length-twice": ("broken-length", "headers"),
    "/no-content-with-body": ("surplus", "body"),
    "/reset": ("reset", "headers"),
    "/reset-in-body": ("reset", "body"),
    "/ten-megabytes-of-headers": ("too-large", "headers"),
    "/two-responses": ("surplus", "body"),
}
RESPONSES = {
    "/bad-utf-8": (200, b'{"name": "\xff\xfe"}'),
    "/close-before-second": (200, b""),
    "/close-silently-after": (200, b"{}"),
    "/html-502": (502, b"<html>nginx</html>\r\n"),
    "/no-length": (200, b"{}"),
    "/ok": (200, b"{}"),
    "/redirect": (302, b""),
}


def test_every_behaviour_of_the_hostile_server_is_expected_here() -> None:
    assert sorted(FAULTS | RESPONSES) == sorted(BEHAVIOURS)


def send(transport: SocketTransport, url: str, method: str = "GET") -> Exchange:
    started = time.monotonic()
    exchange = transport.send(Request(method, url))
    assert time.monotonic() - started < GENEROUS_S
    return exchange


@pytest.mark.parametrize("path", sorted(FAULTS))
def test_a_fault_is_named_and_the_next_request_is_not_touched_by_it(
    path: str, base_url: str, transport: SocketTransport
) -> None:
    exchange = send(transport, base_url + path)
    assert exchange.fault is not None
    assert (exchange.fault.kind, exchange.fault.when) == FAULTS[path]

    after = send(transport, f"{base_url}/ok", "POST")
    assert after.fault is None
    assert after.response is not None
    assert after.response.body == b"{}"


@pytest.mark.parametrize("path", sorted(RESPONSES))
def test_an_odd_but_whole_response_is_given_as_it_came(
    path: str, base_url: str, transport: SocketTransport
) -> None:
    exchange = send(transport, base_url + path)
    assert exchange.fault is None
    assert exchange.response is not None
    assert (exchange.response.status, exchange.response.body) == RESPONSES[path]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/hang-in-body", b"half"),
        ("/reset-in-body", b"half"),
        ("/length-long", b"short"),
        ("/chunks-cut", b"hellowo"),
        ("/chunks-garbage", b"hello"),
        ("/length-short", b'{"a"'),
    ],
)
def test_what_came_before_the_fault_is_kept(
    path: str, body: bytes, base_url: str, transport: SocketTransport
) -> None:
    exchange = send(transport, base_url + path)
    assert exchange.response is not None
    assert (exchange.response.status, exchange.response.body) == (200, body)


def test_what_dripped_until_the_deadline_is_kept(base_url: str, transport: SocketTransport) -> None:
    exchange = send(transport, f"{base_url}/drip-body")
    assert exchange.response is not None
    assert set(exchange.response.body) == set(b"a")


@pytest.mark.parametrize("path", [path for path in sorted(FAULTS) if "endless" in path])
def test_no_endless_response_takes_more_memory_than_a_few_bodies(
    path: str, base_url: str, transport: SocketTransport
) -> None:
    # The server's own threads hold 64 KiB at a time.
    tracemalloc.start()
    try:
        exchange = send(transport, base_url + path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert exchange.fault is not None
    assert exchange.response is None or len(exchange.response.body) <= MAX_BODY
    assert peak < 5 * 1024 * 1024


def test_the_deadline_cuts_a_wait_short(base_url: str) -> None:
    with closing(SocketTransport(timeout_s=60, deadline_s=0.2)) as transport:
        exchange = send(transport, f"{base_url}/hang")
    assert exchange.fault is not None
    assert exchange.fault.kind == "timeout"
    assert exchange.fault.message == "no answer in time (60 s for the next byte, 0.2 s in all)"


def test_a_body_of_just_the_greatest_size_is_whole() -> None:
    body = b"a" * MAX_BODY
    with (
        serving({"/": answer(response(body))}) as server,
        closing(SocketTransport(max_body=MAX_BODY)) as transport,
    ):
        exchange = send(transport, f"{server.base_url}/")
    assert exchange.fault is None
    assert exchange.response is not None
    assert exchange.response.body == body


def test_a_peer_that_does_not_read_is_a_timeout_while_sending() -> None:
    def deaf(peer: Peer) -> None:
        peer.wait(30)

    # The head says that there is no body, so the server reads no further.
    more_than_buffers_hold = Request(
        "POST", "/deaf", headers=(("Content-Length", "0"),), body=b"a" * 50_000_000
    )
    with (
        serving({"/deaf": deaf}) as server,
        closing(SocketTransport(timeout_s=0.2, deadline_s=0.3)) as transport,
    ):
        exchange = transport.send(evolve(more_than_buffers_hold, url=f"{server.base_url}/deaf"))
    assert exchange.fault is not None
    assert (exchange.fault.kind, exchange.fault.when) == ("timeout", "send")


@pytest.mark.parametrize("then", [Peer.close, lambda peer: peer.wait(30)], ids=["close", "deaf"])
def test_a_response_that_comes_before_the_request_was_read_counts(then: Behaviour) -> None:
    def refuse(peer: Peer) -> None:
        peer.send(response(status="413 Content Too Large"))
        then(peer)

    with (
        serving({"/": refuse, "/ok": BEHAVIOURS["/ok"]}) as server,
        closing(SocketTransport(timeout_s=0.2, deadline_s=2)) as transport,
    ):
        headers = (("Content-Length", "0"),)
        exchange = transport.send(
            Request("POST", f"{server.base_url}/", headers, b"a" * 50_000_000)
        )
        assert transport.send(Request("POST", f"{server.base_url}/ok")).fault is None
    assert exchange.response is not None
    assert exchange.response.status == 413


def test_no_mutilated_response_makes_sending_raise() -> None:
    rng = random.Random(20261124)
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    seeds = [response(b'{"a": 1}'), chunked, response(b"", status="204 No Content")]

    def mutilated() -> bytes:
        data = bytearray(rng.choice(seeds))
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(len(data))
            match rng.randrange(4):
                case 0:
                    data[at] = rng.randrange(256)
                case 1:
                    del data[at : at + rng.randint(1, 20)]
                case 2:
                    data[at:at] = rng.randbytes(rng.randint(1, 20))
                case _:
                    data[at:at] = data[at : at + 30]
            data = data or bytearray(b"\n")
        return bytes(data)

    def send_one(peer: Peer) -> None:
        peer.send(mutilated())
        peer.close()

    outcomes = set()
    with (
        serving({"/": send_one}) as server,
        closing(SocketTransport(timeout_s=0.5, deadline_s=1)) as transport,
    ):
        for _ in range(400):
            exchange = transport.send(Request("POST", f"{server.base_url}/"))
            assert exchange.response is not None or exchange.fault is not None
            exchange.to_json()
            outcomes.add(exchange.fault.kind if exchange.fault else "response")
    assert {"response", "protocol", "broken-length", "closed"} <= outcomes

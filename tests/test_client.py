"""What the client makes of whatever a target does: a reply, or the right one of the outcomes."""

from __future__ import annotations

import base64
import socket
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from hostile import BEHAVIOURS, Behaviour, Peer, answer, response, serving

from conformance.contract import Contract, Operation, Path, load
from conformance.target.client import Client
from conformance.target.outcomes import Deviation, Inconclusive, Outcome, TargetLost
from conformance.target.target import resolve
from conformance.wire.exchange import Request
from conformance.wire.reply import NotJson, Reply
from conformance.wire.serialize import Override, serialize
from conformance.wire.transport import SocketTransport, reachable

GENEROUS_S = 5.0


@pytest.fixture(scope="module")
def contract() -> Contract:
    return load("cleanrooms")


@pytest.fixture(scope="module")
def listing(contract: Contract) -> Operation:
    return contract.operation("ListCollaborations")


@pytest.fixture(scope="module")
def creating(contract: Contract) -> Operation:
    return contract.operation("CreateConfiguredTable")


ClientOf = Callable[..., Client]


@pytest.fixture
def client_of(contract: Contract) -> Iterator[ClientOf]:
    """Makes a client of a URL that waits 0.2 s for anything, in all 0.3 s unless told otherwise."""
    transports: list[SocketTransport] = []

    def make(url: str, deadline_s: float = 0.3) -> Client:
        transport = SocketTransport(timeout_s=0.2, deadline_s=deadline_s, max_body=256 * 1024)
        transports.append(transport)
        target = resolve(contract, endpoint_url=url)
        return Client(contract, target, transport, partial(reachable, url, 0.2))

    yield make
    for transport in transports:
        transport.close()


def outcome_of(client: Client, operation: Operation) -> Outcome:
    with pytest.raises(Outcome) as caught:
        client.call(operation, {})
    return caught.value


# --- faults ---------------------------------------------------------------------------------------

BREAKS_HTTP = {
    "/bad-status": "protocol",
    "/chunk-of-endless-size": "too-large",
    "/chunks-cut": "broken-length",
    "/chunks-endless-tiny": "too-large",
    "/chunks-garbage": "protocol",
    "/endless-body": "too-large",
    "/endless-continue": "too-large",
    "/endless-header-line": "too-large",
    "/garbage": "protocol",
    "/header-without-colon": "protocol",
    "/http-0.9": "protocol",
    "/http-2": "protocol",
    "/length-huge": "broken-length",
    "/length-long": "broken-length",
    "/length-no-number": "broken-length",
    "/length-short": "surplus",
    "/length-twice": "broken-length",
    "/no-content-with-body": "surplus",
    "/ten-megabytes-of-headers": "too-large",
    "/two-responses": "surplus",
}
CANNOT_BE_TOLD = (
    "/close",
    "/close-in-headers",
    "/drip-body",
    "/drip-headers",
    "/drip-status",
    "/early-hints",
    "/hang",
    "/hang-in-body",
    "/reset",
    "/reset-in-body",
)
ANSWERS = (
    "/bad-utf-8",
    "/close-before-second",
    "/close-silently-after",
    "/html-502",
    "/no-length",
    "/ok",
    "/redirect",
)


def test_everything_that_the_hostile_server_does_is_expected_here() -> None:
    assert sorted({*BREAKS_HTTP, *CANNOT_BE_TOLD, *ANSWERS}) == sorted(BEHAVIOURS)


@pytest.mark.parametrize(("name", "kind"), sorted(BREAKS_HTTP.items()))
def test_a_response_that_breaks_http_deviates(
    client_of: ClientOf, listing: Operation, name: str, kind: str
) -> None:
    started = time.perf_counter()
    with serving({"/collaborations": BEHAVIOURS[name]}) as server:
        # On a busy machine much is sent before it is too much.
        client = client_of(server.base_url, deadline_s=GENEROUS_S / 2)
        outcome = outcome_of(client, listing)
    assert isinstance(outcome, Deviation)
    assert outcome.cause == f"wire.{kind}@ListCollaborations"
    assert outcome.got.startswith(f"{kind}: ")
    assert outcome.exchange is client.trace[-1].exchange
    assert time.perf_counter() - started < GENEROUS_S


@pytest.mark.parametrize("name", CANNOT_BE_TOLD)
def test_a_line_that_is_cut_or_silent_is_inconclusive(
    client_of: ClientOf, listing: Operation, name: str
) -> None:
    started = time.perf_counter()
    with serving({"/collaborations": BEHAVIOURS[name]}) as server:
        client = client_of(server.base_url)
        outcome = outcome_of(client, listing)
    assert type(outcome) is Inconclusive
    assert str(outcome).startswith("no response to ListCollaborations: ")
    assert time.perf_counter() - started < GENEROUS_S


@pytest.mark.parametrize("name", ANSWERS)
def test_whatever_else_comes_is_a_reply(client_of: ClientOf, listing: Operation, name: str) -> None:
    with serving({"/collaborations": BEHAVIOURS[name]}) as server:
        reply = client_of(server.base_url).call(listing, {})
    assert isinstance(reply, Reply)


def test_html_and_bad_utf_8_are_replies_without_a_document(
    client_of: ClientOf, listing: Operation
) -> None:
    for name in ("/html-502", "/bad-utf-8"):
        with serving({"/collaborations": BEHAVIOURS[name]}) as server:
            reply = client_of(server.base_url).call(listing, {})
        assert isinstance(reply.document, NotJson)
        assert reply.output == {}


def test_a_fault_is_in_the_trace_with_the_request_that_met_it(
    client_of: ClientOf, listing: Operation
) -> None:
    with serving({"/collaborations": BEHAVIOURS["/close"]}) as server:
        client = client_of(server.base_url)
        outcome_of(client, listing)
    (step,) = client.trace
    assert step.exchange.operation == "ListCollaborations"
    assert step.exchange.response is None
    assert client.requests == 1


# --- throttling -----------------------------------------------------------------------------------


def throttling(status: str, code: str) -> Behaviour:
    return answer(
        response(
            b'{"message": "Rate exceeded"}',
            status=status,
            headers=f"x-amzn-errortype: {code}\r\n" if code else "",
        )
    )


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("429 Too Many Requests", "ThrottlingException"),
        ("429 Too Many Requests", ""),
        ("429 Too Many Requests", "TooManyRequestsException"),
        ("503 Slow Down", "SlowDown"),
        ("503 Service Unavailable", "ThrottlingException:http://internal.amazon.com/"),
        ("400 Bad Request", "ThrottlingException"),
        ("400 Bad Request", "RequestLimitExceeded"),
    ],
)
def test_being_throttled_is_inconclusive(
    client_of: ClientOf, listing: Operation, status: str, code: str
) -> None:
    # The common errors of AWS have ThrottlingException with a 400, services of their own a 429.
    with serving({"/collaborations": throttling(status, code)}) as server:
        outcome = outcome_of(client_of(server.base_url), listing)
    assert type(outcome) is Inconclusive
    assert "ListCollaborations was throttled" in str(outcome)


@pytest.mark.parametrize("code", ["", "ServiceUnavailableException"])
def test_an_outage_is_no_throttling(client_of: ClientOf, listing: Operation, code: str) -> None:
    with serving({"/collaborations": throttling("503 Service Unavailable", code)}) as server:
        assert client_of(server.base_url).call(listing, {}).status == 503


def test_what_was_throttled_is_not_judged(client_of: ClientOf, listing: Operation) -> None:
    seen: list[Reply] = []
    with serving({"/collaborations": throttling("429 Too Many Requests", "")}) as server:
        client = client_of(server.base_url)
        client.observe = lambda reply, _valid: seen.append(reply)
        outcome_of(client, listing)
    assert seen == []


# --- a target that is lost ------------------------------------------------------------------------


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def test_a_target_that_goes_away_in_the_middle_is_lost(
    client_of: ClientOf, listing: Operation
) -> None:
    with serving({"/collaborations": answer(response())}) as server:
        client = client_of(server.base_url)
        assert client.call(listing, {}).ok
    started = time.perf_counter()
    outcome = outcome_of(client, listing)
    assert isinstance(outcome, TargetLost)
    assert "cannot be reached: connection refused" in str(outcome)
    assert time.perf_counter() - started < GENEROUS_S


def test_a_target_that_restarts_at_once_is_not_lost(
    client_of: ClientOf, listing: Operation
) -> None:
    port = free_port()

    def restart() -> None:
        time.sleep(0.3)
        with socket.create_server(("127.0.0.1", port)) as listener:
            listener.settimeout(GENEROUS_S)
            listener.accept()[0].close()

    thread = threading.Thread(target=restart)
    thread.start()
    outcome = outcome_of(client_of(f"http://127.0.0.1:{port}"), listing)
    thread.join()
    assert type(outcome) is Inconclusive


def test_a_target_that_answers_nothing_any_more_is_lost(
    client_of: ClientOf, listing: Operation
) -> None:
    with serving({"/collaborations": Peer.hang, "/": Peer.hang}) as server:
        client = client_of(server.base_url)
        outcomes = [outcome_of(client, listing) for _ in range(5)]
    assert [type(outcome) for outcome in outcomes] == [*[Inconclusive] * 4, TargetLost]
    assert f"{server.base_url} answers nothing" in str(outcomes[-1])


def test_a_target_that_hangs_at_one_operation_only_is_not_lost(
    client_of: ClientOf, listing: Operation
) -> None:
    with serving({"/collaborations": Peer.hang, "/": answer(response())}) as server:
        client = client_of(server.base_url)
        outcomes = {type(outcome_of(client, listing)) for _ in range(11)}
    assert outcomes == {Inconclusive}


# --- what is sent, and what is kept of it ---------------------------------------------------------


def test_a_call_is_sent_once_signed_by_its_account_and_in_the_trace(
    client_of: ClientOf, listing: Operation
) -> None:
    with serving({"/collaborations": answer(response(b'{"collaborationList": []}'))}) as server:
        client = client_of(server.base_url)
        client.call(listing, {"maxResults": 5})
        client.call(listing, {}, account=1)
    first, second = server.requests
    assert first.startswith(b"GET /collaborations?maxResults=5 HTTP/1.1\r\n")
    assert b"Credential=111111111111/" in first
    assert b"Credential=222222222222/" in second
    assert [step.account for step in client.trace] == [0, 1]
    assert [step.role for step in client.trace] == ["check", "check"]


def test_nobody_signs_for_nobody(client_of: ClientOf, listing: Operation) -> None:
    with serving({"/collaborations": answer(response())}) as server:
        client = client_of(server.base_url)
        client.send(listing, client.request_for(listing, {}), account=None)
    assert b"authorization" not in server.requests[0].lower()
    assert client.trace[0].account is None


def test_a_value_of_the_wrong_type_is_put_where_it_was_asked_for(
    client_of: ClientOf, creating: Operation
) -> None:
    with serving({"/configuredTables": answer(response())}) as server:
        client_of(server.base_url).call(
            creating, {"name": "a"}, overrides=(Override(Path(("name",)), {"not": 1}),), valid=False
        )
    assert server.requests[0].partition(b"\r\n\r\n")[2] == b'{"name": {"not": 1}}'


def test_an_overlong_payload_of_bytes_travels_as_these_bytes() -> None:
    contract = load("apigatewaymanagementapi")
    operation = contract.operation("PostToConnection")
    too_long = Override(Path(("Data",)), base64.b64encode(b"\0" * 9).decode())
    params = {"ConnectionId": "a", "Data": b"x"}
    assert serialize(contract, operation, params, "http://x", (too_long,)).body == b"\0" * 9


def test_a_failing_write_is_not_sent_again(client_of: ClientOf, creating: Operation) -> None:
    with serving({"/configuredTables": Peer.close}) as server:
        outcome_of(client_of(server.base_url), creating)
    assert len(server.requests) == 1


def test_what_is_not_allowed_is_not_sent(client_of: ClientOf, creating: Operation) -> None:
    with serving({"/configuredTables": answer(response())}) as server:
        client = client_of(server.base_url)
        client.allowed = lambda operation: operation.read_only
        outcome = outcome_of(client, creating)
    assert type(outcome) is Inconclusive
    assert (server.requests, client.trace, client.requests) == ([], [], 0)


def test_every_reply_is_shown_to_who_judges_it_with_whether_the_input_was_valid(
    client_of: ClientOf, listing: Operation
) -> None:
    seen: list[tuple[int, bool]] = []
    with serving({"/collaborations": answer(response(b"{}"))}) as server:
        client = client_of(server.base_url)
        client.observe = lambda reply, valid: seen.append((reply.status, valid))
        client.call(listing, {})
        client.call(listing, {}, valid=False)
    assert seen == [(200, True), (200, False)]


def test_a_trace_starts_anew_and_the_count_goes_on(client_of: ClientOf, listing: Operation) -> None:
    with serving({"/collaborations": answer(response())}) as server:
        client = client_of(server.base_url)
        client.call(listing, {})
        client.start_trace()
        client.call(listing, {})
    assert (len(client.trace), client.requests) == (1, 2)


def test_the_first_server_header_names_the_target(client_of: ClientOf, listing: Operation) -> None:
    named = [answer(response(headers=f"Server: {name}\r\n")) for name in ("one/1", "two/2")]

    def in_turn(peer: Peer) -> None:
        named[peer.served](peer)

    with serving({"/collaborations": in_turn}) as server:
        client = client_of(server.base_url)
        for _ in named:
            client.call(listing, {})
    assert client.server == "one/1"


def test_a_request_that_http_cannot_carry_is_inconclusive_and_not_sent(
    client_of: ClientOf, listing: Operation
) -> None:
    with serving({}) as server:
        client = client_of(server.base_url)
        request = Request("GET", f"{server.base_url}/a b")
        with pytest.raises(Inconclusive):
            client.send(listing, request, account=None)
    assert server.requests == []

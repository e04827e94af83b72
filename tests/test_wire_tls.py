"""Over TLS everything is as without it, and only the right certificate is trusted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hostile import BEHAVIOURS, Peer, Server, answer, serving
from tls_support import self_signed, server_context

from conformance.errors import TargetUnreachable, UsageError
from conformance.wire import transport as transport_module
from conformance.wire.exchange import Request
from conformance.wire.line import READ_AHEAD
from conformance.wire.transport import SocketTransport, reachable


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return self_signed(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def server(bundle: Path) -> Iterator[Server]:
    with serving(BEHAVIOURS, context=server_context(bundle)) as server:
        yield server


def test_with_the_right_bundle_one_connection_is_kept(server: Server, bundle: Path) -> None:
    with closing(SocketTransport(verify=bundle)) as transport:
        for method in ("GET", "POST", "POST"):
            exchange = transport.send(Request(method, f"{server.base_url}/ok", (), b""))
            assert exchange.fault is None
    assert server.connections == 1


def test_an_unknown_certificate_is_a_fault_unless_nobody_cares(server: Server) -> None:
    with closing(SocketTransport()) as transport:
        fault = transport.send(Request("GET", f"{server.base_url}/ok")).fault
    assert fault is not None
    assert (fault.kind, fault.when) == ("tls", "connect")
    assert fault.message.startswith("the certificate was not accepted: self-signed certificate")

    with closing(SocketTransport(verify=False)) as transport:
        assert transport.send(Request("GET", f"{server.base_url}/ok")).fault is None


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/close", "closed"),
        ("/drip-body", "timeout"),
        ("/endless-body", "too-large"),
        ("/hang", "timeout"),
        ("/length-long", "broken-length"),
        ("/two-responses", "surplus"),
    ],
)
def test_faults_are_the_same_over_tls(path: str, kind: str, server: Server) -> None:
    bounds = {"timeout_s": 0.2, "deadline_s": 0.4, "max_body": 100_000}
    with closing(SocketTransport(verify=False, **bounds)) as transport:
        fault = transport.send(Request("POST", server.base_url + path)).fault
        assert fault is not None
        assert fault.kind == kind
        assert transport.send(Request("POST", f"{server.base_url}/ok")).fault is None


def test_a_server_that_closes_silently_is_no_fault_over_tls(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport_module, "_PROBATION_S", 2.0)  # the machine may be busy
    with closing(SocketTransport(verify=False)) as transport:
        for _ in range(3):
            url = f"{server.base_url}/close-silently-after"
            assert transport.send(Request("POST", url)).fault is None


def test_bytes_that_tls_has_already_decrypted_are_not_the_next_response(bundle: Path) -> None:
    # What is read ahead ends with the response, and the rest of the TLS record is beyond it.
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 8000\r\nX-Padding: "
    head += b"a" * (READ_AHEAD - 8000 - len(head) - 4) + b"\r\n\r\n"
    behaviours = {"/": answer(head, b"a" * 8000, b"more"), "/ok": BEHAVIOURS["/ok"]}
    with (
        serving(behaviours, context=server_context(bundle)) as server,
        closing(SocketTransport(verify=bundle)) as transport,
    ):
        transport.send(Request("POST", f"{server.base_url}/"))
        assert transport.send(Request("POST", f"{server.base_url}/ok")).fault is None


def test_a_server_without_tls_is_no_tls_target(monkeypatch: pytest.MonkeyPatch) -> None:
    # As real servers do, it complains of the handshake without waiting for the end of a line.
    monkeypatch.setattr("hostile._read_request", lambda _peer: b"GET /garbage HTTP/1.1")
    with serving(BEHAVIOURS) as server:
        url = server.base_url.replace("http:", "https:")
        with pytest.raises(
            TargetUnreachable, match=r"cannot be reached: .*Does the server speak TLS"
        ):
            reachable(url, 1, verify=False)


def test_a_handshake_that_never_ends_is_a_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    # A plain server waits for the end of a request that a handshake never has.
    monkeypatch.setattr("hostile._read_request", Peer.hang)
    with serving({}) as server:
        url = server.base_url.replace("http:", "https:")
        with pytest.raises(TargetUnreachable, match="no answer in time"):
            reachable(url, 0.2, verify=False)


def test_reachable_checks_the_certificate(server: Server, bundle: Path) -> None:
    reachable(server.base_url, 1, verify=bundle)
    with pytest.raises(TargetUnreachable, match="certificate was not accepted"):
        reachable(server.base_url, 1)


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_bundle_that_cannot_be_read_is_wrong_usage(content: str | None, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.pem"
    if content is not None:
        bundle.write_text(content)
    with pytest.raises(UsageError, match=r"bundle\.pem' cannot be read"):
        reachable("https://127.0.0.1:1", 1, verify=bundle)

"""A server of raw sockets that does on each path something else that no client wishes for.

``with hostile_server() as base_url`` is all that most tests need. A test that has to see what was
sent brings its own behaviours: ``with serving({"/": answer(b"...")}) as server``.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Mapping

from attrs import define, field

#: How long between the bytes of something that drips.
DRIP_S = 0.02


class HungUp(Exception):  # noqa: N818 - how every conversation here ends, no error
    """The client has gone, or the test is over."""


@define
class Peer:
    """One connection, as a behaviour sees it."""

    sock: socket.socket
    over: threading.Event
    request: bytes = b""
    served: int = 0

    def send(self, data: bytes) -> None:
        try:
            self.sock.sendall(data)
        except OSError as error:
            raise HungUp from error

    def drip(self, data: bytes) -> None:
        """One byte at a time, for as long as the client lasts."""
        for byte in data:
            self.send(bytes([byte]))
            self.wait(DRIP_S)

    def wait(self, seconds: float) -> None:
        if self.over.wait(seconds):
            raise HungUp

    def hang(self) -> None:
        """Until the client hangs up."""
        self.sock.settimeout(DRIP_S)
        while not self.over.is_set():
            try:
                if not self.sock.recv(65536):
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        raise HungUp

    def close(self) -> None:
        raise HungUp

    def reset(self) -> None:
        """Closes so that the client gets a reset, not an end."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise HungUp


#: What is done with a request; after it returns, the next one is read from the same connection.
Behaviour = Callable[[Peer], None]


def response(body: bytes = b"{}", *, status: str = "200 OK", headers: str = "") -> bytes:
    """A faultless response."""
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{headers}"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode("latin-1") + body


def answer(*pieces: bytes, then: Behaviour | None = None) -> Behaviour:
    """Sends some bytes at once, and then does something else."""

    def behaviour(peer: Peer) -> None:
        peer.send(b"".join(pieces))
        if then is not None:
            then(peer)

    return behaviour


_OPEN = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
_CHUNKED = _OPEN + b"Transfer-Encoding: chunked\r\n\r\n"


def _drip_headers(peer: Peer) -> None:
    peer.send(_OPEN)
    peer.drip(b"X-Drip: " + b"a" * 100_000)


def _drip_status(peer: Peer) -> None:
    peer.drip(b"HTTP/1.1 200 " + b"O" * 100_000)


def _drip_body(peer: Peer) -> None:
    peer.send(_OPEN + b"Content-Length: 100000\r\n\r\n")
    peer.drip(b"a" * 100_000)


def _interim_for_ever(peer: Peer) -> None:
    while True:
        peer.send(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)


def _endless_body(peer: Peer) -> None:
    peer.send(_OPEN + b"Connection: close\r\n\r\n")
    while True:
        peer.send(b"a" * 65536)


def _endless_chunk(peer: Peer) -> None:
    # http.client reads a chunk of this size to the end of the connection.
    peer.send(_CHUNKED + b"-1\r\n")
    while True:
        peer.send(b"a" * 65536)


def _endless_tiny_chunks(peer: Peer) -> None:
    peer.send(_CHUNKED)
    while True:
        peer.send(b"1;padding=aaaaaaaaaaaaaaaaaaaa\r\na\r\n" * 2000)


def _ten_megabytes_of_headers(peer: Peer) -> None:
    peer.send(_OPEN)
    line = b"X-Header: " + b"a" * 1000 + b"\r\n"
    for _ in range(10_000):
        peer.send(line)
    peer.send(b"\r\n")


def _endless_header_line(peer: Peer) -> None:
    peer.send(_OPEN + b"X-Header: ")
    while True:
        peer.send(b"a" * 65536)


def _then_silently_closed(peer: Peer) -> None:
    peer.send(response())
    peer.close()


def _only_the_first(peer: Peer) -> None:
    # The second request meets the end of the connection on its way.
    if peer.served == 0:
        peer.send(response(b""))
    else:
        peer.close()


BEHAVIOURS: Mapping[str, Behaviour] = {
    "/bad-status": answer(b"HTTP/1.1 OK\r\n\r\n", then=Peer.close),
    "/bad-utf-8": answer(response(b'{"name": "\xff\xfe"}')),
    "/chunk-of-endless-size": _endless_chunk,
    "/chunks-cut": answer(_CHUNKED, b"5\r\nhello\r\n", b"5\r\nwo", then=Peer.close),
    "/chunks-endless-tiny": _endless_tiny_chunks,
    "/chunks-garbage": answer(_CHUNKED, b"5\r\nhello\r\n", b"what?\r\n", then=Peer.hang),
    "/close": Peer.close,
    "/close-in-headers": answer(_OPEN, then=Peer.close),
    "/close-silently-after": _then_silently_closed,
    "/close-before-second": _only_the_first,
    "/drip-body": _drip_body,
    "/drip-headers": _drip_headers,
    "/drip-status": _drip_status,
    "/early-hints": answer(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", response()),
    "/endless-body": _endless_body,
    "/endless-continue": _interim_for_ever,
    "/endless-header-line": _endless_header_line,
    "/garbage": answer(b"\x00\x01\x02 this is no HTTP\r\n\r\n", then=Peer.close),
    "/hang": Peer.hang,
    "/hang-in-body": answer(_OPEN, b"Content-Length: 10\r\n\r\nhalf", then=Peer.hang),
    "/header-without-colon": answer(
        _OPEN, b"this is no header\r\nContent-Length: 2\r\n\r\n{}", then=Peer.hang
    ),
    "/html-502": answer(
        b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 20\r\n\r\n",
        b"<html>nginx</html>\r\n",
    ),
    "/http-0.9": answer(b"<html>hello</html>\n", then=Peer.close),
    "/http-2": answer(b"HTTP/2.0 200 OK\r\n\r\n", then=Peer.close),
    "/length-long": answer(_OPEN, b"Content-Length: 1000000\r\n\r\nshort", then=Peer.close),
    "/length-huge": answer(
        _OPEN, b"Content-Length: 99999999999999999999\r\n\r\nshort", then=Peer.close
    ),
    "/length-no-number": answer(_OPEN, b"Content-Length: many\r\n\r\n{}", then=Peer.hang),
    "/length-short": answer(_OPEN, b'Content-Length: 4\r\n\r\n{"a": "much more than that"}'),
    "/length-twice": answer(_OPEN, b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} "),
    "/no-content-with-body": answer(b"HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n", b"{}"),
    "/no-length": answer(_OPEN, b"\r\n{}", then=Peer.close),
    "/ok": answer(response()),
    "/redirect": answer(response(b"", status="302 Found", headers="Location: /redirect\r\n")),
    "/reset": Peer.reset,
    "/reset-in-body": answer(_OPEN, b"Content-Length: 10\r\n\r\nhalf", then=Peer.reset),
    "/ten-megabytes-of-headers": _ten_megabytes_of_headers,
    "/two-responses": answer(response(b'{"first": 1}') + response(b'{"never": "asked for"}')),
}


@define
class Server:
    """A server while it runs, and what came to it."""

    base_url: str
    requests: list[bytes] = field(factory=list)
    connections: int = 0


@contextlib.contextmanager
def serving(
    behaviours: Mapping[str, Behaviour], *, context: ssl.SSLContext | None = None
) -> Iterator[Server]:
    """A server with one behaviour per path; on any other path it answers 404.

    Args:
        behaviours: by path, without a query; a 404 that breaks off nothing on every other path.
        context: for TLS.
    """
    listener = socket.create_server(("127.0.0.1", 0), backlog=16)
    listener.settimeout(DRIP_S)
    scheme = "https" if context else "http"
    server = Server(f"{scheme}://127.0.0.1:{listener.getsockname()[1]}")
    over = threading.Event()
    threads: list[threading.Thread] = []

    def accept() -> None:
        while not over.is_set():
            try:
                sock, _ = listener.accept()
            except TimeoutError:
                continue
            server.connections += 1
            thread = threading.Thread(target=_serve, args=(sock, behaviours, server, over, context))
            threads.append(thread)
            thread.start()

    acceptor = threading.Thread(target=accept)
    acceptor.start()
    try:
        yield server
    finally:
        over.set()
        acceptor.join()
        for thread in threads:
            thread.join()
        listener.close()


@contextlib.contextmanager
def hostile_server() -> Iterator[str]:
    """A server with all of :data:`BEHAVIOURS`; gives its base URL."""
    with serving(BEHAVIOURS) as server:
        yield server.base_url


def _serve(
    sock: socket.socket,
    behaviours: Mapping[str, Behaviour],
    server: Server,
    over: threading.Event,
    context: ssl.SSLContext | None,
) -> None:
    peer = Peer(sock, over)
    try:
        if context is not None:
            sock.settimeout(5)
            peer.sock = context.wrap_socket(sock, server_side=True)
        while True:
            peer.request = _read_request(peer)
            server.requests.append(peer.request)
            path = peer.request.split(b" ", 2)[1].partition(b"?")[0].decode("latin-1")
            behaviour = behaviours.get(path, answer(response(status="404 Not Found")))
            peer.sock.settimeout(5)
            behaviour(peer)
            peer.served += 1
    except (HungUp, OSError):
        pass  # how each of these conversations ends
    finally:
        peer.sock.close()
        sock.close()


def _read_request(peer: Peer) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += _receive(peer)
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [
        int(line.partition(b":")[2])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    ]
    while len(body) < sum(lengths[:1]):
        more = _receive(peer)
        data += more
        body += more
    return data


def _receive(peer: Peer) -> bytes:
    peer.sock.settimeout(DRIP_S)
    while not peer.over.is_set():
        try:
            data = peer.sock.recv(65536)
        except TimeoutError:
            continue
        if not data:
            raise HungUp
        return data
    raise HungUp

"""HTTP servers of raw sockets before a WSGI application, each with its own way to read requests.

The default way is that of RFC 9112; the others break with it, or do what it leaves to a server.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import select
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Any, Self

from attrs import define, field, frozen

#: How long a server waits for anything that it does not get.
PATIENCE_S = 5.0
_TARGET = re.compile(r"([!-~]+) ([!-~]+) HTTP/1\.[01]")


class Ends(Exception):  # noqa: N818 - how a conversation ends, no error
    """The connection is closed without an answer."""


class Refused(Exception):  # noqa: N818 - an answer
    """The request is answered before the application sees it."""

    def __init__(self, status: int, *, closes: bool = True) -> None:
        super().__init__(status)
        self.status = status
        self.closes = closes


@frozen
class Head:
    """What stands before a body."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name]

    @property
    def chunked(self) -> bool:
        return self.all("transfer-encoding") == ["chunked"]


@define
class Stream:
    """What a client sends."""

    sock: socket.socket
    buffer: bytes = b""

    def _more(self) -> bool:
        data = self.sock.recv(65536)
        self.buffer += data
        return bool(data)

    def line(self) -> bytes:
        while b"\r\n" not in self.buffer:
            if not self._more():
                raise Ends
        line, _, self.buffer = self.buffer.partition(b"\r\n")
        return line

    def up_to(self, count: int) -> bytes:
        """So many bytes, or fewer if the client has ended."""
        while len(self.buffer) < count and self._more():
            pass
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def exactly(self, count: int) -> bytes:
        data = self.up_to(count)
        if len(data) < count:
            raise Ends
        return data

    def whatever(self) -> bytes:
        """All that has come so far."""
        while select.select([self.sock], [], [], 0.05)[0] and self._more():
            pass
        data, self.buffer = self.buffer, b""
        return data

    def head(self) -> Head:
        match = _TARGET.fullmatch(self.line().decode("latin-1"))
        if match is None:
            raise Refused(400)
        headers = []
        while line := self.line().decode("latin-1"):
            name, _, value = line.partition(":")
            headers.append((name, value.strip()))
        return Head(match[1], match[2], tuple(headers))


#: Reads a body; raises Refused, or Ends.
Reads = Callable[[Head, Stream], bytes]


def length_of(head: Head) -> int:
    lengths = set(head.all("content-length") or ["0"])
    if len(lengths) > 1 or not all(length.isdigit() for length in lengths):
        raise Refused(400)
    return int(lengths.pop())


def chunks_of(stream: Stream) -> bytes:
    body = b""
    while size := int(stream.line().partition(b";")[0], 16):
        body += stream.exactly(size)
        stream.line()
    while stream.line():
        pass
    return body


def reads_whole(head: Head, stream: Stream) -> bytes:
    """As RFC 9112 has it."""
    if head.all("expect") and not stream.buffer:
        stream.sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    return chunks_of(stream) if head.chunked else stream.exactly(length_of(head))


def closes_if_in_doubt(head: Head) -> bool:
    return head.chunked and bool(head.all("content-length"))


@frozen
class Server:
    """A kind of server; called with an application, it listens.

    Attributes:
        closes: whether the connection is closed after the answer.
        context: for TLS.
    """

    reads: Reads = reads_whole
    closes: Callable[[Head], bool] = closes_if_in_doubt
    context: ssl.SSLContext | None = None

    def __call__(self, app: Any) -> Listening:
        return Listening(app, self)


@define(eq=False)
class Listening:
    """A server with its application; serves while it is a context manager."""

    app: Any
    kind: Server
    _listener: socket.socket = field(init=False)
    _threads: list[threading.Thread] = field(factory=list, init=False)
    _peers: list[socket.socket] = field(factory=list, init=False)

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._start(self._accept)
        return self

    def __exit__(self, *_error: object) -> None:
        for sock in (self._listener, *self._peers):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        for thread in self._threads:
            thread.join()

    @property
    def url(self) -> str:
        scheme = "https" if self.kind.context else "http"
        return f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}"

    def _start(self, work: Callable[..., None], *arguments: Any) -> None:
        thread = threading.Thread(target=work, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.settimeout(PATIENCE_S)
            self._peers.append(sock)
            self._start(self._serve, sock)

    def _serve(self, sock: socket.socket) -> None:
        if self.kind.context is not None:
            try:
                sock = self.kind.context.wrap_socket(sock, server_side=True)
            except OSError:
                return
        stream = Stream(sock)
        with sock, contextlib.suppress(OSError, Ends):
            while self._answer(stream):
                pass
            # Closing at once would take back what the client has not read yet.
            sock.shutdown(socket.SHUT_WR)
            while sock.recv(65536):
                pass

    def _answer(self, stream: Stream) -> bool:
        """Answers a request; whether another may follow."""
        try:
            head = stream.head()
            body = self.kind.reads(head, stream)
        except Refused as refused:
            document = json.dumps({"message": "Refused."}).encode()
            headers = [
                ("Content-Type", "application/json"),
                ("x-amzn-errortype", "ValidationException"),
                ("Content-Length", str(len(document))),
            ]
            stream.sock.sendall(_written(f"{refused.status} Refused", headers, document))
            return not refused.closes
        started: list[tuple[str, list[tuple[str, str]]]] = []
        environ = _environ(head, body)
        answer = b"".join(self.app(environ, lambda *start: started.append(start)))
        ((status, headers),) = started
        stream.sock.sendall(_written(status, headers, answer))
        return not self.kind.closes(head)


def _environ(head: Head, body: bytes) -> dict[str, Any]:
    environ: dict[str, Any] = {
        "framing.lengths": head.all("content-length"),
        "REQUEST_METHOD": head.method,
        "REQUEST_URI": head.target,
        "wsgi.input": io.BytesIO(body),
    }
    for name, value in head.headers:
        environ["HTTP_" + name.upper().replace("-", "_")] = value
    environ["CONTENT_TYPE"] = environ.pop("HTTP_CONTENT_TYPE", "")
    environ["CONTENT_LENGTH"] = str(len(body))
    return environ


def _written(status: str, headers: list[tuple[str, str]], body: bytes) -> bytes:
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode("latin-1") + body


# --- servers that break with RFC 9112 ----------------------------------------------------------


def takes_what_comes(head: Head, stream: Stream) -> bytes:
    """Looks at no length where the body is not cut into chunks."""
    return reads_whole(head, stream) if head.chunked or head.all("expect") else stream.whatever()


def fills_up(head: Head, stream: Stream) -> bytes:
    """Takes the end of the connection for the end of the body."""
    if not head.chunked:
        return stream.up_to(length_of(head))
    body = b""
    with contextlib.suppress(Ends):
        while size := int(stream.line().partition(b";")[0], 16):
            body += stream.up_to(size)
            stream.line()
        stream.line()
    return body


def takes_the_last_number(head: Head, stream: Stream) -> bytes:
    """Takes for the length what begins with a number, the last of several."""
    if head.chunked:
        return reads_whole(head, stream)
    lengths = [re.match(r"\d*", length) for length in head.all("content-length") or ["0"]]
    return stream.exactly(int(lengths[-1][0] if lengths[-1] else 0))


def knows_no_extension(head: Head, stream: Stream) -> bytes:
    if head.chunked:
        size = stream.line()
        if b";" in size:
            raise Refused(500)
        stream.buffer = size + b"\r\n" + stream.buffer
    return reads_whole(head, stream)


def expects_nothing(head: Head, stream: Stream) -> bytes:
    """Knows no Expect, and no body behind it."""
    return b"" if head.all("expect") else reads_whole(head, stream)


def leaves_unread(head: Head, stream: Stream) -> bytes:
    """Does not look for a body where none is wanted, and knows no chunks."""
    if head.chunked:
        raise Refused(411, closes=False)
    wanted = head.method != "GET" and not head.target.endswith("/nowhere")
    return reads_whole(head, stream) if wanted else b""


# --- servers that may do what they do -----------------------------------------------------------


def wants_lengths(head: Head, stream: Stream) -> bytes:
    if head.chunked or (head.method == "POST" and not head.all("content-length")):
        raise Refused(411)
    return reads_whole(head, stream)


def knows_no_coding(head: Head, stream: Stream) -> bytes:
    if head.all("transfer-encoding"):
        raise Refused(501)
    return reads_whole(head, stream)


def fails_expectations(head: Head, stream: Stream) -> bytes:
    if head.all("expect"):
        raise Refused(417)
    return reads_whole(head, stream)


def says_nothing(head: Head, stream: Stream) -> bytes:
    """Closes where it would refuse, and never says to continue."""
    try:
        return chunks_of(stream) if head.chunked else stream.exactly(length_of(head))
    except Refused:
        raise Ends from None


def keeps_nothing_open(_head: Head) -> bool:
    return True

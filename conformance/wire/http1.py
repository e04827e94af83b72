"""One HTTP/1.1 connection that is bounded in time and in bytes, whatever the peer does.

http.client frames requests and responses; what it reads and writes goes through a line that keeps
to the deadline, counts the bytes and remembers why they ended. urllib3's pools are not used: they
rewrite paths, and bound single waits only. Must not know of retries or of other connections.
"""

from __future__ import annotations

import http.client
import re
import socket
import time
from typing import Final, cast

from attrs import evolve, frozen

from conformance.wire.dial import Deadline, fault_of
from conformance.wire.exchange import Fault, Request, Response
from conformance.wire.framing import USUAL, Framing
from conformance.wire.line import Incoming, Line

USER_AGENT: Final = "aws-conformance"
_BODYLESS_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_AT_ONCE: Final = 64 * 1024
_VERSIONS: Final = {10: "HTTP/1.0", 11: "HTTP/1.1"}

# Chunks and headers are bytes too, and http.client reads past some of them without end.
_ROOM_FOR_FRAMING: Final = 1024 * 1024

_FOLD: Final = re.compile(r"\r?\n[ \t]+")

_FIRST_FINAL: Final = 200
_NO_CONTENT: Final = 204
_NOT_MODIFIED: Final = 304


@frozen
class Answer:
    """What a connection gave for a request.

    Attributes:
        silent: whether the fault came before the first byte of a response.
    """

    response: Response | None
    fault: Fault | None
    silent: bool = False


def complete(request: Request) -> Request:
    """The request with what it lacks of the headers that HTTP/1.1 wants and botocore adds."""
    present = {name.lower() for name, _ in request.headers}
    added = [] if "host" in present else [("Host", request.host)]
    if "accept-encoding" not in present:
        added.append(("Accept-Encoding", "identity"))
    if "user-agent" not in present:
        added.append(("User-Agent", USER_AGENT))
    framed = "content-length" in present or "transfer-encoding" in present
    if not framed and (request.body or request.method not in _BODYLESS_METHODS):
        added.append(("Content-Length", str(len(request.body))))
    return evolve(request, headers=(*request.headers, *added)) if added else request


class Connection:
    """One connection and the requests that go over it, one after the other.

    Args:
        sock: connected; this object closes it.
        max_body: how many bytes of a body are read.

    Attributes:
        reusable: whether the next response will be one to the next request.
        left: what came behind the last response; it is read as the beginning of the next one.
    """

    def __init__(self, sock: socket.socket, max_body: int) -> None:
        self._line = Line(sock, 2 * max_body + _ROOM_FOR_FRAMING)
        self._max_body = max_body
        # The name is not used: Host is always among the headers.
        self._engine = http.client.HTTPConnection("unused")
        self._engine.sock = cast("socket.socket", self._line)
        self._used = time.monotonic()
        self.reusable = True
        self.left = b""

    @property
    def idle_s(self) -> float:
        """For how long nothing was sent over it, in seconds."""
        return time.monotonic() - self._used

    def is_quiet(self, wait_s: float = 0.0) -> bool:
        """Whether nothing has come since the last response, nor comes for a while.

        The end of the connection is a reason not to use it again, and so are bytes that nobody
        asked for: they would be read as the response to the next request.
        """
        return self._line.is_quiet(wait_s)

    def close(self) -> None:
        """Closes it; may be called twice."""
        self.reusable = False
        self._engine.close()
        self._line.hang_up()

    def exchange(self, request: Request, deadline: Deadline, how: Framing = USUAL) -> Answer:
        """Sends a request and reads the response; never raises for what the peer does.

        After a fault, or where the peer wants it, the connection is closed; unless the fault is
        that something is left to be read from it.

        Args:
            request: as it is sent, with its framing.
            how: what else is done while it is sent.
        """
        self.reusable = False  # unless all goes well, and nobody interrupts
        answer = self._exchange(request, deadline, how)
        only_too_much = answer.fault is not None and answer.fault.kind == "surplus"
        self.left = self._line.incoming.surplus if only_too_much else b""
        if not self.reusable and not self.left:
            self.close()
        self._used = time.monotonic()
        return answer

    def _exchange(self, request: Request, deadline: Deadline, how: Framing) -> Answer:
        self._line.start(deadline, self.left)
        unsendable = self._write(request)
        if unsendable is not None:
            return Answer(None, unsendable)
        broken = self._send(how)
        # A peer may answer before it has read all, and read no more: there can be a response.
        answer = self._read(request.method, deadline)
        if broken is None:
            return answer
        self.reusable = False  # the peer still waits for the rest of this request
        if answer.response is None:
            return Answer(None, fault_of(broken, "send", deadline), answer.silent)
        return answer

    def _send(self, how: Framing) -> OSError | None:
        broken = self._line.flush_first(how.waits_s) if how.waits_s else None
        broken = broken or self._line.flush()
        if how.hangs_up:
            self._line.end_sending()
        return broken

    def _write(self, request: Request) -> Fault | None:
        """Writes the request to the line, or says why HTTP/1.1 cannot carry it."""
        engine, target = self._engine, request.target
        try:
            engine.putrequest(request.method, target, skip_host=True, skip_accept_encoding=True)
        except (ValueError, http.client.HTTPException) as error:
            return Fault("unsendable", str(error), "send")
        for name, value in request.headers:
            try:
                engine.putheader(name, value.encode())
            except ValueError:  # its text quotes the value, which may be a credential
                return Fault("unsendable", f"the header {name!r} cannot be sent as it is", "send")
        engine.endheaders(request.body)
        return None

    def _read(self, method: str, deadline: Deadline) -> Answer:
        try:
            raw = self._engine.getresponse()
        except (http.client.HTTPException, ValueError) as error:
            incoming = self._line.incoming
            fault = incoming.why_ended("headers", deadline) or _broken_head(error)
            return Answer(None, fault, silent=incoming.received == 0)
        try:
            return self._finish(method, raw, deadline)
        finally:
            raw.close()

    def _finish(self, method: str, raw: http.client.HTTPResponse, deadline: Deadline) -> Answer:
        # http.client takes the end of the stream for the end of the headers.
        fault = self._line.incoming.why_ended("headers", deadline)
        if fault is not None:
            return Answer(None, fault)
        body = b""
        fault = _framing_fault(raw)
        if fault is None:
            body, fault = self._body(method, raw, deadline)
        self.reusable = fault is None and not raw.will_close and not _may_be_followed(method, raw)
        response = Response(
            status=raw.status,
            reason=raw.reason,
            headers=tuple((name, _unfolded(value)) for name, value in raw.msg.items()),
            body=body,
            http_version=_VERSIONS[raw.version],
        )
        return Answer(response, fault)

    def _body(
        self, method: str, raw: http.client.HTTPResponse, deadline: Deadline
    ) -> tuple[bytes, Fault | None]:
        incoming = self._line.incoming
        expected = raw.length
        body, readable = self._content(method, raw)
        if len(body) > self._max_body:
            message = f"the body has more than {self._max_body} bytes"
            return body[: self._max_body], Fault("too-large", message, "body")
        fault = incoming.why_cut("body", deadline)
        if fault is None and not readable and not incoming.ended:
            fault = Fault(
                "protocol", f"after {len(body)} bytes of the body no chunk begins", "body"
            )
        return body, fault or _length_fault(len(body), expected, raw, incoming)

    def _content(self, method: str, raw: http.client.HTTPResponse) -> tuple[bytes, bool]:
        """The body, at most a byte more than is wanted, and whether http.client could read it."""
        body = bytearray()
        try:
            if has_no_body(method, raw.status):
                raw.close()
            while not raw.isclosed() and len(body) <= self._max_body:
                body += raw.read(min(_AT_ONCE, self._max_body + 1 - len(body)))
        except http.client.IncompleteRead as error:
            return bytes(body + _partial(error)), False
        except (http.client.HTTPException, ValueError):
            return bytes(body), False
        return bytes(body), True


def has_no_body(method: str, status: int) -> bool:
    """RFC 9112, section 6.3: whatever the headers say."""
    return method == "HEAD" or status < _FIRST_FINAL or status in (_NO_CONTENT, _NOT_MODIFIED)


def _may_be_followed(method: str, raw: http.client.HTTPResponse) -> bool:
    """Whether bytes can be under way that would be taken for the next response."""
    announced = raw.chunked or raw.msg.get("Content-Length", "0").strip() != "0"
    return announced and has_no_body(method, raw.status)


def _broken_head(error: Exception) -> Fault:
    if isinstance(error, http.client.BadStatusLine):
        return Fault("protocol", f"no status line: {str(error)!r}", "headers")
    if isinstance(error, http.client.UnknownProtocol):
        return Fault("protocol", f"no version of HTTP/1: {str(error)!r}", "headers")
    # What http.client raises besides is about a line that is too long, or too many of them.
    if isinstance(error, http.client.HTTPException):
        return Fault("too-large", str(error), "headers")
    return Fault("protocol", f"the headers cannot be read: {error}", "headers")


def _framing_fault(raw: http.client.HTTPResponse) -> Fault | None:
    """A head that leaves open where the body begins or ends (RFC 9112, sections 5 and 6)."""
    if raw.status < _FIRST_FINAL:
        # http.client reads past 100 and takes any other for the response (RFC 9110, section 15.2).
        return Fault("unsupported", f"{raw.status} came before the response", "headers")
    unread = raw.msg.get_payload()
    if isinstance(unread, str) and unread:
        return Fault("protocol", f"no header: {unread.splitlines()[0]!r}", "headers")
    lengths = {length.strip() for length in raw.msg.get_all("Content-Length", [])}
    if len(lengths) > 1 or not all(length.isascii() and length.isdigit() for length in lengths):
        shown = ", ".join(sorted(lengths))
        return Fault("broken-length", f"Content-Length is {shown!r}", "headers")
    return _coding_fault(raw, announced=bool(lengths))


def _coding_fault(raw: http.client.HTTPResponse, *, announced: bool) -> Fault | None:
    coding = raw.msg.get("Transfer-Encoding")
    if coding is None:
        return None
    if not raw.chunked:
        return Fault("protocol", f"Transfer-Encoding is not 'chunked' but {coding!r}", "headers")
    if announced:
        return Fault("protocol", "both Transfer-Encoding and Content-Length are given", "headers")
    return None


def _length_fault(
    count: int, expected: int | None, raw: http.client.HTTPResponse, incoming: Incoming
) -> Fault | None:
    if expected is not None and count < expected:
        message = f"the body ended after {count} of {expected} bytes"
    elif raw.chunked and incoming.ended:
        message = "the body ended before its last chunk"
    elif incoming.surplus:
        message = "bytes came after the end that was announced, and belong to no response"
        return Fault("surplus", message, "body")
    else:
        return None
    return Fault("broken-length", message, "body")


def _partial(error: http.client.IncompleteRead) -> bytes:
    # Within a chunk, http.client leaves the last piece with the cause.
    cause = error.__cause__
    return error.partial + (cause.partial if isinstance(cause, http.client.IncompleteRead) else b"")


def _unfolded(value: str) -> str:
    return (_FOLD.sub(" ", value) if "\n" in value else value).strip(" \t")

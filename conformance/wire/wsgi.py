"""Calls a WSGI application in process, as if a request had come to it over the wire.

Must not know which application it is. An application that never returns cannot be interrupted:
nothing here is bounded in time, only in bytes.
"""

from __future__ import annotations

import io
import re
import sys
import time
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_to_bytes

from attrs import define, evolve, field, frozen

from conformance.wire.dial import Origin
from conformance.wire.exchange import Exchange, Fault, FaultKind, Request, Response
from conformance.wire.http1 import complete, has_no_body
from conformance.wire.redaction import scrub

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

# How much a fault keeps of what is wrong, and of a traceback, whose end says most.
_FIRST_LINE: Final = 200
_TRACEBACK: Final = 4000

_STATUS: Final = re.compile(r"([1-9]\d\d)(?: (.*))?", re.ASCII)

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]
_Headers = tuple[tuple[str, str], ...]


@frozen
class WsgiTransport:
    """A transport into an application of this process.

    Attributes:
        app: a callable as PEP 3333 describes it.
        base_url: the URL under which the application believes to stand.
        max_body: how many bytes of a response's body are kept.
    """

    app: WSGIApplication
    base_url: str = "http://embedded"
    max_body: int = 16 * 1024 * 1024

    def send(self, request: Request) -> Exchange:
        """Calls the application; what it raises is a fault of the kind ``crash``."""
        request = complete(request)
        call = _Call(self.max_body)
        started = time.perf_counter()
        call.run(self.app, environ_of(request, self.base_url))
        elapsed_s = time.perf_counter() - started
        response, fault = call.outcome(request.method)
        if fault is not None:
            # First scrubbed, then cut: of half a credential nobody would know what it is.
            message = _bounded(scrub(fault.message, request.secrets()))
            fault = evolve(fault, message=message)
        return Exchange(request, response, fault, elapsed_s)

    def close(self) -> None:
        """Does nothing; there is nothing open."""


def environ_of(request: Request, base_url: str) -> dict[str, Any]:
    """The environment that PEP 3333 wants for a request.

    ``PATH_INFO`` is decoded, as the PEP wants it, so that an encoded slash looks like any other.
    ``RAW_URI`` and ``REQUEST_URI``, as gunicorn and others call it, is the target as it was sent.
    """
    origin = Origin.of(base_url)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(request.path).decode("latin-1"),
        "QUERY_STRING": request.query,
        "RAW_URI": request.target,
        "REQUEST_URI": request.target,
        "SERVER_NAME": origin.host,
        "SERVER_PORT": str(origin.port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": origin.scheme,
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers:
        key = _environ_key(name)
        # Text of the environment is bytes read as ISO 8859-1; header text travels as UTF-8.
        text = value.encode().decode("latin-1")
        environ[key] = f"{environ[key]},{text}" if key in environ else text
    return environ


def _environ_key(name: str) -> str:
    key = name.upper().replace("-", "_")
    return key if key in ("CONTENT_LENGTH", "CONTENT_TYPE") else f"HTTP_{key}"


class _NotWsgi(Exception):  # noqa: N818 - a judgement on the application
    """The application does not keep to PEP 3333."""


@define
class _Call:
    """One call of an application, and what it has given so far."""

    max_body: int
    status: str | None = None
    headers: _Headers = ()
    body: bytearray = field(factory=bytearray)
    broken: Fault | None = None

    def run(self, app: WSGIApplication, environ: dict[str, Any]) -> None:
        """Calls the application and takes its body; never raises what it raises."""
        try:
            iterable = app(environ, self._start_response)
            try:
                for piece in iterable:
                    self._write(piece)
                    if len(self.body) > self.max_body:
                        break
            finally:
                close = getattr(iterable, "close", None)
                if close is not None:
                    close()
        except _NotWsgi as error:
            self._break("protocol", str(error))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the application's
            self._break("crash", f"{type(error).__name__}: {error}\n{traceback.format_exc()}")

    def outcome(self, method: str) -> tuple[Response | None, Fault | None]:
        """The response that a server would have sent, and what was wrong."""
        # A server sends the headers with the first bytes of the body, and not if it comes to none.
        if self.broken is not None and not self.body:
            return None, self.broken
        if self.status is None:
            return None, Fault("protocol", "the application never called start_response", "headers")
        match = _STATUS.fullmatch(self.status)
        if match is None:
            return None, Fault("protocol", f"{self.status!r} is no status", "headers")
        status = int(match[1])
        body = b"" if has_no_body(method, status) else bytes(self.body[: self.max_body])
        response = Response(status, match[2] or "", self.headers, body)
        return response, self.broken or self._length_fault(method, response)

    def _length_fault(self, method: str, response: Response) -> Fault | None:
        count = len(self.body)
        if count > self.max_body:
            return Fault("too-large", f"the body has more than {self.max_body} bytes", "body")
        if method == "HEAD":  # servers drop the body, and an application need not care
            return None
        announced = response.header("Content-Length")
        if has_no_body(method, response.status):
            announced = "0"
        if announced is not None and announced.strip() != str(count):
            message = f"the body has {count} bytes, {announced!r} were announced"
            return Fault("broken-length", message, "body")
        return None

    def _start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: _ExcInfo | None = None, /
    ) -> Callable[[bytes], object]:
        if exc_info is not None and exc_info[1] is not None and self.body:
            raise exc_info[1]  # the headers have gone out, as a server would see it
        if exc_info is None and self.status is not None:
            raise _NotWsgi("start_response was called twice")
        if not _are_headers(headers):
            raise _NotWsgi(f"the headers are no list of pairs of text: {headers!r}")
        self.status = status
        self.headers = tuple(headers)
        return self._write

    def _write(self, piece: bytes) -> None:
        if self.status is None:
            raise _NotWsgi("a body came before start_response was called")
        if not isinstance(piece, bytes):
            raise _NotWsgi(f"the body has a {type(piece).__name__}, not bytes")
        self.body += piece

    def _break(self, kind: FaultKind, message: str) -> None:
        self.broken = Fault(kind, message, "body" if self.body else "headers")


def _are_headers(headers: object) -> bool:
    return isinstance(headers, list) and all(map(_is_header, headers))


def _is_header(header: object) -> bool:
    match header:
        case (str(), str()):
            return isinstance(header, tuple)
    return False


def _bounded(message: str) -> str:
    first, line_end, rest = message.partition("\n")
    if len(first) > _FIRST_LINE:
        first = f"{first[:_FIRST_LINE]}..."
    if len(rest) > _TRACEBACK:
        rest = f"...{rest[-_TRACEBACK:]}"
    return first + line_end + rest

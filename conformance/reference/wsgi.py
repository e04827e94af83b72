"""The HTTP face: from a WSGI environment to a request's parts, and from an answer to a response.

Knows the protocol (restJson1) and no operation. The path is taken as it was sent: WSGI's own
``PATH_INFO`` is decoded already: an encoded slash in a label could not be told from one that
separates labels.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from email.utils import formatdate
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from attrs import field, frozen

from conformance.reference.errors import ProtocolError, serialization_error

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MOST_BYTES: Final = 10 * 1024 * 1024

_REASONS: Final = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}
_UNDECODED: Final = ("REQUEST_URI", "RAW_URI")


@frozen
class Request:
    """A request as it was sent.

    Attributes:
        path, query: undecoded.
        headers: by lower-case name.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    environ: WSGIEnvironment = field(repr=False, eq=False)

    def body(self) -> bytes:
        """The bytes of the body.

        Raises:
            ProtocolError: there are too many, fewer than announced, or it is not said how many.
        """
        stated = self.environ.get("CONTENT_LENGTH") or "0"
        if not (stated.isascii() and stated.isdigit()):
            raise serialization_error("Content-Length is not a number.")
        length = int(stated[:20])
        if length > MOST_BYTES:
            raise ProtocolError(
                "RequestEntityTooLargeException", 413, f"A body can have {MOST_BYTES} bytes."
            )
        body: bytes = self.environ["wsgi.input"].read(length) if length else b""
        if len(body) != length:
            raise serialization_error("The body is shorter than Content-Length.")
        return body


@frozen
class Response:
    """A response before it is sent."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()

    def send(self, start_response: StartResponse, request_id: str) -> Iterable[bytes]:
        """Starts the response and returns its body."""
        headers = [
            ("Date", formatdate(time.time(), usegmt=True)),
            ("x-amzn-requestid", request_id),
            *self.headers,
        ]
        if self.status != HTTPStatus.NO_CONTENT:
            headers.append(("Content-Type", "application/json"))
            headers.append(("Content-Length", str(len(self.body))))
        start_response(_REASONS.get(self.status, f"{self.status} Unknown"), headers)
        return [self.body] if self.body else []


def read_request(environ: WSGIEnvironment) -> Request:
    """The request that an environment describes; its body is not read yet."""
    path, query = _target(environ)
    return Request(
        method=environ["REQUEST_METHOD"],
        path=path,
        query=query,
        headers=_headers(environ),
        environ=environ,
    )


def _target(environ: WSGIEnvironment) -> tuple[str, str]:
    for name in _UNDECODED:
        if name in environ:
            target: str = environ[name]
            if not target.startswith("/") and "://" in target:
                target = "/" + target.partition("://")[2].partition("/")[2]
            path, _, query = target.partition("?")
            return path, query
    path = quote(environ.get("PATH_INFO", "").encode("latin-1"))
    return path or "/", environ.get("QUERY_STRING", "")


def _headers(environ: Mapping[str, Any]) -> dict[str, str]:
    headers = {
        name[5:].replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    # WSGI keeps these two apart from the others.
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if name in environ:
            headers[name.replace("_", "-").lower()] = environ[name]
    return headers

"""A request, its response, or what happened instead: as values, and as a report shows them.

Must not know how anything is sent, nor what a response ought to be. No credential shows in the
``repr`` or the ``to_json()`` of anything here.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from attrs import field, frozen

from conformance.wire.redaction import (
    redacted_headers,
    redacted_url,
    scrub,
    scrub_bytes,
    secrets_in,
)

#: How much of a body a report keeps.
SHOWN_BODY: Final = 64 * 1024

#: What can happen instead of a whole response:
#: ``unsendable``: the request is none that HTTP/1.1 can carry, and nothing of it was sent;
#: ``unknown-host``, ``unreachable``, ``refused``, ``tls``: no connection;
#: ``timeout``; ``reset``; ``closed``: the connection ended before a response;
#: ``broken-length``: the body is shorter than was announced, or nobody can tell what was announced;
#: ``surplus``: bytes came behind the body that nobody asked for;
#: ``too-large``; ``protocol``: what came is no HTTP; ``unsupported``: it is, but of a kind that
#: cannot be read here; ``crash``: an application in process raised.
FaultKind = Literal[
    "broken-length",
    "closed",
    "crash",
    "protocol",
    "refused",
    "reset",
    "surplus",
    "timeout",
    "tls",
    "too-large",
    "unknown-host",
    "unreachable",
    "unsendable",
    "unsupported",
]

#: What was being done when it happened.
When = Literal["connect", "send", "headers", "body"]

_AUTHORITY: Final = re.compile(r"[^:/?]*://[^/?]*")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def _shown_headers(headers: tuple[tuple[str, str], ...]) -> str:
    return repr(redacted_headers(headers))


def _shown_names(headers: tuple[tuple[str, str], ...]) -> str:
    return repr([name for name, _ in headers])


def _shown_size(body: bytes) -> str:
    return f"<{len(body)} bytes>"


@frozen
class Request:
    """A request as it goes over the wire.

    Attributes:
        url: scheme, host and port, path and query; what comes after the host is sent byte for byte.
        headers: in the order in which they are sent; as UTF-8, since SigV4 signs them so.
    """

    method: str
    url: str = field(repr=lambda url: repr(redacted_url(url)))
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=_shown_headers)
    body: bytes = field(default=b"", repr=_shown_size)

    @property
    def origin(self) -> str:
        """Scheme, host and port, as the URL writes them."""
        return self.url[: len(self.url) - len(self._after_host)]

    @property
    def target(self) -> str:
        """What stands in the request line: the path and the query as they are sent."""
        after_host = self._after_host
        return after_host if after_host.startswith("/") else f"/{after_host}"

    @property
    def path(self) -> str:
        """The path, percent-encoded as it is sent."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """The query string, percent-encoded as it is sent, without the question mark."""
        return self.target.partition("?")[2]

    @property
    def host(self) -> str:
        """The value of the Host header: in lower case, with the port unless it is the scheme's."""
        return _host(self.origin)

    @cached_property
    def _after_host(self) -> str:
        authority = _AUTHORITY.match(self.url)
        return self.url[authority.end() if authority else 0 :]

    def header(self, name: str) -> str | None:
        """The value of a header, whatever the case of its name; several are joined by commas."""
        return _header(self.headers, name)

    def secrets(self) -> tuple[str, ...]:
        """The credentials that this request carries, as ``redaction.scrub`` takes them out."""
        return secrets_in(self.headers, self.url)

    def to_json(self) -> dict[str, Any]:
        """As a report shows it: without credentials, and without the far end of a long body."""
        return {
            "method": self.method,
            "url": redacted_url(self.url),
            "headers": [list(header) for header in redacted_headers(self.headers)],
            **_body_to_json(self.body, ()),
        }


@frozen
class Response:
    """A response as it came, with nothing decoded but the framing.

    Attributes:
        headers: in the order in which they came, as ISO 8859-1.
        body: without its transfer coding; a content coding is left as it is.
        http_version: as in the status line, e.g. ``HTTP/1.1``.
    """

    status: int
    # A peer may echo a credential anywhere, and the response alone cannot tell where.
    reason: str = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=_shown_names)
    body: bytes = field(default=b"", repr=_shown_size)
    http_version: str = "HTTP/1.1"

    def header(self, name: str) -> str | None:
        """The value of a header, whatever the case of its name; several are joined by commas."""
        return _header(self.headers, name)

    def to_json(self, secrets: Sequence[str] = ()) -> dict[str, Any]:
        """As a report shows it.

        Args:
            secrets: what the request carried, to be taken out wherever the response echoes it.
        """
        headers = redacted_headers(self.headers)
        return {
            "status": self.status,
            "reason": scrub(self.reason, secrets),
            "http_version": self.http_version,
            "headers": [[scrub(name, secrets), scrub(value, secrets)] for name, value in headers],
            **_body_to_json(self.body, secrets),
        }


@frozen
class Fault:
    """What happened instead of a whole response.

    Attributes:
        message: for a reader; the same for the same fault, without times or addresses of this run.
    """

    kind: FaultKind
    message: str
    when: When

    def __str__(self) -> str:
        return f"{self.kind} ({self.when}): {self.message}"

    def to_json(self) -> dict[str, Any]:
        """As a report shows it."""
        return {"kind": self.kind, "message": self.message, "when": self.when}


@frozen
class Exchange:
    """One request, and what became of it.

    Attributes:
        request: as it was sent, with the headers that the transport added.
        response: with a fault beside it, as much as came of it.
        operation: the name of the operation that was called, where there is one.
    """

    request: Request
    response: Response | None
    fault: Fault | None
    elapsed_s: float
    operation: str = ""

    def to_json(self) -> dict[str, Any]:
        """As a report shows it: credentials are taken out, also where the response echoes them."""
        secrets = self.request.secrets()
        return {
            "operation": self.operation,
            "request": self.request.to_json(),
            "response": self.response.to_json(secrets) if self.response else None,
            "fault": self.fault.to_json() if self.fault else None,
            "elapsed_s": round(self.elapsed_s, 6),
        }


@lru_cache(maxsize=16)  # a run has one origin, or a few
def _host(origin: str) -> str:
    parts = urlsplit(origin)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    if parts.port is None or parts.port == _DEFAULT_PORTS.get(parts.scheme):
        return host
    return f"{host}:{parts.port}"


def _header(headers: tuple[tuple[str, str], ...], name: str) -> str | None:
    wanted = name.lower()
    values = [value for key, value in headers if key.lower() == wanted]
    return ", ".join(values) if values else None


def _body_to_json(body: bytes, secrets: Sequence[str]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    if len(body) > SHOWN_BODY:
        shown["body_bytes"] = len(body)
    body = scrub_bytes(body, secrets)
    try:
        body.decode()
    except UnicodeDecodeError:
        return {"body_base64": b64encode(body[:SHOWN_BODY]).decode(), **shown}
    # The cut may go through a character; all before it is known to be whole.
    return {"body": body[:SHOWN_BODY].decode(errors="ignore"), **shown}

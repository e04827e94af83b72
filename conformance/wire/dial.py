"""Opens connections within a bounded time, and says in one word why one could not be opened.

Must not know HTTP. Proxies of the environment are not used: a request that is meant for a server on
this machine would go to a stranger.
"""

from __future__ import annotations

import socket
import ssl
import time
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from attrs import define, field, frozen
from botocore.httpsession import get_cert_path

from conformance.errors import UsageError
from conformance.wire.exchange import Fault, FaultKind, When
from conformance.wire.redaction import redacted_url

#: Whether certificates are checked: against the authorities that boto3 trusts, or those of a file.
Verify = bool | str | Path

_PORTS: Final = {"http": 80, "https": 443}


@frozen
class Origin:
    """Where a connection goes to."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> Origin:
        """The origin of a URL.

        Raises:
            UsageError: the URL is none of http or https.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise UsageError(f"{redacted_url(url)!r} is no URL: {error}.") from None
        if parts.scheme not in _PORTS or not parts.hostname:
            raise UsageError(
                f"{redacted_url(url)!r} is no URL that a request can be sent to.",
                "Give one such as http://127.0.0.1:5555.",
            )
        return cls(parts.scheme, parts.hostname, _PORTS[parts.scheme] if port is None else port)


@define
class Deadline:
    """By when something has to be over, and how long a single wait may take until then.

    Every wait asks for what is left, so that a peer that sends a byte now and then gains nothing.
    """

    total_s: float
    wait_s: float
    _until: float = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._until = time.monotonic() + self.total_s

    def wait(self) -> float:
        """How long the next wait may take, in seconds.

        Raises:
            TimeoutError: the time is up.
        """
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return min(left, self.wait_s)

    def __str__(self) -> str:
        return f"{self.wait_s:g} s for the next byte, {self.total_s:g} s in all"


class NotConnected(Exception):  # noqa: N818 - a state, as its callers name it
    """There is no connection.

    Args:
        fault: why.
    """

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


def tls_context(verify: Verify) -> ssl.SSLContext:
    """What TLS connections are made with.

    Raises:
        UsageError: the file of certificates cannot be read.
    """
    if verify is False:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    bundle = get_cert_path(True) if verify is True else str(verify)
    try:
        return ssl.create_default_context(cafile=bundle)
    except OSError as error:
        raise UsageError(
            f"The certificates in {bundle!r} cannot be read: {error.strerror or error}.",
            "Name a file of certificates in PEM form.",
        ) from None


def dial(origin: Origin, deadline: Deadline, context: ssl.SSLContext | None) -> socket.socket:
    """A connection, over TLS where a context is given.

    Name resolution is the system's and the only step that the deadline cannot cut short.

    Raises:
        NotConnected: there is none, with the fault.
    """
    sock = _connected(origin, deadline)
    if context is None:
        return sock
    try:
        sock.settimeout(deadline.wait())
        return context.wrap_socket(sock, server_hostname=origin.host)
    except TimeoutError as error:
        raise _not_connected(error, deadline) from None
    except OSError as error:
        raise NotConnected(Fault("tls", _reason(error), "connect")) from None
    except ValueError as error:
        raise NotConnected(
            Fault("tls", f"{origin.host!r} is no server name: {error}", "connect")
        ) from None
    finally:
        # A socket that was wrapped has been detached, and closing it does nothing.
        sock.close()


def fault_of(error: OSError, when: When, deadline: Deadline) -> Fault:
    """What an error of a socket says happened to the connection."""
    if isinstance(error, TimeoutError):
        return Fault("timeout", f"no answer in time ({deadline})", when)
    return Fault(_kind_of(error), _reason(error), when)


def _kind_of(error: OSError) -> FaultKind:
    if isinstance(error, ConnectionRefusedError):
        return "refused"
    if isinstance(error, ConnectionError):
        return "reset"
    if isinstance(error, ssl.SSLError):
        return "tls"
    if isinstance(error, socket.gaierror):
        return "unknown-host"
    return "unreachable"


def _reason(error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate was not accepted: {error.verify_message}"
    return (error.strerror or str(error)).lower().rstrip(".")


def _connected(origin: Origin, deadline: Deadline) -> socket.socket:
    try:
        found = socket.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise _not_connected(error, deadline) from None
    except ValueError as error:  # a name that IDNA cannot encode
        raise NotConnected(Fault("unknown-host", str(error), "connect")) from None
    # Not socket.create_connection: it waits for each address as long as for the first.
    last: OSError = OSError("no address")
    for family, kind, protocol, _, address in found:
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(deadline.wait())
            sock.connect(address)
            # A request is written at once; waiting for more of it would only cost 40 ms.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            sock.close()
            last = error
        else:
            return sock
    raise _not_connected(last, deadline)


def _not_connected(error: OSError, deadline: Deadline) -> NotConnected:
    return NotConnected(fault_of(error, "connect", deadline))

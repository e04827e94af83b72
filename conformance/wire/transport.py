"""Sends requests and says what came of them; whatever the other side does, it is an answer.

Must not know what a request means, who signed it, or what its response ought to be.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable
from contextlib import ExitStack, closing
from typing import Final, Protocol

from attrs import evolve

from conformance.errors import TargetUnreachable, UsageError
from conformance.wire.dial import Deadline, NotConnected, Origin, Verify, dial, tls_context
from conformance.wire.exchange import Exchange, Fault, FaultKind, Request
from conformance.wire.framing import Framed
from conformance.wire.http1 import Answer, Connection, complete
from conformance.wire.redaction import redacted_url, scrub
from conformance.wire.wsgi import WsgiTransport

__all__ = ["SocketTransport", "Transport", "WsgiTransport", "reachable"]

# HTTP calls more methods than these idempotent. But an AWS operation behind a PUT may create twice,
# and a second DELETE may answer 404: both would be blamed on the target.
_REPEATABLE: Final = frozenset({"GET", "HEAD"})

# Servers drop connections that nobody uses, common ones after 2 s. A request that crosses such an
# end on its way gets no answer and must not be sent again, so no connection is used that late.
_IDLE_S: Final = 1.0

# Some servers close after each response without having said so. Until a connection has outlived its
# first response for this long, its end may still be under way.
_PROBATION_S: Final = 0.02

# A fault quotes what could not be read, which may be as long as a peer pleases.
_MESSAGE: Final = 200

_HINTS: Final[dict[FaultKind, str]] = {
    "refused": "Is the server running, and is the port right?",
    "timeout": "Is the address right, and does a firewall stand in between?",
    "tls": "Does the server speak TLS, and is its certificate among those that are trusted?",
    "unknown-host": "Is the name of the host right?",
}


class Transport(Protocol):
    """What sends requests. One thread may use it at a time."""

    def send(self, request: Request) -> Exchange:
        """Sends a request.

        What the other side does is never raised: it is in the exchange, as a response or a fault.
        """

    def close(self) -> None:
        """Ends it; may be called twice."""


class SocketTransport:
    """A transport over one connection that is kept from request to request.

    Redirects are not followed, proxies not used, failures not repeated, contents not decoded. With
    one exception: a GET or HEAD that met the end of a kept connection is sent again over a new one.

    Args:
        timeout_s: how long the next byte may take.
        deadline_s: how long an exchange may take from end to end, name resolution aside.
        max_body: how many bytes of a response's body are read.
        verify: whether certificates are checked, or the file of certificates to check them by.
        rate_per_s: how many requests are sent in a second at most; None for as many as can be.

    Raises:
        UsageError: a number is not above zero.
    """

    def __init__(
        self,
        *,
        timeout_s: float = 10.0,
        deadline_s: float = 30.0,
        max_body: int = 16 * 1024 * 1024,
        verify: Verify = True,
        rate_per_s: float | None = None,
    ) -> None:
        _above_zero(
            timeout_s=timeout_s, deadline_s=deadline_s, max_body=max_body, rate_per_s=rate_per_s
        )
        self._timeout_s = timeout_s
        self._deadline_s = deadline_s
        self._max_body = max_body
        self._verify = verify
        self._interval_s = 1 / rate_per_s if rate_per_s else 0.0
        self._next_at = 0.0
        self._connection: Connection | None = None
        self._origin = ""
        self._trusted = False
        self._tls: ssl.SSLContext | None = None

    def send(self, request: Request) -> Exchange:
        """Sends a request; see :class:`Transport`.

        Raises:
            UsageError: the URL is none of http or https, or the certificates cannot be read.
        """
        request = complete(request)
        self._pace()
        kept = self._kept(request)
        started = time.perf_counter()
        answer = self._answer(request, kept, Deadline(self._deadline_s, self._timeout_s))
        return _exchange(request, answer, started)

    def converse(self, said: Iterable[Framed]) -> tuple[Exchange, ...]:
        """Sends requests over a connection of their own, one after the other, while it stays open.

        Nothing is sent twice. What the other side does is never raised, as in :meth:`send`. What
        comes behind a response is no fault of that one: it is the beginning of the next one.

        Args:
            said: signed requests, to one origin.

        Returns:
            The exchanges there were: fewer than requests where the other side closed in between.

        Raises:
            UsageError: as :meth:`send`.
        """
        exchanges: list[Exchange] = []
        with ExitStack() as stack:
            connection: Connection | None = None
            for framed in said:
                self._pace()
                request = framed.how.apply(complete(framed.request))
                deadline = Deadline(self._deadline_s, self._timeout_s)
                started = time.perf_counter()
                try:
                    if connection is None:
                        connection = stack.enter_context(closing(self._dialled(request, deadline)))
                except NotConnected as error:
                    return (_exchange(request, Answer(None, error.fault), started),)
                answer = connection.exchange(request, deadline, framed.how)
                if connection.left:
                    answer = evolve(answer, fault=None)
                exchanges.append(_exchange(request, answer, started))
                if not (connection.reusable or connection.left):
                    break
        return tuple(exchanges)

    def close(self) -> None:
        """Closes the connection; a later request opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _pace(self) -> None:
        if not self._interval_s:
            return
        now = time.monotonic()
        if self._next_at > now:
            time.sleep(self._next_at - now)
        self._next_at = max(now, self._next_at) + self._interval_s

    def _answer(self, request: Request, kept: Connection | None, deadline: Deadline) -> Answer:
        if kept is not None:
            answer = kept.exchange(request, deadline)
            self._trusted = not answer.silent
            if self._trusted or request.method not in _REPEATABLE:
                return answer
        try:
            self._connection = self._connect(request, deadline)
        except NotConnected as error:
            return Answer(None, error.fault)
        return self._connection.exchange(request, deadline)

    def _kept(self, request: Request) -> Connection | None:
        connection = self._connection
        if connection is None:
            return None
        if (
            connection.reusable
            and self._origin == request.origin
            and connection.idle_s < _IDLE_S
            and self._is_quiet(connection)
        ):
            return connection
        self.close()
        return None

    def _is_quiet(self, connection: Connection) -> bool:
        self._trusted = connection.is_quiet(0.0 if self._trusted else _PROBATION_S)
        return self._trusted

    def _connect(self, request: Request, deadline: Deadline) -> Connection:
        connection = self._dialled(request, deadline)
        self._origin = request.origin
        return connection

    def _dialled(self, request: Request, deadline: Deadline) -> Connection:
        origin = Origin.of(request.url)
        if origin.scheme == "https" and self._tls is None:
            self._tls = tls_context(self._verify)
        sock = dial(origin, deadline, self._tls if origin.scheme == "https" else None)
        return Connection(sock, self._max_body)


def reachable(url: str, timeout_s: float = 5.0, *, verify: Verify = True) -> None:
    """Makes sure that something listens where a URL points to; sends no request.

    Raises:
        TargetUnreachable: there is no connection, with the reason.
        UsageError: the URL is none of http or https, or the certificates cannot be read.
    """
    origin = Origin.of(url)
    context = tls_context(verify) if origin.scheme == "https" else None
    try:
        sock = dial(origin, Deadline(timeout_s, timeout_s), context)
    except NotConnected as error:
        fault: Fault = error.fault
        problem = f"{redacted_url(url)} cannot be reached: {fault.message}."
        raise TargetUnreachable(problem, _HINTS.get(fault.kind, "")) from None
    with closing(sock):
        return


def _exchange(request: Request, answer: Answer, started: float) -> Exchange:
    elapsed_s = time.perf_counter() - started
    fault = _presentable(answer.fault, request) if answer.fault else None
    return Exchange(request, answer.response, fault, elapsed_s)


def _presentable(fault: Fault, request: Request) -> Fault:
    # First scrubbed, then cut: of half a credential nobody would know what it is.
    message = scrub(fault.message, request.secrets())
    if len(message) > _MESSAGE:
        message = f"{message[:_MESSAGE]}..."
    return evolve(fault, message=message)


def _above_zero(**numbers: float | None) -> None:
    for name, number in numbers.items():
        if number is not None and number <= 0:
            raise UsageError(f"{name} is {number:g}.", "Give a number above zero.")

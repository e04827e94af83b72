"""Puts a reference target on a socket: a readiness line, a log of requests, a clean end.

The server is waitress. It hands over the path as it was sent, which the HTTP face needs.
"""

from __future__ import annotations

import json
import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, TextIO

from attrs import evolve
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import create_server

from conformance.contract import load
from conformance.errors import UsageError
from conformance.reference.app import ReferenceTarget, Served, Settings
from conformance.reference.clock import ShiftedClock, wall_clock
from conformance.reference.control import Control

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_SERVICE: Final = "cleanrooms"
_THREADS: Final = 16
# The application itself refuses what is too large, with an error of the protocol.
_MOST_BYTES: Final = 64 * 1024 * 1024


class _Parser(HTTPRequestParser):  # type: ignore[misc]  # waitress has no types
    """Reads the head of a request; waitress has the rest of the rules on framing already."""

    def parse_header(self, header_plus: bytes) -> None:
        """Has the connection end after a request that states its end twice (RFC 9112, 6.1)."""
        super().parse_header(header_plus)
        if self.chunked and "CONTENT_LENGTH" in self.headers:
            self.headers["CONNECTION"] = "close"


class _Channel(HTTPChannel):  # type: ignore[misc]  # nor here
    parser_class = _Parser


class Listener:
    """An application on a socket; as a context manager it serves from a thread of its own.

    Args:
        app: what answers.
        host: the address to listen on.
        port: the port; 0 for a free one.

    Raises:
        UsageError: the address cannot be listened on.
    """

    def __init__(self, app: WSGIApplication, host: str = "127.0.0.1", port: int = 0) -> None:
        self._map: dict[int, Any] = {}
        self._socket = _listening_socket(host, port)
        self._host = host
        self._port: int = self._socket.getsockname()[1]
        self._server = create_server(
            app,
            map=self._map,
            sockets=[self._socket],
            threads=_THREADS,
            ident="conformance",
            connection_limit=1000,
            max_request_body_size=_MOST_BYTES,
            expose_tracebacks=False,
            # The only errors of sockets that get here are connections dropped on demand.
            log_socket_errors=False,
        )
        self._server.channel_class = _Channel
        self._thread = threading.Thread(target=self.run, name="reference-target", daemon=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    def run(self) -> None:
        """Serves until it is stopped, or interrupted in the main thread."""
        try:
            self._server.run()
        finally:
            self._server.task_dispatcher.shutdown()
            self._close()

    def stop(self) -> None:
        """Ends ``run``; may be called from any other thread."""
        self._server.trigger.pull_trigger(self._close)

    def _close(self) -> None:
        wasyncore.close_all(self._map, ignore_all=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.stop()
        self._thread.join()


def _listening_socket(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except (OSError, OverflowError) as error:
        raise UsageError(
            f"Cannot listen on {host} port {port}: {error}.", "Choose another --host or --port."
        ) from None


def serve(
    host: str = "127.0.0.1",
    port: int = 4599,
    *,
    service: str = _SERVICE,
    log: TextIO | None = None,
    out: TextIO | None = None,
    settings: Settings | None = None,
    control: bool = False,
) -> None:
    """Serves the reference target until SIGINT or SIGTERM; call it from the main thread.

    Prints ``Listening on URL`` once it accepts connections.

    Args:
        host: the address to listen on.
        port: the port; 0 for a free one.
        service: whose contract to serve.
        log: gets one JSON object a line for each request; none is written if None.
        out: gets the readiness line; standard output if None.
        settings: of the target.
        control: whether ``/_reference/`` resets the target, lets time pass and plans faults.

    Raises:
        UsageError: the address cannot be listened on, or there is no reference of that service.
    """
    if service != _SERVICE:
        raise UsageError(
            f"There is no reference target of {service!r}.", f"There is one of {_SERVICE!r} only."
        )
    # waitress warns of each request that has to wait; the log tells what was served.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    settings = settings or Settings()
    if control and settings.clock is wall_clock:
        settings = evolve(settings, clock=ShiftedClock())
    observer = request_log(log) if log else None
    target = ReferenceTarget(load(service), settings, observer=observer)
    listener = Listener(Control(target) if control else target, host, port)
    with _terminable():
        print(f"Listening on {listener.url}", file=out or sys.stdout, flush=True)
        listener.run()


@contextmanager
def _terminable() -> Iterator[None]:
    """Makes SIGTERM and SIGINT end the main thread as an exit does, while it lasts.

    SIGINT, too: a shell starts what it puts in the background with SIGINT ignored.
    """

    def leave(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    before = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def request_log(stream: TextIO) -> Callable[[Served], None]:
    """An observer that writes one JSON object a line.

    It has neither headers nor query nor bodies, and so no secret.
    """
    lock = threading.Lock()

    def write(served: Served) -> None:
        line = json.dumps(
            {
                "time": served.time,
                "method": served.method,
                "path": served.path,
                "operation": served.operation or None,
                "status": served.status,
                "error": served.error or None,
                "account": served.account or None,
                "ms": served.ms,
            }
        )
        with lock:
            stream.write(line + "\n")
            stream.flush()

    return write

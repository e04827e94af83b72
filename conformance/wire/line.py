"""What http.client has instead of a socket: bounded in time and bytes, and aware of why it ended.

Must not know HTTP.
"""

from __future__ import annotations

import io
import socket
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from urllib3.util import wait_for_read

from conformance.wire.dial import Deadline, fault_of
from conformance.wire.exchange import Fault, When

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

#: How much is read at once.
READ_AHEAD: Final = 8192


class Incoming(io.RawIOBase):
    """What comes for one response. It simply ends when the time, the bytes or the peer do.

    So http.client gives what came until then, and the reason is found here.

    Args:
        sock: from where it comes.
        deadline: by when it has to be there.
        limit: how many bytes may come.
        before: what has come already.
    """

    def __init__(
        self, sock: socket.socket, deadline: Deadline, limit: int, before: bytes = b""
    ) -> None:
        self._sock = sock
        self._before = before
        self._deadline = deadline
        self._limit = limit
        self.received = 0
        self.ended = False
        self.overflowed = False
        self.error: OSError | None = None
        self.surplus = b""
        self.paused = False

    def readable(self) -> bool:
        """Always true; part of the interface."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int | None:
        """Reads what there is, at least a byte; 0 at the end, None while it is paused."""
        if self.paused:
            return None
        if self.ended:
            return 0
        count = self._receive(buffer)
        self.received += count
        self.ended = count == 0
        return count

    def _receive(self, buffer: WriteableBuffer) -> int:
        if self._before:
            return self._give(memoryview(buffer).cast("B"))
        if self.received >= self._limit:
            self.overflowed = True
            return 0
        try:
            self._sock.settimeout(self._deadline.wait())
            return self._sock.recv_into(buffer)
        except OSError as error:
            self.error = error
            return 0

    def _give(self, buffer: memoryview) -> int:
        given = self._before[: len(buffer)]
        buffer[: len(given)] = given
        self._before = self._before[len(given) :]
        return len(given)

    def why_cut(self, when: When, deadline: Deadline) -> Fault | None:
        """Why it ended before the peer did so; None if that is not so."""
        if self.error is not None:
            return fault_of(self.error, when, deadline)
        if self.overflowed:
            return Fault("too-large", f"more than {self._limit} bytes came", when)
        return None

    def why_ended(self, when: When, deadline: Deadline) -> Fault | None:
        """Why nothing comes any more; None if that is not so."""
        if not self.ended:
            return None
        message = f"the connection was closed {'within' if self.received else 'before'} the {when}"
        return self.why_cut(when, deadline) or Fault("closed", message, when)


class _Buffered(io.BufferedReader):
    """Reads ahead, and leaves at the end what it had read too much."""

    def __init__(self, incoming: Incoming) -> None:
        super().__init__(incoming, READ_AHEAD)
        self._incoming = incoming

    def close(self) -> None:
        """Closes it; called by http.client when the response has been read."""
        if not self.closed:
            self._incoming.paused = True  # or peek() would wait for more
            self._incoming.surplus = bytes(self.peek())
        super().close()


class Line:
    """What http.client has instead of the socket."""

    def __init__(self, sock: socket.socket, limit: int) -> None:
        self._sock = sock
        self._limit = limit
        self._outgoing: list[bytes] = []

    def start(self, deadline: Deadline, before: bytes = b"") -> None:
        """Begins a request and its response, of which something may have come already."""
        self._deadline = deadline
        self.incoming = Incoming(self._sock, deadline, self._limit, before)

    def sendall(self, data: bytes) -> None:
        """Keeps the bytes until :meth:`flush`, so that head and body travel together.

        And so that nothing of a request travels in which http.client finds a mistake.
        """
        self._outgoing.append(data)

    def flush_first(self, wait_s: float) -> OSError | None:
        """Sends the first piece of what was kept, and waits for something to come, or in vain."""
        pieces = self._outgoing
        broken = self._flush(pieces[:1])
        self._outgoing = pieces[1:]
        wait_for_read(self._sock, timeout=wait_s)
        return broken

    def flush(self) -> OSError | None:
        """Sends what was kept; an error is returned, since there may be a response even so."""
        pieces, self._outgoing = self._outgoing, []
        return self._flush(pieces)

    def _flush(self, pieces: list[bytes]) -> OSError | None:
        rest = memoryview(b"".join(pieces))
        try:
            while rest:
                self._sock.settimeout(self._deadline.wait())
                rest = rest[self._sock.send(rest) :]
        except OSError as error:
            return error
        return None

    def makefile(self, _mode: str) -> io.BufferedReader:
        """The stream from which http.client reads a response."""
        return _Buffered(self.incoming)

    def close(self) -> None:
        """Does nothing: http.client closes before it has read, and hanging up comes afterwards."""

    def end_sending(self) -> None:
        """Tells the peer that nothing more is sent; what it sends can still be read."""
        with suppress(OSError):  # it may have gone already
            self._sock.shutdown(socket.SHUT_WR)

    def hang_up(self) -> None:
        """Closes the socket."""
        self._sock.close()

    def is_quiet(self, wait_s: float) -> bool:
        """Whether for some time there is nothing to read, not even an end."""
        if isinstance(self._sock, ssl.SSLSocket) and self._sock.pending():
            return False
        return not wait_for_read(self._sock, timeout=wait_s)

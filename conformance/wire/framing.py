"""Frames requests otherwise than usual: each way is data, so that a command can repeat it.

Must not know what a request means, nor what has to become of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from attrs import evolve, frozen

from conformance.wire.exchange import Request

_FRAMING: Final = frozenset({"content-length", "transfer-encoding"})


@frozen
class Framing:
    """One way to put a request on a connection.

    Attributes:
        name: part of the names of cases; it stays.
        what: the same for a reader, after "a request that".
        lengths: a Content-Length header each: by how much it is off, or a text with the length in
            place of ``{}``; None to leave what the request has.
        chunks: how many chunks the body is cut into; 0 to send it as it is.
        extension: what stands behind the size of each chunk.
        last_chunk: what stands behind the chunks.
        headers: what the request has in addition.
        waits_s: how long an answer is waited for between head and body, in seconds.
        hangs_up: whether the sending half of the connection is closed behind the request.
    """

    name: str
    what: str
    lengths: tuple[int | str, ...] | None = None
    chunks: int = 0
    extension: str = ""
    last_chunk: bytes = b"0\r\n\r\n"
    headers: tuple[tuple[str, str], ...] = ()
    waits_s: float = 0.0
    hangs_up: bool = False

    def apply(self, request: Request) -> Request:
        """The request as it is sent, in place of how it was framed."""
        headers = (*request.headers, *self.headers)
        if self.lengths is not None:
            headers = (
                *(h for h in headers if h[0].lower() not in _FRAMING),
                *self._stated(request),
            )
        return evolve(request, headers=headers, body=self._coded(request.body))

    def _stated(self, request: Request) -> Iterator[tuple[str, str]]:
        if self.chunks:
            yield "Transfer-Encoding", "chunked"
        size = len(request.body)
        for length in self.lengths or ():
            stated = length.format(size) if isinstance(length, str) else str(size + length)
            yield "Content-Length", stated

    def _coded(self, body: bytes) -> bytes:
        if not self.chunks:
            return body
        size = max(1, -(-len(body) // self.chunks))
        pieces = (body[start : start + size] for start in range(0, len(body), size))
        chunks = (f"{len(p):x}{self.extension}\r\n".encode() + p + b"\r\n" for p in pieces)
        return b"".join(chunks) + self.last_chunk


USUAL: Final = Framing("usual", "is framed as usual")


@frozen
class Framed:
    """A request that is signed, if it is to be, and how it is put on a connection.

    Attributes:
        follows: whether it goes over the connection of the request before it.
    """

    how: Framing
    request: Request
    follows: bool = False

"""Where the framing of requests is checked, and the ways to frame them.

What reads requests off a connection stands before all operations, so one that creates and one that
reads take every way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from attrs import evolve, frozen

from conformance.contract import Contract, Operation
from conformance.spec import Spec
from conformance.suite.protocol_sites import (
    NOWHERE,
    first_of,
    is_in_json,
    needs_nothing,
    unrouted_paths,
)
from conformance.wire.exchange import Request
from conformance.wire.framing import USUAL, Framing

#: How long curl waits for a 100 before it sends the body all the same, in seconds.
_CURLS_WAIT_S: Final = 1.0
_NO_INPUT: Final = b"{}"

CHUNKS: Final = Framing("chunks", "is sent in chunks", lengths=(), chunks=3)
EXTENSION: Final = Framing(
    "chunk-extension",
    "is sent in chunks with an extension",
    lengths=(),
    chunks=3,
    extension=";conformance=1",
)
TOO_SHORT: Final = Framing("too-short", "states a shorter body than it has", lengths=(-1,))
TOO_LONG: Final = Framing(
    "too-long", "ends before its body is as long as it states", lengths=(1,), hangs_up=True
)
CUT_OFF: Final = Framing(
    "cut-off", "ends before its last chunk", lengths=(), chunks=3, last_chunk=b"", hangs_up=True
)
NOT_STATED: Final = Framing("not-stated", "does not state that it has a body", lengths=())
DIFFERING: Final = Framing("differing", "states two lengths of its body", lengths=(0, -1))
NO_NUMBER: Final = Framing("no-number", "states a length that is no number", lengths=("{}x",))
BOTH: Final = Framing(
    "both", "has both Transfer-Encoding and Content-Length", lengths=(0,), chunks=3
)
EXPECTING: Final = Framing(
    "expecting",
    "asks to be told to continue",
    headers=(("Expect", "100-continue"),),
    waits_s=_CURLS_WAIT_S,
)


@frozen
class FramingSite:
    """An operation, and one way to frame its requests."""

    operation: Operation
    how: Framing

    def __str__(self) -> str:
        return f"{self.operation}:{self.how.name}"


@frozen
class KeepAliveSite:
    """Two requests over one connection: one that may go unread, and one that reads.

    Attributes:
        operation: of the first request.
        name: of the first request.
        what: the same for a reader.
        then: the operation of the second request; it needs no input.
        how: how the first request is framed.
        body: what the first request has for a body, unless it is empty.
        below: where the first request goes to, below the path of its operation.
    """

    operation: Operation
    name: str
    what: str
    then: Operation
    how: Framing = USUAL
    body: bytes = b""
    below: str = ""

    def __str__(self) -> str:
        return f"{self.operation}:{self.name}"

    def apply(self, request: Request) -> Request:
        """The first request, made out of a valid one of its operation."""
        path, mark, query = request.url.partition("?")
        url = f"{path.rstrip('/')}{self.below}{mark}{query}" if self.below else request.url
        return evolve(request, url=url, body=self.body or request.body)


def framed(*ways: Framing) -> Callable[[Contract, Spec], Iterator[FramingSite]]:
    """An operation that creates, framed in each of these ways."""

    def over(contract: Contract, spec: Spec) -> Iterator[FramingSite]:
        for operation in _creating(contract, spec):
            yield from (FramingSite(operation, how) for how in ways)

    return over


def followed(*ways: Framing) -> Callable[[Contract, Spec], Iterator[KeepAliveSite]]:
    """An operation that creates, framed in each of these ways, before one that reads."""

    def over(contract: Contract, spec: Spec) -> Iterator[KeepAliveSite]:
        for then in first_of(contract, needs_nothing):
            for operation in _creating(contract, spec):
                for how in ways:
                    what = f"a request that {how.what}"
                    yield KeepAliveSite(operation, how.name, what, then, how)

    return over


def kept_alive(contract: Contract, spec: Spec) -> Iterator[KeepAliveSite]:
    """What a target may answer without having read it, each before the same reading operation."""
    for then in first_of(contract, needs_nothing):
        if then.method == "GET":
            yield KeepAliveSite(then, "body", "a GET with a body", then, body=_NO_INPUT)
        unrouted = {site.operation.name for site in unrouted_paths(contract, spec)}
        for operation in _creating(contract, spec):
            if operation.name in unrouted:
                nowhere = "a request to where there is no operation"
                yield KeepAliveSite(operation, "unknown-path", nowhere, then, below=NOWHERE)
    yield from followed(CHUNKS)(contract, spec)


def _creating(contract: Contract, spec: Spec) -> list[Operation]:
    """The first operation that creates by a body and needs nothing else.

    By the spec where there is one: what that creates can be found and deleted again.
    """

    def creates(operation: Operation) -> bool:
        owner = spec.owner(operation)
        if spec.resources:
            return owner is not None and owner.role_of(operation.name) == "create"
        return operation.name.startswith("Create")

    def suits(operation: Operation) -> bool:
        required = any(m.required for m in operation.in_("body", "payload").values())
        return required and is_in_json(operation) and not operation.labels and creates(operation)

    return first_of(contract, suits)

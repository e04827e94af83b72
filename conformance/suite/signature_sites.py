"""Where signatures are checked, and the ways to sign wrongly.

What verifies signatures stands before all operations, so one that reads takes every way, and one
that writes those on bodies. Both are such that a request which should have been refused does no
harm: nothing is created or deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from attrs import frozen

from conformance.contract import Contract, Operation
from conformance.spec import Spec
from conformance.suite.protocol_sites import first_of, is_in_json, needs_nothing
from conformance.wire.missign import Missigning

_EXTRA: Final = "X-Amz-Conformance"
_CHANGING: Final = ("Tag", "Update")

WRONG_SECRET: Final = Missigning(
    "wrong-secret",
    "is signed with another secret",
    secret="not-the-secret-of-anybody",  # noqa: S106 - nobody has it, which is the point
)
UNREADABLE: Final = Missigning(
    "unreadable",
    "has an Authorization header without a signature",
    sent_headers=(("Authorization", "AWS4-HMAC-SHA256 conformance"),),
)
OTHER_SERVICE: Final = Missigning(
    "other-service", "is signed for another service", service="conformance"
)
EXPIRED: Final = Missigning("expired", "was signed a day ago", days=-1)
NOT_YET: Final = Missigning("not-yet-valid", "was signed a day ahead", days=1)
OTHER_QUERY: Final = Missigning(
    "query", "has another query than was signed", sent_query="conformance=1"
)
OTHER_HEADER: Final = Missigning(
    "header",
    "has another header than was signed",
    headers=((_EXTRA, "1"),),
    sent_headers=((_EXTRA, "2"),),
)
OTHER_BODY: Final = Missigning("body", "has another body than was signed", sent_body=b" ")


@frozen
class SignatureSite:
    """An operation, and one way to sign its requests wrongly; None for not at all."""

    operation: Operation
    how: Missigning | None

    def __str__(self) -> str:
        return f"{self.operation}:{self.how.name if self.how else 'unsigned'}"


def reading(*ways: Missigning | None) -> Callable[[Contract, Spec], Iterator[SignatureSite]]:
    """The first operation that reads and needs no input, signed in each of these ways."""

    def over(contract: Contract, _spec: Spec) -> Iterator[SignatureSite]:
        for operation in first_of(contract, needs_nothing):
            yield from (SignatureSite(operation, how) for how in ways)

    return over


def changing(*ways: Missigning | None) -> Callable[[Contract, Spec], Iterator[SignatureSite]]:
    """The first operation that changes what exists by a body, signed in each of these ways."""

    def over(contract: Contract, _spec: Spec) -> Iterator[SignatureSite]:
        for operation in first_of(contract, _changes_by_body):
            yield from (SignatureSite(operation, how) for how in ways)

    return over


def both(*ways: Missigning | None) -> Callable[[Contract, Spec], Iterator[SignatureSite]]:
    """The operation that reads and the one that changes, signed in each of these ways."""

    def over(contract: Contract, spec: Spec) -> Iterator[SignatureSite]:
        yield from reading(*ways)(contract, spec)
        yield from changing(*ways)(contract, spec)

    return over


def tampered(contract: Contract, spec: Spec) -> Iterator[SignatureSite]:
    """What is signed and can be another when it is sent: query, header and body."""
    yield from reading(OTHER_QUERY, OTHER_HEADER)(contract, spec)
    yield from changing(OTHER_BODY)(contract, spec)


def _changes_by_body(operation: Operation) -> bool:
    changes = operation.name.startswith(_CHANGING)
    return changes and is_in_json(operation) and bool(operation.in_("path"))

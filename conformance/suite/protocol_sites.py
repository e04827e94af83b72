"""Where the checks of the protocol are repeated: an operation, and what is done to its requests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from attrs import frozen

from conformance.contract import Contract, Operation
from conformance.generation.minimal import smallest
from conformance.spec import Spec
from conformance.suite.checks import OperationSite
from conformance.suite.malformed import Malformed

#: What leads nowhere below any path.
NOWHERE: Final = "/conformance/nowhere"

_METHODS: Final = ("PUT", "PATCH", "DELETE", "POST", "GET")


@frozen
class MalformedSite:
    """An operation with a body, and one way to spoil its requests."""

    operation: Operation
    malformed: Malformed

    def __str__(self) -> str:
        return f"{self.operation}:{self.malformed.name}"


@frozen
class MethodSite:
    """An operation's path, and a method by which nothing is to be found there."""

    operation: Operation
    method: str

    def __str__(self) -> str:
        return f"{self.operation}:{self.method}"


def spoiled(kinds: tuple[Malformed, ...]) -> Callable[[Contract, Spec], Iterator[MalformedSite]]:
    """Each operation with a body of JSON, spoiled in each of these ways."""

    def over(contract: Contract, _spec: Spec) -> Iterator[MalformedSite]:
        for operation in _in_json(contract):
            for kind in kinds:
                yield MalformedSite(operation, kind)

    return over


def needs_body(contract: Contract, _spec: Spec) -> Iterator[OperationSite]:
    """Each operation whose body has a member that is required."""
    for operation in _in_json(contract):
        if any(member.required for member in operation.in_("body", "payload").values()):
            yield OperationSite(operation)


def unrouted_paths(contract: Contract, _spec: Spec) -> Iterator[OperationSite]:
    """Each operation below whose path there is nothing.

    None in a service in which a label takes the rest of a path, nor where more of a path may be
    taken for more of the label at its end, as with ARNs.
    """
    operations = list(contract.operations.values())
    if any("+}" in operation.uri for operation in operations):
        return
    for operation in operations:
        path = operation.uri.partition("?")[0].rstrip("/") + NOWHERE
        taken = any(o.method == operation.method and _may_meet(o.uri, path) for o in operations)
        if not taken and not _ends_in_open_label(operation):
            yield OperationSite(operation)


def unrouted_methods(contract: Contract, _spec: Spec) -> Iterator[MethodSite]:
    """Each operation's path with the first method that no operation has there."""
    operations = list(contract.operations.values())
    if any("+}" in operation.uri for operation in operations):
        return
    for operation in operations:
        taken = {o.method for o in operations if _may_meet(o.uri, operation.uri)}
        free = next((method for method in _METHODS if method not in taken), None)
        if free:
            yield MethodSite(operation, free)


def _ends_in_open_label(operation: Operation) -> bool:
    last = operation.uri.partition("?")[0].rpartition("/")[2]
    member = next((m for m in operation.in_("path").values() if last == f"{{{m.wire_name}}}"), None)
    if member is None:
        return False
    pattern = member.shape.pattern
    return pattern is None or pattern.matches(f"{smallest(member.shape)}{NOWHERE}") is not False


def first_of(contract: Contract, suits: Callable[[Operation], bool]) -> list[Operation]:
    """The first operation that suits, by name; none where none does."""
    found = (operation for _, operation in sorted(contract.operations.items()) if suits(operation))
    return list(found)[:1]


def needs_nothing(operation: Operation) -> bool:
    """Whether an operation reads, and does so without any input."""
    return operation.read_only and not any(m.required for m in operation.members.values())


def is_in_json(operation: Operation) -> bool:
    """Whether an operation's input travels in a body of JSON."""
    body = operation.in_("body", "payload").values()
    return bool(body) and not any(m.travels_raw or m.shape.event_stream for m in body)


def _in_json(contract: Contract) -> Iterator[Operation]:
    return filter(is_in_json, contract.operations.values())


def _may_meet(one: str, other: str) -> bool:
    """Whether one path may be of both templates."""
    ours, theirs = (uri.partition("?")[0].strip("/").split("/") for uri in (one, other))
    return len(ours) == len(theirs) and all(
        a == b or "{" in a or "{" in b for a, b in zip(ours, theirs, strict=True)
    )

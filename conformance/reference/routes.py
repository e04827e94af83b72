"""Which operation a method and a raw path mean, compiled from a contract's request URIs.

Works on the path as it was sent, undecoded: a label may hold an encoded slash.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import unquote_to_bytes

from attrs import Factory, define, frozen

from conformance.contract import Contract, Operation
from conformance.reference.errors import ProtocolError, serialization_error

_LABEL: Final = re.compile(r"\{([^}+]+)(\+?)\}")


@frozen
class Route:
    """An operation and the labels that its path holds, decoded, by the name they travel under."""

    operation: Operation
    labels: dict[str, str]


@define
class _Node:
    literals: dict[str, _Node] = Factory(dict)
    label: _Node | None = None
    greedy: dict[str, tuple[Operation, tuple[str, ...]]] = Factory(dict)
    ends: dict[str, tuple[Operation, tuple[str, ...]]] = Factory(dict)


class Router:
    """Finds operations by method and path.

    Args:
        contract: whose operations are to be found.
    """

    def __init__(self, contract: Contract) -> None:
        self._root = _Node()
        for operation in contract.operations.values():
            self._add(operation)

    def _add(self, operation: Operation) -> None:
        node = self._root
        names: list[str] = []
        for segment in operation.uri.partition("?")[0].split("/")[1:]:
            found = _LABEL.fullmatch(segment)
            if found is None:
                node = node.literals.setdefault(segment, _Node())
                continue
            names.append(found[1])
            if found[2]:
                node.greedy[operation.method] = (operation, tuple(names))
                return
            node.label = node.label or _Node()
            node = node.label
        node.ends[operation.method] = (operation, tuple(names))

    def find(self, method: str, path: str) -> Route:
        """The operation that a request is for.

        Args:
            method: the HTTP method.
            path: the path as it was sent, without its query.

        Raises:
            ProtocolError: no operation has that path, or none has it with that method; or a label
                is not UTF-8.
        """
        segments = path.split("/")[1:]
        other_methods: set[str] = set()
        for ends, values in _matches(self._root, segments, ()):
            if method in ends:
                operation, names = ends[method]
                return Route(operation, dict(zip(names, map(_decoded, values), strict=True)))
            other_methods |= ends.keys()
        if other_methods:
            allowed = ", ".join(sorted(other_methods))
            raise ProtocolError(
                "UnknownOperationException",
                405,
                f"{method} is not allowed here; {allowed} would be.",
                ("Allow", allowed),
            )
        raise ProtocolError(
            "UnknownOperationException", 404, "No operation of this service has that path."
        )


_Ends = dict[str, tuple[Operation, tuple[str, ...]]]


def _matches(
    node: _Node, segments: Sequence[str], values: tuple[str, ...]
) -> Iterator[tuple[_Ends, tuple[str, ...]]]:
    if not segments:
        if node.ends:
            yield node.ends, values
        return
    first, rest = segments[0], segments[1:]
    if first in node.literals:
        yield from _matches(node.literals[first], rest, values)
    # An empty label is no label: the path is another one.
    if node.label is not None and first:
        yield from _matches(node.label, rest, (*values, first))
    if node.greedy and first:
        yield node.greedy, (*values, "/".join(segments))


def _decoded(text: str) -> str:
    if "%" not in text and text.isascii():
        return text
    try:
        return unquote_to_bytes(text.encode("latin-1")).decode()
    except UnicodeError:
        raise serialization_error("The path is not percent-encoded UTF-8.") from None

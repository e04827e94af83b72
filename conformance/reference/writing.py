"""From what a handler returns to JSON, by the shape that the contract gives it.

Members that the contract does not know are dropped, and those that are None: one record serves the
owner's view, the collaboration's view and the summary alike, and an older contract gets no news.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from conformance.contract import Contract, Shape

Write = Callable[[Any], Any]


class OutputWriter:
    """Writes the outputs and errors of a contract.

    Args:
        contract: whose shapes are to be written.
    """

    def __init__(self, contract: Contract) -> None:
        self._writers: dict[str, Write] = {}
        for operation in contract.operations.values():
            if operation.output is not None:
                self._writer(operation.output)
        for error in contract.errors.values():
            self._writer(error.shape)

    def write(self, shape: Shape, value: Any) -> Any:
        """A value in the form in which it travels."""
        return self._writers[shape.name](value)

    def to_json(self, shape: Shape, value: Any) -> bytes:
        """A value as the bytes of a JSON document."""
        return encode(self.write(shape, value))

    def _writer(self, shape: Shape) -> Write:
        def itself(value: Any) -> Any:
            return self._writers[shape.name](value)

        if shape.name not in self._writers:
            # Filled in before its parts are built, so that a recursive shape finds itself.
            self._writers[shape.name] = itself
            self._writers[shape.name] = self._build(shape)
        return self._writers[shape.name]

    def _build(self, shape: Shape) -> Write:
        if shape.document:
            return _unchanged
        if shape.type == "structure":
            members = [(m.name, m.wire_name, self._writer(m.shape)) for m in shape.members.values()]
            return _union_writer(members) if shape.union else _structure_writer(members)
        if shape.element is not None:
            element = self._writer(shape.element.shape)
            return lambda value: [element(inner) for inner in value]
        if shape.value is not None:
            inside = self._writer(shape.value.shape)
            return lambda value: {key: inside(inner) for key, inner in value.items()}
        return _milliseconds if shape.type == "timestamp" else _unchanged


def _milliseconds(value: float) -> float:
    # Sums of times have digits beyond the millisecond that mean nothing.
    return round(value, 3)


def _unchanged(value: Any) -> Any:
    return value


def _structure_writer(members: list[tuple[str, str, Write]]) -> Write:
    def write(value: dict[str, Any]) -> dict[str, Any]:
        written = {}
        for name, wire_name, write_member in members:
            inner = value.get(name)
            if inner is None:
                continue
            member = write_member(inner)
            if member is not None:
                written[wire_name] = member
        return written

    return write


def _union_writer(members: list[tuple[str, str, Write]]) -> Write:
    write_structure = _structure_writer(members)

    def write(value: dict[str, Any]) -> dict[str, Any] | None:
        # Of a member that the contract does not know nothing is left, and an empty union is none.
        return write_structure(value) or None

    return write


_ENCODER = json.JSONEncoder(separators=(",", ":"), allow_nan=False)


def encode(document: Any) -> bytes:
    """A document as compact JSON."""
    return _ENCODER.encode(document).encode("ascii")

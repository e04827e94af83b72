"""Puts the ill value of a violation into its input."""

from __future__ import annotations

import base64
from decimal import Decimal
from typing import Any

from conformance.contract import Shape
from conformance.contract.paths import ELEMENT, KEY, VALUE
from conformance.generation.violations import Violation


def broken_params(shape: Shape, violation: Violation) -> dict[str, Any]:
    """The invalid input that a violation describes, in the form in which botocore takes parameters.

    Args:
        shape: the input of the operation that the violation is of.
    """
    broken: dict[str, Any] = _put(shape, violation.params, violation.path.parts, violation)
    return broken


def _put(shape: Shape, value: Any, parts: tuple[str, ...], violation: Violation) -> Any:
    if not parts:
        return _taken_by_botocore(shape, violation.value)
    part, rest = parts[0], parts[1:]
    if part == ELEMENT and shape.element is not None:
        return [_put(shape.element.shape, value[0], rest, violation), *value[1:]]
    first = next(iter(value), "")
    if part == KEY:
        return {violation.value if key == first else key: inner for key, inner in value.items()}
    if part == VALUE and shape.value is not None:
        return {**value, first: _put(shape.value.shape, value[first], rest, violation)}
    if not rest and violation.removes:
        return {name: inner for name, inner in value.items() if name != part}
    return {**value, part: _put(shape.members[part].shape, value.get(part), rest, violation)}


def _taken_by_botocore(shape: Shape, ill: Any) -> Any:
    if isinstance(ill, Decimal):
        return int(ill)
    # It travels as base64, but botocore takes the bytes.
    return base64.b64decode(ill) if shape.type == "blob" and isinstance(ill, str) else ill

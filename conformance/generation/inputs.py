"""Strategies for whole inputs of operations, and for the values of any shape."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from conformance.contract import Operation, Shape
from conformance.errors import unknown
from conformance.generation.shapes import Strategies

_Avoid = tuple[tuple[str, frozenset[str]], ...]


def inputs(
    operation: Operation,
    *,
    fixed: Mapping[str, Any] | None = None,
    avoid: Mapping[str, frozenset[str]] | None = None,
) -> SearchStrategy[dict[str, Any]]:
    """A strategy for the valid inputs of an operation, in the form in which botocore takes them.

    Args:
        fixed: top-level members that every input has; a value, or a strategy for values.
        avoid: for the name of a shape, values of its enum that are not to be drawn.

    Raises:
        Unsatisfiable: no input is valid.
        UsageError: a fixed member is none of the operation's.
    """
    given = dict(fixed or {})
    for name in given:
        if name not in operation.members:
            raise unknown(f"member of {operation}'s input", name, operation.members)
    if operation.input is None:
        return st.builds(dict)
    strategies = _strategies(tuple(sorted((avoid or {}).items())))
    if not given:
        return strategies.of(operation.input)
    return strategies.with_members(operation.input, {n: _as_strategy(v) for n, v in given.items()})


def values(shape: Shape) -> SearchStrategy[Any]:
    """A strategy for the valid values of any shape.

    Raises:
        Unsatisfiable: there are none.
    """
    return _strategies(()).of(shape)


def _as_strategy(value: Any) -> SearchStrategy[Any]:
    # A copy each time, so that a test that changes its input changes no other.
    return value if isinstance(value, SearchStrategy) else st.builds(deepcopy, st.just(value))


@cache
def _strategies(avoid: _Avoid) -> Strategies:
    return Strategies(dict(avoid))

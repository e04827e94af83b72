"""Strategies for structures: required members always, optional ones now and then.

``fixed_dictionaries`` would do the same, but draws an order of the members as well, which no
service sees, and half of all optional members, which makes deep inputs huge.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

_Members = tuple[tuple[str, SearchStrategy[Any]], ...]

_MOST_OPTIONAL: Final = 8


def structure(
    required: Mapping[str, SearchStrategy[Any]], optional: Mapping[str, SearchStrategy[Any]]
) -> SearchStrategy[dict[str, Any]]:
    """A strategy for structures; shrinks to the required members."""
    return _structure(tuple(required.items()), tuple(optional.items()))


def one_arm(arms: Mapping[str, SearchStrategy[Any]]) -> SearchStrategy[dict[str, Any]]:
    """A strategy for unions; shrinks to the first arm."""
    return _one_arm(tuple(arms.items()))


@st.composite
def _structure(draw: st.DrawFn, required: _Members, optional: _Members) -> dict[str, Any]:
    value = {name: draw(inner) for name, inner in required}
    count = len(optional)
    for _ in range(min(count, _MOST_OPTIONAL)):
        # Zero, to which it shrinks, and as much again as a third of the members end it. A member
        # is named by its place among all, so that leaving one out does not change the others.
        chosen = draw(_up_to(count + count // 3))
        if not 0 < chosen <= count:
            break
        name, inner = optional[chosen - 1]
        value[name] = draw(inner)
    return value


@st.composite
def _one_arm(draw: st.DrawFn, arms: _Members) -> dict[str, Any]:
    name, inner = arms[draw(_up_to(len(arms) - 1))] if len(arms) > 1 else arms[0]
    return {name: draw(inner)}


@cache
def _up_to(last: int) -> SearchStrategy[int]:
    return st.integers(0, last)

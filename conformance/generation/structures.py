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
_Entry = tuple[str, Any]

_MOST_OPTIONAL: Final = 6


def structure(
    required: Mapping[str, SearchStrategy[Any]], optional: Mapping[str, SearchStrategy[Any]]
) -> SearchStrategy[dict[str, Any]]:
    """A strategy for structures; shrinks to the required members."""
    if not optional:
        return _whole(tuple(required.items()))
    most = min(len(optional), _MOST_OPTIONAL)
    return _structure(tuple(required.items()), _up_to(most), _entry(tuple(optional.items())))


def one_arm(arms: Mapping[str, SearchStrategy[Any]]) -> SearchStrategy[dict[str, Any]]:
    """A strategy for unions; shrinks to the first arm."""
    return _entry(tuple(arms.items())).map(_alone)


@st.composite
def _whole(draw: st.DrawFn, members: _Members) -> dict[str, Any]:
    return {name: draw(inner) for name, inner in members}


@st.composite
def _structure(
    draw: st.DrawFn, required: _Members, count: SearchStrategy[int], entry: SearchStrategy[_Entry]
) -> dict[str, Any]:
    value = {name: draw(inner) for name, inner in required}
    # How many comes first, and each is a draw of its own: that way a shrinker knows how to take one
    # away. It is named by its place among all, so that this does not change the others.
    for _ in range(draw(count)):
        name, drawn = draw(entry)
        value[name] = drawn
    return value


@st.composite
def _entry(draw: st.DrawFn, members: _Members) -> _Entry:
    name, inner = members[draw(_up_to(len(members) - 1))] if len(members) > 1 else members[0]
    return name, draw(inner)


def _alone(entry: _Entry) -> dict[str, Any]:
    return dict([entry])


@cache
def _up_to(last: int) -> SearchStrategy[int]:
    return st.integers(0, last)

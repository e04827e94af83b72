"""Strategies for texts: pattern and length compiled together into one.

What a strategy draws is valid by construction, and nothing is thrown away: where a pattern looks
around, so that a drawn text may miss it, one of the texts found beforehand takes its place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import islice
from typing import Any, Final, TypeVar

from attrs import field, frozen
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from conformance.contract import Pattern
from conformance.generation.characters import Characters
from conformance.generation.expressions import Joined, Node, Run
from conformance.generation.texts import Bounds, matching, tree
from conformance.generation.walk import walk

T = TypeVar("T")
_Draw = Callable[[SearchStrategy[Any]], Any]

# So many texts are looked for beforehand.
_KNOWN: Final = 40
# So many characters are listed one by one; of larger sets the first of each range.
_LISTED: Final = 3000


def texts(pattern: Pattern | None, bounds: Bounds) -> SearchStrategy[str] | None:
    """A strategy for the texts that match a pattern and have an allowed length.

    Returns:
        None if there are none.

    Raises:
        Unreadable: the pattern's syntax is not known.
    """
    found, lengths = tree(pattern, bounds)
    if not lengths:
        return None
    if found.exact or pattern is None:
        return _drawn(found.node, lengths.least, lengths.most)
    known = list(islice(matching(pattern, bounds), _KNOWN))
    if not known:
        return None
    # Texts shorter than the shortest that matches would be drawn in vain.
    least = min(max(lengths.least, len(known[0])), lengths.most)
    return _held_against(pattern, _drawn(found.node, least, lengths.most), st.sampled_from(known))


@st.composite
def _held_against(
    draw: st.DrawFn, pattern: Pattern, drawn: SearchStrategy[str], known: SearchStrategy[str]
) -> str:
    text = draw(drawn)
    return text if pattern.matches(text) else draw(known)


def _drawn(node: Node, low: int, high: int) -> SearchStrategy[str]:
    if isinstance(node, Run) and not node.text:
        spans = node.lengths.within(low, high)
        return run(node.characters, spans.least, spans.most)
    equal = _EqualRuns.of(node)
    if equal is not None:
        return run(equal.characters, equal.size, equal.size).map(equal.filled)
    return _walked(node, low, high)


@st.composite
def _walked(draw: st.DrawFn, node: Node, low: int, high: int) -> str:
    return walk(node, _Drawing(draw), low, high)


@frozen
class _Drawing:
    """Lets Hypothesis choose."""

    draw: _Draw = field(eq=False)

    def choose(self, options: Sequence[T]) -> T:
        chosen: T = options[self.draw(_below(len(options)))]
        return chosen

    def run(self, characters: Characters, least: int, most: int) -> str:
        text: str = self.draw(run(characters, least, most))
        return text


@frozen
class _EqualRuns:
    """A text of which all that varies are characters of one set in fixed places, like a UUID.

    One draw for all of them is several times as fast as one for each run.
    """

    characters: Characters
    size: int
    pieces: tuple[int | str, ...]

    @classmethod
    def of(cls, node: Node) -> _EqualRuns | None:
        if not isinstance(node, Joined) or not all(isinstance(p, Run) for p in node.parts):
            return None
        runs = [part for part in node.parts if isinstance(part, Run)]
        varying = [part for part in runs if not part.text]
        if not varying or any(
            part.characters != varying[0].characters or part.lengths.least != part.lengths.most
            for part in varying
        ):
            return None
        pieces = tuple(part.text or part.lengths.least for part in runs)
        size = sum(part.lengths.least for part in varying)
        return cls(varying[0].characters, size, pieces)

    def filled(self, text: str) -> str:
        """The whole text, with the characters that were drawn in their places."""
        parts = []
        at = 0
        for piece in self.pieces:
            if isinstance(piece, str):
                parts.append(piece)
            else:
                parts.append(text[at : at + piece])
                at += piece
        return "".join(parts)


@cache
def _below(count: int) -> SearchStrategy[int]:
    return st.integers(0, count - 1)


@cache
def run(characters: Characters, least: int, most: int) -> SearchStrategy[str]:
    """A strategy for texts of characters of one set."""
    return st.text(_alphabet(characters), min_size=least, max_size=most)


@cache
def _alphabet(characters: Characters) -> SearchStrategy[str]:
    if len(characters) <= _LISTED:
        return st.characters(categories=(), include_characters="".join(characters))
    first, last = characters.ranges[0][0], characters.ranges[-1][1]
    missing = ~characters & Characters.of([(first, last)])
    if len(missing) <= _LISTED:
        return st.characters(
            min_codepoint=first,
            max_codepoint=last,
            exclude_categories=["Cs"],
            exclude_characters="".join(missing),
        )
    share = max(_LISTED // len(characters.ranges), 1)
    listed = Characters.of((a, min(b, a + share)) for a, b in characters.ranges)
    return st.characters(categories=(), include_characters="".join(listed))

"""Reads a text of a wanted length off an expression, along the choices of a guide.

Who chooses is the only difference between the smallest text, a random one and one that Hypothesis
draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Final, Protocol, TypeVar

from attrs import field, frozen

from conformance.generation.characters import Characters
from conformance.generation.expressions import Either, Node, Repeated, Run
from conformance.generation.lengths import EMPTY, Lengths

T = TypeVar("T")

# How many different counts of a repetition are choices.
_COUNTS: Final = 4


class Guide(Protocol):
    """Makes the choices on the way."""

    def choose(self, options: Sequence[T]) -> T:
        """One of at least two options; the first is the simplest."""
        ...

    def run(self, characters: Characters, least: int, most: int) -> str:
        """A text of characters of one set, of a length between two bounds."""
        ...


def walk(node: Node, guide: Guide, low: int, high: int) -> str:
    """A text of an expression.

    Args:
        low, high: bounds of its length; one of the node's lengths is between them.
    """
    if isinstance(node, Run):
        if node.text:
            return node.text
        spans = node.lengths.within(low, high)
        return guide.run(node.characters, spans.least, spans.most) if spans.most else ""
    if isinstance(node, Either):
        options = [option for option in node.options if option.lengths.meets(low, high)]
        return walk(_one(options, guide), guide, low, high)
    if isinstance(node, Repeated):
        count = _one(_counts(node, low, high), guide)
        rests = _rests(node, count, high)
        return _along([node.part] * count, rests, guide, low, high)
    return _along(node.parts, node.rests, guide, low, high)


def _along(
    parts: Sequence[Node], rests: Sequence[Lengths], guide: Guide, low: int, high: int
) -> str:
    texts = []
    for part, rest in zip(parts, rests, strict=True):
        if isinstance(part, Run) and part.text:
            text = part.text
        else:
            first, last = _one(part.lengths.before(rest, low, high), guide)
            text = walk(part, guide, first, last)
        texts.append(text)
        low -= len(text)
        high -= len(text)
    return "".join(texts)


def _one(options: Sequence[T], guide: Guide) -> T:
    return options[0] if len(options) == 1 else guide.choose(options)


def _counts(node: Repeated, low: int, high: int) -> list[int]:
    counts: list[int] = []
    total = node.part.lengths.times(node.least, node.least, high)
    count = node.least
    while total and len(counts) < _COUNTS:
        if total.meets(low, high):
            counts.append(count)
        if count == node.most or not node.part.lengths.meets(1, high):
            break
        total = total.plus(node.part.lengths, high)
        count += 1
    return counts


def _rests(node: Repeated, count: int, cap: int) -> list[Lengths]:
    rests = [EMPTY]
    for _ in range(1, count):
        rests.append(rests[-1].plus(node.part.lengths, cap))
    return rests[:count][::-1]


@frozen
class Plainest:
    """Takes the simplest way and the plainest character.

    Attributes:
        skipped: how many plainer characters to pass over.
    """

    skipped: int = 0

    def choose(self, options: Sequence[T]) -> T:
        """The first."""
        return options[0]

    def run(self, characters: Characters, least: int, most: int) -> str:  # noqa: ARG002 - a Guide
        """The same character, as few times as may be."""
        favourites = characters.favourites
        return favourites[self.skipped % len(favourites)] * least


@frozen
class Wandering:
    """Chooses at random."""

    rng: Random = field(eq=False)

    def choose(self, options: Sequence[T]) -> T:
        """Any."""
        return self.rng.choice(options)

    def run(self, characters: Characters, least: int, most: int) -> str:
        """Any, mostly of plain characters and short."""
        longest = most if self.rng.random() < 0.2 else min(most, least + 8)  # noqa: PLR2004 - often short
        return "".join(characters.drawn(self.rng) for _ in range(self.rng.randint(least, longest)))

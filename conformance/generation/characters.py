"""Sets of characters, as ranges of code points; surrogates, which no text may hold, are in none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import islice
from random import Random
from typing import Final

from attrs import frozen

Range = tuple[int, int]

_LAST: Final = 0x10FFFF
_SURROGATES: Final = (0xD800, 0xDFFF)
_LAST_BASIC: Final = 0xFFFF
# The characters that a reader finds least surprising come first.
_PLAIN: Final = "aA0bB1cxyzXYZ23-_./:"
_PRINTABLE: Final = range(0x21, 0x7F)


@frozen
class Characters:
    """A set of characters.

    Attributes:
        ranges: first and last code point of each run, ascending, with gaps between them.
    """

    ranges: tuple[Range, ...]

    @classmethod
    def of(cls, ranges: Iterable[Range]) -> Characters:
        """The characters of any ranges of code points, without surrogates."""
        merged: list[Range] = []
        for first, last in sorted(_without_surrogates(ranges)):
            if merged and first <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(merged[-1][1], last))
            else:
                merged.append((first, last))
        return cls(tuple(merged))

    @classmethod
    def in_text(cls, text: str) -> Characters:
        """The characters of a text."""
        return cls.of((ord(char), ord(char)) for char in text)

    def __len__(self) -> int:
        return sum(last - first + 1 for first, last in self.ranges)

    def __contains__(self, char: str) -> bool:
        return any(first <= ord(char) <= last for first, last in self.ranges)

    def __iter__(self) -> Iterator[str]:
        for first, last in self.ranges:
            yield from map(chr, range(first, last + 1))

    def __and__(self, other: Characters) -> Characters:
        return Characters.of(
            (max(a, c), min(b, d))
            for a, b in self.ranges
            for c, d in other.ranges
            if max(a, c) <= min(b, d)
        )

    def __invert__(self) -> Characters:
        gaps = []
        start = 0
        for first, last in self.ranges:
            gaps.append((start, first - 1))
            start = last + 1
        gaps.append((start, _LAST))
        return Characters.of((a, b) for a, b in gaps if a <= b)

    @cached_property
    def favourites(self) -> tuple[str, ...]:
        """Some of them, the plainest first."""
        plain = [char for char in _PLAIN if char in self]
        printable = (chr(code) for code in _PRINTABLE if chr(code) in self)
        others = [*islice(printable, 8), *islice(self, 4)]
        return tuple(dict.fromkeys(plain + others))

    def drawn(self, rng: Random) -> str:
        """One of them at random: mostly among the plain ones."""
        if rng.random() < 0.8:  # noqa: PLR2004 - any share that keeps both kinds frequent
            return rng.choice(self.favourites)
        first, last = rng.choice(self.ranges)
        return chr(rng.randint(first, last))


def _without_surrogates(ranges: Iterable[Range]) -> Iterator[Range]:
    low, high = _SURROGATES
    for first, last in ranges:
        if first < low:
            yield first, min(last, low - 1)
        if last > high:
            yield max(first, high + 1), last


EVERY: Final = Characters.of([(0, _LAST)])
BASIC: Final = Characters.of([(0, _LAST_BASIC)])
# Engines differ on which of these a dot matches.
LINE_ENDS: Final = Characters.in_text("\n\r\u0085\u2028\u2029")
ANY_BUT_LINE_ENDS: Final = ~LINE_ENDS

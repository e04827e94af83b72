"""Sets of lengths: which sizes the texts of an expression can have.

Kept as disjoint spans, since an expression such as ``(ab|cdef)+`` has gaps. Knows nothing of
patterns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from attrs import frozen

Span = tuple[int, int]

# Beyond so many repetitions a set with gaps is not followed further. What is left out is only
# never generated; nothing wrong is let in.
_FOLLOWED: Final = 400


@frozen
class Lengths:
    """A set of lengths.

    Attributes:
        spans: first and last length of each run of lengths, ascending, with gaps between them.
    """

    spans: tuple[Span, ...]

    @classmethod
    def of(cls, spans: Iterable[Span], cap: int) -> Lengths:
        """The union of spans, without what is longer than the cap."""
        merged: list[Span] = []
        for first, last in sorted((a, min(b, cap)) for a, b in spans if a <= min(b, cap)):
            if merged and first <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(merged[-1][1], last))
            else:
                merged.append((first, last))
        return cls(tuple(merged))

    def __bool__(self) -> bool:
        return bool(self.spans)

    def __contains__(self, length: int) -> bool:
        return self.meets(length, length)

    def __iter__(self) -> Iterator[int]:
        for first, last in self.spans:
            yield from range(first, last + 1)

    @property
    def least(self) -> int:
        """The smallest; the set is not empty."""
        return self.spans[0][0]

    @property
    def most(self) -> int:
        """The largest; the set is not empty."""
        return self.spans[-1][1]

    def meets(self, low: int, high: int) -> bool:
        """Whether one of them is between two bounds."""
        return any(first <= high and last >= low for first, last in self.spans)

    def within(self, low: int, high: int) -> Lengths:
        """Those between two bounds."""
        return Lengths.of(((max(a, low), b) for a, b in self.spans), high)

    def plus(self, other: Lengths, cap: int) -> Lengths:
        """The lengths of one text of each set, joined."""
        return Lengths.of(
            ((a + c, b + d) for a, b in self.spans for c, d in other.spans if a + c <= cap), cap
        )

    def before(self, rest: Lengths, low: int, high: int) -> tuple[Span, ...]:
        """Those that a text may have if one of another set follows and both together fit."""
        spans = ((max(a, low - d), min(b, high - c)) for a, b in self.spans for c, d in rest.spans)
        return Lengths.of(spans, high).spans

    def times(self, least: int, most: int | None, cap: int) -> Lengths:
        """The lengths of ``least`` to ``most`` texts of the set, joined."""
        if not self:
            return EMPTY if least == 0 else NONE
        if self.most == 0:
            return EMPTY
        total = EMPTY if least == 0 else self._exactly(least, cap)
        found = list(total.spans)
        last = least + _FOLLOWED if most is None else min(most, least + _FOLLOWED)
        for _ in range(least, last):
            total = total.plus(self, cap)
            if not total or _covers(found, total.spans):
                break
            found = list(Lengths.of([*found, *total.spans], cap).spans)
        return Lengths.of(found, cap)

    def _exactly(self, count: int, cap: int) -> Lengths:
        total, doubled = EMPTY, self
        while count:
            if count & 1:
                total = total.plus(doubled, cap)
            doubled = doubled.plus(doubled, cap)
            count >>= 1
        return total


def _covers(outer: list[Span], inner: tuple[Span, ...]) -> bool:
    return all(any(a <= c and d <= b for a, b in outer) for c, d in inner)


NONE: Final = Lengths(())
EMPTY: Final = Lengths(((0, 0),))

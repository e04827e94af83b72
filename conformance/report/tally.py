"""Counts of cases by verdict, and the one sign that stands for them in a matrix."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable
from typing import Final, TypeVar

from attrs import frozen

from conformance.report.types import JUDGED, Result, Verdict

SIGNS: Final[dict[Verdict, str]] = {
    "deviates": "✗",
    "waived": "~",
    "inconclusive": "?",
    "passed": "✓",
    "not_implemented": "-",
    "skipped": "s",
}
"""A sign a verdict, the one that decides for a whole cell first."""

_RAN: Final = frozenset({*JUDGED, "inconclusive"})

Key = TypeVar("Key", bound=Hashable)


@frozen
class Tally:
    """The cases in one cell of a matrix, by verdict."""

    counts: tuple[tuple[Verdict, int], ...]

    @classmethod
    def of(cls, counts: Counter[Verdict]) -> Tally:
        """A tally of these counts, at least one of which is not zero."""
        return cls(tuple((verdict, counts[verdict]) for verdict in SIGNS if counts[verdict]))

    @property
    def verdict(self) -> Verdict:
        """The verdict that wants attention most; what did not run hides no passed case."""
        return self.counts[0][0]

    @property
    def count(self) -> int:
        """How many cases have that verdict."""
        return self.counts[0][1]

    @property
    def total(self) -> int:
        """How many cases ran; what did not run counts only where there is nothing else."""
        return sum(n for verdict, n in self.counts if verdict in {self.verdict, *_RAN})

    @property
    def figures(self) -> str:
        """`3/12` where three of twelve have the verdict, `12` where all have."""
        return f"{self.count:,}" if self.count == self.total else f"{self.count:,}/{self.total:,}"

    def __str__(self) -> str:
        return f"{SIGNS[self.verdict]} {self.figures}"


def tallies(results: Iterable[Result], key: Callable[[Result], Key]) -> dict[Key, Tally]:
    """The results counted by verdict for each value of `key`."""
    counts: dict[Key, Counter[Verdict]] = defaultdict(Counter)
    for result in results:
        counts[key(result)][result["verdict"]] += 1
    return {name: Tally.of(count) for name, count in counts.items()}

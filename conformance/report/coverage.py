"""How much of what there is to judge was judged: by this run, and by the suite as such.

A run's own figures follow from its cases. What the suite covers of sites, error pairs and facts,
and why it leaves out the rest, a report carries as `coverage`; each part of it may be missing.
How a measure looks is the writers' business.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import frozen

from conformance.report.outcome import implemented
from conformance.report.types import JUDGED, Report

_PARTS: Final = frozenset({"sites", "errors", "facts"})


_EXCUSED: Final = ("unreachable", "unobservable", "unknown")


@frozen
class Measure:
    """So many of so many.

    Attributes:
        name: what is counted.
        covered: how many of them are covered.
        total: how many there are; None where nobody knows.
        excused: those that are left out for a reason, by the word for it, none of them zero.
        gap: how many are left out for none.
    """

    name: str
    covered: int
    total: int | None
    excused: tuple[tuple[str, int], ...] = ()
    gap: int = 0

    @property
    def left_out(self) -> str:
        """What is not covered and why: `3 unreachable, 2 gaps`; empty where nothing is told."""
        parts = [f"{count:,} {word}" for word, count in self.excused]
        if self.gap:
            parts.append(f"{self.gap:,} gap{'' if self.gap == 1 else 's'}")
        return ", ".join(parts)


def of_run(report: Report) -> Iterator[Measure]:
    """What the cases of this run came to judge on this target."""
    has, of = implemented(report)
    judged = [one for one in report["results"] if one["verdict"] in JUDGED]
    yield Measure("operations implemented", has, of)
    yield Measure("cases judged", len(judged), max(report["planned"], len(report["results"])))
    yield Measure("checks judged", len({one["check"] for one in judged}), len(report["checks"]))
    yield Measure("sites judged", len({(one["operation"], one["site"]) for one in judged}), None)
    yield Measure("facts judged", len({fact for one in judged for fact in one["facts"]}), None)
    for name, part in sorted(report["coverage"].items()):
        if name not in _PARTS and isinstance(part, dict) and {"covered", "total"} <= part.keys():
            yield Measure(f"{name} judged", part["covered"], part["total"])


def of_sites(report: Report) -> list[Measure]:
    """What the suite covers of the contract's sites, by kind; empty where it is not told."""
    kinds: Mapping[str, Any] = report["coverage"].get("sites", {})
    return [
        _measure(f"{kind} sites", part, "covered", excused=("unreachable",))
        for kind, part in sorted(kinds.items())
    ]


def of_suite(report: Report) -> list[Measure]:
    """What the suite covers of all sites, of error pairs and of facts, as far as it is told."""
    coverage = report["coverage"]
    found: list[Measure] = []
    if sites := of_sites(report):
        found.append(_summed("sites of the contract", sites))
    if "errors" in coverage:
        errors = coverage["errors"]
        found.append(_measure("error pairs", errors, "provoked", excused=("listed",)))
    if "facts" in coverage:
        facts = coverage["facts"]
        found.append(_measure("facts", facts, "covered", excused=_EXCUSED))
    return found


def _measure(
    name: str, part: Mapping[str, Any], covered: str, *, excused: tuple[str, ...]
) -> Measure:
    reasons = tuple((word, part[word]) for word in excused if part.get(word, 0))
    done, gap = part.get(covered, 0), part.get("gap", 0)
    return Measure(name, done, done + sum(count for _, count in reasons) + gap, reasons, gap)


def _summed(name: str, measures: list[Measure]) -> Measure:
    excused = sum(count for each in measures for _, count in each.excused)
    return Measure(
        name,
        sum(each.covered for each in measures),
        sum(each.total or 0 for each in measures),
        (("unreachable", excused),) if excused else (),
        sum(each.gap for each in measures),
    )

"""Groups deviations that probably share one fault, so that a reader fixes causes, not cases.

Each deviating result carries the key of its cause, which its check chose. Two rules make causes of
them:

1. Results with the same key are one cause.
2. The key `CHECK@OPERATION` says no more than that one operation fails one check. Where a check
   deviates in at least three operations, and in more than half of the implemented operations in
   which it came to a judgement, the fault probably sits in what those operations share (a missing
   validation, a wrong serializer): its causes of that form become one, with the key `CHECK@*`.
   Keys of any other form were chosen on purpose and stay as they are.

Nothing here decides what a deviation is, nor how one is shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from attrs import frozen

from conformance.report.text import plural
from conformance.report.types import DEVIATIONS, JUDGED, LEVELS, Level, Report, Result

SYSTEMIC_OPERATIONS: Final = 3
"""In fewer operations than this, a check's deviations are not taken for one fault."""

_SERVER_FAULT: Final = "error.server-fault"


@frozen
class Cause:
    """Deviations that probably share one fault.

    Attributes:
        key: names the cause in reports and ledgers, the same from run to run.
        scope: where it shows: a site, an operation, or `9 of 11 operations`.
        checks: the ids of the checks that deviate, sorted.
        operations: the operations that deviate, sorted.
        level: the highest level of its checks.
        results: the deviating results, those that no ledger waives first, then by case.
        waived: whether the ledger lists every one of them.
    """

    key: str
    scope: str
    checks: tuple[str, ...]
    operations: tuple[str, ...]
    level: Level
    results: tuple[Result, ...]
    waived: bool

    @property
    def count(self) -> int:
        """How many cases deviate."""
        return len(self.results)

    @property
    def unwaived(self) -> int:
        """How many of them no ledger lists."""
        return sum(result["verdict"] == "deviates" for result in self.results)

    @property
    def name(self) -> str:
        """The check that deviates, or what else the cause names where there are several."""
        return self.checks[0] if len(self.checks) == 1 else self.key.removesuffix("@*")

    @property
    def title(self) -> str:
        """What deviates, and where: `input.max-length: 9 of 11 operations`."""
        return f"{self.name}: {self.scope}"

    @property
    def example(self) -> Result:
        """The result to show for all: one that knows what the target was asked, where there is one.

        That an operation failed shows in every response; why it was called only a case tells.
        """
        first = self.results[0]
        alike = (r for r in self.results if r["verdict"] == first["verdict"])
        return next((r for r in alike if r["check"] != _SERVER_FAULT), first)


def causes(report: Report) -> list[Cause]:
    """The causes of all deviations, waived ones too: biggest first, equal ones by key."""
    deviations = [r for r in report["results"] if r["verdict"] in DEVIATIONS]
    systemic = _systemic(report, deviations)
    groups: dict[str, list[Result]] = defaultdict(list)
    for result in deviations:
        root = _root(result)
        groups[f"{root}@*" if root in systemic else _key(result)].append(result)
    found = [_cause(key, group, systemic) for key, group in groups.items()]
    return sorted(found, key=lambda cause: (-cause.count, cause.key))


def _systemic(report: Report, deviations: Iterable[Result]) -> Mapping[str, int]:
    """The roots that show nearly everywhere, with the number of operations that were judged.

    A root is mostly a check; it stands for several where one fault makes all of them fail.
    """
    ran: dict[str, set[str]] = defaultdict(set)
    for result in report["results"]:
        if result["verdict"] in JUDGED and _is_implemented(report, result["operation"]):
            ran[result["check"]].add(result["operation"])
    failed: dict[str, set[str]] = defaultdict(set)
    for result in deviations:
        if root := _root(result):
            failed[root].add(result["operation"])
            ran[root] |= {result["operation"]} | ran.get(root.partition(":")[0], set())
    return {
        root: len(ran[root])
        for root, operations in failed.items()
        if len(operations) >= SYSTEMIC_OPERATIONS and len(operations) * 2 > len(ran[root])
    }


def _cause(key: str, group: Sequence[Result], systemic: Mapping[str, int]) -> Cause:
    results = tuple(sorted(group, key=lambda r: (r["verdict"] == "waived", r["case"])))
    checks = tuple(sorted({r["check"] for r in results}))
    operations = tuple(sorted({r["operation"] for r in results}))
    levels = {result["level"] for result in results}
    ran = systemic.get(key.removesuffix("@*"), 0) if key.endswith("@*") else 0
    return Cause(
        key=key,
        scope=_scope(results, operations, ran),
        checks=checks,
        operations=operations,
        level=min(levels, key=LEVELS.index),
        results=results,
        waived=all(r["verdict"] == "waived" for r in results),
    )


def _scope(results: Sequence[Result], operations: Sequence[str], ran: int) -> str:
    if ran:
        return f"{len(operations)} of {plural(ran, 'operation')}"
    if len(results) == 1:
        return results[0]["site"] or results[0]["operation"]
    if len(operations) == 1:
        return f"{operations[0]}, {plural(len(results), 'case')}"
    return plural(len(operations), "operation")


def _key(result: Result) -> str:
    return result["cause"] or f"{result['check']}@{result['operation']}"


def _root(result: Result) -> str:
    """What a cause that is told by operation names besides it; empty for any other cause."""
    root, _, place = _key(result).partition("@")
    operation, _, where = place.partition(":")
    if operation != result["operation"]:
        return ""
    return f"{root}:{where}" if where else root


def _is_implemented(report: Report, operation: str) -> bool:
    facts = report["operations"].get(operation)
    return facts is None or facts["implemented"] is not False

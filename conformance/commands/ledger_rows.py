"""Which rows a ledger needs for the deviations of a report that somebody chose.

A row never waives more than was chosen: one that spans operations names them. What a row looks like
in the file is not known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Literal

from attrs import evolve, frozen

from conformance.errors import UsageError, unknown
from conformance.ledger.editing import holdable
from conformance.ledger.model import Entry
from conformance.names import Glob, any_matches
from conformance.report.causes import causes
from conformance.report.types import DEVIATIONS, Report, Result

By = Literal["case", "cause"]

_CHOOSE: Final = "Give --cause KEY, --case NAME, --check GLOB, --operation GLOB or --all."


@frozen
class Choice:
    """What is to be listed.

    Attributes:
        causes, cases: names as the report has them, or patterns with ``*``.
        checks, operations: of these only; without causes and cases, everything of these.
        everything: whether every cause is meant.
    """

    causes: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    checks: tuple[Glob, ...] = ()
    operations: tuple[Glob, ...] = ()
    everything: bool = False

    def narrows_to(self, result: Result) -> bool:
        """Whether a result is of the checks and operations that are meant."""
        return any_matches(self.checks, result["check"]) and any_matches(
            self.operations, result["operation"]
        )


@frozen
class Wanted:
    """A row that is asked for, and the deviations that it is to waive."""

    by: By
    pattern: str
    results: tuple[Result, ...]
    operations: tuple[str, ...] = ()

    @property
    def entry(self) -> Entry:
        """The same as what waives results."""
        return Entry(self.by, Glob(self.pattern), "", 0, operations=self.operations)


def wanted(report: Report, choice: Choice) -> list[Wanted]:
    """The rows that waive what was chosen, the biggest cause first, each deviation once.

    Raises:
        UsageError: nothing is chosen, or something that does not deviate.
    """
    if not (
        choice.causes or choice.cases or choice.checks or choice.operations or choice.everything
    ):
        raise UsageError("Nothing is chosen.", _CHOOSE)
    deviating = [r for r in report["results"] if r["verdict"] in DEVIATIONS]
    meant = [result for result in deviating if choice.narrows_to(result)]
    if deviating and not meant:
        globs = ", ".join(map(str, (*choice.checks, *choice.operations)))
        raise UsageError(f"Nothing deviates of {globs}.", "`conformance checks` lists all checks.")
    found: list[Wanted] = []
    if choice.everything or not (choice.causes or choice.cases):
        for cause in causes(report):
            found += _of_cause(cause.key, _among(cause.results, meant), deviating)
    for key in choice.causes:
        found += _of_key(report, key, meant, deviating)
    for name in choice.cases:
        found.append(_of_case(name, meant))
    return found


def _among(results: Iterable[Result], meant: Sequence[Result]) -> tuple[Result, ...]:
    names = {result["case"] for result in meant}
    return tuple(result for result in results if result["case"] in names)


def _of_key(
    report: Report, key: str, meant: Sequence[Result], deviating: Sequence[Result]
) -> list[Wanted]:
    for cause in causes(report):
        if cause.key == key and (results := _among(cause.results, meant)):
            return _of_cause(key, results, deviating)
    pattern = Glob(holdable(key))
    part = tuple(r for r in meant if r["cause"] and pattern.matches(r["cause"]))
    if not part:
        known = {cause.key for cause in causes(report)} | {r["cause"] for r in meant}
        raise unknown("deviating cause", key, known)
    return [Wanted("cause", pattern.text, part)]


def _of_case(name: str, meant: Sequence[Result]) -> Wanted:
    pattern = Glob(holdable(name))
    part = tuple(r for r in meant if pattern.matches(r["case"]))
    if not part:
        raise unknown("deviating case", name, [r["case"] for r in meant])
    return Wanted("case", pattern.text, part)


def _of_cause(key: str, results: tuple[Result, ...], deviating: Sequence[Result]) -> list[Wanted]:
    """One row where one pattern fits all cases of a cause; else one for each part of it."""
    if not results:
        return []
    operations = tuple(sorted({result["operation"] for result in results}))
    spans = key.endswith("@*")
    one = Wanted("cause", _pattern(key), results, operations if spans else ())
    if (not spans or len(operations) > 1) and _fits(one, deviating):
        return [one]
    parts: dict[str, list[Result]] = {}
    for result in results:
        parts.setdefault(result["cause"], []).append(result)
    rows = [Wanted("cause", holdable(cause), tuple(part)) for cause, part in sorted(parts.items())]
    return [row for each in rows for row in ([each] if _fits(each, deviating) else _cases(each))]


def _cases(of: Wanted) -> list[Wanted]:
    return [Wanted("case", holdable(result["case"]), (result,)) for result in of.results]


def _fits(row: Wanted, deviating: Iterable[Result]) -> bool:
    """Whether a row waives its deviations and no others."""
    if not row.pattern:
        return False
    entry = row.entry
    covered = {r["case"] for r in deviating if entry.covers(dict(r))}
    return covered == {result["case"] for result in row.results}


def _pattern(key: str) -> str:
    """What matches the causes of a group: `error.code:x@*` stands for `error.code@ANY:x`."""
    if not key.endswith("@*"):
        return holdable(key)
    check, _, where = key.removesuffix("@*").partition(":")
    return holdable(f"{check}@*:{where}" if where else key)


def without_listed(row: Wanted, listed: Iterable[Entry]) -> Wanted | None:
    """The row for what no entry lists yet; None if there is nothing."""
    entries = list(listed)
    new = tuple(r for r in row.results if not any(entry.covers(dict(r)) for entry in entries))
    if not new:
        return None
    if not row.operations:
        return row
    operations = tuple(sorted({result["operation"] for result in new}))
    return evolve(row, results=new, operations=operations)

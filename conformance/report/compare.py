"""Holds reports against each other: targets side by side, and runs of one target over time.

What is compared are verdicts of cases, whose names are the same in every run. How a comparison
looks is `compare_writers`' business.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby, pairwise

from attrs import frozen

from conformance.errors import UsageError
from conformance.report.outcome import outcome
from conformance.report.tally import Tally, tallies
from conformance.report.types import DEVIATIONS, Report, Result, TargetFacts


@frozen
class Subject:
    """One report of a comparison.

    Attributes:
        label: its letter in tables.
        file: where the report came from; may be empty.
        target: the address, or the kind where there is none.
        version: what the target says it is.
        started: when the run began.
        contract: service, version of the API and of botocore.
        word: the verdict on the whole run.
        complete: whether every planned case ran.
        counts: the summary by verdict.
    """

    label: str
    file: str
    target: str
    version: str
    started: str
    contract: str
    word: str
    complete: bool
    counts: Mapping[str, int]


@frozen
class Row:
    """One operation or check in every report; None where a report has no case of it."""

    name: str
    cells: tuple[Tally | None, ...]


@frozen
class OnlyHere:
    """Cases of one check and operation that one target alone fails, and another one passes."""

    label: str
    check: str
    operation: str
    count: int


@frozen
class Change:
    """What became of the deviations of one target between two of its runs.

    Attributes:
        before: the label of the earlier run.
        after: the label of the later run.
        new: cases that deviate now and did not before.
        added: cases that deviate now and were not in the earlier run.
        fixed: cases that deviated and pass now.
        still: cases that deviate in both.
        unclear: cases that deviated before and came to no judgement now, or did not run.
        added_checks: checks that only the later run has.
        dropped_checks: checks that only the earlier run has.
    """

    before: str
    after: str
    new: tuple[str, ...]
    added: tuple[str, ...]
    fixed: tuple[str, ...]
    still: tuple[str, ...]
    unclear: tuple[str, ...]
    added_checks: tuple[str, ...]
    dropped_checks: tuple[str, ...]


@frozen
class Comparison:
    """Reports side by side."""

    service: str
    subjects: tuple[Subject, ...]
    operations: tuple[Row, ...]
    checks: tuple[Row, ...]
    only: tuple[OnlyHere, ...]
    changes: tuple[Change, ...]


def compare(reports: Sequence[Report], files: Sequence[str] = ()) -> Comparison:
    """The comparison of two or more reports on one service.

    Args:
        reports: the reports, in the order of the columns.
        files: where each came from, for people.

    Raises:
        UsageError: there are fewer than two reports, or they are on different services.
    """
    if len(reports) < 2:  # noqa: PLR2004 - the least number of things to compare
        raise UsageError(
            "There is nothing to compare: one report is not enough.",
            "Name at least two report.json files.",
        )
    services = sorted({report["contract"]["service"] for report in reports})
    if len(services) > 1:
        raise UsageError(
            f"Reports on different services cannot be compared: {', '.join(services)}.",
            "Name reports on one service.",
        )
    subjects = tuple(
        _subject(label, report, file)
        for label, report, file in zip(
            _labels(len(reports)), reports, [*files, *[""] * len(reports)], strict=False
        )
    )
    return Comparison(
        service=services[0],
        subjects=subjects,
        operations=_rows(reports, lambda result: result["operation"]),
        checks=_rows(reports, lambda result: result["check"]),
        only=tuple(_only(subjects, reports)),
        changes=tuple(_changes(subjects, reports)),
    )


def _labels(count: int) -> list[str]:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return [letters[n] if n < len(letters) else f"#{n + 1}" for n in range(count)]


def _subject(label: str, report: Report, file: str) -> Subject:
    contract, target, summary = report["contract"], report["target"], report["summary"]
    return Subject(
        label=label,
        file=file,
        target=_address(target),
        version=target["version"],
        started=report["started"],
        contract=(
            f"{contract['service']} {contract['api_version']}, botocore {contract['botocore']}"
        ),
        word=outcome(report).word,
        complete=report["complete"],
        counts={
            "passed": summary["passed"],
            "deviates": summary["deviates"],
            "waived": summary["waived"],
            "not_implemented": summary["not_implemented"],
            "skipped": summary["skipped"],
            "inconclusive": summary["inconclusive"],
        },
    )


def _address(target: TargetFacts) -> str:
    if target["kind"] == "embedded":
        return "embedded reference target"
    return target["endpoint_url"] or target["kind"]


def _rows(reports: Sequence[Report], key: Callable[[Result], str]) -> tuple[Row, ...]:
    columns = [tallies(report["results"], key) for report in reports]
    names = sorted({name for column in columns for name in column})
    return tuple(Row(name, tuple(column.get(name) for column in columns)) for name in names)


def _only(subjects: Sequence[Subject], reports: Sequence[Report]) -> Iterable[OnlyHere]:
    columns = [_by_case(report) for report in reports]
    found: Counter[tuple[str, str, str]] = Counter()
    for case in sorted({case for column in columns for case in column}):
        results = [column.get(case) for column in columns]
        failing = [n for n, one in enumerate(results) if one and one["verdict"] in DEVIATIONS]
        if len(failing) == 1 and any(one and one["verdict"] == "passed" for one in results):
            result = columns[failing[0]][case]
            label = subjects[failing[0]].label
            found[label, result["check"], result["operation"]] += 1
    for (label, check, operation), count in sorted(found.items()):
        yield OnlyHere(label=label, check=check, operation=operation, count=count)


def _changes(subjects: Sequence[Subject], reports: Sequence[Report]) -> Iterable[Change]:
    runs = sorted(zip(subjects, reports, strict=True), key=lambda run: _identity(run[1]))
    for _, group in groupby(runs, key=lambda run: _identity(run[1])):
        in_time = sorted(group, key=lambda run: run[1]["started"])
        for (earlier, before), (later, after) in pairwise(in_time):
            yield _change(earlier.label, before, later.label, after)


def _identity(report: Report) -> tuple[str, str, str]:
    target = report["target"]
    return target["kind"], target["endpoint_url"], target["region"]


def _change(earlier: str, before: Report, later: str, after: Report) -> Change:
    was, now = _by_case(before), _by_case(after)
    deviated = {case for case, result in was.items() if result["verdict"] in DEVIATIONS}
    deviates = {case for case, result in now.items() if result["verdict"] in DEVIATIONS}
    fixed = {case for case in deviated if case in now and now[case]["verdict"] == "passed"}
    added = {case for case in deviates if case not in was}
    return Change(
        before=earlier,
        after=later,
        new=tuple(sorted(deviates - deviated - added)),
        added=tuple(sorted(added)),
        fixed=tuple(sorted(fixed)),
        still=tuple(sorted(deviated & deviates)),
        unclear=tuple(sorted(deviated - deviates - fixed)),
        added_checks=tuple(sorted(set(after["checks"]) - set(before["checks"]))),
        dropped_checks=tuple(sorted(set(before["checks"]) - set(after["checks"]))),
    )


def _by_case(report: Report) -> dict[str, Result]:
    return {result["case"]: result for result in report["results"]}

"""The verdict on a whole run, as a word, a sentence and an exit status.

The only place that knows when a run is green: a command's exit status, the badge and the first
line of every page follow from here.
"""

from __future__ import annotations

from typing import Final

from attrs import frozen

from conformance.errors import ExitStatus
from conformance.report.causes import causes
from conformance.report.text import Page, listed, plural
from conformance.report.types import JUDGED, Report
from conformance.report.whole import narrowings

_REASON: Final = Page(width=160)


@frozen
class Outcome:
    """What a run says of its target.

    Attributes:
        status: the exit status of `conformance run`.
        word: `conformant`, `deviates`, `stale ledger`, `not judged` or `suite fault`.
        sentence: the same with its figures, for people.
        partial: whether cases that were planned did not run.
    """

    status: ExitStatus
    word: str
    sentence: str
    partial: bool


def outcome(report: Report) -> Outcome:
    """The verdict on the run of a report.

    A fault of the suite comes before a target that was lost or never judged, that before a
    deviation, and a deviation before a ledger entry that no longer deviates.
    """
    status, word, sentence = _judged(report)
    partial = not report["complete"]
    if partial:
        reason = _REASON.fit(report["stopped"] or "it was stopped", _REASON.width)
        sentence = f"{sentence} The run is partial: {reason}."
    return Outcome(status=status, word=word, sentence=sentence, partial=partial)


def implemented(report: Report) -> tuple[int, int]:
    """How many operations the target is known to have, and of how many anything is known.

    A run that was asked for some operations only says nothing of the others.
    """
    known = [facts["implemented"] for facts in report["operations"].values()]
    total = len(known) if narrowings(report) else report["contract"]["operations"]
    return known.count(True), max(total, len(known))


def _judged(report: Report) -> tuple[ExitStatus, str, str]:
    summary = report["summary"]
    if faults := len(report["faults"]):
        return (
            ExitStatus.SUITE_FAULT,
            "suite fault",
            f"{plural(faults, 'fault')} of the suite itself: this says nothing of the target.",
        )
    if report["stopped"].startswith("target lost"):
        return ExitStatus.UNREACHABLE, "not judged", "The target was lost on the way."
    if not any(result["verdict"] in JUDGED for result in report["results"]):
        return ExitStatus.UNREACHABLE, "not judged", "No case came to a judgement."
    stale = len(report["ledger"]["stale"]) if report["ledger"] else 0
    if summary["deviates"]:
        return ExitStatus.DEVIATES, "deviates", _deviating(report, stale)
    if stale:
        return ExitStatus.DEVIATES, "stale ledger", f"{_stale(stale)}."
    return ExitStatus.CONFORMANT, "conformant", _conforming(report)


def _deviating(report: Report, stale: int) -> str:
    new = [cause for cause in causes(report) if not cause.waived]
    sentence = (
        f"{plural(report['summary']['deviates'], 'deviation')} from {plural(len(new), 'cause')}"
    )
    if report["ledger"]:
        sentence += " that the ledger does not list"
    return f"{sentence}; {_stale(stale)}." if stale else f"{sentence}."


def _stale(count: int) -> str:
    verb = "fits" if count == 1 else "fit"
    return f"{plural(count, 'row')} of the ledger no longer {verb}"


def _conforming(report: Report) -> str:
    summary = report["summary"]
    has, of = implemented(report)
    parts = [f"{plural(summary['passed'], 'case')} passed"]
    if summary["waived"]:
        parts.append(f"{plural(summary['waived'], 'deviation')} waived by the ledger")
    if summary["inconclusive"]:
        parts.append(f"{summary['inconclusive']:,} inconclusive")
    where = f" in the {has} of {of} operations that the target has" if has < of else ""
    return f"{listed(parts)}{where}."

"""A report as workflow commands of GitHub: annotations on a run, the biggest causes first.

GitHub shows at most ten errors a step; the rest stands in the job's summary.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from conformance.report.causes import Cause, causes
from conformance.report.outcome import outcome
from conformance.report.text import one_line, plural
from conformance.report.types import Report

#: GitHub shows no more errors of one step; one of them tells the whole.
SHOWN: Final = 9

_LINE: Final = re.compile(r"\(line (\d+)\)$")


def render(report: Report) -> str:
    """One line for the verdict and one for each of the biggest causes and stale ledger rows."""
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    verdict = outcome(report)
    kind = "error" if verdict.status else "notice"
    yield _command(kind, verdict.sentence, title=f"conformance: {verdict.word}")
    found = [cause for cause in causes(report) if not cause.waived]
    for stale in (report["ledger"] or {"stale": []})["stale"][:SHOWN]:
        yield _stale(report, stale["entry"], stale["why"])
    for cause in found[:SHOWN]:
        yield _command("error", _said(cause), title=cause.title)


def _stale(report: Report, entry: str, why: str) -> str:
    ledger = report["ledger"]
    line = _LINE.search(entry)
    where = {"file": ledger["file"], "line": line[1]} if ledger and line else {}
    return _command("error", f"{entry}: {why}", title="ledger", **where)


def _said(cause: Cause) -> str:
    example = cause.example
    more = f"\n{plural(cause.count - 1, 'more case')}" if cause.count > 1 else ""
    parts = [
        example["message"],
        f"expected: {example['expected']}" if example["expected"] else "",
        f"got: {example['got']}" if example["got"] else "",
        f"case: {example['case']}",
    ]
    return "\n".join(one_line(part) for part in parts if part) + more


def _command(kind: str, message: str, **properties: str) -> str:
    """A workflow command, from which no text can break out."""
    told = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{kind} {told}::{_data(message)}"


def _data(text: str) -> str:
    lines = "\n".join(map(one_line, text.split("\n")))
    return lines.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(one_line(text)).replace(":", "%3A").replace(",", "%2C")

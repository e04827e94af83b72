"""A report as Markdown, for a comment on a pull request or the summary of a CI job.

Whatever a target has a say in stands in code, fenced so that it cannot get out: no link, image,
mention or markup of its making comes alive.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from conformance.errors import ExitStatus
from conformance.report.causes import Cause, causes
from conformance.report.coverage import of_sites, of_suite
from conformance.report.deviation import block
from conformance.report.outcome import implemented, outcome
from conformance.report.text import Page, one_line, plural
from conformance.report.types import Report, Verdict
from conformance.report.whole import ledger_unasked

MOST_CHARACTERS: Final = 60_000
"""A comment on GitHub holds 65,536 characters, the other places more."""

_CAUSES_TOLD: Final = 10
_CAUSES_LISTED: Final = 100
_BAR: Final = re.compile(r"(\\*)\|")
_PAGE: Final = Page(width=92)
_ICONS: Final = {ExitStatus.CONFORMANT: "✅", ExitStatus.DEVIATES: "❌"}
_TABLE: Final[tuple[Verdict, ...]] = (
    "passed",
    "deviates",
    "waived",
    "not_implemented",
    "skipped",
    "inconclusive",
)


def render(report: Report) -> str:
    """The report as GitHub-flavoured Markdown of at most `MOST_CHARACTERS` characters."""
    new = [cause for cause in causes(report) if not cause.waived]
    for told in range(min(len(new), _CAUSES_TOLD), 0, -1):
        text = _page(report, new, told)
        if len(text) <= MOST_CHARACTERS:
            return text
    return _page(report, new, 0)


def code(text: str) -> str:
    """Any text as a span of code on one line."""
    line = one_line(text) or " "
    fence = _fence(line, 1)
    gap = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{gap}{line}{gap}{fence}"


def fenced(lines: Iterable[str]) -> str:
    """Lines of any text as a block of code."""
    text = "\n".join(lines)
    fence = _fence(text, 3)
    return f"{fence}text\n{text}\n{fence}"


def table(header: Sequence[str], rows: Iterable[Sequence[str]], align: str) -> str:
    """A table; `align` has a letter a column, `l` or `r`. Cells are Markdown already."""
    rules = ["---:" if letter == "r" else ":---" for letter in align]
    return "\n".join(f"| {' | '.join(map(_cell, row))} |" for row in (header, rules, *rows))


def _page(report: Report, new: Sequence[Cause], told: int) -> str:
    parts = [
        _heading(report),
        _figures(report),
        *_told(report, new[:told]),
        *_rest(new[told:]),
        *_ledger(report),
        *_faults(report),
        *_operations(report),
        *_coverage(report),
        *_choices(report),
        *_notes(report),
    ]
    return "\n\n".join(parts) + "\n"


def _heading(report: Report) -> str:
    found = outcome(report)
    contract, target = report["contract"], report["target"]
    where = code(_short(target["endpoint_url"] or target["kind"]))
    icon = _ICONS.get(found.status, "⚠️")
    service = _short(f"{contract['service']} {contract['api_version']}")
    # The sentence may quote why a run stopped, and with it the target.
    return (
        f"## {icon} Conformance: {found.word}\n\n{code(service)} on {where}: {code(found.sentence)}"
    )


def _figures(report: Report) -> str:
    has, of = implemented(report)
    counts = [f"{report['summary'][verdict]:,}" for verdict in _TABLE]
    header = [verdict.replace("_", " ") for verdict in _TABLE]
    return table(
        ["operations", "planned", *header],
        [[f"{has} of {of}", f"{report['planned']:,}", *counts]],
        "r" * (len(header) + 2),
    )


def _told(report: Report, shown: Sequence[Cause]) -> Iterable[str]:
    if not shown:
        return
    title = "Not in the ledger" if report["ledger"] else "Deviations"
    yield f"### {title}, biggest cause first ({plural(len(shown), 'cause')})"
    lines: list[str] = []
    for cause in shown:
        lines += [line.plain.rstrip() for line in block(report, cause, _PAGE)] + [""]
    yield fenced(lines[:-1])


def _rest(rest: Sequence[Cause]) -> Iterable[str]:
    if not rest:
        return
    rows = [
        [code(_short(cause.name)), code(_short(cause.scope)), cause.level, f"{cause.unwaived:,}"]
        for cause in rest[:_CAUSES_LISTED]
    ]
    listed = table(["check", "where", "level", "cases"], rows, "lllr")
    beyond = len(rest) - len(rows)
    note = f"\n\n… and {plural(beyond, 'more cause')} in the report." if beyond else ""
    yield _details(f"{plural(len(rest), 'more cause')}", listed + note)


def _ledger(report: Report) -> Iterable[str]:
    ledger = report["ledger"]
    if ledger is None:
        return
    if stale := ledger["stale"]:
        rows = [
            [code(_short(entry["entry"])), code(_short(entry["why"]))]
            for entry in stale[:_CAUSES_LISTED]
        ]
        yield f"### Rows of the ledger that no longer fit ({len(stale):,})"
        yield table(["row", "why"], rows, "ll")
    if unasked := ledger_unasked(report):
        yield f"Ledger: {code(unasked)}"
    if waived := [cause for cause in causes(report) if cause.waived]:
        yield _details(f"{plural(len(waived), 'cause')} waived by the ledger", _waived(waived))


def _waived(causes_: Sequence[Cause]) -> str:
    rows = [
        [
            *(code(_short(text)) for text in (cause.name, cause.scope)),
            f"{cause.count:,}",
            code(_short(cause.example["ledger_reason"])),
        ]
        for cause in causes_[:_CAUSES_LISTED]
    ]
    beyond = len(causes_) - len(rows)
    note = f"\n\n… and {plural(beyond, 'more cause')} in the report." if beyond else ""
    return table(["check", "where", "cases", "reason"], rows, "llrl") + note


def _faults(report: Report) -> Iterable[str]:
    if not report["faults"]:
        return
    yield "### Faults of the suite itself"
    yield fenced(_PAGE.fit(f"{f['case']}: {f['message']}", 400) for f in report["faults"][:20])


def _operations(report: Report) -> Iterable[str]:
    facts = report["operations"]
    missing = sorted(name for name in facts if facts[name]["implemented"] is False)
    if missing:
        names = ", ".join(code(_short(name)) for name in missing)
        yield _details(f"{plural(len(missing), 'operation')} not implemented", names)


def _coverage(report: Report) -> Iterable[str]:
    measures = of_suite(report)
    if not measures:
        return
    rows = [
        [code(_short(each.name)), f"{each.covered:,}", f"{each.total:,}", each.left_out]
        for each in [*measures, *of_sites(report)]
    ]
    listed = table(["what", "covered", "of", "left out"], rows, "lrrl")
    yield _details("What the suite has cases for", listed)


def _choices(report: Report) -> Iterable[str]:
    if not report["choices"]:
        return
    rows = [
        [code(_short(each["fact"])), _short(each["question"]), code(_short(each["chosen"]))]
        for each in report["choices"]
    ]
    listed = table(["fact", "open question", "the target"], rows, "lll")
    yield _details("What the target does where no source tells", listed)


def _notes(report: Report) -> Iterable[str]:
    if report["notes"]:
        listed = "\n".join(f"- {code(_short(note))}" for note in report["notes"])
        yield _details(f"Notes ({len(report['notes']):,})", listed)


def _details(summary: str, content: str) -> str:
    return f"<details><summary>{summary}</summary>\n\n{content}\n\n</details>"


def _short(text: str) -> str:
    return _PAGE.fit(text, 120)


def _cell(text: str) -> str:
    # A bar ends a cell, in code too, unless a backslash escapes it; that one must not be escaped
    # in turn by a backslash of the text.
    return _BAR.sub(lambda bar: f"{bar[1]} \\|" if bar[1] else "\\|", text)


def _fence(text: str, least: int) -> str:
    longest = max(map(len, re.findall("`+", text)), default=0)
    return "`" * max(longest + 1, least)

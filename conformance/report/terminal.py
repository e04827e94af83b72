"""Tells a report on a terminal, or in the log that a terminal's output is piped into.

Text only: no boxes, no cursor movements, colour only where the console has it, and nothing that
the console's encoding cannot hold. The console is the caller's.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from conformance.errors import ExitStatus
from conformance.report.causes import Cause, causes
from conformance.report.coverage import of_sites, of_suite
from conformance.report.deviation import block, report_file
from conformance.report.outcome import implemented, outcome
from conformance.report.text import Page, plural
from conformance.report.types import Report, Verdict
from conformance.report.whole import ledger_unasked

CAUSES_SHOWN: Final = 10
"""So many causes are told; the rest is counted."""

VERDICT_STYLES: Final = {
    "passed": "green",
    "deviates": "bold red",
    "waived": "yellow",
    "not_implemented": "dim",
    "skipped": "dim",
    "inconclusive": "magenta",
}

_WIDEST: Final = 100
_REASONS_SHOWN: Final = 5
_STALE_SHOWN: Final = 20
_NOTES_SHOWN: Final = 20
_MESSAGE_LINES: Final = 8
_LABEL: Final = 17
_OUTCOME_STYLES: Final = {ExitStatus.CONFORMANT: "bold green", ExitStatus.DEVIATES: "bold red"}
_COLUMNS: Final[tuple[Verdict, ...]] = ("passed", "deviates", "waived", "inconclusive", "skipped")
#: The verdicts that a reader has to see operation by operation.
_TELLING: Final[tuple[Verdict, ...]] = ("deviates", "waived", "inconclusive")
#: So many operations with nothing else to tell are still shown one by one.
_QUIET_ROWS: Final = 5
_SHORT: Final = {verdict: verdict[:4] for verdict in _COLUMNS}
_SUMMARY: Final[tuple[Verdict, ...]] = (
    "passed",
    "deviates",
    "waived",
    "not_implemented",
    "skipped",
    "inconclusive",
)


def write(
    report: Report,
    console: Console,
    *,
    causes_shown: int = CAUSES_SHOWN,
) -> None:
    """Prints a report.

    Args:
        report: what to tell.
        console: where; its width, colours and encoding are kept to.
        causes_shown: how many of the biggest causes to tell in full.
    """
    page = Page(width=min(console.width, _WIDEST), encoding=console.encoding)
    for line in _lines(report, page, causes_shown):
        console.print(line, soft_wrap=True, highlight=False)


def render(report: Report) -> str:
    """The report as plain text of 80 columns."""
    file = io.StringIO()
    write(report, Console(file=file, width=80, color_system=None, force_terminal=False))
    return file.getvalue()


def _lines(report: Report, page: Page, causes_shown: int) -> Iterator[Text]:
    yield from _header(report, page)
    yield from _deviations(report, page, causes_shown)
    yield from _operations(report, page)
    yield from _summary(report, page)
    yield from _coverage(report, page)
    yield from _ledger(report, page)
    yield from _notes(report, page)
    yield from _faults(report, page)
    yield from _verdict(report, page)


def _header(report: Report, page: Page) -> Iterator[Text]:
    contract, target, tool = report["contract"], report["target"], report["tool"]
    origin = f" ({target['source']})" if target["source"] else ""
    where = target["endpoint_url"] or target["kind"]
    yield _row("tool", f"{tool['name']} {tool['version']}", page)
    yield _row(
        "contract",
        f"{contract['service']} {contract['api_version']}, botocore {contract['botocore']}, "
        f"model {contract['model_sha256'][:12]}",
        page,
    )
    yield _row("target", f"{where}{origin}", page)
    said = f"{target['version']}, " if target["version"] else ""
    yield _row("", f"{said}{target['region']}, {plural(target['accounts'], 'account')}", page)
    yield _row(
        "run",
        f"{report['started']}, {report['duration_s']:.1f} s, seed {report['seed']}, "
        f"{plural(report['summary']['requests'], 'request')}",
        page,
    )


def _deviations(report: Report, page: Page, shown: int) -> Iterator[Text]:
    new = [cause for cause in causes(report) if not cause.waived]
    if not new:
        return
    title = "not in the ledger" if report["ledger"] else "deviations"
    yield from _title(title, f"{plural(len(new), 'cause')}, biggest first", page)
    for cause in new[:shown]:
        yield Text()
        yield from block(report, cause, page)
    if rest := new[shown:]:
        yield Text()
        yield Text(page.safe(_rest(rest, report_file(report))), style="bold")


def _rest(rest: Sequence[Cause], file: str) -> str:
    cases = sum(cause.unwaived for cause in rest)
    return f"… and {plural(len(rest), 'more cause')} ({plural(cases, 'case')}) in {file}"


def _operations(report: Report, page: Page) -> Iterator[Text]:
    has, of = implemented(report)
    yield from _title("operations", f"{has} of {of} implemented", page)
    facts = report["operations"]
    shown = sorted(name for name in facts if facts[name]["implemented"] is not False)
    yield from _counts(report, shown, page)
    if any(facts[name]["implemented"] is None for name in shown):
        yield Text("? no case could tell whether the target has it", style="dim")
    if missing := sorted(name for name in facts if facts[name]["implemented"] is False):
        yield Text(f"not implemented ({len(missing)}):", style="dim")
        yield from map(Text, page.wrap(missing))


def _counts(report: Report, shown: Sequence[str], page: Page) -> Iterator[Text]:
    """A table of counts; verdicts that no row has are left out."""
    rows = _rows(report, shown)
    columns = [v for v in _COLUMNS if any(counts[v] for counts in rows.values())]
    if not columns:
        return
    wanted = max(cell_len(label.removesuffix("?")) for label in rows) + 1
    headings = {verdict: str(verdict) for verdict in columns}
    if wanted + sum(len(heading) + 2 for heading in headings.values()) > page.width:
        headings = {verdict: _SHORT[verdict] for verdict in columns}
    width = min(wanted, page.width - sum(len(heading) + 2 for heading in headings.values()))
    yield Text(" " * width + "".join(f"  {headings[v]}" for v in columns), style="dim")
    for label, counts in rows.items():
        line = Text(page.pad(label, width))
        for verdict in columns:
            count = counts[verdict]
            style = VERDICT_STYLES[verdict] if count else "dim"
            line.append(f"  {count or '-':>{len(headings[verdict])}}", style)
        yield line


def _rows(report: Report, shown: Sequence[str]) -> dict[str, dict[Verdict, int]]:
    """Counts by what stands before them: an operation, or all about which nothing is to be told."""
    facts = report["operations"]
    quiet = [n for n in shown if not any(facts[n][v] for v in _TELLING) and facts[n]["implemented"]]
    if len(quiet) <= _QUIET_ROWS:
        quiet = []
    rows: dict[str, dict[Verdict, int]] = {}
    for name in (name for name in shown if name not in quiet):
        unknown = "?" if facts[name]["implemented"] is None else ""
        rows[name + unknown] = {v: facts[name][v] for v in _COLUMNS}
    if quiet:
        label = f"{len(quiet):,} others" if rows else f"all {len(quiet):,}"
        rows[label] = {v: sum(facts[name][v] for name in quiet) for v in _COLUMNS}
    return rows


def _summary(report: Report, page: Page) -> Iterator[Text]:
    summary = report["summary"]
    planned, skipped = report["planned"], summary["skipped"]
    run = sum(summary[verdict] for verdict in _SUMMARY) - skipped
    yield from _title("summary", "", page)
    left = max(planned - run - skipped, 0)
    yield _row("planned", f"{planned:,}: {run:,} run, {skipped:,} skipped", page)
    if left:
        yield _row("not reached", f"{left:,} ({report['stopped'] or 'stopped'})", page)
    for verdict in _SUMMARY:
        count = summary[verdict]
        line = _row(verdict.replace("_", " "), f"{count:,}", page)
        line.stylize(VERDICT_STYLES[verdict] if count else "dim", _LABEL)
        yield line
        if verdict in {"skipped", "inconclusive"}:
            yield from _reasons(report, verdict, page)


def _reasons(report: Report, verdict: Verdict, page: Page) -> Iterator[Text]:
    """Why cases have a verdict that says nothing of the target: most frequent reason first."""
    reasons = Counter(
        result["message"] or "no reason given"
        for result in report["results"]
        if result["verdict"] == verdict
    )
    ranked = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    for reason, count in ranked[:_REASONS_SHOWN]:
        yield Text(page.fit_indented(f"    {count:>5,}  {page.safe(reason)}"), style="dim")
    if rest := ranked[_REASONS_SHOWN:]:
        cases = sum(count for _, count in rest)
        yield Text(f"    {cases:>5,}  for {plural(len(rest), 'other reason')}", style="dim")


def _coverage(report: Report, page: Page) -> Iterator[Text]:
    """What the suite covers, as far as the report tells, and where it has gaps."""
    measures = of_suite(report)
    if not measures:
        return
    yield from _title("coverage", "what this run looked at", page)
    for measure in measures:
        left_out = f": {measure.left_out}" if measure.left_out else ""
        text = f"{measure.covered:,} of {measure.total:,}{left_out}"
        yield _row(measure.name.removesuffix(" of the contract"), text, page)
    gaps = sorted((each for each in of_sites(report) if each.gap), key=lambda each: -each.gap)
    for each in gaps[:_REASONS_SHOWN]:
        text = f"    {each.gap:>5,}  gaps in {page.safe(each.name)}"
        yield Text(page.fit_indented(text), style="dim")
    if rest := gaps[_REASONS_SHOWN:]:
        sites = sum(each.gap for each in rest)
        yield Text(f"    {sites:>5,}  in {plural(len(rest), 'other kind')}", style="dim")


def _ledger(report: Report, page: Page) -> Iterator[Text]:
    ledger = report["ledger"]
    if ledger is None:
        return
    stale = ledger["stale"]
    yield from _title("ledger", ledger["file"], page)
    waived = [cause for cause in causes(report) if cause.waived]
    count = f"{plural(ledger['waived'], 'deviation')} from {plural(len(waived), 'cause')}"
    line = _row("waived", count, page)
    line.stylize(VERDICT_STYLES["waived"] if ledger["waived"] else "dim", _LABEL)
    yield line
    if passing := sum(len(row["cases"]) for row in ledger.get("passing", ())):
        said = f"{plural(passing, 'case')} that rows would waive (ledger.passing in the report)"
        yield _row("passing", said, page)
    line = _row("stale", plural(len(stale), "row"), page)
    line.stylize("bold red" if stale else "dim", _LABEL)
    yield line
    for entry in stale[:_STALE_SHOWN]:
        yield Text(page.fit_indented(f"  {page.safe(entry['entry'])}"))
        yield Text(page.fit_indented(f"    {page.safe(entry['why'])}"), style="dim")
    if rest := stale[_STALE_SHOWN:]:
        yield Text(page.safe(f"  … and {plural(len(rest), 'more row')}"))
    yield from map(Text, page.wrap(ledger_unasked(report).split(), ""))


def _notes(report: Report, page: Page) -> Iterator[Text]:
    """What is no verdict and still to be known, such as what was left on the target."""
    notes = report["notes"]
    if not notes:
        return
    yield from _title("notes", "", page)
    for note in notes[:_NOTES_SHOWN]:
        lines = page.wrap(note.split(), "  ")
        yield from map(Text, map(page.fit_indented, lines[:_MESSAGE_LINES]))
    if rest := notes[_NOTES_SHOWN:]:
        yield Text(page.safe(f"  … and {plural(len(rest), 'more note')} in {report_file(report)}"))


def _faults(report: Report, page: Page) -> Iterator[Text]:
    if not report["faults"]:
        return
    yield from _title("faults of the suite", "none of these is the target's", page)
    for fault in report["faults"]:
        yield Text(page.fit_indented(f"  {page.safe(fault['case'])}"))
        lines = page.wrap(fault["message"].split(), "    ")
        yield from map(Text, map(page.fit_indented, lines[:_MESSAGE_LINES]))
        if len(lines) > _MESSAGE_LINES:
            yield Text(page.safe("…").rjust(7))


def _verdict(report: Report, page: Page) -> Iterator[Text]:
    found = outcome(report)
    style = _OUTCOME_STYLES.get(found.status, "bold yellow")
    words = [found.word.upper(), "", *found.sentence.split()]
    yield Text()
    for line in page.wrap(words, ""):
        yield Text(page.fit_indented(line), style=style)
    yield Text(page.safe(f"report: {report_file(report)}"))


def _title(title: str, note: str, page: Page) -> Iterator[Text]:
    yield Text()
    line = Text(title.upper(), style="bold")
    if note:
        line = Text.assemble(line, "  ", page.fit(note, page.width - len(title) - 2))
    yield line


def _row(label: str, text: str, page: Page) -> Text:
    return Text.assemble((f"{label:<{_LABEL}}", "dim"), page.fit(text, page.width - _LABEL))

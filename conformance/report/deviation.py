"""One cause of deviations as a block of text, the same on a terminal and in a comment.

Knows the words of a deviation (sent, expected, got, again) and how they are laid out; not where
the lines go.
"""

from __future__ import annotations

from collections.abc import Iterator
from shlex import quote
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from conformance.report.causes import Cause
from conformance.report.text import Page, plural
from conformance.report.types import Report, Result

DEFAULT_OUT: Final = "conformance-report"
"""The directory that `conformance run` writes to unless it is told otherwise."""

LEVEL_STYLES: Final = {"MUST": "bold red", "SHOULD": "yellow", "MAY": "cyan"}

_LABEL: Final = 10
_INDENT: Final = "  "
_MESSAGE_LINES: Final = 3


def report_file(report: Report) -> str:
    """Where the run has written its report.json, as its option `out` says."""
    out = str(report["options"].get("out") or DEFAULT_OUT)
    return f"{out.rstrip('/')}/report.json"


def replay_command(report: Report, result: Result) -> tuple[str, str]:
    """The command that runs one case again, quoted for a shell: up to the case, and the case."""
    return f"conformance replay {quote(report_file(report))}", quote(result["case"])


def block(report: Report, cause: Cause, page: Page) -> list[Text]:
    """The lines that tell a cause by its first case, and name its other sites.

    Args:
        report: the report that the cause is from.
        cause: what to tell.
        page: the width and encoding that the lines must fit; only the command that runs the case
            again may be longer, so that it can be copied.
    """
    return [
        _head(cause, page),
        *_message(report, cause, page),
        *_rows(cause, page),
        *_again(report, cause, page),
    ]


def _head(cause: Cause, page: Page) -> Text:
    room = page.width - len(cause.level) - 2
    name = page.fit(cause.name, room)
    scope = page.fit(_scope(cause), room - cell_len(name) - 2)
    gap = page.width - cell_len(name) - 2 - cell_len(scope) - len(cause.level)
    return Text.assemble(
        (name, "bold"), "  ", scope, " " * gap, (cause.level, LEVEL_STYLES[cause.level])
    )


def _scope(cause: Cause) -> str:
    waived = cause.count - cause.unwaived
    return f"{cause.scope} ({waived} waived)" if waived and cause.unwaived else cause.scope


def _message(report: Report, cause: Cause, page: Page) -> Iterator[Text]:
    example = cause.example
    said = example["message"] or report["checks"][example["check"]]["requirement"]
    lines = page.wrap(said.split(), _INDENT)
    for line in lines[: _MESSAGE_LINES - 1]:
        yield Text(page.fit_indented(line))
    if rest := lines[_MESSAGE_LINES - 1 :]:
        yield Text(page.fit_indented(_INDENT + " ".join(map(str.strip, rest))))


def _rows(cause: Cause, page: Page) -> Iterator[Text]:
    example = cause.example
    room = page.width - len(_INDENT) - _LABEL
    if example["sent"]:
        yield _row("sent", page.fit(example["sent"], room))
    yield from _expected(example["expected"], example["citation"], page)
    if example["got"]:
        yield _row("got", page.fit(example["got"], room))
    if others := [result["site"] or result["operation"] for result in cause.results[1:]]:
        also = f"{plural(len(others), 'more site')}: {', '.join(dict.fromkeys(others))}"
        yield _row("also", page.fit(also, room))


def _expected(expected: str, citation: str, page: Page) -> Iterator[Text]:
    """What was expected with its source behind it, or below it where the line is too short."""
    room = page.width - len(_INDENT) - _LABEL
    source = f"({page.safe(citation)})" if citation else ""
    wanted = page.safe(expected)
    if cell_len(wanted) + 5 + cell_len(source) <= room:
        yield _row("expected", f"{wanted}     {source}".strip())
        return
    if wanted:
        yield _row("expected", page.fit(wanted, room))
    if source:
        yield _row("" if wanted else "expected", page.fit(source, room))


def _again(report: Report, cause: Cause, page: Page) -> Iterator[Text]:
    """The command that shows the case again; on two lines that a shell takes for one if long."""
    command, case = map(page.safe, replay_command(report, cause.example))
    if cell_len(command) + 1 + cell_len(case) <= page.width - len(_INDENT) - _LABEL:
        yield _row("again", f"{command} {case}")
        return
    yield _row("again", f"{command} \\")
    yield _row("", f"  {case}")


def _row(label: str, text: str) -> Text:
    return Text.assemble(_INDENT, (f"{label:<{_LABEL}}", "dim"), text)

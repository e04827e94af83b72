"""A report as CSV, one case a row, for spreadsheets.

A spreadsheet runs what looks like a formula; cells that do are led by an apostrophe, which
spreadsheets take for "this is text".
"""

from __future__ import annotations

import csv
import io
from typing import Final

from conformance.report.text import one_line
from conformance.report.types import Report, Result

COLUMNS: Final = (
    "case",
    "verdict",
    "level",
    "category",
    "check",
    "operation",
    "site",
    "cause",
    "message",
    "sent",
    "expected",
    "got",
    "citation",
    "ledger_reason",
    "facts",
    "duration_s",
)

# With their full-width twins, which spreadsheets take for the same.
_FORMULA_STARTS: Final = tuple("=+-@|%\uff1d\uff0b\uff0d\uff20")


def render(report: Report) -> str:
    """The report as RFC 4180 has it: a header, a row for each case, CRLF, all cells quoted."""
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(_row(report, result) for result in report["results"])
    return file.getvalue()


def _row(report: Report, result: Result) -> list[str]:
    check = report["checks"][result["check"]]
    cells = (
        result["case"],
        result["verdict"],
        result["level"],
        check["category"],
        result["check"],
        result["operation"],
        result["site"],
        result["cause"],
        result["message"],
        result["sent"],
        result["expected"],
        result["got"],
        result["citation"],
        result["ledger_reason"],
        " ".join(result["facts"]),
        f"{result['duration_s']:.3f}",
    )
    return [_inert(cell) for cell in cells]


def _inert(text: str) -> str:
    cell = one_line(text)
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell

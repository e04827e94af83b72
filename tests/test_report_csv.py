from __future__ import annotations

import csv
import io
from typing import Any

from report_support import hostile_report, small_report

from conformance.report import csv as report_csv


def _rows(report: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(report_csv.render(report), newline="")))


def test_each_case_is_a_row_under_named_columns() -> None:
    rows = _rows(small_report())
    assert len(rows) == 11
    row = next(r for r in rows if r["check"] == "union.two-members")
    assert row["case"] == "union.two-members[CreateConfiguredTable:tableReference]"
    assert row["verdict"] == "deviates"
    assert row["level"] == "MUST"
    assert row["operation"] == "CreateConfiguredTable"
    assert row["facts"] == "CR-001"
    assert row["duration_s"] == "0.250"


def test_no_cell_starts_like_a_formula() -> None:
    cells = [cell for row in _rows(hostile_report()) for cell in row.values()]
    assert not [cell for cell in cells if cell[:1] in tuple("=+-@\t\r|%\uff1d\uff0b\uff0d\uff20")]
    assert '\'=HYPERLINK("https://example.org","x")' in cells
    assert "'@SUM(1)" in cells


def test_a_case_is_one_line_whatever_the_target_says() -> None:
    lines = report_csv.render(hostile_report()).split("\r\n")
    assert len(lines) == len(hostile_report()["results"]) + 2
    assert not any("\n" in line or "\r" in line for line in lines)

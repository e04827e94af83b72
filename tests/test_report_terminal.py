from __future__ import annotations

import io
import re
from typing import Any

import pytest
from report_support import (
    COVERAGE,
    hostile_report,
    large_report,
    passing_report,
    report_of,
    small_report,
)
from report_support import result as one
from rich.cells import cell_len
from rich.console import Console

from conformance.report import terminal

ESCAPES = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def _written(report: Any, encoding: str = "utf-8", **more: Any) -> str:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding, newline="\n")
    terminal.write(report, Console(file=file, width=80), **more)
    file.flush()
    return raw.getvalue().decode(encoding)


def test_a_deviation_reads_as_the_house_style_has_it() -> None:
    text = terminal.render(small_report())
    assert (
        """
union.two-members  CreateConfiguredTable:tableReference                     MUST
  Two members of a tagged union were set, and the target accepted it.
  sent      POST /CreateConfiguredTable {"name": "a", "tableReference": {"glue"…
  expected  400 ValidationException     (model: TableReference is a union)
  got       200 {"id": "0f3c"}
  again     conformance replay conformance-report/report.json \\
              'union.two-members[CreateConfiguredTable:tableReference]'
"""
        in text
    )


def test_a_systemic_cause_names_its_other_sites() -> None:
    text = terminal.render(small_report())
    assert "input.max-length  3 of 4 operations     " in text
    assert "also      2 more sites: CreateCollaboration.name, UpdateConfiguredTable.name" in text


def test_nothing_is_wider_than_the_page_but_a_case_to_copy() -> None:
    for report in (small_report(), large_report(), hostile_report(), passing_report()):
        lines = terminal.render(report).split("\n")
        wide = [line for line in lines if cell_len(line) > 80]
        assert all(line.startswith(" " * 14 + "'") for line in wide), wide


def test_a_case_to_copy_is_never_broken_over_lines() -> None:
    long = one("union.two-members", "CreateA", "CreateA:" + "x" * 120, "deviates")
    text = terminal.render(report_of([long]))
    assert f"\n              '{long['case']}'\n" in text


def test_even_a_narrow_terminal_can_be_written_to() -> None:
    file = io.StringIO()
    terminal.write(small_report(), Console(file=file, width=12))
    assert "DEVIATES" in file.getvalue()


def test_a_pipe_gets_no_colour_and_a_terminal_does() -> None:
    assert "\x1b" not in _written(small_report())
    file = io.StringIO()
    console = Console(file=file, width=80, force_terminal=True, color_system="standard")
    terminal.write(small_report(), console)
    assert "\x1b[1;31mMUST\x1b[0m" in file.getvalue()


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
def test_any_encoding_of_the_output_works(encoding: str) -> None:
    text = _written(hostile_report(), encoding)
    assert "SUITE FAULT" in text
    assert ("日本語" in text) == (encoding == "utf-8")


def test_ascii_output_spells_what_ascii_lacks() -> None:
    text = _written(small_report(), "ascii")
    assert '"tableReference": {"glu...\n' in text


def test_text_of_the_target_cannot_drive_the_terminal() -> None:
    text = terminal.render(hostile_report())
    assert not ESCAPES.findall(text)
    assert "[bold red]markup[/] :bomb:" in text
    assert "\\x1b[31mred\\x1b]0;title\\x07" in text


def test_only_the_biggest_causes_are_told_and_the_rest_counted() -> None:
    report = report_of(
        [one("union.two-members", f"Op{n:02}", f"Op{n:02}:x", "deviates") for n in range(30)]
        + [one("union.two-members", f"Ok{n:02}", f"Ok{n:02}:x", "passed") for n in range(30)],
        options={"out": "out/"},
    )
    text = _written(report, causes_shown=4)
    assert text.count("  again ") == 4
    assert "… and 26 more causes (26 cases) in out/report.json" in text
    assert "conformance replay out/report.json" in text


def test_waived_causes_are_counted_and_not_told() -> None:
    report = report_of([one("input.pattern", "A", "A.x", "waived")])
    text = terminal.render(report)
    assert "DEVIATIONS" not in text
    assert re.search(r"^waived +1$", text, re.MULTILINE)
    assert "CONFORMANT" in text


def test_operations_are_counted_and_missing_ones_stand_apart() -> None:
    text = terminal.render(small_report())
    assert "OPERATIONS  7 of 103 implemented" in text
    assert re.search(r"^CreateCollaboration +- +1 +- +- +1$", text, re.MULTILINE)
    assert re.search(r"^GetMembership\? ", text, re.MULTILINE)
    assert "not implemented (1):\n  GetSchema\n" in text


def test_long_names_of_operations_are_never_cut() -> None:
    text = terminal.render(large_report())
    assert re.search(r"^UpdateConfiguredTableAssociationAnalysisRule +\d+ +\d+", text, re.MULTILINE)


def test_reasons_are_grouped_most_frequent_first() -> None:
    text = terminal.render(small_report())
    assert "        2  no match found\n" in text
    assert "        1  CreateCollaboration answered 503\n" in text


def test_a_partial_run_says_how_many_cases_it_did_not_reach() -> None:
    report = small_report(complete=False, stopped="time budget of 60 s used up", planned=50)
    text = terminal.render(report)
    assert "planned          50: 9 run, 2 skipped\n" in text
    assert "not reached      39 (time budget of 60 s used up)\n" in text
    assert "The run is partial: time budget of 60 s used up." in text.replace("\n", " ")


def test_stale_rows_of_the_ledger_are_listed_with_the_reason() -> None:
    ledger = {
        "file": "ledger.yaml",
        "stale": [{"entry": "input.pattern@*", "why": "expired on 2026-11-01"}],
        "waived": 3,
    }
    text = terminal.render(passing_report(ledger=ledger))
    assert "LEDGER  ledger.yaml\n" in text
    assert "  input.pattern@*\n    expired on 2026-11-01\n" in text
    assert "STALE LEDGER  1 row of the ledger no longer fits." in text


def test_the_report_that_the_page_is_from_is_named_last() -> None:
    text = _written(small_report(options={"out": "here"}))
    assert text.rstrip().split("\n")[-1] == "report: here/report.json"


def test_the_coverage_of_the_suite_names_its_gaps() -> None:
    text = terminal.render(small_report(coverage=COVERAGE))
    assert (
        """
COVERAGE  what this run looked at
sites            1,510 of 1,531: 20 unreachable, 1 gap
error pairs      140 of 553: 400 listed, 13 gaps
facts            210 of 496: 186 unobservable, 100 unknown
        1  gaps in input.pattern sites
"""
        in text
    )
    assert "COVERAGE" not in terminal.render(small_report())


def test_a_part_of_the_coverage_stands_alone() -> None:
    text = terminal.render(small_report(coverage={"facts": {"covered": 3}, "newer": {"by": "x"}}))
    assert "COVERAGE  what this run looked at\nfacts            3 of 3\n" in text


def test_notes_are_told_and_cut_where_there_are_many() -> None:
    notes = [
        "a collaboration was left over: DeleteCollaboration said 409",
        *["x" for _ in range(25)],
    ]
    text = terminal.render(small_report(notes=notes))
    assert "\nNOTES\n  a collaboration was left over: DeleteCollaboration said 409\n  x\n" in text
    assert " and 6 more notes in " in text
    assert "NOTES" not in terminal.render(small_report())


def test_operations_with_nothing_to_tell_share_a_line() -> None:
    names = [f"Get{number}" for number in range(9)]
    results = [one("error.code", name, name, "passed") for name in names]
    results += [one("error.code", "ListThings", "ListThings", "deviates")]
    text = terminal.render(report_of(results))

    assert re.search(r"^ListThings +- +1$", text, re.MULTILINE)
    assert re.search(r"^9 others +9 +-$", text, re.MULTILINE)
    assert "Get3" not in text


def test_a_run_without_a_deviation_counts_all_operations_together() -> None:
    results = [one("error.code", f"Get{number}", "x", "passed") for number in range(9)]
    text = terminal.render(report_of(results))

    assert re.search(r"^(all 9|9 others) +9$", text, re.MULTILINE)

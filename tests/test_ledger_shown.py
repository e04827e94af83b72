"""What a reader is told of the ledger: new faults apart from known ones, and what is not known."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from report_support import report_of, result
from suite_support import certify

from conformance.report.formats import FORMATS

NEW = result("union.two-members", "CreateMembership", "CreateMembership:u", "deviates")
KNOWN = result(
    "input.max-length", "CreateMembership", "m", "waived", ledger_reason="lengths come in May"
)
LEDGER = {
    "file": "ledger.yaml",
    "waived": 1,
    "stale": [{"entry": "cause: a@B (line 7)", "why": "no longer deviates in B"}],
    "rows": 9,
    "unseen": 0,
    "passing": [{"entry": "cause: c@D (line 9)", "cases": ["c[D]"]}],
}


def shown(format_: str, results: list[Any], **more: Any) -> str:
    return FORMATS[format_](report_of(results, **{"ledger": LEDGER, **more}))


def test_the_terminal_heads_new_faults_with_what_they_are() -> None:
    text = shown("terminal", [NEW, KNOWN])
    assert "\nNOT IN THE LEDGER  1 cause, biggest first\n" in text
    assert "DEVIATIONS" not in text
    assert "\nwaived           1 deviation from 1 cause\n" in text
    assert "\npassing          1 case that rows would waive" in text
    assert "  cause: a@B (line 7)\n    no longer deviates in B\n" in text
    assert max(map(len, text.splitlines())) <= 80


def test_without_a_ledger_nothing_is_said_of_one() -> None:
    text = shown("terminal", [NEW], ledger=None)
    assert "\nDEVIATIONS  1 cause, biggest first\n" in text
    assert "ledger" not in text.lower()


def test_markdown_shows_new_faults_and_folds_known_ones_with_their_reason() -> None:
    text = shown("markdown", [NEW, KNOWN])
    new, _, known = text.partition("<details><summary>1 cause waived by the ledger</summary>")
    assert "### Not in the ledger, biggest cause first (1 cause)" in new
    assert "union.two-members" in new
    assert "lengths come in May" not in new
    assert "| `input.max-length` | `m` | 1 | `lengths come in May` |" in known


def test_junit_fails_new_faults_and_stale_rows_and_skips_known_faults() -> None:
    root = ET.fromstring(shown("junit", [NEW, KNOWN]).encode())
    failures = {case.get("name"): case.find("failure") for case in root.iter("testcase")}
    failed = {name: one.get("message") for name, one in failures.items() if one is not None}
    assert failed == {
        NEW["case"]: f"not in the ledger: {NEW['message']}",
        "ledger[cause: a@B (line 7)]": "A row of the ledger no longer fits: "
        "no longer deviates in B",
    }
    (skipped,) = root.iter("skipped")
    assert skipped.get("message") == "waived: lengths come in May"


def test_the_page_has_known_faults_under_a_heading_of_their_own() -> None:
    page = shown("html", [NEW, KNOWN])
    new, _, known = page.partition("<h3>Waived by the ledger")
    assert ">Not in the ledger <small>" in new
    assert "union.two-members" in new
    assert "lengths come in May" in known


@pytest.mark.parametrize("format_", ["terminal", "markdown", "junit", "html"])
@pytest.mark.parametrize(
    ("part", "reason", "compares"),
    [
        ({"options": {"quick": True}}, "--quick", False),
        ({"options": {"operations": ["Get*"]}}, "--operation Get*", False),
        ({"complete": False, "stopped": "interrupted"}, "it ended early: interrupted", True),
    ],
)
def test_a_part_of_a_run_says_what_it_cannot_tell_of_the_ledger(
    format_: str, part: dict[str, Any], reason: str, compares: bool
) -> None:
    text = " ".join(shown(format_, [KNOWN], ledger=LEDGER | {"unseen": 8}, **part).split())
    assert f"A part of a run ({reason}): it says nothing of 8 of 9 rows" in text
    assert ("nor whether less was judged" in text) is not compares


@pytest.mark.parametrize("format_", ["terminal", "markdown", "junit", "html"])
def test_a_whole_run_leaves_nothing_open(format_: str) -> None:
    assert "A part of a run" not in shown(format_, [KNOWN])


def test_a_filtered_run_is_held_against_the_rows_that_it_bears_on(tmp_path: Path) -> None:
    file = tmp_path / "ledger.yaml"
    rows = ("union.two-members[CreateConfiguredTable:tableReference]", "no.such[case]")
    file.write_text("".join(f'- case: "{row}"\n  reason: r\n' for row in rows), "utf-8")
    ran = certify(tmp_path, "--check", "union.two-members", "--ledger", str(file))
    assert ran.exit_status == 1
    assert [row["why"] for row in ran.report["ledger"]["stale"]] == ["no longer deviates"]
    assert ran.report["ledger"]["unseen"] == 1
    file.write_text(f'- case: "{rows[1]}"\n  reason: r\n', "utf-8")
    ran = certify(tmp_path, "--check", "union.two-members", "--ledger", str(file))
    assert ran.exit_status == 0, ran.output
    assert "nothing of 1 of 1 row of the ledger" in " ".join(ran.output.split())

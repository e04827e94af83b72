from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

import pytest
from report_support import hostile_report, large_report, passing_report, report_of, small_report
from report_support import result as one
from rich.cells import cell_len

from conformance.errors import UsageError
from conformance.report.compare import Comparison, compare
from conformance.report.compare_writers import (
    COMPARISON_FORMATS,
    as_html,
    as_json,
    as_markdown,
    as_text,
)
from conformance.report.types import Report

CHECK = "input.pattern"


def _run(
    verdicts: dict[str, str], *, port: int = 1, started: str = "2026-01-01T00:00:00Z"
) -> Report:
    """A report with a case for each letter, on a target at a port."""
    results = [one(CHECK, f"Op{name}", name, verdict) for name, verdict in verdicts.items()]
    report = report_of(results, started=started)
    report["target"]["endpoint_url"] = f"http://127.0.0.1:{port}"
    return report


def _cells(comparison: Comparison) -> dict[str, list[str]]:
    return {row.name: [str(cell or "") for cell in row.cells] for row in comparison.operations}


def test_operations_of_each_target_stand_side_by_side() -> None:
    comparison = compare([_run({"a": "passed", "b": "deviates"}), _run({"b": "passed"}, port=2)])
    assert _cells(comparison) == {"Opa": ["✓ 1", ""], "Opb": ["✗ 1", "✓ 1"]}
    [row] = comparison.checks
    assert [str(cell) for cell in row.cells] == ["✗ 1/2", "✓ 1"]


def test_a_skipped_case_hides_no_passed_one() -> None:
    results = [one(CHECK, "A", "1", "passed"), one(CHECK, "A", "2", "skipped")]
    comparison = compare([report_of(results), report_of(results[1:])])
    assert _cells(comparison) == {"A": ["✓ 1", "s 1"]}


def test_missing_operations_hide_nothing_in_the_row_of_a_check() -> None:
    comparison = compare([_run({"a": "passed", "b": "not_implemented"})] * 2)
    [row] = comparison.checks
    assert [str(cell) for cell in row.cells] == ["✓ 1", "✓ 1"]


def test_what_only_one_fails_and_another_passes_is_told() -> None:
    comparison = compare(
        [
            _run({"a": "deviates", "b": "deviates", "c": "deviates", "d": "passed"}),
            _run({"a": "passed", "b": "waived", "c": "skipped", "d": "waived"}, port=2),
        ]
    )
    assert [(o.label, o.check, o.operation, o.count) for o in comparison.only] == [
        ("A", CHECK, "Opa", 1),
        ("B", CHECK, "Opd", 1),
    ]


def test_two_runs_of_one_target_are_compared_in_time_whatever_their_order() -> None:
    earlier = _run(
        {"a": "deviates", "b": "deviates", "c": "passed", "d": "deviates", "e": "waived"}
    )
    later = _run(
        {"a": "passed", "b": "waived", "c": "deviates", "d": "inconclusive", "f": "deviates"},
        started="2026-01-02T00:00:00Z",
    )
    [change] = compare([later, earlier]).changes
    assert (change.before, change.after) == ("B", "A")
    assert change.fixed == ("input.pattern[a]",)
    assert change.still == ("input.pattern[b]",)
    assert change.new == ("input.pattern[c]",)
    assert change.added == ("input.pattern[f]",)
    assert change.unclear == ("input.pattern[d]", "input.pattern[e]")


def test_different_targets_have_no_history() -> None:
    assert compare([_run({"a": "passed"}), _run({"a": "deviates"}, port=2)]).changes == ()


def test_checks_that_a_newer_contract_added_are_told_apart() -> None:
    before, after = passing_report(), passing_report(started="2027-01-01T00:00:00Z")
    del before["checks"]["union.two-members"]
    [change] = compare([before, after]).changes
    assert change.added_checks == ("union.two-members",)
    assert change.dropped_checks == ()


@pytest.mark.parametrize("reports", [[], [small_report()]])
def test_one_report_cannot_be_compared(reports: list[Report]) -> None:
    with pytest.raises(UsageError, match="one report is not enough"):
        compare(reports)


def test_reports_on_different_services_cannot_be_compared() -> None:
    other = small_report()
    other["contract"]["service"] = "appmesh"
    with pytest.raises(UsageError, match=r"different services .*: appmesh, cleanrooms"):
        compare([small_report(), other])


def test_the_text_has_a_column_a_report_and_a_legend() -> None:
    text = as_text(compare([_run({"a": "deviates"}), _run({"a": "passed"}, port=2)]))
    assert "OPERATIONS    A    B\nOpa         ✗ 1  ✓ 1\n" in text
    assert "✗ deviates, ~ waived, ? inconclusive" in text
    assert "ONLY A FAILS  1 case\n      1  input.pattern  Opa\n" in text


def test_the_text_tells_what_changed() -> None:
    before = _run({"a": "deviates", "b": "passed"})
    after = _run({"a": "passed", "b": "deviates"}, started="2026-01-02T00:00:00Z")
    text = as_text(compare([before, after]))
    assert "FROM A TO B\n      1  new deviations\n         input.pattern[b]\n" in text
    assert "      1  fixed\n         input.pattern[a]\n" in text


def test_the_text_keeps_to_its_width_and_encoding() -> None:
    comparison = compare([large_report(2000), hostile_report(), large_report(1000, 2)])
    text = as_text(comparison, encoding="ascii")
    assert text.isascii()
    assert max(map(cell_len, text.split("\n"))) <= 80
    assert "\x1b" not in text


def test_operations_that_no_target_has_stand_apart() -> None:
    text = as_text(compare([_run({"a": "not_implemented"}), _run({"a": "not_implemented"})]))
    assert "not implemented by any (1):\n  Opa\n" in text


def test_json_tells_everything() -> None:
    before = _run({"a": "deviates", "b": "passed"})
    after = _run({"a": "passed", "b": "deviates"}, started="2026-01-02T00:00:00Z")
    document: Any = json.loads(as_json(compare([before, after], ["x.json", "y.json"])))
    assert document["schema"] == "conformance-comparison/1"
    assert [subject["file"] for subject in document["subjects"]] == ["x.json", "y.json"]
    assert document["operations"][0] == {
        "name": "Opa",
        "cells": [{"deviates": 1}, {"passed": 1}],
    }
    assert document["changes"][0]["new"] == ["input.pattern[b]"]
    assert document["only"][0]["label"] == "A"


def test_markdown_has_the_matrices() -> None:
    text = as_markdown(compare([_run({"a": "deviates"}), _run({"a": "passed"}, port=2)]))
    assert "| operations | A | B |" in text
    assert "| `Opa` | ✗ 1 | ✓ 1 |" in text
    assert "| `input.pattern` | ✗ 1 | ✓ 1 |" in text


@pytest.mark.parametrize("name", sorted(COMPARISON_FORMATS))
def test_every_form_can_be_written_for_hostile_reports(name: str) -> None:
    text = COMPARISON_FORMATS[name](compare([hostile_report(), hostile_report()]))
    assert text.encode("utf-8")
    assert "\x1b" not in text


# --- the page -------------------------------------------------------------------------------------


def test_the_page_has_both_matrices_what_only_one_fails_and_what_changed() -> None:
    before = _run({"a": "deviates", "b": "deviates", "c": "passed"})
    after = _run({"a": "deviates", "b": "passed", "c": "deviates"}, started="2026-02-01T00:00:00Z")
    page = as_html(compare([before, after, _run({"a": "passed"}, port=2)]))
    assert page.count('class="matrix"') == 2
    assert "new deviations: 1" in page
    assert f"<li>{CHECK}[c]</li>" in page
    assert 'id="only"' in page
    assert 'aria-label="Runs"' in page


def test_checks_that_the_newer_contract_added_stand_apart_on_the_page() -> None:
    before, after = _run({"a": "passed"}), _run({"a": "passed"}, started="2026-02-01T00:00:00Z")
    del before["checks"]["union.two-members"]
    page = as_html(compare([before, after]))
    assert "checks that only the later run has: 1" in page
    assert "<li>union.two-members</li>" in page


class Attributes(HTMLParser):
    """Collects every attribute of every tag."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag != "script"
        self.seen += [(name, value or "") for name, value in attrs]


def test_the_page_needs_nothing_from_elsewhere_and_lets_no_text_act() -> None:
    page = as_html(compare([hostile_report(), hostile_report()]))
    assert 'http-equiv="Content-Security-Policy"' in page
    attributes = Attributes()
    attributes.feed(page)
    assert [value for name, value in attributes.seen if name in {"src", "action"}] == []
    assert {value[:1] for name, value in attributes.seen if name == "href"} == {"#"}
    assert "\x1b" not in page


def test_ten_thousand_cases_make_a_page() -> None:
    page = as_html(compare([large_report(), large_report()]))
    assert page.endswith("</html>")

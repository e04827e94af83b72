"""Annotations for GitHub: the biggest causes, and nothing that a target can break out of."""

from __future__ import annotations

from pathlib import Path

from report_support import hostile_report, passing_report, report_of, result, small_report

from conformance.report.github import SHOWN, render


def test_the_verdict_comes_first_and_then_the_biggest_cause() -> None:
    first, second, *_ = render(small_report()).splitlines()
    assert first == ("::error title=conformance%3A deviates::4 deviations from 2 causes.")
    assert second.startswith("::error title=input.max-length%3A 3 of 4 operations::It was accepted")
    assert "%0Aexpected: 400 ValidationException%0Agot: " in second
    assert second.endswith("%0A2 more cases")


def test_a_conformant_target_is_a_notice() -> None:
    (line,) = render(passing_report()).splitlines()
    assert line.startswith("::notice title=conformance%3A conformant::2 cases passed")


def test_a_stale_row_is_shown_at_its_line_of_the_ledger() -> None:
    stale = [{"entry": "case: a.b[C] (line 7)", "why": "no longer deviates"}]
    report = small_report(ledger={"file": "ledger.yaml", "waived": 0, "stale": stale})
    assert (
        "::error title=ledger,file=ledger.yaml,line=7::case: a.b[C] (line 7): no longer deviates"
    ) in render(report).splitlines()


def test_there_are_no_more_annotations_than_are_shown() -> None:
    rows = [result("union.two-members", f"Op{n}", f"{n}", "deviates") for n in range(30)]
    rows = [row | {"cause": f"own:{row['case']}"} for row in rows]
    assert len(render(report_of(rows)).splitlines()) == 1 + SHOWN


def test_no_text_of_a_target_becomes_a_command(tmp_path: Path) -> None:
    text = "x\n::error::pwned\r\n::set-env name=A::b %0A"
    rows = [result("union.two-members", "Op", "a", "deviates", message=text, got=text)]
    lines = render(report_of(rows)).splitlines()
    assert len(lines) == 2
    assert all(line.startswith(("::error title=", "::notice title=")) for line in lines)
    assert "%250A" in lines[1]
    assert all(line.startswith("::") for line in render(hostile_report()).splitlines())

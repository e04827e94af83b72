from __future__ import annotations

from typing import Any

import pytest
from report_support import passing_report, report_of, result, small_report

from conformance.errors import ExitStatus
from conformance.report.outcome import implemented, outcome

STALE = {"file": "ledger.yaml", "stale": [{"entry": "x", "why": "passes"}], "waived": 0}
CLEAN = {"file": "ledger.yaml", "stale": [], "waived": 0}
FAULT = [{"case": "x", "message": "KeyError"}]


@pytest.mark.parametrize(
    ("report", "status", "word"),
    [
        (passing_report(), ExitStatus.CONFORMANT, "conformant"),
        (passing_report(ledger=STALE), ExitStatus.DEVIATES, "stale ledger"),
        (small_report(), ExitStatus.DEVIATES, "deviates"),
        (small_report(ledger=STALE), ExitStatus.DEVIATES, "deviates"),
        (
            small_report(complete=False, stopped="target lost: reset"),
            ExitStatus.UNREACHABLE,
            "not judged",
        ),
        (report_of([]), ExitStatus.UNREACHABLE, "not judged"),
        (small_report(faults=FAULT), ExitStatus.SUITE_FAULT, "suite fault"),
        (report_of([], faults=FAULT), ExitStatus.SUITE_FAULT, "suite fault"),
    ],
)
def test_the_status_of_a_run_follows_from_its_report(
    report: Any, status: ExitStatus, word: str
) -> None:
    found = outcome(report)
    assert (found.status, found.word) == (status, word)


@pytest.mark.parametrize("verdict", ["skipped", "inconclusive", "not_implemented"])
def test_a_run_that_judged_nothing_is_never_green(verdict: str) -> None:
    report = report_of([result("input.pattern", "A", "a", verdict)])
    assert outcome(report).status is ExitStatus.UNREACHABLE


def test_waived_deviations_leave_a_run_green_and_are_said() -> None:
    report = report_of([result("input.pattern", "A", "a", "waived")], ledger=CLEAN)
    found = outcome(report)
    assert found.status is ExitStatus.CONFORMANT
    assert "1 deviation waived by the ledger" in found.sentence


def test_a_partial_run_says_so_and_why() -> None:
    found = outcome(passing_report(complete=False, stopped="time budget of 60 s used up"))
    assert found.partial
    assert found.sentence.endswith("The run is partial: time budget of 60 s used up.")


def test_a_partial_target_is_conformant_in_what_it_has() -> None:
    assert outcome(passing_report()).sentence == (
        "2 cases passed in the 2 of 103 operations that the target has."
    )


def test_deviations_are_counted_with_their_causes() -> None:
    assert outcome(small_report()).sentence == "4 deviations from 2 causes."
    assert outcome(small_report(ledger=STALE)).sentence == (
        "4 deviations from 2 causes that the ledger does not list; "
        "1 row of the ledger no longer fits."
    )


def test_implemented_operations_are_counted_against_the_contract() -> None:
    assert implemented(small_report()) == (7, 103)

"""The coverage ledger counts every place of the contract, also what no case was run for."""

from __future__ import annotations

from typing import Any

import pytest

from conformance import contract, spec
from conformance.contract import constraint_sites
from conformance.suite.coverage import site_ledger

CLEAN_ROOMS = contract.load("cleanrooms")
SPEC = spec.load("cleanrooms")
CASE = "input.min-length[UpdateCollaboration:name]"


def ledger(*results: dict[str, str]) -> dict[str, Any]:
    return site_ledger(CLEAN_ROOMS, SPEC, results)


def result(verdict: str, message: str = "") -> dict[str, str]:
    return {"case": CASE, "verdict": verdict, "message": message}


def test_without_results_each_site_that_nothing_bars_is_a_gap() -> None:
    sites = ledger()["sites"]
    total = sum(1 for o in CLEAN_ROOMS.operations.values() for _ in constraint_sites(o))
    counted = [counts for check, counts in sites.items() if check.startswith("input.")]

    assert sum(c["covered"] for c in counted) == 0
    assert sum(c["unreachable"] + c["gap"] for c in counted) >= total
    assert sites["input.min-length"]["reasons"] == {
        "it was not run": sites["input.min-length"]["gap"]
    }


@pytest.mark.parametrize(
    ("verdict", "counted"),
    [
        ("passed", (1, 0)),
        ("deviates", (1, 0)),
        ("waived", (1, 0)),
        ("skipped", (0, 1)),
        ("not_implemented", (0, 1)),
        ("inconclusive", (0, 0)),
        ("fault", (0, 0)),
    ],
)
def test_a_verdict_decides_whether_a_site_is_covered(
    verdict: str, counted: tuple[int, int]
) -> None:
    found = ledger(result(verdict, "why"))["sites"]["input.min-length"]

    assert (found["covered"], found["unreachable"]) == counted
    assert found["gap"] == ledger()["sites"]["input.min-length"]["gap"] - sum(counted)
    assert ("why" in found["reasons"]) is (counted[0] == 0)


def test_what_the_spec_bars_is_out_of_reach_and_says_why() -> None:
    found = ledger()["sites"]["input.max-length"]

    assert found["unreachable"] > 0
    assert any("ARNs" in reason for reason in found["reasons"])


def test_the_sites_of_an_operation_add_up_to_those_of_all() -> None:
    found = ledger(result("passed"))
    by_operation = found["sites_by_operation"]

    assert by_operation["UpdateCollaboration"]["input.min-length"][0] == 1
    for check, counts in found["sites"].items():
        sums = [
            sum(n)
            for n in zip(*(o[check] for o in by_operation.values() if check in o), strict=True)
        ]
        assert sums == [counts["covered"], counts["unreachable"], counts["gap"]]

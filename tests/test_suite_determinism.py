"""One seed gives the same verdicts, however the work is shared; a run that stops early says so."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from suite_faults import no_fault
from suite_support import Ran, certify, serving

#: Runs the whole suite against the embedded target, once for the same arguments and number.
Whole = Callable[..., Ran]


def in_a_process_of_its_own(out: Path, *arguments: str) -> Ran:
    command = [sys.executable, "-m", "conformance", "run", "--out", str(out), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    report = json.loads((out / "report.json").read_text("utf-8"))
    return Ran(done.returncode, done.stdout + done.stderr, report)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    @cache
    def run(*arguments: str, number: int = 1) -> Ran:
        return in_a_process_of_its_own(tmp_path_factory.mktemp(f"run{number}"), *arguments)

    return run


@pytest.mark.slow
def test_the_embedded_target_has_no_deviation(whole: Whole) -> None:
    ran = whole()

    assert ran.report["faults"] == []
    assert [case for case, verdict in ran.verdicts.items() if verdict == "deviates"] == []
    assert ran.report["complete"]
    assert ran.exit_status == 0


@pytest.mark.slow
def test_two_runs_with_one_seed_agree_on_every_case(whole: Whole) -> None:
    assert whole(number=2).verdicts == whole().verdicts
    assert counted(whole(number=2)) == counted(whole())


def counted(ran: Ran) -> dict[str, int]:
    """The cases by verdict; how often a query was asked whether it has ended is the clock's."""
    return {name: n for name, n in ran.report["summary"].items() if name != "requests"}


@pytest.mark.slow
def test_two_processes_agree_with_one(whole: Whole) -> None:
    shared = whole("-n", "2")

    assert shared.verdicts == whole().verdicts
    assert shared.report["planned"] == whole().report["planned"]
    assert shared.exit_status == 0


@pytest.mark.slow
def test_a_socket_changes_no_verdict(whole: Whole, tmp_path: Path) -> None:
    with serving(no_fault) as url:
        ran = certify(tmp_path, "--endpoint-url", url, "--control-url", f"{url}/_reference")
    framed = {
        result["case"]
        for result in whole().report["results"]
        if "in this process, where requests are not framed" in (result.get("message") or "")
    }

    assert {case: ran.verdicts[case] for case in framed} == dict.fromkeys(framed, "passed")
    assert ran.verdicts == whole().verdicts | dict.fromkeys(framed, "passed")


@pytest.mark.slow
def test_another_seed_draws_other_values_and_comes_to_the_same(whole: Whole) -> None:
    other = whole("--seed", "7")

    assert other.verdicts == whole().verdicts
    assert other.report["seed"] == 7


@pytest.mark.slow
def test_the_order_of_the_cases_changes_no_verdict(whole: Whole, tmp_path: Path) -> None:
    """Each category alone comes to what it comes to among the others."""
    alone: dict[str, str] = {}
    for category in sorted({check["category"] for check in whole().report["checks"].values()}):
        ran = certify(tmp_path / category, "--check", f"{category}.*")
        alone |= ran.verdicts

    assert alone == whole().verdicts


@pytest.mark.slow
def test_quick_runs_some_of_the_same_cases(whole: Whole) -> None:
    quick, full = whole("--quick"), whole()

    assert set(quick.verdicts) < set(full.verdicts)
    assert {c: full.verdicts[c] for c in quick.verdicts} == quick.verdicts
    assert set(quick.report["checks"]) == set(full.report["checks"])
    assert quick.report["options"]["quick"]
    assert quick.exit_status == 0


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_run_out_of_time_stops_and_says_so(workers: str, whole: Whole) -> None:
    # Long enough for the first cases on a busy machine, too short for all of them on any.
    ran = whole("--max-time", "6", "-n", workers)

    assert not ran.report["complete"]
    assert "6 s" in ran.report["stopped"]
    assert 0 < len(ran.verdicts) < ran.report["planned"]
    assert ran.report["planned"] == whole().report["planned"]
    assert ran.verdicts.items() <= whole().verdicts.items()
    assert "partial" in ran.output

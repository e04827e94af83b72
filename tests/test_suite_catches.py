"""Each check of the suite catches a target that is broken, and no check accuses one that is not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any, Final

import pytest
from broken_targets import BROKEN
from harmless_targets import HARMLESS, HarmlessTarget
from suite_faults import Fault, no_fault
from suite_support import BrokenTarget, Ran, certify, serving

from conformance.names import Glob
from conformance.reference import Listener
from conformance.suite.checks import catalogue

#: Runs all checks at one operation against the reference target with a fault; once for each pair.
Against = Callable[..., Ran]


#: Sequences take most of the time, and few faults are about them.
UNEXPLORED: Final = ("--explore", "0")
OPERATIONS: Final = sorted({b.operation for b in BROKEN} | {h.operation for h in HARMLESS})


@pytest.fixture(scope="module")
def against(tmp_path_factory: pytest.TempPathFactory) -> Against:
    @cache
    def run(
        fault: Fault,
        operation: str,
        options: tuple[str, ...] = (),
        server: Callable[[Any], Any] = Listener,
    ) -> Ran:
        with serving(fault, server) as url:
            out = tmp_path_factory.mktemp("run")
            chosen = [option.format(url=url) for option in options or UNEXPLORED]
            return certify(out, "--endpoint-url", url, "--operation", operation, *chosen)

    return run


def in_one(patterns: tuple[str, ...], case: str) -> bool:
    return any(Glob(pattern).matches(case) for pattern in patterns)


def test_each_check_has_a_broken_target_that_it_catches() -> None:
    caught = {check for broken in BROKEN for check in broken.checks}

    assert {check.id for check in catalogue()} - caught == set()


def test_each_broken_target_is_caught_by_checks_that_there_are() -> None:
    known = {check.id for check in catalogue()}

    assert {check for broken in BROKEN for check in broken.checks} - known == set()


def test_each_target_is_declared_once() -> None:
    counted = Counter(str(each) for each in (*BROKEN, *HARMLESS))

    assert [name for name, count in counted.items() if count > 1] == []


@pytest.mark.slow
@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_reference_target_passes_every_check(operation: str, against: Against) -> None:
    ran = against(no_fault, operation)

    assert ran.exit_status == 0, ran.output
    assert set(ran.verdicts.values()) - {"skipped"} == {"passed"}
    assert ran.report["complete"]


@pytest.mark.slow
@pytest.mark.parametrize("broken", BROKEN, ids=str)
def test_a_broken_target_is_caught_with_its_cause(broken: BrokenTarget, against: Against) -> None:
    ran = against(broken.fault, broken.operation, broken.options, broken.server)

    assert ran.report["faults"] == []
    assert set(broken.caught_by) - set(ran.verdicts) == set()
    told = {case: ran.result(case) for case in broken.caught_by}
    assert {case: result["verdict"] for case, result in told.items()} == dict.fromkeys(
        broken.caught_by, "deviates"
    )
    assert {case: result["cause"] for case, result in told.items()} == broken.caught_by
    assert ran.exit_status == 1


@pytest.mark.slow
@pytest.mark.parametrize("broken", BROKEN, ids=str)
def test_a_broken_target_is_not_accused_of_anything_else(
    broken: BrokenTarget, against: Against
) -> None:
    before = against(no_fault, broken.operation, broken.options).verdicts
    after = against(broken.fault, broken.operation, broken.options, broken.server).verdicts
    changed = {
        case: verdict
        for case, verdict in after.items()
        if verdict != before[case]
        and case not in broken.caught_by
        # A scenario goes through several operations, so that a fault of one shows there, too.
        and not case.startswith("scenario.")
        # How a refusal is worded is only looked at where there is one.
        and not (case.startswith("error.names-member") and verdict == "skipped")
    }

    assert set(after) == set(before)
    assert {c: v for c, v in changed.items() if not in_one(broken.also, c)} == {}
    # A pattern that excuses nothing would hide the next false accusation.
    assert [each for each in broken.also if not any(map(Glob(each).matches, changed))] == []


@pytest.mark.slow
@pytest.mark.parametrize("broken", BROKEN, ids=str)
def test_what_is_said_of_a_fault_can_be_acted_on(broken: BrokenTarget, against: Against) -> None:
    ran = against(broken.fault, broken.operation, broken.options, broken.server)
    results = [result for result in ran.report["results"] if result["verdict"] == "deviates"]

    assert results
    for result in results:
        case = result["case"]
        assert result["message"], case
        assert result["sent"], case
        assert result["expected"], case
        assert result["got"] not in ("", result["expected"]), case
        assert result["exchanges"][-1]["response"] is not None, case
        assert result["reproduce"]["curl"].count("curl ") >= 1, case
        compile(result["reproduce"]["python"], case, "exec")


@pytest.mark.slow
@pytest.mark.parametrize("harmless", HARMLESS, ids=str)
def test_a_target_that_is_only_peculiar_is_not_accused(
    harmless: HarmlessTarget, against: Against
) -> None:
    before = against(no_fault, harmless.operation).verdicts
    ran = against(harmless.peculiarity, harmless.operation, (), harmless.server)
    changed = [case for case, verdict in ran.verdicts.items() if verdict != before[case]]

    assert ran.report["faults"] == []
    told = {c: ran.result(c)["message"] for c, v in ran.verdicts.items() if v == "deviates"}
    assert told == {}
    assert [case for case in changed if not in_one(harmless.unseen, case)] == []
    assert ran.exit_status == 0

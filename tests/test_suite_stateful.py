"""Exploring sequences of calls: what is found, how it is told, and what it costs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import hypothesis
import hypothesis.strategies as st
import pytest
from attrs import define, field
from broken_sequences import the_second_update_undoes_the_first
from suite_support import certify, serving

from conformance.spec import Claim, Level
from conformance.spec.model import States
from conformance.suite import shrinking as module
from conformance.suite.shrinking import Shrinking
from conformance.target.outcomes import Deviation, Inconclusive, TargetLost

FEW = hypothesis.settings(
    max_examples=50,
    database=None,
    deadline=None,
    phases=(hypothesis.Phase.generate, hypothesis.Phase.shrink),
)


@define
class Silent:
    """A client that has sent nothing."""

    trace: list[object] = field(factory=list)


def shrinking() -> Shrinking:
    return Shrinking(Silent())  # type: ignore[arg-type]  # nothing but its trace is used


def searching(search: Shrinking, attempt: Callable[[int], None]) -> Callable[[], None]:
    """A test of Hypothesis that makes attempts with numbers."""

    @hypothesis.seed(1)
    @FEW
    @hypothesis.given(st.integers(0, 1000))
    def test(number: int) -> None:
        search.begin()
        search.watch(attempt, number)

    return test


def test_what_fails_is_shrunk_to_the_smallest() -> None:
    search = shrinking()

    def attempt(number: int) -> None:
        if number > 5:
            raise Deviation(f"{number} is too many")

    with pytest.raises(Deviation, match="^6 is too many"):
        search.run(searching(search, attempt))


def test_shrinking_ends_when_it_has_taken_long_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE_S", 0.0)
    search, attempts = shrinking(), []

    def attempt(number: int) -> None:
        attempts.append(number)
        if number > 5:
            raise Deviation(f"{number} is too many")

    with pytest.raises(Deviation, match="^[0-9]+ is too many"):
        search.run(searching(search, attempt))
    assert sum(number > 5 for number in attempts) == 1


def test_nothing_more_is_tried_on_a_target_that_is_lost() -> None:
    search, attempts = shrinking(), []

    def attempt(number: int) -> None:
        attempts.append(number)
        raise TargetLost("gone")

    with pytest.raises(TargetLost):
        search.run(searching(search, attempt))
    assert len(attempts) == 1


def test_what_does_not_fail_again_is_inconclusive() -> None:
    search, attempts = shrinking(), []

    def attempt(number: int) -> None:
        attempts.append(number)
        if len(attempts) == 3:
            raise Deviation("once only")

    with pytest.raises(Inconclusive, match="different answers"):
        search.run(searching(search, attempt))


def test_a_state_may_be_followed_by_what_comes_later_and_by_nothing_after_an_end() -> None:
    following = {"NEW": {"BUSY"}, "BUSY": {"DONE", "FAILED"}, "DONE": set(), "FAILED": set()}
    states = States(
        "status",
        {state: frozenset(others) for state, others in following.items()},
        Claim(Level.SHOULD, "nowhere"),
    )

    assert states.after("NEW") == {"BUSY", "DONE", "FAILED"}
    assert states.may_follow("DONE", "NEW")
    assert states.may_follow("DONE", "DONE")
    assert not states.may_follow("BUSY", "DONE")
    assert not states.may_follow("NEW", "BUSY")
    assert states.may_follow("PAUSED", "DONE")
    assert states.may_follow("NEW", "PAUSED")


def test_exploration_can_be_switched_off(tmp_path: Path) -> None:
    ran = certify(tmp_path, "--check", "stateful.*", "--operation", "CreateM*", "--explore", "0")

    assert set(ran.verdicts.values()) == {"skipped"}
    assert ran.report["options"]["explore"] == 0
    assert {r["message"] for r in ran.report["results"]} == {
        "no sequences are to be explored (--explore)"
    }


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_the_reference_target_holds_over_many_sequences(seed: int, tmp_path: Path) -> None:
    ran = certify(tmp_path, "--check", "stateful.*", "--explore", "20", "--seed", str(seed))

    assert set(ran.verdicts.values()) == {"passed"}, ran.output


@pytest.mark.slow
def test_the_shortest_sequence_is_told_and_is_a_script_that_shows_it_again(tmp_path: Path) -> None:
    case = "stateful.values[configured_table]"
    with serving(the_second_update_undoes_the_first) as url:
        arguments = ("--check", "stateful.values", "--operation", "CreateConfiguredTable")
        ran = certify(tmp_path, "--endpoint-url", url, *arguments, "--explore", "40")
        result = ran.result(case)
        done = subprocess.run(
            [sys.executable, "-I", "-c", result["reproduce"]["python"]],
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
    steps = [e["operation"] for e in result["exchanges"]]

    assert "create configured table 1, update description" in result["message"]
    assert steps == [
        "CreateConfiguredTable",
        "GetConfiguredTable",
        "UpdateConfiguredTable",
        "UpdateConfiguredTable",
        "GetConfiguredTable",
    ]
    last = done.stdout.splitlines()[-1]
    assert last.startswith("200 ")
    assert result["got"].removeprefix("description: ").strip("'\"") in last


@pytest.mark.slow
def test_what_had_no_effect_is_named_before_the_read_that_shows_it(tmp_path: Path) -> None:
    with serving(the_second_update_undoes_the_first) as url:
        arguments = ("--check", "stateful.values", "--operation", "CreateConfiguredTable")
        ran = certify(tmp_path, "--endpoint-url", url, *arguments, "--explore", "40")
    sent = ran.result("stateful.values[configured_table]")["sent"]

    assert sent.startswith("PATCH /configuredTables/")
    assert ", then GET /configuredTables/" in sent

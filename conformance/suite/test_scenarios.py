"""What becomes of things that are used together: the scenarios of the spec, played."""

from __future__ import annotations

from conformance.suite.checks import MAY, MUST, check, documented
from conformance.suite.playing import ScenarioSite, play, scenarios
from conformance.suite.run import Run


@check(
    "scenario.rule",
    level=MUST,
    cites=documented("rules beyond the model"),
    over=scenarios("rule"),
    writes=True,
)
def test_a_rule_beyond_the_model_is_kept(site: ScenarioSite, run: Run) -> None:
    """What a documented rule forbids is refused, and what it allows is accepted."""
    run.choices.update(play(site, run))


@check(
    "scenario.view",
    level=MUST,
    cites=documented("what other operations show of a resource"),
    over=scenarios("view"),
    writes=True,
)
def test_other_operations_show_it(site: ScenarioSite, run: Run) -> None:
    """What other operations show of a resource agrees with it, and comes and goes with it."""
    run.choices.update(play(site, run))


@check(
    "scenario.state",
    level=MUST,
    cites=documented("states of a resource"),
    over=scenarios("state"),
    writes=True,
)
def test_states_follow_one_another(site: ScenarioSite, run: Run) -> None:
    """A resource goes from state to state as documented, and an end is final."""
    run.choices.update(play(site, run))


@check(
    "scenario.default",
    level=MUST,
    cites=documented("what the service fills in"),
    over=scenarios("default"),
    writes=True,
)
def test_the_service_fills_in_what_is_left_out(site: ScenarioSite, run: Run) -> None:
    """What a request leaves out, the service fills in as documented, or leaves out as well."""
    run.choices.update(play(site, run))


@check(
    "scenario.open",
    level=MAY,
    cites=documented("sources are silent, or contradict each other"),
    over=scenarios("open"),
    writes=True,
)
def test_what_no_source_tells_is_noted(site: ScenarioSite, run: Run) -> None:
    """Where no source tells what is right, whatever the target does is right, and is noted."""
    run.choices.update(play(site, run))

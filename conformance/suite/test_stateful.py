"""Sequences of calls that nobody wrote down: what is there after them follows from them."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis.stateful import RuleBasedStateMachine

from conformance.suite.checks import MUST, SHOULD, check, documented
from conformance.suite.exploring import exploration
from conformance.suite.habits import Acquaintance
from conformance.suite.inventory import Aspect
from conformance.suite.run import Run
from conformance.suite.shrinking import Shrinking
from conformance.suite.sites import ResourceSite, resources
from conformance.target.outcomes import NotTestable

Explore = Callable[[Callable[[Shrinking], type[RuleBasedStateMachine]]], None]


def _explore(
    site: ResourceSite, aspect: Aspect, run: Run, acquaintance: Acquaintance, sequences: Explore
) -> None:
    if not run.sequences:
        raise NotTestable("no sequences are to be explored (--explore)")
    habits = acquaintance.with_(site.resource)
    sequences(exploration(run, site.resource, habits, aspect))


@check(
    "stateful.values",
    level=MUST,
    cites=documented("a resource shows what it was given, or what it was set to last"),
    over=resources("create", "get", claim="echo"),
    writes=True,
    spread=4,
)
def test_values_follow_from_the_calls(
    site: ResourceSite, run: Run, acquaintance: Acquaintance, sequences: Explore
) -> None:
    """After any sequence of calls a resource shows what it was given, or set to last."""
    _explore(site, "values", run, acquaintance, sequences)


@check(
    "stateful.presence",
    level=SHOULD,
    cites=documented("what was made is there until it is deleted, for those whose it is"),
    over=resources("create", "get"),
    writes=True,
    spread=4,
)
def test_presence_follows_from_the_calls(
    site: ResourceSite, run: Run, acquaintance: Acquaintance, sequences: Explore
) -> None:
    """After any sequence of calls what was made and not deleted is there once, and nothing else."""
    _explore(site, "presence", run, acquaintance, sequences)


@check(
    "stateful.states",
    level=SHOULD,
    cites=documented("states that may follow one another"),
    over=resources("create", "get", claim="states"),
    writes=True,
)
def test_states_follow_one_another(
    site: ResourceSite, run: Run, acquaintance: Acquaintance, sequences: Explore
) -> None:
    """In any sequence of calls a state is followed only by those that may come after it."""
    _explore(site, "states", run, acquaintance, sequences)

"""Makes a pytest run that collects the suite one of the suite; has its fixtures."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

import hypothesis
import pytest
from hypothesis.database import InMemoryExampleDatabase
from hypothesis.reporting import with_reporter
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from hypothesis.strategies import SearchStrategy

from conformance.suite import session as sessions
from conformance.suite.boto import Boto
from conformance.suite.habits import Acquaintance
from conformance.suite.playing import ScenarioSite
from conformance.suite.run import Run
from conformance.suite.samples import Samples
from conformance.suite.shrinking import Shrinking
from conformance.suite.sites import ResourceSite
from conformance.suite.tokens import Tokens
from conformance.target.client import Client
from conformance.target.inputs import Inputs
from conformance.target.outcomes import NotImplementedByTarget
from conformance.target.world import World

#: How many calls a sequence has at most; more find little that these do not, and cost as much.
_STEPS: Final = 12


def pytest_configure(config: pytest.Config) -> None:
    """Registers the session of the suite."""
    sessions.register(config)


@pytest.fixture(autouse=True)
def run(request: pytest.FixtureRequest) -> Iterator[Run]:
    """The run; skips a case whose operation the target does not have."""
    session = sessions.session_of(request.config)
    running = session.begin(request.node)
    site = request.getfixturevalue(sessions.SITE)
    needed = [site.operation]
    if isinstance(site, ResourceSite):
        # What nobody can make has no lifecycle and no tags.
        needed.append(running.contract.operations.get(site.resource.operations["create"]))
    if isinstance(site, ScenarioSite):
        needed += site.operations
    for operation in needed:
        if operation is not None and not running.inputs.has(operation):
            raise NotImplementedByTarget(f"the target does not implement {operation}")
    running.client.start_trace()
    yield running
    running.world.end_check()


@pytest.fixture
def client(run: Run) -> Client:
    """Calls operations of the target."""
    return run.client


@pytest.fixture
def world(run: Run) -> World:
    """The resources that exist on the target, and those that may be made there."""
    return run.world


@pytest.fixture
def inputs(run: Run) -> Inputs:
    """Valid inputs of operations, made of what exists."""
    return run.inputs


@pytest.fixture(scope="session")
def samples(request: pytest.FixtureRequest) -> Samples:
    """One success and one error of each operation."""
    return Samples(sessions.session_of(request.config).run)


def _watched(shrinking: Shrinking, function: Callable[[Any], None]) -> Callable[[Any], None]:
    def examine_one(value: Any) -> None:
        shrinking.begin()
        shrinking.watch(function, value)

    return examine_one


@pytest.fixture
def explore(request: pytest.FixtureRequest, run: Run) -> Callable[..., None]:
    """Holds many random values against a function; what fails is shrunk to the smallest.

    The values are the same for the same seed and case.
    """

    def examine(strategy: SearchStrategy[Any], function: Callable[[Any], None]) -> None:
        shrinking = Shrinking(run.client)
        test = hypothesis.given(strategy)(_watched(shrinking, function))
        settings, seeded = _settings(run.settings.max_examples), _seeded(request, run)
        shrinking.run(seeded(settings(test)))

    return examine


@pytest.fixture
def sequences(
    request: pytest.FixtureRequest, run: Run
) -> Callable[[Callable[[Shrinking], type[RuleBasedStateMachine]]], None]:
    """Runs a state machine as often as the run asks for; what fails is shrunk to the shortest.

    The sequences are the same for the same seed and case.
    """

    def examine(machine: Callable[[Shrinking], type[RuleBasedStateMachine]]) -> None:
        shrinking = Shrinking(run.client)
        settings = _settings(run.sequences, stateful_step_count=_STEPS)
        seeded = _seeded(request, run)(machine(shrinking))
        # What it prints is of no use: the case has the calls, and commands that repeat them.
        with with_reporter(lambda _text: None):
            shrinking.run(partial(run_state_machine_as_test, seeded, settings=settings))

    return examine


@pytest.fixture(scope="session")
def boto(request: pytest.FixtureRequest) -> Boto:
    """Botocore's own client in front of the target."""
    return Boto(sessions.session_of(request.config).run)


@pytest.fixture(scope="session")
def tokens(request: pytest.FixtureRequest) -> Tokens:
    """Tokens of the target's lists."""
    return Tokens(sessions.session_of(request.config).run)


@pytest.fixture(scope="session")
def acquaintance(request: pytest.FixtureRequest) -> Acquaintance:
    """What the target does right when a single thing is done."""
    return Acquaintance(sessions.session_of(request.config).run)


def _settings(examples: int, **more: Any) -> hypothesis.settings:
    return hypothesis.settings(
        max_examples=examples,
        # A database of its own for each case: a shared one would make a run depend on the last.
        database=InMemoryExampleDatabase(),
        deadline=None,
        print_blob=False,
        report_multiple_bugs=False,
        phases=(hypothesis.Phase.generate, hypothesis.Phase.shrink),
        suppress_health_check=[hypothesis.HealthCheck.too_slow],
        **more,
    )


def _seeded(request: pytest.FixtureRequest, run: Run) -> Callable[[Any], Any]:
    case = f"{run.settings.seed}/{request.node.name}"
    return hypothesis.seed(random.Random(case).getrandbits(64))  # noqa: S311 - test data

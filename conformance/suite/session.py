"""The part of the suite that is a pytest plugin: parametrization, verdicts, the report's data.

It is registered by the suite's ``conftest.py``, so only runs that collect the suite have it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Generator, Iterable
from typing import Any, Final

import pytest
from attrs import define, field

from conformance.errors import ConformanceError
from conformance.names import any_matches
from conformance.suite.checks import Check, Site, categories, check_of, claim_at
from conformance.suite.collector import NAME as COLLECTOR
from conformance.suite.collector import Collector
from conformance.suite.recording import Recorder
from conformance.suite.run import Plan, Run, plan, start
from conformance.suite.settings import Settings, read
from conformance.suite.summary import Summary
from conformance.target.journal import check_writable, retire_journals
from conformance.target.outcomes import Deviation, NotTestable, Outcome, TargetLost

NAME: Final = "conformance-session"
#: The plugin of a caller that tells of the run itself.
DRIVER: Final = "conformance-driver"
SITE: Final = "site"


@define(eq=False)
class Session:
    """What one process knows of the run that pytest is doing."""

    config: pytest.Config
    plan: Plan
    worker: str
    recorder: Recorder | None = None
    lost: str = ""
    deadline: float = float("inf")
    _run: Run | None = field(default=None)

    @property
    def run(self) -> Run:
        """The state of the run in this process; the way to the target is opened at first use."""
        if self._run is None:
            try:
                self._run = start(self.plan, self.worker)
            except ConformanceError as error:
                pytest.exit(str(error), returncode=int(error.exit_status))
        return self._run

    @property
    def settings(self) -> Settings:
        """What the run is asked to do."""
        return self.plan.settings

    # --- collection ------------------------------------------------------------------------------

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Repeats each check at its sites."""
        check = check_of(metafunc.function)
        if check is None:
            return
        sites = self._sites(check)
        metafunc.parametrize(SITE, sites, ids=map(str, sites))

    def _sites(self, check: Check) -> list[Site]:
        settings = self.settings
        if not any_matches(settings.checks, check.id) or (settings.read_only and check.writes):
            return []
        sites = [
            site
            for site in check.over(self.plan.contract, self.plan.spec)
            if self._wanted(check, site)
        ]
        if not settings.quick:
            return sites
        first = {site.operation.name if site.operation else "": site for site in reversed(sites)}
        return [site for site in sites if site in first.values()][:: check.spread]

    def _wanted(self, check: Check, site: Site) -> bool:
        operation, settings = site.operation, self.settings
        if operation is not None and settings.read_only and not operation.read_only:
            return False
        if not any_matches(settings.operations, operation.name if operation else ""):
            return False
        claim = claim_at(site)
        level = claim.level if claim else check.level
        if level.rank > settings.level.rank:
            return False
        return any_matches(settings.cases, check.case(site))

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Marks each case with its category."""
        check = check_of(getattr(item, "function", None))
        if check is not None:
            item.add_marker(check.category)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Drops the placeholders of checks that have no site in this run."""
        items[:] = [item for item in items if self._is_case(item)]

    def _is_case(self, item: pytest.Item) -> bool:
        function = getattr(item, "function", None)
        if function is None or check_of(function) is None:
            return True
        callspec = getattr(item, "callspec", None)
        return callspec is not None and hasattr(callspec.params.get(SITE), "operation")

    # --- running ---------------------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> bool | None:
        """Passes over what is left once the time is up or the target is lost."""
        if self.lost or time.monotonic() > self.deadline:
            item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
            item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
            return True
        return None

    def begin(self, item: pytest.Item) -> Run:
        """Starts a case.

        Raises:
            NotTestable, NotImplementedByTarget: it cannot be run here.
        """
        check, site = _case_of(item)
        run = self.run
        run.client.start_trace()
        run.observations.clear()
        run.choices.clear()
        run.chosen = ""
        self.recorder = Recorder(run, check, site)
        return run

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, None, None]:
        """Lets pytest see an outcome as what it knows."""
        yield from self._translated(item)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, None, None]:
        """Lets pytest see an outcome as what it knows."""
        yield from self._translated(item)

    def _translated(self, _item: pytest.Item) -> Generator[None, None, None]:
        # Rendering a traceback costs more than most checks, and nobody would look at it.
        try:
            yield
        except Deviation as outcome:
            self._note(outcome)
            raise pytest.fail.Exception(outcome.message, pytrace=False) from None
        except Outcome as outcome:
            self._note(outcome)
            raise pytest.skip.Exception(str(outcome)) from None

    def _note(self, outcome: Outcome) -> None:
        if self.recorder is not None:
            self.recorder.outcome = outcome
        if isinstance(outcome, TargetLost):
            self.lost = str(outcome)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Turns what a check raised into a verdict, and the verdict into pytest's outcome."""
        report = yield
        recorder = self.recorder
        if recorder is None or check_of(getattr(item, "function", None)) is None:
            return report
        if call.when == "teardown":
            # Cleaning up never changes a verdict.
            self.recorder = None
            return report
        if call.excinfo is None and call.when == "setup":
            return report
        result = recorder.result(call.excinfo)
        entry = (
            self.plan.ledger.waives(result)
            if self.plan.ledger and result["verdict"] == "deviates"
            else None
        )
        report.conformance = [result, *recorder.observed()]  # type: ignore[attr-defined]
        report.conformance_lost = self.lost  # type: ignore[attr-defined]
        if entry is not None:
            report.outcome = "skipped"
            report.wasxfail = f"in the ledger: {entry.reason}"
            return report
        _set_outcome(report, item, result)
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Deletes what the run has left on the target, whatever happened; hands on the counts."""
        if self._run is None:
            return
        try:
            self._run.close()
        except TargetLost as outcome:
            self.lost = self.lost or str(outcome)
        client, world = self._run.client, self._run.world
        counted = {
            "requests": client.requests,
            "server": client.server,
            "notes": world.notes[:100],
            "errors": sorted(client.errors),
        }
        handed_on = getattr(self.config, "workeroutput", None)
        collector = self.config.pluginmanager.get_plugin(COLLECTOR)
        if handed_on is not None:
            handed_on["conformance"] = counted
        elif collector is not None:
            collector.take(counted)


def register(config: pytest.Config) -> None:
    """Makes a pytest run one of the suite; a second time changes nothing.

    Raises:
        pytest.UsageError: an option is of no use.
    """
    if config.pluginmanager.has_plugin(NAME):
        return
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    try:
        settings = read(config)
        planned = plan(settings)
        if worker == "main" and settings.out is not None:
            check_writable(settings.out)
            retire_journals(settings.out)
    except ConformanceError as error:
        raise pytest.UsageError(str(error)) from None
    for category in categories():
        config.addinivalue_line("markers", f"{category}: checks of the category {category}")
    deadline = time.monotonic() + settings.max_time_s if settings.max_time_s else float("inf")
    config.pluginmanager.register(Session(config, planned, worker, deadline=deadline), NAME)
    if worker == "main":
        collector = Collector(planned, deadline)
        config.pluginmanager.register(collector, COLLECTOR)
        if not config.pluginmanager.has_plugin(DRIVER):
            config.pluginmanager.register(Summary(collector), "conformance-summary")


def session_of(config: pytest.Config) -> Session:
    """The session that :func:`register` made."""
    found = config.pluginmanager.get_plugin(NAME)
    if not isinstance(found, Session):
        raise pytest.UsageError("The suite's conftest.py was not loaded; run it as a whole.")
    return found


def _case_of(item: pytest.Item) -> tuple[Check, Site]:
    check = check_of(getattr(item, "function", None))
    callspec = getattr(item, "callspec", None)
    if check is None or callspec is None:
        raise NotTestable("no check")
    return check, callspec.params[SITE]


def _set_outcome(report: pytest.TestReport, item: pytest.Item, result: dict[str, Any]) -> None:
    verdict = result["verdict"]
    if verdict in ("passed", "fault"):
        return
    if verdict == "deviates":
        report.outcome = "failed"
        report.longrepr = "\n".join(_lines(result))
        return
    reason = f"{verdict.replace('_', ' ')}: {result['message']}"
    report.outcome = "skipped"
    path, line, _ = item.location
    report.longrepr = (path, (line or 0) + 1, reason)


def _lines(result: dict[str, Any]) -> Iterable[str]:
    yield f"{result['case']}  {result['level']}"
    yield f"  {result['message']}"
    yield f"  sent      {result.get('sent', '')}"
    yield f"  expected  {result.get('expected', '')}    ({result['citation']})"
    yield f"  got       {result.get('got', '')}"
    curl = result.get("reproduce", {}).get("curl", "")
    yield "  again     " + curl.rstrip("\n").replace("\n", "\n            ")

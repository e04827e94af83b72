"""What a plain pytest run of the suite adds to pytest's words: counts, and a report if asked."""

from __future__ import annotations

import pytest
from attrs import define

from conformance.errors import ConformanceError
from conformance.report.load import filled, save
from conformance.report.outcome import outcome
from conformance.report.whole import ledger_unasked
from conformance.suite.collector import Collector


@define(eq=False)
class Summary:
    """A pytest plugin that ends a plain run."""

    collector: Collector

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Writes report.json, and fails a run whose only deviations were seen on the way."""
        report = filled(self.collector.report())
        folder = self.collector.plan.settings.out
        if folder is not None:
            try:
                save(report, folder / "report.json")
            except ConformanceError as error:
                pytest.exit(str(error), returncode=int(error.exit_status))
        if session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = int(outcome(report).status)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Says in a few lines what the cases came to."""
        report = filled(self.collector.report())
        target = report["target"]
        terminalreporter.section("conformance")
        terminalreporter.line(f"{target['endpoint_url']} ({target['source']})")
        counts = [f"{n} {v.replace('_', ' ')}" for v, n in report["summary"].items() if n]
        terminalreporter.line(", ".join(counts))
        for result in report["results"]:
            seen_in = dict(result).get("seen_in")
            if seen_in and result["verdict"] == "deviates":
                terminalreporter.line(f"deviates  {result['case']}, seen in {seen_in}")
        ledger = report["ledger"]
        for stale in ledger["stale"] if ledger else ():
            terminalreporter.line(f"stale in the ledger: {stale['entry']}: {stale['why']}")
        if unasked := ledger_unasked(report):
            terminalreporter.line(f"ledger: {unasked}")
        terminalreporter.line(outcome(report).sentence)
        if self.collector.plan.settings.out is not None:
            terminalreporter.line(f"report: {self.collector.plan.settings.out / 'report.json'}")

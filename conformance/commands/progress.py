"""Shows how far a run has come: one line on a terminal, a few lines where output is piped."""

from __future__ import annotations

import time
from typing import Final

import pytest
from attrs import define, field
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from conformance.suite.collector import Collector

#: How often a piped run says where it is, in seconds.
_EVERY_S: Final = 10.0


@define(eq=False)
class Live:
    """A pytest plugin that tells of the progress that a collector sees."""

    collector: Collector
    console: Console
    _progress: Progress | None = field(default=None, init=False)
    _task: TaskID | None = field(default=None, init=False)
    _told: float = field(factory=time.monotonic, init=False)

    def pytest_collection_finish(self) -> None:
        """Starts to tell."""
        if not self.console.is_terminal or self._progress is not None:
            return
        self._progress = Progress(
            TextColumn("{task.completed:,.0f} of {task.total:,.0f} cases"),
            BarColumn(bar_width=20),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=self.console,
            transient=True,
        )
        self._task = self._progress.add_task("", total=self.collector.planned or None)
        self._progress.start()

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Tells of one more case."""
        if report.when != "call" and not report.failed and not report.skipped:
            return
        done, planned = self.collector.count, self.collector.planned
        if self._progress is not None and self._task is not None:
            text = self._text()
            self._progress.update(self._task, completed=done, total=planned, description=text)
        elif time.monotonic() - self._told >= _EVERY_S:
            self._told = time.monotonic()
            self.console.print(f"{done:,} of {planned:,} cases, {self._text()}", highlight=False)

    def _text(self) -> str:
        deviating = self.collector.deviating
        return f"{deviating:,} deviate" if deviating else "none deviates"

    def pytest_sessionfinish(self) -> None:
        """Stops to tell."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None

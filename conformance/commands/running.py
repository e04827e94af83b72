"""Runs the suite by pytest, writes what comes of it, and says how it ended."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from rich.console import Console

import conformance.suite
from conformance.commands.progress import Live
from conformance.errors import ExitStatus, UsageError, unknown
from conformance.report import terminal
from conformance.report.formats import FORMATS
from conformance.report.load import filled, load, save
from conformance.report.outcome import outcome
from conformance.suite.collector import NAME as COLLECTOR
from conformance.suite.collector import Collector
from conformance.suite.run import line_to, plan
from conformance.suite.session import DRIVER
from conformance.suite.settings import of as settings_of
from conformance.target.journal import check_writable

_SINGULAR: Final = {
    "profiles": "profile",
    "checks": "check",
    "operations": "operation",
    "cases": "case",
}

#: What is written beside report.json: file name by format.
BESIDE: Final = {"html": "report.html", "junit": "junit.xml", "markdown": "report.md"}


def run_suite(
    service: str,
    *,
    command: str,
    out: str | None = None,
    workers: int = 1,
    read_only: bool = False,
    **options: Any,
) -> ExitStatus:
    """Runs the checks that the options ask for and tells what came of it.

    Args:
        command: what the user typed, for the first words of an error.
        out: the folder to write to; None for nowhere.
        options: as the command line has them.

    Returns:
        The exit status that the result stands for.

    Raises:
        UsageError: an option is of no use.
        TargetUnreachable: nobody answers at the endpoint.
    """
    folder = Path(out) if out is not None else None
    console = Console(highlight=False)
    driver = _Driver(console)
    options |= {"service": service, "out": out, "read_only": read_only}
    given = {_SINGULAR.get(name, name): value for name, value in options.items()}
    # Told here as one sentence; pytest would wrap it in words of its own.
    line_to(plan(settings_of(given, Path.cwd()))).transport.close()
    if folder is not None:
        check_writable(folder)
    with _undisturbed():
        code = pytest.main(_arguments(given, workers), plugins=[driver])
    if driver.collector is None:
        raise UsageError(f"{command}: pytest ended with {code!r} before the run began.")
    if code == pytest.ExitCode.INTERRUPTED and not driver.collector.lost:
        driver.collector.stopped = driver.collector.stopped or "interrupted"
    return _told(driver.collector.report(), folder, console)


def replay_case(
    path: Path, case: str, *, command: str, endpoint_url: str | None, **options: Any
) -> ExitStatus:
    """Runs one case of a report again, with the seed and on the endpoint of the report.

    Raises:
        UsageError: the report has no such case.
    """
    report = load(path)
    found = {result["case"]: result for result in report["results"]}
    if case not in found:
        raise unknown(f"case in {path}", case, found)
    # What was seen on the way of another case shows again on the same way only.
    ways = [str(way) for way in (found[case].get("seen_in"),) if way in found]
    target = report["target"]
    url = endpoint_url or {"embedded": None, "aws": "aws"}.get(
        target["kind"], target["endpoint_url"]
    )
    with _environment_without_endpoints(url):
        return run_suite(
            report["contract"]["service"],
            command=command,
            endpoint_url=url,
            region=options.pop("region") or target["region"],
            seed=report["seed"],
            cases=(case, *ways),
            max_examples=report.get("options", {}).get("max_examples"),
            explore=report.get("options", {}).get("explore"),
            verifies_signatures=report.get("options", {}).get("verifies_signatures"),
            control_url=report.get("options", {}).get("control_url"),
            **options,
        )


class _Driver:
    """The part of a run that sits in pytest: silences its terminal, keeps hold of the collector."""

    __name__ = DRIVER

    def __init__(self, console: Console) -> None:
        self.console = console
        self.collector: Collector | None = None

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        found = config.pluginmanager.get_plugin(COLLECTOR)
        if not isinstance(found, Collector):
            return
        self.collector = found
        reporter = config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            config.pluginmanager.unregister(reporter)
        self.console.print(f"Target: {_where(found)}", soft_wrap=True)
        config.pluginmanager.register(Live(found, self.console), "conformance-progress")


def _where(collector: Collector) -> str:
    target = collector.plan.target
    name = "the embedded reference target" if target.kind == "embedded" else target.endpoint_url
    return f"{name} ({target.source})"


def _arguments(given: Mapping[str, Any], workers: int) -> list[str]:
    suite = Path(conformance.suite.__file__).parent
    arguments = [str(suite), "-c", str(suite / "pytest.ini"), f"--rootdir={suite}"]
    arguments += ["-p", "conformance.plugin", "-q", "--no-header"]
    # None of them is of use here, and each takes time at every case.
    arguments += ["-p", "no:cacheprovider", "-p", "no:logging", "-p", "no:doctest"]
    if workers > 1:
        arguments += ["-p", "xdist.plugin", "-n", str(workers)]
    for name, value in sorted(given.items()):
        option = "--conformance-" + name.replace("_", "-")
        if value is True:
            arguments.append(option)
        elif isinstance(value, tuple | list):
            arguments += [f"{option}={each}" for each in value]
        elif value is not None and value is not False:
            arguments.append(f"{option}={value}")
    return arguments


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Keeps the settings and plugins of other pytest runs out of this one."""
    ours = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    # A run that a test of somebody's starts under xdist is no worker of theirs.
    theirs = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_XDIST_WORKER", *ours)
    before = {name: os.environ.pop(name, None) for name in theirs}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


@contextmanager
def _environment_without_endpoints(url: str | None) -> Iterator[None]:
    """Keeps endpoints of the environment from replacing the embedded target of a report."""
    found = {n: v for n, v in os.environ.items() if n.startswith("AWS_ENDPOINT_URL")}
    if url is None:
        for name in found:
            del os.environ[name]
    try:
        yield
    finally:
        os.environ.update(found)


def _told(report: dict[str, Any], folder: Path | None, console: Console) -> ExitStatus:
    final = filled(report)
    if folder is not None:
        save(final, folder / "report.json")
        for format_, file in BESIDE.items():
            (folder / file).write_text(FORMATS[format_](final), "utf-8", "backslashreplace")
    terminal.write(final, console)
    sys.stdout.flush()
    return outcome(final).status

"""Runs the suite against targets on a socket, and says what a broken target is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attrs import field, frozen
from click.testing import CliRunner
from suite_faults import Fault, Faulty

from conformance.cli import main
from conformance.reference import Listener


@frozen
class Ran:
    """A run of the suite that is over."""

    exit_status: int
    output: str
    report: dict[str, Any] = field(repr=False)

    @property
    def verdicts(self) -> dict[str, str]:
        """The verdict of each case."""
        return {result["case"]: result["verdict"] for result in self.report["results"]}

    def result(self, case: str) -> dict[str, Any]:
        """What became of one case."""
        (found,) = [result for result in self.report["results"] if result["case"] == case]
        return found  # type: ignore[no-any-return]  # it comes from JSON


def certify(out: Path, *arguments: str) -> Ran:
    """Runs ``conformance run`` in this process."""
    result = CliRunner().invoke(main, ["run", "--out", str(out), *arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert (out / "report.json").exists(), result.output
    report = json.loads((out / "report.json").read_text("utf-8"))
    return Ran(result.exit_code, result.output, report)


@contextmanager
def serving(fault: Fault, server: Callable[[Any], Any] = Listener) -> Iterator[str]:
    """Puts the reference target with a fault on a socket; gives its URL.

    Args:
        server: what reads the requests; as a context manager it listens.

    Raises:
        AssertionError: the fault or the reference target crashed.
    """
    app = Faulty(fault)
    with server(app) as listener:
        yield listener.url
    assert app.crashes == []


@frozen
class BrokenTarget:
    """The reference target with one fault, and what the suite has to say of it.

    Attributes:
        fault: what it does wrong.
        operation: where; the suite is run for this operation, with all its checks.
        caught_by: the cases that must deviate, each with the cause that it must name.
        also: patterns of cases whose verdict may change with the fault, since they see it, too.
        options: what the suite is told in addition; ``{url}`` stands for the target's.
        server: what reads the requests, if that is what is broken.
    """

    name: str
    fault: Fault = field(repr=False)
    operation: str
    caught_by: Mapping[str, str]
    also: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    server: Callable[[Any], Any] = field(default=Listener, repr=False)

    def __str__(self) -> str:
        return self.name

    @property
    def checks(self) -> set[str]:
        """The ids of the checks that catch it."""
        return {case.partition("[")[0] for case in self.caught_by}

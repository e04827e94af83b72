"""A ledger over several runs of one target: made, held, broken in one more thing, mended."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from suite_faults import Backend, Request, Response
from suite_support import Ran, certify, serving

from conformance.cli import main


def accepts_long_names(request: Request, target: Backend) -> Response:
    document = request.document
    if request.operation == "CreateCollaboration" and isinstance(document, dict):
        name = document.get("name")
        if isinstance(name, str):
            request.document = document | {"name": name[:100]}
    return target.send(request)


def does_two_things_worse(request: Request, target: Backend) -> Response:
    if request.operation == "TagResource":
        return Response(501, {"content-type": "application/json"}, b'{"message": "later"}')
    response = accepts_long_names(request, target)
    if request.operation == "GetConfiguredTable" and response.ok:
        document = response.document
        document["configuredTable"].pop("description", None)
        response.document = document
    return response


@contextmanager
def run(fault: object, folder: Path, *arguments: str) -> Iterator[Ran]:
    with serving(fault) as url:  # type: ignore[arg-type]  # each is a fault
        yield certify(folder, "--endpoint-url", url, *arguments)


@pytest.mark.slow
def test_a_ledger_holds_the_line_from_its_making_to_its_end(tmp_path: Path) -> None:
    out, file = tmp_path / "out", str(tmp_path / "ledger.yaml")
    held = ("--ledger", file)

    with run(accepts_long_names, out) as ran:
        assert ran.exit_status == 1
    made = ["ledger", "add", str(out / "report.json"), *held, "--all", "--reason", "known"]
    assert CliRunner().invoke(main, made).exit_code == 0

    with run(accepts_long_names, out, *held) as ran:
        assert ran.exit_status == 0, ran.output
        assert "waived" in ran.output

    with run(does_two_things_worse, out, *held) as ran:
        assert ran.exit_status == 1
        deviating = {c for c, verdict in ran.verdicts.items() if verdict == "deviates"}
        assert "lifecycle.echo[configured_table:description]" in deviating
        assert all("escription" in case or "ConfiguredTable" in case for case in deviating)
        assert "TagResource" in ran.report["ledger"]["less"]
        assert "judged less than the run it was made from: " in " ".join(ran.output.split())

    ran = certify(out, *held)  # mended: nothing deviates any more
    assert ran.exit_status == 1
    assert {stale["why"] for stale in ran.report["ledger"]["stale"]} == {"no longer deviates"}
    pruned = CliRunner().invoke(main, ["ledger", "prune", str(out / "report.json"), *held])
    assert "1 row removed" in pruned.output

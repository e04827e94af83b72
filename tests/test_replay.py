"""A case of a report runs again alone: with the same data, here or elsewhere."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from suite_faults import Backend, Request, Response, no_fault
from suite_support import certify, serving

from conformance.cli import main


def forgets_and_fails(request: Request, target: Backend) -> Response:
    """Shows a collaboration without its description; fails inside where a table has no name."""
    document = request.document
    if (
        request.operation == "CreateConfiguredTable"
        and isinstance(document, dict)
        and document.get("name") is None
    ):
        return Response(500, {"content-type": "application/json"}, b'{"message": "NoneType"}')
    response = target.send(request)
    if request.operation == "GetCollaboration" and response.ok:
        body = response.document
        body["collaboration"].pop("description", None)
        response.document = body
    return response


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(forgets_and_fails) as made:
        yield made


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory, url: str) -> Path:
    out = tmp_path_factory.mktemp("run")
    only = ("--operation", "CreateConfiguredTable", "--operation", "GetCollaboration")
    assert certify(out, "--endpoint-url", url, *only, "--seed", "7").exit_status == 1
    return out / "report.json"


def deviating(report: Path) -> dict[str, Any]:
    document = json.loads(report.read_text("utf-8"))
    return {r["case"]: r for r in document["results"] if r["verdict"] == "deviates"}


def replay(report: Path, case: str, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["replay", str(report), case, *arguments])


ECHO = "lifecycle.echo[collaboration:description]"


def test_every_deviation_of_a_report_shows_again_alone(report: Path) -> None:
    found = deviating(report)
    assert ECHO in found
    # Some were only seen on the way of another case.
    assert any(result.get("seen_in") not in (None, case) for case, result in found.items())
    statuses = {case: replay(report, case).exit_code for case in found}
    assert statuses == dict.fromkeys(found, 1)


def test_a_case_passes_on_a_target_that_has_no_fault(report: Path) -> None:
    with serving(no_fault) as elsewhere:
        again = replay(report, ECHO, "--endpoint-url", elsewhere)
    assert again.exit_code == 0, again.output
    assert "1 case passed" in again.output


def test_a_report_that_has_moved_is_as_good(report: Path, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere.json"
    shutil.copy(report, moved)
    assert replay(moved, ECHO).exit_code == 1


def test_the_seed_of_the_report_draws_the_same_data(report: Path) -> None:
    assert "seed 7" in replay(report, ECHO).output


def test_a_case_that_the_report_does_not_have_is_told_with_the_nearest(report: Path) -> None:
    told = replay(report, ECHO.replace("description", "descriptions"))
    assert told.exit_code == 2
    assert ECHO in told.output

"""The ledger on a real emulator, as its author lives with it: held, broken, mended in part."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import define
from click.testing import CliRunner, Result
from moto.server import DomainDispatcherApplication, create_backend_app
from suite_support import Ran, certify

from conformance.cli import main
from conformance.ledger import load
from conformance.reference import Listener

#: Changes an answer of moto: takes method, path, status and body.
Change = Callable[[str, str, str, bytes], tuple[str, bytes]]


def as_it_is(_method: str, _path: str, status: str, body: bytes) -> tuple[str, bytes]:
    return status, body


def forgets_descriptions_and_mends_a_delete(
    method: str, path: str, status: str, body: bytes
) -> tuple[str, bytes]:
    if method == "GET" and path.startswith("/configuredTables/") and status.startswith("200"):
        document = json.loads(body)
        document["configuredTable"].pop("description", None)
        return status, json.dumps(document).encode()
    if method == "DELETE" and path.startswith("/memberships/") and status.startswith("200"):
        return "204 No Content", b""
    return status, body


@define
class Moto:
    """moto as a WSGI application, with a change that its author made."""

    app: Any
    change: Change = as_it_is

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        started: list[Any] = []
        body = b"".join(self.app(environ, lambda *start: started.append(start)))
        status, headers = started[0][:2]
        status, body = self.change(environ["REQUEST_METHOD"], environ["PATH_INFO"], status, body)
        kept = [(name, text) for name, text in headers if name.lower() != "content-length"]
        length = [] if status.startswith("204") else [("Content-Length", str(len(body)))]
        start_response(status, [*kept, *length])
        return [body]


@pytest.fixture
def moto() -> Iterator[tuple[Moto, str]]:
    app = Moto(DomainDispatcherApplication(create_backend_app))
    with Listener(app) as listener:  # type: ignore[arg-type]  # any application will do
        yield app, listener.url


def ledger(command: str, report: Path, file: Path, *arguments: str) -> Result:
    called = ["ledger", command, str(report), "--ledger", str(file), *arguments]
    result = CliRunner().invoke(main, called)
    assert result.exit_code == 0, result.output
    return result


def words(ran: Ran) -> str:
    return " ".join(ran.output.split())


@pytest.mark.slow
def test_an_author_of_an_emulator_holds_the_line(moto: tuple[Moto, str], tmp_path: Path) -> None:
    app, url = moto
    out, file = tmp_path / "out", tmp_path / "ledger.yaml"
    report = out / "report.json"

    ran = certify(out, "--endpoint-url", url)
    assert ran.exit_status == 1
    ledger("add", report, file, "--all", "--reason", "not yet")
    held = ("--endpoint-url", url, "--ledger", str(file))

    ran = certify(out, *held)
    assert ran.exit_status == 0, ran.output
    assert ran.report["summary"]["waived"] > 1000
    assert not re.search(r"cases, [\d,]+ deviate", ran.output), (
        "known faults are no news on the way"
    )
    assert ran.report["ledger"]["stale"] == []
    told = CliRunner().invoke(main, ["certify", str(report), "--level", "core"])
    assert told.exit_code in {1, 2}
    assert not (out / "certificate.json").exists()

    app.change = forgets_descriptions_and_mends_a_delete
    ran = certify(out, *held)
    assert ran.exit_status == 1
    deviating = {case for case, verdict in ran.verdicts.items() if verdict == "deviates"}
    assert "lifecycle.echo[configured_table:description]" in deviating
    together = {"lifecycle.update-all[configured_table]"}
    assert all("description" in case for case in deviating - together)
    assert {(row["entry"], row["why"]) for row in ran.report["ledger"]["stale"]} == {
        (f"cause: response.status@DeleteMembership (line {line_of(file)})", "no longer deviates")
    }
    assert "NOT IN THE LEDGER 3 causes, biggest first lifecycle." in words(ran)

    pruned = ledger("prune", report, file)
    assert "1 row removed." in pruned.output
    ledger("add", report, file, "--operation", "*ConfiguredTable", "--reason", "to do")
    ran = certify(out, *held)
    assert ran.exit_status == 0, ran.output


def line_of(file: Path) -> int:
    rows = {entry.pattern.text: entry.line for entry in load(file).entries}
    return rows["response.status@DeleteMembership"]

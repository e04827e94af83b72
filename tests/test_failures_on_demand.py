"""Targets that fail on demand: with a control, without one, and with one that does not do it."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from suite_faults import Backend, Request, Response, no_fault, refusal
from suite_support import Ran, certify, serving

from conformance.cli import main

OPERATION = "GetCollaboration"
CASES = [f"error.on-demand[{OPERATION}:{e}Exception]" for e in ("InternalServer", "Throttling")]


def held(out: Path, url: str, *arguments: str) -> Ran:
    chosen = ("--operation", OPERATION, "--check", "error.on-demand", *arguments)
    return certify(out, "--endpoint-url", url, *chosen)


def reasons(ran: Ran) -> dict[str, Any]:
    return {case: ran.result(case).get("message") for case in ran.verdicts}


def test_a_target_with_a_control_is_held_to_its_failures(tmp_path: Path) -> None:
    with serving(no_fault) as url:
        ran = held(tmp_path, url, "--control-url", f"{url}/_reference")

    assert ran.verdicts == dict.fromkeys(CASES, "passed")


def test_a_target_without_a_control_is_not(tmp_path: Path) -> None:
    with serving(no_fault) as url:
        ran = held(tmp_path, url)

    assert ran.verdicts == dict.fromkeys(CASES, "skipped")
    assert all("--control-url" in reason for reason in reasons(ran).values())


def test_a_control_that_does_not_do_it_is_told(tmp_path: Path) -> None:
    with serving(no_fault) as url:
        ran = held(tmp_path, url, "--control-url", f"{url}/nothing")

    assert ran.verdicts == dict.fromkeys(CASES, "skipped")
    assert all("the control answered 404" in reason for reason in reasons(ran).values())


def test_what_answers_with_a_page_is_no_control(tmp_path: Path) -> None:
    def welcoming(request: Request, target: Backend) -> Response:
        if request.operation:
            return target.send(request)
        return Response(200, {"content-type": "text/html"}, b"<h1>Welcome</h1>")

    with serving(welcoming) as url:
        ran = held(tmp_path, url, "--control-url", f"{url}/control")

    assert ran.verdicts == dict.fromkeys(CASES, "skipped")
    assert all("is no control" in reason for reason in reasons(ran).values())


def test_a_control_that_is_not_there_leaves_it_open(tmp_path: Path) -> None:
    with serving(no_fault) as url:
        ran = held(tmp_path, url, "--control-url", "http://127.0.0.1:1/x")

    assert ran.verdicts == dict.fromkeys(CASES, "inconclusive")
    assert all("the control gave no answer" in reason for reason in reasons(ran).values())


def test_the_form_of_a_failure_inside_is_looked_at_like_any(tmp_path: Path) -> None:
    def shows_a_page(request: Request, target: Backend) -> Response:
        response = target.send(request)
        return html(response) if response.status == 500 else response

    with serving(shows_a_page) as url:
        ran = held(tmp_path, url, "--control-url", f"{url}/_reference")

    assert ran.verdicts == {CASES[0]: "deviates", CASES[1]: "passed"}
    assert ran.result(CASES[0])["cause"] == f"error.body@{OPERATION}"


def html(response: Response) -> Response:
    headers = response.headers | {"content-type": "text/html"}
    return Response(response.status, headers, b"<h1>Internal Server Error</h1>")


def ignores_plans(request: Request, target: Backend) -> Response:
    """Fails nobody, since it does not look who asks."""
    request.environ.pop("HTTP_USER_AGENT", None)
    return target.send(request)


def test_a_call_that_does_not_fail_though_it_was_to_is_told(tmp_path: Path) -> None:
    with serving(ignores_plans) as url:
        ran = held(tmp_path, url, "--control-url", f"{url}/_reference")

    assert ran.verdicts == dict.fromkeys(CASES, "deviates")
    assert ran.result(CASES[1])["got"].startswith("200 ")


def test_what_was_made_by_a_call_that_was_to_fail_is_removed(tmp_path: Path) -> None:
    with serving(ignores_plans) as url:
        control = f"{url}/_reference"
        chosen = ("--operation", "CreateCollaboration", "--check", "error.on-demand")
        certify(tmp_path, "--endpoint-url", url, "--control-url", control, *chosen)
        with urllib.request.urlopen(f"{control}/state") as state:
            left = json.load(state)["records"]

    assert left == 0


def test_who_asks_for_fewer_calls_of_his_own_accord_is_not_accused(tmp_path: Path) -> None:
    def is_busy(request: Request, target: Backend) -> Response:
        if request.environ.get("HTTP_USER_AGENT", "").startswith("conformance ("):
            return refusal(429, "ThrottlingException")
        return target.send(request)

    with serving(is_busy) as url:
        ran = held(tmp_path, url, "--control-url", f"{url}/_reference")

    assert ran.verdicts == {CASES[0]: "inconclusive", CASES[1]: "passed"}


def test_who_looks_first_whether_there_is_anything_is_not_accused(tmp_path: Path) -> None:
    def makes_nothing(request: Request, target: Backend) -> Response:
        if request.operation == "CreateCollaboration":
            return refusal(400, "ValidationException")
        return ignores_plans(request, target)

    with serving(makes_nothing) as url:
        ran = held(tmp_path, url, "--control-url", f"{url}/_reference")

    assert ran.verdicts == dict.fromkeys(CASES, "skipped")
    assert all("could not be made" in reason for reason in reasons(ran).values())


def test_a_control_that_fails_itself_leaves_it_open(tmp_path: Path) -> None:
    def breaks(request: Request, target: Backend) -> Response:
        return target.send(request) if request.operation else refusal(500, "Broken")

    with serving(breaks) as url:
        ran = held(tmp_path, url, "--control-url", f"{url}/control")

    assert ran.verdicts == dict.fromkeys(CASES, "inconclusive")


def test_what_is_told_can_be_repeated_with_the_control(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with serving(ignores_plans) as url:
        ran = held(tmp_path, url, "--control-url", f"{url}/_reference")
        again = CliRunner().invoke(main, ["replay", str(tmp_path / "report.json"), CASES[1]])
    curl = ran.result(CASES[1])["reproduce"]["curl"]

    assert again.exit_code == 1, again.output
    assert f"{url}/_reference/faults" in curl
    assert "User-Agent: conformance (" in curl
    # What every request of the suite has is of no use to a reader.
    assert "aws-conformance" not in curl


def test_what_is_no_url_is_refused_before_anything_is_sent() -> None:
    told = CliRunner().invoke(main, ["run", "--control-url", "a control"])

    assert told.exit_code == 2
    assert "--control-url: 'a control' is no endpoint" in told.output


def test_two_processes_do_not_meet_each_others_failures(tmp_path: Path) -> None:
    with serving(no_fault) as url:
        arguments = ("--control-url", f"{url}/_reference", "--check", "response.status", "-n", "2")
        ran = held(tmp_path, url, *arguments)

    assert set(ran.verdicts.values()) == {"passed"}
    assert len(ran.verdicts) > len(CASES)

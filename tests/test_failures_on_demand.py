"""Targets that fail on demand: with a control, without one, and with one that does not do it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from suite_faults import Backend, Request, Response, no_fault
from suite_support import Ran, certify, serving

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


def test_a_call_that_does_not_fail_though_it_was_to_is_told(tmp_path: Path) -> None:
    def forgets(request: Request, target: Backend) -> Response:
        request.environ.pop("HTTP_USER_AGENT", None)
        return target.send(request)

    with serving(forgets) as url:
        ran = held(tmp_path, url, "--control-url", f"{url}/_reference")

    assert ran.verdicts == dict.fromkeys(CASES, "deviates")
    assert ran.result(CASES[1])["got"].startswith("200 ")


def test_two_processes_do_not_meet_each_others_failures(tmp_path: Path) -> None:
    with serving(no_fault) as url:
        arguments = ("--control-url", f"{url}/_reference", "--check", "response.status", "-n", "2")
        ran = held(tmp_path, url, *arguments)

    assert set(ran.verdicts.values()) == {"passed"}
    assert len(ran.verdicts) > len(CASES)

"""Targets that fail on demand: with a control, without one, and with one that does not do it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
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


@pytest.mark.parametrize(
    ("path", "why"),
    [("/nothing", "the control answered 404"), (":1/x", "the control gave no answer")],
    ids=["refuses", "is not there"],
)
def test_a_control_that_does_not_do_it_is_told(path: str, why: str, tmp_path: Path) -> None:
    with serving(no_fault) as url:
        host = url if path.startswith("/") else "http://127.0.0.1"
        ran = held(tmp_path, url, "--control-url", f"{host}{path}")

    assert ran.verdicts == dict.fromkeys(CASES, "skipped")
    assert all(why in reason for reason in reasons(ran).values())


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

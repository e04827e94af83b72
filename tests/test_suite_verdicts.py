"""What is not implemented, throttled, cut off or slow is told as that, and not as a deviation."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from suite_faults import Backend, Fault, Request, Response, refusal
from suite_support import Ran, certify, serving

GET: Final = "GetCollaboration"
UPDATE: Final = "UpdateCollaboration"
#: No valid body is as long, but one with a text that is too long is.
LONG: Final = 300


def at_get(behaviour: Callable[[Request, Backend], Response]) -> Fault:
    """What there is no operation at is asked for on behalf of the one that is tested."""

    def fault(request: Request, target: Backend) -> Response:
        concerned = request.operation in {GET, ""}
        return behaviour(request, target) if concerned else target.send(request)

    return fault


def always(response: Response) -> Fault:
    return at_get(lambda _request, _target: response)


def every_other_time(behaviour: Callable[[], Response]) -> Fault:
    def fault(request: Request, target: Backend) -> Response:
        target.memory["count"] = target.memory.get("count", 0) + 1
        return behaviour() if target.memory["count"] % 2 else target.send(request)

    return at_get(fault)


def run_at_get(fault: Fault, out: Path, *arguments: str) -> Ran:
    with serving(fault) as url:
        return certify(out, "--quick", "--endpoint-url", url, "--operation", GET, *arguments)


def json_response(status: int, document: Any, **headers: str) -> Response:
    body = json.dumps(document).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, {"content-type": "application/json", **named}, body)


ABSENT: Final = {
    "501 without a body": Response(501, {}, b""),
    "501 that says so": json_response(
        501, {"message": "not yet implemented"}, x_amzn_errortype="InternalFailure"
    ),
    "404 in HTML": Response(404, {"content-type": "text/html"}, b"<h1>Not Found</h1>"),
    "404 without a body": Response(404, {}, b""),
    "404 in JSON that names no error": json_response(404, {"message": "Not Found"}),
    "405": Response(405, {"content-type": "text/html"}, b"<h1>Method Not Allowed</h1>"),
    "404 UnknownOperationException": refusal(404, "UnknownOperationException"),
    "400 InvalidAction": json_response(400, {"__type": "InvalidAction", "message": "No."}),
    "400 in another protocol's words": json_response(
        400, {"__type": "com.amazon.coral.service#UnknownOperationException"}
    ),
    "500 that says so": Response(
        500, {"content-type": "text/html"}, b"The GetCollaboration action has not been implemented"
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("form", sorted(ABSENT))
def test_an_operation_that_is_not_there_is_not_implemented(form: str, tmp_path: Path) -> None:
    ran = run_at_get(always(ABSENT[form]), tmp_path)

    assert set(ran.verdicts.values()) == {"not_implemented"}
    assert ran.report["operations"][GET]["implemented"] is False
    assert ran.exit_status == 3


@pytest.mark.slow
@pytest.mark.parametrize(
    "response",
    [
        refusal(404, "ResourceNotFoundException", resourceId="x", resourceType="COLLABORATION"),
        refusal(403, "AccessDeniedException"),
        refusal(400, "ValidationException"),
        refusal(500, "InternalServerException"),
        Response(500, {"content-type": "text/html"}, b"<h1>Internal Server Error</h1>"),
        Response(200, {"content-type": "text/html"}, b"<h1>It works</h1>"),
    ],
    ids=lambda response: f"{response.status} {response.headers.get('x-amzn-errortype', 'HTML')}",
)
def test_an_operation_that_only_fails_does_not_count_as_absent(
    response: Response, tmp_path: Path
) -> None:
    ran = run_at_get(always(response), tmp_path)

    assert "not_implemented" not in ran.verdicts.values()
    assert "deviates" in ran.verdicts.values()
    assert ran.exit_status == 1


THROTTLED: Final = {
    "429 ThrottlingException": refusal(429, "ThrottlingException"),
    "429 in HTML": Response(429, {"content-type": "text/html"}, b"<h1>Too Many Requests</h1>"),
    "503 SlowDown": refusal(503, "SlowDown"),
}


@pytest.mark.slow
@pytest.mark.parametrize("form", sorted(THROTTLED))
def test_throttling_is_no_deviation(form: str, tmp_path: Path) -> None:
    ran = run_at_get(always(THROTTLED[form]), tmp_path)

    assert set(ran.verdicts.values()) - {"skipped"} == {"inconclusive"}
    assert {"throttled"} == {
        word
        for result in ran.report["results"]
        for word in result["message"].split()
        if word == "throttled"
    }
    assert ran.exit_status == 3


def reset() -> Response:
    raise ConnectionResetError


def silent() -> Response:
    time.sleep(0.6)
    return refusal(403, "AccessDeniedException")


@pytest.mark.slow
@pytest.mark.parametrize("behaviour", [reset, silent], ids=["dropped", "slow"])
def test_an_operation_whose_answers_do_not_come_is_inconclusive(
    behaviour: Callable[[], Response], tmp_path: Path
) -> None:
    ran = run_at_get(at_get(lambda _request, _target: behaviour()), tmp_path, "--timeout", "0.2")

    assert set(ran.verdicts.values()) - {"skipped"} == {"inconclusive"}
    assert ran.exit_status == 3


@pytest.mark.slow
@pytest.mark.parametrize(
    "behaviour",
    [lambda: THROTTLED["429 ThrottlingException"], reset],
    ids=["throttled", "dropped"],
)
def test_what_fails_every_other_time_is_judged_by_what_came(
    behaviour: Callable[[], Response], tmp_path: Path
) -> None:
    ran = run_at_get(every_other_time(behaviour), tmp_path)

    assert set(ran.verdicts.values()) <= {"passed", "inconclusive", "skipped"}
    assert "passed" in ran.verdicts.values()
    assert ran.exit_status == 0


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (refusal(500, "InternalServerException"), f"{UPDATE} failed inside the target."),
        (refusal(409, "ConflictException"), f"{UPDATE} refused it with another error."),
    ],
    ids=["failure", "another error"],
)
def test_who_fails_at_an_invalid_input_is_told_what_was_invalid(
    answer: Response, told: str, tmp_path: Path
) -> None:
    def fault(request: Request, target: Backend) -> Response:
        tried = request.operation == UPDATE and len(request.body) > LONG
        return answer if tried else target.send(request)

    with serving(fault) as url:
        case = f"input.max-length[{UPDATE}:description]"
        only = ("--operation", UPDATE, "--check", "input.max-length")
        result = certify(tmp_path, "--endpoint-url", url, *only).result(case)
    assert result["message"] == (
        "description has at most 255 characters; 256 characters where at most 255 are allowed, "
        f"and {told}"
    )

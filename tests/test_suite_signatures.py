"""What the suite says of targets that verify signatures, wholly or in part."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from click.testing import CliRunner
from reference_support import listening, new_app
from suite_support import Ran, certify

from conformance.cli import main
from conformance.reference import app as reference
from conformance.reference.signatures import verify

SECRET = "conformance"
CHECKS = ("--check", "signature.*")
ALL = {
    "signature.missing[ListCollaborations:unsigned]",
    "signature.missing[TagResource:unsigned]",
    "signature.scope[ListCollaborations:other-service]",
    "signature.secret[ListCollaborations:wrong-secret]",
    "signature.secret[TagResource:wrong-secret]",
    "signature.tampered[ListCollaborations:header]",
    "signature.tampered[ListCollaborations:query]",
    "signature.tampered[TagResource:body]",
    "signature.time[ListCollaborations:expired]",
    "signature.time[ListCollaborations:not-yet-valid]",
    "signature.unreadable[ListCollaborations:unreadable]",
}


def deviating(ran: Ran) -> set[str]:
    return {case for case, verdict in ran.verdicts.items() if verdict == "deviates"}


def test_signatures_are_checked_only_where_the_target_is_said_to_verify_them(
    tmp_path: Path,
) -> None:
    ran = certify(tmp_path, *CHECKS)

    assert ran.verdicts == dict.fromkeys(ALL, "skipped")
    assert {"--verifies-signatures" in ran.result(case)["message"] for case in ALL} == {True}


def test_the_embedded_target_verifies_signatures_if_it_is_said_to(tmp_path: Path) -> None:
    ran = certify(tmp_path, *CHECKS, "--verifies-signatures")

    assert ran.verdicts == dict.fromkeys(ALL, "passed")
    assert ran.report["options"]["verifies_signatures"] is True


def test_a_target_on_a_socket_that_verifies_signatures_passes(tmp_path: Path) -> None:
    with listening(new_app(secret=SECRET)) as url:
        ran = certify(tmp_path, *CHECKS, "--verifies-signatures", "--endpoint-url", url)

    assert ran.verdicts == dict.fromkeys(ALL, "passed")


def test_no_signature_that_is_refused_is_blamed_for_how_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stands before a service may answer in words of its own."""

    def in_own_words(*args: Any, **options: Any) -> None:
        try:
            verify(*args, **options)
        except reference.ProtocolError as error:
            raise reference.ProtocolError("Forbidden", 401, "No.") from error

    monkeypatch.setattr(reference, "verify", in_own_words)
    ran = certify(tmp_path, *CHECKS, "--verifies-signatures")

    assert ran.verdicts == dict.fromkeys(ALL, "passed")


def whenever(request: Any, body: bytes, **options: Any) -> None:
    sent = time.strptime(request.headers["x-amz-date"] + "+0000", "%Y%m%dT%H%M%SZ%z")
    offset = time.mktime(sent) - time.mktime(time.gmtime())
    verify(request, body, **{**options, "now": options["now"] + offset})


def whatever_body(request: Any, body: bytes, **options: Any) -> None:
    verify(request, body.rstrip(), **options)


def whatever_query(request: Any, body: bytes, **options: Any) -> None:
    verify(
        evolve(request, query=request.query.removesuffix("conformance=1").rstrip("&")),
        body,
        **options,
    )


def for_anybody(request: Any, body: bytes, **options: Any) -> None:
    scope = re.search(r"\d{8}/[^/]+/([^/]+)/aws4_request", request.headers.get("authorization", ""))
    verify(request, body, **{**options, "service": scope[1] if scope else options["service"]})


@pytest.mark.parametrize(
    ("lenient", "caught"),
    [
        (
            whenever,
            {
                "signature.time[ListCollaborations:expired]",
                "signature.time[ListCollaborations:not-yet-valid]",
            },
        ),
        (whatever_body, {"signature.tampered[TagResource:body]"}),
        (whatever_query, {"signature.tampered[ListCollaborations:query]"}),
        (for_anybody, {"signature.scope[ListCollaborations:other-service]"}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_target_that_verifies_only_a_part_is_caught_at_the_rest(
    lenient: Callable[..., None],
    caught: set[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reference, "verify", lenient)
    ran = certify(tmp_path, *CHECKS, "--verifies-signatures")

    assert deviating(ran) == caught


def test_the_reproduction_signs_wrongly_in_the_same_way(tmp_path: Path) -> None:
    with listening(new_app()) as url:
        ran = certify(tmp_path, *CHECKS, "--verifies-signatures", "--endpoint-url", url)
        # Whoever is not named at all is nobody, whether signatures are verified or not.
        signed = {case for case in ALL if not case.endswith((":unsigned]", ":unreadable]"))}
        assert deviating(ran) == signed
        commands = {case: ran.result(case)["reproduce"]["python"] for case in sorted(signed)}
        accepted = {case: last_status(code) for case, code in commands.items()}
    assert set(accepted.values()) <= {"200", "204"}, accepted

    with listening(new_app(secret=SECRET)) as verifying:
        refused = {c: last_status(code.replace(url, verifying)) for c, code in commands.items()}
    assert refused == dict.fromkeys(commands, "403")


def last_status(code: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()[-1].partition(" ")[0]


def test_replay_holds_the_target_to_the_same_again(tmp_path: Path) -> None:
    case = "signature.time[ListCollaborations:expired]"
    certify(tmp_path, *CHECKS, "--verifies-signatures")
    again = CliRunner().invoke(main, ["replay", str(tmp_path / "report.json"), case])

    assert again.exit_code == 0, again.output
    assert "CONFORMANT  1 case passed" in again.output

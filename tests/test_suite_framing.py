"""What the suite says of targets by how they read requests off a connection."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from broken_framing import FRAMING
from click.testing import CliRunner
from framing_servers import Head, Server, Stream, reads_whole
from reference_support import boto
from suite_faults import Backend, Request, Response, no_fault, refusal
from suite_support import BrokenTarget, Ran, certify, serving
from tls_support import self_signed, server_context

from conformance.cli import main
from conformance.reference import Listener

CREATE, LIST = "CreateCollaboration", "ListCollaborations"
CASES = {
    f"protocol.chunked[{CREATE}:chunk-extension]",
    f"protocol.chunked[{CREATE}:chunks]",
    f"protocol.content-length[{CREATE}:not-stated]",
    f"protocol.content-length[{CREATE}:too-short]",
    f"protocol.expect-continue[{CREATE}:expecting]",
    f"protocol.incomplete[{CREATE}:cut-off]",
    f"protocol.incomplete[{CREATE}:too-long]",
    f"protocol.invalid-length[{CREATE}:differing]",
    f"protocol.invalid-length[{CREATE}:no-number]",
    f"protocol.keep-alive[{CREATE}:chunks]",
    f"protocol.keep-alive[{CREATE}:unknown-path]",
    f"protocol.keep-alive[{LIST}:body]",
    f"protocol.transfer-encoding-and-length[{CREATE}:both]",
}
CHECKS = [option for c in sorted({c.partition("[")[0] for c in CASES}) for option in ("--check", c)]


def certified(out: Path, url: str, *options: str) -> Ran:
    return certify(out, *CHECKS, "--endpoint-url", url, *options)


def test_framing_is_no_matter_in_the_same_process(tmp_path: Path) -> None:
    ran = certify(tmp_path, *CHECKS)

    assert ran.verdicts == dict.fromkeys(CASES, "skipped")
    assert {"in this process" in ran.result(case)["message"] for case in CASES} == {True}


@pytest.mark.parametrize("server", [Listener, Server()], ids=["waitress", "by the book"])
def test_a_target_that_reads_by_the_book_passes(tmp_path: Path, server: Any) -> None:
    with serving(no_fault, server) as url:
        ran = certified(tmp_path, url)

    assert ran.verdicts == dict.fromkeys(CASES, "passed")


def test_over_tls_only_what_ends_by_half_is_left_out(tmp_path: Path) -> None:
    bundle = self_signed(tmp_path)
    with serving(no_fault, Server(context=server_context(bundle))) as url:
        ran = certified(tmp_path / "out", url, "--ca-bundle", str(bundle))

    skipped = {case for case, verdict in ran.verdicts.items() if verdict == "skipped"}
    assert skipped == {case for case in CASES if case.startswith("protocol.incomplete")}
    assert {verdict for case, verdict in ran.verdicts.items() if case not in skipped} == {"passed"}


@pytest.mark.slow
@pytest.mark.parametrize("broken", FRAMING, ids=str)
def test_nothing_is_left_on_the_target(broken: BrokenTarget, tmp_path: Path) -> None:
    with serving(broken.fault, broken.server) as url:
        ran = certified(tmp_path, url)
        left = boto(url).list_collaborations()["collaborationList"]

    assert ran.exit_status == 1
    assert ran.report["notes"] == []
    assert left == []


@pytest.mark.slow
@pytest.mark.parametrize("broken", FRAMING, ids=str)
def test_the_reproduction_frames_requests_in_the_same_way(
    broken: BrokenTarget, tmp_path: Path
) -> None:
    with serving(broken.fault, broken.server) as url:
        ran = certified(tmp_path, url)
        commands = {case: ran.result(case)["reproduce"]["python"] for case in broken.caught_by}
        again = {case: last_line(code) for case, code in commands.items()}
        told = {case: ran.result(case)["exchanges"][-1] for case in broken.caught_by}
    with serving(no_fault, Server()) as right:
        rightly = {case: last_line(c.replace(url, right)) for case, c in commands.items()}

    statuses = {case: str(exchange["response"]["status"]) for case, exchange in told.items()}
    assert {case: line[:3] for case, line in again.items()} == statuses
    assert [case for case, line in rightly.items() if line == again[case]] == []


def last_line(code: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()[-1]


def hangs_at_chunks(head: Head, stream: Stream) -> bytes:
    return stream.exactly(1_000_000) if head.chunked else reads_whole(head, stream)


def test_a_target_that_never_answers_is_told_of_it(tmp_path: Path) -> None:
    with serving(no_fault, Server(hangs_at_chunks)) as url:
        ran = certified(tmp_path, url, "--timeout", "0.5")

    deviating = {case for case, verdict in ran.verdicts.items() if verdict == "deviates"}
    # Whoever waits for the rest of an incomplete request is right to.
    assert deviating == {
        f"protocol.chunked[{CREATE}:chunk-extension]",
        f"protocol.chunked[{CREATE}:chunks]",
        f"protocol.keep-alive[{CREATE}:chunks]",
        f"protocol.transfer-encoding-and-length[{CREATE}:both]",
    }
    told = ran.result(f"protocol.chunked[{CREATE}:chunks]")
    assert told["message"] == "No answer came to a request that is sent in chunks."
    assert "timeout" in told["got"]


def test_what_was_made_without_an_answer_is_removed(tmp_path: Path) -> None:
    """HTTP lets a connection end at any time, and what was carried out is there even so."""

    def says_nothing_of_it(request: Request, target: Backend) -> Response:
        response = target.send(request)
        peculiar = ("HTTP_TRANSFER_ENCODING", "HTTP_EXPECT")
        if request.operation == CREATE and any(name in request.environ for name in peculiar):
            raise ConnectionResetError
        return response

    with serving(says_nothing_of_it, Server()) as url:
        ran = certified(tmp_path, url)
        left = boto(url).list_collaborations()["collaborationList"]

    assert ran.verdicts == dict.fromkeys(CASES, "passed")
    assert left == []


def hangs_from_then_on() -> Callable[[Head, Stream], bytes]:
    hung: list[Head] = []

    def reads(head: Head, stream: Stream) -> bytes:
        if head.chunked:
            hung.append(head)
        return stream.exactly(1_000_000) if hung else reads_whole(head, stream)

    return reads


def test_a_target_that_hangs_altogether_is_not_blamed_for_a_framing(tmp_path: Path) -> None:
    with serving(no_fault, Server(hangs_from_then_on())) as url:
        ran = certified(tmp_path, url, "--timeout", "0.3")

    assert {v for v in ran.verdicts.values() if v != "passed"} == {"inconclusive"}


def test_a_target_without_the_reading_operation_is_held_to_the_rest(tmp_path: Path) -> None:
    def lists_nothing(request: Request, target: Backend) -> Response:
        if request.operation == LIST:
            return refusal(501, "NotImplementedException")
        return target.send(request)

    with serving(lists_nothing) as url:
        ran = certified(tmp_path, url)

    need_it = {c for c in CASES if c.startswith(("protocol.keep-alive", "protocol.transfer-"))}
    assert {c for c, v in ran.verdicts.items() if v == "not_implemented"} == need_it
    assert {v for c, v in ran.verdicts.items() if c not in need_it} == {"passed"}


def test_replay_frames_requests_in_the_same_way(tmp_path: Path) -> None:
    case = f"protocol.invalid-length[{CREATE}:differing]"
    (lenient,) = [b for b in FRAMING if b.name == "the last of several lengths is taken"]
    with serving(no_fault, lenient.server) as url:
        certified(tmp_path, url)
        again = CliRunner().invoke(main, ["replay", str(tmp_path / "report.json"), case])

    assert again.exit_code == 1, again.output
    assert "1 deviation from 1 cause" in again.output

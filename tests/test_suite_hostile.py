"""Whatever a peer does on the line, a run ends in time, with a verdict and without a traceback."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from threading import Timer
from typing import Any, Final

import pytest
from hostile import BEHAVIOURS, Behaviour, Peer, answer, response, serving
from suite_support import Ran, certify

#: No run of one operation may take longer, whatever the peer does.
PATIENCE_S = 60.0

_OPEN = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
_DEEP = b'{"collaboration":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
_LARGE = b'{"collaboration":"' + b"a" * 20_000_000 + b'"}'


class Everywhere(dict[str, Behaviour]):
    """One behaviour, whatever the path."""

    def __init__(self, behaviour: Behaviour) -> None:
        super().__init__()
        self._behaviour = behaviour

    def get(self, _path: str, _default: Any = None) -> Behaviour:
        return self._behaviour


ARGUMENTS: Final = ("--quick", "--operation", "GetCollaboration", "--timeout", "0.2")


def run_against(behaviour: Behaviour, out: Path) -> Ran:
    """Runs the quick checks of one operation with little patience."""
    started = time.monotonic()
    with serving(Everywhere(behaviour)) as server:
        ran = certify(out, *ARGUMENTS, "--endpoint-url", server.base_url)

    assert "Traceback" not in ran.output
    assert ran.report["faults"] == []
    assert ran.report["complete"] or _lost(ran), ran.report["stopped"]
    assert time.monotonic() - started < PATIENCE_S
    return ran


def _lost(ran: Ran) -> bool:
    stopped: str = ran.report["stopped"]
    return stopped.startswith("target lost")


def huge_length(peer: Peer) -> None:
    peer.send(_OPEN + b"Content-Length: 2147483648\r\n\r\n" + b"a" * 100_000)
    peer.hang()


#: What is wrong with the line: nobody can say what the target would have answered.
LINE: Final = {
    "/close": BEHAVIOURS["/close"],
    "/close-in-headers": BEHAVIOURS["/close-in-headers"],
    "/drip-body": BEHAVIOURS["/drip-body"],
    "/drip-headers": BEHAVIOURS["/drip-headers"],
    "/hang": BEHAVIOURS["/hang"],
    "/hang-in-body": BEHAVIOURS["/hang-in-body"],
    "/reset": BEHAVIOURS["/reset"],
    "/reset-in-body": BEHAVIOURS["/reset-in-body"],
    "a length of 2 GB and then nothing": huge_length,
}

#: What never ends: whether patience or the most that is read is used up first is all the same.
ENDLESS: Final = (
    "/chunk-of-endless-size",
    "/chunks-endless-tiny",
    "/endless-body",
    "/endless-continue",
    "/endless-header-line",
    "/ten-megabytes-of-headers",
)

#: What the target does wrong itself, over a line that holds.
TARGET: Final = {
    name: BEHAVIOURS[name]
    for name in (
        "/bad-status",
        "/bad-utf-8",
        "/chunks-garbage",
        "/garbage",
        "/http-0.9",
        "/html-502",
        "/length-huge",
        "/length-long",
        "/length-no-number",
        "/length-short",
        "/length-twice",
        "/two-responses",
    )
} | {
    "HTML": answer(response(b"<html>It works!</html>")),
    "JSON of great depth": answer(response(_DEEP)),
    "more than anybody reads": answer(response(_LARGE)),
    "NaN": answer(response(b'{"collaboration": {"createTime": NaN}}')),
    "a number of 5,000 digits": answer(
        response(b'{"collaboration": {"createTime": ' + b"9" * 5000 + b"}}")
    ),
    "a number of 400 digits": answer(
        response(b'{"collaboration": {"createTime": ' + b"9" * 400 + b"}}")
    ),
    "half a character": answer(response(b'{"collaboration": {"id": "\\ud800"}}')),
    "null": answer(response(b"null")),
    "a list": answer(response(b"[[]]")),
    "a success that holds nothing": answer(response(b"{}")),
    "a redirect": answer(response(b"", status="302 Found", headers="Location: /elsewhere\r\n")),
    "an escape sequence of a terminal": answer(
        response(b'{"\\u001b[2J": 1}', headers="Server: \x1b]0;x\x07\r\n")
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(LINE))
def test_a_fault_of_the_line_is_no_deviation(name: str, tmp_path: Path) -> None:
    ran = run_against(LINE[name], tmp_path)

    assert set(ran.verdicts.values()) <= {"inconclusive", "skipped"}
    assert ran.exit_status == 3


@pytest.mark.slow
@pytest.mark.parametrize("name", ["/hang", "/hang-in-body", "/drip-headers"])
def test_a_target_that_never_answers_in_time_counts_as_lost(name: str, tmp_path: Path) -> None:
    """Waiting for each of ten thousand cases would take a day."""
    ran = run_against(BEHAVIOURS[name], tmp_path)

    assert _lost(ran)
    assert len(ran.verdicts) < ran.report["planned"]


@pytest.mark.slow
def test_a_website_is_told_from_an_endpoint(tmp_path: Path) -> None:
    page = response(b"<html>It works!</html>").replace(b"application/json", b"text/html")
    with serving(Everywhere(answer(page))) as server:
        ran = certify(tmp_path, "--endpoint-url", server.base_url, "--quick")

    assert ran.exit_status == 3
    assert "is no endpoint of AWS Clean Rooms Service" in ran.report["stopped"]
    assert "it shows web pages; check host and port" in " ".join(ran.output.split())


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(TARGET))
def test_a_target_that_breaks_the_protocol_deviates(name: str, tmp_path: Path) -> None:
    ran = run_against(TARGET[name], tmp_path)

    assert "deviates" in ran.verdicts.values()
    assert ran.exit_status == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", ENDLESS)
def test_what_never_ends_is_cut_off(name: str, tmp_path: Path) -> None:
    ran = run_against(BEHAVIOURS[name], tmp_path)

    assert "passed" not in ran.verdicts.values()
    assert ran.exit_status in (1, 3)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "exit_status"), [("/hang", 3), ("/html-502", 1), ("/length-short", 1)]
)
def test_a_user_sees_a_report_and_no_traceback(name: str, exit_status: int, tmp_path: Path) -> None:
    with serving(Everywhere(BEHAVIOURS[name])) as server:
        done = conformance("run", *ARGUMENTS, "--endpoint-url", server.base_url, "--out", tmp_path)

    assert done.returncode == exit_status
    assert done.stderr == ""
    assert "SUMMARY" in done.stdout
    assert (tmp_path / "report.html").is_file()


@pytest.mark.slow
def test_a_target_that_is_not_there_is_told_in_one_sentence(tmp_path: Path) -> None:
    with serving({}) as server:
        url = server.base_url
    done = conformance("run", "--endpoint-url", url, "--out", tmp_path)

    assert done.returncode == 3
    assert len(done.stderr.strip().splitlines()) == 1
    assert url.removeprefix("http://") in done.stderr


@pytest.mark.slow
def test_a_target_that_goes_away_counts_as_lost(tmp_path: Path) -> None:
    """The rest is not run: a report on what nobody answered would be a wall of noise."""
    with ExitStack() as stack:
        server = stack.enter_context(serving(Everywhere(answer(response(b"{}")))))
        gone = Timer(0.5, stack.close)
        gone.start()
        ran = certify(
            tmp_path,
            "--endpoint-url",
            server.base_url,
            "--timeout",
            "0.5",
            "--check",
            "lifecycle.*",
            "--check",
            "response.*",
            "--check",
            "error.*",
        )
        gone.join()

    assert ran.report["stopped"].startswith("target lost")
    assert len(ran.verdicts) < ran.report["planned"]
    assert ran.exit_status == 3


def conformance(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """The command as a user types it."""
    return subprocess.run(
        [sys.executable, "-m", "conformance", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

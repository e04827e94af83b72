"""Runs commands as a user does: in processes of their own, against servers on real sockets."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attrs import field, frozen
from moto.server import ThreadedMotoServer

#: The command line, by the interpreter that runs the tests.
CLI = (sys.executable, "-m", "conformance")

GENEROUS_S = 120.0


@frozen
class Ran:
    """A process that has ended."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def text(self) -> str:
        """All that the user saw."""
        return self.out + self.err


def environment(**more: str) -> dict[str, str]:
    """An environment without the AWS and pytest settings of whoever runs the tests."""
    theirs = re.compile(r"AWS_|PYTEST_|CONFORMANCE_|COLUMNS$|NO_COLOR$|FORCE_COLOR$")
    kept = {name: value for name, value in os.environ.items() if not theirs.match(name)}
    nowhere = {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    return {**kept, **nowhere, **more}


def ran(*command: str, cwd: Path, env: Mapping[str, str] | None = None) -> Ran:
    """Runs a command to its end; ``env`` is added to :func:`environment`."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env=environment(**(env or {})),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=GENEROUS_S,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def conformance(*arguments: str, cwd: Path, env: Mapping[str, str] | None = None) -> Ran:
    """Runs ``conformance`` with arguments; it must never show a traceback."""
    done = ran(*CLI, *arguments, cwd=cwd, env=env)
    assert "Traceback" not in done.text, done.text
    return done


@frozen
class Report:
    """A folder that a run has written to."""

    folder: Path
    document: dict[str, Any] = field(repr=False)

    @classmethod
    def of(cls, folder: Path) -> Report:
        return cls(folder, json.loads((folder / "report.json").read_text("utf-8")))

    @property
    def results(self) -> dict[str, dict[str, Any]]:
        """The results by case."""
        return {result["case"]: result for result in self.document["results"]}

    @property
    def verdicts(self) -> dict[str, str]:
        """The verdicts by case."""
        return {case: result["verdict"] for case, result in self.results.items()}

    def cases(self, verdict: str) -> list[str]:
        return [case for case, each in self.verdicts.items() if each == verdict]


@contextmanager
def process(*command: str, cwd: Path, env: Mapping[str, str] | None = None) -> Iterator[Any]:
    """A process that runs while the block does, and not a moment longer."""
    with subprocess.Popen(
        command,
        cwd=cwd,
        env=environment(PYTHONUNBUFFERED="1", **(env or {})),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as running:
        try:
            yield running
        finally:
            running.kill()


@contextmanager
def reference_server(cwd: Path, *arguments: str) -> Iterator[str]:
    """``conformance serve`` on a free port; gives its URL once it listens."""
    with process(*CLI, "serve", "--port", "0", *arguments, cwd=cwd) as running:
        line = running.stdout.readline()
        found = re.fullmatch(r"Listening on (http://127\.0\.0\.1:\d+)\n", line)
        assert found, line + running.stderr.read()
        yield found[1]


@contextmanager
def moto_server() -> Iterator[str]:
    """A real moto server; gives its URL."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def nobody_listens() -> str:
    """A URL at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

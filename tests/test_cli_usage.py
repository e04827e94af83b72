"""Wrong usage: one clear sentence that says what to do, the right exit status, no traceback."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

import pytest
from cli_support import Report, conformance, nobody_listens
from hostile import serving

NARROW = ("--operation", "GetMembership", "--check", "input.*")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a report and with files that are none."""
    folder = tmp_path_factory.mktemp("usage")
    done = conformance("run", *NARROW, "--out", "report", cwd=folder)
    assert done.status == 0, done.text
    (folder / "empty.json").write_text("{}", "utf-8")
    (folder / "torn.json").write_text('{"schema": "conformance-re', "utf-8")
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe")
    (folder / "ledger.yaml").write_text("- case: a\n", "utf-8")
    (folder / "journal.jsonl").write_text("no journal\n{}\n", "utf-8")
    return folder


def sentence(*arguments: str, cwd: Path, status: int = 2) -> str:
    """The one line that a command says before it ends with a status."""
    done = conformance(*arguments, cwd=cwd)
    assert done.out == ""
    assert done.status == status, done.err
    lines = done.err.splitlines()
    if lines[0].startswith("Usage: "):
        lines = [line for line in lines if line.startswith("Error: ")]
    assert len(lines) == 1, done.err
    # What click tells by itself has no full stop.
    assert lines[0].startswith("Error: ") or lines[0].endswith((".", "?", "'")), lines[0]
    return lines[0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("run cleanroom", "No service model named 'cleanroom'. Did you mean 'cleanrooms'"),
        ("run ec2", "only rest-json can be tested"),
        ("run appmesh", "There is no embedded reference target for appmesh."),
        ("run --check unions.*", "No check named 'unions.*'."),
        ("run --check union.two-member", "Did you mean 'union.two-members'"),
        ("run --operation GetMember", "No operation named 'GetMember'. Did you mean"),
        ("run --region mars", "--region: 'mars' is no region. Give one such as us-east-1."),
        ("run --endpoint-url localhost:5555", "--endpoint-url: 'localhost:5555' is no endpoint."),
        ("run --endpoint-url aws", "No credentials for the real service."),
        ("run --profile nobody", "--profile: there is no profile 'nobody'."),
        ("run --ledger nowhere.yaml", "nowhere.yaml: No such file or directory."),
        ("run --ledger ledger.yaml", "ledger.yaml, line 1: an entry needs a reason."),
        ("run --ledger picture.png", "picture.png: it is not UTF-8."),
        ("run --ca-bundle nowhere.pem", "--ca-bundle: there is no file"),
        ("run --out picture.png", "--out picture.png: cannot write there: File exists."),
        ("run --out picture.png/x", "--out picture.png/x: cannot write there: Not a directory."),
        ("run --seed x", "Invalid value for '--seed'"),
        ("run --level nice", "Invalid value for '--level'"),
        ("run --max-examples 0", "Invalid value for '--max-examples'"),
        ("run --explore -1", "Invalid value for '--explore'"),
        ("run --max-time 0", "Invalid value for '--max-time'"),
        ("run --timeout -1", "Invalid value for '--timeout'"),
        ("run -n 0", "Invalid value for '-n'"),
        ("run --no-such-option", "No such option '--no-such-option'"),
        ("run cleanrooms appmesh", "unexpected extra argument (appmesh)"),
        ("smoke --rate 0", "Invalid value for '--rate'"),
        ("rum", "No such command 'rum'"),
        ("replay nowhere.json a", "There is no report nowhere.json."),
        ("replay report/report.json a", "No case in report/report.json named 'a'."),
        (
            "replay report/report.json input.pattern[GetMembership:x]",
            "Did you mean 'input.pattern[GetMembership:membershipIdentifier]'",
        ),
        ("report empty.json --format html", "empty.json is no report that this version reads"),
        ("report torn.json --format html", "torn.json is no JSON"),
        ("report picture.png --format html", "picture.png is no JSON"),
        ("report report --format html", "report cannot be read: Is a directory."),
        ("report report/report.json --format pdf", "No format named 'pdf'. There are badge, csv"),
        ("report report/report.json", "Missing option '--format'"),
        ("report report/report.json --format csv --output picture.png/x", "--output picture.png/x"),
        ("compare", "Missing argument 'REPORT.json...'"),
        ("compare report/report.json", "Nothing to compare. Give two reports or more."),
        ("compare report/report.json nowhere.json", "There is no report nowhere.json."),
        ("checks nowhere", "No service model named 'nowhere'."),
        ("schema", "Missing argument 'SERVICE'"),
        ("schema nowhere", "No service model named 'nowhere'."),
        ("schema cleanrooms GetMember", "No operation of cleanrooms named 'GetMember'."),
        ("serve appmesh", "There is no reference target"),
        ("serve --port 65536", "Invalid value for '--port'"),
        ("serve --host 192.0.2.1 --port 0", "Cannot listen on 192.0.2.1 port 0"),
        ("serve --port 0 --log picture.png/x", "Invalid value for '--log'"),
        ("sweep", "There is no journal. Name one"),
        ("sweep report/report.json", "The embedded target keeps nothing. Give the --endpoint-url"),
    ],
)
def test_wrong_usage_is_told_in_one_sentence(folder: Path, arguments: str, said: str) -> None:
    assert said in sentence(*arguments.split(), cwd=folder)


def test_a_port_at_which_nobody_listens_is_told_and_not_called_wrong_usage(folder: Path) -> None:
    url = nobody_listens()
    for command in (
        ("run", "--endpoint-url", url),
        ("run", "--endpoint-url", url, "-n", "2"),
        ("smoke", "--endpoint-url", url),
        (
            *("replay", "report/report.json"),
            *("input.max-length[GetMembership:membershipIdentifier]", "--endpoint-url", url),
        ),
        ("sweep", "journal.jsonl", "--endpoint-url", url),
    ):
        said = sentence(*command, cwd=folder, status=3)
        assert said == (
            f"conformance: {url} cannot be reached: connection refused. "
            "Is the server running, and is the port right?"
        )


def test_a_host_that_does_not_exist_is_told(folder: Path) -> None:
    said = sentence("run", "--endpoint-url", "http://nowhere.invalid", cwd=folder, status=3)
    assert "Is the name of the host right?" in said


def test_a_file_that_is_no_journal_is_told_once_the_target_is_reached(folder: Path) -> None:
    with serving({}) as server:
        said = sentence("sweep", "journal.jsonl", "--endpoint-url", server.base_url, cwd=folder)
    assert "journal.jsonl, line 1: no entry of a journal" in said


@pytest.mark.parametrize("rest", ["", "/x y"])
def test_a_password_in_an_endpoint_is_refused_and_not_repeated(folder: Path, rest: str) -> None:
    url = nobody_listens().replace("http://", "http://user:hunter22@") + rest
    assert "hunter22" not in sentence("run", "--endpoint-url", url, cwd=folder)


def test_wrong_usage_leaves_no_report_and_no_folder(folder: Path) -> None:
    sentence("run", "--check", "unions.*", "--out", "new", cwd=folder)
    sentence("run", "--endpoint-url", nobody_listens(), "--out", "new", cwd=folder, status=3)
    assert not (folder / "new").exists()


def test_a_run_that_has_nothing_to_judge_is_no_success(folder: Path) -> None:
    # Both exist, but not together.
    done = conformance(
        *("run", "--operation", "CreateMembership", "--check", "pagination.*", "--out", "none"),
        cwd=folder,
    )
    assert done.status == 3
    assert "No case came to a judgement." in done.out
    assert Report.of(folder / "none").document["results"] == []


@pytest.mark.parametrize("command", ["", "run", "smoke", "sweep", "replay", "serve", "checks"])
def test_every_command_has_a_help_that_fits_a_terminal(folder: Path, command: str) -> None:
    done = conformance(*command.split(), "--help", cwd=folder)
    assert done.status == 0
    assert max(map(len, done.lines)) <= 100


def test_the_version_is_that_of_the_distribution(folder: Path) -> None:
    version = importlib.metadata.version("aws-conformance")
    assert conformance("--version", cwd=folder).out == f"conformance, version {version}\n"

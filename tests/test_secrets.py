"""What a target is told in confidence reaches no file, no terminal and no exception.

A target that says again whatever it was sent, against a profile whose secrets are planted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_support import CLI, Ran, conformance, process
from suite_faults import Backend, Request, Response
from suite_support import serving

from conformance.report.formats import FORMATS

KEY_ID = "AKIAPLANTED7KEYID7XY"
SECRET = "plantedSecret/7+AccessKey7xyzzy7plugh7"
TOKEN = "plantedToken//7+session7xyzzy7plugh7=="
PASSWORD = "planted-password-7"
PLANTED = (KEY_ID, SECRET, TOKEN, "plantedSecret", "plantedToken")

CONFIG = f"""\
[profile planted]
region = us-east-1
aws_access_key_id = {KEY_ID}
aws_secret_access_key = {SECRET}
aws_session_token = {TOKEN}
"""


def says_it_again(request: Request, target: Backend) -> Response:
    """Puts what it was sent into headers, errors and texts, and repeats rows of lists."""
    signature = request.environ.get("HTTP_AUTHORIZATION", "")
    token = request.environ.get("HTTP_X_AMZ_SECURITY_TOKEN", "")
    response = target.send(request)
    response.headers |= {"x-you-sent": signature, "x-token": token, "server": f"echo {token}"}
    if not response.body:
        return response
    document = response.document
    if response.ok and "collaboration" in document:
        document["collaboration"]["description"] = f"{signature} {token}"
    elif response.ok and document.get("collaborationList"):
        document["collaborationList"] *= 2
    else:
        document |= {"resourceId": {"sent": signature}}
        document |= {"message": f"refused: {signature}", "Message": json.dumps({"t": token})}
    response.document = document
    return response


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("secrets")
    (made / "config").write_text(CONFIG, "utf-8")
    return made


@pytest.fixture(scope="module")
def env(folder: Path) -> dict[str, str]:
    return {
        "AWS_CONFIG_FILE": str(folder / "config"),
        "AWS_ACCESS_KEY_ID": KEY_ID[:-1] + "Z",
        "AWS_SECRET_ACCESS_KEY": f"{SECRET}env",
        "AWS_SESSION_TOKEN": f"{TOKEN}env",
    }


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(says_it_again) as plain:
        yield plain


@pytest.fixture(scope="module")
def ran(folder: Path, env: dict[str, str], url: str) -> Ran:
    done = conformance(
        *("run", "--endpoint-url", url, "--profile", "planted", "--quick", "--out", "out"),
        cwd=folder,
        env=env,
    )
    assert done.status == 1, done.text
    return done


def leaks(text: str) -> list[str]:
    return [secret for secret in PLANTED if secret in text]


def signatures(document: object) -> set[str]:
    """What follows the word and looks like one, whole or cut off."""
    return set(re.findall(r"Signature=([0-9a-f]{10,})", json.dumps(document)))


def test_the_target_did_say_them_again(ran: Ran, folder: Path) -> None:
    report = (folder / "out" / "report.json").read_text("utf-8")
    assert "[redacted]" in report
    assert "X-You-Sent" in report


def test_no_file_and_no_line_of_a_run_has_a_secret(ran: Ran, folder: Path) -> None:
    files = [path for path in (folder / "out").rglob("*") if path.is_file()]
    assert {"report.json", "report.html", "junit.xml", "report.md"} <= {f.name for f in files}
    assert {path.name: leaks(path.read_text("utf-8")) for path in files} == {
        path.name: [] for path in files
    }
    assert leaks(ran.text) == []
    document = json.loads((folder / "out" / "report.json").read_text("utf-8"))
    assert signatures(document) == set()


@pytest.mark.parametrize("format_", sorted(FORMATS))
def test_no_form_of_a_report_has_a_secret(
    ran: Ran, folder: Path, env: dict[str, str], format_: str
) -> None:
    made = conformance("report", "out/report.json", "--format", format_, cwd=folder, env=env)
    assert made.status == 0
    assert leaks(made.text) == []


@pytest.mark.parametrize("format_", ["text", "markdown", "json", "html"])
def test_no_comparison_has_a_secret(
    ran: Ran, folder: Path, env: dict[str, str], format_: str
) -> None:
    reports = ("out/report.json", "out/report.json")
    made = conformance("compare", *reports, "--format", format_, cwd=folder, env=env)
    assert made.status == 0
    assert leaks(made.text) == []


def test_a_case_is_replayed_with_the_profile_and_shows_none_of_it(
    ran: Ran, folder: Path, env: dict[str, str], url: str
) -> None:
    document = json.loads((folder / "out" / "report.json").read_text("utf-8"))
    case = next(r["case"] for r in document["results"] if r["verdict"] == "deviates")
    again = conformance(
        *("replay", "out/report.json", case, "--endpoint-url", url, "--profile", "planted"),
        cwd=folder,
        env=env,
    )
    assert again.status == 1, again.text
    assert leaks(again.text) == []


def test_tokens_of_pages_stay_since_they_are_no_secrets(ran: Ran, folder: Path) -> None:
    report = (folder / "out" / "report.json").read_text("utf-8")
    assert re.search(r"nextToken\W+[\w+/-]{20,}", report)


def test_a_smoke_run_has_no_secret(folder: Path, env: dict[str, str], url: str) -> None:
    done = conformance(
        *("smoke", "--endpoint-url", url, "--profile", "planted", "--rate", "1000"),
        *("--operation", "ListCollaborations", "--operation", "GetCollaboration"),
        *("--out", "smoke"),
        cwd=folder,
        env=env,
    )
    assert done.status in {0, 1}, done.text
    texts = [path.read_text("utf-8") for path in (folder / "smoke").iterdir()]
    assert [leaks(text) for text in [*texts, done.text]] == [[]] * (len(texts) + 1)


def test_the_log_of_the_reference_target_has_no_secret(folder: Path, env: dict[str, str]) -> None:
    serve = (*CLI, "serve", "--port", "0", "--log", "requests.jsonl", "--control")
    with process(*serve, cwd=folder, env=env) as running:
        address = running.stdout.readline().split()[-1]
        done = conformance(
            *("run", "--endpoint-url", address, "--profile", "planted"),
            *("--operation", "ListCollaborations", "--out", "served"),
            cwd=folder,
            env=env,
        )
    assert done.status == 0, done.text
    log = (folder / "requests.jsonl").read_text("utf-8")
    assert "ListCollaborations" in log
    assert leaks(log) == []

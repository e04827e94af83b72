"""The examples for CI do what they say: their steps are run here as a runner would run them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cli_support import environment, nobody_listens
from ruamel.yaml import YAML

EXAMPLES = Path(__file__).parents[1] / "examples"


def read(name: str) -> Any:
    return YAML(typ="safe").load((EXAMPLES / name).read_text("utf-8"))


ACTION = read("github/action.yml")
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"]}


class Runner:
    """Runs the shell steps of the action in a folder, with the commands of this interpreter."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("summary", "output"):
            (folder / name).touch()
        bin_folder = folder / "bin"
        bin_folder.mkdir()
        command = bin_folder / "conformance"
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m conformance "$@"\n', "utf-8")
        command.chmod(0o755)

    def run(self, step: str, **env: str) -> subprocess.CompletedProcess[str]:
        given = dict.fromkeys(STEPS[step].get("env", {}), "") | env
        variables = environment(
            **given,
            PATH=f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            GITHUB_STEP_SUMMARY=str(self.folder / "summary"),
            GITHUB_OUTPUT=str(self.folder / "output"),
        )
        # What GitHub calls `shell: bash`.
        shell = ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", STEPS[step]["run"])
        return subprocess.run(
            shell, cwd=self.folder, env=variables, capture_output=True, text=True, check=False
        )

    @property
    def status(self) -> str:
        return (self.folder / "output").read_text("utf-8").strip().removeprefix("status=")

    @property
    def summary(self) -> str:
        return (self.folder / "summary").read_text("utf-8")


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


OPTIONS = "--check union.* --operation CreateMembership"


def test_a_conformant_target_ends_green_with_a_summary_and_a_notice(runner: Runner) -> None:
    assert runner.run("Run", SERVICE="cleanrooms", OPTIONS=OPTIONS).returncode == 0
    assert runner.status == "0"
    told = runner.run("Tell")
    assert told.stdout.startswith("::notice title=conformance%3A conformant::")
    assert "cleanrooms" in runner.summary
    assert runner.run("Judge", STATUS=runner.status).returncode == 0


def test_what_went_wrong_is_the_status_of_the_job(runner: Runner) -> None:
    url = nobody_listens()
    assert runner.run("Run", SERVICE="cleanrooms", ENDPOINT_URL=url).returncode == 0
    assert runner.status == "3"
    assert runner.run("Tell").returncode == 0
    assert runner.summary == ""
    assert runner.run("Judge", STATUS=runner.status).returncode == 3


def test_no_input_reaches_a_script_as_text() -> None:
    scripts = [step["run"] for step in STEPS.values() if "run" in step]
    assert [script for script in scripts if "${{" in script] == []
    assert all(step["shell"] == "bash" for step in STEPS.values() if "run" in step)


def test_every_input_of_the_action_is_used_and_described() -> None:
    text = (EXAMPLES / "github/action.yml").read_text("utf-8")
    assert [name for name in ACTION["inputs"] if f"inputs.{name} }}}}" not in text] == []
    assert all(each["description"] for each in ACTION["inputs"].values())


def test_the_workflow_passes_only_what_the_action_takes() -> None:
    (job,) = read("github/workflow.yml")["jobs"].values()
    (use,) = [step for step in job["steps"] if step.get("uses", "").startswith("./")]
    assert set(use["with"]) <= set(ACTION["inputs"])


def test_gitlab_gets_the_files_that_a_run_writes(runner: Runner) -> None:
    (job,) = read("gitlab/.gitlab-ci.yml").values()
    runner.run("Run", SERVICE="cleanrooms", OPTIONS=OPTIONS)
    kept = [*job["artifacts"]["paths"], job["artifacts"]["reports"]["junit"]]
    assert [name for name in kept if not (runner.folder / name).is_file()] == []

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
import time

import pytest
from report_support import hostile_report, large_report, passing_report, report_of, small_report

from conformance.report.formats import FORMATS
from conformance.report.load import load, save
from conformance.report.types import Report

BUDGET_S = {"html": 6.0}


@pytest.mark.parametrize("name", sorted(FORMATS))
@pytest.mark.parametrize(
    "report", [small_report(), passing_report(), hostile_report(), report_of([])]
)
def test_every_format_can_be_written_and_encoded(name: str, report: Report) -> None:
    errors = "backslashreplace" if name == "json" else "strict"
    assert FORMATS[name](report).encode("utf-8", errors)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_a_writer_leaves_the_report_as_it_was(name: str) -> None:
    report = small_report()
    before = copy.deepcopy(report)
    FORMATS[name](report)
    assert report == before


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_the_same_report_is_always_written_the_same(name: str) -> None:
    assert FORMATS[name](small_report()) == FORMATS[name](small_report())


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"json"}))
def test_no_format_lets_a_control_character_through(name: str) -> None:
    text = FORMATS[name](hostile_report())
    unseen = {c for c in text if c < " " and c not in "\n\r"} | (
        {*text} & {"\x7f", "\x9b", "\u202e"}
    )
    assert unseen == set()


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_ten_thousand_cases_are_written_in_the_time_of_a_breath(name: str) -> None:
    report = large_report()
    started = time.perf_counter()
    FORMATS[name](report)
    # Several times what it takes on an idle machine: this finds the quadratic, not the slow.
    assert time.perf_counter() - started < BUDGET_S.get(name, 3.0)


def test_the_json_format_is_the_report_file(tmp_path: pytest.TempPathFactory) -> None:
    path = f"{tmp_path}/report.json"
    save(small_report(), path)
    with open(path, encoding="utf-8") as file:  # noqa: PTH123 - bytes as any program reads them
        assert file.read() == FORMATS["json"](load(path))
    assert json.loads(FORMATS["json"](small_report()))["schema"] == "conformance-report/1"


def test_the_terminal_format_can_be_printed_where_only_ascii_can() -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]);"
        "from report_support import hostile_report;"
        "from rich.console import Console;"
        "from conformance.report.terminal import write;"
        "write(hostile_report(), Console())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, os.path.dirname(__file__)],  # noqa: PTH120 - an argument
        env={**os.environ, "PYTHONIOENCODING": "ascii", "COLUMNS": "80"},
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.isascii()
    assert b"SUITE FAULT" in done.stdout
    assert b"\x1b" not in done.stdout

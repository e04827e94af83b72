from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from report_support import (
    hostile_report,
    large_report,
    passing_report,
    small_report,
)

from conformance.errors import ExitStatus, UsageError
from conformance.report.load import dumped, filled, load, save, schema_validator, violation


def test_a_saved_report_reads_back_as_it_was(tmp_path: Path) -> None:
    report = small_report()
    save(report, tmp_path / "new" / "report.json")
    report["results"].sort(key=lambda result: result["case"])
    assert load(tmp_path / "new" / "report.json") == report


def test_hostile_text_survives_saving_and_reading(tmp_path: Path) -> None:
    report = hostile_report()
    save(report, tmp_path / "report.json")
    by_case = sorted(report["results"], key=lambda result: result["case"])
    assert load(tmp_path / "report.json")["results"] == by_case


def test_the_file_is_utf_8_with_a_case_a_line(tmp_path: Path) -> None:
    save(hostile_report(), tmp_path / "report.json")
    lines = (tmp_path / "report.json").read_bytes().decode("utf-8").split("\n")
    cases = [line for line in lines if '"case": "response.schema' in line and '"sent"' in line]
    assert len(cases) == len(hostile_report()["results"])
    assert "日本語" in "".join(cases)


def test_the_order_of_keys_and_results_does_not_change_the_file() -> None:
    report = small_report()
    shuffled: Any = dict(reversed(report.items()))
    shuffled["results"] = [dict(reversed(one.items())) for one in reversed(report["results"])]
    assert dumped(shuffled) == dumped(report)


def test_a_failed_write_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(passing_report(), tmp_path / "report.json")
    before = (tmp_path / "report.json").read_bytes()

    def disk_full(_self: Path, _target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", disk_full)
    with pytest.raises(UsageError, match="No space left"):
        save(small_report(), tmp_path / "report.json")
    assert (tmp_path / "report.json").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]


def test_a_directory_that_is_a_file_is_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=r"cannot be written to .*file/report.json") as caught:
        save(small_report(), tmp_path / "file" / "report.json")
    assert caught.value.exit_status is ExitStatus.USAGE
    assert caught.value.hint


def test_a_report_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"There is no report .*none\.json"):
        load(tmp_path / "none.json")


def test_a_directory_in_place_of_a_report_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        load(tmp_path)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff{}", b"[" * 100_000])
def test_what_is_no_json_is_wrong_usage(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"report\.json is no JSON"):
        load(path)


@pytest.mark.parametrize("document", [[], {}, {"schema": "conformance-report/2"}, {"schema": 1}])
def test_another_version_is_wrong_usage(tmp_path: Path, document: Any) -> None:
    path = tmp_path / "report.json"
    path.write_text(json.dumps(document))
    with pytest.raises(UsageError, match=r"its `schema` is .*, not 'conformance-report/1'"):
        load(path)


def _broken(*path: str | int, value: Any) -> Any:
    report: Any = copy.deepcopy(small_report())
    place = report
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    return report


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        (("seed",), "seven", r"\$\.seed"),
        (("started",), "yesterday", r"\$\.started"),
        (("summary", "passed"), -1, r"\$\.summary\.passed"),
        (("target", "kind"), "mock", r"\$\.target\.kind"),
        (("operations", "GetSchema", "implemented"), "no", r"\$\.operations\.GetSchema\.impl"),
        (("checks", "input.pattern", "level"), "must", r"\$\.checks\['?input.pattern'?\]\.level"),
        (("results", 3, "verdict"), "failed", r"\$\.results\[3\]\.verdict"),
        (("results", 4, "case"), "", r"\$\.results\[4\]\.case"),
        (("results", 2, "duration_s"), -0.5, r"\$\.results\[2\]\.duration_s"),
        (("results", 0, "facts"), [1], r"\$\.results\[0\]\.facts\[0\]"),
        (
            ("results", 2, "exchanges", 0, "response", "headers"),
            [["a", "b"], ["c"]],
            r"\$\.results\[2\]\.exchanges\[0\]\.response\.headers\[1\]",
        ),
        (("results", 2, "reproduce"), None, r"\$\.results\[2\]\.reproduce"),
        (("results", 5, "check"), "no.such", r"\$\.results\[5\]\.check: there is no 'no.such'"),
    ],
)
def test_a_broken_schema_names_the_place(
    tmp_path: Path, path: tuple[str | int, ...], value: Any, where: str
) -> None:
    file = tmp_path / "report.json"
    file.write_text(json.dumps(_broken(*path, value=value)))
    with pytest.raises(UsageError, match=where):
        load(file)


def test_the_quick_validation_agrees_with_the_schema() -> None:
    for report in (small_report(), hostile_report(), passing_report()):
        assert not list(schema_validator().iter_errors(report))
        assert violation(report) == ""


def test_a_result_that_breaks_the_schema_is_found_among_thousands_of_its_kind() -> None:
    report: Any = {**large_report()}
    results = report["results"]
    report["results"] = [*results[:9000], {**results[9000], "verdict": "odd"}, *results[9001:]]
    assert violation(report).startswith("$.results[9000].verdict: 'odd' is not one of")


def test_a_report_with_the_first_keys_of_version_1_only_is_filled_up() -> None:
    report: Any = copy.deepcopy(small_report())
    for key in ("complete", "stopped", "planned", "options", "ledger", "faults", "coverage"):
        del report[key]
    for key in ("source", "version"):
        del report["target"][key]
    for check in report["checks"].values():
        del check["requirement"]
    for facts in report["operations"].values():
        for key in [key for key in facts if key != "implemented"]:
            del facts[key]
    for one in report["results"]:
        for key in ("sent", "expected", "got", "marks", "ledger_reason", "duration_s"):
            del one[key]
        for exchange in one["exchanges"]:
            for key in ("operation", "role", "fault"):
                del exchange[key]
    assert violation(report) == ""
    full = filled(report)
    assert full["planned"] == len(report["results"])
    assert full["complete"] is True
    assert full["ledger"] is None
    assert full["target"]["version"] == ""
    assert full["checks"]["input.pattern"]["requirement"] == CHECK_TITLE
    assert full["operations"]["GetSchema"]["skipped"] == 0
    assert full["results"][0]["exchanges"][0]["operation"] == full["results"][0]["operation"]
    assert full["results"][0]["exchanges"][0]["role"] == "check"
    assert filled(full) == full


CHECK_TITLE = "A text that does not match its pattern is refused"


def test_keys_that_a_later_writer_adds_are_kept() -> None:
    report: Any = copy.deepcopy(small_report())
    report["new"] = report["target"]["new"] = report["results"][0]["new"] = {"any": "thing"}
    assert violation(report) == ""
    assert filled(report)["results"][0]["new"] == {"any": "thing"}  # type: ignore[typeddict-item]

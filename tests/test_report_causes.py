from __future__ import annotations

from typing import Any

from report_support import report_of, result, small_report

from conformance.report.causes import causes

OPERATIONS = ("CreateA", "CreateB", "CreateC", "CreateD", "CreateE", "CreateF")


def _length(operations: tuple[str, ...], verdict: str = "deviates") -> list[dict[str, Any]]:
    return [result("input.max-length", op, f"{op}.name", verdict) for op in operations]


def test_a_check_that_fails_in_most_operations_is_one_cause() -> None:
    report = report_of(_length(OPERATIONS[:4]) + _length(OPERATIONS[4:], "passed"))
    [cause] = causes(report)
    assert cause.key == "input.max-length@*"
    assert cause.title == "input.max-length: 4 of 6 operations"
    assert cause.operations == OPERATIONS[:4]
    assert cause.count == 4


def test_a_check_that_fails_in_half_of_the_operations_is_a_cause_in_each() -> None:
    report = report_of(_length(OPERATIONS[:3]) + _length(OPERATIONS[3:], "passed"))
    assert [cause.key for cause in causes(report)] == [
        "input.max-length@CreateA",
        "input.max-length@CreateB",
        "input.max-length@CreateC",
    ]


def test_two_operations_are_too_few_for_a_systemic_cause() -> None:
    report = report_of(_length(OPERATIONS[:2]))
    assert [cause.operations for cause in causes(report)] == [("CreateA",), ("CreateB",)]


def test_operations_that_were_not_judged_do_not_count() -> None:
    unjudged = [
        *_length(OPERATIONS[3:4], "skipped"),
        *_length(OPERATIONS[4:5], "inconclusive"),
        *_length(OPERATIONS[5:], "not_implemented"),
    ]
    [cause] = causes(report_of(_length(OPERATIONS[:3]) + unjudged))
    assert cause.title == "input.max-length: 3 of 3 operations"


def test_operations_that_the_target_does_not_have_do_not_count() -> None:
    report = report_of(_length(OPERATIONS[:3]) + _length(OPERATIONS[3:], "passed"))
    for name in OPERATIONS[3:]:
        report["operations"][name]["implemented"] = False
    [cause] = causes(report)
    assert cause.title == "input.max-length: 3 of 3 operations"


def test_a_key_that_a_check_chose_is_never_merged() -> None:
    named = result("response.schema", "GetA", "GetA.time", "deviates", cause="timestamps-as-text")
    other = result("input.pattern", "GetB", "GetB.time", "deviates", cause="timestamps-as-text")
    schema = [
        result("response.schema", op, f"{op}.x", "deviates") for op in ("GetC", "GetD", "GetE")
    ]
    found = {cause.key: cause for cause in causes(report_of([named, other, *schema]))}
    assert set(found) == {"timestamps-as-text", "response.schema@*"}
    assert found["timestamps-as-text"].checks == ("input.pattern", "response.schema")
    assert found["timestamps-as-text"].title == "timestamps-as-text: 2 operations"


def test_the_biggest_cause_comes_first_and_equal_ones_by_key() -> None:
    report = report_of(
        [
            result("union.two-members", "B", "B:1", "deviates"),
            result("input.pattern", "A", "A.1", "deviates"),
            result("union.two-members", "C", "C:1", "deviates"),
            result("union.two-members", "C", "C:2", "deviates"),
        ]
    )
    assert [(cause.key, cause.count) for cause in causes(report)] == [
        ("union.two-members@C", 2),
        ("input.pattern@A", 1),
        ("union.two-members@B", 1),
    ]


def test_the_level_of_a_cause_is_its_highest() -> None:
    report = report_of(
        [
            result("lifecycle.echo", "A", "a", "deviates", cause="k"),
            result("input.pattern", "A", "b", "deviates", cause="k"),
            result("error.unknown-identifier", "A", "c", "deviates", cause="k"),
        ]
    )
    [cause] = causes(report)
    assert cause.level == "MUST"
    assert cause.scope == "A, 3 cases"


def test_a_case_may_be_less_sure_than_its_check() -> None:
    less_sure = result("input.pattern", "A", "b", "deviates", cause="k")
    less_sure = {**less_sure, "level": "SHOULD", "citation": "a recording"}
    report = report_of([less_sure])  # type: ignore[list-item]  # a result as a dict

    [cause] = causes(report)

    assert report["checks"]["input.pattern"]["level"] == "MUST"
    assert (cause.level, cause.example["citation"]) == ("SHOULD", "a recording")


def test_a_cause_is_waived_only_when_all_of_it_is() -> None:
    mixed = _length(OPERATIONS[:3], "waived") + _length(OPERATIONS[3:4])
    [cause] = causes(report_of(mixed))
    assert not cause.waived
    assert cause.unwaived == 1
    assert cause.example["verdict"] == "deviates"
    [all_waived] = causes(report_of(_length(OPERATIONS[:3], "waived")))
    assert all_waived.waived


def test_a_single_case_is_told_by_its_site() -> None:
    titles = [cause.title for cause in causes(small_report())]
    assert "union.two-members: CreateConfiguredTable:tableReference" in titles


def test_a_deviation_without_a_cause_belongs_to_its_check_and_operation() -> None:
    report = report_of([result("input.pattern", "A", "a", "deviates", cause="")])
    assert [cause.key for cause in causes(report)] == ["input.pattern@A"]


def test_no_deviation_no_cause() -> None:
    assert causes(report_of(_length(OPERATIONS, "passed"))) == []


def test_a_server_fault_is_shown_by_a_case_that_knows_what_was_asked() -> None:
    shared = {"cause": "error.server-fault@CreateA"}
    seen = result("error.server-fault", "CreateA", "CreateA", "deviates", **shared)
    asked = result("input.type", "CreateA", "CreateA:tags=array", "deviates", **shared)
    known = result("input.null", "CreateA", "CreateA:tags", "waived", **shared)
    [cause] = causes(report_of([seen, asked, known]))
    assert cause.key == "error.server-fault@CreateA"
    assert cause.example["case"] == asked["case"]
    [alone] = causes(report_of([seen, known]))
    assert alone.example["case"] == seen["case"]

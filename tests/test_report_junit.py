from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

from junitparser import JUnitXml
from report_support import hostile_report, passing_report, small_report

from conformance.report import junit


def _cases(report: Any) -> dict[str, ET.Element]:
    root = ET.fromstring(junit.render(report))
    return {case.attrib["name"]: case for case in root.iter("testcase")}


def test_a_category_is_a_suite_with_its_counts() -> None:
    root = ET.fromstring(junit.render(small_report()))
    assert root.tag == "testsuites"
    counts = {
        suite.attrib["name"]: tuple(
            int(suite.attrib[key]) for key in ("tests", "failures", "errors", "skipped")
        )
        for suite in root
    }
    assert counts == {
        "conformance.cleanrooms.error": (1, 0, 0, 1),
        "conformance.cleanrooms.input": (6, 3, 0, 2),
        "conformance.cleanrooms.lifecycle": (1, 0, 0, 1),
        "conformance.cleanrooms.pagination": (1, 0, 0, 0),
        "conformance.cleanrooms.response": (1, 0, 0, 1),
        "conformance.cleanrooms.union": (1, 1, 0, 0),
    }
    assert root.attrib["tests"] == "11"
    assert root.attrib["failures"] == "4"
    assert root.attrib["time"] == "2.75"


def test_a_deviation_is_a_failure_with_all_that_is_needed_to_act() -> None:
    case = _cases(small_report())["union.two-members[CreateConfiguredTable:tableReference]"]
    assert case.attrib["classname"] == "conformance.cleanrooms.union"
    assert case.attrib["time"] == "0.25"
    [failure] = case
    assert failure.tag == "failure"
    assert failure.attrib["type"] == "union.two-members"
    assert failure.attrib["message"].startswith("Two members of a tagged union")
    assert "expected: 400 ValidationException" in (failure.text or "")
    assert "curl: curl -X POST" in (failure.text or "")


def _skips(report: Any) -> Iterator[str]:
    for case in _cases(report).values():
        yield from (skip.attrib["message"] for skip in case.findall("skipped"))


def test_each_verdict_that_junit_does_not_know_is_a_skip_with_its_name() -> None:
    assert sorted(_skips(small_report())) == [
        "inconclusive: CreateCollaboration answered 503",
        "not implemented: 501 Not Implemented",
        "skipped: no match found",
        "skipped: no match found",
        "waived: moto#1234",
    ]


def test_a_stale_row_of_the_ledger_fails() -> None:
    ledger = {"file": "l.yaml", "stale": [{"entry": "input.*", "why": "expired"}], "waived": 0}
    [failure] = _cases(passing_report(ledger=ledger))["ledger[input.*]"]
    assert failure.tag == "failure"
    assert "expired" in failure.attrib["message"]


def test_a_fault_of_the_suite_is_an_error() -> None:
    report = passing_report(faults=[{"case": "input.pattern[x]", "message": "KeyError: 'a'"}])
    [error] = _cases(report)["fault[input.pattern[x]]"]
    assert error.tag == "error"
    assert ET.fromstring(junit.render(report)).attrib["errors"] == "1"


def test_the_run_is_told_by_properties() -> None:
    suite = ET.fromstring(junit.render(small_report())).find("testsuite")
    assert suite is not None
    found = {p.attrib["name"]: p.attrib["value"] for p in suite.iter("property")}
    assert found["conformance.target"] == "http://127.0.0.1:5555"
    assert found["conformance.seed"] == "7"
    assert found["conformance.complete"] == "true"
    assert found["conformance.verdict"] == "deviates: 4 deviations from 2 causes."
    assert suite.attrib["timestamp"] == "2026-11-25T03:44:00Z"


def test_hostile_text_gives_well_formed_xml_that_is_read_back_as_text() -> None:
    text = junit.render(hostile_report())
    cases = _cases(hostile_report())
    assert len(cases) == len(hostile_report()["results"]) + 2
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", text)
    assert text.encode("utf-8")
    first = next(iter(cases.values()))
    assert "<script>window.pwned" in first.attrib["name"]


def test_junitparser_reads_it_back() -> None:
    xml = JUnitXml.fromstring(junit.render(small_report()).encode())
    assert (xml.tests, xml.failures, xml.skipped) == (11, 4, 5)


def test_each_case_has_a_line_of_its_own() -> None:
    lines = junit.render(small_report()).split("\n")
    assert sum(line.startswith("<testcase ") for line in lines) == 11

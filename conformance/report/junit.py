"""A report as JUnit XML, in the form that Jenkins and GitLab read.

A test suite is a category of checks, a test case is a case. What JUnit has no word for becomes
`skipped` with a message that says which of the six verdicts it was; the run's properties stand at
each suite. Rows of the ledger that no longer fit and faults of the suite are test cases as well,
so that a red run is red in JUnit.

What junitparser makes is `Any` here, since its methods carry no types.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from conformance.report.outcome import outcome
from conformance.report.text import one_line, visible_lines
from conformance.report.types import Report, Result
from conformance.report.whole import ledger_unasked

_XML_FORBIDS: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SKIPPED: Final = {
    "waived": "waived",
    "not_implemented": "not implemented",
    "skipped": "skipped",
    "inconclusive": "inconclusive",
}


def render(report: Report) -> str:
    """The report as JUnit XML."""
    service = report["contract"]["service"]
    root: Any = JUnitXml(f"conformance.{_xml(service)}")
    for category, results in sorted(_by_category(report["results"]).items()):
        cases = [_case(report, result) for result in results]
        root.append(_suite(report, category, cases))
    if extra := [*_stale(report), *_faults(report)]:
        root.append(_suite(report, "run", extra))
    root.update_statistics()
    text = root.tostring().decode("utf-8")
    # One element a line, for text tools: a `>` inside values is always written `&gt;`.
    for tag in ("<testsuite ", "<testcase ", "</testsuite"):
        text = text.replace(f">{tag}", f">\n{tag}")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _by_category(results: Iterable[Result]) -> Mapping[str, list[Result]]:
    groups: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        groups[result["check"].partition(".")[0]].append(result)
    return groups


def _suite(report: Report, category: str, cases: Iterable[Any]) -> Any:
    suite: Any = TestSuite(_classname(report, category))
    suite.timestamp = _xml(report["started"])
    for name, value in _properties(report).items():
        suite.add_property(name, _xml(value))
    suite.extend(cases)
    return suite


def _properties(report: Report) -> dict[str, str]:
    contract, target, tool = report["contract"], report["target"], report["tool"]
    found = outcome(report)
    return {
        "conformance.tool": f"{tool['name']} {tool['version']}",
        "conformance.contract": f"{contract['service']} {contract['api_version']}",
        "conformance.botocore": contract["botocore"],
        "conformance.model_sha256": contract["model_sha256"],
        "conformance.target": target["endpoint_url"] or target["kind"],
        "conformance.target_version": target["version"],
        "conformance.seed": str(report["seed"]),
        "conformance.planned": str(report["planned"]),
        "conformance.complete": str(report["complete"]).lower(),
        "conformance.verdict": f"{found.word}: {found.sentence}",
        "conformance.ledger": ledger_unasked(report)
        or (report["ledger"]["file"] if report["ledger"] else "none"),
    }


def _case(report: Report, result: Result) -> Any:
    category = result["check"].partition(".")[0]
    case: Any = TestCase(
        _xml(result["case"]), _classname(report, category), round(result["duration_s"], 6)
    )
    if result["verdict"] == "deviates":
        case.append(_failure(report, result))
    elif kind := _SKIPPED.get(result["verdict"]):
        reason = result["ledger_reason"] or result["message"]
        case.append(Skipped(_xml(f"{kind}: {reason}" if reason else kind)))
    return case


def _failure(report: Report, result: Result) -> Failure:
    check = report["checks"][result["check"]]
    message = result["message"] or check["requirement"]
    if report["ledger"]:
        message = f"not in the ledger: {message}"
    failure = Failure(_xml(message), _xml(result["check"]))
    parts = {
        "requirement": f"{check['requirement']} ({result['level']}, {result['citation']})",
        "sent": result["sent"],
        "expected": result["expected"],
        "got": result["got"],
        "cause": result["cause"],
        "curl": result["reproduce"]["curl"],
    }
    failure.text = _xml_lines("\n".join(f"{name}: {text}" for name, text in parts.items() if text))
    return failure


def _stale(report: Report) -> Iterable[Any]:
    for entry in report["ledger"]["stale"] if report["ledger"] else ():
        case: Any = TestCase(_xml(f"ledger[{entry['entry']}]"), _classname(report, "run"), 0.0)
        case.append(Failure(_xml(f"A row of the ledger no longer fits: {entry['why']}"), "ledger"))
        yield case


def _faults(report: Report) -> Iterable[Any]:
    for fault in report["faults"]:
        case: Any = TestCase(_xml(f"fault[{fault['case']}]"), _classname(report, "run"), 0.0)
        case.append(Error(_xml(fault["message"]), "suite fault"))
        yield case


def _classname(report: Report, category: str) -> str:
    return _xml(f"conformance.{report['contract']['service']}.{category}")


def _xml(text: str) -> str:
    return _XML_FORBIDS.sub("", one_line(text))


def _xml_lines(text: str) -> str:
    return _XML_FORBIDS.sub("", visible_lines(text))

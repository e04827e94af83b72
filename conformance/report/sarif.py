"""A report as SARIF 2.1.0, for the pages that collect findings of many tools.

Only deviations are findings; waived ones are suppressed ones. A finding has no line in a source
file, since the source of a target is out of sight: its logical location is the operation and the
site, and its physical one is the report, because some readers drop findings without a file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from conformance.errors import ExitStatus
from conformance.report.outcome import outcome
from conformance.report.text import one_line, visible_lines
from conformance.report.types import DEVIATIONS, Exchange, Report, Request, Response, Result

_SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS: Final = {"MUST": "error", "SHOULD": "warning", "MAY": "note"}
_UNSAFE_IN_LINK: Final = str.maketrans({"[": "\\[", "]": "\\]", "\\": "\\\\"})


def render(report: Report) -> str:
    """The report as SARIF 2.1.0."""
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(report)]}
    return json.dumps(log, indent=1, ensure_ascii=True) + "\n"


def _run(report: Report) -> dict[str, Any]:
    found = [result for result in report["results"] if result["verdict"] in DEVIATIONS]
    rules = sorted({result["check"] for result in found})
    places = {check: number for number, check in enumerate(rules)}
    return {
        "tool": {
            "driver": {
                "name": report["tool"]["name"],
                "version": report["tool"]["version"],
                "rules": [_rule(report, check) for check in rules],
            }
        },
        "invocations": [_invocation(report)],
        "automationDetails": {"id": f"conformance/{report['contract']['service']}/"},
        "columnKind": "unicodeCodePoints",
        "results": [_result(report, result, places) for result in found],
        "properties": {
            "summary": dict(report["summary"]),
            "contract": dict(report["contract"]),
            "target": {key: one_line(str(value)) for key, value in report["target"].items()},
            "seed": report["seed"],
        },
    }


def _rule(report: Report, check: str) -> dict[str, Any]:
    facts = report["checks"][check]
    rule: dict[str, Any] = {
        "id": check,
        "name": "".join(part.capitalize() for part in check.replace(".", "-").split("-")),
        "shortDescription": {"text": _message(facts["title"])},
        "fullDescription": {"text": _message(facts["requirement"])},
        "help": {"text": _message(f"{facts['level']}. Source: {facts['citation']}")},
        "defaultConfiguration": {"level": _LEVELS[facts["level"]]},
        "properties": {"tags": [facts["category"], facts["basis"], facts["level"]]},
    }
    return rule


def _invocation(report: Report) -> dict[str, Any]:
    found = outcome(report)
    ran = found.status in {ExitStatus.CONFORMANT, ExitStatus.DEVIATES} and not found.partial
    invocation: dict[str, Any] = {
        "executionSuccessful": ran,
        "exitCode": int(found.status),
        "exitCodeDescription": _message(f"{found.word}: {found.sentence}"),
        "toolExecutionNotifications": [
            {"level": "error", "message": {"text": _message(f"{f['case']}: {f['message']}")}}
            for f in report["faults"]
        ],
    }
    if times := _times(report):
        invocation["startTimeUtc"], invocation["endTimeUtc"] = times
    return invocation


def _times(report: Report) -> tuple[str, str] | None:
    try:
        start = datetime.fromisoformat(report["started"])
    except ValueError:
        return None
    end = start + timedelta(seconds=report["duration_s"])
    return _utc(start), _utc(end)


def _utc(time: datetime) -> str:
    shift = time.utcoffset() or timedelta()
    return (time.replace(tzinfo=None) - shift).isoformat(timespec="milliseconds") + "Z"


def _result(report: Report, result: Result, places: Mapping[str, int]) -> dict[str, Any]:
    check = report["checks"][result["check"]]
    said = [
        result["message"] or check["requirement"],
        *(f"{word}: {result[word]}" for word in ("sent", "expected", "got") if result[word]),
        f"source: {result['citation']}",
    ]
    made: dict[str, Any] = {
        "ruleId": result["check"],
        "ruleIndex": places[result["check"]],
        "level": _LEVELS[result["level"]],
        "message": {"text": "\n".join(_message(line) for line in said)},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": "report.json"}},
                "logicalLocations": [
                    {
                        "name": _message(result["operation"]),
                        "fullyQualifiedName": _message(result["site"] or result["operation"]),
                        "kind": "function",
                    }
                ],
            }
        ],
        "partialFingerprints": {"conformanceCase/v1": one_line(result["case"])},
        "properties": {
            "case": one_line(result["case"]),
            "cause": one_line(result["cause"]),
            "facts": [one_line(fact) for fact in result["facts"]],
            "curl": visible_lines(result["reproduce"]["curl"]),
        },
    }
    if result["verdict"] == "waived":
        why = {"justification": _message(result["ledger_reason"])}
        made["suppressions"] = [{"kind": "external", "status": "accepted", **why}]
    if judged := [exchange for exchange in result["exchanges"] if exchange["role"] == "check"]:
        made |= _web(judged[-1])
    return made


def _web(exchange: Exchange) -> dict[str, Any]:
    request, response = exchange["request"], exchange["response"]
    made: dict[str, Any] = {
        "webRequest": {
            "method": one_line(request["method"]),
            "target": one_line(request["url"]),
            "headers": _headers(request["headers"]),
            **_body(request),
        }
    }
    if response is None:
        made["webResponse"] = {"noResponseReceived": True}
        return made
    made["webResponse"] = {
        "statusCode": response["status"],
        "reasonPhrase": one_line(response["reason"]),
        "headers": _headers(response["headers"]),
        **_body(response),
    }
    return made


def _headers(headers: list[list[str]]) -> dict[str, str]:
    """Headers by name; SARIF has one value a name, so values of one name are joined."""
    made: dict[str, str] = {}
    for name, value in headers:
        key, text = one_line(name), one_line(value)
        made[key] = f"{made[key]}, {text}" if key in made else text
    return made


def _body(message: Request | Response) -> dict[str, Any]:
    if binary := message.get("body_base64"):
        return {"body": {"binary": binary}}
    if text := message.get("body"):
        return {"body": {"text": visible_lines(text)}}
    return {}


def _message(text: str) -> str:
    """A SARIF message that is shown as it is: `[text](target)` would be a link."""
    line = one_line(text)
    return line.translate(_UNSAFE_IN_LINK) if "](" in line else line

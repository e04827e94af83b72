"""Reports for the tests of `conformance.report`: a small one, a hostile one, and large ones.

All are built from a seed, so that each test sees the same report at every run.
"""

from __future__ import annotations

import copy
import json
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Any, Final

from conformance.report.load import filled

if TYPE_CHECKING:
    from conformance.report.types import Report

SECRET_MARKUP: Final = "</script><script>window.pwned = true</script><img src=x onerror=alert(1)>"
"""Markup that must be shown and never run."""

HOSTILE: Final[tuple[str, ...]] = (
    SECRET_MARKUP,
    "<!--<script>",
    "\x1b[31mred\x1b]0;title\x07 \x9b2J \x00 \x08",
    "[bold red]markup[/] :bomb: [link=https://example.org]x[/link]",
    '=HYPERLINK("https://example.org","x")',
    "+1+cmd|' /C calc'!A0",
    "@SUM(1)",
    "-2+3",
    "\t=1",
    "a\r\nb\u2028c\u2029d\x85e",
    "\u202egnp.exe\u202c \u2066x\u2069",
    "lone \ud800 surrogate",
    "``` fence ```` `tick` | pipe | @everyone #1 GH-1 ![i](https://example.org/i.png)",
    "[click](javascript:alert(1)) ]]> &amp; {0} {{ 7*7 }} {% raw %}",
    "déjà vu 日本語 🎉",
)

COVERAGE: Final[Any] = {
    "sites": {
        "input.pattern": {"covered": 510, "unreachable": 20, "gap": 1},
        "input.required": {"covered": 1000},
    },
    "errors": {"provoked": 140, "listed": 400, "gap": 13},
    "facts": {"covered": 210, "unobservable": 186, "unknown": 100},
}
"""What a suite may tell of its coverage; a part may leave out what is zero."""

CHECKS: Final[dict[str, dict[str, str]]] = {
    "error.unknown-identifier": {
        "level": "SHOULD",
        "basis": "spec",
        "title": "An unknown identifier is not found",
        "requirement": "A read of an identifier that does not exist answers 404 with its error.",
        "citation": "API reference: ResourceNotFoundException",
        "category": "error",
    },
    "input.max-length": {
        "level": "MUST",
        "basis": "model",
        "title": "A text longer than its maximum is refused",
        "requirement": "A text that is one character longer than its maximum is refused.",
        "citation": "model: smithy.api#length",
        "category": "input",
    },
    "input.pattern": {
        "level": "MUST",
        "basis": "model",
        "title": "A text that does not match its pattern is refused",
        "requirement": "A text that does not match the pattern of its shape is refused.",
        "citation": "model: smithy.api#pattern",
        "category": "input",
    },
    "lifecycle.echo": {
        "level": "MAY",
        "basis": "observed",
        "title": "What was sent comes back",
        "requirement": "What a create was given is what a get of the same resource shows.",
        "citation": "observed: us-east-1, 2026-10",
        "category": "lifecycle",
    },
    "pagination.no-duplicates": {
        "level": "MUST",
        "basis": "model",
        "title": "No item comes twice",
        "requirement": "However small the page, no item comes twice and none is lost.",
        "citation": "model: paginators-1",
        "category": "pagination",
    },
    "response.schema": {
        "level": "MUST",
        "basis": "model",
        "title": "A response matches its shape",
        "requirement": "The raw body of a response matches the output shape of its operation.",
        "citation": "model: output shape",
        "category": "response",
    },
    "union.two-members": {
        "level": "MUST",
        "basis": "model",
        "title": "Two members of a union are refused",
        "requirement": "A request with two members of a tagged union is refused.",
        "citation": "model: TableReference is a union",
        "category": "union",
    },
}

RESOURCES: Final = (
    "AnalysisTemplate",
    "Collaboration",
    "ConfiguredTable",
    "ConfiguredTableAnalysisRule",
    "ConfiguredTableAssociation",
    "ConfiguredTableAssociationAnalysisRule",
    "IdMappingTable",
    "IdNamespaceAssociation",
    "Membership",
    "PrivacyBudgetTemplate",
)
VERBS: Final = ("Create", "Delete", "Get", "List", "Update")
OPERATIONS: Final = tuple(sorted(f"{verb}{noun}" for verb in VERBS for noun in RESOURCES))


def exchange(operation: str, body: str, answer: str, status: int = 200) -> dict[str, Any]:
    """One judged exchange."""
    return {
        "operation": operation,
        "role": "check",
        "request": {
            "method": "POST",
            "url": f"http://127.0.0.1:5555/{operation}",
            "headers": [["Host", "127.0.0.1:5555"], ["Content-Type", "application/json"]],
            "body": body,
        },
        "response": {
            "status": status,
            "reason": "OK",
            "headers": [["Content-Type", "application/json"], ["Server", "Werkzeug/3.1"]],
            "body": answer,
        },
        "fault": None,
    }


def result(check: str, operation: str, site: str, verdict: str, **more: Any) -> dict[str, Any]:
    """One result; `more` overrides any of its keys."""
    body = '{"name": "a", "tableReference": {"glue": {"tableName": "t"}, "athena": {"n": 1.50}}}'
    deviates = verdict in {"deviates", "waived"}
    made: dict[str, Any] = {
        "case": f"{check}[{site}]",
        "check": check,
        "operation": operation,
        "site": site,
        "cause": f"{check}@{operation}" if deviates else "",
        "verdict": verdict,
        "message": "It was accepted." if deviates else "",
        "sent": f"POST /{operation} {body}" if deviates else "",
        "expected": "400 ValidationException" if deviates else "",
        "got": '200 {"id": "0f3c"}' if deviates else "",
        "facts": ["CR-001"] if check == "union.two-members" else [],
        "exchanges": [exchange(operation, body, '{"id": "0f3c", "n": 1.0}')] if deviates else [],
        "reproduce": {"curl": "", "python": ""},
        "duration_s": 0.25,
    }
    if deviates:
        made["reproduce"] = {
            "curl": f"curl -X POST 'http://127.0.0.1:5555/{operation}' --data '{body}'",
            "python": f"import boto3\nboto3.client('cleanrooms').{operation}()\n",
        }
    return made | more


def report_of(results: list[dict[str, Any]], **more: Any) -> Report:
    """A whole report around some results: the counts follow from them."""
    names = sorted({r["operation"] for r in results} | {"StartProtectedQuery", "GetSchema"})
    verdicts = ("passed", "deviates", "waived", "not_implemented", "skipped", "inconclusive")
    counts = {name: dict.fromkeys(verdicts, 0) for name in names}
    for one in results:
        counts[one["operation"]][one["verdict"]] += 1
    total = {verdict: sum(counts[name][verdict] for name in names) for verdict in verdicts}
    made: dict[str, Any] = {
        "schema": "conformance-report/1",
        "tool": {"name": "aws-conformance", "version": "0.1.0"},
        "started": "2026-11-25T03:44:00Z",
        "duration_s": 12.5,
        "seed": 7,
        "contract": {
            "service": "cleanrooms",
            "api_version": "2022-02-17",
            "botocore": "1.44.8",
            "model_sha256": "3f2a9c" + "0" * 58,
            "operations": 103,
            "paginators": 23,
            "union_sites": 40,
            "constraint_sites": 812,
        },
        "target": {
            "kind": "endpoint",
            "endpoint_url": "http://127.0.0.1:5555",
            "region": "us-east-1",
            "accounts": 2,
            "source": "--endpoint-url",
            "version": "Werkzeug/3.1.9 Python/3.11.7",
        },
        "summary": {**total, "requests": 4321},
        "operations": {
            name: {
                **counts[name],
                "implemented": _implemented(counts[name]),
            }
            for name in names
        },
        "checks": copy.deepcopy(CHECKS),
        "results": results,
    }
    return filled(made | more)


def _implemented(counts: dict[str, int]) -> bool | None:
    if counts["not_implemented"]:
        return False
    return True if counts["passed"] + counts["deviates"] + counts["waived"] else None


def small_report(**more: Any) -> Report:
    """A dozen cases with every verdict, a systemic cause, a waived one, and a single one."""
    length = [
        result("input.max-length", op, f"{op}.name", "deviates")
        for op in ("CreateAnalysisTemplate", "CreateCollaboration", "UpdateConfiguredTable")
    ]
    rest = [
        result("input.max-length", "CreateMembership", "CreateMembership.name", "passed"),
        result(
            "union.two-members",
            "CreateConfiguredTable",
            "CreateConfiguredTable:tableReference",
            "deviates",
            message="Two members of a tagged union were set, and the target accepted it.",
            marks=[
                {"side": "request", "part": "/tableReference"},
                {"side": "response", "part": "status"},
            ],
        ),
        result(
            "response.schema",
            "GetCollaboration",
            "GetCollaboration.collaboration.createTime",
            "waived",
            ledger_reason="moto#1234",
        ),
        result("pagination.no-duplicates", "ListMembers", "ListMembers", "passed"),
        result(
            "error.unknown-identifier",
            "GetSchema",
            "GetSchema",
            "not_implemented",
            message="501 Not Implemented",
        ),
        *(
            result("input.pattern", op, f"{op}.name", "skipped", message="no match found")
            for op in ("CreateCollaboration", "CreateMembership")
        ),
        result(
            "lifecycle.echo",
            "GetMembership",
            "GetMembership",
            "inconclusive",
            message="CreateCollaboration answered 503",
        ),
    ]
    return report_of(length + rest, **more)


def passing_report(**more: Any) -> Report:
    """Nothing but passed cases on operations that are there."""
    results = [
        result("input.max-length", op, f"{op}.name", "passed")
        for op in ("CreateCollaboration", "CreateMembership")
    ]
    made = report_of(results, **more)
    for name in ("GetSchema", "StartProtectedQuery"):
        del made["operations"][name]
    return made


def hostile_report() -> Report:
    """Every text that a target has a say in is hostile; so are its names and headers."""
    results = []
    for number, text in enumerate(HOSTILE):
        answer = json.dumps({"message": text, text: [text]})
        one = result(
            "response.schema",
            "GetCollaboration",
            f"GetCollaboration.{number}",
            ("deviates", "waived", "inconclusive", "skipped", "not_implemented", "passed")[
                number % 6
            ],
            case=f"response.schema[{number} {text}]",
            message=f"It said {text}",
            sent=f"GET /{text}",
            expected=text,
            got=f"500 {text}",
            ledger_reason=text,
            exchanges=[exchange("GetCollaboration", text, answer, 500)],
            reproduce={"curl": f"curl '{text}'", "python": f"print({text!r})\n{text}\n"},
        )
        one["site"] = text
        one["exchanges"][0]["response"]["headers"].append([text, text])
        one["exchanges"][0]["response"]["reason"] = text
        if one["verdict"] in {"deviates", "waived"}:
            one["cause"] = f"response.schema@{text}"
        results.append(one)
    text = "".join(HOSTILE)
    made = report_of(
        results,
        complete=False,
        stopped=f"target lost: {text}",
        ledger={"file": text, "stale": [{"entry": text, "why": text}], "waived": 2},
        faults=[{"case": "response.schema[0]", "message": text}],
        planned=40,
    )
    made["target"]["version"] = text
    made["target"]["endpoint_url"] = f"http://127.0.0.1/{SECRET_MARKUP}"
    made["checks"]["response.schema"]["title"] = text
    made["checks"]["response.schema"]["citation"] = text
    return made


@cache
def large_report(count: int = 10_000, seed: int = 1) -> Report:
    """Many results over 50 operations, a tenth of them deviations. Shared: do not change it."""
    random = Random(seed)
    checks = sorted(CHECKS)
    missing = set(OPERATIONS[::7])
    results = []
    for number in range(count):
        operation = OPERATIONS[number % len(OPERATIONS)]
        check = checks[random.randrange(len(checks))]
        verdict = "not_implemented" if operation in missing else _drawn(random)
        site = f"{operation}.member{number}"
        results.append(result(check, operation, site, verdict, message=f"Case {number}."))
    return report_of(results)


def _drawn(random: Random) -> str:
    verdicts = ("passed", "deviates", "waived", "skipped", "inconclusive")
    return random.choices(verdicts, weights=(80, 10, 2, 5, 3))[0]

"""A report as one self-contained page: opened from disk, it needs no network and no server.

The template holds what must be readable without scripts: verdict, causes, matrix, coverage. The
cases travel as data, one JSON text a line, and a script lays out those that a reader looks at.
Text of the target reaches the page only escaped (the template) or as data (the script, which sets
text and never markup); a content security policy lets nothing run but the page's own script.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any, Final
from urllib.parse import urlencode

from attrs import frozen
from markupsafe import Markup

from conformance.report.causes import Cause, causes
from conformance.report.coverage import of_run, of_sites, of_suite
from conformance.report.deviation import replay_command, report_file
from conformance.report.outcome import implemented, outcome
from conformance.report.pages import asset, environment, style
from conformance.report.tally import Tally, tallies
from conformance.report.text import one_line, visible_lines
from conformance.report.types import (
    LEVELS,
    VERDICTS,
    Exchange,
    Report,
    Request,
    Response,
    Result,
)
from conformance.report.whole import ledger_unasked

_BODY_SHOWN: Final = 60_000
_ESCAPED_IN_SCRIPTS: Final = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})
_SCRIPTS: Final = ("bodies.js", "report.js")


@frozen
class MatrixRow:
    """One operation of the matrix; a cell for each category, None where no case is.

    `known` says whether the target is known to have the operation.
    """

    operation: str
    known: bool
    cells: tuple[tuple[str, Tally | None], ...]


def render(report: Report) -> str:
    """The report as an HTML page."""
    found = causes(report)
    script = asset(*_SCRIPTS)
    return (
        environment("conformance.report")
        .get_template("report.html.j2")
        .render(
            report=report,
            outcome=outcome(report),
            unasked=ledger_unasked(report),
            implemented=implemented(report),
            verdicts=VERDICTS,
            levels=LEVELS,
            causes=found,
            categories=_categories(report),
            matrix=list(_matrix(report)),
            missing=_missing(report),
            measures=[*of_run(report), *of_suite(report)],
            sites=of_sites(report),
            report_file=report_file(report),
            style=style(),
            link=link,
            script=Markup(script),  # noqa: S704 - files of this package
            script_hash=_hash(script),
            index=_embedded(_index(report, found)),
            details=Markup("\n").join(_embedded(_detail(report, one)) for one in _ordered(report)),
        )
    )


def _embedded(value: Any) -> Markup:
    """JSON that cannot end the script element it stands in, nor start one."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return Markup(text.translate(_ESCAPED_IN_SCRIPTS))  # noqa: S704 - escaped the line before


def link(**state: str) -> str:
    """The link that shows the cases with this state, e.g. `#verdict=deviates&level=MUST`."""
    return "#" + urlencode({key: value for key, value in state.items() if value})


def _hash(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")


def _ordered(report: Report) -> list[Result]:
    """The results as the page lists them: what wants attention first."""
    rank = {verdict: number for number, verdict in enumerate(VERDICTS)}
    return sorted(report["results"], key=lambda r: (rank[r["verdict"]], r["case"]))


def _index(report: Report, found: Iterable[Cause]) -> dict[str, Any]:
    """What the page filters by: the checks, and a short row for each case."""
    merged = {one["case"]: cause.key for cause in found for one in cause.results}
    return {
        "checks": {
            name: {key: one_line(str(value)) for key, value in facts.items()}
            for name, facts in sorted(report["checks"].items())
        },
        "rows": [
            [
                one_line(one["case"]),
                one["check"],
                one_line(one["operation"]),
                one["verdict"],
                one_line(one["message"]),
                one_line(merged.get(one["case"], "")),
                one["level"],
            ]
            for one in _ordered(report)
        ],
    }


def _detail(report: Report, result: Result) -> dict[str, Any]:
    """What the page shows of a case once it is opened; passed ones go without their exchanges."""
    detail: dict[str, Any] = {
        "site": one_line(result["site"]),
        "citation": one_line(result["citation"]),
        "sent": one_line(result["sent"]),
        "expected": one_line(result["expected"]),
        "got": one_line(result["got"]),
        "facts": [_fact(report, fact) for fact in result["facts"]],
        "seconds": round(result["duration_s"], 3),
        "reason": one_line(result["ledger_reason"]),
    }
    if result["verdict"] == "passed":
        return detail
    return detail | {
        "marks": result["marks"],
        "replay": one_line(" ".join(replay_command(report, result))),
        "curl": visible_lines(result["reproduce"]["curl"]),
        "python": visible_lines(result["reproduce"]["python"]),
        "exchanges": [_exchange(exchange) for exchange in result["exchanges"]],
    }


def _fact(report: Report, fact: str) -> list[str]:
    return [one_line(fact), one_line(report["facts"].get(fact, ""))]


def _exchange(exchange: Exchange) -> dict[str, Any]:
    request, response, fault = exchange["request"], exchange["response"], exchange["fault"]
    made: dict[str, Any] = {
        "operation": one_line(exchange["operation"]),
        "role": exchange["role"],
        "request": _message(f"{request['method']} {request['url']}", request),
    }
    if response is not None:
        made["response"] = _message(f"{response['status']} {response['reason']}", response)
    if exchange["botocore"]:
        made["botocore"] = one_line(exchange["botocore"])
    if fault is not None:
        made["fault"] = one_line(f"{fault['kind']}: {fault['message']}")
    return made


def _message(first_line: str, message: Request | Response) -> dict[str, Any]:
    body = message.get("body", "")
    if binary := message.get("body_base64", ""):
        body = f"base64: {binary}"
    shown = visible_lines(body[:_BODY_SHOWN])
    return {
        "line": one_line(first_line),
        "headers": [[one_line(name), one_line(value)] for name, value in message["headers"]],
        "body": shown,
        "cut": max(len(body) - _BODY_SHOWN, 0),
    }


def _categories(report: Report) -> list[str]:
    return sorted({report["checks"][one["check"]]["category"] for one in report["results"]})


def _matrix(report: Report) -> Iterator[MatrixRow]:
    """The operations that the target has, or may have, against the categories."""
    cells = tallies(
        report["results"], lambda r: (r["operation"], report["checks"][r["check"]]["category"])
    )
    facts = report["operations"]
    operations = sorted({operation for operation, _ in cells} - set(_missing(report)))
    categories = sorted({category for operation, category in cells if operation in operations})
    for operation in operations:
        row = tuple((category, cells.get((operation, category))) for category in categories)
        known = operation not in facts or facts[operation]["implemented"] is not None
        yield MatrixRow(operation=operation, known=known, cells=row)


def _missing(report: Report) -> list[str]:
    facts = report["operations"]
    return sorted(name for name in facts if facts[name]["implemented"] is False)

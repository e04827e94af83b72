"""Reads and writes report.json; nothing else in this layer touches a file.

A report that was read is valid by `schema.json` and has every key of version 1: those that an
older writer left out stand at their defaults, so that no other module has to ask.
"""

from __future__ import annotations

import json
import os
from collections.abc import Hashable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from conformance.errors import UsageError
from conformance.report.text import Page
from conformance.report.types import SCHEMA, VERDICTS, Report

_MADE_BY: Final = "Give it a report.json that `conformance run` has written."
_LINE: Final = Page(width=200)
_PAIR: Final = 2
_WORDS: Final = frozenset(
    {*VERDICTS, "setup", "check", "request", "response"}  # the enums of a result
)


def load(path: str | Path) -> Report:
    """The report in a file, with every key of version 1.

    Raises:
        UsageError: there is no such file, it cannot be read, is no JSON, has another version, or
            breaks the schema (the place in the document is named).
    """
    where = Path(path)
    document = _document(where)
    version = document.get("schema") if isinstance(document, dict) else None
    if version != SCHEMA:
        raise UsageError(
            f"{where} is no report that this version reads: its `schema` is {version!r}, "
            f"not {SCHEMA!r}.",
            _MADE_BY,
        )
    if problem := violation(document):
        raise UsageError(f"{where} is no valid report: {problem}.", _MADE_BY)
    return filled(document)


def save(report: Report, path: str | Path) -> None:
    """Writes a report to a file, whole or not at all: a reader never sees half of one.

    The same report always gives the same bytes: keys and cases are sorted, one case a line.

    Raises:
        UsageError: the file cannot be written there.
    """
    where = Path(path)
    try:
        where.parent.mkdir(parents=True, exist_ok=True)
        _replace(where, dumped(report).encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise UsageError(
            f"The report cannot be written to {where}: {error.strerror or error}.",
            "Name a directory that you may write to.",
        ) from error


def dumped(report: Report) -> str:
    """The text of report.json: sorted keys, sorted cases, one case a line.

    A lone surrogate in it, which no UTF-8 can hold, is to be encoded with `backslashreplace`:
    that is its JSON escape.
    """
    lines = []
    for key in sorted(report):
        value = report[key]  # type: ignore[literal-required]  # a key of the report itself
        if key == "results":
            cases = sorted(value, key=lambda result: str(result["case"]))
            text = "[" + ",\n".join(["", *map(_json, cases)])[1:] + "]"
        else:
            text = _json(value)
        lines.append(f"{_json(key)}: {text}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def violation(document: Any) -> str:
    """What breaks the schema first, with its place in the document; empty when nothing does."""
    rest, results = document, []
    if isinstance(document, dict) and isinstance(document.get("results"), list):
        results = document["results"]
        rest = {**document, "results": []}
    if problem := _first_error(schema_validator(), rest, "$"):
        return problem
    seen: set[Hashable] = set()
    for number, result in enumerate(results):
        # Thousands of results come in a few forms: each form is held against the schema once.
        form = _form(result)
        place = f"$.results[{number}]"
        if form not in seen and (problem := _first_error(_result_validator(), result, place)):
            return problem
        seen.add(form)
        if result["check"] not in document["checks"]:
            return f"{place}.check: there is no {result['check']!r} in `checks`"
    return ""


def filled(document: Mapping[str, Any]) -> Report:
    """A report with every optional key of version 1, at its default where there was none."""
    report = {
        "complete": True,
        "stopped": "",
        "planned": len(document["results"]),
        "options": {},
        "ledger": None,
        "faults": [],
        "coverage": {},
        "facts": {},
        "choices": [],
        "notes": [],
        **document,
        "target": {"source": "", "version": "", **document["target"]},
        "operations": {
            name: {**dict.fromkeys(VERDICTS, 0), **facts}
            for name, facts in document["operations"].items()
        },
        "checks": {
            name: {"requirement": facts["title"], **facts}
            for name, facts in document["checks"].items()
        },
        "results": [
            _filled_result(result, document["checks"].get(result["check"], {}))
            for result in document["results"]
        ],
    }
    return cast("Report", report)


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema of report.json, as it is published in this package."""
    text = files("conformance.report").joinpath("schema.json").read_text("utf-8")
    return cast("dict[str, Any]", json.loads(text))


@cache
def schema_validator() -> Draft202012Validator:
    """A validator of whole reports; slow for many results, where `violation` is not."""
    return Draft202012Validator(schema())


@cache
def _result_validator() -> Draft202012Validator:
    return Draft202012Validator({"$ref": "#/$defs/result", "$defs": schema()["$defs"]})


def _document(path: Path) -> Any:
    try:
        text = path.read_bytes().decode("utf-8")
        return json.loads(text)
    except FileNotFoundError as error:
        raise UsageError(f"There is no report {path}.", _MADE_BY) from error
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}.", _MADE_BY) from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is no JSON: {error}.", _MADE_BY) from error


def _replace(path: Path, content: bytes) -> None:
    half_written = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        half_written.write_bytes(content)
        half_written.replace(path)
    finally:
        half_written.unlink(missing_ok=True)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _filled_result(result: Mapping[str, Any], check: Mapping[str, Any]) -> dict[str, Any]:
    # A requirement may be surer at one site than at another, and come from another source.
    return {
        "level": check.get("level", "MUST"),
        "citation": check.get("citation", ""),
        "sent": "",
        "expected": "",
        "got": "",
        "marks": [],
        "ledger_reason": "",
        "duration_s": 0.0,
        **result,
        "exchanges": [
            {
                "operation": result["operation"],
                "role": "check",
                "fault": None,
                "botocore": "",
                **exchange,
            }
            for exchange in result["exchanges"]
        ],
    }


def _first_error(validator: Draft202012Validator, value: Any, place: str) -> str:
    error = best_match(validator.iter_errors(value))
    if error is None:
        return ""
    message = _LINE.fit(error.message, _LINE.width)
    return f"{place}{error.json_path.removeprefix('$')}: {message}"


def _form(value: Any) -> Hashable:
    """All of a value that the schema of a result looks at: keys, types, short words, signs."""
    if isinstance(value, dict):
        return tuple((key, _form(inner)) for key, inner in value.items())
    if isinstance(value, list):
        return frozenset(map(_form, value)), bool(value), len(value) == _PAIR
    if isinstance(value, str):
        return value if value in _WORDS else bool(value)
    if isinstance(value, bool) or value is None:
        return str(type(value))
    return str(type(value)), value < 0

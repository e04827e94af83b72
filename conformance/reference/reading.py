"""From a request to the validated input of an operation, driven by the contract alone.

Knows no operation by name and no state. What has the wrong form is a SerializationException, what
has the wrong content a ValidationException that names every member to blame.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from attrs import frozen

from conformance.contract import Contract, Member, Operation, Path, Problem, Shape, validator
from conformance.contract.sites import WHOLE
from conformance.reference.errors import field_errors, serialization_error

Clean = Callable[[Any], Any]
_Check = Callable[[Any], list[Problem]]

_STRUCTURAL: Final = frozenset({"null", "type", "format"})
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,19}")
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,2})?")
_BOOLEANS: Final = {"true": True, "false": False}
_INDEX: Final = re.compile(r"\[\d+\]")


@frozen
class Parts:
    """What a request says, before it is known to be an input.

    Attributes:
        labels: of the path, decoded, by the name they travel under.
        query: the undecoded query string.
        headers: by lower-case name.
        body: the bytes of the body.
    """

    labels: Mapping[str, str]
    query: str
    headers: Mapping[str, str]
    body: bytes


@frozen
class _Located:
    member: Member
    check: _Check


@frozen
class _Plan:
    shape: Shape | None
    path: tuple[_Located, ...]
    query: tuple[_Located, ...]
    header: tuple[_Located, ...]
    check_body: _Check | None
    body: tuple[tuple[str, str, Clean], ...]


class InputReader:
    """Reads the inputs of a contract's operations.

    Args:
        contract: whose operations' inputs are to be read.
    """

    def __init__(self, contract: Contract) -> None:
        self._cleaners: dict[str, Clean] = {}
        self._plans = {name: self._plan(op) for name, op in contract.operations.items()}

    def read(self, operation: Operation, parts: Parts) -> dict[str, Any]:
        """The input that a request states, by member name, without nulls and unknown members.

        Raises:
            ProtocolError: the request is not of the form that the protocol asks for.
            InvalidError: the input breaks a constraint of the contract.
        """
        plan = self._plans[operation.name]
        params: dict[str, Any] = {}
        problems: list[Problem] = []
        for located in plan.path:
            _take(located, parts.labels.get(located.member.wire_name), params, problems)
        if plan.query:
            stated = parse_query(parts.query)
            for located in plan.query:
                _take(located, _query_value(located.member, stated), params, problems)
        for located in plan.header:
            text = parts.headers.get(located.member.wire_name.lower())
            _take(located, None if text is None else _typed(located.member, text), params, problems)
        body: dict[str, Any] = {}
        if plan.check_body is not None:
            body = parse_json_object(parts.body)
            problems += plan.check_body(body)
        if problems:
            _refuse(problems, plan.shape)
        for wire_name, name, clean in plan.body:
            value = body.get(wire_name)
            if value is not None:
                params[name] = clean(value)
        return params

    def _plan(self, operation: Operation) -> _Plan:
        def located(*locations: str) -> tuple[_Located, ...]:
            return tuple(
                _Located(member, validator(member.shape))
                for member in operation.members.values()
                if member.location in locations
            )

        in_body = [m for m in operation.members.values() if m.location == "body"]
        return _Plan(
            shape=operation.input,
            path=located("path"),
            query=located("query"),
            header=located("header"),
            check_body=validator(operation.input) if operation.input and in_body else None,
            body=tuple((m.wire_name, m.name, self._cleaner(m.shape)) for m in in_body),
        )

    def _cleaner(self, shape: Shape) -> Clean:
        def itself(value: Any) -> Any:
            return self._cleaners[shape.name](value)

        if shape.name not in self._cleaners:
            # Filled in before its parts are built, so that a recursive shape finds itself.
            self._cleaners[shape.name] = itself
            self._cleaners[shape.name] = self._build(shape)
        return self._cleaners[shape.name]

    def _build(self, shape: Shape) -> Clean:
        if shape.document:
            return _unchanged
        if shape.type == "structure":
            return _structure_cleaner(
                {m.wire_name: (m.name, self._cleaner(m.shape)) for m in shape.members.values()}
            )
        if shape.element is not None:
            element = self._cleaner(shape.element.shape)
            return lambda value: [element(inner) for inner in value]
        if shape.value is not None:
            inside = self._cleaner(shape.value.shape)
            return lambda value: {key: inside(inner) for key, inner in value.items()}
        return int if shape.type in WHOLE else _unchanged


def _unchanged(value: Any) -> Any:
    return value


def _structure_cleaner(members: dict[str, tuple[str, Clean]]) -> Clean:
    def clean(value: dict[str, Any]) -> dict[str, Any]:
        cleaned = {}
        for wire_name, inner in value.items():
            if inner is not None and wire_name in members:
                name, clean_inner = members[wire_name]
                cleaned[name] = clean_inner(inner)
        return cleaned

    return clean


def _take(located: _Located, value: Any, params: dict[str, Any], problems: list[Problem]) -> None:
    name = located.member.name
    if value is None:
        if located.member.required:
            problems.append(
                Problem("required", Path((name,)), "the required member", "no such member")
            )
        return
    for problem in located.check(value):
        at = Path((name, *problem.path.parts))
        problems.append(Problem(problem.kind, at, problem.expected, problem.got))
    params[name] = value


def _query_value(member: Member, stated: Mapping[str, list[str]]) -> Any:
    texts = stated.get(member.wire_name)
    if not texts:
        return None
    element = member.shape.element
    if element is not None:
        return [_typed(element, text) for text in texts]
    return _typed(member, texts[-1])


def _typed(member: Member, text: str) -> Any:
    kind = member.shape.type
    if kind in WHOLE:
        if _INTEGER.fullmatch(text) is None:
            raise serialization_error(f"{member.wire_name} is not a whole number.")
        return int(text)
    if kind in ("float", "double"):
        if _NUMBER.fullmatch(text) is None:
            raise serialization_error(f"{member.wire_name} is not a number.")
        return float(text)
    if kind == "boolean":
        if text not in _BOOLEANS:
            raise serialization_error(f"{member.wire_name} is neither true nor false.")
        return _BOOLEANS[text]
    return text


def parse_query(query: str) -> dict[str, list[str]]:
    """The parameters of a query string, in the order in which they stand.

    Raises:
        ProtocolError: it is not percent-encoded UTF-8.
    """
    stated: dict[str, list[str]] = {}
    for part in query.split("&") if query else ():
        name, _, value = part.partition("=")
        stated.setdefault(_unquoted(name), []).append(_unquoted(value))
    return stated


def _unquoted(text: str) -> str:
    try:
        return unquote_to_bytes(text.replace("+", " ").encode("latin-1")).decode()
    except UnicodeError:
        raise serialization_error("The query is not percent-encoded UTF-8.") from None


def parse_json_object(body: bytes) -> dict[str, Any]:
    """The JSON object that a body holds; an empty body is an empty one.

    Raises:
        ProtocolError: it is not UTF-8, not JSON, or no object.
    """
    if not body:
        return {}
    try:
        text = body.decode()
        value = _DECODER.decode(text)
        if "\\u" in text:
            _refuse_lone_surrogates(value)
    except (ValueError, RecursionError):
        raise serialization_error("The body is not a JSON document.") from None
    if not isinstance(value, dict):
        raise serialization_error("The body is not a JSON object.")
    return value


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is not a number of JSON.")
    return value


def _no_constant(text: str) -> float:
    raise ValueError(f"{text} is not a value of JSON.")


_DECODER: Final = json.JSONDecoder(parse_float=_finite, parse_constant=_no_constant)


def _refuse_lone_surrogates(value: Any) -> None:
    # Half a character in an escape cannot be written again as UTF-8.
    json.dumps(value, ensure_ascii=False).encode()


def _refuse(problems: list[Problem], shape: Shape | None) -> None:
    counted = [problem for problem in problems if not _is_arn_length(problem, shape)]
    structural = [problem for problem in counted if problem.kind in _STRUCTURAL]
    if structural:
        raise serialization_error("; ".join(map(str, structural)))
    if counted:
        raise field_errors((str(p.path), f"expected {p.expected}, got {p.got}") for p in counted)


def _is_arn_length(problem: Problem, shape: Shape | None) -> bool:
    # The model's limits on ARNs are shorter than the service's own ARNs (ARN-10, ARN-11).
    if problem.kind != "max-length" or shape is None:
        return False
    for part in problem.path.parts:
        inner = shape.element if _INDEX.fullmatch(part) else shape.members.get(part, shape.value)
        if inner is None:
            return False
        shape = inner.shape
    return shape.name.endswith("Arn")

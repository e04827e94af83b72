"""What tests of generation share: values in the form in which they travel, held against shapes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import hypothesis
from hypothesis.statistics import collector
from hypothesis.strategies import SearchStrategy

from conformance.contract import Operation, Path, Shape, load, validator
from conformance.contract.load import from_model
from conformance.generation import Violation
from conformance.generation.form import as_json

Found = tuple[str, tuple[str, ...]]


def shape_of(definition: dict[str, Any], **others: dict[str, Any]) -> Shape:
    """A shape as a model would define it, beside others that it refers to by name."""
    shapes = {"It": definition, **others}
    model = {"metadata": {}, "shapes": shapes, "operations": {}}
    return from_model("test", model).shape("It")


def text_shape(
    pattern: str | None = None, least: int | None = None, most: int | None = None
) -> Shape:
    """A string with constraints."""
    stated = {"pattern": pattern, "min": least, "max": most}
    return shape_of({"type": "string"} | {k: v for k, v in stated.items() if v is not None})


def operation_of(definition: dict[str, Any], uri: str = "/", **others: dict[str, Any]) -> Operation:
    """An operation whose input is a shape as a model would define it."""
    model = {
        "metadata": {},
        "shapes": {"It": definition, **others},
        "operations": {
            "Do": {"input": {"shape": "It"}, "http": {"method": "POST", "requestUri": uri}}
        },
    }
    return from_model("test", model).operation("Do")


def operations(service: str) -> Iterator[tuple[Operation, Shape]]:
    """The operations of a service that have an input, with it."""
    for operation in load(service).operations.values():
        if operation.input is not None:
            yield operation, operation.input


def problems(shape: Shape, value: dict[str, Any]) -> list[Found]:
    """Kind and place of all that is wrong with an input in the form in which it travels.

    Members outside the body count as well.
    """
    found: list[Found] = []
    for member in shape.members.values():
        name = member.wire_name
        if value.get(name) is not None:
            inner = validator(member.shape)(value[name])
            found += [(problem.kind, (name, *problem.path.parts)) for problem in inner]
        elif member.required:
            found.append(("required", (name,)))
    return found


def on_the_wire(shape: Shape, path: Path) -> tuple[str, ...]:
    """A path in the names of the model, in the names that travel."""
    parts: list[str] = []
    for part in path.parts:
        if part in ("[]", "{}", "{key}"):
            parts.append("[0]" if part == "[]" else part)
            inner = {"[]": shape.element, "{}": shape.value, "{key}": shape.key}[part]
        else:
            inner = shape.members[part]
            parts.append(inner.wire_name)
        assert inner is not None
        shape = inner.shape
    return tuple(parts)


def broken(shape: Shape, violation: Violation) -> dict[str, Any]:
    """The input of a violation with the ill value in its place, in the form in which it travels."""
    value = as_json(shape, dict(violation.params))
    *before, last = on_the_wire(shape, violation.path)
    outer = value
    for part in before:
        outer = outer[_key(outer, part)]
    if violation.removes:
        del outer[_key(outer, last)]
    elif last == "{key}":
        outer[violation.value] = outer.pop(_key(outer, "{}"))
    else:
        outer[_key(outer, last)] = violation.value
    return dict(value)


def _key(outer: Any, part: str) -> Any:
    if part == "[0]":
        return 0
    return next(iter(outer)) if part == "{}" else part


def each_of(
    strategy: SearchStrategy[Any], check: Callable[[Any], None], examples: int = 100
) -> None:
    """Holds examples against a function, with every health check on and always the same ones."""

    def examine(value: Any) -> None:
        check(value)

    settings = hypothesis.settings(
        max_examples=examples, database=None, deadline=None, derandomize=True
    )
    settings(hypothesis.given(strategy)(examine))()


def thrown_away(strategy: SearchStrategy[Any], examples: int = 100) -> float:
    """The share of draws that a strategy throws away, as Hypothesis itself counts them."""
    seen: list[dict[str, Any]] = []
    with collector.with_value(seen.append):  # type: ignore[no-untyped-call]
        each_of(strategy, lambda _: None, examples)
    cases = seen[0]["generate-phase"]["test-cases"]
    return sum(case["status"] == "invalid" for case in cases) / len(cases)

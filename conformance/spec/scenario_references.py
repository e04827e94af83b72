"""Whether what scenarios and citations refer to is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from conformance.errors import UsageError
from conformance.spec.expressions import blanked, expressions, fault
from conformance.spec.places import Place, did_you_mean, mistake

#: Where in a scenario, what is wrong, what to do about it.
Fault = tuple[Place, str, str]


def faults_of_scenario(resources: Mapping[str, Any], raw: Mapping[str, Any]) -> Iterator[Fault]:
    """What leads nowhere in a scenario.

    Args:
        resources: the kinds of resources and variants of all files, by name.
        raw: the scenario as its file says it.
    """
    known: set[str] = set()
    for name, given in raw.get("given", {}).items():
        resource = given.get("resource", name)
        yield from _kind(resources, resource, ("given", name))
        yield from _within(resources, known, given, ("given", name))
        yield from _templates(resources, known, given.get("with", {}), ("given", name, "with"))
        known.add(name)
    if not any(key in call for call in raw["calls"] for key in ("expect", "refused", "tells")):
        yield ("calls",), "none of them expects, is refused or tells anything.", ""
    for index, call in enumerate(raw["calls"]):
        yield from _of_call(resources, known, call, ("calls", index))
        known |= {call["as"]} if "as" in call else set()


def _of_call(
    resources: Mapping[str, Any], known: set[str], call: Mapping[str, Any], place: Place
) -> Iterator[Fault]:
    if "create" in call:
        yield from _kind(resources, call["create"], (*place, "create"))
        yield from _within(resources, known, call, place)
    yield from _templates(resources, known, call.get("with", {}), (*place, "with"))
    for key in ("expect", "until"):
        for path, value in call.get(key, {}).items():
            yield from _path(resources, known, path, (*place, key, path))
            yield from _templates(resources, known, value, (*place, key, path))
    if "telling" in call:
        yield from _path(resources, known, call["telling"], (*place, "telling"))


def _kind(resources: Mapping[str, Any], name: str, place: Place) -> Iterator[Fault]:
    if name not in resources:
        yield place, f"there is no resource {name!r}.", did_you_mean(name, resources)


def _within(
    resources: Mapping[str, Any], known: set[str], raw: Mapping[str, Any], place: Place
) -> Iterator[Fault]:
    for kind, name in raw.get("in", {}).items():
        yield from _kind(resources, kind, (*place, "in", kind))
        if name not in known:
            yield (*place, "in", kind), f"nothing before it is called {name!r}.", ""


def _path(
    resources: Mapping[str, Any], known: set[str], path: str, place: Place
) -> Iterator[Fault]:
    yield from _templates(resources, known, path, place)
    try:
        jmespath.compile(blanked(path))
    except JMESPathError as error:
        yield place, f"it is no JMESPath expression: {str(error).splitlines()[0]}", ""


def _templates(
    resources: Mapping[str, Any], known: set[str], template: Any, place: Place
) -> Iterator[Fault]:
    for inside, expression in expressions(template, place):
        if expression.partition(".")[0] not in known:
            what, hint = fault(resources, expression)
            if what:
                yield inside, what, hint


def unknown_facts(documents: Mapping[str, Any]) -> Iterator[UsageError]:
    """Citations of facts that no file states; none where no file states any fact."""
    known = {fact for document in documents.values() for fact in document.get("facts", {})}
    if not known:
        return
    for file, document in documents.items():
        for place, cited in _cited(document):
            if cited not in known:
                what, hint = f"there is no fact {cited!r}.", did_you_mean(cited, known)
                yield mistake(file, document, place, what, hint)


def _cited(document: Any, place: Place = ()) -> Iterator[tuple[Place, str]]:
    if isinstance(document, Mapping):
        for key, value in document.items():
            if key == "facts" and isinstance(value, list):
                yield from (((*place, key, i), fact) for i, fact in enumerate(value))
            elif key == "tells":
                yield (*place, key), value
            else:
                yield from _cited(value, (*place, key))
    elif isinstance(document, list):
        for index, value in enumerate(document):
            yield from _cited(value, (*place, index))

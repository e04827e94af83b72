"""Whether what a spec's files refer to is described in one of them, and said once.

It knows the form of the files, not what a service has: names of operations and members are held
against a contract elsewhere.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import field, frozen

from conformance.errors import UsageError
from conformance.spec.expressions import expressions, fault
from conformance.spec.places import Place, did_you_mean, line_of, mistake
from conformance.spec.scenario_references import faults_of_scenario, unknown_facts

#: A key that needs operations of certain roles to be of any use.
_NEEDS: Final = {
    "updatable": ("update", "get"),
    "transitions": ("update", "get"),
    "states": ("get",),
    "summary": ("list", "get"),
    "listed_as": ("list",),
    "pick": ("list",),
    "echo": ("get",),
    "deleted": ("delete", "get"),
}


def check_references(documents: Mapping[str, Any]) -> None:
    """Looks for references that lead nowhere.

    Args:
        documents: by the file's name; each as ruamel reads it, and valid by the schema of specs.

    Raises:
        UsageError: there is one, or something is said twice; names file and line.
    """
    described = _Described.of(documents)
    looked_for = (
        _twice(documents),
        _nowhere(described),
        unknown_facts(documents),
        _scenarios(described),
        _accounts(described),
    )
    problem = next(itertools.chain(*looked_for), None)
    if problem is not None:
        raise problem


@frozen
class _Described:
    """What the files describe.

    Attributes:
        raw: the resources, kinds and variants, by name.
        file: in which file each of them stands.
        needs: what else each of them needs to be made.
    """

    documents: Mapping[str, Any]
    raw: Mapping[str, Any]
    file: Mapping[str, str]
    needs: Mapping[str, frozenset[str]] = field(factory=dict)

    @classmethod
    def of(cls, documents: Mapping[str, Any]) -> _Described:
        raw, file = {}, {}
        for name, document in documents.items():
            for resource, described in document.get("resources", {}).items():
                raw[resource], file[resource] = described, name
        needs = {name: frozenset(_named(raw, name)) & raw.keys() for name in raw}
        return cls(documents, raw, file, needs)

    def mistake(self, resource: str, place: Place, what: str, hint: str = "") -> UsageError:
        file = self.file[resource]
        return mistake(file, self.documents[file], ("resources", resource, *place), what, hint)

    def above(self, resource: str, entered: tuple[str, ...] = ()) -> frozenset[str]:
        """All that a resource needs, directly or through others, under each of their names."""
        found = set()
        for name in self.needs[resource] - set(entered):
            found |= {name, self.raw[name].get("like", name)}
            found |= self.above(name, (*entered, name))
        return frozenset(found)


def _named(raw: Mapping[str, Any], name: str) -> Iterator[str]:
    """The resources that the creation of another one names."""
    described = raw[name]
    kind = raw.get(described.get("like", name), described)
    yield from described.get("requires", kind.get("requires", ()))
    for _, expression in expressions(described.get("input", kind.get("input", {}))):
        yield expression.rpartition(":")[2].partition(".")[0]


# --- said twice -----------------------------------------------------------------------------------


def _twice(documents: Mapping[str, Any]) -> Iterator[UsageError]:
    said: dict[Place, str] = {}
    for file, document in documents.items():
        for place, what in _statements(document):
            if what in said:
                yield mistake(file, document, place, f"is said already in {said[what]}.")
            said[what] = f"{file}, line {line_of(document, place)}"


def _statements(document: Any) -> Iterator[tuple[Place, Place]]:
    """The places of a document that say something which can be said once only, and what."""
    for section, content in document.items():
        if isinstance(content, Mapping):
            for key in content:
                yield (section, key), (section, key)
    for name, described in document.get("resources", {}).items():
        for role, operation in described.get("operations", {}).items():
            yield ("resources", name, "operations", role), ("operation", operation)
    for operation in document.get("calls", {}):
        yield ("calls", operation), ("operation", operation)


# --- leads nowhere --------------------------------------------------------------------------------


def _nowhere(described: _Described) -> Iterator[UsageError]:
    for name, raw in described.raw.items():
        if "like" in raw:
            yield from _variant(described, name, raw)
        yield from _names(described, name, raw)
        yield from _templates(described, name, raw)
    for name, raw in described.raw.items():
        yield from _circles(described, name)
        yield from _sources(described, name, raw)
        yield from _promises(described, name, raw)
    yield from _calls(described)


def _variant(described: _Described, name: str, raw: Any) -> Iterator[UsageError]:
    kinds = [each for each, inner in described.raw.items() if "like" not in inner]
    kind = raw["like"]
    if kind not in kinds:
        yield described.mistake(
            name, ("like",), f"there is no kind {kind!r}.", did_you_mean(kind, kinds)
        )
    elif "until" in raw and "get" not in described.raw[kind]["operations"]:
        yield described.mistake(name, ("until",), f"{kind} has no operation that gets it.")


def _names(described: _Described, name: str, raw: Any) -> Iterator[UsageError]:
    for key in ("exclusive", "requires", "delete_first"):
        for index, other in enumerate(raw.get(key, ())):
            if other not in described.raw:
                yield _no_resource(described, name, (key, index), other)


def _no_resource(described: _Described, name: str, place: Place, other: str) -> UsageError:
    hint = did_you_mean(other, described.raw)
    return described.mistake(name, place, f"there is no resource {other!r}.", hint)


def _templates(described: _Described, name: str, raw: Any) -> Iterator[UsageError]:
    templates: list[tuple[Place, Any]] = [(("input",), raw.get("input", {}))]
    templates.append((("optional",), raw.get("optional", {})))
    templates.append((("updatable", "values"), raw.get("updatable", {}).get("values", {})))
    for index, transition in enumerate(raw.get("transitions", ())):
        for inside, expression in expressions(transition["input"]):
            place: Place = ("transitions", index, "input", *inside)
            yield described.mistake(name, place, f"${{{expression}}} cannot stand here.")
    for place, template in templates:
        for inside, expression in expressions(template):
            what, hint = fault(described.raw, expression)
            if what:
                yield described.mistake(name, (*place, *inside), what, hint)


def _calls(described: _Described) -> Iterator[UsageError]:
    called = {
        name for document in described.documents.values() for name in document.get("calls", {})
    }
    for file, document in described.documents.items():
        for index, doubt in enumerate(document.get("unsure", ())):
            if doubt["operation"] not in called:
                hint = did_you_mean(doubt["operation"], called)
                yield mistake(file, document, ("unsure", index), "no call is described.", hint)
        for place, expression in expressions(document.get("calls", {}), ("calls",)):
            what, hint = fault(described.raw, expression)
            what = what or _fault_above(described, expression)
            if what:
                yield mistake(file, document, place, what, hint)


def _fault_above(described: _Described, expression: str) -> str:
    """What is wrong with the parent through which an expression goes; empty if nothing is."""
    name, *members = expression.rpartition(":")[2].split(".")
    if len(members) == 2 and members[0] not in described.above(name):  # noqa: PLR2004 - parent and member
        return f"${{{expression}}}: a {name} needs no {members[0]}."
    return ""


def _circles(described: _Described, name: str) -> Iterator[UsageError]:
    if name in described.above(name):
        yield described.mistake(name, (), "needs itself to be made.")


def _sources(described: _Described, name: str, raw: Any) -> Iterator[UsageError]:
    above = described.above(name)
    for member, source in raw.get("identifiers", {}).items():
        parent = source.rpartition(".")[0]
        if parent and parent not in above:
            yield described.mistake(name, ("identifiers", member), f"it needs no {parent!r}.")
    for index, parent in enumerate(raw.get("exclusive", ())):
        if parent not in described.needs[name]:
            yield described.mistake(name, ("exclusive", index), f"its input names no {parent!r}.")
    for place, expression in expressions(raw.get("input", {}), ("input",)):
        if what := _fault_above(described, expression):
            yield described.mistake(name, place, what)


def _promises(described: _Described, name: str, raw: Any) -> Iterator[UsageError]:
    operations = raw.get("operations", {})
    for key, roles in _NEEDS.items():
        missing = [role for role in roles if role not in operations]
        if key in raw and missing and "like" not in raw:
            yield described.mistake(name, (key,), f"it has no operation for {missing[0]!r}.")
    shown = raw.get("echo", {}).get("values", ())
    given = {**raw["input"], **raw.get("optional", {})} if "like" not in raw else {}
    for member in (m for m in shown if m not in given):
        yield described.mistake(name, ("echo", "values"), f"its input has no {member!r}.")
    follows = raw.get("states", {}).get("next", {})
    for state, following in follows.items():
        for index, other in enumerate(following):
            if other not in follows:
                what, hint = f"nothing is said of {other!r}.", did_you_mean(other, follows)
                yield described.mistake(name, ("states", "next", state, index), what, hint)
    for operation in raw.get("not_found", {}):
        if operation != "*" and operation not in operations.values():
            yield described.mistake(name, ("not_found", operation), "is none of its operations.")


def _scenarios(described: _Described) -> Iterator[UsageError]:
    for file, document in described.documents.items():
        for name, raw in document.get("scenarios", {}).items():
            for place, what, hint in faults_of_scenario(described.raw, raw):
                yield mistake(file, document, ("scenarios", name, *place), what, hint)


def _accounts(described: _Described) -> Iterator[UsageError]:
    for file, document in described.documents.items():
        resource = document.get("accounts", {}).get("told_by", "").partition(".")[0]
        if resource and resource not in described.raw:
            what, hint = (
                f"there is no resource {resource!r}.",
                did_you_mean(resource, described.raw),
            )
            yield mistake(file, document, ("accounts", "told_by"), what, hint)

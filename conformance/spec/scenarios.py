"""Scenarios: what the documentation says comes of a few calls one after the other.

They say what the lifecycle of a single resource cannot: what one thing does to another, what a rule
beyond the model forbids, what the other side sees. How they are played is told elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, Literal, get_args

from attrs import frozen

from conformance.spec.claims import Claim, Level

#: ``rule``: what is refused or accepted for a reason beyond the model; ``view``: what other
#: operations show of a resource; ``state``: what becomes of it; ``default``: what the service fills
#: in; ``open``: what no source tells, so that whatever comes is right and only noted.
ScenarioKind = Literal["rule", "view", "state", "default", "open"]
SCENARIO_KINDS: Final[tuple[ScenarioKind, ...]] = get_args(ScenarioKind)

_RESOURCE: Final = re.compile(r"\$\{(?:\w+:)?(\w+)\.")


@frozen
class Given:
    """A new resource that is there before the first call.

    Attributes:
        name: by which calls refer to it.
        resource: its kind.
        members: members of its create input that are to be other than in the spec.
        without: members of its create input that are to be left out.
        within: what it belongs to where several would do: kind → the name of what was given.
        account: which of the target's accounts makes it.
    """

    name: str
    resource: str
    members: Mapping[str, Any]
    without: frozenset[str]
    within: Mapping[str, str]
    account: int


@frozen
class Call:
    """One call of a scenario. One that expects nothing only prepares the next.

    Attributes:
        creates: the kind of resource that it creates, so that ``input`` only says what is to be
            other than in the spec; empty where ``input`` is all.
        every_page: whether a list is walked to its end, so that it answers with all items.
        input: with ``${…}`` for what depends on the run and on earlier answers.
        without: members that are to be left out.
        within: as for what is given.
        account: which of the target's accounts calls.
        answer: the name by which later calls refer to the answer, or to the resource it creates.
        expect: JMESPath expression on the answer → its value, or ``{one_of: […]}``; None where
            success is not demanded, empty where nothing else is.
        refused: the error codes each of which refuses it rightly; empty if any does, None if it is
            not to be refused.
        may_refuse: the codes with which it may be refused instead of what is expected.
        until: as ``expect``; what is waited for.
        tells: the fact that nobody knows, which the answer settles for the target.
        telling: JMESPath expression on the answer; empty for whether and how it is refused.
    """

    operation: str
    creates: str
    every_page: bool
    input: Mapping[str, Any]
    without: frozenset[str]
    within: Mapping[str, str]
    account: int
    answer: str
    expect: Mapping[str, Any] | None
    refused: frozenset[str] | None
    may_refuse: frozenset[str]
    until: Mapping[str, Any]
    tells: str
    telling: str

    @property
    def checks(self) -> bool:
        """Whether the target is held against something here."""
        return self.expect is not None or self.refused is not None or bool(self.tells)


@frozen
class Scenario:
    """A requirement, and the calls that show whether a target keeps it.

    Attributes:
        requirement: one sentence that a reader of the report understands.
        needs: what the contract must have, ``Operation`` or ``Operation:member.path``.
        lacks: what it must not have.
    """

    name: str
    kind: ScenarioKind
    requirement: str
    claim: Claim
    given: tuple[Given, ...]
    calls: tuple[Call, ...]
    needs: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()

    @property
    def accounts(self) -> int:
        """How many accounts it takes."""
        used = (*(call.account for call in self.calls), *(each.account for each in self.given))
        return 1 + max(used, default=0)

    @property
    def operation(self) -> str:
        """The operation that is held against the requirement: the first that is.

        What is looked at after it shows what came of it.
        """
        return next(call.operation for call in self.calls if call.checks)

    @property
    def resources(self) -> frozenset[str]:
        """The kinds of resource that it names."""
        own = {each.name for each in self.given} | {call.answer for call in self.calls}
        templates = [*(each.members for each in self.given), *(call.input for call in self.calls)]
        named = set(resources_in(templates)) - own
        made = {each.resource for each in self.given} | {call.creates for call in self.calls}
        return frozenset(named | made - {""})


def resources_in(template: Any) -> Iterator[str]:
    """The names before the dot in the expressions of a template."""
    if isinstance(template, str):
        yield from _RESOURCE.findall(template)
    elif isinstance(template, Mapping):
        for value in template.values():
            yield from resources_in(value)
    elif isinstance(template, Iterable):
        for value in template:
            yield from resources_in(value)


def scenario_of(name: str, raw: Mapping[str, Any], create: Callable[[str], str]) -> Scenario:
    """A scenario, as a file of a spec that is valid by the schema of specs says it.

    Args:
        create: the operation that creates a kind of resource.
    """
    return Scenario(
        name=name,
        kind=raw["kind"],
        requirement=" ".join(raw["requirement"].split()),
        claim=Claim(
            level=Level(raw["level"]),
            cites=raw["cites"],
            facts=tuple(raw.get("facts", ())),
            basis=raw.get("basis", "spec"),
        ),
        given=tuple(_given(each, inner) for each, inner in raw.get("given", {}).items()),
        calls=tuple(_call(call, create) for call in raw["calls"]),
        needs=tuple(raw.get("needs", ())),
        lacks=tuple(raw.get("lacks", ())),
    )


def _given(name: str, raw: Mapping[str, Any]) -> Given:
    return Given(
        name=name,
        resource=raw.get("resource", name),
        members=raw.get("with", {}),
        without=frozenset(raw.get("without", ())),
        within=raw.get("in", {}),
        account=account_of(raw),
    )


def _call(raw: Mapping[str, Any], create: Callable[[str], str]) -> Call:
    creates, refused = raw.get("create", ""), raw.get("refused")
    return Call(
        operation=create(creates) if creates else raw.get("call") or raw["list"],
        creates=creates,
        every_page="list" in raw,
        input=raw.get("with", {}),
        without=frozenset(raw.get("without", ())),
        within=raw.get("in", {}),
        account=account_of(raw),
        answer=raw.get("as", ""),
        expect=raw.get("expect"),
        refused=None if refused is None else frozenset(() if refused == "any" else refused),
        may_refuse=frozenset(raw.get("may_refuse", ())),
        until=raw.get("until", {}),
        tells=raw.get("tells", ""),
        telling=raw.get("telling", ""),
    )


def account_of(raw: Mapping[str, Any]) -> int:
    """Which of a target's accounts is meant: the first, unless the other is asked for."""
    return 1 if raw.get("by") == "other" else 0

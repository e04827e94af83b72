"""Plays the scenarios of a spec: makes what is given, calls operation after operation, looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import jmespath
from attrs import define, field, frozen
from jmespath.exceptions import JMESPathError

from conformance.contract import Contract, Operation
from conformance.spec import Claim, Scenario, Spec
from conformance.spec.scenarios import Call, ScenarioKind
from conformance.suite.expect import SERVER_ERRORS, contains, described, fault_of, short, succeeded
from conformance.suite.paging import walk_steadily
from conformance.suite.run import Run
from conformance.suite.sites import paging_of
from conformance.target.keeping import PATIENCE_S
from conformance.target.outcomes import Deviation, Inconclusive
from conformance.target.templates import filled, known_to
from conformance.target.world import Instance
from conformance.wire.reply import Reply

#: How long to wait before each look at what may lag behind a change, in seconds.
_WAITS: Final = (0.0, 0.1, 0.5, 2.0)


@frozen
class ScenarioSite:
    """A scenario, at the operation that is held against its requirement.

    Attributes:
        operations: all that it takes, its own and those that make what is given.
    """

    scenario: Scenario
    operation: Operation
    operations: tuple[Operation, ...] = field(eq=False)
    claim: Claim = field(eq=False)

    def __str__(self) -> str:
        return self.scenario.name


def scenarios(kind: ScenarioKind) -> Callable[[Contract, Spec], Iterator[ScenarioSite]]:
    """The scenarios of a kind that can be played with what the contract has."""

    def over(contract: Contract, spec: Spec) -> Iterator[ScenarioSite]:
        for scenario in spec.scenarios.values():
            if scenario.kind != kind or not _fits(scenario, contract):
                continue
            made = spec.needed_for(scenario.resources)
            names = {spec.recipe(name).operations["create"] for name in made}
            names |= {call.operation for call in scenario.calls}
            if names <= contract.operations.keys():
                operations = tuple(contract.operations[name] for name in sorted(names))
                operation = contract.operations[scenario.operation]
                yield ScenarioSite(scenario, operation, operations, scenario.claim)

    return over


def _fits(scenario: Scenario, contract: Contract) -> bool:
    has = [_has(contract, place) for place in scenario.needs]
    return all(has) and not any(_has(contract, place) for place in scenario.lacks)


def _has(contract: Contract, place: str) -> bool:
    name, _, path = place.partition(":")
    operation = contract.operations.get(name)
    if operation is None or not path:
        return operation is not None
    shape = operation.input
    for part in path.split("."):
        if shape is None or part not in shape.members:
            return False
        shape = shape.members[part].shape
    return True


def play(site: ScenarioSite, run: Run) -> dict[str, str]:
    """Plays a scenario.

    Returns:
        What it tells of facts that nobody knows: fact → what the target does.

    Raises:
        Deviation: the target does not keep the requirement.
        Inconclusive: something that the scenario needs could not be made.
        NotTestable: it takes a second account, and the target has only one.
    """
    scenario = site.scenario
    if scenario.accounts > 1:
        run.world.accounts.check_apart()
    stage = _Stage(run, site)
    stage.set_up()
    for call in scenario.calls:
        stage.make(call)
    return stage.told


@frozen
class _Answer:
    """What came back.

    Attributes:
        document: the output, or the error; of a list that is walked to its end, with all items.
    """

    reply: Reply
    document: dict[str, Any]


@define(eq=False)
class _Stage:
    """What there is while a scenario is played.

    Attributes:
        actors: what is given and what was created, by name.
        answers: what was answered, by name.
    """

    run: Run
    site: ScenarioSite
    actors: dict[str, Instance] = field(factory=dict)
    answers: dict[str, Any] = field(factory=dict)
    told: dict[str, str] = field(factory=dict)

    def set_up(self) -> None:
        for given in self.site.scenario.given:
            made = self.run.world.fresh(
                given.resource,
                filled(dict(given.members), self._value),
                without=given.without,
                within=self._parents(given.within),
                account=given.account or None,
            )
            self.actors[given.name] = made

    def make(self, call: Call) -> None:
        """Makes a call and holds the answer against what is expected."""
        operation = self.run.contract.operations[call.operation]
        params = self._params(call, operation)
        if call.checks:
            answer = self._patiently(call, operation, params)
            self._judge(call, answer)
        else:
            with self.run.world.setting_up():
                answer = self._awaited(call, operation, params)
            if not answer.reply.ok:
                raise Inconclusive(f"{operation} answered {described(answer.reply)}")
        if answer.reply.ok:
            self._done(call, operation, params, answer)

    def _params(self, call: Call, operation: Operation) -> dict[str, Any]:
        own: dict[str, Any] = known_to(operation.input, filled(dict(call.input), self._value))
        if not call.creates:
            return own
        world = self.run.world
        within = self._parents(call.within)
        params, _ = world.creation(world.spec.recipe(call.creates), within=within)
        return {k: v for k, v in {**params, **own}.items() if k not in call.without}

    def _judge(self, call: Call, answer: _Answer) -> None:
        reply = answer.reply
        if call.tells:
            self.told[call.tells] = self._telling(call, answer)
            return
        if not reply.ok and reply.code in call.may_refuse:
            return
        if call.refused is not None:
            self._expect_refusal(call, reply)
        else:
            succeeded(reply, f"Not so: {self.site.scenario.requirement}")
        wrong = next(self._missing(call.expect or {}, answer), None)
        if wrong is not None:
            raise self._deviation(reply, *wrong)

    def _sent(self, call: Call, operation: Operation, params: dict[str, Any]) -> _Answer:
        client = self.run.client
        site = paging_of(operation) if call.every_page else None
        if site is None:
            reply = client.call(operation, params, account=call.account)
            return _Answer(reply, reply.output)
        walked = walk_steadily(client, site, params, site.largest_page, account=call.account)
        last = Reply(self.run.contract, operation, client.trace[-1].exchange)
        return _Answer(last, {**last.output, site.items: walked.items})

    def _awaited(self, call: Call, operation: Operation, params: dict[str, Any]) -> _Answer:
        for _ in self.run.client.looks(PATIENCE_S if call.until else 0):
            answer = self._sent(call, operation, params)
            missing = next(self._missing(call.until, answer), None)
            if not answer.reply.ok or missing is None:
                return answer
        shown = missing[1] if missing else ""
        raise Inconclusive(f"after {PATIENCE_S:g} s {operation} still shows {shown}")

    def _patiently(self, call: Call, operation: Operation, params: dict[str, Any]) -> _Answer:
        """The answer; to a read of the real service, the last of several looks."""
        lags = operation.read_only and self.run.target.kind == "aws"
        for wait in _WAITS if lags else _WAITS[:1]:
            self.run.client.pause(wait)
            answer = self._awaited(call, operation, params)
            if answer.reply.ok and next(self._missing(call.expect or {}, answer), None) is None:
                break
        return answer

    # --- what is expected ------------------------------------------------------------------------

    def _expect_refusal(self, call: Call, reply: Reply) -> None:
        codes = call.refused or frozenset()
        wanted = " or ".join(sorted(codes)) or "an error of the caller's"
        if reply.ok:
            raise self._deviation(reply, wanted, described(reply))
        if reply.status >= SERVER_ERRORS or (codes and reply.code not in codes):
            raise self._deviation(reply, wanted, described(reply), fault_of(reply))

    def _deviation(self, reply: Reply, expected: str, got: str, cause: str = "") -> Deviation:
        scenario = self.site.scenario
        return Deviation(
            f"Not so: {scenario.requirement}",
            expected=expected,
            got=got,
            cause=cause or f"{scenario.kind}@{scenario.name}",
            exchange=reply.exchange,
        )

    def _missing(self, expect: Mapping[str, Any], answer: _Answer) -> Iterator[tuple[str, str]]:
        """What an answer does not show as it should: expected and got."""
        for template, wanted in expect.items():
            path = filled(template, self._value)
            value = _found(path, answer.document)
            right = filled(wanted, self._value)
            if not _agrees(value, right):
                yield f"{path}: {_in_words(right)}", f"{path}: {short(value)}"

    def _telling(self, call: Call, answer: _Answer) -> str:
        reply = answer.reply
        if reply.status >= SERVER_ERRORS:
            raise self._deviation(reply, "no failure inside the target", described(reply))
        answered = f"{reply.status} {reply.code}".strip()
        if not call.telling:
            return answered
        told = _found(filled(call.telling, self._value), answer.document)
        if reply.ok:
            return short(told)
        return answered if told is None else f"{answered}, {short(told)}"

    # --- what there is ---------------------------------------------------------------------------

    def _value(self, expression: str) -> Any:
        name, _, rest = expression.partition(".")
        if name in self.actors and rest:
            return self.actors[name].value(rest)
        if name in self.answers:
            found = _found(rest, self.answers[name])
            if found is None:
                raise Inconclusive(f"the answer that is called {name} shows no {rest}")
            return found
        return self.run.world.look_up(expression)

    def _parents(self, within: Mapping[str, str]) -> dict[str, Instance]:
        """What new resources belong to: all that there is, by kind and by the name it has here."""
        found: dict[str, Instance] = {}
        for instance in self.actors.values():
            kind = instance.resource
            found |= {**instance.parents, kind.name: instance, kind.kind: instance}
        return found | self.actors | {kind: self.actors[name] for kind, name in within.items()}

    def _done(
        self, call: Call, operation: Operation, params: dict[str, Any], answer: _Answer
    ) -> None:
        """Notes what a call changed, and what it answered."""
        world = self.run.world
        owner = world.spec.owner(operation)
        role = owner.role_of(operation.name) if owner else None
        if call.answer:
            self.answers[call.answer] = answer.document
        if owner is not None and role == "create":
            parents = self._parents(call.within)
            made = world.adopt(owner, params, answer.reply, parents, call.account)
            if call.answer:
                self.actors[call.answer] = made
        elif owner is not None and role == "delete":
            for instance in self.actors.values():
                mine = instance.resource.kind == owner.name and not instance.gone
                if mine and world.identifiers(operation, instance) == params:
                    world.gone(instance)


def _found(path: str, document: Any) -> Any:
    try:
        return jmespath.search(path, document)
    except JMESPathError:
        # A function of the expression got a value of a type that it does not take.
        return None


def _agrees(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict) and wanted.keys() == {"one_of"}:
        return any(_agrees(value, one) for one in wanted["one_of"])
    if wanted is None or value is None:
        return value is wanted
    return contains(value, wanted)


def _in_words(wanted: Any) -> str:
    if isinstance(wanted, dict) and wanted.keys() == {"one_of"}:
        return " or ".join(short(one) for one in wanted["one_of"])
    return short(wanted)

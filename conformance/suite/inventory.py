"""What must be there after a sequence of calls: a small model, and the calls that change it.

It is held to what single calls do right (:class:`Habits`). Must not know how sequences are drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from attrs import define, field

from conformance.contract import Operation
from conformance.spec import Resource
from conformance.suite.expect import (
    SERVER_ERRORS,
    described,
    difference,
    fault_of,
)
from conformance.suite.habits import Habits, belongings, made_by
from conformance.suite.handling import operation_of, required, rows, shows
from conformance.suite.run import Run
from conformance.target.finding import list_parents
from conformance.target.instances import Instance, identity_of, resource_in
from conformance.target.outcomes import Deviation, Inconclusive
from conformance.target.templates import fits, known_to
from conformance.wire.reply import Reply

#: What a sequence is held against: what get shows, what is there at all, which state follows which.
Aspect = Literal["values", "presence", "states"]
#: How long a wait is, in seconds.
_MOMENT: Final = 0.05
#: Time costs nothing where the target has none of its own.
_EMBEDDED_MOMENT: Final = 1.0


@define(eq=False)
class Home:
    """Where resources are made.

    Attributes:
        account: who makes them.
        parents: what they belong to, as far as it was made for them.
    """

    account: int
    parents: dict[str, Instance]

    @property
    def gone(self) -> bool:
        """Whether some of it was deleted."""
        return any(parent.gone for parent in self.parents.values())

    def within(self) -> dict[str, Instance]:
        """The parents with all that they belong to themselves, by kind."""
        found: dict[str, Instance] = {}
        for name, parent in self.parents.items():
            found |= {**parent.parents, parent.resource.kind: parent, name: parent}
        return found


@define(eq=False)
class Thing:
    """A resource of the sequence.

    Attributes:
        name: what a reader calls it.
        values: input member → what it was given at the creation, or set to last.
        expected: member → what get has to show.
        state: the one in which it was seen last, if it has any.
    """

    name: str
    instance: Instance
    home: Home
    values: dict[str, Any]
    expected: dict[str, Any]
    state: str = ""


@define(eq=False)
class Inventory:
    """The resources of one kind that a sequence of calls has made, and what must be there of them.

    Attributes:
        done: the calls so far, in words.
        tried: how many creations there were.
    """

    run: Run
    resource: Resource
    habits: Habits
    aspect: Aspect
    things: list[Thing] = field(factory=list)
    homes: list[Home] = field(factory=list)
    done: list[str] = field(factory=list)
    tried: int = 0

    @property
    def _belongs(self) -> bool:
        """Whether each is made in something."""
        return bool(belongings(self.run, self.resource))

    # --- calls -----------------------------------------------------------------------------------

    def create(self, number: int) -> None:
        """Makes one in a home that is there or, beyond the last of these, in a new one.

        The target may refuse it, since a home may have room for one only; nothing changes then.
        """
        self.tried += 1
        name = f"{self.resource.title} {self.tried}"
        try:
            home = self._home(number)
            made = self._made(home)
        except Inconclusive:
            self.done.append(f"try to create {name}")
            if self.run.client.trace:
                self._no_failure(self._last())
            return
        self.done.append(f"create {name}" + (" as another account" if home.account else ""))
        shown = self._read(made)
        values = dict(made.params)
        expected = {n: values[m] for m, n in self.habits.shown.items() if m in values}
        lasting = ("id", "arn", *self.resource.timestamps[:1])
        expected |= {n: shown[n] for n in lasting if n in shown}
        # Under the names of one that was deleted there is another now.
        self.things = [thing for thing in self.things if not self._is_named_as(thing, made)]
        self.things.append(Thing(name, made, home, values, expected, self._state_in(shown)))

    def _is_named_as(self, thing: Thing, made: Instance) -> bool:
        get, ids = self._operation(made, "get"), self.run.world.identifiers
        return ids(get, thing.instance) == ids(get, made)

    def _made(self, home: Home) -> Instance:
        if not home.parents:
            return made_by(home.account, self.resource, self.run)
        return self.run.world.fresh(self.resource.name, within=home.within())

    def _home(self, number: int) -> Home:
        there = [home for home in self.homes if not home.gone]
        if number < len(there):
            return there[number]
        world, resource = self.run.world, self.resource
        if not self._belongs:
            home = Home(1 if there and 1 in self.habits.hidden else 0, {})
        else:
            # The first belongs to what all checks read, so that it has all that one may need.
            first = not there or resource.requires
            names = resource.exclusive if first else belongings(self.run, resource)
            home = Home(0, {})
            for name in names:
                home.parents[name] = world.fresh(name, within=home.within())
        self.homes.append(home)
        return home

    def update(self, thing: Thing, members: Sequence[str], *, back: bool) -> None:
        """Sets members to another value, or back to the one that they were given at the creation.

        The target may refuse it, as a rule may forbid it; nothing changes then.
        """
        operation = self._operation(thing.instance, "update")
        claim, created = self.resource.updatable, thing.instance.params
        given = created if back or claim is None else claim.values
        wanted = self.run.world.filled({m: given[m] for m in members if m in given})
        values = known_to(operation.input, wanted)
        if not values:
            return
        ids = self.run.world.identifiers(operation, thing.instance)
        params = required(operation, thing.values) | values | ids
        reply = self._call(operation, params, thing.instance.account)
        self.done.append(f"update {' and '.join(sorted(values))} of {thing.name}")
        if reply.ok and not thing.instance.gone:
            thing.values |= values
            thing.expected |= {self.habits.updatable[m]: value for m, value in values.items()}

    def delete(self, thing: Thing) -> None:
        """Deletes one; the target may refuse that if it then stays as it is."""
        world = self.run.world
        operation = self._operation(thing.instance, "delete")
        world.delete_blockers(thing.instance)
        ids = world.identifiers(operation, thing.instance)
        reply = self._call(operation, ids, thing.instance.account)
        self.done.append(f"delete {thing.name}")
        if reply.ok:
            world.gone(thing.instance)
        if thing.home.gone:
            self._leave(thing.home)

    def delete_home(self, number: int) -> None:
        """Deletes what some belong to; the target may refuse that if they then stay as they are."""
        there = [home for home in self.homes if home.parents and not home.gone]
        if number >= len(there):
            return
        home = there[number]
        for parent in reversed(home.parents.values()):
            deletion = parent.resource.operations.get("delete", "")
            operation = self.run.contract.operations.get(deletion)
            if operation is None:
                continue
            ids = self.run.world.identifiers(operation, parent)
            reply = self._call(operation, ids, parent.account)
            self.done.append(f"delete their {parent.resource.title}")
            if reply.ok:
                self.run.world.gone(parent)
                self._leave(home)
                return

    def _leave(self, home: Home) -> None:
        """Forgets what was in a home that is gone: what becomes of it is not known here."""
        self.things = [thing for thing in self.things if thing.home is not home]

    def change_state(self, thing: Thing) -> None:
        """Makes the update that one takes in the state in which it is, to cancel it, say."""
        shown = self._read(thing.instance)
        change = next((t for t in self.resource.transitions if fits(shown, t.state)), None)
        if change is not None:
            operation = self._operation(thing.instance, "update")
            ids = self.run.world.identifiers(operation, thing.instance)
            self._call(operation, {**change.input, **ids}, thing.instance.account)
            said = ", ".join(f"{member} {value}" for member, value in change.input.items())
            self.done.append(f"update {thing.name}: {said}")

    def trespass(self, thing: Thing, act: str) -> None:
        """Lets another account read, change or delete one that is not its own.

        Raises:
            Deviation: it may, though it may not where nothing else has happened.
        """
        operation = self._operation(thing.instance, act)
        ids = self.run.world.identifiers(operation, thing.instance)
        params = required(operation, thing.values) | ids
        reply = self._call(operation, params, 1 - thing.instance.account)
        self.done.append(f"{act} {thing.name} as another account")
        if reply.ok and self.aspect == "presence" and not thing.instance.gone:
            raise self._deviation(thing, act, "a refusal of another account", described(reply))

    def wait(self) -> None:
        """Lets a moment pass."""
        embedded = self.run.target.kind == "embedded"
        self.run.client.pause(_EMBEDDED_MOMENT if embedded else _MOMENT)
        self.done.append("wait")

    # --- looking ---------------------------------------------------------------------------------

    def look(self) -> None:
        """Holds all that is there against what must be there.

        Raises:
            Deviation: something is not there, is there twice or after its end, or has changed.
        """
        before = len(self.run.client.trace)
        for thing in self.things:
            self._look_at(thing)
        if self.aspect == "presence" and self.habits.listed:
            self._look_through_lists()
        # Who repeats the sequence need not repeat the looks that found nothing wrong.
        del self.run.client.trace[before:]

    def _look_at(self, thing: Thing) -> None:
        reply = self._get(thing.instance)
        if thing.instance.gone:
            if reply.ok and self._judges("presence") and self.habits.vanishes:
                raise self._deviation(thing, "deleted", "that it is not found", described(reply))
            return
        if not reply.ok:
            if self._judges("presence"):
                raise self._deviation(thing, "lost", "that it is found", described(reply))
            return
        shown = resource_in(reply, self.resource)
        if self._judges("values"):
            self._compare(thing, shown)
        self._follow_state(thing, self._state_in(shown))

    def _judges(self, aspect: Aspect) -> bool:
        return self.aspect == aspect

    def _compare(self, thing: Thing, shown: Mapping[str, Any]) -> None:
        for name, value in sorted(thing.expected.items()):
            if not shows(self.resource, name, shown, value):
                raise self._deviation(thing, name, *difference(name, shown, value))

    def _state_in(self, shown: Mapping[str, Any]) -> str:
        member = self.resource.states.member if self.resource.states else ""
        state = shown.get(member)
        return state if isinstance(state, str) else ""

    def _follow_state(self, thing: Thing, state: str) -> None:
        machine, before = self.resource.states, thing.state
        thing.state = state or before
        if machine is None or not self._judges("states") or machine.may_follow(state, before):
            return
        legal = " or ".join(sorted(machine.after(before))) or "nothing else, as it is an end"
        expected = f"{machine.member}: {before}, and after it {legal}"
        raise self._deviation(thing, f"{before}-{state}", expected, f"{machine.member}: {state}")

    def _look_through_lists(self) -> None:
        for owner in {self._list_of(thing): thing for thing in reversed(self.things)}.values():
            if owner.home.gone:
                continue
            listed = [identity_of(row) for row in self._rows(owner)]
            for thing in self.things:
                here = self._list_of(thing) == self._list_of(owner)
                self._look_for(thing, listed, here=here)

    def _list_of(self, thing: Thing) -> tuple[Any, ...]:
        """What tells the list in which one stands from others."""
        kinds = list_parents(self.run.contract, self.resource)
        return (thing.instance.account, *(id(thing.instance.parents.get(kind)) for kind in kinds))

    def _rows(self, thing: Thing) -> list[Any]:
        return rows(thing.instance, self.run.world, self.run.client)

    def _look_for(self, thing: Thing, listed: Sequence[str], *, here: bool) -> None:
        times = listed.count(identity_of(dict(thing.instance.output)))
        if not here:
            shared = thing.instance.account not in self.habits.hidden and not self._belongs
            if times and not shared:
                raise self._deviation(thing, "list", "not in the list of others", "it is there")
        elif not thing.instance.gone and times != 1:
            raise self._deviation(thing, "list", "once in its list", f"{times} times")
        elif thing.instance.gone and times and self.habits.unlisted:
            raise self._deviation(thing, "list", "not in its list any more", "it is there")

    # --- parts -----------------------------------------------------------------------------------

    def _operation(self, instance: Instance, role: str) -> Operation:
        return operation_of(self.run.world, instance, role)

    def _call(self, operation: Operation, params: dict[str, Any], account: int) -> Reply:
        return self._no_failure(self.run.client.call(operation, params, account=account))

    def _get(self, instance: Instance) -> Reply:
        operation = self._operation(instance, "get")
        ids = self.run.world.identifiers(operation, instance)
        return self._call(operation, ids, instance.account)

    def _read(self, instance: Instance) -> dict[str, Any]:
        return resource_in(self._get(instance), self.resource)

    def _last(self) -> Reply:
        exchange = self.run.client.trace[-1].exchange
        operation = self.run.contract.operations[exchange.operation]
        return Reply(self.run.contract, operation, exchange)

    def _no_failure(self, reply: Reply) -> Reply:
        if reply.status >= SERVER_ERRORS:
            raise Deviation(
                f"{reply.operation} failed inside the target{self._after()}.",
                expected="a success, or an error of the caller's",
                got=described(reply),
                cause=fault_of(reply),
                exchange=reply.exchange,
                whole=True,
            )
        return reply

    def _after(self) -> str:
        return f" after these calls: {', '.join(self.done)}" if self.done else ""

    def _deviation(self, thing: Thing, what: str, expected: str, got: str) -> Deviation:
        message = f"{thing.name} is not as it has to be{self._after()}."
        return Deviation(
            message[0].upper() + message[1:],
            expected=expected,
            got=got,
            cause=f"stateful.{self.aspect}@{self.resource}:{what}",
            exchange=self._last().exchange,
            whole=True,
        )

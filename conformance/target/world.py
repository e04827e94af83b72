"""The world of a run: the resources that checks need, made through the API itself.

What only is read is shared; what a check may change is its own. Names carry the run's id, and
nothing assumes that the run is alone on the target.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from attrs import define, field

from conformance.contract import Contract, Operation
from conformance.generation import smallest
from conformance.spec import Resource, Spec
from conformance.target.client import Client, Step
from conformance.target.journal import Entry, Journal
from conformance.target.outcomes import (
    Deviation,
    Inconclusive,
    NotImplementedByTarget,
    NotTestable,
    Outcome,
    TargetLost,
)
from conformance.target.templates import filled, known_to
from conformance.wire.reply import Reply


@define(eq=False)
class Instance:
    """A resource on the target.

    Attributes:
        params: the input of its creation.
        output: the resource as its creation returned it.
        parents: the resources that it belongs to, by kind.
        steps: the exchanges that made it and its parents.
    """

    resource: Resource
    params: Mapping[str, Any]
    output: Mapping[str, Any]
    parents: Mapping[str, Instance]
    steps: tuple[Step, ...] = ()
    key: str = ""
    gone: bool = False

    def value(self, source: str) -> Any:
        """A member of it (``id``) or of one of its parents (``collaboration.id``).

        Raises:
            Inconclusive: the target did not return that member.
        """
        kind, _, member = source.rpartition(".")
        instance = self.parents.get(kind) if kind and kind != self.resource.name else self
        found = instance.output.get(member) if instance else None
        if found is None:
            raise Inconclusive(f"the target returned no {member} for a {self.resource.title}")
        return found


@define(eq=False)
class World:
    """Makes, finds and removes the resources of a run."""

    contract: Contract
    spec: Spec
    client: Client
    journal: Journal
    run_id: str
    read_only: bool = False
    notes: list[str] = field(factory=list)
    _made: list[Instance] = field(factory=list, init=False)
    _shared: dict[str, Instance | Outcome] = field(factory=dict, init=False)
    _scratch: dict[str, Instance] = field(factory=dict, init=False)
    _temporary: list[Instance] = field(factory=list, init=False)
    _counter: int = field(default=0, init=False)

    # --- values ----------------------------------------------------------------------------------

    def identifiers(self, operation: Operation, instance: Instance) -> dict[str, Any]:
        """The members of the operation's input that name an existing resource."""
        return {
            member: instance.value(source)
            for member, source in instance.resource.identifiers.items()
            if member in operation.members
        }

    def completed(self, operation: Operation, params: dict[str, Any]) -> dict[str, Any]:
        """The params, and the smallest value of each required member that they lack."""
        missing = [n for n, m in operation.members.items() if m.required and n not in params]
        return params | {name: smallest(operation.members[name].shape) for name in missing}

    def look_up(self, expression: str) -> Any:
        """The value of an expression in a template of the spec.

        ``collaboration.id`` is a member of a resource that is only read; ``scratch:`` and ``fresh:``
        before it ask for one that may be changed, or for a new one.

        Raises:
            Inconclusive: the resource could not be made.
        """
        accounts = self.client.target.accounts
        if expression == "unique":
            return self.unique()
        if expression == "account":
            return accounts[0].account_id
        if expression == "other_account":
            return accounts[-1].account_id or "222222222222"
        mode, _, rest = expression.rpartition(":")
        name, _, member = rest.partition(".")
        make = {"": self.shared, "scratch": self.scratch, "fresh": self.fresh}[mode]
        return make(name).value(member)

    def filled(self, template: Any) -> Any:
        """A value of the spec in which what depends on the run is filled in."""
        return filled(template, self.look_up)

    def unique(self) -> str:
        """A short text that no other call gets."""
        self._counter += 1
        return f"{self.run_id}-{self._counter}"

    # --- resources -------------------------------------------------------------------------------

    def shared(self, name: str) -> Instance:
        """A resource that is only read; made once.

        Raises:
            Inconclusive: it could not be made.
        """
        if name not in self._shared:
            try:
                self._shared[name] = (
                    self._find(name) if self.read_only else self.fresh(name, keep=True)
                )
            except (Inconclusive, NotImplementedByTarget, Deviation, NotTestable) as outcome:
                self._shared[name] = outcome
        found = self._shared[name]
        if isinstance(found, Outcome):
            missing = NotTestable if isinstance(found, NotTestable) else Inconclusive
            raise missing(f"no {self.spec.resources[name].title} to test with: {found}")
        return self._used(found)

    def scratch(self, name: str) -> Instance:
        """A resource that checks may change as they like, as long as it is not gone.

        Raises:
            Inconclusive: it could not be made.
        """
        if self.read_only:
            return self.shared(name)
        found = self._scratch.get(name)
        if found is None or found.gone:
            found = self._scratch[name] = self.fresh(name, keep=True)
        return self._used(found)

    def fresh(self, name: str, *, keep: bool = False, **members: Any) -> Instance:
        """A new resource for one check.

        Args:
            keep: whether it outlives the check.
            members: members of the create input that are to be other than in the spec.

        Raises:
            Inconclusive: it could not be made.
        """
        resource = self.spec.resources[name]
        operation = self.operation(resource.operations["create"])
        if self.read_only:
            raise Inconclusive(f"a {resource.title} would have to be made, and this run only reads")
        params, parents = self.creation(resource, keep=keep)
        made = self._create(resource, operation, params | members, parents)
        if not keep:
            self._temporary.append(made)
        return made

    def several(self, name: str, count: int) -> list[Instance]:
        """Several resources of a kind under the same parents, only to be read."""
        first = self.shared(name)
        if self.read_only:
            return [first]
        keys = [f"{name}#{number}" for number in range(2, count + 1)]
        for key in keys:
            if key not in self._shared:
                self._shared[key] = self.fresh(name, keep=True)
        rest = [found for key in keys if isinstance(found := self._shared[key], Instance)]
        return [first, *map(self._used, rest)]

    def _used(self, instance: Instance) -> Instance:
        """Puts the exchanges that made it into the trace, so that a reader can repeat them."""
        known = {id(step.exchange) for step in self.client.trace}
        missing = [step for step in instance.steps if id(step.exchange) not in known]
        self.client.trace[:0] = missing
        return instance

    def creation(
        self, resource: Resource, *, keep: bool = False
    ) -> tuple[dict[str, Any], dict[str, Instance]]:
        """A valid input of a resource's create operation, and the parents that it names.

        Args:
            keep: whether parents that are made for it alone outlive the check.

        Raises:
            Inconclusive: a parent could not be made.
        """
        parents: dict[str, Instance] = {}

        def look_up(expression: str) -> Any:
            name, _, member = expression.partition(".")
            if name not in self.spec.resources:
                return self.look_up(expression)
            if name not in parents:
                own = name in resource.exclusive
                parents[name] = self.fresh(name, keep=keep) if own else self.shared(name)
                parents.update({k: v for k, v in parents[name].parents.items() if k not in parents})
            return parents[name].value(member)

        operation = self.operation(resource.operations["create"])
        params = known_to(operation.input, filled(dict(resource.input), look_up))
        return self.completed(operation, params), parents

    def _create(
        self,
        resource: Resource,
        operation: Operation,
        params: dict[str, Any],
        parents: dict[str, Instance],
    ) -> Instance:
        with self.setting_up():
            start = len(self.client.trace)
            key = self.journal.creating(resource.name, operation.name, self.run_id)
            reply = self.client.call(operation, params)
            own = tuple(self.client.trace[start:])
        if reply.says_not_implemented:
            raise Inconclusive(f"the target does not implement {operation}")
        if not reply.ok:
            raise Inconclusive(
                f"{operation} answered {reply.status} {reply.code}: {reply.message}".rstrip(": ")
            )
        inherited = tuple(step for parent in parents.values() for step in parent.steps)
        made = Instance(resource, params, _resource_in(reply, resource), parents)
        made.steps, made.key = _distinct((*inherited, *own)), key
        self._keep_track(made)
        return made

    def adopt(
        self,
        resource: Resource,
        params: Mapping[str, Any],
        reply: Reply,
        parents: Mapping[str, Instance],
    ) -> None:
        """Takes charge of a resource that a check has created by a call of its own."""
        adopted = Instance(resource, params, _resource_in(reply, resource), parents)
        operation = resource.operations["create"]
        adopted.key = self.journal.creating(resource.name, operation, self.run_id)
        self._keep_track(adopted)
        self._temporary.append(adopted)

    def _keep_track(self, instance: Instance) -> None:
        self._made.append(instance)
        resource = instance.resource
        deletion = resource.operations.get("delete")
        if deletion is not None:
            try:
                ids = self.identifiers(self.operation(deletion), instance)
            except Inconclusive as outcome:
                self.notes.append(f"a {resource.title} cannot be deleted: {outcome}")
            else:
                self.journal.created(Entry(instance.key, resource.name, deletion, ids, 0))

    def _find(self, name: str) -> Instance:
        """An existing resource, for runs that only read."""
        resource = self.spec.resources[name]
        if "list" not in resource.operations:
            raise Inconclusive(f"nothing lists a {resource.title}")
        operation = self.operation(resource.operations["list"])
        parents = {
            source.partition(".")[0]: self.shared(source.partition(".")[0])
            for member, source in resource.identifiers.items()
            if "." in source and member in operation.members
        }
        params = {
            member: parents[source.partition(".")[0]].value(source.partition(".")[2])
            for member, source in resource.identifiers.items()
            if "." in source and member in operation.members
        }
        with self.setting_up():
            start = len(self.client.trace)
            reply = self.client.call(operation, self.completed(operation, params))
        items = reply.output.get(resource.listed_as)
        if not items or not isinstance(items, list) or not isinstance(items[0], dict):
            raise NotTestable(f"the target has no {resource.title}")
        return Instance(resource, {}, items[0], parents, tuple(self.client.trace[start:]))

    # --- afterwards ------------------------------------------------------------------------------

    def spoiled(self, instance: Instance | None) -> None:
        """Removes a resource that an invalid input was let into, so that nothing trips over it."""
        if instance is not None and not instance.gone:
            self._delete(instance)
            instance.gone = True

    def identities(self) -> frozenset[str]:
        """The identities of all that the run has made out of valid inputs."""
        return frozenset(identity_of(dict(i.output)) for i in self._made if not i.gone)

    def gone(self, instance: Instance) -> None:
        """Notes that a check has deleted a resource."""
        instance.gone = True
        self.journal.deleted(instance.key)

    def end_check(self) -> None:
        """Deletes what was made for one check."""
        for instance in reversed(self._temporary):
            self._delete(instance)
        self._temporary.clear()

    def end(self) -> None:
        """Deletes all that was made; what cannot be deleted is noted and left to the journal."""
        for instance in reversed(self._made):
            self._delete(instance)
        self._made.clear()

    def delete_blockers(self, instance: Instance) -> None:
        """Deletes the parents that the spec says must go before the resource can."""
        for name in instance.resource.delete_first:
            if name in instance.parents:
                self._delete(instance.parents[name])

    def _delete(self, instance: Instance) -> None:
        if instance.gone or "delete" not in instance.resource.operations:
            return
        self.delete_blockers(instance)
        operation = self.operation(instance.resource.operations["delete"])
        with self.setting_up():
            try:
                reply = self.client.call(operation, self.identifiers(operation, instance))
            except TargetLost:
                raise
            except Outcome as outcome:
                self.notes.append(f"a {instance.resource.title} was left over: {outcome}")
                return
        if reply.ok or reply.status in (403, 404):
            self.gone(instance)
        else:
            self.notes.append(
                f"a {instance.resource.title} was left over: {operation} answered {reply.status}"
            )

    @contextmanager
    def setting_up(self) -> Iterator[None]:
        """Marks the exchanges of a block as prerequisites of the check."""
        before = self.client.role
        self.client.role = "setup"
        try:
            yield
        finally:
            self.client.role = before

    def operation(self, name: str) -> Operation:
        """An operation of the contract.

        Raises:
            NotTestable: the contract of this version has none of that name.
        """
        if name not in self.contract.operations:
            raise NotTestable(f"the contract has no {name}")
        return self.contract.operations[name]


def identity_of(item: Any) -> str:
    """What tells an item of a list from all others: its id or ARN, or all of it."""
    if isinstance(item, dict):
        for name in ("id", "arn"):
            if isinstance(item.get(name), str):
                return str(item[name])
    return json.dumps(item, sort_keys=True)


def _resource_in(reply: Reply, resource: Resource) -> dict[str, Any]:
    found = reply.output.get(resource.returned_as) if resource.returned_as else reply.output
    return found if isinstance(found, dict) else {}


def _distinct(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    return tuple({id(step.exchange): step for step in steps}.values())

"""The world of a run: the resources that checks need, made through the API itself.

What only is read is shared; what a check may change is its own. Names carry the run's id, and
nothing assumes that the run is alone on the target.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from types import MappingProxyType
from typing import Any, Final

from attrs import define, field

from conformance.contract import Contract, Operation
from conformance.generation import smallest
from conformance.spec import Resource, Spec
from conformance.spec.prerequisites import MISSING, lacking
from conformance.target.client import Client
from conformance.target.creations import Creations
from conformance.target.finding import alone, find, list_parents
from conformance.target.identity import Identities
from conformance.target.instances import Instance, distinct, identity_of, lasting_in, needed
from conformance.target.journal import Journal
from conformance.target.keeping import Keeper
from conformance.target.outcomes import (
    Deviation,
    Inconclusive,
    NotImplementedByTarget,
    NotTestable,
    Outcome,
)
from conformance.target.templates import filled, known_to
from conformance.wire.reply import Reply

__all__ = ["Instance", "World", "identity_of"]

NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
#: Enough for three pages of one item, and for a page of two that is not the last.
SEVERAL: Final = 3


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
    keeper: Keeper = field(init=False)
    creations: Creations = field(init=False)
    accounts: Identities = field(init=False)
    _made: list[Instance] = field(factory=list, init=False)
    _shared: dict[str, Instance | Outcome] = field(factory=dict, init=False)
    _scratch: dict[tuple[str, str], Instance] = field(factory=dict, init=False)
    _fillers: list[Instance] = field(factory=list, init=False)
    _temporary: list[Instance] = field(factory=list, init=False)
    _counter: int = field(default=0, init=False)

    @keeper.default
    def _keeper(self) -> Keeper:
        return Keeper(self.contract, self.client, self.journal, self.notes)

    @creations.default
    def _creations(self) -> Creations:
        creations = Creations(self.spec, self.journal, self.run_id)
        self.client.announce = creations.announce
        return creations

    @accounts.default
    def _accounts(self) -> Identities:
        return Identities(self)

    # --- single resources ------------------------------------------------------------------------

    def operation(self, name: str) -> Operation:
        """As :meth:`Keeper.operation`."""
        return self.keeper.operation(name)

    def identifiers(self, operation: Operation, instance: Instance) -> dict[str, Any]:
        """As :meth:`Keeper.identifiers`."""
        return self.keeper.identifiers(operation, instance)

    def gone(self, instance: Instance) -> None:
        """Notes that a check has deleted a resource."""
        self.keeper.gone(instance)

    def delete_blockers(self, instance: Instance) -> None:
        """As :meth:`Keeper.delete_blockers`."""
        self.keeper.delete_blockers(instance)

    def setting_up(self) -> AbstractContextManager[None]:
        """As :meth:`Keeper.setting_up`."""
        return self.keeper.setting_up()

    # --- values ----------------------------------------------------------------------------------

    def completed(self, operation: Operation, params: dict[str, Any]) -> dict[str, Any]:
        """The params, and the smallest value of each required member that they lack."""
        missing = [n for n, m in operation.members.items() if m.required and n not in params]
        return params | {name: smallest(operation.members[name].shape) for name in missing}

    def look_up(self, expression: str) -> Any:
        """The value of an expression in a template of the spec.

        ``collaboration.id`` is a member of a resource that is only read. Before it, ``scratch:``
        asks for one that may be changed, ``fresh:`` for a new one, ``several:`` for one of some.

        Raises:
            Inconclusive: the resource could not be made.
            NotTestable: it takes what the user has to give.
        """
        if expression == "unique":
            return self.unique()
        if expression == "account":
            return self.accounts.of(0)
        if expression == "other_account":
            return self.accounts.of(1)
        if expression == "region":
            return self.client.target.region
        mode, _, rest = expression.rpartition(":")
        if mode == MISSING:
            raise NotTestable(lacking(rest, self.spec.prerequisites[rest]))
        name, _, member = rest.partition(".")
        with needed():
            if mode == "several":
                return self.several(name)[0].value(member)
            make: Callable[[str], Instance] = self.fresh if mode else self.shared
            return (self.scratch if mode == "scratch" else make)(name).value(member)

    def filled(self, template: Any) -> Any:
        """A value of the spec in which what depends on the run is filled in."""
        return filled(template, self.look_up)

    def filled_for(self, template: Any, use: str = "") -> tuple[Any, Instance | None]:
        """A value of the spec, filled in, and the resource of its own that is spent on it, if any.

        Args:
            use: what the value is for, where a resource that earlier calls for the same use have
                not spent will do in place of a new one.
        """
        own: dict[str, Instance] = {}

        def look_up(expression: str) -> Any:
            mode, _, rest = expression.rpartition(":")
            if mode != "fresh":
                return self.look_up(expression)
            name, _, member = rest.partition(".")
            if name not in own:
                with needed():
                    own[name] = self.scratch(name, use) if use else self.fresh(name)
            return own[name].value(member)

        return filled(template, look_up), next(iter(own.values()), None)

    def unique(self) -> str:
        """A short text that no other call gets; a word in most languages."""
        self._counter += 1
        return f"{self.run_id}_{self._counter}"

    # --- resources -------------------------------------------------------------------------------

    def shared(self, name: str) -> Instance:
        """A resource that is only read; made once.

        Raises:
            Inconclusive: it could not be made.
            NotImplementedByTarget: the target cannot make such a thing.
        """
        if name not in self._shared:
            try:
                self._shared[name] = (
                    find(self, name) if self.read_only else self.fresh(name, keep=True)
                )
            except (Inconclusive, NotImplementedByTarget, Deviation, NotTestable) as outcome:
                self._shared[name] = outcome
        found = self._shared[name]
        if isinstance(found, Outcome):
            told = isinstance(found, NotTestable | NotImplementedByTarget)
            missing = type(found) if told else Inconclusive
            raise missing(f"no {self.spec.recipe(name).title} to test with: {found}")
        return self._used(found)

    def scratch(self, name: str, use: str = "") -> Instance:
        """A resource that checks may change as they like, as long as it is not gone.

        Args:
            use: what it is for, to be kept apart from those of other uses.

        Raises:
            Inconclusive: it could not be made.
            NotImplementedByTarget: the target cannot make such a thing.
        """
        if self.read_only:
            return self.shared(name)
        found = self._scratch.get((name, use))
        if found is None or found.gone:
            found = self._scratch[name, use] = self._idle(name) or self.fresh(name, keep=True)
        return self._used(found)

    def _idle(self, name: str) -> Instance | None:
        """What was made to fill a list only, and need not stay as it was."""
        idle = [i for i in self._fillers if i.resource.name == name and not i.gone]
        self._fillers = [i for i in self._fillers if i not in idle[:1]]
        return idle[0] if idle else None

    def spent(self, *instances: Instance) -> None:
        """Notes that scratch resources are of no use any more; they go with the check."""
        spent = [each for each in self._scratch.values() if each in instances]
        self._scratch = {k: each for k, each in self._scratch.items() if each not in spent}
        # What was made in them is to go before they do.
        self._temporary[:0] = spent

    def fresh(
        self,
        name: str,
        members: Mapping[str, Any] = NOTHING,
        *,
        without: Collection[str] = (),
        keep: bool = False,
        within: Mapping[str, Instance] = NOTHING,
        account: int | None = None,
    ) -> Instance:
        """A new resource for one check.

        Args:
            members: members of the create input that are to be other than in the spec.
            without: members of the create input that are to be left out.
            keep: whether it outlives the check.
            within: resources that it is to belong to, by name; others are found or made.
            account: which of the target's accounts makes it, if not the one that the spec says.

        Raises:
            Inconclusive: it could not be made.
            NotImplementedByTarget: the target cannot make such a thing.
            NotTestable: the target has no such account.
        """
        resource = self.spec.recipe(name)
        account = resource.account if account is None else account
        if account >= len(self.client.target.accounts):
            raise NotTestable("it takes a second account; name one with a second --profile")
        operation = self.operation(resource.operations["create"])
        if self.read_only:
            raise Inconclusive(f"{resource.one} would have to be made, and this run only reads")
        params, parents = self.creation(resource, keep=keep, within=within)
        params = {k: v for k, v in {**params, **members}.items() if k not in without}
        made = self._create(resource, operation, params, parents, account)
        if not keep:
            self._temporary.append(made)
        self.keeper.wait_for(made)
        return made

    def several(self, name: str, count: int = SEVERAL) -> list[Instance]:
        """Several resources of a kind that stand in one list, only to be read.

        One alone where the list is that of a parent which holds only one; and at least one.
        """
        first = self.shared(name)
        if self.read_only or alone(self.contract, first.resource):
            return [first]
        while len(others := self._beside(first)) < count - 1:
            self._fillers.append(self.fresh(name, keep=True))
        return [first, *map(self._used, others)]

    def _beside(self, first: Instance) -> list[Instance]:
        """What outlives its check and stands in the same list as another resource."""
        parents = list_parents(self.contract, first.resource)
        return [
            each
            for each in self._made
            if each is not first
            and each.resource.kind == first.resource.kind
            and each.account == first.account
            and not each.gone
            and each not in self._temporary
            and all(each.parents.get(kind) is first.parents.get(kind) for kind in parents)
        ]

    def _used(self, instance: Instance) -> Instance:
        """Puts the exchanges that made it into the trace, so that a reader can repeat them."""
        known = {id(step.exchange) for step in self.client.trace}
        missing = [step for step in instance.steps if id(step.exchange) not in known]
        self.client.trace[:0] = missing
        return instance

    def creation(
        self,
        resource: Resource,
        *,
        keep: bool = False,
        use: str = "",
        within: Mapping[str, Instance] = NOTHING,
    ) -> tuple[dict[str, Any], dict[str, Instance]]:
        """A valid input of a resource's create operation, and the parents that it needs.

        Args:
            keep: whether parents that are made for it alone outlive the check.
            use: what the input is for, where parents that earlier inputs for the same use have not
                spent will do in place of new ones.
            within: parents that are given, by name.

        Raises:
            Inconclusive: a parent could not be made.
        """
        parents: dict[str, Instance] = dict(within)

        def need(name: str) -> Instance:
            if name not in parents:
                with needed():
                    if name not in resource.exclusive:
                        parent = self.shared(name)
                    elif use:
                        parent = self.scratch(name, use)
                    else:
                        parent = self.fresh(name, keep=keep)
                brought = {name: parent, parent.resource.kind: parent, **parent.parents}
                parents.update({k: v for k, v in brought.items() if k not in parents})
            return parents[name]

        def look_up(expression: str) -> Any:
            name, _, member = expression.partition(".")
            return need(name).value(member) if self.spec.makes(name) else self.look_up(expression)

        for name in resource.requires:
            need(name)
        operation = self.operation(resource.operations["create"])
        params = known_to(operation.input, filled(dict(resource.input), look_up))
        return self.completed(operation, params), parents

    def _create(
        self,
        resource: Resource,
        operation: Operation,
        params: dict[str, Any],
        parents: dict[str, Instance],
        account: int,
    ) -> Instance:
        with self.setting_up():
            reply = self.keeper.create(resource, params, account)
            own = self.client.trace[-1:]
        if reply.says_not_implemented or reply.looks_unrouted:
            raise NotImplementedByTarget(f"the target does not implement {operation}")
        if not reply.ok:
            raise Inconclusive(
                f"{operation} answered {reply.status} {reply.code}: {reply.message}".rstrip(": ")
            )
        inherited = tuple(step for parent in parents.values() for step in parent.steps)
        made = Instance(resource, params, lasting_in(reply, resource), parents, account=account)
        made.steps = distinct((*inherited, *own))
        self._keep_track(made)
        return made

    def adopt(
        self,
        resource: Resource,
        params: Mapping[str, Any],
        reply: Reply,
        parents: Mapping[str, Instance],
        account: int = 0,
    ) -> Instance:
        """Takes charge of a resource that a check has created by a call of its own."""
        shown = lasting_in(reply, resource)
        return self.take(Instance(resource, params, shown, parents, account=account))

    def take(self, instance: Instance) -> Instance:
        """Takes charge of a resource that a check has come by, however; it goes with the check."""
        self._keep_track(instance)
        self._temporary.append(instance)
        self.spent(*instance.parents.values())
        return instance

    def _keep_track(self, instance: Instance) -> None:
        instance.key = self.creations.key_of(instance.resource)
        self._made.append(instance)
        self.keeper.noted(instance)

    # --- afterwards ------------------------------------------------------------------------------

    def spoiled(self, instance: Instance | None) -> None:
        """Removes a resource that an invalid input was let into, so that nothing trips over it."""
        if instance is not None and not instance.gone:
            self.keeper.delete(instance)
            instance.gone = True

    def identities(self) -> frozenset[str]:
        """The identities of all that the run has made out of valid inputs."""
        return frozenset(identity_of(dict(i.output)) for i in self._made if not i.gone)

    def end_check(self) -> None:
        """Deletes what was made for one check."""
        for instance in reversed(self._temporary):
            self.keeper.delete(instance)
        self._temporary.clear()

    def end(self) -> None:
        """Deletes all that was made; what cannot be deleted is noted and left to the journal."""
        for instance in reversed(self._made):
            self.keeper.delete(instance)
        self._made.clear()

"""Looks after single resources: names them, watches their state, ends them.

It knows what there is of a resource; what the run needs, and when, is the world's business.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from attrs import define, field

from conformance.contract import Contract, Operation
from conformance.spec import Resource, Transition
from conformance.target.client import Client
from conformance.target.instances import Instance, resource_in
from conformance.target.journal import Entry, Journal
from conformance.target.outcomes import Inconclusive, NotTestable, Outcome, TargetLost
from conformance.target.templates import fits
from conformance.wire.reply import Reply

#: How long something may take to come true by itself, in seconds.
PATIENCE_S: Final = 30.0
#: How long to wait for room where too many are running, in seconds.
_ROOM_S: Final = 3.0
_QUOTA_EXCEEDED: Final = 402


@define(eq=False)
class Keeper:
    """Keeps the resources that a run has made.

    Attributes:
        notes: what could not be cleaned up, for the report.
    """

    contract: Contract
    client: Client
    journal: Journal
    notes: list[str] = field(factory=list)

    def operation(self, name: str) -> Operation:
        """An operation of the contract.

        Raises:
            NotTestable: the contract of this version has none of that name.
        """
        if name not in self.contract.operations:
            raise NotTestable(f"the contract has no {name}")
        return self.contract.operations[name]

    def identifiers(self, operation: Operation, instance: Instance) -> dict[str, Any]:
        """The members of the operation's input that name an existing resource.

        Raises:
            Inconclusive: the target did not return one of them.
        """
        return {
            member: instance.value(source)
            for member, source in instance.resource.identifiers.items()
            if member in operation.members
        }

    def _call(
        self, operation: Operation, instance: Instance, params: Mapping[str, Any] | None = None
    ) -> Reply:
        """The answer to a call about a resource by the account that made it."""
        named = self.identifiers(operation, instance)
        return self.client.call(operation, {**named, **(params or {})}, account=instance.account)

    @contextmanager
    def setting_up(self) -> Iterator[None]:
        """Marks the exchanges of a block as prerequisites of the check."""
        before = self.client.role
        self.client.role = "setup"
        try:
            yield
        finally:
            self.client.role = before

    def create(self, resource: Resource, params: Mapping[str, Any], account: int = 0) -> Reply:
        """The answer to the creation of a resource by an account.

        A quota of what ends by itself is given a moment to have room again.
        """
        operation = self.operation(resource.operations["create"])
        for _ in self.client.looks(_ROOM_S):
            reply = self.client.call(operation, params, account=account)
            if reply.status != _QUOTA_EXCEEDED or not resource.can_be_ended:
                break
        return reply

    # --- state -----------------------------------------------------------------------------------

    def state_of(self, instance: Instance) -> dict[str, Any]:
        """A resource as its get operation shows it now.

        Raises:
            Inconclusive: it does not.
        """
        resource = instance.resource
        operation = self.operation(resource.operations["get"])
        with self.setting_up():
            reply = self._call(operation, instance)
        if not reply.ok:
            raise Inconclusive(f"{resource.one} was made, and {operation} does not show it")
        return resource_in(reply, resource)

    def change_of(self, instance: Instance) -> Transition | None:
        """The update that a resource takes in the state in which it is now, if there is any.

        Raises:
            Inconclusive: its state cannot be told.
        """
        state = self.state_of(instance)
        return next((t for t in instance.resource.transitions if fits(state, t.state)), None)

    def wait_for(self, instance: Instance) -> None:
        """Waits until a new resource is of use to others.

        Raises:
            Inconclusive: the target made another one than was wanted, or it takes too long.
        """
        resource = instance.resource
        if not fits(instance.output, resource.shows):
            raise Inconclusive(f"what the target made is no {resource.title}")
        if not resource.until:
            return
        for _ in self.client.looks(PATIENCE_S):
            state = self.state_of(instance)
            if fits(state, resource.until):
                return
        shown = ", ".join(f"{name} {state.get(name)}" for name in resource.until)
        raise Inconclusive(f"no {resource.title} after {PATIENCE_S:g} s, still {shown}")

    # --- end -------------------------------------------------------------------------------------

    def noted(self, instance: Instance) -> None:
        """Notes in the journal how to delete a resource."""
        resource = instance.resource
        deletion = resource.operations.get("delete")
        if deletion is None:
            return
        try:
            ids = self.identifiers(self.operation(deletion), instance)
        except Inconclusive as outcome:
            self.notes.append(f"{resource.one} cannot be deleted: {outcome}")
        else:
            self.journal.created(
                Entry(instance.key, resource.name, deletion, ids, instance.account)
            )

    def gone(self, instance: Instance) -> None:
        """Notes that a resource was deleted."""
        instance.gone = True
        self.journal.deleted(instance.key)

    def delete(self, instance: Instance) -> None:
        """Deletes a resource, or stops what nothing deletes; notes what stands in the way."""
        if instance.gone:
            return
        resource = instance.resource
        if "delete" not in resource.operations:
            self._stop(instance)
            return
        self.delete_blockers(instance)
        operation = self.operation(resource.operations["delete"])
        with self.setting_up():
            try:
                reply = self._call(operation, instance)
            except TargetLost:
                raise
            except Outcome as outcome:
                self.notes.append(f"{resource.one} was left over: {outcome}")
                return
        if reply.ok or reply.status in (403, 404):
            self.gone(instance)
        else:
            self.notes.append(f"{resource.one} was left over: {operation} said {reply.status}")

    def delete_blockers(self, instance: Instance) -> None:
        """Deletes the parents that the spec says must go before the resource can."""
        for name in instance.resource.delete_first:
            if name in instance.parents:
                self.delete(instance.parents[name])

    def _stop(self, instance: Instance) -> None:
        resource = instance.resource
        # What ran in something that is gone has ended with it.
        if not resource.can_be_ended or any(each.gone for each in instance.parents.values()):
            return
        operation = self.operation(resource.operations["update"])
        with self.setting_up():
            try:
                change = self.change_of(instance)
                if change is not None and change.ends:
                    self._call(operation, instance, change.input)
            except TargetLost:
                raise
            except Outcome as outcome:
                self.notes.append(f"{resource.one} may be running still: {outcome}")

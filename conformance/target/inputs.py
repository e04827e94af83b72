"""Valid inputs of operations, and the ones that name nothing."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from attrs import define, field, frozen

from conformance.contract import Operation, Shape, validator
from conformance.generation import smallest
from conformance.spec import Resource
from conformance.target.client import Client, seeded
from conformance.target.instances import Instance, needed
from conformance.target.outcomes import (
    Deviation,
    Inconclusive,
    NotImplementedByTarget,
    NotTestable,
    TargetLost,
)
from conformance.target.templates import known_to
from conformance.target.world import World
from conformance.wire.reply import Reply

_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

#: Who shows so many pages and nothing else serves no API.
_WEBSITE: Final = 5


@frozen
class Prepared:
    """A valid input of an operation.

    Attributes:
        instance: the resource that the operation is about, if it exists already.
        changes: whether the operation may change or delete it.
        parents: those that a new resource would belong to.
        bound: whether all that it refers to exists, so that nothing known stands in its way.
    """

    params: dict[str, Any]
    instance: Instance | None
    bound: bool = True
    changes: bool = False
    parents: Mapping[str, Instance] = field(factory=dict)


@define(eq=False)
class Inputs:
    """Makes inputs of operations out of what exists in a world."""

    world: World
    client: Client
    seed: int = 0
    _has: dict[str, bool] = field(factory=dict, init=False)
    #: The operations that were answered with a page, as long as none was answered otherwise.
    _pages: set[str] | None = field(factory=set, init=False)

    def has(self, operation: Operation) -> bool:
        """Whether the target implements the operation; found out by one valid call of it."""
        if operation.name not in self._has:
            self._has[operation.name] = self._probe(operation)
        return self._has[operation.name]

    def knows(self, operation: Operation) -> bool:
        """Whether it has been found out that the target implements the operation."""
        return self._has.get(operation.name, False)

    def _probe(self, operation: Operation) -> bool:
        with self.world.setting_up():
            prepared = self.best(operation)
            try:
                reply = self.client.call(operation, prepared.params)
            except (Inconclusive, Deviation):
                # Whatever happened on the line, no target says that way what it does not have.
                return True
            self.after(operation, reply, prepared)
        self._check_no_website(reply)
        if reply.ok or reply.error is not None:
            return True
        return not reply.says_not_implemented and not reply.looks_unrouted

    def _check_no_website(self, reply: Reply) -> None:
        """Makes sure that the target does not show a page for whatever is asked.

        Raises:
            TargetLost: it does, so that nothing of an API can be told of it.
        """
        kind = reply.response.header("content-type") or ""
        if not (reply.ok and kind.startswith("text/html")):
            self._pages = None
        elif self._pages is not None:
            self._pages.add(reply.operation.name)
            if len(self._pages) >= _WEBSITE:
                raise TargetLost(
                    f"{self.client.target.endpoint_url} is no endpoint of "
                    f"{self.client.contract.full_name}, it shows web pages; check host and port"
                )

    def best(self, operation: Operation) -> Prepared:
        """A valid input of an operation where one can be made, else one that names nothing."""
        try:
            return self.valid(operation)
        except (Inconclusive, NotImplementedByTarget, NotTestable, Deviation):
            return Prepared(self.made_up(operation), None, bound=False)

    def valid(self, operation: Operation, *, scratch: bool = False) -> Prepared:
        """A valid input of an operation, and what it is about.

        An operation that changes or deletes gets a resource of its own.

        Args:
            scratch: whether one that earlier callers may have changed will do.

        Raises:
            Inconclusive: something that it needs could not be made.
        """
        owner = self.world.spec.owner(operation)
        if owner is None:
            return self._input_of_call(operation, scratch=scratch)
        role = owner.role_of(operation.name)
        if role == "create":
            use = operation.name if scratch else ""
            params, parents = self.world.creation(owner, use=use)
            return Prepared(params, None, parents=parents)
        if role == "update":
            return self._input_of_update(operation, owner, scratch=scratch)
        if role == "delete":
            instance = self._to_change(owner, scratch=scratch)
            if not scratch:
                self.world.delete_blockers(instance)
        elif role == "list" and not operation.labels:
            return self._input_of_account_list(operation, owner)
        else:
            with needed():
                instance = self.world.shared(owner.name)
        params = self.world.identifiers(operation, instance)
        return Prepared(self.world.completed(operation, params), instance, changes=role == "delete")

    def _input_of_account_list(self, operation: Operation, owner: Resource) -> Prepared:
        # It can be called where nothing can be made, too; with something in it, it says more.
        instance = None
        with suppress(Inconclusive, NotImplementedByTarget, NotTestable), needed():
            instance = self.world.shared(owner.name)
        return Prepared(self.world.completed(operation, {}), instance)

    def _input_of_update(self, operation: Operation, owner: Resource, *, scratch: bool) -> Prepared:
        instance, change = self._changeable(owner, scratch=scratch)
        params = self.world.identifiers(operation, instance)
        params |= known_to(operation.input, self.world.filled(dict(change)))
        # What the operation requires besides stays as it was given at the creation.
        kept = {
            name: instance.params[name]
            for name, member in operation.members.items()
            if member.required and name not in params and name in instance.params
        }
        params = self.world.completed(operation, params | kept)
        return Prepared(params, instance, changes=True)

    def _changeable(self, owner: Resource, *, scratch: bool) -> tuple[Instance, Mapping[str, Any]]:
        """A resource that can be updated, and what of it can be changed."""
        instance = self._to_change(owner, scratch=scratch)
        if not owner.transitions:
            return instance, owner.updatable.values if owner.updatable else {}
        change = self.world.keeper.change_of(instance)
        if change is None and scratch:
            # What has ended by now is of no use any more, but a new one may be.
            self.world.spent(instance)
            instance = self._to_change(owner, scratch=True)
            change = self.world.keeper.change_of(instance)
        if change is None:
            raise Inconclusive(f"no update is known of {owner.one} in the state it is in")
        return instance, change.input

    def _to_change(self, owner: Resource, *, scratch: bool) -> Instance:
        with needed():
            return self.world.scratch(owner.name) if scratch else self.world.fresh(owner.name)

    def made_up(self, operation: Operation) -> dict[str, Any]:
        """The smallest valid input, with identifiers that nobody has."""
        if operation.input is None:
            return {}
        params: dict[str, Any] = smallest(operation.input)
        for name, member in operation.members.items():
            if name in params and member.shape.type == "string" and not member.shape.enum:
                params[name] = self._name_of_nothing(member.shape, params[name], operation, name)
        return params

    def _name_of_nothing(self, shape: Shape, like: str, operation: Operation, name: str) -> str:
        fresh = f"conformance-{self.world.unique()}"
        if not _UUID.search(like) and not validator(shape)(fresh):
            return fresh
        return self.unknown(shape, like, operation.name, name)

    def unknown(self, shape: Shape, like: str, *salt: str) -> str:
        """A valid value of a shape that names nothing, the same for the same seed and salt."""
        rng = seeded(self.seed, *salt)
        if _UUID.search(like):
            return _UUID.sub(str(uuid.UUID(int=rng.getrandbits(128), version=4)), like)
        for _ in range(20):
            changed = "".join(_other(char, rng.random()) for char in like)
            fits = shape.pattern is None or shape.pattern.matches(changed)
            if changed != like and fits and not shape.enum:
                return changed
        return like

    def _input_of_call(self, operation: Operation, *, scratch: bool) -> Prepared:
        template = self.world.spec.calls.get(operation.name)
        if template is None:
            # Nobody says what else an input has to be, unless nothing has to be in it.
            nothing_needed = not any(member.required for member in operation.members.values())
            return Prepared(self.made_up(operation), None, bound=nothing_needed)
        use = operation.name if scratch else ""
        values, instance = self.world.filled_for(dict(template), use)
        params = self.world.completed(operation, known_to(operation.input, values))
        sure = operation.name not in self.world.spec.unsure
        return Prepared(params, instance, bound=sure, changes=instance is not None)

    def after(self, operation: Operation, reply: Reply, prepared: Prepared) -> None:
        """Notes what a call changed: adopts what it created, forgets what it deleted."""
        owner = self.world.spec.owner(operation)
        if owner is None or not reply.ok:
            return
        role = owner.role_of(operation.name)
        if role == "create":
            self.world.adopt(owner, prepared.params, reply, prepared.parents)
        elif role == "delete" and prepared.instance is not None:
            self.world.gone(prepared.instance)


def _other(char: str, chance: float) -> str:
    if char.isdigit():
        return str(int(chance * 10))
    if char.isascii() and char.isalpha():
        first = "a" if char.islower() else "A"
        return chr(ord(first) + int(chance * 26))
    return char

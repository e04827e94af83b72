"""What a target does right with a resource when a single thing is done to it.

Sequences are held to no more than that: what single calls do wrong is told by other checks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Final

from attrs import define, evolve, field, frozen

from conformance.spec import Resource
from conformance.suite.expect import SERVER_ERRORS
from conformance.suite.handling import (
    deleted,
    echoed,
    got,
    operation_of,
    required,
    row_of,
    shows,
    updated,
)
from conformance.suite.run import Run
from conformance.target.finding import list_parents
from conformance.target.instances import Instance
from conformance.target.outcomes import Deviation, Inconclusive, NotImplementedByTarget, NotTestable
from conformance.target.templates import known_to

#: What another account may try on what is not its own.
ACTS: Final = ("get", "update", "delete")


@frozen
class Habits:
    """What the target does right with one kind of resource.

    Attributes:
        shown: create input member → the member that shows it as it was given.
        updatable: update input member → the member that shows the new value.
        listed: whether a new one stands in its list.
        vanishes: whether one that was deleted is not found.
        unlisted: whether one that was deleted does not stand in its list.
        guarded: what another account may not do, of :data:`ACTS`.
        hidden: the accounts that can make one which is not in the list of the other; only of what
            belongs to nothing.
    """

    shown: Mapping[str, str] = field(factory=dict)
    updatable: Mapping[str, str] = field(factory=dict)
    listed: bool = False
    vanishes: bool = False
    unlisted: bool = False
    guarded: tuple[str, ...] = ()
    hidden: frozenset[int] = frozenset()


@define(eq=False)
class Acquaintance:
    """Gets to know the habits of a target, once for each kind of resource."""

    run: Run
    _known: dict[str, Habits] = field(factory=dict, init=False)

    def with_(self, resource: Resource) -> Habits:
        """The habits with a kind of resource.

        Raises:
            Inconclusive: none could be made.
        """
        if resource.name not in self._known:
            self._known[resource.name] = self._found_out(resource)
        return self._known[resource.name]

    def _found_out(self, resource: Resource) -> Habits:
        run = self.run
        made = run.world.fresh(resource.name)
        listed = "list" in resource.operations and _tried(lambda: _is_listed(made, run))
        shown = _shown(made, run)
        updatable = dict(_updatable(made, run)) if "update" in resource.operations else {}
        guarded = tuple(act for act in ACTS if _tried(partial(_is_guarded, made, act, run)))
        vanishes = "delete" in resource.operations and _tried(lambda: _vanishes(made, run))
        unlisted = vanishes and listed and _tried(lambda: not _is_listed(made, run))
        accounts = (0, 1) if listed and not belongings(run, resource) else ()
        hidden = frozenset(a for a in accounts if _tried(partial(_is_hidden, a, resource, run)))
        return Habits(shown, updatable, listed, vanishes, unlisted, guarded, hidden)


def _tried(look: Callable[[], bool]) -> bool:
    """What a look finds; no, where it is told elsewhere what went wrong."""
    with suppress(Deviation, Inconclusive, NotImplementedByTarget, NotTestable):
        return look()
    return False


def _is_listed(made: Instance, run: Run) -> bool:
    return row_of(made, run.world, run.client, there=not made.gone) is not None


def _shown(made: Instance, run: Run) -> dict[str, str]:
    with suppress(Deviation):
        return echoed(made.resource, made.params, got(made, run.world, run.client))
    return {}


def _updatable(made: Instance, run: Run) -> Iterator[tuple[str, str]]:
    resource = made.resource
    operation = operation_of(run.world, made, "update")
    renamed = resource.echo.values if resource.echo else {}
    for member, template in (resource.updatable.values if resource.updatable else {}).items():
        if member not in operation.members:
            continue
        value = known_to(operation.members[member].shape, run.world.filled(template))
        name = renamed.get(member, member)
        with suppress(Deviation, Inconclusive):
            updated(made, run.world, run.client, {member: value})
            if shows(resource, name, got(made, run.world, run.client), value):
                yield member, name


def belongings(run: Run, resource: Resource) -> list[str]:
    """The parents that a resource is made in, each once."""
    return list(dict.fromkeys([*list_parents(run.contract, resource), *resource.exclusive]))


def _is_guarded(made: Instance, act: str, run: Run) -> bool:
    accounts = run.spec.accounts
    if act not in made.resource.operations or accounts is None or accounts.private is None:
        return False
    run.world.accounts.check_apart()
    operation = operation_of(run.world, made, act)
    if accounts.names.isdisjoint(operation.labels):
        return False
    params = required(operation, made.params) | run.world.identifiers(operation, made)
    reply = run.client.call(operation, params, account=1)
    return not reply.ok and reply.status < SERVER_ERRORS


def _vanishes(made: Instance, run: Run) -> bool:
    operation = operation_of(run.world, made, "get")
    ids = run.world.identifiers(operation, made)
    deleted(made, run.world, run.client)
    reply = run.client.call(operation, ids, account=made.account)
    return not reply.ok and reply.status < SERVER_ERRORS


def _is_hidden(account: int, resource: Resource, run: Run) -> bool:
    """Whether what an account makes does not stand in the list of the other."""
    run.world.accounts.check_apart()
    made = made_by(account, resource, run)
    for_the_other = evolve(made, account=1 - account)
    return row_of(for_the_other, run.world, run.client, there=False) is None


def made_by(account: int, resource: Resource, run: Run) -> Instance:
    """A resource that belongs to nothing, made by an account.

    Raises:
        Inconclusive: it could not be made.
    """
    if not account:
        return run.world.fresh(resource.name)
    how = run.spec.accounts
    members = how.input if how is not None and how.resource == resource.name else {}
    return run.world.fresh(resource.name, members, account=account)

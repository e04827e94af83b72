"""Whether a call that failed has done something all the same."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Literal

from attrs import evolve, frozen

from conformance.contract import Operation
from conformance.spec import Resource
from conformance.suite.expect import short
from conformance.suite.handling import got, operation_of, rows
from conformance.suite.run import Run
from conformance.target.inputs import Prepared
from conformance.target.instances import Instance, identity_of
from conformance.target.outcomes import NotTestable


@frozen
class Effect:
    """What a call has done, for a reader.

    Attributes:
        done: the end of a sentence: ``made it``, ``changed name``, ``deleted it``.
    """

    done: str
    expected: str
    got: str


#: Looks again; None where nothing has happened.
Look = Callable[[], Effect | None]


def watch(operation: Operation, run: Run, prepared: Prepared) -> Look | None:
    """Looks at what a call of an operation is about to create, change or delete.

    Args:
        prepared: its input; all that it refers to exists.

    Returns:
        What looks again after the call, and takes charge of what was made; None where nobody can
        see what it does.

    Raises:
        NotTestable: what it makes cannot be told from what others make.
        Deviation, Inconclusive: what is there cannot be read.
    """
    owner = run.spec.owner(operation)
    if owner is None:
        return None
    role = owner.role_of(operation.name)
    if role == "create" and _has(owner, "list", run):
        return _creation(owner, run, prepared)
    if prepared.instance is None or not _has(owner, "get", run):
        return None
    if role == "update":
        return _update(prepared.instance, run)
    return _deletion(prepared.instance, run) if role == "delete" else None


def _has(resource: Resource, role: Literal["get", "list"], run: Run) -> bool:
    operation = run.contract.operations.get(resource.operations.get(role, ""))
    return operation is not None and run.inputs.has(operation)


def _creation(resource: Resource, run: Run, prepared: Prepared) -> Look:
    like = Instance(resource, prepared.params, {}, prepared.parents)
    signs = _signs(resource, run, prepared)
    before = {identity_of(row) for row in rows(like, run.world, run.client)}

    def look() -> Effect | None:
        for row in rows(like, run.world, run.client):
            if identity_of(row) not in before and _shows(row, signs):
                if isinstance(row, dict):
                    run.world.take(evolve(like, output=row))
                return Effect("made it", "no new item in the list", short(row))
        return None

    return look


def _update(instance: Instance, run: Run) -> Look:
    before = got(instance, run.world, run.client)

    def look() -> Effect | None:
        after = got(instance, run.world, run.client)
        for name in sorted((before.keys() | after.keys()) - instance.resource.volatile):
            if before.get(name) != after.get(name):
                was, now = (f"{name}: {short(shown.get(name))}" for shown in (before, after))
                return Effect(f"changed {name}", was, now)
        return None

    return look


def _deletion(instance: Instance, run: Run) -> Look:
    operation = operation_of(run.world, instance, "get")
    ids = run.world.identifiers(operation, instance)

    def look() -> Effect | None:
        reply = run.client.call(operation, ids, account=instance.account)
        if reply.status not in (403, 404):
            return None
        run.world.gone(instance)
        return Effect("deleted it", "that it is found", f"{reply.status} {reply.code}")

    return look


def _signs(resource: Resource, run: Run, prepared: Prepared) -> frozenset[str]:
    """The texts that tell a row of this run from those that others make at the same time.

    Empty where nobody else can know of the list.
    """
    listing = run.contract.operations[resource.operations["list"]]
    if listing.labels:
        return frozenset()
    unique = re.findall(rf"{run.world.run_id}_\d+", json.dumps(prepared.params, default=str))
    own = [prepared.parents[name] for name in resource.exclusive if name in prepared.parents]
    signs = frozenset(unique) | {identity_of(dict(parent.output)) for parent in own}
    if not signs:
        raise NotTestable(f"nothing tells {resource.one} of this run from those of others")
    return signs


def _shows(row: Any, signs: frozenset[str]) -> bool:
    text = json.dumps(row, default=str)
    return not signs or any(sign in text for sign in signs)

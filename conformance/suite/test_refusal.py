"""What was refused has not happened: nothing is made by a refused create, changed by an update."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from conformance.contract import ConstraintSite, Operation, constraint_sites
from conformance.contract.sites import TEXTUAL
from conformance.generation import Unviolable, violation
from conformance.suite.checks import MUST, check, protocol
from conformance.suite.expect import SERVER_ERRORS, short
from conformance.suite.handling import got, rows
from conformance.suite.refusals import base_of
from conformance.suite.run import Run
from conformance.suite.sites import ResourceSite, resources, untested_because
from conformance.target.inputs import Prepared
from conformance.target.outcomes import Deviation, Inconclusive, NotTestable
from conformance.target.world import Instance, identity_of
from conformance.wire.reply import Reply
from conformance.wire.serialize import REMOVED, Override


@check(
    "refusal.creates-nothing",
    level=MUST,
    cites=protocol("an error of an operation says that it was not carried out"),
    over=resources("create", "list"),
    writes=True,
)
def test_a_refused_create_makes_nothing(site: ResourceSite, run: Run) -> None:
    """After a create that was refused as invalid, its list has nothing new in it."""
    refusals = 0
    for broken in _one_of_each_kind(site.operation, run):
        run.client.start_trace()
        prepared = _bound(site.operation, run)
        made = Instance(site.resource, prepared.params, {}, prepared.parents)
        signs = _signs(site, run, prepared)
        before = {identity_of(row) for row in rows(made, run.world, run.client)}
        if not _is_refused(broken, prepared, run):
            continue
        refusals += 1
        for row in rows(made, run.world, run.client):
            if identity_of(row) not in before and _shows(row, signs):
                raise Deviation(
                    f"{site.operation} refused {broken.path} ({broken.kind}), and made it anyway.",
                    expected="no new item in the list",
                    got=short(row),
                    cause=f"refusal.creates-nothing@{site.operation}",
                )
    _expect_some(refusals)


@check(
    "refusal.changes-nothing",
    level=MUST,
    cites=protocol("an error of an operation says that it was not carried out"),
    over=resources("update", "get", "create"),
    writes=True,
)
def test_a_refused_update_changes_nothing(site: ResourceSite, run: Run) -> None:
    """After an update that was refused as invalid, the resource is as it was."""
    refusals = 0
    for broken in _one_of_each_kind(site.operation, run):
        run.client.start_trace()
        prepared = _bound(site.operation, run)
        if prepared.instance is None:
            raise Inconclusive(f"no {site.resource.title} to test with")
        before = got(prepared.instance, run.world, run.client)
        if not _is_refused(broken, prepared, run):
            continue
        refusals += 1
        after = got(prepared.instance, run.world, run.client)
        for name in sorted((before.keys() | after.keys()) - site.resource.volatile):
            if before.get(name) != after.get(name):
                raise Deviation(
                    f"{site.operation} refused {broken.path} ({broken.kind}), and changed {name}.",
                    expected=f"{name}: {short(before.get(name))}",
                    got=f"{name}: {short(after.get(name))}",
                    cause=f"refusal.changes-nothing@{site.operation}",
                )
    _expect_some(refusals)


def _one_of_each_kind(operation: Operation, run: Run) -> Iterator[ConstraintSite]:
    """The first site of each kind in the body: one and the same code refuses the others."""
    seen: set[str] = set()
    for site in constraint_sites(operation):
        if site.location in TEXTUAL or site.kind in seen or untested_because(site, run.spec):
            continue
        seen.add(site.kind)
        yield site


def _bound(operation: Operation, run: Run) -> Prepared:
    prepared = base_of(operation, run)
    if not prepared.bound:
        raise Inconclusive(f"nobody knows an input of {operation} that is accepted")
    return prepared


def _is_refused(site: ConstraintSite, prepared: Prepared, run: Run) -> bool:
    ill = violation(site, prepared.params)
    if isinstance(ill, Unviolable):
        return False
    override = Override(ill.path, REMOVED if ill.removes else ill.value)
    reply = run.client.call(site.operation, ill.params, overrides=(override,), valid=False)
    if reply.ok:
        # That is for the check of the constraint to tell.
        _undone(reply, prepared, run)
    return not reply.ok and reply.status < SERVER_ERRORS


def _undone(reply: Reply, prepared: Prepared, run: Run) -> None:
    run.inputs.after(reply.operation, reply, prepared)
    if prepared.changes:
        run.world.spoiled(prepared.instance)


def _signs(site: ResourceSite, run: Run, prepared: Prepared) -> frozenset[str]:
    """The texts that tell a row of this run from those that others make at the same time.

    Empty where nobody else can know of the list.
    """
    listing = run.contract.operations[site.resource.operations["list"]]
    if listing.labels:
        return frozenset()
    unique = re.findall(rf"{run.world.run_id}_\d+", json.dumps(prepared.params, default=str))
    own = [prepared.parents[name] for name in site.resource.exclusive if name in prepared.parents]
    signs = frozenset(unique) | {identity_of(dict(parent.output)) for parent in own}
    if not signs:
        raise NotTestable(f"nothing tells {site.resource.one} of this run from those of others")
    return signs


def _shows(row: Any, signs: frozenset[str]) -> bool:
    text = json.dumps(row, default=str)
    return not signs or any(sign in text for sign in signs)


def _expect_some(refusals: int) -> None:
    if not refusals:
        raise NotTestable("nothing that was tried was refused")

"""What was refused has not happened: nothing is made by a refused create, changed by an update."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.contract import ConstraintSite, Operation, constraint_sites
from conformance.contract.sites import TEXTUAL
from conformance.generation import Unviolable, violation
from conformance.suite.aftermath import watch
from conformance.suite.checks import MUST, check, protocol
from conformance.suite.expect import SERVER_ERRORS
from conformance.suite.refusals import base_of
from conformance.suite.run import Run
from conformance.suite.sites import ResourceSite, resources, untested_because
from conformance.target.inputs import Prepared
from conformance.target.outcomes import Deviation, Inconclusive, NotTestable
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
    _does_nothing(site, run, "refusal.creates-nothing")


@check(
    "refusal.changes-nothing",
    level=MUST,
    cites=protocol("an error of an operation says that it was not carried out"),
    over=resources("update", "get", "create"),
    writes=True,
)
def test_a_refused_update_changes_nothing(site: ResourceSite, run: Run) -> None:
    """After an update that was refused as invalid, the resource is as it was."""
    _does_nothing(site, run, "refusal.changes-nothing")


def _does_nothing(site: ResourceSite, run: Run, check_id: str) -> None:
    refusals = 0
    for broken in _one_of_each_kind(site.operation, run):
        run.client.start_trace()
        prepared = _bound(site.operation, run)
        look = watch(site.operation, run, prepared)
        if look is None:
            raise NotTestable(f"nobody can see what {site.operation} does")
        if not _is_refused(broken, prepared, run):
            continue
        refusals += 1
        effect = look()
        if effect is not None:
            raise Deviation(
                f"{site.operation} refused {broken.path} ({broken.kind}), and {effect.done} "
                "all the same.",
                expected=effect.expected,
                got=effect.got,
                cause=f"{check_id}@{site.operation}",
            )
    if not refusals:
        raise NotTestable("nothing that was tried was refused")


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

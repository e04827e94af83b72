"""Errors that no request causes: asked for at the target's control, where it has one."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve, frozen

from conformance.contract import Contract, Operation
from conformance.spec import Spec
from conformance.suite.aftermath import watch
from conformance.suite.checks import MUST, check, model
from conformance.suite.expect import described
from conformance.suite.judge import error_findings
from conformance.suite.recording import cause_of
from conformance.suite.run import Run
from conformance.target.inputs import Prepared
from conformance.target.outcomes import Deviation, NotTestable
from conformance.wire.reply import Reply


@frozen
class DemandedSite:
    """An error that an operation declares, and that a failure on demand provokes.

    Attributes:
        kind: of the failure.
    """

    operation: Operation
    error: str
    kind: str

    def __str__(self) -> str:
        return f"{self.operation}:{self.error}"


def demanded(contract: Contract, spec: Spec) -> Iterator[DemandedSite]:
    """Each pair of an operation and such an error."""
    for operation in contract.operations.values():
        for error in sorted(operation.error_codes):
            kind = spec.on_demand(operation.name, error)
            if kind:
                yield DemandedSite(operation, error, kind)


@check(
    "error.on-demand",
    level=MUST,
    cites=model("errors of the operation, and their httpStatusCode"),
    over=demanded,
    writes=True,
    spread=4,
)
def test_a_failure_on_demand_is_the_error_that_is_declared(site: DemandedSite, run: Run) -> None:
    """A failure that is asked for is the error of the contract, and nothing has happened."""
    run.control.check_there()
    prepared = run.inputs.best(site.operation)
    look = watch(site.operation, run, prepared) if prepared.bound else None
    reply = _failed(site, run, prepared)
    _check_answer(site, run, prepared, reply)
    effect = look() if look else None
    if effect is not None:
        raise Deviation(
            f"{site.operation} failed on demand ({site.kind}), and {effect.done} all the same.",
            expected=effect.expected,
            got=effect.got,
        )


def _failed(site: DemandedSite, run: Run, prepared: Prepared) -> Reply:
    """The answer to a call that is to fail."""
    # What stands in brackets is no part of what stands in others.
    client, user_agent = run.client, f"conformance ({run.world.unique()})"
    request = client.request_for(site.operation, prepared.params)
    marked = evolve(request, headers=(*request.headers, ("User-Agent", user_agent)))
    run.control.plan(site.kind, site.operation, user_agent)
    reply = client.send(site.operation, marked, to_be_throttled=site.kind == "throttle")
    # That it fails inside may be what was asked for; who asks looks at all of it.
    run.observations = [each for each in run.observations if each.reply is not reply]
    if reply.ok:
        run.inputs.after(site.operation, reply, prepared)
    return reply


def _check_answer(site: DemandedSite, run: Run, prepared: Prepared, reply: Reply) -> None:
    status = run.contract.errors[site.error].status
    if (reply.code, reply.status) != (site.error, status):
        if not prepared.bound and reply.error is not None and reply.error.code != site.error:
            raise NotTestable("it takes something that exists, and that could not be made")
        raise Deviation(
            f"A call that was to fail ({site.kind}) does not answer with the error of that.",
            expected=f"{status} {site.error}",
            got=described(reply),
            exchange=reply.exchange,
        )
    for finding in error_findings(reply):
        raise Deviation(
            finding.message,
            expected=finding.expected,
            got=finding.got,
            cause=cause_of(finding.check, site.operation.name, finding.where),
            exchange=reply.exchange,
        )

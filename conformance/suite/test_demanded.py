"""Errors that no request causes: asked for at the target's control, where it has one."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve, frozen

from conformance.contract import Contract, Operation
from conformance.spec import Spec
from conformance.suite.checks import MUST, check, model
from conformance.suite.expect import described
from conformance.suite.run import Run
from conformance.suite.samples import Samples
from conformance.target.inputs import Prepared
from conformance.target.outcomes import Deviation, Inconclusive, NotTestable
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
def test_a_failure_on_demand_is_the_error_that_is_declared(
    site: DemandedSite, run: Run, samples: Samples
) -> None:
    """A failure that is asked for has the name and status of the contract, and changes nothing."""
    run.control.check_there()
    works = _works(site.operation, run, samples)
    prepared = _prepared(site.operation, run)
    reply = _failed(site, run, prepared)
    wanted = _in_words(site, run.contract)
    if (reply.code, reply.status) != wanted:
        raise Deviation(
            f"A call that was to fail ({site.kind}) does not answer with the error of that.",
            expected=f"{wanted[1]} {wanted[0]}",
            got=described(reply),
            exchange=reply.exchange,
        )
    if not (works and prepared.bound):
        return
    again = run.client.call(site.operation, prepared.params)
    run.inputs.after(site.operation, again, prepared)
    if not again.ok:
        raise Deviation(
            "A call that failed on demand has changed something: the same call is refused now.",
            expected="a success, as without the failure before",
            got=described(again),
            exchange=again.exchange,
        )


def _works(operation: Operation, run: Run, samples: Samples) -> bool:
    """Whether a valid call of the operation succeeds."""
    try:
        samples.success(operation)
    except (Deviation, Inconclusive, NotTestable):
        return False
    finally:
        run.client.start_trace()
    return True


def _prepared(operation: Operation, run: Run) -> Prepared:
    try:
        return run.inputs.valid(operation)
    except (Inconclusive, NotTestable):
        return Prepared(run.inputs.made_up(operation), None, bound=False)


def _failed(site: DemandedSite, run: Run, prepared: Prepared) -> Reply:
    """The answer to a valid call that is to fail."""
    client, user_agent = run.client, f"conformance/{run.world.unique()}"
    request = client.request_for(site.operation, prepared.params)
    marked = evolve(request, headers=(*request.headers, ("User-Agent", user_agent)))
    run.control.plan(site.kind, site.operation, user_agent)
    reply = client.send(site.operation, marked, to_be_throttled=True)
    # That it fails inside is what was asked for; all else holds for this response as for any.
    run.observations = [
        each
        for each in run.observations
        if each.reply is not reply or each.finding.check != "error.server-fault"
    ]
    if reply.ok:
        run.inputs.after(site.operation, reply, prepared)
    return reply


def _in_words(site: DemandedSite, contract: Contract) -> tuple[str, int]:
    """The name and the status of an error."""
    return site.error, contract.errors[site.error].status

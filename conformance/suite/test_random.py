"""Random valid inputs, drawn from the contract."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.contract import Operation
from conformance.generation import inputs
from conformance.suite.checks import MUST, OperationSite, check, every_operation, model
from conformance.suite.expect import described, fault_of
from conformance.suite.judge import findings
from conformance.suite.recording import cause_of
from conformance.suite.refusals import base_of
from conformance.suite.run import Run
from conformance.suite.samples import Samples
from conformance.target.outcomes import Deviation, NotTestable, Outcome


@check(
    "random.valid-input",
    level=MUST,
    cites=model("shapes of the input"),
    over=every_operation,
    spread=4,
)
def test_a_valid_input_is_answered_by_the_contract(
    site: OperationSite, run: Run, samples: Samples, explore: Callable[..., None]
) -> None:
    """Any valid input on what exists leads to a success or to an error of the contract."""
    operation, client = site.operation, run.client
    if not operation.members:
        raise NotTestable(f"{operation} has no input")

    def _binds(name: str) -> bool:
        return name in operation.labels or run.spec.is_identifier(name)

    known = _known_faults(operation, samples, run)

    def answered(params: dict[str, Any]) -> None:
        client.start_trace()
        # A deletion needs something new to delete each time; others get the same again.
        prepared = base_of(operation, run)
        fixed = {name: prepared.params[name] for name in prepared.params if _binds(name)}
        reply = client.call(operation, params | fixed)
        run.inputs.after(operation, reply, prepared)
        found = next((f for f in findings(reply, run.spec) if f.check not in known), None)
        if found is not None:
            raise Deviation(
                found.message,
                expected=found.expected,
                got=f"{found.got} ({described(reply)})",
                cause=fault_of(reply) or cause_of(found.check, operation.name, found.where),
                exchange=reply.exchange,
            )

    explore(inputs(operation, avoid=run.spec.avoid), answered)


def _known_faults(operation: Operation, samples: Samples, run: Run) -> frozenset[str]:
    """What is wrong with every success anyway, and is told by checks of its own."""
    try:
        sample = samples.success(operation)
    except Outcome:
        return frozenset()
    return frozenset(finding.check for finding in findings(sample, run.spec))

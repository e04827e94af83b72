"""What is one account's alone: no other account reads it, changes it or adds to it."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import field, frozen

from conformance.contract import Contract, Operation
from conformance.spec import Claim, Spec
from conformance.suite.checks import SHOULD, check, documented
from conformance.suite.expect import answered_not_found
from conformance.suite.run import Run
from conformance.target.outcomes import Inconclusive


@frozen
class PrivateSite:
    """An operation, and the member that names what is its owner's alone."""

    operation: Operation
    member: str
    claim: Claim | None = field(default=None, eq=False)

    def __str__(self) -> str:
        return f"{self.operation}:{self.member}"


def private(contract: Contract, spec: Spec) -> Iterator[PrivateSite]:
    """Each operation that names something which the spec says is its owner's alone."""
    accounts = spec.accounts
    if accounts is None or accounts.private is None:
        return
    for operation in contract.operations.values():
        for label in operation.labels:
            if label in accounts.names:
                yield PrivateSite(operation, label, accounts.private.claim)


@check(
    "accounts.private",
    level=SHOULD,
    cites=documented("what is its owner's alone"),
    over=private,
    writes=True,
    spread=4,
)
def test_what_is_its_owners_is_nobody_elses(site: PrivateSite, run: Run) -> None:
    """Another account that names what is its owner's alone is refused, whatever it asks."""
    run.world.accounts.check_apart()
    accounts = run.spec.accounts
    codes = accounts.private.codes if accounts and accounts.private else frozenset[str]()
    prepared = run.inputs.valid(site.operation, scratch=True)
    if not prepared.bound and site.operation.name not in run.spec.unsure:
        raise Inconclusive(f"nothing exists that {site.operation} could be asked about")
    reply = run.client.call(site.operation, prepared.params, account=1)
    owner = run.spec.owner(site.operation)
    if reply.ok and owner is not None and owner.role_of(site.operation.name) == "create":
        run.world.adopt(owner, prepared.params, reply, prepared.parents, account=1)
    elif reply.ok and prepared.instance is not None and prepared.changes:
        run.world.spoiled(prepared.instance)
    message = f"{site.operation} lets another account at what is not its own."
    answered_not_found(reply, codes, message)

"""Who pays for what in a collaboration, and what a member must accept before it joins.

Which of the rules hold is read from the documentation that the loaded contract carries: older ones
allow one payer for each kind of cost, newer ones several candidates (PAY-02, PAY-03).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from attrs import frozen

from conformance.contract import Contract
from conformance.reference.errors import InvalidError
from conformance.reference.resources.records import Member


@frozen
class Cost:
    """A kind of cost.

    Attributes:
        path: where a payment configuration speaks of it.
        shape: the shape in which a creator configures it.
        runner: the ability of the member who pays unless another is configured; empty where
            nobody does (PAY-04).
    """

    path: tuple[str, ...]
    shape: str
    runner: str = ""

    @property
    def name(self) -> str:
        """Its name in a message."""
        return ".".join(self.path)


COSTS: Final = (
    Cost(("queryCompute",), "QueryComputePaymentConfig", "CAN_QUERY"),
    Cost(("machineLearning", "modelTraining"), "ModelTrainingPaymentConfig", "CAN_QUERY"),
    Cost(("machineLearning", "modelInference"), "ModelInferencePaymentConfig", "CAN_QUERY"),
    Cost(("machineLearning", "syntheticDataGeneration"), "SyntheticDataGenerationPaymentConfig"),
    Cost(("jobCompute",), "JobComputePaymentConfig", "CAN_RUN_JOB"),
)


def settle(contract: Contract, stated: Iterable[tuple[Member, Mapping[str, Any] | None]]) -> None:
    """Settles who pays in a new collaboration.

    Args:
        contract: whose documentation says which rules hold.
        stated: each member and the payment configuration that the creator gave it.

    Raises:
        InvalidError: several members are to pay where one may, or nobody is left to (PAY-02, 05).
    """
    pairs = list(stated)
    for cost in COSTS:
        said = {member.account: stated_for(cost, given) for member, given in pairs}
        payers = [account for account, pays in said.items() if pays]
        documentation = _documentation(contract, cost)
        if len(payers) > 1 and "Exactly one member" in documentation:
            raise _invalid(f"Only one member can pay for {cost.name}.")
        refuses = [m for m, _ in pairs if m.can(cost.runner) and said[m.account] is False]
        if refuses and not payers and "sets a FALSE value" in documentation:
            raise _invalid(f"The member who can run it must pay for {cost.name}.")
        for member, _ in pairs:
            default = not payers and not refuses and member.can(cost.runner)
            member.pays[cost.name] = bool(said[member.account]) or default


def accepted(member: Member, given: Mapping[str, Any] | None) -> dict[str, bool]:
    """What a member accepts to pay as it joins: what it was configured to, no more and no less.

    Args:
        member: who joins.
        given: the payment configuration of its membership, if any.

    Raises:
        InvalidError: it does not (PAY-09, PAY-10).
    """
    runs = member.can("CAN_QUERY")
    accepts = dict(member.pays)
    for cost in COSTS:
        said = stated_for(cost, given)
        if said is None and accepts.get(cost.name) and not runs:
            raise _invalid(f"You must accept to pay for {cost.name} to join.")
        _refuse_mismatch(cost, member, said)
    return accepts


def accepted_later(member: Member, given: Mapping[str, Any] | None) -> dict[str, bool]:
    """What a member that has joined accepts to pay in addition, once it was made a candidate.

    Raises:
        InvalidError: it was not, or it refuses what it was configured to pay.
    """
    accepts = {}
    for cost in COSTS:
        said = stated_for(cost, given)
        _refuse_mismatch(cost, member, said)
        if said is not None:
            accepts[cost.name] = said
    return accepts


def _refuse_mismatch(cost: Cost, member: Member, said: bool | None) -> None:
    responsible = member.pays.get(cost.name, False)
    if said is not None and said != responsible:
        word = "are" if responsible else "are not"
        raise _invalid(f"You {word} responsible to pay for {cost.name}.")


def describe(pays: Mapping[str, bool]) -> dict[str, Any]:
    """A payment configuration that speaks of every kind of cost (MEMBER-12, PAY-14)."""
    described: dict[str, Any] = {}
    for cost in COSTS:
        inner = described
        for part in cost.path:
            inner = inner.setdefault(part, {})
        inner["isResponsible"] = pays.get(cost.name, False)
    return described


def stated_for(cost: Cost, given: Mapping[str, Any] | None) -> bool | None:
    """What a payment configuration says of a cost; None where it says nothing."""
    inner: Any = given or {}
    for part in cost.path:
        inner = inner.get(part, {})
    pays: bool | None = inner.get("isResponsible")
    return pays


def _documentation(contract: Contract, cost: Cost) -> str:
    shape = contract.raw["shapes"].get(cost.shape, {})
    text: str = shape.get("members", {}).get("isResponsible", {}).get("documentation", "")
    return text.replace("<code>", "").replace("</code>", "")


def _invalid(message: str) -> InvalidError:
    return InvalidError(message, ("paymentConfiguration", message))

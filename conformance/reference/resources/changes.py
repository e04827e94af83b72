"""What a change asked for means: which types of change it is made of, and what it does."""

from __future__ import annotations

from typing import Any, Final

from conformance.reference.calls import Call
from conformance.reference.errors import InvalidError
from conformance.reference.resources.collaborations import new_member
from conformance.reference.resources.payments import COSTS, stated_for
from conformance.reference.resources.records import COLLABORATIONS, Collaboration, Member

_RUNNING: Final = ("CAN_QUERY", "CAN_RUN_JOB")
_ABILITY_TYPES: Final = {
    "CAN_RECEIVE_RESULTS": "RECEIVE_RESULTS_ABILITY",
    "CAN_EXPORT_QUERY_ANALYSIS_LOG": "EXPORT_QUERY_ANALYSIS_LOG_ABILITY",
}


def change_types(collaboration: Collaboration, change: dict[str, Any]) -> list[str]:
    """The types of change that a change is made of.

    Args:
        collaboration: what is to be changed.
        change: its specification and the specification's type.

    Raises:
        InvalidError: the two do not fit, it asks for what cannot be granted, or changes nothing.
    """
    ((arm, specification),) = change["specification"].items()
    if arm != change["specificationType"].lower():
        raise _invalid(f"the type {change['specificationType']} does not fit the change of a {arm}")
    if arm == "collaboration":
        if "autoApprovedChangeTypes" not in specification:
            raise _invalid("it changes nothing")
        return ["EDIT_AUTO_APPROVED_CHANGE_TYPES"]
    member = collaboration.member(specification["accountId"])
    held = member.abilities if member is not None else []
    refused = [a for a in specification["memberAbilities"] if a in _RUNNING and a not in held]
    if refused:
        raise _invalid(f"{', '.join(refused)} cannot be granted")
    if member is not None:
        types = _edit_types(member, specification)
        if not types:
            raise _invalid("it changes nothing")
        return types
    if "displayName" not in specification:
        raise _invalid("a new member needs a displayName")
    return ["ADD_MEMBER"]


def apply(call: Call, collaboration: Collaboration, change: dict[str, Any]) -> None:
    """Does what an approved change asks for."""
    ((arm, specification),) = change["specification"].items()
    now = call.world.now()
    if arm == "collaboration":
        collaboration.stated |= specification
        collaboration.updated = now
        return
    member = collaboration.member(specification["accountId"])
    if member is None:
        _add(call, collaboration, specification)
        return
    running = [ability for ability in member.abilities if ability in _RUNNING]
    member.abilities = list(dict.fromkeys([*running, *specification["memberAbilities"]]))
    member.ml_abilities = specification.get("mlMemberAbilities", member.ml_abilities)
    member.display_name = specification.get("displayName", member.display_name)
    member.updated = now
    _configure_payer(member, specification)


def _add(call: Call, collaboration: Collaboration, specification: dict[str, Any]) -> None:
    """Invites an account, perhaps once more."""
    member = new_member(
        call,
        {"displayName": specification["accountId"], **specification},
        call.world.now(),
    )
    _configure_payer(member, specification)
    collaboration.add_member(member)
    call.world.shelve(collaboration, COLLABORATIONS, member.account)


def _configure_payer(member: Member, specification: dict[str, Any]) -> None:
    for cost in COSTS:
        pays = stated_for(cost, specification.get("paymentConfiguration"))
        if pays is not None:
            member.pays[cost.name] = pays
            if not pays and member.membership is not None:
                member.membership.accepts[cost.name] = False


def _edit_types(member: Member, specification: dict[str, Any]) -> list[str]:
    types = []
    for ability, name in _ABILITY_TYPES.items():
        types += _difference(member.can(ability), ability in specification["memberAbilities"], name)
    if "mlMemberAbilities" in specification:
        held = (member.ml_abilities or {}).get("customMLMemberAbilities", [])
        wanted = specification["mlMemberAbilities"]["customMLMemberAbilities"]
        for ability in ("CAN_RECEIVE_MODEL_OUTPUT", "CAN_RECEIVE_INFERENCE_OUTPUT"):
            types += _difference(ability in held, ability in wanted, ability)
    for cost in COSTS:
        pays = stated_for(cost, specification.get("paymentConfiguration"))
        if pays is not None and pays != member.pays.get(cost.name, False):
            types.append("ADD_PAYER_CANDIDATE" if pays else "REMOVE_PAYER_CANDIDATE")
    return list(dict.fromkeys(types))


def _difference(before: bool, after: bool, name: str) -> list[str]:
    if before == after:
        return []
    return [f"GRANT_{name}" if after else f"REVOKE_{name}"]


def _invalid(text: str) -> InvalidError:
    return InvalidError(f"changes: {text}.", ("changes", text))

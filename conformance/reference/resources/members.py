"""Members: the rows of a collaboration, and their removal."""

from __future__ import annotations

from typing import Any

from conformance.reference.calls import Answer, Call, handles
from conformance.reference.errors import ConflictError, NotFoundError
from conformance.reference.paging import page
from conformance.reference.resources import payments
from conformance.reference.resources.access import own_collaboration, visible_collaboration
from conformance.reference.resources.records import COLLABORATIONS, Collaboration, Member
from conformance.reference.resources.relations import Relation, withdraw


@handles("ListMembers")
def list_members(call: Call) -> Answer:
    """Every account that was ever invited, the creator's too; the invited see it as well."""
    return page(call, "memberSummaries", visible_collaboration(call).rows, describe)


@handles("DeleteMember")
def delete_member(call: Call) -> Answer:
    """Removes a member, whose data nobody can reach from then on; only the creator may."""
    collaboration = own_collaboration(call)
    account = call["accountId"]
    member = collaboration.members.get(account)
    if member is None:
        raise NotFoundError("COLLABORATION", account)
    if account == collaboration.owner:
        raise ConflictError("The creator cannot be removed.", "INVALID_STATE")
    if member.takes_part:
        now = call.world.now()
        member.status, member.updated = "REMOVED", now
        if member.membership is not None:
            member.membership.status, member.membership.updated = "REMOVED", now
            _hide_relations(collaboration, account)
        call.world.unshelve(collaboration, COLLABORATIONS, account)
    return {}


def _hide_relations(collaboration: Collaboration, account: str) -> None:
    """Takes a removed member's tables from the collaboration, and what was made from them."""
    for relation in list(collaboration.relations.values()):
        if isinstance(relation, Relation) and relation.owner == account:
            withdraw(relation)


def describe(member: Member) -> dict[str, Any]:
    """A member's row."""
    described: dict[str, Any] = {
        "accountId": member.account,
        "status": member.status,
        "displayName": member.display_name,
        "abilities": member.abilities,
        "mlAbilities": member.ml_abilities,
        "createTime": member.created,
        "updateTime": member.updated,
        "paymentConfiguration": payments.describe(member.pays),
    }
    if member.membership is not None:
        described["membershipId"] = member.membership.id
        described["membershipArn"] = member.membership.arn
    return described

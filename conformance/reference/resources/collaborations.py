"""Collaborations: what their creators make of them, and what their members see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from conformance.reference.calls import Answer, Call, handles
from conformance.reference.errors import InvalidError
from conformance.reference.paging import page
from conformance.reference.resources import payments
from conformance.reference.resources.access import own_collaboration, visible_collaboration
from conformance.reference.resources.records import (
    CHANGE_REQUESTS,
    COLLABORATIONS,
    CREATED,
    Collaboration,
    Member,
)


@handles("CreateCollaboration")
def create_collaboration(call: Call) -> Answer:
    """Creates a collaboration; the caller is its creator, and joins later like everyone else."""
    world, invited = call.world, call["members"]
    world.quotas.check("collaborations", len(world.shelf(CREATED, call.account)) + 1)
    world.quotas.check("members_per_collaboration", len(invited))
    birth = world.birth(call.account)
    collaboration = Collaboration(
        **birth,
        arn=world.arn(call.account, "collaboration", birth["id"]),
        stated=call.stated(
            "name",
            "description",
            "creatorDisplayName",
            "dataEncryptionMetadata",
            "queryLogStatus",
            "jobLogStatus",
            "allowedResultRegions",
            "isMetricsEnabled",
        ),
        tags=call.get("tags", {}),
    )
    collaboration.stated["analyticsEngine"] = call.get("analyticsEngine", "SPARK")
    if "autoApprovedChangeRequestTypes" in call.params:
        collaboration.stated["autoApprovedChangeTypes"] = call["autoApprovedChangeRequestTypes"]
    _seat(call, collaboration)
    world.add(collaboration, *_shelves(collaboration))
    return {"collaboration": describe(collaboration, call.account)}


@handles("GetCollaboration")
def get_collaboration(call: Call) -> Answer:
    """Anybody who was invited or has joined sees the collaboration."""
    return {"collaboration": describe(visible_collaboration(call), call.account)}


@handles("ListCollaborations")
def list_collaborations(call: Call) -> Answer:
    """The collaborations that the caller owns, has joined or is invited to."""
    wanted = call.get("memberStatus")
    return page(
        call,
        "collaborationList",
        call.world.shelf(COLLABORATIONS, call.account),
        lambda collaboration: describe(collaboration, call.account),
        where=lambda each: wanted in (None, each.members[call.account].status),
    )


@handles("UpdateCollaboration")
def update_collaboration(call: Call) -> Answer:
    """Changes name, description or engine; only the creator may."""
    collaboration = own_collaboration(call)
    changes = call.stated("name", "description", "analyticsEngine")
    if changes:
        collaboration.stated |= changes
        collaboration.updated = call.world.now()
    return {"collaboration": describe(collaboration, call.account)}


@handles("DeleteCollaboration")
def delete_collaboration(call: Call) -> Answer:
    """Ends a collaboration for everybody; memberships survive as COLLABORATION_DELETED."""
    collaboration = own_collaboration(call)
    collaboration.deleted = True
    now = call.world.now()
    for member in collaboration.members.values():
        membership = member.membership
        if membership is not None and membership.active:
            membership.status = "COLLABORATION_DELETED"
            membership.updated = now
    for request in list(call.world.shelf(CHANGE_REQUESTS, collaboration.id)):
        call.world.remove(request, (CHANGE_REQUESTS, collaboration.id))
    call.world.remove(collaboration, *_shelves(collaboration))
    return {}


def describe(collaboration: Collaboration, account: str) -> dict[str, Any]:
    """A collaboration as an account sees it: status and membership are the reader's own."""
    member = collaboration.members[account]
    described = collaboration.describe()
    described["creatorAccountId"] = collaboration.owner
    described["memberStatus"] = member.status
    if member.membership is not None:
        described["membershipId"] = member.membership.id
        described["membershipArn"] = member.membership.arn
    return described


def _shelves(collaboration: Collaboration) -> list[tuple[str, str]]:
    seen_by = [(COLLABORATIONS, account) for account in collaboration.members]
    return [(CREATED, collaboration.owner), *seen_by]


def _seat(call: Call, collaboration: Collaboration) -> None:
    """Gives every invited account and the creator its place."""
    creator = {
        "accountId": call.account,
        "displayName": call["creatorDisplayName"],
        "memberAbilities": call["creatorMemberAbilities"],
        "mlMemberAbilities": call.get("creatorMLMemberAbilities"),
        "paymentConfiguration": call.get("creatorPaymentConfiguration"),
    }
    # The creator's row comes last (PAG-12).
    specifications = [*call["members"], creator]
    _refuse_repetition(each["accountId"] for each in specifications)
    members = [new_member(call, each, collaboration.created) for each in specifications]
    _refuse_several_runners(members)
    given = (each.get("paymentConfiguration") for each in specifications)
    payments.settle(call.world.contract, zip(members, given, strict=True))
    for member in members:
        collaboration.add_member(member)


def new_member(call: Call, specification: dict[str, Any], now: float) -> Member:
    """A member as a specification describes it, still without payments."""
    abilities = specification["memberAbilities"]
    return Member(
        account=specification["accountId"],
        order=call.world.next_order(),
        display_name=specification["displayName"],
        abilities=list(dict.fromkeys(abilities)),
        ml_abilities=specification.get("mlMemberAbilities"),
        created=now,
        updated=now,
    )


def _refuse_repetition(accounts: Iterable[str]) -> None:
    for account in _repeated(accounts):
        text = f"{account} is named more than once; the creator is a member without being named"
        raise InvalidError(f"members: {text}.", ("members", text))


def _repeated(values: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            yield value
        seen.add(value)


def _refuse_several_runners(members: list[Member]) -> None:
    """One member can query, and jobs can be run by that one only (COLLAB-CRE-18, 20)."""
    runners = {ability: [m for m in members if m.can(ability)] for ability in _RUNNING}
    for ability, holders in runners.items():
        if len(holders) > 1:
            text = f"{ability} can be granted to one member only"
            raise InvalidError(f"memberAbilities: {text}.", ("memberAbilities", text))
    queries, jobs = runners.values()
    if queries and jobs and queries != jobs:
        text = "CAN_RUN_JOB goes to the member that has CAN_QUERY"
        raise InvalidError(f"memberAbilities: {text}.", ("memberAbilities", text))


_RUNNING = ("CAN_QUERY", "CAN_RUN_JOB")

"""Memberships: how an account joins a collaboration, sets itself up, and leaves."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, Final

from conformance.reference.calls import Answer, Call, handles
from conformance.reference.errors import AccessDeniedError, ConflictError
from conformance.reference.paging import page
from conformance.reference.resources import payments
from conformance.reference.resources.access import own_membership, visible_collaboration
from conformance.reference.resources.log_exports import LOG_EXPORTS
from conformance.reference.resources.protected_jobs import JOBS
from conformance.reference.resources.protected_queries import QUERIES
from conformance.reference.resources.records import COLLABORATIONS, MEMBERSHIPS, Membership
from conformance.reference.resources.runs import forget

_SETTINGS: Final = (
    "queryLogStatus",
    "jobLogStatus",
    "defaultResultConfiguration",
    "defaultJobResultConfiguration",
)


@handles("CreateMembership")
def create_membership(call: Call) -> Answer:
    """Joins a collaboration that the caller was invited to, or has created."""
    collaboration = visible_collaboration(call)
    member = collaboration.members[call.account]
    if member.membership is not None:
        raise ConflictError(
            "You have already joined this collaboration.",
            "ALREADY_EXISTS",
            kind="MEMBERSHIP",
            identifier=member.membership.id,
        )
    if member.status != "INVITED":
        raise AccessDeniedError("Who has left a collaboration cannot join it again.")
    accepts = payments.accepted(member, call.get("paymentConfiguration"))
    world = call.world
    world.quotas.check("memberships", len(world.shelf(MEMBERSHIPS, call.account)) + 1)
    birth = world.birth(call.account)
    membership = Membership(
        **birth,
        arn=world.arn(call.account, "membership", birth["id"]),
        stated=_settings(call, *_SETTINGS, "isMetricsEnabled"),
        tags=call.get("tags", {}),
        collaboration=collaboration,
        member=member,
        accepts=accepts,
    )
    member.membership = membership
    member.status, member.updated = "ACTIVE", membership.created
    world.add(membership, (MEMBERSHIPS, call.account))
    return {"membership": describe(membership)}


@handles("GetMembership")
def get_membership(call: Call) -> Answer:
    """The caller's own membership, also after its collaboration was deleted."""
    return {"membership": describe(own_membership(call))}


@handles("ListMemberships")
def list_memberships(call: Call) -> Answer:
    """The caller's memberships, whatever has become of them."""
    wanted = call.get("status")
    return page(
        call,
        "membershipSummaries",
        call.world.shelf(MEMBERSHIPS, call.account),
        describe,
        where=lambda membership: wanted in (None, membership.status),
    )


@handles("UpdateMembership")
def update_membership(call: Call) -> Answer:
    """Changes logging, default result configurations and, in newer contracts, who pays."""
    membership = own_membership(call)
    if not membership.active:
        raise ConflictError(
            f"The membership's status is {membership.status}.",
            "INVALID_STATE",
            kind="MEMBERSHIP",
            identifier=membership.id,
        )
    accepts = payments.accepted_later(membership.member, call.get("membershipPaymentConfiguration"))
    changes = _settings(call, *_SETTINGS)
    if changes or accepts:
        membership.stated |= changes
        membership.accepts |= accepts
        membership.updated = call.world.now()
    return {"membership": describe(membership)}


@handles("DeleteMembership")
def delete_membership(call: Call) -> Answer:
    """Leaves a collaboration, once everything under the membership is deleted."""
    membership = own_membership(call)
    collaboration, member = membership.collaboration, membership.member
    whose = {"kind": "MEMBERSHIP", "identifier": membership.id}
    if membership.active and collaboration.owner == call.account:
        raise ConflictError(
            "The collaboration creator's membership cannot be deleted while it is ACTIVE.",
            "INVALID_STATE",
            **whose,
        )
    if membership.resources:
        kinds = sorted({type(each).__name__ for each in membership.resources.values()})
        raise ConflictError(
            f"The membership still has resources: {', '.join(kinds)}.",
            "SUBRESOURCES_EXIST",
            **whose,
        )
    if membership.active:
        member.status, member.updated = "LEFT", call.world.now()
        call.world.unshelve(collaboration, COLLABORATIONS, call.account)
    member.membership = None
    forget(call.world, membership, QUERIES)
    forget(call.world, membership, JOBS)
    for export in list(call.world.shelf(LOG_EXPORTS, membership.id)):
        call.world.remove(export, (LOG_EXPORTS, membership.id))
    call.world.remove(membership, (MEMBERSHIPS, call.account))
    return {}


def describe(membership: Membership) -> dict[str, Any]:
    """A membership with what it shows of its collaboration."""
    collaboration, member = membership.collaboration, membership.member
    return membership.describe() | {
        "collaborationArn": collaboration.arn,
        "collaborationId": collaboration.id,
        "collaborationCreatorAccountId": collaboration.owner,
        "collaborationCreatorDisplayName": collaboration.creator.display_name,
        "collaborationName": collaboration.stated["name"],
        "status": membership.status,
        "memberAbilities": member.abilities,
        "mlMemberAbilities": member.ml_abilities,
        "paymentConfiguration": payments.describe(membership.accepts),
    }


def _settings(call: Call, *names: str) -> dict[str, Any]:
    settings = deepcopy(call.stated(*names))
    # Whether results go to one file is always told (MSHIP-GET-04).
    results = settings.get("defaultResultConfiguration", {}).get("outputConfiguration", {})
    if "s3" in results:
        results["s3"].setdefault("singleFileOutput", False)
    return settings

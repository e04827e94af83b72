"""Change requests: how a collaboration changes after it was created, by consent."""

from __future__ import annotations

from typing import Any

from attrs import Factory, define

from conformance.reference.calls import Answer, Call, handles
from conformance.reference.errors import (
    AccessDeniedError,
    ConflictError,
    InvalidError,
    NotFoundError,
)
from conformance.reference.paging import page
from conformance.reference.resources.access import own_collaboration, visible_collaboration
from conformance.reference.resources.changes import apply, change_types
from conformance.reference.resources.records import CHANGE_REQUESTS, Collaboration
from conformance.reference.world import Record


@define(eq=False, kw_only=True)
class ChangeRequest(Record):
    """A request to change a collaboration.

    Attributes:
        status: PENDING, APPROVED, DENIED, CANCELLED or COMMITTED.
        automatic: whether nobody needs to be asked.
        approvals: of each member who is asked, by account: PENDING, APPROVED or DENIED.
    """

    collaboration: Collaboration
    changes: list[dict[str, Any]]
    automatic: bool
    status: str = "PENDING"
    approvals: dict[str, str] = Factory(dict)

    def view(self) -> dict[str, Any]:
        """The request as every member sees it."""
        approvals = {account: {"status": status} for account, status in self.approvals.items()}
        return self.describe() | {
            "collaborationId": self.collaboration.id,
            "status": self.status,
            "isAutoApproved": self.automatic,
            "changes": self.changes,
            "approvals": approvals or None,
        }


@handles("CreateCollaborationChangeRequest")
def create_collaboration_change_request(call: Call) -> Answer:
    """Asks the members for changes; nobody is asked where all of them are approved beforehand."""
    collaboration = own_collaboration(call)
    changes = [{**each, "types": change_types(collaboration, each)} for each in call["changes"]]
    _refuse_repetition(changes)
    approved_beforehand = set(collaboration.stated.get("autoApprovedChangeTypes", []))
    automatic = all(approved_beforehand.issuperset(each["types"]) for each in changes)
    world = call.world
    world.quotas.check("change_requests", len(world.shelf(CHANGE_REQUESTS, collaboration.id)) + 1)
    request = ChangeRequest(
        **world.birth(call.account),
        collaboration=collaboration,
        changes=changes,
        automatic=automatic,
        approvals={} if automatic else _asked(collaboration),
    )
    _settle(request)
    world.add(request, (CHANGE_REQUESTS, collaboration.id))
    return {"collaborationChangeRequest": request.view()}


@handles("GetCollaborationChangeRequest")
def get_collaboration_change_request(call: Call) -> Answer:
    """Every member sees the requests."""
    return {"collaborationChangeRequest": _find(call).view()}


@handles("ListCollaborationChangeRequests")
def list_collaboration_change_requests(call: Call) -> Answer:
    """The requests, the latest first."""
    collaboration = visible_collaboration(call)
    wanted = call.get("status")
    return page(
        call,
        "collaborationChangeRequestSummaries",
        call.world.shelf(CHANGE_REQUESTS, collaboration.id),
        ChangeRequest.view,
        where=lambda request: wanted in (None, request.status),
        newest_first=True,
    )


@handles("UpdateCollaborationChangeRequest")
def update_collaboration_change_request(call: Call) -> Answer:
    """Approves or denies as a member who is asked; cancels or commits as the creator."""
    request = _find(call)
    action = call["action"]
    if action in ("APPROVE", "DENY"):
        _vote(call, request, "APPROVED" if action == "APPROVE" else "DENIED")
    else:
        _decide(call, request, action)
    request.updated = call.world.now()
    return {"collaborationChangeRequest": request.view()}


def _find(call: Call) -> ChangeRequest:
    collaboration = visible_collaboration(call)
    identifier = call["changeRequestIdentifier"]
    request = call.world.find(ChangeRequest, identifier)
    if request is None or request.collaboration is not collaboration:
        raise NotFoundError("COLLABORATION", identifier)
    return request


def _asked(collaboration: Collaboration) -> dict[str, str]:
    """Who must approve: the members who have joined; the creator asks, and so approves."""
    asked = {m.account: "PENDING" for m in collaboration.rows if m.status == "ACTIVE"}
    return asked | {collaboration.owner: "APPROVED"}


def _vote(call: Call, request: ChangeRequest, vote: str) -> None:
    if call.account not in request.approvals:
        raise AccessDeniedError("You are not asked to approve this change request.")
    if request.status != "PENDING" or request.approvals[call.account] != "PENDING":
        raise _conflict(request)
    request.approvals[call.account] = vote
    _settle(request)


def _settle(request: ChangeRequest) -> None:
    votes = set(request.approvals.values())
    if "DENIED" in votes:
        request.status = "DENIED"
    elif "PENDING" not in votes:
        request.status = "APPROVED"


def _decide(call: Call, request: ChangeRequest, action: str) -> None:
    if request.collaboration.owner != call.account:
        raise AccessDeniedError("Only the collaboration's creator may cancel or commit.")
    if action == "CANCEL":
        if request.status not in ("PENDING", "APPROVED"):
            raise _conflict(request)
        request.status = "CANCELLED"
        return
    if request.status != "APPROVED":
        raise _conflict(request)
    for change in request.changes:
        apply(call, request.collaboration, change)
    request.status = "COMMITTED"


def _conflict(request: ChangeRequest) -> ConflictError:
    return ConflictError(f"The change request's status is {request.status}.", "INVALID_STATE")


def _refuse_repetition(changes: list[dict[str, Any]]) -> None:
    """One change for each account, and one of the collaboration."""
    subjects = [
        each["specification"].get("member", {}).get("accountId", "collaboration")
        for each in changes
    ]
    if len(subjects) != len(set(subjects)):
        text = "one change for each member, and one of the collaboration"
        raise InvalidError(f"changes: {text}.", ("changes", text))

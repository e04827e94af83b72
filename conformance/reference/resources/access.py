"""Who may see and change what; the first line of most handlers."""

from __future__ import annotations

from conformance.reference.calls import Call
from conformance.reference.errors import AccessDeniedError, NotFoundError
from conformance.reference.resources.records import Collaboration, ConfiguredTable, Membership


def visible_collaboration(call: Call) -> Collaboration:
    """The collaboration that the call names, for one who was invited to it or has joined it.

    Raises:
        AccessDeniedError: there is none, or the caller does not take part in it; which of the two
            is not told (ERR-13, VIS-03, VIS-04).
    """
    collaboration = call.world.find(Collaboration, call["collaborationIdentifier"])
    if collaboration is None or collaboration.member(call.account) is None:
        raise AccessDeniedError
    return collaboration


def joined_collaboration(call: Call) -> Collaboration:
    """The collaboration that the call names, for one who has joined it (VIS-03).

    Raises:
        AccessDeniedError: there is none, or the caller has not joined it.
    """
    collaboration = visible_collaboration(call)
    if collaboration.members[call.account].status != "ACTIVE":
        raise AccessDeniedError("Only those who have joined the collaboration may do this.")
    return collaboration


def own_collaboration(call: Call) -> Collaboration:
    """The collaboration that the call names, for its creator (VIS-01).

    Raises:
        AccessDeniedError: there is none, or the caller has not created it.
    """
    collaboration = visible_collaboration(call)
    if collaboration.owner != call.account:
        raise AccessDeniedError("Only the collaboration's creator may do this.")
    return collaboration


def own_membership(call: Call) -> Membership:
    """The membership that the call names, for the account that owns it (VIS-02).

    Raises:
        NotFoundError: there is none (ERR-15).
        AccessDeniedError: it is another account's (ERR-16).
    """
    identifier = call["membershipIdentifier"]
    membership = call.world.find(Membership, identifier)
    if membership is None:
        raise NotFoundError("MEMBERSHIP", identifier)
    if membership.owner != call.account:
        raise AccessDeniedError
    return membership


def active_membership(call: Call) -> Membership:
    """The membership that the call names, while its collaboration lives (COLLAB-DEL-05).

    Raises:
        NotFoundError: there is none.
        AccessDeniedError: it is another account's, was removed, or its collaboration is deleted.
    """
    membership = own_membership(call)
    if not membership.active:
        raise AccessDeniedError(f"The membership's status is {membership.status}.")
    return membership


def own_table(call: Call) -> ConfiguredTable:
    """The configured table that the call names; nobody else's can be seen (CT-VIS-01).

    Raises:
        NotFoundError: the caller has none of that identifier (ERR-17).
    """
    identifier = call["configuredTableIdentifier"]
    table = call.world.find(ConfiguredTable, identifier)
    if table is None or table.owner != call.account:
        raise NotFoundError("CONFIGURED_TABLE", identifier)
    return table

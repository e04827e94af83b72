"""What starting a query and starting a job have in common: who pays, who receives, who sees it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, TypeVar

from conformance.reference.calls import Answer, Call
from conformance.reference.errors import ConflictError, InvalidError, NotFoundError
from conformance.reference.paging import page
from conformance.reference.resources.access import own_membership
from conformance.reference.resources.analyses import ENDED, Analysis
from conformance.reference.resources.payments import Cost
from conformance.reference.resources.records import Collaboration, Membership
from conformance.reference.resources.relations import Relation
from conformance.reference.world import World

_ONGOING: Final = "ongoing "

A = TypeVar("A", bound=Analysis)


def payer(membership: Membership, cost: Cost, wanted: str | None) -> str:
    """The account that pays for an analysis (PAY-16, PAY-17).

    Args:
        membership: the runner's.
        cost: what is to be paid.
        wanted: the account that the call names, if any.

    Raises:
        InvalidError: nobody who was configured to pay has joined, or the account named has not.
    """
    collaboration = membership.collaboration
    payers = [
        member.account
        for member in collaboration.rows
        if member.membership is not None
        and member.membership.active
        and member.membership.accepts.get(cost.name)
    ]
    if wanted is not None:
        payers = [account for account in payers if account == wanted]
    if not payers:
        whose = f"account {wanted}" if wanted else "no active member"
        raise InvalidError(f"The payer for {cost.name} is missing: {whose} is to pay for it.")
    return membership.owner if membership.owner in payers else payers[0]


def refuse_as_receiver(collaboration: Collaboration, account: str) -> None:
    """Refuses an account that cannot receive results (PQ-STA-14).

    Raises:
        InvalidError: it cannot.
    """
    member = collaboration.members.get(account)
    if member is None or member.status != "ACTIVE" or not member.can("CAN_RECEIVE_RESULTS"):
        text = f"account {account} is no active member that can receive results"
        raise InvalidError(f"resultConfiguration: {text}.", ("resultConfiguration", text))


def viewers(
    membership: Membership, relations: Iterable[Relation], accounts: Iterable[str]
) -> tuple[str, ...]:
    """The memberships that see an analysis: the runner's, data owners', receivers' and payer's."""
    members = membership.collaboration.members
    seeing = [membership.id, *(relation.membership.id for relation in relations)]
    for account in accounts:
        theirs = members[account].membership if account in members else None
        if theirs is not None:
            seeing.append(theirs.id)
    return tuple(dict.fromkeys(seeing))


def keep(world: World, analysis: Analysis, shelf: str) -> None:
    """Keeps an analysis where its viewers find it, and among those that have not ended."""
    seen_by = ((shelf, viewer) for viewer in analysis.viewers)
    world.add(analysis, (_ONGOING + shelf, analysis.membership.id), *seen_by)


def count_ongoing(world: World, membership: Membership, shelf: str) -> int:
    """How many analyses of a membership have not ended."""
    now = world.now()
    for analysis in list(world.shelf(_ONGOING + shelf, membership.id)):
        if analysis.status_at(now)[0] in ENDED:
            world.unshelve(analysis, _ONGOING + shelf, membership.id)
    return len(world.shelf(_ONGOING + shelf, membership.id))


def seen(call: Call, kind: type[A], identifier: str) -> A:
    """The analysis of that identifier, by a membership that sees it.

    Raises:
        NotFoundError: there is no such membership, or it sees no such analysis.
        AccessDeniedError: the membership is another account's.
    """
    membership = own_membership(call)
    analysis = call.world.find(kind, identifier)
    if analysis is None or membership.id not in analysis.viewers:
        raise NotFoundError("MEMBERSHIP", identifier)
    return analysis


def cancel(call: Call, kind: type[A], identifier: str) -> A:
    """Asks an analysis of the caller's to stop; one that has stopped stays as it is.

    Raises:
        NotFoundError: the caller's membership has started no such analysis.
        ConflictError: it has ended otherwise.
    """
    analysis = seen(call, kind, identifier)
    if analysis.membership.id != call["membershipIdentifier"]:
        raise NotFoundError("MEMBERSHIP", identifier)
    status = analysis.status_at(call.world.now())[0]
    if status in ENDED - {"CANCELLED"}:
        raise ConflictError(f"The status is {status}.", "INVALID_STATE")
    if analysis.cancelled is None:
        analysis.cancelled = call.world.now()
    return analysis


def list_seen(call: Call, member: str, shelf: str) -> Answer:
    """A page of the analyses that a membership sees, newest first, by status if it is asked for."""
    membership = own_membership(call)
    now = call.world.now()
    wanted = call.get("status")
    return page(
        call,
        member,
        call.world.shelf(shelf, membership.id),
        lambda analysis: analysis.summary(now),
        where=lambda analysis: wanted in (None, analysis.status_at(now)[0]),
        newest_first=True,
    )


def forget(world: World, membership: Membership, shelf: str) -> None:
    """Forgets the analyses that only a membership that ends could see."""
    for analysis in list(world.shelf(shelf, membership.id)):
        if analysis.membership is membership:
            world.remove(analysis, *((shelf, viewer) for viewer in analysis.viewers))
    world.empty(shelf, membership.id)
    world.empty(_ONGOING + shelf, membership.id)


def s3_location(s3: dict[str, Any], identifier: str) -> dict[str, str]:
    """Where the results of an analysis are."""
    prefix = s3.get("keyPrefix", "").strip("/")
    path = "/".join(part for part in (s3["bucket"], prefix, identifier) if part)
    return {"location": f"s3://{path}/"}

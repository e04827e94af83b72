"""What the service keeps of collaborations, members, memberships and configured tables."""

from __future__ import annotations

from typing import Any

from attrs import Factory, define, field

from conformance.reference.shelves import Shelf
from conformance.reference.world import Record

COLLABORATIONS = "collaborations"
CREATED = "created collaborations"
CHANGE_REQUESTS = "change requests"
MEMBERSHIPS = "memberships"
CONFIGURED_TABLES = "configured tables"


@define(eq=False, kw_only=True)
class Member:
    """An account's place in a collaboration.

    Attributes:
        status: INVITED, ACTIVE, LEFT or REMOVED.
        pays: whether it was configured to pay, by kind of cost.
        membership: what it joined with, as long as that exists.
    """

    account: str
    order: int
    display_name: str
    abilities: list[str]
    ml_abilities: dict[str, Any] | None
    created: float
    updated: float
    status: str = "INVITED"
    pays: dict[str, bool] = Factory(dict)
    membership: Membership | None = None

    @property
    def takes_part(self) -> bool:
        """Whether it was invited or has joined, and has neither left nor been removed."""
        return self.status in ("INVITED", "ACTIVE")

    def can(self, ability: str) -> bool:
        """Whether it was granted an ability."""
        return ability in self.abilities


@define(eq=False, kw_only=True)
class Collaboration(Record):
    """A collaboration; its owner is the creator.

    Attributes:
        members: by account.
        rows: the members in the order in which they are listed.
        relations: what queries can name, by lower-case name.
        deleted: whether its creator has deleted it.
    """

    members: dict[str, Member] = Factory(dict)
    rows: Shelf[Member] = field(factory=Shelf)
    relations: dict[str, MembershipResource] = Factory(dict)
    deleted: bool = False

    @property
    def creator(self) -> Member:
        """The member that created it."""
        return self.members[self.owner]

    def member(self, account: str) -> Member | None:
        """The account's place in it, if it takes part."""
        member = self.members.get(account)
        return member if member is not None and member.takes_part else None

    def add_member(self, member: Member) -> None:
        """Lists a member, in place of an earlier one of the same account."""
        before = self.members.get(member.account)
        if before is not None:
            self.rows.remove(before)
        self.members[member.account] = member
        self.rows.add(member)


@define(eq=False, kw_only=True)
class Membership(Record):
    """What an account joined a collaboration with.

    Attributes:
        status: ACTIVE, REMOVED or COLLABORATION_DELETED.
        accepts: what its account accepts to pay, by kind of cost.
        resources: what stands under it and must go before it can.
    """

    collaboration: Collaboration
    member: Member
    status: str = "ACTIVE"
    accepts: dict[str, bool] = Factory(dict)
    resources: dict[str, Record] = Factory(dict)

    @property
    def active(self) -> bool:
        """Whether it is one of an existing collaboration that its account takes part in."""
        return self.status == "ACTIVE"


@define(eq=False, kw_only=True)
class MembershipResource(Record):
    """Something that stands under a membership, seen by the collaboration's other members."""

    membership: Membership

    @property
    def collaboration(self) -> Collaboration:
        """The collaboration that it was made for."""
        return self.membership.collaboration

    def describe(self) -> dict[str, Any]:
        """The members of the owner's and of the collaboration's view."""
        return super().describe() | {
            "membershipId": self.membership.id,
            "membershipArn": self.membership.arn,
            "collaborationId": self.collaboration.id,
            "collaborationArn": self.collaboration.arn,
            "creatorAccountId": self.owner,
        }


@define(eq=False, kw_only=True)
class AnalysisRule:
    """An analysis rule of a table, an association or an intermediate table."""

    type: str
    policy: dict[str, Any]
    created: float
    updated: float


@define(eq=False, kw_only=True)
class ConfiguredTable(Record):
    """A table that its owner has configured for use in collaborations.

    Attributes:
        rule: its analysis rule; there is at most one.
        associations: by which it takes part in collaborations, by identifier.
        deleted: whether its owner has deleted it, which its associations survive.
    """

    rule: AnalysisRule | None = None
    associations: dict[str, MembershipResource] = Factory(dict)
    deleted: bool = False

    @property
    def rule_types(self) -> list[str]:
        """The types of its analysis rules."""
        return [self.rule.type] if self.rule else []

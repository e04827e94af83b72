"""What all resources under a membership have in common: creation, both views, lists, deletion."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from attrs import frozen

from conformance.reference.calls import Answer, Call
from conformance.reference.errors import AccessDeniedError, NotFoundError
from conformance.reference.paging import page
from conformance.reference.resources.access import joined_collaboration, own_membership
from conformance.reference.resources.records import Membership, MembershipResource

R = TypeVar("R", bound=MembershipResource)


@frozen
class Family(Generic[R]):
    """A kind of resource that stands under memberships.

    Attributes:
        type: of its records.
        shelf: where they stand, by membership and by collaboration; the quota's name, too.
        arn_path: the end of their ARNs, with the identifiers left open.
        identifier: the input member that names one.
        error_kind: how errors name the kind; by its parent's where they cannot.
    """

    type: type[R]
    shelf: str
    arn_path: str
    identifier: str
    error_kind: str = "MEMBERSHIP"

    def create(self, call: Call, membership: Membership, **more: Any) -> R:
        """A new resource of the membership.

        Args:
            call: may have ``tags``.
            membership: an active one of the caller's.
            more: the record's other attributes.

        Raises:
            QuotaExceededError: the membership has as many as it may.
        """
        world = call.world
        world.quotas.check(self.shelf, len(world.shelf(self.shelf, membership.id)) + 1)
        birth = world.birth(call.account)
        path = self.arn_path.format(membership=membership.id, id=birth["id"])
        arn = world.arn(call.account, path)
        attributes = {"arn": arn, "tags": call.get("tags", {}), **birth, **more}
        resource = self.type(membership=membership, **attributes)
        world.add(resource, (self.shelf, membership.id), (self.shelf, membership.collaboration.id))
        membership.resources[resource.id] = resource
        return resource

    def own(self, call: Call) -> R:
        """The resource that the call names, in the caller's own membership.

        Raises:
            NotFoundError: there is no such membership, or it has no such resource.
            AccessDeniedError: the membership is another account's.
        """
        membership = own_membership(call)
        return self.of(call, membership, call[self.identifier])

    def of(self, call: Call, membership: Membership, identifier: str) -> R:
        """The resource of a membership with that identifier.

        Raises:
            NotFoundError: it has none.
        """
        resource = call.world.find(self.type, identifier)
        if resource is None or resource.membership is not membership:
            raise NotFoundError(self.error_kind, identifier)
        return resource

    def own_to_change(self, call: Call) -> R:
        """The same, while the membership is an active one.

        Raises:
            NotFoundError: there is none.
            AccessDeniedError: the membership is another account's, or no longer active.
        """
        resource = self.own(call)
        if not resource.membership.active:
            raise AccessDeniedError(f"The membership's status is {resource.membership.status}.")
        return resource

    def shared(self, call: Call) -> R:
        """The resource that the call names, of any member of a collaboration the caller joined.

        Raises:
            AccessDeniedError: the caller has not joined it.
            NotFoundError: no active member has such a resource in it.
        """
        collaboration = joined_collaboration(call)
        identifier = call[self.identifier]
        resource = call.world.find(self.type, identifier)
        if resource is None or not _seen_in(resource, collaboration.id):
            raise NotFoundError("COLLABORATION", identifier)
        return resource

    def list_own(
        self, call: Call, member: str, row: Callable[[R], dict[str, Any]], **paging: Any
    ) -> Answer:
        """A page of the resources of the caller's membership; ``paging`` is passed to ``page``."""
        membership = own_membership(call)
        return page(call, member, call.world.shelf(self.shelf, membership.id), row, **paging)

    def list_shared(
        self,
        call: Call,
        member: str,
        row: Callable[[R], dict[str, Any]],
        where: Callable[[R], bool] = lambda _resource: True,
    ) -> Answer:
        """A page of the resources of all members of a collaboration that the caller joined."""
        collaboration = joined_collaboration(call)
        return page(
            call,
            member,
            call.world.shelf(self.shelf, collaboration.id),
            row,
            where=lambda resource: resource.membership.active and where(resource),
        )

    def delete(self, call: Call, resource: R) -> None:
        """Forgets a resource."""
        membership = resource.membership
        membership.resources.pop(resource.id, None)
        call.world.remove(
            resource, (self.shelf, membership.id), (self.shelf, membership.collaboration.id)
        )


def update(call: Call, resource: MembershipResource, **changes: Any) -> None:
    """Changes what is stated of a resource, and when it was last updated, if anything is."""
    if changes:
        resource.stated |= changes
        resource.updated = call.world.now()


def _seen_in(resource: MembershipResource, collaboration: str) -> bool:
    return resource.collaboration.id == collaboration and resource.membership.active

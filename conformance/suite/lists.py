"""Lists of a target that others may use, too: filled by the run, walked until they hold still."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from attrs import frozen

from conformance.contract import Contract, Operation
from conformance.spec import Resource, Spec
from conformance.suite.paging import ATTEMPTS, CHANGING, Walk, walk_steadily
from conformance.suite.run import Run
from conformance.suite.sites import PagedSite, paged
from conformance.target.finding import alone, list_parents
from conformance.target.outcomes import Deviation, Inconclusive, NotImplementedByTarget
from conformance.target.world import Instance, World, identity_of

#: Enough for three pages of one item, and for a page of two that is not the last.
ITEMS: Final = 3


@frozen
class OwnedSite:
    """A list of which the spec says how to make several items."""

    paged: PagedSite
    owner: Resource

    @property
    def operation(self) -> Operation:
        """The operation that lists."""
        return self.paged.operation

    def __str__(self) -> str:
        return self.operation.name

    def within_others(self, world: World) -> dict[str, Any]:
        """The members of the input that ask for what is in new parents.

        Raises:
            Inconclusive: such parents could not be made.
        """
        parents: dict[str, Instance] = {}
        for kind in list_parents(world.contract, self.owner):
            parent = world.fresh(kind, within=parents)
            parents |= {**parent.parents, kind: parent}
        return world.identifiers(self.operation, Instance(self.owner, {}, {}, parents))


def growing(contract: Contract, spec: Spec) -> Iterator[OwnedSite]:
    """Each list of which the spec says how to make several items."""
    for site in paged(contract, spec):
        owner = spec.owner(site.operation)
        if owner is not None and "create" in owner.operations and not alone(contract, owner):
            yield OwnedSite(site, owner)


def shrinking(contract: Contract, spec: Spec) -> Iterator[OwnedSite]:
    """Each such list of which the spec says how to delete an item, too."""
    return (site for site in growing(contract, spec) if "delete" in site.owner.operations)


def within_parents(contract: Contract, spec: Spec) -> Iterator[OwnedSite]:
    """Each such list that every parent has one of."""
    for site in growing(contract, spec):
        own = site.owner.operations.get("list") == site.operation.name
        if own and site.operation.labels and list_parents(contract, site.owner):
            yield site


def listed(site: PagedSite, run: Run) -> tuple[dict[str, object], set[str]]:
    """The input that lists several items that exist, and the keys of those that the run made."""
    world, inputs = run.world, run.inputs
    owner = world.spec.owner(site.operation)
    if owner is None:
        prepared = inputs.valid(site.operation)
        if not prepared.bound:
            raise Inconclusive(f"no spec says how to make something that {site.operation} lists")
        return prepared.params, set()
    made: list[Instance] = []
    try:
        made = world.several(owner.name, ITEMS)
    except (Inconclusive, NotImplementedByTarget):
        # An account's own list can be walked whatever is in it.
        if site.operation.labels:
            raise
    prepared = inputs.valid(site.operation)
    known = set() if world.read_only else {identity_of(dict(instance.output)) for instance in made}
    # Resources of an exclusive parent stand in one list only where that list has no parent.
    alone = owner.exclusive and any(label in owner.identifiers for label in site.operation.labels)
    return prepared.params, {identity_of(dict(made[0].output))} if alone and made else known


def walked(site: PagedSite, run: Run, page_size: int) -> tuple[Walk, set[str]]:
    """A walk over a list that has several items where the run can make some, and their keys.

    Raises:
        Deviation, Inconclusive: as :func:`walk_steadily`.
    """
    params, known = listed(site, run)
    return walk_steadily(run.client, site, params, page_size), known


def steadily(site: PagedSite, run: Run, look: Callable[[Walk, set[str]], Deviation | None]) -> None:
    """Looks at a walk with pages of one item; what it finds counts only while the list holds still.

    Others may use the target, too, and a token that is an offset slips when they do.

    Raises:
        Deviation: the list did not change meanwhile, and this was found.
        Inconclusive: something was found, but the list kept changing.
    """
    if look(*walked(site, run, 1)) is None:
        return
    for _ in range(ATTEMPTS):
        before = set(walked(site, run, site.largest_page)[0].keys)
        found = look(*walked(site, run, 1))
        if found is None:
            return
        if before == set(walked(site, run, site.largest_page)[0].keys):
            raise found
    raise Inconclusive(CHANGING)

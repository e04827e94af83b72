"""Lists of a target that others may use, too: filled by the run, walked until they hold still."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from conformance.suite.paging import Walk, walk
from conformance.suite.run import Run
from conformance.suite.sites import PagedSite
from conformance.target.outcomes import Deviation, Inconclusive, NotImplementedByTarget
from conformance.target.world import Instance, identity_of

#: Enough for three pages of one item, and for a page of two that is not the last.
ITEMS: Final = 3

#: How often a list that others change is walked again.
ATTEMPTS: Final = 6
CHANGING: Final = "others keep changing the list while it is walked"


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
        Deviation, Inconclusive: as :func:`walked_steadily`.
    """
    params, known = listed(site, run)
    return walked_steadily(site, run, params, page_size), known


def walked_steadily(
    site: PagedSite, run: Run, params: Mapping[str, object], page_size: int
) -> Walk:
    """A walk over a list.

    What goes wrong on the way counts only while the list holds still: others may use the target,
    too, and a token that names the next item leads nowhere once they have deleted that.

    Raises:
        Deviation: the list did not change meanwhile, and this went wrong.
        Inconclusive: something went wrong, but the list kept changing.
    """
    try:
        return walk(run.client, site, params, page_size)
    except Deviation as outcome:
        if outcome.cause.startswith("pagination.ends@"):
            # No list grows as fast as it is walked; to walk it for ever once is enough.
            raise
        return _walked_again(site, run, params, page_size)


def _walked_again(site: PagedSite, run: Run, params: Mapping[str, object], page_size: int) -> Walk:
    for _ in range(ATTEMPTS):
        before = _on_one_page(site, run, params)
        try:
            return walk(run.client, site, params, page_size)
        except Deviation:
            if _on_one_page(site, run, params) == before:
                raise
    raise Inconclusive(CHANGING)


def _on_one_page(site: PagedSite, run: Run, params: Mapping[str, object]) -> list[str]:
    """What tells apart the items of the first page, which has as many as fit on one."""
    limit = {site.limit: site.largest_page} if site.limit else {}
    reply = run.client.call(site.operation, {**params, **limit})
    items = reply.output.get(site.items) if reply.ok else None
    return [identity_of(item) for item in items] if isinstance(items, list) else []


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

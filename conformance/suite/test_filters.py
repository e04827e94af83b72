"""Lists that are filtered, and lists as boto3 walks them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from conformance.contract import Contract
from conformance.spec import Spec
from conformance.suite.boto import Boto
from conformance.suite.checks import MUST, SHOULD, check, model
from conformance.suite.expect import short
from conformance.suite.filters import FilterSite, filters
from conformance.suite.lists import listed
from conformance.suite.paging import ATTEMPTS, CHANGING, MOST_PAGES, walk_steadily
from conformance.suite.run import Run
from conformance.suite.sites import PagedSite, paged
from conformance.target.outcomes import Deviation, Inconclusive, NotTestable, Outcome
from conformance.target.world import identity_of


@check(
    "pagination.filter",
    level=SHOULD,
    cites=model("a member of the input and one of each item that share an enum"),
    over=filters,
    spread=4,
)
def test_a_filter_lets_through_what_it_names_and_nothing_else(site: FilterSite, run: Run) -> None:
    """A list that is filtered by a value has all items with it, on any page, and no others."""
    params, known = listed(site.paged, run)
    filtered = {**params, site.member: site.value}
    if not run.client.call(site.operation, filtered).ok:
        raise NotTestable(f"{site.member} {site.value} is refused, which other checks look at")
    must = _with_value(site, run, params) & known
    done = walk_steadily(run.client, site.paged, filtered, 2)
    for value in site.astray(done.items):
        raise Deviation(
            "A filtered list has an item that the filter should keep out.",
            expected=f"{site.shown_as}: {short(site.value)} in each item",
            got=f"{site.shown_as}: {short(value)}",
        )
    missing = must & _with_value(site, run, params) - set(done.keys)
    if missing:
        raise Deviation(
            "A filtered list lacks an item that the filter names.",
            expected=f"{min(missing)[:80]} among the items",
            got=f"{len(done.items)} others",
        )


def _with_value(site: FilterSite, run: Run, params: dict[str, object]) -> set[str]:
    """What has the value in the list as it is without a filter; nothing if it cannot be without."""
    if site.operation.members[site.member].required:
        return set()
    unfiltered = {name: value for name, value in params.items() if name != site.member}
    items = walk_steadily(run.client, site.paged, unfiltered, site.paged.largest_page).items
    shown = (item for item in items if isinstance(item, dict))
    return {identity_of(item) for item in shown if item.get(site.shown_as) == site.value}


def by_paginators(contract: Contract, spec: Spec) -> Iterator[PagedSite]:
    """Each operation that botocore has a paginator for."""
    return (site for site in paged(contract, spec) if site.operation.paginator is not None)


@check(
    "pagination.boto3",
    level=MUST,
    cites=model("paginators-1"),
    over=by_paginators,
    spread=4,
)
def test_the_paginator_of_boto3_yields_the_whole_list(
    site: PagedSite, run: Run, boto: Boto
) -> None:
    """The paginator of boto3 yields what the list holds, with pages of one item."""
    params, _ = listed(site, run)
    for _ in range(ATTEMPTS):
        before = _whole(site, run, params)
        if len(before) > MOST_PAGES:
            raise NotTestable(f"the list has {len(before):,} items, too many to walk one by one")
        found = _yielded(site, params, boto)
        if isinstance(found, list) and not _missing(site, before, found):
            return
        after = _whole(site, run, params)
        if after == before:
            raise _wrong(site, before, found)
        # What came or went while boto3 was at it may be missing.
        stayed = [item for item in before if item in after]
        if isinstance(found, list) and not _missing(site, stayed, found):
            return
    raise Inconclusive(CHANGING)


def _whole(site: PagedSite, run: Run, params: Mapping[str, object]) -> list[Any]:
    return walk_steadily(run.client, site, params, site.largest_page).items


def _yielded(site: PagedSite, params: Mapping[str, object], boto: Boto) -> list[Any] | Exception:
    """What the paginator yields, or how it failed."""
    try:
        return boto.items(site.operation, params, 1)
    except Outcome:
        raise
    except Exception as error:  # noqa: BLE001 - how it fails is what is told
        return error


def _missing(
    site: PagedSite, listed_: Iterable[Any], yielded: Iterable[Any]
) -> Counter[tuple[str, ...]]:
    """What is in a list and was not yielded."""
    return Counter(_texts(site, listed_)) - Counter(_texts(site, yielded))


def _texts(site: PagedSite, items: Iterable[Any]) -> Iterator[tuple[str, ...]]:
    """What tells an item from others in botocore's hands: its id or ARN, or all of its texts.

    botocore reads times as such, and leaves out what the contract does not know, an id as well.
    """
    if site.item is None:
        yield from ((str(item),) for item in items)
        return
    texts = [n for n, member in site.item.members.items() if member.shape.type == "string"]
    names = [name for name in ("id", "arn") if name in texts][:1] or texts
    for item in items:
        values = [item.get(name) for name in names] if isinstance(item, dict) else []
        yield tuple(value for value in values if isinstance(value, str))


def _wrong(site: PagedSite, before: list[Any], found: list[Any] | Exception) -> Deviation:
    if isinstance(found, Exception):
        return Deviation(
            "The paginator of boto3 fails on the list.",
            expected=f"{len(before)} items",
            got=f"{type(found).__name__}: {str(found)[:200]}",
        )
    missing = min(_missing(site, before, found))
    return Deviation(
        "The paginator of boto3 does not yield the whole list.",
        expected=f"{len(before)} items",
        got=f"{len(found)} items; one that is missing has {short(list(missing))}",
    )

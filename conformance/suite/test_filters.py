"""Lists that are filtered, and lists as boto3 walks them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.contract import Contract
from conformance.spec import Spec
from conformance.suite.boto import Boto
from conformance.suite.checks import MUST, SHOULD, check, model
from conformance.suite.expect import short
from conformance.suite.filters import FilterSite, filters
from conformance.suite.lists import ATTEMPTS, CHANGING, listed, walked_steadily
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
    done = walked_steadily(site.paged, run, filtered, 2)
    for item in done.items:
        value = item.get(site.shown_as) if isinstance(item, dict) else None
        if value is not None and value != site.value:
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
    items = walked_steadily(site.paged, run, unfiltered, site.paged.largest_page).items
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
        before = walked_steadily(site, run, params, site.largest_page).items
        found = _yielded(site, params, boto)
        if isinstance(found, list) and not _lost(before, found):
            return
        if walked_steadily(site, run, params, site.largest_page).items == before:
            raise _wrong(before, found)
    raise Inconclusive(CHANGING)


def _yielded(site: PagedSite, params: Mapping[str, object], boto: Boto) -> list[Any] | Exception:
    """What the paginator yields, or how it failed."""
    try:
        return boto.items(site.operation, params, 1)
    except Outcome:
        raise
    except Exception as error:  # noqa: BLE001 - how it fails is what is told
        return error


def _lost(listed_: list[Any], yielded: list[Any]) -> str:
    """What is in a list and was not yielded; empty if nothing.

    botocore reads times as such and leaves out what it does not know, so that what has no identity
    of its own can only be counted.
    """
    if all(isinstance(item, dict) and {"id", "arn"} & item.keys() for item in listed_):
        missing = {identity_of(i) for i in listed_} - {identity_of(i) for i in yielded}
        return min(missing, default="")
    return f"{len(listed_) - len(yielded)} of them" if len(yielded) < len(listed_) else ""


def _wrong(before: list[Any], found: list[Any] | Exception) -> Deviation:
    if isinstance(found, Exception):
        return Deviation(
            "The paginator of boto3 fails on the list.",
            expected=f"{len(before)} items",
            got=f"{type(found).__name__}: {str(found)[:200]}",
        )
    return Deviation(
        "The paginator of boto3 does not yield the whole list.",
        expected=f"{len(before)} items",
        got=f"{len(found)} items; {_lost(before, found)[:80]} is missing",
    )

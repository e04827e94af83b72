"""Lists that come page by page, walked with small pages and with the largest."""

from __future__ import annotations

from collections import Counter

from conformance.suite.checks import MUST, SHOULD, check, documented, model
from conformance.suite.lists import steadily, walked
from conformance.suite.paging import Walk
from conformance.suite.run import Run
from conformance.suite.sites import PagedSite, paged
from conformance.target.outcomes import Deviation, NotTestable


@check(
    "pagination.page-size",
    level=MUST,
    cites=model("the member of the input that bounds a page"),
    over=paged,
)
def test_a_page_holds_no_more_than_asked_for(site: PagedSite, run: Run) -> None:
    """A page holds at most as many items as the request asks for."""
    if not site.limit:
        raise NotTestable(f"{site.operation} has no member that bounds a page")
    for page_size in (1, 2):
        walked(site, run, page_size)


@check(
    "pagination.no-duplicates",
    level=MUST,
    cites=model("paginators-1"),
    over=paged,
)
def test_walking_every_page_yields_no_item_twice(site: PagedSite, run: Run) -> None:
    """However small the page, no item comes twice."""
    steadily(site, run, _repeated)


def _repeated(done: Walk, known: set[str]) -> Deviation | None:
    twice = sorted(
        key
        for key, count in Counter(done.keys).items()
        if count > 1 and (key in known or not known)
    )
    if not twice:
        return None
    return Deviation(
        "A walk with pages of one item yields an item twice.",
        expected="each item once",
        got=f"{len(twice)} of {len(set(done.keys))} items more than once, e.g. {twice[0][:80]}",
    )


@check(
    "pagination.complete",
    level=MUST,
    cites=model("paginators-1"),
    over=paged,
)
def test_walking_every_page_loses_no_item(site: PagedSite, run: Run) -> None:
    """Small pages yield together what large ones yield."""

    def lost(small: Walk, known: set[str]) -> Deviation | None:
        large, _ = walked(site, run, site.largest_page)
        # Only what the run made is sure to be there throughout.
        wanted = known or set(large.keys)
        missing = [len(wanted - set(done.keys)) for done in (small, large)]
        if not any(missing):
            return None
        return Deviation(
            "A walk loses items.",
            expected=f"all {len(wanted)} items with pages of 1 and of {site.largest_page}",
            got=f"{missing[0]} missing with pages of 1, "
            f"{missing[1]} with pages of {site.largest_page}",
        )

    steadily(site, run, lost)


@check(
    "pagination.sizes",
    level=MUST,
    cites=model("paginators-1"),
    over=paged,
)
def test_every_page_size_yields_the_same_items(site: PagedSite, run: Run) -> None:
    """With pages of one item, of more than there are, or in between, each item comes once."""
    if not site.limit:
        raise NotTestable(f"{site.operation} has no member that bounds a page")
    _, known = walked(site, run, 1)
    for page_size in range(2, len(known) + 2):
        done, _ = walked(site, run, page_size)
        counted = Counter(done.keys)
        wrong = sorted(key for key in known if counted[key] != 1)
        if wrong:
            raise Deviation(
                f"A walk with pages of {page_size} does not yield each item once.",
                expected=f"each of {len(known)} items once",
                got=f"{wrong[0][:80]} {counted[wrong[0]]} times",
            )


@check(
    "pagination.ends",
    level=MUST,
    cites=model("paginators-1"),
    over=paged,
)
def test_every_walk_ends(site: PagedSite, run: Run) -> None:
    """A walk comes to a last page, and no page gives a token that was given before."""
    walked(site, run, 1)


@check(
    "pagination.last-page",
    level=SHOULD,
    cites=documented("the token is absent on the last page, neither null nor empty"),
    over=paged,
)
def test_the_last_page_has_no_token(site: PagedSite, run: Run) -> None:
    """The last page has no token: neither null nor an empty one."""
    done, _ = walked(site, run, site.largest_page)
    if site.token_out in done.last_page:
        raise Deviation(
            "The last page has a token member.",
            expected=f"no {site.token_out}",
            got=f"{site.token_out}: {done.last_page[site.token_out]!r}",
        )

"""Tokens: each leads on from where it was given, and does no harm where it was not."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from conformance.contract import Contract
from conformance.spec import Spec
from conformance.suite.checks import MUST, SHOULD, check, documented, model
from conformance.suite.expect import short
from conformance.suite.filters import FilterSite, filters
from conformance.suite.lists import OwnedSite, listed, steadily, within_parents
from conformance.suite.paging import Walk
from conformance.suite.run import Run
from conformance.suite.sites import PagedSite, paged
from conformance.suite.tokens import Tokens, check_foreign, items_of, unharmed
from conformance.target.instances import identity_of
from conformance.target.outcomes import Deviation, NotTestable


@check(
    "pagination.token-resumes",
    level=MUST,
    cites=model("paginators-1"),
    over=paged,
)
def test_a_token_leads_to_the_next_page(site: PagedSite, run: Run) -> None:
    """A token leads to items that the pages before it did not have."""

    def astray(done: Walk, known: set[str]) -> Deviation | None:
        if len(done.pages) == 1 and len(known) > 1 and site.limit:
            return Deviation(
                "A page that cannot hold all items has no token.",
                expected=f"a {site.token_out}, since {len(known)} items are listed",
                got=f"one page of {len(done.items)} items",
                cause=f"pagination.page-size@{site.operation}",
            )
        if len(done.pages) == 1:
            raise NotTestable("the list has only one page")
        if done.pages[0] and done.pages[0] == done.pages[1]:
            return Deviation(
                "A token leads to the page that gave it.",
                expected="the next page",
                got="the first page again",
            )
        return None

    steadily(site, run, astray)


@check(
    "pagination.bad-token",
    level=MUST,
    cites=documented("a token is opaque; one that was never given leads to a refusal or a page"),
    over=paged,
)
def test_a_token_that_was_never_given_does_no_harm(site: PagedSite, run: Run) -> None:
    """A token that the target never gave is refused or answered, never a failure of the target."""
    params, _ = listed(site, run)
    items_of(site, unharmed(site, run, params, "conformance-was-never-given", "was never given"))


@check(
    "pagination.changed-token",
    level=MUST,
    cites=documented("a token is opaque; one that was changed leads to a refusal or a page"),
    over=paged,
)
def test_a_token_that_was_changed_does_no_harm(site: PagedSite, run: Run, tokens: Tokens) -> None:
    """A token that was cut, lengthened or changed is refused or answered, never a failure."""
    params, _ = listed(site, run)
    token = tokens.first(site, params)
    last = "A" if token[-1:] != "A" else "B"
    for changed, how in (
        (token[: len(token) // 2] or "A", "was cut in half"),
        (token[:-1] + last, "was changed in its last character"),
        (token + last, "is one character longer"),
    ):
        unharmed(site, run, params, changed, how)


@check(
    "pagination.reused-token",
    level=MUST,
    cites=documented("a token is opaque; what a repeated one leads to is told nowhere"),
    over=paged,
    spread=4,
)
def test_a_token_that_is_taken_again_does_no_harm(
    site: PagedSite, run: Run, tokens: Tokens
) -> None:
    """A token that was taken before is refused or answered, never a failure; which, is noted."""
    params, _ = listed(site, run)
    token = tokens.first(site, params)
    pages = [
        unharmed(site, run, params, token, f"was taken {times}", page_size=1)
        for times in ("once", "before")
    ]
    first, again = ([identity_of(item) for item in items_of(site, page)] for page in pages)
    if not pages[1].ok:
        run.chosen = "a token that was taken before is refused"
    else:
        run.chosen = f"a token leads to {'the same' if first == again else 'another'} page again"


@check(
    "pagination.foreign-token",
    level=MUST,
    cites=documented("a token is opaque; one of another list leads to a refusal or a page"),
    over=paged,
    spread=4,
)
def test_a_token_of_another_operation_shows_nothing_of_its_list(
    site: PagedSite, run: Run, tokens: Tokens
) -> None:
    """A token of another operation is refused, or leads to items of the list that is asked for."""
    params, _ = listed(site, run)
    check_foreign(
        site, run, params, partial(tokens.of_another, site), "of another operation's list"
    )


def unlabelled(contract: Contract, spec: Spec) -> Iterator[PagedSite]:
    """Each list that an account has of its own."""
    return (site for site in paged(contract, spec) if not site.operation.labels)


@check(
    "pagination.token-of-another-account",
    level=MUST,
    cites=documented("a token is opaque; one of another account leads to a refusal or a page"),
    over=unlabelled,
)
def test_a_token_of_another_account_shows_nothing_of_its_list(
    site: PagedSite, run: Run, tokens: Tokens
) -> None:
    """A token of another account is refused, or leads to items of the one that asks."""
    run.world.accounts.check_apart()
    params, _ = listed(site, run)
    give = partial(tokens.first, site, params)
    check_foreign(site, run, params, give, "another account's", account=1)


@check(
    "pagination.token-of-another-parent",
    level=MUST,
    cites=documented("a token is opaque; one of another list leads to a refusal or a page"),
    over=within_parents,
    writes=True,
    spread=4,
)
def test_a_token_of_another_parent_shows_nothing_of_its_list(
    site: OwnedSite, run: Run, tokens: Tokens
) -> None:
    """A token of what another parent has is refused, or leads to items of the one asked for."""
    params, _ = listed(site.paged, run)
    give = partial(tokens.first, site.paged, params)
    give()
    other = params | site.within_others(run.world)
    check_foreign(site.paged, run, other, give, "of another parent's list")


@check(
    "pagination.token-of-another-filter",
    level=SHOULD,
    cites=model("a member of the input and one of each item that share an enum"),
    over=filters,
    spread=4,
)
def test_a_token_of_another_filter_lets_nothing_else_through(
    site: FilterSite, run: Run, tokens: Tokens
) -> None:
    """A token that was given without a filter is refused with one, or the filter holds."""
    if site.operation.members[site.member].required:
        raise NotTestable(f"{site.operation} lists nothing without {site.member}")
    params, _ = listed(site.paged, run)
    token = tokens.first(site.paged, params)
    filtered = {**params, site.member: site.value}
    with run.world.setting_up():
        alone = run.client.call(site.operation, filtered)
        if not alone.ok or site.astray(items_of(site.paged, alone)):
            raise NotTestable("the filter does not hold anyhow, which other checks look at")
    reply = unharmed(site.paged, run, filtered, token, "was given without a filter")
    for value in site.astray(items_of(site.paged, reply)):
        raise Deviation(
            "A token that was given without a filter leads past it.",
            expected=f"{site.shown_as}: {short(site.value)} in each item, or a refusal",
            got=f"{site.shown_as}: {short(value)}",
            exchange=reply.exchange,
        )

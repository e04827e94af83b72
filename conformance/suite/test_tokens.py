"""Tokens: each leads on from where it was given, and does no harm where it was not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.contract import Contract
from conformance.spec import Spec
from conformance.suite.checks import MAY, MUST, SHOULD, check, documented, model
from conformance.suite.expect import SERVER_ERRORS, described, fault_of, short
from conformance.suite.filters import FilterSite, filters
from conformance.suite.lists import listed, steadily, walked
from conformance.suite.paging import ATTEMPTS, Walk, walk_steadily
from conformance.suite.run import Run
from conformance.suite.sites import PagedSite, paged
from conformance.target.outcomes import Deviation, Inconclusive, NotImplementedByTarget, NotTestable
from conformance.target.world import identity_of
from conformance.wire.reply import Reply

#: So many tokens of a walk are taken again.
_TAKEN_AGAIN = 3


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
    reply = _unharmed(site, run, params, "conformance-was-never-given", "was never given")
    if reply.ok and not isinstance(reply.output.get(site.items), list):
        raise Inconclusive("the answer has no list of items")


@check(
    "pagination.changed-token",
    level=MUST,
    cites=documented("a token is opaque; one that was changed leads to a refusal or a page"),
    over=paged,
)
def test_a_token_that_was_changed_does_no_harm(site: PagedSite, run: Run) -> None:
    """A token that was cut, lengthened or changed is refused or answered, never a failure."""
    done, _ = walked(site, run, 1)
    if not done.tokens:
        raise NotTestable("the list has only one page")
    params, _ = listed(site, run)
    token = done.tokens[0]
    last = "A" if token[-1:] != "A" else "B"
    for changed, how in (
        (token[: len(token) // 2] or "A", "was cut in half"),
        (token[:-1] + last, "was changed in its last character"),
        (token + last, "is one character longer"),
    ):
        _unharmed(site, run, params, changed, how)


@check(
    "pagination.reused-token",
    level=MAY,
    cites=documented("no source says; clients take one again where an answer got lost"),
    over=paged,
    spread=4,
)
def test_a_token_that_is_taken_again_leads_to_the_same_page(site: PagedSite, run: Run) -> None:
    """A token that was taken before leads to the same page again, or is refused."""

    def astray(done: Walk, _known: set[str]) -> Deviation | None:
        if not done.tokens:
            raise NotTestable("the list has only one page")
        params, _ = listed(site, run)
        for token, page in zip(done.tokens[:_TAKEN_AGAIN], done.pages[1:], strict=False):
            reply = _unharmed(site, run, params, token, "was taken before", page_size=1)
            again = _listed(site, reply)
            if reply.ok and _keys(again) != _keys(page):
                return Deviation(
                    "A token that was taken before leads to another page.",
                    expected=f"{_named(page)}, or a refusal",
                    got=_named(again),
                    exchange=reply.exchange,
                )
        return None

    steadily(site, run, astray)


@check(
    "pagination.foreign-token",
    level=MUST,
    cites=documented("a token is opaque; one of another list leads to a refusal or a page"),
    over=paged,
    spread=4,
)
def test_a_token_of_another_list_shows_nothing_of_that(site: PagedSite, run: Run) -> None:
    """A token of another operation is refused, or leads to items of the list that is asked for."""
    params, _ = listed(site, run)
    token = _token_of_another(site, run)
    _check_belongs(site, run, params, token, "another operation's")


def unlabelled(contract: Contract, spec: Spec) -> Iterator[PagedSite]:
    """Each list that an account has of its own."""
    return (site for site in paged(contract, spec) if not site.operation.labels)


@check(
    "pagination.token-of-another-account",
    level=MUST,
    cites=documented("a token is opaque; one of another account leads to a refusal or a page"),
    over=unlabelled,
)
def test_a_token_of_another_account_shows_nothing_of_that(site: PagedSite, run: Run) -> None:
    """A token of another account is refused, or leads to items of the one that asks."""
    run.world.accounts.check_apart()
    params, _ = listed(site, run)
    token = _first_token(site, run, params)
    if not token:
        raise NotTestable("the list has only one page")
    _check_belongs(site, run, params, token, "another account's", account=1)


@check(
    "pagination.token-of-another-filter",
    level=SHOULD,
    cites=model("a member of the input and one of each item that share an enum"),
    over=filters,
    spread=4,
)
def test_a_token_of_another_filter_lets_nothing_else_through(site: FilterSite, run: Run) -> None:
    """A token that was given without a filter is refused with one, or the filter holds."""
    if site.operation.members[site.member].required:
        raise NotTestable(f"{site.operation} lists nothing without {site.member}")
    params, _ = listed(site.paged, run)
    token = _first_token(site.paged, run, params)
    if not token:
        raise NotTestable("the list has only one page")
    filtered = {**params, site.member: site.value}
    with run.world.setting_up():
        if site.astray(_listed(site.paged, run.client.call(site.operation, filtered))):
            raise NotTestable("the filter lets others through anyhow, which other checks look at")
    reply = _unharmed(site.paged, run, filtered, token, "was given without a filter")
    for value in site.astray(_listed(site.paged, reply)):
        raise Deviation(
            "A token that was given without a filter leads past it.",
            expected=f"{site.shown_as}: {short(site.value)} in each item, or a refusal",
            got=f"{site.shown_as}: {short(value)}",
            exchange=reply.exchange,
        )


def _token_of_another(site: PagedSite, run: Run) -> str:
    """A token of another operation's list."""
    for other in paged(run.contract, run.spec):
        if other.operation == site.operation or not other.limit:
            continue
        try:
            token = _first_token(other, run, listed(other, run)[0])
        except (Inconclusive, NotImplementedByTarget, NotTestable):
            # Any list will do, also where the target does not have each of them.
            continue
        if token:
            return token
    raise NotTestable("no other list has more than one page")


def _first_token(site: PagedSite, run: Run, params: dict[str, object]) -> str:
    """The token of a page of one item; empty if there is none."""
    limit = {site.limit: 1} if site.limit else {}
    with run.world.setting_up():
        reply = run.client.call(site.operation, {**params, **limit})
    token = reply.output.get(site.token_out) if reply.ok else None
    return token if isinstance(token, str) else ""


def _check_belongs(
    site: PagedSite,
    run: Run,
    params: dict[str, object],
    token: str,
    whose: str,
    *,
    account: int = 0,
) -> None:
    """Holds the items that a token leads to against the list that is asked for."""
    for _ in range(ATTEMPTS):
        reply = _unharmed(site, run, params, token, f"is {whose}", account=account)
        # The list is looked at afterwards, so that what others have added is in it.
        items = _listed(site, reply)
        if not items:
            return
        own = walk_steadily(run.client, site, params, site.largest_page, account=account)
        strange = sorted(set(_keys(items)) - set(own.keys))
        if not strange:
            return
    # What others delete in between is gone the next time.
    raise Deviation(
        f"A token that is {whose} shows what is not in the list.",
        expected="items of the list, or a refusal",
        got=strange[0][:80],
        exchange=reply.exchange,
    )


def _listed(site: PagedSite, reply: Reply) -> list[Any]:
    """The items of a page; none where it is a refusal."""
    items = reply.output.get(site.items) if reply.ok else None
    return items if isinstance(items, list) else []


def _keys(items: list[Any]) -> list[str]:
    return [identity_of(item) for item in items]


def _named(items: list[Any]) -> str:
    return ", ".join(key[:60] for key in _keys(items)) or "no item"


def _unharmed(
    site: PagedSite,
    run: Run,
    params: dict[str, object],
    token: str,
    how: str,
    *,
    page_size: int = 0,
    account: int = 0,
) -> Reply:
    """The answer to a token that the target may refuse, if it survives it.

    Args:
        page_size: what to ask for; nothing if 0.
    """
    limit = {site.limit: page_size} if site.limit and page_size else {}
    request = {**params, **limit, site.token_in: token}
    reply = run.client.call(site.operation, request, account=account, valid=False)
    if reply.status >= SERVER_ERRORS or fault_of(reply):
        raise Deviation(
            f"A token that {how} makes the target fail.",
            expected="a refusal below 500, or a page",
            got=described(reply),
            exchange=reply.exchange,
        )
    return reply

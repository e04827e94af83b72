"""Walks a list page by page, never for ever."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import define, field

from conformance.suite.expect import described, short, succeeded
from conformance.suite.sites import PagedSite
from conformance.target.client import Client
from conformance.target.outcomes import Deviation, Inconclusive, NotTestable
from conformance.target.world import identity_of
from conformance.wire.reply import Reply

#: How often a list that others change is walked again.
ATTEMPTS: Final = 6
CHANGING: Final = "others keep changing the list while it is walked"

#: More pages than any list of a run fills, even one item to a page on a target that others use.
MOST_PAGES: Final = 500
#: So many large pages hold as many items, also where a target fills them by a tenth only.
_FEW_PAGES: Final = 50


@define
class Walk:
    """What a walk found.

    Attributes:
        pages: the items of each page.
        tokens: what led from each page to the next.
        last_page: the whole of the last page.
    """

    pages: list[list[Any]] = field(factory=list)
    tokens: list[str] = field(factory=list)
    last_page: dict[str, Any] = field(factory=dict)

    @property
    def items(self) -> list[Any]:
        """All items, in order."""
        return [item for page in self.pages for item in page]

    @property
    def keys(self) -> list[str]:
        """What tells the items apart, in order."""
        return [identity_of(item) for item in self.items]


def walk(
    client: Client,
    site: PagedSite,
    params: Mapping[str, Any],
    page_size: int,
    *,
    account: int = 0,
) -> Walk:
    """Walks a list to its end.

    Args:
        page_size: what to ask for where the operation lets one ask.
        account: which of the target's accounts walks.

    Raises:
        Deviation: a page is refused, holds too much, or the walk does not end.
        NotTestable: the list is too long for pages of that size.
    """
    done = Walk()
    for _ in steps(done, client, site, params, page_size, account=account):
        pass
    return done


def steps(
    done: Walk,
    client: Client,
    site: PagedSite,
    params: Mapping[str, Any],
    page_size: int,
    *,
    account: int = 0,
) -> Iterator[list[Any]]:
    """A walk that stops at each page: its items; all that was found is in ``done``.

    Args:
        page_size, account: as :func:`walk`.

    Raises:
        Deviation: as :func:`walk`.
    """
    token: str | None = None
    while len(done.pages) < MOST_PAGES:
        given = {site.token_in: token} if token else {}
        request = {**params, **site.sized(page_size), **given}
        reply = succeeded(client.call(site.operation, request, account=account))
        items = _items(site, reply)
        if site.limit and len(items) > page_size:
            raise Deviation(
                "A page holds more items than were asked for.",
                expected=f"at most {page_size} items ({site.limit}={page_size})",
                got=f"{len(items)} items",
                cause=f"pagination.page-size@{site.operation}",
            )
        done.pages.append(items)
        done.last_page = reply.output
        yield items
        token = _token(site, reply, done)
        if token is None:
            return
        done.tokens.append(token)
    if site.limit and page_size < site.largest_page:
        _check_short(client, site, params, account)
    raise Deviation(
        "The walk does not end.",
        expected=f"an end within {MOST_PAGES} pages",
        got="a token on each of them",
        cause=f"pagination.ends@{site.operation}",
    )


def _check_short(client: Client, site: PagedSite, params: Mapping[str, Any], account: int) -> None:
    """Makes sure that a list ends before a walk by small pages gives up.

    Raises:
        NotTestable: it does not, since it has so many items.
        Deviation: a large page is no page.
    """
    large = steps(Walk(), client, site, params, site.largest_page, account=account)
    if sum(map(len, itertools.islice(large, _FEW_PAGES))) >= MOST_PAGES:
        raise NotTestable(f"the list has {MOST_PAGES} items or more, too many to walk one by one")


def _items(site: PagedSite, reply: Reply) -> list[Any]:
    items = reply.output.get(site.items)
    if not isinstance(items, list):
        raise Deviation(
            "A page has no list of items.",
            expected=f"{site.items}: a list",
            got=described(reply),
            cause=f"response.required@{site.operation}",
        )
    return items


def _token(site: PagedSite, reply: Reply, done: Walk) -> str | None:
    """What leads on from a page; None from the last."""
    token = reply.output.get(site.token_out) or None
    if token is None:
        return None
    if not isinstance(token, str):
        raise Deviation(
            "A token is no text.",
            expected=f"{site.token_out}: a string",
            got=f"{site.token_out}: {short(token)}",
            cause=f"response.type@{site.operation}:{site.token_out}",
        )
    if token in done.tokens:
        raise Deviation(
            "The walk does not end: a page repeats a token that was already given.",
            expected="a new token, or none on the last page",
            got=f"{site.token_out} {token[:60]!r} again after {len(done.pages)} pages",
            cause=f"pagination.ends@{site.operation}",
        )
    return token


def walk_steadily(
    client: Client,
    site: PagedSite,
    params: Mapping[str, Any],
    page_size: int,
    *,
    account: int = 0,
) -> Walk:
    """Walks a list to its end, anew while others change it.

    What goes wrong on the way counts only while the list holds still, as far as its first page
    tells: others may use the target, too, and a token that names the next item leads nowhere once
    they have deleted that.

    Args:
        page_size, account: as :func:`walk`.

    Raises:
        Deviation: the list did not change meanwhile, and this went wrong.
        Inconclusive: something went wrong, but the list kept changing.
    """
    try:
        return walk(client, site, params, page_size, account=account)
    except Deviation as outcome:
        if outcome.cause.startswith("pagination.ends@"):
            # No list grows as fast as it is walked; to walk it for ever once is enough.
            raise
    for _ in range(ATTEMPTS):
        before = _on_one_page(client, site, params, account)
        try:
            return walk(client, site, params, page_size, account=account)
        except Deviation:
            if _on_one_page(client, site, params, account) == before:
                raise
    raise Inconclusive(CHANGING)


def _on_one_page(
    client: Client, site: PagedSite, params: Mapping[str, Any], account: int
) -> list[str]:
    """What tells apart the items of the first page, which has as many as fit on one."""
    request = {**params, **site.sized(site.largest_page)}
    reply = client.call(site.operation, request, account=account)
    items = reply.output.get(site.items) if reply.ok else None
    return [identity_of(item) for item in items] if isinstance(items, list) else []

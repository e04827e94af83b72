"""Tokens of lists, and what they lead to where they were not given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from attrs import define, field

from conformance.suite.expect import SERVER_ERRORS, described, fault_of
from conformance.suite.lists import listed
from conformance.suite.paging import CHANGING, walk_steadily
from conformance.suite.run import Run
from conformance.suite.sites import PagedSite, paged
from conformance.target.instances import identity_of
from conformance.target.outcomes import Deviation, Inconclusive, NotImplementedByTarget, NotTestable
from conformance.wire.reply import Reply

#: What others do to a list meanwhile is another thing each time.
_ATTEMPTS: Final = 3


@define(eq=False)
class Tokens:
    """The tokens of a run."""

    run: Run
    _dry: set[str] = field(factory=set, init=False)

    def first(self, site: PagedSite, params: Mapping[str, Any]) -> str:
        """A new token of the first page of a list, which has one item where one can ask for that.

        Raises:
            NotTestable: there is none.
        """
        with self.run.world.setting_up():
            reply = self.run.client.call(site.operation, {**params, **site.sized(1)})
        token = reply.output.get(site.token_out) if reply.ok else None
        if token and isinstance(token, str):
            return token
        if reply.ok and not token:
            raise NotTestable("the list has only one page")
        raise NotTestable("the list gives no token, which other checks look at")

    def of_another(self, site: PagedSite) -> str:
        """A new token of another operation's list.

        Raises:
            NotTestable: no other list gives one.
        """
        for other in paged(self.run.contract, self.run.spec):
            name = other.operation.name
            if name in self._dry or other.operation == site.operation or not other.limit:
                continue
            try:
                return self.first(other, listed(other, self.run)[0])
            except (Deviation, Inconclusive, NotImplementedByTarget, NotTestable):
                # Any list will do, also where the target does not have each of them.
                self._dry.add(name)
        raise NotTestable("no other list has more than one page")


def items_of(site: PagedSite, reply: Reply) -> list[Any]:
    """The items of a page; none of a refusal.

    Raises:
        Inconclusive: it succeeds, and has no list of items.
    """
    items = reply.output.get(site.items) if reply.ok else []
    if not isinstance(items, list):
        raise Inconclusive("the answer has no list of items")
    return items


def unharmed(
    site: PagedSite,
    run: Run,
    params: Mapping[str, Any],
    token: str,
    how: str,
    *,
    page_size: int = 0,
    account: int = 0,
) -> Reply:
    """The answer to a token that the target may refuse, if it survives it.

    Args:
        how: what is special about the token, for a reader.
        page_size: what to ask for; nothing if 0.

    Raises:
        Deviation: it fails.
    """
    size = site.sized(page_size) if page_size else {}
    request = {**params, **size, site.token_in: token}
    reply = run.client.call(site.operation, request, account=account, valid=False)
    if reply.status >= SERVER_ERRORS or fault_of(reply):
        raise Deviation(
            f"A token that {how} makes the target fail.",
            expected="a refusal below 500, or a page",
            got=described(reply),
            exchange=reply.exchange,
        )
    return reply


def check_foreign(
    site: PagedSite,
    run: Run,
    params: Mapping[str, Any],
    give: Callable[[], str],
    whose: str,
    *,
    account: int = 0,
) -> None:
    """Makes sure that a token of something else shows nothing that is not in a list.

    Args:
        give: a new token; it may be good for one use only.
        whose: it is, for a reader.

    Raises:
        Deviation: it does, each time.
        Inconclusive: it does, but never the same.
    """
    strange: set[str] = set()
    for attempt in range(_ATTEMPTS):
        token, before = give(), _in_list(site, run, params, account)
        reply = unharmed(site, run, params, token, f"is {whose}", account=account)
        shown = {identity_of(item) for item in items_of(site, reply)}
        found = shown - before - _in_list(site, run, params, account) if shown else set()
        if not found:
            return
        strange = strange & found if attempt else found
    if not strange:
        raise Inconclusive(CHANGING)
    raise Deviation(
        f"A token that is {whose} shows what is not in the list.",
        expected="items of the list, or a refusal",
        got=min(strange)[:80],
        exchange=reply.exchange,
    )


def _in_list(site: PagedSite, run: Run, params: Mapping[str, Any], account: int) -> set[str]:
    done = walk_steadily(run.client, site, params, site.largest_page, account=account)
    return set(done.keys)

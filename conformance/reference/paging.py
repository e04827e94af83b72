"""Pages of a list, and the tokens that lead from one to the next.

A token names the last item of its page, not a number of items, so it stays right when items come
and go; and it is bound to the list, the caller and the filters it was given for.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from hashlib import blake2b
from typing import Any, Final

from conformance.reference.calls import Answer, Call
from conformance.reference.errors import InvalidError
from conformance.reference.shelves import Shelf

DEFAULT_PAGE_SIZE: Final = 100
_PAGING: Final = frozenset({"nextToken", "maxResults"})


def page(
    call: Call,
    member: str,
    shelf: Shelf[Any],
    row: Callable[[Any], dict[str, Any]],
    *,
    where: Callable[[Any], bool] = lambda _item: True,
    newest_first: bool = False,
) -> Answer:
    """The page of a shelf that a call asks for.

    Args:
        call: has ``maxResults``, ``nextToken`` and the filters.
        member: the name of the output's list.
        shelf: what is listed.
        row: from an item to its row.
        where: which items to list.
        newest_first: the order of the list.

    Raises:
        InvalidError: the token was not given for this list, caller and filter.
    """
    size = call.get("maxResults", DEFAULT_PAGE_SIZE)
    after = _place(call)
    rows: list[dict[str, Any]] = []
    last = 0
    for item in shelf.walk(after, newest_first=newest_first):
        if not where(item):
            continue
        if len(rows) == size:
            return {member: rows, "nextToken": _token(call, last)}
        rows.append(row(item))
        last = item.order
    return {member: rows}


def _token(call: Call, order: int) -> str:
    return base64.urlsafe_b64encode(f"{order}.{_seal(call, order)}".encode()).decode()


def _place(call: Call) -> int | None:
    token = call.get("nextToken")
    if token is None:
        return None
    try:
        order_text, _, seal = (
            base64.b64decode(token, altchars=b"-_", validate=True).decode().partition(".")
        )
        order = int(order_text)
    except (binascii.Error, ValueError):
        order, seal = 0, ""
    if seal != _seal(call, order):
        text = "is not a token of this list"
        raise InvalidError(
            f"nextToken: {text}", ("nextToken", text), reason="FIELD_VALIDATION_FAILED"
        )
    return order


def _seal(call: Call, order: int) -> str:
    filters = sorted((name, value) for name, value in call.params.items() if name not in _PAGING)
    told = repr((call.operation.name, call.account, filters, order))
    return blake2b(told.encode(), digest_size=12).hexdigest()

"""Ordered collections that stay walkable while things are put in and taken out.

Knows nothing of what it holds but its place in the order.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar


class Ordered(Protocol):
    """Something with a place in the order of creation that never changes."""

    @property
    def order(self) -> int:
        """Its place; larger is later."""


T = TypeVar("T", bound=Ordered)


class Shelf(Generic[T]):
    """Items in the order of their creation; adding, removing and finding a place are fast."""

    def __init__(self) -> None:
        self._orders: list[int] = []
        self._items: dict[int, T] = {}

    def __len__(self) -> int:
        return len(self._orders)

    def __iter__(self) -> Iterator[T]:
        return self.walk(None)

    def add(self, item: T) -> None:
        """Puts an item at its place; nothing happens if it is there."""
        if item.order in self._items:
            return
        if not self._orders or item.order > self._orders[-1]:
            self._orders.append(item.order)
        else:
            self._orders.insert(bisect_left(self._orders, item.order), item.order)
        self._items[item.order] = item

    def remove(self, item: T) -> None:
        """Takes an item out; nothing happens if it is not there."""
        if self._items.pop(item.order, None) is not None:
            del self._orders[bisect_left(self._orders, item.order)]

    def walk(self, after: int | None, *, newest_first: bool = False) -> Iterator[T]:
        """The items that follow a place, which need not be taken.

        Args:
            after: the place; None for the beginning.
            newest_first: in which direction to go.
        """
        orders = self._orders
        if newest_first:
            places = range(
                (len(orders) if after is None else bisect_left(orders, after)) - 1, -1, -1
            )
        else:
            places = range(0 if after is None else bisect_right(orders, after), len(orders))
        return (self._items[orders[place]] for place in places)

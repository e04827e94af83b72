"""Members of a list operation's input that choose among its items, as the contract shows them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from attrs import frozen

from conformance.contract import Contract, Operation, Shape
from conformance.spec import Spec
from conformance.suite.sites import PagedSite, paged


@frozen
class FilterSite:
    """A value of an enum by which a list is filtered.

    Attributes:
        member: of the input.
        shown_as: the member of each item that has the same value.
    """

    paged: PagedSite
    member: str
    shown_as: str
    value: str

    @property
    def operation(self) -> Operation:
        """The operation that lists."""
        return self.paged.operation

    def __str__(self) -> str:
        return f"{self.operation}:{self.member}={self.value}"

    def astray(self, items: Iterable[Any]) -> list[Any]:
        """What items have in place of the value; nothing of those that do not show it."""
        shown = [item.get(self.shown_as) for item in items if isinstance(item, dict)]
        return [value for value in shown if value is not None and value != self.value]


def filters(contract: Contract, spec: Spec) -> Iterator[FilterSite]:
    """Each value of each filter.

    A filter is a member with an enum that each item has, too: of the same name, and no value that
    the item cannot have; or, where there is only one such, of the same shape.
    """
    for site in paged(contract, spec):
        item = site.item
        if item is None:
            continue
        for name, member in site.operation.members.items():
            shown_as = _shown_as(name, member.shape, item) if member.shape.enum else ""
            if shown_as:
                for value in member.shape.enum:
                    yield FilterSite(site, name, shown_as, value)


def _shown_as(name: str, shape: Shape, item: Shape) -> str:
    same = item.members.get(name)
    if same is not None and set(shape.enum) <= set(same.shape.enum):
        return name
    alike = [n for n, member in item.members.items() if member.shape.name == shape.name]
    return alike[0] if len(alike) == 1 else ""

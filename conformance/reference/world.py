"""Everything that exists in one region: records by identifier and ARN, and their shelves.

Knows how things are kept, not what the service does with them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from attrs import Factory, define

from conformance.contract import Contract
from conformance.reference.clock import Clock, Pace
from conformance.reference.quotas import Quotas
from conformance.reference.shelves import Shelf


@define(eq=False, kw_only=True)
class Record:
    """Something with an identifier that an account has created.

    Attributes:
        owner: the account.
        order: its place in the order of creation.
        created, updated: epoch seconds, to the millisecond.
        stated: the members that its owner stated and that answers repeat, by name.
    """

    id: str
    owner: str
    order: int
    created: float
    updated: float
    arn: str = ""
    stated: dict[str, Any] = Factory(dict)
    tags: dict[str, str] = Factory(dict)

    def describe(self) -> dict[str, Any]:
        """The members that every answer about it has."""
        return {
            **self.stated,
            "id": self.id,
            "arn": self.arn,
            "createTime": self.created,
            "updateTime": self.updated,
        }


R = TypeVar("R", bound=Record)


class World:
    """What exists in one region.

    Args:
        contract: the contract that is served.
        region: whose name the ARNs carry.
        clock: tells the time in epoch seconds.
        ids: yields identifiers.
        quotas: how much there may be of everything.
        pace: how long things take.
    """

    def __init__(
        self,
        contract: Contract,
        *,
        region: str,
        clock: Clock,
        ids: Iterator[str],
        quotas: Quotas,
        pace: Pace,
    ) -> None:
        self.contract = contract
        self.region = region
        self.quotas = quotas
        self.pace = pace
        self._clock = clock
        self._ids = ids
        self._latest = 0.0
        self._created = 0
        self._by_id: dict[str, Record] = {}
        self._by_arn: dict[str, Record] = {}
        self._shelves: dict[tuple[str, str], Shelf[Any]] = {}

    def __len__(self) -> int:
        return len(self._by_id)

    def now(self) -> float:
        """The time in epoch seconds; never earlier than it was."""
        self._latest = max(self._latest, self._clock())
        return self._latest

    def new_id(self) -> str:
        """An identifier that nothing has."""
        return next(self._ids)

    def next_order(self) -> int:
        """The next place in the order of creation."""
        self._created += 1
        return self._created

    def birth(self, owner: str) -> dict[str, Any]:
        """The members that a new record has from the beginning."""
        now = self.now()
        return {
            "id": self.new_id(),
            "owner": owner,
            "order": self.next_order(),
            "created": now,
            "updated": now,
        }

    def arn(self, account: str, *parts: str) -> str:
        """The ARN of a resource of an account."""
        return f"arn:aws:cleanrooms:{self.region}:{account}:{'/'.join(parts)}"

    def add(self, record: Record, *shelves: tuple[str, str]) -> None:
        """Keeps a record, and puts it on shelves (kind and scope)."""
        self._by_id[record.id] = record
        if record.arn:
            self._by_arn[record.arn] = record
        for kind, scope in shelves:
            self.shelve(record, kind, scope)

    def remove(self, record: Record, *shelves: tuple[str, str]) -> None:
        """Forgets a record, and takes it from shelves."""
        self._by_id.pop(record.id, None)
        self._by_arn.pop(record.arn, None)
        for kind, scope in shelves:
            self.unshelve(record, kind, scope)

    def shelve(self, record: Record, kind: str, scope: str) -> None:
        """Puts a record on a shelf."""
        self._shelves.setdefault((kind, scope), Shelf()).add(record)

    def unshelve(self, record: Record, kind: str, scope: str) -> None:
        """Takes a record from a shelf."""
        shelf = self._shelves.get((kind, scope))
        if shelf is None:
            return
        shelf.remove(record)
        if not shelf:
            del self._shelves[kind, scope]

    def shelf(self, kind: str, scope: str) -> Shelf[Any]:
        """What stands on a shelf; empty where nothing does."""
        return self._shelves.get((kind, scope)) or Shelf()

    def empty(self, kind: str, scope: str) -> None:
        """Takes everything from a shelf; what no other shelf holds is to be removed before."""
        self._shelves.pop((kind, scope), None)

    def find(self, kind: type[R], identifier: str) -> R | None:
        """The record of that kind with that identifier."""
        record = self._by_id.get(identifier)
        return record if isinstance(record, kind) else None

    def find_by_arn(self, arn: str) -> Record | None:
        """The record with that ARN."""
        return self._by_arn.get(arn)

    def records(self) -> Iterator[Record]:
        """Every record, in the order of creation."""
        return iter(sorted(self._by_id.values(), key=lambda record: record.order))

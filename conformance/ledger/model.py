"""What a ledger says of the results of a run; nothing here knows the file's form."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen

from conformance.names import Glob

_JUDGED: Final = ("passed", "deviates", "waived")
_TOLD: Final = 3


@frozen
class Entry:
    """One known deviation.

    Attributes:
        by: ``case`` or ``cause``: what the pattern is held against.
        line: where it stands in the file, from 1.
        operations: those that it is known of; empty for any. A pattern that spans operations would
            else hide the next one that breaks.
    """

    by: str
    pattern: Glob
    reason: str
    line: int
    link: str = ""
    expires: dt.date | None = None
    operations: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.by}: {self.pattern} (line {self.line})"

    def covers(self, result: Mapping[str, Any]) -> bool:
        """Whether it speaks of a result."""
        return self.pattern.matches(str(result.get(self.by, ""))) and self._is_of(result)

    def would_cover(self, result: Mapping[str, Any]) -> bool:
        """Whether it would speak of a result without a cause, had that deviated as most do."""
        if self.by == "case":
            return self.covers(result)
        if not self._is_of(result):
            return False
        check = result.get("check", "")
        places = {result.get("operation", ""), result.get("site", "")}
        return any(self.pattern.matches(f"{check}@{place}") for place in places)

    def may_hide_in(self, result: Mapping[str, Any]) -> bool:
        """Whether a case that could not be judged may have shown the deviation."""
        if self.by == "case":
            return self.covers(result)
        if not self._is_of(result):
            return False
        place = self.pattern.text.partition("@")[2].partition(":")[0]
        return Glob(place).matches(str(result.get("operation", "")))

    def _is_of(self, result: Mapping[str, Any]) -> bool:
        return not self.operations or result.get("operation", "") in self.operations


@frozen
class Stale:
    """An entry that no longer says something true.

    Attributes:
        operations: those of its operations of which it is untrue; empty where it is all untrue.
    """

    entry: Entry
    why: str
    operations: tuple[str, ...] = ()


@frozen
class Passing:
    """An entry that still holds, and the cases that it names although they pass."""

    entry: Entry
    cases: tuple[str, ...]


@frozen
class Shortfall:
    """What a run judged less of than the run that the ledger was made from.

    Attributes:
        less: by operation, how many cases were judged now, and how many then.
        line: where the ledger remembers it, from 1.
    """

    less: Mapping[str, tuple[int, int]]
    line: int

    def __str__(self) -> str:
        return f"made_from (line {self.line})"

    @property
    def why(self) -> str:
        """The same as a sentence's half: the greatest losses first."""
        ranked = sorted(self.less.items(), key=lambda item: (item[1][0] - item[1][1], item[0]))
        told = [f"{name} {now} of {then}" for name, (now, then) in ranked[:_TOLD]]
        if rest := len(ranked) - len(told):
            told.append(f"{rest} more operation{'' if rest == 1 else 's'}")
        return f"judged less than the run it was made from: {', '.join(told)}"


@frozen
class MadeFrom:
    """How much the run judged that a ledger was made from.

    Attributes:
        model: the first digits of the contract's hash.
        judged: the number of judged cases by operation; operations without any are left out.
        line: where it stands in the file, from 1.
    """

    model: str
    judged: Mapping[str, int]
    line: int = 0

    @classmethod
    def of(cls, results: Iterable[Mapping[str, Any]], model_sha256: str) -> MadeFrom:
        """What the results of a run, held against this contract, are to be remembered by."""
        return cls(model_sha256[:12], judged_by_operation(results))

    def shortfall(
        self,
        results: Iterable[Mapping[str, Any]],
        *,
        model_sha256: str,
        operations: Collection[str],
    ) -> Shortfall | None:
        """What a run judged less of; None if nothing.

        Of another contract, numbers of cases say nothing. What still counts there is an operation
        that both contracts have, and that came to no judgement at all.

        Args:
            results: all results of the run, which was to run every case.
            model_sha256: the hash of its contract.
            operations: the operations of its contract.
        """
        now = judged_by_operation(results)
        same = model_sha256.startswith(self.model)
        less = {
            name: (now.get(name, 0), then)
            for name, then in self.judged.items()
            if (now.get(name, 0) < then if same else name in operations and name not in now)
        }
        return Shortfall(less, self.line) if less else None


@frozen
class Ledger:
    """The entries of one file.

    Attributes:
        today: the day by which entries expire.
        made_from: how much the run judged that it was made from; None where nobody noted it.
    """

    path: Path
    entries: tuple[Entry, ...]
    today: dt.date = field(factory=lambda: dt.datetime.now(tz=dt.UTC).date())
    made_from: MadeFrom | None = None

    def waives(self, result: Mapping[str, Any]) -> Entry | None:
        """The entry that covers a deviating result and has not expired."""
        return next((e for e in self.entries if not self.expired(e) and e.covers(result)), None)

    def stale(self, results: Iterable[Mapping[str, Any]], *, everything_ran: bool) -> list[Stale]:
        """The entries that are expired, or that no deviation of the run bears out.

        Args:
            results: all results of the run; waived ones have the verdict ``waived``.
            everything_ran: whether an entry that covers no case of the run is a mistake.
        """
        known = list(results)
        return [s for entry in self.entries if (s := self._stale(entry, known, everything_ran))]

    def unseen(self, results: Iterable[Mapping[str, Any]]) -> int:
        """How many entries a part of a run says nothing of: only a whole one can tell."""
        known = list(results)
        told = [each.entry for each in self.stale(known, everything_ran=False)]
        quiet = (entry for entry in self.entries if not _borne_out(entry, known))
        return sum(1 for entry in quiet if entry not in told)

    def passing(self, results: Iterable[Mapping[str, Any]]) -> list[Passing]:
        """The entries that still hold for some of the cases that they name, and for others not.

        That is no mistake: a pattern may be wider than what deviates. It is worth a look.
        """
        known = list(results)
        passed = [result for result in known if result["verdict"] == "passed"]
        return [
            Passing(entry, cases)
            for entry in self.entries
            if not self.expired(entry)
            and _borne_out(entry, known)
            and (cases := tuple(sorted(r["case"] for r in passed if entry.would_cover(r))))
        ]

    def expired(self, entry: Entry) -> bool:
        """Whether the last day of an entry is over."""
        return entry.expires is not None and entry.expires < self.today

    def _stale(
        self, entry: Entry, results: list[Mapping[str, Any]], everything_ran: bool
    ) -> Stale | None:
        if self.expired(entry):
            return Stale(entry, f"expired on {entry.expires}")
        if _borne_out(entry, results):
            return _stale_in_part(entry, results) if everything_ran else None
        if entry.by == "case" and any(entry.covers(r) for r in results if r["verdict"] == "passed"):
            return Stale(entry, "no longer deviates")
        if any(entry.covers(r) for r in results) or _undecided(entry, results):
            return None
        if everything_ran:
            return Stale(entry, "matches nothing" if entry.by == "case" else "no longer deviates")
        return None


def judged_by_operation(results: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many cases of each operation came to a judgement, by name."""
    counted = Counter(r.get("operation", "") for r in results if r["verdict"] in _JUDGED)
    return {name: counted[name] for name in sorted(counted)}


def _stale_in_part(entry: Entry, results: Iterable[Mapping[str, Any]]) -> Stale | None:
    """The operations of an entry that still holds of which it does not hold any more."""
    by_operation: dict[str, list[Mapping[str, Any]]] = {name: [] for name in entry.operations}
    for result in results:
        if (name := result.get("operation", "")) in by_operation:
            by_operation[name].append(result)
    gone = tuple(
        name
        for name, found in by_operation.items()
        if not _borne_out(entry, found) and not _undecided(entry, found)
    )
    return Stale(entry, f"no longer deviates in {', '.join(gone)}", gone) if gone else None


def _borne_out(entry: Entry, results: Iterable[Mapping[str, Any]]) -> bool:
    return any(entry.covers(r) for r in results if r["verdict"] in ("deviates", "waived"))


def _undecided(entry: Entry, results: Iterable[Mapping[str, Any]]) -> bool:
    return any(entry.may_hide_in(r) for r in results if r["verdict"] == "inconclusive")

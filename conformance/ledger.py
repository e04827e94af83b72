"""The ledger of known deviations: what a target's owner knows of, with a reason for each.

A YAML list. Each entry names a ``case`` or a ``cause`` (``*`` stands for anything), a ``reason``,
and as one likes a ``link`` and a day on which it ``expires``.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from conformance.errors import UsageError
from conformance.names import Glob

_KEYS: Final = frozenset({"case", "cause", "reason", "link", "expires"})


@frozen
class Entry:
    """One known deviation.

    Attributes:
        by: ``case`` or ``cause``: what the pattern is held against.
        line: where it stands in the file, from 1.
    """

    by: str
    pattern: Glob
    reason: str
    line: int
    link: str = ""
    expires: dt.date | None = None

    def __str__(self) -> str:
        return f"{self.by}: {self.pattern} (line {self.line})"

    def covers(self, result: Mapping[str, Any]) -> bool:
        """Whether it speaks of a result."""
        return self.pattern.matches(str(result.get(self.by, "")))


@frozen
class Stale:
    """An entry that no longer says something true."""

    entry: Entry
    why: str


@frozen
class Ledger:
    """The entries of one file.

    Attributes:
        today: the day by which entries expire.
    """

    path: Path
    entries: tuple[Entry, ...]
    today: dt.date = field(factory=lambda: dt.datetime.now(tz=dt.UTC).date())

    def waives(self, result: Mapping[str, Any]) -> Entry | None:
        """The entry that covers a deviating result and has not expired."""
        return next((e for e in self.entries if not self._expired(e) and e.covers(result)), None)

    def stale(self, results: Iterable[Mapping[str, Any]], *, everything_ran: bool) -> list[Stale]:
        """The entries that are expired, or that no deviation of the run bears out.

        Args:
            results: all results of the run; waived ones have the verdict ``waived``.
            everything_ran: whether an entry that covers no case of the run is a mistake.
        """
        known = list(results)
        return [s for entry in self.entries if (s := self._stale(entry, known, everything_ran))]

    def _stale(
        self, entry: Entry, results: list[Mapping[str, Any]], everything_ran: bool
    ) -> Stale | None:
        if self._expired(entry):
            return Stale(entry, f"expired on {entry.expires}")
        if any(entry.covers(r) for r in results if r["verdict"] in ("deviates", "waived")):
            return None
        if entry.by == "case" and any(entry.covers(r) for r in results if r["verdict"] == "passed"):
            return Stale(entry, "no longer deviates")
        covered = any(entry.covers(r) for r in results)
        if everything_ran and not covered:
            return Stale(entry, "matches nothing" if entry.by == "case" else "no longer deviates")
        return None

    def _expired(self, entry: Entry) -> bool:
        return entry.expires is not None and entry.expires < self.today


def load(path: Path) -> Ledger:
    """Reads a ledger.

    Raises:
        UsageError: the file cannot be read, or an entry is not as it should be; names the line.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"--ledger {path}: {reason}.", "Give a YAML file.") from None
    try:
        document: Any = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise UsageError(f"--ledger {path}, line {line}: not YAML: {error.problem}.") from None
    except (YAMLError, ValueError) as error:
        # Characters that YAML does not allow; a day that no calendar has.
        line = _line_of_bad_day(text)
        where = f", line {line}" if line else ""
        first = str(error).splitlines()[0]
        raise UsageError(f"--ledger {path}{where}: {first} is no day or no YAML.") from None
    if document is None:
        return Ledger(path, ())
    if not isinstance(document, list) or not hasattr(document, "lc"):
        raise UsageError(f"--ledger {path}: it is no list.", "Each entry starts with '- case:'.")
    return Ledger(
        path,
        tuple(
            _entry(path, document.lc.item(index)[0] + 1, item)
            for index, item in enumerate(document)
        ),
    )


def _line_of_bad_day(text: str) -> int:
    """The line of the first day that no calendar has; 0 if there is none."""
    for number, line in enumerate(text.splitlines(), start=1):
        for found in re.findall(r"\d{4}-\d{2}-\d{2}", line):
            try:
                dt.date.fromisoformat(found)
            except ValueError:
                return number
    return 0


def _entry(path: Path, line: int, raw: Any) -> Entry:
    where = f"--ledger {path}, line {line}"
    if not isinstance(raw, dict):
        raise UsageError(f"{where}: an entry is a mapping with case or cause, and reason.")
    extra = sorted(set(raw) - _KEYS)
    if extra:
        raise UsageError(
            f"{where}: unknown key {extra[0]!r}.", f"Known are {', '.join(sorted(_KEYS))}."
        )
    named = [key for key in ("case", "cause") if raw.get(key)]
    if len(named) != 1:
        raise UsageError(f"{where}: an entry has either a case or a cause.")
    if not isinstance(raw[named[0]], str):
        raise UsageError(f"{where}: {named[0]}: {raw[named[0]]!r} is no text.")
    if not raw.get("reason"):
        raise UsageError(f"{where}: an entry needs a reason.")
    expires = raw.get("expires")
    if expires is not None and type(expires) is not dt.date:
        raise UsageError(f"{where}: expires: {expires!r} is no day.", "Write it as 2027-01-31.")
    return Entry(
        by=named[0],
        pattern=Glob(str(raw[named[0]])),
        reason=str(raw["reason"]),
        line=line,
        link=str(raw.get("link") or ""),
        expires=expires,
    )

"""Writes a ledger from a report: adds what deviates, takes out what no longer does."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from attrs import frozen

from conformance.errors import UsageError, unknown
from conformance.ledger import Entry, Ledger, MadeFrom, parse
from conformance.ledger.editing import Row, remembering, row, with_rows, without
from conformance.ledger.reading import read
from conformance.names import Glob
from conformance.report.causes import Cause, causes
from conformance.report.load import load
from conformance.report.text import one_line, plural
from conformance.report.types import DEVIATIONS, Report, Result
from conformance.report.whole import left_out

_SHOWN: Final = 10


@frozen
class _Wanted:
    """A row that was asked for, and the deviations that it is to cover."""

    row: Row
    results: tuple[Result, ...]


def add_to_ledger(
    report_path: Path,
    ledger_path: Path,
    tell: Callable[[str], None],
    *,
    cause_keys: Sequence[str],
    case_names: Sequence[str],
    everything: bool,
    reason: str,
    link: str,
    expires: dt.date | None,
) -> None:
    """Adds rows for deviations of a report that the ledger does not list yet.

    Args:
        ledger_path: the file; it is made where there is none.
        tell: takes each line of what was done.
        cause_keys: causes as the report names them, or as `causes` groups them.
        case_names: cases to list one by one.
        everything: whether every cause gets a row.

    Raises:
        UsageError: nothing is chosen, or something that does not deviate; the report or the ledger
            cannot be read, or the ledger not be written.
    """
    report = load(report_path)
    text = read(ledger_path) if ledger_path.exists() else ""
    ledger = parse(ledger_path, text)
    _check_words(reason, link, expires, ledger.today)
    wanted = _wanted(report, cause_keys, case_names, everything=everything)
    named = [
        _Wanted(row(by, pattern, reason, link, expires), results) for by, pattern, results in wanted
    ]
    new, known = _new(ledger, named)
    edited = with_rows(ledger_path, text, [each.row for each in new])
    edited, remembered = _grown(ledger_path, edited, report)
    _write(ledger_path, text, edited)
    tell(f"{ledger_path}: {plural(len(new), 'row')} added, {len(known)} listed already.")
    for each in new:
        tell(f"  + {each.row.by}: {one_line(each.row.pattern)}  ({_deviations(each.results)})")
    for line in known:
        tell(f"  = {line}")
    tell(remembered)


def prune_ledger(report_path: Path, ledger_path: Path, tell: Callable[[str], None]) -> None:
    """Takes out the rows that a report shows to be stale, and remembers how much its run judged.

    An expired row whose deviation is still there stays: only its owner can give it another day.

    Args:
        tell: takes each line of what was done.

    Raises:
        UsageError: the report or the ledger cannot be read, or the ledger not be written.
    """
    report, text = load(report_path), read(ledger_path)
    ledger = parse(ledger_path, text)
    missing = left_out(report)
    results = report["results"]
    stale = ledger.stale(results, everything_ran=not missing)
    due = [each for each in stale if _still_deviates(each.entry, results)]
    gone = [each for each in stale if each not in due]
    edited = without(ledger_path, text, [each.entry for each in gone])
    edited, remembered = _replaced(ledger_path, edited, ledger.made_from, report)
    _write(ledger_path, text, edited)
    tell(f"{ledger_path}: {plural(len(gone), 'row')} removed.")
    for each in gone:
        tell(f"  - {one_line(str(each.entry))}: {each.why}")
    for each in due:
        tell(f"  ! {one_line(str(each.entry))}: {each.why}, and still deviates: give it a new day")
    for held in ledger.passing(results):
        tell(f"  ~ {one_line(str(held.entry))}: {_passing(held.cases)}")
    tell(remembered)


# --- what is asked for -----------------------------------------------------------------------


def _check_words(reason: str, link: str, expires: dt.date | None, today: dt.date) -> None:
    if not reason.strip():
        raise UsageError("--reason: an entry needs a reason.")
    for option, value in (("--reason", reason), ("--link", link)):
        if not value.isascii() and value.encode("utf-8", "replace").decode() != value:
            raise UsageError(f"{option}: {one_line(value)} is no text in UTF-8.")
    if expires is not None and expires < today:
        raise UsageError(f"--expires: {expires} is over.", "Give a day to come.")


def _wanted(
    report: Report, cause_keys: Sequence[str], case_names: Sequence[str], *, everything: bool
) -> list[tuple[str, str, tuple[Result, ...]]]:
    """What to list: by which key, by which pattern, for which deviations."""
    if not (cause_keys or case_names or everything):
        raise UsageError("Nothing is chosen.", "Give --cause KEY, --case NAME or --all.")
    found = causes(report)
    chosen = found if everything else []
    wanted = [each for cause in chosen for each in _of_cause(cause)]
    for key in cause_keys:
        wanted += _of_key(report, found, key)
    deviating = {r["case"]: r for r in report["results"] if r["verdict"] in DEVIATIONS}
    for name in case_names:
        if name not in deviating:
            raise unknown("deviating case", name, deviating)
        wanted.append(("case", name, (deviating[name],)))
    return wanted


def _of_key(
    report: Report, found: Iterable[Cause], key: str
) -> list[tuple[str, str, tuple[Result, ...]]]:
    by_key = {cause.key: cause for cause in found}
    if key in by_key:
        return _of_cause(by_key[key])
    # One operation's part of a cause that shows nearly everywhere.
    deviating = [r for r in report["results"] if r["verdict"] in DEVIATIONS and r["cause"]]
    part = tuple(r for r in deviating if r["cause"] == key)
    if not part:
        raise unknown("deviating cause", key, {*by_key, *(r["cause"] for r in deviating)})
    return [("cause", key, part)]


def _of_cause(cause: Cause) -> list[tuple[str, str, tuple[Result, ...]]]:
    """One row where one pattern fits all cases of a cause; else one for each part of it."""
    pattern = _pattern(cause.key)
    if all(r["cause"] and Glob(pattern).matches(r["cause"]) for r in cause.results):
        return [("cause", pattern, cause.results)]
    parts: dict[tuple[str, str], list[Result]] = {}
    for result in cause.results:
        named = ("cause", result["cause"]) if result["cause"] else ("case", result["case"])
        parts.setdefault(named, []).append(result)
    return [(by, name, tuple(results)) for (by, name), results in sorted(parts.items())]


def _pattern(key: str) -> str:
    """What matches the causes of a group: `error.code:x@*` stands for `error.code@ANY:x`."""
    if not key.endswith("@*"):
        return key
    check, _, where = key.removesuffix("@*").partition(":")
    return f"{check}@*:{where}" if where else key


# --- what is new -----------------------------------------------------------------------------


def _new(ledger: Ledger, wanted: Iterable[_Wanted]) -> tuple[list[_Wanted], list[str]]:
    """The rows that cover something that nothing covers yet; and what is said of the others."""
    new: list[_Wanted] = []
    known: list[str] = []
    for each in wanted:
        _check_not_expired(ledger, each.row)
        entries = [ledger.waives(result) for result in each.results]
        if all(entry or _covered(new, r) for entry, r in zip(entries, each.results, strict=True)):
            lines = sorted({entry.line for entry in entries if entry})
            where = f" (line {', '.join(map(str, lines))})" if lines else ""
            known.append(f"{each.row.by}: {one_line(each.row.pattern)}{where}")
        else:
            new.append(each)
    return new, known


def _covered(rows: Iterable[_Wanted], result: Result) -> bool:
    plain: Mapping[str, object] = result
    return any(Glob(one.row.pattern).matches(str(plain[one.row.by])) for one in rows)


def _check_not_expired(ledger: Ledger, new: Row) -> None:
    for entry in ledger.entries:
        if (entry.by, entry.pattern.text) == (new.by, new.pattern) and ledger.expired(entry):
            raise UsageError(
                f"--ledger {ledger.path}, line {entry.line}: {one_line(new.pattern)} is "
                f"listed, and expired on {entry.expires}.",
                "Give that row another day, or take it out.",
            )


# --- how much was judged ---------------------------------------------------------------------


def _grown(path: Path, text: str, report: Report) -> tuple[str, str]:
    """The text with the memory of this run, unless the run judged less than is remembered."""
    if missing := left_out(report):
        return text, f"made_from is left as it was: not a whole run ({'; '.join(missing)})."
    before = parse(path, text).made_from
    results, model = report["results"], report["contract"]["model_sha256"]
    short = before and before.shortfall(
        results, model_sha256=model, operations=report["operations"]
    )
    if short:
        return text, (
            f"made_from is left as it was: this run {short.why}. "
            "If that is as it should be, `conformance ledger prune` takes this run for the measure."
        )
    return _remembered(path, text, MadeFrom.of(results, model))


def _replaced(path: Path, text: str, before: MadeFrom | None, report: Report) -> tuple[str, str]:
    """The text with the memory of this run, whatever it was before."""
    if missing := left_out(report):
        return text, f"made_from is left as it was: not a whole run ({'; '.join(missing)})."
    results, model = report["results"], report["contract"]["model_sha256"]
    edited, said = _remembered(path, text, MadeFrom.of(results, model))
    short = before and before.shortfall(
        results, model_sha256=model, operations=report["operations"]
    )
    return edited, f"{said} This run {short.why}." if short else said


def _remembered(path: Path, text: str, made_from: MadeFrom) -> tuple[str, str]:
    if not made_from.judged:
        return text, "made_from is left as it was: nothing was judged."
    cases = sum(made_from.judged.values())
    where = plural(len(made_from.judged), "operation")
    said = f"made_from: {plural(cases, 'judged case')} in {where}."
    before = parse(path, text).made_from
    if before and (before.model, before.judged) == (made_from.model, made_from.judged):
        return text, said
    return remembering(path, text, made_from), said


# --- words and files ---------------------------------------------------------------------------


def _still_deviates(entry: Entry, results: Iterable[Result]) -> bool:
    return any(entry.covers(r) for r in results if r["verdict"] in DEVIATIONS)


def _deviations(results: Sequence[Result]) -> str:
    return plural(len(results), "deviation")


def _passing(cases: Sequence[str]) -> str:
    shown = ", ".join(map(one_line, cases[:_SHOWN]))
    more = f" and {len(cases) - _SHOWN} more" if len(cases) > _SHOWN else ""
    return f"names {plural(len(cases), 'case')} that passed: {shown}{more}"


def _write(path: Path, before: str, text: str) -> None:
    """Writes the file, whole or not at all; one that says the same already is not touched."""
    if before == text and path.exists():
        return
    file = path.resolve()
    half_written = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        half_written.write_bytes(text.encode("utf-8"))
        if file.exists():
            shutil.copymode(file, half_written)
        half_written.replace(file)
    except OSError as error:
        raise UsageError(f"--ledger {path}: {error.strerror or error}.") from None
    finally:
        with suppress(OSError):
            half_written.unlink()

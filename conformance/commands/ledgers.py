"""Writes a ledger from a report: adds what deviates, takes out what no longer does."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from conformance.commands.ledger_rows import Choice, Wanted, wanted, without_listed
from conformance.errors import UsageError
from conformance.ledger import Entry, Ledger, MadeFrom, parse
from conformance.ledger.editing import Row, remembering, with_rows, without
from conformance.ledger.reading import read
from conformance.report.load import load
from conformance.report.text import one_line, plural
from conformance.report.types import DEVIATIONS, Report, Result
from conformance.report.whole import left_out

_SHOWN: Final = 10


def add_to_ledger(
    report_path: Path,
    ledger_path: Path,
    tell: Callable[[str], None],
    *,
    choice: Choice,
    reason: str,
    link: str,
    expires: dt.date | None,
) -> None:
    """Adds rows for deviations of a report that the ledger does not list yet.

    Args:
        ledger_path: the file; it is made where there is none.
        tell: takes each line of what was done.

    Raises:
        UsageError: nothing is chosen, or something that does not deviate; the report or the ledger
            cannot be read, or the ledger not be written.
    """
    report = load(report_path)
    text = read(ledger_path) if ledger_path.exists() else ""
    ledger = parse(ledger_path, text)
    _check_words(reason, link, expires, ledger.today)
    new, known = _new(ledger, wanted(report, choice))
    rows = [Row(each.by, each.pattern, reason, link, expires, each.operations) for each in new]
    edited = with_rows(ledger_path, text, rows)
    edited, remembered = _grown(ledger_path, edited, report)
    _write(ledger_path, text, edited)
    tell(f"{ledger_path}: {plural(len(new), 'row')} added, {len(known)} listed already.")
    for each in new:
        tell(f"  + {each.by}: {one_line(each.pattern)}  ({_extent(each)})")
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
    expired = [each for each in stale if ledger.expired(each.entry)]
    due = [each for each in expired if _still_deviates(each.entry, results)]
    gone = [each for each in stale if each not in due]
    edited = without(ledger_path, text, gone)
    edited, remembered = _replaced(ledger_path, edited, ledger.made_from, report)
    _write(ledger_path, text, edited)
    rows = sum(1 for each in gone if not each.operations)
    parts = f", {len(gone) - rows} shortened" if rows < len(gone) else ""
    tell(f"{ledger_path}: {plural(rows, 'row')} removed{parts}.")
    for each in gone:
        tell(f"  - {one_line(str(each.entry))}: {each.why}")
    for each in due:
        tell(f"  ! {one_line(str(each.entry))}: {each.why}, and still deviates: give it a new day")
    for held in ledger.passing(results):
        tell(f"  ~ {one_line(str(held.entry))}: {_passing(held.cases)}")
    tell(remembered)


# --- what is asked for, and what of it is new ------------------------------------------------


def _check_words(reason: str, link: str, expires: dt.date | None, today: dt.date) -> None:
    if not reason.strip():
        raise UsageError("--reason: an entry needs a reason.")
    for option, value in (("--reason", reason), ("--link", link)):
        if not value.isascii() and value.encode("utf-8", "replace").decode() != value:
            raise UsageError(f"{option}: {one_line(value)} is no text in UTF-8.")
    if expires is not None and expires < today:
        raise UsageError(f"--expires: {expires} is over.", "Give a day to come.")


def _new(ledger: Ledger, rows: Iterable[Wanted]) -> tuple[list[Wanted], list[str]]:
    """The rows that cover something that nothing covers yet; and what is said of the others."""
    new: list[Wanted] = []
    known: list[str] = []
    holding = [entry for entry in ledger.entries if not ledger.expired(entry)]
    for each in rows:
        _check_not_expired(ledger, each)
        if row := without_listed(each, [*holding, *(one.entry for one in new)]):
            new.append(row)
            continue
        lines = sorted({e.line for e in holding for r in each.results if e.covers(dict(r))})
        where = f" (line {', '.join(map(str, lines))})" if lines else ""
        known.append(f"{each.by}: {one_line(each.pattern)}{where}")
    return new, known


def _check_not_expired(ledger: Ledger, new: Wanted) -> None:
    for entry in ledger.entries:
        same = (entry.by, entry.pattern.text) == (new.by, new.pattern)
        if same and ledger.expired(entry) and any(entry.covers(dict(r)) for r in new.results):
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


def _extent(row: Wanted) -> str:
    said = plural(len(row.results), "deviation")
    return f"{said} in {plural(len(row.operations), 'operation')}" if row.operations else said


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

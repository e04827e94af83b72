"""Writes rows into the text of a ledger, and takes them out, and touches no other line.

A round trip through a YAML library would move comments and wrap lines anew. Here YAML only says
where each row stands; the edit is one of lines. What comes of it is read again, and an edit that
would have changed anything else is not made.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from attrs import evolve, frozen
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from conformance.errors import UsageError
from conformance.ledger.model import Entry, Ledger, MadeFrom, Stale
from conformance.ledger.reading import Document, document, parse
from conformance.names import Glob

_NEVER_WRAPPED: Final = 1_000_000
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_MEMORY: Final = (
    "# What the run judged that this ledger was made from; a run that judges less of it fails.\n"
    "# `conformance ledger` keeps it.\n"
)


@frozen
class Row:
    """An entry that is not in a file yet."""

    by: str
    pattern: str
    reason: str
    link: str = ""
    expires: dt.date | None = None
    operations: tuple[str, ...] = ()

    @property
    def entry(self) -> Entry:
        """What it is once it is in a file."""
        pattern = Glob(self.pattern)
        return Entry(self.by, pattern, self.reason, 0, self.link, self.expires, self.operations)


def holdable(text: str) -> str:
    """A name of a report as a file can hold it: any other character becomes a ``?``."""
    return _SURROGATE.sub("?", text)


def with_rows(path: Path, text: str, rows: Iterable[Row]) -> str:
    """The text of a ledger with more rows, each before the first row that sorts after it.

    Two people's rows so come to stand in different places, and their edits merge.

    Raises:
        UsageError: the text is no ledger, or has a form in which a row cannot be put.
    """
    for new in sorted(rows, key=lambda each: each.pattern):
        before = parse(path, text)
        wanted = evolve(before, entries=(*before.entries, new.entry))
        text = _checked(path, wanted, _inserted(path, text, new))
    return text


def without(path: Path, text: str, stale: Collection[Stale]) -> str:
    """The text of a ledger without what is stale: rows, or the names of operations in them.

    Comments above a row stay.

    Raises:
        UsageError: the text has a form from which that cannot be taken.
    """
    before = parse(path, text)
    lines = _lines(text)
    found = document(path, text)
    gone = {each.entry: each.operations for each in stale}
    for index in reversed(range(len(before.entries))):
        if before.entries[index] not in gone:
            continue
        if names := gone[before.entries[index]]:
            _drop_operations(found, lines, index, names)
        else:
            start, end = _extent(found, lines, index)
            del lines[start:end]
    kept = tuple(_less(entry, gone) for entry in before.entries if gone.get(entry) != ())
    if found.root is not None and before.entries and not kept:
        # A key without a value would do, but reads as if something had been forgotten.
        at = found.root.lc.key("entries")[0]
        lines[at] = re.sub(r"entries:", "entries: []", lines[at], count=1)
    return _checked(path, evolve(before, entries=kept), "".join(lines))


def _less(entry: Entry, gone: Mapping[Entry, tuple[str, ...]]) -> Entry:
    names = gone.get(entry, ())
    return evolve(entry, operations=tuple(n for n in entry.operations if n not in names))


def remembering(path: Path, text: str, made_from: MadeFrom) -> str:
    """The text of a ledger that remembers how much a run judged, at its end.

    Raises:
        UsageError: the text has a form in which that cannot be written.
    """
    before = parse(path, text)
    text = _with_root(path, text)
    found = document(path, text)
    lines = _lines(text)
    if found.root is not None and "made_from" in found.root:
        start = found.root.lc.key("made_from")[0]
        end = _end(lines, start, _next_key(found.root, "made_from", len(lines)), 0)
        lines[start:end] = _dumped({"made_from": _memory(made_from)}, text)
    else:
        lines += [line + _newline(text) for line in _MEMORY.splitlines()]
        lines += _dumped({"made_from": _memory(made_from)}, text)
    return _checked(path, evolve(before, made_from=made_from), "".join(lines))


# --- lines -------------------------------------------------------------------------------------


def _inserted(path: Path, text: str, new: Row) -> str:
    text = _with_root(path, text)
    found, lines = document(path, text), _lines(text)
    if not found.entries:
        lines, at = _with_room(found, lines, text)
        return "".join([*lines[:at], *_written(new, "", text), *lines[at:]])
    _check_form(path, found, lines)
    patterns = [entry.pattern.text for entry in parse(path, text).entries]
    index = next((n for n, each in enumerate(patterns) if each > new.pattern), len(patterns))
    start = _extent(found, lines, 0)[0]
    at = _extent(found, lines, index - 1)[1] if index else _above(lines, start)
    dash = lines[start]
    written = _written(new, dash[: len(dash) - len(dash.lstrip(" "))], text)
    return "".join([*lines[:at], *written, *lines[at:]])


def _with_root(path: Path, text: str) -> str:
    """The text with the key ``entries``, above its list or instead of an empty one."""
    found, lines = document(path, text), _lines(text)
    if found.root is not None and "entries" in found.root:
        return "".join(lines)
    heading = "entries:" + _newline(text)
    if found.root is not None:
        at = _above(lines, min(found.root.lc.key(key)[0] for key in found.root))
        return "".join([*lines[:at], "entries: []" + _newline(text), *lines[at:]])
    if found.entries is None:
        return "".join([*lines, heading])
    if not found.entries:
        at = found.entries.lc.line
        lines[at] = lines[at].replace("[]", "entries: []", 1)
        return "".join(lines)
    _check_form(path, found, lines)
    at = _above(lines, _extent(found, lines, 0)[0])
    return "".join([*lines[:at], heading, *lines[at:]])


def _with_room(found: Document, lines: list[str], text: str) -> tuple[list[str], int]:
    """The lines of a ledger without rows, and where the first one may stand."""
    if found.root is None:
        return [*lines, "entries:" + _newline(text)], len(lines) + 1
    at = found.root.lc.key("entries")[0]
    head = re.sub(r"(entries:)[ ]*\[[ ]*\]", r"\1", lines[at], count=1)
    return [*lines[:at], head, *lines[at + 1 :]], at + 1


def _check_form(path: Path, found: Document, lines: Sequence[str]) -> None:
    rows = found.entries
    if rows is None:
        return
    for index in range(len(rows)):
        at = rows.lc.item(index)[0]
        if rows.fa.flow_style() or not lines[at].lstrip(" ").startswith("-"):
            raise UsageError(
                f"--ledger {path}, line {at + 1}: no row can be put beside one of this form.",
                "Begin each row on a line of its own, with '- '.",
            )


def _extent(found: Document, lines: Sequence[str], index: int) -> tuple[int, int]:
    """The lines of a row, without the comments and empty lines that follow it."""
    rows = found.entries
    assert rows is not None  # noqa: S101 - a row has been read from there
    start = rows.lc.item(index)[0]
    column = len(lines[start]) - len(lines[start].lstrip(" "))
    if index + 1 < len(rows):
        return start, _end(lines, start, rows.lc.item(index + 1)[0], column)
    last = len(lines) if found.root is None else _next_key(found.root, "entries", len(lines))
    return start, _end(lines, start, last, column)


def _end(lines: Sequence[str], start: int, end: int, column: int) -> int:
    """Where a block ends that must end before another begins.

    A comment further to the right than the block's first column belongs to the block.
    """
    while end > start + 1:
        line = lines[end - 1].rstrip()
        text = line.lstrip(" ")
        outside = text.startswith("#") and len(line) - len(text) <= column
        if text and not outside and text not in ("---", "..."):
            break
        end -= 1
    return end


def _above(lines: Sequence[str], start: int) -> int:
    """Where the comment on a line begins; one that opens the file is on the file, not the line."""
    at = start
    while at and lines[at - 1].lstrip(" ").startswith("#"):
        at -= 1
    return at or start


def _next_key(root: CommentedMap, key: str, end: int) -> int:
    starts = sorted(root.lc.key(each)[0] for each in root)
    own = root.lc.key(key)[0]
    return next((start for start in starts if start > own), end)


def _drop_operations(found: Document, lines: list[str], index: int, names: Collection[str]) -> None:
    """Takes names out of the list of a row, whichever of the two forms of YAML it has."""
    rows = found.entries
    assert rows is not None  # noqa: S101 - a row has been read from there
    listed = rows[index]["operations"]
    if not listed.fa.flow_style():
        for at in sorted((listed.lc.item(n)[0] for n in _places(listed, names)), reverse=True):
            del lines[at]
        return
    at = rows[index].lc.key("operations")[0]
    kept = ", ".join(name for name in listed if name not in names)
    lines[at] = re.sub(r"(operations:\s*)\[[^\]]*\]", rf"\1[{kept}]", lines[at], count=1)


def _places(listed: Sequence[str], names: Collection[str]) -> list[int]:
    return [number for number, name in enumerate(listed) if name in names]


def _lines(text: str) -> list[str]:
    """The lines of a text with their ends; the last one has one, too."""
    lines = re.findall(r"[^\r\n\x85\u2028\u2029]*(?:\r\n|[\r\n\x85\u2028\u2029])|.+", text)
    if lines and not re.search(r"[\r\n\x85\u2028\u2029]$", lines[-1]):
        lines[-1] += _newline(text)
    return lines


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


# --- YAML ----------------------------------------------------------------------------------------


def _written(new: Row, indent: str, text: str) -> list[str]:
    fields: dict[str, Any] = {new.by: DoubleQuotedScalarString(new.pattern), "reason": new.reason}
    if new.link:
        fields["link"] = new.link
    if new.expires is not None:
        fields["expires"] = new.expires
    if new.operations:
        fields["operations"] = list(new.operations)
    return [indent + line for line in _dumped([fields], text)]


def _memory(made_from: MadeFrom) -> dict[str, Any]:
    # Digits alone would be read as a number.
    return {
        "model": DoubleQuotedScalarString(made_from.model),
        "judged": dict(made_from.judged),
    }


def _dumped(value: Any, text: str) -> list[str]:
    yaml = YAML(typ="rt")
    yaml.width = _NEVER_WRAPPED
    yaml.allow_unicode = True
    yaml.default_flow_style = False
    stream = io.StringIO()
    yaml.dump(value, stream)
    return [line + _newline(text) for line in stream.getvalue().splitlines()]


# --- the check -------------------------------------------------------------------------------


def _checked(path: Path, wanted: Ledger, text: str) -> str:
    """The text, if it says what the ledger is to say.

    Raises:
        UsageError: it does not; its file has a form that edits by line do not know.
    """
    try:
        after = parse(path, text)
    except UsageError as error:
        raise _unknown_form(path, str(error)) from None
    if sorted(map(_said, after.entries)) != sorted(map(_said, wanted.entries)):
        raise _unknown_form(path, "a row would change its meaning")
    if _remembered(after) != _remembered(wanted):
        raise _unknown_form(path, "made_from would change its meaning")
    return text


def _said(entry: Entry) -> tuple[str, ...]:
    names = " ".join(entry.operations)
    return entry.by, entry.pattern.text, entry.reason, entry.link, str(entry.expires), names


def _remembered(ledger: Ledger) -> tuple[str, dict[str, int]] | None:
    return (ledger.made_from.model, dict(ledger.made_from.judged)) if ledger.made_from else None


def _unknown_form(path: Path, why: str) -> UsageError:
    return UsageError(
        f"--ledger {path} has a form that cannot be edited here: {why}.",
        "Edit it by hand, or write each row as '- cause: ...' with the rest below it.",
    )

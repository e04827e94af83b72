"""Where in a spec's files something stands, for those who have to mend it."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from conformance.errors import UsageError

#: The keys and indices that lead from a document's root to a place in it.
Place = tuple[str | int, ...]


def mistake(file: str, document: Any, place: Place, what: str, hint: str = "") -> UsageError:
    """An error that names the file, the line and the key.

    Args:
        document: as ruamel reads it, with the line of each part.
        what: what is wrong, as the end of a sentence.
        hint: what to do about it.
    """
    where = ".".join(map(str, place)) or "the file"
    return UsageError(f"{file}, line {line_of(document, place)}: {where}: {what}", hint)


def line_of(document: Any, place: Place) -> int:
    """The line in which a place of a document begins, counted from 1."""
    line = 0
    for part in place:
        position = getattr(document, "lc", None)
        if position is None:
            break
        line = (position.item(part) if isinstance(document, list) else position.key(part))[0]
        document = document[part]
    return line + 1


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """A sentence with the known names that are nearest; empty where none is near."""
    close = get_close_matches(str(name), list(known), n=3, cutoff=0.6)
    return f"Did you mean {' or '.join(map(repr, close))}?" if close else ""

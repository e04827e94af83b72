"""Reads a ledger and says in which line a mistake stands."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any, Final

from attrs import frozen
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from conformance.errors import UsageError
from conformance.ledger.model import Entry, Ledger, MadeFrom
from conformance.names import Glob

_KEYS: Final = frozenset({"case", "cause", "reason", "link", "expires", "operations"})
_PARTS: Final = ("entries", "made_from")
_FORM: Final = "Each entry starts with '- case:' or '- cause:'."


@frozen
class Document:
    """A ledger as YAML: the parts with their places in the text.

    Attributes:
        root: the mapping that has the other two; None where the file is the list of entries.
    """

    root: CommentedMap | None
    entries: CommentedSeq | None
    made_from: CommentedMap | None = None


def load(path: Path) -> Ledger:
    """Reads a ledger.

    Raises:
        UsageError: the file cannot be read, or an entry is not as it should be; names the line.
    """
    return parse(path, read(path))


def parse(path: Path, text: str) -> Ledger:
    """The ledger that a text states.

    Args:
        path: the file that it is from, for errors.

    Raises:
        UsageError: the text is no ledger; names the line.
    """
    found = document(path, text)
    rows = found.entries
    if rows is None:
        return Ledger(path, (), made_from=_made_from(path, found))
    entries = (_entry(path, rows.lc.item(n)[0] + 1, row) for n, row in enumerate(rows))
    return Ledger(path, tuple(entries), made_from=_made_from(path, found))


def read(path: Path) -> str:
    """The text of a ledger, with its line ends as they are.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"--ledger {path}: {reason}.", "Give a YAML file.") from None


def document(path: Path, text: str) -> Document:
    """The parts of a ledger's text.

    Raises:
        UsageError: the text is no YAML, or has other parts.
    """
    root = _yaml(path, text)
    if root is None:
        return Document(None, None)
    if isinstance(root, CommentedSeq):
        return Document(None, root)
    if not isinstance(root, CommentedMap) or not set(root) & set(_PARTS):
        raise UsageError(f"--ledger {path}: it is no list.", _FORM)
    if extra := [key for key in root if key not in _PARTS]:
        line = root.lc.key(extra[0])[0] + 1
        raise UsageError(
            f"--ledger {path}, line {line}: unknown key {extra[0]!r}.",
            f"Known are {', '.join(_PARTS)}.",
        )
    return Document(
        root,
        _part(path, root, "entries", CommentedSeq, "no list"),
        _part(path, root, "made_from", CommentedMap, "no mapping"),
    )


def _part(path: Path, root: CommentedMap, key: str, kind: type, problem: str) -> Any:
    part = root.get(key)
    if part is None or isinstance(part, kind):
        return part
    line = root.lc.key(key)[0] + 1
    raise UsageError(f"--ledger {path}, line {line}: {key} is {problem}.", _FORM)


def _yaml(path: Path, text: str) -> Any:
    try:
        return YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise UsageError(f"--ledger {path}, line {line}: not YAML: {error.problem}.") from None
    except (YAMLError, ValueError) as error:
        # Characters that YAML does not allow; a day that no calendar has.
        line = _line_of_bad_day(text)
        where = f", line {line}" if line else ""
        first = str(error).splitlines()[0]
        raise UsageError(f"--ledger {path}{where}: {first} is no day or no YAML.") from None


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
    _known(where, raw, sorted(_KEYS))
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
        operations=_operations(where, raw.get("operations")),
    )


def _operations(where: str, raw: Any) -> tuple[str, ...]:
    if raw is None:
        return ()
    if not isinstance(raw, list) or not raw or not all(isinstance(name, str) for name in raw):
        raise UsageError(
            f"{where}: operations: {raw!r} is no list of names.",
            "Leave it out where the row speaks of every operation.",
        )
    return tuple(raw)


def _made_from(path: Path, found: Document) -> MadeFrom | None:
    if found.root is None or found.made_from is None:
        return None
    raw = found.made_from
    line = found.root.lc.key("made_from")[0] + 1
    where = f"--ledger {path}, line {line}"
    _known(where, raw, ["model", "judged"])
    model, judged = raw.get("model"), raw.get("judged")
    if not isinstance(model, str) or not re.fullmatch(r"[0-9a-f]{8,64}", model):
        raise UsageError(
            f"{where}: made_from.model: {model!r} is no hash of a contract.",
            "Put its first twelve digits in quotes.",
        )
    if not isinstance(judged, dict):
        raise UsageError(f"{where}: made_from.judged has a number of cases for each operation.")
    for name, count in judged.items():
        if not isinstance(name, str) or type(count) is not int or count < 0:
            raise UsageError(f"{where}: made_from.judged: {name}: {count!r} is no number of cases.")
    return MadeFrom(model, {name: judged[name] for name in sorted(judged)}, line)


def _known(where: str, raw: dict[Any, Any], keys: list[str]) -> None:
    if extra := sorted(map(str, set(raw) - set(keys))):
        raise UsageError(f"{where}: unknown key {extra[0]!r}.", f"Known are {', '.join(keys)}.")

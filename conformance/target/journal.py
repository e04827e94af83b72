"""The write-ahead file of what a run creates, from which anything left over can be deleted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from conformance.errors import UsageError


@frozen
class Entry:
    """A resource that was created and has not been deleted.

    Attributes:
        key: unique in its journal.
        operation: deletes it.
        params: the input of that operation.
        account: which of the target's accounts made it.
    """

    key: str
    resource: str
    operation: str
    params: Mapping[str, Any]
    account: int


@define
class Journal:
    """Appends to the file before and after each creation and deletion.

    Attributes:
        path: None for a target that vanishes with the run.
    """

    path: Path | None = None
    _count: int = field(default=0, init=False)
    _whole: bool = field(default=False, init=False)

    def creating(self, resource: str, operation: str, unique: str) -> str:
        """Notes that a creation is under way; returns its key."""
        self._count += 1
        key = f"{unique}/{self._count}"
        self._write({"event": "creating", "key": key, "resource": resource, "operation": operation})
        return key

    def created(self, entry: Entry) -> None:
        """Notes that a creation succeeded and how to undo it."""
        self._write(
            {
                "event": "created",
                "key": entry.key,
                "resource": entry.resource,
                "operation": entry.operation,
                "params": dict(entry.params),
                "account": entry.account,
            }
        )

    def deleted(self, key: str) -> None:
        """Notes that a resource is gone."""
        self._write({"event": "deleted", "key": key})

    def refused(self, key: str) -> None:
        """Notes that a creation came to nothing."""
        self.deleted(key)

    def _write(self, event: dict[str, Any]) -> None:
        if self.path is None:
            return
        if not self._whole:
            _drop_cut_line(self.path)
            self._whole = True
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(event, sort_keys=True) + "\n")


def left_over(path: Path) -> Iterator[Entry]:
    """What a journal says was created and not deleted, the newest first.

    Raises:
        UsageError: the file cannot be read or is no journal.
    """
    entries: dict[str, Entry] = {}
    lines = _lines(path)
    for number, line in enumerate(lines, start=1):
        try:
            event = json.loads(line)
            kind, key = event["event"], event["key"]
            if kind == "created":
                entries[key] = Entry(
                    key, event["resource"], event["operation"], event["params"], event["account"]
                )
            elif kind == "deleted":
                entries.pop(key, None)
        except (ValueError, KeyError, TypeError):
            # The last line of a run that was killed may be cut short.
            if number < len(lines):
                raise UsageError(f"{path}, line {number}: no entry of a journal.") from None
    yield from reversed(entries.values())


def unfinished(path: Path) -> list[str]:
    """The creations of a journal whose end was not noted: something may be there, or not.

    Returns:
        What was to be made and the run's id, which is part of its name, as one text each.

    Raises:
        UsageError: the file cannot be read.
    """
    under_way: dict[str, str] = {}
    for line in _lines(path):
        with suppress(ValueError, KeyError, TypeError):
            event = json.loads(line)
            if event["event"] == "creating":
                run_id = event["key"].partition("/")[0]
                under_way[event["key"]] = (
                    f"{event['resource']} ({event['operation']}, run {run_id})"
                )
            else:
                under_way.pop(event["key"], None)
    return list(under_way.values())


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8").splitlines()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: no journal: it is not UTF-8.") from None


def _drop_cut_line(path: Path) -> None:
    """Takes away a last line that a killed run could not finish; it would spoil the next one."""
    if not path.exists():
        return
    content = path.read_bytes()
    if content and not content.endswith(b"\n"):
        path.write_bytes(content[: content.rfind(b"\n") + 1])


def check_writable(folder: Path) -> None:
    """Makes a folder for the files of a run.

    Raises:
        UsageError: it cannot be made or written to.
    """
    probe = folder / ".writable"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_text("", "utf-8")
        probe.unlink()
    except OSError as error:
        raise UsageError(
            f"--out {folder}: cannot write there: {error.strerror or error}.",
            "Name another folder.",
        ) from None


def retire_journals(folder: Path) -> None:
    """Makes room for the journals of a new run; one that still lists something is kept.

    Raises:
        UsageError: a journal cannot be read.
    """
    for journal in sorted(folder.glob("journal-*.jsonl")):
        if not any(left_over(journal)):
            journal.unlink()
        elif ".old" not in journal.suffixes:
            number = 1
            while (kept := journal.with_name(f"{journal.stem}-{number}.old.jsonl")).exists():
                number += 1
            journal.rename(kept)

"""What can go wrong for reasons that are the user's to mend, and what the exit status then is.

Every error carries cause and cure, and is shown as one sentence, never as a traceback.
"""

from __future__ import annotations

from difflib import get_close_matches
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class ExitStatus(IntEnum):
    """The exit statuses of every command."""

    CONFORMANT = 0
    DEVIATES = 1
    USAGE = 2
    UNREACHABLE = 3
    SUITE_FAULT = 4


class ConformanceError(Exception):
    """An error that a user can act on.

    Args:
        problem: what was wrong and where, as a sentence.
        hint: what to do about it, as a sentence; may be empty.
    """

    exit_status: ExitStatus = ExitStatus.USAGE

    def __init__(self, problem: str, hint: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.problem} {self.hint}".strip()


class UsageError(ConformanceError):
    """A command, option, file or function got something that it cannot work with."""


class TargetUnreachable(ConformanceError):  # noqa: N818 - a state of the target, as its callers name it
    """The target could not be reached, or was lost on the way."""

    exit_status = ExitStatus.UNREACHABLE


def unknown(kind: str, name: str, available: Iterable[str], where_listed: str = "") -> UsageError:
    """An error for a name that does not exist, with the nearest names that do.

    Args:
        kind: what was looked for, e.g. ``"operation"``.
        name: what was asked for.
        available: every name that would have been right.
        where_listed: a sentence that says where all of them are listed.
    """
    close = get_close_matches(name, list(available), n=3, cutoff=0.6)
    did_you_mean = f"Did you mean {' or '.join(repr(c) for c in close)}?" if close else ""
    return UsageError(f"No {kind} named {name!r}.", f"{did_you_mean} {where_listed}".strip())

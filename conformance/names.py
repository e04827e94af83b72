"""Patterns on the names of cases, checks and operations: only ``*`` and ``?`` are special.

Brackets are part of a case's name, so the shell's character classes would get in the way.
"""

from __future__ import annotations

import re
from functools import cached_property

from attrs import frozen


@frozen
class Glob:
    """A pattern such as ``union.*[CreateConfiguredTable:*]``."""

    text: str

    def __str__(self) -> str:
        return self.text

    def matches(self, name: str) -> bool:
        """Whether the whole name matches."""
        return self._regex.fullmatch(name) is not None

    @cached_property
    def _regex(self) -> re.Pattern[str]:
        special = {"*": ".*", "?": "."}
        return re.compile(
            "".join(special.get(char, re.escape(char)) for char in self.text), re.DOTALL
        )


def any_matches(globs: tuple[Glob, ...], name: str) -> bool:
    """Whether one of the patterns matches, or there is none."""
    return not globs or any(glob.matches(name) for glob in globs)

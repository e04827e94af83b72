"""Where a value stands inside an input or output, as a path that reads well in a report."""

from __future__ import annotations

from typing import Any, Final

from attrs import frozen

ELEMENT: Final = "[]"
VALUE: Final = "{}"
KEY: Final = "{key}"


@frozen(order=True)
class Path:
    """Member names from the root of a shape; ``[]`` is a list's element, ``{}`` a map's value.

    In a value (not a shape) the element has its index: ``[0]``.

    ``Path(("members", "[]", "accountId"))`` reads ``members[].accountId``.
    """

    parts: tuple[str, ...] = ()

    def __str__(self) -> str:
        text = ""
        for part in self.parts:
            glue = "" if not text or part.startswith(("[", "{")) else "."
            text += glue + part
        return text

    def __truediv__(self, part: str) -> Path:
        return Path((*self.parts, part))

    def __len__(self) -> int:
        return len(self.parts)

    @property
    def parent(self) -> Path:
        """The path without its last part."""
        return Path(self.parts[:-1])

    @property
    def name(self) -> str:
        """The last part; empty for the root."""
        return self.parts[-1] if self.parts else ""

    def found_in(self, value: Any) -> list[Any]:
        """Every value that stands at this path in a parsed JSON value, in order."""
        values = [value]
        for part in self.parts:
            values = [inner for outer in values for inner in _step(outer, part)]
        return values


def _step(value: Any, part: str) -> list[Any]:
    if part == ELEMENT:
        return list(value) if isinstance(value, list) else []
    if not isinstance(value, dict):
        return []
    if part == VALUE:
        return list(value.values())
    if part == KEY:
        return list(value)
    return [value[part]] if part in value else []

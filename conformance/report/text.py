"""Makes text that came from a target safe and short enough to show.

A target's text is data: it must not move a cursor, turn a line around, end a line or a string,
or run. This module knows nothing of reports.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from attrs import frozen
from rich.cells import cell_len, set_cell_size

# C0 and C1 controls, DEL, what reorders or hides its neighbours, line separators, lone surrogates,
# annotation marks, byte-order mark, tag characters, the non-characters that XML forbids.
_UNSEEN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
_UNSEEN_BUT_NEWLINE: Final = re.compile(_UNSEEN.pattern.replace("\x00-\x1f", "\x00-\x09\x0b-\x1f"))
_LINE_ENDS: Final = re.compile(r"[ \t]*[\r\n]+[ \t]*")
_PLAIN_SPELLINGS: Final = str.maketrans(
    {
        "…": "...",
        "\N{EN DASH}": "-",
        "\N{EM DASH}": "-",
        "·": "-",
        "•": "*",
        "\N{MULTIPLICATION SIGN}": "x",
        "\N{LEFT SINGLE QUOTATION MARK}": "'",
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
        "“": '"',
        "”": '"',
        "→": "->",
        "✓": "+",
        "✗": "x",
        "≥": ">=",
        "≤": "<=",
    }
)


def visible(text: str) -> str:
    r"""The text with each character that works unseen spelled out: `\n`, `\x1b`, `\u202e`."""
    return _UNSEEN.sub(_spelled, text)


def visible_lines(text: str) -> str:
    """Like `visible`, but line ends stay: for places that show several lines."""
    return _UNSEEN_BUT_NEWLINE.sub(_spelled, text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    """The text on one line: line ends become spaces, the rest is `visible`."""
    return visible(_LINE_ENDS.sub(" ", text).strip())


def plural(count: int, noun: str) -> str:
    """A number with its noun: `1 case`, `2,300 cases`."""
    ending = "" if count == 1 else "s"
    return f"{count:,} {noun}{ending}"


def listed(parts: Iterable[str]) -> str:
    """Parts as a list in a sentence: `a, b and c`."""
    *most, last = parts
    return f"{', '.join(most)} and {last}" if most else last


@frozen
class Page:
    """What lines must fit: so many columns, in an encoding."""

    width: int = 80
    encoding: str = "utf-8"

    def safe(self, text: str) -> str:
        """One visible line that the encoding can hold, e.g. `...` for `…` in ASCII."""
        line = one_line(text)
        try:
            line.encode(self.encoding)
        except UnicodeEncodeError:
            plain = line.translate(_PLAIN_SPELLINGS)
            return plain.encode(self.encoding, "backslashreplace").decode(self.encoding)
        return line

    def fit(self, text: str, width: int) -> str:
        """A safe line of at most so many columns; what was cut off shows as an ellipsis."""
        line = self.safe(text)
        if cell_len(line) <= width:
            return line
        dots = self.safe("…")
        return set_cell_size(line, max(width - len(dots), 0)).rstrip() + dots

    def fit_indented(self, line: str) -> str:
        """An indented line, shortened like any other, with its indent left as it is."""
        text = line.lstrip(" ")
        indent = line[: len(line) - len(text)]
        return indent + self.fit(text, self.width - len(indent))

    def pad(self, text: str, width: int) -> str:
        """A safe line of exactly so many columns."""
        return set_cell_size(self.fit(text, width), width)

    def wrap(self, words: Iterable[str], indent: str = "  ") -> list[str]:
        """Safe words, separated by spaces, on as many indented lines as they need."""
        lines: list[str] = []
        line = ""
        for word in map(self.safe, words):
            longer = f"{line} {word}" if line else indent + word
            if line and cell_len(longer) > self.width:
                lines.append(line)
                longer = indent + word
            line = longer
        return [*lines, line] if line else lines


def _spelled(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")

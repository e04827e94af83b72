r"""Patterns of a model as the service means them.

botocore drops the anchors of a pattern, so it matches the whole string. A model's patterns are
written for another engine than Python's: ``\d``, ``\w`` and ``\s`` mean ASCII, ``\p{L}`` is known,
and characters beyond the basic plane are spelled as pairs of surrogates (mangled by the conversion
to ``\uD800\uDBFF-\uDC00\uDFFF``, which stands for all of them).
"""

from __future__ import annotations

import re
from functools import cache, cached_property
from typing import Final

import regex
from attrs import field, frozen

# Long enough for any honest value, short enough that a pattern that backtracks without end
# (seven of those in botocore do) cannot hold up a run.
MATCH_TIMEOUT_S: Final = 0.5

_ASCII_CLASSES: Final = {
    "d": "0-9",
    "w": "A-Za-z0-9_",
    "s": r"\t-\r\x20",
    "h": r"\t\x20",
    "D": "\\x00-/:-\U0010ffff",
    "W": "\\x00-/:-@\\[-\\^`{-\U0010ffff",
    "S": "\\x00-\\x08\\x0e-\\x1f!-\U0010ffff",
}
# Spelled out, since no escape for them is common to Python, regex and ECMAScript.
_ASTRAL: Final = "\U00010000-\U0010ffff"
_FIRST_SURROGATE: Final = 0xD800
_LAST_SURROGATE: Final = 0xDFFF
_FIRST_ASTRAL: Final = 0x10000


@frozen
class Pattern:
    """One pattern of a model.

    Attributes:
        source: the pattern as the model has it.
    """

    source: str
    _cache: dict[str, regex.Pattern[str] | None] = field(factory=dict, eq=False, repr=False)

    def __str__(self) -> str:
        return self.source

    def matches(self, text: str) -> bool | None:
        """Whether the whole text matches; None where that cannot be told.

        It cannot where the engine does not know the pattern's syntax or gives up on it.
        """
        if "compiled" not in self._cache:
            self._cache["compiled"] = _compile(self.source)
        compiled = self._cache["compiled"]
        if compiled is None:
            return None
        try:
            return compiled.fullmatch(text, timeout=MATCH_TIMEOUT_S) is not None
        except TimeoutError:
            return None

    @property
    def python(self) -> str | None:
        r"""An equivalent for Python's ``re`` and JSON Schema, anchored; None if there is none.

        ``\p`` classes are written out as ranges.
        """
        return _for_re(self.source)

    @property
    def mentions_astral(self) -> bool:
        """Whether it names surrogates, so that sources differ on characters beyond U+FFFF."""
        return _names_surrogates(self.source)


@cache
def _compile(source: str) -> regex.Pattern[str] | None:
    try:
        return regex.compile(_Translation(source, expand_properties=False).text)
    except (regex.error, ValueError):
        return None


@cache
def _for_re(source: str) -> str | None:
    try:
        body = _Translation(source, expand_properties=True).text
        re.compile(body)
    except (re.error, regex.error, ValueError, OverflowError, RecursionError):
        return None
    return f"^(?:{body})$"


@cache
def _names_surrogates(source: str) -> bool:
    codes = (int(code, 16) for code in re.findall(r"\\u([0-9A-Fa-f]{4})", source))
    return any(_FIRST_SURROGATE <= code <= _LAST_SURROGATE for code in codes)


class _Translation:
    """One pass over a pattern that yields the same pattern in Python's syntax."""

    def __init__(self, source: str, *, expand_properties: bool) -> None:
        self._source = source
        self._expand = expand_properties
        self._at = 0

    @cached_property
    def text(self) -> str:
        parts = []
        while self._at < len(self._source):
            parts.append(self._outside())
        return "".join(parts)

    def _take(self, count: int = 1) -> str:
        taken = self._source[self._at : self._at + count]
        self._at += count
        return taken

    def _outside(self) -> str:
        char = self._take()
        if char == "[":
            return self._character_class()
        if char == "$":
            # Python's $ also matches before a final newline; JSON Schema has no other spelling.
            return "$" if self._expand else r"\Z"
        if char == "(" and re.match(r"\?<[A-Za-z]", self._source[self._at :]):
            self._take()
            return "(?P"
        return self._escape() if char == "\\" else char

    def _escape(self) -> str:
        code = self._peek_escape()
        if code is None:
            return self._plain_escape()
        self._at += 5
        if _FIRST_SURROGATE <= code <= _LAST_SURROGATE:
            self._skip_surrogates()
            return f"[{_ASTRAL}]"
        return _literal(code)

    def _plain_escape(self) -> str:
        letter = self._take()
        if letter in _ASCII_CLASSES:
            return f"[{_ASCII_CLASSES[letter]}]"
        if letter in "pP":
            return f"[{(self._property if self._expand else self._raw_property)(letter)}]"
        if letter == "z":
            return "$" if self._expand else r"\Z"
        return self._quoted() if letter == "Q" else _escaped(letter)

    def _quoted(self) -> str:
        literal, _, _ = self._source[self._at :].partition(r"\E")
        self._at += len(literal) + 2
        return re.escape(literal)

    def _character_class(self) -> str:
        parts = ["["]
        if self._source.startswith("^", self._at):
            parts.append(self._take())
        if self._source.startswith("]", self._at):
            self._take()
            parts.append(r"\]")
        astral = False
        while self._at < len(self._source):
            char = self._take()
            if char == "]":
                if astral:
                    parts.append(_ASTRAL)
                return "".join(parts) + "]"
            if char == "[":
                parts.append(r"\[")
            elif char != "\\":
                parts.append(r"\&" if char == "&" else char)
            else:
                part, is_surrogate = self._escape_in_class()
                astral = astral or is_surrogate
                parts.append(part)
        raise ValueError(f"unterminated character class in {self._source!r}")

    def _escape_in_class(self) -> tuple[str, bool]:
        code = self._peek_escape()
        if code is not None:
            self._at += 5
            if not _FIRST_SURROGATE <= code <= _LAST_SURROGATE:
                return _literal(code), False
            self._skip_surrogates()
            return "", True
        letter = self._take()
        if letter in _ASCII_CLASSES:
            return _ASCII_CLASSES[letter], False
        if letter in "pP":
            return (self._property if self._expand else self._raw_property)(letter), False
        return "\\" + letter, False

    def _peek_escape(self) -> int | None:
        found = re.match(r"u([0-9A-Fa-f]{4})", self._source[self._at :])
        return int(found[1], 16) if found else None

    def _skip_surrogates(self) -> None:
        # What follows of the pair, or of the range of pairs, means the same astral characters.
        while found := re.match(r"-?\\u([0-9A-Fa-f]{4})", self._source[self._at :]):
            if not _FIRST_SURROGATE <= int(found[1], 16) <= _LAST_SURROGATE:
                return
            self._at += found.end()

    def _property_name(self) -> str:
        if not self._source.startswith("{", self._at):
            return self._take()
        end = self._source.index("}", self._at)
        name = self._source[self._at + 1 : end]
        self._at = end + 1
        return name

    def _raw_property(self, letter: str) -> str:
        return f"\\{letter}{{{self._property_name()}}}"

    def _property(self, letter: str) -> str:
        return property_ranges(self._property_name(), negated=letter == "P")


def _escaped(letter: str) -> str:
    return "\\" + letter if letter.isalnum() else re.escape(letter)


def _literal(code: int) -> str:
    return f"\\u{code:04x}" if code < _FIRST_ASTRAL else chr(code)


@cache
def property_ranges(name: str, *, negated: bool) -> str:
    r"""The inside of a character class that equals ``\p{name}`` (``\P{name}`` if negated).

    Raises:
        regex.error: there is no such property.
    """
    class_ = regex.compile(f"\\{'P' if negated else 'p'}{{{name}}}+")
    return "".join(
        f"{_literal(ord(run[0]))}-{_literal(ord(run[-1]))}" if len(run) > 1 else _literal(ord(run))
        for run in class_.findall(_every_character())
    )


@cache
def _every_character() -> str:
    below = "".join(map(chr, range(_FIRST_SURROGATE)))
    # A character that no property of letters, marks or numbers has keeps the two runs apart.
    return below + "".join(map(chr, range(_LAST_SURROGATE + 1, 0x110000)))

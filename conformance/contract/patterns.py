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
# The names that Java knows beside Unicode's; its POSIX classes are ASCII.
_JAVA_CLASSES: Final = {
    "Lower": "a-z",
    "Upper": "A-Z",
    "ASCII": "\\x00-\\x7f",
    "Alpha": "A-Za-z",
    "Digit": "0-9",
    "Alnum": "A-Za-z0-9",
    "Punct": "!-/:-@\\[-`{-\\~",
    "Graph": "!-\\~",
    "Print": "\\x20-\\~",
    "Blank": "\\x20\\t",
    "Cntrl": "\\x00-\\x1f\\x7f",
    "XDigit": "0-9A-Fa-f",
    "Space": "\\t-\\r\\x20",
    "all": "\\x00-\U0010ffff",
}
# Letters and digits, which has no name of its own elsewhere.
_JAVA_LETTERS_AND_DIGITS: Final = "LD"
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
        # For each group that is open, how many groups of flags are to be closed with it.
        self._flags_open = [0]

    @cached_property
    def text(self) -> str:
        parts = []
        while self._at < len(self._source):
            parts.append(self._outside())
        return "".join(parts) + ")" * self._flags_open[0]

    def _take(self, count: int = 1) -> str:
        taken = self._source[self._at : self._at + count]
        self._at += count
        return taken

    def _outside(self) -> str:
        char = self._take()
        if char == "[":
            return self._character_class()
        if char == "$":
            self._skip_quantifier()
            # Python's $ also matches before a final newline; JSON Schema has no other spelling.
            return "$" if self._expand else r"\Z"
        if char == "(" and (flags := re.match(r"\?([ims]+)\)", self._source[self._at :])):
            # Flags hold to the end of the group; Python knows them only around one.
            self._at += flags.end()
            self._flags_open[-1] += 1
            return f"(?{flags[1]}:"
        if char == "(":
            self._flags_open.append(0)
        if char == ")" and len(self._flags_open) > 1:
            return ")" * (self._flags_open.pop() + 1)
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

    def _skip_quantifier(self) -> None:
        # An anchor that holds once holds as often as one likes.
        if found := re.match(r"\{[1-9]\d*(,\d*)?\}|\+", self._source[self._at :]):
            self._at += found.end()

    def _plain_escape(self) -> str:
        letter = self._take()
        if letter in _ASCII_CLASSES:
            return f"[{_ASCII_CLASSES[letter]}]"
        if letter in "pP":
            return f"[{self._property_class(letter)}]"
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
                # Doubled, these may come to mean operations on sets.
                parts.append(f"\\{char}" if char in "&|~" else char)
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
        if letter == "x" and (found := re.match(r"\{([0-9A-Fa-f]+)\}", self._source[self._at :])):
            self._at += found.end()
            return _literal(int(found[1], 16)), False
        if letter not in _ASCII_CLASSES and letter not in "pP":
            return "\\" + letter, False
        class_ = _ASCII_CLASSES.get(letter) or self._property_class(letter)
        # A hyphen after a class begins no range.
        if re.match(r"-[^]]", self._source[self._at :]):
            class_ += "\\" + self._take()
        return class_, False

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

    def _property_class(self, letter: str) -> str:
        name = self._property_name()
        if name in _JAVA_CLASSES and letter == "p":
            return _JAVA_CLASSES[name]
        if name == _JAVA_LETTERS_AND_DIGITS and letter == "p":
            return self._unicode_class("L", letter) + self._unicode_class("Nd", letter)
        return self._unicode_class(name, letter)

    def _unicode_class(self, name: str, letter: str) -> str:
        if self._expand:
            return property_ranges(name, negated=letter == "P")
        return f"\\{letter}{{{name}}}"


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

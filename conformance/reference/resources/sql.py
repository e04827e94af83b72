"""Reads as much of an SQL text as analysis rules ask about: tables, columns, aggregate functions.

It is no parser of SQL: what it does not understand it leaves out.
"""

from __future__ import annotations

import re
from typing import Final

from attrs import frozen

# What is not closed goes on to the end, so that reading takes no more than one pass.
_NOISE: Final = re.compile(r"--[^\n]*|/\*.*?(?:\*/|\Z)|'[^']*(?:'|\Z)", re.DOTALL)
_TOKEN: Final = re.compile(r'"[^"]*"|[A-Za-z0-9_$.:]+|[(),;*]')
_ENDS_A_TABLE: Final = frozenset(
    {
        ";",
        "cross",
        "except",
        "from",
        "full",
        "group",
        "having",
        "inner",
        "intersect",
        "join",
        "left",
    }
    | {"limit", "natural", "on", "order", "outer", "right", "select", "union", "using", "where"}
)
_KEYWORDS: Final = frozenset(
    {"all", "and", "as", "asc", "between", "by", "case", "cast", "desc", "distinct", "else", "end"}
    | {"false", "in", "interval", "is", "like", "not", "null", "or", "order", "over", "partition"}
    | {"then", "true", "when"}
)


@frozen
class Aggregate:
    """An aggregate function and the column that it is applied to."""

    function: str
    column: str


@frozen
class Query:
    """What a text asks.

    Attributes:
        tables: the relations that it names, in lower case, in the order in which they come.
        columns: what the outermost select list names outside of functions; ``*`` for everything.
        aggregates: the functions that it applies to single columns.
        outputs: the names of the result's columns, as far as they can be told.
    """

    tables: tuple[str, ...]
    columns: tuple[str, ...]
    aggregates: tuple[Aggregate, ...]
    outputs: tuple[str, ...]


def read_sql(text: str) -> Query:
    """What an SQL text asks."""
    tokens = [token.strip('"').lower() for token in _TOKEN.findall(_NOISE.sub(" ", text))]
    items = _select_list(tokens)
    columns, aggregates, outputs = [], [], []
    for item in items:
        found = _aggregate(item)
        if found is not None:
            aggregates.append(found)
        else:
            columns += [_last(token) for token in _outside_functions(item)]
        outputs += _output(item)
    return Query(
        tables=tuple(dict.fromkeys(_tables(tokens))),
        columns=tuple(dict.fromkeys(columns)),
        aggregates=tuple(dict.fromkeys(aggregates)),
        outputs=tuple(dict.fromkeys(outputs)),
    )


def _tables(tokens: list[str]) -> list[str]:
    named_here = {
        name
        for name, as_, opens in zip(tokens, tokens[1:], tokens[2:], strict=False)
        if (as_, opens) == ("as", "(")
    }
    found = []
    for place, token in enumerate(tokens):
        if token not in ("from", "join"):
            continue
        at = place + 1
        while at < len(tokens) and tokens[at] not in ("(", "select"):
            found.append(tokens[at])
            # An alias may follow, and after a comma the next table.
            while at < len(tokens) and tokens[at] not in (",", "(", ")", *_ENDS_A_TABLE):
                at += 1
            if at >= len(tokens) or tokens[at] != ",":
                break
            at += 1
    return [name for name in found if name not in named_here]


def _select_list(tokens: list[str]) -> list[list[str]]:
    """The items of the first select list, each as its tokens."""
    if "select" not in tokens:
        return []
    items: list[list[str]] = [[]]
    depth = 0
    for word in tokens[tokens.index("select") + 1 :]:
        depth += (word == "(") - (word == ")")
        if depth < 0 or (depth == 0 and word in ("from", ";")):
            break
        if depth == 0 and word == ",":
            items.append([])
        else:
            items[-1].append(word)
    return [item for item in items if item]


def _aggregate(item: list[str]) -> Aggregate | None:
    """``f(column)`` or ``f(distinct column)``, perhaps with an alias."""
    match item:
        case [function, "(", "distinct", column, ")", *_]:
            return Aggregate(f"{function.upper()}_DISTINCT", _last(column))
        case [function, "(", column, ")", *_]:
            return Aggregate(function.upper(), _last(column))
    return None


def _outside_functions(item: list[str]) -> list[str]:
    names = item[: item.index("as")] if "as" in item else item[:1] if len(item) == 2 else item  # noqa: PLR2004 - a column and its alias
    return [name for name in names if name not in _KEYWORDS and name not in "()," and name]


def _output(item: list[str]) -> list[str]:
    last = _last(item[-1])
    return [last] if last not in (")", "*") else []


def _last(name: str) -> str:
    return name.rpartition(".")[2]

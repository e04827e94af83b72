"""Patterns as trees from which texts of a wanted length can be read off.

A tree knows the lengths of its texts at every node, so a walk through it never runs into a length
that it cannot finish. What a tree cannot express (looking around, references back, word boundaries)
is left out of it; the tree is then not exact, and its texts are to be held against the pattern.
Knows nothing of Hypothesis.
"""

from __future__ import annotations

import re
import re._constants as sre  # type: ignore[import-not-found]
import re._parser as sre_parser  # type: ignore[import-not-found]
from collections.abc import Sequence as Many
from functools import cache
from typing import Any, Final

from attrs import evolve, frozen

from conformance.contract import Pattern
from conformance.generation.characters import ANY_BUT_LINE_ENDS, BASIC, EVERY, Characters
from conformance.generation.lengths import EMPTY, NONE, Lengths

START: Final = "start"
END: Final = "end"


class Unreadable(Exception):  # noqa: N818 - says what the pattern is
    """A pattern is written in a way that is not understood here."""


@frozen(eq=False)
class Run:
    """Characters of one set, as many as there is room for.

    Attributes:
        text: what it always is; empty where there is a choice.
    """

    characters: Characters
    lengths: Lengths
    text: str = ""


@frozen(eq=False)
class Joined:
    """Parts, one after the other.

    Attributes:
        rests: for each part the lengths of what follows it.
        anchors: which ends of the whole text it can only stand at.
    """

    parts: tuple[Node, ...]
    rests: tuple[Lengths, ...]
    lengths: Lengths
    anchors: frozenset[str] = frozenset()


@frozen(eq=False)
class Either:
    """One of several."""

    options: tuple[Node, ...]
    lengths: Lengths


@frozen(eq=False)
class Repeated:
    """The same several times."""

    part: Node
    least: int
    most: int | None
    lengths: Lengths


Node = Run | Joined | Either | Repeated


@frozen(eq=False)
class Expression:
    """A pattern as a tree.

    Attributes:
        exact: whether every text of the tree matches the pattern.
    """

    node: Node
    exact: bool

    @property
    def lengths(self) -> Lengths:
        """The lengths that a text can have."""
        return self.node.lengths


@cache
def expression(pattern: Pattern, cap: int, allowed: Characters = EVERY) -> Expression:
    """The tree of a pattern, for texts that are no longer than the cap.

    Args:
        allowed: the characters that texts may hold.

    Raises:
        Unreadable: the pattern's syntax is not known here.
    """
    source = pattern.python
    if source is None:
        raise Unreadable(f"no engine here knows the syntax of {pattern}")
    if pattern.mentions_astral:
        # Such a pattern is read in two ways, and both agree only on the basic plane.
        allowed = allowed & BASIC
    try:
        # Without the outermost anchors, since flags may only stand at the beginning.
        parsed = sre_parser.parse(source.removeprefix("^(?:").removesuffix(")$"))
        reader = _Reader(cap, allowed, dot_all=bool(parsed.state.flags & re.DOTALL))
        node = reader.sequence(list(parsed))
    except (re.error, OverflowError, RecursionError) as error:
        raise Unreadable(f"{pattern}: {error}") from error
    return Expression(node, reader.exact)


def free_text(cap: int, allowed: Characters = EVERY) -> Expression:
    """The tree of all texts that are no longer than the cap."""
    return Expression(Run(allowed, Lengths(((0, cap),))), exact=True)


class _Reader:
    """Turns what Python's parser says of a pattern into a tree."""

    def __init__(self, cap: int, allowed: Characters, *, dot_all: bool) -> None:
        self._cap = cap
        self._allowed = allowed
        self._dot_all = dot_all
        self._groups: dict[int | None, Node] = {}
        self.exact = True

    def sequence(self, items: Many[tuple[Any, Any]]) -> Node:
        parts: list[Node | str] = []
        for operator, argument in items:
            parts.extend(self._parts(operator, argument))
        return self._joined(parts)

    def _parts(self, operator: Any, argument: Any) -> list[Node | str]:
        if operator is sre.SUBPATTERN:
            number, added, _, inner = argument
            self._groups[number] = self._with_flags(added, list(inner))
            return [self._groups[number]]
        if operator is sre.GROUPREF:
            self.exact = False
            return [self._groups[argument]]
        if operator is sre.ATOMIC_GROUP:
            self.exact = False
            return [self.sequence(list(argument))]
        if operator is sre.AT:
            return self._anchor(argument)
        if operator in (sre.ASSERT, sre.ASSERT_NOT):
            self.exact = False
            return []
        return [self._node(operator, argument)]

    def _node(self, operator: Any, argument: Any) -> Node:
        if operator is sre.BRANCH:
            return self._either([self.sequence(list(option)) for option in argument[1]])
        if operator in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            self.exact = self.exact and operator is not sre.POSSESSIVE_REPEAT
            least, most, inner = argument
            unbounded = most is sre.MAXREPEAT
            return self._repeated(self.sequence(list(inner)), least, None if unbounded else most)
        return self._run(self._characters(operator, argument), 1, 1)

    def _with_flags(self, added: int, inner: list[tuple[Any, Any]]) -> Node:
        before = self._dot_all
        self._dot_all = before or bool(added & re.DOTALL)
        node = self.sequence(inner)
        self._dot_all = before
        return node

    def _anchor(self, where: Any) -> list[Node | str]:
        if where in (sre.AT_BEGINNING, sre.AT_BEGINNING_STRING):
            return [START]
        if where in (sre.AT_END, sre.AT_END_STRING):
            return [END]
        self.exact = False
        return []

    def _characters(self, operator: Any, argument: Any) -> Characters:
        if operator is sre.ANY:
            return EVERY if self._dot_all else ANY_BUT_LINE_ENDS
        if operator is sre.LITERAL:
            return Characters.of([(argument, argument)])
        if operator is sre.NOT_LITERAL:
            return ~Characters.of([(argument, argument)])
        if operator is sre.IN:
            negated = argument[0][0] is sre.NEGATE
            found = Characters.of(_range(*item) for item in argument[negated:])
            return ~found if negated else found
        raise Unreadable(f"a pattern with {operator} is not understood")

    # --- putting together -----------------------------------------------------------------------

    def _run(self, characters: Characters, least: int, most: int | None) -> Node:
        usable = characters & self._allowed
        if not usable.ranges:
            return Run(usable, EMPTY if least == 0 else NONE)
        last = self._cap if most is None else min(most, self._cap)
        lengths = Lengths.of([(least, last)], self._cap)
        fixed = len(usable) == 1 and least == most
        return Run(usable, lengths, next(iter(usable)) * least if fixed else "")

    def _joined(self, parts: list[Node | str]) -> Node:
        flat: list[Node | str] = []
        for part in parts:
            flat += [part] if isinstance(part, str) else _spread(part)
        nodes, anchors = self._anchored(flat)
        merged = self._merged(nodes)
        if len(merged) == 1 and not anchors:
            return merged[0]
        rests = [EMPTY]
        for node in reversed(merged):
            rests.append(node.lengths.plus(rests[-1], self._cap))
        return Joined(tuple(merged), tuple(reversed(rests[:-1])), rests[-1], anchors)

    def _anchored(self, parts: list[Node | str]) -> tuple[list[Node], frozenset[str]]:
        """The parts without anchors; what stands on the far side of one has to be empty."""
        starts = [index for index, part in enumerate(parts) if part == START]
        ends = [index for index, part in enumerate(parts) if part == END]
        first = starts[-1] if starts else -1
        last = ends[0] if ends else len(parts)
        nodes: list[Node] = []
        for index, part in enumerate(parts):
            if isinstance(part, str):
                continue
            if first < index < last:
                nodes.append(part)
            elif 0 not in part.lengths:
                nodes.append(evolve(part, lengths=NONE))
        anchors = frozenset([START] * bool(starts) + [END] * bool(ends))
        return [self._fitting(node, i, len(nodes)) for i, node in enumerate(nodes)], anchors

    def _fitting(self, node: Node, index: int, count: int) -> Node:
        """An alternative with an anchor inside a sequence is left out where it cannot match."""
        if not isinstance(node, Either):
            return node
        misplaced = frozenset([START] * (index > 0) + [END] * (index < count - 1))
        fitting = [option for option in node.options if not _anchors(option) & misplaced]
        if not fitting or len(fitting) == len(node.options):
            return node
        self.exact = False
        return self._either(fitting)

    def _merged(self, nodes: list[Node]) -> list[Node]:
        merged: list[Node] = []
        for node in nodes:
            before = merged[-1] if merged else None
            if isinstance(before, Run) and isinstance(node, Run) and _both_fixed(before, node):
                text = before.text + node.text
                lengths = Lengths.of([(len(text), len(text))], self._cap)
                merged[-1] = Run(before.characters, lengths, text)
            else:
                merged.append(node)
        return merged

    def _either(self, options: list[Node]) -> Node:
        possible = tuple(option for option in options if option.lengths)
        if not possible:
            return options[0]
        if len(possible) == 1:
            return possible[0]
        spans = [span for option in possible for span in option.lengths.spans]
        return Either(possible, Lengths.of(spans, self._cap))

    def _repeated(self, part: Node, least: int, most: int | None) -> Node:
        if isinstance(part, Run) and part.lengths.spans == ((1, 1),):
            return self._run(part.characters, least, most)
        if (least, most) == (1, 1):
            return part
        if _anchored_inside(part):
            self.exact = False
        lengths = part.lengths.times(least, most, self._cap)
        return Repeated(part, least, most, lengths)


def _anchors(node: Node) -> frozenset[str]:
    """Which ends of the whole text a node can only stand at."""
    if isinstance(node, Joined):
        return node.anchors
    if isinstance(node, Either):
        return frozenset.intersection(*map(_anchors, node.options))
    return frozenset()


def _anchored_inside(node: Node) -> bool:
    if isinstance(node, Run | Repeated):
        return False
    inner = node.parts if isinstance(node, Joined) else node.options
    return bool(_anchors(node)) or any(map(_anchored_inside, inner))


def _spread(part: Node) -> list[Node | str]:
    """The parts of a group, between the anchors that it has."""
    anchors = _anchors(part)
    before: list[Node | str] = [START] if START in anchors else []
    after: list[Node | str] = [END] if END in anchors else []
    return [*before, *(part.parts if isinstance(part, Joined) else [part]), *after]


def _both_fixed(one: Run, other: Run) -> bool:
    return bool(one.text and other.text and one.lengths and other.lengths)


def _range(operator: Any, argument: Any) -> tuple[int, int]:
    if operator is sre.LITERAL:
        return argument, argument
    if operator is sre.RANGE:
        first, last = argument
        return first, last
    raise Unreadable(f"a pattern with {operator} in a class is not understood")

"""Texts read off a pattern match it and have the wanted length."""

from __future__ import annotations

from random import Random

import pytest

from conformance.contract import Pattern
from conformance.generation.characters import BASIC, EVERY, LINE_ENDS, Characters
from conformance.generation.expressions import Unreadable, expression
from conformance.generation.texts import Bounds, first_match, matching
from conformance.generation.walk import Plainest, Wandering, walk

UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
BUCKET = (
    r".*(?!^(\d+\.)+\d+$)(^(([a-z0-9]|[a-z0-9][a-z0-9\-]*[a-z0-9])\.)*"
    r"([a-z0-9]|[a-z0-9][a-z0-9\-]*[a-z0-9])$).*"
)
NAME = r"(?!\s*$)[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDBFF-\uDC00\uDFFF\t]*"
CAP = 70

PATTERNS = [
    "abc",
    "[a-z]+",
    "a|bcd|ef{2}",
    "(ab|cdef)+x?",
    "([a-z]{4}-){2,}[0-9]",
    UUID,
    r"arn:aws:[\w]+:[\w]{2}-[\w]{4,9}-[\d]:[\d]{12}:configuredtable/[\d\w-]+",
    r"\d{4}-(0[1-9]|1[0-2])",
    "a$|^b",
    "(^a$|^bc$)",
    ".*(^[0-9]+$|(^$)).*",
    "x(^a|b)c",
    "(a|b$)c?",
    r"[^a-z\s]{3}",
    "a??b*?c+?",
    "(?s).{2,5}",
    "(?i)ab",
    "(?:a(?:b(?:c|d)){0,2}){1,3}",
    r"[\p{L}\p{N}_-]+",
    "()",
    "",
]


@pytest.mark.parametrize("source", PATTERNS)
def test_every_text_of_an_exact_tree_matches(source: str) -> None:
    pattern = Pattern(source)
    found = expression(pattern, CAP)
    assert found.lengths
    guide = Wandering(Random(source))
    for length in list(found.lengths)[:40]:
        for text in (
            walk(found.node, Plainest(), length, length),
            walk(found.node, guide, length, length),
        ):
            assert len(text) == length
            assert pattern.matches(text) is True or not found.exact, text


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("(ab|cdef)+", [n for n in range(2, CAP + 1) if n % 2 == 0]),
        ("a{3}|b{7,9}", [3, 7, 8, 9]),
        ("([a-z]{4}-)+", list(range(5, CAP + 1, 5))),
        (UUID, [36]),
        ("a$|^bc", [1, 2]),
        (".*(^ab$).*", [2]),
        ("a^b", []),
        ("$a", []),
    ],
)
def test_a_tree_knows_the_lengths_of_its_texts(source: str, expected: list[int]) -> None:
    assert list(expression(Pattern(source), CAP).lengths) == expected


@pytest.mark.parametrize("source", ["(?!a)b", "a(?=b)b", r"(a)\1", r"\bab", "(?<!-)a", "a*+b"])
def test_what_a_tree_cannot_express_makes_it_inexact(source: str) -> None:
    assert not expression(Pattern(source), CAP).exact


@pytest.mark.parametrize(
    ("source", "low", "high", "expected"),
    [
        ("[a-z]+", 0, 9, "a"),
        ("[A-Z]{2,}", 5, 9, "AAAAA"),
        (UUID, 0, 99, "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa"),
        (BUCKET, 3, 63, "aaa"),
        (NAME, 0, 100, "a"),
        (r"(?!aws:).+", 4, 9, "aaaa"),
        (r"(?=.*\d).{3}", 3, 3, None),
        ("[^a-zA-Z0-9]", 0, 9, "-"),
        ("[a-z]{5}", 0, 4, None),
        ("s3://.{3,63}", 0, 1024, "s3://aaa"),
    ],
)
def test_the_first_match_is_short_and_plain(
    source: str, low: int, high: int, expected: str | None
) -> None:
    found = first_match(Pattern(source), Bounds(low, high))
    if expected is not None:
        assert found == expected
    else:
        assert found is None or (low <= len(found) <= high and Pattern(source).matches(found))


def test_matches_differ_and_are_always_the_same() -> None:
    def ten() -> list[str]:
        return [text for text, _ in zip(matching(Pattern("[ab]{3}"), Bounds(0, 9)), range(8))]  # noqa: B905 - the shorter ends it

    assert sorted(ten()) == sorted({a + b + c for a in "ab" for b in "ab" for c in "ab"})
    assert ten() == ten()


def test_only_allowed_characters_are_used() -> None:
    digits = Characters.in_text("0123456789")
    assert first_match(Pattern("[a-z0-9]{3}"), Bounds(0, 9, digits)) == "000"
    assert first_match(Pattern("[a-z]{3}"), Bounds(0, 9, digits)) is None


def test_a_pattern_that_names_surrogates_stays_on_the_basic_plane() -> None:
    found = expression(Pattern(NAME), CAP)
    guide = Wandering(Random(1))
    texts = "".join(walk(found.node, guide, 10, 60) for _ in range(100))
    assert all(char in BASIC for char in texts)


def test_a_dot_stands_for_no_line_end_of_any_engine() -> None:
    found = expression(Pattern(".+"), CAP)
    guide = Wandering(Random(1))
    texts = "".join(walk(found.node, guide, 10, 60) for _ in range(100))
    assert not any(char in LINE_ENDS for char in texts)


@pytest.mark.parametrize("source", ["(", r"\p{NoSuchThing}"])
def test_unknown_syntax_is_said_to_be_unreadable(source: str) -> None:
    with pytest.raises(Unreadable, match="syntax"):
        expression(Pattern(source), CAP)


def test_sets_of_characters_know_their_complement() -> None:
    some = Characters.of([(0x61, 0x7A), (0x30, 0x39)])
    assert "m" in some
    assert "m" not in ~some
    assert len(some) + len(~some) == len(EVERY) == 0x110000 - 0x800
    assert ~~some == some
    assert (some & Characters.in_text("a!5")) == Characters.in_text("5a")

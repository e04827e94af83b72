"""Drawn texts match their pattern, have an allowed length, and shrink to plain ones."""

from __future__ import annotations

import hypothesis
import pytest
from generation_support import each_of, thrown_away
from hypothesis.strategies import SearchStrategy

from conformance.contract import Pattern
from conformance.generation.expressions import Unreadable
from conformance.generation.text import texts
from conformance.generation.texts import Bounds

UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
BUCKET = (
    r".*(?!^(\d+\.)+\d+$)(^(([a-z0-9]|[a-z0-9][a-z0-9\-]*[a-z0-9])\.)*"
    r"([a-z0-9]|[a-z0-9][a-z0-9\-]*[a-z0-9])$).*"
)
NAME = r"(?!\s*$)[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDBFF-\uDC00\uDFFF\t]*"

CASES = [
    ("[a-z]+", 1, 100),
    ("[a-z]+", 90, 100),
    (UUID, 0, 1000),
    (UUID, 36, 36),
    ("(ab|cdef)+x?", 11, 14),
    (r"arn:aws:[\w]+:[\w]{2}-[\w]{4,9}-[\d]:[\d]{12}:table/[\d\w-]+", 0, 100),
    ("[a-z0-9_](([a-z0-9_ ]+-)*([a-z0-9_ ]+))?", 1, 128),
    ("s3://[a-z0-9.-]{3,63}(.*)", 0, 1024),
    (r"[\p{L}\p{M}\p{N}\p{Pc}\p{Pd}\p{Zs}]+", 1, 128),
    ("([a-z]{4}-)*[0-9]?", 250, 300),
    (NAME, 0, 100),
    (BUCKET, 3, 63),
    (r"^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+\-@]*$", 1, 128),
    (r"(?:(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9][0-9]|[0-9])(\.(?!$)|$)){4}", 0, 15),
    (r"^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[a-zA-Z\d]*$", 8, 32),
    (r"^(?![.-])(?!.*[.-]{2})[a-zA-Z0-9.-]{1,47}(?<![.-])$", 1, 64),
    (r"(\d)\1[a-z]", 3, 3),
    (None, 0, 255),
    (None, 40, 41),
]


def made(source: str | None, low: int, high: int) -> SearchStrategy[str]:
    found = texts(None if source is None else Pattern(source), Bounds(low, high))
    assert found is not None
    return found


@pytest.mark.parametrize(("source", "low", "high"), CASES)
def test_every_text_matches_and_has_an_allowed_length(
    source: str | None, low: int, high: int
) -> None:
    def check(text: str) -> None:
        assert low <= len(text) <= high
        assert source is None or Pattern(source).matches(text)
        text.encode()  # has no surrogates

    each_of(made(source, low, high), check)


@pytest.mark.parametrize(("source", "low", "high"), CASES)
def test_nothing_that_was_drawn_is_thrown_away(source: str | None, low: int, high: int) -> None:
    assert thrown_away(made(source, low, high)) < 0.05


@pytest.mark.parametrize(
    ("source", "low", "high", "expected"),
    [
        ("[a-z]+", 1, 100, "a"),
        ("[a-z]+", 3, 100, "aaa"),
        (UUID, 0, 100, "00000000-0000-0000-0000-000000000000"),
        ("b|a{2}", 0, 9, "b"),
        ("(ab|cdef)+", 3, 100, "cdef"),
        (NAME, 1, 100, "0"),
        (BUCKET, 3, 63, "000"),
        (None, 2, 100, "00"),
    ],
)
def test_a_text_shrinks_to_the_plainest(
    source: str | None, low: int, high: int, expected: str
) -> None:
    settings = hypothesis.settings(database=None)
    assert hypothesis.find(made(source, low, high), lambda _: True, settings=settings) == expected


def test_a_text_shrinks_to_what_matters() -> None:
    settings = hypothesis.settings(database=None, max_examples=2000)
    strategy = made("[a-z]{0,8}(-[0-9]+)?", 0, 30)
    assert hypothesis.find(strategy, lambda text: "7" in text, settings=settings) == "-7"


def test_texts_reach_every_part_of_a_pattern() -> None:
    seen: set[str] = set()
    each_of(made("(one|two|three)(/[0-9]+)?", 0, 30), seen.add, 200)
    assert {text.partition("/")[0] for text in seen} == {"one", "two", "three"}
    assert any("/" in text for text in seen)
    assert any("/" not in text for text in seen)


def test_letters_are_not_only_those_of_english() -> None:
    seen: set[str] = set()
    each_of(made(r"\p{L}+", 1, 30), seen.add, 200)
    assert any(not text.isascii() for text in seen)


def test_the_longest_text_is_drawn_as_well_as_the_shortest() -> None:
    lengths: set[int] = set()
    each_of(made("[a-z]{2,12}", 0, 100), lambda text: lengths.add(len(text)), 500)
    assert {2, 12} <= lengths


def test_a_pattern_without_texts_of_an_allowed_length_has_no_strategy() -> None:
    assert texts(Pattern("[a-z]{5}"), Bounds(0, 4)) is None
    assert texts(Pattern("(?!a)a"), Bounds(0, 4)) is None


def test_unknown_syntax_is_said_to_be_unreadable() -> None:
    with pytest.raises(Unreadable):
        texts(Pattern(r"\p{NoSuchThing}"), Bounds(0, 4))

"""Patterns mean what they mean to the service, not to Python."""

from __future__ import annotations

import re
import time

import pytest

from conformance.contract import Pattern

NAME = r"(?!\s*$)[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDBFF-\uDC00\uDFFF\t]*"
BUCKET = (
    r".*(?!^(\d+\.)+\d+$)(^(([a-z0-9]|[a-z0-9][a-z0-9\-]*[a-z0-9])\.)*"
    r"([a-z0-9]|[a-z0-9][a-z0-9\-]*[a-z0-9])$).*"
)


@pytest.mark.parametrize(
    ("source", "text", "expected"),
    [
        ("[a-z]+", "abc", True),
        ("[a-z]+", "abc1", False),
        ("a|b", "ab", False),
        (r"\d+", "12", True),
        (r"\d+", "١٢", False),
        (r"\w+", "é", False),
        (r"\s", "\u00a0", False),
        (r"\S+", "é", True),
        (r"[\p{L}\p{N}]+", "Ünïcode9", True),
        (r"[\p{L}]+", "a-b", False),
        (r"\P{L}", "1", True),
        (NAME, "a name", True),
        (NAME, "   ", False),
        (NAME, "\N{GRINNING FACE}", True),
        (NAME, "line\nbreak", False),
        (BUCKET, "my-bucket", True),
        (BUCKET, "192.168.1.1", False),
        (BUCKET, "Upper", False),
        ("a$|^b", "a", True),
        ("a$|^b", "b", True),
        ("a$", "a\n", False),
        (r"\/x\-y", "/x-y", True),
        ("[[a]", "[", True),
        ("[]a]", "]", True),
        (r"\Q.*\E", ".*", True),
        ("(?<name>a)b", "ab", True),
    ],
)
def test_a_pattern_matches_the_whole_text(source: str, text: str, expected: bool) -> None:
    assert Pattern(source).matches(text) is expected


@pytest.mark.parametrize("source", [r"\d+", r"[\p{L}\p{N}_-]+", NAME, BUCKET, r"a|b", r"x{2,3}"])
def test_the_python_form_agrees(source: str) -> None:
    pattern = Pattern(source)
    assert pattern.python is not None
    for text in ("12", "é-1", "a name", " ", "my-bucket", "a", "ab", "xx", "1.2", "", "X\tY"):
        assert (re.search(pattern.python, text) is not None) is pattern.matches(text), text


@pytest.mark.parametrize("source", ["(", "[a", r"\p{NoSuchThing}"])
def test_what_no_engine_knows_can_neither_match_nor_miss(source: str) -> None:
    assert Pattern(source).matches("a") is None
    assert Pattern(source).python is None


def test_a_pattern_that_backtracks_without_end_is_given_up() -> None:
    pattern = Pattern("[a-z](([a-z]+)*([a-z]+))?")
    started = time.monotonic()
    assert pattern.matches("a" * 60 + "!") in (None, False)
    assert time.monotonic() - started < 30  # a bound against a hang, no measurement


def test_patterns_that_name_surrogates_say_so() -> None:
    assert Pattern(NAME).mentions_astral
    assert not Pattern("[a-z]").mentions_astral

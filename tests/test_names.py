"""Patterns on names: only star and question mark are special, brackets are part of a name."""

from __future__ import annotations

import pytest

from conformance.names import Glob, any_matches

CASE = "union.two-members[CreateConfiguredTable:tableReference]"


@pytest.mark.parametrize(
    "pattern",
    [
        CASE,
        "*",
        "union.*",
        "*[CreateConfiguredTable:*]",
        "union.two-members[*]",
        "union.two?members[CreateConfiguredTable:tableReference]",
        "*tableReference]",
    ],
)
def test_a_pattern_matches_a_whole_name(pattern: str) -> None:
    assert Glob(pattern).matches(CASE)


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "union",
        "union.two-members",
        "[CreateConfiguredTable:*]",
        "Union.*",
        "union?two-members",
        "*tableReference",
        "union.two-members[[C]reateConfiguredTable:tableReference]",
    ],
)
def test_a_pattern_does_not_match_a_part_or_another_case(pattern: str) -> None:
    assert not Glob(pattern).matches(CASE)


@pytest.mark.parametrize("special", [".", "+", "[ab]", "(a|b)", "{2}", "^", "$", "\\d", "[!a]"])
def test_what_is_special_elsewhere_stands_for_itself(special: str) -> None:
    assert Glob(special).matches(special)
    assert not Glob(special).matches("a")
    assert not Glob(f"a{special}").matches("aa")


def test_a_star_matches_nothing_and_line_ends_too() -> None:
    assert Glob("a*b").matches("ab")
    assert Glob("a*b").matches("a\nb")
    assert not Glob("a?b").matches("ab")


def test_no_pattern_at_all_matches_everything() -> None:
    assert any_matches((), "GetMembership")


def test_one_of_several_patterns_is_enough() -> None:
    globs = (Glob("Create*"), Glob("Get*"))
    assert any_matches(globs, "GetMembership")
    assert not any_matches(globs, "ListMemberships")


def test_a_pattern_shows_as_it_was_written() -> None:
    assert str(Glob("input.*[a]")) == "input.*[a]"

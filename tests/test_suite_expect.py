"""What checks say of a reply is short, and shows what differs."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.suite.expect import difference

LONG = "x" * 300
SENT = {"output": {"s3": {"padding": LONG, "format": "PARQUET", "bucket": "new"}}}


@pytest.mark.parametrize(
    ("shown", "sent", "expected", "got"),
    [
        ({"a": 1}, 2, "a: 2", "a: 1"),
        ({"a": None}, 2, "a: 2", "a: null"),
        ({}, 2, "a: 2", "no a"),
        ({}, {"b": 1}, 'a: {"b": 1}', "no a"),
        ({"a": [1]}, {"b": 1}, 'a: {"b": 1}', "a: [1]"),
        ({"a": {"b": 1, "c": 2}}, {"b": 1, "c": 3}, "a.c: 3", "a.c: 2"),
        ({"a": {"b": [1, 2]}}, {"b": [2]}, "a.b: [2]", "a.b: [1, 2]"),
        ({"a": {"b": {"d": 1}}}, {"b": {"c": True}}, "a.b.c: true", "no a.b.c"),
        (
            {"a": {"output": {"s3": {"padding": LONG, "format": "CSV", "bucket": "old"}}}},
            SENT,
            "a.output.s3.format: 'PARQUET'",
            "a.output.s3.format: 'CSV'",
        ),
    ],
)
def test_what_differs_is_shown_and_not_what_stands_around_it(
    shown: dict[str, Any], sent: Any, expected: str, got: str
) -> None:
    assert difference("a", shown, sent) == (expected, got)


def test_what_does_not_differ_is_shown_whole() -> None:
    assert difference("a", {"a": {"b": 1}}, {"b": 1}) == ('a: {"b": 1}', 'a: {"b": 1}')


def test_a_value_is_written_as_the_caller_likes() -> None:
    told = difference("a", {"a": {"b": "x"}}, {"b": "xyz"}, lambda value: f"{len(value)} long")
    assert told == ("a.b: 3 long", "a.b: 1 long")

"""A tagged union can be set wrongly in six ways, each of them seen by the validator."""

from __future__ import annotations

from typing import Any

import pytest
from generation_support import broken, on_the_wire, operation_of, operations, problems

from conformance.contract import union_sites
from conformance.generation import (
    Unviolable,
    Violation,
    smallest,
    union_violation,
    union_violations,
)
from conformance.generation.form import as_json


def one_union(*arms: str, shape: str = "Text") -> Any:
    union = {
        "type": "structure",
        "union": True,
        "members": {arm: {"shape": shape, "locationName": arm.lower()} for arm in arms},
    }
    operation = operation_of(
        {"type": "structure", "members": {"u": {"shape": "U"}}},
        U=union,
        Text={"type": "string"},
        Bad={"type": "string", "pattern": "[a-z]{3}", "max": 2},
    )
    return next(union_sites(operation))


@pytest.mark.parametrize("service", ["cleanrooms", "appmesh", "pipes"])
def test_every_union_of_a_service_is_broken_at_its_place_alone(service: str) -> None:
    count = 0
    for operation, shape in operations(service):
        for site in union_sites(operation):
            for kind, found in union_violations(site, smallest(shape)).items():
                if isinstance(found, Unviolable):
                    assert kind in ("two", "all")
                    assert found.reason == "the union has one member only"
                    continue
                count += 1
                assert problems(shape, as_json(shape, dict(found.params))) == [], site
                where = on_the_wire(shape, site.path)
                assert problems(shape, broken(shape, found)) == [("union", where)], (site, kind)
    assert count >= 20


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("none", {}),
        ("two", {"a": "a", "b": "a"}),
        ("all", {"a": "a", "b": "a", "c": "a"}),
        ("unknown", {"conformanceUnknown": {}}),
        ("null", {"a": None}),
        ("extra", {"a": "a", "conformanceUnknown": {}}),
    ],
)
def test_a_union_is_set_as_its_kind_says(kind: Any, expected: dict[str, Any]) -> None:
    found = union_violation(one_union("A", "B", "C"), kind, {})
    assert isinstance(found, Violation)
    assert found.value == expected
    assert found.note


def test_a_member_that_cannot_be_made_is_passed_over() -> None:
    site = one_union("A", shape="Bad")
    found = union_violation(site, "two", {})
    assert isinstance(found, Unviolable)

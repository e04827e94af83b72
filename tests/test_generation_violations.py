"""Each violation of a valid input breaks the one constraint that it is made for, and no other."""

from __future__ import annotations

import time
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from generation_support import broken, on_the_wire, operation_of, operations, problems

from conformance.contract import (
    ConstraintSite,
    Operation,
    Path,
    Pattern,
    Shape,
    constraint_sites,
    load,
)
from conformance.contract.paths import ELEMENT, VALUE
from conformance.contract.sites import CONSTRAINT_KINDS
from conformance.generation import (
    Unviolable,
    Violation,
    broken_params,
    fullest,
    smallest,
    violation,
)
from conformance.generation.form import as_json

SERVICES = ["cleanrooms", "appmesh", "pipes", "lambda", "iot"]
#: Where no text of a forbidden length matches the pattern, both are broken.
LENGTHS = {"min-length", "max-length"}
#: What the validator calls a violation, where it has another name for it.
CALLED = {
    "coercion": "type",
    "number-format": "type",
    "enum-case": "enum",
    "enum-empty": "enum",
}


def site_of(kind: str, definition: dict[str, Any], location: str = "") -> ConstraintSite:
    """The site of a kind at the one member of an input."""
    member = {"shape": "X", **({"location": location, "locationName": "x"} if location else {})}
    outer = {"type": "structure", "required": ["x"], "members": {"x": member}}
    operation = operation_of(outer, uri="/{x}" if location == "uri" else "/", X=definition)
    return next(site for site in constraint_sites(operation) if site.kind == kind)


def made(kind: str, definition: dict[str, Any], location: str = "") -> Violation | Unviolable:
    site = site_of(kind, definition, location)
    assert site.operation.input is not None
    return violation(site, smallest(site.operation.input))


def value_of(kind: str, definition: dict[str, Any], location: str = "") -> Any:
    found = made(kind, definition, location)
    assert isinstance(found, Violation), found
    return found.value


def check(site: ConstraintSite, shape: Shape, base: dict[str, Any]) -> str:
    """Holds the violation at a site against the validator; returns how that went."""
    found = violation(site, base)
    if isinstance(found, Unviolable):
        assert found.reason
        return "unviolable"
    assert found.path == site.path
    assert problems(shape, as_json(shape, dict(found.params))) == [], site
    where = on_the_wire(shape, site.path)
    kinds = problems(shape, broken(shape, found))
    if site.kind in LENGTHS and kinds == [(site.kind, where), ("pattern", where)]:
        return "with its pattern"
    if site.kind == "enum-empty":
        # A text that may not be empty, or has a pattern, is wrong in that way, too.
        kinds = [kind for kind in kinds if kind[0] == "enum"]
    called = CALLED.get(site.kind, site.kind)
    if site.kind == "null" and site.path.name not in (ELEMENT, VALUE):
        called = "required"
    assert kinds == [(called, where)], (site, found.value)
    return "alone"


@pytest.mark.parametrize("service", SERVICES)
def test_every_violation_of_a_service_is_one_problem_at_its_place(service: str) -> None:
    outcomes = [
        check(site, shape, smallest(shape))
        for operation, shape in operations(service)
        for site in constraint_sites(operation)
    ]
    assert outcomes.count("alone") > 0.8 * len(outcomes)
    assert outcomes.count("unviolable") < 0.02 * len(outcomes)


def test_the_fullest_inputs_can_be_broken_as_well() -> None:
    for operation, shape in operations("cleanrooms"):
        base = fullest(shape)
        for site in constraint_sites(operation):
            check(site, shape, base)


def test_clean_rooms_is_broken_at_five_thousand_sites_of_every_kind() -> None:
    found = [
        site.kind
        for operation, shape in operations("cleanrooms")
        for site in constraint_sites(operation)
        if isinstance(violation(site, smallest(shape)), Violation)
    ]
    assert set(found) == set(CONSTRAINT_KINDS)
    assert len(found) > 5000


def test_every_site_has_a_name_of_its_own() -> None:
    for service in SERVICES:
        names = Counter(
            (site.kind, str(site))
            for operation, _ in operations(service)
            for site in constraint_sites(operation)
        )
        assert [name for name, count in names.items() if count > 1] == []


def test_a_lengths_pattern_is_broken_only_where_nothing_else_is_possible() -> None:
    for operation, shape in operations("cleanrooms"):
        for site in constraint_sites(operation):
            if site.kind in LENGTHS and check(site, shape, smallest(shape)) == "with its pattern":
                ill = violation(site, smallest(shape))
                assert isinstance(ill, Violation)
                pattern = site.shape.pattern
                assert pattern is not None
                assert not _matches_somewhere_near(pattern, len(ill.value))


def _matches_somewhere_near(pattern: Pattern, length: int) -> bool:
    return any(pattern.matches(char * length) for char in "aA0_-. /")


# --- kind by kind -------------------------------------------------------------------------------


TEXT, OBJECT, ARRAY = "text", {"conformance": {}}, [["conformance"]]
LIST_OF_TEXTS = {"type": "list", "member": {"shape": "Text"}}
LIST_OF_OBJECTS = {"type": "list", "member": {"shape": "Empty"}}


@pytest.mark.parametrize(
    ("definition", "hard", "soft"),
    [
        ({"type": "string"}, [ARRAY, OBJECT], [1, True]),
        ({"type": "blob"}, [1, True, ARRAY, OBJECT], []),
        ({"type": "integer"}, [TEXT, ARRAY, OBJECT], [True, "1", 1.5]),
        ({"type": "integer", "max": 1}, [TEXT, ARRAY, OBJECT], [True, "1", 0.5]),
        ({"type": "double"}, [TEXT, ARRAY, OBJECT], [True, "1.0"]),
        ({"type": "boolean"}, [TEXT, ARRAY, OBJECT], [1, "true"]),
        ({"type": "timestamp"}, [TEXT, True, ARRAY, OBJECT], []),
        ({"type": "timestamp", "timestampFormat": "iso8601"}, [True, ARRAY, OBJECT], [1]),
        ({"type": "structure", "members": {}}, [TEXT, 1, True, ARRAY], []),
        (LIST_OF_TEXTS, [OBJECT], ["a", 1, True]),
        (LIST_OF_OBJECTS, [TEXT, 1, True], [{}]),
    ],
)
def test_each_other_json_type_is_sent_and_what_lenient_parsers_convert_stands_apart(
    definition: dict[str, Any], hard: list[Any], soft: list[Any]
) -> None:
    operation = operation_of(
        {"type": "structure", "required": ["x"], "members": {"x": {"shape": "X"}}},
        X=definition,
        Text={"type": "string"},
        Empty={"type": "structure", "members": {}},
    )
    assert values_at(operation, "type", "x") == hard
    assert values_at(operation, "coercion", "x") == soft


def values_at(operation: Operation, kind: str, path: str) -> list[Any]:
    assert operation.input is not None
    found = [
        violation(site, smallest(operation.input))
        for site in constraint_sites(operation)
        if site.kind == kind and str(site.path) == path
    ]
    return [ill.value for ill in found if isinstance(ill, Violation)]


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("", [10**30, Decimal("1E+400"), "NaN"]),
        ("querystring", [str(10**30), "1E+400", "NaN"]),
    ],
)
def test_numbers_are_broken_by_what_none_of_their_type_can_be(
    location: str, expected: list[Any]
) -> None:
    member = {"shape": "X", **({"location": location, "locationName": "x"} if location else {})}
    operation = operation_of(
        {"type": "structure", "required": ["x"], "members": {"x": member}},
        X={"type": "integer"},
    )
    sent = values_at(operation, "number-format", "x")
    told = ["NaN" if isinstance(number, float) else number for number in sent]
    assert told == expected


@pytest.mark.parametrize("sparse", [False, True])
def test_null_breaks_a_required_member_and_what_holds_no_nulls(sparse: bool) -> None:
    operation = operation_of(
        {
            "type": "structure",
            "required": ["must"],
            "members": {"must": {"shape": "Text"}, "may": {"shape": "Text"}, "x": {"shape": "X"}},
        },
        X={"type": "list", "member": {"shape": "Text"}, "sparse": sparse},
        Text={"type": "string"},
    )
    sites = [str(site.path) for site in constraint_sites(operation) if site.kind == "null"]
    assert sites == ["must"] if sparse else ["must", "x[]"]


@pytest.mark.parametrize(
    ("enum", "expected"),
    [
        (["ABLE", "BAKER"], "able"),
        (["able"], "ABLE"),
        (["A", "a"], None),
        (["A", "a", "B"], "b"),
        (["1"], None),
    ],
)
def test_an_enum_is_broken_by_the_case_alone(enum: list[str], expected: str | None) -> None:
    operation = operation_of(
        {"type": "structure", "required": ["x"], "members": {"x": {"shape": "X"}}},
        X={"type": "string", "enum": enum},
    )
    assert values_at(operation, "enum-case", "x") == [expected] * (expected is not None)


def test_a_number_in_the_query_is_broken_by_a_word() -> None:
    assert value_of("type", {"type": "integer"}, "querystring") == "abc"


@pytest.mark.parametrize(
    ("kind", "definition", "expected"),
    [
        ("min-length", {"type": "string", "min": 4}, "aaa"),
        ("max-length", {"type": "string", "max": 4}, "aaaaa"),
        ("min-length", {"type": "string", "min": 4, "pattern": "[0-9]*"}, "000"),
        ("max-length", {"type": "string", "max": 4, "pattern": "x-[0-9]*"}, "x-000"),
        ("max-length", {"type": "string", "max": 3, "pattern": "[a-z]{1,3}"}, "aaaa"),
        ("min-length", {"type": "blob", "min": 2}, "YQ=="),
        ("max-length", {"type": "blob", "max": 2}, "YWFh"),
        ("minimum", {"type": "integer", "min": 1}, 0),
        ("maximum", {"type": "integer", "max": 100}, 101),
        ("minimum", {"type": "double", "min": 0.5}, 0.49),
        ("maximum", {"type": "float", "max": 1e6}, 1_001_000),
        ("enum", {"type": "string", "enum": ["A", "B"]}, "CONFORMANCE_UNKNOWN"),
        ("enum", {"type": "string", "enum": ["a"], "pattern": "[a-z]+"}, "conformanceunknown"),
        ("enum", {"type": "string", "enum": ["ab"], "max": 2, "pattern": "[ab]+"}, "a"),
    ],
)
def test_a_bound_is_overstepped_by_the_least(
    kind: str, definition: dict[str, Any], expected: Any
) -> None:
    assert value_of(kind, definition) == pytest.approx(expected)


@pytest.mark.parametrize(("kind", "count"), [("min-items", 1), ("max-items", 4)])
def test_a_list_has_one_entry_too_few_or_too_many(kind: str, count: int) -> None:
    operation = operation_of(
        {"type": "structure", "members": {"x": {"shape": "X"}}},
        X={"type": "list", "member": {"shape": "Text"}, "min": 2, "max": 3},
        Text={"type": "string"},
    )
    assert operation.input is not None
    site = next(site for site in constraint_sites(operation) if site.kind == kind)
    found = violation(site, smallest(operation.input))
    assert isinstance(found, Violation)
    assert len(set(found.value)) == len(found.value) == count


def test_a_required_member_is_taken_away() -> None:
    found = made("required", {"type": "string"})
    assert isinstance(found, Violation)
    assert found.removes


@pytest.mark.parametrize(
    "pattern",
    [
        "[a-z]+",
        "[^/]+",
        "[a-z0-9_](([a-z0-9_ ]+-)*([a-z0-9_ ]+))?",
        "arn:aws:s3:::[a-z]+",
        r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDBFF-\uDC00\uDFFF\t]*",
        r"(?!\s*$).+",
        r"[\p{L}\p{N}]+",
        "[!-~]*",
        ".+",
    ],
)
@pytest.mark.parametrize("location", ["", "uri", "querystring", "header"])
def test_a_pattern_is_missed_by_one_change(pattern: str, location: str) -> None:
    found = made("pattern", {"type": "string", "pattern": pattern, "max": 60}, location)
    if isinstance(found, Unviolable):
        assert (pattern, location) in {
            ("[!-~]*", "header"),
            ("[^/]+", "uri"),
            (r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDBFF-\uDC00\uDFFF\t]*", "uri"),
            (".+", "uri"),
            (".+", "header"),
            (r"(?!\s*$).+", "uri"),
            (r"(?!\s*$).+", "header"),
            (r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDBFF-\uDC00\uDFFF\t]*", "header"),
        }
        return
    assert Pattern(pattern).matches(found.value) is False
    assert all(ord(char) < 0x10000 and not 0xD800 <= ord(char) <= 0xDFFF for char in found.value)
    if location == "uri":
        assert found.value not in ("", ".", "..")
        assert "/" not in found.value
    if location == "header":
        assert found.value == found.value.strip() != ""
        assert found.value.isascii()
        assert found.value.isprintable()


@pytest.mark.parametrize(
    ("kind", "definition", "location", "why"),
    [
        ("pattern", {"type": "string", "pattern": r"[\s\S]*"}, "", "misses the pattern"),
        ("max-length", {"type": "string", "max": 2**21}, "", "too much to send"),
        (
            "max-length",
            {"type": "string", "max": 9000},
            "querystring",
            "more than servers need to take",
        ),
        ("max-length", {"type": "string", "max": 9000}, "uri", "more than servers need to take"),
        ("maximum", {"type": "integer", "max": 2**31 - 1}, "", "the type integer itself"),
        ("minimum", {"type": "long", "min": -(2**63)}, "", "the type long itself"),
        ("min-length", {"type": "string", "min": 1}, "header", "an empty header is none"),
        ("enum", {"type": "string", "enum": ["a", "b"], "pattern": "[ab]"}, "", "no other text"),
    ],
)
def test_what_cannot_be_broken_says_why(
    kind: str, definition: dict[str, Any], location: str, why: str
) -> None:
    found = made(kind, definition, location)
    assert isinstance(found, Unviolable)
    assert why in found.reason


def test_what_follows_a_request_as_an_event_is_no_site_of_it() -> None:
    operation = operation_of(
        {"type": "structure", "members": {"stream": {"shape": "Stream"}}},
        Stream={"type": "structure", "eventstream": True, "members": {"event": {"shape": "Event"}}},
        Event={"type": "structure", "required": ["x"], "members": {"x": {"shape": "Text"}}},
        Text={"type": "string"},
    )
    assert [str(site) for site in constraint_sites(operation)] == []


def test_a_search_in_vain_for_long_texts_ends_soon() -> None:
    started = time.monotonic()
    pattern = r"\{%[\s\S]+?%\}(?![\s\S]).*"
    assert len(value_of("max-length", {"type": "string", "pattern": pattern, "max": 8192})) == 8193
    assert time.monotonic() - started < 10  # a bound against a hang, no measurement


@pytest.mark.parametrize(
    ("kind", "definition", "note"),
    [
        (
            "max-length",
            {"type": "string", "max": 100},
            "101 characters where at most 100 are allowed",
        ),
        ("min-length", {"type": "string", "min": 2}, "1 character where at least 2 are allowed"),
        ("maximum", {"type": "integer", "max": 5}, "6 where at most 5 is allowed"),
        ("pattern", {"type": "string", "pattern": "a"}, "'!' does not match the pattern"),
        ("required", {"type": "string"}, "it is missing"),
    ],
)
def test_a_note_says_what_is_wrong(kind: str, definition: dict[str, Any], note: str) -> None:
    found = made(kind, definition)
    assert isinstance(found, Violation)
    assert found.note == note


def test_a_base_keeps_what_it_has_beside_the_violation() -> None:
    operation = load("cleanrooms").operation("CreateCollaboration")
    assert operation.input is not None
    base = smallest(operation.input) | {"tags": {"team": "blue"}, "description": "mine"}
    site = next(s for s in constraint_sites(operation) if str(s.path) == "name")
    found = violation(site, base)
    assert isinstance(found, Violation)
    assert found.params == base


def test_broken_parameters_have_the_ill_value_in_its_place() -> None:
    operation = load("cleanrooms").operation("CreateCollaboration")
    assert operation.input is not None
    base = smallest(operation.input)
    for site in constraint_sites(operation):
        found = violation(site, base)
        if isinstance(found, Violation) and site.shape.type not in ("blob", "timestamp"):
            values = site.path.found_in(broken_params(operation.input, found))
            assert values == ([] if found.removes else [found.value])


def test_broken_parameters_carry_blobs_as_bytes() -> None:
    site = site_of("max-length", {"type": "blob", "max": 2})
    assert site.operation.input is not None
    found = violation(site, smallest(site.operation.input))
    assert isinstance(found, Violation)
    assert broken_params(site.operation.input, found) == {"x": b"aaa"}


def test_a_map_is_broken_at_its_key() -> None:
    operation = load("cleanrooms").operation("TagResource")
    assert operation.input is not None
    base = smallest(operation.input) | {"tags": {"team": "blue"}}
    site = next(
        s
        for s in constraint_sites(operation)
        if s.path == Path(("tags", "{key}")) and s.kind == "max-length"
    )
    found = violation(site, base)
    assert isinstance(found, Violation)
    assert list(broken_params(operation.input, found)["tags"].items()) == [(found.value, "blue")]
    assert len(found.value) == 129

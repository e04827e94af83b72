"""What a client makes of a member of a union that its model does not know yet."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.model import ServiceModel
from botocore.parsers import create_parser

from conformance.contract import UnionSite, load, output_union_sites
from conformance.generation import extended, smallest
from conformance.generation.form import as_json

CLEAN_ROOMS = load("cleanrooms")
MODEL = ServiceModel(CLEAN_ROOMS.raw, "cleanrooms")
SITES = [
    site for operation in CLEAN_ROOMS.operations.values() for site in output_union_sites(operation)
]
UNKNOWN = "conformanceNew"


def answered(site: UnionSite, arms: dict[str, Any]) -> Any:
    """What botocore reads where a response has a union with such members."""
    shape = site.operation.output
    assert shape is not None
    document = as_json(shape, extended(shape, smallest(shape), site.path))
    for union in site.path.found_in(document):
        union.clear()
        union.update(arms)
    raw = {"status_code": 200, "headers": {}, "body": json.dumps(document).encode()}
    output = MODEL.operation_model(site.operation.name).output_shape
    parsed = create_parser(CLEAN_ROOMS.protocol).parse(raw, output)
    return site.path.found_in(parsed)[0]


def test_there_are_unions_in_the_outputs() -> None:
    assert len(SITES) > 100


@pytest.mark.parametrize("site", SITES, ids=str)
def test_an_unknown_member_of_an_output_union_is_told_as_such(site: UnionSite) -> None:
    assert answered(site, {UNKNOWN: {"a": 1}}) == {"SDK_UNKNOWN_MEMBER": {"name": UNKNOWN}}


@pytest.mark.parametrize("site", SITES, ids=str)
def test_each_known_member_of_an_output_union_comes_by_itself(site: UnionSite) -> None:
    for member in site.shape.members.values():
        arm = as_json(member.shape, smallest(member.shape))
        assert set(answered(site, {member.wire_name: arm})) == {member.name}

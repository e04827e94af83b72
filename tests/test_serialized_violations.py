"""What breaks a constraint still does once it is a request: bytes, a path and a query string."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest
from generation_support import operations

from conformance.contract import (
    ConstraintSite,
    Operation,
    Path,
    UnionSite,
    constraint_sites,
    load,
    union_sites,
)
from conformance.generation import (
    Unviolable,
    Violation,
    smallest,
    union_violations,
    violation,
)
from conformance.reference.errors import InvalidError, ProtocolError
from conformance.reference.reading import InputReader, Parts
from conformance.reference.routes import Router
from conformance.wire.exchange import Request
from conformance.wire.serialize import REMOVED, Override, serialize

CLEAN_ROOMS = load("cleanrooms")
READER, ROUTER = InputReader(CLEAN_ROOMS), Router(CLEAN_ROOMS)


def sent(operation: Operation, params: Any, *overrides: Override) -> Request:
    return serialize(CLEAN_ROOMS, operation, params, "http://target", overrides)


def read(request: Request) -> dict[str, Any]:
    """The input as a server reads it.

    Raises:
        ProtocolError: the request leads to no operation, or the input is invalid.
    """
    parts = urlsplit(request.url)
    route = ROUTER.find(request.method, parts.path)
    headers = {name.lower(): text for name, text in request.headers}
    stated = Parts(route.labels, parts.query, headers, request.body)
    return READER.read(route.operation, stated)


def is_refused(site: ConstraintSite | UnionSite, found: Violation | Unviolable) -> bool:
    if isinstance(found, Unviolable):
        return True
    value = REMOVED if found.removes else found.value
    try:
        read(sent(site.operation, found.params, Override(found.path, value)))
    except (InvalidError, ProtocolError):
        return True
    return False


def test_each_violation_is_still_one_when_it_arrives() -> None:
    passed = [
        f"{site.kind} {site}"
        for operation, shape in operations("cleanrooms")
        for site in constraint_sites(operation)
        # The target that reads it does not enforce the lengths of ARNs.
        if not (site.kind == "max-length" and site.shape.name.endswith("Arn"))
        if not is_refused(site, violation(site, smallest(shape)))
    ]
    assert passed == []


def test_each_union_that_is_set_wrongly_still_is_when_it_arrives() -> None:
    passed = [
        f"{kind} {site}"
        for operation, shape in operations("cleanrooms")
        for site in union_sites(operation)
        for kind, found in union_violations(site, smallest(shape)).items()
        if not is_refused(site, found)
    ]
    assert passed == []


def test_the_smallest_input_of_each_operation_arrives_as_it_was() -> None:
    for operation, shape in operations("cleanrooms"):
        read(sent(operation, smallest(shape)))


def test_another_key_leaves_the_other_entries_of_a_map_alone() -> None:
    operation = CLEAN_ROOMS.operation("TagResource")
    params = {
        "resourceArn": smallest(operation.members["resourceArn"].shape),
        "tags": {"one": "1", "two": "2"},
    }
    request = sent(operation, params, Override(Path(("tags", "{key}")), "other"))
    assert read(request)["tags"] == {"other": "1", "two": "2"}


@pytest.mark.parametrize("number", ["1E+400", "1E-400", "1.10"])
def test_a_decimal_is_written_as_it_is(number: str) -> None:
    operation = CLEAN_ROOMS.operation("TagResource")
    params = {"resourceArn": "arn", "tags": {"one": "1"}}
    request = sent(operation, params, Override(Path(("tags", "{}")), Decimal(number)))
    assert request.body == b'{"tags": {"one": %s}}' % number.encode()

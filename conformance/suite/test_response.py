"""What every response of success has to keep to."""

from __future__ import annotations

from conformance.suite.checks import (
    MUST,
    SHOULD,
    OperationSite,
    check,
    every_operation,
    model,
    operations_with_output,
    protocol,
)
from conformance.suite.samples import Samples


@check(
    "response.status",
    level=MUST,
    cites=model("http.responseCode of the operation"),
    over=every_operation,
)
def test_success_has_the_status_of_the_contract(site: OperationSite, samples: Samples) -> None:
    """An operation that succeeds answers with the HTTP status of the contract."""
    samples.hold(samples.success(site.operation), "response.status")


@check(
    "response.body",
    level=MUST,
    cites=protocol("restJson1: a JSON object; nothing in a 204"),
    over=every_operation,
)
def test_success_has_a_json_body(site: OperationSite, samples: Samples) -> None:
    """The body of a success is one JSON object in UTF-8, or is empty in a 204."""
    samples.hold(samples.success(site.operation), "response.body")


@check(
    "response.content-type",
    level=MUST,
    cites=protocol("restJson1: Content-Type is application/json"),
    over=operations_with_output,
)
def test_success_says_that_it_is_json(site: OperationSite, samples: Samples) -> None:
    """A success with a body has the content type application/json."""
    samples.hold(samples.success(site.operation), "response.content-type")


@check(
    "response.type",
    level=MUST,
    cites=model("shapes of the output; timestamps are seconds since 1970 as a JSON number"),
    over=operations_with_output,
)
def test_members_have_the_json_types_of_the_contract(site: OperationSite, samples: Samples) -> None:
    """Each member of an output has the JSON type of its shape, timestamps and blobs included."""
    samples.hold(samples.success(site.operation), "response.type")


@check(
    "response.required",
    level=MUST,
    cites=model("required members of the output"),
    over=operations_with_output,
)
def test_required_members_are_there(site: OperationSite, samples: Samples) -> None:
    """Each member that an output shape requires is there."""
    samples.hold(samples.success(site.operation), "response.required")


@check(
    "response.union",
    level=MUST,
    cites=protocol("union: exactly one member is set"),
    over=operations_with_output,
)
def test_unions_have_one_member(site: OperationSite, samples: Samples) -> None:
    """Each tagged union in an output has exactly one member, also when its value is empty."""
    samples.hold(samples.success(site.operation), "response.union")


@check(
    "response.constraint",
    level=SHOULD,
    cites=model("length, range, pattern and enum of the output's shapes"),
    over=operations_with_output,
)
def test_members_keep_their_constraints(site: OperationSite, samples: Samples) -> None:
    """Each member of an output keeps the length, range, pattern and enum of its shape."""
    samples.hold(samples.success(site.operation), "response.constraint")

"""Invalid inputs are refused: each constraint of each input, one violation at a time."""

from __future__ import annotations

from typing import Final

from attrs import evolve

from conformance.contract import ConstraintSite
from conformance.generation import violation
from conformance.suite.checks import (
    MUST,
    SHOULD,
    OperationSite,
    check,
    model,
    operations_with_body,
    protocol,
)
from conformance.suite.expect import QUOTA_EXCEEDED, described
from conformance.suite.refusals import base_of, refuses
from conformance.suite.run import Run
from conformance.suite.sites import constraints
from conformance.target.outcomes import Deviation, Inconclusive
from conformance.wire.exchange import Request

_UNREADABLE: Final = frozenset({"null", "type", "coercion", "number-format"})


def refused_at(site: ConstraintSite, run: Run) -> None:
    """Sends a valid input with one violation at the site; it has to be refused as invalid."""
    prepared = base_of(site.operation, run)
    refuses(
        run,
        site.operation,
        prepared,
        violation(site, prepared.params),
        rule=f"{site.path} {site.limit}",
        cause=f"input.{site.kind}@{site.operation}",
        wrong_type=site.kind in _UNREADABLE,
        names_something=site.location == "path" or run.spec.is_identifier(site.path.name),
    )


@check(
    "input.required",
    level=MUST,
    cites=model("required members of a structure"),
    over=constraints("required"),
)
def test_a_missing_member_is_refused(site: ConstraintSite, run: Run) -> None:
    """A request without a member that the contract requires is refused."""
    refused_at(site, run)


@check(
    "input.null",
    level=MUST,
    cites=protocol("restJson1: null is no value of a required member, of a list or of a map"),
    over=constraints("null"),
)
def test_null_is_refused_where_a_value_is_needed(site: ConstraintSite, run: Run) -> None:
    """A required member that is null is refused, and so is null in a list or map."""
    refused_at(site, run)


@check(
    "input.type",
    level=MUST,
    cites=protocol("restJson1: a member of another JSON type cannot be read"),
    over=constraints("type"),
)
def test_another_json_type_is_refused(site: ConstraintSite, run: Run) -> None:
    """A member of another JSON type than the contract's is refused."""
    refused_at(site, run)


@check(
    "input.coercion",
    level=SHOULD,
    cites=protocol("restJson1: no value is converted to the type that its member has"),
    over=constraints("coercion"),
)
def test_no_type_is_taken_for_another(site: ConstraintSite, run: Run) -> None:
    """A value of another type is refused even if it could be converted: "1" or 1.5 for 1."""
    refused_at(site, run)


@check(
    "input.number-format",
    level=MUST,
    cites=protocol("restJson1: a number that its type cannot hold cannot be read"),
    over=constraints("number-format"),
)
def test_a_number_that_its_type_cannot_hold_is_refused(site: ConstraintSite, run: Run) -> None:
    """NaN and numbers beyond any whole number of the member's size are refused."""
    refused_at(site, run)


@check(
    "input.min-length",
    level=MUST,
    cites=model("min of a string or blob"),
    over=constraints("min-length"),
)
def test_a_text_below_its_length_is_refused(site: ConstraintSite, run: Run) -> None:
    """A text that is one character shorter than the contract allows is refused."""
    refused_at(site, run)


@check(
    "input.max-length",
    level=MUST,
    cites=model("max of a string or blob"),
    over=constraints("max-length"),
)
def test_a_text_above_its_length_is_refused(site: ConstraintSite, run: Run) -> None:
    """A text that is one character longer than the contract allows is refused."""
    refused_at(site, run)


@check(
    "input.min-items",
    level=MUST,
    cites=model("min of a list or map"),
    over=constraints("min-items"),
)
def test_too_few_entries_are_refused(site: ConstraintSite, run: Run) -> None:
    """A list or map with one entry less than the contract allows is refused."""
    refused_at(site, run)


@check(
    "input.max-items",
    level=MUST,
    cites=model("max of a list or map"),
    over=constraints("max-items"),
)
def test_too_many_entries_are_refused(site: ConstraintSite, run: Run) -> None:
    """A list or map with one entry more than the contract allows is refused."""
    refused_at(site, run)


@check(
    "input.minimum",
    level=MUST,
    cites=model("min of a number"),
    over=constraints("minimum"),
)
def test_a_number_below_its_minimum_is_refused(site: ConstraintSite, run: Run) -> None:
    """A number just below the contract's minimum is refused."""
    refused_at(site, run)


@check(
    "input.maximum",
    level=MUST,
    cites=model("max of a number"),
    over=constraints("maximum"),
)
def test_a_number_above_its_maximum_is_refused(site: ConstraintSite, run: Run) -> None:
    """A number just above the contract's maximum is refused."""
    refused_at(site, run)


@check(
    "input.pattern",
    level=MUST,
    cites=model("pattern of a string"),
    over=constraints("pattern"),
)
def test_a_text_that_misses_its_pattern_is_refused(site: ConstraintSite, run: Run) -> None:
    """A text that misses the contract's pattern by one character is refused."""
    refused_at(site, run)


@check(
    "input.enum",
    level=MUST,
    cites=model("enum of a string"),
    over=constraints("enum"),
)
def test_a_value_outside_its_enum_is_refused(site: ConstraintSite, run: Run) -> None:
    """A value that is none of the contract's enum is refused."""
    refused_at(site, run)


@check(
    "input.enum-case",
    level=MUST,
    cites=model("enum of a string"),
    over=constraints("enum-case"),
)
def test_a_value_of_an_enum_in_another_case_is_refused(site: ConstraintSite, run: Run) -> None:
    """A value of the contract's enum in lower instead of upper case, or the reverse, is refused."""
    refused_at(site, run)


@check(
    "input.enum-empty",
    level=MUST,
    cites=model("enum of a string"),
    over=constraints("enum-empty"),
)
def test_the_empty_text_is_no_value_of_an_enum(site: ConstraintSite, run: Run) -> None:
    """An empty text in place of a value of the contract's enum is refused."""
    refused_at(site, run)


@check(
    "input.unknown-member",
    level=MUST,
    cites=protocol("restJson1: a server ignores members that it does not know"),
    over=operations_with_body,
)
def test_an_unknown_member_is_ignored(site: OperationSite, run: Run) -> None:
    """A body with a member that the contract does not have is answered as if it were not there."""
    operation, client, inputs = site.operation, run.client, run.inputs
    prepared = inputs.valid(operation)
    plain = client.call(operation, prepared.params)
    inputs.after(operation, plain, prepared)
    if not plain.ok:
        raise Inconclusive(f"the request is refused without it, too: {described(plain)}")
    prepared = inputs.valid(operation)
    request = _with_unknown_member(client.request_for(operation, prepared.params))
    reply = client.send(operation, request, valid=True)
    inputs.after(operation, reply, prepared)
    if reply.status == QUOTA_EXCEEDED:
        raise Inconclusive(f"a quota of the target stands in the way: {described(reply)}")
    if not reply.ok:
        raise Deviation(
            "A member that the contract does not have is refused.",
            expected=f"{operation.success_status}, as without it",
            got=described(reply),
            exchange=reply.exchange,
        )


def _with_unknown_member(request: Request) -> Request:
    body = request.body.rstrip()
    separator = b"," if len(body) > len(b"{}") else b""
    added = b'"conformanceUnknownMember": "ignored"}'
    return evolve(request, body=(body[:-1] or b"{") + separator + added)

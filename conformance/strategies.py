"""Hypothesis strategies from the contract of any AWS service, for tests of your own.

Values have the form in which boto3 takes parameters and returns results: member names of the model,
``datetime`` for timestamps, ``bytes`` for blobs. Valid ones are valid by construction.

    from hypothesis import given
    from conformance import strategies

    @given(strategies.inputs("cleanrooms", "CreateCollaboration"))
    def test_any_valid_collaboration_is_accepted(params):
        client.create_collaboration(**params)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from conformance.contract import (
    ConstraintSite,
    Contract,
    Operation,
    Shape,
    UnionSite,
    constraint_sites,
    load,
    union_sites,
)
from conformance.errors import UsageError, unknown
from conformance.generation import (
    Unsatisfiable,
    Unviolable,
    Violation,
    broken_params,
    smallest,
    union_violations,
    values,
    violation,
)
from conformance.generation import inputs as inputs_of
from conformance.generation.documents import from_schema

__all__ = [
    "Unsatisfiable",
    "Violation",
    "errors",
    "from_schema",
    "inputs",
    "invalid_inputs",
    "outputs",
    "shapes",
]

_Site = ConstraintSite | UnionSite


def inputs(
    service: str, operation: str, *, fixed: Mapping[str, Any] | None = None
) -> SearchStrategy[dict[str, Any]]:
    """A strategy for the valid inputs of an operation.

    Args:
        service: botocore's name of the service, e.g. ``"cleanrooms"``.
        operation: e.g. ``"CreateCollaboration"``.
        fixed: members that every input has, each with its value or with a strategy for values. A
            fixed value is taken as it is, as a whole.

    Raises:
        UsageError: there is no such service, operation or member; the message names the nearest.
        Unsatisfiable: no input is valid.
    """
    if fixed is not None and not isinstance(fixed, Mapping):
        raise UsageError(
            f"fixed is {type(fixed).__name__}, not a mapping.",
            "It maps names of members to values.",
        )
    return inputs_of(_operation(service, operation), fixed=fixed)


def outputs(service: str, operation: str) -> SearchStrategy[dict[str, Any]]:
    """A strategy for what an operation may return, to stand in for the service.

    A streaming body is bytes.

    Args:
        service: botocore's name of the service.
        operation: e.g. ``"GetCollaboration"``.

    Raises:
        UsageError: there is no such service or operation; the message names the nearest.
        Unsatisfiable: no output is valid.
    """
    shape = _operation(service, operation).output
    return st.builds(dict) if shape is None else values(shape)


def errors(service: str, code: str) -> SearchStrategy[dict[str, Any]]:
    """A strategy for an error of a service, as ``ClientError.response`` has it.

    Args:
        service: botocore's name of the service.
        code: e.g. ``"ResourceNotFoundException"``.

    Raises:
        UsageError: there is no such service or error; the message names the nearest.
        Unsatisfiable: no error is valid.
    """
    contract = _contract(service)
    if _text("error", code) not in contract.errors:
        raise unknown(f"error of {service}", code, contract.errors)
    error = contract.errors[code]

    def response(members: dict[str, Any]) -> dict[str, Any]:
        message = members.get("message", members.get("Message", ""))
        return {
            **members,
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {"HTTPStatusCode": error.status},
        }

    return values(error.shape).map(response)


def shapes(service: str, shape: str) -> SearchStrategy[Any]:
    """A strategy for the valid values of any shape of a service's model.

    Args:
        service: botocore's name of the service.
        shape: e.g. ``"TableReference"``.

    Raises:
        UsageError: there is no such service or shape; the message names the nearest.
        Unsatisfiable: no value is valid.
    """
    return values(_contract(service).shape(_text("shape", shape)))


def invalid_inputs(
    service: str, operation: str
) -> SearchStrategy[tuple[dict[str, Any], Violation]]:
    """A strategy for inputs of an operation that are valid but for one thing.

    Draws the input and what is wrong with it: ``violation.path`` and ``violation.note``. botocore's
    clients refuse some of these themselves, unless ``Config(parameter_validation=False)``.

    Args:
        service: botocore's name of the service.
        operation: e.g. ``"CreateCollaboration"``.

    Raises:
        UsageError: there is no such service or operation, or nothing can be wrong with its input.
        Unsatisfiable: no input is valid.
    """
    of = _operation(service, operation)
    shape = of.input
    if shape is None:
        raise UsageError(f"{operation} has no input that could be invalid.")
    base = smallest(shape)
    sites: list[_Site] = [*constraint_sites(of), *union_sites(of)]
    by_kind: dict[str, list[_Site]] = {}
    for site in sites:
        if _violations(site, base):
            kind = "union" if isinstance(site, UnionSite) else site.kind
            by_kind.setdefault(kind, []).append(site)
    if not by_kind:
        raise UsageError(f"No input of {operation} is invalid.")
    # Kinds with few sites are to come as often as those with many.
    site_of_any_kind = st.one_of(*map(st.sampled_from, by_kind.values()))
    return _broken(shape, base, site_of_any_kind, inputs_of(of))


@st.composite
def _broken(
    draw: st.DrawFn,
    shape: Shape,
    smallest_base: dict[str, Any],
    sites: SearchStrategy[_Site],
    bases: SearchStrategy[dict[str, Any]],
) -> tuple[dict[str, Any], Violation]:
    site = draw(sites)
    found = _violations(site, draw(bases)) or _violations(site, smallest_base)
    chosen = draw(st.sampled_from(found))
    return broken_params(shape, chosen), chosen


def _violations(site: _Site, base: Mapping[str, Any]) -> list[Violation]:
    if isinstance(site, UnionSite):
        found = list(union_violations(site, base).values())
    else:
        found = [violation(site, base)]
    return [ill for ill in found if not isinstance(ill, Unviolable)]


def _operation(service: str, operation: str) -> Operation:
    return _contract(service).operation(_text("operation", operation))


def _contract(service: str) -> Contract:
    return load(_text("service", service))


def _text(what: str, name: object) -> str:
    if not isinstance(name, str):
        raise UsageError(f"The {what} is given by its name, not by {type(name).__name__}.")
    return name

"""The specs of Clean Rooms speak of operations, members, enums and errors that the contract has.

Contracts older than the newest lack some of them, which is known here by name: whatever else is not
found is a slip of the pen.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from conformance.contract import Contract, Operation, Shape, constraint_sites
from conformance.contract import load as load_contract
from conformance.spec import Resource, Spec
from conformance.spec import load as load_spec

#: Operations that came after the API reference that the specs began with.
LATER_OPERATIONS = frozenset(
    {
        "CreateCollaborationChangeRequest",
        "CreateIntermediateTable",
        "CreateIntermediateTableAnalysisRule",
        "DeleteIntermediateTable",
        "DeleteIntermediateTableAnalysisRule",
        "DisallowIntermediateTable",
        "GetAnalysisLogExport",
        "GetCollaborationChangeRequest",
        "GetIntermediateTable",
        "GetIntermediateTableAnalysisRule",
        "ListAnalysisLogExports",
        "ListCollaborationChangeRequests",
        "ListIntermediateTableVersions",
        "ListIntermediateTables",
        "PopulateIntermediateTable",
        "StartAnalysisLogExport",
        "UpdateCollaborationChangeRequest",
        "UpdateIntermediateTable",
        "UpdateIntermediateTableAnalysisRule",
    }
)

#: Members and values of older operations that the specs use, and that came later, too.
LATER = frozenset({"CreateCollaboration.creatorMemberAbilities=CAN_EXPORT_QUERY_ANALYSIS_LOG"})


@pytest.fixture(scope="module")
def contract() -> Contract:
    return load_contract("cleanrooms")


@pytest.fixture(scope="module")
def spec() -> Spec:
    return load_spec("cleanrooms")


def recipes(spec: Spec) -> list[Resource]:
    return [*spec.resources.values(), *spec.variants.values()]


def named(spec: Spec) -> set[str]:
    roles = {o for resource in spec.resources.values() for o in resource.operations.values()}
    return roles | set(spec.calls) | {spec.tag_names[role] for role in ("tag", "untag", "list")}


def inputs(spec: Spec) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each operation that the specs have an input or a part of one for, and that input."""
    for resource in recipes(spec):
        yield resource.operations["create"], dict(resource.input)
        if resource.updatable:
            yield resource.operations["update"], dict(resource.updatable.values)
        for transition in resource.transitions:
            yield resource.operations["update"], dict(transition.input)
    for operation, template in spec.calls.items():
        yield operation, dict(template)


def unknown_in(shape: Shape, value: Any, path: str) -> Iterator[str]:
    """The members and values of an input that a shape does not have."""
    if isinstance(value, dict) and shape.type == "structure":
        for name, inner in value.items():
            if name in shape.members:
                yield from unknown_in(shape.members[name].shape, inner, f"{path}.{name}")
            else:
                yield f"{path}.{name}"
    elif isinstance(value, dict) and shape.value is not None:
        for inner in value.values():
            yield from unknown_in(shape.value.shape, inner, path)
    elif isinstance(value, list) and shape.element is not None:
        for inner in value:
            yield from unknown_in(shape.element.shape, inner, path)
    elif shape.enum and "${" not in str(value) and value not in shape.enum:
        yield f"{path}={value}"


def resource_shape(contract: Contract, resource: Resource, role: str) -> Shape | None:
    """The shape of a resource in the answer of one of its operations."""
    operation = contract.operations.get(dict(resource.operations).get(role, ""))  # type: ignore[call-overload]
    if operation is None or operation.output is None:
        return None
    output: Shape = operation.output
    return output.members[resource.returned_as].shape if resource.returned_as else output


def row_shape(contract: Contract, resource: Resource) -> Shape | None:
    """The shape of the items of a resource's list."""
    operation = contract.operations.get(resource.operations.get("list", ""))
    if operation is None or operation.output is None:
        return None
    listed = operation.output.members[resource.listed_as].shape.element
    return listed.shape if listed else None


def test_every_operation_that_the_specs_name_exists_or_came_later(
    contract: Contract, spec: Spec
) -> None:
    assert named(spec) - set(contract.operations) <= LATER_OPERATIONS


def test_every_operation_of_the_reference_and_the_later_ones_is_described(spec: Spec) -> None:
    # What is newer than these specs waits for somebody to read its documentation.
    assert named(spec) >= LATER_OPERATIONS
    assert len(named(spec) - LATER_OPERATIONS) == 84


def test_every_member_and_value_of_an_input_exists_or_came_later(
    contract: Contract, spec: Spec
) -> None:
    unknown = {
        each
        for name, template in inputs(spec)
        if (operation := contract.operations.get(name)) and operation.input
        for each in unknown_in(operation.input, template, name)
    }
    assert unknown <= LATER


def test_every_input_has_what_its_operation_requires(contract: Contract, spec: Spec) -> None:
    for resource in recipes(spec):
        operation = contract.operations.get(resource.operations["create"])
        if operation is not None and operation.input is not None:
            assert set(operation.input.required) <= set(resource.input), operation
    for name, template in spec.calls.items():
        operation = contract.operations.get(name)
        if operation is not None and operation.input is not None:
            assert set(operation.input.required) <= set(template), operation


def test_every_member_of_a_path_is_an_identifier(contract: Contract, spec: Spec) -> None:
    for resource in spec.resources.values():
        for role, name in resource.operations.items():
            operation = contract.operations.get(name)
            if operation is not None and role != "create":
                assert set(operation.labels) <= set(resource.identifiers), operation


def test_every_member_that_a_resource_shows_exists_or_came_later(
    contract: Contract, spec: Spec
) -> None:
    unknown = set()
    for resource in spec.resources.values():
        own = {source for source in resource.identifiers.values() if "." not in source}
        shown = {*resource.timestamps, *resource.unordered, *own} - {""}
        shown |= {resource.tagged_by} - {""}
        shown |= set(resource.echo.values.values()) if resource.echo else set()
        shown |= {member for each in resource.transitions for member in each.state}
        for role in ("create", "get", "update"):
            shape = resource_shape(contract, resource, role)
            if shape is not None:
                unknown |= {f"{shape.name}.{name}" for name in shown - set(shape.members)}
    assert unknown <= LATER


def test_volatile_members_are_members(contract: Contract, spec: Spec) -> None:
    for resource in spec.resources.values():
        shape = resource_shape(contract, resource, "get")
        if shape is not None:
            assert resource.volatile <= set(shape.members), resource


def test_every_member_of_a_summary_exists(contract: Contract, spec: Spec) -> None:
    for resource in spec.resources.values():
        shape = row_shape(contract, resource)
        if shape is not None and resource.summary is not None:
            assert set(resource.summary.values) <= set(shape.members), resource
        if shape is not None:
            assert set(resource.pick) <= set(shape.members), resource


def test_every_state_is_one_of_the_contract(contract: Contract, spec: Spec) -> None:
    for resource in recipes(spec):
        states = [transition.state for transition in resource.transitions]
        for state in (*states, resource.until, resource.shows, resource.pick):
            shape = resource_shape(contract, resource, "create")
            if shape is not None:
                assert list(unknown_states(shape, state, resource.name)) == []


def unknown_states(shape: Shape, state: Any, path: str) -> Iterator[str]:
    if isinstance(state, dict):
        for name, inner in state.items():
            yield from unknown_states(shape.members[name].shape, inner, f"{path}.{name}")
    else:
        wanted = state if isinstance(state, list) else [state]
        yield from (f"{path}={each}" for each in wanted if each not in shape.enum)


def test_every_code_is_an_error_of_the_operation(contract: Contract, spec: Spec) -> None:
    for resource in spec.resources.values():
        claims = {**resource.not_found}
        if resource.deleted is not None:
            claims["deleted"] = resource.deleted
        for name, claim in claims.items():
            for operation in answering(contract, resource, name):
                assert claim.codes & operation.error_codes, operation


def answering(contract: Contract, resource: Resource, name: str) -> Iterator[Operation]:
    names = {"deleted": ["get"], "*": ["get", "update", "delete"]}
    roles = dict(resource.operations)
    wanted = [roles.get(role, "") for role in names[name]] if name in names else [name]  # type: ignore[call-overload]
    yield from (contract.operations[each] for each in wanted if each in contract.operations)


def test_what_is_left_untested_is_there(contract: Contract, spec: Spec) -> None:
    sites = {
        (str(site), site.kind)
        for operation in contract.operations.values()
        for site in constraint_sites(operation)
    }
    for rule in spec.untested:
        for kind in rule.kinds - {"required", "min-items", "max-items"}:
            assert any(rule.sites.fullmatch(site) and kind == k for site, k in sites), rule


def test_shapes_that_outputs_are_not_held_against_exist(contract: Contract, spec: Spec) -> None:
    shapes = set(contract.raw["shapes"])
    assert set(spec.unjudged) <= shapes
    for shape, values in spec.avoid.items():
        assert values <= set(contract.raw["shapes"][shape]["enum"])


def test_every_claim_says_where_it_is_from(spec: Spec) -> None:
    for resource in spec.resources.values():
        claims = (resource.echo, resource.updatable, resource.summary, resource.created)
        for claim in (each for each in claims if each is not None):
            assert claim.cites
            assert claim.facts

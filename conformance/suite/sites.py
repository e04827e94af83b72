"""The sites that come from the spec or from several parts of the contract together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final, Literal

from attrs import field, frozen

from conformance.contract import (
    ConstraintSite,
    Contract,
    Operation,
    Shape,
    UnionSite,
    constraint_sites,
    union_sites,
)
from conformance.contract.allowed import AllowedSite, allowed_sites
from conformance.contract.paths import ELEMENT, KEY, VALUE, Path
from conformance.contract.sites import ConstraintKind
from conformance.spec import Claim, Resource, Spec
from conformance.suite.checks import OperationSite

_NAMING: Final = re.compile(r".*(Arn|Id|Identifier)s?|(arn|id)s?")
# What is no rule of its own, but another way to break one.
_PART_OF: Final[Mapping[ConstraintKind, ConstraintKind]] = {
    "null": "required",
    "coercion": "type",
    "number-format": "type",
    "enum-case": "enum",
    "enum-empty": "enum",
}
_TOKEN: Final = re.compile(r"(next|page|pagination|continuation)?(token|marker)", re.IGNORECASE)
_LIMIT: Final = re.compile(
    r"(max|page|limit)?(results|items|records|size|limit|keys|entries)?", re.IGNORECASE
)


def constraints(kind: ConstraintKind) -> Callable[[Contract, Spec], Iterator[ConstraintSite]]:
    """The constraint sites of one kind, without those that the spec says are disputed."""

    def over(contract: Contract, spec: Spec) -> Iterator[ConstraintSite]:
        for operation in contract.operations.values():
            for site in constraint_sites(operation):
                if site.kind == kind and not untested_because(site, spec):
                    yield site

    return over


def untested_because(site: ConstraintSite, spec: Spec) -> str:
    """Why a refusal is not demanded at a constraint site; empty where it is."""
    why = spec.untested_because(site.place, site.kind)
    return why or spec.untested_because(site.place, _PART_OF.get(site.kind, site.kind))


def allowed(kind: Literal["bound", "enum", "arm"]) -> Callable[..., Iterator[AllowedSite]]:
    """The bounds, enum values or union members that inputs may have.

    What names something else is none of them, nor is what a rule of the spec may forbid.
    """

    def over(contract: Contract, spec: Spec) -> Iterator[AllowedSite]:
        for operation in contract.operations.values():
            for site in allowed_sites(operation):
                of_kind = site.is_bound if kind == "bound" else site.kind == kind
                if of_kind and not ruled_because(site, spec):
                    yield site

    return over


def ruled_because(site: AllowedSite, spec: Spec) -> str:
    """Why what the contract allows at a site may yet be refused; empty where it may not."""
    if site.kind != "enum" and names_another(site.path, spec):
        return "it names something that would have to exist"
    if site.value in spec.avoid.get(site.shape.name, ()):
        return "the value is no longer taken"
    return spec.ruled_because(str(site))


def names_another(path: Path, spec: Spec) -> bool:
    """Whether what stands at a path names something: a resource, an account, a page."""
    name = next(part for part in reversed(path.parts) if part not in (ELEMENT, KEY, VALUE))
    naming = _NAMING.fullmatch(name) or _TOKEN.fullmatch(name)
    return naming is not None or spec.is_identifier(name)


def optional_members(
    extent: Literal["smallest", "fullest"],
) -> Callable[[Contract, Spec], Iterator[OperationSite]]:
    """Each operation that can be called without some members, or with some more.

    An update that changes nothing is none: services differ in whether they take it.
    """

    def over(contract: Contract, spec: Spec) -> Iterator[OperationSite]:
        for operation in contract.operations.values():
            optional = any(not member.required for member in operation.members.values())
            in_body = operation.in_("body", "payload").values()
            changes = not in_body or any(member.required for member in in_body)
            ruled = spec.ruled_because(f"{operation}={extent}")
            if optional and not ruled and (changes or extent == "fullest"):
                yield OperationSite(operation)

    return over


def unions(contract: Contract, _spec: Spec) -> Iterator[UnionSite]:
    """The tagged unions of all inputs."""
    for operation in contract.operations.values():
        yield from union_sites(operation)


def unions_of_several(count: int) -> Callable[[Contract, Spec], Iterator[UnionSite]]:
    """The tagged unions of all inputs that have so many members at least."""

    def over(contract: Contract, spec: Spec) -> Iterator[UnionSite]:
        return (site for site in unions(contract, spec) if len(site.members) >= count)

    return over


@frozen
class LabelSite:
    """An operation and the member of its path that names what it is about."""

    operation: Operation
    label: str
    claim: Claim | None = field(default=None, eq=False)

    def __str__(self) -> str:
        return f"{self.operation}:{self.label}"


def labels(contract: Contract, spec: Spec) -> Iterator[LabelSite]:
    """Each member of each path that is no choice from an enum."""
    for operation in contract.operations.values():
        found = spec.not_found_at(operation)
        for label in operation.labels:
            if not operation.members[label].shape.enum:
                yield LabelSite(operation, label, found.claim if found else None)


def every_label(contract: Contract, _spec: Spec) -> Iterator[LabelSite]:
    """Each member of each path."""
    for operation in contract.operations.values():
        for label in operation.labels:
            yield LabelSite(operation, label)


def labels_to_read(contract: Contract, spec: Spec) -> Iterator[LabelSite]:
    """Each member of the path of operations that only read."""
    return (site for site in every_label(contract, spec) if site.operation.read_only)


def labels_beside_a_body(contract: Contract, spec: Spec) -> Iterator[LabelSite]:
    """Each member of the path of operations that also have a body."""
    for site in every_label(contract, spec):
        wire_names = {m.wire_name for m in site.operation.in_("body").values()}
        label = site.operation.members[site.label]
        if wire_names and wire_names.isdisjoint({label.wire_name, label.name}):
            yield site


@frozen
class NamedSite:
    """An operation whose path has a name that the creation of a resource gives.

    Attributes:
        member: of the create input, which holds the name.
    """

    operation: Operation
    label: str
    resource: str
    member: str

    def __str__(self) -> str:
        return f"{self.operation}:{self.label}"


def named_labels(contract: Contract, spec: Spec) -> Iterator[NamedSite]:
    """Each member of a path that the spec fills with a name that a resource was given."""
    for name, template in spec.calls.items():
        operation = contract.operations.get(name)
        for label in operation.labels if operation else ():
            source = re.fullmatch(r"\$\{(\w+)\.(\w+)\}", str(template.get(label)))
            resource = spec.resources.get(source[1]) if source else None
            if operation and source and resource and source[2] in resource.input:
                yield NamedSite(operation, label, source[1], source[2])


@frozen
class PagedSite:
    """An operation that answers page by page.

    Attributes:
        token_in, token_out: the members that carry the token.
        limit: the input member that bounds a page; empty where there is none.
        items: the output member that holds the items.
    """

    operation: Operation
    token_in: str
    token_out: str
    limit: str
    items: str

    def __str__(self) -> str:
        return self.operation.name

    @property
    def item(self) -> Shape | None:
        """The shape of an item, where that is a structure."""
        output = self.operation.output
        element = output.members[self.items].shape.element if output else None
        if element is None or element.shape.type != "structure":
            return None
        return element.shape

    def sized(self, page_size: int) -> dict[str, int]:
        """The member of the input that asks for pages of a size; none where one cannot ask."""
        return {self.limit: page_size} if self.limit else {}

    @property
    def largest_page(self) -> int:
        """The largest page that the contract lets one ask for."""
        maximum = self.operation.members[self.limit].shape.maximum if self.limit else None
        return int(maximum) if maximum else 100


def paged(contract: Contract, _spec: Spec) -> Iterator[PagedSite]:
    """Each operation that pages, by its paginator or, lacking one, by its members."""
    for operation in contract.operations.values():
        site = paging_of(operation)
        if site is not None:
            yield site


def paging_of(operation: Operation) -> PagedSite | None:
    """How an operation pages, if it does."""
    return _by_paginator(operation) or _by_members(operation)


def _by_paginator(operation: Operation) -> PagedSite | None:
    paginator = operation.paginator
    if paginator is None or len(paginator.input_tokens) != 1 or not paginator.result_keys:
        return None
    members = {paginator.output_tokens[0], paginator.result_keys[0]}
    if operation.output is None or not members <= set(operation.output.members):
        return None
    return PagedSite(
        operation,
        paginator.input_tokens[0],
        paginator.output_tokens[0],
        paginator.limit_key if paginator.limit_key in operation.members else "",
        paginator.result_keys[0],
    )


def _by_members(operation: Operation) -> PagedSite | None:
    if operation.output is None:
        return None
    token_in = _only(operation.members, _is_token)
    token_out = _only(operation.output.members, _is_token)
    items = _only(operation.output.members, lambda _, shape: shape.type == "list")
    if not (token_in and token_out and items):
        return None
    limit = _only(operation.members, _is_limit)
    return PagedSite(operation, token_in, token_out, limit, items)


def _only(members: object, wanted: Callable[[str, Shape], bool]) -> str:
    assert isinstance(members, dict)  # noqa: S101 - told to mypy: members of a shape
    found = [name for name, member in members.items() if wanted(name, member.shape)]
    return found[0] if len(found) == 1 else ""


def _is_token(name: str, shape: Shape) -> bool:
    return shape.type == "string" and _TOKEN.fullmatch(name) is not None


def _is_limit(name: str, shape: Shape) -> bool:
    return shape.type in ("integer", "long") and _LIMIT.fullmatch(name) is not None


@frozen
class ResourceSite:
    """A kind of resource, or one member of it, at the operation that is held to a promise.

    Attributes:
        member: the input member; empty for the resource as a whole.
        shown_as: the member of the resource that shows it.
    """

    resource: Resource
    operation: Operation
    member: str = ""
    shown_as: str = ""
    claim: Claim | None = field(default=None, eq=False)

    def __str__(self) -> str:
        return f"{self.resource}:{self.member}" if self.member else str(self.resource)


def resources(
    role: str, *needs: str, claim: str = ""
) -> Callable[[Contract, Spec], Iterator[ResourceSite]]:
    """The resources that have operations for a role and for others that a check needs.

    Args:
        role: whose operation is held to the promise: create, get, update, delete or list.
        claim: the name of the claim in the spec that makes the promise; a resource without it is
            no site.
    """

    def over(contract: Contract, spec: Spec) -> Iterator[ResourceSite]:
        for resource in spec.resources.values():
            if not _has(contract, resource, role, *needs):
                continue
            found = getattr(resource, claim) if claim else None
            if claim and found is None:
                continue
            made = found if isinstance(found, Claim) else getattr(found, "claim", None)
            yield ResourceSite(resource, _operation(contract, resource, role), claim=made)

    return over


def timed(contract: Contract, spec: Spec) -> Iterator[ResourceSite]:
    """Each resource that shows times, where the spec says how precise these are."""
    for resource in spec.resources.values():
        if spec.time_precision and resource.timestamps and _has(contract, resource, "create"):
            operation = _operation(contract, resource, "create")
            yield ResourceSite(resource, operation, claim=spec.time_precision)


def echoes(contract: Contract, spec: Spec) -> Iterator[ResourceSite]:
    """Each member of a create input that the resource shows."""
    for resource in spec.resources.values():
        if resource.echo is None or not _has(contract, resource, "create", "get"):
            continue
        create = _operation(contract, resource, "create")
        for member, shown_as in resource.echo.values.items():
            given = member in resource.input or member in resource.optional
            if member in create.members and given:
                get = _operation(contract, resource, "get")
                yield ResourceSite(resource, get, member, shown_as, resource.echo)


def updates(contract: Contract, spec: Spec) -> Iterator[ResourceSite]:
    """Each member of an update input, and the member of the resource that shows it."""
    for resource in spec.resources.values():
        if resource.updatable is None or not _has(contract, resource, "update", "get"):
            continue
        update = _operation(contract, resource, "update")
        renamed = resource.echo.values if resource.echo else {}
        for member in resource.updatable.values:
            if member in update.members:
                shown_as = renamed.get(member, member)
                yield ResourceSite(resource, update, member, shown_as, resource.updatable)


def _has(contract: Contract, resource: Resource, *roles: str) -> bool:
    names: dict[str, str] = dict(resource.operations)  # type: ignore[arg-type]
    return all(names.get(role, "") in contract.operations for role in roles)


def _operation(contract: Contract, resource: Resource, role: str) -> Operation:
    names: dict[str, str] = dict(resource.operations)  # type: ignore[arg-type]
    return contract.operations[names[role]]


def tagged(promise: str) -> Callable[[Contract, Spec], Iterator[ResourceSite]]:
    """The resources that can be tagged, where the spec makes a promise about tags."""

    def over(contract: Contract, spec: Spec) -> Iterator[ResourceSite]:
        claim, operation = spec.tagging.get(promise), spec.tag_names.get("tag", "")
        if claim is None or operation not in contract.operations:
            return
        for resource in spec.resources.values():
            if resource.tagged_by and _has(contract, resource, "create", "get"):
                yield ResourceSite(resource, contract.operations[operation], claim=claim)

    return over

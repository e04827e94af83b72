"""What queries can name in a collaboration: associated, ID mapping and intermediate tables.

Their names are one name space for all members, whatever the case of their letters.
"""

from __future__ import annotations

from typing import Any

from attrs import Factory, define, field, frozen

from conformance.reference.errors import ConflictError
from conformance.reference.resources.analyses import Analysis
from conformance.reference.resources.records import (
    AnalysisRule,
    Collaboration,
    ConfiguredTable,
    MembershipResource,
)
from conformance.reference.shelves import Shelf


@define(eq=False, kw_only=True)
class Association(MembershipResource):
    """A configured table that takes part in a collaboration under a name.

    Attributes:
        rule: the collaboration analysis rule; there is at most one.
    """

    name: str
    table: ConfiguredTable
    rule: AnalysisRule | None = None


@define(eq=False, kw_only=True)
class IdNamespace(MembershipResource):
    """An ID namespace that takes part in a collaboration.

    Attributes:
        type: SOURCE or TARGET.
        deleted: whether it is gone, which mapping tables made from it survive without data.
    """

    type: str
    deleted: bool = False

    @property
    def is_dimension(self) -> bool:
        """Whether its column may be used as a dimension column."""
        config: dict[str, bool] = self.stated.get("idMappingConfig", {})
        return config.get("allowUseAsDimensionColumn", False)


@define(eq=False, kw_only=True)
class IdMappingTable(MembershipResource):
    """A table that maps the IDs of two namespaces."""

    name: str
    source: IdNamespace
    target: IdNamespace
    populated: bool = False

    @property
    def has_data(self) -> bool:
        """Whether it was populated from namespaces that are still there."""
        return self.populated and self.has_sources

    @property
    def has_sources(self) -> bool:
        """Whether the namespaces that it maps are still there."""
        return not (self.source.deleted or self.target.deleted)


@frozen(eq=False)
class Dependency:
    """A relation that an intermediate table reads, directly or through another one."""

    relation: MembershipResource
    name: str
    direct: bool


@frozen(eq=False, kw_only=True)
class Version:
    """What one population of an intermediate table has made.

    Attributes:
        order: its place among the versions.
        analysis: the query or job that makes it.
        columns: the names of its columns.
        expires_after: how many seconds after the analysis has ended; None for never.
        inherited: the constraints of the tables that it was made from.
    """

    id: str
    order: int
    created: float
    analysis: Analysis
    columns: tuple[str, ...]
    kms_key: str | None
    parameters: dict[str, str] | None
    expires_after: float | None
    inherited: dict[str, Any]

    def status(self, now: float) -> str:
        """What has become of it."""
        status, ended = self.analysis.status_at(now)
        if ended is None:
            return "POPULATE_STARTED"
        if status != "SUCCESS":
            return "POPULATE_FAILED"
        expiry = self.expiry(now)
        return "POPULATE_SUCCESS" if expiry is None or now < expiry else "RETENTION_PERIOD_EXPIRED"

    def expiry(self, now: float) -> float | None:
        """When its data is gone; None for never, or as long as there is none."""
        ended = self.analysis.status_at(now)[1]
        if ended is None or self.expires_after is None:
            return None
        return ended + self.expires_after


@define(eq=False, kw_only=True)
class IntermediateTable(MembershipResource):
    """A query's stored results.

    Attributes:
        dependencies: what it reads.
        versions: one for each time it was populated.
        fate: what ended its use: DISALLOWED_BY_DATA_PROVIDER or BASE_TABLE_REMOVED.
        column_types: by name, as its owner has changed them.
    """

    name: str
    dependencies: list[Dependency] = Factory(list)
    versions: Shelf[Version] = field(factory=Shelf)
    rule: AnalysisRule | None = None
    fate: str = ""
    column_types: dict[str, str] = Factory(dict)

    def status(self, now: float) -> str:
        """Its fate, or else the status of its newest version."""
        newest = next(self.versions.walk(None, newest_first=True), None)
        return self.fate or ("CREATED" if newest is None else newest.status(now))

    def active_version(self, now: float) -> Version | None:
        """The newest version that has data."""
        newest_first = self.versions.walk(None, newest_first=True)
        return next((v for v in newest_first if v.status(now) == "POPULATE_SUCCESS"), None)


Relation = Association | IdMappingTable | IntermediateTable


def refuse_taken(collaboration: Collaboration, name: str) -> None:
    """Refuses a name that a relation of the collaboration has (CTA-CRE-06).

    Raises:
        ConflictError: one has it.
    """
    taken = collaboration.relations.get(name.lower())
    if taken is not None:
        raise ConflictError(
            f"The collaboration has a table with the name {name.lower()}.",
            "ALREADY_EXISTS",
            kind="CONFIGURED_TABLE_ASSOCIATION" if isinstance(taken, Association) else "",
            identifier=taken.id,
        )


def find_relation(collaboration: Collaboration, name: str) -> Relation | None:
    """The relation of that name, in whatever case it is spelled (CTA-CRE-04)."""
    found = collaboration.relations.get(name.lower())
    return found if isinstance(found, Relation) else None


def children(relation: MembershipResource) -> list[IntermediateTable]:
    """The intermediate tables that read a relation directly, in the order of their creation."""
    tables = [
        each
        for each in relation.collaboration.relations.values()
        if isinstance(each, IntermediateTable)
        and any(d.direct and d.relation is relation for d in each.dependencies)
    ]
    return sorted(tables, key=lambda table: table.order)


def descendants(relation: MembershipResource) -> list[IntermediateTable]:
    """The intermediate tables that read a relation, directly or through others."""
    return [
        each
        for each in relation.collaboration.relations.values()
        if isinstance(each, IntermediateTable)
        and any(dependency.relation is relation for dependency in each.dependencies)
    ]


def describe_children(relation: MembershipResource, now: float) -> list[dict[str, Any]] | None:
    """The intermediate tables made from a relation, as its owner sees them; None if none are."""
    described = [
        {
            "resourceId": table.id,
            "resourceType": "INTERMEDIATE_TABLE",
            "resourceName": table.name,
            "ownerAccountId": table.owner,
            "resourceStatus": table.status(now),
        }
        for table in children(relation)
    ]
    return described or None


def withdraw(relation: Relation) -> None:
    """Takes a relation away from the collaboration; what was made from it is of no use any more."""
    for table in descendants(relation):
        table.fate = "BASE_TABLE_REMOVED"
    relations = relation.collaboration.relations
    if relations.get(relation.name.lower()) is relation:
        del relations[relation.name.lower()]

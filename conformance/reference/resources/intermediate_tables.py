"""Intermediate tables: stored results that the member who can query makes for further queries."""

from __future__ import annotations

from typing import Any, Final

from conformance.reference.calls import Answer, Call, handles
from conformance.reference.errors import (
    AccessDeniedError,
    ConflictError,
    InvalidError,
    NotFoundError,
)
from conformance.reference.paging import page
from conformance.reference.resources.access import active_membership
from conformance.reference.resources.families import Family, update
from conformance.reference.resources.inheritance import inherited_constraints
from conformance.reference.resources.protected_jobs import find_job_template, run_job
from conformance.reference.resources.protected_queries import read_query, resolve, run_query
from conformance.reference.resources.records import Membership
from conformance.reference.resources.relations import (
    Association,
    Dependency,
    IdMappingTable,
    IntermediateTable,
    Relation,
    Version,
    descendants,
    describe_children,
    refuse_taken,
    withdraw,
)
from conformance.reference.resources.schemas import columns_of
from conformance.reference.resources.schemas import describe as describe_schema
from conformance.reference.resources.sql import read_sql

INTERMEDIATE_TABLES: Final = Family(
    type=IntermediateTable,
    shelf="intermediate_tables",
    arn_path="membership/{membership}/intermediatetable/{id}",
    identifier="intermediateTableIdentifier",
)
_DAY: Final = 24 * 60 * 60.0
_KINDS: Final = {
    Association: "TABLE",
    IdMappingTable: "ID_MAPPING_TABLE",
    IntermediateTable: "INTERMEDIATE_TABLE",
}


@handles("CreateIntermediateTable")
def create_intermediate_table(call: Call) -> Answer:
    """Stores a query; the table has no data before it is populated."""
    membership = active_membership(call)
    if not membership.member.can("CAN_QUERY"):
        raise AccessDeniedError("Only the member who can query may own intermediate tables.")
    name = call["name"]
    refuse_taken(membership.collaboration, name)
    table = INTERMEDIATE_TABLES.create(
        call,
        membership,
        name=name,
        dependencies=_dependencies(call, membership),
        stated=call.stated(
            "name", "description", "populationAnalysisConfiguration", "kmsKeyArn", "retentionInDays"
        ),
    )
    membership.collaboration.relations[name.lower()] = table
    return {"intermediateTable": _describe(call, table)}


@handles("GetIntermediateTable")
def get_intermediate_table(call: Call) -> Answer:
    """A table of the caller's own membership; others see its schema only."""
    return {"intermediateTable": _describe(call, INTERMEDIATE_TABLES.own(call))}


@handles("ListIntermediateTables")
def list_intermediate_tables(call: Call) -> Answer:
    """Those of the caller's membership."""
    return INTERMEDIATE_TABLES.list_own(
        call, "intermediateTableSummaries", lambda table: _describe(call, table)
    )


@handles("UpdateIntermediateTable")
def update_intermediate_table(call: Call) -> Answer:
    """Changes description, key, or the types of columns that are there."""
    table = INTERMEDIATE_TABLES.own_to_change(call)
    columns = call.get("columns", [])
    known = {each["name"] for each in columns_of(table, call.world.now()) or []}
    unknown = [each["name"] for each in columns if each["name"] not in known]
    if unknown:
        text = f"the table has no columns {', '.join(unknown)}"
        raise InvalidError(f"columns: {text}.", ("columns", text))
    table.column_types |= {each["name"]: each["type"] for each in columns}
    update(call, table, **call.stated("description", "kmsKeyArn"))
    if columns:
        table.updated = call.world.now()
    return {"intermediateTable": _describe(call, table)}


@handles("DeleteIntermediateTable")
def delete_intermediate_table(call: Call) -> Answer:
    """Deletes a table with its data; tables made from it are of no use any more."""
    table = INTERMEDIATE_TABLES.own(call)
    withdraw(table)
    INTERMEDIATE_TABLES.delete(call, table)
    return {}


@handles("PopulateIntermediateTable")
def populate_intermediate_table(call: Call) -> Answer:
    """Runs the stored query or job, which makes a new version."""
    table = INTERMEDIATE_TABLES.own_to_change(call)
    now = call.world.now()
    if table.fate or table.status(now) == "POPULATE_STARTED":
        raise ConflictError(f"The status is {table.status(now)}.", "INVALID_STATE")
    ((arm, _),) = table.stated["populationAnalysisConfiguration"].items()
    version = _query_version(call, table) if arm == "sqlParameters" else _job_version(call, table)
    table.versions.add(version)
    return {
        "analysisId": version.analysis.id,
        "analysisType": _analysis_type(table),
        "versionId": version.id,
    }


@handles("ListIntermediateTableVersions")
def list_intermediate_table_versions(call: Call) -> Answer:
    """Each time that a table was populated, the latest first."""
    table = INTERMEDIATE_TABLES.own(call)
    now = call.world.now()
    return page(
        call,
        "intermediateTableVersionSummaries",
        table.versions,
        lambda version: _describe_version(table, version, now),
        newest_first=True,
    )


@handles("DisallowIntermediateTable")
def disallow_intermediate_table(call: Call) -> Answer:
    """Ends the use of a table that was made from the caller's, and of what was made from that."""
    membership = active_membership(call)
    name = call["intermediateTableName"]
    table = membership.collaboration.relations.get(name.lower())
    if not isinstance(table, IntermediateTable):
        raise NotFoundError("COLLABORATION", name)
    if all(dependency.relation.owner != call.account for dependency in table.dependencies):
        raise AccessDeniedError("The intermediate table is not made from a table of yours.")
    made_from_it = descendants(table) if call.get("includeDescendants", True) else []
    for each in (table, *made_from_it):
        each.fate = each.fate or "DISALLOWED_BY_DATA_PROVIDER"
    return {}


def _dependencies(call: Call, membership: Membership) -> list[Dependency]:
    """What the stored analysis reads, directly and through other intermediate tables."""
    collaboration = membership.collaboration
    ((arm, inner),) = call["populationAnalysisConfiguration"].items()
    if arm == "sqlParameters":
        relations, _ = resolve(collaboration, read_query(call, collaboration, inner)[0])
    else:
        template = find_job_template(call, membership, inner["analysisTemplateArn"])
        relations, _ = resolve(collaboration, read_sql(template.text))
    direct = [Dependency(relation, relation.name, direct=True) for relation in relations]
    indirect = [
        Dependency(each.relation, each.name, direct=False)
        for relation in relations
        if isinstance(relation, IntermediateTable)
        for each in relation.dependencies
    ]
    by_relation = {each.relation.id: each for each in (*indirect, *direct)}
    return sorted(by_relation.values(), key=lambda each: (not each.direct, each.relation.order))


def _query_version(call: Call, table: IntermediateTable) -> Version:
    configuration = table.stated["populationAnalysisConfiguration"]["sqlParameters"]
    values = call.get("parameters")
    parameters = configuration | ({"parameters": values} if values else {})
    compute = call.get("computeConfiguration", {}).get("queryComputeConfiguration")
    analysis = run_query(
        call,
        table.membership,
        parameters=parameters,
        payer=call.get("analysisPayerAccountId"),
        receivers=(),
        stated={
            "sqlParameters": parameters,
            "resultConfiguration": _output(table),
            "computeConfiguration": {"worker": compute} if compute else None,
        },
        made_for=_reference(table),
    )
    query, _ = read_query(call, table.collaboration, parameters)
    relations, _ = resolve(table.collaboration, query)
    columns = [name for name in query.outputs if name.isidentifier()]
    if "*" in query.columns:
        columns += [each["name"] for one in relations for each in _columns(call, one)]
    return _version(call, table, analysis, tuple(dict.fromkeys(columns)))


def _job_version(call: Call, table: IntermediateTable) -> Version:
    configuration = table.stated["populationAnalysisConfiguration"]["jobParameters"]
    values = call.get("parameters")
    parameters = configuration | ({"parameters": values} if values else {})
    analysis = run_job(
        call,
        table.membership,
        parameters=parameters,
        payer=call.get("analysisPayerAccountId"),
        receivers=(),
        stated={
            "jobParameters": parameters,
            "resultConfiguration": _output(table),
            "computeConfiguration": call.get("computeConfiguration", {}).get(
                "jobComputeConfiguration"
            ),
        },
        made_for=_reference(table),
    )
    return _version(call, table, analysis, ())


def _version(
    call: Call, table: IntermediateTable, analysis: Any, columns: tuple[str, ...]
) -> Version:
    days = table.stated.get("retentionInDays")
    return Version(
        id=call.world.new_id(),
        order=call.world.next_order(),
        created=call.world.now(),
        analysis=analysis,
        columns=columns,
        kms_key=table.stated.get("kmsKeyArn"),
        parameters=call.get("parameters"),
        expires_after=None if days is None else days * _DAY,
        inherited=inherited_constraints(table, columns),
    )


def _columns(call: Call, relation: Relation) -> list[dict[str, str]]:
    columns: list[dict[str, str]] = describe_schema(call, relation)["columns"]
    return columns


def _reference(table: IntermediateTable) -> dict[str, str]:
    return {"id": table.id, "arn": table.arn, "name": table.name}


def _output(table: IntermediateTable) -> dict[str, Any]:
    return {"outputConfiguration": {"intermediateTable": _reference(table)}}


def _analysis_type(table: IntermediateTable) -> str:
    return "QUERY" if "sqlParameters" in table.stated["populationAnalysisConfiguration"] else "JOB"


def _describe(call: Call, table: IntermediateTable) -> dict[str, Any]:
    now = call.world.now()
    version = table.active_version(now)
    columns = columns_of(table, now)
    return table.describe() | {
        "status": table.status(now),
        "childResources": describe_children(table, now),
        "tableDependencies": [_describe_dependency(each) for each in table.dependencies],
        "intermediateTableVersion": version and _describe_version(table, version, now),
        "analysisRuleTypes": [table.rule.type] if table.rule else None,
        "schema": None if columns is None else {"columns": columns},
    }


def _describe_dependency(dependency: Dependency) -> dict[str, Any]:
    return {
        "id": dependency.relation.id,
        "name": dependency.name,
        "type": _KINDS[type(dependency.relation)],
        "parentType": "DIRECT" if dependency.direct else "INDIRECT",
        "creatorAccountId": dependency.relation.owner,
    }


def _describe_version(table: IntermediateTable, version: Version, now: float) -> dict[str, Any]:
    return {
        "versionId": version.id,
        "tableId": table.id,
        "createTime": version.created,
        "status": version.status(now),
        "analysisId": version.analysis.id,
        "analysisType": _analysis_type(table),
        "kmsKeyArn": version.kms_key,
        "parameters": version.parameters,
        "inheritedConstraints": version.inherited,
        "expirationTime": version.expiry(now),
    }

"""Schemas: what every member of a collaboration sees of the relations in it.

A schema comes and goes with its relation; what is not ready to be queried says why.
"""

from __future__ import annotations

import re
from typing import Any, Final

from conformance.reference.calls import Answer, Call, handles
from conformance.reference.errors import NotFoundError
from conformance.reference.paging import page
from conformance.reference.resources.access import joined_collaboration
from conformance.reference.resources.id_mapping_tables import input_sources
from conformance.reference.resources.readiness import status_details
from conformance.reference.resources.records import Collaboration
from conformance.reference.resources.relations import (
    Association,
    IdMappingTable,
    IntermediateTable,
    Relation,
    find_relation,
)
from conformance.reference.shelves import Shelf

#: The columns of every ID mapping table.
ID_COLUMNS: Final = ("source_id", "target_id")
_UNKNOWN_TYPE: Final = "string"
_ALIAS: Final = re.compile(r"[a-zA-Z0-9_](([a-zA-Z0-9_ ]+-)*([a-zA-Z0-9_ ]+))?")


@handles("GetSchema")
def get_schema(call: Call) -> Answer:
    """The relation of that name, of whichever member."""
    collaboration = joined_collaboration(call)
    relation = visible_relation(collaboration, call["name"])
    if relation is None:
        raise NotFoundError("COLLABORATION", call["name"])
    return {"schema": describe(call, relation)}


@handles("ListSchemas")
def list_schemas(call: Call) -> Answer:
    """The relations of all members."""
    collaboration = joined_collaboration(call)
    wanted = call.get("schemaType")
    shelf = Shelf[Any]()
    for relation in collaboration.relations.values():
        if isinstance(relation, Relation) and visible_relation(collaboration, relation.name):
            shelf.add(relation)
    return page(
        call,
        "schemaSummaries",
        shelf,
        lambda relation: describe(call, relation),
        where=lambda relation: wanted in (None, _TYPES[type(relation)]),
    )


@handles("BatchGetSchema")
def batch_get_schema(call: Call) -> Answer:
    """Relations by name, and an error for each that there is not."""
    collaboration = joined_collaboration(call)
    found, errors = [], []
    for name in dict.fromkeys(call["names"]):
        relation = visible_relation(collaboration, name)
        if relation is None:
            message = f"The collaboration has no schema {name}."
            errors.append({"name": name, "code": NotFoundError.code, "message": message})
        else:
            found.append(describe(call, relation))
    return {"schemas": found, "errors": errors}


def visible_relation(collaboration: Collaboration, name: str) -> Relation | None:
    """The relation of that name, if queries can spell it and its member is still there."""
    relation = find_relation(collaboration, name)
    if relation is None or not relation.membership.active:
        return None
    return relation if _ALIAS.fullmatch(relation.name) else None


def describe(call: Call, relation: Relation) -> dict[str, Any]:
    """A relation as its schema."""
    described = relation.describe() | {
        "name": relation.name,
        "type": _TYPES[type(relation)],
        "description": relation.stated.get("description", ""),
        "partitionKeys": [],
        "schemaStatusDetails": status_details(call.world, relation),
    }
    if isinstance(relation, Association):
        return described | _of_association(relation)
    if isinstance(relation, IdMappingTable):
        return described | _of_mapping_table(relation)
    return described | _of_intermediate_table(relation, call.world.now())


def _of_association(association: Association) -> dict[str, Any]:
    stated = association.table.stated
    types = _column_types(stated["tableReference"])
    return {
        "columns": [
            {"name": name, "type": types.get(name, _UNKNOWN_TYPE)}
            for name in stated["allowedColumns"]
        ],
        "analysisRuleTypes": association.table.rule_types,
        "analysisMethod": stated["analysisMethod"],
        "selectedAnalysisMethods": stated.get("selectedAnalysisMethods"),
        "resourceArn": association.arn,
        "schemaTypeProperties": {
            "configuredTableAssociation": {"configuredTableAssociationId": association.id}
        },
    }


def _of_mapping_table(table: IdMappingTable) -> dict[str, Any]:
    return {
        "columns": [{"name": name, "type": _UNKNOWN_TYPE} for name in ID_COLUMNS],
        "analysisRuleTypes": ["ID_MAPPING_TABLE"],
        "analysisMethod": "DIRECT_QUERY",
        "resourceArn": table.arn,
        "schemaTypeProperties": {
            "idMappingTable": {
                "idMappingTableInputSource": input_sources(table),
                "idMappingTableId": table.id,
            }
        },
    }


def _of_intermediate_table(table: IntermediateTable, now: float) -> dict[str, Any]:
    return {
        "columns": columns_of(table, now) or [],
        "analysisRuleTypes": [table.rule.type] if table.rule else [],
        "schemaTypeProperties": {"intermediateTable": {"intermediateTableId": table.id}},
    }


def columns_of(table: IntermediateTable, now: float) -> list[dict[str, str]] | None:
    """The columns of an intermediate table's data; None where it has none."""
    version = table.active_version(now)
    if version is None:
        return None
    return [
        {"name": name, "type": table.column_types.get(name, _UNKNOWN_TYPE)}
        for name in version.columns
    ]


def _column_types(reference: dict[str, Any]) -> dict[str, str]:
    """The types of columns, as far as a table's reference states them."""
    columns = reference.get("snowflake", {}).get("tableSchema", {}).get("v1", [])
    return {column["columnName"]: column["columnType"] for column in columns}


_TYPES: Final = {
    Association: "TABLE",
    IdMappingTable: "ID_MAPPING_TABLE",
    IntermediateTable: "INTERMEDIATE_TABLE",
}

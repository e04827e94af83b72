"""ID mapping tables: which identifiers of two namespaces mean the same."""

from __future__ import annotations

from typing import Any, Final

from conformance.reference.calls import Answer, Call, handles
from conformance.reference.errors import ConflictError, InvalidError
from conformance.reference.resources.access import active_membership
from conformance.reference.resources.families import Family, update
from conformance.reference.resources.id_namespaces import ID_NAMESPACES
from conformance.reference.resources.records import Membership
from conformance.reference.resources.relations import (
    IdMappingTable,
    IdNamespace,
    describe_children,
    refuse_taken,
    withdraw,
)

_TABLES: Final = Family(
    type=IdMappingTable,
    shelf="id_mapping_tables",
    arn_path="membership/{membership}/idmappingtable/{id}",
    identifier="idMappingTableIdentifier",
)


@handles("CreateIdMappingTable")
def create_id_mapping_table(call: Call) -> Answer:
    """Maps a SOURCE and a TARGET namespace of the collaboration; it has no data yet."""
    membership = active_membership(call)
    name = call["name"]
    refuse_taken(membership.collaboration, name)
    table = _TABLES.create(
        call,
        membership,
        name=name,
        source=_namespace(call, membership, "SOURCE"),
        target=_namespace(call, membership, "TARGET"),
        stated=call.stated("name", "description", "inputReferenceConfig", "kmsKeyArn"),
    )
    membership.collaboration.relations[name.lower()] = table
    return {"idMappingTable": _describe(table, call.world.now())}


@handles("GetIdMappingTable")
def get_id_mapping_table(call: Call) -> Answer:
    """A table of the caller's own membership; others see its schema only."""
    return {"idMappingTable": _describe(_TABLES.own(call), call.world.now())}


@handles("ListIdMappingTables")
def list_id_mapping_tables(call: Call) -> Answer:
    """Those of the caller's membership."""
    now = call.world.now()
    return _TABLES.list_own(call, "idMappingTableSummaries", lambda each: _describe(each, now))


@handles("UpdateIdMappingTable")
def update_id_mapping_table(call: Call) -> Answer:
    """Changes description or key."""
    table = _TABLES.own_to_change(call)
    update(call, table, **call.stated("description", "kmsKeyArn"))
    return {"idMappingTable": _describe(table, call.world.now())}


@handles("DeleteIdMappingTable")
def delete_id_mapping_table(call: Call) -> Answer:
    """Deletes the table with its data and its schema."""
    table = _TABLES.own(call)
    withdraw(table)
    _TABLES.delete(call, table)
    return {}


@handles("PopulateIdMappingTable")
def populate_id_mapping_table(call: Call) -> Answer:
    """Runs the mapping workflow, which is done at once here; deletions bring no data."""
    table = _TABLES.own_to_change(call)
    if not table.has_sources:
        raise ConflictError("An ID namespace of the table was disassociated.", "INVALID_STATE")
    if call.get("jobType") != "DELETE_ONLY":
        table.populated = True
    return {"idMappingJobId": call.world.new_id()}


def input_sources(table: IdMappingTable) -> list[dict[str, str]]:
    """The two namespaces that a table maps."""
    return [
        {"idNamespaceAssociationId": each.id, "type": each.type}
        for each in (table.source, table.target)
    ]


def _describe(table: IdMappingTable, now: float) -> dict[str, Any]:
    return table.describe() | {
        "inputReferenceProperties": {"idMappingTableInputSource": input_sources(table)},
        "childResources": describe_children(table, now),
    }


def _namespace(call: Call, membership: Membership, type_: str) -> IdNamespace:
    """The collaboration's namespace of a type, the membership's own first."""
    shelf = call.world.shelf(ID_NAMESPACES.shelf, membership.collaboration.id)
    fitting = [each for each in shelf if each.type == type_ and each.membership.active]
    if not fitting:
        text = f"the collaboration has no ID namespace association of type {type_}"
        raise InvalidError(f"inputReferenceConfig: {text}.", ("inputReferenceConfig", text))
    own_first: IdNamespace = min(fitting, key=lambda each: each.membership is not membership)
    return own_first

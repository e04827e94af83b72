"""Configured tables: an account's own tables, as it is willing to have them analysed."""

from __future__ import annotations

from typing import Any, Final

from conformance.reference.calls import Answer, Call, handles
from conformance.reference.errors import InvalidError
from conformance.reference.paging import page
from conformance.reference.resources.access import own_table
from conformance.reference.resources.records import CONFIGURED_TABLES, ConfiguredTable

_UPDATABLE: Final = (
    "name",
    "description",
    "tableReference",
    "allowedColumns",
    "analysisMethod",
    "selectedAnalysisMethods",
)


@handles("CreateConfiguredTable")
def create_configured_table(call: Call) -> Answer:
    """Configures a table; names need not be unique."""
    methods = call.get("selectedAnalysisMethods")
    if methods is not None and len(set(methods)) < len(("DIRECT_QUERY", "DIRECT_JOB")):
        text = "names at least two analysis methods"
        raise InvalidError(f"selectedAnalysisMethods {text}.", ("selectedAnalysisMethods", text))
    world = call.world
    world.quotas.check("configured_tables", len(world.shelf(CONFIGURED_TABLES, call.account)) + 1)
    world.quotas.check("allowed_columns", len(call["allowedColumns"]))
    birth = world.birth(call.account)
    table = ConfiguredTable(
        **birth,
        arn=world.arn(call.account, "configuredtable", birth["id"]),
        stated=call.stated(*_UPDATABLE),
        tags=call.get("tags", {}),
    )
    world.add(table, (CONFIGURED_TABLES, call.account))
    return {"configuredTable": describe(table)}


@handles("GetConfiguredTable")
def get_configured_table(call: Call) -> Answer:
    """The caller's own table."""
    return {"configuredTable": describe(own_table(call))}


@handles("ListConfiguredTables")
def list_configured_tables(call: Call) -> Answer:
    """The caller's own tables."""
    shelf = call.world.shelf(CONFIGURED_TABLES, call.account)
    return page(call, "configuredTableSummaries", shelf, describe)


@handles("UpdateConfiguredTable")
def update_configured_table(call: Call) -> Answer:
    """Changes what is stated and leaves the rest."""
    table = own_table(call)
    changes = call.stated(*_UPDATABLE)
    call.world.quotas.check("allowed_columns", len(call.get("allowedColumns", ())))
    if changes:
        table.stated |= changes
        table.updated = call.world.now()
    return {"configuredTable": describe(table)}


@handles("DeleteConfiguredTable")
def delete_configured_table(call: Call) -> Answer:
    """Deletes a table and its rule; associations survive, but can no longer be queried."""
    table = own_table(call)
    table.deleted = True
    table.rule = None
    call.world.remove(table, (CONFIGURED_TABLES, call.account))
    return {}


def describe(table: ConfiguredTable) -> dict[str, Any]:
    """A table with the types of its rules and of what it refers to."""
    (kind,) = table.stated["tableReference"]
    return table.describe() | {
        "analysisRuleTypes": table.rule_types,
        "tableType": kind.upper(),
    }

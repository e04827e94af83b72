"""Configured table associations: a member's tables, as they take part in a collaboration."""

from __future__ import annotations

from typing import Any, Final

from conformance.reference.calls import Answer, Call, handles
from conformance.reference.resources.access import active_membership, own_table
from conformance.reference.resources.families import Family, update
from conformance.reference.resources.identities import refuse_other_identity
from conformance.reference.resources.relations import (
    Association,
    describe_children,
    refuse_taken,
    withdraw,
)

ASSOCIATIONS: Final = Family(
    type=Association,
    shelf="configured_table_associations",
    arn_path="membership/{membership}/configuredtableassociation/{id}",
    identifier="configuredTableAssociationIdentifier",
    error_kind="CONFIGURED_TABLE_ASSOCIATION",
)


@handles("CreateConfiguredTableAssociation")
def create_configured_table_association(call: Call) -> Answer:
    """Lets a table take part under a name, which is kept in lower case."""
    membership = active_membership(call)
    table = own_table(call)
    name = call["name"].lower()
    refuse_taken(membership.collaboration, name)
    if table.rule is not None:
        refuse_other_identity(membership.collaboration, table, table.rule.policy)
    association = ASSOCIATIONS.create(
        call,
        membership,
        name=name,
        table=table,
        stated=call.stated("description", "roleArn"),
    )
    membership.collaboration.relations[name] = association
    table.associations[association.id] = association
    return {"configuredTableAssociation": describe(association, call.world.now())}


@handles("GetConfiguredTableAssociation")
def get_configured_table_association(call: Call) -> Answer:
    """An association of the caller's own membership; others see its schema only."""
    return {"configuredTableAssociation": describe(ASSOCIATIONS.own(call), call.world.now())}


@handles("ListConfiguredTableAssociations")
def list_configured_table_associations(call: Call) -> Answer:
    """The associations of one membership."""
    now = call.world.now()
    return ASSOCIATIONS.list_own(
        call, "configuredTableAssociationSummaries", lambda each: describe(each, now)
    )


@handles("UpdateConfiguredTableAssociation")
def update_configured_table_association(call: Call) -> Answer:
    """Changes description or role."""
    association = ASSOCIATIONS.own_to_change(call)
    update(call, association, **call.stated("description", "roleArn"))
    return {"configuredTableAssociation": describe(association, call.world.now())}


@handles("DeleteConfiguredTableAssociation")
def delete_configured_table_association(call: Call) -> Answer:
    """Ends the table's part in the collaboration; its schema goes with it."""
    association = ASSOCIATIONS.own(call)
    withdraw(association)
    association.table.associations.pop(association.id, None)
    ASSOCIATIONS.delete(call, association)
    return {}


def describe(association: Association, now: float) -> dict[str, Any]:
    """An association, with the types of its own analysis rules."""
    return association.describe() | {
        "name": association.name,
        "configuredTableId": association.table.id,
        "configuredTableArn": association.table.arn,
        "analysisRuleTypes": [association.rule.type] if association.rule else None,
        "childResources": describe_children(association, now),
    }

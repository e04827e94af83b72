"""ID namespace associations: how members' identifiers enter a collaboration."""

from __future__ import annotations

from typing import Any, Final

from conformance.reference.calls import Answer, Call, handles
from conformance.reference.errors import InvalidError
from conformance.reference.resources.access import active_membership
from conformance.reference.resources.families import Family, update
from conformance.reference.resources.records import Membership
from conformance.reference.resources.relations import IdNamespace

ID_NAMESPACES: Final = Family(
    type=IdNamespace,
    shelf="id_namespace_associations",
    arn_path="membership/{membership}/idnamespaceassociation/{id}",
    identifier="idNamespaceAssociationIdentifier",
)
_UPDATABLE: Final = ("name", "description", "idMappingConfig")


@handles("CreateIdNamespaceAssociation")
def create_id_namespace_association(call: Call) -> Answer:
    """Associates an ID namespace that the caller owns."""
    membership = active_membership(call)
    arn = call["inputReferenceConfig"]["inputReferenceArn"]
    if call.account not in arn.split(":"):
        text = f"names an ID namespace that account {call.account} does not own"
        member = "inputReferenceConfig.inputReferenceArn"
        raise InvalidError(f"{member} {text}.", (member, text))
    namespace = ID_NAMESPACES.create(
        call,
        membership,
        type=_type(call, membership, arn),
        stated=call.stated("inputReferenceConfig", *_UPDATABLE),
    )
    return {"idNamespaceAssociation": describe(namespace)}


@handles("GetIdNamespaceAssociation")
def get_id_namespace_association(call: Call) -> Answer:
    """The owner's view."""
    return {"idNamespaceAssociation": describe(ID_NAMESPACES.own(call))}


@handles("ListIdNamespaceAssociations")
def list_id_namespace_associations(call: Call) -> Answer:
    """Those of the caller's membership."""
    return ID_NAMESPACES.list_own(call, "idNamespaceAssociationSummaries", describe)


@handles("UpdateIdNamespaceAssociation")
def update_id_namespace_association(call: Call) -> Answer:
    """Changes name, description or mapping configuration."""
    namespace = ID_NAMESPACES.own_to_change(call)
    update(call, namespace, **call.stated(*_UPDATABLE))
    return {"idNamespaceAssociation": describe(namespace)}


@handles("DeleteIdNamespaceAssociation")
def delete_id_namespace_association(call: Call) -> Answer:
    """Takes it away; mapping tables made from it stay, without data and for good (IDNS-08)."""
    namespace = ID_NAMESPACES.own(call)
    namespace.deleted = True
    ID_NAMESPACES.delete(call, namespace)
    return {}


@handles("GetCollaborationIdNamespaceAssociation")
def get_collaboration_id_namespace_association(call: Call) -> Answer:
    """The view of the collaboration's other members."""
    return {"collaborationIdNamespaceAssociation": describe(ID_NAMESPACES.shared(call))}


@handles("ListCollaborationIdNamespaceAssociations")
def list_collaboration_id_namespace_associations(call: Call) -> Answer:
    """Those of all members."""
    return ID_NAMESPACES.list_shared(call, "collaborationIdNamespaceAssociationSummaries", describe)


def describe(namespace: IdNamespace) -> dict[str, Any]:
    """An ID namespace association, with what Entity Resolution would tell of it."""
    return namespace.describe() | {
        "inputReferenceProperties": {
            "idNamespaceType": namespace.type,
            "idMappingWorkflowsSupported": [],
        }
    }


def _type(call: Call, membership: Membership, arn: str) -> str:
    """SOURCE or TARGET, which only Entity Resolution knows: by the namespace's name, or by need."""
    name = arn.rpartition("/")[2].lower()
    for type_ in ("SOURCE", "TARGET"):
        if type_.lower() in name:
            return type_
    shelf = call.world.shelf(ID_NAMESPACES.shelf, membership.collaboration.id)
    return "TARGET" if {each.type for each in shelf} == {"SOURCE"} else "SOURCE"

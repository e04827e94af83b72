"""Configured audience model associations: models of a member's, lent to a collaboration."""

from __future__ import annotations

from typing import Any, Final

from attrs import define

from conformance.reference.calls import Answer, Call, handles
from conformance.reference.resources.access import active_membership
from conformance.reference.resources.families import Family, update
from conformance.reference.resources.records import MembershipResource


@define(eq=False, kw_only=True)
class AudienceModel(MembershipResource):
    """A configured audience model that takes part in a collaboration."""


_MODELS: Final = Family(
    type=AudienceModel,
    shelf="configured_audience_model_associations",
    arn_path="membership/{membership}/configuredaudiencemodelassociation/{id}",
    identifier="configuredAudienceModelAssociationIdentifier",
)


@handles("CreateConfiguredAudienceModelAssociation")
def create_configured_audience_model_association(call: Call) -> Answer:
    """Lends a model; its name is stated by another name than it is answered."""
    membership = active_membership(call)
    stated = call.stated("configuredAudienceModelArn", "manageResourcePolicies", "description")
    stated["name"] = call["configuredAudienceModelAssociationName"]
    return _answer(_MODELS.create(call, membership, stated=stated))


@handles("GetConfiguredAudienceModelAssociation")
def get_configured_audience_model_association(call: Call) -> Answer:
    """The owner's view."""
    return _answer(_MODELS.own(call))


@handles("ListConfiguredAudienceModelAssociations")
def list_configured_audience_model_associations(call: Call) -> Answer:
    """Those of the caller's membership."""
    return _MODELS.list_own(
        call, "configuredAudienceModelAssociationSummaries", MembershipResource.describe
    )


@handles("UpdateConfiguredAudienceModelAssociation")
def update_configured_audience_model_association(call: Call) -> Answer:
    """Changes name or description."""
    model = _MODELS.own_to_change(call)
    update(call, model, **call.stated("name", "description"))
    return _answer(model)


@handles("DeleteConfiguredAudienceModelAssociation")
def delete_configured_audience_model_association(call: Call) -> Answer:
    """Ends the loan."""
    _MODELS.delete(call, _MODELS.own(call))
    return {}


@handles("GetCollaborationConfiguredAudienceModelAssociation")
def get_collaboration_configured_audience_model_association(call: Call) -> Answer:
    """The view of the collaboration's other members."""
    view = _MODELS.shared(call).describe()
    return {"collaborationConfiguredAudienceModelAssociation": view}


@handles("ListCollaborationConfiguredAudienceModelAssociations")
def list_collaboration_configured_audience_model_associations(call: Call) -> Answer:
    """Those of all members."""
    return _MODELS.list_shared(
        call,
        "collaborationConfiguredAudienceModelAssociationSummaries",
        MembershipResource.describe,
    )


def _answer(model: AudienceModel) -> dict[str, Any]:
    return {"configuredAudienceModelAssociation": model.describe()}

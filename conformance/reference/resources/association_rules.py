"""Collaboration analysis rules: what an association adds to the rule of its table."""

from __future__ import annotations

from typing import Any

from conformance.reference.calls import Answer, Call, handles
from conformance.reference.errors import ConflictError, NotFoundError
from conformance.reference.resources.associations import ASSOCIATIONS
from conformance.reference.resources.policies import policy_of_type
from conformance.reference.resources.records import AnalysisRule
from conformance.reference.resources.relations import Association


@handles("CreateConfiguredTableAssociationAnalysisRule")
def create_configured_table_association_analysis_rule(call: Call) -> Answer:
    """Gives an association its rule; it has one at most, which need not suit the table's."""
    association = ASSOCIATIONS.own_to_change(call)
    if association.rule is not None:
        raise ConflictError(
            f"The association has an analysis rule of type {association.rule.type}.",
            "ALREADY_EXISTS",
            kind="CONFIGURED_TABLE_ASSOCIATION",
            identifier=association.id,
        )
    policy_of_type(call["analysisRuleType"], call["analysisRulePolicy"])
    now = call.world.now()
    association.rule = AnalysisRule(
        type=call["analysisRuleType"],
        policy=call["analysisRulePolicy"],
        created=now,
        updated=now,
    )
    return {"analysisRule": _describe(association, association.rule)}


@handles("GetConfiguredTableAssociationAnalysisRule")
def get_configured_table_association_analysis_rule(call: Call) -> Answer:
    """The rule of that type."""
    association = ASSOCIATIONS.own(call)
    return {"analysisRule": _describe(association, _rule(call, association))}


@handles("UpdateConfiguredTableAssociationAnalysisRule")
def update_configured_table_association_analysis_rule(call: Call) -> Answer:
    """Replaces the policy; the type is part of the key."""
    association = ASSOCIATIONS.own_to_change(call)
    rule = _rule(call, association)
    policy_of_type(call["analysisRuleType"], call["analysisRulePolicy"])
    rule.policy = call["analysisRulePolicy"]
    rule.updated = call.world.now()
    return {"analysisRule": _describe(association, rule)}


@handles("DeleteConfiguredTableAssociationAnalysisRule")
def delete_configured_table_association_analysis_rule(call: Call) -> Answer:
    """Takes the rule from the association."""
    association = ASSOCIATIONS.own(call)
    _rule(call, association)
    association.rule = None
    return {}


def _rule(call: Call, association: Association) -> AnalysisRule:
    rule = association.rule
    if rule is None or rule.type != call["analysisRuleType"]:
        raise NotFoundError(
            "CONFIGURED_TABLE_ASSOCIATION", f"{association.id}/{call['analysisRuleType']}"
        )
    return rule


def _describe(association: Association, rule: AnalysisRule) -> dict[str, Any]:
    return {
        "membershipIdentifier": association.membership.id,
        "configuredTableAssociationId": association.id,
        "configuredTableAssociationArn": association.arn,
        "policy": rule.policy,
        "type": rule.type,
        "createTime": rule.created,
        "updateTime": rule.updated,
    }

"""Whether a relation is ready to be analysed, and if not, why.

The reasons are the model's; which cause has which reason is read from their names (SCHEMA-12).
"""

from __future__ import annotations

from typing import Any, Final

from conformance.reference.resources.privacy_budget_templates import differential_privacy
from conformance.reference.resources.records import AnalysisRule
from conformance.reference.resources.relations import (
    Association,
    IdMappingTable,
    IntermediateTable,
    Relation,
)
from conformance.reference.world import World

_MESSAGES: Final = {
    "ANALYSIS_RULE_MISSING": "The table has no analysis rule.",
    "ANALYSIS_TEMPLATES_NOT_CONFIGURED": "The analysis rule allows no analyses.",
    "ANALYSIS_PROVIDERS_NOT_CONFIGURED": "The analysis rule names no analysis providers.",
    "DIFFERENTIAL_PRIVACY_POLICY_NOT_CONFIGURED": "The member has no privacy budget template.",
    "ID_MAPPING_TABLE_NOT_POPULATED": "The ID mapping table has no data.",
    "COLLABORATION_ANALYSIS_RULE_NOT_CONFIGURED": "The association has no analysis rule.",
    "ADDITIONAL_ANALYSES_NOT_CONFIGURED": "The association allows no additional analyses.",
    "RESULT_RECEIVERS_NOT_CONFIGURED": "The association names no result receivers.",
    "ADDITIONAL_ANALYSES_NOT_ALLOWED": "The table's rule allows no additional analyses.",
    "RESULT_RECEIVERS_NOT_ALLOWED": "The table's rule requires additional analyses.",
    "ANALYSIS_RULE_TYPES_NOT_COMPATIBLE": "The two analysis rules are of different types.",
    "INTERMEDIATE_TABLE_NOT_POPULATED": "The intermediate table has no data.",
    "INTERMEDIATE_TABLE_ANALYSIS_RULE_MISSING": "The intermediate table has no analysis rule.",
    "INTERMEDIATE_TABLE_BASE_TABLE_REMOVED": "A table that it was made from is gone.",
    "INTERMEDIATE_TABLE_DISALLOWED_BY_DATA_PROVIDER": "A data provider has disallowed it.",
    "INTERMEDIATE_TABLE_RETENTION_PERIOD_EXPIRED": "Its data has expired.",
}
_OF_STATUS: Final = {
    "DISALLOWED_BY_DATA_PROVIDER": "INTERMEDIATE_TABLE_DISALLOWED_BY_DATA_PROVIDER",
    "BASE_TABLE_REMOVED": "INTERMEDIATE_TABLE_BASE_TABLE_REMOVED",
    "RETENTION_PERIOD_EXPIRED": "INTERMEDIATE_TABLE_RETENTION_PERIOD_EXPIRED",
}
_ADDITIONAL: Final = ("ALLOWED", "REQUIRED")


def status_details(world: World, relation: Relation) -> list[dict[str, Any]]:
    """The status of direct analysis and, where the rule speaks of it, of additional analysis."""
    details = [_detail(relation, "DIRECT_ANALYSIS", direct_reasons(world, relation))]
    if isinstance(relation, Association) and _additional(relation) in _ADDITIONAL:
        details.append(_detail(relation, "ADDITIONAL_ANALYSIS", _additional_reasons(relation)))
    return details


def direct_reasons(world: World, relation: Relation) -> list[str]:
    """Why a relation cannot be queried directly; empty where it can."""
    if isinstance(relation, Association):
        return _association_reasons(world, relation)
    if isinstance(relation, IdMappingTable):
        return [] if relation.has_data else ["ID_MAPPING_TABLE_NOT_POPULATED"]
    return _intermediate_reasons(relation, world.now())


def rule_of(relation: Relation) -> AnalysisRule | None:
    """The analysis rule that a relation is queried under; mapping tables have a generated one."""
    if isinstance(relation, Association):
        return relation.table.rule
    return relation.rule if isinstance(relation, IntermediateTable) else None


def policy_of(rule: AnalysisRule) -> dict[str, Any]:
    """What stands in a rule's policy under the arm of its type."""
    ((_, policy),) = rule.policy["v1"].items()
    stated: dict[str, Any] = policy
    return stated


def _association_reasons(world: World, association: Association) -> list[str]:
    rule = association.table.rule
    if rule is None:
        return ["ANALYSIS_RULE_MISSING"]
    reasons = []
    policy = policy_of(rule)
    if rule.type == "CUSTOM" and not policy["allowedAnalyses"]:
        reasons.append("ANALYSIS_TEMPLATES_NOT_CONFIGURED")
    private = "differentialPrivacy" in policy
    if private and differential_privacy(world, association.membership) is None:
        reasons.append("DIFFERENTIAL_PRIVACY_POLICY_NOT_CONFIGURED")
    if association.rule is None:
        return [*reasons, "COLLABORATION_ANALYSIS_RULE_NOT_CONFIGURED"]
    if association.rule.type != rule.type:
        return [*reasons, "ANALYSIS_RULE_TYPES_NOT_COMPATIBLE"]
    added = policy_of(association.rule)
    if policy.get("additionalAnalyses") == "REQUIRED":
        reasons.append("RESULT_RECEIVERS_NOT_ALLOWED")
    elif not added.get("allowedResultReceivers"):
        reasons.append("RESULT_RECEIVERS_NOT_CONFIGURED")
    if added.get("allowedAdditionalAnalyses") and _additional(association) not in _ADDITIONAL:
        reasons.append("ADDITIONAL_ANALYSES_NOT_ALLOWED")
    return reasons


def _additional_reasons(association: Association) -> list[str]:
    rule = association.rule
    if rule is None:
        return ["COLLABORATION_ANALYSIS_RULE_NOT_CONFIGURED"]
    if not policy_of(rule).get("allowedAdditionalAnalyses"):
        return ["ADDITIONAL_ANALYSES_NOT_CONFIGURED"]
    return []


def _intermediate_reasons(table: IntermediateTable, now: float) -> list[str]:
    reasons = []
    status = table.status(now)
    if status in _OF_STATUS:
        reasons.append(_OF_STATUS[status])
    elif table.active_version(now) is None:
        reasons.append("INTERMEDIATE_TABLE_NOT_POPULATED")
    if table.rule is None:
        reasons.append("INTERMEDIATE_TABLE_ANALYSIS_RULE_MISSING")
    elif not policy_of(table.rule).get("allowedAnalyses"):
        reasons.append("ANALYSIS_TEMPLATES_NOT_CONFIGURED")
    return reasons


def _additional(association: Association) -> str:
    rule = association.table.rule
    additional: str = policy_of(rule).get("additionalAnalyses", "") if rule else ""
    return additional


def _detail(relation: Relation, analysis: str, reasons: list[str]) -> dict[str, Any]:
    rule = rule_of(relation)
    private = rule is not None and "differentialPrivacy" in policy_of(rule)
    mapping = isinstance(relation, IdMappingTable)
    return {
        "status": "NOT_READY" if reasons else "READY",
        "reasons": [{"code": code, "message": _MESSAGES[code]} for code in reasons] or None,
        "analysisRuleType": "ID_MAPPING_TABLE" if mapping else rule.type if rule else None,
        "configurations": ["DIFFERENTIAL_PRIVACY"] if private else None,
        "analysisType": analysis,
    }

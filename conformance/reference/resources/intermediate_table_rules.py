"""Analysis rules of intermediate tables; there is the CUSTOM type only."""

from __future__ import annotations

from typing import Any

from conformance.reference.calls import Answer, Call, handles
from conformance.reference.errors import ConflictError, NotFoundError
from conformance.reference.resources.intermediate_tables import INTERMEDIATE_TABLES
from conformance.reference.resources.policies import judge_custom, policy_of_type
from conformance.reference.resources.records import AnalysisRule
from conformance.reference.resources.relations import IntermediateTable


@handles("CreateIntermediateTableAnalysisRule")
def create_intermediate_table_analysis_rule(call: Call) -> Answer:
    """Gives a table its rule; it has one at most."""
    table = INTERMEDIATE_TABLES.own_to_change(call)
    if table.rule is not None:
        raise ConflictError("The intermediate table has an analysis rule.", "ALREADY_EXISTS")
    _judge(call)
    now = call.world.now()
    table.rule = AnalysisRule(
        type=call["analysisRuleType"],
        policy=call["analysisRulePolicy"],
        created=now,
        updated=now,
    )
    return {"analysisRule": _describe(table, table.rule)}


@handles("GetIntermediateTableAnalysisRule")
def get_intermediate_table_analysis_rule(call: Call) -> Answer:
    """The rule of that type."""
    table = INTERMEDIATE_TABLES.own(call)
    return {"analysisRule": _describe(table, _rule(call, table))}


@handles("UpdateIntermediateTableAnalysisRule")
def update_intermediate_table_analysis_rule(call: Call) -> Answer:
    """Replaces the policy."""
    table = INTERMEDIATE_TABLES.own_to_change(call)
    rule = _rule(call, table)
    _judge(call)
    rule.policy = call["analysisRulePolicy"]
    rule.updated = call.world.now()
    return {"analysisRule": _describe(table, rule)}


@handles("DeleteIntermediateTableAnalysisRule")
def delete_intermediate_table_analysis_rule(call: Call) -> Answer:
    """Takes the rule from the table."""
    table = INTERMEDIATE_TABLES.own(call)
    _rule(call, table)
    table.rule = None
    return {}


def _judge(call: Call) -> None:
    _, policy = policy_of_type(call["analysisRuleType"], call["analysisRulePolicy"])
    judge_custom(policy)


def _rule(call: Call, table: IntermediateTable) -> AnalysisRule:
    if table.rule is None or table.rule.type != call["analysisRuleType"]:
        raise NotFoundError("MEMBERSHIP", f"{table.id}/{call['analysisRuleType']}")
    return table.rule


def _describe(table: IntermediateTable, rule: AnalysisRule) -> dict[str, Any]:
    return {
        "intermediateTableIdentifier": table.id,
        "intermediateTableArn": table.arn,
        "analysisRulePolicy": rule.policy,
        "analysisRuleType": rule.type,
        "createTime": rule.created,
        "updateTime": rule.updated,
    }

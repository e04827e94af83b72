"""Analysis rules of configured tables: what may be asked of a table, and by whom."""

from __future__ import annotations

import json
from typing import Any

from conformance.reference.calls import Answer, Call, handles
from conformance.reference.errors import ConflictError, NotFoundError
from conformance.reference.resources.access import own_table
from conformance.reference.resources.identities import refuse_other_identity
from conformance.reference.resources.policies import invalid_policy, judge_custom, policy_of_type
from conformance.reference.resources.records import AnalysisRule, ConfiguredTable


@handles("CreateConfiguredTableAnalysisRule")
def create_configured_table_analysis_rule(call: Call) -> Answer:
    """Gives a table its analysis rule; a table has one at most."""
    table = own_table(call)
    if table.rule is not None:
        raise ConflictError(
            f"The table has an analysis rule of type {table.rule.type}.",
            "ALREADY_EXISTS",
            kind="CONFIGURED_TABLE",
            identifier=table.id,
        )
    _judge(call, table)
    now = call.world.now()
    table.rule = AnalysisRule(
        type=call["analysisRuleType"],
        policy=call["analysisRulePolicy"],
        created=now,
        updated=now,
    )
    return {"analysisRule": _describe(table, table.rule)}


@handles("GetConfiguredTableAnalysisRule")
def get_configured_table_analysis_rule(call: Call) -> Answer:
    """The rule of that type."""
    table, rule = _own_rule(call)
    return {"analysisRule": _describe(table, rule)}


@handles("UpdateConfiguredTableAnalysisRule")
def update_configured_table_analysis_rule(call: Call) -> Answer:
    """Replaces the policy; the type is part of the key."""
    table, rule = _own_rule(call)
    _judge(call, table)
    rule.policy = call["analysisRulePolicy"]
    rule.updated = call.world.now()
    return {"analysisRule": _describe(table, rule)}


@handles("DeleteConfiguredTableAnalysisRule")
def delete_configured_table_analysis_rule(call: Call) -> Answer:
    """Takes the rule from the table."""
    table, _ = _own_rule(call)
    table.rule = None
    return {}


def _own_rule(call: Call) -> tuple[ConfiguredTable, AnalysisRule]:
    table = own_table(call)
    rule = table.rule
    if rule is None or rule.type != call["analysisRuleType"]:
        raise NotFoundError("CONFIGURED_TABLE", f"{table.id}/{call['analysisRuleType']}")
    return table, rule


def _describe(table: ConfiguredTable, rule: AnalysisRule) -> dict[str, Any]:
    return {
        "configuredTableId": table.id,
        "configuredTableArn": table.arn,
        "policy": rule.policy,
        "type": rule.type,
        "createTime": rule.created,
        "updateTime": rule.updated,
    }


def _judge(call: Call, table: ConfiguredTable) -> None:
    """Refuses a policy that contradicts itself, its type or the table."""
    kind, policy = policy_of_type(call["analysisRuleType"], call["analysisRulePolicy"])
    call.world.quotas.check("analysis_rule_bytes", len(json.dumps(policy)))
    if kind != "custom" and "glue" not in table.stated["tableReference"]:
        raise invalid_policy("a table outside of Amazon S3 can only have a CUSTOM rule")
    if kind == "custom":
        judge_custom(policy)
        for association in table.associations.values():
            refuse_other_identity(association.collaboration, table, call["analysisRulePolicy"])
        return
    joins = set(policy["joinColumns"])
    if len(joins) > 1 and policy.get("allowedJoinOperators") == []:
        raise invalid_policy("several join columns need an allowed join operator")
    if kind == "list":
        _refuse_overlap("listColumns", joins & set(policy["listColumns"]), "join column")
        return
    dimensions = set(policy["dimensionColumns"])
    aggregates = {name for each in policy["aggregateColumns"] for name in each["columnNames"]}
    _refuse_overlap("dimensionColumns", dimensions & joins, "join column")
    _refuse_overlap("dimensionColumns", dimensions & aggregates, "aggregate column")


def _refuse_overlap(member: str, columns: set[str], other: str) -> None:
    if columns:
        raise invalid_policy(f"{member}: {', '.join(sorted(columns))} is also a {other}")

"""Schema analysis rules: a relation's rule as every member of the collaboration sees it."""

from __future__ import annotations

from typing import Any

from conformance.reference.calls import Answer, Call, handles
from conformance.reference.errors import NotFoundError
from conformance.reference.resources.access import joined_collaboration
from conformance.reference.resources.readiness import policy_of, rule_of
from conformance.reference.resources.records import AnalysisRule, Collaboration
from conformance.reference.resources.relations import Association, IdMappingTable, Relation
from conformance.reference.resources.schemas import ID_COLUMNS, visible_relation


@handles("GetSchemaAnalysisRule")
def get_schema_analysis_rule(call: Call) -> Answer:
    """The rule of that type of the relation of that name."""
    collaboration = joined_collaboration(call)
    found = _find(collaboration, call["name"], call["type"])
    if found is None:
        raise NotFoundError("COLLABORATION", f"{call['name']}/{call['type']}")
    return {"analysisRule": found}


@handles("BatchGetSchemaAnalysisRule")
def batch_get_schema_analysis_rule(call: Call) -> Answer:
    """Rules by name and type, and an error for each that there is not."""
    collaboration = joined_collaboration(call)
    found, errors = [], []
    wanted = [(each["name"], each["type"]) for each in call["schemaAnalysisRuleRequests"]]
    for name, type_ in dict.fromkeys(wanted):
        rule = _find(collaboration, name, type_)
        if rule is not None:
            found.append(rule)
            continue
        message = f"The schema {name} has no analysis rule of type {type_}."
        errors.append({"name": name, "type": type_, "code": NotFoundError.code, "message": message})
    return {"analysisRules": found, "errors": errors}


def _find(collaboration: Collaboration, name: str, type_: str) -> dict[str, Any] | None:
    relation = visible_relation(collaboration, name)
    if relation is None:
        return None
    if isinstance(relation, IdMappingTable):
        return _of_mapping_table(relation) if type_ == "ID_MAPPING_TABLE" else None
    rule = rule_of(relation)
    if rule is None or rule.type != type_:
        return None
    described = _describe(relation, rule.type, rule.created, rule.updated)
    if not isinstance(relation, Association):
        return described | {
            "policy": {"v1": {"custom": {"allowedAnalyses": [], **policy_of(rule)}}}
        }
    return described | {"policy": rule.policy} | _with_collaboration_rule(rule, relation.rule)


def _describe(relation: Relation, type_: str, created: float, updated: float) -> dict[str, Any]:
    return {
        "collaborationId": relation.collaboration.id,
        "type": type_,
        "name": relation.name,
        "createTime": created,
        "updateTime": updated,
    }


def _with_collaboration_rule(rule: AnalysisRule, added: AnalysisRule | None) -> dict[str, Any]:
    """What the association's rule says, and both in one where they are of one type (CTAAR-09)."""
    if added is None:
        return {}
    described: dict[str, Any] = {"collaborationPolicy": added.policy}
    if added.type == rule.type:
        both = {**policy_of(rule), **policy_of(added)}
        described["consolidatedPolicy"] = {"v1": {rule.type.lower(): both}}
    return described


def _of_mapping_table(table: IdMappingTable) -> dict[str, Any]:
    """The rule that the service makes; it protects each column but those that may be dimensions."""
    pairs = tuple(zip(ID_COLUMNS, (table.source, table.target), strict=True))
    dimensions = [column for column, namespace in pairs if namespace.is_dimension]
    protected = [column for column in ID_COLUMNS if column not in dimensions]
    policy = {
        "joinColumns": list(ID_COLUMNS),
        "queryConstraints": [{"requireOverlap": {"columns": protected}}] if protected else [],
        "dimensionColumns": dimensions,
    }
    described = _describe(table, "ID_MAPPING_TABLE", table.created, table.updated)
    return described | {"policy": {"v1": {"idMappingTable": policy}}}

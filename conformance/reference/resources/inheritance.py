"""The constraints that an intermediate table inherits from the tables that it is made from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from conformance.reference.resources.readiness import policy_of, rule_of
from conformance.reference.resources.relations import Association, Dependency, IntermediateTable

#: From the loosest to the strictest.
_STRICTNESS: Final = ("ALLOWED", "REQUIRED", "NOT_ALLOWED")


def inherited_constraints(table: IntermediateTable, columns: tuple[str, ...]) -> dict[str, Any]:
    """The strictest of what the tables that it reads directly say, and who says it.

    Args:
        table: the intermediate table.
        columns: the names of its columns.
    """
    sources = [each for each in table.dependencies if each.direct]
    return {
        "additionalAnalyses": _inherit(sources, "additionalAnalyses", _strictest),
        "allowedAdditionalAnalyses": _inherit(sources, "allowedAdditionalAnalyses", _common),
        "allowedResultReceivers": _inherit(sources, "allowedResultReceivers", _common),
        "disallowedOutputColumns": _hidden(sources, columns),
    }


def _inherit(
    sources: list[Dependency], member: str, merge: Callable[[list[Any]], Any]
) -> dict[str, Any] | None:
    said = [(each, _policy(each).get(member)) for each in sources]
    speaking = [(each, value) for each, value in said if value is not None]
    if not speaking:
        return None
    return {
        "value": merge([value for _, value in speaking]),
        "sources": [
            {
                "name": each.name,
                "id": each.relation.id,
                "type": _kind(each),
                "value": value,
                "sourceAccountId": each.relation.owner,
            }
            for each, value in speaking
        ],
    }


def _hidden(sources: list[Dependency], columns: tuple[str, ...]) -> dict[str, Any] | None:
    lineage = [
        {
            "column": column,
            "sourceColumn": column,
            "sourceName": each.name,
            "sourceId": each.relation.id,
            "sourceType": _kind(each),
            "sourceAccountId": each.relation.owner,
        }
        for each in sources
        for column in _policy(each).get("disallowedOutputColumns", [])
        if column in columns
    ]
    if not lineage:
        return None
    names = list(dict.fromkeys(entry["column"] for entry in lineage))
    return {"value": names, "columnLineage": lineage}


def _policy(dependency: Dependency) -> dict[str, Any]:
    """What a table's rule says, together with its collaboration analysis rule."""
    relation = dependency.relation
    if not isinstance(relation, Association | IntermediateTable):
        return {}
    rules = [rule_of(relation), relation.rule if isinstance(relation, Association) else None]
    policy: dict[str, Any] = {}
    for rule in rules:
        if rule is not None:
            policy |= policy_of(rule)
    return policy


def _kind(dependency: Dependency) -> str:
    return "TABLE" if isinstance(dependency.relation, Association) else "INTERMEDIATE_TABLE"


def _strictest(values: list[str]) -> str:
    return max(values, key=_STRICTNESS.index)


def _common(values: list[list[str]]) -> list[str]:
    first, *others = values
    return [each for each in first if all(each in other for other in others)]

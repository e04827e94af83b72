"""The column that identifies users: one and the same for all tables under differential privacy."""

from __future__ import annotations

from typing import Any

from conformance.reference.resources.policies import invalid_policy
from conformance.reference.resources.records import Collaboration, ConfiguredTable
from conformance.reference.resources.relations import Association


def refuse_other_identity(
    collaboration: Collaboration, table: ConfiguredTable, policy: dict[str, Any]
) -> None:
    """Refuses a policy whose identifying column differs from another table's (CTAR-26).

    Args:
        collaboration: in which the table takes part, or is about to.
        table: whose policy it is.
        policy: the whole policy.

    Raises:
        InvalidError: another table of the collaboration has another column.
    """
    column = _identity(policy)
    if column is None:
        return
    for relation in collaboration.relations.values():
        if not isinstance(relation, Association) or relation.table is table:
            continue
        rule = relation.table.rule
        other = None if rule is None else _identity(rule.policy)
        if other not in (None, column):
            raise invalid_policy(f"{relation.name} has the user identifier column {other}")


def _identity(policy: dict[str, Any]) -> str | None:
    private = policy["v1"].get("custom", {}).get("differentialPrivacy")
    return private["columns"][0]["name"] if private else None

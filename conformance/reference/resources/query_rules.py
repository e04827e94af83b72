"""Whether a query may ask what it asks, by the analysis rules of its tables (ERR-22)."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from conformance.reference.errors import InvalidError
from conformance.reference.resources.analysis_templates import AnalysisTemplate
from conformance.reference.resources.privacy_budget_templates import (
    access_budget,
    differential_privacy,
)
from conformance.reference.resources.privacy_budgets import spend, spend_access
from conformance.reference.resources.readiness import direct_reasons, policy_of, rule_of
from conformance.reference.resources.relations import Association, IdMappingTable, Relation
from conformance.reference.resources.sql import Query
from conformance.reference.world import World


@frozen
class Asker:
    """Who asks, with what, and for whom.

    Attributes:
        runner: the account that asks.
        receivers: the accounts that get the results.
        template: the template that is run, if any.
    """

    runner: str
    receivers: tuple[str, ...]
    template: AnalysisTemplate | None


def judge(world: World, query: Query, relations: list[Relation], asker: Asker) -> None:
    """Refuses a query that an analysis rule does not allow, and takes from the budgets.

    Args:
        world: where the privacy budgets are.
        query: what is asked.
        relations: what it is asked of.
        asker: who asks.

    Raises:
        InvalidError: a rule does not allow it, or a budget is exhausted.
    """
    for relation in relations:
        _judge_in_general(world, relation, asker)
        _judge_by_rule(query, relation, asker)
    for relation in relations:
        _spend(world, query, relation)


def judge_job(world: World, relations: list[Relation], asker: Asker) -> None:
    """Refuses a job that an analysis rule or method does not allow (PJ-09).

    Raises:
        InvalidError: one does not.
    """
    for relation in relations:
        _judge_in_general(world, relation, asker)
        if isinstance(relation, Association):
            method = relation.table.stated["analysisMethod"]
            if method == "DIRECT_QUERY":
                raise invalid_query(f"{relation.name} has the analysis method {method}")
        rule = rule_of(relation)
        if rule is not None:
            _judge_custom(relation.name, policy_of(rule), asker, "ANY_JOB")
    for relation in relations:
        budget = access_budget(world, relation)
        if budget is not None:
            spend_access(budget, world.now())


def _judge_in_general(world: World, relation: Relation, asker: Asker) -> None:
    """Refuses what is not ready, and receivers that the relation's member does not allow."""
    reasons = direct_reasons(world, relation)
    if reasons:
        raise invalid_query(f"{relation.name} is not ready: {', '.join(reasons)}")
    rule = None if isinstance(relation, IdMappingTable) else relation.rule
    allowed = None if rule is None else policy_of(rule).get("allowedResultReceivers")
    others = [account for account in asker.receivers if account not in (allowed or [account])]
    if others:
        raise invalid_query(f"{relation.name} allows no results for {', '.join(others)}")


def _judge_by_rule(query: Query, relation: Relation, asker: Asker) -> None:
    rule = rule_of(relation)
    if rule is None or isinstance(relation, IdMappingTable):
        return
    policy = policy_of(rule)
    if rule.type == "CUSTOM":
        _judge_custom(relation.name, policy, asker, "ANY_QUERY")
        hidden = [c for c in query.columns if c in policy.get("disallowedOutputColumns", [])]
        if hidden:
            raise invalid_query(
                f"The custom rule of {relation.name} does not allow to output {', '.join(hidden)}"
            )
    elif rule.type == "LIST":
        _judge_list(query, relation, policy)
    else:
        _judge_aggregation(query, relation, policy)


def _judge_custom(name: str, policy: dict[str, Any], asker: Asker, wildcard: str) -> None:
    allowed = policy.get("allowedAnalyses", [])
    template = asker.template
    if template is not None and template.arn in allowed:
        return
    author = template.owner if template is not None else asker.runner
    providers = policy.get("allowedAnalysisProviders")
    if wildcard in allowed and (not providers or author in providers):
        return
    what = template.arn if template is not None else f"analyses by {author}"
    raise invalid_query(f"The analysis rule of {name} does not allow {what}")


def _judge_list(query: Query, relation: Relation, policy: dict[str, Any]) -> None:
    asked = _asked(query, relation)
    hidden = [column for column in asked if column not in policy["listColumns"]]
    if hidden:
        raise invalid_query(
            f"The list rule of {relation.name} does not allow to list {', '.join(hidden)}"
        )


def _judge_aggregation(query: Query, relation: Relation, policy: dict[str, Any]) -> None:
    hidden = [c for c in _asked(query, relation) if c not in policy["dimensionColumns"]]
    if hidden:
        raise invalid_query(
            f"The aggregation rule of {relation.name} does not allow the dimension columns "
            f"{', '.join(hidden)}"
        )
    own = set(_columns(relation))
    granted = {
        (each["function"], column)
        for each in policy["aggregateColumns"]
        for column in each["columnNames"]
    }
    for aggregate in query.aggregates:
        if aggregate.column in own and (aggregate.function, aggregate.column) not in granted:
            raise invalid_query(
                f"The aggregation rule of {relation.name} does not allow {aggregate.function} of "
                f"{aggregate.column}"
            )


def _asked(query: Query, relation: Relation) -> list[str]:
    """The relation's columns that a query selects outside of functions."""
    own = _columns(relation)
    return list(own) if "*" in query.columns else [c for c in query.columns if c in own]


def _columns(relation: Relation) -> list[str]:
    if isinstance(relation, Association):
        columns: list[str] = relation.table.stated["allowedColumns"]
        return columns
    return []


def _spend(world: World, query: Query, relation: Relation) -> None:
    rule = rule_of(relation)
    private = differential_privacy(world, relation.membership)
    if private is not None and rule is not None and "differentialPrivacy" in policy_of(rule):
        spend(private, {aggregate.function for aggregate in query.aggregates})
    budget = access_budget(world, relation)
    if budget is not None:
        spend_access(budget, world.now())


def invalid_query(text: str) -> InvalidError:
    """The refusal of a query that an analysis rule does not allow."""
    return InvalidError(f"{text}.", reason="INVALID_QUERY")

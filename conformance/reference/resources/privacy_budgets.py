"""Privacy budgets: what is left of what the templates allow, and what a template would allow.

How many aggregations a budget buys is not documented; here it is the product of its two numbers,
doubled (PB-07).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from conformance.reference.calls import Answer, Call, handles
from conformance.reference.errors import InvalidError
from conformance.reference.resources.access import own_membership
from conformance.reference.resources.privacy_budget_templates import (
    BUDGET_TEMPLATES,
    PrivacyBudgetTemplate,
)

AGGREGATIONS: Final = ("AVG", "COUNT", "COUNT_DISTINCT", "SUM", "STDDEV")


@handles("ListPrivacyBudgets")
def list_privacy_budgets(call: Call) -> Answer:
    """The budgets of the caller's membership."""
    now = call.world.now()
    return BUDGET_TEMPLATES.list_own(
        call,
        "privacyBudgetSummaries",
        lambda template: _describe(template, now),
        where=lambda template: _wanted(call, template),
    )


@handles("ListCollaborationPrivacyBudgets")
def list_collaboration_privacy_budgets(call: Call) -> Answer:
    """The budgets of all members."""
    now = call.world.now()
    return BUDGET_TEMPLATES.list_shared(
        call,
        "collaborationPrivacyBudgetSummaries",
        lambda template: _describe(template, now),
        where=lambda template: _wanted(call, template),
    )


@handles("PreviewPrivacyImpact")
def preview_privacy_impact(call: Call) -> Answer:
    """What a budget would buy; nothing changes."""
    own_membership(call)
    count = _most(call["parameters"]["differentialPrivacy"])
    aggregations = [{"type": name, "maxCount": count} for name in AGGREGATIONS]
    return {"privacyImpact": {"differentialPrivacy": {"aggregations": aggregations}}}


def spend(template: PrivacyBudgetTemplate, functions: Iterable[str]) -> None:
    """Takes one of each aggregation from a budget of differential privacy.

    Raises:
        InvalidError: of one of them nothing is left.
    """
    used = [name for name in AGGREGATIONS if name in functions]
    most = _most(template.parameters)
    for name in used:
        if _spent(template, name) >= most:
            raise InvalidError(
                f"The privacy budget for {name} is exhausted.", reason="INVALID_QUERY"
            )
    template.in_use = True
    for name in used:
        template.spent[name] = (template.created, _spent(template, name) + 1)


def spend_access(template: PrivacyBudgetTemplate, now: float) -> None:
    """Takes one access from a table's budget.

    Raises:
        InvalidError: nothing is left.
    """
    details = _details(template, now)
    if any(detail["remainingBudget"] == 0 for detail in details):
        raise InvalidError("The access budget of a table is exhausted.", reason="INVALID_QUERY")
    for detail in details:
        count = detail["budget"] - detail["remainingBudget"]
        template.spent[detail["budgetType"]] = (detail["startTime"], count + 1)


def _wanted(call: Call, template: PrivacyBudgetTemplate) -> bool:
    arn = call.get("accessBudgetResourceArn")
    if arn is not None and template.parameters.get("resourceArn") != arn:
        return False
    return bool(template.type == call["privacyBudgetType"])


def _describe(template: PrivacyBudgetTemplate, now: float) -> dict[str, Any]:
    private = template.type == "DIFFERENTIAL_PRIVACY"
    return template.describe() | {
        "id": template.budget_id,
        "privacyBudgetTemplateId": template.id,
        "privacyBudgetTemplateArn": template.arn,
        "type": template.type,
        "budget": (
            {"differentialPrivacy": _private_budget(template)}
            if private
            else {"accessBudget": _access_budget(template, now)}
        ),
    }


def _most(parameters: dict[str, Any]) -> int:
    return int(parameters["epsilon"] * parameters["usersNoisePerQuery"] * 2)


def _spent(template: PrivacyBudgetTemplate, name: str) -> int:
    return template.spent.get(name, (0.0, 0))[1]


def _private_budget(template: PrivacyBudgetTemplate) -> dict[str, Any]:
    most = _most(template.parameters)
    return {
        "aggregations": [
            {
                "type": name,
                "maxCount": most,
                "remainingCount": max(0, most - _spent(template, name)),
            }
            for name in AGGREGATIONS
        ],
        "epsilon": template.parameters["epsilon"],
    }


def _access_budget(template: PrivacyBudgetTemplate, now: float) -> dict[str, Any]:
    details = _details(template, now)
    return {
        "resourceArn": template.parameters["resourceArn"],
        "details": details,
        "aggregateRemainingBudget": min(detail["remainingBudget"] for detail in details),
    }


def _details(template: PrivacyBudgetTemplate, now: float) -> list[dict[str, Any]]:
    return [
        _detail(template, parameter, now) for parameter in template.parameters["budgetParameters"]
    ]


def _detail(
    template: PrivacyBudgetTemplate, parameter: dict[str, Any], now: float
) -> dict[str, Any]:
    type_, budget = parameter["type"], parameter["budget"]
    start, end = _period(type_, template.created, now)
    since, spent = template.spent.get(type_, (start, 0))
    lasting = type_ == "LIFETIME"
    refresh = None if lasting else parameter.get("autoRefresh", "ENABLED")
    if refresh == "ENABLED" and since < start:
        spent = 0
    return {
        "startTime": start,
        "endTime": end,
        "budget": budget,
        "remainingBudget": max(0, budget - spent),
        "budgetType": type_,
        "autoRefresh": refresh,
    }


def _period(type_: str, created: float, now: float) -> tuple[float, float | None]:
    """When the period that it is now began and will end, by the calendar of UTC."""
    if type_ == "LIFETIME":
        return created, None
    today = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if type_ == "CALENDAR_DAY":
        start, end = today, today + timedelta(days=1)
    elif type_ == "CALENDAR_WEEK":
        start = today - timedelta(days=today.weekday())
        end = start + timedelta(weeks=1)
    else:
        start = today.replace(day=1)
        end = (start + timedelta(days=32)).replace(day=1)
    return start.timestamp(), end.timestamp()

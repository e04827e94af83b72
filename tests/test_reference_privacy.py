"""Privacy budget templates, privacy budgets and previews of the reference target."""

from __future__ import annotations

from typing import Any

import pytest
from reference_story import Story, any_query
from reference_support import ONE, UNKNOWN_ID, needs, refused, shared_view


@pytest.fixture
def story() -> Story:
    return Story()


def private_budget(epsilon: int = 3, noise: int = 20) -> dict[str, Any]:
    return {"differentialPrivacy": {"epsilon": epsilon, "usersNoisePerQuery": noise}}


def budget(story: Story, **more: Any) -> dict[str, Any]:
    created: dict[str, Any] = story.one.CreatePrivacyBudgetTemplate(
        **{
            **story.in_owner,
            "autoRefresh": "CALENDAR_MONTH",
            "privacyBudgetType": "DIFFERENTIAL_PRIVACY",
            "parameters": private_budget(),
            **more,
        }
    )["privacyBudgetTemplate"]
    return created


def test_a_privacy_budget_template_lives_and_dies_on_both_sides(story: Story) -> None:
    created = budget(story)
    assert created["arn"].endswith(f"privacybudgettemplate/{created['id']}")
    assert created["parameters"] == private_budget()
    own = {**story.in_owner, "privacyBudgetTemplateIdentifier": created["id"]}
    shared = {**story.in_collaboration, "privacyBudgetTemplateIdentifier": created["id"]}
    assert story.one.GetPrivacyBudgetTemplate(**own)["privacyBudgetTemplate"] == created
    seen = story.two.GetCollaborationPrivacyBudgetTemplate(**shared)
    expected = shared_view(created) | {"creatorAccountId": ONE}
    assert seen["collaborationPrivacyBudgetTemplate"] == expected
    for account, operation, scope in (
        (story.one, "ListPrivacyBudgetTemplates", story.in_owner),
        (story.two, "ListCollaborationPrivacyBudgetTemplates", story.in_collaboration),
    ):
        (row,) = account.all(operation, **scope)
        assert row.keys().isdisjoint({"autoRefresh", "parameters"})
    again = refused(budget, story=story)
    assert (again.status, again.document["reason"]) == (409, "ALREADY_EXISTS")
    changed = story.one.UpdatePrivacyBudgetTemplate(
        **own,
        privacyBudgetType="DIFFERENTIAL_PRIVACY",
        parameters={"differentialPrivacy": {"epsilon": 2}},
    )["privacyBudgetTemplate"]
    assert changed["parameters"] == private_budget(2)
    wrong = refused(story.one.UpdatePrivacyBudgetTemplate, **own, privacyBudgetType="ACCESS_BUDGET")
    assert wrong.status == 400
    story.one.DeletePrivacyBudgetTemplate(**own)
    assert refused(story.one.GetPrivacyBudgetTemplate, **own).status == 404
    budget(story)


def rows_of_budgets(story: Story, type_: str, **more: Any) -> list[Any]:
    own = story.one.all("ListPrivacyBudgets", **story.in_owner, privacyBudgetType=type_, **more)
    shared = story.two.all(
        "ListCollaborationPrivacyBudgets",
        **story.in_collaboration,
        privacyBudgetType=type_,
        **more,
    )
    assert shared == [shared_view(row) | {"creatorAccountId": ONE} for row in own]
    return own


@needs("PrivacyBudget.accessBudget")
def test_a_budget_is_spent_by_queries_and_cannot_be_lowered_after(story: Story) -> None:
    created = budget(story)
    story.ready(any_query(differentialPrivacy={"columns": [{"name": "id"}]}))
    (row,) = rows_of_budgets(story, "DIFFERENTIAL_PRIVACY")
    assert row["privacyBudgetTemplateId"] == created["id"]
    assert row["budget"]["differentialPrivacy"]["epsilon"] == 3
    assert rows_of_budgets(story, "ACCESS_BUDGET") == []
    story.query("select count(id), sum(total) from orders")
    (row,) = rows_of_budgets(story, "DIFFERENTIAL_PRIVACY")
    left = {
        each["type"]: each["maxCount"] - each["remainingCount"]
        for each in row["budget"]["differentialPrivacy"]["aggregations"]
    }
    assert left == {"AVG": 0, "COUNT": 1, "COUNT_DISTINCT": 0, "SUM": 1, "STDDEV": 0}
    change = {
        **story.in_owner,
        "privacyBudgetTemplateIdentifier": created["id"],
        "privacyBudgetType": "DIFFERENTIAL_PRIVACY",
    }
    less = refused(
        story.one.UpdatePrivacyBudgetTemplate, **change, parameters=private_budget(epsilon=1)
    )
    assert less.status == 409
    story.one.UpdatePrivacyBudgetTemplate(**change, parameters=private_budget(3, 10))


def test_an_exhausted_budget_refuses_queries(story: Story) -> None:
    budget(story, parameters=private_budget(1, 10))
    story.ready(any_query(differentialPrivacy={"columns": [{"name": "id"}]}))
    for _ in range(20):
        story.query("select count(id) from orders")
    refusal = refused(story.query, text="select count(id) from orders")
    assert (refusal.status, refusal.document["reason"]) == (400, "INVALID_QUERY")


def test_more_epsilon_and_more_noise_never_buy_less(story: Story) -> None:
    def most(epsilon: int, noise: int) -> int:
        answer = story.two.PreviewPrivacyImpact(
            **story.in_runner, parameters=private_budget(epsilon, noise)
        )
        counts = {
            each["maxCount"]
            for each in answer["privacyImpact"]["differentialPrivacy"]["aggregations"]
        }
        (count,) = counts
        return int(count)

    assert most(1, 10) <= most(2, 10) <= most(2, 50) <= most(20, 100)
    for parameters in (private_budget(0), private_budget(21), private_budget(1, 9)):
        refusal = refused(story.two.PreviewPrivacyImpact, **story.in_runner, parameters=parameters)
        assert refusal.status == 400


def access_budget(story: Story, arn: str, *budgets: dict[str, Any]) -> dict[str, Any]:
    parameters = {"accessBudget": {"resourceArn": arn, "budgetParameters": list(budgets)}}
    return budget(story, privacyBudgetType="ACCESS_BUDGET", parameters=parameters)


@needs("PrivacyBudget.accessBudget")
def test_an_access_budget_counts_uses_and_is_renewed_by_the_calendar(story: Story) -> None:
    story.ready()
    (association,) = story.one.all("ListConfiguredTableAssociations", **story.in_owner)
    daily = {"type": "CALENDAR_DAY", "budget": 1, "autoRefresh": "ENABLED"}
    access_budget(story, association["arn"], daily, {"type": "LIFETIME", "budget": 5})
    story.query()
    (row,) = rows_of_budgets(story, "ACCESS_BUDGET", accessBudgetResourceArn=association["arn"])
    found = row["budget"]["accessBudget"]
    assert [d["remainingBudget"] for d in found["details"]] == [0, 4]
    assert found["aggregateRemainingBudget"] == 0
    assert found["details"][0]["endTime"] - found["details"][0]["startTime"] == 24 * 3600
    assert found["details"][1].keys().isdisjoint({"endTime", "autoRefresh"})
    assert refused(story.query).document["reason"] == "INVALID_QUERY"
    story.clock.advance(24 * 3600)
    story.query()
    other = association["arn"][:-36] + UNKNOWN_ID
    assert rows_of_budgets(story, "ACCESS_BUDGET", accessBudgetResourceArn=other) == []


@needs("PrivacyBudget.accessBudget")
def test_an_access_budget_is_for_one_table_of_the_membership(story: Story) -> None:
    story.ready()
    (association,) = story.one.all("ListConfiguredTableAssociations", **story.in_owner)
    daily = {"type": "CALENDAR_DAY", "budget": 1}
    unknown = association["arn"][:-36] + UNKNOWN_ID
    assert refused(lambda: access_budget(story, unknown, daily)).status == 404
    two_periods = [daily, {"type": "CALENDAR_WEEK", "budget": 1}]
    assert refused(lambda: access_budget(story, association["arn"], *two_periods)).status == 400
    access_budget(story, association["arn"], daily)
    assert refused(lambda: access_budget(story, association["arn"], daily)).status == 409
    mismatch = {"parameters": private_budget(), "privacyBudgetType": "ACCESS_BUDGET"}
    assert refused(lambda: budget(story, **mismatch)).status == 400


@needs("PrivacyBudget.accessBudget")
@pytest.mark.parametrize(
    ("type_", "days"), [("CALENDAR_DAY", 1), ("CALENDAR_WEEK", 7), ("CALENDAR_MONTH", 30)]
)
def test_periods_follow_the_calendar(story: Story, type_: str, days: int) -> None:
    association = story.associate(story.table())
    access_budget(story, association["arn"], {"type": type_, "budget": 3})
    (row,) = rows_of_budgets(story, "ACCESS_BUDGET")
    (details,) = row["budget"]["accessBudget"]["details"]
    # The clock stands in November.
    assert details["endTime"] - details["startTime"] == days * 24 * 3600
    assert details["startTime"] <= story.clock() < details["endTime"]

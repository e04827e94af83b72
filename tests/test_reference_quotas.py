"""Quotas of the reference target: one more than allowed is 402, and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from reference_story import Story, custom
from reference_support import (
    ONE,
    STRANGER,
    TWO,
    Account,
    collaborate,
    configure,
    member,
    new_app,
    refused,
)

from conformance.errors import UsageError
from conformance.reference import DOCUMENTED, Quotas

Make = Callable[[Story], Any]

MAKERS: dict[str, Make] = {
    "configured_table_associations": lambda story: story.associate(
        story.table(), f"t{story.app.size()}"
    ),
    "analysis_templates": lambda story: story.template(),
    "id_namespace_associations": lambda story: story.namespace(story.one, story.owner, "source"),
    "configured_audience_model_associations": lambda story: (
        story.one.CreateConfiguredAudienceModelAssociation(
            **story.in_owner,
            configuredAudienceModelArn="arn:aws:cleanrooms-ml:us-east-1:111111111111:"
            "configured-audience-model/m",
            configuredAudienceModelAssociationName="twins",
            manageResourcePolicies=False,
        )
    ),
    "configured_tables": lambda story: story.table(),
    "collaborations": lambda story: collaborate(story.two),
    "ongoing_queries": lambda story: story.query("select 1"),
}


def join_alone(one: Account) -> Any:
    return one.CreateMembership(collaborationIdentifier=collaborate(one), queryLogStatus="ENABLED")


def rule(one: Account) -> Any:
    return one.CreateConfiguredTableAnalysisRule(
        configuredTableIdentifier=configure(one),
        analysisRuleType="CUSTOM",
        analysisRulePolicy=custom(),
    )


@pytest.mark.parametrize("name", MAKERS)
def test_one_more_than_the_quota_is_refused(name: str) -> None:
    story = Story(quotas=Quotas().with_(**{name: 2}))
    for _ in range(2):
        MAKERS[name](story)
    size = story.app.size()
    refusal = refused(lambda: MAKERS[name](story))
    assert (refusal.status, refusal.code) == (402, "ServiceQuotaExceededException")
    assert refusal.document["quotaValue"] == 2
    assert refusal.document["quotaName"] == name.replace("_", " ")
    # The table that an association would have been of is there.
    assert story.app.size() - size == (name == "configured_table_associations")


@pytest.mark.parametrize(
    ("quotas", "make"),
    [
        (
            Quotas(members_per_collaboration=1),
            lambda one: collaborate(one, member(TWO), member(STRANGER)),
        ),
        (Quotas(allowed_columns=1), configure),
        (Quotas(memberships=0), join_alone),
        (Quotas(analysis_rule_bytes=5), rule),
    ],
)
def test_what_is_too_large_is_refused(quotas: Quotas, make: Callable[[Account], Any]) -> None:
    one = Account(new_app(quotas=quotas), ONE)
    assert refused(lambda: make(one)).status == 402


def test_quotas_are_those_of_the_documentation_only_if_asked_for() -> None:
    assert DOCUMENTED.collaborations == 500
    assert Quotas().collaborations == float("inf")
    assert DOCUMENTED.with_(collaborations=7).memberships == 500
    with pytest.raises(UsageError, match="No quota named 'colaborations'"):
        Quotas().with_(colaborations=7)

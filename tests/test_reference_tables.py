"""Configured tables, their analysis rules and tags in the reference target."""

from __future__ import annotations

from typing import Any

import pytest
from reference_support import (
    ONE,
    TABLE,
    TWO,
    UNKNOWN_ID,
    Account,
    collaborate,
    configure,
    join,
    new_app,
    refused,
)

from conformance.reference import ManualClock, ReferenceTarget

LIST = {"v1": {"list": {"joinColumns": ["id"], "listColumns": ["total"]}}}
CUSTOM = {"v1": {"custom": {"allowedAnalyses": []}}}
AGGREGATION = {
    "aggregateColumns": [{"columnNames": ["total"], "function": "SUM"}],
    "joinColumns": ["id"],
    "dimensionColumns": ["day"],
    "scalarFunctions": [],
    "outputConstraints": [{"columnName": "id", "minimum": 2, "type": "COUNT_DISTINCT"}],
}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def app(clock: ManualClock) -> ReferenceTarget:
    return new_app(clock=clock)


@pytest.fixture
def one(app: ReferenceTarget) -> Account:
    return Account(app, ONE)


@pytest.fixture
def two(app: ReferenceTarget) -> Account:
    return Account(app, TWO)


def test_a_configured_table_lives_and_dies(one: Account, clock: ManualClock) -> None:
    created = one.CreateConfiguredTable(**TABLE)["configuredTable"]
    known = created["id"]
    assert one.GetConfiguredTable(configuredTableIdentifier=known)["configuredTable"] == created
    assert created | TABLE == created
    assert created["analysisRuleTypes"] == []
    assert "description" not in created
    assert created["arn"] == f"arn:aws:cleanrooms:us-east-1:{ONE}:configuredtable/{known}"
    (row,) = one.all("ListConfiguredTables")
    assert row == {
        k: v for k, v in created.items() if k not in ("tableReference", "allowedColumns")
    }
    clock.advance(1)
    changed = one.UpdateConfiguredTable(configuredTableIdentifier=known, description="")
    expected = created | {"description": "", "updateTime": created["updateTime"] + 1}
    assert changed["configuredTable"] == expected
    one.DeleteConfiguredTable(configuredTableIdentifier=known)
    gone = refused(one.GetConfiguredTable, configuredTableIdentifier=known)
    assert (gone.status, gone.document["resourceType"]) == (404, "CONFIGURED_TABLE")
    assert gone.document["resourceId"] == known
    assert one.all("ListConfiguredTables") == []


@pytest.mark.parametrize(
    "reference",
    [
        {"athena": {"workGroup": "w", "databaseName": "d", "tableName": "t"}},
        {
            "snowflake": {
                "secretArn": "arn:aws:secretsmanager:us-east-1:111111111111:secret:s",
                "accountIdentifier": "acct",
                "databaseName": "d",
                "tableName": "t",
                "schemaName": "s",
                "tableSchema": {"v1": [{"columnName": "id", "columnType": "int"}]},
            }
        },
    ],
)
def test_each_kind_of_table_is_echoed_and_takes_custom_rules_only(
    one: Account, reference: dict[str, Any]
) -> None:
    known = configure(one, tableReference=reference)
    found = one.GetConfiguredTable(configuredTableIdentifier=known)["configuredTable"]
    assert found["tableReference"] == reference
    assert refused(rule, account=one, table=known, kind="LIST", policy=LIST).status == 400
    rule(one, known, "CUSTOM", CUSTOM)


def test_tables_belong_to_one_account(one: Account, two: Account) -> None:
    known = configure(one)
    for identifier in (known, UNKNOWN_ID):
        assert refused(two.GetConfiguredTable, configuredTableIdentifier=identifier).status == 404
        assert (
            refused(two.DeleteConfiguredTable, configuredTableIdentifier=identifier).status == 404
        )
    assert two.all("ListConfiguredTables") == []


def test_selected_analysis_methods_name_at_least_two(one: Account) -> None:
    for methods in ([], ["DIRECT_QUERY"], ["DIRECT_QUERY", "DIRECT_QUERY"]):
        assert refused(configure, account=one, selectedAnalysisMethods=methods).status == 400
    both = ["DIRECT_QUERY", "DIRECT_JOB"]
    known = configure(one, analysisMethod="MULTIPLE", selectedAnalysisMethods=both)
    found = one.GetConfiguredTable(configuredTableIdentifier=known)["configuredTable"]
    assert found["selectedAnalysisMethods"] == both


def rule(account: Account, table: str, kind: str, policy: dict[str, Any]) -> dict[str, Any]:
    answer = account.CreateConfiguredTableAnalysisRule(
        configuredTableIdentifier=table, analysisRuleType=kind, analysisRulePolicy=policy
    )
    created: dict[str, Any] = answer["analysisRule"]
    return created


def test_a_table_has_one_analysis_rule_which_shows_in_its_types(
    one: Account, clock: ManualClock
) -> None:
    known = configure(one)
    key = {"configuredTableIdentifier": known, "analysisRuleType": "LIST"}
    created = rule(one, known, "LIST", LIST)
    assert one.GetConfiguredTableAnalysisRule(**key)["analysisRule"] == created
    assert created == {
        "configuredTableId": known,
        "configuredTableArn": f"arn:aws:cleanrooms:us-east-1:{ONE}:configuredtable/{known}",
        "policy": LIST,
        "type": "LIST",
        "createTime": created["createTime"],
        "updateTime": created["createTime"],
    }
    assert one.all("ListConfiguredTables")[0]["analysisRuleTypes"] == ["LIST"]
    for kind, policy in (("LIST", LIST), ("CUSTOM", CUSTOM)):
        refusal = refused(rule, account=one, table=known, kind=kind, policy=policy)
        assert (refusal.status, refusal.document["reason"]) == (409, "ALREADY_EXISTS")
    clock.advance(3)
    other = {"v1": {"list": {"joinColumns": ["id"], "listColumns": ["day"]}}}
    changed = one.UpdateConfiguredTableAnalysisRule(**key, analysisRulePolicy=other)
    assert changed["analysisRule"]["policy"] == other
    assert changed["analysisRule"]["updateTime"] == created["createTime"] + 3
    assert (
        refused(one.GetConfiguredTableAnalysisRule, **key | {"analysisRuleType": "CUSTOM"}).status
        == 404
    )
    one.DeleteConfiguredTableAnalysisRule(**key)
    assert refused(one.GetConfiguredTableAnalysisRule, **key).status == 404
    found = one.GetConfiguredTable(configuredTableIdentifier=known)["configuredTable"]
    assert found["analysisRuleTypes"] == []
    assert found["updateTime"] == found["createTime"]


@pytest.mark.parametrize(
    ("kind", "policy"),
    [
        ("CUSTOM", LIST),
        ("LIST", {"v1": {"list": {"joinColumns": ["id"], "listColumns": ["id"]}}}),
        (
            "LIST",
            {
                "v1": {
                    "list": {
                        "joinColumns": ["id", "day"],
                        "listColumns": ["total"],
                        "allowedJoinOperators": [],
                    }
                }
            },
        ),
        ("AGGREGATION", {"v1": {"aggregation": {**AGGREGATION, "dimensionColumns": ["id"]}}}),
        ("AGGREGATION", {"v1": {"aggregation": {**AGGREGATION, "dimensionColumns": ["total"]}}}),
        ("CUSTOM", {"v1": {"custom": {"allowedAnalyses": ["ANY_QUERY"]}}}),
        (
            "CUSTOM",
            {
                "v1": {
                    "custom": {
                        "allowedAnalyses": [
                            "arn:aws:cleanrooms:us-east-1:111111111111:membership/m/analysistemplate/a"
                        ],
                        "allowedAnalysisProviders": [TWO],
                    }
                }
            },
        ),
    ],
)
def test_a_policy_that_contradicts_itself_or_its_type_is_refused(
    one: Account, kind: str, policy: dict[str, Any]
) -> None:
    refusal = refused(rule, account=one, table=configure(one), kind=kind, policy=policy)
    assert (refusal.status, refusal.code) == (400, "ValidationException")


def test_an_aggregation_rule_is_echoed(one: Account) -> None:
    policy = {"v1": {"aggregation": AGGREGATION}}
    assert rule(one, configure(one), "AGGREGATION", policy)["policy"] == policy


def test_tags_given_at_creation_are_listed_merged_and_taken_away(one: Account) -> None:
    known = collaborate(one, tags={"a": "1", "b": ""})
    arn = one.GetCollaboration(collaborationIdentifier=known)["collaboration"]["arn"]
    assert one.ListTagsForResource(resourceArn=arn) == {"tags": {"a": "1", "b": ""}}
    assert one.TagResource(resourceArn=arn, tags={"b": "2", "c d/e": "ü"}) == {}
    assert one.ListTagsForResource(resourceArn=arn)["tags"] == {"a": "1", "b": "2", "c d/e": "ü"}
    one.UntagResource(resourceArn=arn, tagKeys=["a", "c d/e", "never there"])
    assert one.ListTagsForResource(resourceArn=arn)["tags"] == {"b": "2"}


def test_every_kind_of_resource_keeps_its_own_tags(one: Account) -> None:
    known = collaborate(one, tags={"kind": "collaboration"})
    join(one, known, tags={"kind": "membership"})
    configure(one, tags={"kind": "table"})
    arns = [
        one.GetCollaboration(collaborationIdentifier=known)["collaboration"]["arn"],
        one.all("ListMemberships")[0]["arn"],
        one.all("ListConfiguredTables")[0]["arn"],
    ]
    kinds = [one.ListTagsForResource(resourceArn=arn)["tags"]["kind"] for arn in arns]
    assert kinds == ["collaboration", "membership", "table"]


def test_tags_of_an_unknown_or_foreign_resource_cannot_be_read(one: Account, two: Account) -> None:
    configure(one)
    arn = one.all("ListConfiguredTables")[0]["arn"]
    assert refused(two.ListTagsForResource, resourceArn=arn).status == 403
    unknown = arn[:-36] + UNKNOWN_ID
    refusal = refused(one.ListTagsForResource, resourceArn=unknown)
    assert (refusal.status, refusal.document["resourceType"]) == (404, "CONFIGURED_TABLE")
    assert refused(one.ListTagsForResource, resourceArn="arn:nonsense").status == 400
    assert refused(one.UntagResource, resourceArn=arn).status == 400

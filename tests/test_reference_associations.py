"""Associations, their rules, schemas and schema analysis rules of the reference target."""

from __future__ import annotations

from typing import Any

import pytest
from reference_story import ROLE, Story, any_query, custom
from reference_support import ONE, TWO, UNKNOWN_ID, Account, needs, refused

LIST = {"v1": {"list": {"joinColumns": ["id"], "listColumns": ["total"]}}}
NOBODY = "888888888888"
ANY_MODEL = "arn:aws:cleanrooms:us-east-1:*:membership/*/configuredaudiencemodelassociation/*"


@pytest.fixture
def story() -> Story:
    return Story()


def test_an_association_lives_and_dies_and_its_schema_with_it(story: Story) -> None:
    table = story.table(LIST)
    created = story.associate(table, "MyTable", description="all orders")
    key = {**story.in_owner, "configuredTableAssociationIdentifier": created["id"]}
    assert created["name"] == "mytable"
    assert created["configuredTableId"] == table
    assert created["roleArn"] == ROLE
    assert created["arn"].endswith(
        f":membership/{story.owner}/configuredtableassociation/{created['id']}"
    )
    found = story.one.GetConfiguredTableAssociation(**key)["configuredTableAssociation"]
    assert found == created
    (row,) = story.one.all("ListConfiguredTableAssociations", **story.in_owner)
    assert row.keys() == created.keys() - {"roleArn", "description", "configuredTableArn"}
    story.clock.advance(1)
    changed = story.one.UpdateConfiguredTableAssociation(**key, description="")
    expected = created | {"description": "", "updateTime": created["updateTime"] + 1}
    assert changed["configuredTableAssociation"] == expected
    assert story.schema("mytable")["description"] == ""
    story.one.DeleteConfiguredTableAssociation(**key)
    gone = refused(story.one.GetConfiguredTableAssociation, **key)
    assert (gone.status, gone.document["resourceType"]) == (404, "CONFIGURED_TABLE_ASSOCIATION")
    assert refused(story.schema, name="mytable").status == 404
    assert story.three.all("ListSchemas", **story.in_collaboration) == []


def test_an_association_needs_a_table_and_a_membership_of_the_callers(story: Story) -> None:
    stated = {"name": "x", "roleArn": ROLE, "configuredTableIdentifier": story.table()}
    create = story.two.CreateConfiguredTableAssociation
    foreign = refused(create, **stated, **story.in_owner)
    assert foreign.status == 403
    not_mine = refused(create, **stated, **story.in_runner)
    assert (not_mine.status, not_mine.document["resourceType"]) == (404, "CONFIGURED_TABLE")
    unknown = refused(create, **stated, membershipIdentifier=UNKNOWN_ID)
    assert (unknown.status, unknown.document["resourceType"]) == (404, "MEMBERSHIP")


def test_a_name_is_taken_once_whatever_its_case_and_whoever_asks(story: Story) -> None:
    first = story.associate(story.table(), "orders")
    refusal = refused(story.associate, table=story.table(), name="ORDERS")
    assert (refusal.status, refusal.document["reason"]) == (409, "ALREADY_EXISTS")
    assert refusal.document["resourceId"] == first["id"]
    story.one.DeleteConfiguredTableAssociation(
        **story.in_owner, configuredTableAssociationIdentifier=first["id"]
    )
    story.associate(story.table(), "Orders")


def test_an_association_has_one_rule_of_its_own(story: Story) -> None:
    association = story.associate(story.table(any_query()))["id"]
    key = {
        **story.in_owner,
        "configuredTableAssociationIdentifier": association,
        "analysisRuleType": "CUSTOM",
    }
    policy = {"v1": {"custom": {"allowedResultReceivers": [TWO]}}}
    created = story.one.CreateConfiguredTableAssociationAnalysisRule(
        **key, analysisRulePolicy=policy
    )["analysisRule"]
    assert created["membershipIdentifier"] == story.owner
    assert created["configuredTableAssociationId"] == association
    assert created["policy"] == policy
    found = story.one.GetConfiguredTableAssociationAnalysisRule(**key)["analysisRule"]
    assert found == created
    (row,) = story.one.all("ListConfiguredTableAssociations", **story.in_owner)
    assert row["analysisRuleTypes"] == ["CUSTOM"]
    again = refused(
        story.one.CreateConfiguredTableAssociationAnalysisRule, **key, analysisRulePolicy=policy
    )
    assert (again.status, again.document["resourceType"]) == (409, "CONFIGURED_TABLE_ASSOCIATION")
    other = {"v1": {"custom": {"allowedResultReceivers": [ONE]}}}
    changed = story.one.UpdateConfiguredTableAssociationAnalysisRule(
        **key, analysisRulePolicy=other
    )["analysisRule"]
    assert changed["policy"] == other
    story.one.DeleteConfiguredTableAssociationAnalysisRule(**key)
    assert refused(story.one.GetConfiguredTableAssociationAnalysisRule, **key).status == 404


def test_the_rule_of_an_association_has_the_policy_of_its_type(story: Story) -> None:
    association = story.associate(story.table())["id"]
    refusal = refused(
        story.one.CreateConfiguredTableAssociationAnalysisRule,
        **story.in_owner,
        configuredTableAssociationIdentifier=association,
        analysisRuleType="LIST",
        analysisRulePolicy={"v1": {"custom": {}}},
    )
    assert refusal.status == 400


@needs("Schema.resourceArn")
def test_every_member_sees_the_same_schema(story: Story) -> None:
    reference = {
        "secretArn": "arn:aws:secretsmanager:us-east-1:111111111111:secret:s",
        "accountIdentifier": "acct",
        "databaseName": "d",
        "tableName": "t",
        "schemaName": "s",
        "tableSchema": {"v1": [{"columnName": "id", "columnType": "bigint"}]},
    }
    association = story.ready(tableReference={"snowflake": reference})
    seen = [story.schema("orders", each) for each in (story.one, story.two, story.three)]
    assert seen[0] == seen[1] == seen[2] == story.schema("ORDERS")
    assert seen[0] | {"createTime": 0, "updateTime": 0} == {
        "name": "orders",
        "type": "TABLE",
        "creatorAccountId": ONE,
        "collaborationId": story.collaboration,
        "collaborationArn": f"arn:aws:cleanrooms:us-east-1:{ONE}:collaboration/"
        + story.collaboration,
        "columns": [{"name": "id", "type": "bigint"}, {"name": "total", "type": "string"}],
        "partitionKeys": [],
        "analysisRuleTypes": ["CUSTOM"],
        "analysisMethod": "DIRECT_QUERY",
        "description": "",
        "createTime": 0,
        "updateTime": 0,
        "schemaStatusDetails": [
            {
                "status": "READY",
                "analysisType": "DIRECT_ANALYSIS",
                "analysisRuleType": "CUSTOM",
            }
        ],
        "resourceArn": f"arn:aws:cleanrooms:us-east-1:{ONE}:membership/{story.owner}"
        f"/configuredtableassociation/{association}",
        "schemaTypeProperties": {
            "configuredTableAssociation": {"configuredTableAssociationId": association}
        },
    }


def test_a_schema_says_what_is_missing_until_it_is_ready(story: Story) -> None:
    table = story.table()
    association = story.associate(table)["id"]
    assert story.reasons("orders") == ["ANALYSIS_RULE_MISSING"]
    key = {"configuredTableIdentifier": table, "analysisRuleType": "CUSTOM"}
    story.one.CreateConfiguredTableAnalysisRule(**key, analysisRulePolicy=custom())
    assert story.reasons("orders") == [
        "ANALYSIS_TEMPLATES_NOT_CONFIGURED",
        "COLLABORATION_ANALYSIS_RULE_NOT_CONFIGURED",
    ]
    private = any_query(differentialPrivacy={"columns": [{"name": "id"}]})
    story.one.UpdateConfiguredTableAnalysisRule(**key, analysisRulePolicy=private)
    story.allow(association)
    assert story.reasons("orders") == [
        "DIFFERENTIAL_PRIVACY_POLICY_NOT_CONFIGURED",
        "RESULT_RECEIVERS_NOT_CONFIGURED",
    ]
    story.one.CreatePrivacyBudgetTemplate(
        **story.in_owner,
        autoRefresh="NONE",
        privacyBudgetType="DIFFERENTIAL_PRIVACY",
        parameters={"differentialPrivacy": {"epsilon": 3, "usersNoisePerQuery": 20}},
    )
    rule = {**story.in_owner, "configuredTableAssociationIdentifier": association}
    story.one.UpdateConfiguredTableAssociationAnalysisRule(
        **rule,
        analysisRuleType="CUSTOM",
        analysisRulePolicy={"v1": {"custom": {"allowedResultReceivers": [TWO]}}},
    )
    assert story.reasons("orders") == []
    (details,) = story.schema("orders")["schemaStatusDetails"]
    assert details["configurations"] == ["DIFFERENTIAL_PRIVACY"]


def test_additional_analyses_have_a_status_of_their_own(story: Story) -> None:
    association = story.associate(story.table(any_query(additionalAnalyses="REQUIRED")))["id"]
    assert story.reasons("orders", 1) == ["COLLABORATION_ANALYSIS_RULE_NOT_CONFIGURED"]
    story.allow(association)
    assert story.reasons("orders", 0) == ["RESULT_RECEIVERS_NOT_ALLOWED"]
    assert story.reasons("orders", 1) == ["ADDITIONAL_ANALYSES_NOT_CONFIGURED"]
    story.one.UpdateConfiguredTableAssociationAnalysisRule(
        **story.in_owner,
        configuredTableAssociationIdentifier=association,
        analysisRuleType="CUSTOM",
        analysisRulePolicy={"v1": {"custom": {"allowedAdditionalAnalyses": [ANY_MODEL]}}},
    )
    assert story.reasons("orders", 1) == []


def test_rules_of_two_types_do_not_go_together(story: Story) -> None:
    association = story.associate(story.table(LIST))["id"]
    story.allow(association, "CUSTOM")
    assert story.reasons("orders") == ["ANALYSIS_RULE_TYPES_NOT_COMPATIBLE"]


def test_a_deleted_table_leaves_an_association_that_cannot_be_queried(story: Story) -> None:
    story.ready()
    (row,) = story.one.all("ListConfiguredTables")
    story.one.DeleteConfiguredTable(configuredTableIdentifier=row["id"])
    assert len(story.one.all("ListConfiguredTableAssociations", **story.in_owner)) == 1
    assert story.reasons("orders") == ["ANALYSIS_RULE_MISSING"]


def test_the_schema_rule_shows_both_rules_and_one_made_of_them(story: Story) -> None:
    association = story.associate(story.table(LIST))["id"]
    key = {**story.in_collaboration, "name": "orders", "type": "LIST"}
    rule = story.three.GetSchemaAnalysisRule(**key)["analysisRule"]
    assert rule["policy"] == LIST
    assert rule.keys().isdisjoint({"collaborationPolicy", "consolidatedPolicy"})
    story.allow(association, "LIST", allowedResultReceivers=[TWO])
    rule = story.three.GetSchemaAnalysisRule(**key)["analysisRule"]
    added = {"allowedResultReceivers": [TWO]}
    assert rule["collaborationPolicy"] == {"v1": {"list": added}}
    assert rule["consolidatedPolicy"] == {"v1": {"list": LIST["v1"]["list"] | added}}
    assert refused(story.three.GetSchemaAnalysisRule, **key | {"type": "CUSTOM"}).status == 404
    assert refused(story.three.GetSchemaAnalysisRule, **key | {"name": "other"}).status == 404


def test_batch_reads_answer_what_there_is_and_an_error_for_each_miss(story: Story) -> None:
    story.ready()
    answer = story.two.BatchGetSchema(**story.in_collaboration, names=["none", "orders", "none"])
    assert answer["schemas"] == [story.schema("orders")]
    (error,) = answer["errors"]
    assert (error["name"], error["code"]) == ("none", "ResourceNotFoundException")
    wanted = [{"name": "orders", "type": type_} for type_ in ("CUSTOM", "LIST")]
    answer = story.two.BatchGetSchemaAnalysisRule(
        **story.in_collaboration, schemaAnalysisRuleRequests=wanted
    )
    assert [rule["type"] for rule in answer["analysisRules"]] == ["CUSTOM"]
    assert [(each["name"], each["type"]) for each in answer["errors"]] == [("orders", "LIST")]
    for names in ([], ["x"] * 26):
        refusal = refused(story.two.BatchGetSchema, **story.in_collaboration, names=names)
        assert refusal.status == 400


def test_schemas_are_for_those_who_have_joined(story: Story) -> None:
    story.ready()
    stranger = Account(story.app, NOBODY)
    for operation in ("ListSchemas", "BatchGetSchema"):
        more = {"names": ["orders"]} if operation == "BatchGetSchema" else {}
        call = getattr(stranger, operation)
        assert refused(call, **story.in_collaboration, **more).status == 403
    story.one.DeleteMember(**story.in_collaboration, accountId=TWO)
    assert refused(story.two.ListSchemas, **story.in_collaboration).status == 403


def test_a_removed_member_takes_its_schemas_along(story: Story) -> None:
    theirs = story.two.CreateConfiguredTable(
        name="t",
        tableReference={"glue": {"tableName": "t", "databaseName": "d"}},
        allowedColumns=["id"],
        analysisMethod="DIRECT_QUERY",
    )["configuredTable"]["id"]
    story.two.CreateConfiguredTableAssociation(
        **story.in_runner, name="theirs", configuredTableIdentifier=theirs, roleArn=ROLE
    )
    story.ready()
    assert names(story) == ["theirs", "orders"]
    story.one.DeleteMember(**story.in_collaboration, accountId=TWO)
    assert names(story) == ["orders"]
    story.associate(story.table(), "theirs")


def names(story: Story) -> list[Any]:
    return [row["name"] for row in story.three.all("ListSchemas", **story.in_collaboration)]


def test_schemas_are_listed_by_type(story: Story) -> None:
    story.ready()
    for type_, expected in (("TABLE", 1), ("ID_MAPPING_TABLE", 0)):
        rows = story.two.all("ListSchemas", **story.in_collaboration, schemaType=type_)
        assert len(rows) == expected


def test_a_membership_cannot_be_deleted_while_something_stands_under_it(story: Story) -> None:
    template = story.template()
    refusal = refused(story.two.DeleteMembership, **story.in_runner)
    assert (refusal.status, refusal.document["reason"]) == (409, "SUBRESOURCES_EXIST")
    story.two.DeleteAnalysisTemplate(**story.in_runner, analysisTemplateIdentifier=template["id"])
    story.two.DeleteMembership(**story.in_runner)


def test_nothing_is_added_to_a_deleted_collaboration_but_all_can_be_read_and_deleted(
    story: Story,
) -> None:
    table = story.table()
    association = story.associate(table)
    story.one.DeleteCollaboration(**story.in_collaboration)
    assert refused(story.associate, table=table, name="more").status == 403
    key = {**story.in_owner, "configuredTableAssociationIdentifier": association["id"]}
    story.one.GetConfiguredTableAssociation(**key)
    assert refused(story.one.UpdateConfiguredTableAssociation, **key, description="x").status == 403
    assert refused(story.one.DeleteMembership, **story.in_owner).status == 409
    story.one.DeleteConfiguredTableAssociation(**key)
    story.one.DeleteMembership(**story.in_owner)


def test_tables_under_differential_privacy_identify_users_by_one_column(story: Story) -> None:
    def private(column: str) -> dict[str, Any]:
        return any_query(differentialPrivacy={"columns": [{"name": column}]})

    story.associate(story.table(private("id")), "first")
    other = story.table(private("total"))
    assert refused(story.associate, table=other, name="second").status == 400
    key = {"configuredTableIdentifier": other, "analysisRuleType": "CUSTOM"}
    story.one.UpdateConfiguredTableAnalysisRule(**key, analysisRulePolicy=private("id"))
    story.associate(other, "second")
    change = refused(
        story.one.UpdateConfiguredTableAnalysisRule, **key, analysisRulePolicy=private("total")
    )
    assert change.status == 400

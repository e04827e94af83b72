"""A tour through every operation that a contract has, whichever client it is made with."""

from __future__ import annotations

from typing import Any

from reference_story import LONG, TO_S3, Story, any_query, custom
from reference_support import THREE, TWO, collaboration_input

MODEL = "arn:aws:cleanrooms-ml:us-east-1:111111111111:configured-audience-model/m"
PRIVATE = {"differentialPrivacy": {"epsilon": 3, "usersNoisePerQuery": 20}}


def tour(story: Story) -> None:
    """Calls every operation at least once, with success."""
    tables(story)
    association = relations(story)
    models_and_budgets(story)
    query = analyses(story)
    if "CreateCollaborationChangeRequest" in story.operations:
        change_requests(story)
    if "CreateIntermediateTable" in story.operations:
        intermediate_tables(story)
        exports(story, query)
    story.one.DeleteConfiguredTableAssociation(
        **story.in_owner, configuredTableAssociationIdentifier=association
    )
    endings(story)


def tables(story: Story) -> None:
    one = story.one
    key = {"configuredTableIdentifier": story.table(custom())}
    rule = {**key, "analysisRuleType": "CUSTOM"}
    one.GetConfiguredTable(**key)
    one.UpdateConfiguredTable(**key, description="changed")
    one.UpdateConfiguredTableAnalysisRule(**rule, analysisRulePolicy=any_query())
    one.GetConfiguredTableAnalysisRule(**rule)
    arn = one.all("ListConfiguredTables")[0]["arn"]
    one.TagResource(resourceArn=arn, tags={"a": "b"})
    one.UntagResource(resourceArn=arn, tagKeys=["a", "b"])
    assert one.ListTagsForResource(resourceArn=arn)["tags"] == {}
    one.DeleteConfiguredTableAnalysisRule(**rule)
    one.DeleteConfiguredTable(**key)


def relations(story: Story) -> str:
    one, two = story.one, story.two
    association = story.ready()
    key = {**story.in_owner, "configuredTableAssociationIdentifier": association}
    rule = {**key, "analysisRuleType": "CUSTOM"}
    receivers = {"v1": {"custom": {"allowedResultReceivers": [TWO, THREE]}}}
    one.GetConfiguredTableAssociation(**key)
    one.UpdateConfiguredTableAssociation(**key, description="changed")
    assert len(one.all("ListConfiguredTableAssociations", **story.in_owner)) == 1
    one.GetConfiguredTableAssociationAnalysisRule(**rule)
    one.UpdateConfiguredTableAssociationAnalysisRule(**rule, analysisRulePolicy=receivers)
    spare = story.associate(story.table(custom()), "spare")["id"]
    story.allow(spare)
    one.DeleteConfiguredTableAssociationAnalysisRule(
        **rule | {"configuredTableAssociationIdentifier": spare}
    )
    assert len(two.all("ListSchemas", **story.in_collaboration)) == 2
    story.schema("orders")
    two.BatchGetSchema(**story.in_collaboration, names=["orders", "none"])
    two.GetSchemaAnalysisRule(**story.in_collaboration, name="orders", type="CUSTOM")
    two.BatchGetSchemaAnalysisRule(
        **story.in_collaboration, schemaAnalysisRuleRequests=[{"name": "orders", "type": "LIST"}]
    )
    mapping(story)
    return association


def mapping(story: Story) -> None:
    one, two = story.one, story.two
    source = story.namespace(one, story.owner, "source")
    story.namespace(two, story.runner, "target")
    own = {**story.in_owner, "idNamespaceAssociationIdentifier": source["id"]}
    shared = {**story.in_collaboration, "idNamespaceAssociationIdentifier": source["id"]}
    one.GetIdNamespaceAssociation(**own)
    one.UpdateIdNamespaceAssociation(**own, description="changed")
    two.GetCollaborationIdNamespaceAssociation(**shared)
    assert len(one.all("ListIdNamespaceAssociations", **story.in_owner)) == 1
    assert len(two.all("ListCollaborationIdNamespaceAssociations", **story.in_collaboration)) == 2
    table = {**story.in_owner, "idMappingTableIdentifier": story.mapping_table()["id"]}
    one.GetIdMappingTable(**table)
    one.UpdateIdMappingTable(**table, description="changed")
    one.PopulateIdMappingTable(**table)
    assert len(one.all("ListIdMappingTables", **story.in_owner)) == 1
    one.DeleteIdMappingTable(**table)
    one.DeleteIdNamespaceAssociation(**own)


def models_and_budgets(story: Story) -> None:
    one, two = story.one, story.two
    created = one.CreateConfiguredAudienceModelAssociation(
        **story.in_owner,
        configuredAudienceModelArn=MODEL,
        configuredAudienceModelAssociationName="twins",
        manageResourcePolicies=False,
    )["configuredAudienceModelAssociation"]
    identifier = {"configuredAudienceModelAssociationIdentifier": created["id"]}
    one.GetConfiguredAudienceModelAssociation(**story.in_owner, **identifier)
    one.UpdateConfiguredAudienceModelAssociation(**story.in_owner, **identifier, name="others")
    two.GetCollaborationConfiguredAudienceModelAssociation(**story.in_collaboration, **identifier)
    for account, operation, scope in (
        (one, "ListConfiguredAudienceModelAssociations", story.in_owner),
        (two, "ListCollaborationConfiguredAudienceModelAssociations", story.in_collaboration),
    ):
        assert len(account.all(operation, **scope)) == 1
    one.DeleteConfiguredAudienceModelAssociation(**story.in_owner, **identifier)
    budgets(story)


def budgets(story: Story) -> None:
    one, two = story.one, story.two
    kind = {"privacyBudgetType": "DIFFERENTIAL_PRIVACY"}
    created = one.CreatePrivacyBudgetTemplate(
        **story.in_owner, **kind, autoRefresh="NONE", parameters=PRIVATE
    )["privacyBudgetTemplate"]
    identifier = {"privacyBudgetTemplateIdentifier": created["id"]}
    one.GetPrivacyBudgetTemplate(**story.in_owner, **identifier)
    one.UpdatePrivacyBudgetTemplate(**story.in_owner, **identifier, **kind, parameters=PRIVATE)
    two.GetCollaborationPrivacyBudgetTemplate(**story.in_collaboration, **identifier)
    two.PreviewPrivacyImpact(**story.in_runner, parameters=PRIVATE)
    for account, operation, scope in (
        (one, "ListPrivacyBudgetTemplates", story.in_owner),
        (two, "ListCollaborationPrivacyBudgetTemplates", story.in_collaboration),
        (one, "ListPrivacyBudgets", story.in_owner | kind),
        (two, "ListCollaborationPrivacyBudgets", story.in_collaboration | kind),
    ):
        assert len(account.all(operation, **scope)) == 1
    one.DeletePrivacyBudgetTemplate(**story.in_owner, **identifier)


def analyses(story: Story) -> str:
    one, two = story.one, story.two
    template = story.template()
    key = {**story.in_runner, "analysisTemplateIdentifier": template["id"]}
    arn = {"analysisTemplateArn": template["arn"]}
    two.GetAnalysisTemplate(**key)
    two.UpdateAnalysisTemplate(**key, description="changed")
    one.GetCollaborationAnalysisTemplate(**story.in_collaboration, **arn)
    one.BatchGetCollaborationAnalysisTemplate(
        **story.in_collaboration, analysisTemplateArns=[template["arn"]]
    )
    assert len(two.all("ListAnalysisTemplates", **story.in_runner)) == 1
    assert len(one.all("ListCollaborationAnalysisTemplates", **story.in_collaboration)) == 1
    two.DeleteAnalysisTemplate(**key)
    query, cancelled = story.query()["id"], story.query()["id"]
    two.UpdateProtectedQuery(
        **story.in_runner, protectedQueryIdentifier=cancelled, targetStatus="CANCELLED"
    )
    job = {
        **story.in_runner,
        "protectedJobIdentifier": story.job(story.job_template()["arn"])["id"],
    }
    two.UpdateProtectedJob(**job, targetStatus="CANCELLED")
    story.clock.advance(LONG)
    assert two.GetProtectedJob(**job)["protectedJob"]["status"] == "CANCELLED"
    assert story.query_now(query)["status"] == "SUCCESS"
    statuses = [row["status"] for row in two.all("ListProtectedQueries", **story.in_runner)]
    assert statuses == ["CANCELLED", "SUCCESS"]
    assert len(two.all("ListProtectedJobs", **story.in_runner)) == 1
    return query


def change_requests(story: Story) -> None:
    member = {"accountId": THREE, "memberAbilities": []}
    change = {"specificationType": "MEMBER", "specification": {"member": member}}
    created = story.one.CreateCollaborationChangeRequest(
        **story.in_collaboration, changes=[change]
    )["collaborationChangeRequest"]
    key = {**story.in_collaboration, "changeRequestIdentifier": created["id"]}
    story.two.GetCollaborationChangeRequest(**key)
    story.two.UpdateCollaborationChangeRequest(**key, action="DENY")
    rows = story.two.all("ListCollaborationChangeRequests", **story.in_collaboration)
    assert [row["status"] for row in rows] == ["DENIED"]


def intermediate_tables(story: Story) -> None:
    two = story.two
    key = {**story.in_runner, "intermediateTableIdentifier": story.intermediate()["id"]}
    rule = {**key, "analysisRuleType": "CUSTOM"}
    two.GetIntermediateTable(**key)
    two.UpdateIntermediateTable(**key, description="changed")
    two.PopulateIntermediateTable(**key)
    two.CreateIntermediateTableAnalysisRule(**rule, analysisRulePolicy=custom())
    two.UpdateIntermediateTableAnalysisRule(**rule, analysisRulePolicy=any_query())
    two.GetIntermediateTableAnalysisRule(**rule)
    two.DeleteIntermediateTableAnalysisRule(**rule)
    assert len(two.all("ListIntermediateTables", **story.in_runner)) == 1
    assert len(two.all("ListIntermediateTableVersions", **key)) == 1
    story.one.DisallowIntermediateTable(**story.in_owner, intermediateTableName="mid")
    two.DeleteIntermediateTable(**key)


def exports(story: Story, query: str) -> None:
    started = story.two.StartAnalysisLogExport(
        **story.in_runner,
        analysisId=query,
        analysisType="PROTECTED_QUERY",
        resultConfiguration={"outputConfiguration": {"s3": {"bucket": "logs"}}},
    )["analysisLogExport"]
    story.two.GetAnalysisLogExport(
        **story.in_runner, analysisLogExportIdentifier=started["analysisLogExportId"]
    )
    assert len(story.two.all("ListAnalysisLogExports", **story.in_runner)) == 1


def endings(story: Story) -> None:
    one, three = story.one, story.three
    one.GetCollaboration(**story.in_collaboration)
    one.UpdateCollaboration(**story.in_collaboration, name="renamed")
    three.UpdateMembership(**story.in_receiver, defaultResultConfiguration=TO_S3)
    three.GetMembership(**story.in_receiver)
    assert len(three.all("ListMemberships")) == 1
    three.DeleteMembership(**story.in_receiver)
    one.DeleteMember(**story.in_collaboration, accountId=TWO)
    rows: list[Any] = one.all("ListMembers", **story.in_collaboration)
    assert [row["status"] for row in rows] == ["REMOVED", "LEFT", "ACTIVE"]
    another = one.CreateCollaboration(**collaboration_input())["collaboration"]["id"]
    assert len(one.all("ListCollaborations")) == 2
    for identifier in (another, story.collaboration):
        one.DeleteCollaboration(collaborationIdentifier=identifier)

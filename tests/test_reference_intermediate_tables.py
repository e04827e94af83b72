"""Intermediate tables and log exports of the reference target."""

from __future__ import annotations

from typing import Any

import pytest
from reference_story import LONG, Story, any_query, custom
from reference_support import ONE, THREE, TWO, UNKNOWN_ID, needs, refused


@pytest.fixture
def story() -> Story:
    return Story()


def export(story: Story, analysis: str, **more: Any) -> dict[str, Any]:
    started: dict[str, Any] = story.two.StartAnalysisLogExport(
        **{
            **story.in_runner,
            "analysisId": analysis,
            "analysisType": "PROTECTED_QUERY",
            "resultConfiguration": {"outputConfiguration": {"s3": {"bucket": "logs"}}},
            **more,
        }
    )["analysisLogExport"]
    return started


@needs("StartAnalysisLogExport")
def test_logs_are_exported_once_a_query_has_ended(story: Story) -> None:
    query = story.query("select 1")["id"]
    assert refused(export, story=story, analysis=query).status == 400
    assert refused(export, story=story, analysis=UNKNOWN_ID).status == 404
    story.clock.advance(LONG)
    first, second = export(story, query), export(story, query)
    assert first["status"] == "IN_PROGRESS"
    rows = story.two.all("ListAnalysisLogExports", **story.in_runner, analysisIdentifier=query)
    assert [row["analysisLogExportId"] for row in rows] == [
        second["analysisLogExportId"],
        first["analysisLogExportId"],
    ]
    story.clock.advance(LONG)
    key = {**story.in_runner, "analysisLogExportIdentifier": first["analysisLogExportId"]}
    done = story.two.GetAnalysisLogExport(**key)["analysisLogExport"]
    assert (done["status"], done["updateTime"]) == ("SUCCESS", first["createTime"] + 0.5)
    running = story.two.all("ListAnalysisLogExports", **story.in_runner, status="IN_PROGRESS")
    assert running == []
    assert refused(story.one.GetAnalysisLogExport, **key).status == 403
    denied = refused(
        story.three.StartAnalysisLogExport,
        **story.in_receiver,
        analysisId=query,
        analysisType="PROTECTED_QUERY",
        resultConfiguration={"outputConfiguration": {"s3": {"bucket": "logs"}}},
    )
    assert denied.status == 403


def populate(story: Story, table: str, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = story.two.PopulateIntermediateTable(
        **story.in_runner, intermediateTableIdentifier=table, **more
    )
    return answer


def read(story: Story, table: str) -> dict[str, Any]:
    found: dict[str, Any] = story.two.GetIntermediateTable(
        **story.in_runner, intermediateTableIdentifier=table
    )["intermediateTable"]
    return found


@needs("CreateIntermediateTable")
def test_an_intermediate_table_is_populated_queried_and_deleted(story: Story) -> None:
    association = story.ready(any_query(additionalAnalyses="ALLOWED"))
    created = story.intermediate("select id, total as t from orders", retentionInDays=2)
    table = created["id"]
    assert created["status"] == "CREATED"
    assert created["tableDependencies"] == [
        {
            "id": association,
            "name": "orders",
            "type": "TABLE",
            "parentType": "DIRECT",
            "creatorAccountId": ONE,
        }
    ]
    assert story.reasons("mid") == [
        "INTERMEDIATE_TABLE_NOT_POPULATED",
        "INTERMEDIATE_TABLE_ANALYSIS_RULE_MISSING",
    ]
    answer = populate(story, table)
    assert answer["analysisType"] == "QUERY"
    assert read(story, table)["status"] == "POPULATE_STARTED"
    assert refused(populate, story=story, table=table).status == 409
    query = story.query_now(answer["analysisId"])
    target = query["resultConfiguration"]["outputConfiguration"]["intermediateTable"]
    assert target == {"id": table, "arn": created["arn"], "name": "mid"}
    story.clock.advance(LONG)
    found = read(story, table)
    assert found["status"] == "POPULATE_SUCCESS"
    columns = [{"name": "id", "type": "string"}, {"name": "t", "type": "string"}]
    assert found["schema"] == {"columns": columns}
    version = found["intermediateTableVersion"]
    assert (version["versionId"], version["analysisId"]) == (
        answer["versionId"],
        answer["analysisId"],
    )
    receivers = version["inheritedConstraints"]["allowedResultReceivers"]
    assert (receivers["value"], receivers["sources"][0]["id"]) == ([TWO, THREE], association)
    assert version["inheritedConstraints"]["additionalAnalyses"]["value"] == "ALLOWED"
    changed = story.two.UpdateIntermediateTable(
        **story.in_runner,
        intermediateTableIdentifier=table,
        columns=[{"name": "t", "type": "bigint"}],
    )["intermediateTable"]
    assert changed["schema"]["columns"][1] == {"name": "t", "type": "bigint"}
    assert story.schema("mid")["columns"][1] == {"name": "t", "type": "bigint"}
    story.clock.advance(3 * 24 * 3600)
    assert read(story, table)["status"] == "RETENTION_PERIOD_EXPIRED"
    (row,) = story.two.all(
        "ListIntermediateTableVersions", **story.in_runner, intermediateTableIdentifier=table
    )
    assert row["status"] == "RETENTION_PERIOD_EXPIRED"
    story.two.DeleteIntermediateTable(**story.in_runner, intermediateTableIdentifier=table)
    assert refused(read, story=story, table=table).status == 404
    assert story.two.all("ListIntermediateTables", **story.in_runner) == []


def rule_for(story: Story, table: str) -> dict[str, Any]:
    return {
        **story.in_runner,
        "intermediateTableIdentifier": table,
        "analysisRuleType": "CUSTOM",
    }


@needs("CreateIntermediateTable")
def test_an_intermediate_table_has_a_custom_rule_that_lets_it_be_queried(story: Story) -> None:
    table = story.intermediate("select 1 as one")["id"]
    populate(story, table)
    story.clock.advance(LONG)
    assert refused(story.query, text="select one from mid").status == 400
    key = rule_for(story, table)
    policy = any_query()
    created = story.two.CreateIntermediateTableAnalysisRule(**key, analysisRulePolicy=policy)
    assert created["analysisRule"]["intermediateTableIdentifier"] == table
    again = refused(story.two.CreateIntermediateTableAnalysisRule, **key, analysisRulePolicy=policy)
    assert again.status == 409
    story.query("select one from mid")
    rule = story.three.GetSchemaAnalysisRule(**story.in_collaboration, name="mid", type="CUSTOM")[
        "analysisRule"
    ]
    assert rule["policy"]["v1"]["custom"]["allowedAnalysisProviders"] == [TWO]
    changed = story.two.UpdateIntermediateTableAnalysisRule(**key, analysisRulePolicy=custom())
    assert story.two.GetIntermediateTableAnalysisRule(**key) == changed
    story.two.DeleteIntermediateTableAnalysisRule(**key)
    assert refused(story.two.GetIntermediateTableAnalysisRule, **key).status == 404


@needs("CreateIntermediateTable")
def test_only_the_member_who_can_query_owns_intermediate_tables(story: Story) -> None:
    refusal = refused(
        story.three.CreateIntermediateTable,
        **story.in_receiver,
        name="x",
        populationAnalysisConfiguration={"sqlParameters": {"queryString": "select 1"}},
    )
    assert refusal.status == 403
    both = {"sqlParameters": {}}
    assert refused(story.intermediate, populationAnalysisConfiguration=both).status == 400


@needs("CreateIntermediateTable")
def test_an_intermediate_table_is_populated_by_a_job(story: Story) -> None:
    template = story.job_template()["arn"]
    stored = {"jobParameters": {"analysisTemplateArn": template}}
    table = story.intermediate(populationAnalysisConfiguration=stored)["id"]
    answer = populate(story, table)
    assert answer["analysisType"] == "JOB"
    (row,) = story.two.all("ListProtectedJobs", **story.in_runner)
    assert row["intermediateTableConfiguration"]["id"] == table
    story.clock.advance(LONG)
    assert read(story, table)["status"] == "POPULATE_SUCCESS"
    job = {**story.in_runner, "protectedJobIdentifier": answer["analysisId"]}
    assert story.two.GetProtectedJob(**job)["protectedJob"]["status"] == "SUCCESS"


@needs("CreateIntermediateTable")
def test_a_base_table_that_goes_takes_the_use_of_its_descendants_along(story: Story) -> None:
    association = story.ready()
    first = story.intermediate()["id"]
    second = story.intermediate("select id from mid", name="far")["id"]
    kinds = [(d["name"], d["parentType"]) for d in read(story, second)["tableDependencies"]]
    assert kinds == [("mid", "DIRECT"), ("orders", "INDIRECT")]
    (child,) = read(story, first)["childResources"]
    assert (child["resourceId"], child["resourceStatus"]) == (second, "CREATED")
    key = {**story.in_owner, "configuredTableAssociationIdentifier": association}
    found = story.one.GetConfiguredTableAssociation(**key)["configuredTableAssociation"]
    assert [each["resourceName"] for each in found["childResources"]] == ["mid"]
    story.one.DeleteConfiguredTableAssociation(**key)
    for table in (first, second):
        assert read(story, table)["status"] == "BASE_TABLE_REMOVED"
        assert refused(populate, story=story, table=table).status == 409
    assert "INTERMEDIATE_TABLE_BASE_TABLE_REMOVED" in story.reasons("mid")


@needs("CreateIntermediateTable")
@pytest.mark.parametrize(
    ("include", "far"),
    [({}, "DISALLOWED_BY_DATA_PROVIDER"), ({"includeDescendants": False}, "CREATED")],
)
def test_a_data_provider_disallows_a_table_made_from_its_own(
    story: Story, include: dict[str, bool], far: str
) -> None:
    story.ready()
    first = story.intermediate()["id"]
    second = story.intermediate("select id from mid", name="far")["id"]
    name = {"intermediateTableName": "mid"}
    foreign = refused(story.three.DisallowIntermediateTable, **story.in_receiver, **name)
    assert foreign.status == 403
    unknown = refused(
        story.one.DisallowIntermediateTable, **story.in_owner, intermediateTableName="none"
    )
    assert unknown.status == 404
    assert story.one.DisallowIntermediateTable(**story.in_owner, **name, **include) == {}
    assert read(story, first)["status"] == "DISALLOWED_BY_DATA_PROVIDER"
    assert read(story, second)["status"] == far


@needs("CreateIntermediateTable")
def test_a_population_that_fails_leaves_the_data_of_the_one_before(story: Story) -> None:
    association = story.ready()
    table = story.intermediate("select id from orders, none")["id"]
    populate(story, table)
    story.clock.advance(LONG)
    assert read(story, table)["status"] == "POPULATE_FAILED"
    assert "intermediateTableVersion" not in read(story, table)
    assert association

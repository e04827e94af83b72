"""Protected queries and jobs, log exports and intermediate tables of the reference target."""

from __future__ import annotations

from typing import Any

import pytest
from reference_story import LONG, S3, TO_S3, Story, any_query, custom
from reference_support import ONE, STRANGER, THREE, TWO, UNKNOWN_ID, needs, refused

from conformance.reference import Pace, Quotas

AGGREGATION = {
    "v1": {
        "aggregation": {
            "aggregateColumns": [{"columnNames": ["total"], "function": "SUM"}],
            "joinColumns": ["id"],
            "dimensionColumns": ["day"],
            "scalarFunctions": [],
            "outputConstraints": [{"columnName": "id", "minimum": 2, "type": "COUNT_DISTINCT"}],
        }
    }
}
COLUMNS = {"allowedColumns": ["id", "total", "day"]}


@pytest.fixture
def story() -> Story:
    return Story()


def output(**arm: Any) -> dict[str, Any]:
    return {"outputConfiguration": arm}


def to_member(account: str) -> dict[str, Any]:
    return output(member={"accountId": account})


def distribute(*locations: dict[str, Any]) -> dict[str, Any]:
    return output(distribute={"locations": list(locations)})


@needs("StartProtectedQueryInput.queryComputePayerAccountId")
def test_a_query_goes_from_submitted_to_success_by_the_clock(story: Story) -> None:
    story.ready()
    started = story.query()
    assert started == {
        "id": started["id"],
        "membershipId": story.runner,
        "membershipArn": started["membershipArn"],
        "createTime": story.clock(),
        "status": "SUBMITTED",
        "sqlParameters": {"queryString": "select id from orders"},
        "resultConfiguration": TO_S3,
        "queryComputePayerAccountId": TWO,
    }
    story.clock.advance(0.2)
    assert story.query_now(started["id"])["status"] == "STARTED"
    story.clock.advance(0.8)
    ended = story.query_now(started["id"])
    assert ended["status"] == "SUCCESS"
    assert ended["statistics"]["totalDurationInMillis"] == 1000
    location = f"s3://results/daily/{started['id']}/"
    assert ended["result"] == {"output": {"s3": {"location": location}}}
    story.clock.advance(LONG)
    assert story.query_now(started["id"]) == ended


def test_a_query_of_an_unknown_table_fails_when_it_runs(story: Story) -> None:
    started = story.query("select * from nowhere")
    story.clock.advance(LONG)
    ended = story.query_now(started["id"])
    assert (ended["status"], ended["error"]["code"]) == ("FAILED", "RESOURCE_NOT_FOUND")
    assert "nowhere" in ended["error"]["message"]
    assert "result" not in ended


def test_a_query_is_cancelled_once(story: Story) -> None:
    key = {**story.in_runner, "protectedQueryIdentifier": story.query("select 1")["id"]}

    def cancel() -> Any:
        return story.two.UpdateProtectedQuery(**key, targetStatus="CANCELLED")["protectedQuery"]

    assert cancel()["status"] == "CANCELLING"
    story.clock.advance(0.1)
    assert cancel()["status"] == "CANCELLING"
    story.clock.advance(0.1)
    assert cancel()["status"] == "CANCELLED"
    story.clock.advance(LONG)
    assert story.query_now(key["protectedQueryIdentifier"])["status"] == "CANCELLED"
    wrong = refused(story.two.UpdateProtectedQuery, **key, targetStatus="SUCCESS")
    assert wrong.status == 400


def test_what_has_ended_cannot_be_cancelled(story: Story) -> None:
    key = {**story.in_runner, "protectedQueryIdentifier": story.query("select 1")["id"]}
    story.clock.advance(LONG)
    refusal = refused(story.two.UpdateProtectedQuery, **key, targetStatus="CANCELLED")
    assert (refusal.status, refusal.document["reason"]) == (409, "INVALID_STATE")


def test_a_query_times_out_after_a_day() -> None:
    story = Story(pace=Pace(running=100 * 3600))
    started = story.query("select 1")
    story.clock.advance(25 * 3600)
    ended = story.query_now(started["id"])
    assert ended["status"] == "TIMED_OUT"
    assert ended["statistics"]["totalDurationInMillis"] == 24 * 3_600_000 + 200


@pytest.mark.parametrize(
    ("configuration", "expected"),
    [
        (output(s3={"resultFormat": "CSV", "bucket": "bbb"}), {"s3": {"location": "s3://bbb/ID/"}}),
        (to_member(THREE), {"memberList": [{"accountId": THREE}]}),
        (
            distribute(S3, {"member": {"accountId": THREE}}),
            {
                "distribute": {
                    "s3": {"location": "s3://results/daily/ID/"},
                    "memberList": [{"accountId": THREE}],
                }
            },
        ),
    ],
)
def test_results_go_where_they_were_sent(
    story: Story, configuration: dict[str, Any], expected: dict[str, Any]
) -> None:
    started = story.query("select 1", resultConfiguration=configuration)
    story.clock.advance(LONG)
    found = story.query_now(started["id"])["result"]["output"]
    assert found == eval(repr(expected).replace("ID", started["id"]))


@pytest.mark.parametrize(
    "configuration",
    [
        to_member(ONE),
        to_member(STRANGER),
        distribute(S3, S3),
        distribute({"member": {"accountId": TWO}}),
        distribute({**S3, "member": {"accountId": THREE}}),
        distribute({"member": {"accountId": ONE}}),
        output(intermediateTable={"id": UNKNOWN_ID, "arn": "x", "name": "y"}),
    ],
)
def test_results_cannot_go_to_just_anybody(story: Story, configuration: dict[str, Any]) -> None:
    refusal = refused(story.query, text="select 1", resultConfiguration=configuration)
    assert (refusal.status, refusal.code) == (400, "ValidationException")


def test_the_memberships_default_says_where_results_go(story: Story) -> None:
    start = {**story.in_runner, "type": "SQL", "sqlParameters": {"queryString": "select 1"}}
    assert refused(story.two.StartProtectedQuery, **start).status == 400
    story.two.UpdateMembership(**story.in_runner, defaultResultConfiguration=TO_S3)
    started = story.two.StartProtectedQuery(**start)["protectedQuery"]
    assert started["resultConfiguration"] == output(s3={**S3["s3"], "singleFileOutput": False})


def test_only_the_member_who_can_query_starts_queries(story: Story) -> None:
    start = {
        "type": "SQL",
        "sqlParameters": {"queryString": "select 1"},
        "resultConfiguration": TO_S3,
    }
    assert refused(story.three.StartProtectedQuery, **start, **story.in_receiver).status == 403
    assert refused(story.three.StartProtectedQuery, **start, **story.in_runner).status == 403
    story.one.DeleteCollaboration(**story.in_collaboration)
    assert refused(story.two.StartProtectedQuery, **start, **story.in_runner).status == 403


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"queryString": "select 1", "parameters": {"a": "b"}},
        {
            "queryString": "select 1",
            "analysisTemplateArn": "arn:aws:cleanrooms:us-east-1:222222222222:"
            "membership/x/analysistemplate/y",
        },
    ],
)
def test_a_query_has_either_a_text_or_a_template(story: Story, parameters: dict[str, Any]) -> None:
    assert refused(story.query, sqlParameters=parameters).status == 400


def test_a_query_runs_a_template_with_its_parameters(story: Story) -> None:
    parameters = [
        {"name": "since", "type": "DATE"},
        {"name": "until", "type": "DATE", "defaultValue": "x"},
    ]
    template = story.template(analysisParameters=parameters)["arn"]
    story.ready(custom(template))
    assert refused(story.query).document["reason"] == "INVALID_QUERY"
    asked: dict[str, Any] = {"analysisTemplateArn": template}
    assert refused(story.query, sqlParameters=asked).status == 400
    unknown = {"since": "1", "never": "2"}
    assert refused(story.query, sqlParameters=asked | {"parameters": unknown}).status == 400
    started = story.query(sqlParameters=asked | {"parameters": {"since": "1"}})
    assert started["sqlParameters"] == asked | {"parameters": {"since": "1"}}
    nowhere = template[:-36] + UNKNOWN_ID
    missing = refused(story.query, sqlParameters={"analysisTemplateArn": nowhere})
    assert missing.status == 404
    job = story.job_template()["arn"]
    assert refused(story.query, sqlParameters={"analysisTemplateArn": job}).status == 400


@pytest.mark.parametrize(
    ("policy", "text", "column"),
    [
        (custom("ANY_QUERY", allowedAnalysisProviders=[THREE]), "select id from orders", ""),
        (
            {"v1": {"list": {"joinColumns": ["id"], "listColumns": ["total"]}}},
            "select o.id, total from orders o",
            "id",
        ),
        (
            {"v1": {"list": {"joinColumns": ["id"], "listColumns": ["total"]}}},
            "select * from orders",
            "id, day",
        ),
        (AGGREGATION, "select total, sum(total) from orders group by total", "total"),
        (AGGREGATION, "select day, avg(total) from orders", "AVG of total"),
        (AGGREGATION, "select day, sum(distinct total) from orders", "SUM_DISTINCT of total"),
    ],
)
def test_a_query_that_a_rule_forbids_is_refused_and_the_columns_are_named(
    story: Story, policy: dict[str, Any], text: str, column: str
) -> None:
    story.ready(policy, **COLUMNS)
    refusal = refused(story.query, text=text)
    assert (refusal.status, refusal.document["reason"]) == (400, "INVALID_QUERY")
    assert column in refusal.document["message"]
    assert story.two.all("ListProtectedQueries", **story.in_runner) == []


@pytest.mark.parametrize(
    ("policy", "text"),
    [
        (
            {"v1": {"list": {"joinColumns": ["id"], "listColumns": ["total"]}}},
            "select distinct total t from orders where id > 3",
        ),
        (AGGREGATION, "with x as (select 1) select day, sum(total) as s from orders, x group by 1"),
        (any_query(), "select * from (select id from orders) q"),
    ],
)
def test_a_query_that_the_rules_allow_is_started(
    story: Story, policy: dict[str, Any], text: str
) -> None:
    story.ready(policy, **COLUMNS)
    started = story.query(text)
    story.clock.advance(LONG)
    assert story.query_now(started["id"])["status"] == "SUCCESS"


def test_a_table_that_is_not_ready_cannot_be_queried(story: Story) -> None:
    story.associate(story.table())
    assert "ANALYSIS_RULE_MISSING" in refused(story.query).document["message"]


@needs("StartProtectedQueryInput.queryComputePayerAccountId")
def test_a_payer_that_has_left_or_not_joined_blocks_queries() -> None:
    story = Story()
    story.query("select 1", queryComputePayerAccountId=TWO)
    for account in (ONE, STRANGER):
        refusal = refused(story.query, text="select 1", queryComputePayerAccountId=account)
        assert refusal.status == 400


def test_queries_are_listed_newest_first_and_by_status(story: Story) -> None:
    started = []
    for _ in range(5):
        started.insert(0, story.query("select 1")["id"])
        story.clock.advance(0.3)
    rows = story.two.all("ListProtectedQueries", **story.in_runner, maxResults=2)
    assert [row["id"] for row in rows] == started
    assert "sqlParameters" not in rows[0]
    assert rows[0]["receiverConfigurations"] == [
        {
            "analysisType": "DIRECT_ANALYSIS",
            "configurationDetails": {
                "directAnalysisConfigurationDetails": {"receiverAccountIds": [TWO]}
            },
        }
    ]
    for status, expected in (("SUCCESS", started[3:]), ("STARTED", started[:3])):
        rows = story.two.all("ListProtectedQueries", **story.in_runner, status=status, maxResults=1)
        assert [row["id"] for row in rows] == expected


def test_data_owners_and_receivers_see_the_query_through_their_own_memberships(
    story: Story,
) -> None:
    story.ready()
    started = story.query(resultConfiguration=to_member(THREE))["id"]
    for account, scope in ((story.one, story.in_owner), (story.three, story.in_receiver)):
        (row,) = account.all("ListProtectedQueries", **scope)
        assert (row["id"], row["membershipId"]) == (started, story.runner)
        key = {**scope, "protectedQueryIdentifier": started}
        assert account.GetProtectedQuery(**key)["protectedQuery"]["id"] == started
        refusal = refused(account.UpdateProtectedQuery, **key, targetStatus="CANCELLED")
        assert refusal.status == 404
    story.query("select 1")
    assert len(story.one.all("ListProtectedQueries", **story.in_owner)) == 1


def test_history_does_not_keep_a_member_from_leaving_and_goes_with_it(story: Story) -> None:
    story.ready()
    started = story.query()["id"]
    records = len(story.app.world("us-east-1"))
    story.two.DeleteMembership(**story.in_runner)
    assert len(story.app.world("us-east-1")) == records - 2
    assert story.one.all("ListProtectedQueries", **story.in_owner) == []
    key = {**story.in_owner, "protectedQueryIdentifier": started}
    assert refused(story.one.GetProtectedQuery, **key).status == 404


def test_running_queries_and_jobs_are_limited_by_quotas() -> None:
    story = Story(quotas=Quotas(ongoing_queries=2, ongoing_jobs=1))
    for _ in range(2):
        story.query("select 1")
    refusal = refused(story.query, text="select 1")
    assert (refusal.status, refusal.document["quotaValue"]) == (402, 2)
    template = story.job_template()["arn"]
    story.job(template)
    assert refused(story.job, template=template).status == 402
    story.clock.advance(LONG)
    story.query("select 1")
    story.job(template)


@needs("StartProtectedQueryInput.queryComputePayerAccountId")
def test_a_job_goes_from_submitted_to_success_or_is_cancelled(story: Story) -> None:
    template = story.job_template()["arn"]
    first, second = story.job(template), story.job(template)
    assert first == {
        "id": first["id"],
        "membershipId": story.runner,
        "membershipArn": first["membershipArn"],
        "createTime": story.clock(),
        "status": "SUBMITTED",
        "jobParameters": {"analysisTemplateArn": template},
        "resultConfiguration": to_member(THREE),
        "jobComputePayerAccountId": TWO,
    }
    key = {**story.in_runner, "protectedJobIdentifier": second["id"]}
    cancelled = story.two.UpdateProtectedJob(**key, targetStatus="CANCELLED")["protectedJob"]
    assert cancelled["status"] == "CANCELLING"
    story.clock.advance(LONG)
    statuses = {
        row["id"]: row["status"] for row in story.two.all("ListProtectedJobs", **story.in_runner)
    }
    assert list(statuses.items()) == [(second["id"], "CANCELLED"), (first["id"], "SUCCESS")]
    key = {**story.in_receiver, "protectedJobIdentifier": first["id"]}
    ended = story.three.GetProtectedJob(**key)["protectedJob"]
    assert ended["result"] == {"output": {"memberList": [{"accountId": THREE}]}}
    refusal = refused(
        story.two.UpdateProtectedJob, **key | story.in_runner, targetStatus="CANCELLED"
    )
    assert refusal.status == 409


def test_a_job_needs_a_runner_a_pyspark_template_and_a_place_for_its_results(
    story: Story,
) -> None:
    template = story.job_template()["arn"]
    start = {"type": "PYSPARK", "jobParameters": {"analysisTemplateArn": template}}
    assert refused(story.three.StartProtectedJob, **start, **story.in_receiver).status == 403
    assert refused(story.two.StartProtectedJob, **start, **story.in_runner).status == 400
    assert refused(story.job, template=story.template()["arn"]).status == 400
    assert refused(story.job, template=template[:-36] + UNKNOWN_ID).status == 404
    assert refused(story.job, template=template, resultConfiguration=to_member(ONE)).status == 400
    role = "arn:aws:iam::222222222222:role/service/write-results"
    story.two.UpdateMembership(
        **story.in_runner,
        defaultJobResultConfiguration={**output(s3={"bucket": "jobs"}), "roleArn": role},
    )
    started = story.two.StartProtectedJob(**start, **story.in_runner)["protectedJob"]
    assert started["resultConfiguration"] == output(s3={"bucket": "jobs"})


def test_a_job_is_judged_by_the_tables_that_its_template_names(story: Story) -> None:
    template = story.job_template(schema={"referencedTables": ["orders"]})["arn"]
    association = story.ready(custom(template), analysisMethod="DIRECT_QUERY")
    assert "DIRECT_QUERY" in refused(story.job, template=template).document["message"]
    (table,) = story.one.all("ListConfiguredTables")
    key = {"configuredTableIdentifier": table["id"]}
    story.one.UpdateConfiguredTable(**key, analysisMethod="DIRECT_JOB")
    story.job(template)
    story.one.UpdateConfiguredTableAnalysisRule(
        **key,
        analysisRuleType="CUSTOM",
        analysisRulePolicy=custom("ANY_QUERY", allowedAnalysisProviders=[TWO]),
    )
    assert refused(story.job, template=template).document["reason"] == "INVALID_QUERY"
    assert association


def test_results_go_only_to_those_whom_the_data_owner_allows(story: Story) -> None:
    association = story.associate(story.table(any_query()))["id"]
    story.allow(association, allowedResultReceivers=[TWO])
    story.query()
    refusal = refused(story.query, resultConfiguration=to_member(THREE))
    assert (refusal.status, refusal.document["reason"]) == (400, "INVALID_QUERY")
    assert THREE in refusal.document["message"]


@needs("AnalysisRuleCustom.disallowedOutputColumns")
def test_a_column_that_must_not_be_output_is_not(story: Story) -> None:
    story.ready(any_query(disallowedOutputColumns=["id"]))
    assert "id" in refused(story.query).document["message"]
    story.query("select count(id) from orders")

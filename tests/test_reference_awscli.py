"""A story of two accounts, told with the AWS CLI: from a collaboration to a query's result.

``AWS_CLI`` names the command where it is not ``aws`` on the path: the CLI wants a botocore of its
own, so it is usually installed elsewhere.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from reference_story import ROLE, TO_S3, any_query
from reference_support import ONE, REGION, TWO, collaboration_input, listening, member

from conformance.reference import Pace, create_app

#: The exit status of a call that the service refuses, of version 1 and 2.
REFUSED = (255, 254)
COMMAND = shutil.which(os.environ.get("AWS_CLI", "aws"))

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        COMMAND is None and "CI" not in os.environ,
        reason="no AWS CLI on the path, and AWS_CLI names none",
    ),
]


@frozen
class Cli:
    """The AWS CLI as an account uses it."""

    url: str
    account: str
    home: Path

    def __call__(self, command: str, *options: str, **params: Any) -> Any:
        return json.loads(self.run(command, *options, **params).stdout or "null")

    def run(self, command: str, *options: str, **params: Any) -> subprocess.CompletedProcess[str]:
        assert COMMAND is not None, "in CI the AWS CLI has to be there"
        stated = ["--cli-input-json", json.dumps(params)] if params else []
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "AWS_ACCESS_KEY_ID": self.account,
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": self.url,
            "AWS_PAGER": "",
        }
        return subprocess.run(
            [COMMAND, "cleanrooms", command, *options, *stated],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture
def url() -> Iterator[str]:
    app = create_app(pace=Pace(submitted=0, running=0))
    with listening(app) as url:
        yield url
    assert list(app.crashes) == []


def test_two_accounts_go_from_a_collaboration_to_a_query_result(url: str, tmp_path: Path) -> None:
    one, two = Cli(url, ONE, tmp_path), Cli(url, TWO, tmp_path)
    runner = member(TWO, "CAN_QUERY", "CAN_RECEIVE_RESULTS")
    created = one("create-collaboration", **collaboration_input(runner))["collaboration"]
    joining = ("--collaboration-identifier", created["id"], "--query-log-status", "ENABLED")
    mine, yours = (each("create-membership", *joining)["membership"]["id"] for each in (one, two))
    table = one(
        "create-configured-table",
        *("--name", "orders", "--allowed-columns", "id", "total"),
        *("--analysis-method", "DIRECT_QUERY"),
        *("--table-reference", "glue={tableName=orders,databaseName=shop}"),
    )["configuredTable"]["id"]
    one(
        "create-configured-table-analysis-rule",
        configuredTableIdentifier=table,
        analysisRuleType="CUSTOM",
        analysisRulePolicy=any_query(),
    )
    association = one(
        "create-configured-table-association",
        *("--membership-identifier", mine, "--configured-table-identifier", table),
        *("--name", "Orders", "--role-arn", ROLE),
    )["configuredTableAssociation"]["id"]
    one(
        "create-configured-table-association-analysis-rule",
        membershipIdentifier=mine,
        configuredTableAssociationIdentifier=association,
        analysisRuleType="CUSTOM",
        analysisRulePolicy={"v1": {"custom": {"allowedResultReceivers": [TWO]}}},
    )
    schema = two("get-schema", "--collaboration-identifier", created["id"], "--name", "orders")
    assert schema["schema"]["schemaStatusDetails"][0]["status"] == "READY"
    query = two(
        "start-protected-query",
        type="SQL",
        membershipIdentifier=yours,
        sqlParameters={"queryString": "select id from orders"},
        resultConfiguration=TO_S3,
    )["protectedQuery"]["id"]
    found = two(
        "get-protected-query",
        *("--membership-identifier", yours, "--protected-query-identifier", query),
    )["protectedQuery"]
    assert found["status"] == "SUCCESS"
    assert found["result"]["output"]["s3"]["location"] == f"s3://results/daily/{query}/"
    denied = two.run("delete-collaboration", "--collaboration-identifier", created["id"])
    assert denied.returncode in REFUSED
    assert "AccessDeniedException" in denied.stderr


def test_lists_are_walked_by_page_size_max_items_and_starting_token(
    url: str, tmp_path: Path
) -> None:
    one = Cli(url, ONE, tmp_path)
    known = [one("create-collaboration", **collaboration_input()) for _ in range(5)]
    expected = [each["collaboration"]["id"] for each in known]
    everything = one("list-collaborations", "--page-size", "2")
    assert [row["id"] for row in everything["collaborationList"]] == expected
    first = one("list-collaborations", "--page-size", "2", "--max-items", "3")
    assert [row["id"] for row in first["collaborationList"]] == expected[:3]
    rest = one("list-collaborations", "--starting-token", first["NextToken"])
    assert [row["id"] for row in rest["collaborationList"]] == expected[3:]
    assert "NextToken" not in rest


def test_tags_and_failures_read_as_they_should(url: str, tmp_path: Path) -> None:
    one = Cli(url, ONE, tmp_path)
    arn = one("create-collaboration", **collaboration_input(tags={"a": "b"}))["collaboration"][
        "arn"
    ]
    one("tag-resource", "--resource-arn", arn, "--tags", "x=y z")
    one("untag-resource", "--resource-arn", arn, "--tag-keys", "a")
    assert one("list-tags-for-resource", "--resource-arn", arn) == {"tags": {"x": "y z"}}
    missing = one.run("get-configured-table", "--configured-table-identifier", arn[-36:])
    assert missing.returncode in REFUSED
    assert "ResourceNotFoundException" in missing.stderr

"""The reference target on a real socket: boto3, concurrency, the log, start and end."""

from __future__ import annotations

import http.client
import io
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError
from reference_support import (
    ONE,
    TABLE,
    TWO,
    authorization,
    boto,
    collaboration_input,
    listening,
    member,
    new_app,
)

from conformance.errors import UsageError
from conformance.reference import Listener, ReferenceTarget, request_log, serve


@pytest.fixture(scope="module")
def app() -> ReferenceTarget:
    return new_app()


@pytest.fixture(scope="module")
def url(app: ReferenceTarget) -> Iterator[str]:
    with listening(app) as url:
        yield url
    assert list(app.crashes) == []


@pytest.fixture
def client(url: str) -> Iterator[Any]:
    client = boto(url)
    yield client
    client.close()


def test_boto3_creates_pages_tags_and_deletes(client: Any) -> None:
    created = client.create_collaboration(**collaboration_input(member(TWO), tags={"a": "b/c"}))
    known = created["collaboration"]["id"]
    client.create_collaboration(**collaboration_input())
    pages = client.get_paginator("list_collaborations").paginate(PaginationConfig={"PageSize": 1})
    assert known in [row["id"] for page in pages for row in page["collaborationList"]]
    arn = created["collaboration"]["arn"]
    client.tag_resource(resourceArn=arn, tags={"x y": "ü"})
    client.untag_resource(resourceArn=arn, tagKeys=["a", "none"])
    assert client.list_tags_for_resource(resourceArn=arn)["tags"] == {"x y": "ü"}
    assert (
        client.delete_collaboration(collaborationIdentifier=known)["ResponseMetadata"][
            "HTTPStatusCode"
        ]
        == 204
    )
    with pytest.raises(client.exceptions.AccessDeniedException) as denied:
        client.get_collaboration(collaborationIdentifier=known)
    assert denied.value.response["reason"] == "INSUFFICIENT_PERMISSIONS"


def test_boto3_gets_typed_exceptions_with_their_members(client: Any) -> None:
    with pytest.raises(client.exceptions.ResourceNotFoundException) as missing:
        client.get_configured_table(
            configuredTableIdentifier="0" * 8 + "-0000" * 3 + "-" + "0" * 12
        )
    assert missing.value.response["resourceType"] == "CONFIGURED_TABLE"
    with pytest.raises(client.exceptions.ValidationException) as invalid:
        client.list_collaborations(maxResults=1, nextToken="nonsense")
    assert invalid.value.response["fieldList"][0]["name"] == "nextToken"
    assert invalid.value.response["ResponseMetadata"]["RequestId"]


def test_sixteen_clients_at_once_lose_and_double_nothing(url: str) -> None:
    def work(worker: int) -> set[str]:
        client = boto(url, f"{worker:012d}")
        kept = set()
        for turn in range(12):
            table = client.create_configured_table(**TABLE)["configuredTable"]["id"]
            client.update_configured_table(configuredTableIdentifier=table, name=f"{turn}")
            rows = client.get_paginator("list_configured_tables").paginate(
                PaginationConfig={"PageSize": 5}
            )
            ids = [row["id"] for page in rows for row in page["configuredTableSummaries"]]
            assert sorted(ids) == sorted(kept | {table})
            if turn % 3:
                client.delete_configured_table(configuredTableIdentifier=table)
            else:
                kept.add(table)
        client.close()
        return kept

    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(work, range(16)))
    assert len(set.union(*results)) == 16 * 4


def test_a_list_that_others_change_is_walked_without_loss(url: str) -> None:
    account = "000000004242"
    client = boto(url, account)
    stay = {client.create_configured_table(**TABLE)["configuredTable"]["id"] for _ in range(25)}

    def churn(_worker: int) -> None:
        other = boto(url, account)
        for _ in range(10):
            table = other.create_configured_table(**TABLE)["configuredTable"]["id"]
            other.delete_configured_table(configuredTableIdentifier=table)
        other.close()

    with ThreadPoolExecutor(8) as pool:
        working = [pool.submit(churn, worker) for worker in range(8)]
        for _ in range(5):
            pages = client.get_paginator("list_configured_tables").paginate(
                PaginationConfig={"PageSize": 3}
            )
            ids = [row["id"] for page in pages for row in page["configuredTableSummaries"]]
            assert len(ids) == len(set(ids))
            assert stay <= set(ids)
        for each in working:
            each.result()
    client.close()


def test_a_kept_connection_serves_many_requests_of_every_kind(url: str) -> None:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=5)
    headers = {"Authorization": authorization(ONE)}
    for method, path, body, status in (
        ("POST", "/configuredTables", json.dumps(TABLE), 200),
        ("POST", "/configuredTables", "{", 400),
        ("PUT", "/nowhere", "x" * 100_000, 404),
        ("GET", "/collaborations", None, 200),
    ):
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        document = json.loads(response.read())
        assert response.status == status
        if status == 200 and method == "POST":
            table = document["configuredTable"]["id"]
    connection.request("DELETE", f"/configuredTables/{table}", headers=headers)
    response = connection.getresponse()
    assert (response.status, response.read()) == (204, b"")
    assert response.getheader("Content-Length") is None
    connection.request("HEAD", "/collaborations", headers=headers)
    response = connection.getresponse()
    assert (response.status, response.read()) == (405, b"")
    connection.request("GET", "/collaborations", headers=headers)
    assert connection.getresponse().status == 200
    connection.close()


def test_a_chunked_body_is_read(url: str) -> None:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=5)
    chunks = iter([json.dumps(TABLE).encode()[:10], json.dumps(TABLE).encode()[10:]])
    headers = {"Authorization": authorization(ONE), "Transfer-Encoding": "chunked"}
    connection.request("POST", "/configuredTables", chunks, headers, encode_chunked=True)
    assert connection.getresponse().status == 200
    connection.close()


def test_the_log_tells_what_was_served_and_no_secret() -> None:
    stream = io.StringIO()
    with listening(new_app(observer=request_log(stream))) as url:
        client = boto(url, TWO)
        client.list_collaborations()
        with pytest.raises(ClientError):
            client.get_collaboration(collaborationIdentifier="0" * 36)
        client.close()
    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert first.pop("ms") >= 0
    assert first == {
        "time": first["time"],
        "method": "GET",
        "path": "/collaborations",
        "operation": "ListCollaborations",
        "status": 200,
        "error": None,
        "account": TWO,
    }
    assert (second["status"], second["error"]) == (400, "ValidationException")
    assert "Signature" not in stream.getvalue()


SERVE = """
import sys
from conformance.reference import serve
serve(port=0, log=sys.stderr)
print("ended well", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_server_says_where_it_listens_and_ends_when_told(number: int) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline().strip()
    assert line.startswith("Listening on http://127.0.0.1:")
    client = boto(line.rpartition(" ")[2])
    assert client.list_collaborations()["collaborationList"] == []
    client.close()
    process.send_signal(number)
    try:
        out, err = process.communicate(timeout=10)
    finally:
        process.kill()
    assert (process.returncode, out) == (0, "ended well\n")
    assert [json.loads(each)["operation"] for each in err.splitlines()] == ["ListCollaborations"]


def test_a_port_in_use_and_an_unknown_service_are_clear_errors() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"Cannot listen on 127.0.0.1 port {port}"):
            Listener(new_app(), port=port)
    with pytest.raises(UsageError, match="no reference target of 's3'"):
        serve(port=0, service="s3")

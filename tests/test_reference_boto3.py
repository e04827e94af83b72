"""Every operation and every paginator of the reference target, called by boto3 over a socket."""

from __future__ import annotations

import gc
import json
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore import xform_name
from reference_story import Story, custom
from reference_support import (
    TABLE,
    Account,
    boto,
    collaborate,
    join,
    listening,
    new_app,
    send,
)
from reference_tour import tour

from conformance.contract import Contract, Operation, load
from conformance.contract.load import from_model
from conformance.reference import ManualClock, ReferenceTarget, create_app

OF_THE_REFERENCE = 84


class BotoAccount:
    """An account whose calls are made by boto3; lists are walked by paginators, row by row."""

    def __init__(self, url: str, account: str) -> None:
        self.id = account
        self.client = boto(url, account)
        self.called: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        self.called.add(name)
        method = getattr(self.client, xform_name(name))

        def call(**params: Any) -> dict[str, Any]:
            answer = method(**params)
            return {k: v for k, v in answer.items() if k != "ResponseMetadata"}

        return call

    def all(self, name: str, **params: Any) -> list[Any]:
        self.called.add(name)
        paginator = self.client.get_paginator(xform_name(name))
        pages = list(paginator.paginate(**params, PaginationConfig={"PageSize": 1}))
        ((key, _),) = [(k, v) for k, v in pages[0].items() if isinstance(v, list)]
        assert all(len(page[key]) <= 1 for page in pages)
        return [row for page in pages for row in page[key]]


@contextmanager
def boto_story() -> Iterator[tuple[Story, list[BotoAccount]]]:
    clock, accounts = ManualClock(), list[BotoAccount]()
    app = new_app(clock=clock)
    with listening(app) as url:

        def client(_app: ReferenceTarget, account: str) -> BotoAccount:
            accounts.append(BotoAccount(url, account))
            return accounts[-1]

        yield Story(app, clock, client), accounts
        for account in accounts:
            account.client.close()
    assert list(app.crashes) == []


def test_boto3_calls_every_operation_and_walks_every_list() -> None:
    contract = load("cleanrooms")
    with boto_story() as (story, accounts):
        tour(story)
    called = set().union(*(account.called for account in accounts))
    assert called == set(contract.operations)
    assert set(contract.paginators) <= called


def test_the_tour_answers_as_the_contract_says() -> None:
    story = Story()
    tour(story)
    assert list(story.app.crashes) == []
    # What the tour has made is gone but for the tables and the memberships of who was removed.
    assert len(story.app.world("us-east-1")) < 30


def without_newer_operations() -> Contract:
    """The contract of the API reference, as far as its operations go."""
    raw = json.loads(json.dumps(load("cleanrooms").raw))
    newer = ("ChangeRequest", "IntermediateTable", "AnalysisLogExport")
    for name in list(raw["operations"]):
        if any(word in name for word in newer):
            del raw["operations"][name]
    return from_model("cleanrooms", raw)


def test_the_tour_is_made_with_an_older_contract_too() -> None:
    clock = ManualClock()
    app = create_app(without_newer_operations(), clock=clock)
    assert len(app.operations) == len(app.contract.operations) == OF_THE_REFERENCE
    tour(Story(app, clock))
    assert list(app.crashes) == []


def story_operations() -> list[str]:
    return new_app().operations


def answers(seed: int) -> list[str]:
    """Everything that a tour is answered."""
    story = Story(seed=seed)
    heard: list[str] = []
    for account in (story.one, story.two, story.three):
        listen(account, heard)
    tour(story)
    return heard


def listen(account: Account, heard: list[str]) -> None:
    ask = account.call

    def call(operation: Operation, params: dict[str, Any]) -> Any:
        document = ask(operation, params)
        heard.append(json.dumps(document))
        return document

    account.call = call  # type: ignore[method-assign]  # a spy on one object


def test_the_same_calls_give_the_same_answers() -> None:
    first, second, other = answers(3), answers(3), answers(4)
    assert first == second
    assert first != other
    assert len(first) > len(story_operations())


def test_boto3_tells_of_union_members_that_it_does_not_know() -> None:
    raw = json.loads(json.dumps(load("cleanrooms").raw))
    raw["shapes"]["TableReference"]["members"]["lakehouse"] = {"shape": "GlueTableReference"}
    app = create_app(from_model("cleanrooms", raw))
    reference = {"lakehouse": {"tableName": "t", "databaseName": "d"}}
    body = json.dumps({**TABLE, "tableReference": reference}).encode()
    created = send(app, "POST", "/configuredTables", body).document["configuredTable"]
    with listening(app) as url:
        client = boto(url)
        found = client.get_configured_table(configuredTableIdentifier=created["id"])
        client.close()
    assert found["configuredTable"]["tableReference"] == {
        "SDK_UNKNOWN_MEMBER": {"name": "lakehouse"}
    }


def test_memory_stays_flat_over_many_creations_and_deletions() -> None:
    story = Story()

    def turns(count: int) -> int:
        for _ in range(count):
            story.one.DeleteCollaboration(collaborationIdentifier=collaborate(story.one))
            table = story.table(custom())
            story.one.DeleteConfiguredTable(configuredTableIdentifier=table)
            passing = collaborate(story.two)
            membership = join(story.two, passing)
            story.two.DeleteCollaboration(collaborationIdentifier=passing)
            story.two.DeleteMembership(membershipIdentifier=membership)
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        before = turns(60)
        after = turns(300)
    finally:
        tracemalloc.stop()
    assert after - before < 20_000

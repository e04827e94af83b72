"""Walks over lists: what a walk meets counts only while the list holds still."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from attrs import define, field
from harmless_targets import leads_on, refuses
from suite_faults import Fault, no_fault, tokens_for_one_use
from suite_support import certify, serving

from conformance.contract import Contract, load
from conformance.suite.paging import ATTEMPTS, MOST_PAGES, walk_steadily
from conformance.suite.sites import PagedSite, paging_of
from conformance.target.client import Client
from conformance.target.outcomes import Deviation, Inconclusive, NotTestable
from conformance.target.target import resolve
from conformance.wire.exchange import Exchange, Request, Response

ROWS = "collaborationList"


@define
class Lists:
    """A target that only lists; what it answers is scripted.

    Attributes:
        rows: what there is at each request, in turn; at the end, what was there last.
        stumbles: at which requests for a further page it refuses.
    """

    rows: list[list[str]]
    stumbles: frozenset[int] = frozenset()
    endless: bool = False
    asked: int = 0
    further: int = 0
    sizes: list[int] = field(factory=list)

    def send(self, request: Request) -> Exchange:
        query = dict(parse_qsl(request.query))
        there = self.rows[min(self.asked, len(self.rows) - 1)]
        self.asked += 1
        size = int(query["maxResults"])
        self.sizes.append(size)
        start = int(query.get("nextToken", 0))
        if start:
            self.further += 1
            if self.further in self.stumbles:
                body = json.dumps({"message": "That token is gone."}).encode()
                name = (("x-amzn-errortype", "ValidationException"),)
                return Exchange(request, Response(400, "", name, body), None, 0.0)
        page: dict[str, Any] = {ROWS: [{"id": row} for row in there[start : start + size]]}
        if self.endless or start + size < len(there):
            page["nextToken"] = str(start + size)
        return Exchange(request, Response(200, "", body=json.dumps(page).encode()), None, 0.0)

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture(scope="module")
def contract() -> Contract:
    return load("cleanrooms")


@pytest.fixture(scope="module")
def site(contract: Contract) -> PagedSite:
    found = paging_of(contract.operations["ListCollaborations"])
    assert found is not None
    return found


def client_of(lists: Lists, contract: Contract) -> Client:
    return Client(contract, resolve(contract, environ={}), lists, lambda: None)


def growing() -> Iterator[list[str]]:
    """One row more at each look."""
    for count in range(2, 4 * ATTEMPTS + 9):
        yield [f"row {n}" for n in range(count)]


def test_a_walk_that_meets_nothing_is_made_once(contract: Contract, site: PagedSite) -> None:
    lists = Lists([["a", "b", "c"]])

    done = walk_steadily(client_of(lists, contract), site, {}, 1)

    assert done.keys == ["a", "b", "c"]
    assert lists.sizes == [1, 1, 1]


def test_what_a_walk_meets_in_a_list_that_holds_still_is_told(
    contract: Contract, site: PagedSite
) -> None:
    lists = Lists([["a", "b", "c"]], stumbles=frozenset(range(1, 9)))

    with pytest.raises(Deviation) as caught:
        walk_steadily(client_of(lists, contract), site, {}, 1)

    assert "400 ValidationException" in caught.value.got


def test_what_a_walk_meets_while_the_list_changes_is_not_told(
    contract: Contract, site: PagedSite
) -> None:
    # The walk before, the page that shows what is there, the walk again.
    lists = Lists([["a", "b"], ["a", "b"], ["a", "c"]], stumbles=frozenset({1}))

    done = walk_steadily(client_of(lists, contract), site, {}, 1)

    assert done.keys == ["a", "c"]


def test_a_list_that_never_holds_still_has_no_verdict(contract: Contract, site: PagedSite) -> None:
    lists = Lists(list(growing()), stumbles=frozenset(range(1, 99)))

    with pytest.raises(Inconclusive, match="keep changing"):
        walk_steadily(client_of(lists, contract), site, {}, 1)


def test_a_walk_without_end_is_made_once(contract: Contract, site: PagedSite) -> None:
    lists = Lists([["a"]], endless=True)

    with pytest.raises(Deviation, match="does not end"):
        walk_steadily(client_of(lists, contract), site, {}, 1)

    assert lists.sizes.count(1) == MOST_PAGES


def test_a_list_that_is_only_long_is_not_accused(contract: Contract, site: PagedSite) -> None:
    lists = Lists([[f"row {n}" for n in range(MOST_PAGES + 10)]])

    with pytest.raises(NotTestable, match="500 items or more"):
        walk_steadily(client_of(lists, contract), site, {}, 1)
    assert len(walk_steadily(client_of(lists, contract), site, {}, 100).items) == MOST_PAGES + 10


@pytest.mark.parametrize(
    ("again", "chosen"),
    [
        (no_fault, "a token leads to the same page again"),
        (leads_on, "a token leads to another page again"),
        (refuses, "a token that was taken before is refused"),
    ],
    ids=["same", "another", "refused"],
)
def test_what_a_token_leads_to_that_is_taken_again_is_noted(
    again: Fault, chosen: str, tmp_path: Path
) -> None:
    operation, check = "ListCollaborations", "pagination.reused-token"
    with serving(tokens_for_one_use(operation, again)) as url:
        part = ("--operation", operation, "--check", check)
        ran = certify(tmp_path, "--endpoint-url", url, *part)

    assert ran.verdicts == {f"{check}[{operation}]": "passed"}
    assert [(each["fact"], each["chosen"]) for each in ran.report["choices"]] == [
        ("PAG-07", chosen)
    ]

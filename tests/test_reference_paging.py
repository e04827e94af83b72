"""Pagination of the reference target: sizes, tokens, and walks over lists that change."""

from __future__ import annotations

from random import Random

import pytest
from reference_support import ONE, TWO, Account, collaborate, member, new_app, refused

from conformance.reference import ReferenceTarget
from conformance.reference.shelves import Shelf
from conformance.reference.world import Record


@pytest.fixture
def app() -> ReferenceTarget:
    return new_app()


@pytest.fixture
def one(app: ReferenceTarget) -> Account:
    return Account(app, ONE)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 100])
def test_every_page_is_full_but_the_last_which_has_no_token(one: Account, size: int) -> None:
    known = [collaborate(one) for _ in range(7)]
    assert [row["id"] for row in one.all("ListCollaborations", maxResults=size)] == known
    page = one.ListCollaborations(maxResults=size)
    assert len(page["collaborationList"]) == min(size, 7)
    assert ("nextToken" in page) == (size < 7)


def test_an_empty_list_is_present(one: Account) -> None:
    assert one.ListCollaborations() == {"collaborationList": []}


def test_a_walk_over_a_changing_list_neither_repeats_nor_skips_what_stayed(one: Account) -> None:
    random = Random(4)
    alive = [collaborate(one) for _ in range(60)]
    stayed, seen, token = set(alive), [], None
    while True:
        page = one.ListCollaborations(maxResults=4, **({"nextToken": token} if token else {}))
        seen += [row["id"] for row in page["collaborationList"]]
        for gone in random.sample(alive, 3):
            alive.remove(gone)
            stayed.discard(gone)
            one.DeleteCollaboration(collaborationIdentifier=gone)
        alive.append(collaborate(one))
        token = page.get("nextToken")
        if token is None:
            break
    assert len(seen) == len(set(seen))
    assert stayed <= set(seen)


def test_a_token_belongs_to_its_list_caller_and_filter(app: ReferenceTarget, one: Account) -> None:
    two = Account(app, TWO)
    known = [collaborate(one, member(TWO)) for _ in range(3)]
    token = one.ListCollaborations(maxResults=1)["nextToken"]
    members = one.ListMembers(collaborationIdentifier=known[0], maxResults=1)["nextToken"]
    for call, params in (
        (two.ListCollaborations, {"nextToken": token}),
        (one.ListCollaborations, {"nextToken": token, "memberStatus": "INVITED"}),
        (one.ListCollaborations, {"nextToken": members}),
        (one.ListMembers, {"nextToken": members, "collaborationIdentifier": known[1]}),
        (one.ListCollaborations, {"nextToken": token[:-4] + "AAAA"}),
        (one.ListCollaborations, {"nextToken": token + "="}),
    ):
        refusal = refused(call, **params)
        assert (refusal.status, refusal.code) == (400, "ValidationException")
    assert len(one.ListCollaborations(nextToken=token, maxResults=50)["collaborationList"]) == 2


def test_a_filtered_walk_finds_all_that_match(app: ReferenceTarget, one: Account) -> None:
    two = Account(app, TWO)
    known = [collaborate(one, member(TWO)) for _ in range(9)]
    for identifier in known[::2]:
        two.CreateMembership(collaborationIdentifier=identifier, queryLogStatus="ENABLED")
    rows = two.all("ListCollaborations", memberStatus="ACTIVE", maxResults=2)
    assert [row["id"] for row in rows] == known[::2]


def record(order: int) -> Record:
    return Record(id=str(order), owner=ONE, order=order, created=0, updated=0)


def test_a_shelf_keeps_its_order_whatever_is_put_in_and_taken_out() -> None:
    random, shelf = Random(1), Shelf[Record]()
    items = {order: record(order) for order in range(200)}
    inside: set[int] = set()
    for _ in range(2000):
        order = random.randrange(200)
        if random.random() < 0.5:
            shelf.add(items[order])
            inside.add(order)
        else:
            shelf.remove(items[order])
            inside.discard(order)
    place = random.randrange(200)
    assert [each.order for each in shelf] == sorted(inside)
    assert [each.order for each in shelf.walk(place)] == sorted(o for o in inside if o > place)
    newest = [each.order for each in shelf.walk(place, newest_first=True)]
    assert newest == sorted((o for o in inside if o < place), reverse=True)
    assert len(shelf) == len(inside)

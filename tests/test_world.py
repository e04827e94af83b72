"""The world of a run: what is shared, what is fresh, what is cleaned up and journaled."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field
from reference_support import ONE, Account, collaborate, configure, join

from conformance import spec as specs
from conformance.contract import Contract, load
from conformance.reference import ReferenceTarget, create_app
from conformance.spec import Spec
from conformance.target.client import Client
from conformance.target.inputs import Inputs
from conformance.target.journal import Journal, left_over, unfinished
from conformance.target.outcomes import Inconclusive, NotImplementedByTarget, NotTestable
from conformance.target.target import resolve
from conformance.target.world import World
from conformance.wire.exchange import Exchange, Fault, Request, Response
from conformance.wire.transport import WsgiTransport

TABLES = "/configuredTables"
COLLABORATIONS = "/collaborations"


@define
class Watched:
    """A way into a target that notes what passes, and can stand in for what the target says."""

    transport: WsgiTransport
    passed: list[tuple[str, str]] = field(factory=list)
    meddle: Callable[[Request], Response | Fault | None] = lambda _request: None

    def send(self, request: Request) -> Exchange:
        self.passed.append((request.method, request.path))
        told = self.meddle(request)
        if isinstance(told, Response):
            return Exchange(request, told, None, 0.0)
        if isinstance(told, Fault):
            return Exchange(request, None, told, 0.0)
        return self.transport.send(request)

    def close(self) -> None:
        self.transport.close()

    def count(self, method: str, path: str) -> int:
        return self.passed.count((method, path))


@pytest.fixture(scope="module")
def contract() -> Contract:
    return load("cleanrooms")


@pytest.fixture(scope="module")
def spec() -> Spec:
    return specs.load("cleanrooms")


@pytest.fixture
def app(contract: Contract) -> Iterator[ReferenceTarget]:
    app = create_app(contract)
    yield app
    assert list(app.crashes) == []


@pytest.fixture
def one(app: ReferenceTarget) -> Account:
    return Account(app, ONE)


@pytest.fixture
def line(app: ReferenceTarget) -> Watched:
    return Watched(WsgiTransport(app))


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "journal-main.jsonl"


WorldOf = Callable[..., World]


@pytest.fixture
def world_of(contract: Contract, spec: Spec, line: Watched, journal: Path) -> WorldOf:
    def make(**options: Any) -> World:
        target = resolve(contract, environ={})
        client = Client(contract, target, line, lambda: None)
        options = {"journal": Journal(journal), "run_id": "0badcafe", **options}
        return World(contract, spec, client, **options)

    return make


@pytest.fixture
def world(world_of: WorldOf) -> World:
    return world_of()


def identifier(instance: Any) -> str:
    value: str = instance.value("id")
    return value


# --- what is shared, and what is not --------------------------------------------------------------


def test_a_shared_resource_is_made_once(world: World, line: Watched) -> None:
    first = world.shared("configured_table")
    assert world.shared("configured_table") is first
    assert line.count("POST", TABLES) == 1


def test_a_shared_resource_is_as_the_spec_wants_it_with_the_name_of_the_run(
    world: World, spec: Spec, one: Account
) -> None:
    table = world.shared("configured_table")
    found = one.GetConfiguredTable(configuredTableIdentifier=identifier(table))["configuredTable"]
    assert found["allowedColumns"] == spec.resources["configured_table"].input["allowedColumns"]
    assert "0badcafe" in found["name"]


def test_a_scratch_resource_is_another_one_until_it_is_gone(world: World) -> None:
    scratch = world.scratch("configured_table")
    assert identifier(scratch) != identifier(world.shared("configured_table"))
    assert world.scratch("configured_table") is scratch
    world.gone(scratch)
    assert world.scratch("configured_table") is not scratch


def test_each_fresh_resource_is_a_new_one(world: World) -> None:
    made = [world.fresh("configured_table") for _ in range(3)]
    assert len({identifier(each) for each in made}) == 3
    assert len({each.params["name"] for each in made}) == 3


def test_a_fresh_resource_can_differ_from_the_specs(world: World, one: Account) -> None:
    table = world.fresh("configured_table", {"description": "another"})
    found = one.GetConfiguredTable(configuredTableIdentifier=identifier(table))["configuredTable"]
    assert found["description"] == "another"


def test_several_resources_are_different_and_are_made_once(world: World, line: Watched) -> None:
    several = world.several("configured_table", 3)
    assert len({identifier(each) for each in several}) == 3
    assert several[0] is world.shared("configured_table")
    assert {identifier(each) for each in world.several("configured_table", 3)} == {
        identifier(each) for each in several
    }
    assert line.count("POST", TABLES) == 3


def test_two_worlds_on_one_target_do_not_meet(world_of: WorldOf, one: Account) -> None:
    first, second = world_of(run_id="first"), world_of(run_id="second")
    mine, others = first.shared("configured_table"), second.shared("configured_table")
    assert identifier(mine) != identifier(others)
    first.end()
    assert [row["id"] for row in one.all("ListConfiguredTables")] == [identifier(others)]


def test_parents_are_shared_where_they_can_be(world: World, spec: Spec) -> None:
    shared = [
        name
        for name, resource in sorted(spec.resources.items())
        if resource.identifiers and not resource.exclusive and resource.name == name
    ]
    for name in shared:
        one, other = world.fresh(name), world.fresh(name)
        assert {k: id(v) for k, v in one.parents.items()} == {
            k: id(v) for k, v in other.parents.items()
        }


@pytest.mark.parametrize(
    ("child", "parent"),
    [
        ("membership", "collaboration"),
        ("configured_table_analysis_rule", "configured_table"),
    ],
)
def test_a_parent_that_holds_only_one_child_is_made_for_each(
    world: World, child: str, parent: str
) -> None:
    first, second = world.fresh(child), world.fresh(child)
    parents = {identifier(each.parents[parent]) for each in (first, second)}
    assert len(parents) == 2
    assert identifier(world.shared(parent)) not in parents


def test_an_input_names_an_existing_resource_by_its_own_and_its_parents_members(
    world: World,
) -> None:
    rule = world.shared("configured_table_analysis_rule")
    assert world.identifiers(world.operation("GetConfiguredTableAnalysisRule"), rule) == {
        "configuredTableIdentifier": identifier(rule.parents["configured_table"]),
        "analysisRuleType": rule.params["analysisRuleType"],
    }


def test_a_member_that_the_target_did_not_return_is_inconclusive(
    world: World, line: Watched
) -> None:
    line.meddle = lambda request: (
        Response(200, "OK", (("content-type", "application/json"),), b'{"configuredTable": {}}')
        if request.method == "POST"
        else None
    )
    table = world.fresh("configured_table")
    with pytest.raises(Inconclusive, match="the target returned no id for a configured table"):
        table.value("id")


def test_no_two_texts_that_should_differ_are_the_same(world: World) -> None:
    assert len({world.unique() for _ in range(100)}) == 100


# --- what cannot be made --------------------------------------------------------------------------


def refusing(request: Request) -> Response | None:
    if (request.method, request.path) != ("POST", COLLABORATIONS):
        return None
    headers = (("content-type", "application/json"), ("x-amzn-errortype", "ValidationException"))
    return Response(400, "Bad Request", headers, b'{"message": "not today"}')


def test_what_cannot_be_made_is_inconclusive_and_says_why(world: World, line: Watched) -> None:
    line.meddle = refusing
    with pytest.raises(Inconclusive) as caught:
        world.shared("collaboration")
    assert str(caught.value) == (
        "no collaboration to test with: "
        "CreateCollaboration answered 400 ValidationException: not today"
    )


def test_what_cannot_be_made_is_tried_once_also_for_its_children(
    world: World, line: Watched
) -> None:
    line.meddle = refusing
    for name in ("collaboration", "collaboration"):
        with pytest.raises(Inconclusive, match="no collaboration to test with"):
            world.shared(name)
    assert line.count("POST", COLLABORATIONS) == 1
    for _ in range(2):
        with pytest.raises(Inconclusive, match="no membership to test with"):
            world.shared("membership")
    assert line.count("POST", COLLABORATIONS) == 2


def test_what_the_target_does_not_have_is_told_as_that(world: World, line: Watched) -> None:
    line.meddle = lambda _request: Response(501, "Not Implemented")
    missing = "the target does not implement CreateCollaboration"
    with pytest.raises(NotImplementedByTarget, match=missing):
        world.shared("collaboration")


# --- what is read only ----------------------------------------------------------------------------


def test_a_run_that_only_reads_works_on_what_is_there(
    world_of: WorldOf, line: Watched, one: Account
) -> None:
    membership = join(one, collaborate(one))
    world = world_of(read_only=True)
    assert identifier(world.shared("membership")) == membership
    assert world.scratch("membership") is world.shared("membership")
    assert {method for method, _ in line.passed} == {"GET"}


def test_a_run_that_only_reads_cannot_test_what_is_not_there(
    world_of: WorldOf, line: Watched
) -> None:
    world = world_of(read_only=True)
    with pytest.raises(NotTestable, match="the target has no configured table"):
        world.shared("configured_table")
    with pytest.raises(Inconclusive, match="this run only reads"):
        world.fresh("configured_table")
    assert {method for method, _ in line.passed} == {"GET"}


def test_a_run_that_only_reads_deletes_nothing(
    world_of: WorldOf, line: Watched, one: Account
) -> None:
    configure(one)
    world = world_of(read_only=True)
    world.shared("configured_table")
    world.end_check()
    world.end()
    assert {method for method, _ in line.passed} == {"GET"}
    assert len(one.all("ListConfiguredTables")) == 1


# --- the end --------------------------------------------------------------------------------------


def everything(one: Account) -> list[Any]:
    return [
        *one.all("ListConfiguredTables"),
        *one.all("ListMemberships"),
        *one.all("ListCollaborations"),
    ]


def test_what_was_made_for_a_check_goes_with_it_and_the_rest_stays(
    world: World, one: Account
) -> None:
    shared, scratch = world.shared("configured_table"), world.scratch("configured_table")
    fresh = world.fresh("configured_table")
    world.end_check()
    left = {row["id"] for row in one.all("ListConfiguredTables")}
    assert left == {identifier(shared), identifier(scratch)}
    assert fresh.gone


def test_nothing_is_left_in_the_end_whatever_depends_on_what(world: World, one: Account) -> None:
    for name in sorted(world.spec.resources):
        world.shared(name)
        world.scratch(name)
        world.fresh(name)
    world.several("configured_table", 3)
    assert everything(one) != []
    world.end()
    assert everything(one) == []
    assert world.notes == []


def test_what_was_there_before_is_there_afterwards(world: World, one: Account) -> None:
    before = {configure(one), join(one, collaborate(one))}
    for name in sorted(world.spec.resources):
        world.shared(name)
    world.end()
    assert before <= {row["id"] for row in everything(one)}


def test_what_a_check_made_by_itself_is_taken_charge_of(world: World, one: Account) -> None:
    resource = world.spec.resources["configured_table"]
    params, parents = world.creation(resource)
    reply = world.client.call(world.operation("CreateConfiguredTable"), params)
    world.adopt(resource, params, reply, parents)
    assert reply.output["configuredTable"]["id"] in world.identities()
    world.end_check()
    assert one.all("ListConfiguredTables") == []


def test_what_somebody_else_has_deleted_is_no_trouble(world: World, one: Account) -> None:
    table = world.shared("configured_table")
    one.DeleteConfiguredTable(configuredTableIdentifier=identifier(table))
    world.end()
    assert world.notes == []


def test_what_an_invalid_input_was_let_into_is_not_used_again(world: World, one: Account) -> None:
    scratch = world.scratch("configured_table")
    world.spoiled(scratch)
    assert one.all("ListConfiguredTables") == []
    assert identifier(world.scratch("configured_table")) != identifier(scratch)


def test_a_cleanup_that_fails_is_noted_and_left_to_the_journal(
    world: World, line: Watched, journal: Path
) -> None:
    table = world.shared("configured_table")
    world.shared("collaboration")
    line.meddle = lambda request: (
        Response(500, "Internal Server Error")
        if request.method == "DELETE" and request.path.startswith(TABLES)
        else None
    )
    world.end()
    (note,) = world.notes
    assert "a configured table was left over" in note
    assert [dict(each.params) for each in left_over(journal)] == [
        {"configuredTableIdentifier": identifier(table)}
    ]


def test_a_cleanup_that_gets_no_answer_is_noted_too(
    world: World, line: Watched, journal: Path
) -> None:
    world.shared("configured_table")
    line.meddle = lambda _request: Fault("timeout", "nothing came for 1 s", "headers")
    world.end()
    (note,) = world.notes
    assert "a configured table was left over: no response to DeleteConfiguredTable" in note
    assert len(list(left_over(journal))) == 1


# --- the journal ----------------------------------------------------------------------------------


def events(journal: Path) -> list[tuple[str, str]]:
    lines = [json.loads(line) for line in journal.read_text("utf-8").splitlines()]
    return [(line["event"], line["key"]) for line in lines]


def test_a_creation_is_in_the_journal_before_it_is_sent(
    world: World, line: Watched, journal: Path
) -> None:
    seen: list[list[tuple[str, str]]] = []

    def look(request: Request) -> None:
        if request.method == "POST":
            seen.append(events(journal) if journal.exists() else [])

    line.meddle = look
    world.shared("configured_table")
    ((event, key),) = seen[0]
    assert event == "creating"
    assert events(journal) == [("creating", key), ("created", key)]


@pytest.mark.parametrize(
    ("status", "known"), [(400, True), (403, True), (404, True), (501, True), (500, False)]
)
def test_a_creation_that_was_refused_is_closed_in_the_journal(
    world: World, line: Watched, journal: Path, status: int, known: bool
) -> None:
    # A target that failed may have made something before.
    line.meddle = lambda _request: Response(status, "No")
    with pytest.raises((Inconclusive, NotImplementedByTarget)):
        world.shared("configured_table")
    assert len(unfinished(journal)) == (0 if known else 1)
    assert list(left_over(journal)) == []


def test_a_deletion_is_in_the_journal(world: World, journal: Path) -> None:
    world.fresh("configured_table")
    world.end_check()
    assert [event for event, _ in events(journal)] == ["creating", "created", "deleted"]
    assert list(left_over(journal)) == []


def test_the_journal_lists_everything_that_is_there(
    world: World, journal: Path, one: Account
) -> None:
    for name in ("configured_table", "membership", "configured_table_analysis_rule"):
        world.fresh(name)
    listed = {value for each in left_over(journal) for value in each.params.values()}
    assert {row["id"] for row in everything(one)} <= listed


def test_a_creation_by_a_check_itself_is_in_the_journal_before_it_is_sent(
    world: World, line: Watched, journal: Path
) -> None:
    # A run that is killed between the two leaves something that no sweep will find.
    seen: list[bool] = []
    line.meddle = lambda request: (
        seen.append(journal.exists()) if request.method == "POST" else None
    )
    assert Inputs(world, world.client).has(world.operation("CreateConfiguredTable"))
    assert seen == [True]

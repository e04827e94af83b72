"""What the specs of Clean Rooms describe can be made, changed and cleaned up on a target."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from attrs import evolve, frozen

from conformance.contract import load as load_contract
from conformance.contract import validator
from conformance.reference import Pace, Quotas, ReferenceTarget, create_app
from conformance.spec import Spec
from conformance.spec import load as load_spec
from conformance.target.client import Client
from conformance.target.inputs import Inputs, Prepared
from conformance.target.journal import Journal
from conformance.target.outcomes import Inconclusive
from conformance.target.target import EMBEDDED_URL, resolve
from conformance.target.templates import fits, known_to
from conformance.target.world import Instance, World
from conformance.wire.reply import Reply
from conformance.wire.transport import WsgiTransport

CONTRACT = load_contract("cleanrooms")
SPEC = load_spec("cleanrooms")
NAMES = sorted(
    name
    for name in (*SPEC.resources, *SPEC.variants)
    if SPEC.recipe(name).operations["create"] in CONTRACT.operations
)
#: Quick enough for a test, slow enough to be seen running.
PACE = Pace(submitted=0.05, running=0.3, cancelling=0.05, exporting=0.1)


@frozen
class Place:
    """A world on a reference target of its own."""

    world: World
    inputs: Inputs

    def call(self, name: str, params: dict[str, Any]) -> Reply:
        return self.world.client.call(CONTRACT.operations[name], params)

    def valid(self, name: str, *, scratch: bool = False) -> Prepared:
        return self.inputs.valid(CONTRACT.operations[name], scratch=scratch)

    def send(self, name: str, *, scratch: bool = False) -> Reply:
        """A valid call, as checks make it."""
        prepared = self.valid(name, scratch=scratch)
        reply = self.call(name, prepared.params)
        self.inputs.after(CONTRACT.operations[name], reply, prepared)
        return reply


Make = Callable[..., Place]


def made_on(app: ReferenceTarget, spec: Spec, *, read_only: bool = False) -> Place:
    target = resolve(CONTRACT, endpoint_url=EMBEDDED_URL, environ={})
    client = Client(CONTRACT, target, WsgiTransport(app, EMBEDDED_URL), lambda: None)
    world = World(CONTRACT, spec, client, Journal(None), run_id="test", read_only=read_only)
    return Place(world, Inputs(world, client))


@pytest.fixture
def make() -> Iterator[Make]:
    made = []

    def make(
        spec: Spec = SPEC,
        *,
        on: ReferenceTarget | None = None,
        read_only: bool = False,
        **settings: Any,
    ) -> Place:
        app = on or create_app(CONTRACT, pace=PACE, **settings)
        made.append(made_on(app, spec, read_only=read_only))
        return made[-1]

    yield make
    for place in made:
        place.world.end()
        assert place.world.notes == []


@pytest.fixture
def place(make: Make) -> Place:
    return make()


@pytest.fixture(scope="module")
def common() -> Iterator[Place]:
    """A place where many tests meet, as the checks of a run do."""
    place = made_on(create_app(CONTRACT, pace=PACE), SPEC)
    yield place
    place.world.end()
    assert place.world.notes == []


@pytest.fixture
def used(common: Place) -> Iterator[Place]:
    yield common
    common.world.end_check()


def operations(spec: Spec) -> list[str]:
    roles = {o for resource in spec.resources.values() for o in resource.operations.values()}
    return sorted((roles | set(spec.calls)) & set(CONTRACT.operations))


@pytest.mark.parametrize("name", NAMES)
def test_everything_that_is_described_can_be_made(used: Place, name: str) -> None:
    made = used.world.shared(name)
    operation = CONTRACT.operations[made.resource.operations["create"]]
    assert operation.input is not None
    assert validator(operation.input)(made.params) == []
    assert used.world.identifiers(operation, made) is not None


@pytest.mark.parametrize("name", operations(SPEC))
def test_every_valid_input_is_accepted(used: Place, name: str) -> None:
    assert used.send(name).ok


#: The collaboration of one that is used again and again is not deleted for it.
DELETABLE = sorted(set(operations(SPEC)) - {"DeleteMembership"})


@pytest.mark.parametrize("name", DELETABLE)
def test_an_input_to_be_broken_is_valid_as_well(used: Place, name: str) -> None:
    assert used.send(name, scratch=True).ok


def test_the_end_leaves_nothing_but_what_nothing_deletes(place: Place) -> None:
    for name in NAMES:
        place.world.shared(name)
    for name in sorted(SPEC.resources.keys() & set(NAMES)):
        place.world.fresh(name)
        place.world.scratch(name)
    place.world.end_check()
    place.world.end()
    assert place.call("ListCollaborations", {}).output["collaborationList"] == []
    assert place.call("ListMemberships", {}).output["membershipSummaries"] == []
    assert place.call("ListConfiguredTables", {}).output["configuredTableSummaries"] == []


def test_a_variant_is_a_parent_under_its_own_name_and_its_kinds(place: Place) -> None:
    rule = place.world.shared("queried_table")
    association = place.world.shared("queried_association")
    assert rule.parents["queried_association"] is association
    assert rule.parents["configured_table_association"] is association
    assert rule.value("configured_table_association.id") == association.output["id"]


def test_what_is_required_exists_beside_what_the_input_names(place: Place) -> None:
    table = place.world.shared("id_mapping_table")
    types = {s["type"] for s in sources(table)}
    assert types == {"SOURCE", "TARGET"}
    assert table.parents["source_namespace"] is place.world.shared("source_namespace")


def sources(table: Instance) -> list[dict[str, str]]:
    found: list[dict[str, str]] = table.output["inputReferenceProperties"][
        "idMappingTableInputSource"
    ]
    return found


def test_a_variant_that_the_target_makes_into_another_is_no_use(make: Make) -> None:
    wrong = evolve(SPEC.variants["source_namespace"], shows=SPEC.variants["target_namespace"].shows)
    place = make(evolve(SPEC, variants={**SPEC.variants, "source_namespace": wrong}))
    with pytest.raises(Inconclusive, match="what the target made is no source namespace"):
        place.world.shared("id_mapping_table")


def test_something_that_comes_true_by_itself_is_waited_for(place: Place) -> None:
    query = place.world.shared("ended_query")
    assert place.world.keeper.state_of(query)["status"] == "SUCCESS"


def test_something_that_does_not_come_true_is_waited_for_no_longer_than_patience(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conformance.target.keeping.PATIENCE_S", 0.1)
    place = make()
    with pytest.raises(Inconclusive, match=r"no ended query after 0\.1 s, still status S"):
        place.world.fresh("ended_query")


def test_volatile_members_are_not_kept(place: Place) -> None:
    query = place.world.fresh("protected_query")
    assert "status" not in query.output
    assert query.output["id"]


def test_an_update_keeps_what_it_requires_as_it_was_given(make: Make) -> None:
    rule = evolve(SPEC.resources["configured_table_analysis_rule"], updatable=None)
    place = make(evolve(SPEC, resources={**SPEC.resources, rule.name: rule}))
    params = place.valid("UpdateConfiguredTableAnalysisRule").params
    assert params["analysisRulePolicy"] == rule.input["analysisRulePolicy"]


def test_a_query_is_cancelled_while_it_runs(place: Place) -> None:
    prepared = place.valid("UpdateProtectedQuery")
    assert prepared.params["targetStatus"] == "CANCELLED"
    assert place.call("UpdateProtectedQuery", prepared.params).ok


def test_a_query_that_was_cancelled_is_replaced(place: Place) -> None:
    first = place.valid("UpdateProtectedQuery", scratch=True)
    again = place.valid("UpdateProtectedQuery", scratch=True)
    assert again.instance is first.instance
    assert place.call("UpdateProtectedQuery", first.params).ok
    other = place.valid("UpdateProtectedQuery", scratch=True)
    assert other.instance is not first.instance
    assert place.call("UpdateProtectedQuery", other.params).ok


def test_a_target_whose_queries_end_at_once_is_told_nothing_wrong_of(make: Make) -> None:
    now = Pace(submitted=0, running=0, cancelling=0, exporting=0)
    place = make(on=create_app(CONTRACT, pace=now))
    with pytest.raises(Inconclusive, match="no update is known of a protected query"):
        place.valid("UpdateProtectedQuery")


@pytest.mark.skipif(
    "UpdateCollaborationChangeRequest" not in CONTRACT.operations,
    reason="this botocore is older than change requests",
)
def test_a_change_request_is_committed_or_cancelled_as_its_state_allows(place: Place) -> None:
    prepared = place.valid("UpdateCollaborationChangeRequest")
    assert prepared.instance is not None
    status = place.world.keeper.state_of(prepared.instance)["status"]
    assert (status, prepared.params["action"]) == ("APPROVED", "COMMIT")


def test_what_cannot_be_deleted_is_stopped(place: Place) -> None:
    job = place.world.fresh("protected_job")
    place.world.end_check()
    assert place.world.keeper.state_of(job)["status"] in ("CANCELLING", "CANCELLED")


def test_room_for_what_ends_by_itself_is_waited_for(make: Make) -> None:
    place = make(quotas=Quotas(ongoing_jobs=1))
    one, other = place.world.fresh("protected_job"), place.world.fresh("protected_job")
    assert one.output["id"] != other.output["id"]


def test_parents_of_broken_inputs_are_used_again_until_one_is_let_in(place: Place) -> None:
    name, member = "CreateConfiguredTableAnalysisRule", "configuredTableIdentifier"
    first = place.valid(name, scratch=True)
    assert place.valid(name, scratch=True).params[member] == first.params[member]
    assert place.valid(name).params[member] != first.params[member]
    reply = place.call(name, first.params)
    place.inputs.after(CONTRACT.operations[name], reply, first)
    assert place.valid(name, scratch=True).params[member] != first.params[member]
    place.world.end_check()
    gone = place.call("GetConfiguredTable", {member: first.params[member]})
    assert gone.status == 404


def test_a_call_that_spends_a_resource_gets_one_of_its_own(place: Place) -> None:
    name, member = "PopulateIdMappingTable", "idMappingTableIdentifier"
    one, other = place.valid(name), place.valid(name)
    assert one.params[member] != other.params[member]
    assert one.instance is not None
    assert one.instance.output["id"] == one.params[member]
    spare = place.valid(name, scratch=True)
    assert place.valid(name, scratch=True).instance is spare.instance
    place.world.spoiled(spare.instance)
    assert place.valid(name, scratch=True).instance is not spare.instance


def test_expressions_of_one_input_speak_of_one_new_resource(place: Place) -> None:
    template = {"a": "${fresh:configured_table.id}", "b": "${fresh:configured_table.arn}"}
    filled, instance = place.world.filled_for(template)
    assert instance is not None
    assert (filled["a"], filled["b"]) == (instance.output["id"], instance.output["arn"])


def test_several_stand_in_one_list(place: Place) -> None:
    several = place.world.several("analysis_template")
    membership = several[0].value("membership.id")
    listed = place.call("ListAnalysisTemplates", {"membershipIdentifier": membership}).output
    ids = {row["id"] for row in listed["analysisTemplateSummaries"]}
    assert len(several) == 3
    assert {each.output["id"] for each in several} <= ids
    assert place.world.several("analysis_template") == several


def test_only_one_stands_in_the_list_of_an_exclusive_parent(place: Place) -> None:
    assert len(place.world.several("privacy_budget_template")) == 1
    assert len(place.world.several("configured_table_association")) == 3


def test_what_fills_a_list_does_for_changes_as_well(place: Place) -> None:
    several = place.world.several("configured_audience_model_association")
    assert place.world.scratch("configured_audience_model_association") in several


def test_operations_that_nobody_is_sure_of_are_not_bound(place: Place) -> None:
    assert not place.valid("DeleteMember").bound
    assert place.valid("ListMembers").bound


def test_a_run_that_only_reads_looks_at_what_is_there(make: Make) -> None:
    app = create_app(CONTRACT, pace=PACE)
    writer = make(on=app)
    made = writer.world.shared("configured_table_association")
    reader = make(on=app, read_only=True)
    params = reader.valid("GetSchema").params
    assert params["name"] == made.output["name"]
    with pytest.raises(Inconclusive, match="nobody tells which configured_table_analysis_rule"):
        reader.valid("GetSchemaAnalysisRule")


def test_a_run_that_only_reads_passes_over_what_has_ended(make: Make) -> None:
    app = create_app(CONTRACT, pace=PACE)
    writer = make(on=app)
    ended, active = writer.world.fresh("membership"), writer.world.fresh("membership")
    writer.call("DeleteCollaboration", {"collaborationIdentifier": ended.output["collaborationId"]})
    reader = make(on=app, read_only=True)
    assert reader.world.shared("membership").output["id"] == active.output["id"]


def test_half_a_character_is_nothing_to_send_back(place: Place) -> None:
    made = place.world.shared("configured_table")
    broken = Instance(made.resource, made.params, {**made.output, "id": "\ud800"}, {})
    with pytest.raises(Inconclusive, match="the id of a configured table is no text to send back"):
        broken.value("id")


def test_what_an_older_contract_does_not_have_is_left_out() -> None:
    shape = CONTRACT.operations["CreateCollaboration"].input
    assert shape is not None
    given = {"name": "a", "colour": "red", "creatorMemberAbilities": ["CAN_QUERY", "CAN_FLY"]}
    kept = {"name": "a", "creatorMemberAbilities": ["CAN_QUERY"]}
    assert known_to(shape, given) == kept


@pytest.mark.parametrize(
    ("shown", "wanted", "expected"),
    [
        ({"status": "A", "more": 1}, {"status": "A"}, True),
        ({"status": "A"}, {"status": ["B", "A"]}, True),
        ({"status": "C"}, {"status": ["B", "A"]}, False),
        ({"of": {"type": "A"}}, {"of": {"type": "A"}}, True),
        ({"of": {"type": "B"}}, {"of": {"type": "A"}}, False),
        ({}, {"status": "A"}, False),
        ({"of": "A"}, {"of": {"type": "A"}}, False),
        ({}, {}, True),
    ],
)
def test_a_state_fits_what_is_wanted_of_it(shown: Any, wanted: Any, expected: bool) -> None:
    assert fits(shown, wanted) is expected

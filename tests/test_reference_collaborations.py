"""Collaborations, members, memberships and payments of the reference target."""

from __future__ import annotations

import pytest
from reference_support import (
    ONE,
    STRANGER,
    THREE,
    TWO,
    UNKNOWN_ID,
    Account,
    RefusedError,
    collaborate,
    collaboration_input,
    join,
    member,
    new_app,
    refused,
)

from conformance.reference import ManualClock, ReferenceTarget

RUNS = ("CAN_QUERY", "CAN_RECEIVE_RESULTS")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def app(clock: ManualClock) -> ReferenceTarget:
    return new_app(clock=clock)


@pytest.fixture
def one(app: ReferenceTarget) -> Account:
    return Account(app, ONE)


@pytest.fixture
def two(app: ReferenceTarget) -> Account:
    return Account(app, TWO)


@pytest.fixture
def three(app: ReferenceTarget) -> Account:
    return Account(app, THREE)


@pytest.fixture
def stranger(app: ReferenceTarget) -> Account:
    return Account(app, STRANGER)


def test_a_collaboration_echoes_what_was_stated_and_nothing_more(one: Account) -> None:
    metadata = {
        "allowCleartext": True,
        "allowDuplicates": False,
        "allowJoinsOnColumnsWithDifferentNames": False,
        "preserveNulls": True,
    }
    stated = collaboration_input(member(TWO, *RUNS), dataEncryptionMetadata=metadata)
    created = one.CreateCollaboration(**stated)["collaboration"]
    assert one.GetCollaboration(collaborationIdentifier=created["id"])["collaboration"] == created
    assert created == {
        "id": created["id"],
        "arn": f"arn:aws:cleanrooms:us-east-1:{ONE}:collaboration/{created['id']}",
        "name": "shared data",
        "description": "what we share",
        "creatorAccountId": ONE,
        "creatorDisplayName": "creator",
        "createTime": 1_700_000_000.0,
        "updateTime": 1_700_000_000.0,
        "memberStatus": "INVITED",
        "queryLogStatus": "ENABLED",
        "analyticsEngine": "SPARK",
        "dataEncryptionMetadata": metadata,
    }


def test_only_members_see_a_collaboration_and_nobody_learns_whether_it_exists(
    one: Account, two: Account, stranger: Account
) -> None:
    known = collaborate(one, member(TWO, *RUNS))
    assert two.GetCollaboration(collaborationIdentifier=known)["collaboration"]["id"] == known
    for identifier in (known, UNKNOWN_ID):
        refusal = refused(stranger.GetCollaboration, collaborationIdentifier=identifier)
        assert (refusal.status, refusal.code) == (403, "AccessDeniedException")
    assert stranger.all("ListCollaborations") == []


def test_an_update_changes_what_it_states_and_moves_the_update_time(
    one: Account, clock: ManualClock
) -> None:
    known = collaborate(one)
    before = one.GetCollaboration(collaborationIdentifier=known)["collaboration"]
    clock.advance(1.5)
    after = one.UpdateCollaboration(collaborationIdentifier=known, name="renamed")["collaboration"]
    assert after == before | {"name": "renamed", "updateTime": before["updateTime"] + 1.5}
    clock.advance(1)
    assert one.UpdateCollaboration(collaborationIdentifier=known)["collaboration"] == after


def test_only_the_creator_may_update_delete_and_remove_members(one: Account, two: Account) -> None:
    known = collaborate(one, member(TWO, *RUNS), member(THREE))
    for call, more in (
        (two.UpdateCollaboration, {"name": "mine"}),
        (two.DeleteCollaboration, {}),
        (two.DeleteMember, {"accountId": THREE}),
    ):
        assert refused(call, collaborationIdentifier=known, **more).status == 403


def test_a_deleted_collaboration_is_gone_and_its_memberships_say_so(
    one: Account, two: Account
) -> None:
    known = collaborate(one, member(TWO, *RUNS))
    mine, yours = join(one, known), join(two, known)
    one.DeleteCollaboration(collaborationIdentifier=known)
    for account, membership in ((one, mine), (two, yours)):
        assert refused(account.GetCollaboration, collaborationIdentifier=known).status == 403
        assert account.all("ListCollaborations") == []
        found = account.GetMembership(membershipIdentifier=membership)["membership"]
        assert found["status"] == "COLLABORATION_DELETED"
        assert account.all("ListMemberships", status="ACTIVE") == []
        account.DeleteMembership(membershipIdentifier=membership)
        assert refused(account.GetMembership, membershipIdentifier=membership).status == 404
    assert refused(one.DeleteCollaboration, collaborationIdentifier=known).status == 403


def test_members_are_invited_join_leave_and_are_removed(
    one: Account, two: Account, three: Account, clock: ManualClock
) -> None:
    known = collaborate(one, member(TWO, *RUNS), member(THREE))

    def statuses() -> dict[str, str]:
        rows = one.all("ListMembers", collaborationIdentifier=known)
        return {row["accountId"]: row["status"] for row in rows}

    assert statuses() == {ONE: "INVITED", TWO: "INVITED", THREE: "INVITED"}
    clock.advance(5)
    yours, theirs = join(two, known), join(three, known)
    join(one, known)
    assert statuses() == {ONE: "ACTIVE", TWO: "ACTIVE", THREE: "ACTIVE"}
    two.DeleteMembership(membershipIdentifier=yours)
    one.DeleteMember(collaborationIdentifier=known, accountId=THREE)
    assert statuses() == {ONE: "ACTIVE", TWO: "LEFT", THREE: "REMOVED"}
    removed = three.GetMembership(membershipIdentifier=theirs)["membership"]
    assert removed["status"] == "REMOVED"
    for account in (two, three):
        assert refused(account.GetCollaboration, collaborationIdentifier=known).status == 403
        assert account.all("ListCollaborations") == []
    one.DeleteMember(collaborationIdentifier=known, accountId=THREE)


def test_joining_moves_the_members_time_and_not_the_collaborations(
    one: Account, clock: ManualClock
) -> None:
    known = collaborate(one)
    clock.advance(9)
    membership = join(one, known)
    (row,) = one.all("ListMembers", collaborationIdentifier=known)
    found = one.GetCollaboration(collaborationIdentifier=known)["collaboration"]
    assert found["updateTime"] == found["createTime"] == row["createTime"]
    assert row["updateTime"] == row["createTime"] + 9
    assert found["membershipId"] == row["membershipId"] == membership


def test_the_creator_cannot_be_removed_or_leave_while_the_collaboration_lives(one: Account) -> None:
    known = collaborate(one)
    mine = join(one, known)
    assert refused(one.DeleteMember, collaborationIdentifier=known, accountId=ONE).status == 409
    assert refused(one.DeleteMembership, membershipIdentifier=mine).status == 409
    unknown = refused(one.DeleteMember, collaborationIdentifier=known, accountId=STRANGER)
    assert unknown.status == 404


def test_an_account_joins_once_and_not_again_after_leaving(one: Account, two: Account) -> None:
    known = collaborate(one, member(TWO, *RUNS))
    yours = join(two, known)
    again = refused(join, account=two, collaboration=known)
    assert (again.code, again.document["reason"]) == ("ConflictException", "ALREADY_EXISTS")
    assert again.document["resourceId"] == yours
    two.DeleteMembership(membershipIdentifier=yours)
    assert refused(join, account=two, collaboration=known).status == 403


def test_a_membership_copies_from_its_collaboration_and_shows_its_rename(
    one: Account, two: Account
) -> None:
    known = collaborate(one, member(TWO, *RUNS))
    joined = two.CreateMembership(
        collaborationIdentifier=known,
        queryLogStatus="DISABLED",
        defaultResultConfiguration={
            "outputConfiguration": {"s3": {"resultFormat": "CSV", "bucket": "results"}}
        },
    )["membership"]
    assert joined["collaborationName"] == "shared data"
    assert joined["memberAbilities"] == list(RUNS)
    assert joined["collaborationCreatorAccountId"] == ONE
    results = joined["defaultResultConfiguration"]["outputConfiguration"]
    assert results == {
        "s3": {"resultFormat": "CSV", "bucket": "results", "singleFileOutput": False}
    }
    one.UpdateCollaboration(collaborationIdentifier=known, name="renamed")
    (row,) = two.all("ListMemberships")
    assert row["collaborationName"] == "renamed"
    assert "queryLogStatus" not in row


def test_a_foreign_membership_is_denied_and_an_unknown_one_not_found(
    one: Account, two: Account
) -> None:
    mine = join(one, collaborate(one))
    assert refused(two.GetMembership, membershipIdentifier=mine).status == 403
    unknown = refused(two.GetMembership, membershipIdentifier=UNKNOWN_ID)
    assert (unknown.status, unknown.document["resourceType"]) == (404, "MEMBERSHIP")


def test_a_membership_updates_its_settings_one_by_one(one: Account, clock: ManualClock) -> None:
    mine = join(one, collaborate(one))
    before = one.GetMembership(membershipIdentifier=mine)["membership"]
    clock.advance(2)
    after = one.UpdateMembership(membershipIdentifier=mine, jobLogStatus="ENABLED")["membership"]
    expected = before | {"jobLogStatus": "ENABLED", "updateTime": before["updateTime"] + 2}
    assert after == expected


PAYS, PAYS_NOT = ({"queryCompute": {"isResponsible": pays}} for pays in (True, False))


def test_every_member_has_a_full_payment_configuration_and_the_runner_pays_by_default(
    one: Account,
) -> None:
    known = collaborate(one, member(TWO, "CAN_QUERY", "CAN_RUN_JOB"))
    rows = one.all("ListMembers", collaborationIdentifier=known)
    pays = {row["accountId"]: row["paymentConfiguration"] for row in rows}
    assert pays[TWO]["queryCompute"] == pays[TWO]["jobCompute"] == {"isResponsible": True}
    assert pays[TWO]["machineLearning"]["modelTraining"] == {"isResponsible": True}
    assert pays[ONE]["queryCompute"] == pays[ONE]["jobCompute"] == {"isResponsible": False}


def test_a_payer_that_cannot_query_must_accept_to_pay_before_it_joins(
    one: Account, two: Account
) -> None:
    known = collaborate(one, member(TWO, *RUNS), creatorPaymentConfiguration=PAYS)
    for configuration in ({}, {"paymentConfiguration": PAYS_NOT}):
        assert refused(join, account=one, collaboration=known, **configuration).status == 400
    assert refused(join, account=two, collaboration=known, paymentConfiguration=PAYS).status == 400
    join(one, known, paymentConfiguration=PAYS)
    join(two, known, paymentConfiguration=PAYS_NOT)


@pytest.mark.parametrize(
    "members",
    [
        [member(TWO, "CAN_QUERY"), member(THREE, "CAN_QUERY")],
        [member(TWO, "CAN_QUERY"), member(THREE, "CAN_RUN_JOB")],
        [member(TWO), member(TWO)],
        [member(ONE)],
    ],
)
def test_members_that_contradict_each_other_are_refused(
    one: Account, members: list[object]
) -> None:
    with pytest.raises(RefusedError) as refusal:
        collaborate(one, *members)  # type: ignore[arg-type]
    assert (refusal.value.status, refusal.value.code) == (400, "ValidationException")
    assert one.all("ListCollaborations") == []


def test_the_list_of_collaborations_is_filtered_by_the_callers_status(
    one: Account, two: Account
) -> None:
    joined, invited = (collaborate(one, member(TWO, *RUNS)) for _ in range(2))
    join(two, joined)
    for status, expected in (("ACTIVE", joined), ("INVITED", invited)):
        (row,) = two.all("ListCollaborations", memberStatus=status)
        assert (row["id"], row["memberStatus"]) == (expected, status)
        assert "description" not in row


def test_regions_are_worlds_apart(app: ReferenceTarget, one: Account) -> None:
    known = collaborate(one)
    elsewhere = Account(app, ONE, "eu-west-1")
    assert refused(elsewhere.GetCollaboration, collaborationIdentifier=known).status == 403
    arn = elsewhere.CreateCollaboration(**collaboration_input())["collaboration"]["arn"]
    assert arn.startswith(f"arn:aws:cleanrooms:eu-west-1:{ONE}:collaboration/")

"""Change requests of the reference target: who asks, who approves, and what is changed."""

from __future__ import annotations

from typing import Any

import pytest
from reference_story import Story
from reference_support import ONE, STRANGER, THREE, TWO, Account, collaborate, join, needs, refused

pytestmark = needs("CreateCollaborationChangeRequest")

NEW = STRANGER
PAYS = {"queryCompute": {"isResponsible": True}}


@pytest.fixture
def story() -> Story:
    return Story()


def of_member(account: str, *abilities: str, **more: Any) -> dict[str, Any]:
    specification = {"accountId": account, "memberAbilities": list(abilities), **more}
    return {"specificationType": "MEMBER", "specification": {"member": specification}}


def of_collaboration(*types: str) -> dict[str, Any]:
    specification = {"collaboration": {"autoApprovedChangeTypes": list(types)}}
    return {"specificationType": "COLLABORATION", "specification": specification}


def ask(story: Story, *changes: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = story.one.CreateCollaborationChangeRequest(
        **story.in_collaboration, changes=list(changes)
    )["collaborationChangeRequest"]
    return answer


def act(story: Story, account: Account, request: dict[str, Any], action: str) -> dict[str, Any]:
    answer: dict[str, Any] = account.UpdateCollaborationChangeRequest(
        **story.in_collaboration, changeRequestIdentifier=request["id"], action=action
    )["collaborationChangeRequest"]
    return answer


def agree(story: Story, *changes: dict[str, Any]) -> dict[str, Any]:
    """Has changes asked for, approved by everybody and committed."""
    request = ask(story, *changes)
    for account in (story.two, story.three):
        act(story, account, request, "APPROVE")
    return act(story, story.one, request, "COMMIT")


def row(story: Story, account: str) -> dict[str, Any]:
    rows = story.one.all("ListMembers", **story.in_collaboration)
    (found,) = [each for each in rows if each["accountId"] == account]
    return dict(found)


def test_a_request_is_pending_until_all_have_approved_and_then_committed(story: Story) -> None:
    request = ask(story, of_member(NEW, "CAN_RECEIVE_RESULTS", displayName="new"))
    assert request["status"] == "PENDING"
    assert request["isAutoApproved"] is False
    assert request["changes"][0]["types"] == ["ADD_MEMBER"]
    assert request["approvals"] == {
        ONE: {"status": "APPROVED"},
        TWO: {"status": "PENDING"},
        THREE: {"status": "PENDING"},
    }
    assert refused(lambda: act(story, story.one, request, "COMMIT")).status == 409
    assert act(story, story.two, request, "APPROVE")["status"] == "PENDING"
    assert act(story, story.three, request, "APPROVE")["status"] == "APPROVED"
    assert all(
        each["accountId"] != NEW for each in story.one.all("ListMembers", **story.in_collaboration)
    )
    story.clock.advance(1)
    done = act(story, story.one, request, "COMMIT")
    assert (done["status"], done["updateTime"]) == ("COMMITTED", request["createTime"] + 1)
    found = story.two.GetCollaborationChangeRequest(
        **story.in_collaboration, changeRequestIdentifier=request["id"]
    )["collaborationChangeRequest"]
    assert found == done
    assert row(story, NEW)["status"] == "INVITED"
    join(Account(story.app, NEW), story.collaboration)
    assert row(story, NEW)["status"] == "ACTIVE"


def test_one_denial_is_enough(story: Story) -> None:
    request = ask(story, of_member(ONE, "CAN_RECEIVE_RESULTS"))
    assert act(story, story.three, request, "DENY")["status"] == "DENIED"
    for account, action in ((story.two, "APPROVE"), (story.one, "CANCEL"), (story.one, "COMMIT")):
        refusal = refused(
            lambda account=account, action=action: act(story, account, request, action)
        )
        assert (refusal.status, refusal.document["reason"]) == (409, "INVALID_STATE")


def test_the_creator_cancels_what_is_not_committed(story: Story) -> None:
    request = ask(story, of_member(ONE, "CAN_RECEIVE_RESULTS"))
    assert refused(lambda: act(story, story.two, request, "CANCEL")).status == 403
    assert refused(lambda: act(story, story.two, request, "COMMIT")).status == 403
    assert act(story, story.one, request, "CANCEL")["status"] == "CANCELLED"
    committed = agree(story, of_member(ONE, "CAN_RECEIVE_RESULTS"))
    assert refused(lambda: act(story, story.one, committed, "CANCEL")).status == 409


def test_a_member_votes_once_and_only_if_it_is_asked(story: Story) -> None:
    request = ask(story, of_member(ONE, "CAN_RECEIVE_RESULTS"))
    act(story, story.two, request, "APPROVE")
    for action in ("APPROVE", "DENY"):
        refusal = refused(lambda action=action: act(story, story.two, request, action))
        assert refusal.status == 409
    stranger = Account(story.app, STRANGER)
    assert refused(lambda: act(story, stranger, request, "APPROVE")).status == 403


def test_what_is_approved_beforehand_needs_nobody(story: Story) -> None:
    done = agree(story, of_collaboration("ADD_MEMBER"))
    assert done["changes"][0]["types"] == ["EDIT_AUTO_APPROVED_CHANGE_TYPES"]
    found = story.two.GetCollaboration(**story.in_collaboration)["collaboration"]
    assert found["autoApprovedChangeTypes"] == ["ADD_MEMBER"]
    request = ask(story, of_member(NEW, displayName="new"))
    assert (request["status"], request["isAutoApproved"]) == ("APPROVED", True)
    assert "approvals" not in request
    act(story, story.one, request, "COMMIT")
    assert row(story, NEW)["displayName"] == "new"
    mixed = ask(story, of_member(NEW, "CAN_RECEIVE_RESULTS"), of_collaboration("ADD_MEMBER"))
    assert mixed["isAutoApproved"] is False


def test_a_creator_who_is_alone_agrees_with_itself() -> None:
    story = Story()
    alone = collaborate(story.one, autoApprovedChangeRequestTypes=[])
    request = story.one.CreateCollaborationChangeRequest(
        collaborationIdentifier=alone, changes=[of_member(TWO, displayName="two")]
    )["collaborationChangeRequest"]
    assert (request["status"], request["approvals"]) == (
        "APPROVED",
        {ONE: {"status": "APPROVED"}},
    )


def test_abilities_are_replaced_but_who_runs_analyses_stays(story: Story) -> None:
    done = agree(
        story,
        of_member(TWO),
        of_member(
            THREE,
            "CAN_EXPORT_QUERY_ANALYSIS_LOG",
            mlMemberAbilities={"customMLMemberAbilities": ["CAN_RECEIVE_MODEL_OUTPUT"]},
        ),
    )
    assert [change["types"] for change in done["changes"]] == [
        ["REVOKE_RECEIVE_RESULTS_ABILITY", "REVOKE_EXPORT_QUERY_ANALYSIS_LOG_ABILITY"],
        [
            "REVOKE_RECEIVE_RESULTS_ABILITY",
            "GRANT_EXPORT_QUERY_ANALYSIS_LOG_ABILITY",
            "GRANT_CAN_RECEIVE_MODEL_OUTPUT",
        ],
    ]
    assert row(story, TWO)["abilities"] == ["CAN_QUERY", "CAN_RUN_JOB"]
    assert row(story, THREE)["abilities"] == ["CAN_EXPORT_QUERY_ANALYSIS_LOG"]


def test_a_new_payer_accepts_after_it_was_made_a_candidate(story: Story) -> None:
    change = {**story.in_receiver, "membershipPaymentConfiguration": PAYS}
    assert refused(story.three.UpdateMembership, **change).status == 400
    done = agree(story, of_member(THREE, "CAN_RECEIVE_RESULTS", paymentConfiguration=PAYS))
    assert done["changes"][0]["types"] == ["ADD_PAYER_CANDIDATE"]
    assert row(story, THREE)["paymentConfiguration"]["queryCompute"] == {"isResponsible": True}
    membership = story.three.GetMembership(**story.in_receiver)["membership"]
    assert membership["paymentConfiguration"]["queryCompute"] == {"isResponsible": False}
    changed = story.three.UpdateMembership(**change)["membership"]
    assert changed["paymentConfiguration"]["queryCompute"] == {"isResponsible": True}
    started = story.query("select 1", queryComputePayerAccountId=THREE)
    assert started["queryComputePayerAccountId"] == THREE


def test_a_member_who_has_left_can_be_invited_again(story: Story) -> None:
    story.one.DeleteMember(**story.in_collaboration, accountId=THREE)
    request = ask(story, of_member(THREE, displayName="back again"))
    act(story, story.two, request, "APPROVE")
    act(story, story.one, request, "COMMIT")
    assert row(story, THREE)["status"] == "INVITED"
    again = join(story.three, story.collaboration)
    assert again != story.receiver
    removed = story.three.GetMembership(**story.in_receiver)["membership"]
    assert removed["status"] == "REMOVED"
    story.three.DeleteMembership(**story.in_receiver)
    assert row(story, THREE)["membershipId"] == again


@pytest.mark.parametrize(
    "changes",
    [
        [of_member(NEW)],
        [of_member(NEW, "CAN_QUERY", displayName="new")],
        [of_member(THREE, "CAN_RUN_JOB")],
        [of_member(THREE, "CAN_RECEIVE_RESULTS")],
        [of_member(NEW, displayName="a"), of_member(NEW, displayName="b")],
        [of_collaboration(), of_collaboration()],
        [{**of_collaboration(), "specificationType": "MEMBER"}],
        [{"specificationType": "COLLABORATION", "specification": {"collaboration": {}}}],
        [],
    ],
)
def test_what_cannot_be_changed_cannot_be_asked_for(
    story: Story, changes: list[dict[str, Any]]
) -> None:
    refusal = refused(lambda: ask(story, *changes))
    assert (refusal.status, refusal.code) == (400, "ValidationException")


def test_only_the_creator_asks_and_every_member_reads(story: Story) -> None:
    refusal = refused(
        story.two.CreateCollaborationChangeRequest,
        **story.in_collaboration,
        changes=[of_collaboration("ADD_MEMBER")],
    )
    assert refusal.status == 403
    requests = [ask(story, of_collaboration("ADD_MEMBER"))["id"] for _ in range(3)]
    rows = story.three.all(
        "ListCollaborationChangeRequests", **story.in_collaboration, maxResults=1
    )
    assert [each["id"] for each in rows] == requests[::-1]
    approved = story.three.all(
        "ListCollaborationChangeRequests", **story.in_collaboration, status="APPROVED"
    )
    assert approved == []
    key = {**story.in_collaboration, "changeRequestIdentifier": story.owner}
    assert refused(story.three.GetCollaborationChangeRequest, **key).status == 404

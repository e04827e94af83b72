"""Random and broken requests never make the reference target fail or leave the contract."""

from __future__ import annotations

import json
from random import Random

import pytest
from reference_fuzzer import JUNK, Fuzzer
from reference_story import LONG, Story, custom
from reference_support import ONE, REGION, new_app, send

from conformance.reference import ManualClock, ReferenceTarget
from conformance.reference.resources.records import (
    Collaboration,
    Membership,
    MembershipResource,
)


@pytest.mark.parametrize("seed", range(4))
def test_random_calls_never_fail_and_answer_as_the_contract_says(seed: int) -> None:
    clock = ManualClock()
    app = new_app(clock=clock)
    fuzzer = Fuzzer(app, seed)
    for turn in range(20):
        if turn % 10 == 0:
            furnish(fuzzer, clock)
        fuzzer.run(100)
        clock.advance(0.4)
    assert list(app.crashes) == []
    assert len(fuzzer.answered) > len(app.operations) * 0.7
    assert invariants(app) == []


def furnish(fuzzer: Fuzzer, clock: ManualClock) -> None:
    """Something of every kind, so that there is much to go wrong."""
    story = Story(fuzzer.app, clock=clock)
    for account in (story.one, story.two, story.three):
        fuzzer.watch(account)
    story.one.GetCollaboration(**story.in_collaboration)
    for account in (story.one, story.two, story.three):
        account.all("ListMemberships")
    template, job = story.template()["arn"], story.job_template()["arn"]
    story.ready()
    story.ready(custom(template, job), name="more", analysisMethod="MULTIPLE")
    story.namespace(story.one, story.owner, "source")
    story.namespace(story.two, story.runner, "target")
    story.mapping_table()
    if "PopulateIntermediateTable" in story.operations:
        table = {"intermediateTableIdentifier": story.intermediate()["id"]}
        story.two.PopulateIntermediateTable(**story.in_runner, **table)
    story.query()
    story.job(job)
    clock.advance(LONG)
    story.two.all("ListProtectedQueries", **story.in_runner)


def invariants(app: ReferenceTarget) -> list[str]:
    """What is wrong with the state, whatever calls have led to it."""
    wrong = []
    for record in app.world(REGION).records():
        if not record.created <= record.updated:
            wrong.append(f"{record.id} was updated before it was created")
        if isinstance(record, Collaboration):
            wrong += _of_collaboration(record)
        if isinstance(record, MembershipResource):
            if record.membership.resources.get(record.id) is not record:
                wrong.append(f"{record.id} does not stand under its membership")
            if app.world(REGION).find(Membership, record.membership.id) is None:
                wrong.append(f"{record.id} has outlived its membership")
    return wrong


def _of_collaboration(collaboration: Collaboration) -> list[str]:
    wrong = []
    if len(collaboration.rows) != len(collaboration.members):
        wrong.append(f"{collaboration.id} has members without rows")
    for member in collaboration.rows:
        active = member.membership is not None and member.membership.active
        if (member.status == "ACTIVE") != active:
            wrong.append(f"{member.account} of {collaboration.id} is {member.status}")
    for name, relation in collaboration.relations.items():
        if not relation.membership.active or relation.name.lower() != name:
            wrong.append(f"{name} of {collaboration.id} is no longer there")
    return wrong


def test_random_bytes_never_fail() -> None:
    app, random = new_app(), Random(11)
    pieces = ("/", "collaborations", "memberships", "tags", "%2F", "%", "?", "&", "=", "%ff", "é")
    for _ in range(3000):
        target = "/" + "".join(random.choices(pieces, k=random.randrange(8)))
        target += random.choice(["", "?", "?nextToken=%00", "?maxResults=" + "9" * 30])
        body = random.randbytes(random.randrange(40))
        body = random.choice([body, json.dumps(random.choice(JUNK)).encode()])
        method = random.choice(["GET", "POST", "PATCH", "DELETE", "PUT", "", "\x00"])
        account = random.choice([ONE, "x", "é", ""])
        reply = send(app, method, target.encode().decode("latin-1"), body, account=account)
        assert reply.status < 500, (method, target, body, reply)
        assert reply.body == b"" or reply.document is not None
    assert list(app.crashes) == []

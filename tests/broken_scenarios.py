"""Targets whose single operations are right, and which do not work together as documented."""

from __future__ import annotations

from typing import Final

from suite_faults import (
    Backend,
    Request,
    Response,
    each_row,
    query_of,
    refusal,
    set_query,
    set_to,
    shown,
)
from suite_support import BrokenTarget

GET = "GetCollaboration"
CREATE = "CreateCollaboration"
DELETE = "DeleteCollaboration"
UPDATE = "UpdateCollaboration"
MEMBERSHIP = "GetMembership"
MEMBERS = "ListMembers"
MEMBERSHIPS = "ListMemberships"
JOIN = "CreateMembership"
TABLE_UPDATE = "UpdateConfiguredTable"


SETTINGS: Final = {
    "allowCleartext": False,
    "allowDuplicates": False,
    "allowJoinsOnColumnsWithDifferentNames": False,
    "preserveNulls": False,
}


def names_are_unique(request: Request, target: Backend) -> Response:
    """A name that was given once is in conflict."""
    document = request.document
    if request.operation == CREATE and isinstance(document, dict):
        name = document.get("name")
        names = target.memory.setdefault("names", set())
        if isinstance(name, str) and name.startswith("conformance") and name in names:
            return refusal(400, "ValidationException")
        names.add(str(name))
    return target.send(request)


def several_can_query(request: Request, target: Backend) -> Response:
    """Takes the second member who can query without that ability, and says nothing."""
    document = request.document
    if request.operation == CREATE and isinstance(document, dict):
        members = document.get("members")
        for member in members if isinstance(members, list) else ():
            if isinstance(member, dict) and member.get("memberAbilities") == ["CAN_QUERY"]:
                member["memberAbilities"] = []
                request.document = document
    return target.send(request)


def lists_whatever_their_status(request: Request, target: Backend) -> Response:
    """Passes over a filter that it takes."""
    query = query_of(request)
    if request.operation == MEMBERSHIPS and query.get("status") == "REMOVED":
        del query["status"]
        set_query(request, query)
    return target.send(request)


def updates_of_nothing_fail(request: Request, target: Backend) -> Response:
    if request.operation == UPDATE and request.document in (None, {}):
        return refusal(500, "InternalServerException")
    return target.send(request)


def everybody_reads(request: Request, target: Backend) -> Response:
    """Answers the second account as if it were the first."""
    if request.operation == MEMBERSHIP:
        authorization = str(request.environ.get("HTTP_AUTHORIZATION", ""))
        request.environ["HTTP_AUTHORIZATION"] = authorization.replace(
            "222222222222", "111111111111"
        )
    return target.send(request)


def scenario(kind: str, name: str) -> dict[str, str]:
    """The case of a scenario, with its cause."""
    return {f"scenario.{kind}[{name}]": f"{kind}@{name}"}


SCENARIOS: Final = (
    BrokenTarget(
        "two collaborations cannot have one name",
        names_are_unique,
        CREATE,
        {
            "scenario.rule[collaboration-name-used-twice]": f"valid-request-refused@{CREATE}",
        },
    ),
    BrokenTarget(
        "several members can query",
        several_can_query,
        CREATE,
        scenario("rule", "two-members-who-can-query"),
    ),
    BrokenTarget(
        "a membership outlives its collaboration as if nothing had happened",
        shown(MEMBERSHIP, edit=set_to(status="ACTIVE")),
        MEMBERSHIP,
        scenario("state", "membership-of-a-deleted-collaboration"),
    ),
    BrokenTarget(
        "a list of members hides their abilities",
        each_row(MEMBERS, "memberSummaries", set_to(abilities=[])),
        MEMBERS,
        scenario("view", "abilities-in-order"),
    ),
    BrokenTarget(
        "everybody reads every membership",
        everybody_reads,
        MEMBERSHIP,
        {f"accounts.private[{MEMBERSHIP}:membershipIdentifier]": f"accounts.private@{MEMBERSHIP}"},
    ),
    BrokenTarget(
        "a list of memberships has all of them, whatever status is asked for",
        lists_whatever_their_status,
        MEMBERSHIPS,
        scenario("view", "memberships-by-status"),
        also=("pagination.filter*", "pagination.token-of-another-filter*"),
    ),
    BrokenTarget(
        "where results of jobs go is forgotten",
        shown(JOIN, edit=lambda m: m.pop("defaultJobResultConfiguration", None)),
        "UpdateMembership",
        scenario("view", "results-of-jobs"),
    ),
    BrokenTarget(
        "the columns of a table stay what they are",
        shown(TABLE_UPDATE, edit=set_to(allowedColumns=["column_1", "column_2", "column_3"])),
        TABLE_UPDATE,
        scenario("rule", "reference-and-columns-changed"),
    ),
    BrokenTarget(
        "a collaboration does not tell of its metrics",
        shown(GET, edit=lambda c: c.pop("isMetricsEnabled", None)),
        GET,
        scenario("view", "metrics-and-regions"),
    ),
    BrokenTarget(
        "encryption settings are made up",
        shown(GET, edit=lambda c: c.setdefault("dataEncryptionMetadata", dict(SETTINGS))),
        GET,
        scenario("default", "collaboration-without-encryption-settings"),
    ),
    BrokenTarget(
        "an update of nothing fails inside",
        updates_of_nothing_fail,
        UPDATE,
        scenario("open", "update-that-states-nothing"),
        also=("error.*", "random.*", "protocol.*"),
    ),
)

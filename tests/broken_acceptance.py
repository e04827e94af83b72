"""Targets that refuse what the contract allows, lose it, or do what they have refused to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from broken_inputs import CREATE, GET, LIST, TABLE, UPDATE, at, refuses_on
from suite_faults import (
    Backend,
    Fault,
    Request,
    Response,
    asked,
    body_asked,
    query_of,
    refusal,
)
from suite_support import BrokenTarget

from conformance.spec import load as load_spec

SCHEMA = "GetSchema"

INVALID = refusal(400, "ValidationException")


def stated(condition: Callable[[dict[str, Any]], bool]) -> Callable[[Request], bool]:
    """Whether a body that is a JSON object meets a condition."""
    return lambda request: isinstance(request.document, dict) and condition(request.document)


def names_athena(document: dict[str, Any]) -> bool:
    reference = document.get("tableReference")
    return isinstance(reference, dict) and set(reference) == {"athena"}


def carried_out_anyway(operation: str) -> Fault:
    """Refuses what is invalid, and does as much of it as is valid by itself: its name."""

    def fault(request: Request, target: Backend) -> Response:
        answer = target.send(request)
        document = request.document
        if request.operation != operation or not isinstance(document, dict):
            return answer
        if answer.ok:
            target.memory["valid"] = document
        elif answer.status == 400 and "valid" in target.memory:
            request.document = target.memory["valid"] | {"name": document.get("name")}
            target.send(request)
        return answer

    return fault


def takes_an_empty_label(request: Request, target: Backend) -> Response:
    """Takes the path of the list for that of an update."""
    if (request.method, request.path) == ("PATCH", "/collaborations/"):
        return Response(200, {"content-type": "application/json"}, b'{"collaboration": {}}')
    return target.send(request)


def label_from_body(request: Request) -> None:
    document = request.document
    if isinstance(document, dict) and isinstance(document.get("collaborationIdentifier"), str):
        request.path = f"/collaborations/{document['collaborationIdentifier']}"


def query_with_blanks(request: Request) -> None:
    request.query = request.query.replace("%2B", "%20")


TAGGED: Final = [r.name for r in load_spec("cleanrooms").resources.values() if r.tagged_by]

ACCEPTANCE: Final = (
    BrokenTarget(
        "a name of the greatest length is refused",
        refuses_on(UPDATE, INVALID, stated(lambda d: len(str(d.get("name"))) == 100)),
        UPDATE,
        at(UPDATE, "accepted.bound", "name=max-length"),
    ),
    BrokenTarget(
        "a page of one item is refused",
        refuses_on(LIST, INVALID, lambda request: query_of(request).get("maxResults") == "1"),
        LIST,
        at(LIST, "accepted.bound", "maxResults=minimum"),
        also=("pagination.*", "accepted.fullest*"),
    ),
    BrokenTarget(
        "a longer description is cut",
        body_asked(
            UPDATE,
            edit=lambda d: (
                d.update(description=d["description"][:99])
                if isinstance(d.get("description"), str) and len(d["description"]) == 255
                else None
            ),
        ),
        UPDATE,
        at(
            UPDATE,
            "accepted.bound",
            "description=max-length",
            cause="lifecycle.update@collaboration:description",
        ),
    ),
    BrokenTarget(
        "a value of an enum is refused",
        refuses_on(
            LIST, INVALID, lambda request: query_of(request).get("memberStatus") == "INVITED"
        ),
        LIST,
        at(LIST, "accepted.enum", "memberStatus=INVITED"),
        also=("accepted.fullest*", "pagination.filter*", "pagination.token-of-another-filter*"),
    ),
    BrokenTarget(
        "a member of a union is refused",
        refuses_on(TABLE, INVALID, stated(names_athena)),
        TABLE,
        at(TABLE, "accepted.union-member", "tableReference=athena"),
        also=("accepted.*",),
    ),
    BrokenTarget(
        "a list has to say how long its pages are",
        refuses_on(LIST, INVALID, lambda request: "maxResults" not in query_of(request)),
        LIST,
        {f"accepted.smallest[{LIST}]": f"accepted.smallest@{LIST}"},
        also=("*",),
    ),
    BrokenTarget(
        "a page size and a filter exclude each other",
        refuses_on(
            LIST,
            INVALID,
            lambda request: {"maxResults", "memberStatus"} <= set(query_of(request)),
        ),
        LIST,
        {f"accepted.fullest[{LIST}]": f"accepted.fullest@{LIST}"},
        also=("pagination.filter*",),
    ),
    BrokenTarget(
        "what is refused is created anyway",
        carried_out_anyway(CREATE),
        CREATE,
        {"refusal.creates-nothing[collaboration]": f"refusal.creates-nothing@{CREATE}"},
    ),
    BrokenTarget(
        "what is refused is changed anyway",
        carried_out_anyway(UPDATE),
        UPDATE,
        {"refusal.changes-nothing[collaboration]": f"refusal.changes-nothing@{UPDATE}"},
    ),
    # --- labels
    BrokenTarget(
        "an empty label is accepted",
        takes_an_empty_label,
        UPDATE,
        at(UPDATE, "label.empty", "collaborationIdentifier"),
    ),
    BrokenTarget(
        "labels are not decoded",
        refuses_on(GET, refusal(403, "AccessDeniedException"), lambda r: "%" in r.path),
        GET,
        at(GET, "label.encoded", "collaborationIdentifier"),
    ),
    BrokenTarget(
        "the body has labels, too",
        asked(UPDATE, edit=label_from_body),
        UPDATE,
        at(UPDATE, "label.overridden", "collaborationIdentifier"),
    ),
    BrokenTarget(
        "names with blanks are not found",
        refuses_on(SCHEMA, refusal(404, "ResourceNotFoundException"), lambda r: "%20" in r.path),
        SCHEMA,
        at(SCHEMA, "label.characters", "name", cause=f"valid-request-refused@{SCHEMA}"),
        also=("error.*",),
    ),
    BrokenTarget(
        "a plus in a query is a blank, however it is encoded",
        asked("UntagResource", edit=query_with_blanks),
        "TagResource",
        {f"label.query-characters[{n}]": "label.query-characters@TagResource" for n in TAGGED},
    ),
)

"""Targets that refuse what the contract allows, lose it, or do what they have refused to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from broken_inputs import CREATE, LIST, TABLE, UPDATE, at, refuses_on
from suite_faults import Backend, Fault, Request, Response, body_asked, query_of, refusal
from suite_support import BrokenTarget

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
        also=("accepted.fullest*",),
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
)

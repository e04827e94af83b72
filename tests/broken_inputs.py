"""Targets that take what they have to refuse, refuse it in another way, or refuse what is valid."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from suite_faults import Backend, Fault, Request, Response, asked, body_asked, refusal
from suite_support import BrokenTarget

from conformance.contract import load

UPDATE = "UpdateCollaboration"
TABLE = "UpdateConfiguredTable"
TAG = "TagResource"
UNTAG = "UntagResource"
LIST = "ListCollaborations"
GET = "GetCollaboration"
CREATE = "CreateCollaboration"


def takes(
    operation: str, kind: str, member: str, repair: Callable[[dict[str, Any]], object]
) -> BrokenTarget:
    """A target that lets one violation of a member of a body through.

    Args:
        repair: makes the body valid where it is not, so that the reference target takes it.
    """
    return BrokenTarget(
        f"{operation} takes a violation of {kind} at {member}",
        body_asked(operation, edit=repair),
        operation,
        at(operation, kind, member),
    )


def takes_in_query(
    operation: str, kind: str, member: str, repair: Callable[[dict[str, str]], object]
) -> BrokenTarget:
    """The same for the query."""

    def edit(request: Request) -> None:
        query = dict(parse_qsl(request.query))
        repair(query)
        request.query = urlencode(query)

    return BrokenTarget(
        f"{operation} takes a violation of {kind} at {member}",
        asked(operation, edit=edit),
        operation,
        at(operation, kind, member),
    )


def at(operation: str, kind: str, *members: str, cause: str = "") -> dict[str, str]:
    return {f"{kind}[{operation}:{member}]": cause or f"{kind}@{operation}" for member in members}


def text(document: dict[str, Any], name: str, change: Callable[[str], str]) -> None:
    if isinstance(document.get(name), str):
        document[name] = change(document[name])


def any_text(document: dict[str, Any], name: str, kind: type) -> None:
    """Makes a text of a value of just that type."""
    if type(document.get(name)) is kind:
        document[name] = str(document[name])[2:9] or "1"


def tag_values(document: dict[str, Any], kind: type) -> None:
    tags = document.get("tags")
    if isinstance(tags, dict):
        document["tags"] = {k: "x" if type(v) is kind else v for k, v in tags.items()}


def null_for_none(document: dict[str, Any]) -> None:
    if "tags" in document and document["tags"] is None:
        document["tags"] = {}


def matching(name: str) -> str:
    """A name that its pattern knows, unless its length is wrong."""
    shape = load("cleanrooms").operation(UPDATE).members["name"].shape
    assert shape.pattern is not None
    return name if shape.pattern.matches(name) or not 0 < len(name) <= 100 else "any name"


def shortened_id(request: Request) -> None:
    request.path = re.sub(r"(/collaborations/.{36})[^/]+$", r"\1", request.path)


def any_body(request: Request) -> None:
    """Takes a body that is no JSON object for an empty one."""
    if not isinstance(request.document, dict):
        request.body = b'{"tags": {}}'


def refuses_otherwise(operation: str, response: Response) -> Fault:
    """Answers in another way where the reference target refuses an input as invalid."""

    def fault(request: Request, target: Backend) -> Response:
        answer = target.send(request)
        return response if request.operation == operation and answer.status == 400 else answer

    return fault


def refuses_unknown_members(request: Request, target: Backend) -> Response:
    document = request.document
    if request.operation == TAG and isinstance(document, dict) and set(document) - {"tags"}:
        return refusal(400, "ValidationException")
    return target.send(request)


def fails_on(operation: str, condition: Callable[[Request], bool]) -> Fault:
    """Fails inside on some valid inputs."""

    def fault(request: Request, target: Backend) -> Response:
        if request.operation == operation and condition(request):
            return refusal(500, "InternalServerException")
        return target.send(request)

    return fault


def refuses_on(operation: str, response: Response, condition: Callable[[Request], bool]) -> Fault:
    """Refuses some valid inputs with an error that is none of the contract's."""

    def fault(request: Request, target: Backend) -> Response:
        if request.operation == operation and condition(request):
            return response
        return target.send(request)

    return fault


def of_one_character(request: Request) -> bool:
    document = request.document
    return isinstance(document, dict) and len(str(document.get("name"))) == 1


def without_description(request: Request) -> bool:
    document = request.document
    return isinstance(document, dict) and "description" not in document


def is_not_ascii(request: Request) -> bool:
    return (
        isinstance(request.document, dict)
        and not json.dumps(request.document, ensure_ascii=False).isascii()
    )


def union_repaired(reference: dict[str, Any]) -> None:
    """Takes the first known member of a table's reference, or makes one."""
    known = [name for name in reference if name in ("glue", "athena", "snowflake", "databricks")]
    kept = (
        {known[0]: reference[known[0]]}
        if known
        else {"glue": {"tableName": "t", "databaseName": "d"}}
    )
    reference.clear()
    reference.update(kept)


def union_when(condition: Callable[[set[str]], bool]) -> Callable[[dict[str, Any]], None]:
    def repair(document: dict[str, Any]) -> None:
        reference = document.get("tableReference")
        if isinstance(reference, dict) and condition(set(reference)):
            union_repaired(reference)

    return repair


def null_arm_repaired(document: dict[str, Any]) -> None:
    reference = document.get("tableReference")
    if isinstance(reference, dict) and None in reference.values():
        reference.clear()
        union_repaired(reference)


UNIONS = "tableReference"
ARMS = {"glue", "athena", "snowflake", "databricks"}

INPUTS: Final = (
    # --- constraints
    takes(TAG, "input.required", "tags", lambda d: d.setdefault("tags", {})),
    takes(TAG, "input.null", "tags", null_for_none),
    takes(TAG, "input.null", "tags{}", lambda d: tag_values(d, type(None))),
    takes(UPDATE, "input.type", "name=array", lambda d: any_text(d, "name", list)),
    takes(UPDATE, "input.type", "name=object", lambda d: any_text(d, "name", dict)),
    takes(TAG, "input.type", "tags{}=object", lambda d: tag_values(d, dict)),
    takes(UPDATE, "input.coercion", "name=number", lambda d: any_text(d, "name", int)),
    takes(TAG, "input.coercion", "tags{}=boolean", lambda d: tag_values(d, bool)),
    takes_in_query(
        LIST,
        "input.coercion",
        "maxResults=fraction",
        lambda q: q.update(maxResults="1") if q.get("maxResults") == "1.5" else None,
    ),
    takes_in_query(
        LIST,
        "input.number-format",
        "maxResults=huge",
        lambda q: q.update(maxResults="100") if len(q.get("maxResults", "")) > 9 else None,
    ),
    takes(UPDATE, "input.min-length", "name", lambda d: text(d, "name", lambda n: n or "x")),
    takes(UPDATE, "input.max-length", "name", lambda d: text(d, "name", lambda n: n[:100])),
    takes(
        UPDATE,
        "input.max-length",
        "description",
        lambda d: text(d, "description", lambda n: n[:255]),
    ),
    takes(
        TAG,
        "input.max-items",
        "tags",
        lambda d: (
            d.update(tags=dict(list(d["tags"].items())[:40]))
            if isinstance(d.get("tags"), dict)
            else None
        ),
    ),
    takes(
        TABLE,
        "input.min-items",
        "allowedColumns",
        lambda d: d.update(allowedColumns=["column_1"]) if d.get("allowedColumns") == [] else None,
    ),
    takes(
        UPDATE,
        "input.enum",
        "analyticsEngine",
        lambda d: text(d, "analyticsEngine", lambda e: "SPARK" if "UNKNOWN" in e else e),
    ),
    takes(
        UPDATE,
        "input.enum-case",
        "analyticsEngine",
        lambda d: text(d, "analyticsEngine", str.upper),
    ),
    takes(
        UPDATE,
        "input.enum-empty",
        "analyticsEngine",
        lambda d: d.pop("analyticsEngine") if d.get("analyticsEngine") == "" else None,
    ),
    takes(UPDATE, "input.pattern", "name", lambda d: text(d, "name", matching)),
    takes_in_query(
        LIST,
        "input.minimum",
        "maxResults",
        lambda q: q.update(maxResults="1") if q.get("maxResults") == "0" else None,
    ),
    takes_in_query(
        LIST,
        "input.maximum",
        "maxResults",
        lambda q: q.update(maxResults="100") if q.get("maxResults") == "101" else None,
    ),
    takes_in_query(
        LIST,
        "input.type",
        "maxResults=text",
        lambda q: q.pop("maxResults") if q.get("maxResults") == "abc" else None,
    ),
    takes_in_query(
        LIST,
        "input.enum",
        "memberStatus",
        lambda q: q.pop("memberStatus") if "UNKNOWN" in q.get("memberStatus", "") else None,
    ),
    BrokenTarget(
        "an id may go on",
        asked(GET, edit=shortened_id),
        GET,
        at(GET, "input.max-length", "collaborationIdentifier"),
        also=("label.encoded*",),
    ),
    # --- refused, but in another way
    BrokenTarget(
        "an invalid input is refused with an error of another status",
        refuses_otherwise(UPDATE, refusal(422, "ValidationException")),
        UPDATE,
        at(UPDATE, "input.min-length", "name", cause=f"input.min-length.wrong-error@{UPDATE}")
        | at(UPDATE, "input.type", "name=array", cause=f"input.type.wrong-error@{UPDATE}"),
        also=("error.names-member*", "error.status*", "input.*", "protocol.*"),
    ),
    BrokenTarget(
        "an invalid input is refused with an error of another name",
        refuses_otherwise(UPDATE, refusal(400, "InvalidParameterException")),
        UPDATE,
        at(UPDATE, "input.max-length", "name", cause=f"input.max-length.wrong-error@{UPDATE}")
        | at(UPDATE, "input.enum", "analyticsEngine", cause=f"input.enum.wrong-error@{UPDATE}"),
        also=("error.modelled*", "input.*", "protocol.*"),
    ),
    BrokenTarget(
        "an invalid input is not found",
        refuses_otherwise(UPDATE, refusal(403, "AccessDeniedException")),
        UPDATE,
        at(UPDATE, "input.max-length", "name", cause=f"input.max-length.wrong-error@{UPDATE}"),
        also=("input.*", "protocol.*"),
    ),
    BrokenTarget(
        "an invalid input is taken for an operation that is not there",
        refuses_otherwise(
            UPDATE, Response(404, {"content-type": "text/html"}, b"<h1>Not Found</h1>")
        ),
        UPDATE,
        at(UPDATE, "input.max-length", "name", cause=f"error.body@{UPDATE}"),
        also=("error.*", "input.*", "protocol.*"),
    ),
    BrokenTarget(
        "an invalid input leads to 500",
        refuses_otherwise(UPDATE, refusal(500, "InternalServerException")),
        UPDATE,
        at(
            UPDATE,
            "input.max-length",
            "name",
            "collaborationIdentifier",
            cause=f"error.server-fault@{UPDATE}",
        )
        | {f"error.server-fault[{UPDATE}]": f"error.server-fault@{UPDATE}"},
        also=("refusal.*", "input.*", "protocol.*"),
    ),
    # --- bodies
    BrokenTarget(
        "unknown members are refused",
        refuses_unknown_members,
        TAG,
        {f"input.unknown-member[{TAG}]": f"input.unknown-member@{TAG}"},
        also=("label.overridden*",),
    ),
    # --- unions
    BrokenTarget(
        "a union without a member is taken",
        body_asked(TABLE, edit=union_when(lambda arms: not arms)),
        TABLE,
        at(TABLE, "union.no-member", UNIONS),
    ),
    BrokenTarget(
        "a union with two members is taken",
        body_asked(TABLE, edit=union_when(lambda arms: len(arms) == 2 and arms <= ARMS)),
        TABLE,
        at(TABLE, "union.two-members", UNIONS),
    ),
    BrokenTarget(
        "a union with all members is taken",
        body_asked(TABLE, edit=union_when(lambda arms: len(arms) > 2)),
        TABLE,
        at(TABLE, "union.all-members", UNIONS),
    ),
    BrokenTarget(
        "a union with an unknown member beside a known one is taken",
        body_asked(TABLE, edit=union_when(lambda arms: bool(arms & ARMS) and not arms <= ARMS)),
        TABLE,
        at(TABLE, "union.extra-member", UNIONS),
    ),
    BrokenTarget(
        "a union whose member is null is taken",
        body_asked(TABLE, edit=null_arm_repaired),
        TABLE,
        at(TABLE, "union.null-member", UNIONS),
    ),
    BrokenTarget(
        "a union with an unknown member is taken",
        body_asked(TABLE, edit=union_when(lambda arms: bool(arms) and not arms & ARMS)),
        TABLE,
        at(TABLE, "union.unknown-member", UNIONS),
    ),
    # --- valid inputs of all kinds
    BrokenTarget(
        "a creation without a description leads to 500",
        fails_on(CREATE, without_description),
        CREATE,
        {
            f"random.valid-input[{CREATE}]": f"error.server-fault@{CREATE}",
            f"error.server-fault[{CREATE}]": f"error.server-fault@{CREATE}",
        },
    ),
    BrokenTarget(
        "text beyond ASCII leads to 500",
        fails_on(UPDATE, is_not_ascii),
        UPDATE,
        {
            f"random.valid-input[{UPDATE}]": f"error.server-fault@{UPDATE}",
            f"error.server-fault[{UPDATE}]": f"error.server-fault@{UPDATE}",
        },
        also=("protocol.peculiar*:lone-surrogate*",),
    ),
    BrokenTarget(
        "a short name leads to an error of another service",
        refuses_on(CREATE, refusal(400, "NameTooShort"), of_one_character),
        CREATE,
        {f"random.valid-input[{CREATE}]": f"error.modelled@{CREATE}:NameTooShort"},
        also=(
            "accepted.bound*name=min-length*",
            "input.coercion*name=number*",
            "error.*",
        ),
    ),
)

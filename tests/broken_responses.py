"""Targets that answer valid requests in the wrong form."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from suite_faults import (
    Backend,
    Fault,
    Request,
    Response,
    answered,
    changed,
    each_row,
    set_to,
    shown,
    without,
)
from suite_support import BrokenTarget

CREATE = "CreateCollaboration"
GET = "GetCollaboration"
TABLE_CREATE = "CreateConfiguredTable"
TABLE = "GetConfiguredTable"
LIST = "ListCollaborations"
DELETE = "DeleteConfiguredTable"
ATHENA = {"workGroup": "primary", "databaseName": "conformance", "tableName": "conformance"}


def status(code: int) -> Callable[[Response], None]:
    def edit(response: Response) -> None:
        response.status = code

    return edit


def body(content: bytes) -> Callable[[Response], None]:
    def edit(response: Response) -> None:
        response.body = content

    return edit


def header(name: str, value: str) -> Callable[[Response], None]:
    def edit(response: Response) -> None:
        response.headers[name] = value

    return edit


def without_header(name: str) -> Callable[[Response], None]:
    return lambda response: response.headers.pop(name)  # type: ignore[return-value]  # not looked at


def html(response: Response) -> None:
    response.headers["content-type"] = "text/html"
    response.body = b"<html><body>Welcome to nginx!</body></html>"


def duplicate_member(response: Response) -> None:
    response.body = b'{"collaboration": {}, ' + response.body[1:]


def not_a_number(response: Response) -> None:
    document = response.document
    document["collaboration"]["createTime"] = float("nan")
    response.body = json.dumps(document).encode()


def bad_utf_8(response: Response) -> None:
    response.body = response.body.replace(b"the creator", b"the \xff\xfe creator")


def cut_off(response: Response) -> None:
    response.body = response.body[:-2]


def a_table_with(reference: Callable[[Any], Any]) -> Fault:
    return shown(TABLE_CREATE, TABLE, edit=changed("tableReference", reference))


def at_its_largest(request: Request, target: Backend) -> Response:
    """A fault of the largest page only: the whole list comes without a required member."""
    response = target.send(request)
    if response.ok and request.operation == LIST and "maxResults=100" in request.query:
        document = response.document
        for row in document["collaborationList"]:
            del row["memberStatus"]
        response.document = document
    return response


def on_get(case: str, member: str = "") -> dict[str, str]:
    """Caught by a check of responses at GetCollaboration, at a member of the resource."""
    where = f":collaboration.{member}" if member else ""
    return {f"{case}[{GET}]": f"{case}@{GET}{where}"}


RESPONSES: Final = (
    # --- status, body, content type
    BrokenTarget(
        "get answers 201", answered(GET, edit=status(201)), GET, on_get("response.status")
    ),
    BrokenTarget(
        "delete answers 200 with an empty object",
        answered(DELETE, edit=lambda r: (status(200)(r), body(b"{}")(r))),
        DELETE,
        {f"response.status[{DELETE}]": f"response.status@{DELETE}"},
    ),
    BrokenTarget(
        "get answers HTML",
        answered(GET, edit=html),
        GET,
        on_get("response.body"),
        also=("lifecycle.*",),
    ),
    BrokenTarget(
        "get answers a JSON array",
        answered(GET, edit=lambda r: body(b"[" + r.body + b"]")(r)),
        GET,
        on_get("response.body"),
        also=("lifecycle.*",),
    ),
    BrokenTarget(
        "get answers nothing",
        answered(GET, edit=body(b"")),
        GET,
        on_get("response.body"),
        also=("lifecycle.*",),
    ),
    BrokenTarget(
        "get answers a cut document",
        answered(GET, edit=cut_off),
        GET,
        on_get("response.body"),
        also=("lifecycle.*",),
    ),
    BrokenTarget(
        "get answers bytes that are no UTF-8",
        answered(GET, edit=bad_utf_8),
        GET,
        on_get("response.body"),
        also=("lifecycle.*",),
    ),
    BrokenTarget(
        "get answers NaN",
        answered(GET, edit=not_a_number),
        GET,
        on_get("response.body"),
        also=("lifecycle.*",),
    ),
    BrokenTarget(
        "get answers one member twice",
        answered(GET, edit=duplicate_member),
        GET,
        on_get("response.body"),
        also=("lifecycle.*",),
    ),
    BrokenTarget(
        "get says that JSON is text",
        answered(GET, edit=header("content-type", "text/html; charset=utf-8")),
        GET,
        on_get("response.content-type"),
    ),
    BrokenTarget(
        "get says nothing of its content type",
        answered(GET, edit=without_header("content-type")),
        GET,
        on_get("response.content-type"),
    ),
    BrokenTarget(
        "get speaks another protocol's JSON",
        answered(GET, edit=header("content-type", "application/x-amz-json-1.1")),
        GET,
        on_get("response.content-type"),
    ),
    # --- required members
    BrokenTarget(
        "get drops a required member",
        shown(GET, edit=without("creatorAccountId")),
        GET,
        on_get("response.required", "creatorAccountId"),
    ),
    BrokenTarget(
        "get sends null for a required member",
        shown(CREATE, GET, edit=set_to(creatorAccountId=None)),
        GET,
        on_get("response.required", "creatorAccountId"),
    ),
    BrokenTarget(
        "get does not wrap the resource",
        answered(GET, edit=lambda r: setattr(r, "document", r.document["collaboration"])),
        GET,
        {f"response.required[{GET}]": f"response.required@{GET}:collaboration"},
        also=("lifecycle.*",),
    ),
    BrokenTarget(
        "get writes members in another case",
        shown(GET, edit=lambda c: c.update(CreatorAccountId=c.pop("creatorAccountId"))),
        GET,
        on_get("response.required", "creatorAccountId"),
    ),
    BrokenTarget(
        "a list drops a required member of its rows",
        each_row(LIST, "collaborationList", without("memberStatus")),
        LIST,
        {f"response.required[{LIST}]": f"response.required@{LIST}:collaborationList.memberStatus"},
        also=("lifecycle.summary*",),
    ),
    BrokenTarget(
        "a list answers without its list",
        shown(LIST, edit=without("collaborationList")),
        LIST,
        {f"response.required[{LIST}]": f"response.required@{LIST}:collaborationList"},
        also=("lifecycle.*", "pagination.*"),
    ),
    # --- types
    BrokenTarget(
        "get sends a time as text",
        shown(CREATE, GET, edit=set_to(createTime="2026-01-01T00:00:00Z")),
        GET,
        on_get("response.type", "createTime"),
    ),
    BrokenTarget(
        "get sends a time in milliseconds",
        shown(CREATE, GET, edit=changed("createTime", lambda time: time * 1000)),
        GET,
        on_get("response.type", "createTime"),
    ),
    BrokenTarget(
        "get sends a number as text",
        shown(CREATE, GET, edit=changed("updateTime", str)),
        GET,
        on_get("response.type", "updateTime"),
    ),
    BrokenTarget(
        "get sends a boolean as text",
        shown(
            CREATE,
            GET,
            edit=lambda c: c.get("dataEncryptionMetadata", {}).update(allowCleartext="true"),
        ),
        GET,
        on_get("response.type", "dataEncryptionMetadata.allowCleartext"),
        also=("lifecycle.echo*",),
    ),
    BrokenTarget(
        "get sends a number for a text",
        shown(CREATE, GET, edit=set_to(creatorAccountId=111111111111)),
        GET,
        on_get("response.type", "creatorAccountId"),
    ),
    BrokenTarget(
        "get sends an object for a list",
        shown(TABLE_CREATE, TABLE, edit=set_to(analysisRuleTypes={})),
        TABLE,
        {f"response.type[{TABLE}]": f"response.type@{TABLE}:configuredTable.analysisRuleTypes"},
    ),
    BrokenTarget(
        "get sends null inside a list",
        shown(TABLE_CREATE, TABLE, edit=lambda t: t["allowedColumns"].append(None)),
        TABLE,
        {f"response.type[{TABLE}]": f"response.type@{TABLE}:configuredTable.allowedColumns"},
        also=("lifecycle.echo*",),
    ),
    BrokenTarget(
        "a list has a row that is null",
        shown(LIST, edit=lambda page: page["collaborationList"].append(None)),
        LIST,
        {f"response.type[{LIST}]": f"response.type@{LIST}:collaborationList"},
        also=("pagination.*",),
    ),
    BrokenTarget(
        "a list sends its times in milliseconds",
        each_row(LIST, "collaborationList", changed("createTime", lambda time: time * 1000)),
        LIST,
        {f"response.type[{LIST}]": f"response.type@{LIST}:collaborationList[].createTime"},
        also=("lifecycle.summary*", "pagination.boto3*"),
    ),
    # --- unions
    BrokenTarget(
        "get sends two members of a union",
        a_table_with(lambda reference: {**reference, "athena": ATHENA}),
        TABLE,
        {f"response.union[{TABLE}]": f"response.union@{TABLE}:configuredTable.tableReference"},
    ),
    BrokenTarget(
        "get sends null for the member of a union",
        a_table_with(lambda _reference: {"glue": None}),
        TABLE,
        {f"response.union[{TABLE}]": f"response.union@{TABLE}:configuredTable.tableReference"},
        also=("lifecycle.echo*",),
    ),
    BrokenTarget(
        "get sends an empty union",
        a_table_with(lambda _reference: {}),
        TABLE,
        {f"response.union[{TABLE}]": f"response.union@{TABLE}:configuredTable.tableReference"},
        also=("lifecycle.echo*",),
    ),
    # --- constraints
    BrokenTarget(
        "get sends a value outside an enum",
        shown(CREATE, GET, edit=set_to(memberStatus="BUSY")),
        GET,
        on_get("response.constraint", "memberStatus"),
    ),
    BrokenTarget(
        "get sends an id that is no UUID",
        shown(GET, edit=set_to(membershipId="membership/1")),
        GET,
        on_get("response.constraint", "membershipId"),
    ),
    BrokenTarget(
        "get sends a text that is too long",
        shown(CREATE, GET, edit=set_to(creatorDisplayName="x" * 101)),
        GET,
        on_get("response.constraint", "creatorDisplayName"),
        also=("lifecycle.echo*",),
    ),
    BrokenTarget(
        "get sends a text that is too short",
        shown(CREATE, GET, edit=set_to(creatorAccountId="1111")),
        GET,
        on_get("response.constraint", "creatorAccountId"),
    ),
    BrokenTarget(
        "get sends an ARN of another form",
        shown(GET, edit=set_to(membershipArn="arn:aws:cleanrooms:membership")),
        GET,
        on_get("response.constraint", "membershipArn"),
    ),
    BrokenTarget(
        "a list drops a member only where the page is large",
        at_its_largest,
        LIST,
        {f"response.required[{LIST}]": f"response.required@{LIST}:collaborationList.memberStatus"},
        also=("lifecycle.summary*",),
    ),
)

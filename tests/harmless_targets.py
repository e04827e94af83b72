"""Targets that differ from the reference target in what a target may do as it likes.

None of them may be accused of anything: a suite that is wrong once is not read again.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable
from typing import Any, Final

from attrs import field, frozen
from framing_servers import (
    Server,
    fails_expectations,
    keeps_nothing_open,
    knows_no_coding,
    says_nothing,
    wants_lengths,
)
from suite_faults import (
    Backend,
    Fault,
    Request,
    Response,
    answered,
    each_row,
    no_fault,
    query_of,
    refusal,
    refused,
    set_query,
    shown,
    tokens_for_one_use,
)

from conformance.reference import Listener

CREATE, GET, UPDATE = "CreateCollaboration", "GetCollaboration", "UpdateCollaboration"
DELETE, LIST = "DeleteCollaboration", "ListCollaborations"
TABLE_CREATE, TABLE_GET = "CreateConfiguredTable", "GetConfiguredTable"
MEMBERSHIP_GET, TAG = "GetMembership", "TagResource"
ROWS = "collaborationList"
MEMBERS_LIST = "ListMembers"
CLOSING: Final = Server(closes=keeps_nothing_open)


@frozen
class HarmlessTarget:
    """The reference target with a peculiarity.

    Attributes:
        operation: where; the suite is run for this operation, with all its checks.
        unseen: patterns of cases that find nothing to look at because of it.
        server: what reads the requests, if that is what is peculiar.
    """

    name: str
    peculiarity: Fault = field(repr=False)
    operation: str
    unseen: tuple[str, ...] = ()
    server: Callable[[Any], Any] = field(default=Listener, repr=False)

    def __str__(self) -> str:
        return self.name


def header(name: str, value: str) -> Callable[[Response], None]:
    return lambda response: response.headers.update({name: value})


def everywhere(edit: Callable[[Response], object]) -> Fault:
    def peculiarity(request: Request, target: Backend) -> Response:
        response = target.send(request)
        edit(response)
        return response

    return peculiarity


def named_at_length(response: Response) -> None:
    code = response.headers["x-amzn-errortype"]
    response.headers["x-amzn-errortype"] = (
        f"aws.protocoltests.restjson#{code}:http://internal.amazon.com/coral/com.amazon.coral/"
    )


def unknown_members(response: Response) -> None:
    """A newer service answers with members that the contract does not know, at every depth."""

    def extended(value: Any) -> Any:
        if isinstance(value, list):
            return [extended(each) for each in value]
        if not isinstance(value, dict):
            return value
        return {name: extended(each) for name, each in value.items()} | {"newToYou": {"a": [None]}}

    response.document = extended(response.document)


def numbered(row: dict[str, Any]) -> None:
    row["id"] = f"row of {row['accountId']}"


def nulls(resource: dict[str, Any]) -> None:
    for name in ("membershipId", "membershipArn", "isMetricsEnabled"):
        resource.setdefault(name, None)


def in_whole_seconds(request: Request, target: Backend) -> Response:
    response = target.send(request)
    if response.ok and response.body:
        response.document = rounded(response.document)
    return response


def rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: int(each) if name.endswith("Time") else rounded(each)
            for name, each in value.items()
        }
    return [rounded(each) for each in value] if isinstance(value, list) else value


def indented(response: Response) -> None:
    if response.body:
        text = json.dumps(response.document, indent=4, ensure_ascii=True)
        response.body = b"\n" + text.encode() + b"\r\n"


def slow(request: Request, target: Backend) -> Response:
    time.sleep(0.02)
    return target.send(request)


def second_clock(request: Request, target: Backend) -> Response:
    """A clock that ticks between the two stamps of one creation."""
    response = target.send(request)
    if request.operation in (CREATE, GET, LIST) and response.ok:
        document = response.document
        for each in document.get(ROWS, [document.get("collaboration")]):
            if each["updateTime"] == each["createTime"]:
                each["createTime"] = round(each["createTime"] - 0.4, 3)
        response.document = document
    return response


# --- lists ------------------------------------------------------------------------------------


def empty_pages(request: Request, target: Backend) -> Response:
    """Every second page is empty and leads on: a filter was applied after the page was cut."""
    query = query_of(request)
    token = query.get("nextToken", "")
    if request.operation == LIST and token.startswith("on-"):
        set_query(request, query | {"nextToken": token.removeprefix("on-")})
        return target.send(request)
    response = target.send(request)
    if request.operation == LIST and response.ok and token and "nextToken" in response.document:
        # The rows of this page come with the next request, from the same place.
        return Response(200, response.headers, encoded({ROWS: [], "nextToken": f"on-{token}"}))
    return response


def pages_of_one(request: Request, target: Backend) -> Response:
    """A page may hold fewer items than are asked for, and then another one follows."""
    query = query_of(request)
    if request.operation == LIST and query.get("maxResults", "2") in ("2", "100"):
        set_query(request, query | {"maxResults": "1"})
    return target.send(request)


def takes_any_token(request: Request, target: Backend) -> Response:
    """A token that was never given leads to the first page."""
    response = target.send(request)
    query = query_of(request)
    if (
        request.operation == LIST
        and response.status == 400
        and "never-given" in query.get("nextToken", "")
    ):
        set_query(request, {k: v for k, v in query.items() if k != "nextToken"})
        return target.send(request)
    return response


def creates(request: Request, target: Backend, name: str) -> Response:
    document = {
        "name": name,
        "description": "of somebody else",
        "members": [],
        "creatorMemberAbilities": [],
        "creatorDisplayName": "somebody else",
        "queryLogStatus": "DISABLED",
    }
    made = Request(CREATE, {}, "POST", "/collaborations", "", encoded(document), request.environ)
    return target.send(made)


def in_use(request: Request, target: Backend) -> Response:
    """Somebody else creates and deletes collaborations of the same account all the time."""
    numbers = target.memory.setdefault("numbers", itertools.count())
    theirs: list[str] = target.memory.setdefault("theirs", [])
    if request.operation == LIST and next(numbers) % 3 == 0:
        made = creates(request, target, "theirs")
        theirs.append(made.document["collaboration"]["id"])
        if len(theirs) > 5:
            path = f"/collaborations/{theirs.pop(0)}"
            target.send(Request(DELETE, {}, "DELETE", path, "", b"", request.environ))
    return target.send(request)


def forgets_tokens(request: Request, target: Backend) -> Response:
    """A token names the next item, which somebody else now and then has deleted meanwhile."""
    numbers = target.memory.setdefault("numbers", itertools.count())
    if request.operation == LIST and "nextToken" in query_of(request) and next(numbers) % 25 == 1:
        creates(request, target, "theirs")
        return refusal(400, "ValidationException", reason="FIELD_VALIDATION_FAILED")
    return target.send(request)


def refuses(_request: Request, _target: Backend) -> Response:
    """A token that has led on is of no use any more."""
    return refusal(400, "ValidationException", reason="FIELD_VALIDATION_FAILED")


def leads_on(request: Request, target: Backend) -> Response:
    """A token is a cursor: whoever takes it again comes to the page after the next."""
    response = target.send(request)
    if response.ok and "nextToken" in response.document:
        set_query(request, query_of(request) | {"nextToken": response.document["nextToken"]})
        return target.send(request)
    return response


def walks_what_was_there(request: Request, target: Backend) -> Response:
    """A walk goes on through what there was when it began."""
    query = query_of(request)
    size, given = query.get("maxResults", "100"), query.get("nextToken", "")
    if request.operation != LIST or not size.isdigit() or not 1 <= int(size) <= 100:
        return target.send(request)
    walks: dict[str, tuple[str, list[Any]]] = target.memory.setdefault("walks", {})
    rest = {k: v for k, v in query.items() if k not in ("maxResults", "nextToken")}
    whose = f"{rest} {request.environ.get('HTTP_AUTHORIZATION', '').partition('/')[0]}"
    response = Response(200, {"content-type": "application/json"}, b"")
    if not given:
        set_query(request, rest | {"maxResults": "100"})
        response = target.send(request)
        if not response.ok:
            return response
        given = f"{len(walks)}.0"
        walks[given.partition(".")[0]] = whose, response.document[ROWS]
    walk, _, start = given.partition(".")
    if not start.isdigit() or walk not in walks or walks[walk][0] != whose:
        return refusal(400, "ValidationException", reason="FIELD_VALIDATION_FAILED")
    rows, end = walks[walk][1], int(start) + int(size)
    page = {ROWS: rows[int(start) : end]}
    response.document = page | ({"nextToken": f"{walk}.{end}"} if end < len(rows) else {})
    return response


def full_already(request: Request, target: Backend) -> Response:
    """The account has more collaborations than one page can hold."""
    if "full" not in target.memory:
        target.memory["full"] = [creates(request, target, f"theirs {n}") for n in range(120)]
    return target.send(request)


def foreign_rows_are_odd(request: Request, target: Backend) -> Response:
    """What others made long ago breaks today's constraints, and is listed all the same."""
    if "odd" not in target.memory:
        made = creates(request, target, "theirs")
        target.memory["odd"] = made.document["collaboration"]["id"]
    response = target.send(request)
    if request.operation == LIST and response.ok:
        document = response.document
        for row in document[ROWS]:
            if row["id"] == target.memory["odd"]:
                row |= {"name": "x" * 300, "analyticsEngine": "HADOOP"}
        response.document = document
    return response


def encoded(document: Any) -> bytes:
    return json.dumps(document).encode()


# --- errors -----------------------------------------------------------------------------------


def denies_instead(request: Request, target: Backend) -> Response:
    """Hides whether there is anything, where the documentation lets it."""
    response = target.send(request)
    if request.operation == MEMBERSHIP_GET and response.status == 404:
        return refusal(403, "AccessDeniedException", reason="INSUFFICIENT_PERMISSIONS")
    return response


def deletes_nothing_twice(request: Request, target: Backend) -> Response:
    """To delete what is not there succeeds; what is another's stays."""
    response = target.send(request)
    by_the_other = "Credential=222222222222/" in request.environ.get("HTTP_AUTHORIZATION", "")
    if request.operation == DELETE and response.status == 403 and not by_the_other:
        return Response(204, {}, b"")
    return response


def looks_up_first(request: Request, target: Backend) -> Response:
    """Identifiers are looked up before they are held against their pattern."""
    response = target.send(request)
    if request.operation == GET and response.status == 400:
        return refusal(403, "AccessDeniedException")
    return response


def says_little(response: Response) -> None:
    """What is wrong is told in one sentence, if at all."""
    names = [each["name"] for each in response.document.get("fieldList", ())]
    response.document = {"message": f"No: {', '.join(names)}" if names else "No."}


def silent(response: Response) -> None:
    if response.status in (400, 403):
        response.document = {}


def nothing_new_is_spelled(response: Response) -> None:
    response.headers["X-Amzn-ErrorType"] = response.headers.pop("x-amzn-errortype")


# --- the rest ---------------------------------------------------------------------------------


def reordered(table: dict[str, Any]) -> None:
    table["allowedColumns"].reverse()
    table["selectedAnalysisMethods"].reverse()


def named_arm(request: Request, target: Backend) -> Response:
    """A union says in a member of its own which of its members is set."""
    response = target.send(request)
    if request.operation in (TABLE_CREATE, TABLE_GET) and response.ok:
        document = response.document
        document["configuredTable"]["tableReference"]["__type"] = "GlueTableReference"
        response.document = document
    return response


def tells_in_a_list_only(response: Response) -> None:
    """An invalid member stands in the list of fields, and the message tells none."""
    document = response.document
    if "fieldList" in document:
        response.document = document | {"message": "Some fields are invalid."}


HARMLESS: Final = (
    # --- form
    HarmlessTarget(
        "content types have a charset",
        everywhere(header("content-type", "application/json; charset=UTF-8")),
        GET,
    ),
    HarmlessTarget(
        "content types are spelled in capitals",
        everywhere(header("content-type", "Application/JSON")),
        GET,
    ),
    HarmlessTarget(
        "the list of fields alone names what is invalid",
        refused(UPDATE, edit=tells_in_a_list_only),
        UPDATE,
    ),
    HarmlessTarget("JSON is indented", answered(GET, LIST, edit=indented), LIST),
    HarmlessTarget("responses take a moment", slow, GET),
    HarmlessTarget("times are whole seconds", in_whole_seconds, UPDATE),
    HarmlessTarget("a clock ticks within a creation", second_clock, CREATE),
    HarmlessTarget(
        "responses have members that the contract does not know",
        answered(GET, LIST, CREATE, TABLE_GET, edit=unknown_members),
        GET,
    ),
    HarmlessTarget(
        "rows have members that the contract does not know",
        answered(GET, LIST, CREATE, edit=unknown_members),
        LIST,
    ),
    HarmlessTarget(
        "rows have an id that the contract does not know",
        each_row(MEMBERS_LIST, "memberSummaries", numbered),
        MEMBERS_LIST,
    ),
    HarmlessTarget("absent members are null", shown(GET, CREATE, edit=nulls), GET),
    HarmlessTarget("a union names its type", named_arm, TABLE_GET),
    # --- errors
    HarmlessTarget(
        "errors are named with namespace and address", refused(GET, edit=named_at_length), GET
    ),
    HarmlessTarget(
        "the error header is spelled in another case",
        refused(GET, edit=nothing_new_is_spelled),
        GET,
    ),
    HarmlessTarget("errors have only a message", refused(GET, UPDATE, edit=says_little), UPDATE),
    HarmlessTarget("errors have no message", refused(GET, edit=silent), GET),
    HarmlessTarget(
        "errors have members that the contract does not know",
        refused(GET, UPDATE, edit=unknown_members),
        UPDATE,
    ),
    HarmlessTarget("what is unknown is denied", denies_instead, MEMBERSHIP_GET),
    HarmlessTarget("deleting nothing succeeds", deletes_nothing_twice, DELETE, ("error.*",)),
    HarmlessTarget("identifiers are looked up before they are checked", looks_up_first, GET),
    # --- lists
    HarmlessTarget("some pages are empty and lead on", empty_pages, LIST),
    HarmlessTarget("pages hold fewer items than asked for", pages_of_one, LIST),
    HarmlessTarget("any token leads to the first page", takes_any_token, LIST),
    HarmlessTarget("others use the account at the same time", in_use, LIST),
    HarmlessTarget("a token leads nowhere once its item is gone", forgets_tokens, LIST),
    HarmlessTarget("a token can be taken once", tokens_for_one_use(LIST, refuses), LIST),
    HarmlessTarget("a token is a cursor", tokens_for_one_use(LIST, leads_on), LIST),
    HarmlessTarget("a walk goes through what was there when it began", walks_what_was_there, LIST),
    HarmlessTarget("the account is full already", full_already, LIST),
    HarmlessTarget("rows of others break constraints", foreign_rows_are_odd, LIST),
    # --- connections
    HarmlessTarget("connections end after an answer", no_fault, CREATE, (), CLOSING),
    HarmlessTarget("chunks are not taken", no_fault, CREATE, (), Server(wants_lengths)),
    HarmlessTarget("no transfer coding is known", no_fault, CREATE, (), Server(knows_no_coding)),
    HarmlessTarget("nothing can be expected", no_fault, CREATE, (), Server(fails_expectations)),
    HarmlessTarget("what is no request has no answer", no_fault, CREATE, (), Server(says_nothing)),
    HarmlessTarget("a body with a GET is read, and in vain", no_fault, LIST, (), Server()),
    # --- values
    HarmlessTarget("sets have an order of their own", shown(TABLE_GET, edit=reordered), TABLE_GET),
)

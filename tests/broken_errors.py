"""Targets that refuse in the wrong form, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from suite_faults import Backend, Fault, Request, Response, refusal, refused
from suite_support import BrokenTarget

GET = "GetCollaboration"
TABLE = "GetConfiguredTable"
UPDATE = "UpdateConfiguredTable"
JOIN = "CreateMembership"
#: The suite is told of the control that the reference target has.
ON_DEMAND: Final = ("--control-url", "{url}/_reference", "--explore", "0")


def not_found(operation: str, edit: Callable[[Response], object]) -> Fault:
    """Changes responses that say that nothing is there."""
    return refused(operation, edit=lambda r: edit(r) if r.status in (403, 404) else None)


def html(response: Response) -> None:
    response.headers["content-type"] = "text/html"
    response.body = b"<!doctype html><title>403 Forbidden</title>"


def empty(response: Response) -> None:
    response.body = b""


def in_text(response: Response) -> None:
    response.headers["content-type"] = "text/plain"


def nameless(response: Response) -> None:
    del response.headers["x-amzn-errortype"]


def named_in_the_body_only(response: Response) -> None:
    response.document = {**response.document, "__type": response.headers.pop("x-amzn-errortype")}


def renamed(code: str, status: int | None = None) -> Any:
    def edit(response: Response) -> None:
        response.headers["x-amzn-errortype"] = code
        response.status = status or response.status

    return edit


def throttles_by(answer: Response) -> Fault:
    """Asks for fewer calls in a way of its own."""

    def fault(request: Request, target: Backend) -> Response:
        response = target.send(request)
        return answer if response.status == 429 else response

    return fault


def throttles_and_does(request: Request, target: Backend) -> Response:
    """Asks for fewer calls, and does what was asked for."""
    response = target.send(request)
    if response.status == 429:
        request.environ.pop("HTTP_USER_AGENT")
        target.send(request)
    return response


def with_status(status: int) -> Any:
    return lambda response: setattr(response, "status", status)


def with_body(**members: Any) -> Any:
    return lambda response: setattr(response, "document", members)


def array(response: Response) -> None:
    response.document = [response.document]


def instead_of_not_found(operation: str, response: Response) -> Fault:
    """Answers in another way where nothing is found."""

    def fault(request: Request, target: Backend) -> Response:
        answer = target.send(request)
        if request.operation == operation and answer.status in (403, 404):
            return response
        return answer

    return fault


def instead_of_success(operation: str, response: Response) -> Fault:
    """Refuses what is valid."""

    def fault(request: Request, target: Backend) -> Response:
        answer = target.send(request)
        return response if request.operation == operation and answer.ok else answer

    return fault


def any_id_is_the_last_one(operation: str, label: str, created_by: str) -> Fault:
    """Finds the newest resource where nothing has the id."""

    def fault(request: Request, target: Backend) -> Response:
        answer = target.send(request)
        if request.operation == created_by and answer.ok:
            (made,) = answer.document.values()
            target.memory["last"] = made["id"]
        last = target.memory.get("last")
        if request.operation == operation and answer.status in (403, 404) and last:
            request.path = request.path.replace(request.labels[label], last)
            return target.send(request)
        return answer

    return fault


def at(operation: str, *checks: str, where: str = "") -> dict[str, str]:
    return {f"{check}[{operation}]": f"{check}@{operation}{where}" for check in checks}


UNKNOWN = f"error.unknown-identifier[{GET}:collaborationIdentifier]"


def says_nothing(response: Response) -> None:
    """Keeps to itself what is wrong."""
    response.document = {"message": "Invalid request."}


ERRORS: Final = (
    # --- the body and its headers
    BrokenTarget("errors are HTML", refused(GET, edit=html), GET, at(GET, "error.body")),
    BrokenTarget("errors have no body", not_found(GET, empty), GET, at(GET, "error.body")),
    BrokenTarget("errors are JSON arrays", refused(GET, edit=array), GET, at(GET, "error.body")),
    BrokenTarget(
        "errors say that they are text",
        refused(GET, edit=in_text),
        GET,
        at(GET, "error.content-type"),
    ),
    BrokenTarget(
        "errors have no name",
        not_found(GET, nameless),
        GET,
        at(GET, "error.code"),
        also=(UNKNOWN,),
    ),
    BrokenTarget(
        "errors are named in the body only",
        refused(GET, edit=named_in_the_body_only),
        GET,
        at(GET, "error.header"),
    ),
    # --- which error
    BrokenTarget(
        "errors have names of another service",
        not_found(GET, renamed("NoSuchCollaboration")),
        GET,
        at(GET, "error.modelled", where=":NoSuchCollaboration"),
        also=(UNKNOWN,),
    ),
    BrokenTarget(
        "errors are not those that the operation declares",
        not_found(
            GET, lambda r: (renamed("ConflictException", 409)(r), with_body(message="No.")(r))
        ),
        GET,
        {
            **at(GET, "error.declared", where=":ConflictException"),
            UNKNOWN: f"error.declared@{GET}:ConflictException",
        },
    ),
    BrokenTarget(
        "get of a collaboration answers 404",
        instead_of_not_found(
            GET,
            refusal(404, "ResourceNotFoundException", resourceId="x", resourceType="COLLABORATION"),
        ),
        GET,
        {
            **at(GET, "error.declared", where=":ResourceNotFoundException"),
            UNKNOWN: f"error.declared@{GET}:ResourceNotFoundException",
        },
    ),
    BrokenTarget(
        "an error travels with the status of another",
        not_found(GET, with_status(400)),
        GET,
        at(GET, "error.status", where=":AccessDeniedException"),
    ),
    BrokenTarget(
        "an error lacks a required member",
        not_found(TABLE, with_body(message="No such table.")),
        TABLE,
        at(TABLE, "error.members", where=":ResourceNotFoundException.resourceId"),
    ),
    BrokenTarget(
        "an error has a member of another type",
        refused(GET, edit=with_body(message=["Access", "denied"])),
        GET,
        at(GET, "error.members", where=":AccessDeniedException.message"),
    ),
    BrokenTarget(
        "an error has a reason outside its enum",
        refused(GET, edit=with_body(message="Denied.", reason="BECAUSE")),
        GET,
        at(GET, "error.members", where=":AccessDeniedException.reason"),
    ),
    # --- 500
    BrokenTarget(
        "an unknown id leads to 500",
        instead_of_not_found(GET, refusal(500, "InternalServerException")),
        GET,
        {
            **at(GET, "error.server-fault"),
            UNKNOWN: f"error.server-fault@{GET}",
        },
    ),
    BrokenTarget(
        "an unknown id leads to a page of HTML with 500",
        instead_of_not_found(
            GET, Response(500, {"content-type": "text/html"}, b"<h1>Internal Server Error</h1>")
        ),
        GET,
        {
            **at(GET, "error.server-fault"),
            UNKNOWN: f"error.server-fault@{GET}",
        },
    ),
    # --- what exists
    BrokenTarget(
        "what exists is not found",
        instead_of_success(GET, refusal(403, "AccessDeniedException")),
        GET,
        {f"response.status[{GET}]": f"valid-request-refused@{GET}"},
        also=("label.*", "lifecycle.*", "response.*"),
    ),
    BrokenTarget(
        "what exists leads to 500",
        instead_of_success(GET, refusal(500, "InternalServerException")),
        GET,
        {
            **at(GET, "error.server-fault"),
            f"response.status[{GET}]": f"error.server-fault@{GET}",
        },
        also=("label.*", "lifecycle.*", "random.*", "response.*"),
    ),
    # --- what does not exist
    BrokenTarget(
        "an unknown id is found",
        any_id_is_the_last_one(GET, "collaborationIdentifier", "CreateCollaboration"),
        GET,
        {UNKNOWN: f"error.unknown-identifier@{GET}"},
        also=("error.*",),
    ),
    BrokenTarget(
        "an unknown id of a table is found",
        any_id_is_the_last_one(TABLE, "configuredTableIdentifier", "CreateConfiguredTable"),
        TABLE,
        {
            f"error.unknown-identifier[{TABLE}:configuredTableIdentifier]": (
                f"error.unknown-identifier@{TABLE}"
            )
        },
        also=("error.*",),
    ),
    BrokenTarget(
        "an unknown id can be updated",
        any_id_is_the_last_one(UPDATE, "configuredTableIdentifier", "CreateConfiguredTable"),
        UPDATE,
        {
            f"error.unknown-identifier[{UPDATE}:configuredTableIdentifier]": (
                f"error.unknown-identifier@{UPDATE}"
            )
        },
        also=("error.*",),
    ),
    BrokenTarget(
        "an unknown id is invalid",
        instead_of_not_found(TABLE, refusal(400, "ValidationException")),
        TABLE,
        {
            f"error.unknown-identifier[{TABLE}:configuredTableIdentifier]": (
                f"error.unknown-identifier@{TABLE}"
            )
        },
        also=("accounts.private*",),
    ),
    BrokenTarget(
        "an error does not say which member is invalid",
        refused(UPDATE, edit=lambda r: says_nothing(r) if r.status == 400 else None),
        UPDATE,
        {f"error.names-member[{UPDATE}:name]": f"error.names-member@{UPDATE}"},
    ),
    # --- on demand
    BrokenTarget(
        "throttling is told as a failure",
        throttles_by(refusal(503, "ServiceUnavailableException")),
        GET,
        {f"error.on-demand[{GET}:ThrottlingException]": f"error.on-demand@{GET}"},
        options=ON_DEMAND,
    ),
    *(
        BrokenTarget(
            f"what is throttled is done all the same: {operation}",
            throttles_and_does,
            operation,
            {f"error.on-demand[{operation}:ThrottlingException]": f"error.on-demand@{operation}"},
            options=ON_DEMAND,
        )
        for operation in (JOIN, "CreateCollaboration", UPDATE, "DeleteCollaboration")
    ),
)

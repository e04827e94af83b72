"""Targets that take something else for a request than was sent."""

from __future__ import annotations

from typing import Final

from framing_servers import (
    Server,
    expects_nothing,
    fills_up,
    knows_no_extension,
    leaves_unread,
    takes_the_last_number,
    takes_what_comes,
)
from suite_faults import Backend, Request, Response, no_fault, refusal
from suite_support import BrokenTarget

CREATE, LIST = "CreateCollaboration", "ListCollaborations"


def told(operation: str, *cases: str) -> dict[str, str]:
    return {
        f"{check}[{operation}:{way}]": f"{check}@{operation}"
        for check, _, way in (case.partition(":") for case in cases)
    }


def loses_the_end(request: Request, target: Backend) -> Response:
    document = request.document
    if request.environ.get("HTTP_TRANSFER_ENCODING") and isinstance(document, dict):
        document["description"] = document["description"][:-1]
        request.document = document
    return target.send(request)


def refuses_too_late(request: Request, target: Backend) -> Response:
    """Finds out that a request is not whole when it has carried it out."""
    response = target.send(request)
    whole = request.environ["framing.lengths"] in ([], [str(len(request.body))])
    return response if whole else refusal(400, "ValidationException")


FRAMING: Final = (
    BrokenTarget(
        "what came in chunks is cut",
        loses_the_end,
        CREATE,
        told(
            CREATE,
            "protocol.chunked:chunks",
            "protocol.chunked:chunk-extension",
            "protocol.transfer-encoding-and-length:both",
        ),
        server=Server(),
    ),
    BrokenTarget(
        "chunks have no extensions",
        no_fault,
        CREATE,
        told(CREATE, "protocol.chunked:chunk-extension"),
        server=Server(knows_no_extension),
    ),
    BrokenTarget(
        "all that comes is taken for the body",
        no_fault,
        CREATE,
        told(
            CREATE,
            "protocol.content-length:too-short",
            "protocol.content-length:not-stated",
            "protocol.incomplete:too-long",
            "protocol.invalid-length:differing",
            "protocol.invalid-length:no-number",
        ),
        server=Server(takes_what_comes),
    ),
    BrokenTarget(
        "the end of the connection is taken for that of the body",
        no_fault,
        CREATE,
        told(CREATE, "protocol.incomplete:too-long", "protocol.incomplete:cut-off"),
        server=Server(fills_up),
    ),
    BrokenTarget(
        "what is refused as incomplete was carried out",
        refuses_too_late,
        CREATE,
        told(CREATE, "protocol.incomplete:too-long", "protocol.incomplete:cut-off"),
        server=Server(fills_up),
    ),
    BrokenTarget(
        "the last of several lengths is taken",
        no_fault,
        CREATE,
        told(CREATE, "protocol.invalid-length:differing", "protocol.invalid-length:no-number"),
        server=Server(takes_the_last_number),
    ),
    BrokenTarget(
        "a body that is announced is not read",
        no_fault,
        CREATE,
        told(CREATE, "protocol.expect-continue:expecting"),
        server=Server(expects_nothing),
    ),
    BrokenTarget(
        "a connection goes on after a request that ends twice",
        no_fault,
        CREATE,
        told(CREATE, "protocol.transfer-encoding-and-length:both"),
        server=Server(closes=lambda _head: False),
    ),
    BrokenTarget(
        "a refused body is left unread",
        no_fault,
        CREATE,
        told(
            CREATE,
            "protocol.keep-alive:unknown-path",
            "protocol.keep-alive:chunks",
            "protocol.transfer-encoding-and-length:both",
        ),
        server=Server(leaves_unread),
    ),
    BrokenTarget(
        "a body that is of no use is left unread",
        no_fault,
        LIST,
        told(LIST, "protocol.keep-alive:body"),
        server=Server(leaves_unread),
    ),
)

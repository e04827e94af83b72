"""Targets that read what is no request of the protocol, or fail at a peculiar one."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final

from suite_faults import Backend, Fault, Request, Response, asked, refusal
from suite_support import BrokenTarget

TAG = "TagResource"
GET = "GetCollaboration"
EMPTY: Final = b'{"tags": {}}'


def reads(*kinds: str, check: str) -> dict[str, str]:
    return {f"{check}[{TAG}:{kind}]": f"{check}@{TAG}" for kind in kinds}


def mends(mend: Callable[[bytes], bytes]) -> Fault:
    """Takes a body for another, as a lenient reader does."""

    def edit(request: Request) -> None:
        request.body = mend(request.body)

    return asked(TAG, edit=edit)


def without_comments(body: bytes) -> bytes:
    return body.replace(b" // a\n", b"").replace(b" /* a */ ", b"")


def with_odd_numbers(body: bytes) -> bytes:
    return body.replace(b": NaN", b": 0").replace(b": 01", b": 1")


def first_document(body: bytes) -> bytes:
    try:
        text = body.decode()
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return body
    return text[:end].encode()


def whatever_it_is(body: bytes) -> bytes:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return body
    return body if isinstance(document, dict) else EMPTY


def as_well_as_it_goes(body: bytes) -> bytes:
    return body.decode("utf-8", "replace").encode()


def by_the_mark(body: bytes) -> bytes:
    return body.decode("utf-16").encode() if body[:2] in {b"\xff\xfe", b"\xfe\xff"} else body


def fails_on_broken_json(request: Request, target: Backend) -> Response:
    if request.operation == TAG and request.document is None:
        return refusal(500, "InternalServerException")
    return target.send(request)


def fails_when(piece: bytes) -> Fault:
    """Fails where a body has some bytes."""

    def fault(request: Request, target: Backend) -> Response:
        if request.operation == TAG and piece in request.body:
            return refusal(500, "InternalServerException")
        return target.send(request)

    return fault


def knows_one_content_type(request: Request, target: Backend) -> Response:
    if request.body and request.environ.get("CONTENT_TYPE") != "application/json":
        return refusal(415, "UnsupportedMediaTypeException")
    return target.send(request)


def reads_gzip_badly(request: Request, target: Backend) -> Response:
    if request.operation == TAG and request.environ.get("HTTP_CONTENT_ENCODING") == "gzip":
        return refusal(502, "BadGateway")
    return target.send(request)


def finds_everything(request: Request, target: Backend) -> Response:
    response = target.send(request)
    if response.status in {404, 405} and "nowhere" in request.path:
        return Response(200, {"content-type": "application/json"}, b"{}")
    return response


def takes_every_method(request: Request, target: Backend) -> Response:
    if request.method == "PUT":
        return Response(200, {"content-type": "application/json"}, b"{}")
    return target.send(request)


PECULIAR: Final = "protocol.peculiar"

PROTOCOL: Final = (
    BrokenTarget(
        "comments in JSON are passed over",
        mends(without_comments),
        TAG,
        reads("line-comment", "block-comment", check="protocol.malformed-json"),
    ),
    BrokenTarget(
        "NaN and leading zeros are numbers",
        mends(with_odd_numbers),
        TAG,
        reads("nan", "leading-zero", check="protocol.malformed-json"),
    ),
    BrokenTarget(
        "what follows the first JSON document is not read",
        mends(first_document),
        TAG,
        reads("text-after", "two-documents", check="protocol.malformed-json"),
    ),
    BrokenTarget(
        "what is no object is taken for an empty one",
        mends(whatever_it_is),
        TAG,
        reads("array", "number", "text", "boolean", "null", check="protocol.not-an-object"),
    ),
    BrokenTarget(
        "broken JSON leads to 500",
        fails_on_broken_json,
        TAG,
        {
            f"protocol.malformed-json[{TAG}:truncated]": f"error.server-fault@{TAG}",
            f"error.server-fault[{TAG}]": f"error.server-fault@{TAG}",
        },
        also=("protocol.*",),
    ),
    BrokenTarget(
        "bytes that are no UTF-8 are replaced",
        mends(as_well_as_it_goes),
        TAG,
        reads("bad-utf-8", "surrogate-bytes", check="protocol.encoding"),
    ),
    BrokenTarget(
        "UTF-16 is read",
        mends(by_the_mark),
        TAG,
        reads("utf-16", check="protocol.encoding"),
    ),
    BrokenTarget(
        "no body is taken for an empty list of tags",
        mends(lambda body: body or EMPTY),
        TAG,
        {f"protocol.no-body[{TAG}]": f"protocol.no-body@{TAG}"},
    ),
    BrokenTarget(
        "a content type is known in one form only",
        knows_one_content_type,
        TAG,
        {
            f"protocol.content-type[{TAG}:{kind}]": f"valid-request-refused@{TAG}"
            for kind in ("charset", "upper-case")
        },
    ),
    BrokenTarget(
        "deep nesting leads to 500",
        fails_when(b"[" * 900),
        TAG,
        {
            f"{PECULIAR}[{TAG}:deep-nesting]": f"{PECULIAR}:deep-nesting@{TAG}",
            f"error.server-fault[{TAG}]": f"error.server-fault@{TAG}",
        },
    ),
    BrokenTarget(
        "a compressed body leads to 502",
        reads_gzip_badly,
        TAG,
        {
            f"{PECULIAR}[{TAG}:gzip]": f"{PECULIAR}:gzip@{TAG}",
            f"error.server-fault[{TAG}]": f"error.server-fault@{TAG}",
        },
    ),
    BrokenTarget(
        "a path that leads nowhere is found",
        finds_everything,
        GET,
        {f"protocol.unknown-path[{GET}]": f"protocol.unknown-path@{GET}"},
    ),
    BrokenTarget(
        "a method that there is not is answered",
        takes_every_method,
        GET,
        {f"protocol.unknown-method[{GET}:PUT]": f"protocol.unknown-method@{GET}"},
    ),
)

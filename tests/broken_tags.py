"""Targets that lose tags, keep them, or show them where they do not belong."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from suite_faults import Backend, Request, Response, body_asked, refusal, set_to, shown, without
from suite_support import BrokenTarget

TAG = "TagResource"
UNTAG = "UntagResource"
LIST = "ListTagsForResource"
CREATE = "CreateCollaboration"
TABLE_CREATE = "CreateConfiguredTable"
MEMBERSHIP_CREATE = "CreateMembership"
GETS = ("GetCollaboration", "GetConfiguredTable", "GetMembership")


def tagged(check: str, resource: str = "collaboration") -> dict[str, str]:
    return {f"{check}[{resource}]": f"{check}@{TAG}"}


def tags_in(request: Request) -> Any:
    document = request.document
    return document.get("tags") if isinstance(document, dict) else None


def tagging_replaces(request: Request, target: Backend) -> Response:
    """All tags go before new ones come."""
    if request.operation == TAG and request.document:
        now = target.send(Request(LIST, {}, "GET", request.path, "", b"", request.environ))
        if now.ok:
            query = "&".join(f"tagKeys={quote(key)}" for key in now.document["tags"])
            target.send(Request(UNTAG, {}, "DELETE", request.path, query, b"", request.environ))
    return target.send(request)


def tagging_keeps_the_old_value(request: Request, target: Backend) -> Response:
    if request.operation == TAG and isinstance(tags_in(request), dict):
        now = target.send(Request(LIST, {}, "GET", request.path, "", b"", request.environ))
        if now.ok and target.send(request).ok:
            request.document = {"tags": tags_in(request) | now.document["tags"]}
    return target.send(request)


def untagging_removes_all(request: Request, target: Backend) -> Response:
    if request.operation == UNTAG:
        now = target.send(Request(LIST, {}, "GET", request.path, "", b"", request.environ))
        if now.ok and now.document["tags"]:
            request.query = "&".join(f"tagKeys={quote(key)}" for key in now.document["tags"])
    return target.send(request)


def untagging_removes_the_first_only(request: Request, target: Backend) -> Response:
    if request.operation == UNTAG:
        request.query = request.query.partition("&")[0]
    return target.send(request)


def tagging_stores_nothing(request: Request, target: Backend) -> Response:
    answer = target.send(request)
    if request.operation == TAG and answer.ok:
        query = "&".join(f"tagKeys={quote(key)}" for key in tags_in(request))
        target.send(Request(UNTAG, {}, "DELETE", request.path, query, b"", request.environ))
    return answer


def tagging_anything_succeeds(request: Request, target: Backend) -> Response:
    answer = target.send(request)
    if request.operation == TAG and answer.status == 404:
        return Response(200, {"content-type": "application/json"}, b"{}")
    return answer


def labels_are_not_decoded(request: Request, target: Backend) -> Response:
    if request.operation in (TAG, UNTAG, LIST) and "%" in request.path:
        return refusal(
            404, "ResourceNotFoundException", resourceType="COLLABORATION", resourceId="%"
        )
    return target.send(request)


TAGS: Final = (
    BrokenTarget(
        "tags of a creation are forgotten",
        body_asked(CREATE, TABLE_CREATE, MEMBERSHIP_CREATE, edit=without("tags")),
        TAG,
        tagged("tags.create"),
        also=("tags.*",),
    ),
    BrokenTarget(
        "tags of one type are forgotten",
        body_asked(MEMBERSHIP_CREATE, edit=without("tags")),
        TAG,
        tagged("tags.create", "membership"),
        also=("tags.*membership*",),
    ),
    BrokenTarget(
        "tagging replaces all tags",
        tagging_replaces,
        TAG,
        tagged("tags.merge"),
        also=("tags.merge*",),
    ),
    BrokenTarget(
        "tagging keeps the old values",
        tagging_keeps_the_old_value,
        TAG,
        tagged("tags.merge"),
        also=("tags.merge*",),
    ),
    BrokenTarget(
        "tagging stores nothing",
        tagging_stores_nothing,
        TAG,
        tagged("tags.merge"),
        also=(
            "label.query-characters*",
            "tags.merge*",
        ),
    ),
    BrokenTarget(
        "untagging removes all tags",
        untagging_removes_all,
        TAG,
        tagged("tags.remove"),
        also=("tags.remove*",),
    ),
    BrokenTarget(
        "untagging removes the first key only",
        untagging_removes_the_first_only,
        TAG,
        tagged("tags.remove"),
        also=(
            "label.query-characters*",
            "tags.remove*",
        ),
    ),
    BrokenTarget(
        "encoded labels of a path are not decoded",
        labels_are_not_decoded,
        TAG,
        {
            "tags.create[collaboration]": f"valid-request-refused@{LIST}",
            "tags.merge[collaboration]": f"valid-request-refused@{TAG}",
        },
        also=("input.*", "label.*", "protocol.*", "response.*", "tags.*"),
    ),
    BrokenTarget(
        "resources show their tags",
        shown(*GETS, edit=set_to(tags={"team": "a"})),
        TAG,
        tagged("tags.not-shown"),
        also=("tags.not-shown*",),
    ),
    BrokenTarget(
        "an unknown ARN can be tagged",
        tagging_anything_succeeds,
        TAG,
        {
            **tagged("tags.unknown"),
            f"error.unknown-identifier[{TAG}:resourceArn]": f"error.unknown-identifier@{TAG}",
        },
        also=("error.*", "tags.unknown*"),
    ),
)

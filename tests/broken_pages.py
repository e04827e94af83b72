"""Targets whose lists cannot be walked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from suite_faults import (
    Backend,
    Fault,
    Request,
    Response,
    asked,
    each_row,
    query_of,
    refusal,
    set_query,
    set_to,
    shown,
    tokens_for_one_use,
)
from suite_support import BrokenTarget

LIST = "ListCollaborations"
ROWS = "collaborationList"
MEMBERSHIPS = "ListMemberships"
TEMPLATES = "ListAnalysisTemplates"
NOBODYS = "00000000-0000-4000-8000-000000000000"


def without_query(*names: str) -> Fault:
    """Ignores parameters."""

    def edit(request: Request) -> None:
        query = query_of(request)
        set_query(request, {k: v for k, v in query.items() if k not in names})

    return asked(LIST, edit=edit)


def on_pages(edit: Callable[[dict[str, Any], dict[str, str]], object]) -> Fault:
    """Changes each page, knowing the query that asked for it."""

    def fault(request: Request, target: Backend) -> Response:
        answer = target.send(request)
        if request.operation == LIST and answer.ok:
            document = answer.document
            edit(document, query_of(request))
            answer.document = document
        return answer

    return fault


def ignores_a_filter_by(value: str) -> Fault:
    """Lists everything where it is asked for what has ended, say."""

    def edit(request: Request) -> None:
        query = query_of(request)
        if query.get("status") == value:
            set_query(request, {name: text for name, text in query.items() if name != "status"})

    return asked(MEMBERSHIPS, edit=edit)


def finds_nothing_by_filter(request: Request, target: Backend) -> Response:
    answer = target.send(request)
    if request.operation == MEMBERSHIPS and "status" in query_of(request) and answer.ok:
        answer.document = {"membershipSummaries": []}
    return answer


def loses_one_at_each_boundary(page: dict[str, Any], query: dict[str, str]) -> None:
    if "nextToken" in query:
        del page[ROWS][:1]


def loses_one_of_pages_of_two(page: dict[str, Any], query: dict[str, str]) -> None:
    if query.get("maxResults") == "2":
        del page[ROWS][:1]


def fails_on_half_a_token(request: Request, target: Backend) -> Response:
    token = query_of(request).get("nextToken", "")
    if request.operation == LIST and token and len(token) % 4:
        return refusal(500, "InternalServerException")
    return target.send(request)


def one_more_than_asked_for(request: Request, target: Backend) -> Response:
    if request.operation == LIST:
        query = query_of(request)
        size = query.get("maxResults", "")
        if size.isdigit() and 0 < int(size) < 100:
            set_query(request, query | {"maxResults": str(int(size) + 1)})
    return target.send(request)


def repeats_the_last_row(request: Request, target: Backend) -> Response:
    """Each page but the first starts with the row that ended the page before."""
    answer = target.send(request)
    if request.operation == LIST and answer.ok:
        document = answer.document
        query = query_of(request)
        if query.get("maxResults") == "2" and "nextToken" in query:
            document[ROWS][:1] = [target.memory["row"]]
        elif "nextToken" in query:
            document[ROWS][:0] = [target.memory["row"]]
            document[ROWS][1:] = document[ROWS][1:] if query.get("maxResults") != "1" else []
        if document[ROWS]:
            target.memory["row"] = document[ROWS][-1]
        answer.document = document
    return answer


def lists_each_item_on_two_pages(request: Request, target: Backend) -> Response:
    """Every page comes twice, with different tokens."""
    query = query_of(request)
    token = query.get("nextToken", "")
    again = token.startswith("again-")
    if request.operation == LIST and again:
        token = token.removeprefix("again-")
        rest = {k: v for k, v in query.items() if k != "nextToken"}
        set_query(request, rest | ({"nextToken": token} if token != "start" else {}))
        return target.send(request)
    answer = target.send(request)
    if request.operation == LIST and answer.ok and "maxResults" in query:
        document = answer.document
        if query["maxResults"] == "1":
            document["nextToken"] = f"again-{token or 'start'}"
        answer.document = document
    return answer


def never_ends(request: Request, target: Backend) -> Response:
    """The first page for ever, with a new token each time."""
    if request.operation != LIST:
        return target.send(request)
    set_query(request, {k: v for k, v in query_of(request).items() if k != "nextToken"})
    answer = target.send(request)
    if answer.ok:
        target.memory["count"] = target.memory.get("count", 0) + 1
        answer.document = answer.document | {"nextToken": f"token-{target.memory['count']}"}
    return answer


def one_for_ever(request: Request, target: Backend) -> Response:
    """The first page for ever, each time with the number 1 for a token."""
    if request.operation == LIST:
        set_query(request, {k: v for k, v in query_of(request).items() if k != "nextToken"})
    return shown(LIST, edit=lambda page: page.update(nextToken=1))(request, target)


def echoes_the_token(page: dict[str, Any], query: dict[str, str]) -> None:
    if "nextToken" in query:
        page["nextToken"] = query["nextToken"]


def last_token_is(value: Any) -> Callable[[dict[str, Any], dict[str, str]], object]:
    return lambda page, _query: page.setdefault("nextToken", value)


def drops_a_row_of_large_pages(page: dict[str, Any], query: dict[str, str]) -> None:
    if query.get("maxResults") == "100":
        del page[ROWS][-1:]


def fails_on_unknown_tokens(request: Request, target: Backend) -> Response:
    answer = target.send(request)
    if request.operation == LIST and not answer.ok and "nextToken" in query_of(request):
        return refusal(500, "InternalServerException")
    return answer


def html_on_unknown_tokens(request: Request, target: Backend) -> Response:
    answer = target.send(request)
    if request.operation == LIST and not answer.ok and "nextToken" in query_of(request):
        return Response(400, {"content-type": "text/html"}, b"<h1>Bad Request</h1>")
    return answer


def by_number(*, newest_first: bool) -> Fault:
    """A token is the number of items that were passed."""

    def fault(request: Request, target: Backend) -> Response:
        query = query_of(request)
        size, token = query.get("maxResults", "100"), query.get("nextToken", "0")
        if request.operation != LIST or not size.isdigit() or not 1 <= int(size) <= 100:
            return target.send(request)
        if not token.isdigit():
            return refusal(400, "ValidationException", reason="FIELD_VALIDATION_FAILED")
        query.pop("nextToken", "")
        set_query(request, query | {"maxResults": "100"})
        answer = target.send(request)
        if answer.ok:
            rows = answer.document[ROWS]
            ordered = rows[::-1] if newest_first else rows
            end = int(token) + int(size)
            page = {ROWS: ordered[int(token) : end]}
            answer.document = page | ({"nextToken": str(end)} if end < len(rows) else {})
        return answer

    return fault


def fails(_request: Request, _target: Backend) -> Response:
    return refusal(500, "InternalServerException")


def shows_the_list_of_the_parent(request: Request, target: Backend) -> Response:
    """A token tells whose items are shown, whatever the path says."""
    token = query_of(request).get("nextToken", "")
    answer = target.send(request)
    if request.operation != TEMPLATES:
        return answer
    if answer.ok and "nextToken" in answer.document:
        target.memory[answer.document["nextToken"]] = request.path
    if answer.status == 400 and token in target.memory:
        request.path = target.memory[token]
        return target.send(request)
    return answer


def shows_the_list_of_the_token(request: Request, target: Backend) -> Response:
    """A token tells which operation's items are shown."""
    token = query_of(request).get("nextToken", "")
    foreign: set[str] = target.memory.setdefault("foreign", set())
    if request.operation == LIST and token in foreign:
        set_query(request, {})
        answer = target.send(request)
        answer.document = {ROWS: [row | {"id": NOBODYS} for row in answer.document[ROWS]]}
        return answer
    answer = target.send(request)
    if request.operation not in ("", LIST) and answer.ok and b'"nextToken"' in answer.body:
        foreign.add(answer.document["nextToken"])
    return answer


def shows_the_list_of_the_account(request: Request, target: Backend) -> Response:
    """A token tells whose items are shown."""
    answer = target.send(request)
    if request.operation == LIST and answer.status == 400 and "nextToken" in query_of(request):
        environ = request.environ
        given = environ["HTTP_AUTHORIZATION"]
        environ["HTTP_AUTHORIZATION"] = given.replace("222222222222", "111111111111")
        return target.send(request)
    return answer


def forgets_the_filter_at_a_token(request: Request, target: Backend) -> Response:
    """A token of the whole list shows the whole list, whatever the filter."""
    answer = target.send(request)
    query = query_of(request)
    if request.operation == MEMBERSHIPS and answer.status == 400 and "nextToken" in query:
        query.pop("status", "")
        set_query(request, query)
        return target.send(request)
    return answer


def pages(*names: str, cause: str = "") -> dict[str, str]:
    return {f"pagination.{name}[{LIST}]": f"pagination.{cause or name}@{LIST}" for name in names}


WALKS = ("ends", "complete", "no-duplicates", "page-size", "token-resumes")

PAGES: Final = (
    BrokenTarget(
        "maxResults is ignored",
        without_query("maxResults"),
        LIST,
        pages("page-size", "token-resumes", "complete", "ends", "no-duplicates", cause="page-size"),
        also=(
            "pagination.reused-token*",
            "pagination.token-of-another-*",
            "pagination.*-meanwhile*",
            "input.coercion*maxResults*",
            "input.number-format*maxResults*",
            "error.*",
            "input.m*maxResults*",
            "input.type*maxResults*",
            "pagination.filter*",
            "pagination.sizes*",
            "pagination.changed-token*",
        ),
    ),
    BrokenTarget(
        "a page holds one item more than was asked for",
        one_more_than_asked_for,
        LIST,
        pages(*WALKS, cause="page-size"),
        also=(
            "pagination.*-meanwhile*",
            "pagination.filter*",
            "pagination.sizes*",
        ),
    ),
    BrokenTarget(
        "the first page comes for ever, with its token",
        without_query("nextToken"),
        LIST,
        pages(*WALKS, cause="ends"),
        also=(
            "pagination.*-meanwhile*",
            "pagination.boto3*",
            "pagination.filter*",
            "pagination.sizes*",
        ),
    ),
    BrokenTarget(
        "the first page comes for ever, with new tokens",
        never_ends,
        LIST,
        pages(*WALKS, "last-page", cause="ends"),
        also=(
            "pagination.*-meanwhile*",
            "pagination.foreign-token*",
            "pagination.token-of-another-account*",
            "lifecycle.*",
            "pagination.boto3*",
            "pagination.filter*",
            "pagination.sizes*",
        ),
    ),
    BrokenTarget(
        "the token of the request is echoed",
        on_pages(echoes_the_token),
        LIST,
        pages(*WALKS, cause="ends"),
        also=(
            "pagination.*-meanwhile*",
            "pagination.boto3*",
            "pagination.filter*",
            "pagination.sizes*",
        ),
    ),
    BrokenTarget(
        "an item is lost at each boundary",
        on_pages(loses_one_at_each_boundary),
        LIST,
        pages("complete"),
        also=(
            "pagination.*-meanwhile*",
            "pagination.boto3*",
            "pagination.filter*",
            "pagination.sizes*",
        ),
    ),
    BrokenTarget(
        "an item is lost on pages of two",
        on_pages(loses_one_of_pages_of_two),
        LIST,
        pages("sizes"),
        also=("pagination.filter*",),
    ),
    BrokenTarget(
        "a token that is no longer whole leads to 500",
        fails_on_half_a_token,
        LIST,
        pages("changed-token"),
        also=(
            "error.server-fault*",
            "pagination.bad-token*",
            "random.valid-input*",
        ),
    ),
    BrokenTarget(
        "an item is lost on large pages",
        on_pages(drops_a_row_of_large_pages),
        LIST,
        pages("complete"),
        also=(
            "pagination.*-meanwhile*",
            "lifecycle.*",
        ),
    ),
    BrokenTarget(
        "there is never a second page",
        on_pages(lambda page, _query: page.pop("nextToken", None)),
        LIST,
        pages("complete") | pages("token-resumes", cause="page-size"),
        also=(
            "pagination.*-meanwhile*",
            "pagination.reused-token*",
            "pagination.token-of-another-*",
            "pagination.boto3*",
            "pagination.filter*",
            "pagination.sizes*",
            "pagination.changed-token*",
        ),
    ),
    BrokenTarget(
        "each item comes on two pages",
        lists_each_item_on_two_pages,
        LIST,
        pages("no-duplicates"),
        also=(
            "pagination.*-meanwhile*",
            "pagination.token-resumes*",
        ),
    ),
    BrokenTarget(
        "a page starts with the last item of the page before",
        repeats_the_last_row,
        LIST,
        pages("token-resumes", "complete"),
        also=("pagination.*",),
    ),
    BrokenTarget(
        "the last page has null for a token",
        on_pages(last_token_is(None)),
        LIST,
        pages("last-page"),
    ),
    BrokenTarget(
        "the last page has an empty token",
        on_pages(last_token_is("")),
        LIST,
        pages("last-page"),
    ),
    BrokenTarget(
        "the token is a number",
        shown(LIST, edit=lambda page: page.update(nextToken=1) if "nextToken" in page else None),
        LIST,
        {f"random.valid-input[{LIST}]": f"response.type@{LIST}:nextToken"},
        also=("pagination.*",),
    ),
    BrokenTarget(
        "every page has the same number for a token",
        one_for_ever,
        LIST,
        {f"response.type[{LIST}]": f"response.type@{LIST}:nextToken"},
        also=("lifecycle.*", "pagination.*"),
    ),
    BrokenTarget(
        "a token that was never given leads to 500",
        fails_on_unknown_tokens,
        LIST,
        {
            f"pagination.bad-token[{LIST}]": f"pagination.bad-token@{LIST}",
            f"error.server-fault[{LIST}]": f"error.server-fault@{LIST}",
        },
        also=(
            "pagination.foreign-token*",
            "pagination.token-of-another-*",
            "random.valid-input*",
            "pagination.changed-token*",
        ),
    ),
    BrokenTarget(
        "a token that was never given leads to HTML",
        html_on_unknown_tokens,
        LIST,
        {
            f"pagination.bad-token[{LIST}]": f"pagination.bad-token@{LIST}",
            f"error.body[{LIST}]": f"error.body@{LIST}",
        },
        also=(
            "pagination.foreign-token*",
            "pagination.token-of-another-*",
            "error.code*",
            "random.valid-input*",
            "pagination.changed-token*",
        ),
    ),
    BrokenTarget(
        "a filter by what has ended is ignored",
        ignores_a_filter_by("REMOVED"),
        MEMBERSHIPS,
        {f"pagination.filter[{MEMBERSHIPS}:status=REMOVED]": f"pagination.filter@{MEMBERSHIPS}"},
        also=("pagination.token-of-another-filter*",),
    ),
    BrokenTarget(
        "a filter finds nothing",
        finds_nothing_by_filter,
        MEMBERSHIPS,
        {f"pagination.filter[{MEMBERSHIPS}:status=ACTIVE]": f"pagination.filter@{MEMBERSHIPS}"},
    ),
    BrokenTarget(
        "rows have times that no client can read",
        each_row(LIST, ROWS, set_to(createTime="yesterday")),
        LIST,
        pages("boto3"),
        also=("response.*", "lifecycle.*"),
    ),
    BrokenTarget(
        "tokens are numbers of items",
        by_number(newest_first=False),
        LIST,
        pages("deletion-meanwhile"),
    ),
    BrokenTarget(
        "tokens are numbers of items, the newest comes first",
        by_number(newest_first=True),
        LIST,
        pages("creation-meanwhile", "deletion-meanwhile"),
    ),
    BrokenTarget(
        "a token that was taken before makes it fail",
        tokens_for_one_use(LIST, fails),
        LIST,
        pages("reused-token"),
        also=("error.server-fault*", "random.valid-input*"),
    ),
    BrokenTarget(
        "a token tells which parent's items are shown",
        shows_the_list_of_the_parent,
        TEMPLATES,
        {
            f"pagination.token-of-another-parent[{TEMPLATES}]": (
                f"pagination.token-of-another-parent@{TEMPLATES}"
            )
        },
    ),
    BrokenTarget(
        "a token tells which operation's items are shown",
        shows_the_list_of_the_token,
        LIST,
        pages("foreign-token"),
    ),
    BrokenTarget(
        "a token tells whose items are shown",
        shows_the_list_of_the_account,
        LIST,
        pages("token-of-another-account"),
    ),
    BrokenTarget(
        "a token without a filter leads past any",
        forgets_the_filter_at_a_token,
        MEMBERSHIPS,
        {
            f"pagination.token-of-another-filter[{MEMBERSHIPS}:status={status}]": (
                f"pagination.token-of-another-filter@{MEMBERSHIPS}"
            )
            for status in ("REMOVED", "COLLABORATION_DELETED")
        },
    ),
)

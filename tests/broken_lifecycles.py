"""Targets that answer each request well, and do not do what they say over several."""

from __future__ import annotations

from typing import Any, Final

from suite_faults import (
    Backend,
    Fault,
    Request,
    Response,
    body_asked,
    changed,
    each_row,
    set_to,
    shown,
    without,
)
from suite_support import BrokenTarget

CREATE = "CreateCollaboration"
GET = "GetCollaboration"
UPDATE = "UpdateCollaboration"
DELETE = "DeleteCollaboration"
LIST = "ListCollaborations"
TABLE_CREATE = "CreateConfiguredTable"
TABLE_GET = "GetConfiguredTable"
TABLE_UPDATE = "UpdateConfiguredTable"
TABLE_DELETE = "DeleteConfiguredTable"
TAG = "TagResource"
UNTAG = "UntagResource"
TAGS = "ListTagsForResource"
RULE_GET = "GetConfiguredTableAnalysisRule"


def made(response: Response) -> dict[str, Any]:
    """The resource in an answer."""
    (resource,) = response.document.values()
    assert isinstance(resource, dict)
    return resource


# --- creation -----------------------------------------------------------------------------------


def every_creation_shows_the_first_id(request: Request, target: Backend) -> Response:
    answer = target.send(request)
    if request.operation == CREATE and answer.ok:
        resource = made(answer)
        first = target.memory.setdefault("first", {n: resource[n] for n in ("id", "arn")})
        answer.document = {"collaboration": resource | first}
    return answer


def a_second_creation_replaces_the_first(request: Request, target: Backend) -> Response:
    """Get answers with the newest, whatever is asked for."""
    if request.operation == GET and "newest" in target.memory:
        request.path = request.path.replace(
            request.labels["collaborationIdentifier"], target.memory["newest"]
        )
    answer = target.send(request)
    if request.operation == CREATE and answer.ok:
        target.memory["newest"] = made(answer)["id"]
    return answer


def creation_changes_later(request: Request, target: Backend) -> Response:
    """A new resource is an hour younger than its last change."""
    answer = target.send(request)
    if request.operation in (CREATE, GET, LIST) and answer.ok:
        document = answer.document
        for resource in document.get("collaborationList", [document.get("collaboration")]):
            resource["createTime"] -= 3600
        answer.document = document
    return answer


# --- change -------------------------------------------------------------------------------------


def one_at_a_time(document: dict[str, Any]) -> None:
    """Takes the name alone where there is one."""
    if str(document.get("name", "")).startswith("renamed"):
        document.pop("description", None)


def updates_are_only_told(request: Request, target: Backend) -> Response:
    """The answer to an update shows the change, and nothing is changed."""
    if request.operation != UPDATE:
        return target.send(request)
    changes = request.document
    refused = Request(GET, {}, "GET", request.path, "", b"", request.environ)
    before = target.send(refused)
    answer = target.send(request)
    if answer.ok and before.ok:
        told = made(before)
        request.document = {name: told[name] for name in changes if name in told}
        target.send(request)
    return answer


def updates_answer_what_was(request: Request, target: Backend) -> Response:
    """The answer to an update shows what was before."""
    answer = target.send(request)
    if request.operation in (CREATE, UPDATE) and answer.ok:
        resource = made(answer)
        if request.operation == UPDATE:
            told = resource | {"name": target.memory[resource["id"]]}
            answer.document = {"collaboration": told}
        target.memory[resource["id"]] = resource["name"]
    return answer


def updates_reset(member: str, to: Any) -> Fault:
    """An update sets a member that it is not given to its default."""

    def fault(request: Request, target: Backend) -> Response:
        if request.operation == UPDATE and isinstance(request.document, dict):
            request.document = {member: to} | request.document
        return target.send(request)

    return fault


def updates_drop(member: str) -> Fault:
    """After an update, what it was not given is gone."""

    def fault(request: Request, target: Backend) -> Response:
        answer = target.send(request)
        if request.operation == UPDATE and answer.ok and member not in request.document:
            target.memory[request.labels["collaborationIdentifier"]] = True
        if request.operation == GET and answer.ok:
            resource = made(answer)
            if resource["id"] in target.memory:
                resource.pop(member)
            answer.document = {"collaboration": resource}
        return answer

    return fault


def times_after_an_update(**shifts: float) -> Fault:
    """After an update, times are shifted by some seconds."""

    def fault(request: Request, target: Backend) -> Response:
        answer = target.send(request)
        if request.operation == UPDATE and answer.ok:
            target.memory[request.labels["collaborationIdentifier"]] = True
        if request.operation in (GET, UPDATE) and answer.ok:
            resource = made(answer)
            if resource["id"] in target.memory:
                resource |= {name: resource[name] + shift for name, shift in shifts.items()}
            answer.document = {"collaboration": resource}
        return answer

    return fault


# --- deletion -----------------------------------------------------------------------------------


def deletes_nothing(request: Request, target: Backend) -> Response:
    if request.operation == DELETE:
        request.method, request.operation = "GET", GET
        answer = target.send(request)
        return Response(204, {}, b"") if answer.ok else answer
    return target.send(request)


def reads_what_was_deleted(request: Request, target: Backend) -> Response:
    """Get still answers for what is gone, out of a cache."""
    answer = target.send(request)
    if request.operation == GET:
        known = target.memory.setdefault(request.path, answer if answer.ok else None)
        return known or answer
    if request.operation == CREATE and answer.ok:
        target.memory[f"/collaborations/{made(answer)['id']}"] = answer
    return answer


def lists_what_was_deleted(request: Request, target: Backend) -> Response:
    """The last page of a list ends with all that was ever deleted."""
    gone: list[Any] = target.memory.setdefault("gone", [])
    if request.operation == DELETE:
        before = Request(GET, request.labels, "GET", request.path, "", b"", request.environ)
        answer = target.send(before)
        gone += [made(answer)] if answer.ok else []
    answer = target.send(request)
    if request.operation == LIST and answer.ok and "nextToken" not in answer.document:
        answer.document = {"collaborationList": answer.document["collaborationList"] + gone}
    return answer


def says_that_it_is_gone(code: int) -> Fault:
    """Tells of what was deleted with an error that nobody expects."""

    def fault(request: Request, target: Backend) -> Response:
        answer = target.send(request)
        if request.operation == DELETE and answer.ok:
            target.memory[request.path] = True
        if request.operation == GET and request.path in target.memory:
            answer.status = code
            answer.headers["x-amzn-errortype"] = "ConflictException"
            answer.document = {"message": "It was deleted."}
        return answer

    return fault


# --- lists --------------------------------------------------------------------------------------


def lists_without_the_newest(request: Request, target: Backend) -> Response:
    """What is new stands in no list; it appears with the next creation."""
    answer = target.send(request)
    if request.operation == CREATE and answer.ok:
        target.memory["newest"] = made(answer)["id"]
    if request.operation == LIST and answer.ok:
        document = answer.document
        newest = target.memory.get("newest")
        document["collaborationList"] = [
            row for row in document["collaborationList"] if row["id"] != newest
        ]
        answer.document = document
    return answer


def echo(member: str, shown_as: str = "", resource: str = "collaboration") -> dict[str, str]:
    return {
        f"lifecycle.echo[{resource}:{member}]": f"lifecycle.echo@{resource}:{shown_as or member}"
    }


def on(operation: str, check: str, resource: str = "collaboration") -> dict[str, str]:
    return {f"{check}[{resource}]": f"{check}@{operation}"}


def updated(*members: str, check: str = "lifecycle.update") -> dict[str, str]:
    return {
        f"{check}[collaboration:{member}]": f"lifecycle.update@collaboration:{member}"
        for member in members
    }


LIFECYCLES: Final = (
    # --- echo
    BrokenTarget(
        "a description is lost",
        shown(CREATE, GET, UPDATE, edit=without("description")),
        GET,
        echo("description"),
    ),
    BrokenTarget(
        "a member that few give is lost",
        shown(
            "CreateMembership",
            "GetMembership",
            "UpdateMembership",
            edit=without("defaultJobResultConfiguration"),
        ),
        "GetMembership",
        echo("defaultJobResultConfiguration", resource="membership"),
    ),
    BrokenTarget(
        "a name is changed",
        body_asked(CREATE, edit=lambda d: d.update(name=str(d.get("name", "")).title())),
        GET,
        echo("name"),
    ),
    BrokenTarget(
        "a boolean is always true",
        shown(
            CREATE,
            GET,
            edit=lambda c: c.get("dataEncryptionMetadata", {}).update(preserveNulls=True),
        ),
        GET,
        echo("dataEncryptionMetadata"),
    ),
    BrokenTarget(
        "a nested member is lost",
        shown(
            TABLE_CREATE,
            TABLE_GET,
            edit=lambda t: t["tableReference"]["glue"].update(databaseName="default"),
        ),
        TABLE_GET,
        echo("tableReference", resource="configured_table"),
    ),
    BrokenTarget(
        "a list keeps its first entry only",
        shown(
            TABLE_CREATE, TABLE_GET, edit=lambda t: t.update(allowedColumns=t["allowedColumns"][:1])
        ),
        TABLE_GET,
        echo("allowedColumns", resource="configured_table"),
    ),
    BrokenTarget(
        "a renamed member shows another value",
        shown(RULE_GET, edit=set_to(type="CUSTOM")),
        RULE_GET,
        echo("analysisRuleType", "type", "configured_table_analysis_rule"),
        also=("lifecycle.get*",),
    ),
    # --- get and create
    BrokenTarget(
        "create shows another state than get",
        shown(CREATE, edit=set_to(memberStatus="ACTIVE")),
        GET,
        on(GET, "lifecycle.get"),
    ),
    BrokenTarget(
        "create shows another time than get",
        shown(CREATE, edit=lambda c: c.update(createTime=int(c["createTime"]) - 1)),
        GET,
        on(GET, "lifecycle.get"),
    ),
    BrokenTarget(
        "two creations show one identity",
        every_creation_shows_the_first_id,
        CREATE,
        on(CREATE, "lifecycle.identity"),
        also=("accepted.*",),
    ),
    BrokenTarget(
        "get answers with the newest, whatever is asked for",
        a_second_creation_replaces_the_first,
        CREATE,
        on(CREATE, "lifecycle.identity"),
    ),
    BrokenTarget(
        "a new resource was created an hour before its last change",
        creation_changes_later,
        CREATE,
        on(CREATE, "lifecycle.times"),
    ),
    # --- lists
    BrokenTarget(
        "a new resource is not listed",
        lists_without_the_newest,
        LIST,
        on(LIST, "lifecycle.listed"),
        also=("lifecycle.summary*", "pagination.*-meanwhile*"),
    ),
    BrokenTarget(
        "a summary shows another name",
        each_row(LIST, "collaborationList", set_to(name="a collaboration")),
        LIST,
        on(LIST, "lifecycle.summary"),
    ),
    BrokenTarget(
        "a summary lacks a member that the contract leaves open",
        each_row("ListConfiguredTables", "configuredTableSummaries", without("analysisRuleTypes")),
        "ListConfiguredTables",
        on("ListConfiguredTables", "lifecycle.summary", "configured_table"),
        also=("response.required*",),
    ),
    # --- update
    BrokenTarget(
        "an update changes one member at a time",
        body_asked(UPDATE, edit=one_at_a_time),
        UPDATE,
        {"lifecycle.update-all[collaboration]": f"lifecycle.update-all@{UPDATE}"},
        also=("accepted.bound*description*", "input.*description*"),
    ),
    BrokenTarget(
        "an update is not kept",
        updates_are_only_told,
        UPDATE,
        updated("name", "description"),
        also=(
            "accepted.bound*",
            "lifecycle.update-all*",
        ),
    ),
    BrokenTarget(
        "an update answers what was before",
        updates_answer_what_was,
        UPDATE,
        updated("name"),
        also=("accepted.bound*",),
    ),
    BrokenTarget(
        "an update of a description changes nothing",
        body_asked(UPDATE, edit=without("description")),
        UPDATE,
        updated("description"),
        also=(
            "accepted.bound*description*",
            "input.*:description*",
            "lifecycle.update-all*",
        ),
    ),
    BrokenTarget(
        "an update resets the description",
        updates_reset("description", ""),
        UPDATE,
        {"lifecycle.update-keeps[collaboration:name]": f"lifecycle.update-keeps@{UPDATE}"},
    ),
    BrokenTarget(
        "an update drops a member that it was not given",
        updates_drop("description"),
        UPDATE,
        {"lifecycle.update-keeps[collaboration:name]": f"lifecycle.update-keeps@{UPDATE}"},
    ),
    BrokenTarget(
        "an update moves the time of creation",
        times_after_an_update(createTime=1),
        UPDATE,
        on(UPDATE, "lifecycle.update-times"),
        also=("lifecycle.update-keeps*",),
    ),
    BrokenTarget(
        "an update moves the time of change back",
        times_after_an_update(updateTime=-60),
        UPDATE,
        on(UPDATE, "lifecycle.update-times"),
    ),
    BrokenTarget(
        "times have microseconds",
        shown(CREATE, GET, UPDATE, edit=changed("createTime", lambda time: time + 0.000123)),
        CREATE,
        {"lifecycle.time-precision[collaboration]": f"lifecycle.time-precision@{CREATE}"},
    ),
    # --- deletion
    BrokenTarget(
        "a deletion deletes nothing",
        deletes_nothing,
        DELETE,
        on(DELETE, "lifecycle.deleted") | on(DELETE, "lifecycle.unlisted"),
    ),
    BrokenTarget(
        "a deleted resource can still be read",
        reads_what_was_deleted,
        DELETE,
        on(DELETE, "lifecycle.deleted"),
    ),
    BrokenTarget(
        "a deleted resource is still listed",
        lists_what_was_deleted,
        DELETE,
        on(DELETE, "lifecycle.unlisted"),
    ),
    BrokenTarget(
        "a deleted resource is in conflict",
        says_that_it_is_gone(409),
        DELETE,
        {"lifecycle.deleted[collaboration]": f"error.declared@{GET}:ConflictException"},
    ),
)

"""Targets that do each thing well once, and go wrong over a sequence of calls."""

from __future__ import annotations

from typing import Any, Final

from suite_faults import Backend, Request, Response
from suite_support import BrokenTarget

CREATE: Final = "CreateConfiguredTable"
UPDATE: Final = "UpdateConfiguredTable"
DELETE: Final = "DeleteConfiguredTable"


def table_in(answer: Response) -> dict[str, Any]:
    found = answer.document["configuredTable"]
    assert isinstance(found, dict)
    return found


def the_second_update_undoes_the_first(request: Request, target: Backend) -> Response:
    """An update sets what it is not given to what it was at the creation."""
    if request.operation == UPDATE and isinstance(request.document, dict):
        first = target.memory.get(request.labels["configuredTableIdentifier"], {})
        request.document = first | request.document
    answer = target.send(request)
    if request.operation == CREATE and answer.ok:
        table = table_in(answer)
        kept = {name: table[name] for name in ("name", "description") if name in table}
        target.memory[table["id"]] = kept
    return answer


def updates_go_back_once_only(request: Request, target: Backend) -> Response:
    """Whoever sets a member back to what it was is told so, and it stays as it is."""
    label = request.labels.get("configuredTableIdentifier", "")
    if request.operation == UPDATE and isinstance(request.document, dict):
        first = target.memory.get(label, {})
        request.document = {n: v for n, v in request.document.items() if first.get(n) != v}
    answer = target.send(request)
    if request.operation == CREATE and answer.ok:
        table = table_in(answer)
        target.memory[table["id"]] = {"description": table.get("description")}
    return answer


def a_deletion_takes_the_next_one_along(request: Request, target: Backend) -> Response:
    """What was made right after something goes with it."""
    answer = target.send(request)
    made: list[str] = target.memory.setdefault("made", [])
    if request.operation == CREATE and answer.ok:
        made.append(table_in(answer)["id"])
    if request.operation == DELETE and answer.ok:
        deleted = request.labels["configuredTableIdentifier"]
        following = made[made.index(deleted) + 1 :][:1] if deleted in made else []
        for victim in following:
            path = request.path.replace(deleted, victim)
            again = Request(
                request.operation,
                {"configuredTableIdentifier": victim},
                request.method,
                path,
                "",
                b"",
                request.environ,
            )
            target.send(again)
    return answer


def a_refused_deletion_hides_it_from_the_list(request: Request, target: Backend) -> Response:
    """What another account tried to delete does not stand in its owner's list any more."""
    answer = target.send(request)
    hidden: set[str] = target.memory.setdefault("hidden", set())
    if request.operation == DELETE and not answer.ok:
        hidden.add(request.labels["configuredTableIdentifier"])
    if request.operation == "ListConfiguredTables" and answer.ok:
        document = answer.document
        rows = document["configuredTableSummaries"]
        document["configuredTableSummaries"] = [row for row in rows if row["id"] not in hidden]
        answer.document = document
    return answer


def what_was_cancelled_succeeds(request: Request, target: Backend) -> Response:
    """A query that was seen to be cancelled has succeeded when it is looked at again later."""
    answer = target.send(request)
    if request.operation == "GetProtectedQuery" and answer.ok:
        document = answer.document
        query = document["protectedQuery"]
        seen = target.memory.setdefault(query["id"], 0)
        if query["status"] == "CANCELLED":
            target.memory[query["id"]] = seen + 1
            if seen > 1:
                query["status"] = "SUCCESS"
                answer.document = document
    return answer


#: Enough for any seed.
ENOUGH: Final = ("--explore", "40")

SEQUENCES: Final = (
    BrokenTarget(
        "the second update undoes the first",
        the_second_update_undoes_the_first,
        CREATE,
        {"stateful.values[configured_table]": "stateful.values@configured_table:description"},
        options=ENOUGH,
    ),
    BrokenTarget(
        "updates go back once only",
        updates_go_back_once_only,
        CREATE,
        {"stateful.values[configured_table]": "stateful.values@configured_table:description"},
        options=ENOUGH,
    ),
    BrokenTarget(
        "a deletion takes the next one along",
        a_deletion_takes_the_next_one_along,
        CREATE,
        {"stateful.presence[configured_table]": "stateful.presence@configured_table:lost"},
        options=ENOUGH,
    ),
    BrokenTarget(
        "a refused deletion hides it from the list",
        a_refused_deletion_hides_it_from_the_list,
        CREATE,
        {"stateful.presence[configured_table]": "stateful.presence@configured_table:list"},
        options=ENOUGH,
    ),
    BrokenTarget(
        "what was cancelled succeeds",
        what_was_cancelled_succeeds,
        "StartProtectedQuery",
        {
            "stateful.states[protected_query]": "stateful.states@protected_query:CANCELLED-SUCCESS",
        },
        options=ENOUGH,
    ),
)

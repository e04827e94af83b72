"""What checks do with a single resource: read it, find its row, change it, delete it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from conformance.contract import Operation
from conformance.spec import Resource
from conformance.suite.expect import contains, described, succeeded
from conformance.suite.paging import walk_steadily
from conformance.suite.sites import paging_of
from conformance.target.client import Client
from conformance.target.outcomes import Deviation
from conformance.target.templates import known_to
from conformance.target.world import Instance, World, identity_of
from conformance.wire.reply import Reply

#: How long to wait before each look at a list, in seconds; AWS's own handlers bear a minute.
WAITS: Final = (0.0, 0.1, 0.5, 2.0)


def got(instance: Instance, world: World, client: Client) -> dict[str, Any]:
    """The resource as its get operation returns it."""
    operation = operation_of(world, instance, "get")
    ids = world.identifiers(operation, instance)
    return returned(instance, succeeded(client.call(operation, ids, account=instance.account)))


def returned(instance: Instance, reply: Reply) -> dict[str, Any]:
    """The resource in a reply of create, get or update."""
    name = instance.resource.returned_as
    found = reply.output.get(name) if name else reply.output
    if not isinstance(found, dict):
        raise Deviation(
            f"The answer of {reply.operation} does not hold the resource.",
            expected=f"{name}: an object",
            got=described(reply),
            cause=f"response.required@{reply.operation}",
            exchange=reply.exchange,
        )
    return found


def rows(instance: Instance, world: World, client: Client) -> list[Any]:
    """All summaries in the list in which the resource stands."""
    operation = operation_of(world, instance, "list")
    site = paging_of(operation)
    params = world.identifiers(operation, instance)
    if site is not None:
        return walk_steadily(
            client, site, params, site.largest_page, account=instance.account
        ).items
    reply = succeeded(client.call(operation, params, account=instance.account))
    found = reply.output.get(instance.resource.listed_as)
    return found if isinstance(found, list) else []


def row_of(
    instance: Instance, world: World, client: Client, *, there: bool = True
) -> dict[str, Any] | None:
    """The summary of a resource in its list, if it stands there.

    Args:
        there: whether it should; a list may lag behind a change for a moment.
    """
    key = identity_of(dict(instance.output))
    found = None
    for wait in WAITS if client.target.kind != "embedded" else WAITS[:1]:
        client.pause(wait)
        listed = rows(instance, world, client)
        found = next((row for row in listed if identity_of(row) == key), None)
        if (found is not None) is there:
            break
    return found


def updated(
    instance: Instance, world: World, client: Client, members: dict[str, Any]
) -> dict[str, Any]:
    """The resource as its update operation returns it after a change of some members."""
    operation = operation_of(world, instance, "update")
    params = world.identifiers(operation, instance)
    params = required(operation, instance.params) | params | known_to(operation.input, members)
    reply = client.call(operation, params, account=instance.account)
    return returned(instance, succeeded(reply))


def deleted(instance: Instance, world: World, client: Client) -> Reply:
    """The answer to the deletion of a resource."""
    operation = operation_of(world, instance, "delete")
    world.delete_blockers(instance)
    ids = world.identifiers(operation, instance)
    reply = succeeded(client.call(operation, ids, account=instance.account))
    world.gone(instance)
    return reply


def operation_of(world: World, instance: Instance, role: str) -> Operation:
    """The operation that plays a role of a resource."""
    names: dict[str, str] = dict(instance.resource.operations)  # type: ignore[arg-type]
    return world.contract.operations[names[role]]


def required(operation: Operation, values: Mapping[str, Any]) -> dict[str, Any]:
    """What an update has to repeat, as far as values tell."""
    return {n: values[n] for n, m in operation.members.items() if m.required and n in values}


def shows(resource: Resource, name: str, shown: Mapping[str, Any], value: Any) -> bool:
    """Whether a member of a resource, as it is shown, has what it was given."""
    return contains(shown.get(name), value, unordered=name in resource.unordered)


def echoed(
    resource: Resource, params: Mapping[str, Any], shown: Mapping[str, Any]
) -> dict[str, str]:
    """The members of a create input that a resource shows as they were given: member → shown as."""
    names = resource.echo.values if resource.echo else {}
    return {
        member: name
        for member, name in names.items()
        if member in params and shows(resource, name, shown, params[member])
    }

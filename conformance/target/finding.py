"""Finds resources that exist on a target already, for runs that only read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.contract import Contract
from conformance.spec import Resource
from conformance.target.instances import Instance
from conformance.target.outcomes import Inconclusive, NotTestable
from conformance.target.templates import fits

if TYPE_CHECKING:  # a world finds what it does not make
    from conformance.target.world import World


def find(world: World, name: str) -> Instance:
    """An existing resource of a kind.

    Raises:
        Inconclusive: nothing lists that kind, or its list cannot be asked for.
        NotTestable: the target has none.
    """
    resource = world.spec.recipe(name)
    if "list" not in resource.operations:
        raise Inconclusive(f"nothing lists {resource.one}")
    operation = world.operation(resource.operations["list"])
    parents: dict[str, Instance] = {}
    for kind in list_parents(world.contract, resource):
        parents |= world.shared(kind).parents
        parents[kind] = world.shared(kind)
    params = world.identifiers(operation, Instance(resource, {}, {}, parents))
    with world.setting_up():
        start = len(world.client.trace)
        reply = world.client.call(operation, world.completed(operation, params))
    items = reply.output.get(resource.listed_as)
    rows = items if isinstance(items, list) else []
    found = next((i for i in rows if isinstance(i, dict) and fits(i, resource.pick)), None)
    if found is None:
        raise NotTestable(f"the target has no {resource.title}")
    return Instance(resource, {}, found, parents, tuple(world.client.trace[start:]))


def alone(contract: Contract, resource: Resource) -> bool:
    """Whether a resource stands alone in its list, since its parent holds only one."""
    return not set(list_parents(contract, resource)).isdisjoint(resource.exclusive)


def list_parents(contract: Contract, resource: Resource) -> list[str]:
    """The parents in whose list a resource stands; all, where it is not told which list."""
    operation = contract.operations.get(resource.operations.get("list", ""))
    return [
        source.rpartition(".")[0]
        for member, source in resource.identifiers.items()
        if "." in source and (operation is None or member in operation.members)
    ]

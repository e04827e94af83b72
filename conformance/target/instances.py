"""Resources on the target, as the run knows them; how they get there is told elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from attrs import define

from conformance.spec import Resource
from conformance.target.client import Step
from conformance.target.outcomes import Inconclusive, NotImplementedByTarget
from conformance.wire.reply import Reply


@define(eq=False)
class Instance:
    """A resource on the target.

    Attributes:
        params: the input of its creation.
        output: the resource as its creation returned it, but for its volatile members.
        parents: the resources that it belongs to or needs, by name and kind.
        steps: the exchanges that made it and its parents.
        account: which of the target's accounts made it.
    """

    resource: Resource
    params: Mapping[str, Any]
    output: Mapping[str, Any]
    parents: Mapping[str, Instance]
    steps: tuple[Step, ...] = ()
    key: str = ""
    gone: bool = False
    account: int = 0

    def value(self, source: str) -> Any:
        """A member of it (``id``) or of one of its parents (``collaboration.id``).

        Raises:
            Inconclusive: the target did not return that member, or nothing that could be sent; or
                nothing is known of that parent.
        """
        kind, _, member = source.rpartition(".")
        own = kind in ("", self.resource.name, self.resource.kind)
        instance = self if own else self.parents.get(kind)
        if instance is None:
            raise Inconclusive(f"nobody tells which {kind} {self.resource.one} goes with")
        found = instance.output.get(member)
        if found is None:
            raise Inconclusive(f"the target returned no {member} for {instance.resource.one}")
        if isinstance(found, str) and not _can_be_sent(found):
            raise Inconclusive(f"the {member} of {instance.resource.one} is no text to send back")
        return found


def _can_be_sent(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def resource_in(reply: Reply, resource: Resource) -> dict[str, Any]:
    """The resource as an answer to create, get or update shows it; empty where it shows none."""
    found = reply.output.get(resource.returned_as) if resource.returned_as else reply.output
    return found if isinstance(found, dict) else {}


def lasting_in(reply: Reply, resource: Resource) -> dict[str, Any]:
    """The resource in an answer, without the members that change by themselves."""
    shown = resource_in(reply, resource)
    return {name: value for name, value in shown.items() if name not in resource.volatile}


def identity_of(item: Any) -> str:
    """What tells an item of a list from all others: its id or ARN, or all of it."""
    if isinstance(item, dict):
        for name in ("id", "arn"):
            if isinstance(item.get(name), str):
                return str(item[name])
    return json.dumps(item, sort_keys=True)


def distinct(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Steps without those whose exchange has been there before."""
    return tuple({id(step.exchange): step for step in steps}.values())


@contextmanager
def needed() -> Iterator[None]:
    """Makes it no more than a missing prerequisite that the target does not have an operation."""
    try:
        yield
    except NotImplementedByTarget as outcome:
        raise Inconclusive(str(outcome)) from outcome

"""Tags: given at creation, added, overwritten, removed, and never shown by the resource itself."""

from __future__ import annotations

from conformance.suite.checks import MUST, SHOULD, check, documented
from conformance.suite.expect import answered_not_found, short, succeeded
from conformance.suite.handling import got
from conformance.suite.sites import ResourceSite, tagged
from conformance.target.client import Client
from conformance.target.inputs import Inputs
from conformance.target.outcomes import Deviation
from conformance.target.world import Instance, World


def tags_of(instance: Instance, world: World, client: Client) -> dict[str, str]:
    """The tags of a resource."""
    names = world.spec.tag_names
    operation = world.contract.operations[names["list"]]
    reply = succeeded(client.call(operation, {names["arn"]: _arn(instance)}))
    found = reply.output.get(names["tags"], {})
    return found if isinstance(found, dict) else {}


def tag(instance: Instance, world: World, client: Client, tags: dict[str, str]) -> None:
    """Sets tags on a resource."""
    names = world.spec.tag_names
    operation = world.contract.operations[names["tag"]]
    succeeded(client.call(operation, {names["arn"]: _arn(instance), names["tags"]: tags}))


def _arn(instance: Instance) -> str:
    return str(instance.value(instance.resource.tagged_by))


def _expect(expected: dict[str, str], actual: dict[str, str], message: str) -> None:
    if actual != expected:
        raise Deviation(message, expected=short(expected), got=short(actual))


@check(
    "tags.create",
    level=SHOULD,
    cites=documented("tags of a new resource"),
    over=tagged("create"),
    writes=True,
)
def test_tags_of_a_new_resource_are_listed(
    site: ResourceSite, world: World, client: Client
) -> None:
    """Tags that are given at creation are listed right away."""
    instance = world.fresh(site.resource.name, {"tags": {"team": "a", "stage": "test"}})
    actual = tags_of(instance, world, client)
    _expect({"team": "a", "stage": "test"}, actual, "Tags of a new resource are lost.")


@check(
    "tags.merge",
    level=SHOULD,
    cites=documented("tagging keeps other keys and overwrites equal ones"),
    over=tagged("merge"),
    writes=True,
)
def test_tagging_merges(site: ResourceSite, world: World, client: Client) -> None:
    """Tagging adds new keys, overwrites equal ones and keeps the others."""
    instance = world.fresh(site.resource.name, {"tags": {"team": "a", "stage": "test"}})
    tag(instance, world, client, {"stage": "live", "owner": "b"})
    expected = {"team": "a", "stage": "live", "owner": "b"}
    _expect(expected, tags_of(instance, world, client), "Tagging does not merge.")


@check(
    "tags.remove",
    level=SHOULD,
    cites=documented("untagging removes the named keys only"),
    over=tagged("remove"),
    writes=True,
)
def test_untagging_removes_the_named_keys_only(
    site: ResourceSite, world: World, client: Client
) -> None:
    """Untagging removes the keys that it names and no other."""
    instance = world.fresh(
        site.resource.name, {"tags": {"team": "a", "stage": "test", "owner": "b"}}
    )
    names = world.spec.tag_names
    operation = world.contract.operations[names["untag"]]
    params = {names["arn"]: _arn(instance), names["keys"]: ["stage", "owner"]}
    succeeded(client.call(operation, params))
    _expect({"team": "a"}, tags_of(instance, world, client), "Untagging removes the wrong keys.")


@check(
    "tags.not-shown",
    level=MUST,
    cites=documented("no output but the list of tags has a member for tags"),
    over=tagged("create"),
    writes=True,
)
def test_a_resource_does_not_show_its_tags(
    site: ResourceSite, world: World, client: Client
) -> None:
    """Tags are read through the list of tags only; the resource itself does not show them."""
    shown = got(world.shared(site.resource.name), world, client)
    name = world.spec.tag_names["tags"]
    if name in shown:
        raise Deviation(
            "A resource shows its tags.", expected=f"no {name}", got=f"{name}: {short(shown[name])}"
        )


@check(
    "tags.unknown",
    level=SHOULD,
    cites=documented("errors of the tag operations"),
    over=tagged("unknown"),
    writes=True,
)
def test_tags_of_an_unknown_resource_are_not_found(
    site: ResourceSite, world: World, client: Client, inputs: Inputs
) -> None:
    """Tagging something that does not exist is refused, and does not make it."""
    instance = world.fresh(site.resource.name)
    names = world.spec.tag_names
    operation = world.contract.operations[names["tag"]]
    shape = operation.members[names["arn"]].shape
    unknown = inputs.unknown(shape, _arn(instance), "tags", str(site))
    reply = client.call(operation, {names["arn"]: unknown, names["tags"]: {"a": "b"}})
    codes = frozenset({"ResourceNotFoundException", "AccessDeniedException"})
    answered_not_found(reply, codes, "Something that does not exist was tagged.")

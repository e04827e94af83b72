"""Create, get, list, update, delete: what a resource shows, keeps and loses."""

from __future__ import annotations

from typing import Any, Final

from conformance.suite.checks import MUST, SHOULD, check, documented, model
from conformance.suite.expect import answered_not_found, contains, difference, short
from conformance.suite.handling import deleted, got, operation_of, row_of, shows, updated
from conformance.suite.sites import ResourceSite, echoes, resources, timed, updates
from conformance.target.client import Client
from conformance.target.outcomes import Deviation, Inconclusive, NotTestable
from conformance.target.templates import known_to
from conformance.target.world import World, identity_of

#: A clock that ticks between the two stamps of one creation may set them apart so far, in seconds.
_TICK: Final = 2.0


def _expect_shown(
    site: ResourceSite, shown: dict[str, Any], sent: Any, message: str, cause: str = ""
) -> None:
    if not shows(site.resource, site.shown_as, shown, sent):
        expected, got_instead = difference(site.shown_as, shown, sent)
        raise Deviation(
            message,
            expected=expected,
            got=got_instead,
            cause=cause or f"lifecycle.echo@{site.resource}:{site.shown_as}",
        )


@check(
    "lifecycle.echo",
    level=MUST,
    cites=documented("members that the resource shows as they were given"),
    over=echoes,
    writes=True,
)
def test_what_was_given_is_shown(site: ResourceSite, world: World, client: Client) -> None:
    """A resource shows each member as it was given at its creation."""
    resource, member = site.resource, site.member
    if member in resource.optional:
        value = world.filled(resource.optional[member])
        sent = known_to(world.operation(resource.operations["create"]).members[member].shape, value)
        instance = world.fresh(resource.name, {member: sent})
    else:
        instance = world.shared(resource.name)
    shown = got(instance, world, client)
    _expect_shown(site, shown, instance.params[member], f"{member} is lost or changed.")


@check(
    "lifecycle.get",
    level=MUST,
    cites=documented("create and get answer the same structure"),
    over=resources("get", "create"),
    writes=True,
)
def test_get_shows_what_create_showed(site: ResourceSite, world: World, client: Client) -> None:
    """What create answers and what get answers right after agree in every member they share."""
    instance = world.fresh(site.resource.name)
    shown = got(instance, world, client)
    differing = sorted(
        name
        for name in instance.output.keys() & shown.keys()
        if not _same(site, name, instance.output[name], shown[name])
    )
    if differing:
        name = differing[0]
        raise Deviation(
            "Get shows another value than create did.",
            expected=f"{name}: {short(instance.output[name])}",
            got=f"{name}: {short(shown[name])}",
        )


def _same(site: ResourceSite, name: str, one: Any, other: Any) -> bool:
    unordered = name in site.resource.unordered
    return contains(one, other, unordered=unordered) and contains(other, one, unordered=unordered)


@check(
    "lifecycle.identity",
    level=MUST,
    cites=model("identifiers of the resource"),
    over=resources("create", "get"),
    writes=True,
)
def test_each_resource_has_an_identity_of_its_own(
    site: ResourceSite, world: World, client: Client
) -> None:
    """Two resources have two identities, and each is found by its own."""
    one, other = world.fresh(site.resource.name), world.fresh(site.resource.name)
    keys = [identity_of(dict(instance.output)) for instance in (one, other)]
    if keys[0] == keys[1]:
        raise Deviation(
            "Two creations give one identity.",
            expected="two identities",
            got=f"{keys[0][:80]} twice",
        )
    found = identity_of(got(one, world, client))
    if found != keys[0]:
        raise Deviation("Get answers with another resource.", expected=keys[0][:80], got=found[:80])


@check(
    "lifecycle.times",
    level=SHOULD,
    cites=documented("a new resource was last changed when it was created"),
    over=resources("create", claim="created"),
    writes=True,
)
def test_a_new_resource_was_changed_when_it_was_created(site: ResourceSite, world: World) -> None:
    """A new resource has equal times of creation and of last change."""
    instance = world.fresh(site.resource.name)
    created, changed = _times(site, dict(instance.output))
    if abs(created - changed) > _TICK:
        raise Deviation(
            "A new resource has different times of creation and of change.",
            expected=f"{site.resource.timestamps[1]} = {site.resource.timestamps[0]} = {created}",
            got=f"{site.resource.timestamps[1]} = {changed}",
        )


def _times(site: ResourceSite, shown: dict[str, Any]) -> tuple[float, float]:
    if len(site.resource.timestamps) != 2:
        raise NotTestable(f"a {site.resource.title} has no two times")
    values = [shown.get(name) for name in site.resource.timestamps]
    if not all(isinstance(value, int | float) for value in values):
        raise Inconclusive(f"the target shows the times {values}")
    try:
        created, changed = (float(value) for value in values if value is not None)
    except OverflowError:
        raise Inconclusive("the target shows a time that is too large for a number") from None
    return created, changed


@check(
    "lifecycle.time-precision",
    level=SHOULD,
    cites=documented("precision of times"),
    over=timed,
    writes=True,
)
def test_times_are_no_more_precise_than_documented(site: ResourceSite, world: World) -> None:
    """The times of a resource have no more decimals than documented."""
    digits = site.claim.values["digits"] if site.claim else 0
    instance = world.shared(site.resource.name)
    for name in site.resource.timestamps:
        value = instance.output.get(name)
        if isinstance(value, float) and value != round(value, digits):
            raise Deviation(
                "A time is more precise than documented.",
                expected=f"{name}: seconds with {digits} decimals at most",
                got=f"{name}: {value!r}",
            )


@check(
    "lifecycle.listed",
    level=SHOULD,
    cites=documented("a new resource stands in its list"),
    over=resources("list", "create"),
    writes=True,
)
def test_a_new_resource_is_listed(site: ResourceSite, world: World, client: Client) -> None:
    """A new resource stands in its list."""
    instance = world.fresh(site.resource.name)
    if row_of(instance, world, client) is None:
        raise Deviation(
            "A new resource does not stand in its list.",
            expected=f"{identity_of(dict(instance.output))[:80]} among the items",
            got="no such item",
        )


@check(
    "lifecycle.summary",
    level=MUST,
    cites=documented("members of a summary"),
    over=resources("list", "create", "get", claim="summary"),
    writes=True,
)
def test_a_summary_agrees_with_the_resource(
    site: ResourceSite, world: World, client: Client
) -> None:
    """The summary in the list has the members that belong there, with the values that get shows."""
    instance = world.fresh(site.resource.name)
    row = row_of(instance, world, client)
    if row is None:
        raise Inconclusive("the resource does not stand in its list")
    shown = got(instance, world, client)
    wanted = site.claim.values if site.claim else {}
    for name in wanted:
        if name in shown and name not in row:
            raise Deviation(
                "A summary lacks a member.", expected=f"{name} in each item", got=f"no {name}"
            )
    for name in sorted(row.keys() & shown.keys()):
        # A summary may show less of a structure, too.
        if not contains(shown[name], row[name], unordered=name in site.resource.unordered):
            raise Deviation(
                "A summary shows another value than get does.",
                expected=f"{name}: {short(shown[name])}",
                got=f"{name}: {short(row[name])}",
            )


@check(
    "lifecycle.update",
    level=MUST,
    cites=documented("members that the update operation changes"),
    over=updates,
    writes=True,
)
def test_an_update_changes_the_member(site: ResourceSite, world: World, client: Client) -> None:
    """An update of one member alone changes it, in its answer and in what get shows after."""
    instance = world.fresh(site.resource.name)
    value = world.filled(site.claim.values[site.member] if site.claim else None)
    sent = known_to(site.operation.members[site.member].shape, value)
    cause = f"lifecycle.update@{site.resource}:{site.member}"
    answer = updated(instance, world, client, {site.member: sent})
    _expect_shown(site, answer, sent, f"The answer does not show the new {site.member}.", cause)
    shown = got(instance, world, client)
    _expect_shown(site, shown, sent, f"The new {site.member} is not kept.", cause)


@check(
    "lifecycle.update-keeps",
    level=SHOULD,
    cites=documented("members that are left out of an update stay as they are"),
    over=updates,
    writes=True,
)
def test_an_update_leaves_the_rest_alone(site: ResourceSite, world: World, client: Client) -> None:
    """An update of one member leaves every other member as it was, but for the time of change."""
    instance = world.fresh(site.resource.name)
    before = got(instance, world, client)
    value = world.filled(site.claim.values[site.member] if site.claim else None)
    sent = known_to(site.operation.members[site.member].shape, value)
    updated(instance, world, client, {site.member: sent})
    after = got(instance, world, client)
    free = {site.shown_as, *site.resource.timestamps[1:]}
    for name in sorted((before.keys() | after.keys()) - free):
        if before.get(name) != after.get(name):
            raise Deviation(
                f"An update of {site.member} changes {name}.",
                expected=f"{name}: {short(before.get(name))}",
                got=f"{name}: {short(after.get(name))}",
            )


@check(
    "lifecycle.update-all",
    level=MUST,
    cites=documented("members that the update operation changes"),
    over=resources("update", "create", "get", claim="updatable"),
    writes=True,
)
def test_an_update_changes_all_members_together(
    site: ResourceSite, world: World, client: Client
) -> None:
    """An update of every member that can be changed changes all of them at once."""
    instance = world.fresh(site.resource.name)
    values = world.filled(dict(site.claim.values)) if site.claim else {}
    sent = known_to(site.operation.input, values)
    updated(instance, world, client, sent)
    shown = got(instance, world, client)
    renamed = site.resource.echo.values if site.resource.echo else {}
    for member, value in sorted(sent.items()):
        name = renamed.get(member, member)
        if not shows(site.resource, name, shown, value):
            expected, got_instead = difference(name, shown, value)
            raise Deviation(
                "An update of several members does not change all of them.",
                expected=expected,
                got=got_instead,
            )


@check(
    "lifecycle.update-times",
    level=SHOULD,
    cites=documented("an update moves the time of change, never the time of creation"),
    over=resources("update", "create", "get", claim="created"),
    writes=True,
)
def test_an_update_keeps_the_time_of_creation(
    site: ResourceSite, world: World, client: Client
) -> None:
    """An update never moves the time of creation, and never moves the time of change back."""
    if site.resource.updatable is None or not site.resource.updatable.values:
        raise NotTestable(f"nothing of a {site.resource.title} can be updated")
    instance = world.fresh(site.resource.name)
    created, changed = _times(site, got(instance, world, client))
    member, value = next(iter(site.resource.updatable.values.items()))
    updated(instance, world, client, {member: world.filled(value)})
    created_after, changed_after = _times(site, got(instance, world, client))
    if created_after != created:
        raise Deviation(
            "An update moves the time of creation.",
            expected=f"{site.resource.timestamps[0]} = {created}",
            got=f"{created_after}",
        )
    if changed_after < changed:
        raise Deviation(
            "An update moves the time of change back.",
            expected=f"{site.resource.timestamps[1]} >= {changed}",
            got=f"{changed_after}",
        )


@check(
    "lifecycle.deleted",
    level=SHOULD,
    cites=documented("what was deleted is not found"),
    over=resources("delete", "create", "get", claim="deleted"),
    writes=True,
)
def test_what_was_deleted_is_not_found(site: ResourceSite, world: World, client: Client) -> None:
    """After its deletion a resource is not found any more."""
    instance = world.fresh(site.resource.name)
    operation = operation_of(world, instance, "get")
    ids = world.identifiers(operation, instance)
    deleted(instance, world, client)
    reply = client.call(operation, ids)
    codes = site.resource.deleted.codes if site.resource.deleted else frozenset[str]()
    answered_not_found(reply, codes, "A deleted resource can still be read.")


@check(
    "lifecycle.unlisted",
    level=SHOULD,
    cites=documented("what was deleted is not listed"),
    over=resources("delete", "list", "create"),
    writes=True,
)
def test_what_was_deleted_is_not_listed(site: ResourceSite, world: World, client: Client) -> None:
    """After its deletion a resource does not stand in its list any more."""
    instance = world.fresh(site.resource.name)
    deleted(instance, world, client)
    if row_of(instance, world, client, there=False) is not None:
        raise Deviation(
            "A deleted resource still stands in its list.",
            expected=f"no {identity_of(dict(instance.output))[:80]} among the items",
            got="the item",
        )

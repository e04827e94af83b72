"""What the contract only just allows is accepted: bounds, enum values, members of unions."""

from __future__ import annotations

import json
from typing import Any, Final

from conformance.contract import Path
from conformance.contract.allowed import AllowedSite
from conformance.contract.sites import counted
from conformance.generation import smallest_of
from conformance.generation.allowed import Unreachable, allowed_input
from conformance.suite.checks import SHOULD, OperationSite, check, model, protocol
from conformance.suite.expect import (
    QUOTA_EXCEEDED,
    SERVER_ERRORS,
    described,
    difference,
    fault_of,
    invalid_codes,
    short,
)
from conformance.suite.handling import got, returned, shows
from conformance.suite.refusals import accepted_base
from conformance.suite.run import Run
from conformance.suite.samples import Samples
from conformance.suite.sites import allowed, names_another, optional_members
from conformance.target.inputs import Prepared
from conformance.target.instances import Instance, lasting_in
from conformance.target.outcomes import Deviation, Inconclusive, NotTestable
from conformance.target.templates import known_to
from conformance.wire.reply import Reply
from conformance.wire.serialize import Override

#: So many characters or entries a reader sees to be all.
_AT_A_GLANCE: Final = 20


def accepted_at(site: AllowedSite, run: Run, samples: Samples, check_id: str) -> None:
    """Sends a valid input with an allowed value at the site; it has to be accepted and shown."""
    prepared = accepted_base(site.operation, run, samples)
    together = run.world.filled(run.spec.together_with(str(site)))
    together = known_to(site.operation.input, together)
    made = allowed_input(site, prepared.params | together)
    if isinstance(made, Unreachable):
        raise NotTestable(made.reason)
    overrides = (Override(made.path, made.value),) if len(made.path) else ()
    reply = run.client.call(site.operation, made.params, overrides=overrides)
    run.inputs.after(site.operation, reply, prepared)
    cause = f"{check_id}@{site.operation}"
    _expect_accepted(reply, run, f"{site.path} may be {site.told}, which is refused.", cause)
    _expect_echoed(reply, prepared, site.path.parts[0], run)


def _expect_accepted(reply: Reply, run: Run, message: str, cause: str) -> None:
    if reply.ok:
        return
    codes = invalid_codes(reply, run.spec.invalid_codes(wrong_type=True))
    if reply.code not in codes and reply.status < SERVER_ERRORS:
        why = "a quota" if reply.status == QUOTA_EXCEEDED else "another rule"
        raise Inconclusive(f"{why} of the target stands in the way: {described(reply)}")
    raise Deviation(
        message,
        expected=f"{reply.operation.success_status}",
        got=described(reply),
        cause=fault_of(reply) or cause,
        exchange=reply.exchange,
    )


def _expect_echoed(reply: Reply, prepared: Prepared, member: str, run: Run) -> None:
    """A resource that shows the member shows what was sent."""
    operation = reply.operation
    owner = run.spec.owner(operation)
    role = owner.role_of(operation.name) if owner else None
    if owner is None or owner.echo is None or owner.operations.get("get") is None:
        return
    shown_as = owner.echo.values.get(member)
    promised = {"create": owner.echo, "update": owner.updatable}.get(role or "")
    if shown_as is None or promised is None or member not in promised.values:
        return
    sent = json.loads(reply.exchange.request.body)[operation.members[member].wire_name]
    instance = prepared.instance or Instance(
        owner, prepared.params, lasting_in(reply, owner), prepared.parents
    )
    for shown in (returned(instance, reply), got(instance, run.world, run.client)):
        if not shows(owner, shown_as, shown, sent):
            expected, got_instead = difference(shown_as, shown, sent, _sized)
            raise Deviation(
                f"{member} is accepted, and lost or changed.",
                expected=expected,
                got=got_instead,
                cause=f"lifecycle.{'echo' if role == 'create' else role}@{owner}:{shown_as}",
            )


def _sized(value: Any) -> str:
    """A value for a reader, who would not see where a long text ends."""
    if isinstance(value, str | list) and len(value) > _AT_A_GLANCE:
        unit = "character" if isinstance(value, str) else "entry"
        return f"{short(value)} ({counted(len(value), unit)})"
    return short(value)


@check(
    "accepted.bound",
    level=SHOULD,
    cites=model("min and max themselves are allowed"),
    over=allowed("bound"),
)
def test_a_bound_itself_is_accepted(site: AllowedSite, run: Run, samples: Samples) -> None:
    """A text, list or number of exactly the least or the greatest size is accepted, and shown."""
    accepted_at(site, run, samples, "accepted.bound")


@check(
    "accepted.enum",
    level=SHOULD,
    cites=model("enum of a string"),
    over=allowed("enum"),
)
def test_each_value_of_an_enum_is_accepted(site: AllowedSite, run: Run, samples: Samples) -> None:
    """Each value of an enum is accepted, and shown."""
    accepted_at(site, run, samples, "accepted.enum")


@check(
    "accepted.union-member",
    level=SHOULD,
    cites=protocol("union: any one of its members is set"),
    over=allowed("arm"),
)
def test_each_member_of_a_union_is_accepted(site: AllowedSite, run: Run, samples: Samples) -> None:
    """Each member of a tagged union is accepted by itself, and shown."""
    accepted_at(site, run, samples, "accepted.union-member")


@check(
    "accepted.smallest",
    level=SHOULD,
    cites=model("required members of a structure"),
    over=optional_members("smallest"),
)
def test_the_required_members_suffice(site: OperationSite, run: Run, samples: Samples) -> None:
    """An input without any of its optional members is accepted."""
    operation = site.operation
    prepared = accepted_base(operation, run, samples)
    params = {n: v for n, v in prepared.params.items() if operation.members[n].required}
    reply = run.client.call(operation, params)
    run.inputs.after(operation, reply, prepared)
    message = f"{operation} is refused without its optional members."
    _expect_accepted(reply, run, message, f"accepted.smallest@{operation}")


@check(
    "accepted.fullest",
    level=SHOULD,
    cites=model("members of a structure"),
    over=optional_members("fullest"),
)
def test_all_members_may_be_given(site: OperationSite, run: Run, samples: Samples) -> None:
    """An input with each of its optional members is accepted."""
    operation = site.operation
    prepared = accepted_base(operation, run, samples)
    params = dict(prepared.params)
    for name, member in operation.members.items():
        if name not in params and not names_another(Path((name,)), run.spec):
            params[name] = smallest_of(member)
    reply = run.client.call(operation, params)
    run.inputs.after(operation, reply, prepared)
    message = f"{operation} is refused with all of its optional members."
    _expect_accepted(reply, run, message, f"accepted.fullest@{operation}")

"""Sends requests that are framed in some way, and says what came of them.

That a connection ends without an answer is none of a target's faults here: HTTP lets it.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from attrs import evolve

from conformance.contract import Operation
from conformance.suite.expect import SERVER_ERRORS, described, short, texts_in
from conformance.suite.framing_sites import FramingSite
from conformance.suite.handling import echoed, rows
from conformance.suite.protocol_sites import first_of, needs_nothing
from conformance.suite.run import Run
from conformance.target.inputs import Prepared
from conformance.target.instances import Instance
from conformance.target.outcomes import Deviation, Inconclusive, NotTestable, Outcome, TargetLost
from conformance.wire.exchange import Exchange
from conformance.wire.reply import Reply

_ENDS: Final = ("closed", "reset")


def answer_to(site: FramingSite, run: Run, prepared: Prepared, behind: bytes = b"") -> Reply | None:
    """The answer to a request of a site; None if the connection was closed instead.

    Args:
        behind: what stands behind the body and changes nothing in it.

    Raises:
        Deviation: there is neither an answer nor an end, or no HTTP came.
        NotTestable: the request cannot be sent so.
    """
    if site.how.hangs_up and run.target.endpoint_url.startswith("https:"):
        raise NotTestable("TLS connections are not closed by half")
    request = run.client.request_for(site.operation, prepared.params)
    request = evolve(request, body=request.body + behind)
    (exchange,) = run.client.converse((site.operation, request, site.how))
    if site.how.hangs_up and exchange.fault is not None and exchange.fault.kind == "timeout":
        return None  # it may wait for the rest as long as it likes
    return answer_in(exchange, run, prepared, site.operation, f"a request that {site.how.what}")


def answer_in(
    exchange: Exchange, run: Run, prepared: Prepared, operation: Operation, what: str
) -> Reply | None:
    """The answer to a creation, as :func:`read`; without one, nothing is left behind.

    Raises:
        Deviation, Inconclusive: as :func:`read`.
    """
    try:
        return read(exchange, run, operation, what)
    except Deviation:
        leaves_nothing(None, run, prepared, operation)
        raise


def read(exchange: Exchange, run: Run, operation: Operation, what: str) -> Reply | None:
    """The answer of an exchange; None if the connection was closed instead.

    Args:
        what: what was sent, for a reader.

    Raises:
        Deviation: there is neither an answer nor an end, or no HTTP came.
        Inconclusive: the answer is to call less often; or nothing else is answered, either.
    """
    fault = exchange.fault
    if fault is None:
        reply = Reply(run.contract, operation, exchange)
        if reply.throttled:
            raise Inconclusive(f"{operation} was throttled ({reply.status} {reply.code})")
        return reply
    if fault.kind in _ENDS:
        return None
    waited = fault.kind == "timeout"
    if waited:
        _answers_others(run)
    raise Deviation(
        f"No answer came to {what}." if waited else f"The response to {operation} breaks HTTP.",
        expected="an answer, or the end of the connection",
        got=f"{fault.kind}: {fault.message}",
        cause="" if waited else f"wire.{fault.kind}@{operation}",
        exchange=exchange,
    )


def _answers_others(run: Run) -> None:
    """Makes sure that it was this request that hung, and not the target.

    Raises:
        Inconclusive: a usual request has no answer, either.
    """
    trace = list(run.client.trace)
    for operation in first_of(run.contract, needs_nothing):
        run.client.call(operation, {})
    run.client.trace = trace


def read_whole(reply: Reply, run: Run, prepared: Prepared) -> None:
    """Makes sure that an answer to a creation shows all that was sent.

    What does not show, either, if it is sent as usual is not asked for.

    Raises:
        Deviation: it lacks something.
    """
    made = _adopted(reply, run, prepared)
    if made is None or made.resource.echo is None:
        return
    usual = run.world.shared(made.resource.name)
    expected = echoed(usual.resource, usual.params, usual.output)
    sent = {member: made.params[member] for member in expected if member in made.params}
    lost = sorted(sent.keys() - echoed(made.resource, sent, made.output).keys())
    if lost:
        name = made.resource.echo.values[lost[0]]
        raise Deviation(
            f"{lost[0]} of an accepted request is lost or changed.",
            expected=f"{name}: {short(sent[lost[0]])}",
            got=f"{name}: {short(made.output.get(name))}",
            exchange=reply.exchange,
        )


def leaves_nothing(reply: Reply | None, run: Run, prepared: Prepared, operation: Operation) -> None:
    """Takes charge of what a creation has made without saying so; a refusal is believed."""
    if reply is not None and reply.status < SERVER_ERRORS:
        return
    with suppress(Inconclusive):  # then nobody can know
        made = _found(run, prepared, operation)
        if made is not None:
            run.world.take(made)


def without_effect(
    reply: Reply | None, run: Run, prepared: Prepared, operation: Operation, message: str
) -> None:
    """Makes sure that a request which should have been refused has created nothing.

    Raises:
        Deviation: it was accepted, or what it would create is there even so.
        Inconclusive: there was no answer, and what is there cannot be seen.
    """
    if reply is not None and reply.ok:
        _adopted(reply, run, prepared)
        raise Deviation(
            message,
            expected="400, or the end of the connection",
            got=described(reply),
            exchange=reply.exchange,
        )
    try:
        made = _found(run, prepared, operation)
    except Inconclusive:
        if reply is None:
            raise
        return  # it was refused, and nothing tells otherwise
    if made is not None:
        run.world.take(made)
        raise Deviation(
            f"{message} It was not answered with success, but what it creates is there.",
            expected="nothing of that name",
            got=short(dict(made.output)),
        )


def _adopted(reply: Reply, run: Run, prepared: Prepared) -> Instance | None:
    owner = run.spec.owner(reply.operation)
    if owner is None:
        return None
    return run.world.adopt(owner, prepared.params, reply, prepared.parents)


def _found(run: Run, prepared: Prepared, operation: Operation) -> Instance | None:
    """What a creation has made, by the text of this run in its row; None if it is not listed."""
    owner = run.spec.owner(operation)
    listing = run.contract.operations.get(owner.operations.get("list", "")) if owner else None
    if owner is None or listing is None or not run.inputs.has(listing):
        return None
    others = {text for parent in prepared.parents.values() for text in texts_in(parent.output)}
    wanted = {text for text in texts_in(prepared.params) if run.world.run_id in text} - others
    if not wanted:
        return None
    like = Instance(owner, prepared.params, {}, prepared.parents)
    with run.world.setting_up():
        try:
            listed = rows(like, run.world, run.client)
        except TargetLost:
            raise
        except Outcome as outcome:
            raise Inconclusive(f"whether it had an effect cannot be seen: {outcome}") from outcome
    row = next((row for row in listed if not wanted.isdisjoint(texts_in(row))), None)
    return None if row is None else evolve(like, output=row)

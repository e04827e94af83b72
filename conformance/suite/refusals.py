"""Sends one invalid request and expects it to be refused as such."""

from __future__ import annotations

from typing import Final

from conformance.contract import Operation
from conformance.generation import Unviolable, Violation
from conformance.suite.expect import SERVER_ERRORS, invalid_codes, refused
from conformance.suite.run import Run
from conformance.suite.samples import Samples
from conformance.target.inputs import Prepared
from conformance.target.outcomes import Deviation, Inconclusive, NotTestable, Outcome
from conformance.wire.reply import Reply
from conformance.wire.serialize import REMOVED, Override

_HIDES_OR_DENIES: Final = (403, 404)


def base_of(operation: Operation, run: Run) -> Prepared:
    """A valid input to break: on what exists where the spec knows how to make that."""
    try:
        return run.inputs.valid(operation, scratch=True)
    except (Inconclusive, NotTestable):
        return Prepared(run.inputs.made_up(operation), None, bound=False)


def accepted_base(operation: Operation, run: Run, samples: Samples) -> Prepared:
    """A valid input to change: one like it is accepted as it is.

    Raises:
        Inconclusive: it is not, or nobody knows how to make one.
    """
    try:
        samples.success(operation)
    except Deviation as outcome:
        raise Inconclusive(f"the request is refused as it is, too: {outcome.got}") from outcome
    run.client.start_trace()
    return base_of(operation, run)


def _unproven(run: Run) -> Outcome:
    if run.world.read_only:
        return NotTestable("nothing exists to test it with, and this run only reads")
    return Inconclusive(
        "the request names something that does not exist, and no spec says how to make it"
    )


def refuses(
    run: Run,
    operation: Operation,
    prepared: Prepared,
    broken: Violation | Unviolable,
    *,
    rule: str,
    cause: str,
    wrong_type: bool = False,
    names_something: bool = False,
) -> None:
    """Sends a violation of a valid input; it has to be refused as invalid.

    Args:
        prepared: the valid input.
        rule: what the contract says, for a reader.
        wrong_type: whether the input cannot even be read, which may have an error of its own.
        names_something: whether what is broken names a resource: then that there is none of that
            name is as true an answer, since nothing says which is looked at first.

    Raises:
        Deviation: it is accepted, or refused in another way.
        NotTestable: no input breaks the rule.
        Inconclusive: the refusal may have had another reason.
    """
    reply, note = answer_to(run, operation, broken)
    expect_refusal(
        run,
        reply,
        prepared,
        what=f"{rule}; {note}",
        cause=cause,
        wrong_type=wrong_type,
        names_something=names_something,
    )


def answer_to(run: Run, operation: Operation, broken: Violation | Unviolable) -> tuple[Reply, str]:
    """The answer to a violation, and what is wrong with that, for a reader.

    Raises:
        NotTestable: no input breaks the rule.
    """
    if isinstance(broken, Unviolable):
        raise NotTestable(broken.reason)
    value = REMOVED if broken.removes else broken.value
    overrides = (Override(broken.path, value),)
    return run.client.call(operation, broken.params, overrides=overrides, valid=False), broken.note


def clear_up(run: Run, reply: Reply, prepared: Prepared) -> None:
    """Takes care of what an invalid request has made or changed, if it was accepted."""
    if reply.ok:
        run.inputs.after(reply.operation, reply, prepared)
        if prepared.changes:
            run.world.spoiled(prepared.instance)


def expect_refusal(
    run: Run,
    reply: Reply,
    prepared: Prepared,
    *,
    what: str,
    cause: str,
    wrong_type: bool = False,
    names_something: bool = False,
) -> None:
    """Holds the answer to an invalid request against what refuses it.

    Args:
        what: what is wrong with the request, as the beginning of a sentence.

    Raises:
        Deviation: it is of success, or refuses in another way.
        Inconclusive: the refusal may have had another reason.
    """
    clear_up(run, reply, prepared)
    if reply.status in _HIDES_OR_DENIES and reply.error is not None and names_something:
        return
    codes = invalid_codes(reply, run.spec.invalid_codes(wrong_type=wrong_type))
    refused_otherwise = not reply.ok and reply.status < SERVER_ERRORS and reply.code not in codes
    if not prepared.bound and refused_otherwise:
        # The request has a second fault: it names what does not exist. Either may be told.
        raise _unproven(run)
    refused(reply, codes=codes, what=what, cause=cause)

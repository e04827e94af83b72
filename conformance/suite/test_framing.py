"""Where a request ends on its connection, and the next one begins (RFC 9112)."""

from __future__ import annotations

from typing import Final

from conformance.contract import Operation
from conformance.suite.checks import MUST, SHOULD, Citation, check
from conformance.suite.expect import (
    QUOTA_EXCEEDED,
    SERVER_ERRORS,
    could_not_tell,
    described,
    fault_of,
)
from conformance.suite.framing import (
    answer_in,
    answer_to,
    leaves_nothing,
    read,
    read_whole,
    without_effect,
)
from conformance.suite.framing_sites import (
    BOTH,
    CHUNKS,
    CUT_OFF,
    DIFFERING,
    EXPECTING,
    EXTENSION,
    NO_NUMBER,
    NOT_STATED,
    TOO_LONG,
    TOO_SHORT,
    FramingSite,
    KeepAliveSite,
    followed,
    framed,
    kept_alive,
)
from conformance.suite.refusals import accepted_base
from conformance.suite.run import Run
from conformance.suite.samples import Samples
from conformance.target.inputs import Prepared
from conformance.target.outcomes import Deviation, Inconclusive, NotImplementedByTarget
from conformance.wire.exchange import Request
from conformance.wire.framing import USUAL, Framing
from conformance.wire.reply import Reply

_NOT_IMPLEMENTED: Final = 501
_EXPECTATION_FAILED: Final = 417
_BLANK: Final = b" "


def _rfc(text: str) -> Citation:
    return Citation("protocol", text)


def _not_failed(reply: Reply | None, how: Framing, refusals: str, *allowed: int) -> None:
    if reply is None or reply.status < SERVER_ERRORS or reply.status in allowed:
        return
    raise Deviation(
        f"{reply.operation} failed at a request that {how.what}.",
        expected=f"{refusals}, or the end of the connection",
        got=described(reply),
        exchange=reply.exchange,
    )


@check(
    "protocol.chunked",
    level=MUST,
    cites=_rfc("RFC 9112, 7.1: chunks are decoded, extensions ignored; 6.1, 6.3: or 411 or 501"),
    over=framed(CHUNKS, EXTENSION),
)
def test_a_body_in_chunks_is_read_whole_or_refused(
    site: FramingSite, run: Run, samples: Samples
) -> None:
    """A body that is sent in chunks is read to its end, or refused."""
    prepared = accepted_base(site.operation, run, samples)
    reply = answer_to(site, run, prepared)
    leaves_nothing(reply, run, prepared, site.operation)
    _not_failed(reply, site.how, "success, 411 or 501", _NOT_IMPLEMENTED)
    if reply is not None and reply.ok:
        read_whole(reply, run, prepared)


@check(
    "protocol.content-length",
    level=MUST,
    cites=_rfc("RFC 9112, 6.3: a body is as long as Content-Length says, without it and chunks 0"),
    over=framed(TOO_SHORT, NOT_STATED),
)
def test_a_body_is_as_long_as_it_is_said_to_be(
    site: FramingSite, run: Run, samples: Samples
) -> None:
    """What stands behind the stated end of a request is no part of it."""
    prepared = accepted_base(site.operation, run, samples)
    reply = answer_to(site, run, prepared)
    message = f"A request that {site.how.what} was read beyond its end."
    without_effect(reply, run, prepared, site.operation, message)


@check(
    "protocol.incomplete",
    level=MUST,
    cites=_rfc("RFC 9112, 6.3 and 8: a message that ends too early is incomplete"),
    over=framed(TOO_LONG, CUT_OFF),
)
def test_an_incomplete_request_has_no_effect(site: FramingSite, run: Run, samples: Samples) -> None:
    """A request whose body ends before its stated end is not carried out."""
    prepared = accepted_base(site.operation, run, samples)
    reply = answer_to(site, run, prepared)
    message = f"A request that {site.how.what} was carried out."
    without_effect(reply, run, prepared, site.operation, message)


@check(
    "protocol.invalid-length",
    level=MUST,
    cites=_rfc("RFC 9112, 6.3: an invalid Content-Length is answered with 400"),
    over=framed(DIFFERING, NO_NUMBER),
)
def test_an_invalid_length_is_refused(site: FramingSite, run: Run, samples: Samples) -> None:
    """A request that states no length, or several, where one has to be is refused."""
    prepared = accepted_base(site.operation, run, samples)
    # With a blank behind the body, either of two lengths leaves it whole.
    reply = answer_to(site, run, prepared, _BLANK)
    message = f"A request that {site.how.what} was accepted."
    without_effect(reply, run, prepared, site.operation, message)
    _not_failed(reply, site.how, "400")


@check(
    "protocol.expect-continue",
    level=SHOULD,
    cites=_rfc("RFC 9110, 10.1.1: 100-continue is answered with 100 or a final status"),
    over=framed(EXPECTING),
)
def test_a_request_that_waits_for_100_is_answered(
    site: FramingSite, run: Run, samples: Samples
) -> None:
    """A valid request that asks to be told to continue is accepted, or refused with 417."""
    prepared = accepted_base(site.operation, run, samples)
    reply = answer_to(site, run, prepared)
    leaves_nothing(reply, run, prepared, site.operation)
    if reply is None or reply.status == _EXPECTATION_FAILED:
        return
    if reply.status == QUOTA_EXCEEDED:
        raise could_not_tell(reply, "a quota of the target stands in the way")
    if not reply.ok:
        raise Deviation(
            f"{site.operation} refused a valid request that {site.how.what}.",
            expected=f"{site.operation.success_status} or {_EXPECTATION_FAILED}",
            got=described(reply),
            cause=fault_of(reply),
            exchange=reply.exchange,
        )
    read_whole(reply, run, prepared)


def _reading(operation: Operation, run: Run, samples: Samples) -> Request:
    """A request that reads and is accepted."""
    if not run.inputs.has(operation):
        raise NotImplementedByTarget(f"the target does not implement {operation}")
    try:
        return samples.success(operation).exchange.request
    except Deviation as outcome:
        raise Inconclusive(f"{operation} is refused elsewhere, too: {outcome.got}") from outcome


@check(
    "protocol.transfer-encoding-and-length",
    level=MUST,
    cites=_rfc("RFC 9112, 6.1: the connection is closed after a request with both"),
    over=followed(BOTH),
)
def test_what_states_its_end_twice_ends_the_connection(
    site: KeepAliveSite, run: Run, samples: Samples
) -> None:
    """A request with both Transfer-Encoding and Content-Length is read by the former or refused.

    Either way it is the last one on its connection.
    """
    reading = _reading(site.then, run, samples)
    prepared = accepted_base(site.operation, run, samples)
    first = run.client.request_for(site.operation, prepared.params)
    exchanges = run.client.converse((site.operation, first, site.how), (site.then, reading, USUAL))
    reply = answer_in(exchanges[0], run, prepared, site.operation, site.what)
    leaves_nothing(reply, run, prepared, site.operation)
    _not_failed(reply, site.how, "success, 400 or 501", _NOT_IMPLEMENTED)
    if reply is not None and reply.ok:
        read_whole(reply, run, prepared)
    for exchange in exchanges[1:]:
        later = read(exchange, run, site.then, f"a request after {site.what}")
        if later is not None:
            raise Deviation(
                f"A connection was used further after {site.what}.",
                expected="the end of the connection",
                got=described(later),
                exchange=exchange,
            )


@check(
    "protocol.keep-alive",
    level=MUST,
    cites=_rfc("RFC 9112, 9.3: a server reads the whole body, or closes the connection"),
    over=kept_alive,
)
def test_an_unread_body_is_not_taken_for_the_next_request(
    site: KeepAliveSite, run: Run, samples: Samples
) -> None:
    """After a request that may go unread, the next one on its connection has its own answer."""
    reading = _reading(site.then, run, samples)
    if site.how is USUAL:
        run.client.start_trace()
        prepared = Prepared(run.inputs.made_up(site.operation), None)
    else:
        prepared = accepted_base(site.operation, run, samples)
    first = run.client.request_for(site.operation, prepared.params)
    exchanges = run.client.converse(
        (site.operation, site.apply(first), site.how), (site.then, reading, USUAL)
    )
    reply = answer_in(exchanges[0], run, prepared, site.operation, site.what)
    leaves_nothing(reply, run, prepared, site.operation)
    if reply is not None and not site.below:
        run.inputs.after(site.operation, reply, prepared)
    for exchange in exchanges[1:]:
        later = read(exchange, run, site.then, f"a request after {site.what}")
        if later is not None and not later.ok:
            raise Deviation(
                f"What followed {site.what} on its connection was not answered by itself.",
                expected=f"{site.then.success_status}, or the end of the connection",
                got=described(later),
                exchange=exchange,
            )

"""Requests that are no requests of the protocol, and peculiar ones that are."""

from __future__ import annotations

from attrs import evolve

from conformance.suite.checks import MUST, SHOULD, OperationSite, check, protocol
from conformance.suite.expect import SERVER_ERRORS, described, succeeded
from conformance.suite.malformed import CONTENT_TYPES, NO_JSON, NO_OBJECT, NO_UTF8, PECULIAR
from conformance.suite.protocol_sites import (
    NOWHERE,
    MalformedSite,
    MethodSite,
    needs_body,
    spoiled,
    unrouted_methods,
    unrouted_paths,
)
from conformance.suite.refusals import accepted_base, base_of, expect_refusal
from conformance.suite.run import Run
from conformance.suite.samples import Samples
from conformance.target.outcomes import Deviation
from conformance.wire.exchange import Request
from conformance.wire.reply import Reply


def refuses(site: MalformedSite, run: Run) -> None:
    """Sends a body that cannot be read; it has to be refused."""
    prepared = base_of(site.operation, run)
    request = run.client.request_for(site.operation, prepared.params)
    expect_refusal(
        run,
        run.client.send(site.operation, site.malformed.apply(request)),
        prepared,
        what=f"The body {site.malformed.what}",
        cause="",
        wrong_type=True,
    )


@check(
    "protocol.malformed-json",
    level=MUST,
    cites=protocol("restJson1 malformed requests: a body that is no JSON is a 400"),
    over=spoiled(NO_JSON),
    spread=4,
)
def test_what_is_no_json_is_refused(site: MalformedSite, run: Run) -> None:
    """A body that is no JSON, however near it comes, is refused with 400."""
    refuses(site, run)


@check(
    "protocol.not-an-object",
    level=MUST,
    cites=protocol("restJson1 malformed requests: a body that is no object is a 400"),
    over=spoiled(NO_OBJECT),
    spread=4,
)
def test_a_body_that_is_no_object_is_refused(site: MalformedSite, run: Run) -> None:
    """A body that is JSON, but no object, is refused with 400."""
    refuses(site, run)


@check(
    "protocol.encoding",
    level=SHOULD,
    cites=protocol("restJson1: JSON travels as UTF-8, as RFC 8259 has it"),
    over=spoiled(NO_UTF8),
    spread=4,
)
def test_a_body_that_is_no_utf8_is_refused(site: MalformedSite, run: Run) -> None:
    """A body that is no UTF-8 is refused with 400."""
    refuses(site, run)


@check(
    "protocol.no-body",
    level=MUST,
    cites=protocol("restJson1: no body is an input without its members"),
    over=needs_body,
)
def test_no_body_is_refused_where_members_are_required(site: OperationSite, run: Run) -> None:
    """A request without a body is refused where the body has a required member."""
    prepared = base_of(site.operation, run)
    request = evolve(run.client.request_for(site.operation, prepared.params), body=b"")
    expect_refusal(
        run,
        run.client.send(site.operation, request),
        prepared,
        what="The request has no body",
        cause="",
        wrong_type=True,
    )


@check(
    "protocol.content-type",
    level=SHOULD,
    cites=protocol("restJson1: application/json, of which case and parameters say nothing else"),
    over=spoiled(CONTENT_TYPES),
    spread=4,
)
def test_the_media_type_is_known_in_each_form(
    site: MalformedSite, run: Run, samples: Samples
) -> None:
    """A valid request is accepted however its media type is written."""
    prepared = accepted_base(site.operation, run, samples)
    request = run.client.request_for(site.operation, prepared.params)
    reply = run.client.send(site.operation, site.malformed.apply(request))
    run.inputs.after(site.operation, reply, prepared)
    succeeded(reply, f"{site.operation} refused a request that {site.malformed.what}.")


@check(
    "protocol.peculiar",
    level=MUST,
    cites=protocol("a request that can be answered is answered below 500"),
    over=spoiled(PECULIAR),
    spread=4,
)
def test_a_peculiar_request_is_answered(site: MalformedSite, run: Run) -> None:
    """A peculiar request is accepted or refused, but is no reason to fail."""
    prepared = base_of(site.operation, run)
    request = run.client.request_for(site.operation, prepared.params)
    reply = run.client.send(site.operation, site.malformed.apply(request))
    run.inputs.after(site.operation, reply, prepared)
    if reply.status >= SERVER_ERRORS:
        raise Deviation(
            f"{site.operation} failed at a request that {site.malformed.what}.",
            expected="a success, or a refusal below 500",
            got=described(reply),
            cause=f"protocol.peculiar:{site.malformed.name}@{site.operation}",
            exchange=reply.exchange,
        )


def is_unrouted(site: OperationSite | MethodSite, run: Run, request: Request, where: str) -> None:
    """Sends a request to where there is nothing; it has to be refused.

    Only the status is looked at: what stands before a service may answer in its own words.
    """
    reply = run.client.send(site.operation, request)
    run.observations.clear()
    if not _is_refusal(reply):
        raise Deviation(
            f"There is no operation {where}, and the target answered as if there were.",
            expected="404 UnknownOperationException, or another refusal below 500",
            got=described(reply),
            exchange=reply.exchange,
        )


def _is_refusal(reply: Reply) -> bool:
    return not reply.ok and reply.status < SERVER_ERRORS


@check(
    "protocol.unknown-path",
    level=MUST,
    cites=protocol("an operation is found by its method and URI; what is not found is a 404"),
    over=unrouted_paths,
    spread=4,
)
def test_a_path_that_leads_nowhere_is_refused(site: OperationSite, run: Run) -> None:
    """A path below an operation's that leads nowhere is refused."""
    request = run.client.request_for(site.operation, run.inputs.made_up(site.operation))
    path, mark, query = request.url.partition("?")
    nowhere = evolve(request, url=f"{path.rstrip('/')}{NOWHERE}{mark}{query}")
    is_unrouted(site, run, nowhere, "at this path")


@check(
    "protocol.unknown-method",
    level=MUST,
    cites=protocol("an operation is found by its method and URI; what is not found is a 404"),
    over=unrouted_methods,
    spread=4,
)
def test_a_method_that_no_operation_has_is_refused(site: MethodSite, run: Run) -> None:
    """A method that no operation has at a path is refused."""
    request = run.client.request_for(site.operation, run.inputs.made_up(site.operation))
    is_unrouted(site, run, evolve(request, method=site.method), f"by {site.method} at this path")

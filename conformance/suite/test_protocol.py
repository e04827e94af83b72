"""Requests that are no requests of the protocol."""

from __future__ import annotations

from attrs import evolve

from conformance.suite.checks import MUST, OperationSite, check, operations_with_body, protocol
from conformance.suite.refusals import base_of, expect_refusal
from conformance.suite.run import Run


def refuses_body(site: OperationSite, run: Run, body: bytes, what: str) -> None:
    """Sends an operation a body that cannot be read; it has to be refused."""
    prepared = base_of(site.operation, run)
    request = evolve(run.client.request_for(site.operation, prepared.params), body=body)
    expect_refusal(
        run,
        run.client.send(site.operation, request),
        prepared,
        message=f"A body that is {what} was accepted.",
        cause="",
        wrong_type=True,
    )


@check(
    "protocol.malformed-json",
    level=MUST,
    cites=protocol("restJson1 malformed requests: a body that is no JSON is a 400"),
    over=operations_with_body,
    facts=("ERR-20",),
)
def test_broken_json_is_refused(site: OperationSite, run: Run) -> None:
    """A body that breaks off in the middle is refused with 400."""
    refuses_body(site, run, b'{"name": "conf', "broken JSON")


@check(
    "protocol.not-an-object",
    level=MUST,
    cites=protocol("restJson1 malformed requests: a body that is no object is a 400"),
    over=operations_with_body,
    facts=("ERR-20",),
)
def test_a_body_that_is_no_object_is_refused(site: OperationSite, run: Run) -> None:
    """A body that is a JSON array is refused with 400."""
    refuses_body(site, run, b"[1, 2]", "a JSON array")

"""Requests that are not signed as they should be, for targets that say they verify signatures."""

from __future__ import annotations

from typing import Final

from conformance.suite.checks import MUST, Citation, check
from conformance.suite.expect import SERVER_ERRORS, described, fault_of
from conformance.suite.refusals import accepted_base
from conformance.suite.run import Run
from conformance.suite.samples import Samples
from conformance.suite.signature_sites import (
    EXPIRED,
    NOT_YET,
    OTHER_SERVICE,
    UNREADABLE,
    WRONG_SECRET,
    SignatureSite,
    both,
    reading,
    tampered,
)
from conformance.target.outcomes import Deviation, NotTestable

_UNSIGNED: Final = "is not signed"


def _signing(text: str) -> Citation:
    return Citation("protocol", f"AWS Signature Version 4: {text}")


def _is_refused(site: SignatureSite, run: Run, samples: Samples) -> None:
    """Sends a request that is accepted if signed as it should be; now it has to be refused.

    By which error is not looked at: services, and what stands before them, word it differently.
    """
    if not run.verifies_signatures:
        raise NotTestable("the target was not said to verify signatures (--verifies-signatures)")
    operation, how, client = site.operation, site.how, run.client
    prepared = accepted_base(operation, run, samples)
    request = client.request_for(operation, prepared.params)
    if how is None:
        reply = client.send(operation, request, account=None)
    else:
        reply = client.send_missigned(operation, request, how)
    if reply.ok:
        run.inputs.after(operation, reply, prepared)
        if prepared.changes:
            run.world.spoiled(prepared.instance)
    elif reply.status < SERVER_ERRORS:
        # What verifies signatures may stand before the service and answer in its own form.
        run.observations.clear()
        return
    raise Deviation(
        f"A request that {how.what if how else _UNSIGNED} was not refused.",
        expected="403, or another refusal below 500",
        got=described(reply),
        cause=fault_of(reply),
        exchange=reply.exchange,
    )


@check(
    "signature.missing",
    level=MUST,
    cites=_signing("a request without authentication is refused"),
    over=both(None),
)
def test_an_unsigned_request_is_refused(site: SignatureSite, run: Run, samples: Samples) -> None:
    """A request that is not signed is refused."""
    _is_refused(site, run, samples)


@check(
    "signature.unreadable",
    level=MUST,
    cites=_signing("Credential, SignedHeaders and Signature are required"),
    over=reading(UNREADABLE),
)
def test_an_incomplete_signature_is_refused(
    site: SignatureSite, run: Run, samples: Samples
) -> None:
    """A request whose Authorization header lacks its parts is refused."""
    _is_refused(site, run, samples)


@check(
    "signature.secret",
    level=MUST,
    cites=_signing("the signature is calculated with the secret access key of the caller"),
    over=both(WRONG_SECRET),
)
def test_the_signature_of_another_secret_is_refused(
    site: SignatureSite, run: Run, samples: Samples
) -> None:
    """A request that is signed with another secret access key is refused."""
    _is_refused(site, run, samples)


@check(
    "signature.scope",
    level=MUST,
    cites=_signing("the credential scope names the service"),
    over=reading(OTHER_SERVICE),
)
def test_a_signature_for_another_service_is_refused(
    site: SignatureSite, run: Run, samples: Samples
) -> None:
    """A request that is signed for another service is refused."""
    _is_refused(site, run, samples)


@check(
    "signature.time",
    level=MUST,
    cites=_signing("the time of the request is within minutes of the service's"),
    over=reading(EXPIRED, NOT_YET),
)
def test_a_signature_of_another_day_is_refused(
    site: SignatureSite, run: Run, samples: Samples
) -> None:
    """A request that was signed a day ago, or a day ahead, is refused."""
    _is_refused(site, run, samples)


@check(
    "signature.tampered",
    level=MUST,
    cites=_signing("query, signed headers and the hash of the body are signed"),
    over=tampered,
)
def test_what_was_changed_after_signing_is_refused(
    site: SignatureSite, run: Run, samples: Samples
) -> None:
    """A request whose query, signed header or body is another than was signed is refused."""
    _is_refused(site, run, samples)

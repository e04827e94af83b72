"""Signs requests wrongly on purpose: each way is data, so that a command can repeat it.

Must not know what a request means, nor what has to become of it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from attrs import evolve, field, frozen
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from conformance.wire.exchange import Request
from conformance.wire.sign import Signer

TIMESTAMP: Final = "%Y%m%dT%H%M%SZ"


@frozen
class Missigning:
    """One way to sign a request otherwise than it should be.

    Attributes:
        name: part of the names of cases; it stays.
        what: the same for a reader, after "a request that".
        secret: signs in place of the secret access key, unless it is empty.
        service: stands in the credential scope in place of the service's own, unless it is empty.
        days: by how much the clock of the signer is off.
        headers: what the request has in addition when it is signed.
        sent_headers: what replaces headers of the signed request.
        sent_query: what is appended to the query of the signed request.
        sent_body: what is appended to the body of the signed request.
    """

    name: str
    what: str
    secret: str = field(default="", repr=False)
    service: str = ""
    days: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    sent_headers: tuple[tuple[str, str], ...] = ()
    sent_query: str = ""
    sent_body: bytes = b""


@frozen
class Missigned:
    """A request before it was signed, and how that was done wrongly."""

    how: Missigning
    request: Request

    def by(self, signer: Signer) -> Request:
        """The request as it is sent."""
        how = self.how
        wrong = evolve(
            signer,
            secret_key=how.secret or signer.secret_key,
            signing_name=how.service or signer.signing_name,
        )
        extended = evolve(self.request, headers=(*self.request.headers, *how.headers))
        signed = _signed(extended, wrong, how.days)
        mark = "&" if "?" in signed.url else "?"
        return evolve(
            signed,
            url=signed.url + (mark + how.sent_query if how.sent_query else ""),
            headers=_replaced(signed.headers, how.sent_headers),
            body=signed.body + how.sent_body,
        )


def _signed(request: Request, signer: Signer, days: int) -> Request:
    if not days:
        return signer.sign(request)
    aws_request = AWSRequest(method=request.method, url=request.url, data=request.body)
    for name, value in (("Host", request.host), *request.headers):
        aws_request.headers[name] = value
    credentials = Credentials(signer.access_key, signer.secret_key, signer.session_token)
    _OffClock(credentials, signer.signing_name, signer.region, days).add_auth(aws_request)
    return evolve(request, headers=tuple(aws_request.headers.items()))


class _OffClock(SigV4Auth):
    """Botocore's signer by a clock that is off by days."""

    def __init__(self, credentials: Credentials, service: str, region: str, days: int) -> None:
        super().__init__(credentials, service, region)
        self._off = timedelta(days=days)

    def _modify_request_before_signing(self, request: Any) -> None:
        # Botocore offers no other place between reading the clock and signing.
        request.context["timestamp"] = (datetime.now(UTC) + self._off).strftime(TIMESTAMP)
        super()._modify_request_before_signing(request)  # type: ignore[misc]  # not in the stubs


def _replaced(
    headers: tuple[tuple[str, str], ...], others: tuple[tuple[str, str], ...]
) -> tuple[tuple[str, str], ...]:
    names = {name.lower() for name, _ in others}
    return (*(header for header in headers if header[0].lower() not in names), *others)

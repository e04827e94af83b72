"""Whether a request is signed as it says: AWS Signature Version 4 with a secret that is known.

Written from the description of the algorithm, so that it tests the clients' own.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

from conformance.reference.errors import ProtocolError
from conformance.reference.wsgi import Request

_AUTHORIZATION: Final = re.compile(
    r"AWS4-HMAC-SHA256\s+Credential=(?P<key>[^/,\s]+)/(?P<scope>(?P<date>\d{8})/"
    r"(?P<region>[^/,\s]+)/(?P<service>[^/,\s]+)/aws4_request),\s*"
    r"SignedHeaders=(?P<headers>[^,\s]+),\s*Signature=(?P<signature>[0-9a-f]{64})"
)
_TIME: Final = "%Y%m%dT%H%M%SZ"
#: How far the clocks of client and server may be apart, in seconds.
TOLERANCE: Final = 15 * 60
_UNSIGNED: Final = "UNSIGNED-PAYLOAD"


def verify(request: Request, body: bytes, *, secret: str, service: str, now: float) -> None:
    """Refuses a request that is not signed with the secret.

    Args:
        request: what was sent.
        body: the bytes of its body.
        secret: the secret access key of all callers.
        service: the name that requests are to be signed for.
        now: the time of day, in epoch seconds.

    Raises:
        ProtocolError: the signature is missing parts, too old, for another service, or wrong.
    """
    found = _AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
    if found is None:
        raise ProtocolError(
            "IncompleteSignatureException",
            403,
            "The Authorization header needs Credential, SignedHeaders and Signature.",
        )
    timestamp = request.headers.get("x-amz-date", "")
    if found["service"] != service or found["date"] != timestamp[:8]:
        raise _invalid(f"The credential should be scoped to {service} and the day of X-Amz-Date.")
    if abs(_seconds(timestamp) - now) > TOLERANCE:
        raise _invalid("The signature has expired, or is not valid yet.")
    digest = hashlib.sha256(body).hexdigest()
    stated = request.headers.get("x-amz-content-sha256", digest)
    if stated not in (digest, _UNSIGNED):
        raise _invalid("X-Amz-Content-Sha256 is not the hash of the body.")
    names = found["headers"].split(";")
    if "host" not in names:
        raise _invalid("The host must be signed.")
    canonical = _canonical_request(request, names, stated)
    hashed = hashlib.sha256(canonical.encode("latin-1")).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{timestamp}\n{found['scope']}\n{hashed}"
    signature = _hmac(_signing_key(secret, found["scope"]), text).hex()
    if not hmac.compare_digest(signature, found["signature"]):
        raise _invalid("The signature is not the one that the secret access key gives.")


def _canonical_request(request: Request, names: list[str], digest: str) -> str:
    headers = "".join(f"{name}:{_squeezed(request.headers.get(name, ''))}\n" for name in names)
    return "\n".join(
        [
            request.method,
            # The path is encoded once more than it was for sending.
            quote(request.path.encode("latin-1"), safe="/~"),
            _canonical_query(request.query),
            headers,
            ";".join(names),
            digest,
        ]
    )


def _canonical_query(query: str) -> str:
    pairs = (part.partition("=") for part in query.split("&") if part)
    return "&".join(f"{name}={value}" for name, value in sorted((n, v) for n, _, v in pairs))


def _squeezed(value: str) -> str:
    return " ".join(value.split())


def _signing_key(secret: str, scope: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = _hmac(key, part)
    return key


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode("latin-1"), hashlib.sha256).digest()


def _seconds(timestamp: str) -> float:
    try:
        return datetime.strptime(timestamp, _TIME).replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise _invalid("X-Amz-Date is not of the form YYYYMMDD'T'HHMMSS'Z'.") from None


def _invalid(message: str) -> ProtocolError:
    return ProtocolError("InvalidSignatureException", 403, message)

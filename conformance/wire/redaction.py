"""What of an exchange must never be shown, and how it is taken out.

Knows the names under which credentials travel, and nothing of services. ``nextToken`` and its kin
are no credentials: a report without them cannot be replayed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote, unquote

REDACTED: Final = "[redacted]"

_SENSITIVE_HEADERS: Final = frozenset(
    {"authorization", "cookie", "proxy-authorization", "set-cookie", "x-amz-security-token"}
)
_SENSITIVE_PARAMETERS: Final = frozenset(
    {"x-amz-credential", "x-amz-security-token", "x-amz-signature"}
)
_CREDENTIAL: Final = re.compile(r"Credential=([^/,\s]+)")
_SIGNATURE: Final = re.compile(r"Signature=([0-9a-fA-F]+)")
_USERINFO: Final = re.compile(r"(?<=://)[^/?#]*@")

# A shorter value is a dummy, and would be taken out of the middle of ordinary words.
_SHORTEST_SECRET: Final = 8
# IAM's shortest key id. Emulators take a key id of twelve digits for the account, which is no
# secret and stands in every ARN.
_SHORTEST_KEY_ID: Final = 16
# So much of a secret's beginning is no coincidence any more.
_TELLING: Final = 10


def redacted_headers(headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Headers without credentials; of an authorization only the scheme is left."""
    return tuple((name, _redacted_header(name, value)) for name, value in headers)


def redacted_url(url: str) -> str:
    """A URL without credentials, otherwise byte for byte what it was."""
    url = _USERINFO.sub(f"{REDACTED}@", url)
    before, mark, query = url.partition("?")
    if not mark:
        return url
    return before + mark + "&".join(_redacted_parameter(pair) for pair in query.split("&"))


def secrets_in(headers: Iterable[tuple[str, str]], url: str) -> tuple[str, ...]:
    """The credentials that a request carries, in each spelling in which a peer may echo them.

    Longest first, so that taking one out leaves no piece of another.
    """
    found: set[str] = set()
    for name, value in headers:
        if name.lower() in _SENSITIVE_HEADERS:
            found.update(_secrets_in_header(value))
    for pair in url.partition("?")[2].split("&"):
        name, _, value = pair.partition("=")
        if name.lower() in _SENSITIVE_PARAMETERS:
            found.update(_secrets_in_parameter(name.lower(), unquote(value)))
    spelled = {spelling for secret in found for spelling in spellings(secret)}
    return tuple(sorted(spelled, key=lambda secret: (-len(secret), secret)))


def spellings(secret: str) -> set[str]:
    """A secret in each form in which a peer may say it again: as it is, in a URL, in JSON."""
    return {
        secret,
        quote(secret, safe=""),
        json.dumps(secret)[1:-1],
        secret.replace("/", "\\/"),
    }


def scrub(text: str, secrets: Iterable[str]) -> str:
    """The text without any of the secrets that :func:`secrets_in` found.

    A secret may have been cut off where a text was shortened: its beginning goes, too.
    """
    known = [secret for secret in secrets if secret]
    for secret in known:
        text = text.replace(secret, REDACTED)
    for beginning in sorted({secret[:_TELLING] for secret in known if len(secret) > _TELLING}):
        text = _without_pieces(text, beginning, [s for s in known if s.startswith(beginning)])
    return text


def _without_pieces(text: str, beginning: str, secrets: list[str]) -> str:
    at = text.find(beginning)
    while at >= 0:
        end = at + max(_agreeing(text[at : at + len(secret)], secret) for secret in secrets)
        text = text[:at] + REDACTED + text[end:]
        at = text.find(beginning, at + len(REDACTED))
    return text


def _agreeing(text: str, secret: str) -> int:
    """How many characters two texts have in common at their beginnings."""
    differing = (n for n, (a, b) in enumerate(zip(text, secret, strict=False)) if a != b)
    return next(differing, min(len(text), len(secret)))


def scrub_bytes(data: bytes, secrets: Iterable[str]) -> bytes:
    """The bytes without any of the secrets that :func:`secrets_in` found."""
    for secret in secrets:
        data = data.replace(secret.encode(), REDACTED.encode())
    return data


def _redacted_header(name: str, value: str) -> str:
    lowered = name.lower()
    if lowered not in _SENSITIVE_HEADERS:
        return value
    scheme, space, _ = value.partition(" ")
    if lowered in ("authorization", "proxy-authorization") and space:
        return f"{scheme} {REDACTED}"
    return REDACTED


def _redacted_parameter(pair: str) -> str:
    name, _, _ = pair.partition("=")
    return f"{name}={REDACTED}" if name.lower() in _SENSITIVE_PARAMETERS else pair


def _secrets_in_header(value: str) -> list[str]:
    if value.startswith("AWS4-"):
        key_ids = [
            key_id for key_id in _CREDENTIAL.findall(value) if len(key_id) >= _SHORTEST_KEY_ID
        ]
        return [*key_ids, *_SIGNATURE.findall(value)]
    scheme, space, rest = value.partition(" ")
    secret = rest if space and scheme.isalpha() else value
    return [secret] if len(secret) >= _SHORTEST_SECRET else []


def _secrets_in_parameter(name: str, value: str) -> list[str]:
    if name != "x-amz-credential":
        return [value] if len(value) >= _SHORTEST_SECRET else []
    key_id = value.partition("/")[0]  # what follows is the scope: date, region, service
    return [key_id] if len(key_id) >= _SHORTEST_KEY_ID else []

"""Who is calling: the account that a request's signature names.

Looks at the access key and the scope only; whether the signature is right is for ``signatures``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote

from attrs import Factory, frozen

from conformance.reference.errors import ProtocolError

DEFAULT_ACCOUNT: Final = "111111111111"
DEFAULT_REGION: Final = "us-east-1"

_ACCOUNT: Final = re.compile(r"[0-9]{12}")
_REGION: Final = re.compile(r"[a-z]{2}-[a-z]{4,9}-[0-9]")
_CREDENTIAL: Final = re.compile(r"Credential=([^\s,/]+)/[^/\s,]+/([^/\s,]+)/")
_IN_QUERY: Final = re.compile(r"(?:^|&)X-Amz-Credential=([^&]+)")


@frozen
class Caller:
    """The account that calls, and the region that its request is signed for."""

    account: str
    region: str
    access_key: str


@frozen
class Accounts:
    """Maps access keys to accounts.

    Attributes:
        by_key: accounts of keys that are to have one of their own.
        default: the account of every other key, unless the key is an account's twelve digits.
    """

    by_key: Mapping[str, str] = Factory(dict)
    default: str = DEFAULT_ACCOUNT

    def account_of(self, access_key: str) -> str:
        """The account that a key belongs to."""
        if access_key in self.by_key:
            return self.by_key[access_key]
        return access_key if _ACCOUNT.fullmatch(access_key) else self.default

    def caller(self, authorization: str, query: str) -> Caller:
        """Who sent a request.

        Args:
            authorization: the header of that name; empty where there is none.
            query: the undecoded query string, which may hold a signature instead.

        Raises:
            ProtocolError: the request is not signed, or its credential cannot be read.
        """
        found = _CREDENTIAL.search(authorization)
        if not authorization and (in_query := _IN_QUERY.search(query)):
            found = _CREDENTIAL.search(f"Credential={unquote(in_query[1])}")
        elif not authorization:
            raise ProtocolError(
                "MissingAuthenticationTokenException", 403, "Missing Authentication Token"
            )
        if found is None:
            raise ProtocolError(
                "IncompleteSignatureException",
                403,
                "The Authorization header names no credential of the form "
                "KEY/DATE/REGION/SERVICE/aws4_request.",
            )
        region = found[2] if _REGION.fullmatch(found[2]) else DEFAULT_REGION
        return Caller(self.account_of(found[1]), region, found[1])

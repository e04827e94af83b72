"""Which endpoint is tested, with which credentials; and where these were taken from."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any, Final, Literal

import botocore.session
from attrs import field, frozen
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ProfileNotFound

from conformance.contract import Contract
from conformance.errors import UsageError
from conformance.wire.redaction import redacted_url, spellings
from conformance.wire.sign import Signer

#: Emulators take a key id of twelve digits for the account; no real key looks like this.
DUMMY_ACCOUNTS: Final = ("111111111111", "222222222222")
DUMMY_SECRET: Final = "conformance"  # noqa: S105 - a dummy that is printed on purpose
EMBEDDED_URL: Final = "http://embedded"
DEFAULT_REGION: Final = "us-east-1"

Kind = Literal["embedded", "endpoint", "aws"]
_REGION: Final = re.compile(r"[a-z]{2,}(-[a-z]+)+-\d{1,2}")


@frozen
class Account:
    """One set of credentials.

    Attributes:
        name: for a reader: the profile, or the number of a dummy account.
        account_id: twelve digits, as far as it is known without asking.
        signer: makes its signatures; its secrets show in no text.
        reproducible: whether the keys are dummies that a reproduction may print.
    """

    name: str
    account_id: str
    signer: Signer = field(repr=False)
    reproducible: bool = False

    @property
    def secrets(self) -> tuple[str, ...]:
        """What nobody may see of it, wherever a target may say it again; dummies are no secrets."""
        signer = self.signer
        kept = () if self.reproducible else (signer.secret_key, signer.session_token or "")
        return tuple(spelling for secret in kept if secret for spelling in spellings(secret))


@frozen
class Target:
    """The endpoint under test.

    Attributes:
        endpoint_url: without a trailing slash.
        source: where the endpoint was taken from, for the first line of the output.
        verify: whether TLS certificates are checked, or the bundle to check them by.
    """

    kind: Kind
    endpoint_url: str
    region: str
    accounts: tuple[Account, ...]
    source: str
    verify: bool | str = True


def resolve(
    contract: Contract,
    *,
    endpoint_url: str | None = None,
    region: str | None = None,
    profiles: tuple[str, ...] = (),
    verify: bool | str = True,
    environ: Mapping[str, str] | None = None,
) -> Target:
    """The target that options and environment name, in the order in which boto3 looks.

    Args:
        endpoint_url: a URL, or ``aws`` for the real service.
        profiles: names of profiles in the AWS configuration, one per account.
        environ: the environment; the process's own where it is None.

    Raises:
        UsageError: the URL, the region or a profile is of no use; or the real service was asked for
            and there are no credentials.
    """
    environ = os.environ if environ is None else environ
    url, source = _endpoint(contract, endpoint_url, environ)
    region = region or environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION")
    if region is None and (profiles or url == "aws"):
        region = _region_of_profile(profiles[0] if profiles else "")
    region = region or DEFAULT_REGION
    _check_region(region)
    if url == "aws":
        url = _aws_url(contract, region)
        accounts = _profiles(contract, region, profiles or ("",))
        return Target("aws", url, region, accounts, source, verify)
    accounts = _profiles(contract, region, profiles) if profiles else _dummies(contract, region)
    kind: Kind = "endpoint" if url else "embedded"
    return Target(kind, url or EMBEDDED_URL, region, accounts, source, verify)


def _endpoint(
    contract: Contract, endpoint_url: str | None, environ: Mapping[str, str]
) -> tuple[str, str]:
    specific = "AWS_ENDPOINT_URL_" + re.sub(r"[ -]", "_", contract.service_id).upper()
    if endpoint_url:
        if endpoint_url == "aws":
            return "aws", "--endpoint-url aws, the real service"
        return checked_url(endpoint_url, "--endpoint-url"), "--endpoint-url"
    for name in (specific, "AWS_ENDPOINT_URL"):
        if environ.get(name):
            return checked_url(environ[name], name), name
    return "", f"no --endpoint-url, {specific} or AWS_ENDPOINT_URL is set"


def checked_url(url: str, where: str) -> str:
    """A URL that a user gave, without a slash at its end.

    Args:
        where: what it was given as, for a reader.

    Raises:
        UsageError: it is no URL, or there is a password in it.
    """
    if not re.fullmatch(r"https?://[^/\s?#]+(/[^\s?#]*)?", url):
        raise UsageError(
            f"{where}: {redacted_url(url)!r} is no endpoint.",
            "Give a URL such as http://127.0.0.1:5555"
            + (", or 'aws'." if where == "--endpoint-url" else "."),
        )
    if "@" in url.split("/")[2]:
        raise UsageError(
            f"{where}: a name and password in it are of no use.",
            "Requests are signed, and have one Authorization header only. Leave them out.",
        )
    return url.rstrip("/")


def _check_region(region: str) -> None:
    if not _REGION.fullmatch(region):
        raise UsageError(f"--region: {region!r} is no region.", "Give one such as us-east-1.")


def _aws_url(contract: Contract, region: str) -> str:
    session: Any = botocore.session.Session()
    # Real keys sign what goes there, so no endpoint of the environment may stand in for AWS.
    options: Any = {"ignore_configured_endpoint_urls": True}  # the stubs do not know it
    own = Config(**options)
    try:
        known = session.get_available_regions(contract.service)
        client = session.create_client(contract.service, region_name=region, config=own)
    except BotoCoreError as error:
        raise UsageError(f"The AWS configuration is of no use: {error}.") from None
    if known and region not in known:
        raise UsageError(
            f"--region: {contract.full_name} is not known to be in {region}.",
            f"It is in {', '.join(known)}.",
        )
    url: str = client.meta.endpoint_url
    return url.rstrip("/")


def _region_of_profile(name: str) -> str | None:
    try:
        found = botocore.session.Session(profile=name or None).get_config_variable("region")
    except BotoCoreError:
        # What is wrong with the profile is told where its credentials are looked up.
        return None
    return str(found) if found else None


def _dummies(contract: Contract, region: str) -> tuple[Account, ...]:
    return tuple(
        Account(
            name=f"account {number}",
            account_id=account_id,
            signer=Signer(account_id, DUMMY_SECRET, None, region, contract.signing_name),
            reproducible=True,
        )
        for number, account_id in enumerate(DUMMY_ACCOUNTS, start=1)
    )


def _profiles(contract: Contract, region: str, names: tuple[str, ...]) -> tuple[Account, ...]:
    return tuple(_profile(contract, region, name) for name in names)


def _profile(contract: Contract, region: str, name: str) -> Account:
    session: Any = botocore.session.Session(profile=name or None)
    try:
        credentials = session.get_credentials()
        frozen_credentials = credentials.get_frozen_credentials() if credentials else None
    except ProfileNotFound as error:
        raise UsageError(
            f"--profile: there is no profile {name!r}." if name else f"{error}.",
            f"The AWS configuration has {', '.join(sorted(session.available_profiles)) or 'none'}.",
        ) from None
    except (BotoCoreError, ValueError, OSError) as error:
        who = f"profile {name!r}" if name else "the default profile"
        raise UsageError(f"No credentials for {who}: {error}.") from None
    if frozen_credentials is None:
        raise UsageError(
            f"No credentials for {f'profile {name!r}' if name else 'the real service'}.",
            "Set them up as for the AWS CLI, or name a profile with --profile.",
        )
    signer = Signer(
        frozen_credentials.access_key,
        frozen_credentials.secret_key,
        frozen_credentials.token,
        region,
        contract.signing_name,
    )
    return Account(name or "default profile", "", signer)

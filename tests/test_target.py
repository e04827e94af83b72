"""Which endpoint is tested, with whose keys, in which region; and what cannot be tested."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3
import pytest

from conformance.contract import Contract, load
from conformance.errors import UsageError
from conformance.target.target import DUMMY_ACCOUNTS, DUMMY_SECRET, resolve
from conformance.wire.exchange import Request

URL = "http://127.0.0.1:5555"
KEY_ID = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
TOKEN = "FwoGZXIvYXdzEXAMPLETOKEN"

CREDENTIALS = f"""
[one]
aws_access_key_id = {KEY_ID}
aws_secret_access_key = {SECRET}
aws_session_token = {TOKEN}

[two]
aws_access_key_id = AKIAI44QH8DHBEXAMPLE
aws_secret_access_key = je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY
"""

CONFIG = """
[profile one]
region = eu-west-1

[profile half]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE

[profile expired]
sso_start_url = https://example.awsapps.com/start
sso_region = us-east-1
sso_account_id = 111111111111
sso_role_name = reader

[profile broken]
credential_process = /bin/false

[profile chatty]
credential_process = /bin/echo hello

[profile absent]
credential_process = /nowhere/at/all
"""


@pytest.fixture(scope="module")
def contract() -> Contract:
    return load("cleanrooms")


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """A user's AWS configuration of our own; gives the way to change the environment."""
    for name in ("PROFILE", "REGION", "DEFAULT_REGION", "ENDPOINT_URL", "ENDPOINT_URL_CLEANROOMS"):
        monkeypatch.delenv(f"AWS_{name}", raising=False)
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN"):
        monkeypatch.delenv(f"AWS_{name}", raising=False)
    (tmp_path / "credentials").write_text(CREDENTIALS, "utf-8")
    (tmp_path / "config").write_text(CONFIG, "utf-8")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return monkeypatch


def signed_by(target: Any, account: int = 0) -> str:
    request = Request("GET", f"{target.endpoint_url}/collaborations")
    return target.accounts[account].signer.sign(request).header("Authorization") or ""


# --- the endpoint ---------------------------------------------------------------------------------


def test_without_any_endpoint_the_embedded_target_is_taken(contract: Contract) -> None:
    target = resolve(contract, environ={})
    assert target.kind == "embedded"
    assert target.source == (
        "no --endpoint-url, AWS_ENDPOINT_URL_CLEANROOMS or AWS_ENDPOINT_URL is set"
    )


@pytest.mark.parametrize(
    ("option", "specific", "general", "url", "source"),
    [
        (f"{URL}/a", f"{URL}/b", f"{URL}/c", f"{URL}/a", "--endpoint-url"),
        (None, f"{URL}/b", f"{URL}/c", f"{URL}/b", "AWS_ENDPOINT_URL_CLEANROOMS"),
        (None, "", f"{URL}/c", f"{URL}/c", "AWS_ENDPOINT_URL"),
        (None, f"{URL}/b", "", f"{URL}/b", "AWS_ENDPOINT_URL_CLEANROOMS"),
    ],
)
def test_the_option_comes_before_the_services_variable_and_that_before_the_general_one(
    contract: Contract, option: str | None, specific: str, general: str, url: str, source: str
) -> None:
    environ = {"AWS_ENDPOINT_URL_CLEANROOMS": specific, "AWS_ENDPOINT_URL": general}
    target = resolve(contract, endpoint_url=option, environ=environ)
    assert (target.kind, target.endpoint_url, target.source) == ("endpoint", url, source)


@pytest.mark.parametrize("service", ["cleanrooms", "appmesh", "cleanroomsml", "iot-data"])
def test_the_variables_are_those_that_boto3_reads(service: str, aws: pytest.MonkeyPatch) -> None:
    # boto3 itself is asked where each of the two would lead it.
    loaded = load(service)
    variable = "AWS_ENDPOINT_URL_" + loaded.service_id.replace(" ", "_").upper()
    for name, url in (("AWS_ENDPOINT_URL", f"{URL}/all"), (variable, f"{URL}/one")):
        aws.setenv(name, url)
        session = boto3.Session(aws_access_key_id="a", aws_secret_access_key="b")
        client = session.client(service, region_name="us-east-1")
        assert resolve(loaded).endpoint_url == client.meta.endpoint_url == url


def test_a_slash_at_the_end_of_an_endpoint_is_not_doubled(contract: Contract) -> None:
    assert resolve(contract, endpoint_url=f"{URL}/base/").endpoint_url == f"{URL}/base"


@pytest.mark.parametrize(
    "url", ["localhost:5555", "ftp://localhost", "http://", "http:///x", f"{URL}?a=b", f"{URL} x"]
)
def test_what_is_no_endpoint_is_told_with_where_it_stands(contract: Contract, url: str) -> None:
    with pytest.raises(UsageError, match="^--endpoint-url: .* is no endpoint"):
        resolve(contract, endpoint_url=url)
    with pytest.raises(UsageError, match="^AWS_ENDPOINT_URL: .* is no endpoint"):
        resolve(contract, environ={"AWS_ENDPOINT_URL": url})


def test_a_host_of_any_name_is_an_endpoint(contract: Contract) -> None:
    assert resolve(contract, endpoint_url="http://embedded").kind == "endpoint"


# --- dummy keys, real keys ------------------------------------------------------------------------


@pytest.mark.parametrize("url", [None, URL])
def test_what_is_not_aws_gets_dummy_keys_whatever_the_environment_has(
    contract: Contract, aws: pytest.MonkeyPatch, url: str | None
) -> None:
    aws.setenv("AWS_ACCESS_KEY_ID", KEY_ID)
    aws.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    aws.setenv("AWS_SESSION_TOKEN", TOKEN)
    aws.setenv("AWS_PROFILE", "one")
    target = resolve(contract, endpoint_url=url)
    assert [account.account_id for account in target.accounts] == list(DUMMY_ACCOUNTS)
    assert all(account.reproducible for account in target.accounts)
    for number, key_id in enumerate(DUMMY_ACCOUNTS):
        assert f"Credential={key_id}/" in signed_by(target, number)
    assert all(account.signer.secret_key == DUMMY_SECRET for account in target.accounts)
    assert all(account.signer.session_token is None for account in target.accounts)


def test_a_key_id_of_a_dummy_is_an_account_and_looks_like_no_real_key() -> None:
    assert all(key_id.isdigit() and len(key_id) == 12 for key_id in DUMMY_ACCOUNTS)
    assert len(set(DUMMY_ACCOUNTS)) == len(DUMMY_ACCOUNTS) == 2


def test_a_profile_that_is_named_signs_even_what_is_not_aws(contract: Contract) -> None:
    target = resolve(contract, endpoint_url=URL, profiles=("one",))
    assert f"Credential={KEY_ID}/" in signed_by(target)
    assert target.accounts[0].signer.session_token == TOKEN
    assert not target.accounts[0].reproducible


def test_each_profile_is_an_account(contract: Contract) -> None:
    target = resolve(contract, endpoint_url=URL, profiles=("one", "two"))
    assert [account.name for account in target.accounts] == ["one", "two"]
    assert "Credential=AKIAI44QH8DHBEXAMPLE/" in signed_by(target, 1)


def test_aws_itself_gets_the_ordinary_credentials(
    contract: Contract, aws: pytest.MonkeyPatch
) -> None:
    aws.setenv("AWS_ACCESS_KEY_ID", KEY_ID)
    aws.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    target = resolve(contract, endpoint_url="aws")
    assert (target.kind, target.endpoint_url) == (
        "aws",
        "https://cleanrooms.us-east-1.amazonaws.com",
    )
    assert f"Credential={KEY_ID}/" in signed_by(target)
    assert not target.accounts[0].reproducible


@pytest.mark.parametrize("variable", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_CLEANROOMS"])
def test_real_keys_go_to_aws_alone_whatever_endpoint_the_environment_has(
    contract: Contract, aws: pytest.MonkeyPatch, variable: str
) -> None:
    aws.setenv(variable, URL)
    target = resolve(contract, endpoint_url="aws", profiles=("one",))
    assert target.endpoint_url == "https://cleanrooms.eu-west-1.amazonaws.com"


def test_no_text_of_a_target_shows_a_secret(contract: Contract) -> None:
    target = resolve(contract, endpoint_url=URL, profiles=("one",))
    shown = f"{target} {target!r} {target.accounts[0].signer!r}"
    for secret in (KEY_ID, SECRET, TOKEN):
        assert secret not in shown


# --- credentials that cannot be had ---------------------------------------------------------------


def test_a_profile_that_does_not_exist_is_told_with_those_that_do(contract: Contract) -> None:
    with pytest.raises(UsageError, match="no profile 'three'") as caught:
        resolve(contract, endpoint_url=URL, profiles=("three",))
    assert "has absent, broken, chatty, expired, half, one, two." in str(caught.value)


def test_aws_without_credentials_is_told(contract: Contract) -> None:
    with pytest.raises(UsageError, match="No credentials for the real service"):
        resolve(contract, endpoint_url="aws")


@pytest.mark.parametrize(
    "profile",
    [
        "half",
        "broken",
        *(pytest.param(name) for name in ("expired", "chatty", "absent")),
    ],
)
def test_a_profile_without_usable_credentials_is_told_by_its_name(
    contract: Contract, profile: str
) -> None:
    with pytest.raises(UsageError, match=f"No credentials for .*{profile}"):
        resolve(contract, endpoint_url=URL, profiles=(profile,))


def test_a_profile_of_the_environment_that_does_not_exist_is_told(
    contract: Contract, aws: pytest.MonkeyPatch
) -> None:
    aws.setenv("AWS_PROFILE", "three")
    with pytest.raises(UsageError, match="three"):
        resolve(contract, endpoint_url="aws")


def test_a_configuration_that_cannot_be_read_is_told(contract: Contract, tmp_path: Path) -> None:
    (tmp_path / "config").write_text("this is no configuration\n", "utf-8")
    with pytest.raises(UsageError, match="config"):
        resolve(contract, endpoint_url="aws")


# --- the region -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("option", "environ", "region"),
    [
        ("eu-west-2", {"AWS_REGION": "eu-west-1"}, "eu-west-2"),
        (None, {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-central-1"}, "eu-west-1"),
        (None, {"AWS_DEFAULT_REGION": "eu-central-1"}, "eu-central-1"),
        (None, {}, "us-east-1"),
        ("us-gov-west-1", {}, "us-gov-west-1"),
    ],
)
def test_the_region_is_the_options_or_the_environments_and_signed_for(
    contract: Contract, option: str | None, environ: dict[str, str], region: str
) -> None:
    target = resolve(contract, region=option, environ=environ)
    assert target.region == region
    assert f"/{region}/cleanrooms/aws4_request" in signed_by(target)


@pytest.mark.parametrize("region", ["mars", "us_east_1", "us-east", "us-east-1 ", "US-EAST-1"])
def test_what_is_no_region_is_told(contract: Contract, region: str) -> None:
    with pytest.raises(UsageError, match="--region: .* is no region"):
        resolve(contract, region=region, endpoint_url=URL)


def test_a_region_without_the_service_is_told_with_those_that_have_it(contract: Contract) -> None:
    with pytest.raises(UsageError, match="not known to be in mars-east-1") as caught:
        resolve(contract, region="mars-east-1", endpoint_url="aws", profiles=("one",))
    assert "us-east-1" in str(caught.value)


def test_an_emulator_may_stand_in_any_region(contract: Contract) -> None:
    assert resolve(contract, region="mars-east-1", endpoint_url=URL).region == "mars-east-1"


def test_the_region_of_a_profile_holds_as_for_boto3(contract: Contract) -> None:
    target = resolve(contract, endpoint_url="aws", profiles=("one",))
    assert target.region == boto3.Session(profile_name="one").region_name == "eu-west-1"


def test_verification_of_certificates_is_handed_on(contract: Contract) -> None:
    assert resolve(contract, endpoint_url=URL).verify is True
    assert resolve(contract, endpoint_url=URL, verify="bundle.pem").verify == "bundle.pem"
    assert resolve(contract, endpoint_url=URL, verify=False).verify is False

"""The commands that repeat a case: run by a real shell with curl, and by a Python of their own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path as FilePath
from typing import Any
from urllib.parse import quote

import pytest
from attrs import frozen
from hostile import answer, response, serving
from reference_support import TABLE, TWO, collaboration_input, listening, member, new_app

from conformance.contract import Contract, Path, load
from conformance.suite.reproduce import reproduction
from conformance.target.client import Client, Step
from conformance.target.target import Target, resolve
from conformance.wire.exchange import Exchange, Request, Response
from conformance.wire.reply import Reply
from conformance.wire.serialize import Override
from conformance.wire.transport import SocketTransport

pytestmark = pytest.mark.skipif(
    shutil.which("curl") is None or shutil.which("sh") is None, reason="there is no curl here"
)

KEY_ID, SECRET, TOKEN = "AKIAIOSFODNN7EXAMPLE", "secret/of+one=", "token-of-a-session/+="


@pytest.fixture(scope="module")
def contract() -> Contract:
    return load("cleanrooms")


class Forgetful:
    """A reference target that can forget everything, and make up other identifiers."""

    def __init__(self) -> None:
        self.lives = 0
        self.app = new_app()

    def __call__(self, *arguments: Any) -> Any:
        return self.app(*arguments)

    def forget(self) -> None:
        assert list(self.app.crashes) == []
        self.lives += 1
        self.app = new_app(seed=self.lives)


@pytest.fixture(scope="module")
def app() -> Forgetful:
    return Forgetful()


@pytest.fixture(scope="module")
def url(app: Forgetful) -> Iterator[str]:
    with listening(app) as url:
        yield url


@frozen
class Answer:
    """What a reproduction printed last."""

    status: int
    code: str
    body: str

    @property
    def document(self) -> Any:
        return json.loads(self.body)


@frozen
class Case:
    """Calls of a target that were made once, to be repeated by the commands."""

    contract: Contract
    client: Client

    def call(self, name: str, /, _account: int = 0, **params: Any) -> dict[str, Any]:
        operation = self.contract.operation(name)
        return self.client.call(operation, params, account=_account).output

    @property
    def target(self) -> Target:
        return self.client.target

    @property
    def steps(self) -> list[Step]:
        return self.client.trace

    @property
    def commands(self) -> dict[str, str]:
        return reproduction(self.contract, self.target, self.steps)

    @property
    def answer(self) -> Answer:
        """What came last when the calls were made."""
        exchange = self.steps[-1].exchange
        operation = self.contract.operation(exchange.operation)
        reply = Reply(self.contract, operation, exchange)
        return Answer(reply.status, reply.code, reply.response.body.decode())


@pytest.fixture
def case(contract: Contract, app: Forgetful, url: str) -> Iterator[Case]:
    app.forget()
    with closing(SocketTransport()) as transport:
        client = Client(contract, resolve(contract, endpoint_url=url), transport, lambda: None)
        yield Case(contract, client)
    app.forget()


def by_curl(commands: dict[str, str], **environ: str) -> Answer:
    printed = printed_by_curl(commands, **environ)
    head, _, body = printed[printed.index("HTTP/1.1 ") :].partition("\n\n")
    headers = dict(line.split(": ", 1) for line in head.splitlines()[1:])
    names = {name.lower(): value for name, value in headers.items()}
    return Answer(int(head.split()[1]), names.get("x-amzn-errortype", ""), body)


def printed_by_curl(commands: dict[str, str], **environ: str) -> str:
    """Runs the curl commands in a shell that knows nothing else."""
    done = subprocess.run(
        ["sh", "-eu"],
        input=commands["curl"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env={"PATH": os.environ["PATH"], **environ},
    )
    assert done.stderr == ""
    assert done.returncode == 0, done.stdout
    return done.stdout.replace("\r\n", "\n")


def by_python(commands: dict[str, str], **environ: str) -> Answer:
    """Runs the Python commands in an interpreter that knows nothing of us."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", commands["python"]],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env={"PATH": os.environ["PATH"], **environ},
    )
    assert done.stderr == ""
    status, _, rest = done.stdout.splitlines()[-1].partition(" ")
    shown, _, body = rest.partition("} ")
    headers = {name.lower(): value for name, value in eval(f"{shown}}}").items()}  # a printed dict
    return Answer(int(status), headers.get("x-amzn-errortype", ""), body)


Repeat = Callable[[dict[str, str]], Answer]
WAYS = pytest.mark.parametrize("repeat", [by_curl, by_python])


# --- the flow of values ---------------------------------------------------------------------------


@WAYS
def test_an_id_flows_into_a_path(case: Case, app: Forgetful, repeat: Repeat) -> None:
    table = case.call("CreateConfiguredTable", **TABLE)["configuredTable"]
    case.call("GetConfiguredTable", configuredTableIdentifier=table["id"])
    commands = case.commands
    assert table["id"] not in commands["curl"] + commands["python"]
    app.forget()
    again = repeat(commands)
    assert again.status == 200
    assert again.document["configuredTable"]["name"] == TABLE["name"]
    assert again.document["configuredTable"]["id"] != table["id"]


@WAYS
def test_an_id_flows_into_a_body(case: Case, app: Forgetful, repeat: Repeat) -> None:
    made = case.call("CreateCollaboration", **collaboration_input())["collaboration"]
    case.call("CreateMembership", collaborationIdentifier=made["id"], queryLogStatus="ENABLED")
    app.forget()
    again = repeat(case.commands)
    assert again.status == 200
    assert again.document["membership"]["collaborationName"] == made["name"]


@WAYS
def test_an_arn_flows_into_a_path_where_it_has_to_be_encoded(
    case: Case, app: Forgetful, repeat: Repeat
) -> None:
    arn = case.call("CreateConfiguredTable", **TABLE)["configuredTable"]["arn"]
    case.call("TagResource", resourceArn=arn, tags={"a": "b/c", "d": "e f"})
    case.call("ListTagsForResource", resourceArn=arn)
    app.forget()
    again = repeat(case.commands)
    assert again.document == {"tags": {"a": "b/c", "d": "e f"}}


@WAYS
def test_a_token_flows_into_a_query(case: Case, app: Forgetful, repeat: Repeat) -> None:
    for name in ("one", "two"):
        case.call("CreateConfiguredTable", **{**TABLE, "name": name})
    token = case.call("ListConfiguredTables", maxResults=1)["nextToken"]
    case.call("ListConfiguredTables", maxResults=1, nextToken=token)
    first = case.answer.document["configuredTableSummaries"][0]["name"]
    app.forget()
    again = repeat(case.commands)
    assert again.status == 200
    assert [row["name"] for row in again.document["configuredTableSummaries"]] == [first]


@WAYS
def test_an_id_flows_from_the_right_row_of_a_list(
    case: Case, app: Forgetful, repeat: Repeat
) -> None:
    for name in ("one", "two", "three"):
        case.call("CreateConfiguredTable", **{**TABLE, "name": name})
    case.client.start_trace()
    rows = case.call("ListConfiguredTables")["configuredTableSummaries"]
    case.call("GetConfiguredTable", configuredTableIdentifier=rows[1]["id"])
    assert repeat(case.commands).document["configuredTable"]["name"] == rows[1]["name"]


@WAYS
def test_each_account_signs_its_own_requests(case: Case, app: Forgetful, repeat: Repeat) -> None:
    given = collaboration_input(member(TWO))
    made = case.call("CreateCollaboration", **given)["collaboration"]
    case.call("CreateMembership", 1, collaborationIdentifier=made["id"], queryLogStatus="ENABLED")
    app.forget()
    assert repeat(case.commands).document["membership"]["memberAbilities"] == []


def test_the_answer_to_look_at_begins_a_line_of_its_own(case: Case) -> None:
    case.call("ListConfiguredTables")
    case.call("ListCollaborations")
    before, *answer = printed_by_curl(case.commands).splitlines()
    assert json.loads(before) == {"configuredTableSummaries": []}
    assert answer[0].startswith("HTTP/1.1 200")


@WAYS
def test_what_nobody_signed_is_not_signed(case: Case, repeat: Repeat) -> None:
    listing = case.contract.operation("ListCollaborations")
    case.client.send(listing, case.client.request_for(listing, {}), account=None)
    assert case.answer.code == "MissingAuthenticationTokenException"
    assert repeat(case.commands) == case.answer


@WAYS
def test_a_value_of_the_wrong_type_is_sent_again_as_it_was(case: Case, repeat: Repeat) -> None:
    operation = case.contract.operation("CreateConfiguredTable")
    case.client.call(
        operation, TABLE, overrides=(Override(Path(("name",)), ["a", 1.5, None]),), valid=False
    )
    assert case.answer.code == "SerializationException"
    assert repeat(case.commands) == case.answer


HARD_TEXTS = (
    'it\'s "quoted" `id` $HOME $(id) ${x} \\ \\n !! # ; & | > *',
    "ü \u2028 日本 🎉",
    "line\nends\tand tabs",
    "%s %d %% {0} {{x}}",
    "@file -dash --data",
)


@WAYS
def test_a_text_of_any_kind_is_sent_again_as_it_was(
    case: Case, app: Forgetful, repeat: Repeat
) -> None:
    made = case.call("CreateConfiguredTable", **TABLE)["configuredTable"]
    tags = {f"text {number}": text for number, text in enumerate(HARD_TEXTS)}
    case.call("TagResource", resourceArn=made["arn"], tags=tags)
    case.call("ListTagsForResource", resourceArn=made["arn"])
    before = case.answer.body
    assert repeat(case.commands).body == before


@WAYS
@pytest.mark.parametrize("value", ["..", "[a]{b,c} a/b%2F ü+&=;'\"$e`f"])
def test_a_path_is_sent_again_byte_for_byte(case: Case, repeat: Repeat, value: str) -> None:
    case.call("GetConfiguredTable", configuredTableIdentifier=value)
    assert repeat(case.commands) == case.answer


@WAYS
def test_a_text_that_the_caller_brought_in_is_no_news_from_the_target(
    case: Case, app: Forgetful, repeat: Repeat
) -> None:
    # The description comes back, but it is the request that has it from nowhere.
    given = {**TABLE, "description": "a description of some length"}
    made = case.call("CreateConfiguredTable", **given)["configuredTable"]
    case.call(
        "UpdateConfiguredTable",
        configuredTableIdentifier=made["id"],
        description=given["description"],
    )
    assert case.commands["curl"].count(given["description"]) == 2
    app.forget()
    assert repeat(case.commands).status == 200


def test_no_exchanges_need_no_commands(case: Case) -> None:
    assert reproduction(case.contract, case.target, []) == {"curl": "", "python": ""}


# --- answers of other targets ---------------------------------------------------------------------


def told(url: str, contract: Contract, body: str, path: str) -> dict[str, str]:
    """The commands for a list that was answered so, and a get of something out of it."""
    target = resolve(contract, endpoint_url=url)
    first = Exchange(
        Request("GET", f"{url}/collaborations"),
        Response(200, "OK", (("content-type", "application/json"),), body.encode()),
        None,
        0.0,
        "ListCollaborations",
    )
    second = Exchange(
        Request("GET", f"{url}{path}"), Response(200, "OK"), None, 0.0, "GetCollaboration"
    )
    return reproduction(contract, target, [Step(first, "setup"), Step(second, "check")])


FORMS = [
    pytest.param('{"id": "AAAAAAAA"}', id="plain"),
    pytest.param('{"id":"AAAAAAAA"}', id="no blanks"),
    pytest.param('{\n  "id": "AAAAAAAA"\n}', id="indented"),
    pytest.param('{"members": [{"id": "short"}, {"id": "AAAAAAAA"}]}', id="second"),
    pytest.param('{"id" : "AAAAAAAA"}', id="a blank before the colon"),
    pytest.param('{"a": {"id": null}, "b": {"id": "AAAAAAAA"}}', id="after null"),
    pytest.param('{"a": {"id": 7}, "b": {"id": "AAAAAAAA"}}', id="after a number"),
    pytest.param('{"arn": "x\\/AAAAAAAA"}', id="an escaped slash"),
    pytest.param(
        '{"id": "A\\u0041AAAAAA"}',
        id="an escaped letter",
        marks=pytest.mark.xfail(strict=True, reason="no shell reads \\u"),
    ),
]


def found_again(contract: Contract, repeat: Repeat, before: str) -> Any:
    """What a get answers whose path has the last long text out of a list that has changed."""
    after = before.replace("A", "B").replace("0041", "0042")

    def leaf(text: str) -> str:
        found = json.loads(text, object_pairs_hook=lambda pairs: pairs)
        while not isinstance(found, str):
            found = found[-1]
        return quote(found, safe="")

    with serving(
        {
            "/collaborations": answer(response(after.encode())),
            f"/collaborations/{leaf(after)}": answer(response(b'{"found": true}')),
        }
    ) as server:
        commands = told(server.base_url, contract, before, f"/collaborations/{leaf(before)}")
        return repeat(commands).document


@pytest.mark.parametrize("before", FORMS)
def test_curl_finds_a_value_again_in_whatever_form_of_json(contract: Contract, before: str) -> None:
    assert found_again(contract, by_curl, before) == {"found": True}


def test_python_finds_a_value_again_in_whatever_form_of_json(contract: Contract) -> None:
    before = '{"a": [{"id" : null}, {"id" : 7}], "b": {"id" : "A\\u0041\\/AAAAAA"}}'
    assert found_again(contract, by_python, before) == {"found": True}


def sent_again(contract: Contract, repeat: Repeat, value: str, where: str) -> tuple[str, str]:
    """The target of a request that has a value of a response in it, and what it should be."""
    path = where.format(quote(value, safe="-._~"))
    body = json.dumps({"id": value}, ensure_ascii=False)
    with serving({"/collaborations": answer(response(body.encode()))}) as server:
        repeat(told(server.base_url, contract, body, path))
    return server.requests[-1].split(b" ", 2)[1].decode(), path


HARD_VALUE = "a b&c=d%?#+/ü:"


@pytest.mark.parametrize(
    "value",
    [
        "a:b/c-AAAA",
        "..:AAAA~",
        "QUJD+/x9QUI=",
        HARD_VALUE,
    ],
)
@pytest.mark.parametrize("where", ["/collaborations/{}", "/collaborations?nextToken={}"])
def test_curl_encodes_a_value_as_its_place_needs_it(
    contract: Contract, value: str, where: str
) -> None:
    # A token in Base64 is the common case.
    again, before = sent_again(contract, by_curl, value, where)
    assert again == before


def test_python_encodes_a_value_as_its_place_needs_it(contract: Contract) -> None:
    again, before = sent_again(contract, by_python, HARD_VALUE, "/collaborations?nextToken={}")
    assert again == before


@WAYS
def test_a_body_that_is_no_utf_8_is_sent_again_as_it_was(
    contract: Contract, repeat: Repeat
) -> None:
    with serving({"/configuredTables": answer(response())}) as server:
        target = resolve(contract, endpoint_url=server.base_url)
        request = Request(
            "POST", f"{server.base_url}/configuredTables", body=b'{"name": "\xff\xfe"}'
        )
        exchange = Exchange(request, Response(400, "Bad"), None, 0.0, "CreateConfiguredTable")
        repeat(reproduction(contract, target, [Step(exchange, "check")]))
    assert server.requests[0].partition(b"\r\n\r\n")[2] == request.body


# --- keys -----------------------------------------------------------------------------------------


@WAYS
def test_real_keys_are_taken_from_the_environment_and_never_printed(
    contract: Contract, tmp_path: FilePath, monkeypatch: pytest.MonkeyPatch, repeat: Repeat
) -> None:
    credentials = tmp_path / "credentials"
    credentials.write_text(
        f"[one]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET}\n"
        f"aws_session_token = {TOKEN}\n",
        "utf-8",
    )
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(credentials))
    with serving({"/collaborations": answer(response(b"{}"))}) as server:
        target = resolve(contract, endpoint_url=server.base_url, profiles=("one",))
        request = Request("GET", f"{server.base_url}/collaborations")
        signed = target.accounts[0].signer.sign(request)
        exchange = Exchange(signed, Response(200, "OK"), None, 0.0, "ListCollaborations")
        commands = reproduction(contract, target, [Step(exchange, "check")])
        for secret in (KEY_ID, SECRET, TOKEN, "Signature="):
            assert secret not in commands["curl"] + commands["python"]
        repeat(
            commands,
            AWS_ACCESS_KEY_ID=KEY_ID,
            AWS_SECRET_ACCESS_KEY=SECRET,
            AWS_SESSION_TOKEN=TOKEN,
        )
    (sent,) = server.requests
    assert f"Credential={KEY_ID}/".encode() in sent
    assert f"x-amz-security-token: {TOKEN}\r\n".lower().encode() in sent.lower()

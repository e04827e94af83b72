"""Turns the exchanges of a case into commands that anybody can run: curl, and a little Python.

Values that the target made up (ids, ARNs, tokens) are taken from its responses again, so that the
commands work on a target that does not remember the run.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Sequence
from typing import Any, Final
from urllib.parse import quote

from attrs import define, field, frozen

from conformance.contract import Contract
from conformance.suite.reproduce_framing import FRAMING, framing_arguments
from conformance.target.client import Step
from conformance.target.target import DUMMY_SECRET, Target
from conformance.wire.framing import Framed
from conformance.wire.http1 import USER_AGENT
from conformance.wire.missign import TIMESTAMP, Missigning

#: Shorter texts are too likely to be equal by chance.
_SHORTEST: Final = 8
#: A member's name and value in JSON, for an extended regular expression of grep.
_MEMBER: Final = r""""{}" *: *("([^"\\]|\\.)*"|[-+.0-9eE]+|true|false|null)"""
#: Leaves of a member the text that it holds, for sed.
_ITS_TEXT: Final = r"""s/^"[^"]*" *: *"//;s/"$//;s,\\/,/,g"""
#: What other clients do not send by themselves, or not so.
_TOLD_HEADERS: Final = ("content-type", "accept", "user-agent")
_SPECIAL_TO_SED: Final = frozenset("\\.*[]^$|")
_PLACEHOLDER: Final = re.compile(r"\x00(\d+)([pj])\x00")


@frozen
class Variable:
    """A value that a response gave and a later request used.

    Attributes:
        step: the index of the exchange whose response gave it.
        key: the member that held it.
        nth: which of the members of that name in the text of the response, from 1.
        path: the keys and indices that lead to it.
    """

    value: str
    step: int
    key: str
    nth: int
    path: tuple[str | int, ...]


@frozen
class Line:
    """A request whose varying values are placeholders.

    Attributes:
        raw_body: a body that is no text; ``body`` is empty then.
        how: it is signed wrongly; None if it is not.
        framed: it is framed in a way of its own; None if it is not.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: str
    raw_body: bytes
    account: int | None
    how: Missigning | None = None
    framed: Framed | None = None


@define
class _Flow:
    """Which value of which response flows into which request."""

    steps: Sequence[Step]
    variables: list[Variable] = field(factory=list)
    lines: list[Line] = field(factory=list)

    def follow(self) -> None:
        given: dict[str, Variable] = {}
        sent = ""
        for index, step in enumerate(self.steps):
            self.lines.append(self._line(step, given))
            request = step.exchange.request
            sent += request.url + request.body.decode("utf-8", "replace")
            for variable in _given(index, step):
                # What the requests themselves brought in is no news from the target.
                if variable.value in given or variable.value not in sent:
                    given.setdefault(variable.value, variable)

    def _line(self, step: Step, given: dict[str, Variable]) -> Line:
        missigned, altered = step.missigned, step.missigned or step.framed
        request = altered.request if altered else step.exchange.request
        url, (body, raw_body) = request.url, _as_text(request.body)
        for value in sorted(given, key=len, reverse=True):
            # The percent-encoded form first: it contains the plain one where nothing is encoded.
            for text, form in ((quote(value, safe="-._~"), "p"), (value, "j")):
                if text in url:
                    url = url.replace(text, self._placeholder(given[value], form))
            if value in body:
                body = body.replace(value, self._placeholder(given[value], "j"))
        headers = tuple(
            (name, value)
            for name, value in request.headers
            if name.lower() in _TOLD_HEADERS and value != USER_AGENT
        )
        how = missigned.how if missigned else None
        return Line(request.method, url, headers, body, raw_body, step.account, how, step.framed)

    def _placeholder(self, variable: Variable, form: str) -> str:
        if variable not in self.variables:
            self.variables.append(variable)
        return f"\0{self.variables.index(variable)}{form}\0"


def reproduction(contract: Contract, target: Target, steps: Sequence[Step]) -> dict[str, str]:
    """The commands that repeat exchanges: ``curl`` and ``python``.

    Args:
        steps: the exchanges in order, those that made prerequisites first.
    """
    if not steps:
        return {"curl": "", "python": ""}
    flow = _Flow(steps)
    flow.follow()
    return {"curl": _curl(contract, target, flow), "python": _python(contract, target, flow)}


def _as_text(body: bytes) -> tuple[str, bytes]:
    try:
        return body.decode("utf-8"), b""
    except UnicodeDecodeError:
        return "", body


def _given(index: int, step: Step) -> Iterator[Variable]:
    response = step.exchange.response
    if response is None or not response.body:
        return
    try:
        document = json.loads(response.body)
    except (ValueError, RecursionError):
        return
    seen: dict[str, int] = {}
    for path, key, value in _leaves(document, ()):
        seen[key] = seen.get(key, 0) + 1
        if isinstance(value, str) and len(value) >= _SHORTEST:
            yield Variable(value, index, key, seen[key], path)


def _leaves(
    value: Any, path: tuple[str | int, ...], key: str = ""
) -> Iterator[tuple[tuple[str | int, ...], str, Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, (*path, name), name)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _leaves(inner, (*path, index), "")
    elif key:
        yield path, key, value


# --- curl -----------------------------------------------------------------------------------


def _curl(contract: Contract, target: Target, flow: _Flow) -> str:
    lines = []
    for index, line in enumerate(flow.lines):
        command = _curl_command(contract, target, flow, line)
        mine = [v for v in flow.variables if v.step == index]
        if not mine:
            lines.append(command)
            continue
        lines.append(f"r{index}=$({command})")
        lines += [f"{_name(flow, variable)}={_extraction(index, variable)}" for variable in mine]
    return "\n".join(lines) + "\n"


def _extraction(index: int, variable: Variable) -> str:
    """The shell's words for the text of the nth member of a name in a response."""
    member = _MEMBER.format(re.escape(variable.key))
    return (
        f'$(printf %s "$r{index}" | grep -oE {shlex.quote(member)} | sed -n {variable.nth}p'
        f" | sed {shlex.quote(_ITS_TEXT)})"
    )


def _curl_command(contract: Contract, target: Target, flow: _Flow, line: Line) -> str:
    if line.how is not None and not _curl_signs_so(line.how):
        return f"# A request that {line.how.what}: curl cannot; take the Python."
    if line.framed is not None:
        what = "over the same connection" if line.framed.follows else f"that {line.framed.how.what}"
        return f"# A request {what}: curl cannot; take the Python."
    # The last answer is the one to look at, so it begins a line of its own.
    shown = ["-i"] if flow.lines[-1] is line else ["-w", r"\n"]
    words = ["curl", "-sS", *shown, "--path-as-is", "-X", line.method]
    text = [*map(shlex.quote, words), _shell(flow, line.url)]
    text += _credentials(contract, target, line)
    for name, value in line.headers:
        text.append(f"-H {shlex.quote(f'{name}: {value}')}")
    if line.body:
        text.append(f"--data-binary {_shell(flow, line.body)}")
    if not line.raw_body:
        return " ".join(text)
    octal = "".join(f"\\{byte:03o}" for byte in line.raw_body)
    return f"printf '{octal}' | {' '.join(text)} --data-binary @-"


def _curl_signs_so(how: Missigning) -> bool:
    """Whether only the keys or the scope are wrong."""
    return not (how.days or how.headers or how.sent_headers or how.sent_query or how.sent_body)


def _credentials(contract: Contract, target: Target, line: Line) -> list[str]:
    if line.account is None:
        return []
    service = line.how.service if line.how else ""
    secret = line.how.secret if line.how else ""
    scope = f"aws:amz:{target.region}:{service or contract.signing_name}"
    found = target.accounts[line.account]
    if found.reproducible:
        return [f"--aws-sigv4 {scope} -u {found.account_id}:{secret or DUMMY_SECRET}"]
    return [
        f'--aws-sigv4 {scope} -u "$AWS_ACCESS_KEY_ID:{secret or "$AWS_SECRET_ACCESS_KEY"}"',
        '-H "x-amz-security-token: $AWS_SESSION_TOKEN"',
    ]


def _shell(flow: _Flow, text: str) -> str:
    """A word for the shell in which placeholders are variables."""
    parts, last = [], 0
    for found in _PLACEHOLDER.finditer(text):
        if found.start() > last:
            parts.append(shlex.quote(text[last : found.start()]))
        name = _name(flow, flow.variables[int(found[1])])
        value = flow.variables[int(found[1])].value
        if found[2] == "p" and _needs_encoding(value):
            parts.append(f'"$(printf %s "${name}" | sed {shlex.quote(_encoding(value))})"')
        else:
            parts.append(f'"${name}"')
        last = found.end()
    if last < len(text) or not parts:
        parts.append(shlex.quote(text[last:]))
    return "".join(parts)


def _encoding(value: str) -> str:
    """A script for sed that percent-encodes values of this kind.

    Another run's value has other letters, but hardly other punctuation; a token in Base64 may.
    """
    found = sorted({char for char in f"{value}:/+=" if _needs_encoding(char)} - {"%"})
    steps = []
    for char in ("%", *found):
        escaped = f"\\{char}" if char in _SPECIAL_TO_SED else char
        steps.append(f"s|{escaped}|{quote(char, safe='')}|g")
    return ";".join(steps)


def _needs_encoding(value: str) -> bool:
    return quote(value, safe="-._~") != value


def _name(flow: _Flow, variable: Variable) -> str:
    return f"v{flow.variables.index(variable)}"


# --- Python ---------------------------------------------------------------------------------

_PREAMBLE: Final = """\
import json, urllib.error, urllib.request
from urllib.parse import quote
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import {credentials_import}

def send(method, url, body="", headers={{}}, account=0):
    data = body if isinstance(body, bytes) else body.encode()
    request = AWSRequest(method, url, dict(headers), data)
    if account is not None:
        SigV4Auth({credentials}, {service!r}, {region!r}).add_auth(request)
    return ask(method, url, request.data or None, dict(request.headers))

def ask(method, url, data, headers):
    made = urllib.request.Request(url, data, headers, method=method)
    try:
        response = urllib.request.urlopen(made)
    except urllib.error.HTTPError as error:
        response = error
    text = response.read().decode("utf-8", "replace")
    print(response.status, dict(response.headers), text)
    return json.loads(text) if text[:1] == "{{" else {{}}

"""

_MISSIGNING: Final = """\
from datetime import datetime, timedelta, timezone

class OffClock(SigV4Auth):
    days = 0
    def _modify_request_before_signing(self, request):
        now = datetime.now(timezone.utc) + timedelta(days=self.days)
        request.context["timestamp"] = now.strftime({timestamp!r})
        super()._modify_request_before_signing(request)

def missend(method, url, body="", headers={{}}, account=0, secret="", service={service!r}, days=0,
            signed={{}}, sent={{}}, query="", more=b""):
    data = body if isinstance(body, bytes) else body.encode()
    request = AWSRequest(method, url, {{**headers, **signed}}, data)
    keys = {credentials}
    wrong = Credentials(keys.access_key, secret or keys.secret_key, keys.token)
    auth = OffClock(wrong, service, {region!r})
    auth.days = days
    auth.add_auth(request)
    url += ("&" if "?" in url else "?") + query if query else ""
    kept = {{k: v for k, v in request.headers.items() if k not in sent}}
    return ask(method, url, data + more or None, {{**kept, **sent}})

"""


def _python(contract: Contract, target: Target, flow: _Flow) -> str:
    dummy = all(account.reproducible for account in target.accounts)
    keys = [account.account_id for account in target.accounts]
    parts = {
        "credentials_import": "Credentials" if dummy else "create_credential_resolver",
        "credentials": f"Credentials({keys!r}[account], {DUMMY_SECRET!r})"
        if dummy
        else "create_credential_resolver(__import__('botocore.session').session.Session())"
        ".load_credentials()",
        "service": contract.signing_name,
        "region": target.region,
    }
    text = _PREAMBLE.format(**parts)
    if any(line.how for line in flow.lines):
        imported = "" if dummy else "from botocore.credentials import Credentials\n"
        text += imported + _MISSIGNING.format(**parts, timestamp=TIMESTAMP)
    if any(line.framed for line in flow.lines):
        text += FRAMING.format(**parts)
    for index, line in enumerate(flow.lines):
        text += f"r{index} = {_send(flow, line)}\n"
    return text


def _send(flow: _Flow, line: Line) -> str:
    arguments = [repr(line.method), _expression(flow, line.url)]
    if line.raw_body:
        arguments.append(repr(line.raw_body))
    if line.body:
        arguments.append(_expression(flow, line.body))
    if line.headers:
        arguments.append(f"headers={dict(line.headers)!r}")
    if line.account:
        arguments.append(f"account={line.account}")
    elif line.account is None:
        arguments.append("account=None")
    if line.framed is not None:
        return f"frame({', '.join([*arguments, *framing_arguments(line.framed)])})"
    if line.how is None:
        return f"send({', '.join(arguments)})"
    return f"missend({', '.join([*arguments, *_wrongly(line.how)])})"


def _wrongly(how: Missigning) -> Iterator[str]:
    given = {
        "secret": how.secret,
        "service": how.service,
        "days": how.days,
        "signed": dict(how.headers),
        "sent": dict(how.sent_headers),
        "query": how.sent_query,
        "more": how.sent_body,
    }
    return (f"{name}={value!r}" for name, value in given.items() if value)


def _expression(flow: _Flow, text: str) -> str:
    parts, last = [], 0
    for found in _PLACEHOLDER.finditer(text):
        if found.start() > last:
            parts.append(repr(text[last : found.start()]))
        variable = flow.variables[int(found[1])]
        access = f"r{variable.step}" + "".join(f"[{part!r}]" for part in variable.path)
        needs = found[2] == "p" and _needs_encoding(variable.value)
        parts.append(f"quote({access}, safe='')" if needs else access)
        last = found.end()
    if last < len(text) or not parts:
        parts.append(repr(text[last:]))
    return " + ".join(parts)

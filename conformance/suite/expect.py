"""What checks expect of a reply; each says what was sent, what came back and what belongs there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from conformance.contract.validation import shown
from conformance.suite.judge import COMMON_ERRORS
from conformance.target.outcomes import Deviation, Inconclusive
from conformance.wire.reply import NotJson, Reply

SERVER_ERRORS: Final = 500
QUOTA_EXCEEDED: Final = 402
_BAD_REQUEST: Final = 400


def described(reply: Reply) -> str:
    """A reply in one line."""
    body = reply.response.body
    text = body[:200].decode("utf-8", "replace").replace("\n", " ")
    code = f" {reply.code}" if reply.code else ""
    return f"{reply.status}{code} {text}".rstrip()


def fault_of(reply: Reply) -> str:
    """The cause of a reply that fails whatever was asked; empty for any other."""
    if reply.status >= SERVER_ERRORS:
        return f"error.server-fault@{reply.operation}"
    if isinstance(reply.document, NotJson):
        kind = "response" if reply.ok else "error"
        return f"{kind}.body@{reply.operation}"
    return ""


def succeeded(reply: Reply, message: str = "") -> Reply:
    """The reply, if it is of success.

    Raises:
        Deviation: it is not.
        Inconclusive: a quota stands in the way.
    """
    if reply.ok and not isinstance(reply.document, NotJson):
        return reply
    if reply.status == QUOTA_EXCEEDED:
        raise Inconclusive(f"a quota of the target stands in the way: {described(reply)}")
    raise Deviation(
        message or f"{reply.operation} refused a valid request.",
        expected=f"{reply.operation.success_status}",
        got=described(reply),
        cause=fault_of(reply) or f"valid-request-refused@{reply.operation}",
        exchange=reply.exchange,
    )


def refused(
    reply: Reply,
    *,
    codes: Iterable[str],
    status: int = _BAD_REQUEST,
    what: str,
    cause: str = "",
) -> Reply:
    """The reply, if it refuses the request in the right way.

    Args:
        codes: each of them is right.
        what: what is wrong with the request, as the beginning of a sentence.

    Raises:
        Deviation: it does not, or with another status or code.
    """
    accepted = sorted(codes)
    expected = f"{status} {' or '.join(accepted)}"
    got = described(reply)
    if reply.ok:
        raise Deviation(
            f"{what}, and the target accepted it.",
            expected=expected,
            got=got,
            cause=cause,
            exchange=reply.exchange,
        )
    if reply.status >= SERVER_ERRORS:
        raise Deviation(
            f"{what}, and {reply.operation} failed inside the target.",
            expected=expected,
            got=got,
            cause=fault_of(reply),
            exchange=reply.exchange,
        )
    if reply.status != status or reply.code not in accepted:
        raise Deviation(
            f"{what}, and {reply.operation} refused it with another error.",
            expected=expected,
            got=got,
            cause=fault_of(reply) or cause.replace("@", ".wrong-error@"),
            exchange=reply.exchange,
        )
    return reply


def answered_not_found(reply: Reply, codes: frozenset[str], message: str) -> Reply:
    """The reply, if it says with one of the codes that nothing is there.

    Raises:
        Deviation: it does not.
    """
    expected = " or ".join(sorted(codes))
    if reply.ok or reply.code not in codes:
        raise Deviation(
            message if reply.ok else f"{reply.operation} answered with another error.",
            expected=expected,
            got=described(reply),
            cause=fault_of(reply) or undeclared(reply),
            exchange=reply.exchange,
        )
    return reply


def undeclared(reply: Reply) -> str:
    """The cause of an error that the operation does not declare; empty for any other reply."""
    if reply.ok or reply.error is None or reply.code in reply.operation.error_codes:
        return ""
    return f"error.declared@{reply.operation}:{reply.code}"


def could_not_tell(reply: Reply, why: str) -> Inconclusive:
    """The outcome of a refusal that may have had another reason."""
    return Inconclusive(f"{why}; the answer was {described(reply)}")


def contains(shown_value: Any, sent: Any, *, unordered: bool = False) -> bool:
    """Whether what a target shows has all that was sent; it may add members of its own."""
    if isinstance(sent, dict):
        return isinstance(shown_value, dict) and all(
            name in shown_value and contains(shown_value[name], value)
            for name, value in sent.items()
        )
    if isinstance(sent, list):
        if not isinstance(shown_value, list) or len(shown_value) != len(sent):
            return False
        if unordered:
            return sorted(map(_canonical, shown_value)) == sorted(map(_canonical, sent))
        return all(contains(one, other) for one, other in zip(shown_value, sent, strict=True))
    same_type = isinstance(shown_value, bool) == isinstance(sent, bool)
    return bool(shown_value == sent) and same_type


def texts_in(value: Any) -> Iterator[str]:
    """Each text in a value that was read from JSON; names of members are none."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from texts_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_in(inner)


def short(value: Any) -> str:
    """A value as JSON in one line, cut."""
    try:
        return shown(value) if isinstance(value, str) else _cut(json.dumps(value))
    except (TypeError, ValueError):
        return shown(value)


def _cut(text: str) -> str:
    limit = 200
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def difference(
    member: str, shown_values: Mapping[str, Any], sent: Any, tell: Callable[[Any], str] = short
) -> tuple[str, str]:
    """Where a member is shown other than it was sent: what was sent there, and what is shown.

    It goes as deep as objects go: of two long values that are cut nobody sees what differs.

    Args:
        tell: how a value is written.
    """
    place = name = member
    while isinstance(sent, dict) and isinstance(inner := shown_values.get(name), dict):
        other = [n for n in sent if n not in inner or not contains(inner[n], sent[n])]
        if not other:
            break
        name = other[0]
        place, shown_values, sent = f"{place}.{name}", inner, sent[name]
    got = f"{place}: {tell(shown_values[name])}" if name in shown_values else f"no {place}"
    return f"{place}: {tell(sent)}", got


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def invalid_codes(reply: Reply, codes: frozenset[str]) -> frozenset[str]:
    """The codes that refuse an invalid input: the spec's, else each declared one of status 400."""
    if codes:
        return codes
    declared = {e.code for e in reply.operation.errors if e.status == _BAD_REQUEST}
    return frozenset(declared) | (COMMON_ERRORS & {"ValidationException", "SerializationException"})

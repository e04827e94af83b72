"""Labels of paths and values of query strings: what they are is what was sent, percent-encoded."""

from __future__ import annotations

import json
from typing import Any, Final
from urllib.parse import quote, urlsplit

from attrs import evolve

from conformance.contract import Contract, Operation
from conformance.suite.checks import SHOULD, check, protocol
from conformance.suite.expect import (
    SERVER_ERRORS,
    described,
    fault_of,
    invalid_codes,
    short,
    succeeded,
)
from conformance.suite.refusals import accepted_base, base_of
from conformance.suite.run import Run
from conformance.suite.samples import Samples
from conformance.suite.sites import (
    LabelSite,
    NamedSite,
    ResourceSite,
    every_label,
    labels_beside_a_body,
    labels_to_read,
    named_labels,
    tagged,
)
from conformance.suite.test_tags import tag, tags_of
from conformance.target.inputs import Prepared
from conformance.target.outcomes import Deviation, Inconclusive, NotTestable
from conformance.target.templates import filled
from conformance.wire.exchange import Request
from conformance.wire.reply import Reply

#: Reserved characters of RFC 3986, what else has to be encoded, and what is not ASCII.
CHARACTERS: Final = " +%&=?#/:;@!$'()*,[]~|^é漢😀"
#: What AWS lets stand in tags everywhere ("Tagging AWS resources"), as far as it has to be encoded.
IN_TAGS: Final = " +=:/@é漢"

_PLACEHOLDER: Final = "conformance-label"


@check(
    "label.empty",
    level=SHOULD,
    cites=protocol("httpLabel: a label is not empty"),
    over=every_label,
    spread=4,
)
def test_an_empty_label_names_nothing(site: LabelSite, run: Run) -> None:
    """A path in which a label is empty leads to an error of the client."""
    prepared = base_of(site.operation, run)
    request = _with_label(site, prepared, "", run)
    if _leads_elsewhere(request, site.operation, run.contract):
        raise NotTestable("without the label it is the path of another operation")
    reply = run.client.send(site.operation, request)
    run.inputs.after(site.operation, reply, prepared)
    if reply.ok or reply.status >= SERVER_ERRORS:
        if reply.ok and prepared.changes:
            run.world.spoiled(prepared.instance)
        raise Deviation(
            f"{site.label} is empty, and {'accepted' if reply.ok else 'the target fails'}.",
            expected="an error of the client, 400 to 499",
            got=described(reply),
            cause=fault_of(reply) or f"label.empty@{site.operation}",
            exchange=reply.exchange,
        )


@check(
    "label.encoded",
    level=SHOULD,
    cites=protocol("httpLabel: labels are percent-encoded (RFC 3986: %61 is a)"),
    over=labels_to_read,
    spread=4,
)
def test_a_label_may_be_encoded_more_than_needed(
    site: LabelSite, run: Run, samples: Samples
) -> None:
    """A label in which each character is percent-encoded names the same as one in plain letters."""
    prepared = accepted_base(site.operation, run, samples)
    encoded = "".join(f"%{byte:02X}" for byte in str(prepared.params[site.label]).encode())
    request = _with_label(site, prepared, encoded, run)
    _expect_same(run.client.send(site.operation, request, valid=True), site, "encoded")


@check(
    "label.overridden",
    level=SHOULD,
    cites=protocol("httpLabel: a label is bound to the path and to nothing else"),
    over=labels_beside_a_body,
    spread=4,
)
def test_a_member_of_the_body_is_no_label(site: LabelSite, run: Run, samples: Samples) -> None:
    """A member of the body that is named like a label does not take its place."""
    prepared = accepted_base(site.operation, run, samples)
    member = site.operation.members[site.label]
    other = run.inputs.unknown(member.shape, str(prepared.params[site.label]), str(site))
    request = run.client.request_for(site.operation, prepared.params)
    body = {**json.loads(request.body or b"{}"), member.wire_name: other, member.name: other}
    sent = evolve(request, body=json.dumps(body).encode())
    reply = run.client.send(site.operation, sent, valid=True)
    run.inputs.after(site.operation, reply, prepared)
    if reply.code in invalid_codes(reply, run.spec.invalid_codes(wrong_type=True)):
        raise Inconclusive(f"members that are not known are refused: {described(reply)}")
    _expect_same(reply, site, "overridden")


def _with_label(site: LabelSite, prepared: Prepared, encoded: str, run: Run) -> Request:
    params = {**prepared.params, site.label: _PLACEHOLDER}
    request = run.client.request_for(site.operation, params)
    return evolve(request, url=request.url.replace(_PLACEHOLDER, encoded))


def _leads_elsewhere(request: Request, operation: Operation, contract: Contract) -> bool:
    """Whether a server that passes over empty segments takes the path for another operation's."""
    path = [segment for segment in urlsplit(request.url).path.split("/") if segment]
    return any(
        other is not operation and other.method == operation.method and _may_be(path, other)
        for other in contract.operations.values()
    )


def _may_be(path: list[str], operation: Operation) -> bool:
    template = [part for part in operation.uri.partition("?")[0].split("/") if part]
    # A path of the endpoint may stand before that of the service.
    tail = path[-len(template) :] if template else []
    return len(tail) == len(template) and all(
        part.startswith("{") or part == segment
        for part, segment in zip(template, tail, strict=True)
    )


def _expect_same(reply: Reply, site: LabelSite, kind: str) -> None:
    if reply.ok:
        return
    raise Deviation(
        f"With {site.label} {kind} the same request is refused.",
        expected=f"{site.operation.success_status}, as without it",
        got=described(reply),
        cause=fault_of(reply) or f"label.{kind}@{site.operation}",
        exchange=reply.exchange,
    )


@check(
    "label.characters",
    level=SHOULD,
    cites=protocol("httpLabel: any character that the pattern allows can stand in a label"),
    over=named_labels,
    writes=True,
)
def test_a_label_arrives_as_it_was_sent(site: NamedSite, run: Run) -> None:
    """A name with reserved and non-ASCII characters, as far as its pattern allows, is found."""
    name = _odd(site, run)
    named: dict[str, Any] = {site.member: name}
    instance = run.world.fresh(site.resource, named)

    def look_up(expression: str) -> Any:
        kind, _, member = expression.partition(".")
        return instance.value(member) if kind == site.resource else run.world.look_up(expression)

    params = filled(dict(run.spec.calls[site.operation.name]), look_up)
    reply = succeeded(run.client.call(site.operation, params))
    if str(params[site.label]) not in json.dumps(reply.output, ensure_ascii=False):
        raise Deviation(
            "The answer does not show the name that was asked for.",
            expected=short(params[site.label]),
            got=described(reply),
        )


def _odd(site: NamedSite, run: Run) -> str:
    shape = site.operation.members[site.label].shape
    name = f"conformance {run.world.unique()}"
    for char in CHARACTERS:
        longer = f"{name}{char}x"
        if shape.pattern is None or shape.pattern.matches(longer):
            name = longer
    if quote(name) == name:
        raise NotTestable("the pattern allows nothing that has to be encoded")
    return name


@check(
    "label.query-characters",
    level=SHOULD,
    cites=protocol("httpQuery: values are percent-encoded UTF-8"),
    over=tagged("remove"),
    writes=True,
)
def test_a_value_of_the_query_arrives_as_it_was_sent(site: ResourceSite, run: Run) -> None:
    """A tag whose key has reserved and non-ASCII characters is removed by that key."""
    names = run.spec.tag_names
    instance = run.world.fresh(site.resource.name)
    odd = f"odd{IN_TAGS}key"
    tag(instance, run.world, run.client, {odd: odd, "plain": "plain"})
    before = tags_of(instance, run.world, run.client)
    if "plain" not in before:
        raise Inconclusive("tags are not kept, whatever their characters")
    if before.get(odd) != odd:
        raise Deviation(
            "A tag is not kept as it was sent.", expected=short({odd: odd}), got=short(before)
        )
    operation = run.contract.operations[names["untag"]]
    arn = str(instance.value(site.resource.tagged_by))
    succeeded(run.client.call(operation, {names["arn"]: arn, names["keys"]: [odd, "plain"]}))
    after = tags_of(instance, run.world, run.client)
    if "plain" in after:
        raise Inconclusive("tags are not removed, whatever their characters")
    if odd in after:
        raise Deviation(
            "The key in the query is not the one that was sent.",
            expected=f"no tag {odd!r}",
            got=short(after),
        )

"""What every error response has to keep to, and what answers a request for something unknown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from conformance.contract import ConstraintSite, Contract, Operation, constraint_sites
from conformance.contract.paths import ELEMENT, KEY, VALUE
from conformance.generation import violation
from conformance.spec import Spec
from conformance.suite.checks import (
    MUST,
    SHOULD,
    OperationSite,
    check,
    documented,
    every_operation,
    model,
    protocol,
)
from conformance.suite.expect import (
    answered_not_found,
    could_not_tell,
    described,
    invalid_codes,
    texts_in,
)
from conformance.suite.refusals import answer_to, base_of, clear_up
from conformance.suite.run import Run
from conformance.suite.samples import Samples
from conformance.suite.sites import LabelSite, labels, untested_because
from conformance.target.outcomes import Deviation, Inconclusive, NotTestable


@check(
    "error.body",
    level=MUST,
    cites=protocol("restJson1: an error is a JSON object"),
    over=every_operation,
)
def test_an_error_has_a_json_body(site: OperationSite, samples: Samples) -> None:
    """The body of an error is one JSON object in UTF-8."""
    samples.hold(samples.error(site.operation), "error.body")


@check(
    "error.content-type",
    level=MUST,
    cites=protocol("restJson1: Content-Type is application/json"),
    over=every_operation,
)
def test_an_error_says_that_it_is_json(site: OperationSite, samples: Samples) -> None:
    """An error response has the content type application/json."""
    samples.hold(samples.error(site.operation), "error.content-type")


@check(
    "error.code",
    level=MUST,
    cites=protocol("restJson1: x-amzn-errortype, or __type or code in the body"),
    over=every_operation,
)
def test_an_error_says_which(site: OperationSite, samples: Samples) -> None:
    """An error response names the error in its header or body."""
    samples.hold(samples.error(site.operation), "error.code")


@check(
    "error.header",
    level=SHOULD,
    cites=protocol("restJson1: the x-amzn-errortype header names the error"),
    over=every_operation,
)
def test_an_error_is_named_in_the_header(site: OperationSite, samples: Samples) -> None:
    """An error response names the error in the header x-amzn-errortype."""
    samples.hold(samples.error(site.operation), "error.header")


@check(
    "error.modelled",
    level=MUST,
    cites=model("errors of the service, and the common errors of AWS"),
    over=every_operation,
)
def test_an_error_is_one_of_the_contract(site: OperationSite, samples: Samples) -> None:
    """The error is one of the contract or a common error of AWS."""
    samples.hold(samples.error(site.operation), "error.modelled")


@check(
    "error.declared",
    level=SHOULD,
    cites=model("errors of the operation"),
    over=every_operation,
)
def test_an_error_is_declared_by_the_operation(site: OperationSite, samples: Samples) -> None:
    """An error of the contract comes only from operations that declare it."""
    samples.hold(samples.error(site.operation), "error.declared")


@check(
    "error.status",
    level=MUST,
    cites=model("httpStatusCode of the error"),
    over=every_operation,
)
def test_an_error_has_its_status(site: OperationSite, samples: Samples) -> None:
    """An error travels with the HTTP status of the contract."""
    samples.hold(samples.error(site.operation), "error.status")


@check(
    "error.members",
    level=MUST,
    cites=model("members of the error's shape"),
    over=every_operation,
)
def test_an_error_has_its_members(site: OperationSite, samples: Samples) -> None:
    """The body of an error has the members that its shape requires, of the right types."""
    samples.hold(samples.error(site.operation), "error.members")


@check(
    "error.server-fault",
    level=MUST,
    cites=protocol("a request that can be answered is answered below 500"),
    over=every_operation,
)
def test_nothing_fails_inside_the_target(site: OperationSite, samples: Samples) -> None:
    """Whatever is asked, the operation does not answer with a status of 500 or above."""
    samples.hold(samples.error(site.operation), "error.server-fault")


#: The constraints whose violations are told by the member, the plainest first.
_PLAIN: Final = ("maximum", "max-length", "pattern", "enum", "max-items", "required")


def told_members(contract: Contract, spec: Spec) -> Iterator[ConstraintSite]:
    """One constraint on a member of each input, of the plainest kind that there is."""
    for operation in contract.operations.values():
        plain = [
            site
            for site in constraint_sites(operation)
            if site.kind in _PLAIN
            and not {ELEMENT, KEY, VALUE}.intersection(site.path.parts)
            and site.location != "path"
            and not untested_because(site, spec)
        ]
        if plain:
            yield min(plain, key=lambda site: _PLAIN.index(site.kind))


@check(
    "error.unknown-identifier",
    level=SHOULD,
    cites=documented("errors that the operation declares for what does not exist"),
    over=labels,
)
def test_what_does_not_exist_is_not_found(site: LabelSite, run: Run) -> None:
    """A request that names something that does not exist is told so with the right error."""
    operation, inputs = site.operation, run.inputs
    params = base_of(operation, run).params
    shape = operation.members[site.label].shape
    unknown = inputs.unknown(shape, str(params[site.label]), "unknown", str(site))
    if unknown == params[site.label]:
        raise Inconclusive(f"no other value than {unknown!r} could be made up")
    reply = run.client.call(operation, params | {site.label: unknown})
    found = run.spec.not_found_at(operation)
    codes = found.codes if found else not_found_codes(operation)
    if reply.ok and is_deletion(run.spec, operation):
        # Whether deleting nothing succeeds is told nowhere.
        return
    if not codes:
        raise could_not_tell(reply, f"{operation} declares no error for it")
    answered_not_found(reply, codes, f"{operation} succeeds on something that does not exist.")


@check(
    "error.names-member",
    level=SHOULD,
    cites=protocol("framework validation: a validation failure names the member"),
    over=told_members,
    spread=4,
)
def test_an_error_names_the_member(site: ConstraintSite, run: Run) -> None:
    """The error that refuses an invalid member says which: in its message, or in a list."""
    prepared = base_of(site.operation, run)
    reply, _ = answer_to(run, site.operation, violation(site, prepared.params))
    clear_up(run, reply, prepared)
    codes = invalid_codes(reply, run.spec.invalid_codes(wrong_type=False))
    if reply.ok or reply.code not in codes:
        raise NotTestable("it is not refused as invalid, which other checks look at")
    if not any(site.path.name.lower() in text.lower() for text in texts_in(reply.output)):
        raise Deviation(
            "The error does not say which member is invalid.",
            expected=f"{site.path.name} in the message or the list of fields",
            got=described(reply),
            cause=f"error.names-member@{site.operation}",
        )


def not_found_codes(operation: Operation) -> frozenset[str]:
    """The declared errors that can tell that nothing is there: those of 404, 403 and 410."""
    return frozenset(error.code for error in operation.errors if error.status in (403, 404, 410))


def is_deletion(spec: Spec, operation: Operation) -> bool:
    """Whether an operation deletes, by the spec or by its name."""
    owner = spec.owner(operation)
    role = owner.role_of(operation.name) if owner else None
    return role == "delete" or operation.name.startswith(("Delete", "Untag", "Remove"))

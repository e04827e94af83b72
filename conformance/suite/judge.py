"""What every response has to keep to, whatever was asked: judged from its raw bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from attrs import frozen

from conformance.contract import Operation, Problem, Shape, validator
from conformance.contract.sites import places
from conformance.spec import Spec
from conformance.wire.reply import NotJson, Reply

_STRUCTURE: Final = frozenset({"type", "null", "format"})
# 1990 and 2200: milliseconds where seconds belong are far beyond, days far before.
_PLAUSIBLE: Final = (631_152_000, 7_258_118_400)
_NO_CONTENT: Final = 204
_SERVER_ERRORS: Final = 500

#: Errors that any operation of any service may answer with ("Common Errors" of the API references).
COMMON_ERRORS: Final = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "InternalFailure",
        "InternalServerError",
        "InternalServerException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MalformedHttpRequestException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "NotAuthorized",
        "OptInRequired",
        "RequestEntityTooLargeException",
        "RequestExpired",
        "RequestTimeoutException",
        "SerializationException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "ThrottlingException",
        "UnknownOperationException",
        "UnrecognizedClientException",
        "UnsupportedMediaTypeException",
        "ValidationError",
        "ValidationException",
    }
)


@frozen
class Finding:
    """One way in which a response is not what it has to be.

    Attributes:
        check: the id of the requirement.
        where: the member at fault, for the cause; empty for the response as a whole.
    """

    check: str
    message: str
    expected: str
    got: str
    where: str = ""


def findings(
    reply: Reply, spec: Spec, mine: Callable[[Any], bool] = lambda _row: True
) -> Iterator[Finding]:
    """What is wrong with a response as such: of success to a valid input, or of an error.

    Args:
        mine: whether a row of a list is one that the run answers for. Others may have made rows
            out of anything, also out of what the target should have refused.
    """
    return _success(reply, spec, mine) if reply.ok else _error(reply)


def _success(reply: Reply, spec: Spec, mine: Callable[[Any], bool]) -> Iterator[Finding]:
    operation = reply.operation
    if reply.status != operation.success_status:
        yield Finding(
            "response.status",
            f"{operation} succeeded with another status than the contract's.",
            str(operation.success_status),
            str(reply.status),
        )
    body = reply.response.body
    if _answers_nothing(operation):
        if reply.status == _NO_CONTENT and body:
            yield Finding("response.body", "A 204 has a body.", "no body", f"{len(body)} bytes")
        return
    if not body:
        yield Finding("response.body", "The body is empty.", "a JSON object", "no body")
        return
    yield from _is_json(reply, "response.body")
    if isinstance(reply.document, dict):
        yield from _shape_findings(reply, spec, mine)


def _answers_nothing(operation: Operation) -> bool:
    return operation.output is None or not operation.output.members


def _is_json(reply: Reply, check: str) -> Iterator[Finding]:
    content_type = (reply.response.header("content-type") or "").partition(";")[0].strip().lower()
    document = reply.document
    if isinstance(document, NotJson):
        got = f"{content_type or 'no content type'}: {document.why}"
        yield Finding(check, "The body is no JSON document.", "a JSON object", got)
    elif not isinstance(document, dict):
        yield Finding(
            check, "The body is no JSON object.", "a JSON object", type(document).__name__
        )
    elif reply.response.body and content_type != "application/json":
        yield Finding(
            check.replace(".body", ".content-type"),
            "The body is JSON, but the content type does not say so.",
            "application/json",
            content_type or "no content type",
        )


def _shape_findings(reply: Reply, spec: Spec, mine: Callable[[Any], bool]) -> Iterator[Finding]:
    shape = reply.operation.output
    if shape is None:
        return
    if shape.payload:
        member = shape.members[shape.payload]
        if member.shape.type != "structure":
            return
        shape = member.shape
    for problem in validator(shape, open_unions=True)(reply.document):
        found = _of_problem(problem, spec, shape)
        if found is None:
            continue
        row = _row_of(problem, reply.document)
        if row is None or mine(row):
            yield found
    yield from _implausible_times(reply.document, shape)


def _of_problem(problem: Problem, spec: Spec, shape: Shape) -> Finding | None:
    where = _member(problem)
    if problem.kind == "required":
        check, message = "response.required", "A member that the contract requires is missing."
    elif problem.kind in _STRUCTURE:
        check, message = "response.type", "A member has another JSON type than the contract's."
    elif problem.kind == "union":
        check, message = "response.union", "A tagged union has not exactly one member."
    elif problem.kind in spec.unjudged.get(_shape_at(shape, problem), frozenset()):
        return None
    else:
        check, message = "response.constraint", "A member breaks a constraint of the contract."
    return Finding(check, message, f"{problem.path}: {problem.expected}", problem.got, where)


def _row_of(problem: Problem, document: dict[str, Any]) -> Any:
    """The row of a list in which a problem stands; None where it stands in none."""
    name, index, *_ = (*problem.path.parts, "", "")
    rows = document.get(name)
    if isinstance(rows, list) and index[1:-1].isdigit():
        return rows[int(index[1:-1])]
    return None


def _member(problem: Problem) -> str:
    return ".".join(part for part in problem.path.parts if not part.startswith(("[", "{")))


def _shape_at(shape: Shape, problem: Problem) -> str:
    for part in problem.path.parts:
        inner = shape.members.get(part) or shape.element or shape.value
        if inner is None:
            break
        shape = inner.shape
    return shape.name


def _implausible_times(document: Any, shape: Shape) -> Iterator[Finding]:
    for place in places(shape):
        if place.shape.type != "timestamp":
            continue
        for value in place.path.found_in(document):
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if number and not _PLAUSIBLE[0] <= value <= _PLAUSIBLE[1]:
                yield Finding(
                    "response.type",
                    "A timestamp is no plausible number of seconds.",
                    f"{place.path}: seconds since 1970",
                    str(value),
                    str(place.path),
                )


def _error(reply: Reply) -> Iterator[Finding]:
    operation = reply.operation
    if reply.status >= _SERVER_ERRORS:
        yield Finding(
            "error.server-fault",
            f"{operation} failed inside the target.",
            "a response below 500",
            f"{reply.status} {reply.code} {reply.message}".strip(),
        )
        return
    yield from error_findings(reply)


def error_findings(reply: Reply) -> Iterator[Finding]:
    """What is wrong with the form of an error, whoever is to blame for that."""
    if reply.response.body:
        yield from _is_json(reply, "error.body")
    else:
        yield Finding("error.body", "The body is empty.", "a JSON object", "no body")
    if not reply.code:
        yield Finding(
            "error.code",
            "An error response names no error.",
            "an x-amzn-errortype header, or __type or code in the body",
            f"{reply.status} without any of these",
        )
        return
    if not reply.header_code:
        yield Finding(
            "error.header",
            "An error response has no x-amzn-errortype header.",
            f"x-amzn-errortype: {reply.code}",
            "the code in the body only",
        )
    yield from _modelled(reply)


def _modelled(reply: Reply) -> Iterator[Finding]:
    error, operation = reply.error, reply.operation
    if error is None:
        if reply.code not in COMMON_ERRORS:
            yield Finding(
                "error.modelled",
                "The error is neither one of the contract nor a common error of AWS.",
                f"one of {', '.join(sorted(operation.error_codes))}",
                reply.code,
                reply.code,
            )
        return
    if reply.code not in operation.error_codes and reply.code not in COMMON_ERRORS:
        yield Finding(
            "error.declared",
            f"{operation} does not declare this error.",
            f"one of {', '.join(sorted(operation.error_codes))}",
            reply.code,
            reply.code,
        )
    if reply.status != error.status:
        yield Finding(
            "error.status",
            f"{error.code} travels with another status than the contract's.",
            str(error.status),
            str(reply.status),
            error.code,
        )
    if not isinstance(reply.document, dict):
        return
    for problem in validator(error.shape)(reply.document):
        yield Finding(
            "error.members",
            f"The body of {error.code} is not what the contract says.",
            f"{problem.path}: {problem.expected}",
            problem.got,
            f"{error.code}.{_member(problem)}",
        )

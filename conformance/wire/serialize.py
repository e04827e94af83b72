"""From parameters to an unsigned request.

Well-typed parameters go through botocore's serializer, the one that users' clients have. Values
that no client would send are put into the finished request, where the contract has them travel.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any, Final

from attrs import frozen
from botocore.model import OperationModel, ServiceModel
from botocore.serialize import create_serializer
from botocore.utils import percent_encode_sequence

from conformance.contract import Contract, Operation, Path
from conformance.contract.model import Member
from conformance.errors import UsageError
from conformance.wire.exchange import Request

#: The protocols whose responses the suite can judge.
SPOKEN: Final = ("rest-json",)


# Stands in a text for a number until the text is written.
_PUT_OFF: Final = "\ue000"


class Removed:
    """Stands for a value that is left out."""

    def __repr__(self) -> str:
        return "REMOVED"


REMOVED: Final = Removed()


@frozen
class Override:
    """A value that is put into a request after it was serialized.

    Attributes:
        path: where, in the names of the model; its first part is a member of the input.
        value: a JSON value, or REMOVED; a Decimal for a number that no float can hold.
    """

    path: Path
    value: Any


def serialize(
    contract: Contract,
    operation: Operation,
    params: Mapping[str, Any],
    endpoint_url: str,
    overrides: tuple[Override, ...] = (),
) -> Request:
    """The request that calls an operation.

    Args:
        params: the input in the form in which boto3 takes it.
        endpoint_url: scheme, host and port, and a path under which the service stands if any.
        overrides: values to put in afterwards; those of the path and the query string are text.

    """
    in_body = [o for o in overrides if _travels_in_body(operation, o)]
    elsewhere = [o for o in overrides if o not in in_body]
    merged = dict(params)
    for override in elsewhere:
        _override_param(merged, override)
    serializer = create_serializer(contract.protocol, include_validation=False)
    parts = serializer.serialize_to_request(merged, _operation_model(contract, operation.name))
    body = parts.get("body", b"") or b""
    if isinstance(body, str):
        body = body.encode()
    if in_body:
        body = _overridden(operation, body, in_body)
    url = endpoint_url.rstrip("/") + parts["url_path"]
    query = parts.get("query_string")
    if query:
        url += ("&" if "?" in url else "?") + percent_encode_sequence(query)
    headers = {str(name): str(value) for name, value in parts.get("headers", {}).items()}
    if body and not any(name.lower() == "content-type" for name in headers):
        headers["Content-Type"] = "application/json"
    return Request(
        method=parts["method"], url=url, headers=tuple(sorted(headers.items())), body=bytes(body)
    )


def check_spoken(contract: Contract) -> None:
    """Makes sure that the suite can talk to the service.

    Raises:
        UsageError: the contract's protocol is none that the suite speaks.
    """
    if contract.protocol not in SPOKEN:
        raise UsageError(
            f"{contract.service} speaks {contract.protocol}; "
            f"only {', '.join(SPOKEN)} can be tested.",
            "`conformance services` lists the protocol of each service.",
        )


def _travels_in_body(operation: Operation, override: Override) -> bool:
    return operation.members[override.path.parts[0]].location in ("body", "payload")


@cache
def _service_model(contract: Contract) -> ServiceModel:
    return ServiceModel(contract.raw, contract.service)


def _operation_model(contract: Contract, name: str) -> OperationModel:
    return _service_model(contract).operation_model(name)


def output_model(contract: Contract, operation: Operation) -> OperationModel:
    """Botocore's model of an operation, for its parser."""
    return _operation_model(contract, operation.name)


def _override_param(params: dict[str, Any], override: Override) -> None:
    name, *rest = override.path.parts
    if override.value is REMOVED:
        params.pop(name, None)
    elif rest:
        # Only a list of texts travels outside the body at depth: as a repeated query parameter.
        params[name] = [override.value]
    else:
        params[name] = override.value


def _overridden(operation: Operation, body: bytes, overrides: list[Override]) -> bytes:
    payload = operation.members[overrides[-1].path.parts[0]]
    if payload.travels_raw:
        return _raw(payload, overrides[-1].value)
    document: Any = json.loads(body) if body else {}
    for override in overrides:
        first = operation.members[override.path.parts[0]]
        parts = _wire_parts(first, override.path)
        if first.location == "payload":
            parts = parts[1:]
        document = _put(document, parts, override.value)
    return _written(document) if document is not REMOVED else b""


def _written(document: Any) -> bytes:
    """JSON, in which a Decimal stands as it is written, whatever a float could hold of it."""
    numbers: list[str] = []

    def put_off(value: object) -> str:
        if not isinstance(value, Decimal):
            raise TypeError(f"{value!r} is no JSON value")
        numbers.append(str(value))
        return f"{_PUT_OFF}{len(numbers) - 1}"

    text = json.dumps(document, default=put_off)
    for index, number in enumerate(numbers):
        text = text.replace(json.dumps(f"{_PUT_OFF}{index}"), number, 1)
    return text.encode()


def _raw(payload: Member, value: Any) -> bytes:
    if value is REMOVED:
        return b""
    if not isinstance(value, str):
        return json.dumps(value).encode()
    return base64.b64decode(value) if payload.shape.type == "blob" else value.encode()


def _wire_parts(first: Member, path: Path) -> tuple[str, ...]:
    names = [first.wire_name]
    shape = first.shape
    for part in path.parts[1:]:
        inner = {"[]": shape.element, "{}": shape.value, "{key}": shape.key}.get(part)
        if inner is None:
            inner = shape.members.get(part)
            names.append(inner.wire_name if inner else part)
        else:
            names.append(part)
        if inner is not None:
            shape = inner.shape
    return tuple(names)


def _put(value: Any, parts: tuple[str, ...], new: Any) -> Any:
    """A copy of a JSON value in which the first value at a path is another."""
    if not parts:
        return new
    part, *rest = parts
    if part == "[]":
        first = _put(value[0] if value else None, tuple(rest), new)
        return [*([] if first is REMOVED else [first]), *value[1:]]
    if part == "{key}":
        first = next(iter(value))
        return {new if key == first else key: inner for key, inner in value.items()}
    copy = dict(value or {})
    key = next(iter(copy), "key") if part == "{}" else part
    inner = _put(copy.get(key), tuple(rest), new)
    if inner is REMOVED:
        copy.pop(key, None)
    else:
        copy[key] = inner
    return copy

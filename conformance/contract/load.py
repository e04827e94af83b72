"""Loads a contract from the models that botocore ships."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import botocore
from botocore.exceptions import DataNotFoundError, UnknownServiceError
from botocore.loaders import Loader

from conformance.contract.model import (
    Contract,
    ErrorShape,
    Location,
    Member,
    Operation,
    Paginator,
    Shape,
)
from conformance.contract.patterns import Pattern
from conformance.errors import unknown

_LOCATIONS: dict[str, Location] = {
    "uri": "path",
    "querystring": "query",
    "header": "header",
    "headers": "headers",
    "statusCode": "status",
}


def available_services() -> list[str]:
    """The names of all services that the installed botocore has a model of, sorted."""
    return sorted(Loader().list_available_services("service-2"))


@cache
def load(service: str, api_version: str | None = None) -> Contract:
    """The contract of a service.

    Args:
        service: botocore's name, e.g. ``"cleanrooms"``.
        api_version: a date; the newest where it is None.

    Raises:
        UsageError: botocore has no model of that service; the message names the nearest.
    """
    loader = Loader()
    try:
        raw = loader.load_service_model(service, "service-2", api_version)
    except (UnknownServiceError, DataNotFoundError):
        raise unknown(
            "service model", service, available_services(), "`conformance services` lists all."
        ) from None
    try:
        paginators = loader.load_service_model(service, "paginators-1", api_version)
    except (UnknownServiceError, DataNotFoundError):
        paginators = {}
    return from_model(service, raw, paginators.get("pagination", {}))


def from_model(
    service: str, raw: Mapping[str, Any], pagination: Mapping[str, Any] | None = None
) -> Contract:
    """The contract that a model in botocore's format states.

    Args:
        service: the name to give it.
        raw: the content of a ``service-2.json``.
        pagination: the ``pagination`` of a ``paginators-1.json``.
    """
    metadata = raw["metadata"]
    shapes: dict[str, Shape] = {}
    for name, definition in raw["shapes"].items():
        shapes[name] = _shape(name, definition, shapes)
    errors = {
        error.code: error
        for error in (
            _error(shapes[name], definition)
            for name, definition in sorted(raw["shapes"].items())
            if definition.get("exception")
        )
    }
    paginators = {
        name: _paginator(name, definition)
        for name, definition in sorted((pagination or {}).items())
        if name in raw["operations"]
    }
    by_shape = {error.shape.name: error for error in errors.values()}
    operations = {
        name: _operation(name, definition, shapes, by_shape, paginators.get(name))
        for name, definition in sorted(raw["operations"].items())
    }
    return Contract(
        service=service,
        service_id=metadata.get("serviceId", service),
        full_name=metadata.get("serviceFullName", service),
        api_version=metadata.get("apiVersion", ""),
        protocol=metadata.get("protocol", ""),
        signing_name=metadata.get("signingName", metadata.get("endpointPrefix", service)),
        endpoint_prefix=metadata.get("endpointPrefix", service),
        target_prefix=metadata.get("targetPrefix", ""),
        json_version=metadata.get("jsonVersion", ""),
        botocore_version=botocore.__version__,
        model_sha256=hashlib.sha256(json.dumps(raw, sort_keys=True).encode()).hexdigest(),
        shapes=shapes,
        operations=operations,
        errors=errors,
        paginators=paginators,
        raw=raw,
    )


def _shape(name: str, raw: Mapping[str, Any], shapes: Mapping[str, Shape]) -> Shape:
    required = frozenset(raw.get("required", ()))
    payload = raw.get("payload", "")
    members = {
        member: _member(member, definition, shapes, member in required, member == payload)
        for member, definition in raw.get("members", {}).items()
    }
    parts = {
        part: _member(part, raw[raw_name], shapes, True, False)
        for part, raw_name in (("element", "member"), ("key", "key"), ("value", "value"))
        if raw_name in raw and raw["type"] in ("list", "map")
    }
    return Shape(
        name=name,
        type=raw["type"],
        members=members,
        minimum=raw.get("min"),
        maximum=raw.get("max"),
        pattern=Pattern(raw["pattern"]) if "pattern" in raw else None,
        enum=tuple(raw.get("enum", ())),
        union=bool(raw.get("union")),
        document=bool(raw.get("document")),
        sparse=bool(raw.get("sparse")),
        sensitive=bool(raw.get("sensitive")),
        streaming=bool(raw.get("streaming")),
        event_stream=bool(raw.get("eventstream")),
        timestamp_format=raw.get("timestampFormat", ""),
        payload=payload,
        documentation=raw.get("documentation", ""),
        **parts,
    )


def _member(
    name: str, raw: Mapping[str, Any], shapes: Mapping[str, Shape], required: bool, payload: bool
) -> Member:
    location: Location = _LOCATIONS.get(raw.get("location", ""), "payload" if payload else "body")
    return Member(
        name=name,
        shape_name=raw["shape"],
        wire_name=raw.get("locationName", name),
        location=location,
        required=required,
        timestamp_format=raw.get("timestampFormat", ""),
        idempotency_token=bool(raw.get("idempotencyToken")),
        json_value=bool(raw.get("jsonvalue")),
        host_label=bool(raw.get("hostLabel")),
        shapes=shapes,
    )


def _error(shape: Shape, raw: Mapping[str, Any]) -> ErrorShape:
    traits = raw.get("error", {})
    default = 500 if raw.get("fault") or traits.get("fault") else 400
    return ErrorShape(
        code=traits.get("code", shape.name),
        status=traits.get("httpStatusCode", default),
        shape=shape,
    )


def _operation(
    name: str,
    raw: Mapping[str, Any],
    shapes: Mapping[str, Shape],
    errors: Mapping[str, ErrorShape],
    paginator: Paginator | None,
) -> Operation:
    http = raw.get("http", {})
    return Operation(
        name=name,
        method=http.get("method", "POST"),
        uri=http.get("requestUri", "/"),
        success_status=http.get("responseCode", 200),
        input=shapes[raw["input"]["shape"]] if "input" in raw else None,
        output=shapes[raw["output"]["shape"]] if "output" in raw else None,
        errors=tuple(errors[e["shape"]] for e in raw.get("errors", ()) if e["shape"] in errors),
        idempotent=bool(raw.get("idempotent")),
        deprecated=bool(raw.get("deprecated")),
        paginator=paginator,
        documentation=raw.get("documentation", ""),
    )


def _paginator(operation: str, raw: Mapping[str, Any]) -> Paginator:
    return Paginator(
        operation=operation,
        input_tokens=_as_tuple(raw.get("input_token", ())),
        output_tokens=_as_tuple(raw.get("output_token", ())),
        limit_key=raw.get("limit_key", ""),
        result_keys=_as_tuple(raw.get("result_key", ())),
        more_results=raw.get("more_results", ""),
    )


def _as_tuple(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)

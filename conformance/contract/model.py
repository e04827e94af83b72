"""The value objects of a contract: operations, shapes, members, errors, paginators."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from attrs import field, frozen

from conformance.contract.patterns import Pattern
from conformance.errors import unknown

Location = Literal["path", "query", "header", "headers", "status", "payload", "body"]

_READING = re.compile(r"(BatchGet|Get|List|Describe|Head)(?=[A-Z0-9]|$)")


@frozen(eq=False)
class Member:
    """A member of a structure, the element of a list, or the key or value of a map.

    Attributes:
        name: the name by which botocore knows it.
        wire_name: the name by which it travels.
        location: where it travels: in the path, the query string, a header, a map of headers, the
            status, as the whole body (payload) or as a member of the body.
        required: whether its structure requires it.
        timestamp_format: how a timestamp is written here; empty where the shape or the protocol
            decides.
    """

    name: str
    shape_name: str
    wire_name: str
    location: Location = "body"
    required: bool = False
    timestamp_format: str = ""
    idempotency_token: bool = False
    json_value: bool = False
    host_label: bool = False
    _shapes: Mapping[str, Shape] = field(factory=dict, repr=False)

    @property
    def shape(self) -> Shape:
        """The shape of its values."""
        return self._shapes[self.shape_name]

    @property
    def travels_raw(self) -> bool:
        """Whether its bytes or text are the whole body, in no JSON (Smithy: httpPayload)."""
        return self.location == "payload" and self.shape.type in {"blob", "string"}


@frozen(eq=False)
class Shape:
    """A type of the model.

    Attributes:
        type: structure, list, map, string, blob, boolean, integer, long, float, double, timestamp …
        members: of a structure, by name, in the order of the model.
        element: of a list.
        key, value: of a map.
        minimum, maximum: of a number; the length of a string (characters) or blob (bytes), the size
            of a list or map.
        union: whether exactly one member of the structure is to be set.
        document: whether it takes any JSON value.
        sparse: whether a list or map may hold nulls.
    """

    name: str
    type: str
    members: Mapping[str, Member] = field(factory=dict, repr=False)
    element: Member | None = field(default=None, repr=False)
    key: Member | None = field(default=None, repr=False)
    value: Member | None = field(default=None, repr=False)
    minimum: float | None = None
    maximum: float | None = None
    pattern: Pattern | None = None
    enum: tuple[str, ...] = ()
    union: bool = False
    document: bool = False
    sparse: bool = False
    sensitive: bool = False
    streaming: bool = False
    event_stream: bool = False
    timestamp_format: str = ""
    payload: str = ""
    documentation: str = field(default="", repr=False)

    @property
    def required(self) -> tuple[str, ...]:
        """The names of the members that a structure requires."""
        return tuple(name for name, member in self.members.items() if member.required)


@frozen(eq=False)
class ErrorShape:
    """An error of the contract.

    Attributes:
        code: what the target sends to name it.
        status: its HTTP status. An error without one travels as the protocol's default: 400, or 500
            if the fault is the server's.
    """

    code: str
    status: int
    shape: Shape

    @property
    def name(self) -> str:
        """The name of its shape, and of the exception that a client raises."""
        return self.shape.name


@frozen
class Paginator:
    """How an operation is paged, as ``paginators-1`` has it.

    Attributes:
        input_tokens, output_tokens: members that carry the token; outputs may be JMESPath.
        limit_key: the input member that bounds a page; empty where there is none.
        result_keys: the output members that hold the items.
    """

    operation: str
    input_tokens: tuple[str, ...]
    output_tokens: tuple[str, ...]
    limit_key: str
    result_keys: tuple[str, ...]
    more_results: str = ""

    def __str__(self) -> str:
        return self.operation


@frozen(eq=False)
class Operation:
    """One operation of a service.

    Attributes:
        uri: the request URI with ``{label}`` and ``{label+}``, and fixed query parameters if any.
        success_status: the HTTP status of its success.
        read_only: whether its method and its name both say that it changes nothing.
    """

    name: str
    method: str
    uri: str
    success_status: int
    input: Shape | None
    output: Shape | None
    errors: tuple[ErrorShape, ...]
    idempotent: bool = False
    deprecated: bool = False
    paginator: Paginator | None = None
    documentation: str = field(default="", repr=False)

    def __str__(self) -> str:
        return self.name

    @property
    def read_only(self) -> bool:
        """Whether its name says that it only reads; nothing else in a model does."""
        return _READING.match(self.name) is not None and self.method in ("GET", "HEAD", "POST")

    @property
    def members(self) -> Mapping[str, Member]:
        """The members of its input; empty where it has none."""
        return self.input.members if self.input else {}

    @property
    def labels(self) -> tuple[str, ...]:
        """The input members that travel in the path, in the order of the path."""
        in_path = {m.wire_name: m.name for m in self.members.values() if m.location == "path"}
        wire_names = re.findall(r"\{([^}+]+)\+?\}", self.uri.partition("?")[0])
        return tuple(in_path[name] for name in wire_names if name in in_path)

    @property
    def error_codes(self) -> frozenset[str]:
        """The codes of the errors that it declares."""
        return frozenset(error.code for error in self.errors)

    def in_(self, *locations: Location) -> dict[str, Member]:
        """The input members that travel at one of the locations, by name."""
        return {n: m for n, m in self.members.items() if m.location in locations}


@frozen(eq=False)
class Contract:
    """What a botocore model says of one service.

    Attributes:
        service: botocore's name for it.
        protocol: ``rest-json``, ``json``, ``query`` …
        operations: by name, sorted.
        errors: every error of the model by code, sorted.
        model_sha256: of the model's canonical JSON, so that two reports tell whether they saw one.
        raw: the model as botocore loads it, for botocore's own serializers.
    """

    service: str
    service_id: str
    full_name: str
    api_version: str
    protocol: str
    signing_name: str
    endpoint_prefix: str
    target_prefix: str
    json_version: str
    botocore_version: str
    model_sha256: str
    shapes: Mapping[str, Shape] = field(repr=False)
    operations: Mapping[str, Operation] = field(repr=False)
    errors: Mapping[str, ErrorShape] = field(repr=False)
    paginators: Mapping[str, Paginator] = field(repr=False)
    raw: Mapping[str, Any] = field(repr=False)

    def operation(self, name: str) -> Operation:
        """The operation of that name.

        Raises:
            UsageError: there is none; the message names the nearest.
        """
        if name not in self.operations:
            raise unknown(f"operation of {self.service}", name, self.operations)
        return self.operations[name]

    def shape(self, name: str) -> Shape:
        """The shape of that name.

        Raises:
            UsageError: there is none; the message names the nearest.
        """
        if name not in self.shapes:
            raise unknown(f"shape of {self.service}", name, self.shapes)
        return self.shapes[name]

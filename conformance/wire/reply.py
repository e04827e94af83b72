"""What a target's response says, read from its raw bytes and as strictly as a client may.

botocore's parser forgives wrong types and timestamps, so it is only shown beside this reading.
"""

from __future__ import annotations

import json
import re
from functools import cached_property
from typing import Any, Final

from attrs import frozen
from botocore.parsers import create_parser

from conformance.contract import Contract, Operation
from conformance.contract.model import ErrorShape
from conformance.wire.exchange import Exchange, Response
from conformance.wire.serialize import output_model

_CODE_HEADER: Final = "x-amzn-errortype"
# restJson1 lets a server send the name with a namespace before '#' or a URI after ':'.
_NAMESPACE: Final = re.compile(r"^.*#|:.*$")
_NOT_IMPLEMENTED_CODES: Final = frozenset(
    {
        "InvalidAction",
        "MethodNotAllowed",
        "NotImplemented",
        "NotImplementedError",
        "NotImplementedException",
        "UnknownOperation",
        "UnknownOperationException",
        "UnsupportedOperation",
        "UnsupportedOperationException",
    }
)
_SAYS_NOT_IMPLEMENTED: Final = re.compile(
    r"not\s+(yet\s+)?(been\s+)?implemented|not\s+supported\s+(yet|by)|not included", re.IGNORECASE
)
# Two such escapes make a character; one alone cannot be written in UTF-8.
_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")
_THROTTLED: Final = re.compile(r"Throttl|TooManyRequests|SlowDown|RequestLimitExceeded")


@frozen
class NotJson:
    """Why a body is no JSON document."""

    why: str


@frozen(slots=False)
class Reply:
    """A response to a call of an operation, read.

    Attributes:
        exchange: as it went over the wire; its response is there.
    """

    contract: Contract
    operation: Operation
    exchange: Exchange

    @property
    def response(self) -> Response:
        """The response.

        Raises:
            ValueError: there is none, since the exchange ended in a fault.
        """
        if self.exchange.response is None:
            raise ValueError(f"no response: {self.exchange.fault}")
        return self.exchange.response

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.response.status

    @property
    def ok(self) -> bool:
        """Whether the status is one of success."""
        return 200 <= self.status < 300  # noqa: PLR2004 - HTTP's own class of success

    @cached_property
    def document(self) -> Any:
        """The body as parsed JSON, an empty body as ``{}``; :class:`NotJson` where it is none."""
        body = self.response.body
        if not body:
            return {}
        try:
            document = json.loads(
                body.decode("utf-8"), parse_constant=_refuse_constant, object_pairs_hook=_object
            )
            if _SURROGATE.search(body):
                json.dumps(document, ensure_ascii=False).encode()
        except UnicodeDecodeError as error:
            return NotJson(f"not UTF-8 (byte {error.start})")
        except UnicodeEncodeError:
            return NotJson("an escape is half a character")
        except RecursionError:
            return NotJson("nested too deep")
        except ValueError as error:
            return NotJson(str(error))
        return document

    @property
    def output(self) -> dict[str, Any]:
        """The body as an object; empty where it is none."""
        return self.document if isinstance(self.document, dict) else {}

    @property
    def header_code(self) -> str:
        """The error code in the header; empty where there is none."""
        return _NAMESPACE.sub("", self.response.header(_CODE_HEADER) or "")

    @property
    def code(self) -> str:
        """The error code: of the header, or of the body's ``__type`` or ``code``; else empty."""
        if self.header_code:
            return self.header_code
        found = next(
            (v for k in ("__type", "code") if isinstance(v := self.output.get(k), str)), ""
        )
        return _NAMESPACE.sub("", found)

    @property
    def error(self) -> ErrorShape | None:
        """The error of the contract that the code names, if any."""
        return self.contract.errors.get(self.code)

    @property
    def message(self) -> str:
        """The error message; empty where there is none."""
        found = self.output.get("message", self.output.get("Message", ""))
        return found if isinstance(found, str) else ""

    @property
    def says_not_implemented(self) -> bool:
        """Whether the target says in so many words that it does not have the operation."""
        if self.ok:
            return False
        if self.status == 501 or self.code in _NOT_IMPLEMENTED_CODES:  # noqa: PLR2004 - Not Implemented
            return True
        text = self.message or self.response.body[:2000].decode("utf-8", "replace")
        return self.error is None and _SAYS_NOT_IMPLEMENTED.search(text) is not None

    @property
    def looks_unrouted(self) -> bool:
        """Whether it is a 404 or 405 that names no error, as a path that nobody serves gets."""
        return self.status in (404, 405) and self.error is None

    @property
    def throttled(self) -> bool:
        """Whether the target asks to be called less often."""
        too_many = self.status == 429  # noqa: PLR2004 - Too Many Requests
        return too_many or (not self.ok and _THROTTLED.search(self.code) is not None)

    @cached_property
    def as_botocore_sees_it(self) -> str:
        """What botocore's parser makes of it, or how that fails; for a reader."""
        parser = create_parser(self.contract.protocol)
        response = {
            "status_code": self.status,
            "headers": _Headers(self.response),
            "body": self.response.body,
        }
        shape: Any = output_model(self.contract, self.operation).output_shape
        try:
            parsed = parser.parse(response, shape)
        except Exception as error:  # noqa: BLE001 - how it fails is what is told
            return f"{type(error).__name__}: {error}"
        parsed.pop("ResponseMetadata", None)
        return repr(parsed)


class _Headers(dict[str, str]):
    """The headers as botocore's parser looks them up."""

    def __init__(self, response: Response) -> None:
        super().__init__({name.lower(): value for name, value in response.headers})

    def get(self, key: str, default: Any = None) -> Any:
        return super().get(key.lower(), default)

    def __getitem__(self, key: str) -> str:
        return super().__getitem__(key.lower())

    def __contains__(self, key: object) -> bool:
        return super().__contains__(str(key).lower())


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON value")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        names = [name for name, _ in pairs]
        twice = sorted({name for name in names if names.count(name) > 1})
        raise ValueError(f"the member {twice[0]!r} stands twice in one object")
    return document

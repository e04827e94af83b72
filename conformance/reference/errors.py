"""What the service refuses a call with: the modelled errors, and those of the protocol.

Knows the errors' codes and members; which status a code travels with is the contract's to say.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, Literal

ConflictReason = Literal["ALREADY_EXISTS", "SUBRESOURCES_EXIST", "INVALID_STATE"]
InvalidReason = Literal["FIELD_VALIDATION_FAILED", "INVALID_CONFIGURATION", "INVALID_QUERY"]

#: The kinds of resource that the model can name in an error; others are named by their parent.
NAMED_KINDS: Final = (
    "CONFIGURED_TABLE",
    "COLLABORATION",
    "MEMBERSHIP",
    "CONFIGURED_TABLE_ASSOCIATION",
)


class ServiceError(Exception):
    """An error that the service answers with.

    Attributes:
        code: what names it on the wire.
        message: for a reader.
        members: its other members, by name.
    """

    code: str = "InternalServerException"

    def __init__(self, message: str, **members: Any) -> None:
        super().__init__(message)
        self.message = message
        self.members = members


class NotFoundError(ServiceError):
    """The caller has no such resource (404)."""

    code = "ResourceNotFoundException"

    def __init__(self, kind: str, identifier: str) -> None:
        super().__init__(
            f"Resource with id {identifier} does not exist.",
            resourceId=identifier,
            resourceType=kind,
        )


class AccessDeniedError(ServiceError):
    """The caller may not do that, or may not know whether the resource exists (403)."""

    code = "AccessDeniedException"

    def __init__(self, message: str = "You do not have sufficient access to do this.") -> None:
        super().__init__(message, reason="INSUFFICIENT_PERMISSIONS")


class ConflictError(ServiceError):
    """The state of a resource forbids it (409)."""

    code = "ConflictException"

    def __init__(
        self, message: str, reason: ConflictReason, *, kind: str = "", identifier: str = ""
    ) -> None:
        members: dict[str, str] = {"reason": reason}
        if kind in NAMED_KINDS:
            members |= {"resourceType": kind, "resourceId": identifier}
        super().__init__(message, **members)


class InvalidError(ServiceError):
    """The input is not what the service accepts (400).

    Args:
        message: what was wrong.
        fields: name and message of each member that is to blame.
        reason: what kind of fault it is.
    """

    code = "ValidationException"

    def __init__(
        self,
        message: str,
        *fields: tuple[str, str],
        reason: InvalidReason = "INVALID_CONFIGURATION",
    ) -> None:
        members: dict[str, Any] = {"reason": reason}
        if fields:
            members["fieldList"] = [{"name": name, "message": text} for name, text in fields]
        super().__init__(message, **members)


class QuotaExceededError(ServiceError):
    """One more would be more than the quota allows (402)."""

    code = "ServiceQuotaExceededException"

    def __init__(self, name: str, value: float) -> None:
        super().__init__(
            f"The quota '{name}' of {value:g} would be exceeded.",
            quotaName=name,
            quotaValue=float(value),
        )


class ThrottlingError(ServiceError):
    """The caller is to slow down (429)."""

    code = "ThrottlingException"


class InternalError(ServiceError):
    """The service has failed (500)."""

    code = "InternalServerException"


class ProtocolError(ServiceError):
    """A request that never reaches an operation; no model knows these codes.

    Args:
        code: what names it on the wire.
        status: the HTTP status that it travels with.
        message: for a reader.
        headers: names and values that its response has besides the usual ones.
    """

    def __init__(self, code: str, status: int, message: str, *headers: tuple[str, str]) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.headers = headers


def serialization_error(message: str) -> ProtocolError:
    """The request's bytes are not of the form that the protocol asks for."""
    return ProtocolError("SerializationException", 400, message)


def field_errors(fields: Iterable[tuple[str, str]]) -> InvalidError:
    """The input breaks constraints of the contract.

    Args:
        fields: name and message of each member that does.
    """
    listed = list(fields)
    noun = "error" if len(listed) == 1 else "errors"
    texts = "; ".join(f"{name or 'the input'}: {message}" for name, message in listed)
    return InvalidError(
        f"{len(listed)} validation {noun} detected: {texts}",
        *((name or "input", message) for name, message in listed),
        reason="FIELD_VALIDATION_FAILED",
    )

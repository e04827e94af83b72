"""From values in the form that botocore takes to the form in which they travel as JSON."""

from __future__ import annotations

import base64
import math
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from conformance.contract import Member, Shape


def as_json(shape: Shape, value: Any, timestamp_format: str = "") -> Any:
    """A value of a shape as JSON carries it: wire names, timestamps as texts or numbers, base64.

    Args:
        timestamp_format: how timestamps are written here; the shape or the protocol decides where
            it is empty.
    """
    if shape.document or value is None:
        return value
    if shape.type == "structure":
        return {
            shape.members[n].wire_name: of_member(shape.members[n], v) for n, v in value.items()
        }
    if shape.element is not None:
        return [of_member(shape.element, inner) for inner in value]
    if shape.value is not None:
        return {key: of_member(shape.value, inner) for key, inner in value.items()}
    return _scalar(value, timestamp_format or shape.timestamp_format)


def of_member(member: Member, value: Any) -> Any:
    """A value of a member as JSON carries it."""
    return as_json(member.shape, value, member.timestamp_format)


def _scalar(value: Any, timestamp_format: str) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return _timestamp(value, timestamp_format)
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    return value


def _timestamp(value: datetime, timestamp_format: str) -> Any:
    if timestamp_format == "iso8601":
        return value.isoformat().replace("+00:00", "Z")
    if timestamp_format == "rfc822":
        return format_datetime(value, usegmt=True)
    seconds = value.timestamp()
    return int(seconds) if seconds.is_integer() else seconds

"""Targets that are said to verify signatures, and do not."""

from __future__ import annotations

from typing import Final

from suite_faults import Request, asked
from suite_support import BrokenTarget

LIST, TAG = "ListCollaborations", "TagResource"
OPTIONS: Final = ("--verifies-signatures",)


ANYBODY: Final = (
    "AWS4-HMAC-SHA256 Credential=111111111111/20260101/us-east-1/cleanrooms/aws4_request, "
    f"SignedHeaders=host, Signature={'0' * 64}"
)


def names_somebody(request: Request) -> None:
    if "Credential=" not in request.environ.get("HTTP_AUTHORIZATION", ""):
        request.environ["HTTP_AUTHORIZATION"] = ANYBODY


welcomes_anybody = asked(LIST, TAG, edit=names_somebody)


def deviating(operation: str, *cases: str) -> dict[str, str]:
    return {
        f"{check}[{operation}:{way}]": f"{check}@{operation}"
        for check, _, way in (case.partition(":") for case in cases)
    }


SIGNATURES: Final = (
    BrokenTarget(
        "no signature is looked at where nothing is changed",
        welcomes_anybody,
        LIST,
        deviating(
            LIST,
            "signature.missing:unsigned",
            "signature.unreadable:unreadable",
            "signature.secret:wrong-secret",
            "signature.scope:other-service",
            "signature.time:expired",
            "signature.time:not-yet-valid",
            "signature.tampered:query",
            "signature.tampered:header",
        ),
        options=OPTIONS,
    ),
    BrokenTarget(
        "no signature is looked at where something is changed",
        welcomes_anybody,
        TAG,
        deviating(
            TAG,
            "signature.missing:unsigned",
            "signature.secret:wrong-secret",
            "signature.tampered:body",
        ),
        options=OPTIONS,
    ),
)

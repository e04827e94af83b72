"""What a check can come to besides passing."""

from __future__ import annotations

from conformance.wire.exchange import Exchange


class Outcome(Exception):  # noqa: N818 - outcomes of a check, not errors of ours
    """Why a check did not pass."""


class Deviation(Outcome):
    """The target did something else than it has to.

    Args:
        message: one sentence on what it did.
        expected, got: for a reader, one line each.
        cause: what this deviation probably shares with others; empty for check and operation.
        exchange: where it was seen; None for the last one.
        whole: whether it takes every exchange before that one to see it again.
    """

    def __init__(
        self,
        message: str,
        *,
        expected: str = "",
        got: str = "",
        cause: str = "",
        exchange: Exchange | None = None,
        whole: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.expected = expected
        self.got = got
        self.cause = cause
        self.exchange = exchange
        self.whole = whole


class Inconclusive(Outcome):
    """The harness could not tell, e.g. since a prerequisite failed or the target was throttling."""


class NotImplementedByTarget(Outcome):
    """The target does not have the operation."""


class NotTestable(Outcome):
    """The check does not apply here, for a reason that is no fault of anybody."""


class TargetLost(Outcome):
    """The target no longer answers."""

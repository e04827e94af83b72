"""Failures on demand, so that a client's handling of them can be tried.

Nothing fails unless somebody holds the plan and adds a fault to it: in Python, or over HTTP where
the control of ``control`` was switched on.
"""

from __future__ import annotations

import threading
from typing import Final, Literal

from attrs import evolve, field, frozen
from attrs.validators import ge, in_, instance_of

from conformance.reference.errors import (
    InternalError,
    QuotaExceededError,
    ServiceError,
    ThrottlingError,
)

FaultKind = Literal["throttle", "internal", "quota", "latency", "drop"]
KINDS: Final[tuple[FaultKind, ...]] = FaultKind.__args__  # type: ignore[attr-defined]  # a Literal has them
EVERY: Final = "*"


@frozen
class Fault:
    """A failure that is to happen.

    Attributes:
        kind: ``throttle`` answers 429, ``internal`` 500, ``quota`` 402, ``latency`` waits and then
            serves, ``drop`` closes the connection without an answer.
        operation: whose calls fail; ``*`` for every operation's.
        times: how many calls fail; None for all.
        seconds: how long ``latency`` waits.
        user_agent: only calls fail that have this in their User-Agent; empty for all, so that those
            who share a target need not get each other's failures.
    """

    kind: FaultKind = field(validator=in_(KINDS))
    operation: str = field(default=EVERY, validator=instance_of(str))
    times: int | None = field(default=1)
    seconds: float = field(default=0.0, validator=[instance_of(float | int), ge(0)])
    user_agent: str = field(default="", validator=instance_of(str))

    @times.validator
    def _refuse_nothing(self, _attribute: object, value: object) -> None:
        if value is not None and (not isinstance(value, int) or value < 1):
            raise ValueError(f"A fault can happen once or more often, but not {value!r} times.")

    def error(self) -> ServiceError | None:
        """What the call is refused with; None where it is not refused."""
        match self.kind:
            case "throttle":
                return ThrottlingError("Rate exceeded")
            case "internal":
                return InternalError("An internal error was asked for.")
            case "quota":
                return QuotaExceededError("asked for", 0)
            case _:
                return None

    def concerns(self, operation: str, user_agent: str) -> bool:
        """Whether a call is to fail."""
        return self.operation in (EVERY, operation) and self.user_agent in user_agent


class FaultPlan:
    """The failures that are to happen, in the order in which they were added."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        """Plans a failure."""
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """Plans nothing any more."""
        with self._lock:
            self._faults.clear()

    def take(self, operation: str, user_agent: str = "") -> Fault | None:
        """The failure of a call of that operation, which counts as having happened."""
        if not self._faults:
            return None
        with self._lock:
            for place, fault in enumerate(self._faults):
                if not fault.concerns(operation, user_agent):
                    continue
                if fault.times == 1:
                    del self._faults[place]
                elif fault.times is not None:
                    self._faults[place] = evolve(fault, times=fault.times - 1)
                return fault
        return None

"""Bounds how long a failure is made smaller: on a slow target that takes more than it is worth."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final, NoReturn

import hypothesis
from attrs import define, field

from conformance.target.client import Client, Step
from conformance.target.outcomes import Inconclusive, Outcome, TargetLost

#: How long is looked for something smaller, in seconds.
_PATIENCE_S: Final = 10.0


@define(eq=False)
class Shrinking:
    """Keeps the smallest failure, and ends the search for a smaller one in time."""

    client: Client
    _until: float = field(default=float("inf"), init=False)
    _smallest: Outcome | None = field(default=None, init=False)
    _steps: list[Step] = field(factory=list, init=False)

    @property
    def _is_over(self) -> bool:
        return time.monotonic() > self._until

    def begin(self) -> None:
        """Begins an attempt; drops it at once if the time is up."""
        if self._is_over:
            hypothesis.reject()

    def watch(self, attempt: Callable[..., Any], *args: Any, **named: Any) -> None:
        """Makes a part of an attempt.

        Raises:
            Outcome: it fails; what did is kept if nothing smaller has.
        """
        try:
            attempt(*args, **named)
        except Outcome as outcome:
            self._keep(outcome)
            raise

    def _keep(self, outcome: Outcome) -> None:
        now = time.monotonic()
        self._until = (
            now if isinstance(outcome, TargetLost) else min(self._until, now + _PATIENCE_S)
        )
        steps = self.client.trace
        if self._smallest is None or len(steps) <= len(self._steps):
            self._smallest, self._steps = outcome, list(steps)

    def run(self, test: Callable[[], None]) -> None:
        """Runs a test of Hypothesis whose attempts are made here.

        Raises:
            Outcome: an attempt failed; the smallest that did.
            Inconclusive: the same attempt does not fail again.
        """
        try:
            test()
        except hypothesis.errors.Flaky as error:
            self._told(error)

    def _told(self, error: Exception) -> NoReturn:
        if self._smallest is None or not self._is_over:
            raise Inconclusive(
                "the same input led to different answers, the first of them a deviation"
            ) from error
        self.client.trace = self._steps
        raise self._smallest

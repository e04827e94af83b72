"""Where times, durations and identifiers come from, so that a caller can hold all in hand.

Knows nothing of what is timed or named.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from math import inf
from random import Random
from uuid import UUID

from attrs import frozen

Clock = Callable[[], float]


def wall_clock() -> float:
    """The time of day in epoch seconds, to the millisecond."""
    return round(time.time(), 3)


class ManualClock:
    """A clock that stands still until it is moved.

    Args:
        start: its first reading, in epoch seconds.
    """

    def __init__(self, start: float = 1_700_000_000.0) -> None:
        self._now = start

    def __call__(self) -> float:
        """Its reading."""
        return round(self._now, 3)

    def advance(self, seconds: float) -> None:
        """Moves it forward.

        Raises:
            ValueError: seconds is negative; time does not run back.
        """
        self._now += _forward(seconds)


class ShiftedClock:
    """The time of day, or later.

    Args:
        base: tells the time that is shifted.
    """

    def __init__(self, base: Clock = wall_clock) -> None:
        self._base = base
        self._shift = 0.0

    def __call__(self) -> float:
        """Its reading."""
        return round(self._base() + self._shift, 3)

    def advance(self, seconds: float) -> None:
        """Moves it forward.

        Raises:
            ValueError: seconds is negative; time does not run back.
        """
        self._shift += _forward(seconds)


def _forward(seconds: float) -> float:
    if not 0 <= seconds < inf:
        raise ValueError(f"A clock cannot be advanced by {seconds} seconds.")
    return seconds


@frozen
class Pace:
    """How long things take, in seconds.

    Attributes:
        submitted: until an analysis starts.
        running: from its start to its end.
        cancelling: from the request to cancel it to its end.
        exporting: until the logs of an analysis are exported.
    """

    submitted: float = 0.2
    running: float = 0.8
    cancelling: float = 0.2
    exporting: float = 0.5


def random_ids(seed: int) -> Iterator[str]:
    """Identifiers in the form of random UUIDs, the same ones for the same seed."""
    random = Random(seed)  # noqa: S311 - reproducible on purpose; nothing is protected by them
    while True:
        yield str(UUID(int=random.getrandbits(128), version=4))

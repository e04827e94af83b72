"""Failures on demand, where a target has a control for them (docs/failures-on-demand.md)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from attrs import frozen

from conformance.contract import Operation
from conformance.target.outcomes import Inconclusive, NotTestable
from conformance.wire.exchange import Request

if TYPE_CHECKING:  # a client has a control
    from conformance.target.client import Client

_JSON: Final = (("Content-Type", "application/json"),)
_ANSWERED: Final = range(200, 300)
_FAILED: Final = 500


@frozen
class Control:
    """The control of a target.

    Attributes:
        url: where it is; empty if the target has none.
    """

    client: Client
    url: str

    def check_there(self) -> None:
        """Makes sure that there is one.

        Raises:
            NotTestable: there is none.
        """
        if not self.url:
            raise NotTestable("the target was not said to fail on demand (--control-url)")

    def plan(self, kind: str, operation: Operation, user_agent: str) -> None:
        """Makes one call of an operation fail: the next that has this in its User-Agent.

        Raises:
            NotTestable: the control offers no such failures, or is none.
            Inconclusive: the control does not answer.
        """
        asked = {"kind": kind, "operation": operation.name, "times": 1, "user_agent": user_agent}
        url = f"{self.url}/faults"
        exchange = self.client.ask(Request("POST", url, _JSON, json.dumps(asked).encode()))
        if exchange.fault is not None:
            raise Inconclusive(f"the control gave no answer: {exchange.fault.message}")
        response = exchange.response
        status, body = (response.status, response.body) if response else (0, b"")
        if status >= _FAILED:
            raise Inconclusive(f"the control failed: {status}")
        if status not in _ANSWERED:
            raise NotTestable(f"the control answered {status} to a failure of kind {kind}")
        if not isinstance(_parsed(body), dict):
            raise NotTestable(f"what answers at {self.url} is no control: no JSON object")


def _parsed(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None

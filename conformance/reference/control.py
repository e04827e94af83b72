"""A control of the target over HTTP: reset, faults, clock, state.

Off by default, and under paths that no service has: the application has to be wrapped in
``Control`` first. Whoever reaches the port can use it, so it is for test servers only.

    GET    /_reference/state                                     records, planned faults, crashes
    POST   /_reference/reset                                     forget everything
    POST   /_reference/faults  {"kind": "throttle", "operation": "GetCollaboration", "times": 2}
    DELETE /_reference/faults                                    plan no more faults
    POST   /_reference/clock   {"advance": 3600}                 let time pass
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

from conformance.reference.app import ReferenceTarget
from conformance.reference.errors import ProtocolError, ServiceError
from conformance.reference.faults import Fault
from conformance.reference.reading import parse_json_object
from conformance.reference.writing import encode
from conformance.reference.wsgi import Response, read_request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PREFIX: Final = "/_reference/"


class Control:
    """A target with a control.

    Args:
        target: what is controlled; its clock must have ``advance`` for time to pass.
    """

    def __init__(self, target: ReferenceTarget) -> None:
        self.target = target
        self._actions: dict[tuple[str, str], Callable[[dict[str, Any]], dict[str, Any]]] = {
            ("GET", "state"): self._state,
            ("POST", "reset"): self._reset,
            ("POST", "faults"): self._add_fault,
            ("DELETE", "faults"): self._clear_faults,
            ("POST", "clock"): self._advance,
        }

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serves a request of the control, or passes it on."""
        request = read_request(environ)
        if not request.path.startswith(PREFIX):
            return self.target(environ, start_response)
        try:
            action = self._actions.get((request.method, request.path.removeprefix(PREFIX)))
            if action is None:
                actions = ", ".join(f"{method} {PREFIX}{name}" for method, name in self._actions)
                raise ProtocolError("UnknownOperationException", 404, f"There are {actions}.")
            response = Response(200, encode(action(parse_json_object(request.body()))))
        except ServiceError as error:
            response = _refusal(error.code, getattr(error, "status", 400), error.message)
        except (TypeError, ValueError, AttributeError) as error:
            response = _refusal("ValidationException", 400, str(error.args[0]))
        return response.send(start_response, "control")

    def _state(self, _body: dict[str, Any]) -> dict[str, Any]:
        return {
            "records": self.target.size(),
            "crashes": list(self.target.crashes),
            "operations": len(self.target.operations),
        }

    def _reset(self, _body: dict[str, Any]) -> dict[str, Any]:
        self.target.reset()
        return {}

    def _add_fault(self, body: dict[str, Any]) -> dict[str, Any]:
        self.target.plan.add(Fault(**body))
        return {}

    def _clear_faults(self, _body: dict[str, Any]) -> dict[str, Any]:
        self.target.plan.clear()
        return {}

    def _advance(self, body: dict[str, Any]) -> dict[str, Any]:
        advance = getattr(self.target.settings.clock, "advance", None)
        if advance is None:
            raise ValueError("The target's clock cannot be advanced.")
        advance(float(body.get("advance", 0)))
        return {"now": self.target.settings.clock()}


def _refusal(code: str, status: int, message: str) -> Response:
    return Response(status, encode({"message": message}), (("x-amzn-errortype", code),))

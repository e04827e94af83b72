"""Opens the way to a target: over a socket, or straight into the embedded one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Final

from attrs import frozen

from conformance.contract import Contract
from conformance.errors import UsageError
from conformance.reference import PREFIX, Control, ManualClock, create_app, wall_clock
from conformance.target.target import Target
from conformance.wire.exchange import Exchange
from conformance.wire.framing import Framed
from conformance.wire.transport import SocketTransport, Transport, WsgiTransport, reachable

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: Most that is read of a response; the largest that a service documents is far smaller.
MAX_BODY: Final = 16 * 1024 * 1024
#: A response that keeps coming is given so many times the patience that silence gets.
_PATIENCE: Final = 3
#: How long a request takes at the embedded target, by its own clock: so little that what runs comes
#: to its end only while somebody waits for that, never between a look at it and the next request.
_TICK_S: Final = 0.00001


@frozen
class Line:
    """A way to the target.

    Attributes:
        reachable: raises TargetUnreachable where nobody answers.
        pause: lets time pass on the target, in seconds; nobody has to wait for the embedded one.
        talk: sends requests over one connection; None where there are no connections.
        control: the URL of a control for failures on demand; empty where there is none.
    """

    transport: Transport
    reachable: Callable[[], None]
    pause: Callable[[float], None] = time.sleep
    talk: Callable[[Iterable[Framed]], tuple[Exchange, ...]] | None = None
    control: str = ""


def connect(
    target: Target,
    contract: Contract,
    *,
    timeout_s: float,
    rate_per_s: float = 0,
    seed: int = 0,
    verifies_signatures: bool = False,
    control_url: str = "",
) -> Line:
    """Opens the way to a target; nothing is sent yet.

    Args:
        timeout_s: how long silence is borne, in seconds.
        rate_per_s: at most so many requests each second; 0 for no limit.
        seed: what the ids of the embedded target come from.
        verifies_signatures: whether the embedded target has to.
        control_url: where the target has a control; the embedded one has it anyway.

    Raises:
        UsageError: no endpoint was given and there is no embedded target for the service, or it
            should verify signatures of several secrets.
    """
    if target.kind == "embedded":
        if contract.service != "cleanrooms":
            raise UsageError(
                f"There is no embedded reference target for {contract.service}.",
                "Give an --endpoint-url.",
            )
        # What runs there must not come to its end since the machine is busy with something else.
        clock = ManualClock(wall_clock())
        secret = _secret(target) if verifies_signatures else ""
        app = create_app(contract, seed=seed, clock=clock, secret=secret)
        transport = WsgiTransport(_ticking(Control(app), clock), target.endpoint_url)
        control = f"{target.endpoint_url}{PREFIX.rstrip('/')}"
        return Line(transport, _always, clock.advance, control=control)
    line = SocketTransport(
        timeout_s=timeout_s,
        deadline_s=_PATIENCE * timeout_s,
        max_body=MAX_BODY,
        verify=target.verify,
        rate_per_s=rate_per_s or None,
    )
    ask = partial(reachable, target.endpoint_url, timeout_s, verify=target.verify)
    return Line(line, ask, talk=line.converse, control=control_url)


def _ticking(app: WSGIApplication, clock: ManualClock) -> WSGIApplication:
    """An application at which every request takes the same time by a clock."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        clock.advance(_TICK_S)
        return app(environ, start_response)

    return answer


def _secret(target: Target) -> str:
    first, *others = {account.signer.secret_key for account in target.accounts}
    if others:
        raise UsageError(
            "--verifies-signatures: the embedded target knows one secret for all accounts.",
            "Leave --profile out: it has accounts of its own.",
        )
    return first


def _always() -> None:
    """The embedded target is reachable as long as the process lives."""

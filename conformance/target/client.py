"""Calls operations of the target, one exchange each, and tells what is no verdict from what is."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, Literal

from attrs import define, field, frozen

from conformance.contract import Contract, Operation
from conformance.errors import TargetUnreachable
from conformance.target.outcomes import Deviation, Inconclusive, NotTestable, TargetLost
from conformance.target.target import Target
from conformance.wire.exchange import Exchange, Fault, Request
from conformance.wire.framing import Framed, Framing
from conformance.wire.missign import Missigned, Missigning
from conformance.wire.redaction import scrub
from conformance.wire.reply import Reply
from conformance.wire.serialize import Override, serialize
from conformance.wire.transport import Transport

Role = Literal["setup", "check"]

#: Faults that show that the target broke HTTP, not that the line was cut.
_BREAKS_HTTP: Final = frozenset({"protocol", "broken-length", "surplus", "too-large", "crash"})
#: After so many requests in a row without an answer in time a target is asked whether it answers
#: anything at all; with the usual patience that is after a minute.
_SILENT: Final = 5


@frozen
class Step:
    """One exchange of a trace.

    Attributes:
        role: whether it made a prerequisite or belongs to the check itself.
        account: which of the target's accounts sent it; None for nobody.
        missigned: what was signed wrongly on purpose, and how; None for nothing.
        framed: what was framed otherwise on purpose, and how; None for nothing.
    """

    exchange: Exchange
    role: Role
    account: int | None = 0
    missigned: Missigned | None = None
    framed: Framed | None = None


def _ignore(_reply: Reply) -> None:
    """Nobody wants to know."""


@define
class Client:
    """Sends requests to the target and keeps a trace of them.

    Attributes:
        trace: the exchanges since the last :meth:`start_trace`.
        observe: called with each reply and whether its input was valid; judges what every response
            has to keep to.
        allowed: whether an operation may be called at all.
        announce: called before each call is sent; returns what is told the answer, if there is one.
        pause: lets time pass on the target, in seconds.
        errors: which errors operations have answered with, of those that they declare.
        talk: sends requests over one connection; None where there are no connections.
    """

    contract: Contract
    target: Target
    transport: Transport
    reachable: Callable[[], None]
    observe: Callable[[Reply, bool], None] = lambda _reply, _valid: None
    allowed: Callable[[Operation], bool] = lambda _operation: True
    announce: Callable[[Operation], Callable[[Reply], None]] = lambda _operation: _ignore
    pause: Callable[[float], None] = time.sleep
    trace: list[Step] = field(factory=list)
    requests: int = 0
    role: Role = "check"
    server: str = ""
    errors: set[tuple[str, str]] = field(factory=set)
    talk: Callable[[Iterable[Framed]], tuple[Exchange, ...]] | None = None
    _unanswered: int = field(default=0, init=False)

    def start_trace(self) -> None:
        """Forgets the exchanges so far."""
        self.trace = []

    def looks(self, patience_s: float, every_s: float = 0.2) -> Iterator[None]:
        """When to look at something that may come true by itself: now, and after each pause.

        Args:
            patience_s: how long is waited altogether.
            every_s: how long each time.
        """
        waited = 0.0
        while True:
            yield
            if waited >= patience_s:
                return
            self.pause(every_s)
            waited += every_s

    def call(
        self,
        operation: Operation,
        params: Mapping[str, Any],
        *,
        account: int = 0,
        overrides: tuple[Override, ...] = (),
        valid: bool = True,
    ) -> Reply:
        """Calls an operation and reads the response.

        Args:
            params: the input in the form in which boto3 takes it.
            account: which of the target's accounts calls.
            overrides: values to put into the request in places that ``params`` cannot express.
            valid: whether the input is meant to be valid.

        Raises:
            Inconclusive: there was no response, or it asked to be called less often.
            Deviation: the target broke HTTP.
            TargetLost: the target no longer answers at all.
        """
        request = self.request_for(operation, params, overrides)
        return self.send(operation, request, account=account, valid=valid)

    def request_for(
        self,
        operation: Operation,
        params: Mapping[str, Any],
        overrides: tuple[Override, ...] = (),
    ) -> Request:
        """The unsigned request that calls an operation, to be changed before it is sent."""
        return serialize(self.contract, operation, params, self.target.endpoint_url, overrides)

    def send(
        self,
        operation: Operation,
        request: Request,
        *,
        account: int | None = 0,
        valid: bool = False,
        to_be_throttled: bool = False,
    ) -> Reply:
        """Sends a finished request for an operation, signed by an account or by nobody (None).

        Args:
            to_be_throttled: whether it is meant to be, so that this is an answer like any other.

        Raises:
            Inconclusive, Deviation, TargetLost: as :meth:`call`.
        """
        if account is not None:
            request = self.target.accounts[account].signer.sign(request)
        return self._sent(operation, request, account, valid=valid, to_be_throttled=to_be_throttled)

    def ask(self, request: Request) -> Exchange:
        """Sends a request that calls no operation, as it is; nobody judges what comes back."""
        exchange = self.transport.send(request)
        self.requests += 1
        self.trace.append(Step(exchange, "setup", None))
        return exchange

    def send_missigned(self, operation: Operation, request: Request, how: Missigning) -> Reply:
        """Sends a finished request that the first account has signed wrongly.

        Raises:
            Inconclusive, Deviation, TargetLost: as :meth:`call`.
        """
        missigned = Missigned(how, request)
        sent = missigned.by(self.target.accounts[0].signer)
        return self._sent(operation, sent, 0, valid=False, missigned=missigned)

    def converse(self, *said: tuple[Operation, Request, Framing]) -> tuple[Exchange, ...]:
        """Sends finished requests over one connection while it stays open, framed in any way.

        The first account signs them. What came back is not judged, and not even read.

        Returns:
            The exchanges there were: fewer than requests where the target closed in between.

        Raises:
            Inconclusive: there was no connection.
            NotTestable: the target is in this process, where nothing is framed.
            TargetLost: the target no longer answers at all.
        """
        if self.talk is None:
            raise NotTestable("the target is in this process, where requests are not framed")
        if not all(self.allowed(operation) for operation, _, _ in said):
            raise Inconclusive("one of these operations may write, and this run only reads")
        signer = self.target.accounts[0].signer
        framed = [
            Framed(how, signer.sign(request), follows=place > 0)
            for place, (_, request, how) in enumerate(said)
        ]
        exchanges = tuple(
            self._named(operation, exchange)
            for (operation, _, _), exchange in zip(said, self.talk(framed), strict=False)
        )
        self.requests += len(exchanges)
        self.trace += [
            Step(exchange, self.role, framed=each)
            for exchange, each in zip(exchanges, framed, strict=False)
        ]
        first = exchanges[0]
        if first.fault is not None and first.fault.when == "connect":
            self._raise_fault(said[0][0], first, first.fault)
        return exchanges

    def _sent(
        self,
        operation: Operation,
        request: Request,
        account: int | None,
        *,
        valid: bool,
        missigned: Missigned | None = None,
        to_be_throttled: bool = False,
    ) -> Reply:
        if not self.allowed(operation):
            raise Inconclusive(f"{operation} may write, and this run only reads")
        answered = self.announce(operation)
        exchange = self._named(operation, self.transport.send(request))
        self.requests += 1
        self.trace.append(Step(exchange, self.role, account, missigned))
        if exchange.fault is not None:
            self._raise_fault(operation, exchange, exchange.fault)
        self._unanswered = 0
        reply = Reply(self.contract, operation, exchange)
        answered(reply)
        self.server = self.server or self._said_to_be(exchange)
        if not reply.ok and reply.code in operation.error_codes:
            self.errors.add((operation.name, reply.code))
        if reply.throttled and not to_be_throttled:
            raise Inconclusive(f"{operation} was throttled ({reply.status} {reply.code})")
        self.observe(reply, valid)
        return reply

    def _said_to_be(self, exchange: Exchange) -> str:
        named = (exchange.response and exchange.response.header("server")) or ""
        return scrub(named, exchange.request.secrets())

    def _named(self, operation: Operation, exchange: Exchange) -> Exchange:
        return Exchange(
            request=exchange.request,
            response=exchange.response,
            fault=exchange.fault,
            elapsed_s=exchange.elapsed_s,
            operation=operation.name,
        )

    def _raise_fault(self, operation: Operation, exchange: Exchange, fault: Fault) -> None:
        if fault.kind in _BREAKS_HTTP:
            raise Deviation(
                f"The response to {operation} breaks HTTP.",
                expected="a complete HTTP response",
                got=f"{fault.kind}: {fault.message}",
                cause=f"wire.{fault.kind}@{operation}",
                exchange=exchange,
            )
        self._still_there(fault)
        self._still_answers(fault)
        raise Inconclusive(f"no response to {operation}: {fault.message}")

    def _still_there(self, fault: Fault) -> None:
        # A target that restarts after a crash is given a moment before it counts as lost.
        for wait in (0.0, 0.5, 1.5):
            time.sleep(wait)
            try:
                self.reachable()
            except TargetUnreachable as error:
                last = error
            else:
                return
        raise TargetLost(f"{last.problem} (after: {fault.message})")

    def _still_answers(self, fault: Fault) -> None:
        # One operation may hang for good; that is no reason to hold back what there is to say of
        # the others. A target that hangs altogether would keep the run for hours.
        self._unanswered = self._unanswered + 1 if fault.kind == "timeout" else 0
        if self._unanswered < _SILENT:
            return
        url = self.target.endpoint_url
        probed = self.transport.send(Request("GET", f"{url.rstrip('/')}/", (), b"")).fault
        if probed is None or probed.kind != "timeout":
            self._unanswered = 0
            return
        raise TargetLost(
            f"{url} answers nothing: {_SILENT} requests in a row and GET / came to no response "
            f"({fault.message})."
        )


def seeded(seed: int, *names: str) -> random.Random:
    """A source of random numbers that is the same for the same seed and names."""
    return random.Random(f"{seed}/{'/'.join(names)}")  # noqa: S311 - test data, no secrets

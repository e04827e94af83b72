"""The reference target: a stateful Clean Rooms as a WSGI application.

Knows nothing of checks or specs. What it serves is decided by a contract, and what it does by the
handlers of ``resources``; an operation that has none is answered as not implemented.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final

from attrs import Factory, field, frozen

from conformance.contract import Contract, Operation, load
from conformance.reference.callers import Accounts, Caller
from conformance.reference.calls import Call, Handler, handlers_in
from conformance.reference.clock import Clock, Pace, random_ids, wall_clock
from conformance.reference.errors import InternalError, ProtocolError, ServiceError
from conformance.reference.faults import FaultPlan
from conformance.reference.quotas import Quotas
from conformance.reference.reading import InputReader, Parts
from conformance.reference.resources import (
    analysis_rules,
    analysis_templates,
    association_rules,
    associations,
    audience_models,
    change_requests,
    collaborations,
    configured_tables,
    id_mapping_tables,
    id_namespaces,
    intermediate_table_rules,
    intermediate_tables,
    log_exports,
    members,
    memberships,
    privacy_budget_templates,
    privacy_budgets,
    protected_jobs,
    protected_queries,
    schema_rules,
    schemas,
    tags,
)
from conformance.reference.routes import Router
from conformance.reference.signatures import verify
from conformance.reference.world import World
from conformance.reference.writing import OutputWriter, encode
from conformance.reference.wsgi import Request, Response, read_request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_MODULES: Final = (
    analysis_rules,
    analysis_templates,
    association_rules,
    associations,
    audience_models,
    change_requests,
    collaborations,
    configured_tables,
    id_mapping_tables,
    id_namespaces,
    intermediate_table_rules,
    intermediate_tables,
    log_exports,
    members,
    memberships,
    privacy_budget_templates,
    privacy_budgets,
    protected_jobs,
    protected_queries,
    schema_rules,
    schemas,
    tags,
)
_KEPT_CRASHES: Final = 100
_SERVER_FAULT: Final = 500
_NO_ANSWER: Final = 0


@frozen
class Served:
    """What was served, for a log; nothing secret is in it.

    Attributes:
        time: when, in epoch seconds.
        status: of the response; 0 where the connection was dropped.
        error: its code; empty where there is none.
        account: who called; empty where that was not known.
    """

    time: float
    method: str
    path: str
    operation: str
    status: int
    error: str
    account: str
    ms: float


@frozen(kw_only=True)
class Settings:
    """What makes one reference target differ from another.

    Attributes:
        seed: of the identifiers; the same calls with the same seed and clock give the same state.
        clock: tells the time in epoch seconds.
        accounts: maps access keys to accounts.
        quotas: how much there may be of everything.
        pace: how long queries, jobs and exports take.
        secret: the secret access key of all callers; signatures are not verified if it is empty.
    """

    seed: int = 0
    clock: Clock = wall_clock
    accounts: Accounts = Factory(Accounts)
    quotas: Quotas = Factory(Quotas)
    pace: Pace = Factory(Pace)
    secret: str = field(default="", repr=False)


class ReferenceTarget:
    """A Clean Rooms that holds everything in memory; may be called from several threads.

    Args:
        contract: what is served.
        settings: how.
        observer: is told of each request after it was served.
    """

    def __init__(
        self,
        contract: Contract,
        settings: Settings | None = None,
        *,
        observer: Callable[[Served], None] | None = None,
    ) -> None:
        self.contract = contract
        self.settings = settings or Settings()
        self._observer = observer
        #: Tracebacks of its own failures; a healthy target has none.
        self.crashes: deque[str] = deque(maxlen=_KEPT_CRASHES)
        #: Failures that are to happen; none, unless somebody adds one.
        self.plan = FaultPlan()
        self._router = Router(contract)
        self._reader = InputReader(contract)
        self._writer = OutputWriter(contract)
        self._handlers: dict[str, Handler] = handlers_in(_MODULES)
        self._lock = threading.Lock()
        self._start()

    def _start(self) -> None:
        self._ids: Iterator[str] = random_ids(self.settings.seed)
        self._request_ids: Iterator[str] = random_ids(~self.settings.seed)
        self._worlds: dict[str, World] = {}

    def reset(self) -> None:
        """Forgets everything that was created, and begins with the identifiers anew."""
        with self._lock:
            self._start()
            self.crashes.clear()
            self.plan.clear()

    def size(self) -> int:
        """How many records there are, in all regions."""
        with self._lock:
            return sum(len(world) for world in self._worlds.values())

    @property
    def operations(self) -> list[str]:
        """The operations that are served, sorted."""
        return sorted(self._handlers.keys() & self.contract.operations.keys())

    def world(self, region: str) -> World:
        """What exists in a region."""
        if region not in self._worlds:
            self._worlds[region] = World(
                self.contract,
                region=region,
                clock=self.settings.clock,
                ids=self._ids,
                quotas=self.settings.quotas,
                pace=self.settings.pace,
            )
        return self._worlds[region]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serves one request.

        Raises:
            ConnectionResetError: a fault of the plan drops the connection.
        """
        exchange = _Exchange(read_request(environ))
        try:
            response = self._respond(exchange)
        except ConnectionResetError:
            self._tell(exchange, _NO_ANSWER)
            raise
        self._tell(exchange, response.status)
        body = response.send(start_response, exchange.request_id)
        return [] if exchange.request.method == "HEAD" else body

    def _tell(self, exchange: _Exchange, status: int) -> None:
        if self._observer is None:
            return
        self._observer(
            Served(
                time=self.settings.clock(),
                method=exchange.request.method,
                path=exchange.request.path,
                operation=exchange.operation,
                status=status,
                error=exchange.error,
                account=exchange.account,
                ms=round((time.perf_counter() - exchange.began) * 1000, 3),
            )
        )

    def _respond(self, exchange: _Exchange) -> Response:
        try:
            return self._serve(exchange)
        except ServiceError as error:
            return self._refusal(exchange, error)
        except ConnectionResetError:
            raise
        except Exception:  # noqa: BLE001 - whatever it is, the client gets an answer
            self.crashes.append(traceback.format_exc())
            return self._refusal(exchange, InternalError("An internal error has occurred."))

    def _serve(self, exchange: _Exchange) -> Response:
        request = exchange.request
        with self._lock:
            exchange.request_id = next(self._request_ids)
        route = self._router.find(request.method, request.path)
        operation = route.operation
        exchange.operation = operation.name
        body = request.body()
        caller = self._caller(request, body)
        exchange.account = caller.account
        self._fail_on_demand(operation, request.headers.get("user-agent", ""))
        parts = Parts(route.labels, request.query, request.headers, body)
        handler = self._handlers.get(operation.name)
        if handler is None:
            raise ProtocolError(
                "NotImplementedException", 501, f"{operation.name} is not implemented."
            )
        params = self._reader.read(operation, parts)
        with self._lock:
            world = self.world(caller.region)
            answer = handler.run(Call(operation, caller.account, params, world))
            # Written under the lock: what it holds belongs to the world.
            return self._success(operation, answer)

    def _caller(self, request: Request, body: bytes) -> Caller:
        authorization = request.headers.get("authorization", "")
        caller = self.settings.accounts.caller(authorization, request.query)
        if self.settings.secret:
            service = self.contract.signing_name
            secret = self.settings.secret
            verify(request, body, secret=secret, service=service, now=time.time())
        return caller

    def _fail_on_demand(self, operation: Operation, user_agent: str) -> None:
        fault = self.plan.take(operation.name, user_agent)
        if fault is None:
            return
        if fault.kind == "drop":
            raise ConnectionResetError(f"The connection is dropped on demand: {operation}.")
        time.sleep(fault.seconds)
        error = fault.error()
        if error is not None:
            raise error

    def _success(self, operation: Operation, answer: dict[str, object]) -> Response:
        if operation.success_status == 204 or operation.output is None:  # noqa: PLR2004 - HTTP's own
            return Response(operation.success_status)
        return Response(operation.success_status, self._writer.to_json(operation.output, answer))

    def _refusal(self, exchange: _Exchange, error: ServiceError) -> Response:
        exchange.error = error.code
        modelled = self.contract.errors.get(error.code)
        document = {"message": error.message}
        headers = [("x-amzn-errortype", error.code)]
        status = _SERVER_FAULT
        if isinstance(error, ProtocolError):
            status = error.status
            headers += error.headers
        if modelled is not None:
            status = modelled.status
            document |= self._writer.write(modelled.shape, {**error.members, **document})
        return Response(status, encode(document), tuple(headers))


class _Exchange:
    """What is known of a request while it is served."""

    def __init__(self, request: Request) -> None:
        self.began = time.perf_counter()
        self.request = request
        self.operation = ""
        self.account = ""
        self.error = ""
        self.request_id = ""


def create_app(
    contract: Contract | None = None,
    *,
    seed: int = 0,
    clock: Clock = wall_clock,
    accounts: Accounts | None = None,
    quotas: Quotas | None = None,
    pace: Pace | None = None,
    secret: str = "",
    observer: Callable[[Served], None] | None = None,
) -> ReferenceTarget:
    """A reference target; the arguments are those of ``Settings`` and ``ReferenceTarget``.

    Args:
        contract: what it serves; Clean Rooms as the installed botocore knows it, if None.
        seed: of the identifiers.
        clock: tells the time in epoch seconds.
        accounts: maps access keys to accounts.
        quotas: how much there may be of everything; unlimited if None.
        pace: how long queries, jobs and exports take; about a second if None.
        secret: the secret access key of all callers; signatures are not verified if it is empty.
        observer: is told of each request after it was served.
    """
    settings = Settings(
        seed=seed,
        clock=clock,
        accounts=accounts or Accounts(),
        quotas=quotas or Quotas(),
        pace=pace or Pace(),
        secret=secret,
    )
    return ReferenceTarget(contract or load("cleanrooms"), settings, observer=observer)

"""Puts a fault between an HTTP server and the reference target.

A fault sees each request and each response, and changes what it likes. Knows nothing of the suite.
"""

from __future__ import annotations

import io
import json
import traceback
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from attrs import define, field

from conformance.contract import load
from conformance.reference import PREFIX, Control, ReferenceTarget, create_app
from conformance.reference.errors import ProtocolError
from conformance.reference.routes import Router
from conformance.reference.wsgi import read_request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

# --- what a fault sees and changes ------------------------------------------------------------


@define
class Request:
    """A request on its way to the reference target.

    Attributes:
        operation: whose path it has; empty where there is none.
        labels: what stands in the path, decoded.
    """

    operation: str
    labels: Mapping[str, str]
    method: str
    path: str
    query: str
    body: bytes
    environ: WSGIEnvironment = field(repr=False)

    @property
    def document(self) -> Any:
        """The body as JSON; None where it is none."""
        try:
            # As text: bytes would be taken for UTF-16, too.
            return json.loads(self.body.decode())
        except (ValueError, RecursionError):
            return None

    @document.setter
    def document(self, value: Any) -> None:
        self.body = json.dumps(value).encode()


@define
class Response:
    """A response on its way to the client.

    Attributes:
        headers: by lower-case name; the length follows from the body.
    """

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        return self.status < 300

    @property
    def document(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @document.setter
    def document(self, value: Any) -> None:
        self.body = json.dumps(value).encode()


def query_of(request: Request) -> dict[str, str]:
    """The parameters of the query; the last one where a name stands twice."""
    return dict(parse_qsl(request.query, keep_blank_values=True))


def set_query(request: Request, parameters: Mapping[str, str]) -> None:
    request.query = urlencode(parameters)


def refusal(status: int, code: str, **members: Any) -> Response:
    """An error of the protocol."""
    headers = {"content-type": "application/json", "x-amzn-errortype": code}
    return Response(status, headers, json.dumps({"message": "Refused.", **members}).encode())


@define
class Backend:
    """The reference target behind a fault.

    Attributes:
        memory: what the fault remembers; empty at the start of each run.
    """

    app: ReferenceTarget
    memory: dict[str, Any] = field(factory=dict)

    def send(self, request: Request) -> Response:
        """What the reference target answers."""
        environ = {
            **request.environ,
            "REQUEST_METHOD": request.method,
            "REQUEST_URI": f"{request.path}?{request.query}" if request.query else request.path,
            "CONTENT_LENGTH": str(len(request.body)),
            "wsgi.input": io.BytesIO(request.body),
        }
        started: list[tuple[str, list[tuple[str, str]]]] = []
        body = b"".join(self.app(environ, lambda *start: started.append(start)))  # type: ignore[arg-type]  # of WSGI's only two arguments are used
        ((status, headers),) = started
        return Response(int(status[:3]), {name.lower(): text for name, text in headers}, body)


#: Answers a request, with or without the reference target's help.
Fault = Callable[[Request, Backend], Response]


class Faulty:
    """The reference target with a fault, as a WSGI application.

    Attributes:
        crashes: tracebacks of failures that nobody asked for.
    """

    def __init__(self, fault: Fault) -> None:
        contract = load("cleanrooms")
        self._fault = fault
        self._router = Router(contract)
        self._backend = Backend(create_app(contract))
        self._control = Control(self._backend.app)
        self._crashes: list[str] = []

    @property
    def crashes(self) -> list[str]:
        return [*self._crashes, *self._backend.app.crashes]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if read_request(environ).path.startswith(PREFIX):
            return self._control(environ, start_response)
        try:
            response = self._fault(self._read(environ), self._backend)
        except ConnectionResetError:
            raise  # waitress closes the connection without an answer
        except Exception:  # noqa: BLE001 - told by the test that holds the suite against this
            self._crashes.append(traceback.format_exc())
            response = refusal(500, "InternalServerException")
        headers = {k: v for k, v in response.headers.items() if k != "content-length"}
        if response.status != HTTPStatus.NO_CONTENT:
            headers["content-length"] = str(len(response.body))
        start_response(f"{response.status} Told", list(headers.items()))
        return [response.body] if response.body else []

    def _read(self, environ: WSGIEnvironment) -> Request:
        request = read_request(environ)
        body = environ["wsgi.input"].read()
        try:
            route = self._router.find(request.method, request.path)
        except ProtocolError:
            operation, labels = "", {}
        else:
            operation, labels = route.operation.name, dict(route.labels)
        return Request(
            operation, labels, request.method, request.path, request.query, body, environ
        )


# --- faults of the simple kinds ---------------------------------------------------------------


def no_fault(request: Request, target: Backend) -> Response:
    return target.send(request)


def asked(*operations: str, edit: Callable[[Request], None]) -> Fault:
    """Changes requests before the reference target sees them."""

    def fault(request: Request, target: Backend) -> Response:
        if request.operation in operations:
            edit(request)
        return target.send(request)

    return fault


def body_asked(*operations: str, edit: Callable[[dict[str, Any]], object]) -> Fault:
    """Changes the body of requests, where it is a JSON object."""

    def edit_request(request: Request) -> None:
        document = request.document
        if isinstance(document, dict):
            edit(document)
            request.document = document

    return asked(*operations, edit=edit_request)


def answered(*operations: str, edit: Callable[[Response], object]) -> Fault:
    """Changes responses of success."""
    return _responses(operations, edit, ok=True)


def refused(*operations: str, edit: Callable[[Response], object]) -> Fault:
    """Changes responses of error."""
    return _responses(operations, edit, ok=False)


def _responses(
    operations: tuple[str, ...], edit: Callable[[Response], object], *, ok: bool
) -> Fault:
    def fault(request: Request, target: Backend) -> Response:
        response = target.send(request)
        if request.operation in operations and response.ok is ok:
            edit(response)
        return response

    return fault


def shown(*operations: str, edit: Callable[[dict[str, Any]], object]) -> Fault:
    """Changes the resource that a success holds, or the whole body where it holds a list.

    The outputs of operations on single resources have one member: the resource.
    """

    def edit_response(response: Response) -> None:
        document = response.document
        values = list(document.values())
        edit(values[0] if len(values) == 1 and isinstance(values[0], dict) else document)
        response.document = document

    return answered(*operations, edit=edit_response)


def each_row(operation: str, member: str, edit: Callable[[dict[str, Any]], object]) -> Fault:
    """Changes each row of a list."""

    def edit_rows(document: dict[str, Any]) -> None:
        for row in document[member]:
            edit(row)

    return shown(operation, edit=edit_rows)


def tokens_for_one_use(operation: str, again: Fault) -> Fault:
    """Gives tokens that are new each time.

    Args:
        again: answers who takes one that was taken before.
    """

    def fault(request: Request, target: Backend) -> Response:
        if request.operation != operation:
            return target.send(request)
        query = query_of(request)
        given = query.get("nextToken", "")
        taken: list[str] = target.memory.setdefault("taken", [])
        token, _, serial = given.rpartition(".")
        if serial:
            set_query(request, query | {"nextToken": token})
        answer = (again if given and given in taken else no_fault)(request, target)
        taken.append(given)
        if answer.ok and "nextToken" in answer.document:
            answer.document |= {"nextToken": f"{answer.document['nextToken']}.{len(taken)}"}
        return answer

    return fault


def set_to(**members: Any) -> Callable[[dict[str, Any]], None]:
    """Sets members of what is shown or asked."""
    return lambda document: document.update(members)


def without(*names: str) -> Callable[[dict[str, Any]], object]:
    """Takes members away, where they are."""
    return lambda document: [document.pop(name, None) for name in names]


def changed(name: str, change: Callable[[Any], Any]) -> Callable[[dict[str, Any]], None]:
    """Changes the value of a member."""
    return lambda document: document.update({name: change(document[name])})

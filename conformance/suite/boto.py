"""botocore's own client in front of the target, its requests sent as all others are."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final

import botocore.session
from attrs import define
from botocore import UNSIGNED, xform_name
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config

from conformance.contract import Operation
from conformance.suite.paging import MOST_PAGES
from conformance.suite.run import Run
from conformance.wire.exchange import Request

#: What its own client adds, and what signing adds anew.
_LEFT_OUT: Final = frozenset({"user-agent", "content-length", "host"})


@define(slots=False, eq=False)
class Boto:
    """A client of botocore for the service of a run.

    It builds requests and reads responses; they are signed and sent by the run's own client, so
    that they stand in the trace, whatever the target is.
    """

    run: Run

    @cached_property
    def client(self) -> Any:
        """The client; made at its first use, since that takes a moment."""
        target = self.run.target
        client = botocore.session.Session().create_client(
            self.run.contract.service,
            region_name=target.region,
            endpoint_url=target.endpoint_url,
            config=Config(
                signature_version=UNSIGNED,
                retries={"total_max_attempts": 1},
                inject_host_prefix=False,
            ),
        )
        # Who answers to this event sends the request; its stubs know of no answer.
        client.meta.events.register("before-send", self._send)  # type: ignore[arg-type]
        return client

    def items(self, operation: Operation, params: Mapping[str, Any], page_size: int) -> list[Any]:
        """What the operation's paginator yields as its items.

        Args:
            page_size: how many items to ask for on each page, where one can ask; no more than
                :data:`MOST_PAGES` of them are asked for.

        Raises:
            Exception: the client can make nothing of a response; of which kind, it does not say.
            Outcome: as :meth:`Client.send`.
        """
        paginator = self.client.get_paginator(xform_name(operation.name))
        pages = paginator.paginate(**params, PaginationConfig={"PageSize": page_size})
        (result, *_) = pages.result_keys
        some = itertools.islice(pages, MOST_PAGES)
        return [item for page in some for item in result.search(page) or ()]

    def _send(self, request: AWSPreparedRequest, **named: Any) -> AWSResponse:
        operation = self.run.contract.operations[named["event_name"].rpartition(".")[2]]
        body = request.body or b""
        assert isinstance(body, str | bytes)  # noqa: S101 - told to mypy: nothing is streamed
        sent = Request(
            request.method,
            request.url,
            tuple(
                (name, _text(value))
                for name, value in request.headers.items()
                if name.lower() not in _LEFT_OUT
            ),
            body.encode() if isinstance(body, str) else body,
        )
        response = self.run.client.send(operation, sent, valid=True).response
        headers = HTTPHeaders()
        for name, value in response.headers:
            headers[name] = value
        return AWSResponse(request.url, response.status, headers, _Raw(response.body))


@define
class _Raw:
    """A body that has been read, as botocore wants to read it."""

    body: bytes

    def stream(self, **_: Any) -> Any:
        """The body, in one piece."""
        yield self.body


def _text(value: Any) -> str:
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)

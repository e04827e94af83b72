"""One success and one error of each operation, asked for once and looked at by many checks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import define, field, frozen

from conformance.contract import Operation, Path
from conformance.suite.expect import SERVER_ERRORS, succeeded
from conformance.suite.judge import Finding, findings
from conformance.suite.recording import cause_of
from conformance.suite.run import Run
from conformance.suite.sites import paging_of
from conformance.target.client import Step
from conformance.target.outcomes import Deviation, Inconclusive, NotTestable, Outcome
from conformance.target.world import identity_of
from conformance.wire.reply import Reply
from conformance.wire.serialize import Override


@frozen
class Sample:
    """A reply, or why there is none, and the exchanges that led to it."""

    found: Reply | Outcome
    steps: tuple[Step, ...]


@define(eq=False)
class Samples:
    """The samples of a run."""

    run: Run
    _kept: dict[tuple[str, str], Sample] = field(factory=dict)

    def success(self, operation: Operation) -> Reply:
        """A reply to a valid call that succeeded.

        Raises:
            Deviation: a call that is valid by all that the spec knows was refused.
            Inconclusive: the call could not be made, or may have been invalid.
        """
        return self._sample(operation, "success", self._succeed)

    def error(self, operation: Operation) -> Reply:
        """A reply to a call that has to be refused.

        Raises:
            NotTestable: the operation refused nothing, so there is no error to look at.
        """
        return self._sample(operation, "error", self._fail)

    def hold(self, reply: Reply, check: str) -> None:
        """Holds a reply against one of the requirements on every response.

        Raises:
            Deviation: it does not meet it.
        """
        self.run.observations.clear()
        mine = self._answers_for(reply.operation)
        found = [f for f in findings(reply, self.run.spec, mine) if f.check == check]
        if found:
            raise _deviation(reply, found)

    def _answers_for(self, operation: Operation) -> Callable[[Any], bool]:
        run = self.run
        owner = run.spec.owner(operation)
        if run.world.read_only or owner is None or owner.role_of(operation.name) != "list":
            return lambda _row: True
        create = run.contract.operations.get(owner.operations["create"])
        if create is None or not run.inputs.has(create):
            # Nobody can have made a row out of what should have been refused.
            return lambda _row: True
        made = run.world.identities()
        return lambda row: identity_of(row) in made

    def _sample(self, operation: Operation, kind: str, ask: Callable[[Operation], Reply]) -> Reply:
        client = self.run.client
        key = (operation.name, kind)
        if key not in self._kept:
            client.start_trace()
            found: Reply | Outcome
            try:
                found = ask(operation)
            except Outcome as outcome:
                found = outcome
            self._kept[key] = Sample(found, tuple(client.trace))
        sample = self._kept[key]
        client.trace = list(sample.steps)
        if isinstance(sample.found, Outcome):
            raise sample.found
        return sample.found

    def _succeed(self, operation: Operation) -> Reply:
        inputs = self.run.inputs
        prepared = inputs.valid(operation)
        site = paging_of(operation)
        largest = site.sized(site.largest_page) if site else {}
        reply = self.run.client.call(operation, prepared.params | largest)
        inputs.after(operation, reply, prepared)
        if not reply.ok and not prepared.bound and reply.status < SERVER_ERRORS:
            raise Inconclusive(
                f"{operation} needs something that exists, and no spec says how to make it"
            )
        # A success that cannot be read is still one; each check holds its own against it.
        return reply if reply.ok else succeeded(reply)

    def _fail(self, operation: Operation) -> Reply:
        inputs, client = self.run.inputs, self.run.client
        if operation.labels:
            params = inputs.made_up(operation)
            reply = client.call(operation, params)
        else:
            broken = _breakable(operation)
            prepared = inputs.valid(operation, scratch=True)
            reply = client.call(operation, prepared.params, overrides=(broken,), valid=False)
            inputs.after(operation, reply, prepared)
        if reply.ok:
            raise NotTestable(f"{operation} answered nothing that was tried with an error")
        return reply


def _breakable(operation: Operation) -> Override:
    for name, member in operation.members.items():
        if member.location == "body" and member.required:
            return Override(
                Path((name,)), {"not": "this"} if member.shape.type == "string" else "x"
            )
    for name, member in operation.members.items():
        if member.location == "query" and member.shape.type in ("integer", "long"):
            return Override(Path((name,)), "x")
    raise NotTestable(f"{operation} has no member that could be wrong")


def _deviation(reply: Reply, found: list[Finding]) -> Deviation:
    first = found[0]
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return Deviation(
        first.message + more,
        expected=first.expected,
        got=first.got,
        cause=cause_of(first.check, reply.operation.name, first.where),
        exchange=reply.exchange,
    )

"""What became of each case, as plain data that crosses process borders and ends in report.json."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any, Final, Literal

import pytest
from attrs import define, field

from conformance.suite.checks import Check, Site, claim_at
from conformance.suite.reproduce import reproduction
from conformance.suite.run import Observation, Run
from conformance.target.client import Step
from conformance.target.outcomes import (
    Deviation,
    Inconclusive,
    NotImplementedByTarget,
    NotTestable,
    Outcome,
    TargetLost,
)
from conformance.wire.exchange import Exchange
from conformance.wire.redaction import scrub
from conformance.wire.reply import Reply

Verdict = Literal["passed", "deviates", "not_implemented", "skipped", "inconclusive", "fault"]

_UNJUDGED: Final[tuple[tuple[tuple[type[BaseException], ...], Verdict], ...]] = (
    ((NotImplementedByTarget,), "not_implemented"),
    ((Inconclusive, TargetLost), "inconclusive"),
    ((NotTestable, pytest.skip.Exception), "skipped"),
)

#: Most exchanges that are kept of one case; a walk over many pages needs no more to be understood.
_KEPT: Final = 12


@define
class Recorder:
    """Collects what belongs to the case that is running.

    Attributes:
        run: of this process.
        outcome: what the check came to, if not to passing.
    """

    run: Run
    check: Check
    site: Site
    outcome: Outcome | None = None
    started: float = field(factory=time.perf_counter)

    @property
    def case(self) -> str:
        """The name of the case."""
        return self.check.case(self.site)

    def result(self, excinfo: pytest.ExceptionInfo[BaseException] | None) -> dict[str, Any]:
        """The result of the case, given what its function raised."""
        verdict, message, deviation = _verdict(self.outcome or (excinfo and excinfo.value))
        result = self._base() | {"verdict": verdict, "message": message}
        choices = self.run.choices | self._chosen(result["facts"])
        if choices:
            result["choices"] = choices
        if deviation is not None:
            result |= self._details(deviation)
        if verdict == "fault" and excinfo is not None:
            result["traceback"] = str(excinfo.getrepr(style="short"))
        return result if verdict == "passed" else self._publishable(result)

    def _chosen(self, facts: Iterable[str]) -> dict[str, str]:
        known = self.run.spec.facts
        asked = [fact for fact in facts if fact in known and known[fact].level == "UNKNOWN"]
        return dict.fromkeys(asked, self.run.chosen) if self.run.chosen else {}

    def _publishable(self, value: Any) -> Any:
        """A copy without what signed the requests, wherever the target may have echoed it."""
        travelled = {s for step in self.run.client.trace for s in step.exchange.request.secrets()}
        lasting = {s for account in self.run.target.accounts for s in account.secrets}
        return _scrubbed(value, sorted(travelled | lasting, key=len, reverse=True))

    def _base(self) -> dict[str, Any]:
        operation = self.site.operation
        claim = claim_at(self.site)
        return {
            "case": self.case,
            "check": self.check.id,
            "operation": operation.name if operation else "",
            "site": str(self.site),
            "cause": "",
            "level": str(claim.level if claim else self.check.level),
            "basis": claim.basis if claim else self.check.citation.basis,
            "citation": claim.cites if claim else self.check.citation.text,
            "facts": list(self.run.tracer.facts_of(self.check, self.site)),
            "duration_s": round(time.perf_counter() - self.started, 6),
            "exchanges": [],
            "reproduce": {"curl": "", "python": ""},
        }

    def _details(self, deviation: Deviation) -> dict[str, Any]:
        steps = self.run.client.trace
        operation = self.site.operation
        exchange = deviation.exchange or (steps[-1].exchange if steps else None)
        default = f"{self.check.id}@{operation.name if operation else self.site}"
        return {
            "cause": deviation.cause or default,
            "expected": deviation.expected,
            "got": deviation.got,
            "sent": self._sent(steps, exchange),
        } | evidence(self.run, steps, exchange, whole=deviation.whole)

    def _sent(self, steps: list[Step], last: Exchange | None) -> str:
        """What led to a deviation: where it shows in a read, also what had changed something."""
        read = sent(last)
        if last is None or not self._only_reads(last):
            return read
        changes = [
            step.exchange
            for step in _until(steps, last)
            if step.role == "check" and not self._only_reads(step.exchange)
        ]
        return f"{sent(changes[-1])}, then {read}" if changes else read

    def _only_reads(self, exchange: Exchange) -> bool:
        operation = self.run.contract.operations.get(exchange.operation)
        return operation is not None and operation.read_only

    def observed(self) -> list[dict[str, Any]]:
        """The findings on responses that the case saw, as results of the checks that they break."""
        found = [self._publishable(self._observed(o)) for o in self.run.observations]
        self.run.observations.clear()
        return found

    def _observed(self, observation: Observation) -> dict[str, Any]:
        finding = observation.finding
        exchange = observation.reply.exchange
        steps = self.run.client.trace
        return {
            "case": f"{finding.check}[{observation.operation}]",
            "check": finding.check,
            "operation": observation.operation,
            "site": observation.operation,
            "cause": cause_of(finding.check, observation.operation, finding.where),
            "verdict": "deviates",
            "message": finding.message,
            "expected": finding.expected,
            "got": finding.got,
            "sent": sent(exchange),
            "seen_in": self.case,
        } | evidence(self.run, steps, exchange)


def _scrubbed(value: Any, secrets: list[str]) -> Any:
    if isinstance(value, str):
        return scrub(value, secrets)
    if isinstance(value, dict):
        return {key: _scrubbed(inner, secrets) for key, inner in value.items()}
    if isinstance(value, list):
        return [_scrubbed(inner, secrets) for inner in value]
    return value


def cause_of(check: str, operation: str, where: str) -> str:
    """The cause of a finding: one member of one operation's responses."""
    return f"{check}@{operation}" + (f":{where}" if where else "")


def evidence(
    run: Run, steps: list[Step], last: Exchange | None, *, whole: bool = False
) -> dict[str, Any]:
    """The exchanges up to the one that shows a deviation, and commands that repeat them.

    Args:
        whole: whether none of them may be left out.
    """
    until = _until(steps, last)
    shown = until if whole else _relevant(until)
    return {
        "exchanges": [_exchange(run, step, last) for step in shown],
        "reproduce": reproduction(run.contract, run.target, shown),
    }


def _until(steps: list[Step], last: Exchange | None) -> list[Step]:
    """The steps up to an exchange; all where it is none of them."""
    index = next((i for i, step in enumerate(steps) if step.exchange is last), len(steps) - 1)
    return steps[: index + 1]


def _relevant(steps: list[Step]) -> list[Step]:
    if len(steps) <= _KEPT:
        return steps
    setup = [step for step in steps if step.role == "setup"][-_KEPT // 2 :]
    checked = [step for step in steps if step.role == "check"]
    kept = {id(step) for step in (*setup, *checked[: _KEPT // 4], *checked[-_KEPT // 4 :])}
    return [step for step in steps if id(step) in kept]


def _exchange(run: Run, step: Step, last: Exchange | None) -> dict[str, Any]:
    exchange = step.exchange
    document = exchange.to_json() | {"role": step.role}
    operation = run.contract.operations.get(exchange.operation)
    if exchange is last and exchange.response is not None and operation is not None:
        reply = Reply(run.contract, operation, exchange)
        document["botocore"] = reply.as_botocore_sees_it[:2000]
    return document


def sent(exchange: Exchange | None) -> str:
    """A request in one line."""
    if exchange is None:
        return ""
    request = exchange.request
    body = request.body[:300].decode("utf-8", "replace")
    return f"{request.method} {request.target} {body}".rstrip()


def _verdict(error: BaseException | None) -> tuple[Verdict, str, Deviation | None]:
    if error is None:
        return "passed", "", None
    if isinstance(error, Deviation):
        return "deviates", error.message, error
    for kinds, verdict in _UNJUDGED:
        if isinstance(error, kinds):
            return verdict, str(error), None
    return "fault", f"{type(error).__name__}: {error}", None

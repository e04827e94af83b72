"""What a report proves: the certificate of a level, or what stands in its way.

A deviation that a ledger waives is still one: a ledger keeps CI quiet, it changes no behaviour. And
a run that left anything open (a filter, an early end, an inconclusive case) proves nothing at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, Final

from attrs import frozen

from conformance.certification.levels import Level, Requirements
from conformance.errors import UsageError
from conformance.report.load import dumped
from conformance.report.text import plural
from conformance.report.types import DEVIATIONS, Report, Result
from conformance.report.whole import left_out

SCHEMA: Final = "conformance-certificate/1"


@frozen
class Certificate:
    """A level, and what it was certified for.

    Attributes:
        operations: those that the target has, and that are certified.
        missing: those of the contract that it does not have; nothing is said of them.
        passed, skipped: cases of the level; skipped ones could not apply, each with a reason in
            the report.
        target_name, target_version: what its owner calls it, and in which version it was tested.
        report_sha256: of the report that proves it.
    """

    requirements: Requirements
    operations: tuple[str, ...]
    missing: tuple[str, ...]
    passed: int
    skipped: int
    target_name: str
    target_version: str
    report: Report
    report_sha256: str

    @property
    def level(self) -> Level:
        """The level that is certified."""
        return self.requirements.level

    @property
    def partial(self) -> bool:
        """Whether the contract has operations that the target does not have."""
        return bool(self.missing)

    @property
    def sentence(self) -> str:
        """All of it in one sentence, the limits included."""
        contract = self.report["contract"]
        has, total = len(self.operations), len(self.operations) + len(self.missing)
        where = (
            f"in the {has} of {total} operations that it has; the other {total - has} "
            f"{'is' if total - has == 1 else 'are'} not certified"
            if self.partial
            else f"in all {total} operations"
        )
        return (
            f"{self.target_name} {self.target_version}".strip()
            + f" conforms to {contract['service']} {contract['api_version']} at level "
            + f"{self.level!r} {where}."
        )

    def as_data(self) -> dict[str, Any]:
        """The certificate as it stands in certificate.json."""
        target, contract = self.report["target"], self.report["contract"]
        return {
            "schema": SCHEMA,
            "level": self.level,
            "sentence": self.sentence,
            "date": self.report["started"],
            "tool": dict(self.report["tool"]),
            "contract": {
                key: contract[key] for key in ("service", "api_version", "botocore", "model_sha256")
            },
            "requirements": {
                "sha256": self.requirements.sha256,
                "checks": len(self.requirements.checks),
                "cases": self.requirements.cases,
            },
            "target": {
                "name": self.target_name,
                "version": self.target_version,
                "server": target["version"],
                "kind": target["kind"],
            },
            "partial": self.partial,
            "operations": {"certified": list(self.operations), "missing": list(self.missing)},
            "cases": {"passed": self.passed, "skipped": self.skipped},
            "report_sha256": self.report_sha256,
        }


@frozen
class Refusal:
    """Why a level is not certified.

    Attributes:
        deviating: the operations that the target has and in which it deviates, with how many cases
            of the level do.
    """

    level: Level
    deviating: tuple[tuple[str, int], ...]

    @property
    def sentence(self) -> str:
        """The same in one sentence."""
        cases = sum(count for _, count in self.deviating)
        return (
            f"Level {self.level!r} is not reached: {plural(cases, 'case')} deviate"
            f"{'s' if cases == 1 else ''} in {plural(len(self.deviating), 'operation')}."
        )


def certify(
    report: Report, requirements: Requirements, *, target_name: str, target_version: str
) -> Certificate | Refusal:
    """Holds a report against the requirements of a level.

    Raises:
        UsageError: the report proves nothing: it is not of a whole run, or of another contract or
            an older suite, or left something open.
    """
    _check_whole(report, requirements)
    results = [each for each in report["results"] if each["check"] in requirements.checks]
    deviating = _deviating(results)
    if deviating:
        return Refusal(requirements.level, deviating)
    operations = tuple(sorted({r["operation"] for r in results if r["verdict"] == "passed"} - {""}))
    if not operations:
        raise UsageError("The target has none of the operations of the contract.")
    return Certificate(
        requirements=requirements,
        operations=operations,
        missing=tuple(sorted(set(report["operations"]) - set(operations))),
        passed=sum(1 for r in results if r["verdict"] == "passed"),
        skipped=sum(1 for r in results if r["verdict"] == "skipped"),
        target_name=target_name,
        target_version=target_version,
        report=report,
        report_sha256=hashlib.sha256(
            dumped(report).encode("utf-8", "backslashreplace")
        ).hexdigest(),
    )


def _check_whole(report: Report, requirements: Requirements) -> None:
    reasons = left_out(report)
    if count := report["summary"]["inconclusive"]:
        reasons.append(f"{plural(count, 'inconclusive case')}")
    if report["contract"]["model_sha256"] != requirements.model_sha256:
        reasons.append("it is of another version of the contract")
    ran: dict[str, int] = {}
    for result in report["results"]:
        ran[result["check"]] = ran.get(result["check"], 0) + 1
    short = [name for name, cases in requirements.checks.items() if ran.get(name, 0) < cases]
    if short and not reasons:
        reasons.append(f"it has fewer cases than the level demands of {', '.join(short)}")
    if reasons:
        raise UsageError(
            f"Nothing can be certified from this run: {'; '.join(reasons)}.",
            "Certify from a whole run, without filters, that came to a judgement in every case.",
        )


def _deviating(results: Sequence[Result]) -> tuple[tuple[str, int], ...]:
    counted: dict[str, int] = {}
    for result in results:
        if result["verdict"] in DEVIATIONS:
            counted[result["operation"]] = counted.get(result["operation"], 0) + 1
    return tuple(sorted(counted.items(), key=lambda item: (-item[1], item[0])))

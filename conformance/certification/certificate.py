"""What a report proves: the certificate of a level, or what stands in its way.

A deviation that a ledger waives is still one: a ledger keeps CI quiet, it changes no behaviour. And
a run that left anything open (a filter, an early end, an inconclusive case) proves nothing at all.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

from attrs import frozen

from conformance.certification.levels import Level, Requirements
from conformance.errors import UsageError
from conformance.report.load import dumped
from conformance.report.text import listed, plural
from conformance.report.types import DEVIATIONS, JUDGED, Report, Result
from conformance.report.whole import left_out

SCHEMA: Final = "conformance-certificate/1"
_NAMED: Final = 3


@frozen
class Beyond:
    """Cases of a check that the level does not demand.

    Attributes:
        newer: how many of them no level of this contract has yet.
        deviates: in how many of them the target deviates, waived or not.
    """

    check: str
    cases: int
    newer: int
    deviates: int


@frozen
class Certificate:
    """A level, and what it was certified for.

    Attributes:
        operations: those that the target has, and that are certified.
        missing: those of the contract that it does not have; nothing is said of them.
        untested: those that no case of the level came to a judgement on; nothing is said of them.
        passed, skipped: cases of the level; skipped ones could not apply, each with a reason in
            the report.
        beyond: what else the run looked at.
        target_name, target_version: what its owner calls it, and in which version it was tested.
        report_sha256: of the report that proves it.
    """

    requirements: Requirements
    operations: tuple[str, ...]
    missing: tuple[str, ...]
    untested: tuple[str, ...]
    passed: int
    skipped: int
    beyond: tuple[Beyond, ...]
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
        """Whether the contract has operations that are not certified."""
        return bool(self.missing or self.untested)

    @property
    def sentence(self) -> str:
        """All of it in one sentence, the limits included."""
        contract = self.report["contract"]
        return (
            f"{self.target_name} {self.target_version}".strip()
            + f" conforms to {contract['service']} {contract['api_version']} at level "
            + f"{self.level!r} {self._where()}{self._but()}."
        )

    def _where(self) -> str:
        has, rest = len(self.operations), len(self.missing) + len(self.untested)
        if not rest:
            return f"in all {has} operations"
        others = f"the other {rest} {'is' if rest == 1 else 'are'} not certified"
        if not self.untested:
            return f"in the {has} of {has + rest} operations that it has; {others}"
        return f"in {has} of {has + rest} operations; {others}"

    def _but(self) -> str:
        count = sum(each.deviates for each in self.beyond)
        if not count:
            return ""
        verb = "deviates" if count == 1 else "deviate"
        return f"; {plural(count, 'case')} that the level does not demand {verb}"

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
                "cases": len(self.requirements.cases),
            },
            "target": {
                "name": self.target_name,
                "version": self.target_version,
                "server": target["version"],
                "kind": target["kind"],
            },
            "partial": self.partial,
            "operations": {
                "certified": list(self.operations),
                "missing": list(self.missing),
                "untested": list(self.untested),
            },
            "cases": {"passed": self.passed, "skipped": self.skipped},
            "beyond": {
                each.check: {"cases": each.cases, "newer": each.newer, "deviates": each.deviates}
                for each in self.beyond
            },
            "report_sha256": self.report_sha256,
        }


@frozen
class Refusal:
    """Why a level is not certified.

    Attributes:
        deviating: the operations that the target has and in which it deviates, with how many cases
            of the level do.
        waived: how many of these cases a ledger waives.
    """

    level: Level
    deviating: tuple[tuple[str, int], ...]
    waived: int

    @property
    def sentence(self) -> str:
        """The same in one sentence."""
        cases = sum(count for _, count in self.deviating)
        said = (
            f"Level {self.level!r} is not reached: {plural(cases, 'case')} deviate"
            f"{'s' if cases == 1 else ''} in {plural(len(self.deviating), 'operation')}"
        )
        if not self.waived:
            return f"{said}."
        share = "All" if self.waived == cases else f"{self.waived:,}"
        return f"{said}. {share} of these are in a ledger: it keeps CI quiet and changes nothing."


def certify(
    report: Report, requirements: Requirements, *, target_name: str, target_version: str
) -> Certificate | Refusal:
    """Holds a report against the requirements of a level.

    Raises:
        UsageError: the report proves nothing: it is not of a whole run, or of another contract or
            an older suite, or left something open.
    """
    _check_whole(report, requirements)
    results = [each for each in report["results"] if each["case"] in requirements.cases]
    if deviating := _deviating(results):
        waived = sum(1 for each in results if each["verdict"] == "waived")
        return Refusal(requirements.level, deviating, waived)
    operations = {r["operation"] for r in results if r["verdict"] in JUDGED} - {""}
    if not operations:
        raise UsageError("The target has none of the operations of the contract.")
    others = {name: facts["implemented"] for name, facts in report["operations"].items()}
    for name in operations:
        others.pop(name, None)
    return Certificate(
        requirements=requirements,
        operations=tuple(sorted(operations)),
        missing=tuple(sorted(name for name, has in others.items() if has is False)),
        untested=tuple(sorted(name for name, has in others.items() if has is not False)),
        passed=sum(1 for r in results if r["verdict"] == "passed"),
        skipped=sum(1 for r in results if r["verdict"] == "skipped"),
        beyond=_beyond(report["results"], requirements),
        target_name=target_name,
        target_version=target_version,
        report=report,
        report_sha256=hashlib.sha256(
            dumped(report).encode("utf-8", "backslashreplace")
        ).hexdigest(),
    )


def _check_whole(report: Report, requirements: Requirements) -> None:
    reasons = left_out(report)
    drawn = report["options"].get("max_examples", requirements.examples)
    if drawn < requirements.examples:
        reasons.append(f"--max-examples {drawn} where the level demands {requirements.examples}")
    explored = report["options"].get("explore", requirements.sequences)
    if explored < requirements.sequences:
        reasons.append(f"--explore {explored} where the level demands {requirements.sequences}")
    if count := report["summary"]["inconclusive"]:
        reasons.append(f"{plural(count, 'inconclusive case')}")
    if report["contract"]["model_sha256"] != requirements.model_sha256:
        reasons.append("it is of another version of the contract")
    if not reasons and (short := requirements.cases - {r["case"] for r in report["results"]}):
        named = listed([*sorted(short)[:_NAMED], *_more(len(short) - _NAMED)])
        reasons.append(f"the level demands what it does not have: {named}")
    if reasons:
        raise UsageError(
            f"Nothing can be certified from this run: {'; '.join(reasons)}.",
            "Certify from a whole run, without filters, that came to a judgement in every case.",
        )


def _more(count: int) -> list[str]:
    return [f"{count:,} more"] if count > 0 else []


def _beyond(results: Iterable[Result], requirements: Requirements) -> tuple[Beyond, ...]:
    cases: Counter[str] = Counter()
    newer: Counter[str] = Counter()
    deviates: Counter[str] = Counter()
    for result in results:
        if result["case"] in requirements.cases or result["verdict"] not in JUDGED:
            continue
        cases[result["check"]] += 1
        newer[result["check"]] += result["case"] not in requirements.published
        deviates[result["check"]] += result["verdict"] in DEVIATIONS
    return tuple(Beyond(id_, cases[id_], newer[id_], deviates[id_]) for id_ in sorted(cases))


def _deviating(results: Sequence[Result]) -> tuple[tuple[str, int], ...]:
    counted = Counter(r["operation"] for r in results if r["verdict"] in DEVIATIONS)
    return tuple(sorted(counted.items(), key=lambda item: (-item[1], item[0])))

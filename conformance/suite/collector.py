"""Gathers the results of all processes of a run and makes the report of them."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final

import pytest
from attrs import define, field

import conformance
from conformance.contract.sites import CONSTRAINT_KINDS, count_sites, counted
from conformance.ledger import Ledger, Shortfall
from conformance.spec.prerequisites import lacking
from conformance.suite.checks import catalogue
from conformance.suite.coverage import error_ledger, site_ledger
from conformance.suite.run import Plan
from conformance.suite.tracing import choices, fact_ledger, statements, traced

NAME: Final = "conformance-collector"
VERDICTS: Final = ("passed", "deviates", "waived", "not_implemented", "skipped", "inconclusive")


@define(eq=False)
class Collector:
    """The results of a run, as they come in.

    Attributes:
        planned: how many cases were to run.
        lost: why the target counts as lost; empty if it does not.
        stopped: why the run ended early; empty if it did not.
        errors: which errors operations answered with, of those that they declare.
        deviating: how many cases deviate and are in no ledger, as far as it is known.
    """

    plan: Plan
    deadline: float
    planned: int = 0
    lost: str = ""
    stopped: str = ""
    server: str = ""
    requests: int = 0
    deviating: int = 0
    notes: list[str] = field(factory=list)
    errors: set[tuple[str, str]] = field(factory=set)
    _results: dict[str, dict[str, Any]] = field(factory=dict)
    _observed: dict[str, list[dict[str, Any]]] = field(factory=dict)
    _started: float = field(factory=time.perf_counter)
    _started_at: dt.datetime = field(factory=lambda: dt.datetime.now(tz=dt.UTC))

    # --- what pytest tells -----------------------------------------------------------------------

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Counts the cases that are to run."""
        self.planned = max(self.planned, len(session.items))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Takes in what became of a case."""
        self.lost = self.lost or getattr(report, "conformance_lost", "")
        for number, result in enumerate(getattr(report, "conformance", ())):
            if number == 0:
                self._results[result["case"]] = result
                self.deviating += self._waived(result)["verdict"] == "deviates"
            else:
                self._observed.setdefault(result["case"], []).append(result)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """Counts the cases that are to run when other processes collect them."""
        self.planned = max(self.planned, len(ids))

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Takes in what another process counted."""
        self.take(getattr(node, "workeroutput", {}).get("conformance", {}))

    def take(self, counted: dict[str, Any]) -> None:
        """Takes in what a process counted."""
        self.requests += counted.get("requests", 0)
        self.server = self.server or counted.get("server", "")
        self.notes += counted.get("notes", [])
        self.errors.update((operation, code) for operation, code in counted.get("errors", ()))

    # --- what comes of it ------------------------------------------------------------------------

    @property
    def count(self) -> int:
        """How many cases have a result."""
        return len(self._results)

    def results(self) -> list[dict[str, Any]]:
        """The results of all cases, by name; findings on other cases' responses are taken in."""
        return [self._final(case) for case in sorted(self._results)]

    def _final(self, case: str) -> dict[str, Any]:
        result = self._results[case]
        observed = self._observed.get(case)
        if observed and result["verdict"] in ("passed", "skipped", "inconclusive"):
            seen = min(observed, key=lambda o: (o["seen_in"], o["message"], o["got"]))
            result = result | {key: value for key, value in seen.items() if key != "duration_s"}
        return self._waived(result)

    def _waived(self, result: dict[str, Any]) -> dict[str, Any]:
        entry = (
            self.plan.ledger.waives(result)
            if self.plan.ledger and result["verdict"] == "deviates"
            else None
        )
        if entry is None:
            return result
        return result | {"verdict": "waived", "ledger_reason": entry.reason}

    def report(self) -> dict[str, Any]:
        """The content of report.json."""
        results = self.results()
        faults = [result for result in results if result["verdict"] == "fault"]
        shown = [result for result in results if result["verdict"] != "fault"]
        stopped = self._why_stopped()
        return {
            "schema": "conformance-report/1",
            "tool": {"name": "aws-conformance", "version": conformance.__version__},
            "started": self._started_at.isoformat(timespec="seconds"),
            "duration_s": round(time.perf_counter() - self._started, 3),
            "seed": self.plan.settings.seed,
            "complete": not stopped,
            "stopped": stopped,
            "planned": self.planned,
            "catalogue": {"checks": len(catalogue()), "cases": self._every_case()},
            # That nothing was explored is told, too: 0 is no default.
            "options": {
                name: value
                for name, value in self._options().items()
                if value or type(value) is int
            },
            "contract": self._contract(),
            "target": self._target(),
            "summary": _counted(shown) | {"requests": self.requests},
            "operations": self._operations(shown),
            "coverage": self._coverage(shown),
            "checks": self._checks(shown),
            "facts": statements(self.plan.spec, shown),
            "choices": choices(self.plan.spec, shown),
            "results": shown,
            "faults": [
                {"case": f["case"], "message": f["message"], "traceback": f.get("traceback", "")}
                for f in faults
            ],
            "ledger": self._ledger(shown, stopped=stopped),
            "notes": sorted({*self.notes, *self._not_given(shown)}),
        }

    def _not_given(self, results: list[dict[str, Any]]) -> Iterator[str]:
        """What the user did not say there is, each with what that costs."""
        for name, says in self.plan.spec.prerequisites.items():
            why = lacking(name, says)
            costs = [result for result in results if why in result.get("message", "")]
            if costs:
                checks = sorted({result["check"] for result in costs})
                yield (
                    f"{name} is not given, {says}: {counted(len(costs), 'case')} of "
                    f"{counted(len(checks), 'check')} not run ({', '.join(checks)})"
                )

    def _why_stopped(self) -> str:
        if self.lost:
            return f"target lost: {self.lost}"
        if self.stopped:
            return self.stopped
        if self.count < self.planned and time.monotonic() > self.deadline:
            return f"time budget of {self.plan.settings.max_time_s:g} s used up"
        return "" if self.count >= self.planned else "interrupted"

    def _options(self) -> dict[str, Any]:
        settings = self.plan.settings
        return {
            "checks": [str(glob) for glob in settings.checks],
            "operations": [str(glob) for glob in settings.operations],
            "cases": [str(glob) for glob in settings.cases],
            "level": str(settings.level),
            "quick": settings.quick,
            "read_only": settings.read_only,
            "verifies_signatures": settings.verifies_signatures,
            "control_url": settings.control_url,
            "max_examples": settings.max_examples,
            "explore": settings.sequences,
            "out": str(settings.out_as_given),
        }

    def _contract(self) -> dict[str, Any]:
        contract = self.plan.contract
        constraints, unions = count_sites(contract)
        return {
            "service": contract.service,
            "full_name": contract.full_name,
            "api_version": contract.api_version,
            "botocore": contract.botocore_version,
            "model_sha256": contract.model_sha256,
            "operations": len(contract.operations),
            "paginators": len(contract.paginators),
            "union_sites": unions,
            "constraint_sites": constraints,
        }

    def _target(self) -> dict[str, Any]:
        target = self.plan.target
        return {
            "kind": target.kind,
            "endpoint_url": target.endpoint_url,
            "region": target.region,
            "accounts": len(target.accounts),
            "source": target.source,
            "version": self.server,
        }

    def _operations(self, results: list[dict[str, Any]]) -> dict[str, Any]:
        by_operation: dict[str, list[dict[str, Any]]] = {}
        for result in results:
            by_operation.setdefault(result["operation"], []).append(result)
        return {
            name: {"implemented": _implemented(found)} | _counted(found)
            for name in sorted(self.plan.contract.operations)
            if (found := by_operation.get(name, [])) or not self.plan.settings.filtered
        }

    def _coverage(self, results: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
        """How many of the contract's sites came to a judgement, and why the others did not."""
        constraints, unions = count_sites(self.plan.contract)
        judged = [r for r in results if r["verdict"] in ("passed", "deviates", "waived")]
        kinds = {f"input.{kind}" for kind in CONSTRAINT_KINDS}
        counted: dict[str, Any] = {
            "constraint sites": {
                "covered": sum(result["check"] in kinds for result in judged),
                "total": constraints,
            },
            "union sites": {
                "covered": len({r["site"] for r in judged if r["check"].startswith("union.")}),
                "total": unions,
            },
            "operations": {
                "covered": len({r["operation"] for r in judged if r["operation"]}),
                "total": len(self.plan.contract.operations),
            },
        }
        if self.plan.settings.filtered:
            # A part of a run says nothing of the sites that it leaves out.
            return counted
        plan = self.plan
        operations = self._operations(results)
        missing = {name for name, told in operations.items() if told["implemented"] is False}
        ledgers = {"errors": error_ledger(plan.contract, plan.spec, self.errors, missing)}
        shown = traced(plan.contract, plan.spec)
        ledgers |= {"facts": fact_ledger(plan.spec, shown, results)}
        told = {name: ledger for name, ledger in ledgers.items() if ledger}
        return counted | site_ledger(plan.contract, plan.spec, results) | told

    def _checks(self, results: list[dict[str, Any]]) -> dict[str, Any]:
        ran = {result["check"] for result in results}
        return {
            check.id: {
                "level": str(check.level),
                "basis": check.citation.basis,
                "title": check.requirement,
                "requirement": check.requirement,
                "citation": check.citation.text,
                "category": check.category,
            }
            for check in catalogue()
            if check.id in ran
        }

    def _every_case(self) -> int:
        """How many cases the catalogue has on the contract, whatever was selected of them."""
        contract, spec = self.plan.contract, self.plan.spec
        return sum(1 for check in catalogue() for _ in check.over(contract, spec))

    def _ledger(self, results: list[dict[str, Any]], *, stopped: str) -> dict[str, Any] | None:
        ledger = self.plan.ledger
        if ledger is None:
            return None
        # pytest's own options narrow a run, too: -k, -m, --deselect, node ids.
        narrowed = self.plan.settings.filtered or self.planned < self._every_case()
        stale = ledger.stale(results, everything_ran=not stopped and not narrowed)
        short = None if narrowed else self._shortfall(ledger, results)
        facts: dict[str, Any] = {
            "file": ledger.path.name,
            "rows": len(ledger.entries),
            "unseen": ledger.unseen(results) if stopped or narrowed else 0,
            "waived": sum(1 for result in results if result["verdict"] == "waived"),
            "stale": [{"entry": str(each.entry), "why": each.why} for each in stale],
            "passing": [
                {"entry": str(each.entry), "cases": list(each.cases)}
                for each in ledger.passing(results)
            ],
        }
        if short is None:
            return facts
        less = {name: {"judged": now, "was": was} for name, (now, was) in short.less.items()}
        facts["stale"].append({"entry": str(short), "why": short.why})
        return facts | {"less": less}

    def _shortfall(self, ledger: Ledger, results: list[dict[str, Any]]) -> Shortfall | None:
        contract = self.plan.contract
        if ledger.made_from is None:
            return None
        return ledger.made_from.shortfall(
            results, model_sha256=contract.model_sha256, operations=contract.operations
        )


def _implemented(results: list[dict[str, Any]]) -> bool | None:
    if not results:
        return None
    return not all(result["verdict"] == "not_implemented" for result in results)


def _counted(results: Iterable[dict[str, Any]]) -> dict[str, int]:
    counted = Counter(result["verdict"] for result in results)
    return {verdict: counted[verdict] for verdict in VERDICTS}

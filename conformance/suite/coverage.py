"""The coverage ledger: what became of each place at which an input can be wrong or only just right.

It starts from the contract, not from the cases of a run, so that what was never tried counts, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final, Literal

from attrs import define, field, frozen

from conformance.contract import Contract, Operation, constraint_sites
from conformance.contract.allowed import allowed_sites
from conformance.spec import Spec
from conformance.suite.checks import catalogue
from conformance.suite.sites import ruled_because, untested_because

State = Literal["covered", "unreachable", "gap"]

_CATEGORIES: Final = frozenset({"input", "union", "accepted", "label"})
_JUDGED: Final = frozenset({"passed", "deviates", "waived"})
_ACCEPTED: Final[Mapping[str, str]] = {"enum": "accepted.enum", "arm": "accepted.union-member"}
_NOT_THERE: Final = "the target does not have the operation"
_NOT_RUN: Final = "it was not run"
_SHOWN: Final = 90


@frozen
class _Place:
    """A site of a check.

    Attributes:
        barred: why no case of it is run; empty if nothing bars it.
    """

    check: str
    operation: str
    case: str
    barred: str


@define
class _Counts:
    covered: int = 0
    unreachable: int = 0
    gap: int = 0
    reasons: Counter[str] = field(factory=Counter)

    def add(self, state: State, reason: str) -> None:
        setattr(self, state, getattr(self, state) + 1)
        if state != "covered":
            self.reasons[reason] += 1

    def plain(self) -> dict[str, Any]:
        counts: dict[str, Any] = {
            "covered": self.covered,
            "unreachable": self.unreachable,
            "gap": self.gap,
        }
        if self.reasons:
            ordered = sorted(self.reasons.items(), key=lambda item: (-item[1], item[0]))
            counts["reasons"] = dict(ordered)
        return counts


def site_ledger(
    contract: Contract, spec: Spec, results: Iterable[Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """How many sites were covered, are out of reach, or are a gap.

    Args:
        results: the results of the cases of a run.

    Returns:
        ``sites``: by check; with the reasons for what is not covered, and how many sites each has.
        ``sites_by_operation``: by operation and check: ``[covered, unreachable, gap]``.
    """
    by_case = {result["case"]: result for result in results}
    by_check: dict[str, _Counts] = {}
    by_operation: dict[str, dict[str, _Counts]] = {}
    for place in _places(contract, spec):
        state, reason = _state(place, by_case.get(place.case))
        by_check.setdefault(place.check, _Counts()).add(state, reason)
        of_operation = by_operation.setdefault(place.operation, {})
        of_operation.setdefault(place.check, _Counts()).add(state, reason)
    return {
        "sites": {check: counts.plain() for check, counts in sorted(by_check.items())},
        "sites_by_operation": {
            operation: {c: [n.covered, n.unreachable, n.gap] for c, n in sorted(counts.items())}
            for operation, counts in sorted(by_operation.items())
        },
    }


def error_ledger(
    contract: Contract,
    spec: Spec,
    answered: Collection[tuple[str, str]],
    missing: Collection[str],
) -> dict[str, Any]:
    """How many of the errors that operations declare a run has provoked.

    Args:
        answered: operation and error, for each that was seen.
        missing: the operations that the target does not have.

    Returns:
        How many pairs were ``provoked``, are ``listed`` with a reason why they were not, and are a
        ``gap``; ``gaps`` and ``reasons``: which, and how many for each reason.
    """
    pairs = [
        (operation.name, error)
        for operation in contract.operations.values()
        for error in sorted(operation.error_codes)
    ]
    left = [pair for pair in pairs if pair not in answered]
    reasons = {
        pair: _NOT_THERE if pair[0] in missing else spec.unprovoked_because(*pair) for pair in left
    }
    gaps = [f"{operation}:{error}" for (operation, error), why in reasons.items() if not why]
    counted = Counter(why for why in reasons.values() if why)
    return {
        "provoked": len(pairs) - len(left),
        "listed": sum(counted.values()),
        "gap": len(gaps),
        "gaps": gaps,
        "reasons": dict(sorted(counted.items(), key=lambda item: (-item[1], item[0]))),
    }


def _state(place: _Place, result: Mapping[str, Any] | None) -> tuple[State, str]:
    if place.barred:
        return "unreachable", place.barred
    if result is None:
        return "gap", _NOT_RUN
    if result["verdict"] in _JUDGED:
        return "covered", ""
    reason = str(result["message"])
    reason = reason if len(reason) <= _SHOWN else f"{reason[: _SHOWN - 1]}…"
    out_of_reach = result["verdict"] in ("skipped", "not_implemented")
    return ("unreachable" if out_of_reach else "gap"), reason


def _places(contract: Contract, spec: Spec) -> Iterator[_Place]:
    known: set[str] = set()
    for operation in contract.operations.values():
        for place in _of_operation(operation, spec):
            known.add(place.check)
            yield place
    for check in catalogue():
        if check.category not in _CATEGORIES or check.id in known:
            continue
        for site in check.over(contract, spec):
            if site.operation is not None:
                yield _Place(check.id, site.operation.name, check.case(site), "")


def _of_operation(operation: Operation, spec: Spec) -> Iterator[_Place]:
    for site in constraint_sites(operation):
        check = f"input.{site.kind}"
        barred = untested_because(site, spec)
        yield _Place(check, operation.name, f"{check}[{site}]", barred)
    for allowed in allowed_sites(operation):
        check = _ACCEPTED.get(allowed.kind, "accepted.bound")
        barred = ruled_because(allowed, spec)
        yield _Place(check, operation.name, f"{check}[{allowed}]", barred)

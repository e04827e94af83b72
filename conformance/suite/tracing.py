"""Which facts a case shows, and how much of what the documentation states is covered.

A case shows the facts that its claim cites, and those whose patterns name it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final

from attrs import define, field

from conformance.contract import Contract
from conformance.spec import Fact, Spec
from conformance.suite.checks import Check, Site, catalogue, claim_at

_JUDGED: Final = frozenset({"passed", "deviates", "waived"})


@define
class Tracer:
    """Finds the facts of cases."""

    spec: Spec
    _patterns: dict[str, list[tuple[re.Pattern[str], str]]] = field(factory=dict, init=False)

    def facts_of(self, check: Check, site: Site) -> tuple[str, ...]:
        """The ids of the facts that a check shows at a site, each once."""
        claim = claim_at(site)
        cited = claim.facts if claim else ()
        name = str(site)
        shown = (fact for pattern, fact in self._of(check.id) if pattern.fullmatch(name))
        return tuple(dict.fromkeys((*cited, *shown)))

    def _of(self, check: str) -> list[tuple[re.Pattern[str], str]]:
        """The patterns on sites of a check, with the facts that are shown there."""
        if check not in self._patterns:
            self._patterns[check] = list(self._found(check))
        return self._patterns[check]

    def _found(self, check: str) -> Iterator[tuple[re.Pattern[str], str]]:
        for fact in self.spec.facts.values():
            for glob in fact.shown_by:
                checks, _, sites = str(glob).partition("[")
                if _regex(checks).fullmatch(check):
                    yield _regex(sites.removesuffix("]")), fact.id


def _regex(glob: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, glob.split("*"))))


def traced(contract: Contract, spec: Spec) -> dict[str, list[str]]:
    """The cases that show each fact, by its id; an empty list for what nothing shows."""
    found: dict[str, list[str]] = {fact: [] for fact in spec.facts}
    tracer = Tracer(spec)
    for check in catalogue():
        for site in check.over(contract, spec):
            for fact in tracer.facts_of(check, site):
                found.setdefault(fact, []).append(check.case(site))
    return found


def fact_ledger(
    spec: Spec, shown: Mapping[str, Collection[str]], results: Iterable[Mapping[str, Any]]
) -> dict[str, Any]:
    """How many of the facts a run came to judge, and what became of the others.

    Args:
        shown: the cases that show each fact, in the contract of the run.
        results: the results of its cases.

    Returns:
        How many are ``covered``; ``unreachable``, since target or contract lack what shows them;
        ``unobservable``; ``unknown``, since no source tells; and a ``gap``. ``gaps`` and
        ``reasons`` say which, and why no call can show them. Empty where no facts are stated.
    """
    if not spec.facts:
        return {}
    judged: set[str] = set()
    tried: set[str] = set()
    for result in results:
        tried.update(result["facts"])
        if result["verdict"] in _JUDGED:
            judged.update(result["facts"])
    known = [fact for fact in spec.facts.values() if fact.level != "UNKNOWN"]
    left = [fact for fact in known if fact.id not in judged]
    reasons = {fact.id: fact.unobservable for fact in left if fact.unobservable}
    open_facts = [fact.id for fact in left if not fact.unobservable]
    gaps = [fact for fact in open_facts if fact not in tried and shown[fact]]
    return {
        "covered": len(known) - len(left),
        "unreachable": len(open_facts) - len(gaps),
        "unobservable": len(reasons),
        "unknown": len(spec.facts) - len(known),
        "gap": len(gaps),
        "gaps": gaps,
        "reasons": reasons,
    }


def statements(spec: Spec, results: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """What the facts state that results name, by id."""
    named = {fact for result in results for fact in result["facts"]}
    return {fact: spec.facts[fact].says for fact in sorted(named) if fact in spec.facts}


def choices(spec: Spec, results: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """What the target does where no source tells what is right, by fact."""
    found: dict[str, dict[str, str]] = {}
    for result in results:
        for fact, chosen in result.get("choices", {}).items():
            stated: Fact | None = spec.facts.get(fact)
            found[fact] = {
                "fact": fact,
                "question": stated.says if stated else "",
                "chosen": chosen,
                "case": result["case"],
            }
    return [found[fact] for fact in sorted(found)]

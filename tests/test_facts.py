"""What the documentation states is traced to cases, both ways, and none of it is forgotten."""

from __future__ import annotations

import json
from typing import Any

import pytest
from attrs import evolve
from click.testing import CliRunner

from conformance.cli import main
from conformance.contract import load as load_contract
from conformance.spec import load as load_spec
from conformance.suite.checks import catalogue, claim_at
from conformance.suite.coverage import error_ledger
from conformance.suite.tracing import Tracer, choices, fact_ledger, statements, traced

CONTRACT = load_contract("cleanrooms")
SPEC = load_spec("cleanrooms")
SHOWN = traced(CONTRACT, SPEC)
KNOWN = [fact for fact in SPEC.facts.values() if fact.level != "UNKNOWN"]
#: How many of the facts that are known a check has to show.
SHARE = 0.95


@pytest.mark.parametrize("fact", KNOWN, ids=lambda fact: fact.id)
def test_every_fact_that_is_known_has_a_case_or_a_reason(fact: Any) -> None:
    assert bool(SHOWN[fact.id]) != bool(fact.unobservable)


def test_nearly_all_facts_are_shown() -> None:
    assert sum(1 for fact in KNOWN if SHOWN[fact.id]) >= SHARE * len(KNOWN)


def test_every_pattern_of_a_fact_names_a_case() -> None:
    cases = [check.case(site) for check in catalogue() for site in check.over(CONTRACT, SPEC)]
    globs = {str(glob): glob for fact in SPEC.facts.values() for glob in fact.shown_by}

    assert {text for text, glob in globs.items() if not any(map(glob.matches, cases))} == set()


def test_what_nobody_knows_makes_no_deviation() -> None:
    unknown = {fact.id for fact in SPEC.facts.values() if fact.level == "UNKNOWN"}
    accusing = [
        (scenario.name, call.tells)
        for scenario in SPEC.scenarios.values()
        for call in scenario.calls
        if call.tells and (call.expect is not None or call.refused is not None)
    ]

    assert accusing == []
    for scenario in SPEC.scenarios.values():
        told = {call.tells for call in scenario.calls if call.tells}
        assert told <= unknown | {"PQ-LST-04"}, scenario.name


def test_a_case_shows_what_its_claim_cites_and_what_patterns_say_of_it() -> None:
    tracer = Tracer(SPEC)
    (check,) = [check for check in catalogue() if check.id == "lifecycle.listed"]
    facts = {str(site): tracer.facts_of(check, site) for site in check.over(CONTRACT, SPEC)}

    assert "CT-VIS-01" in facts["configured_table"]
    assert "CT-VIS-01" not in facts["collaboration"]
    assert all("PAG-14" in each for each in facts.values())


def test_another_service_is_traced_to_nothing_of_this_one() -> None:
    contract, spec = load_contract("appmesh"), load_spec("appmesh")

    assert traced(contract, spec) == {}


def test_the_command_tells_both_directions() -> None:
    by_check = json.loads(CliRunner().invoke(main, ["checks", "--json"]).output)
    by_fact = json.loads(CliRunner().invoke(main, ["checks", "--facts", "--json"]).output)
    named = {
        (fact, site["case"])
        for each in by_check
        for site in each["sites"]
        for fact in site["facts"]
    }

    assert named == {(fact["id"], case) for fact in by_fact for case in fact["cases"]}
    assert len(by_fact) == len(SPEC.facts)


def test_the_list_of_facts_says_what_shows_each_or_why_nothing_does() -> None:
    told = CliRunner().invoke(main, ["checks", "--facts"]).output.splitlines()

    at = next(number for number, line in enumerate(told) if line.startswith("GEN-07 "))
    assert told[at + 1].strip() == SPEC.facts["GEN-07"].unobservable
    at = next(number for number, line in enumerate(told) if line.startswith("CTAR-02 "))
    assert "scenario.rule (1)" in told[at + 1]
    assert told[-1].startswith(f"{len(SPEC.facts)} facts: ")


def test_a_service_without_facts_says_so() -> None:
    result = CliRunner().invoke(main, ["checks", "appmesh", "--facts"])

    assert result.exit_code == 2
    assert "No spec states facts of appmesh" in result.output


# --- what a run came to judge ---------------------------------------------------------------------


def of_run(*verdicts: str) -> list[dict[str, Any]]:
    facts = ["CTAR-02", "CTAR-03"]
    return [
        {"case": f"case {n}", "facts": [facts[n]], "verdict": verdict, "message": ""}
        for n, verdict in enumerate(verdicts)
    ]


def test_facts_are_counted_by_what_the_run_came_to_judge() -> None:
    counted = fact_ledger(SPEC, SHOWN, of_run("passed", "not_implemented"))
    reasons = [fact for fact in KNOWN if fact.unobservable]

    assert (counted["covered"], counted["unreachable"]) == (1, 1)
    assert counted["unobservable"] == len(reasons) == len(counted["reasons"])
    assert counted["gap"] == len(KNOWN) - 2 - len(reasons) == len(counted["gaps"])
    assert fact_ledger(evolve(SPEC, facts={}), {}, []) == {}


def test_a_fact_of_what_a_contract_does_not_have_is_no_gap() -> None:
    older = {fact: ["a case"] if fact == "CTAR-02" else [] for fact in SPEC.facts}
    counted = fact_ledger(SPEC, older, [])

    assert counted["gaps"] == ["CTAR-02"]


def test_a_report_says_what_the_facts_in_it_state() -> None:
    assert statements(SPEC, of_run("passed")) == {"CTAR-02": SPEC.facts["CTAR-02"].says}


def test_choices_are_listed_with_their_question() -> None:
    told = [{"case": "a", "choices": {"GEN-10": "204"}}, {"case": "b"}]

    assert choices(SPEC, told) == [
        {"fact": "GEN-10", "question": SPEC.facts["GEN-10"].says, "chosen": "204", "case": "a"}
    ]


def test_error_pairs_are_provoked_listed_with_a_reason_or_a_gap() -> None:
    pairs = [(o.name, e) for o in CONTRACT.operations.values() for e in o.error_codes]
    seen = [("GetConfiguredTable", "ResourceNotFoundException")]
    counted = error_ledger(CONTRACT, SPEC, seen, missing={"GetMembership"})

    assert counted["provoked"] == 1
    assert counted["provoked"] + counted["listed"] + counted["gap"] == len(pairs)
    assert "GetConfiguredTable:ValidationException" in counted["gaps"]
    assert not [gap for gap in counted["gaps"] if gap.startswith("GetMembership:")]
    assert not [gap for gap in counted["gaps"] if gap.endswith(":InternalServerException")]


def test_a_claim_of_a_site_decides_its_level() -> None:
    (check,) = [check for check in catalogue() if check.id == "scenario.rule"]
    levels = {str(site): claim_at(site) for site in check.over(CONTRACT, SPEC)}
    claim = levels["two-members-who-can-query"]

    assert claim is not None
    assert (str(check.level), str(claim.level)) == ("MUST", "SHOULD")

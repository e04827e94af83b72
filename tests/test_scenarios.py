"""Each scenario of Clean Rooms looks where it says it does: turned round, it deviates."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from conformance.contract import load as load_contract
from conformance.contract.model import Contract
from conformance.errors import UsageError
from conformance.spec import Scenario, parse
from conformance.spec import load as load_spec
from conformance.spec.scenarios import SCENARIO_KINDS, Call
from conformance.suite.playing import ScenarioSite, play, scenarios
from conformance.suite.run import Run, plan, start
from conformance.suite.settings import of
from conformance.target.outcomes import Deviation, NotTestable

CONTRACT = load_contract("cleanrooms")
SPEC = load_spec("cleanrooms")
SITES = {str(site): site for kind in SCENARIO_KINDS for site in scenarios(kind)(CONTRACT, SPEC)}
#: Nothing that any target shows.
OTHER = "no target shows this"


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """A run against a reference target of its own."""
    planned = plan(of({}, Path()))
    running = start(planned, "main")
    yield running
    running.close()


@pytest.fixture
def played(run: Run) -> Iterator[Run]:
    run.client.start_trace()
    yield run
    run.world.end_check()


def turned_round(scenario: Scenario) -> Iterator[tuple[str, Scenario]]:
    """The scenario with one of its expectations replaced by its contrary, for each of them."""
    for index, call in enumerate(scenario.calls):
        for what, contrary in contraries(call):
            calls = (*scenario.calls[:index], contrary, *scenario.calls[index + 1 :])
            yield f"{index}: {what}", evolve(scenario, calls=calls)


def contraries(call: Call) -> Iterator[tuple[str, Call]]:
    for path in call.expect or {}:
        yield path, evolve(call, expect={**(call.expect or {}), path: OTHER})
    if call.refused is not None:
        yield "accepted", evolve(call, refused=None, expect={})
        yield "refused with another code", evolve(call, refused=frozenset({OTHER}))
    elif call.expect is not None:
        yield "refused", evolve(call, refused=frozenset(), expect={})


@pytest.mark.parametrize("name", SITES)
def test_every_expectation_of_a_scenario_is_looked_at(name: str, played: Run) -> None:
    site = SITES[name]
    for what, scenario in turned_round(site.scenario):
        turned = evolve(site, scenario=scenario)

        with pytest.raises(Deviation) as raised:
            play(turned, played)

        assert raised.value.expected, what
        assert raised.value.got not in ("", raised.value.expected), what
        assert raised.value.exchange is not None, what
        played.world.end_check()


@pytest.mark.parametrize("name", [n for n, site in SITES.items() if site.scenario.kind == "open"])
def test_what_nobody_knows_is_told_of_the_target(name: str, played: Run) -> None:
    told = play(SITES[name], played)

    assert told.keys() == {call.tells for call in SITES[name].scenario.calls if call.tells}
    assert all(told.values())


TWO = next(site for site in SITES.values() if site.scenario.accounts > 1)


def test_a_second_account_is_asked_for_where_it_is_needed() -> None:
    planned = plan(of({}, Path()))
    target = evolve(planned.target, accounts=planned.target.accounts[:1])
    running = start(evolve(planned, target=target), "main")

    with pytest.raises(NotTestable, match="--profile"):
        play(TWO, running)


def test_a_target_that_takes_all_keys_for_one_account_is_not_accused() -> None:
    planned = plan(of({}, Path()))
    (first, second) = planned.target.accounts
    target = evolve(planned.target, accounts=(first, evolve(second, signer=first.signer)))
    running = start(evolve(planned, target=target), "main")

    with pytest.raises(NotTestable, match=f"both accounts for those of {first.account_id}"):
        play(TWO, running)


def test_accounts_whose_keys_do_not_tell_are_told_by_the_target() -> None:
    planned = plan(of({}, Path()))
    known = [account.account_id for account in planned.target.accounts]
    nameless = tuple(evolve(account, account_id="") for account in planned.target.accounts)
    running = start(evolve(planned, target=evolve(planned.target, accounts=nameless)), "main")

    found = [running.world.look_up(name) for name in ("account", "other_account")]

    assert found == known


def test_what_a_scenario_makes_is_gone_after_it(played: Run) -> None:
    before = played.world.identities()
    play(SITES["collaboration-name-used-twice"], played)
    played.world.end_check()

    assert played.world.identities() == before


def test_a_scenario_takes_what_the_contract_has() -> None:
    scenario = SITES["collaboration-name-used-twice"].scenario
    other = {
        "has": evolve(scenario, needs=("CreateCollaboration:members",)),
        "has-not": evolve(scenario, needs=("CreateCollaboration:nothing.like.it",)),
        "has-too-much": evolve(scenario, lacks=("CreateCollaboration",)),
    }
    spec = evolve(SPEC, scenarios={k: evolve(v, name=k) for k, v in other.items()})

    assert [str(site) for site in scenarios("rule")(CONTRACT, spec)] == ["has"]


def test_without_an_operation_there_is_no_scenario() -> None:
    operations = {n: o for n, o in CONTRACT.operations.items() if n != "CreateMembership"}
    older: Contract = evolve(CONTRACT, operations=operations)
    left = {str(site) for kind in SCENARIO_KINDS for site in scenarios(kind)(older, SPEC)}

    assert "collaboration-name-used-twice" in left
    assert "membership-of-a-deleted-collaboration" not in left


# --- mistakes in a file ---------------------------------------------------------------------------

BOX = """\
resources:
  box: {operations: {create: MakeBox, get: GetBox}, identifiers: {boxId: id}, input: {size: 3}}
scenarios:
  two-boxes:
    kind: rule
    requirement: There may be two boxes.
    level: MUST
    cites: "Box"
    given: {box: {}}
    calls:
      - create: box
        as: second
        expect: {"box.size": 3}
      - call: GetBox
        with: {boxId: "${second.id}"}
        expect: {"box.size": "${box.size}"}
"""


def test_the_file_that_the_mistakes_are_made_in_is_right() -> None:
    (scenario,) = parse("toy", {"specs/toy/box.yaml": BOX}).scenarios.values()

    assert [call.operation for call in scenario.calls] == ["MakeBox", "GetBox"]
    assert (scenario.operation, scenario.accounts) == ("MakeBox", 1)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("given: {box: {}}", "given: {bax: {}}", "line 9: .*there is no resource 'bax'.*'box'"),
        ("create: box", "create: bax", "line 11: .*there is no resource 'bax'"),
        ("${second.id}", "${third.id}", "line 15: .*names no resource"),
        ("${box.size}", "${bax.size}", "line 16: .*names no resource"),
        ('{"box.size": 3}', '{"box.[size": 3}', "line 13: .*no JMESPath expression"),
        ("create: box", "create: box\n        in: {box: third}", "nothing before it is called"),
        ("kind: rule", "kind: rules", "line 5: .*'rules' is not one of"),
        ("expect:", "expects:", "expects: there is no such key.*'expect'"),
        ("        expect: {", "        until: {", "line 10: .*none of them expects"),
    ],
)
def test_a_mistake_is_told_with_its_place(old: str, new: str, said: str) -> None:
    assert old in BOX

    with pytest.raises(UsageError, match=said):
        parse("toy", {"specs/toy/box.yaml": BOX.replace(old, new)})


def test_a_citation_of_no_fact_is_a_mistake_once_facts_are_stated() -> None:
    facts = 'facts: {BOX-01: {level: MUST, says: "A box has a size."}}\n'
    cited = BOX.replace('cites: "Box"', 'cites: "Box"\n    facts: [BOX-02]')

    assert parse("toy", {"specs/toy/box.yaml": cited}).scenarios
    with pytest.raises(UsageError, match=r"line 9: .*there is no fact 'BOX-02'.*'BOX-01'"):
        parse("toy", {"specs/toy/box.yaml": cited, "specs/toy/facts.yaml": facts})


def site_of(calls: tuple[Call, ...]) -> ScenarioSite:
    site = SITES["collaboration-name-used-twice"]
    return evolve(site, scenario=evolve(site.scenario, calls=calls))


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [
        ({"one_of": ["ENABLED", "DISABLED"]}, True),
        ({"one_of": ["DISABLED"]}, False),
        ("ENABLED", True),
        (None, False),
    ],
)
def test_what_is_wanted_may_be_one_of_several(wanted: Any, shown: bool, played: Run) -> None:
    (call,) = SITES["collaboration-name-used-twice"].scenario.calls
    site = site_of((evolve(call, expect={"collaboration.queryLogStatus": wanted}),))

    if shown:
        assert play(site, played) == {}
        return
    with pytest.raises(Deviation, match="Not so: Two collaborations may have the same name"):
        play(site, played)

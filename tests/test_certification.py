"""A certificate says what a whole run has proved, its limits included; anything less gets none."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator
from report_support import hostile_report, report_of, result

from conformance import contract, spec
from conformance.certification import Certificate, Requirements, certify, levels_for
from conformance.certification.certificate import Refusal
from conformance.certification.levels import LEVELS
from conformance.certification.page import render
from conformance.cli import main
from conformance.errors import UsageError
from conformance.report.load import dumped
from conformance.spec.load import specs
from conformance.suite.checks import catalogue

MODEL = "3f2a9c" + "0" * 58
CHECK = "input.max-length"
DEMANDED = Requirements("core", MODEL, "1.44.8", {CHECK: 3})
HAS = ("CreateCollaboration", "CreateMembership")


def ran(verdict: str = "passed", beyond: tuple[Any, ...] = (), **more: Any) -> Any:
    """A report on a target that has two operations of three."""
    rows = [result(CHECK, name, f"{name}.name", "passed") for name in HAS[:1]]
    rows += [result(CHECK, name, f"{name}.name", verdict) for name in HAS[1:]]
    rows += [result(CHECK, "UpdateConfiguredTable", "U.name", "not_implemented"), *beyond]
    made = report_of(rows, **more)
    for name in ("GetSchema", "StartProtectedQuery"):
        del made["operations"][name]
    return made


def held(report: Any, requirements: Requirements = DEMANDED) -> Certificate | Refusal:
    return certify(report, requirements, target_name="moto", target_version="5.2.5")


def granted(report: Any) -> Certificate:
    found = held(report)
    assert isinstance(found, Certificate)
    return found


# --- what is certified ----------------------------------------------------------------------------


def test_a_partial_target_is_certified_for_what_it_has_and_says_so_in_the_same_breath() -> None:
    certificate = granted(ran())
    assert certificate.operations == HAS
    assert certificate.missing == ("UpdateConfiguredTable",)
    assert certificate.sentence == (
        "moto 5.2.5 conforms to cleanrooms 2022-02-17 at level 'core' in the 2 of 3 operations "
        "that it has; the other 1 is not certified."
    )


def test_a_certificate_names_tool_contract_requirements_target_counts_and_date() -> None:
    data = granted(ran()).as_data()
    Draft202012Validator(certificate_schema()).validate(data)
    assert data["tool"] == {"name": "aws-conformance", "version": "0.1.0"}
    assert data["contract"]["model_sha256"] == MODEL
    assert data["requirements"] == {"sha256": DEMANDED.sha256, "checks": 1, "cases": 3}
    assert data["target"]["server"] == "Werkzeug/3.1.9 Python/3.11.7"
    assert data["cases"] == {"passed": 2, "skipped": 0}
    assert data["date"] == "2026-11-25T03:44:00Z"


def certificate_schema() -> Any:
    text = (files("conformance.certification") / "schema.json").read_text("utf-8")
    schema = json.loads(text)
    Draft202012Validator.check_schema(schema)
    return schema


def test_a_deviation_beyond_the_level_is_not_in_its_way() -> None:
    beyond = result("union.two-members", HAS[0], "u", "deviates")
    assert isinstance(held(ran(beyond=(beyond,))), Certificate)


def test_the_page_says_the_same_and_lets_no_text_of_the_target_act() -> None:
    report = ran()
    report["target"]["version"] = "<script>alert(1)</script>\x1b[31m"
    page = render(granted(report))
    assert "the other 1 is not certified" in page
    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert "\x1b" not in page


# --- what is not ----------------------------------------------------------------------------------


@pytest.mark.parametrize("verdict", ["deviates", "waived"])
def test_a_deviation_stands_in_the_way_waived_or_not(verdict: str) -> None:
    refusal = held(ran(verdict))
    assert isinstance(refusal, Refusal)
    assert refusal.deviating == (("CreateMembership", 1),)
    assert refusal.sentence == "Level 'core' is not reached: 1 case deviates in 1 operation."


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"options": {"checks": ["input.*"]}}, "--check input.*"),
        ({"options": {"operations": ["Get*"]}}, "--operation Get*"),
        ({"options": {"quick": True}}, "--quick"),
        ({"options": {"level": "MUST"}}, "--level MUST"),
        ({"complete": False, "stopped": "interrupted"}, "it ended early: interrupted"),
        ({"catalogue": {"checks": 1, "cases": 99}}, "3 of 99 cases were selected"),
        ({"faults": [{"case": "a", "message": "b", "traceback": ""}]}, "1 fault of the suite"),
    ],
)
def test_a_run_that_left_something_out_proves_nothing(changed: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError, match="Nothing can be certified") as told:
        held(ran(**changed))
    assert says in str(told.value)


def test_a_run_with_an_inconclusive_case_proves_nothing() -> None:
    with pytest.raises(UsageError, match="1 inconclusive case"):
        held(ran("inconclusive"))


def test_a_run_of_an_older_suite_or_of_another_contract_proves_nothing() -> None:
    with pytest.raises(UsageError, match=f"fewer cases than the level demands of {CHECK}"):
        held(ran(), Requirements("core", MODEL, "1.44.8", {CHECK: 4}))
    with pytest.raises(UsageError, match="another version of the contract"):
        held(ran(), Requirements("core", "f" * 64, "1.44.8", {CHECK: 1}))


def test_a_target_that_has_nothing_is_not_certified() -> None:
    rows = [result(CHECK, "GetSchema", f"s{n}", "not_implemented") for n in range(3)]
    with pytest.raises(UsageError, match="none of the operations"):
        held(report_of(rows))


# --- the published levels -------------------------------------------------------------------------


def published() -> list[Any]:
    folder = Path(str(specs())) / "cleanrooms" / "levels"
    return [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))]


@pytest.mark.parametrize("document", published(), ids=lambda each: each["botocore"])
@pytest.mark.parametrize("level", LEVELS)
def test_the_suite_still_has_all_that_a_published_level_demands(document: Any, level: str) -> None:
    levels = document["levels"][level]
    known = {check.id: check for check in catalogue()}
    again = "A level that was never released is frozen anew with `conformance levels`."
    assert set(levels) <= set(known), again
    loaded = contract.load("cleanrooms")
    if document["model_sha256"] != loaded.model_sha256:
        return
    sites = {n: sum(1 for _ in known[n].over(loaded, spec.load("cleanrooms"))) for n in levels}
    assert {n: count for n, count in levels.items() if sites[n] < count} == {}, again


def test_core_is_what_must_be_and_full_is_all() -> None:
    document = published()[0]
    core, full = levels_for("cleanrooms", document["model_sha256"])
    level_of = {check.id: str(check.level) for check in catalogue()}
    assert {level_of[name] for name in core.checks} == {"MUST"}
    assert {level_of[name] for name in full.checks} == {"MUST", "SHOULD"}
    assert set(core.checks) < set(full.checks)
    assert core.sha256 != full.sha256


def test_a_contract_without_levels_is_told_with_those_that_have_some() -> None:
    with pytest.raises(UsageError, match=r"There are those of botocore .*1\.44\.8"):
        levels_for("cleanrooms", "0" * 64)
    with pytest.raises(UsageError, match="none at all"):
        levels_for("appmesh", "0" * 64)


# --- the command ----------------------------------------------------------------------------------


def certified(tmp_path: Path, report: Any, *arguments: str) -> Result:
    path = tmp_path / "report.json"
    path.write_text(dumped(report), "utf-8", "backslashreplace")
    return CliRunner().invoke(main, ["certify", str(path), *arguments])


@pytest.mark.slow
def test_the_reference_target_is_certified_in_full(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert CliRunner().invoke(main, ["run", "--out", str(out)]).exit_code == 0
    told = CliRunner().invoke(main, ["certify", str(out / "report.json")])
    assert told.exit_code == 0, told.output
    assert told.output.startswith("CERTIFIED  The reference target conforms to cleanrooms ")
    data = json.loads((out / "certificate.json").read_text("utf-8"))
    assert (data["level"], data["partial"]) == ("full", False)
    Draft202012Validator(certificate_schema()).validate(data)
    assert "in all" in (out / "certificate.html").read_text("utf-8")


@pytest.mark.parametrize("arguments", [(), ("--level", "core")])
def test_wrong_usage_is_told_and_nothing_is_written(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    told = certified(tmp_path, hostile_report(), *arguments)
    assert told.exit_code == 2
    assert "Traceback" not in told.output
    assert not (tmp_path / "certificate.json").exists()

"""A certificate says what a whole run has proved, its limits included; anything less gets none."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator
from report_support import CHECKS, hostile_report, report_of, result

from conformance import contract
from conformance.certification import Certificate, Requirements, certify, levels_for
from conformance.certification.certificate import Refusal
from conformance.certification.levels import demanded, file_name, published
from conformance.certification.page import markdown, render
from conformance.cli import main
from conformance.commands.catalogue import as_data
from conformance.commands.certifying import levels_of
from conformance.errors import UsageError
from conformance.report.load import dumped
from conformance.spec.load import specs
from conformance.suite.checks import catalogue

MODEL = "3f2a9c" + "0" * 58
CHECK = "input.max-length"
HAS = ("CreateCollaboration", "CreateMembership")
LACKS = "UpdateConfiguredTable"
CASES = frozenset(f"{CHECK}[{name}.name]" for name in (*HAS, LACKS))
NEWER = "input.pattern"


def demanding(cases: frozenset[str], model: str = MODEL) -> Requirements:
    return Requirements("core", model, "1.44.8", cases, 20, 8, cases | {"union.two-members[u]"})


DEMANDED = demanding(CASES)


def ran(verdict: str = "passed", beyond: tuple[Any, ...] = (), **more: Any) -> Any:
    """A report on a target that has two operations of three."""
    rows = [result(CHECK, name, f"{name}.name", "passed") for name in HAS[:1]]
    rows += [result(CHECK, name, f"{name}.name", verdict) for name in HAS[1:]]
    rows += [result(CHECK, LACKS, f"{LACKS}.name", "not_implemented"), *beyond]
    made = report_of(rows, **more)
    for name in {"GetSchema", "StartProtectedQuery"} - {row["operation"] for row in rows}:
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
    assert certificate.missing == (LACKS,)
    assert certificate.sentence == (
        "moto 5.2.5 conforms to cleanrooms 2022-02-17 at level 'core' in the 2 of 3 operations "
        "that it has; the other 1 is not certified."
    )


def test_an_operation_that_no_case_could_judge_is_not_certified_and_said_to_be_so() -> None:
    certificate = granted(ran(beyond=(result(CHECK, "GetSchema", "s", "skipped"),)))
    assert certificate.untested == ("GetSchema",)
    assert "GetSchema" not in certificate.operations
    assert certificate.sentence.endswith("in 2 of 4 operations; the other 2 are not certified.")


def test_a_certificate_names_tool_contract_requirements_target_counts_and_date() -> None:
    data = granted(ran()).as_data()
    schema_of("schema.json").validate(data)
    assert data["tool"] == {"name": "aws-conformance", "version": "0.1.0"}
    assert data["contract"]["model_sha256"] == MODEL
    assert data["requirements"] == {"sha256": DEMANDED.sha256, "checks": 1, "cases": 3}
    assert data["operations"] == {"certified": [*HAS], "missing": [LACKS], "untested": []}
    assert data["target"]["server"] == "Werkzeug/3.1.9 Python/3.11.7"
    assert data["cases"] == {"passed": 2, "skipped": 0}
    assert data["date"] == "2026-11-25T03:44:00Z"


def schema_of(name: str) -> Draft202012Validator:
    schema = json.loads((files("conformance.certification") / name).read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def test_a_deviation_beyond_the_level_is_not_in_its_way_and_is_told_in_the_same_breath() -> None:
    beyond = result("union.two-members", HAS[0], "u", "deviates")
    certificate = granted(ran(beyond=(beyond,)))
    assert certificate.sentence.endswith(
        "is not certified; 1 case that the level does not demand deviates."
    )
    assert certificate.as_data()["beyond"] == {
        "union.two-members": {"cases": 1, "newer": 0, "deviates": 1}
    }


def test_checks_and_sites_that_came_later_are_in_no_level_and_listed_as_that() -> None:
    later = (
        result(NEWER, HAS[0], "n", "waived"),
        result(CHECK, HAS[0], "another.site", "deviates"),
        result(NEWER, HAS[0], "m", "passed"),
    )
    certificate = granted(ran(beyond=later))
    assert certificate.as_data()["beyond"] == {
        CHECK: {"cases": 1, "newer": 1, "deviates": 1},
        NEWER: {"cases": 2, "newer": 2, "deviates": 1},
    }
    assert certificate.requirements.sha256 == granted(ran()).requirements.sha256
    for page in (render(certificate), markdown(certificate)):
        assert "in no level" in page
        assert NEWER in page


def test_page_and_markdown_say_the_same_and_let_no_text_of_the_target_act() -> None:
    report = ran()
    report["target"]["version"] = "<script>alert(1)</script>\x1b[31m"
    page, text = render(granted(report)), markdown(granted(report))
    assert "the other 1 is not certified" in page
    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert "the other 1 is not certified" in text
    assert "`<script>alert(1)</script>" in text
    assert "\x1b" not in page + text


# --- what is not ----------------------------------------------------------------------------------


@pytest.mark.parametrize("verdict", ["deviates", "waived"])
def test_a_deviation_stands_in_the_way_waived_or_not(verdict: str) -> None:
    refusal = held(ran(verdict))
    assert isinstance(refusal, Refusal)
    assert refusal.deviating == (("CreateMembership", 1),)
    said = "Level 'core' is not reached: 1 case deviates in 1 operation."
    ledger = " All of these are in a ledger: it keeps CI quiet and changes nothing."
    assert refusal.sentence == said + (ledger if verdict == "waived" else "")


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"options": {"checks": ["input.*"]}}, "--check input.*"),
        ({"options": {"operations": ["Get*"]}}, "--operation Get*"),
        ({"options": {"quick": True}}, "--quick"),
        ({"options": {"level": "MUST"}}, "--level MUST"),
        ({"options": {"max_examples": 5}}, "--max-examples 5 where the level demands 20"),
        ({"options": {"explore": 0}}, "--explore 0 where the level demands 8"),
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
    with pytest.raises(UsageError, match="demands what it does not have: gone.check"):
        held(ran(), demanding(CASES | {"gone.check[a]"}))
    with pytest.raises(UsageError, match="another version of the contract"):
        held(ran(), demanding(CASES, "f" * 64))


def test_a_target_that_has_nothing_is_not_certified() -> None:
    rows = [result(CHECK, name, f"{name}.name", "not_implemented") for name in (*HAS, LACKS)]
    with pytest.raises(UsageError, match="none of the operations"):
        held(report_of(rows))


# --- the published levels -------------------------------------------------------------------------


FREEZE = "conformance levels cleanrooms --into specs/cleanrooms/levels"
DOCUMENTS = published("cleanrooms")


@pytest.mark.parametrize("document", DOCUMENTS, ids=file_name)
def test_published_levels_are_valid_and_named_by_their_contract(document: Any) -> None:
    schema_of("levels.schema.json").validate(document)
    assert (Path(str(specs())) / "cleanrooms" / "levels" / file_name(document)).is_file()


@pytest.mark.parametrize("document", DOCUMENTS, ids=file_name)
def test_the_suite_still_has_all_that_a_published_level_demands(document: Any) -> None:
    if document["model_sha256"] == contract.load("cleanrooms").model_sha256:
        gone = demanded(document, "full") - demanded(levels_of("cleanrooms"), "full")
    else:
        ids = {check.id for check in catalogue()}
        gone = {case for case in demanded(document, "full") if case.partition("[")[0] not in ids}
    assert not gone, (
        f"{len(gone)} cases of a published level are gone, e.g. {min(gone)}. A case's name "
        "is stable: ledgers and certificates refer to it. If no release has had these levels yet, "
        f"freeze them anew: `{FREEZE}`"
    )


def test_what_is_frozen_is_the_same_every_time_and_written_where_it_is_asked_for(
    tmp_path: Path,
) -> None:
    told = CliRunner().invoke(main, ["levels", "cleanrooms", "--into", str(tmp_path)])
    (file,) = tmp_path.iterdir()
    assert told.output.startswith(f"{file}: core ")
    assert file.read_text("utf-8") == CliRunner().invoke(main, ["levels", "cleanrooms"]).output
    document = json.loads(file.read_text("utf-8"))
    assert file.name == file_name(document)
    assert demanded(document, "full") == {
        site["case"]
        for check in as_data("cleanrooms")
        for site in check["sites"]
        if site["level"] != "MAY"
    }


def test_core_is_what_must_be_and_full_is_all_that_a_source_demands() -> None:
    document = DOCUMENTS[0]
    core, full = levels_for("cleanrooms", document["model_sha256"])
    assert core.cases < full.cases
    assert core.sha256 != full.sha256
    assert full.published == full.cases
    must = document["requirements"]["input.max-length"]["MUST"]
    assert {case for case in core.cases if case.startswith("input.max-length[")} == {
        f"input.max-length[{site}]" for site in must
    }
    should = document["requirements"]["error.declared"]["SHOULD"]
    assert not core.cases & {f"error.declared[{site}]" for site in should}


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
    schema_of("schema.json").validate(data)
    assert "in all" in (out / "certificate.html").read_text("utf-8")


def test_a_refusal_names_the_operations_in_the_way_and_leaves_no_certificate_behind(
    tmp_path: Path,
) -> None:
    document = DOCUMENTS[0]
    core, full = levels_for("cleanrooms", document["model_sha256"])
    rows = [
        result(case.partition("[")[0], "GetSchema", case.partition("[")[2][:-1], "passed")
        for case in sorted(full.cases)
    ]
    first = next(row for row in rows if row["case"] in core.cases)
    about = dict.fromkeys(core.checks | full.checks, CHECKS[CHECK])
    facts = report_of([])["contract"] | {"model_sha256": document["model_sha256"]}
    good = report_of(rows, checks=about, contract=facts)
    assert certified(tmp_path, good).exit_code == 0
    assert (tmp_path / "certificate.json").exists()
    first["verdict"] = "waived"
    told = certified(tmp_path, report_of(rows, checks=about, contract=facts))
    assert told.exit_code == 1
    assert told.output.count("NOT CERTIFIED") == 2
    assert "All of these are in a ledger" in " ".join(told.output.split())
    assert "  GetSchema: 1 case\n" in told.output
    assert [each.name for each in tmp_path.iterdir()] == ["report.json"]


@pytest.mark.parametrize("arguments", [(), ("--level", "core")])
def test_wrong_usage_is_told_and_nothing_is_written(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    told = certified(tmp_path, hostile_report(), *arguments)
    assert told.exit_code == 2
    assert "Traceback" not in told.output
    assert not (tmp_path / "certificate.json").exists()

"""`conformance ledger`: rows come and go, and no other line of the file changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from report_support import report_of, result, small_report

from conformance.cli import main
from conformance.ledger import load

LENGTH = "input.max-length@*"
SHORT = "input.max-length@CreateCollaboration"
UNION = "union.two-members@CreateConfiguredTable"

BY_HAND = """\
# What this emulator does not do yet.

- cause: "error.header@*"      # everywhere
  reason: no header so far
  link: https://example.com/1

# Only one of them.
- case: 'lifecycle.echo[membership:jobLogStatus]'
  reason: >-
    not stored,
    see the plan
  expires: 2099-01-31
"""


def saved(folder: Path, report: Any, name: str = "report.json") -> Path:
    path = folder / name
    checks = report["checks"]
    about = next(iter(checks.values()))
    report = report | {"checks": {r["check"]: about for r in report["results"]} | checks}
    path.write_text(json.dumps(report), "utf-8")
    return path


def ledger(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["ledger", *map(str, arguments)])


def add(report: Path, file: Path, *arguments: str) -> Result:
    return ledger("add", report, "--ledger", file, "--reason", "known", *arguments)


def patterns(file: Path) -> list[str]:
    return [entry.pattern.text for entry in load(file).entries]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ledger.yaml"


@pytest.fixture
def report(tmp_path: Path) -> Path:
    return saved(tmp_path, small_report())


# --- add ----------------------------------------------------------------------------------------


def test_every_cause_gets_a_row_and_the_ledger_then_waives_every_deviation(
    report: Path, file: Path
) -> None:
    assert add(report, file, "--all").exit_code == 0
    made = load(file)
    deviating = [r for r in small_report()["results"] if r["verdict"] == "deviates"]
    assert deviating
    assert all(made.waives(each) for each in deviating)
    assert {entry.reason for entry in made.entries} == {"known"}


def test_one_cause_gets_one_row(report: Path, file: Path) -> None:
    said = add(report, file, "--cause", UNION, "--link", "https://example.com/2").output
    assert patterns(file) == [UNION]
    assert load(file).entries[0].link == "https://example.com/2"
    assert f"+ cause: {UNION}  (1 deviation)" in said


def test_one_case_gets_one_row_with_its_last_day(report: Path, file: Path) -> None:
    case = "union.two-members[CreateConfiguredTable:tableReference]"
    add(report, file, "--case", case, "--expires", "2099-12-31")
    (entry,) = load(file).entries
    assert (entry.by, entry.pattern.text, str(entry.expires)) == ("case", case, "2099-12-31")


def test_a_row_that_spans_operations_names_them_and_a_later_one_gets_a_row_of_its_own(
    tmp_path: Path, report: Path, file: Path
) -> None:
    said = add(report, file, "--cause", LENGTH).output
    spanning = ("CreateAnalysisTemplate", "CreateCollaboration", "UpdateConfiguredTable")
    assert "(3 deviations in 3 operations)" in said
    assert load(file).entries[0].operations == spanning
    worse = small_report()["results"] + [
        result("input.max-length", "GetSchema", "GetSchema.name", "deviates")
    ]
    add(saved(tmp_path, report_of(worse), "worse.json"), file, "--cause", LENGTH)
    assert [entry.operations for entry in load(file).entries] == [spanning, ("GetSchema",)]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--check", "union.*"), {UNION}),
        (("--operation", "CreateConfiguredTable"), {UNION}),
        (("--check", "input.*", "--operation", "*Collaboration"), {SHORT}),
        (("--cause", LENGTH, "--operation", "*Collaboration"), {SHORT}),
        (("--all", "--operation", "Create*ion"), {SHORT}),
        (("--cause", "input.*@Create*"), {"input.*@Create*"}),
        (("--case", "union.*[Create*]"), {"union.*[Create*]"}),
    ],
)
def test_rows_are_chosen_by_check_operation_or_pattern(
    report: Path, file: Path, arguments: tuple[str, ...], expected: set[str]
) -> None:
    assert add(report, file, *arguments).exit_code == 0
    assert set(patterns(file)) == expected


def test_a_row_waives_no_more_than_was_chosen(tmp_path: Path, file: Path) -> None:
    shared = [
        result("lifecycle.echo", name, name, "deviates", cause="lifecycle.echo@membership:jobs")
        for name in ("CreateMembership", "GetMembership")
    ]
    report = saved(tmp_path, report_of(shared))
    add(report, file, "--operation", "GetMembership")
    assert patterns(file) == ["lifecycle.echo[GetMembership]"]
    add(report, file, "--all")
    assert [shared[0]["case"], shared[0]["cause"]] != patterns(file)
    assert all(load(file).waives(each) for each in shared)


def test_what_is_listed_is_not_listed_again(report: Path, file: Path) -> None:
    add(report, file, "--all")
    before = file.read_text("utf-8")
    said = add(report, file, "--all").output
    assert file.read_text("utf-8") == before
    assert "0 rows added" in said


def test_a_ledger_written_by_hand_keeps_every_line_of_it(report: Path, file: Path) -> None:
    file.write_text(BY_HAND, "utf-8")
    add(report, file, "--all")
    text = file.read_text("utf-8")
    assert [line for line in BY_HAND.splitlines() if line not in text.splitlines()] == []
    assert {"error.header@*", "lifecycle.echo[membership:jobLogStatus]"} <= set(patterns(file))


def test_rows_that_two_people_add_stand_apart_so_that_their_edits_merge(
    tmp_path: Path, file: Path
) -> None:
    rows = [("a.first", "GetA"), ("m.middle", "GetM"), ("z.last", "GetZ")]
    file.write_text("".join(f'- cause: "{c}@{o}"\n  reason: r\n' for c, o in rows), "utf-8")
    more = [result(f"{letter}.new", "GetB", "s", "deviates") for letter in "by"]
    new = saved(tmp_path, report_of(more))
    add(new, file, "--all")
    assert patterns(file) == [
        *("a.first@GetA", "b.new@GetB", "m.middle@GetM", "y.new@GetB", "z.last@GetZ"),
    ]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "Nothing is chosen"),
        (("--check", "tag.*"), "Nothing deviates of tag.*"),
        (("--case", "tag.*[*]"), "No deviating case named"),
        (("--cause", "union.two-member@CreateConfiguredTable"), "Did you mean 'union.two-members@"),
        (("--case", "input.max-length[Get]"), "No deviating case named"),
        (("--all", "--expires", "2020-01-01"), "2020-01-01 is over"),
        (("--all", "--expires", "tomorrow"), "'tomorrow' does not match the format"),
    ],
)
def test_what_cannot_be_listed_is_told_and_nothing_is_written(
    report: Path, file: Path, arguments: tuple[str, ...], says: str
) -> None:
    told = add(report, file, *arguments)
    assert told.exit_code == 2
    assert says in told.output
    assert not file.exists()


def test_a_form_that_cannot_be_edited_is_left_as_it_is(report: Path, file: Path) -> None:
    text = '[{cause: "a@b", reason: r}]\n'
    file.write_text(text, "utf-8")
    told = add(report, file, "--all")
    assert told.exit_code == 2
    assert "Begin each row on a line of its own" in told.output
    assert file.read_text("utf-8") == text


@pytest.mark.parametrize("name", ["nowhere.json", "ledger.yaml"])
def test_a_report_that_is_none_is_told(tmp_path: Path, file: Path, name: str) -> None:
    file.write_text(BY_HAND, "utf-8")
    told = add(tmp_path / name, file, "--all")
    assert told.exit_code == 2
    assert name in told.output
    assert file.read_text("utf-8") == BY_HAND


# --- prune --------------------------------------------------------------------------------------


def test_a_row_that_no_longer_deviates_goes_with_its_lines_and_no_others(
    tmp_path: Path, file: Path
) -> None:
    file.write_text(BY_HAND, "utf-8")
    case = "lifecycle.echo[membership:jobLogStatus]"
    now = [
        result("lifecycle.echo", "CreateMembership", "membership:jobLogStatus", "passed"),
        result("error.header", "GetSchema", "GetSchema", "waived"),
    ]
    told = ledger("prune", saved(tmp_path, report_of(now)), "--ledger", file)
    assert told.exit_code == 0, told.output
    assert f"- case: {case} (line 8): no longer deviates" in told.output
    assert patterns(file) == ["error.header@*"]
    assert "# everywhere" in file.read_text("utf-8")


@pytest.mark.parametrize(
    ("written", "left"),
    [
        (
            "\n  # since spring\n  - CreateAnalysisTemplate\n  - CreateX # soon\n  - CreateY\n",
            "\n  # since spring\n  - CreateAnalysisTemplate\n",
        ),
        (
            " [CreateAnalysisTemplate, CreateX, CreateY]  # for now\n",
            " [CreateAnalysisTemplate]  # for now\n",
        ),
    ],
)
def test_an_operation_that_no_longer_deviates_goes_from_its_row_and_the_rest_stays(
    report: Path, file: Path, written: str, left: str
) -> None:
    row = f'- cause: "{LENGTH}"\n  operations:{{}}  reason: known  # since long\n'
    file.write_text(row.format(written), "utf-8")
    said = ledger("prune", report, "--ledger", file).output
    assert "0 rows removed, 1 shortened." in said
    assert "no longer deviates in CreateX, CreateY" in said
    assert row.format(left) in file.read_text("utf-8")


def test_an_expired_row_that_still_deviates_stays_and_is_named(tmp_path: Path, file: Path) -> None:
    row = f'- cause: "{UNION}"\n  reason: r\n  expires: 2020-01-01\n'
    file.write_text(row, "utf-8")
    told = ledger("prune", saved(tmp_path, small_report()), "--ledger", file)
    assert patterns(file) == [UNION]
    assert "still deviates: give it a new day" in told.output


def test_the_last_row_leaves_an_empty_ledger_that_can_be_read(tmp_path: Path, file: Path) -> None:
    file.write_text('- case: "a.b[C]"\n  reason: r\n', "utf-8")
    gone = saved(tmp_path, report_of([result("a.b", "GetC", "C", "passed")]))
    ledger("prune", gone, "--ledger", file)
    assert load(file).entries == ()


# --- what a run judged ----------------------------------------------------------------------------


def whole(*verdicts: str) -> Any:
    rows = [result("a.b", "GetC", f"C:{n}", verdict) for n, verdict in enumerate(verdicts)]
    return report_of(rows)


def test_a_ledger_remembers_how_much_the_run_judged_that_it_was_made_from(
    tmp_path: Path, file: Path
) -> None:
    add(saved(tmp_path, whole("deviates", "passed", "skipped")), file, "--all")
    made_from = load(file).made_from
    assert made_from is not None
    assert dict(made_from.judged) == {"GetC": 2}
    less, more = whole("passed", "skipped")["results"], whole("passed", "passed")["results"]
    model = whole("passed")["contract"]["model_sha256"]
    short = made_from.shortfall(less, model_sha256=model, operations={"GetC"})
    assert short is not None
    assert short.why.endswith("GetC 1 of 2")
    assert made_from.shortfall(more, model_sha256=model, operations={"GetC"}) is None


def test_a_filtered_run_is_no_measure(tmp_path: Path, file: Path) -> None:
    filtered = whole("deviates") | {"options": {"checks": ["a.*"]}}
    told = add(saved(tmp_path, filtered), file, "--all")
    assert "not a whole run (--check a.*)" in told.output
    assert load(file).made_from is None


def test_another_run_that_judged_less_becomes_the_measure_by_prune_alone(
    tmp_path: Path, file: Path
) -> None:
    add(saved(tmp_path, whole("deviates", "passed", "passed")), file, "--all")
    less = saved(tmp_path, whole("waived", "passed", "skipped"), "less.json")
    kept = add(less, file, "--all")
    assert "made_from is left as it was: this run judged less" in kept.output
    ledger("prune", less, "--ledger", file)
    made_from = load(file).made_from
    assert made_from is not None
    assert dict(made_from.judged) == {"GetC": 2}

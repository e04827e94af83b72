"""The ledger: which deviations it waives, which of its entries are stale, what is no ledger."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from conformance.errors import UsageError
from conformance.ledger import Ledger, load

TODAY = dt.date(2027, 3, 1)
CASE = "input.max-length[CreateMembership:name]"
CAUSE = "input.max-length@CreateMembership"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.yaml"


def written(path: Path, text: str) -> Ledger:
    path.write_text(text, "utf-8")
    loaded = load(path)
    return Ledger(loaded.path, loaded.entries, today=TODAY)


def result(verdict: str = "deviates", case: str = CASE, cause: str = CAUSE) -> dict[str, Any]:
    return {"case": case, "cause": cause, "verdict": verdict}


def passed(case: str = CASE) -> dict[str, Any]:
    # A case that passed has no cause.
    return result("passed", case, "")


def why_stale(ledger: Ledger, *results: dict[str, Any], everything_ran: bool = True) -> list[str]:
    return [stale.why for stale in ledger.stale(results, everything_ran=everything_ran)]


# --- what it waives -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "entry",
    [
        f'case: "{CASE}"',
        'case: "input.max-length[*]"',
        f'cause: "{CAUSE}"',
        'cause: "input.max-length@*"',
    ],
)
def test_an_entry_waives_what_it_names_by_case_or_by_cause(path: Path, entry: str) -> None:
    ledger = written(path, f"- {entry}\n  reason: not yet\n")
    waived = ledger.waives(result())
    assert waived is not None
    assert waived.reason == "not yet"


@pytest.mark.parametrize(
    "entry",
    [
        'case: "input.max-length"',
        'case: "input.max-length[CreateMembership:nam]"',
        f'case: "{CAUSE}"',
        f'cause: "{CASE}"',
        'cause: "input.min-length@*"',
    ],
)
def test_an_entry_waives_nothing_else(path: Path, entry: str) -> None:
    assert written(path, f"- {entry}\n  reason: not yet\n").waives(result()) is None


def test_an_entry_holds_on_the_day_on_which_it_expires_and_no_longer(path: Path) -> None:
    text = f'- case: "{CASE}"\n  reason: not yet\n  expires: {{}}\n'
    assert written(path, text.format("2027-03-01")).waives(result()) is not None
    assert written(path, text.format("2027-02-28")).waives(result()) is None


def test_an_expired_entry_does_not_hide_a_later_one(path: Path) -> None:
    ledger = written(
        path,
        f'- case: "{CASE}"\n  reason: old\n  expires: 2020-01-01\n'
        f'- cause: "{CAUSE}"\n  reason: new\n',
    )
    waived = ledger.waives(result())
    assert waived is not None
    assert waived.reason == "new"


def test_entries_expire_by_the_calendar_of_today(path: Path) -> None:
    path.write_text("", "utf-8")
    assert load(path).today == dt.datetime.now(tz=dt.UTC).date()


# --- what is stale --------------------------------------------------------------------------------


def test_an_entry_that_is_borne_out_is_not_stale(path: Path) -> None:
    ledger = written(path, f'- case: "{CASE}"\n  reason: not yet\n')
    assert why_stale(ledger, result("waived")) == []
    assert why_stale(ledger, result("deviates")) == []


def test_a_case_that_passes_now_is_stale_even_in_a_part_of_a_run(path: Path) -> None:
    ledger = written(path, f'- case: "{CASE}"\n  reason: not yet\n')
    assert why_stale(ledger, passed(), everything_ran=False) == ["no longer deviates"]


def test_a_pattern_of_which_one_case_still_deviates_is_not_stale(path: Path) -> None:
    ledger = written(path, '- case: "input.max-length[*]"\n  reason: not yet\n')
    other = passed("input.max-length[CreateMembership:other]")
    assert why_stale(ledger, other, result("waived")) == []


def test_a_cause_that_is_not_seen_any_more_is_stale_after_a_whole_run(path: Path) -> None:
    ledger = written(path, f'- cause: "{CAUSE}"\n  reason: not yet\n')
    assert why_stale(ledger, passed()) == ["no longer deviates"]


def test_an_entry_that_fits_no_case_is_stale_after_a_whole_run(path: Path) -> None:
    ledger = written(path, '- case: "input.max-lenght[*]"\n  reason: a slip\n')
    assert why_stale(ledger, passed()) == ["matches nothing"]


@pytest.mark.parametrize("entry", [f'cause: "{CAUSE}"', 'case: "lifecycle.echo[membership:x]"'])
def test_a_part_of_a_run_cries_stale_of_nothing_that_it_did_not_run(path: Path, entry: str) -> None:
    ledger = written(path, f"- {entry}\n  reason: not yet\n")
    assert why_stale(ledger, passed(), everything_ran=False) == []


@pytest.mark.parametrize("verdict", ["inconclusive", "not_implemented", "skipped"])
def test_a_case_that_could_not_be_judged_does_not_make_its_entry_stale(
    path: Path, verdict: str
) -> None:
    ledger = written(path, f'- case: "{CASE}"\n  reason: not yet\n')
    assert why_stale(ledger, result(verdict, cause="")) == []


def test_an_expired_entry_is_stale_whatever_ran(path: Path) -> None:
    ledger = written(path, f'- case: "{CASE}"\n  reason: not yet\n  expires: 2027-02-28\n')
    assert why_stale(ledger, result(), everything_ran=False) == ["expired on 2027-02-28"]
    assert why_stale(ledger, everything_ran=False) == ["expired on 2027-02-28"]


def test_a_stale_entry_is_shown_with_its_line(path: Path) -> None:
    ledger = written(path, '# known\n\n- case: "a[b]"\n  reason: one\n- cause: c\n  reason: two\n')
    shown = [str(stale.entry) for stale in ledger.stale([], everything_ran=True)]
    assert shown == ["case: a[b] (line 3)", "cause: c (line 5)"]


# --- rows that name operations --------------------------------------------------------------------

SPANNING = """\
- cause: "input.max-length@*"
  reason: not yet
  operations: [CreateMembership, UpdateMembership]
"""


def at(operation: str, verdict: str = "deviates") -> dict[str, Any]:
    cause = f"input.max-length@{operation}" if verdict in {"deviates", "waived"} else ""
    case = f"input.max-length[{operation}:name]"
    return result(verdict, case, cause) | {"operation": operation, "check": "input.max-length"}


def test_a_row_that_names_operations_does_not_hide_the_next_one_that_breaks(path: Path) -> None:
    ledger = written(path, SPANNING)
    assert ledger.waives(at("UpdateMembership")) is not None
    assert ledger.waives(at("CreateCollaboration")) is None


def test_a_row_is_stale_for_the_one_of_its_operations_that_passes_now(path: Path) -> None:
    ledger = written(path, SPANNING)
    results = [at("CreateMembership", "waived"), at("UpdateMembership", "passed")]
    (stale,) = ledger.stale(results, everything_ran=True)
    assert stale.why == "no longer deviates in UpdateMembership"
    assert stale.operations == ("UpdateMembership",)
    assert ledger.stale(results, everything_ran=False) == []


def test_an_operation_of_a_row_that_could_not_be_judged_is_not_stale(path: Path) -> None:
    ledger = written(path, SPANNING)
    results = [at("CreateMembership", "waived"), at("UpdateMembership", "inconclusive")]
    assert ledger.stale(results, everything_ran=True) == []


def test_a_row_of_which_no_operation_deviates_is_stale_as_a_whole(path: Path) -> None:
    ledger = written(path, SPANNING)
    results = [at("CreateMembership", "passed"), at("UpdateMembership", "passed")]
    (stale,) = ledger.stale(results, everything_ran=True)
    assert (stale.why, stale.operations) == ("no longer deviates", ())


def test_a_part_of_a_run_counts_the_rows_that_it_says_nothing_of(path: Path) -> None:
    ledger = written(path, f'{SPANNING}- case: "{CASE}"\n  reason: b\n- cause: c@d\n  reason: e\n')
    assert ledger.unseen([at("UpdateMembership", "waived"), passed()]) == 1


# --- what is no ledger ----------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "# nothing known\n", "---\n", "[]\n"])
def test_an_empty_ledger_is_one(path: Path, text: str) -> None:
    assert written(path, text).entries == ()


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("- case: a\n", 1, "needs a reason"),
        ("- case: a\n  reason:\n", 1, "needs a reason"),
        ("- reason: b\n", 1, "either a case or a cause"),
        ("- case: a\n  cause: b\n  reason: c\n", 1, "either a case or a cause"),
        ("- case: a\n  reason: b\n- just text\n", 3, "an entry is a mapping"),
        ("- case: a\n  reason: b\n  until: 2027-01-01\n", 1, "unknown key 'until'"),
        ("- case: a\n  reason: b\n  expires: soon\n", 1, "'soon' is no day"),
        ("- case: a\n  reason: b\n  expires: 2027-02-30\n", 3, "is no day"),
        ("- case: a\n  reason: b\n  operations: CreateX\n", 1, "'CreateX' is no list of names"),
        ("- case: a\n  reason: b\n  operations: []\n", 1, "[] is no list of names"),
        ("- case: [a, b]\n  reason: c\n", 1, "case"),
        ("- case: a\n  reason: b\n  expires: 2027-02-01T10:00:00\n", 1, "is no day"),
        ("\n\n- case: a\n  reason: [b\n", 5, "not YAML"),
        ("- case: *nothing\n  reason: b\n", 1, "not YAML"),
        ("- case: a\n  case: b\n  reason: c\n", 2, "not YAML"),
        ("- case: a\n\treason: b\n", 2, "not YAML"),
    ],
)
def test_what_is_wrong_in_a_ledger_is_told_with_its_line(
    path: Path, text: str, line: int, problem: str
) -> None:
    with pytest.raises(UsageError) as caught:
        written(path, text)
    assert f"--ledger {path}, line {line}:" in str(caught.value)
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["case: a\nreason: b\n", "just text\n", "7\n"])
def test_a_document_that_is_no_list_is_no_ledger(path: Path, text: str) -> None:
    with pytest.raises(UsageError, match="it is no list"):
        written(path, text)


def test_a_file_that_is_not_there_is_told(path: Path) -> None:
    with pytest.raises(UsageError, match=r"ledger\.yaml: No such file or directory"):
        load(path)


def test_a_directory_is_no_ledger(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Is a directory"):
        load(tmp_path)


def test_bytes_that_are_no_text_are_no_ledger(path: Path) -> None:
    path.write_bytes(b"\xff\xfe- case: a\n")
    with pytest.raises(UsageError, match="not UTF-8"):
        load(path)


def test_control_characters_are_no_ledger(path: Path) -> None:
    with pytest.raises(UsageError, match="ledger"):
        written(path, "- case: a\x00b\n  reason: c\n")


def test_a_tag_of_a_ledger_runs_nothing(path: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    written(path, f"- case: a\n  reason: !!python/object/apply:os.mkdir ['{ran}']\n")
    assert not ran.exists()

"""The journal of what a run made, and the sweep that deletes by it what was left over."""

from __future__ import annotations

import gc
import json
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from reference_support import (
    ONE,
    TWO,
    Account,
    RefusedError,
    collaborate,
    configure,
    join,
    listening,
    new_app,
)

from conformance.commands.sweeping import sweep_journals
from conformance.errors import ExitStatus, TargetUnreachable, UsageError
from conformance.reference import ReferenceTarget
from conformance.target.journal import Entry, Journal, left_over


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal-main.jsonl"


def entry(key: str, *, account: int = 0, **params: str) -> Entry:
    kind, operation = KINDS[next(iter(params))]
    return Entry(key, kind, operation, params, account)


KINDS = {
    "collaborationIdentifier": ("collaboration", "DeleteCollaboration"),
    "configuredTableIdentifier": ("configured_table", "DeleteConfiguredTable"),
    "membershipIdentifier": ("membership", "DeleteMembership"),
}


def note(journal: Journal, *, account: int = 0, **params: str) -> str:
    kind, _ = KINDS[next(iter(params))]
    key = journal.creating(kind, "Create", "run")
    journal.created(entry(key, account=account, **params))
    return key


# --- the file -------------------------------------------------------------------------------------


def test_what_was_created_and_not_deleted_is_left_over_the_newest_first(path: Path) -> None:
    journal = Journal(path)
    note(journal, collaborationIdentifier="a")
    second = note(journal, configuredTableIdentifier="b")
    note(journal, membershipIdentifier="c")
    journal.deleted(second)
    assert [dict(each.params) for each in left_over(path)] == [
        {"membershipIdentifier": "c"},
        {"collaborationIdentifier": "a"},
    ]


def test_an_entry_comes_back_as_it_was_noted(path: Path) -> None:
    journal = Journal(path)
    key = journal.creating("thing", "CreateThing", "run")
    params = {"resourceArn": "arn:aws:x:y/ü \u2028 \n", "number": 1, "list": ["a", {"b": None}]}
    noted = Entry(key, "thing", "DeleteThing", params, account=1)
    journal.created(noted)
    assert list(left_over(path)) == [noted]


def test_keys_are_unique_in_a_journal(path: Path) -> None:
    journal = Journal(path)
    assert len({journal.creating("thing", "CreateThing", "run") for _ in range(50)}) == 50


def test_each_event_is_on_disk_before_the_next_thing_happens(path: Path) -> None:
    journal = Journal(path)
    key = journal.creating("membership", "CreateMembership", "run")
    assert json.loads(path.read_text("utf-8"))["event"] == "creating"
    journal.created(entry(key, membershipIdentifier="a"))
    journal.deleted(key)
    events = [json.loads(line)["event"] for line in path.read_text("utf-8").splitlines()]
    assert events == ["creating", "created", "deleted"]


def test_a_target_that_vanishes_with_the_run_has_no_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    note(Journal(None), membershipIdentifier="a")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("cut", [1, 10, 40])
def test_the_last_line_of_a_killed_run_may_be_cut_short(path: Path, cut: int) -> None:
    journal = Journal(path)
    note(journal, collaborationIdentifier="a")
    note(journal, membershipIdentifier="b")
    path.write_bytes(path.read_bytes()[:-cut])
    assert {"collaborationIdentifier": "a"} in [dict(e.params) for e in left_over(path)]


def test_a_journal_that_was_cut_short_can_be_written_on(path: Path) -> None:
    journal = Journal(path)
    keys = [note(journal, collaborationIdentifier=name) for name in "abc"]
    path.write_bytes(path.read_bytes() + b'{"event": "crea')
    for key in keys[:2]:
        Journal(path).deleted(key)
    assert [dict(each.params) for each in left_over(path)] == [{"collaborationIdentifier": "c"}]


@pytest.mark.parametrize(
    "line", ["no JSON", "[]", "7", '{"event": "created"}', '{"event": "created", "key": "a"}']
)
def test_a_line_that_is_no_entry_is_told_with_its_number(path: Path, line: str) -> None:
    note(Journal(path), membershipIdentifier="a")
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
    note(Journal(path), membershipIdentifier="b")
    with pytest.raises(UsageError, match=r"journal-main\.jsonl, line 3: no entry of a journal"):
        list(left_over(path))


def test_a_journal_that_is_not_there_is_told(path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        list(left_over(path))


def test_a_file_that_is_no_text_is_no_journal(path: Path) -> None:
    path.write_bytes(b"\xff\xfe\n")
    with pytest.raises(UsageError, match="journal-main"):
        list(left_over(path))


# --- the sweep ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def app() -> ReferenceTarget:
    return new_app()


@pytest.fixture(scope="module")
def url(app: ReferenceTarget) -> Iterator[str]:
    with listening(app) as url:
        yield url


@pytest.fixture(autouse=True)
def nothing_there(app: ReferenceTarget) -> None:
    app.reset()


Sweep = Callable[..., ExitStatus]

OPTIONS: dict[str, Any] = {
    "service": "cleanrooms",
    "region": None,
    "profiles": (),
    "ca_bundle": None,
    "no_verify_ssl": False,
    "timeout": 5.0,
}


@pytest.fixture
def sweep(path: Path, url: str) -> Sweep:
    def swept(*paths: Path, **options: Any) -> ExitStatus:
        # What is left open is told by a test of its own, and not by whichever runs next.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            try:
                return sweep_journals(
                    list(paths or [path]), **{**OPTIONS, "endpoint_url": url, **options}
                )
            finally:
                gc.collect()

    return swept


def test_what_is_left_over_is_deleted_the_newest_first_each_by_who_made_it(
    app: ReferenceTarget, path: Path, sweep: Sweep, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = Account(app, ONE), Account(app, TWO)
    journal = Journal(path)
    collaboration = collaborate(one)
    note(journal, collaborationIdentifier=collaboration)
    table = configure(one)
    note(journal, configuredTableIdentifier=table)
    others = configure(two)
    note(journal, account=1, configuredTableIdentifier=others)
    assert sweep() is ExitStatus.CONFORMANT
    assert one.all("ListCollaborations") == one.all("ListConfiguredTables") == []
    assert two.all("ListConfiguredTables") == []
    told = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in told] == [
        ["deleted", "configured_table"],
        ["deleted", "configured_table"],
        ["deleted", "collaboration"],
        ["3", "deleted,"],
    ]
    assert others in told[0]
    assert table in told[1]


def test_what_can_go_only_after_something_older_is_tried_again(
    app: ReferenceTarget, path: Path, sweep: Sweep, capsys: pytest.CaptureFixture[str]
) -> None:
    one, journal = Account(app, ONE), Journal(path)
    collaboration = collaborate(one)
    note(journal, collaborationIdentifier=collaboration)
    note(journal, membershipIdentifier=join(one, collaboration))
    assert sweep() is ExitStatus.CONFORMANT
    told = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in told[:2]] == ["collaboration", "membership"]
    assert told[-1] == "2 deleted, 0 left"


def test_nothing_but_what_the_journal_lists_is_touched(
    app: ReferenceTarget, path: Path, sweep: Sweep
) -> None:
    one = Account(app, ONE)
    mine, others = configure(one), configure(one)
    note(Journal(path), configuredTableIdentifier=mine)
    assert sweep() is ExitStatus.CONFORMANT
    assert [row["id"] for row in one.all("ListConfiguredTables")] == [others]


def test_a_second_sweep_has_nothing_to_do(
    app: ReferenceTarget, path: Path, sweep: Sweep, capsys: pytest.CaptureFixture[str]
) -> None:
    note(Journal(path), configuredTableIdentifier=configure(Account(app, ONE)))
    sweep()
    capsys.readouterr()
    assert sweep() is ExitStatus.CONFORMANT
    assert capsys.readouterr().out == "0 deleted, 0 left\n"


def test_what_is_gone_already_counts_as_deleted(
    app: ReferenceTarget, path: Path, sweep: Sweep
) -> None:
    one = Account(app, ONE)
    table = configure(one)
    note(Journal(path), configuredTableIdentifier=table)
    one.DeleteConfiguredTable(configuredTableIdentifier=table)
    assert sweep() is ExitStatus.CONFORMANT
    assert list(left_over(path)) == []


def test_what_the_target_keeps_is_told_and_stays_in_the_journal(
    app: ReferenceTarget, path: Path, sweep: Sweep, capsys: pytest.CaptureFixture[str]
) -> None:
    one = Account(app, ONE)
    membership = join(one, collaborate(one))
    note(Journal(path), membershipIdentifier=membership)
    with pytest.raises(RefusedError):  # a creator cannot leave
        one.DeleteMembership(membershipIdentifier=membership)
    assert sweep() is ExitStatus.DEVIATES
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith(f"kept     membership {{'membershipIdentifier': '{membership}'}}: 4")
    assert told[-1] == "0 deleted, 1 left"
    assert [dict(each.params) for each in left_over(path)] == [{"membershipIdentifier": membership}]


def test_several_journals_are_swept(app: ReferenceTarget, tmp_path: Path, sweep: Sweep) -> None:
    one = Account(app, ONE)
    paths = [tmp_path / f"journal-gw{number}.jsonl" for number in range(2)]
    for each in paths:
        note(Journal(each), configuredTableIdentifier=configure(one))
    assert sweep(*paths) is ExitStatus.CONFORMANT
    assert one.all("ListConfiguredTables") == []


def test_what_an_account_made_that_is_not_given_now_is_told_and_kept(
    app: ReferenceTarget, path: Path, sweep: Sweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The run had two profiles, the sweep is given one.
    credentials = path.with_name("credentials")
    credentials.write_text(
        f"[one]\naws_access_key_id = {ONE}\naws_secret_access_key = secret-of-one\n", "utf-8"
    )
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(credentials))
    note(Journal(path), account=1, configuredTableIdentifier=configure(Account(app, TWO)))
    assert sweep(profiles=("one",)) is ExitStatus.DEVIATES
    assert len(list(left_over(path))) == 1


def test_a_creation_whose_end_is_not_known_is_told(
    path: Path, sweep: Sweep, capsys: pytest.CaptureFixture[str]
) -> None:
    # The run was killed while the target was at it: the resource may be there, and nobody knows
    # its identifier.
    Journal(path).creating("membership", "CreateMembership", "run")
    sweep()
    assert "membership" in capsys.readouterr().out


def test_a_sweep_closes_its_connection(path: Path, url: str) -> None:
    note(Journal(path), configuredTableIdentifier="00000000-0000-4000-8000-000000000000")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        sweep_journals([path], **OPTIONS, endpoint_url=url)
        gc.collect()
    assert [str(each.message) for each in caught] == []


def test_without_a_journal_there_is_nothing_to_sweep(url: str) -> None:
    with pytest.raises(UsageError, match="There is no journal"):
        sweep_journals([], **OPTIONS, endpoint_url=url)


def test_the_embedded_target_needs_no_sweep(path: Path, sweep: Sweep) -> None:
    note(Journal(path), membershipIdentifier="a")
    with pytest.raises(UsageError, match="The embedded target keeps nothing"):
        sweep(endpoint_url=None)


def test_a_target_that_is_not_there_is_told_and_the_journal_left_alone(
    path: Path, sweep: Sweep
) -> None:
    note(Journal(path), membershipIdentifier="a")
    before = path.read_bytes()
    with pytest.raises(TargetUnreachable):
        sweep(endpoint_url="http://127.0.0.1:9")
    assert path.read_bytes() == before

"""What nothing of a service makes: asked for in a spec, given by a user, told where missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from click.testing import CliRunner

from conformance import contract as contracts
from conformance import spec as specs
from conformance.cli import main
from conformance.errors import UsageError
from conformance.reference import create_app
from conformance.spec.prerequisites import Given, lacking, read_given
from conformance.suite.collector import Collector
from conformance.suite.run import plan
from conformance.suite.settings import of as settings_of
from conformance.target.client import Client
from conformance.target.journal import Journal
from conformance.target.outcomes import NotTestable
from conformance.target.target import resolve
from conformance.target.world import World
from conformance.wire.wsgi import WsgiTransport

TOY = """\
prerequisites:
  shelf: {value: "shelf-${region}", says: a shelf}
resources:
  box:
    operations: {create: CreateBox, get: GetBox}
    identifiers: {boxId: id}
    input: {name: a, where: "on ${prerequisite.shelf}", more: [{"on": "${prerequisite.shelf}"}]}
"""


def where(given: Given) -> Any:
    return specs.parse("toy", {"specs/toy/box.yaml": TOY}, given).resources["box"].input


def test_what_is_not_given_is_made_up_where_any_name_will_do() -> None:
    made_up = {"name": "a", "where": "on shelf-${region}", "more": [{"on": "shelf-${region}"}]}

    assert where(Given()) == made_up
    assert where(Given({"shelf": "S"}))["where"] == "on S"


def test_what_is_not_given_is_missing_where_it_has_to_exist() -> None:
    assert where(Given(invented=False))["where"] == "on ${missing:shelf}"
    assert where(Given({"shelf": "S"}, invented=False))["more"] == [{"on": "S"}]


def test_a_template_that_names_no_prerequisite_is_told_with_its_line() -> None:
    text = TOY.replace("${prerequisite.shelf}", "${prerequisite.shelv}", 1)
    with pytest.raises(UsageError) as told:
        specs.parse("toy", {"specs/toy/box.yaml": text})

    assert "specs/toy/box.yaml, line 7: resources.box.input.where" in str(told.value)
    assert "there is no prerequisite 'shelv'. Did you mean 'shelf'?" in str(told.value)


def test_a_value_that_nobody_asks_for_is_told() -> None:
    with pytest.raises(UsageError, match="there is no 'shelv'. Did you mean 'shelf'"):
        where(Given({"shelv": "S"}))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"- a", "a name and its value are wanted in each line"),
        (b"role_arn: {a: b}", "the value of role_arn is no text"),
        (b"a: [", "it is no YAML"),
        (b"\xff\xfe\x00", "it is no YAML"),
    ],
)
def test_a_file_that_is_of_no_use_is_told(text: bytes, says: str, tmp_path: Path) -> None:
    file = tmp_path / "given.yaml"
    file.write_bytes(text)
    with pytest.raises(UsageError, match=says):
        read_given(file, invented=True)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file or directory"):
        read_given(tmp_path / "given.yaml", invented=True)


def test_what_is_left_empty_is_not_there(tmp_path: Path) -> None:
    file = tmp_path / "given.yaml"
    file.write_text('a: ""\nb: x\nc:\n', "utf-8")

    assert read_given(file, invented=False).values == {"b": "x"}


def test_the_file_to_fill_in_asks_for_all_that_the_spec_needs(tmp_path: Path) -> None:
    printed = CliRunner().invoke(main, ["prerequisites"]).output
    file = tmp_path / "given.yaml"
    file.write_text(printed.replace('""', "x"), "utf-8")

    given = read_given(file, invented=False)
    assert given.values.keys() == specs.load("cleanrooms").prerequisites.keys()
    assert "${missing:" not in str(specs.load("cleanrooms", given))


def test_a_service_that_needs_nothing_says_so() -> None:
    result = CliRunner().invoke(main, ["prerequisites", "appmesh"])

    assert result.exit_code == 2
    assert "The spec of appmesh needs nothing of other services." in result.output


def test_a_given_name_is_what_is_sent(tmp_path: Path) -> None:
    file = tmp_path / "given.yaml"
    file.write_text("glue_table: my_table\n", "utf-8")
    out = tmp_path / "out"
    case = "lifecycle.echo[configured_table:tableReference]"
    arguments = [
        "run",
        "--out",
        str(out),
        "--prerequisites",
        str(file),
        "--check",
        "lifecycle.echo",
    ]
    result = CliRunner().invoke(main, [*arguments, "--operation", "GetConfiguredTable"])

    assert result.exit_code == 0, result.output
    planned = plan(settings_of({"prerequisites": str(file)}, tmp_path))
    told = planned.spec.resources["configured_table"].input["tableReference"]
    assert told == {"glue": {"tableName": "my_table", "databaseName": "conformance"}}
    assert case in (out / "report.json").read_text("utf-8")


def test_what_is_missing_costs_only_what_needs_it() -> None:
    contract = contracts.load("cleanrooms")
    spec = specs.load("cleanrooms", Given(invented=False))
    target = resolve(contract)
    client = Client(contract, target, WsgiTransport(create_app(contract)), lambda: None)
    world = World(contract, spec, client, Journal(None), run_id="r")

    assert world.fresh("collaboration").value("id")
    with pytest.raises(NotTestable) as told:
        world.fresh("configured_table")
    assert str(told.value) == lacking("glue_table", spec.prerequisites["glue_table"])


def test_a_report_says_once_what_is_missing_and_what_that_costs(tmp_path: Path) -> None:
    planned = plan(settings_of({}, tmp_path))
    why = lacking("glue_table", planned.spec.prerequisites["glue_table"])
    rows = [
        {
            "case": f"{check}[x:{number}]",
            "check": check,
            "operation": "GetConfiguredTable",
            "verdict": "skipped",
            "message": f"no configured table to test with: {why}",
            "facts": [],
        }
        for number, check in enumerate(("lifecycle.echo", "lifecycle.echo", "input.type"))
    ]
    collector = Collector(evolve(planned), float("inf"))
    for row in rows:
        collector._results[row["case"]] = row  # noqa: SLF001 - what pytest would have told it

    (note,) = collector.report()["notes"]
    assert note.startswith("glue_table is not given, a table in it with the columns column_1")
    assert note.endswith(": 3 cases of 2 checks not run (input.type, lifecycle.echo)")

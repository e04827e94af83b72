"""A spec is read from several files; a mistake in one is told with file, line and cure."""

from __future__ import annotations

import textwrap
from importlib import resources
from pathlib import Path

import pytest

from conformance.contract import load as load_contract
from conformance.errors import UsageError
from conformance.spec import EMPTY, Level, Spec, load, parse

BOX = """\
resources:
  box:
    operations: {create: MakeBox, get: GetBox, update: SetBox, delete: BurnBox, list: ListBoxes}
    returned_as: box
    listed_as: boxes
    identifiers: {boxId: id}
    input: {name: "box ${unique}", size: 3}
    echo: {level: MUST, cites: "Box", facts: [BOX-01], values: [name, size]}
"""
LID = """\
resources:
  lid:
    operations: {create: CreateLid, get: GetLid, list: ListLids}
    identifiers: {boxId: box.id, lidId: id}
    exclusive: [box]
    input: {boxId: "${box.id}", colour: red}
"""


def read(**files: str) -> Spec:
    return parse("toy", {f"specs/toy/{name}.yaml": text for name, text in files.items()})


def said_of(**files: str) -> str:
    with pytest.raises(UsageError) as raised:
        read(**files)
    return str(raised.value)


def changed(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new)


def added(text: str, *lines: str) -> str:
    return text + textwrap.indent("\n".join(lines), "    ") + "\n"


def test_files_are_read_as_one_spec() -> None:
    spec = read(box=BOX, lid=LID, calls="calls:\n  OpenBox: {boxId: '${fresh:box.id}'}\n")
    assert sorted(spec.resources) == ["box", "lid"]
    assert spec.calls == {"OpenBox": {"boxId": "${fresh:box.id}"}}
    assert spec.resources["lid"].exclusive == ("box",)


def test_lists_of_several_files_are_joined() -> None:
    one = "untested:\n  - {sites: 'CreateBox:*', why: sources disagree}\n"
    other = "untested:\n  - {sites: '*:colour', kinds: [enum], why: sources disagree}\n"
    spec = read(one=one, other=other)
    assert spec.untested_because("CreateBox:size", "maximum") == "sources disagree"
    assert spec.untested_because("CreateLid:colour", "enum") == "sources disagree"
    assert spec.untested_because("CreateLid:colour", "type") == ""


def test_a_claim_carries_level_citation_and_facts() -> None:
    claim = read(box=BOX).resources["box"].echo
    assert claim is not None
    assert (claim.level, claim.cites, claim.facts) == (Level.MUST, "Box", ("BOX-01",))
    assert claim.values == {"name": "name", "size": "size"}


def test_a_variant_is_its_kind_with_another_input() -> None:
    red = "  red_lid:\n    like: lid\n    input: {boxId: '${box.id}', colour: dark red}\n"
    spec = read(box=BOX, lid=LID + red)
    assert "red_lid" not in spec.resources
    variant, kind = spec.recipe("red_lid"), spec.recipe("lid")
    assert (variant.name, variant.kind, kind.kind) == ("red_lid", "lid", "lid")
    assert variant.input["colour"] == "dark red"
    assert variant.exclusive == kind.exclusive
    assert variant.operations == kind.operations


def test_a_service_without_a_folder_has_an_empty_spec() -> None:
    assert load("appmesh") == Spec(service="appmesh")
    assert not load("appmesh").resources
    assert not EMPTY.resources


MISTAKES = {
    "no YAML": (
        {"box": "resources:\n  box: [\n"},
        "specs/toy/box.yaml, line 3: not YAML",
    ),
    "an empty file": ({"box": ""}, "specs/toy/box.yaml is empty."),
    "a key twice": (
        {"box": added(BOX, "listed_as: boxes")},
        "specs/toy/box.yaml, line 9: not YAML: found duplicate key",
    ),
    "no mapping": ({"box": "- box\n"}, "line 1: the file: ['box'] is not of type 'object'."),
    "an unknown section": (
        {"box": "resource:\n  box: {}\n"},
        "line 1: resource: there is no such key. Did you mean 'resources'?",
    ),
    "an unknown key": (
        {"box": added(BOX, "updateable: {level: MUST, cites: Box}")},
        "line 9: resources.box.updateable: there is no such key. Did you mean 'updatable'?",
    ),
    "an unknown key of a variant": (
        {"box": BOX, "more": "resources:\n  big_box:\n    like: box\n    returned_as: bigBox\n"},
        "specs/toy/more.yaml, line 4: resources.big_box.returned_as: there is no such key.",
    ),
    "a missing key": (
        {"box": changed(BOX, "    identifiers: {boxId: id}\n", "")},
        "line 2: resources.box: 'identifiers' is a required property.",
    ),
    "a level that is none": (
        {"box": changed(BOX, "level: MUST", "level: PERHAPS")},
        "line 8: resources.box.echo.level: 'PERHAPS' is not one of ['MUST', 'SHOULD', 'MAY'].",
    ),
    "a claim without citation": (
        {"box": changed(BOX, 'cites: "Box", ', "")},
        "line 8: resources.box.echo: 'cites' is a required property.",
    ),
    "a fact that is no id": (
        {"box": changed(BOX, "BOX-01", "the first fact")},
        "line 8: resources.box.echo.facts.0: 'the first fact' does not match",
    ),
    "a resource in two files": (
        {"box": BOX, "other": BOX},
        "other.yaml, line 2: resources.box: is said already in specs/toy/box.yaml, line 2.",
    ),
    "an operation in two roles": (
        {"box": BOX, "lid": changed(LID, "get: GetLid", "get: GetBox")},
        "specs/toy/lid.yaml, line 3: resources.lid.operations.get: is said already in",
    ),
    "an operation with a role and a call": (
        {"box": BOX + "calls:\n  GetBox: {}\n"},
        "line 10: calls.GetBox: is said already in specs/toy/box.yaml, line 3.",
    ),
    "a parent that is not described": (
        {"lid": LID},
        "specs/toy/lid.yaml, line 5: resources.lid.exclusive.0: there is no resource 'box'.",
    ),
    "an expression that names nothing": (
        {"box": BOX, "lid": changed(LID, '"${box.id}"', '"${bax.id}"')},
        "line 6: resources.lid.input.boxId: ${bax.id} names no resource. Did you mean 'box'?",
    ),
    "an expression without member": (
        {"box": BOX, "lid": changed(LID, '"${box.id}"', '"${box.}"')},
        "line 6: resources.lid.input.boxId: ${box.} names no member of box. Write ${box.id}, say.",
    ),
    "an unknown word": (
        {"box": changed(BOX, "${unique}", "${uniqe}")},
        "line 7: resources.box.input.name: ${uniqe} names no word. Did you mean 'unique'?",
    ),
    "an unknown mode": (
        {"box": BOX + "calls:\n  OpenBox: {boxId: '${new:box.id}'}\n"},
        "line 10: calls.OpenBox.boxId: ${new:box.id} has an unknown mode 'new'. There are fresh,",
    ),
    "a parent of a parent that it has not": (
        {"box": BOX + "calls:\n  OpenBox: {boxId: '${box.lid.id}'}\n", "lid": LID},
        "line 10: calls.OpenBox.boxId: ${box.lid.id}: a box needs no lid.",
    ),
    "an identifier of a parent that it has not": (
        {"box": changed(BOX, "{boxId: id}", "{boxId: id, lidId: lid.id}"), "lid": LID},
        "line 6: resources.box.identifiers.lidId: it needs no 'lid'.",
    ),
    "an exclusive parent that no input names": (
        {"box": BOX, "lid": LID.replace("${box.id}", "1").replace("boxId: box.id, ", "")},
        "specs/toy/lid.yaml, line 5: resources.lid.exclusive.0: its input names no 'box'.",
    ),
    "a circle": (
        {"box": changed(BOX, "size: 3", 'size: "${lid.size}"'), "lid": LID},
        "line 2: resources.box: needs itself to be made.",
    ),
    "a variant of nothing": (
        {"box": BOX, "more": "resources:\n  big_box: {like: bax}\n"},
        "specs/toy/more.yaml, line 2: resources.big_box.like: there is no kind 'bax'. Did you mean",
    ),
    "a variant of a variant": (
        {"box": BOX, "more": "resources:\n  a: {like: box}\n  b: {like: a}\n"},
        "specs/toy/more.yaml, line 3: resources.b.like: there is no kind 'a'.",
    ),
    "a claim on an operation that it has not": (
        {"box": BOX, "lid": added(LID, "updatable: {level: MUST, cites: Lid, values: {a: b}}")},
        "specs/toy/lid.yaml, line 7: resources.lid.updatable: it has no operation for 'update'.",
    ),
    "an echo of what is not given": (
        {"box": changed(BOX, "values: [name, size]", "values: [name, colour]")},
        "line 8: resources.box.echo.values: its input has no 'colour'.",
    ),
    "an answer of an operation that is not its own": (
        {"box": added(BOX, "not_found:", "  GetLid: {level: MAY, cites: Box, codes: [A]}")},
        "line 10: resources.box.not_found.GetLid: is none of its operations.",
    ),
    "an expression in a transition": (
        {"box": added(BOX, "transitions: [{state: {on: true}, input: {name: '${unique}'}}]")},
        "line 9: resources.box.transitions.0.input.name: ${unique} cannot stand here.",
    ),
    "a state of which nothing is said": (
        {
            "box": added(
                BOX, "states: {member: lid, level: MAY, cites: Box, next: {OPEN: [SHUT], SHU: []}}"
            )
        },
        "line 9: resources.box.states.next.OPEN.0: nothing is said of 'SHUT'. Did you mean",
    ),
    "doubts about no call": (
        {"box": BOX + "unsure:\n  - {operation: OpenBox, why: nobody knows}\n"},
        "line 10: unsure.0: no call is described.",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_with_file_and_line(name: str) -> None:
    files, expected = MISTAKES[name]
    assert expected in said_of(**files)


def test_a_date_in_an_input_is_taken_as_text() -> None:
    spec = read(box=changed(BOX, "size: 3", "size: 2026-01-02"))
    assert spec.resources["box"].input["size"] == "2026-01-02"


def folders() -> list[str]:
    inside = resources.files("conformance") / "specs"
    root = inside if inside.is_dir() else Path(__file__).parents[1] / "specs"
    return sorted(folder.name for folder in root.iterdir() if folder.is_dir())


@pytest.mark.parametrize("service", folders())
def test_each_folder_is_a_spec_of_a_service_that_botocore_has(service: str) -> None:
    assert load(service).resources
    assert load_contract(service).operations

"""The page on writing a spec says what is so."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path

import pytest

from conformance.errors import UsageError
from conformance.spec import parse

PAGE = (Path(__file__).parents[1] / "docs" / "writing-a-spec.md").read_text("utf-8")
SCHEMA = json.loads((resources.files("conformance.spec") / "schema.json").read_text("utf-8"))
EXAMPLE, PREREQUISITES, SCENARIOS, FACTS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
MISTAKES = {
    "a key": (EXAMPLE.replace("    updatable:", "    updateable:"), "updateable: there is no such"),
    "a name": (EXAMPLE.replace('"${box.id}"', '"${bax.id}"'), "${bax.id} names no resource. Did"),
}


def test_the_example_is_a_spec() -> None:
    spec = parse("toy", {"specs/toy/box.yaml": EXAMPLE})
    assert sorted(spec.resources) == ["box", "lid"]
    assert spec.calls == {"ShakeBox": {"boxId": "${fresh:box.id}"}}


def test_the_examples_of_scenarios_and_facts_go_with_it() -> None:
    files = {"box": EXAMPLE, "scenarios": SCENARIOS}
    spec = parse("toy", {f"specs/toy/{name}.yaml": text for name, text in files.items()})
    facts = parse("toy", {"specs/toy/facts.yaml": FACTS}).facts

    assert spec.scenarios["a-lid-goes-with-its-box"].resources == {"box", "lid"}
    assert [fact.level for fact in facts.values()] == ["MUST", "MUST", "SHOULD", "UNKNOWN"]


def test_the_example_of_prerequisites_is_one() -> None:
    box = EXAMPLE.replace('name: "box ${unique}"', 'name: "${prerequisite.results_bucket}"')
    files = {"specs/toy/box.yaml": box, "specs/toy/more.yaml": PREREQUISITES}
    spec = parse("toy", files)

    assert spec.prerequisites == {"results_bucket": "an S3 bucket that results may go to"}
    assert "conformance-results" in spec.resources["box"].input.values()


@pytest.mark.parametrize("kind", ["resource", "variant", "scenario", "call", "fact"])
def test_every_key_of_a_resource_is_explained(kind: str) -> None:
    keys = set(SCHEMA["$defs"][kind]["properties"])
    assert {key for key in keys if f"`{key}`" not in PAGE} == set()


def test_every_key_of_a_file_is_explained() -> None:
    keys = set(SCHEMA["properties"])
    assert {key for key in keys if f"`{key}`" not in PAGE} == set()


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_read_as_they_are_shown(name: str) -> None:
    text, said = MISTAKES[name]
    with pytest.raises(UsageError, match=re.escape(said)):
        parse("toy", {"specs/toy/box.yaml": text})
    assert said in PAGE

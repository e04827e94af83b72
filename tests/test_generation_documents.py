"""Strategies from JSON Schemas work with every supported Hypothesis, and change none."""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import hypothesis
import jsonschema
import pytest
from generation_support import each_of
from hypothesis.internal.conjecture import utils as internals
from hypothesis_jsonschema import _from_schema as its_namespace
from packaging.requirements import Requirement

from conformance.contract import json_schema, load
from conformance.errors import UsageError
from conformance.generation.documents import NEEDS_ADAPTER, from_schema, json_objects

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z]{1,8}$"},
        "size": {"type": "integer", "minimum": 1, "maximum": 9},
        "tags": {"type": "object", "additionalProperties": {"type": "boolean"}, "maxProperties": 3},
        "many": {"type": "array", "items": {"enum": [1, 2]}, "maxItems": 3},
    },
    "required": ["name"],
    "additionalProperties": False,
}

USE = """
import hypothesis, jsonschema
from conformance import strategies
from conformance.generation.documents import NEEDS_ADAPTER, from_schema

schema = {schema!r}
count = 0

@hypothesis.settings(max_examples=100, database=None, deadline=None)
@hypothesis.given(from_schema(schema), strategies.inputs("cleanrooms", "CreateConfiguredTable"))
def check(value, params):
    global count
    jsonschema.validate(value, schema)
    assert params["name"]
    count += 1

check()
print(hypothesis.__version__, NEEDS_ADAPTER, count)
"""


def oldest_hypothesis() -> str:
    for text in importlib.metadata.requires("aws-conformance") or ():
        requirement = Requirement(text)
        if requirement.name == "hypothesis":
            return f"hypothesis=={next(iter(requirement.specifier)).version}"
    pytest.fail("the project does not say which Hypothesis it needs")


def test_values_are_what_the_schema_allows() -> None:
    each_of(from_schema(SCHEMA), lambda value: jsonschema.validate(value, SCHEMA))


def test_free_form_documents_are_objects() -> None:
    seen: list[Any] = []
    each_of(json_objects(), seen.append)
    assert all(isinstance(value, dict) for value in seen)
    assert any(seen)


def test_a_shapes_schema_is_one_that_a_user_might_bring() -> None:
    shape = load("cleanrooms").operation("TagResource").input
    assert shape is not None
    schema = json_schema(shape)
    each_of(from_schema(schema), lambda value: jsonschema.validate(value, schema), 20)


def test_dependent_schemas_take_elements_back() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
        "dependencies": {"a": {"required": ["b"]}},
        "additionalProperties": False,
    }
    settings = hypothesis.settings(
        database=None,
        derandomize=True,
        max_examples=30,
        # The package's own way with such schemas; the strategies of the project need no such thing.
        suppress_health_check=[hypothesis.HealthCheck.filter_too_much],
    )

    @settings
    @hypothesis.given(from_schema(schema))
    def check(value: Any) -> None:
        jsonschema.Draft7Validator(schema).validate(value)

    check()


@pytest.mark.parametrize("value", ["{}", None, 3, ["object"]])
def test_what_is_no_schema_is_refused(value: Any) -> None:
    with pytest.raises(UsageError, match="A JSON Schema is an object or a boolean"):
        from_schema(value)


def test_a_wrong_schema_is_refused_with_the_place() -> None:
    with pytest.raises(UsageError, match=r"'strnig' is not valid .* at \$\.properties\.a\.type"):
        from_schema({"properties": {"a": {"type": "strnig"}}})


def test_hypothesis_itself_stays_as_it_is() -> None:
    assert internals.many.__module__ == "hypothesis.internal.conjecture.utils"
    assert hasattr(internals.many, "more") is not NEEDS_ADAPTER
    assert (its_namespace.cu is internals) is not NEEDS_ADAPTER


@pytest.mark.skipif(not NEEDS_ADAPTER, reason="this Hypothesis is older than the change")
def test_the_adapter_is_still_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(its_namespace, "cu", internals)
    try:
        each_of(from_schema(SCHEMA), lambda _: None, 5)
    except AttributeError as error:
        assert "more" in str(error)  # noqa: PT017 - no error at all is the other, telling, outcome
    else:
        pytest.fail("hypothesis-jsonschema works without the adapter: take it away")


@pytest.mark.slow
@pytest.mark.parametrize("requirement", [oldest_hypothesis(), "hypothesis"])
def test_the_oldest_and_the_newest_hypothesis_will_do(requirement: str, tmp_path: Path) -> None:
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(tmp_path)]
    installed = subprocess.run(
        [*install, "--no-deps", requirement, "sortedcontainers"],
        check=False,
        capture_output=True,
        text=True,
    )
    if installed.returncode and "No matching distribution" in installed.stderr:
        pytest.skip("no package index can be reached")
    assert installed.returncode == 0, installed.stderr
    ran = subprocess.run(
        [sys.executable, "-c", USE.format(schema=SCHEMA)],
        check=False,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert ran.returncode == 0, ran.stderr
    version, needed, count = ran.stdout.split()
    assert Requirement(requirement).specifier.contains(version)
    assert needed == str(requirement == "hypothesis")
    assert int(count) >= 100


def test_a_project_that_makes_errors_of_warnings_can_run_the_suite(tmp_path: Path) -> None:
    # While pytest starts, Hypothesis warns of an import that reads its tables.
    (tmp_path / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n", "utf-8")
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "--pyargs", "conformance.suite", "-q"),
            *("--conformance-check=response.status", "--conformance-operation=ListCollaborations"),
        ],
        check=False,
        env={name: text for name, text in os.environ.items() if not name.startswith("PYTEST_")},
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "1 passed" in ran.stdout

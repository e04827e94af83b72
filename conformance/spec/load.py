"""Reads ``specs/<service>/*.yaml`` and says in which file and line a mistake stands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Literal

from attrs import evolve
from jsonschema import Draft202012Validator, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from conformance.errors import UsageError
from conformance.names import Glob
from conformance.spec.claims import Claim, Level, fact_of
from conformance.spec.model import (
    Accounts,
    NotFound,
    Resource,
    Spec,
    States,
    Together,
    Transition,
    Unprovoked,
    Untested,
)
from conformance.spec.places import did_you_mean, mistake
from conformance.spec.prerequisites import ANYTHING, Given, fill_in
from conformance.spec.references import check_references
from conformance.spec.scenarios import account_of, scenario_of


def load(service: str, given: Given = ANYTHING) -> Spec:
    """The spec of a service; an empty one where there is no folder for it.

    Args:
        given: what a user says there is of its prerequisites.

    Raises:
        UsageError: a file of it is not what the schema of specs says, which names file and line; or
            something is given that the spec does not ask for.
    """
    return _load(service, given)


@cache
def _load(service: str, given: Given) -> Spec:
    folder = specs() / service
    if not folder.is_dir():
        return Spec(service=service)
    return parse(service, dict(_texts(folder, f"specs/{service}")), given)


def parse(service: str, texts: Mapping[str, str], given: Given = ANYTHING) -> Spec:
    """The spec that YAML files state together.

    Args:
        service: botocore's name of the service.
        texts: the content of each file by its name, which errors mention.
        given: what stands in templates for what they name of other services.

    Raises:
        UsageError: a text is no YAML, not what the schema of specs says, or refers to something
            that no text describes.
    """
    try:
        documents = _documents(texts, "safe", given)
    except UsageError:
        # What is wrong is known; where it stands is known to the slower reader alone.
        documents = _documents(texts, "rt", given)
    merged: dict[str, Any] = {}
    for document in documents.values():
        for key, value in json.loads(json.dumps(document, default=str)).items():
            if isinstance(value, list):
                merged.setdefault(key, []).extend(value)
            elif isinstance(merged.get(key), dict):
                merged[key] |= value
            else:
                merged[key] = value
    return _spec(service, merged)


def _texts(folder: Traversable, name: str) -> Iterator[tuple[str, str]]:
    """The YAML files in a folder and those below it: name and content."""
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        inside = f"{name}/{entry.name}"
        if entry.is_dir():
            yield from _texts(entry, inside)
        elif entry.name.endswith(".yaml"):
            yield inside, entry.read_text("utf-8")


def specs() -> Traversable:
    """The folder that has a folder for each service."""
    inside = resources.files("conformance") / "specs"
    # In a checkout the folder stands beside the package; a wheel carries it inside.
    return inside if inside.is_dir() else Path(__file__).parents[2] / "specs"


def _documents(
    texts: Mapping[str, str], reader: Literal["safe", "rt"], given: Given
) -> dict[str, Any]:
    documents = {name: _checked(name, text, reader) for name, text in texts.items()}
    fill_in(documents, given)
    check_references(documents)
    return documents


def _checked(name: str, text: str, reader: Literal["safe", "rt"]) -> Any:
    """The document in a text; read by ``rt`` it knows the line of each of its parts."""
    try:
        document = YAML(typ=reader).load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise UsageError(f"{name}, line {line}: not YAML: {error.problem}.") from None
    if document is None:
        raise UsageError(f"{name} is empty.")
    problem = next(
        iter(sorted(_schema().iter_errors(document), key=lambda e: list(map(str, e.path)))), None
    )
    if problem is not None:
        raise _said(name, document, problem)
    return document


def _said(name: str, document: Any, problem: ValidationError) -> UsageError:
    place = tuple(problem.absolute_path)
    if problem.validator != "additionalProperties":
        return mistake(name, document, place, f"{problem.message}.")
    instance: Any = problem.instance
    schema: Any = problem.schema
    known = schema["properties"]
    extra = next(key for key in instance if key not in known)
    return mistake(
        name, document, (*place, extra), "there is no such key.", did_you_mean(extra, known)
    )


@cache
def _schema() -> Draft202012Validator:
    text = (resources.files("conformance.spec") / "schema.json").read_text("utf-8")
    return Draft202012Validator(json.loads(text))


def _spec(service: str, raw: Mapping[str, Any]) -> Spec:
    described = raw.get("resources", {})
    kinds = {n: _resource(n, r) for n, r in described.items() if "like" not in r}
    variants = {n: _variant(n, r, kinds[r["like"]]) for n, r in described.items() if "like" in r}
    makers = {**kinds, **variants}
    return Spec(
        service=service,
        resources=kinds,
        variants=variants,
        calls=raw.get("calls", {}),
        untested=tuple(map(_untested, raw.get("untested", ()))),
        ruled=tuple(map(_untested, raw.get("ruled", ()))),
        together=tuple(map(_together, raw.get("together", ()))),
        time_precision=_optional_claim(raw.get("time_precision")),
        unprovoked=tuple(map(_unprovoked, raw.get("unprovoked", ()))),
        unsure=frozenset(r["operation"] for r in raw.get("unsure", ())),
        avoid={r["shape"]: frozenset(r["values"]) for r in raw.get("avoid", ())},
        unjudged={r["shape"]: frozenset(r["kinds"]) for r in raw.get("unjudged", ())},
        tagging={name: _claim(claim) for name, claim in raw.get("tagging", {}).items()},
        tag_names=raw.get("tag_names", {}),
        refusals={kind: frozenset(codes) for kind, codes in raw.get("refusals", {}).items()},
        not_found=_not_found(raw.get("not_found")),
        accounts=_accounts(raw.get("accounts")),
        prerequisites={name: r["says"] for name, r in raw.get("prerequisites", {}).items()},
        scenarios={
            name: scenario_of(name, r, lambda kind: makers[kind].operations["create"])
            for name, r in raw.get("scenarios", {}).items()
        },
        facts={
            identifier: fact_of(identifier, r) for identifier, r in raw.get("facts", {}).items()
        },
    )


def _resource(name: str, raw: Mapping[str, Any]) -> Resource:
    by_operation = {op: _not_found(claim) for op, claim in raw.get("not_found", {}).items()}
    return Resource(
        name=name,
        operations=raw["operations"],
        returned_as=raw.get("returned_as", ""),
        listed_as=raw.get("listed_as", ""),
        identifiers=raw["identifiers"],
        input=raw["input"],
        optional=raw.get("optional", {}),
        tagged_by=raw.get("tagged_by", ""),
        exclusive=tuple(raw.get("exclusive", ())),
        requires=tuple(raw.get("requires", ())),
        transitions=tuple(map(_transition, raw.get("transitions", ()))),
        states=_states(raw.get("states")),
        volatile=frozenset(raw.get("volatile", ())),
        pick=raw.get("pick", {}),
        delete_first=tuple(raw.get("delete_first", ())),
        unordered=frozenset(raw.get("unordered", ())),
        timestamps=tuple(raw.get("timestamps", ())),
        echo=_optional_claim(raw.get("echo")),
        updatable=_optional_claim(raw.get("updatable")),
        summary=_optional_claim(raw.get("summary")),
        created=_optional_claim(raw.get("created")),
        deleted=_not_found(raw.get("deleted")),
        not_found={op: found for op, found in by_operation.items() if found is not None},
    )


def _variant(name: str, raw: Mapping[str, Any], kind: Resource) -> Resource:
    return evolve(
        kind,
        name=name,
        like=kind.name,
        input=raw.get("input", kind.input),
        exclusive=tuple(raw.get("exclusive", kind.exclusive)),
        requires=tuple(raw.get("requires", kind.requires)),
        shows=raw.get("shows", {}),
        until=raw.get("until", {}),
        account=account_of(raw),
    )


def _unprovoked(raw: Mapping[str, Any]) -> Unprovoked:
    operations = tuple(map(Glob, raw.get("operations", ())))
    on_demand = raw.get("on_demand", "")
    return Unprovoked(frozenset(raw["errors"]), operations, raw["why"], on_demand)


def _accounts(raw: Mapping[str, Any] | None) -> Accounts | None:
    if raw is None:
        return None
    resource, _, member = raw["told_by"].partition(".")
    names, private = frozenset(raw.get("names", ())), _not_found(raw.get("private"))
    return Accounts(resource, member, raw.get("with", {}), names, private)


def _transition(raw: Mapping[str, Any]) -> Transition:
    return Transition(raw["state"], raw["input"], ends=raw.get("ends", False))


def _states(raw: Mapping[str, Any] | None) -> States | None:
    if raw is None:
        return None
    following = {state: frozenset(others) for state, others in raw["next"].items()}
    return States(raw["member"], following, _claim(raw))


def _optional_claim(raw: Mapping[str, Any] | None) -> Claim | None:
    return None if raw is None else _claim(raw)


def _claim(raw: Mapping[str, Any]) -> Claim:
    values = raw.get("values", {})
    return Claim(
        level=Level(raw["level"]),
        cites=raw["cites"],
        values=values if isinstance(values, dict) else {value: value for value in values},
        facts=tuple(raw.get("facts", ())),
        basis=raw.get("basis", "spec"),
    )


def _not_found(raw: Mapping[str, Any] | None) -> NotFound | None:
    if raw is None:
        return None
    return NotFound(frozenset(raw["codes"]), _claim(raw))


def _together(raw: Mapping[str, Any]) -> Together:
    return Together(_sites(raw["sites"]), raw["members"])


def _untested(raw: Mapping[str, Any]) -> Untested:
    kinds, facts = frozenset(raw.get("kinds", ())), tuple(raw.get("facts", ()))
    return Untested(_sites(raw["sites"]), kinds, raw["why"], facts)


def _sites(glob: str) -> re.Pattern[str]:
    any_text = ".*".join(map(re.escape, glob.split("*")))
    return re.compile(any_text.replace(re.escape("?"), "."))

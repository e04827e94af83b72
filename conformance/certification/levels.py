"""The levels that a target can reach: sets of cases, frozen for each version of a contract.

They are data, ``specs/<service>/levels/*.json``, one file a contract, by `levels.schema.json`. What
a later suite checks beyond it is no part of a level that was released, and a certificate names the
set by its hash. How cases come about is not known here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, Final, Literal, get_args

from attrs import frozen

from conformance.errors import UsageError
from conformance.spec.load import specs

Level = Literal["core", "full"]

LEVELS: Final[tuple[Level, ...]] = get_args(Level)
SCHEMA: Final = "conformance-levels/1"

#: The levels of requirements that belong to each level of certification; what no source demands
#: (MAY) belongs to none.
_DEMANDS: Final[Mapping[Level, tuple[str, ...]]] = {
    "core": ("MUST",),
    "full": ("MUST", "SHOULD"),
}


@frozen(slots=False)
class Requirements:
    """What a target has to hold to reach a level.

    Attributes:
        cases: the names of the cases in which it must not deviate.
        examples: of how many random examples a check that draws them must have seen none fail.
        sequences: of how many sequences of calls a check that explores them must have.
        published: the cases of every level of this contract: what is none of them is newer.
    """

    level: Level
    model_sha256: str
    botocore: str
    cases: frozenset[str]
    examples: int
    sequences: int
    published: frozenset[str]

    @cached_property
    def sha256(self) -> str:
        """Names the set: the hash of what is required, whatever the file's layout."""
        said = {
            "level": self.level,
            "model": self.model_sha256,
            "examples": self.examples,
            "sequences": self.sequences,
            "cases": sorted(self.cases),
        }
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()

    @cached_property
    def checks(self) -> frozenset[str]:
        """The ids of the checks that the cases are of."""
        return frozenset(case.partition("[")[0] for case in self.cases)


def frozen_levels(
    contract: Mapping[str, str],
    sites: Iterable[tuple[str, str, str]],
    *,
    examples: int,
    sequences: int,
) -> dict[str, Any]:
    """The document that freezes the levels of a contract.

    Args:
        contract: its service, api_version, botocore and model_sha256.
        sites: of each case the id of its check, the level of its requirement, and its site.
        examples: how many random examples a whole run draws.
        sequences: how many sequences of calls it explores.
    """
    demanded: dict[str, dict[str, list[str]]] = {}
    for check, level, site in sorted(sites):
        demanded.setdefault(check, {}).setdefault(level, []).append(site)
    return {
        "schema": SCHEMA,
        **contract,
        "examples": examples,
        "sequences": sequences,
        "levels": {level: list(demands) for level, demands in _DEMANDS.items()},
        "requirements": demanded,
    }


def file_name(document: Mapping[str, Any]) -> str:
    """What the file of a document is called: by version and hash of the contract."""
    return f"{document['api_version']}-{document['model_sha256'][:12]}.json"


def levels_for(service: str, model_sha256: str) -> tuple[Requirements, ...]:
    """The levels of a contract, the easiest first.

    Raises:
        UsageError: no levels were published for this contract.
    """
    found = published(service)
    for document in found:
        if document["model_sha256"] == model_sha256:
            return tuple(_requirements(document, level) for level in LEVELS)
    versions = ", ".join(str(document["botocore"]) for document in found)
    raise UsageError(
        f"No levels are published for {service} as of model {model_sha256[:12]}.",
        f"There are those of botocore {versions}." if versions else "The service has none at all.",
    )


def published(service: str) -> list[dict[str, Any]]:
    """The documents that freeze the levels of a service, one for each contract, by file name."""
    folder = specs() / service / "levels"
    if not folder.is_dir():
        return []
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".json"))
    return [json.loads((folder / name).read_text("utf-8")) for name in names]


def demanded(document: Mapping[str, Any], level: Level) -> frozenset[str]:
    """The cases that a document demands at a level."""
    demands = document["levels"][level]
    return frozenset(
        f"{check}[{site}]"
        for check, sites in document["requirements"].items()
        for demand in demands
        for site in sites.get(demand, ())
    )


def _requirements(document: Mapping[str, Any], level: Level) -> Requirements:
    return Requirements(
        level=level,
        model_sha256=document["model_sha256"],
        botocore=document["botocore"],
        cases=demanded(document, level),
        examples=document["examples"],
        sequences=document["sequences"],
        published=frozenset[str]().union(*(demanded(document, each) for each in LEVELS)),
    )

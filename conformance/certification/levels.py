"""The levels that a target can reach: sets of checks, frozen for each version of a contract.

They are data, ``specs/<service>/levels/*.json``, one file a contract. A published file is not
changed any more: what later versions of the suite check beyond it is no part of the level, and a
certificate names the set by its hash.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, get_args

from attrs import frozen

from conformance.errors import UsageError
from conformance.spec.load import specs

Level = Literal["core", "full"]

LEVELS: Final[tuple[Level, ...]] = get_args(Level)
SCHEMA: Final = "conformance-levels/1"

#: The levels of requirements that belong to each level of certification.
_DEMANDS: Final[Mapping[Level, frozenset[str]]] = {
    "core": frozenset({"MUST"}),
    "full": frozenset({"MUST", "SHOULD", "MAY"}),
}


@frozen
class Requirements:
    """What a target has to hold to reach a level.

    Attributes:
        checks: for each check, at how many sites of the contract it holds the target.
        sha256: names the set: the hash of its canonical JSON.
    """

    level: Level
    model_sha256: str
    botocore: str
    checks: Mapping[str, int]

    @property
    def sha256(self) -> str:
        """The hash of what is required, whatever the file's layout."""
        said = {"level": self.level, "model": self.model_sha256, "checks": dict(self.checks)}
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()

    @property
    def cases(self) -> int:
        """How many cases the set has."""
        return sum(self.checks.values())


def frozen_levels(
    contract: Mapping[str, str], checks: Iterable[tuple[str, str, int]]
) -> dict[str, Any]:
    """The document that freezes the levels of a contract.

    Args:
        contract: its service, api_version, botocore and model_sha256.
        checks: id, level and number of sites of each check of the catalogue.
    """
    known = sorted(checks)
    return {
        "schema": SCHEMA,
        **contract,
        "levels": {
            level: {name: sites for name, must, sites in known if must in _DEMANDS[level] and sites}
            for level in LEVELS
        },
    }


def levels_for(service: str, model_sha256: str) -> tuple[Requirements, ...]:
    """The levels of a contract, the easiest first.

    Raises:
        UsageError: no levels were published for this contract.
    """
    published = sorted(_documents(service), key=lambda document: str(document["botocore"]))
    for document in published:
        if document["model_sha256"] == model_sha256:
            return tuple(
                Requirements(level, model_sha256, document["botocore"], document["levels"][level])
                for level in LEVELS
            )
    versions = ", ".join(str(document["botocore"]) for document in published)
    raise UsageError(
        f"No levels are published for {service} as of model {model_sha256[:12]}.",
        f"There are those of botocore {versions}." if versions else "The service has none at all.",
    )


def _documents(service: str) -> list[dict[str, Any]]:
    folder = specs() / service / "levels"
    if not folder.is_dir():
        return []
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".json"))
    return [json.loads((folder / name).read_text("utf-8")) for name in names]

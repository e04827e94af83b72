"""What documentation says, how sure it is, and where it says so."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Literal

from attrs import field, frozen

from conformance.names import Glob


class Level(StrEnum):
    """How sure a requirement is (RFC 2119's words)."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"

    @property
    def rank(self) -> int:
        """0 for the surest."""
        return list(Level).index(self)


@frozen
class Claim:
    """Something that the documentation says, with where it says so.

    Attributes:
        values: what is claimed: members, codes or values, by the kind of claim.
        facts: ids of the facts that it states.
    """

    level: Level
    cites: str
    values: Mapping[str, Any] = field(factory=dict)
    facts: tuple[str, ...] = ()
    basis: Literal["spec", "observed"] = "spec"


@frozen
class Fact:
    """A statement of the documentation about the service, by which checks are traced.

    Attributes:
        level: MUST or SHOULD; UNKNOWN where sources are silent or contradict each other.
        says: what it states, in a sentence.
        shown_by: patterns on the cases that show it, besides those that cite it themselves.
        unobservable: why no call can show whether a target keeps it; empty if one can.
    """

    id: str
    level: Literal["MUST", "SHOULD", "UNKNOWN"]
    says: str
    shown_by: tuple[Glob, ...] = ()
    unobservable: str = ""


def fact_of(identifier: str, raw: Mapping[str, Any]) -> Fact:
    """A fact, as a file of a spec that is valid by the schema of specs says it."""
    return Fact(
        id=identifier,
        level=raw["level"],
        says=" ".join(raw["says"].split()),
        shown_by=tuple(map(Glob, raw.get("shown_by", ()))),
        unobservable=raw.get("unobservable", ""),
    )

"""What a run is asked to do: options and ini keys, read once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import frozen

from conformance.errors import UsageError
from conformance.names import Glob
from conformance.plugin import NAMES
from conformance.spec import Level
from conformance.target.target import checked_url

QUICK_EXAMPLES: Final = 5
DEFAULT_EXAMPLES: Final = 20
QUICK_SEQUENCES: Final = 1
DEFAULT_SEQUENCES: Final = 8


@frozen
class Settings:
    """The settings of a run.

    Attributes:
        level: the least level of a check that runs.
        sequences: how many sequences of calls are explored for each kind of resource; None for as
            many as suit the target.
        max_time_s: the budget of the run; 0 for none.
        read_only: whether nothing may be changed on the target.
        verifies_signatures: whether the target is said to verify signatures.
        rate_per_s: at most so many requests each second; 0 for no limit.
        control_url: where the target has a control for failures on demand; empty for nowhere.
    """

    service: str
    endpoint_url: str | None
    region: str | None
    profiles: tuple[str, ...]
    verify: bool | str
    checks: tuple[Glob, ...]
    operations: tuple[Glob, ...]
    cases: tuple[Glob, ...]
    level: Level
    quick: bool
    max_examples: int
    sequences: int | None
    seed: int
    max_time_s: float
    timeout_s: float
    read_only: bool
    verifies_signatures: bool
    rate_per_s: float
    control_url: str
    ledger: Path | None
    prerequisites: Path | None
    out: Path | None
    out_as_given: str

    @property
    def filtered(self) -> bool:
        """Whether only a part of the checks was asked for."""
        narrowed = self.checks or self.operations or self.cases or self.read_only or self.quick
        return bool(narrowed) or self.sequences == 0 or self.level is not Level.MAY


def read(config: pytest.Config) -> Settings:
    """The settings that pytest's options and ini keys give; an option wins.

    Raises:
        UsageError: a value is of no use.
    """
    return of({name: _value(config, name) for name in NAMES}, config.invocation_params.dir)


def of(given: Mapping[str, Any], folder: Path) -> Settings:
    """The settings that options by name give; what is absent, None or empty has its default.

    Args:
        folder: what relative paths start from.

    Raises:
        UsageError: a value is of no use.
    """
    quick = bool(given.get("quick"))
    examples = QUICK_EXAMPLES if quick else DEFAULT_EXAMPLES
    return Settings(
        service=str(given.get("service") or "cleanrooms"),
        endpoint_url=given.get("endpoint_url") or None,
        region=given.get("region") or None,
        profiles=_several(given, "profile"),
        verify=_verify(given, folder),
        checks=tuple(map(Glob, _several(given, "check"))),
        operations=tuple(map(Glob, _several(given, "operation"))),
        cases=tuple(map(Glob, _several(given, "case"))),
        level=_level(str(given.get("level") or "may")),
        quick=quick,
        max_examples=int(_number(given, "max_examples", examples)),
        sequences=_sequences(given, quick=quick),
        seed=int(_number(given, "seed", 0)),
        max_time_s=_number(given, "max_time", 0),
        timeout_s=_number(given, "timeout", 10),
        read_only=bool(given.get("read_only")),
        verifies_signatures=bool(given.get("verifies_signatures")),
        rate_per_s=_number(given, "rate", 0),
        control_url=_url(given, "control_url"),
        ledger=_path(given, "ledger", folder),
        prerequisites=_path(given, "prerequisites", folder),
        out=_path(given, "out", folder),
        out_as_given=str(given.get("out") or "conformance-report"),
    )


def _value(config: pytest.Config, name: str) -> Any:
    found = config.getoption(f"conformance_{name}", default=None)
    if found not in (None, [], (), False):
        return found
    return config.getini(f"conformance_{name}") or None


def _several(given: Mapping[str, Any], name: str) -> tuple[str, ...]:
    found = given.get(name) or ()
    return (found,) if isinstance(found, str) else tuple(found)


def _number(given: Mapping[str, Any], name: str, default: float) -> float:
    found = given.get(name)
    if found is None:
        return default
    try:
        number = float(found)
    except ValueError:
        raise UsageError(f"--{name.replace('_', '-')}: {found!r} is no number.") from None
    if number < 0 and name != "seed":
        raise UsageError(f"--{name.replace('_', '-')}: {found} is below zero.")
    return number


def _sequences(given: Mapping[str, Any], *, quick: bool) -> int | None:
    if given.get("explore") is None:
        return QUICK_SEQUENCES if quick else None
    return int(_number(given, "explore", 0))


def _level(name: str) -> Level:
    try:
        return Level(name.upper())
    except ValueError:
        raise UsageError(f"--level: {name!r} is none of must, should, may.") from None


def _path(given: Mapping[str, Any], name: str, folder: Path) -> Path | None:
    found = given.get(name)
    return Path(folder, str(found)) if found else None


def _url(given: Mapping[str, Any], name: str) -> str:
    found = given.get(name)
    return checked_url(str(found), f"--{name.replace('_', '-')}") if found else ""


def _verify(given: Mapping[str, Any], folder: Path) -> bool | str:
    if given.get("no_verify_ssl"):
        return False
    bundle = _path(given, "ca_bundle", folder)
    if bundle is None:
        return True
    if not bundle.is_file():
        raise UsageError(f"--ca-bundle: there is no file {bundle}.")
    return str(bundle)

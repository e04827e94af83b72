"""What a run is asked to do: options and ini keys, read once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from conformance.errors import UsageError
from conformance.names import Glob
from conformance.spec import Level

QUICK_EXAMPLES = 5
DEFAULT_EXAMPLES = 20


@frozen
class Settings:
    """The settings of a run.

    Attributes:
        level: the least level of a check that runs.
        max_time_s: the budget of the run; 0 for none.
        read_only: whether nothing may be changed on the target.
        rate_per_s: at most so many requests each second; 0 for no limit.
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
    seed: int
    max_time_s: float
    timeout_s: float
    read_only: bool
    rate_per_s: float
    ledger: Path | None
    out: Path | None
    out_as_given: str

    @property
    def filtered(self) -> bool:
        """Whether only a part of the checks was asked for."""
        narrowed = self.checks or self.operations or self.cases or self.read_only or self.quick
        return bool(narrowed) or self.level is not Level.MAY


def read(config: pytest.Config) -> Settings:
    """The settings that options and ini keys give; an option wins.

    Raises:
        UsageError: a value is of no use.
    """
    quick = bool(_value(config, "quick"))
    return Settings(
        service=str(_value(config, "service") or "cleanrooms"),
        endpoint_url=_value(config, "endpoint_url") or None,
        region=_value(config, "region") or None,
        profiles=tuple(_values(config, "profile")),
        verify=_verify(config),
        checks=tuple(map(Glob, _values(config, "check"))),
        operations=tuple(map(Glob, _values(config, "operation"))),
        cases=tuple(map(Glob, _values(config, "case"))),
        level=_level(str(_value(config, "level") or "may")),
        quick=quick,
        max_examples=int(
            _number(config, "max_examples", QUICK_EXAMPLES if quick else DEFAULT_EXAMPLES)
        ),
        seed=int(_number(config, "seed", 0)),
        max_time_s=_number(config, "max_time", 0),
        timeout_s=_number(config, "timeout", 10),
        read_only=bool(_value(config, "read_only")),
        rate_per_s=_number(config, "rate", 0),
        ledger=_path(config, "ledger"),
        out=_path(config, "out"),
        out_as_given=str(_value(config, "out") or "conformance-report"),
    )


def _value(config: pytest.Config, name: str) -> Any:
    found = config.getoption(f"conformance_{name}", default=None)
    if found not in (None, [], ()):
        return found
    return config.getini(f"conformance_{name}") or None


def _values(config: pytest.Config, name: str) -> list[str]:
    found = _value(config, name) or []
    return [found] if isinstance(found, str) else list(found)


def _number(config: pytest.Config, name: str, default: float) -> float:
    found = _value(config, name)
    if found is None:
        return default
    try:
        return float(found)
    except ValueError:
        option = name.replace("_", "-")
        raise UsageError(f"--conformance-{option}: {found!r} is no number.") from None


def _level(name: str) -> Level:
    try:
        return Level(name.upper())
    except ValueError:
        raise UsageError(f"--level: {name!r} is none of must, should, may.") from None


def _path(config: pytest.Config, name: str) -> Path | None:
    found = _value(config, name)
    return Path(config.invocation_params.dir, str(found)) if found else None


def _verify(config: pytest.Config) -> bool | str:
    if _value(config, "no_verify_ssl"):
        return False
    bundle = _path(config, "ca_bundle")
    if bundle is None:
        return True
    if not bundle.is_file():
        raise UsageError(f"--ca-bundle: there is no file {bundle}.")
    return str(bundle)

"""What makes a test function a check: its id, level, source and the sites it is repeated at."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any, Final, Literal, Protocol, TypeVar

from attrs import field, frozen

import conformance.suite
from conformance.contract import Contract, Operation
from conformance.spec import Claim, Level, Spec

MUST: Final = Level.MUST
SHOULD: Final = Level.SHOULD
MAY: Final = Level.MAY

Basis = Literal["model", "protocol", "spec", "observed"]
_ATTRIBUTE: Final = "conformance_check"
_Function = TypeVar("_Function", bound=Callable[..., Any])


@frozen
class Citation:
    """Where a requirement comes from."""

    basis: Basis
    text: str


def model(text: str) -> Citation:
    """A citation of the service model."""
    return Citation("model", f"model: {text}")


def protocol(text: str) -> Citation:
    """A citation of the protocol's definition in Smithy."""
    return Citation("protocol", f"Smithy, {text}")


def documented(text: str) -> Citation:
    """A citation of documentation; the spec of the service names the place for each site."""
    return Citation("spec", text)


class Site(Protocol):
    """A place at which a check is repeated; its text is stable and part of a case's name."""

    @property
    def operation(self) -> Operation | None:
        """The operation that is held against the requirement."""

    def __str__(self) -> str: ...


@frozen
class OperationSite:
    """An operation as a whole."""

    operation: Operation

    def __str__(self) -> str:
        return self.operation.name


@frozen
class Check:
    """A requirement.

    Attributes:
        id: ``category.name``.
        requirement: one sentence that a reader of the report understands.
        over: yields the sites of a contract and spec.
        spread: a quick run takes every so many-th operation, where all share what is checked.
        writes: whether it needs to change something on the target even at an operation that reads.
    """

    id: str
    level: Level
    citation: Citation
    requirement: str
    over: Callable[[Contract, Spec], Iterable[Site]] = field(repr=False)
    writes: bool = False
    spread: int = 1

    @property
    def category(self) -> str:
        """The part of the id before the dot."""
        return self.id.partition(".")[0]

    def case(self, site: object) -> str:
        """The name of this check at a site: the same on every run and every target."""
        return f"{self.id}[{site}]"


def check(
    id: str,  # noqa: A002 - it is what it is called everywhere else
    *,
    level: Level,
    cites: Citation,
    over: Callable[[Contract, Spec], Iterable[Site]],
    writes: bool = False,
    spread: int = 1,
) -> Callable[[_Function], _Function]:
    """Makes a test function a check that is repeated at sites.

    Its docstring is the requirement; its argument ``site`` is one of the sites.
    """

    def register(function: _Function) -> _Function:
        requirement = " ".join((function.__doc__ or "").split())
        if not requirement:
            raise ValueError(f"{id} has no docstring, so it states no requirement")
        registered = Check(id, level, cites, requirement, over, writes, spread)
        setattr(function, _ATTRIBUTE, registered)
        return function

    return register


def check_of(function: object) -> Check | None:
    """The check that a test function is, if it is one."""
    found = getattr(function, _ATTRIBUTE, None)
    return found if isinstance(found, Check) else None


@cache
def catalogue() -> tuple[Check, ...]:
    """All checks, by id."""
    found = [
        c for module in _modules() for value in vars(module).values() if (c := check_of(value))
    ]
    return tuple(sorted(found, key=lambda each: each.id))


def categories() -> tuple[str, ...]:
    """The categories of all checks, which are also their pytest marks."""
    return tuple(sorted({each.category for each in catalogue()}))


def _modules() -> Iterator[Any]:
    for info in pkgutil.iter_modules(conformance.suite.__path__):
        if info.name.startswith("test_"):
            yield importlib.import_module(f"conformance.suite.{info.name}")


def claim_at(site: Site) -> Claim | None:
    """What the spec says of a site in particular: it decides level, citation and facts there."""
    found = getattr(site, "claim", None)
    return found if isinstance(found, Claim) else None


# --- the sites of whole operations ----------------------------------------------------------


def every_operation(contract: Contract, _spec: Spec) -> Iterator[OperationSite]:
    """Each operation."""
    return map(OperationSite, contract.operations.values())


def operations_with_body(contract: Contract, _spec: Spec) -> Iterator[OperationSite]:
    """Each operation whose input travels in a body."""
    return (OperationSite(o) for o in contract.operations.values() if o.in_("body", "payload"))


def operations_with_output(contract: Contract, _spec: Spec) -> Iterator[OperationSite]:
    """Each operation that answers with members."""
    for operation in contract.operations.values():
        if operation.output is not None and operation.output.members:
            yield OperationSite(operation)

"""What a handler gets, and how functions become handlers.

Knows no operation by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import Any

from attrs import frozen

from conformance.contract import Operation
from conformance.reference.world import World

Answer = dict[str, Any]


@frozen(eq=False)
class Call:
    """One call of an operation.

    Attributes:
        account: who calls.
        params: the validated input, by member name, without what was not stated.
        world: everything that exists.
    """

    operation: Operation
    account: str
    params: Mapping[str, Any]
    world: World

    def __getitem__(self, name: str) -> Any:
        return self.params[name]

    def get(self, name: str, default: Any = None) -> Any:
        """The member of the input of that name, or the default where it is not stated."""
        return self.params.get(name, default)

    def stated(self, *names: str) -> dict[str, Any]:
        """Those of the members named that the input states."""
        return {name: self.params[name] for name in names if name in self.params}


@frozen
class Handler:
    """What answers an operation.

    Attributes:
        operation: its name.
        run: from a call to the output's members; refuses by raising a ``ServiceError``.
    """

    operation: str
    run: Callable[[Call], Answer]


def handles(operation: str) -> Callable[[Callable[[Call], Answer]], Handler]:
    """Makes a function the handler of the operation of that name."""
    return lambda run: Handler(operation, run)


def handlers_in(modules: Iterable[ModuleType]) -> dict[str, Handler]:
    """The handlers that the modules define, by operation.

    Raises:
        ValueError: an operation has two.
    """
    found: dict[str, Handler] = {}
    for module in modules:
        for value in vars(module).values():
            if not isinstance(value, Handler):
                continue
            if value.operation in found:
                raise ValueError(f"{value.operation} has two handlers.")
            found[value.operation] = value
    return found

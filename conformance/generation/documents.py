"""Strategies from JSON Schemas: free-form documents, and schemas that a user brings.

The one module that touches hypothesis-jsonschema. That package calls ``many(...)`` of Hypothesis's
internals in a way that newer releases of Hypothesis no longer have. What it misses is put back
inside its own namespace only: for everybody else Hypothesis stays as it is.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from functools import cache
from types import SimpleNamespace
from typing import Any, Final

import jsonschema
from hypothesis.errors import HypothesisSideeffectWarning
from hypothesis.internal.conjecture import utils as internals
from hypothesis.strategies import SearchStrategy
from jsonschema.validators import validator_for

from conformance.errors import UsageError

with warnings.catch_warnings():
    # Its import reads a table of Hypothesis's from the disk. While pytest starts that is warned of,
    # and in a project that makes errors of warnings no run of the suite would come to its start.
    warnings.simplefilter("ignore", HypothesisSideeffectWarning)
    import hypothesis_jsonschema
    from hypothesis_jsonschema import _from_schema as its_namespace

#: Whether the installed releases need the adapter below.
NEEDS_ADAPTER: Final = not hasattr(internals.many, "more")


class _Many:
    """``many`` as hypothesis-jsonschema calls it, on top of the one of newer releases."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._elements: Any = internals.many(*args, **kwargs)
        self._rounds: Any = None

    def more(self) -> bool:
        """Whether another element is to be drawn."""
        if self._rounds is None:
            self._rounds = iter(self._elements.__enter__())
        if next(self._rounds, self) is not self:
            return True
        self._elements.__exit__(None, None, None)
        return False

    def reject(self, why: str | None = None) -> None:
        """Takes the last element back."""
        self._elements.reject(why)


if NEEDS_ADAPTER:
    # Not exported, as it is the name by which that module alone knows the internals.
    its_namespace.cu = SimpleNamespace(many=_Many)  # type: ignore[attr-defined, assignment]


def from_schema(schema: Mapping[str, Any] | bool) -> SearchStrategy[Any]:
    """A strategy for the JSON values that a JSON Schema allows.

    Args:
        schema: of drafts 4, 6 or 7; what newer drafts added is not heeded, and a schema that refers
            to itself cannot be followed.

    Raises:
        UsageError: it is no JSON Schema.
    """
    if not isinstance(schema, Mapping | bool):
        raise UsageError(
            f"A JSON Schema is an object or a boolean, not {type(schema).__name__}.",
            "Pass the parsed schema, not its text.",
        )
    plain: Any = schema if isinstance(schema, bool) else dict(schema)
    try:
        validator_for(plain).check_schema(plain)
    except jsonschema.SchemaError as error:
        raise UsageError(
            f"This is no JSON Schema: {error.message}, at {error.json_path}."
        ) from error
    made: SearchStrategy[Any] = hypothesis_jsonschema.from_schema(plain)
    return made


@cache
def json_objects() -> SearchStrategy[Any]:
    """A strategy for free-form documents: JSON objects of any content."""
    return from_schema({"type": "object"})

"""Fills in what depends on the run in a spec's inputs: ``${unique}``, ``${table.id}`` and so on."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from conformance.contract import Shape

_EXPRESSION: Final = re.compile(r"\$\{([^}]+)\}")


def filled(template: Any, look_up: Callable[[str], Any]) -> Any:
    """A copy of a template in which each expression is replaced by its value.

    A text that is one expression takes the value's own type.
    """
    if isinstance(template, dict):
        return {key: filled(value, look_up) for key, value in template.items()}
    if isinstance(template, list):
        return [filled(value, look_up) for value in template]
    if not isinstance(template, str):
        return template
    whole = _EXPRESSION.fullmatch(template)
    if whole:
        return look_up(whole[1])
    return _EXPRESSION.sub(lambda found: str(look_up(found[1])), template)


def known_to(shape: Shape | None, value: Any) -> Any:
    """A copy of a value without the members that a shape does not have (in an older contract)."""
    if shape is None or shape.document:
        return value
    if isinstance(value, dict) and shape.type == "structure":
        return {
            name: known_to(shape.members[name].shape, inner)
            for name, inner in value.items()
            if name in shape.members
        }
    if isinstance(value, list) and shape.element is not None:
        return [known_to(shape.element.shape, inner) for inner in value]
    if isinstance(value, dict) and shape.value is not None:
        return {key: known_to(shape.value.shape, inner) for key, inner in value.items()}
    return value

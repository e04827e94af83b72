"""Fills in what depends on the run in a spec's inputs: ``${unique}``, ``${table.id}`` and so on.

It knows nothing of what exists on a target; whoever fills something in looks that up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
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
    """A copy of a value without what a shape does not have in an older contract.

    That is members of structures, and entries of lists that are none of their enum.
    """
    if shape is None or shape.document:
        return value
    if isinstance(value, dict) and shape.type == "structure":
        return {
            name: known_to(shape.members[name].shape, inner)
            for name, inner in value.items()
            if name in shape.members
        }
    if isinstance(value, list) and shape.element is not None:
        element = shape.element.shape
        return [known_to(element, i) for i in value if not element.enum or i in element.enum]
    if isinstance(value, dict) and shape.value is not None:
        return {key: known_to(shape.value.shape, inner) for key, inner in value.items()}
    return value


def fits(shown: Any, wanted: Any) -> bool:
    """Whether something shows what is wanted: members, a value, or one of a list of values."""
    if isinstance(wanted, Mapping):
        return isinstance(shown, Mapping) and all(
            fits(shown.get(name), value) for name, value in wanted.items()
        )
    if isinstance(wanted, list):
        return any(fits(shown, value) for value in wanted)
    return bool(shown == wanted)

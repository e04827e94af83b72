"""The expressions in a spec's templates, ``${…}``: where they stand, what is wrong with one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from conformance.spec.places import Place, did_you_mean
from conformance.spec.prerequisites import MISSING

_EXPRESSION: Final = re.compile(r"\$\{([^}]*)\}")
_WORDS: Final = frozenset({"unique", "account", "other_account", "region"})
_MODES: Final = frozenset({"", "scratch", "fresh", "several"})


def expressions(template: Any, place: Place = ()) -> Iterator[tuple[Place, str]]:
    """The expressions in a template, and where each of them stands."""
    if isinstance(template, str):
        for found in _EXPRESSION.findall(template):
            yield place, found
    elif isinstance(template, Mapping):
        for key, value in template.items():
            yield from expressions(value, (*place, key))
    elif isinstance(template, list):
        for index, value in enumerate(template):
            yield from expressions(value, (*place, index))


def blanked(template: str) -> str:
    """A template with a number in place of each expression, which is right also inside quotes."""
    return _EXPRESSION.sub("0", template)


def fault(resources: Mapping[str, Any], expression: str) -> tuple[str, str]:
    """What is wrong with an expression by itself, and what to do about it."""
    if expression in _WORDS:
        return "", ""
    mode, _, rest = expression.rpartition(":")
    if mode == MISSING:
        return "", ""
    name, *members = rest.split(".")
    if mode not in _MODES:
        modes = ", ".join(sorted(_MODES - {""}))
        return f"${{{expression}}} has an unknown mode {mode!r}.", f"There are {modes}."
    if name not in resources:
        known: Iterable[str] = resources if members else _WORDS
        what = "resource" if members else "word"
        return f"${{{expression}}} names no {what}.", did_you_mean(name, known)
    if len(members) not in (1, 2) or not all(members):
        return f"${{{expression}}} names no member of {name}.", f"Write ${{{name}.id}}, say."
    return "", ""

"""What nothing of a service makes and its resources still need: buckets, roles, tables elsewhere.

Templates name them, ``${prerequisite.bucket}``. Before anything else looks at a template, their
values stand in it: those that a user gives, or else those that will do on a target that takes any.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from conformance.errors import UsageError
from conformance.spec.places import Place, did_you_mean, mistake

_NAMED: Final = re.compile(r"\$\{prerequisite\.([^}]*)\}")
#: What stands in a template in place of something that is needed and was not given.
MISSING: Final = "missing"


@frozen
class Given:
    """What a user says there is.

    Attributes:
        values: by the name of the prerequisite.
        invented: whether made-up values will do for the others.
    """

    # No part of the hash, as no dict has one: what is equal has the same one even so.
    values: Mapping[str, str] = field(factory=dict, hash=False)
    invented: bool = True

    def value_of(self, name: str, default: str) -> str:
        """What stands in a template for a prerequisite."""
        if name in self.values:
            return self.values[name]
        return default if self.invented else f"${{{MISSING}:{name}}}"


#: Nothing, on a target that takes any name.
ANYTHING: Final = Given()


def fill_in(documents: Mapping[str, Any], given: Given) -> None:
    """Puts the values of prerequisites into the templates of documents, in place.

    Raises:
        UsageError: a template names a prerequisite that no document describes, or a value is given
            for one.
    """
    described: dict[str, Any] = {}
    for document in documents.values():
        described |= document.get("prerequisites", {})
    for name in given.values:
        if name not in described:
            hint = did_you_mean(name, described) or "`conformance prerequisites` lists all."
            raise UsageError(f"--prerequisites: there is no {name!r}.", hint)
    values = {name: given.value_of(name, each["value"]) for name, each in described.items()}
    for file, document in documents.items():
        for part in ("resources", "calls", "together", "scenarios"):
            for place, name in _fill(document.get(part), values, (part,)):
                what, hint = f"there is no prerequisite {name!r}.", did_you_mean(name, values)
                raise mistake(file, document, place, what, hint)


def _fill(inner: Any, values: Mapping[str, str], place: Place) -> Iterator[tuple[Place, str]]:
    """Fills in what is inside of a document; gives the names that there are none of."""
    if isinstance(inner, dict):
        parts: Any = list(inner.items())
    elif isinstance(inner, list):
        parts = list(enumerate(inner))
    else:
        return
    for key, value in parts:
        if not isinstance(value, str):
            yield from _fill(value, values, (*place, key))
        elif "${prerequisite." in value:
            yield from (((*place, key), n) for n in _NAMED.findall(value) if n not in values)
            inner[key] = _NAMED.sub(lambda found: values.get(found[1], ""), value)


def lacking(name: str, says: str) -> str:
    """The reason why something cannot be tested for want of a prerequisite."""
    return f"it takes {says}: give its name or ARN as {name} in a file, --prerequisites"


def read_given(path: Path, *, invented: bool) -> Given:
    """What a file says there is: a YAML mapping of names to texts; empty ones are not there.

    Raises:
        UsageError: it cannot be read, or is something else.
    """
    try:
        document = YAML(typ="safe").load(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"--prerequisites {path}: {error.strerror}.") from None
    except (YAMLError, ValueError):
        raise UsageError(f"--prerequisites {path}: it is no YAML.") from None
    document = {} if document is None else document
    if not isinstance(document, dict):
        raise UsageError(f"--prerequisites {path}: a name and its value are wanted in each line.")
    for name, value in document.items():
        if not isinstance(value, str | None):
            raise UsageError(f"--prerequisites {path}: the value of {name} is no text.")
    return Given({str(name): value for name, value in document.items() if value}, invented)

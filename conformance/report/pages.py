"""What all pages share: the template environment, the looks, the words.

Templates escape whatever they show; the filter `line` also makes control characters visible.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from conformance.report.text import one_line


@cache
def environment(package: str) -> Environment:
    """The environment for the templates of a package, which may use those of the report.

    Args:
        package: the name of a package that has a folder ``templates``.
    """
    made = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("conformance.report")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"line": one_line, "humps": humps, "word": word}
    return made


@cache
def asset(*names: str) -> str:
    """The text of files that a page carries inside."""
    folder = files("conformance.report") / "templates"
    return "\n".join(folder.joinpath(name).read_text("utf-8") for name in names)


def style() -> Markup:
    """The style sheet of every page."""
    return Markup(asset("report.css"))  # noqa: S704 - a file of this package


def humps(name: str) -> Markup:
    """A name in camel case that may break before its capitals."""
    return Markup("<wbr>").join(re.split(r"(?<=[a-z])(?=[A-Z])", one_line(name)))


def word(verdict: str) -> str:
    """A verdict as it is read."""
    return verdict.replace("_", " ")

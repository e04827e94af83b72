"""Every form that a report can be written in, by the name that users give it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from conformance.report import badge, csv, github, html, junit, markdown, sarif, terminal
from conformance.report.load import dumped
from conformance.report.types import Report

Writer: TypeAlias = Callable[[Report], str]
"""Makes a whole file of a report, as text to be encoded in UTF-8."""

FORMATS: Final[Mapping[str, Writer]] = {
    "badge": badge.render,
    "csv": csv.render,
    "github": github.render,
    "html": html.render,
    "json": dumped,
    "junit": junit.render,
    "markdown": markdown.render,
    "sarif": sarif.render,
    "terminal": terminal.render,
}
"""Writers by name; each takes a report as `load` returns it."""

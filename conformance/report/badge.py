"""A report as a small SVG picture, to stand in a README."""

from __future__ import annotations

import html
from typing import Final

from conformance.errors import ExitStatus
from conformance.report.outcome import implemented, outcome
from conformance.report.text import Page, plural
from conformance.report.types import Report

_GREEN: Final = "#2a7d2e"
_AMBER: Final = "#8a5a00"
_RED: Final = "#b3261e"
_GREY: Final = "#5f6368"

_CHARACTER: Final = 6.6  # width of a character of 11 px Verdana, in the mean
_NARROW: Final = frozenset(" .,:;|!'`ijl1ftr()[]/")
_LINE: Final = Page(width=60)

_SVG: Final = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" aria-label="{said}">
<title>{said}</title>
<clipPath id="r"><rect width="{width}" height="20" rx="3"/></clipPath>
<g clip-path="url(#r)">
<rect width="{left}" height="20" fill="#3c4043"/>
<rect x="{left}" width="{right}" height="20" fill="{colour}"/>
</g>
<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">
<text x="{left_middle}" y="14" textLength="{left_text}">{label}</text>
<text x="{right_middle}" y="14" textLength="{right_text}">{message}</text>
</g>
</svg>
"""


def render(report: Report) -> str:
    """The report as an SVG badge: the service, and the verdict with what it is about."""
    label = _LINE.fit(f"{report['contract']['service']} conformance", _LINE.width)
    message, colour = _message(report)
    left_text, right_text = _width(label), _width(message)
    left, right = left_text + 12, right_text + 12
    return _SVG.format(
        width=left + right,
        left=left,
        right=right,
        left_text=left_text,
        right_text=right_text,
        left_middle=left / 2,
        right_middle=left + right / 2,
        colour=colour,
        label=html.escape(label),
        message=html.escape(message),
        said=html.escape(f"{label}: {message}"),
    )


def _message(report: Report) -> tuple[str, str]:
    found = outcome(report)
    has, of = implemented(report)
    if found.word == "deviates":
        return plural(report["summary"]["deviates"], "deviation"), _RED
    if found.status is not ExitStatus.CONFORMANT:
        return found.word, _RED if found.status is ExitStatus.DEVIATES else _GREY
    where = f", {has}/{of} operations" if has < of else ""
    if found.partial:
        return f"conformant so far{where}", _AMBER
    return f"conformant{where}", _GREEN


def _width(text: str) -> int:
    return round(sum(_CHARACTER * (0.6 if c in _NARROW else 1) for c in text))

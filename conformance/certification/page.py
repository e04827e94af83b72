"""A certificate as one self-contained page."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from conformance.certification.certificate import Certificate
from conformance.report.text import one_line


def render(certificate: Certificate) -> str:
    """The certificate as an HTML page, in the looks of the report's."""
    style = (files("conformance.report") / "templates" / "report.css").read_text("utf-8")
    return (
        _environment()
        .get_template("certificate.html.j2")
        .render(
            certificate=certificate,
            data=certificate.as_data(),
            style=Markup(style),  # noqa: S704 - a file of this package
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("conformance.certification"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["line"] = one_line
    return environment

"""A certificate as one self-contained page."""

from __future__ import annotations

from conformance.certification.certificate import Certificate
from conformance.report.pages import environment, style


def render(certificate: Certificate) -> str:
    """The certificate as an HTML page, in the looks of the report's."""
    return (
        environment("conformance.certification")
        .get_template("certificate.html.j2")
        .render(
            certificate=certificate,
            data=certificate.as_data(),
            style=style(),
        )
    )

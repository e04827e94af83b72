"""A certificate as one self-contained page, and as Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.certification.certificate import Certificate
from conformance.report.markdown import code, table
from conformance.report.pages import environment, style


def render(certificate: Certificate) -> str:
    """The certificate as an HTML page, in the looks of the report's."""
    data = certificate.as_data()
    return (
        environment("conformance.certification")
        .get_template("certificate.html.j2")
        .render(data=data, facts=facts(data), style=style())
    )


def markdown(certificate: Certificate) -> str:
    """The certificate as GitHub-flavoured Markdown; text of the target stands in code."""
    data = certificate.as_data()
    parts = [
        f"## Certificate of conformance, level {code(data['level'])}",
        code(data["sentence"]),
        table(["", ""], [[name, code(text)] for name, text in facts(data).items()], "ll"),
        *_named("Certified", data["operations"]["certified"]),
        *_named("Not certified: the target does not have them", data["operations"]["missing"]),
        *_named("Not certified: no case came to a judgement", data["operations"]["untested"]),
        *_beyond(data["beyond"]),
    ]
    return "\n\n".join(parts) + "\n"


def facts(data: Mapping[str, Any]) -> dict[str, str]:
    """What a certificate names, for a table of two columns."""
    target, contract, required = data["target"], data["contract"], data["requirements"]
    return {
        "target": f"{target['name']} {target['version']}".strip(),
        "server": target["server"] or "not stated",
        "contract": f"{contract['service']} {contract['api_version']}, "
        f"botocore {contract['botocore']}",
        "model": contract["model_sha256"],
        "required": f"{required['cases']:,} cases of {required['checks']} checks",
        "set": required["sha256"],
        "cases": f"{data['cases']['passed']:,} passed, "
        f"{data['cases']['skipped']:,} skipped with a reason",
        "date": data["date"],
        "tool": f"{data['tool']['name']} {data['tool']['version']}",
        "report": data["report_sha256"],
    }


def _named(title: str, names: list[str]) -> list[str]:
    return [f"### {title} ({len(names)})", ", ".join(map(code, names))] if names else []


def _beyond(beyond: Mapping[str, Mapping[str, int]]) -> list[str]:
    if not beyond:
        return []
    rows = [
        [code(check), *(f"{each[key]:,}" for key in ("cases", "newer", "deviates"))]
        for check, each in beyond.items()
    ]
    columns = ["check", "cases", "in no level", "deviate"]
    return ["### Looked at, and not demanded at this level", table(columns, rows, "lrrr")]

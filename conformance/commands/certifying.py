"""Certifies a target from a report, and freezes the levels of a contract."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

from conformance import contract as contracts
from conformance.certification import levels_for
from conformance.certification.certificate import Certificate, Refusal, certify
from conformance.certification.levels import LEVELS, frozen_levels
from conformance.certification.page import render
from conformance.commands.catalogue import as_data
from conformance.errors import ExitStatus, UsageError, unknown
from conformance.report.load import load
from conformance.report.text import one_line, plural

_SHOWN: Final = 10


def certify_report(
    path: Path,
    out: Path,
    tell: Callable[[str], None],
    *,
    level: str | None,
    target_name: str,
    target_version: str,
) -> ExitStatus:
    """Writes certificate.json and certificate.html for the highest level that a report proves.

    Args:
        level: the one level to try; None for the highest that is reached.
        tell: takes each line of what came of it.

    Returns:
        0 if a level was reached, else 1.

    Raises:
        UsageError: the report proves nothing, there is no such level, or nothing can be written.
    """
    report = load(path)
    contract = report["contract"]
    levels = levels_for(contract["service"], contract["model_sha256"])
    if level is not None and level not in LEVELS:
        raise unknown("level", level, LEVELS, f"There are {' and '.join(LEVELS)}.")
    tried = [each for each in reversed(levels) if level in (None, each.level)]
    name = target_name or _name(report["target"]["kind"])
    for requirements in tried:
        found = certify(report, requirements, target_name=name, target_version=target_version)
        if isinstance(found, Certificate):
            _write(found, out)
            tell(f"CERTIFIED  {one_line(found.sentence)}")
            tell(f"certificate: {out / 'certificate.json'}, {out / 'certificate.html'}")
            return ExitStatus.CONFORMANT
        _tell_refusal(found, tell)
    return ExitStatus.DEVIATES


def levels_of(service: str) -> str:
    """The levels of the installed contract as they are frozen: the text of a file of specs/.

    Raises:
        UsageError: there is no such service.
    """
    contract = contracts.load(service)
    about = {
        "service": contract.service,
        "api_version": contract.api_version,
        "botocore": contract.botocore_version,
        "model_sha256": contract.model_sha256,
    }
    checks = [(each["id"], each["level"], len(each["sites"])) for each in as_data(service)]
    return json.dumps(frozen_levels(about, checks), indent=1) + "\n"


def _name(kind: str) -> str:
    return {"embedded": "The reference target", "aws": "AWS"}.get(kind, "The target")


def _tell_refusal(refusal: Refusal, tell: Callable[[str], None]) -> None:
    tell(f"NOT CERTIFIED  {refusal.sentence}")
    for operation, count in refusal.deviating[:_SHOWN]:
        tell(f"  {one_line(operation) or 'no operation'}: {plural(count, 'case')}")
    more = len(refusal.deviating) - _SHOWN
    if more > 0:
        tell(f"  and {plural(more, 'operation')} more")


def _write(certificate: Certificate, out: Path) -> None:
    text = json.dumps(certificate.as_data(), indent=2, ensure_ascii=False) + "\n"
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / "certificate.json").write_text(text, "utf-8", "backslashreplace")
        (out / "certificate.html").write_text(render(certificate), "utf-8", "backslashreplace")
    except OSError as error:
        raise UsageError(f"--out {out}: cannot write there: {error.strerror or error}.") from None

"""Certifies a target from a report, and freezes the levels of a contract."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from conformance import contract as contracts
from conformance.certification import levels_for
from conformance.certification.certificate import Certificate, Refusal, certify
from conformance.certification.levels import LEVELS, demanded, file_name, frozen_levels
from conformance.certification.page import markdown, render
from conformance.commands.catalogue import as_data
from conformance.errors import ExitStatus, UsageError, unknown
from conformance.report.load import load
from conformance.report.text import Page, one_line, plural
from conformance.suite.settings import DEFAULT_EXAMPLES, DEFAULT_SEQUENCES

_PAGE: Final = Page()
_SHOWN: Final = 10
_FORMS: Final = ("json", "html", "md")


def certify_report(
    path: Path,
    out: Path,
    tell: Callable[[str], None],
    *,
    level: str | None,
    target_name: str,
    target_version: str,
) -> ExitStatus:
    """Writes a certificate, as JSON, page and Markdown, for the highest level that a report proves.

    One of an earlier report that lies there goes first: a refusal leaves no certificate behind.

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
    _clear(out)
    for requirements in tried:
        found = certify(report, requirements, target_name=name, target_version=target_version)
        if isinstance(found, Certificate):
            _write(found, out)
            _tell("CERTIFIED", found.sentence, tell)
            tell(f"certificate: {out / 'certificate.json'}, with .html and .md")
            return ExitStatus.CONFORMANT
        _tell_refusal(found, tell)
    return ExitStatus.DEVIATES


def levels_of(service: str) -> dict[str, Any]:
    """The levels of the installed contract by the checks of this version, as they are frozen.

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
    sites = [
        (check["id"], site["level"], site["site"])
        for check in as_data(service)
        for site in check["sites"]
    ]
    return frozen_levels(about, sites, examples=DEFAULT_EXAMPLES, sequences=DEFAULT_SEQUENCES)


def freeze_levels(service: str, folder: Path, tell: Callable[[str], None]) -> None:
    """Writes the levels of the installed contract to a folder, in a file named by the contract.

    Raises:
        UsageError: there is no such service, or the file cannot be written.
    """
    document = levels_of(service)
    file = folder / file_name(document)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(as_text(document), "utf-8")
    except OSError as error:
        raise UsageError(f"--into {folder}: {error.strerror or error}.") from None
    counts = [f"{level} {plural(len(demanded(document, level)), 'case')}" for level in LEVELS]
    tell(f"{file}: {', '.join(counts)}")


def as_text(document: Mapping[str, Any]) -> str:
    """The levels as the text of their file: a site on each line."""
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _name(kind: str) -> str:
    return {"embedded": "The reference target", "aws": "AWS"}.get(kind, "The target")


def _tell(word: str, sentence: str, tell: Callable[[str], None]) -> None:
    for line in _PAGE.wrap([word, "", *sentence.split()], ""):
        tell(line)


def _tell_refusal(refusal: Refusal, tell: Callable[[str], None]) -> None:
    _tell("NOT CERTIFIED", refusal.sentence, tell)
    for operation, count in refusal.deviating[:_SHOWN]:
        tell(f"  {one_line(operation) or 'no operation'}: {plural(count, 'case')}")
    more = len(refusal.deviating) - _SHOWN
    if more > 0:
        tell(f"  and {plural(more, 'operation')} more")


def _clear(out: Path) -> None:
    try:
        for form in _FORMS:
            (out / f"certificate.{form}").unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"--out {out}: cannot write there: {error.strerror or error}.") from None


def _write(certificate: Certificate, out: Path) -> None:
    text = json.dumps(certificate.as_data(), indent=2, ensure_ascii=False) + "\n"
    contents = (text, render(certificate), markdown(certificate))
    try:
        out.mkdir(parents=True, exist_ok=True)
        for form, content in zip(_FORMS, contents, strict=True):
            (out / f"certificate.{form}").write_text(content, "utf-8", "backslashreplace")
    except OSError as error:
        raise UsageError(f"--out {out}: cannot write there: {error.strerror or error}.") from None

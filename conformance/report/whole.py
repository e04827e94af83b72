"""What a run left out, by its report: whether it says something of the whole of a contract.

Ledgers and certificates ask for that; what a run was judged to be does not depend on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from conformance.report.text import one_line, plural
from conformance.report.types import Report

_FILTERS: Final[Mapping[str, str]] = {
    "checks": "--check",
    "operations": "--operation",
    "cases": "one case was run again",
}
_SWITCHES: Final[Mapping[str, str]] = {
    "quick": "--quick",
    "read_only": "only operations that read were called",
}


def left_out(report: Report) -> list[str]:
    """Why the run is not one of everything, a few words for each reason; empty if it is."""
    reasons = narrowings(report)
    if not report["complete"]:
        reasons.append(f"it ended early: {one_line(report['stopped']) or 'interrupted'}")
    if faults := len(report["faults"]):
        reasons.append(f"{plural(faults, 'fault')} of the suite itself")
    return reasons


def narrowings(report: Report) -> list[str]:
    """What the run was asked to leave out, a few words for each; empty if nothing."""
    options = report["options"]
    reasons = [
        f"{words} {_shown(options[name])}" for name, words in _FILTERS.items() if options.get(name)
    ]
    if str(options.get("level") or "MAY").upper() != "MAY":
        reasons.append(f"--level {_shown(options['level'])}")
    reasons += [words for name, words in _SWITCHES.items() if options.get(name)]
    if options.get("explore") == 0:
        reasons.append("--explore 0")
    all_cases = report.get("catalogue", {}).get("cases", 0)
    if not reasons and report["planned"] < all_cases:
        # pytest's own -k, -m, --deselect and node ids leave no other trace.
        reasons.append(f"{report['planned']:,} of {plural(all_cases, 'case')} were selected")
    return reasons


def ledger_unasked(report: Report) -> str:
    """What a part of a run says nothing of, as a sentence on its ledger; empty if it is whole."""
    ledger, reasons = report["ledger"], left_out(report)
    if ledger is None or not reasons:
        return ""
    rows = f"{ledger.get('unseen', 0):,} of {plural(ledger.get('rows', 0), 'row')}"
    said = f"A part of a run ({'; '.join(reasons)}): it says nothing of {rows} of the ledger"
    if narrowings(report):
        said += ", nor whether less was judged than when that was made"
    return f"{said}."


def _shown(value: object) -> str:
    values = value if isinstance(value, list | tuple) else [value]
    return one_line(", ".join(map(str, values)))

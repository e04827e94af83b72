from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import pytest
from report_support import hostile_report, passing_report, report_of, small_report

from conformance.report import badge

STALE = {"file": "l.yaml", "stale": [{"entry": "x", "why": "passes"}], "waived": 0}


@pytest.mark.parametrize(
    ("report", "message", "colour"),
    [
        (small_report(), "4 deviations", "#b3261e"),
        (passing_report(), "conformant, 2/103 operations", "#2a7d2e"),
        (passing_report(complete=False), "conformant so far, 2/103 operations", "#8a5a00"),
        (passing_report(ledger=STALE), "stale ledger", "#b3261e"),
        (report_of([]), "not judged", "#5f6368"),
        (hostile_report(), "suite fault", "#5f6368"),
    ],
)
def test_a_badge_says_the_verdict_in_words_and_colour(
    report: Any, message: str, colour: str
) -> None:
    svg = badge.render(report)
    root = ET.fromstring(svg)
    assert root.attrib["aria-label"] == f"cleanrooms conformance: {message}"
    assert colour in svg


def test_a_hostile_name_stays_text() -> None:
    report = passing_report()
    report["contract"]["service"] = '"><script>alert(1)</script>\x00&'
    root = ET.fromstring(badge.render(report))
    assert not [element for element in root.iter() if element.tag.endswith("script")]

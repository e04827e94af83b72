from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from report_support import (
    COVERAGE,
    hostile_report,
    large_report,
    passing_report,
    report_of,
    result,
    small_report,
)

from conformance.report import html

VOID = {"meta", "input", "br", "wbr", "img", "link", "hr"}


class Page(HTMLParser):
    """The elements of a page, the text of its scripts, and whether its tags are balanced."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.unbalanced: list[str] = []
        self.scripts: dict[str, str] = {}
        self._script = ""
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.elements.append((tag, found))
        if tag not in VOID:
            self.open.append(tag)
        self._script = found.get("id", "code") if tag == "script" else ""

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        self._script = ""
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)

    def handle_data(self, data: str) -> None:
        if self._script:
            self.scripts[self._script] = self.scripts.get(self._script, "") + data
        else:
            self.text += data


def _details(page: Page) -> list[dict[str, Any]]:
    return [json.loads(line) for line in page.scripts["details"].split("\n")]


@pytest.mark.parametrize("report", [small_report(), hostile_report(), passing_report()])
def test_the_page_is_well_formed(report: Any) -> None:
    page = Page(html.render(report))
    assert page.unbalanced == []
    assert page.open == []


@pytest.mark.parametrize("report", [small_report(), hostile_report()])
def test_the_page_needs_nothing_but_itself(report: Any) -> None:
    page = Page(html.render(report))
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"link", "img", "iframe", "object", "embed", "base"}
    loaded = [attrs[key] for _, attrs in page.elements for key in ("src", "srcset") if key in attrs]
    assert loaded == []
    links = [attrs["href"] for _, attrs in page.elements if "href" in attrs]
    assert [href for href in links if not href.startswith("#")] == []


def test_only_the_script_of_the_page_may_run() -> None:
    page = Page(html.render(hostile_report()))
    [policy] = [
        attrs["content"]
        for tag, attrs in page.elements
        if tag == "meta" and attrs.get("http-equiv") == "Content-Security-Policy"
    ]
    digest = base64.b64encode(hashlib.sha256(page.scripts["code"].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy


def test_no_element_nor_attribute_comes_from_a_target() -> None:
    page = Page(html.render(hostile_report()))
    assert [tag for tag, _ in page.elements].count("script") == 3
    handlers = [name for _, attrs in page.elements for name in attrs if name.startswith("on")]
    assert handlers == []
    assert not [attrs for _, attrs in page.elements if attrs.get("href", "").startswith("java")]


def test_data_cannot_end_the_script_that_it_stands_in() -> None:
    text = html.render(hostile_report())
    data = re.search(r'<script type="text/plain" id="details">(.*?)</script>', text, re.DOTALL)
    assert data is not None
    assert "<" not in data[1]
    assert len(data[1].split("\n")) == len(hostile_report()["results"])
    assert text.encode("utf-8")


def test_the_index_and_the_details_are_in_step() -> None:
    page = Page(html.render(small_report()))
    index = json.loads(page.scripts["index"])
    verdicts = [row[3] for row in index["rows"]]
    assert verdicts == sorted(verdicts, key=html.VERDICTS.index)
    sites = {one["case"]: one["site"] for one in small_report()["results"]}
    found = {row[0]: d["site"] for row, d in zip(index["rows"], _details(page), strict=True)}
    assert found == sites


def test_cases_are_filed_under_their_merged_cause() -> None:
    index = json.loads(Page(html.render(small_report())).scripts["index"])
    merged = [row[0] for row in index["rows"] if row[5] == "input.max-length@*"]
    assert len(merged) == 3
    assert {row[5] for row in index["rows"] if row[3] == "passed"} == {""}


def test_passed_cases_go_without_their_exchanges() -> None:
    one = result("input.pattern", "A", "A.x", "passed")
    one["exchanges"] = result("input.pattern", "A", "A.x", "deviates")["exchanges"]
    [detail] = _details(Page(html.render(report_of([one]))))
    assert "exchanges" not in detail


def test_a_huge_body_is_cut_and_says_by_how_much() -> None:
    one = result("input.pattern", "A", "A.x", "deviates")
    one["exchanges"][0]["response"]["body"] = "x" * 1_000_000
    [detail] = _details(Page(html.render(report_of([one]))))
    response = detail["exchanges"][0]["response"]
    assert len(response["body"]) + response["cut"] == 1_000_000
    assert response["cut"] > 900_000


def test_bytes_and_missing_responses_are_shown_as_what_they_are() -> None:
    one = result("input.pattern", "A", "A.x", "deviates")
    del one["exchanges"][0]["request"]["body"]
    one["exchanges"][0]["request"]["body_base64"] = "/w=="
    one["exchanges"][0]["response"] = None
    one["exchanges"][0]["fault"] = {"kind": "timeout", "message": "no answer in 10 s"}
    [detail] = _details(Page(html.render(report_of([one]))))
    [exchange] = detail["exchanges"]
    assert exchange["request"]["body"] == "base64: /w=="
    assert "response" not in exchange
    assert exchange["fault"] == "timeout: no answer in 10 s"


def test_the_page_tells_the_story_without_scripts() -> None:
    text = re.sub(r"\s+", " ", Page(html.render(small_report())).text)
    assert "deviates 4 deviations from 2 causes." in text
    assert "input.max-length 3 of 4 operations" in text
    assert "Waived by the ledger 1 cause" in text
    assert "Not implemented 1 operations that the target does not have GetSchema" in text
    assert "operations implemented7103 7 %" in text.replace(" 7 %", " 7 %")


def test_matrix_cells_link_to_their_cases() -> None:
    page = Page(html.render(small_report()))
    labels = {
        attrs["href"]: attrs["aria-label"]
        for tag, attrs in page.elements
        if tag == "a" and "aria-label" in attrs
    }
    assert labels["#operation=CreateCollaboration&category=input"] == (
        "CreateCollaboration, input: 1 of 1 deviates"
    )
    assert not [href for href in labels if "GetSchema" in href]


def test_a_partial_run_a_stale_ledger_and_faults_are_told_at_the_top() -> None:
    ledger = {"file": "l.yaml", "stale": [{"entry": "input.*", "why": "expired"}], "waived": 0}
    report = small_report(
        complete=False,
        stopped="time budget of 60 s used up",
        planned=50,
        ledger=ledger,
        faults=[{"case": "c", "message": "KeyError"}],
    )
    text = Page(html.render(report)).text
    assert "39 of 50 planned cases did not run: time budget of 60 s used up." in text
    assert "input.* expired" in text
    assert "c KeyError" in text


def test_more_coverage_can_be_given() -> None:
    report = small_report(coverage={"error pairs": {"covered": 120, "total": 553}})
    text = re.sub(r"\s+", " ", Page(html.render(report)).text)
    assert "error pairs judged120553 22 %" in text


def test_the_coverage_of_sites_errors_and_facts_says_what_is_left_out() -> None:
    text = re.sub(r"\s+", " ", Page(html.render(small_report(coverage=COVERAGE))).text)
    assert "sites of the contract1,5101,531 99 %20 unreachable, 1 gap" in text
    assert "error pairs140553 25 %400 listed, 13 gaps" in text
    assert "facts210496 42 %186 unobservable, 100 unknown" in text
    assert "input.pattern sites510531 96 %20 unreachable, 1 gap" in text


def test_many_causes_stay_on_the_page_folded() -> None:
    results = [
        result("union.two-members", f"Op{n}", f"Op{n}:x", "deviates", cause=f"cause-{n}")
        for n in range(60)
    ]
    text = Page(html.render(report_of(results))).text
    assert "40 more causes" in text
    assert "Op59:x" in text


def test_every_id_is_given_once() -> None:
    page = Page(html.render(large_report(500)))
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert sorted(ids) == sorted(set(ids))

from __future__ import annotations

from typing import Any

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token
from report_support import (
    COVERAGE,
    HOSTILE,
    hostile_report,
    large_report,
    passing_report,
    report_of,
    small_report,
)
from report_support import result as one

from conformance.report import markdown

OUR_HTML = ("<details><summary>", "</details>")


def _tokens(text: str) -> list[Token]:
    parsed = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text)
    return [*parsed, *(child for token in parsed for child in token.children or [])]


def _texts(tokens: list[Token], kind: str) -> list[str]:
    return [token.content for token in tokens if token.type == kind]


def test_the_verdict_and_the_figures_come_first() -> None:
    lines = markdown.render(small_report()).split("\n")
    assert lines[0] == "## ❌ Conformance: deviates"
    assert "`4 deviations from 2 causes.`" in lines[2]
    assert "| 7 of 103 | 11 | 2 | 4 | 1 | 1 | 2 | 1 |" in lines


def test_causes_are_told_as_on_a_terminal() -> None:
    [block] = _texts(_tokens(markdown.render(small_report())), "fence")
    assert block.startswith("input.max-length  3 of 4 operations")
    assert "  expected  400 ValidationException     (model: TableReference is a union)\n" in block


def test_a_green_run_is_short() -> None:
    text = markdown.render(passing_report())
    assert text.startswith("## ✅ Conformance: conformant")
    assert "Deviations" not in text


@pytest.mark.parametrize("report", [hostile_report(), small_report(), large_report()])
def test_nothing_that_a_target_says_comes_alive(report: Any) -> None:
    tokens = _tokens(markdown.render(report))
    html = _texts(tokens, "html_block") + _texts(tokens, "html_inline")
    assert [text for text in html if not text.startswith(OUR_HTML)] == []
    kinds = {token.type for token in tokens}
    assert not kinds & {"link_open", "image", "em_open", "s_open", "blockquote_open"}
    plain = "".join(_texts(tokens, "text"))
    assert "@" not in plain
    assert "script" not in plain


@pytest.mark.parametrize("text", [*HOSTILE, "a|b", "a\\|b", "a\\\\|b`", "`", "``|`\\", "", "\\"])
def test_any_text_holds_in_a_cell_of_a_table(text: str) -> None:
    table = markdown.table(["a", "b"], [[markdown.code(text), "end"]], "ll")
    tokens = _tokens(table)
    cells = [token for token in tokens if token.type == "inline"][2:]
    assert len(cells) == 2
    assert cells[1].content == "end"
    assert [child.type for child in cells[0].children or []] == ["code_inline"]


def test_a_backslash_of_the_text_cannot_undo_the_escape_of_a_bar() -> None:
    # GitHub's parser takes `\\|` for an escaped backslash and the end of the cell.
    assert "| `a\\ \\|b` |" in markdown.table(["h"], [[markdown.code("a\\|b")]], "l")


def test_a_comment_is_never_too_long_for_its_place() -> None:
    report = report_of(
        [
            one("union.two-members", f"Op{n}", f"Op{n}:x", "deviates", case="c" * 9000 + str(n))
            for n in range(30)
        ]
        + [one("union.two-members", f"Ok{n}", f"Ok{n}:x", "passed") for n in range(40)]
    )
    text = markdown.render(report)
    assert len(text) <= markdown.MOST_CHARACTERS
    assert "### Deviations" in text
    assert "more causes</summary>" in text


def test_stale_rows_and_faults_and_missing_operations_are_listed() -> None:
    ledger = {"file": "l", "stale": [{"entry": "input.*", "why": "expired"}], "waived": 0}
    text = markdown.render(
        small_report(ledger=ledger, faults=[{"case": "c", "message": "KeyError"}])
    )
    assert "| `input.*` | `expired` |" in text
    assert "c: KeyError" in text
    assert "<details><summary>1 operation not implemented</summary>\n\n`GetSchema`" in text


def test_the_coverage_of_the_suite_is_told_where_the_report_has_it() -> None:
    text = markdown.render(small_report(coverage=COVERAGE))
    assert "| `error pairs` | 140 | 553 | 400 listed, 13 gaps |" in text
    assert "| `input.pattern sites` | 510 | 531 | 20 unreachable, 1 gap |" in text
    assert "has cases for" not in markdown.render(small_report())

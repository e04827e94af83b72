"""A comparison of reports as text of 80 columns, as a page, as Markdown and as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import asdict
from rich.cells import cell_len

from conformance.report.compare import Change, Comparison, Row, Subject
from conformance.report.markdown import code, fenced, table
from conformance.report.pages import environment, style
from conformance.report.tally import SIGNS, Tally
from conformance.report.text import Page, plural
from conformance.report.types import VERDICTS

_LISTED: Final = 50
_NAMED: Final = 120
_CHANGES: Final = {
    "new": "new deviations",
    "added": "deviations of cases that the earlier run did not have",
    "fixed": "fixed",
    "still": "still deviating",
    "unclear": "deviated before, not judged now",
    "added_checks": "checks that only the later run has",
    "dropped_checks": "checks that only the earlier run has",
}


def as_text(comparison: Comparison, *, width: int = 80, encoding: str = "utf-8") -> str:
    """The comparison as plain text that fits a width and an encoding."""
    page = Page(width=width, encoding=encoding)
    return "\n".join(line.rstrip() for line in _text(comparison, page)) + "\n"


def as_markdown(comparison: Comparison) -> str:
    """The comparison as GitHub-flavoured Markdown."""
    parts = [
        f"## Conformance of {len(comparison.subjects)} runs",
        _subjects_table(comparison.subjects),
        *_matrix_table("Operations", comparison.operations, comparison.subjects),
        *_matrix_table("Checks", comparison.checks, comparison.subjects),
        _legend(Page()),
        *_only_table(comparison),
        *(part for change in comparison.changes for part in _change_parts(change)),
    ]
    return "\n\n".join(parts) + "\n"


def as_json(comparison: Comparison) -> str:
    """The comparison as JSON: the attributes of `Comparison`, tallies as counts by verdict."""
    document = {"schema": "conformance-comparison/1", **asdict(comparison, recurse=False)}
    return json.dumps(document, default=_jsonable, indent=1, ensure_ascii=True) + "\n"


def as_html(comparison: Comparison) -> str:
    """The comparison as one self-contained page, in the looks of a report's."""
    return (
        environment("conformance.report")
        .get_template("compare.html.j2")
        .render(
            comparison=comparison,
            said=_CHANGES,
            split=_split,
            style=style(),
            verdicts=VERDICTS,
        )
    )


COMPARISON_FORMATS: Final[Mapping[str, Callable[[Comparison], str]]] = {
    "html": as_html,
    "json": as_json,
    "markdown": as_markdown,
    "text": as_text,
}
"""Every form that a comparison can take, by name."""


def _jsonable(value: Any) -> Any:
    if isinstance(value, Tally):
        return dict(value.counts)
    return asdict(value, recurse=False)


def _text(comparison: Comparison, page: Page) -> Iterator[str]:
    for subject in comparison.subjects:
        partial = "" if subject.complete else " (partial)"
        yield page.fit(f"{subject.label}  {subject.target}  {subject.version}", page.width)
        yield page.fit_indented(f"   {page.safe(f'{subject.started}  {subject.contract}')}")
        counts = f"{subject.counts['passed']:,} passed, {subject.counts['deviates']:,} deviate"
        yield page.fit_indented(f"   {page.safe(f'{subject.word}{partial}: {counts}')}")
    yield from _text_matrix("operations", comparison.operations, comparison.subjects, page)
    yield from _text_matrix("checks", comparison.checks, comparison.subjects, page)
    yield ""
    yield from page.wrap(_legend(page).split(), "")
    yield from _text_only(comparison, page)
    for change in comparison.changes:
        yield from _text_change(change, page)


def _text_matrix(
    title: str, rows: Sequence[Row], subjects: Sequence[Subject], page: Page
) -> Iterator[str]:
    missing, shown = _split(rows)
    cells = {row.name: [_safe_cell(cell, page) for cell in row.cells] for row in shown}
    wide = max((len(cell) for line in cells.values() for cell in line), default=1) + 2
    room = max(page.width - wide * len(subjects), 20)
    name_width = min(max(map(cell_len, [title, *(row.name for row in shown)])), room)
    yield ""
    heads = "".join(f"{subject.label:>{wide}}" for subject in subjects)
    yield page.pad(title.upper(), name_width) + heads
    for row in shown:
        yield page.pad(row.name, name_width) + "".join(f"{c:>{wide}}" for c in cells[row.name])
    if missing:
        yield f"not implemented by any ({len(missing)}):"
        yield from page.wrap(missing)


def _split(rows: Sequence[Row]) -> tuple[list[str], list[Row]]:
    """The names of rows that no target implements, and the other rows."""
    missing = [
        row.name for row in rows if all(_verdict(cell) == "not_implemented" for cell in row.cells)
    ]
    gone = set(missing)
    return missing, [row for row in rows if row.name not in gone]


def _verdict(cell: Tally | None) -> str:
    return cell.verdict if cell else ""


def _safe_cell(cell: Tally | None, page: Page) -> str:
    return page.safe(str(cell)) if cell else "."


def _legend(page: Page) -> str:
    signs = ", ".join(f"{page.safe(sign)} {verdict}" for verdict, sign in SIGNS.items())
    return f"{signs}, . no case".replace("_", " ")


def _text_only(comparison: Comparison, page: Page) -> Iterator[str]:
    for subject in comparison.subjects:
        found = [only for only in comparison.only if only.label == subject.label]
        if not found:
            continue
        cases = sum(only.count for only in found)
        yield ""
        yield f"ONLY {subject.label} FAILS  {plural(cases, 'case')}"
        for only in found[:_LISTED]:
            yield page.fit_indented(
                f"  {only.count:>5,}  {page.safe(f'{only.check}  {only.operation}')}"
            )
        if len(found) > _LISTED:
            yield f"  and {plural(len(found) - _LISTED, 'more pair')} of check and operation"


def _text_change(change: Change, page: Page) -> Iterator[str]:
    yield ""
    yield f"FROM {change.before} TO {change.after}"
    for key, said in _CHANGES.items():
        names: tuple[str, ...] = getattr(change, key)
        if not names and key not in {"new", "fixed", "still"}:
            continue
        yield f"  {len(names):>5,}  {said}"
        listed = () if key == "still" else names
        for name in listed[:_LISTED]:
            yield page.fit_indented(f"         {page.safe(name)}")
        if len(listed) > _LISTED:
            yield f"         and {len(listed) - _LISTED:,} more"


def _subjects_table(subjects: Sequence[Subject]) -> str:
    header = ["", "target", "version", "run", "contract", "verdict", "passed", "deviates"]
    rows = [
        [
            f"**{subject.label}**",
            _code(subject.target),
            _code(subject.version),
            _code(subject.started),
            _code(subject.contract),
            subject.word + ("" if subject.complete else " (partial)"),
            f"{subject.counts['passed']:,}",
            f"{subject.counts['deviates']:,}",
        ]
        for subject in subjects
    ]
    return table(header, rows, "llllllrr")


def _matrix_table(title: str, rows: Sequence[Row], subjects: Sequence[Subject]) -> Iterator[str]:
    missing, shown = _split(rows)
    yield f"### {title}"
    if shown:
        cells = [[_code(row.name), *(str(cell or ".") for cell in row.cells)] for row in shown]
        labels = [subject.label for subject in subjects]
        yield table([title.lower(), *labels], cells, "l" + "r" * len(labels))
    if missing:
        yield f"Not implemented by any: {', '.join(map(_code, missing))}"


def _only_table(comparison: Comparison) -> Iterator[str]:
    if not comparison.only:
        return
    yield "### What only one fails"
    rows = [
        [only.label, _code(only.check), _code(only.operation), f"{only.count:,}"]
        for only in comparison.only[:_LISTED]
    ]
    yield table(["run", "check", "operation", "cases"], rows, "lllr")
    if len(comparison.only) > _LISTED:
        yield f"and {plural(len(comparison.only) - _LISTED, 'more pair')}"


def _change_parts(change: Change) -> Iterator[str]:
    yield f"### From {change.before} to {change.after}"
    rows = [[said, f"{len(getattr(change, key)):,}"] for key, said in _CHANGES.items()]
    yield table(["what", "cases"], rows, "lr")
    for key in ("new", "added", "fixed", "unclear", "added_checks", "dropped_checks"):
        names: tuple[str, ...] = getattr(change, key)
        if names:
            lines = [Page().fit(name, _NAMED) for name in names[:_LISTED]]
            more = [f"and {len(names) - _LISTED:,} more"] if len(names) > _LISTED else []
            yield f"{_CHANGES[key].capitalize()}:"
            yield fenced([*lines, *more])


def _code(text: str) -> str:
    return code(Page().fit(text, _NAMED))

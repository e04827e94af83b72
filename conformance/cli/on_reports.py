"""Commands that work on the reports of earlier runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click

from conformance.errors import UsageError, unknown

_OUTPUT = click.option(
    "--output", metavar="FILE", help="Where to write; standard output by default."
)


@click.command()
@click.argument("reports", nargs=-1, required=True, metavar="REPORT.json...")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "html", "markdown", "json"]),
    default="text",
    show_default=True,
)
@_OUTPUT
def compare(reports: Sequence[str], format_: str, output: str | None) -> None:
    """Sets reports side by side: of several targets, or of one at several times."""
    from conformance.report.compare import compare as compare_reports
    from conformance.report.compare_writers import COMPARISON_FORMATS
    from conformance.report.load import load

    if len(reports) == 1:
        raise UsageError("Nothing to compare.", "Give two reports or more.")
    compared = compare_reports([load(Path(path)) for path in reports], reports)
    _put(COMPARISON_FORMATS[format_](compared), output)


@click.command()
@click.argument("report", metavar="REPORT.json")
@click.option(
    "--format",
    "format_",
    required=True,
    metavar="NAME",
    help="html, junit, markdown, csv, sarif, github, badge, terminal or json.",
)
@_OUTPUT
def report(report: str, format_: str, output: str | None) -> None:
    """Makes another form of a report."""
    from conformance.report.formats import FORMATS
    from conformance.report.load import load

    if format_ not in FORMATS:
        raise unknown("format", format_, FORMATS, f"There are {', '.join(FORMATS)}.")
    _put(FORMATS[format_](load(Path(report))), output)


def _put(text: str, output: str | None) -> None:
    if output is None:
        click.echo(text, nl=not text.endswith("\n"))
        return
    try:
        Path(output).write_text(text, "utf-8", "backslashreplace")
    except OSError as error:
        raise UsageError(f"--output {output}: {error.strerror or error}.") from None


@click.group(name="ledger")
def ledger_() -> None:
    """Writes the ledger of known deviations from a report."""


_LEDGER_FILE = click.option(
    "--ledger", "ledger", required=True, metavar="FILE", help="The YAML list of known deviations."
)


@ledger_.command()
@click.argument("report", metavar="REPORT.json")
@_LEDGER_FILE
@click.option(
    "--cause",
    "causes",
    metavar="KEY",
    multiple=True,
    help="A cause that the report names, e.g. 'input.type@*', or a pattern with *.",
)
@click.option("--case", "cases", metavar="NAME", multiple=True, help="A case, or a pattern with *.")
@click.option(
    "--check", "checks", metavar="GLOB", multiple=True, help="What deviates of these checks only."
)
@click.option(
    "--operation",
    "operations",
    metavar="GLOB",
    multiple=True,
    help="What deviates in these operations only.",
)
@click.option("--all", "everything", is_flag=True, help="Every cause that is not listed yet.")
@click.option("--reason", required=True, metavar="TEXT", help="Why it deviates.")
@click.option("--link", default="", metavar="URL", help="Where more of it stands.")
@click.option(
    "--expires",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="The last day on which it is waived, as 2027-01-31.",
)
def add(report: str, ledger: str, **options: Any) -> None:
    """Adds a row for each cause or case of a report that is to be waived.

    What is listed already is not added again. Comments and other rows stay as they are; the file is
    made where there is none. A row that spans operations names them: it waives no other one.
    """
    from conformance.commands.ledger_rows import Choice
    from conformance.commands.ledgers import add_to_ledger
    from conformance.names import Glob

    expires = options["expires"]
    add_to_ledger(
        Path(report),
        Path(ledger),
        click.echo,
        choice=Choice(
            causes=options["causes"],
            cases=options["cases"],
            checks=tuple(map(Glob, options["checks"])),
            operations=tuple(map(Glob, options["operations"])),
            everything=options["everything"],
        ),
        reason=options["reason"],
        link=options["link"],
        expires=expires.date() if expires else None,
    )


@ledger_.command()
@click.argument("report", metavar="REPORT.json")
@_LEDGER_FILE
def prune(report: str, ledger: str) -> None:
    """Takes out the rows that a report shows to be stale, and tells which."""
    from conformance.commands.ledgers import prune_ledger

    prune_ledger(Path(report), Path(ledger), click.echo)


@click.command()
@click.argument("report", metavar="REPORT.json")
@click.option(
    "--level", metavar="NAME", help="core or full; without it the highest that is reached."
)
@click.option("--target-name", default="", metavar="TEXT", help="What the target is called.")
@click.option("--target-version", default="", metavar="TEXT", help="The version that was tested.")
@click.option(
    "--out", metavar="DIR", help="Where to write the certificate; beside the report by default."
)
@click.pass_context
def certify(ctx: click.Context, /, report: str, level: str | None, **options: Any) -> None:
    """Certifies the target of a report, for the operations that it has.

    core is all that the contract and the API reference demand (MUST), full also what other
    documentation says (SHOULD). Exit status: 0 certified, 1 not: the deviations in the way are
    named, those in a ledger among them; 2 the run proves nothing, since it left something out.
    """
    from conformance.commands.certifying import certify_report

    status = certify_report(
        Path(report),
        Path(options["out"] or Path(report).parent),
        click.echo,
        level=level,
        target_name=options["target_name"],
        target_version=options["target_version"],
    )
    ctx.exit(status)


COMMANDS: Final = (compare, report, ledger_, certify)

"""The command line: parses, calls pytest or the report layer, maps exit statuses."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

import conformance
from conformance.errors import ConformanceError, UsageError, unknown

_OUT = "conformance-report"


class _Group(click.Group):
    """A group of commands whose errors are sentences, never tracebacks."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ConformanceError as error:
            click.echo(f"conformance: {error}", err=True)
            ctx.exit(error.exit_status)


@click.group(
    cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(conformance.__version__, prog_name="conformance")
def main() -> None:
    """Contract tests and a conformance suite for AWS APIs."""


def _target_options(command: Any) -> Any:
    options = [
        click.option(
            "--endpoint-url",
            metavar="URL",
            help="The endpoint to test; 'aws' for the real service.",
        ),
        click.option("--region", metavar="R", help="The region that requests are signed for."),
        click.option(
            "--profile",
            "profiles",
            metavar="NAME",
            multiple=True,
            help="A profile of the AWS configuration; one for each account.",
        ),
        click.option(
            "--ca-bundle", metavar="FILE", help="Certificates to check TLS by, as for the AWS CLI."
        ),
        click.option("--no-verify-ssl", is_flag=True, help="Do not check TLS certificates."),
        click.option(
            "--timeout",
            type=click.FloatRange(min=0, min_open=True),
            default=10,
            show_default=True,
            metavar="SECONDS",
            help="How long to wait for a response.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def _run_options(command: Any) -> Any:
    options = [
        click.option(
            "--check",
            "checks",
            metavar="GLOB",
            multiple=True,
            help="Only checks whose id matches, e.g. 'union.*'.",
        ),
        click.option(
            "--operation",
            "operations",
            metavar="NAME",
            multiple=True,
            help="Only cases of this operation; * and ? as in a shell.",
        ),
        click.option(
            "--level",
            type=click.Choice(["must", "should", "may"]),
            default="may",
            show_default=True,
            help="The least level of checks to run.",
        ),
        click.option(
            "--max-examples",
            type=click.IntRange(min=1),
            metavar="N",
            help="Random examples for each check that draws them.",
        ),
        click.option(
            "--seed",
            type=int,
            default=0,
            show_default=True,
            metavar="N",
            help="The seed of everything random.",
        ),
        click.option(
            "--max-time",
            type=click.FloatRange(min=0, min_open=True),
            metavar="SECONDS",
            help="Stop cleanly after so long, with a partial report that says so.",
        ),
        click.option(
            "-n",
            "workers",
            type=click.IntRange(min=1),
            default=1,
            show_default=True,
            metavar="WORKERS",
            help="Processes to share the work between.",
        ),
        click.option(
            "--ledger", metavar="FILE", help="A YAML list of known deviations, each with a reason."
        ),
        click.option(
            "--out",
            default=_OUT,
            show_default=True,
            metavar="DIR",
            help="The folder for report.json and what comes with it.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@main.command()
@click.argument("service", default="cleanrooms")
@_target_options
@click.option("--quick", is_flag=True, help="Fewer cases: one where many say the same.")
@_run_options
@click.pass_context
def run(ctx: click.Context, /, **options: Any) -> None:
    """Holds a target against the contract of SERVICE; certifies nothing that it has not seen.

    Exit status: 0 conformant; 1 a deviation that is not in the ledger, or a ledger entry that no
    longer deviates; 2 wrong usage; 3 the target could not be reached, was lost, or nothing was run;
    4 a fault of the suite itself.
    """
    from conformance.commands.running import run_suite

    ctx.exit(run_suite(**options, command=ctx.command_path))


@main.command()
@click.argument("service", default="cleanrooms")
@_target_options
@click.option(
    "--rate",
    type=click.FloatRange(min=0, min_open=True),
    default=4,
    show_default=True,
    metavar="N",
    help="At most so many requests each second.",
)
@_run_options
@click.pass_context
def smoke(ctx: click.Context, /, **options: Any) -> None:
    """Looks at a live account without changing anything: calls only operations that read.

    It works on what exists already and on identifiers that nobody has. It ends as run does.
    """
    from conformance.commands.running import run_suite

    if (
        options["workers"] > 1
        and ctx.get_parameter_source("rate") is not ParameterSource.COMMANDLINE
    ):
        options["rate"] /= options["workers"]
    ctx.exit(run_suite(**options, read_only=True, command=ctx.command_path))


@main.command()
@click.argument("journals", nargs=-1, metavar="[JOURNAL]...")
@click.option("--service", default="cleanrooms", show_default=True, metavar="NAME")
@_target_options
@click.pass_context
def sweep(ctx: click.Context, /, journals: tuple[str, ...], **options: Any) -> None:
    """Deletes what earlier runs made and could not delete, by their journals.

    Without a JOURNAL those in conformance-report are taken. Nothing else is touched.
    """
    from conformance.commands.sweeping import sweep_journals

    paths = [Path(j) for j in journals] or sorted(Path(_OUT).glob("journal-*.jsonl"))
    ctx.exit(sweep_journals(paths, **options))


@main.command()
@click.argument("report", metavar="REPORT.json")
@click.argument("case", metavar="CASE")
@_target_options
@click.pass_context
def replay(ctx: click.Context, /, report: str, case: str, **options: Any) -> None:
    """Runs one CASE of a report again, on the same endpoint or another."""
    from conformance.commands.running import replay_case

    if ctx.get_parameter_source("timeout") is not ParameterSource.COMMANDLINE:
        options["timeout"] = None
    ctx.exit(replay_case(Path(report), case, command=ctx.command_path, **options))


@main.command()
@click.argument("service", default="cleanrooms")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=4599,
    show_default=True,
    help="0 takes a free one.",
)
@click.option(
    "--log",
    type=click.File("a", encoding="utf-8"),
    metavar="FILE",
    help="Append a line of JSON for each request; - for standard output.",
)
@click.option(
    "--verify-signatures",
    is_flag=True,
    help="Refuse requests that are not signed with the secret key of --secret.",
)
@click.option("--secret", default="conformance", show_default=True, metavar="KEY")
@click.option("--quotas", is_flag=True, help="Hold callers to the documented quotas.")
@click.option(
    "--control",
    is_flag=True,
    help="Serve /_reference/ too: reset, faults on demand, time that passes.",
)
def serve(service: str, host: str, port: int, log: Any, **options: Any) -> None:
    """Serves the reference target over HTTP until it is interrupted."""
    from conformance.reference import DOCUMENTED, Quotas, Settings
    from conformance.reference import serve as serve_target

    settings = Settings(
        secret=options["secret"] if options["verify_signatures"] else "",
        quotas=DOCUMENTED if options["quotas"] else Quotas(),
    )
    control = options["control"]
    serve_target(host, port, service=service, log=log, settings=settings, control=control)


@main.command()
@click.argument("service", default="cleanrooms")
@click.option("--json", "as_json", is_flag=True, help="As JSON, with every site.")
def checks(service: str, as_json: bool) -> None:
    """Lists the checks: id, level, citation and how many sites each has."""
    from conformance.commands.catalogue import as_data, as_table

    click.echo(json.dumps(as_data(service), indent=2) if as_json else as_table(service), nl=as_json)


@main.command()
@click.argument("service")
@click.argument("operation", required=False)
@click.option("--output", is_flag=True, help="Of the output instead of the input.")
def schema(service: str, operation: str | None, output: bool) -> None:
    """Prints the JSON Schema (2020-12) of all of SERVICE or of the input of one OPERATION."""
    from conformance.commands.catalogue import operation_schema, service_schema

    document = (
        operation_schema(service, operation, output=output)
        if operation
        else service_schema(service)
    )
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


@main.command()
def services() -> None:
    """Lists the services that the installed botocore has a model of, with their protocols."""
    from conformance.commands.catalogue import service_table

    click.echo(service_table(), nl=False)


@main.command()
@click.argument("reports", nargs=-1, required=True, metavar="REPORT.json...")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
)
def compare(reports: Sequence[str], format_: str) -> None:
    """Sets reports side by side: of several targets, or of one at several times."""
    from conformance.report.compare import compare as compare_reports
    from conformance.report.compare_writers import COMPARISON_FORMATS
    from conformance.report.load import load

    if len(reports) == 1:
        raise UsageError("Nothing to compare.", "Give two reports or more.")
    compared = compare_reports([load(Path(path)) for path in reports], reports)
    click.echo(COMPARISON_FORMATS[format_](compared).rstrip("\n"))


@main.command()
@click.argument("report", metavar="REPORT.json")
@click.option(
    "--format",
    "format_",
    required=True,
    metavar="NAME",
    help="html, junit, markdown, csv, sarif, badge, terminal or json.",
)
@click.option("--output", metavar="FILE", help="Where to write; standard output by default.")
def report(report: str, format_: str, output: str | None) -> None:
    """Makes another form of a report."""
    from conformance.report.formats import FORMATS
    from conformance.report.load import load

    if format_ not in FORMATS:
        raise unknown("format", format_, FORMATS, f"There are {', '.join(FORMATS)}.")
    text = FORMATS[format_](load(Path(report)))
    if output is None:
        click.echo(text, nl=not text.endswith("\n"))
        return
    try:
        Path(output).write_text(text, "utf-8")
    except OSError as error:
        raise UsageError(f"--output {output}: {error.strerror or error}.") from None


if __name__ == "__main__":
    sys.exit(main())

"""Commands that talk to a target, or are one."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import click
from click.core import ParameterSource

from conformance.cli.options import OUT, run_options, target_options


@click.command()
@click.argument("service", default="cleanrooms")
@target_options
@click.option("--quick", is_flag=True, help="Fewer cases: one where many say the same.")
@run_options
@click.pass_context
def run(ctx: click.Context, /, **options: Any) -> None:
    """Holds a target against the contract of SERVICE; certifies nothing that it has not seen.

    Exit status: 0 conformant; 1 a deviation that is not in the ledger, or a ledger entry that no
    longer deviates; 2 wrong usage; 3 the target could not be reached, was lost, or nothing was run;
    4 a fault of the suite itself.
    """
    from conformance.commands.running import run_suite

    ctx.exit(run_suite(**options, command=ctx.command_path))


@click.command()
@click.argument("service", default="cleanrooms")
@target_options
@click.option(
    "--rate",
    type=click.FloatRange(min=0, min_open=True),
    default=4,
    show_default=True,
    metavar="N",
    help="At most so many requests each second.",
)
@run_options
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


@click.command()
@click.argument("journals", nargs=-1, metavar="[JOURNAL]...")
@click.option("--service", default="cleanrooms", show_default=True, metavar="NAME")
@target_options
@click.pass_context
def sweep(ctx: click.Context, /, journals: tuple[str, ...], **options: Any) -> None:
    """Deletes what earlier runs made and could not delete, by their journals.

    Without a JOURNAL those in conformance-report are taken. Nothing else is touched.
    """
    from conformance.commands.sweeping import sweep_journals

    paths = [Path(j) for j in journals] or sorted(Path(OUT).glob("journal-*.jsonl"))
    ctx.exit(sweep_journals(paths, **options))


@click.command()
@click.argument("report", metavar="REPORT.json")
@click.argument("case", metavar="CASE")
@target_options
@click.pass_context
def replay(ctx: click.Context, /, report: str, case: str, **options: Any) -> None:
    """Runs one CASE of a report again, on the same endpoint or another."""
    from conformance.commands.running import replay_case

    if ctx.get_parameter_source("timeout") is not ParameterSource.COMMANDLINE:
        options["timeout"] = None
    ctx.exit(replay_case(Path(report), case, command=ctx.command_path, **options))


@click.command()
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


COMMANDS: Final = (run, smoke, sweep, replay, serve)

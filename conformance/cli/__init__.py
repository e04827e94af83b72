"""The command line: parses, calls pytest or the report layer, maps exit statuses."""

from __future__ import annotations

import os
import traceback
from pathlib import Path
from typing import Any, Final

import click

import conformance
from conformance.cli import on_contracts, on_reports, on_targets
from conformance.errors import ConformanceError, ExitStatus

#: Set to anything, this variable shows the traceback of a fault of the suite itself.
TRACEBACK: Final = "CONFORMANCE_TRACEBACK"


class _Group(click.Group):
    """A group of commands whose errors are sentences, never tracebacks."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ConformanceError as error:
            click.echo(f"conformance: {error}", err=True)
            ctx.exit(error.exit_status)
        except (click.exceptions.Exit, click.Abort, click.ClickException, BrokenPipeError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, a status of 1 would accuse the target
            click.echo(f"conformance: {_fault(error)}", err=True)
            ctx.exit(ExitStatus.SUITE_FAULT)


def _fault(error: Exception) -> str:
    if os.environ.get(TRACEBACK):
        return "".join(traceback.format_exception(error))
    last = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"A fault of the suite itself, which says nothing of the target: "
        f"{type(error).__name__}: {error} ({Path(last.filename).name}, line {last.lineno}). "
        f"Please report it, with what {TRACEBACK}=1 shows."
    )


@click.group(
    cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(conformance.__version__, prog_name="conformance")
def main() -> None:
    """Contract tests and a conformance suite for AWS APIs."""


for _commands in (on_targets.COMMANDS, on_contracts.COMMANDS, on_reports.COMMANDS):
    for _command in _commands:
        main.add_command(_command)

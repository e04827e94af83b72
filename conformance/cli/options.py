"""Options that several commands share; what they mean is said by those who take them."""

from __future__ import annotations

from typing import Any, Final

import click

OUT: Final = "conformance-report"


def target_options(command: Any) -> Any:
    """Adds the options that say which target is meant, and how it is reached."""
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


def run_options(command: Any) -> Any:
    """Adds the options of what runs, and where its report goes."""
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
            "--verifies-signatures",
            is_flag=True,
            help="Hold the target to verifying signatures; the embedded one then does.",
        ),
        click.option(
            "--control-url",
            metavar="URL",
            help="Where the target fails on demand; see docs/failures-on-demand.md.",
        ),
        click.option(
            "--max-examples",
            type=click.IntRange(min=1),
            metavar="N",
            help="Random examples for each check that draws them.",
        ),
        click.option(
            "--explore",
            type=click.IntRange(min=0),
            metavar="N",
            help="Sequences of calls to explore for each kind of resource; 0 for none.",
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
            "--prerequisites",
            metavar="FILE",
            help="What exists in the account, as `conformance prerequisites` asks for it.",
        ),
        click.option(
            "--out",
            default=OUT,
            show_default=True,
            metavar="DIR",
            help="The folder for report.json and what comes with it.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command

"""Commands that tell what is known of a service: its contract and its checks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import click


@click.command()
@click.argument("service", default="cleanrooms")
@click.option("--json", "as_json", is_flag=True, help="As JSON, with every site.")
@click.option("--facts", "by_fact", is_flag=True, help="By what the documentation states instead.")
def checks(service: str, as_json: bool, by_fact: bool) -> None:
    """Lists the checks: id, level, citation and how many sites each has."""
    from conformance.commands.catalogue import as_data, as_facts, as_table, facts_as_data

    if by_fact:
        told = json.dumps(facts_as_data(service), indent=2, ensure_ascii=False)
        click.echo(told if as_json else as_facts(service), nl=as_json)
        return
    click.echo(json.dumps(as_data(service), indent=2) if as_json else as_table(service), nl=as_json)


@click.command()
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


@click.command()
def services() -> None:
    """Lists the services that the installed botocore has a model of, with their protocols."""
    from conformance.commands.catalogue import service_table

    click.echo(service_table(), nl=False)


@click.command()
@click.argument("service", default="cleanrooms")
def prerequisites(service: str) -> None:
    """Prints what a run on AWS needs to exist already, as a file to fill in for --prerequisites.

    Emulators take any name; on AWS, what is left empty is not there, and what needs it is skipped.
    """
    from conformance.commands.catalogue import prerequisites_file

    click.echo(prerequisites_file(service), nl=False)


@click.command()
@click.argument("service", default="cleanrooms")
@click.option("--into", metavar="DIR", help="Write them there, to a file named by the contract.")
def levels(service: str, into: str | None) -> None:
    """Prints what each level of certification demands, by the checks of this version.

    Those of a release are frozen, for each contract, in specs/SERVICE/levels.
    """
    from conformance.commands.certifying import as_text, freeze_levels, levels_of

    if into is not None:
        freeze_levels(service, Path(into), click.echo)
        return
    click.echo(as_text(levels_of(service)), nl=False)


COMMANDS: Final = (checks, schema, services, levels, prerequisites)

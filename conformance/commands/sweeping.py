"""Deletes what earlier runs left on a target, by their journals and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from conformance import contract as contracts
from conformance.errors import ExitStatus, UsageError
from conformance.target.client import Client
from conformance.target.connect import connect
from conformance.target.journal import Entry, Journal, left_over, unfinished
from conformance.target.outcomes import Outcome
from conformance.target.target import resolve


def sweep_journals(
    paths: list[Path],
    *,
    service: str,
    endpoint_url: str | None,
    region: str | None,
    profiles: tuple[str, ...],
    ca_bundle: str | None,
    no_verify_ssl: bool,
    timeout: float,
) -> ExitStatus:
    """Deletes what the journals list, the newest first, and notes there what is gone.

    Returns:
        0 if nothing is left, 1 if something is.

    Raises:
        UsageError: there is no journal, or one cannot be read.
        TargetUnreachable: nobody answers at the endpoint.
    """
    if not paths:
        raise UsageError("There is no journal.", "Name one; a run writes it to its --out folder.")
    contract = contracts.load(service)
    target = resolve(
        contract,
        endpoint_url=endpoint_url,
        region=region,
        profiles=profiles,
        verify=False if no_verify_ssl else ca_bundle or True,
    )
    if target.kind == "embedded":
        raise UsageError(
            "The embedded target keeps nothing.", "Give the --endpoint-url of the run."
        )
    line = connect(target, contract, timeout_s=timeout)
    line.reachable()
    client = Client(contract, target, line.transport, line.reachable)
    try:
        swept = [_sweep(client, path) for path in paths]
    finally:
        line.transport.close()
    gone, kept = (sum(counts) for counts in zip(*swept, strict=True))
    click.echo(f"{gone} deleted, {kept} left")
    return ExitStatus.DEVIATES if kept else ExitStatus.CONFORMANT


def _sweep(client: Client, path: Path) -> tuple[int, int]:
    """Deletes what one journal lists; returns how much is gone and how much is left."""
    journal, gone = Journal(path), 0
    kept = [(entry, "") for entry in left_over(path)]
    before = len(kept) + 1
    # What stands in the way of one thing may go after it: each is tried again while any goes.
    while 0 < len(kept) < before:
        before, ahead, kept = len(kept), kept, []
        for entry, _ in ahead:
            if problem := _delete(client, entry):
                kept.append((entry, problem))
                continue
            gone += 1
            journal.deleted(entry.key)
            click.echo(f"deleted  {entry.resource} {dict(entry.params)}")
    for entry, problem in kept:
        click.echo(f"kept     {entry.resource} {dict(entry.params)}: {problem}")
    for text in unfinished(path):
        click.echo(f"unknown  {text}: the run was ended while it was made; look for its name")
    return gone, len(kept)


def _delete(client: Client, entry: Entry) -> str:
    """Deletes what an entry names; returns why that failed, or an empty text."""
    params: dict[str, Any] = dict(entry.params)
    if entry.account >= len(client.target.accounts):
        return f"account {entry.account + 1} made it; name its profile, too"
    try:
        operation = client.contract.operation(entry.operation)
        reply = client.call(operation, params, account=entry.account)
    except Outcome as outcome:
        return str(outcome)
    if reply.ok or reply.status in (403, 404):
        return ""
    return f"{reply.status} {reply.code} {reply.message}".strip()

"""One run's state in one process: contract, spec, target, world; made once, passed on."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from attrs import define, field, frozen

from conformance import contract as contracts
from conformance import spec as specs
from conformance.contract import Contract, Operation
from conformance.errors import unknown
from conformance.ledger import Ledger
from conformance.ledger import load as load_ledger
from conformance.names import Glob
from conformance.spec import Spec
from conformance.spec.prerequisites import Given, read_given
from conformance.suite.checks import catalogue
from conformance.suite.judge import Finding, findings
from conformance.suite.settings import DEFAULT_SEQUENCES, Settings
from conformance.suite.tracing import Tracer
from conformance.target.client import Client
from conformance.target.connect import Line, connect
from conformance.target.control import Control
from conformance.target.inputs import Inputs
from conformance.target.journal import Journal
from conformance.target.target import Target, resolve
from conformance.target.world import World
from conformance.wire.reply import Reply
from conformance.wire.serialize import check_spoken


@define
class Observation:
    """A finding on a response that a check happened to see."""

    finding: Finding
    operation: str
    reply: Reply


@define(eq=False)
class Run:
    """What the checks of one process work with.

    Attributes:
        control: makes calls fail on demand, where the target can.
        choices: what the case at hand tells of facts that nobody knows: fact → what is done.
        chosen: the same of those that are traced to its check.
    """

    settings: Settings
    contract: Contract
    spec: Spec
    target: Target
    client: Client
    world: World
    inputs: Inputs
    tracer: Tracer
    control: Control
    observations: list[Observation] = field(factory=list)
    choices: dict[str, str] = field(factory=dict)
    chosen: str = ""

    @property
    def verifies_signatures(self) -> bool:
        """Whether the target is held to verify signatures: AWS is, others if they are said to."""
        return self.settings.verifies_signatures or self.target.kind == "aws"

    @property
    def sequences(self) -> int:
        """How many sequences of calls are explored for each kind of resource.

        On AWS, where each call takes its time and may cost something, none unless it is asked for.
        """
        if self.settings.sequences is not None:
            return self.settings.sequences
        return 0 if self.target.kind == "aws" else DEFAULT_SEQUENCES

    def close(self) -> None:
        """Deletes what is left on the target and closes the connections."""
        try:
            self.world.end()
        finally:
            self.client.transport.close()


@frozen
class Plan:
    """What a run is about, before anything is sent."""

    settings: Settings
    contract: Contract
    spec: Spec
    target: Target
    ledger: Ledger | None


def plan(settings: Settings) -> Plan:
    """The contract, spec, target and ledger of a run.

    Raises:
        UsageError: a setting names something that does not exist or cannot be tested.
    """
    contract = contracts.load(settings.service)
    check_spoken(contract)
    target = resolve(
        contract,
        endpoint_url=settings.endpoint_url,
        region=settings.region,
        profiles=settings.profiles,
        verify=settings.verify,
    )
    spec = _spec(settings, target)
    _check_names("check", settings.checks, [check.id for check in catalogue()])
    _check_names("operation", settings.operations, contract.operations)
    ledger = load_ledger(settings.ledger) if settings.ledger else None
    return Plan(settings, contract, spec, target, ledger)


def _spec(settings: Settings, target: Target) -> Spec:
    """The spec, with what the user says there is of other services."""
    # Whatever is no AWS takes names of buckets, roles and tables as they come.
    invented = target.kind != "aws"
    path = settings.prerequisites
    given = Given(invented=invented) if path is None else read_given(path, invented=invented)
    return specs.load(settings.service, given)


def _check_names(kind: str, globs: tuple[Glob, ...], names: Iterable[str]) -> None:
    known = list(names)
    for glob in globs:
        if not any(map(glob.matches, known)):
            hint = "`conformance checks` lists all." if kind == "check" else ""
            raise unknown(kind, str(glob), known, hint)


def line_to(planned: Plan) -> Line:
    """The way to the target of a plan.

    Raises:
        UsageError: there is no endpoint and no embedded target.
        TargetUnreachable: nobody answers at the endpoint.
    """
    settings = planned.settings
    line = connect(
        planned.target,
        planned.contract,
        timeout_s=settings.timeout_s,
        rate_per_s=settings.rate_per_s,
        seed=settings.seed,
        verifies_signatures=settings.verifies_signatures,
        control_url=settings.control_url,
    )
    line.reachable()
    return line


def start(planned: Plan, worker: str) -> Run:
    """Starts a run in this process.

    Args:
        worker: the name of the process among others, ``main`` if it is alone.

    Raises:
        UsageError: a setting is of no use.
        TargetUnreachable: nobody answers at the endpoint.
    """
    settings, contract, spec = planned.settings, planned.contract, planned.spec
    target, line = planned.target, line_to(planned)
    client = Client(
        contract, target, line.transport, line.reachable, pause=line.pause, talk=line.talk
    )
    journal = Journal(_journal_path(settings, target, worker))
    world = World(
        contract,
        spec,
        client,
        journal,
        run_id=uuid.uuid4().hex[:8],
        read_only=settings.read_only,
    )
    inputs = Inputs(world, client, settings.seed)
    control = Control(client, line.control)
    run = Run(settings, contract, spec, target, client, world, inputs, Tracer(spec), control)
    client.observe = partial(_observe, run)
    if settings.read_only:
        client.allowed = _only_reads
    return run


def _only_reads(operation: Operation) -> bool:
    return operation.read_only


def _journal_path(settings: Settings, target: Target, worker: str) -> Path | None:
    if target.kind == "embedded" or settings.out is None or settings.read_only:
        return None
    return settings.out / f"journal-{worker}.jsonl"


def _observe(run: Run, reply: Reply, valid: bool) -> None:
    # A list shows what others made, too; its rows are judged where it is known whose they are.
    listing = reply.ok and reply.operation.paginator is not None
    if listing or (reply.ok and not valid) or not run.inputs.knows(reply.operation):
        return
    for finding in findings(reply, run.spec):
        run.observations.append(Observation(finding, reply.operation.name, reply))

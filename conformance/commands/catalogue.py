"""What there is to run and to print: checks, schemas, services."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from botocore.loaders import Loader

from conformance import contract as contracts
from conformance import spec as specs
from conformance.contract import Contract, json_schema
from conformance.contract.model import Shape
from conformance.contract.schema import DIALECT
from conformance.errors import UsageError
from conformance.suite.checks import catalogue, claim_at
from conformance.suite.tracing import Tracer, traced

_LEFT: Final = {
    "MUST": "no check shows it",
    "SHOULD": "no check shows it",
    "UNKNOWN": "open: nothing is held against it",
}


def as_data(service: str) -> list[dict[str, Any]]:
    """Every check with its sites in a service.

    Raises:
        UsageError: there is no such service.
    """
    contract, spec = contracts.load(service), specs.load(service)
    tracer = Tracer(spec)
    return [
        {
            "id": check.id,
            "level": str(check.level),
            "basis": check.citation.basis,
            "citation": check.citation.text,
            "requirement": check.requirement,
            "sites": [
                {
                    "case": check.case(site),
                    "site": str(site),
                    "operation": site.operation.name if site.operation else "",
                    "level": str(claim.level if (claim := claim_at(site)) else check.level),
                    "facts": list(tracer.facts_of(check, site)),
                }
                for site in check.over(contract, spec)
            ],
        }
        for check in catalogue()
    ]


def as_table(service: str) -> str:
    """Every check in two lines: id, level, number of sites; requirement and citation.

    Raises:
        UsageError: there is no such service.
    """
    lines = []
    total = 0
    for check in as_data(service):
        count = len(check["sites"])
        total += count
        lines.append(f"{check['id']:<28} {check['level']:<7} {count:>5} sites")
        lines.append(f"    {check['requirement']}")
        lines.append(f"    {check['citation']}")
    lines.append(f"{len(catalogue())} checks, {total:,} cases for {service}")
    return "\n".join(lines) + "\n"


def facts_as_data(service: str) -> list[dict[str, Any]]:
    """Every fact that a spec states of a service, with the cases that show it.

    Raises:
        UsageError: there is no such service, or nothing is stated of it.
    """
    contract, spec = contracts.load(service), specs.load(service)
    if not spec.facts:
        raise UsageError(f"No spec states facts of {service}.", "docs/writing-a-spec.md says how.")
    shown = traced(contract, spec)
    return [
        {
            "id": fact.id,
            "level": fact.level,
            "says": fact.says,
            "unobservable": fact.unobservable,
            "cases": shown[fact.id],
        }
        for fact in spec.facts.values()
    ]


def as_facts(service: str) -> str:
    """Every fact in two lines: id, level, statement; the checks that show it, or why none can.

    Raises:
        UsageError: there is no such service, or nothing is stated of it.
    """
    facts = facts_as_data(service)
    lines = []
    for fact in facts:
        lines.append(f"{fact['id']:<16} {fact['level']:<8} {fact['says']}")
        checks = Counter(case.partition("[")[0] for case in fact["cases"])
        told = ", ".join(f"{check} ({count:,})" for check, count in sorted(checks.items()))
        lines.append(f"    {told or fact['unobservable'] or _LEFT[fact['level']]}")
    known = [fact for fact in facts if fact["level"] != "UNKNOWN"]
    covered = sum(1 for fact in known if fact["cases"])
    lines.append(
        f"{len(facts)} facts: {covered} of the {len(known)} that are known are shown by a check"
    )
    return "\n".join(lines) + "\n"


def prerequisites_file(service: str) -> str:
    """What a run on AWS needs of other services, as YAML to fill in.

    Raises:
        UsageError: there is no such service, or its spec needs nothing.
    """
    contracts.load(service)
    needed = specs.load(service).prerequisites
    if not needed:
        raise UsageError(f"The spec of {service} needs nothing of other services.")
    lines = [f"# Of a run on AWS: what exists for {service}. What is left empty is not there."]
    for name, says in needed.items():
        lines += ["", f"# {says}", f'{name}: ""']
    return "\n".join(lines) + "\n"


def service_table() -> str:
    """Every service that botocore has a model of, with its protocol."""
    loader = Loader()
    lines = []
    for name in contracts.available_services():
        metadata = loader.load_service_model(name, "service-2")["metadata"]
        spec = "  spec" if specs.load(name).resources else ""
        lines.append(f"{name:<40} {metadata.get('protocol', ''):<20}{spec}".rstrip())
    return "\n".join(lines) + "\n"


def operation_schema(service: str, operation: str, *, output: bool) -> dict[str, Any]:
    """The JSON Schema of an operation's input or output.

    Raises:
        UsageError: there is no such service or operation, or it has no such shape.
    """
    found = contracts.load(service).operation(operation)
    shape = found.output if output else found.input
    if shape is None:
        raise UsageError(f"{operation} has no {'output' if output else 'input'}.")
    return json_schema(shape)


def service_schema(service: str) -> dict[str, Any]:
    """One JSON Schema with every input, output and error of a service in ``$defs``.

    Raises:
        UsageError: there is no such service.
    """
    definitions: dict[str, Any] = {}
    for shape in _roots(contracts.load(service)):
        definitions |= json_schema(shape)["$defs"]
    return {"$schema": DIALECT, "$defs": dict(sorted(definitions.items()))}


def _roots(contract: Contract) -> list[Shape]:
    shapes = [s for o in contract.operations.values() for s in (o.input, o.output) if s is not None]
    return shapes + [error.shape for error in contract.errors.values()]

"""How fast inputs are generated, and whether they are valid.

    python benchmarks/strategies.py                    all inputs of cleanrooms
    python benchmarks/strategies.py appmesh --peer 1   beside hypothesis-jsonschema, 1 s an input
    python benchmarks/strategies.py --sound 100000     values against a JSON Schema validator
    python benchmarks/strategies.py --all-services     every input of every service of botocore

Absolute figures are those of the machine; the ratios hold elsewhere. With ``--require`` the exit
status is 1 where a ratio to the peer is below the one given.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import hypothesis
import hypothesis_jsonschema
import jsonschema
from attrs import field, frozen
from botocore.model import ServiceModel
from botocore.validate import ParamValidator
from hypothesis.strategies import SearchStrategy

from conformance.contract import Contract, available_services, json_schema, load
from conformance.generation import Unsatisfiable, inputs
from conformance.generation.documents import NEEDS_ADAPTER, from_schema
from conformance.generation.form import as_json

SEED = 20260101


class OutOfTime(Exception):  # noqa: N818 - no fault
    """The time for one input is over."""


@frozen
class Speed:
    """How many examples there were in which time."""

    examples: int
    seconds: float

    @property
    def rate(self) -> float:
        """Examples per second."""
        return self.examples / self.seconds


def main() -> int:
    """Runs what the command line asks for; returns the exit status."""
    options = _parser().parse_args()
    print(f"Hypothesis {hypothesis.__version__}, Python {sys.version.split()[0]}")
    if options.all_services:
        return sweep(options.examples or 10, options.processes)
    contract = load(options.service)
    if options.sound:
        return soundness(contract, options.sound)
    return speeds(contract, options.examples or 100, options.peer, options.require)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("service", nargs="?", default="cleanrooms")
    parser.add_argument("--examples", type=int, help="for each input; default 100, in a sweep 10")
    parser.add_argument("--peer", type=float, metavar="SECONDS", help="compare, so long an input")
    parser.add_argument("--require", type=float, nargs=2, metavar=("MEDIAN", "WORST"))
    parser.add_argument("--sound", type=int, metavar="VALUES")
    parser.add_argument("--all-services", action="store_true")
    parser.add_argument("--processes", type=int, default=2)
    return parser


# --- speed --------------------------------------------------------------------------------------


def speeds(
    contract: Contract, examples: int, peer_seconds: float | None, required: list[float] | None
) -> int:
    """Prints how long the inputs of a service take to compile and how fast they are drawn from."""
    started = time.perf_counter()
    strategies = {}
    for operation in contract.operations.values():
        if operation.members:
            strategies[operation.name] = inputs(operation)
            strategies[operation.name].validate()
    compiled = time.perf_counter() - started
    print(f"{contract.service}: {len(strategies)} inputs compiled in {compiled:.2f} s")
    own = {name: drawn(strategy, examples) for name, strategy in strategies.items()}
    rates = _printed("own strategies", own)
    if peer_seconds is None:
        return 0
    adapter = ", through the adapter" if NEEDS_ADAPTER else ""
    title = f"hypothesis-jsonschema {hypothesis_jsonschema.__version__}{adapter}"
    peer = _peer(contract, list(strategies), examples, peer_seconds)
    peers = _printed(title, peer)
    ratios = rates[0] / peers[0], rates[1] / peers[1]
    print(f"ratio: median {ratios[0]:.0f}, worst {ratios[1]:.0f}")
    short = required is not None and (ratios[0] < required[0] or ratios[1] < required[1])
    return int(short)


def _peer(contract: Contract, names: list[str], examples: int, seconds: float) -> dict[str, Speed]:
    found = {}
    for name in names:
        shape = contract.operation(name).input
        assert shape is not None
        try:
            found[name] = drawn(from_schema(json_schema(shape)), examples, seconds)
        except Exception as error:  # noqa: BLE001 - whatever the peer cannot do is counted
            print(f"  the peer fails on {name}: {type(error).__name__}")
    return found


def _printed(title: str, found: dict[str, Speed]) -> tuple[float, float]:
    ordered = sorted(found, key=lambda name: found[name].rate)
    median = statistics.median(speed.rate for speed in found.values())
    worst = found[ordered[0]].rate
    slowest = ", ".join(f"{name} {found[name].rate:.4g}" for name in ordered[:5])
    print(f"{title}: {len(found)} inputs, median {median:.4g}/s, worst {worst:.4g}/s ({slowest})")
    return median, worst


def drawn(
    strategy: SearchStrategy[Any],
    examples: int,
    seconds: float | None = None,
    use: Callable[[Any], None] = lambda _: None,
) -> Speed:
    """Draws examples with every health check on; stops early where the time is over."""
    count = 0
    deadline = None if seconds is None else time.perf_counter() + seconds

    def body(value: Any) -> None:
        nonlocal count
        count += 1
        use(value)
        if deadline is not None and time.perf_counter() > deadline:
            raise OutOfTime

    settings = hypothesis.settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
    )
    started = time.perf_counter()
    with suppress(OutOfTime):
        hypothesis.seed(SEED)(settings(hypothesis.given(strategy)(body)))()
    return Speed(max(count, 1), time.perf_counter() - started)


# --- soundness ----------------------------------------------------------------------------------


def soundness(contract: Contract, values: int) -> int:
    """Holds values against an independent JSON Schema validator and against botocore's own."""
    names = [operation.name for operation in contract.operations.values() if operation.members]
    service = ServiceModel(contract.raw, contract.service)
    wrong: Counter[str] = Counter()
    total = 0
    for name in names:
        shape = contract.operation(name).input
        assert shape is not None
        schema = jsonschema.Draft202012Validator(json_schema(shape))
        model = service.operation_model(name).input_shape

        def use(
            value: Any,
            name: str = name,
            shape: Any = shape,
            schema: Any = schema,
            model: Any = model,
        ) -> None:
            nonlocal total
            total += 1
            if not schema.is_valid(as_json(shape, value)):
                wrong[f"{name}: JSON Schema"] += 1
            if ParamValidator().validate(value, model).has_errors():
                wrong[f"{name}: botocore"] += 1

        drawn(inputs(contract.operation(name)), values // len(names) + 1, use=use)
    print(f"{total} values, {sum(wrong.values())} of them wrong {dict(wrong) or ''}")
    return int(bool(wrong))


# --- sweep --------------------------------------------------------------------------------------


@frozen
class Swept:
    """What became of the inputs of one service."""

    service: str
    inputs: int
    seconds: float
    failed: dict[str, str] = field(factory=dict)


def sweep(examples: int, processes: int) -> int:
    """Draws from every input of every service; names what fails, with the reason."""
    started = time.perf_counter()
    total, failed = 0, defaultdict[str, list[str]](list)
    slowest: list[tuple[float, str]] = []
    with multiprocessing.get_context("spawn").Pool(processes, maxtasksperchild=40) as pool:
        tasks = ((name, examples) for name in available_services())
        for swept in pool.imap_unordered(_swept, tasks):
            total += swept.inputs
            slowest.append((swept.seconds, swept.service))
            for name, reason in swept.failed.items():
                failed[reason].append(f"{swept.service}.{name}")
    for reason, names in sorted(failed.items(), key=lambda item: -len(item[1])):
        print(f"{len(names):4}  {reason}\n      {', '.join(sorted(names)[:6])}")
    seconds = time.perf_counter() - started
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    count = sum(map(len, failed.values()))
    print(
        f"{total - count} of {total} inputs in {seconds:.0f} s, at most {memory:.0f} MB a process"
    )
    print(
        "slowest: " + ", ".join(f"{name} {taken:.1f} s" for taken, name in sorted(slowest)[:-7:-1])
    )
    return int(count > 0)


def _swept(task: tuple[str, int]) -> Swept:
    service, examples = task
    contract = load(service)
    started = time.perf_counter()
    failed = dict(_failures(contract, examples))
    count = sum(1 for operation in contract.operations.values() if operation.members)
    return Swept(service, count, time.perf_counter() - started, failed)


def _failures(contract: Contract, examples: int) -> Iterator[tuple[str, str]]:
    for operation in contract.operations.values():
        if not operation.members:
            continue
        try:
            drawn(inputs(operation), examples)
        except Unsatisfiable as error:
            yield operation.name, f"{error.shape.name}: {error.why}"[:300]
        except Exception as error:  # noqa: BLE001 - every fault is named, whatever it is
            yield operation.name, f"{type(error).__name__}: {error}"[:300]


if __name__ == "__main__":
    sys.exit(main())

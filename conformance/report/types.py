"""What a report is made of: the words and the typed keys of report.json, version 1.

`schema.json` beside this file says the same to programs in other languages. This module knows no
file and no writer.
"""

from __future__ import annotations

from typing import Any, Final, Literal, NotRequired, TypedDict

SCHEMA: Final = "conformance-report/1"

Verdict = Literal["passed", "deviates", "waived", "not_implemented", "skipped", "inconclusive"]
Level = Literal["MUST", "SHOULD", "MAY"]

VERDICTS: Final[tuple[Verdict, ...]] = (
    "deviates",
    "waived",
    "inconclusive",
    "not_implemented",
    "skipped",
    "passed",
)
"""Every verdict, the one that wants attention first at the front."""

LEVELS: Final[tuple[Level, ...]] = ("MUST", "SHOULD", "MAY")
"""Every level, the highest first."""

DEVIATIONS: Final[frozenset[str]] = frozenset({"deviates", "waived"})
"""The verdicts of a case in which the target did not do what was required."""

JUDGED: Final[frozenset[str]] = frozenset({"passed", "deviates", "waived"})
"""The verdicts of a case in which the target was really judged."""


class Tool(TypedDict):
    """What made the report."""

    name: str
    version: str


class ContractFacts(TypedDict):
    """The contract that the target was held against."""

    service: str
    api_version: str
    botocore: str
    model_sha256: str
    operations: int
    paginators: int
    union_sites: int
    constraint_sites: int


class TargetFacts(TypedDict):
    """What was tested, and where its address came from."""

    kind: Literal["embedded", "endpoint", "aws"]
    endpoint_url: str
    region: str
    accounts: int
    source: str
    version: str


class Summary(TypedDict):
    """Cases by verdict, and what went over the wire."""

    passed: int
    deviates: int
    waived: int
    not_implemented: int
    skipped: int
    inconclusive: int
    requests: int


class OperationFacts(TypedDict):
    """One operation: whether the target has it (None: nobody can tell), and its cases."""

    implemented: bool | None
    passed: int
    deviates: int
    waived: int
    not_implemented: int
    skipped: int
    inconclusive: int


class CheckFacts(TypedDict):
    """One requirement of the catalogue."""

    level: Level
    basis: Literal["model", "protocol", "spec", "observed"]
    title: str
    requirement: str
    citation: str
    category: str


class Request(TypedDict):
    """A request as it went over the wire; a body that is no UTF-8 stands in `body_base64`."""

    method: str
    url: str
    headers: list[list[str]]
    body: NotRequired[str]
    body_base64: NotRequired[str]


class Response(TypedDict):
    """A response as it came over the wire; a body that is no UTF-8 stands in `body_base64`."""

    status: int
    reason: str
    headers: list[list[str]]
    body: NotRequired[str]
    body_base64: NotRequired[str]


class WireFault(TypedDict):
    """Why there is no response, or no whole one."""

    kind: str
    message: str


class Exchange(TypedDict):
    """One request with what came back; `setup` exchanges only made what the check needed.

    `botocore` is what its parser, which forgives much, makes of the response.
    """

    operation: str
    role: Literal["setup", "check"]
    request: Request
    response: Response | None
    fault: WireFault | None
    botocore: str


class Mark(TypedDict):
    """The part of the judged exchange that is at fault.

    `part` is a JSON pointer into the body (`/collaboration/createTime`), `status`, or
    `header:` and a header's name.
    """

    side: Literal["request", "response"]
    part: str


class Reproduction(TypedDict):
    """How to see a case again without this tool; empty where nothing was sent."""

    curl: str
    python: str


class Result(TypedDict):
    """One case: a check at one site, and its verdict."""

    case: str
    check: str
    operation: str
    site: str
    level: Level
    citation: str
    cause: str
    verdict: Verdict
    message: str
    sent: str
    expected: str
    got: str
    facts: list[str]
    marks: list[Mark]
    exchanges: list[Exchange]
    reproduce: Reproduction
    ledger_reason: str
    duration_s: float


class StaleEntry(TypedDict):
    """A row of the ledger that no longer says the truth."""

    entry: str
    why: str


class Less(TypedDict):
    """How many cases of an operation were judged, and how many when the ledger was made."""

    judged: int
    was: int


class PassingEntry(TypedDict):
    """A row of the ledger that still holds, and the cases that it names although they pass."""

    entry: str
    cases: list[str]


class LedgerFacts(TypedDict):
    """The ledger that the run was held against.

    `less` has the operations of which the run judged less than the run that the ledger was made
    from; they are also told as a stale row. `unseen` counts the rows that a part of a run says
    nothing of: whether they still hold, only a whole run can tell.
    """

    file: str
    stale: list[StaleEntry]
    waived: int
    rows: NotRequired[int]
    unseen: NotRequired[int]
    less: NotRequired[dict[str, Less]]
    passing: NotRequired[list[PassingEntry]]


class CatalogueFacts(TypedDict):
    """How much there is to run on the contract, whatever the run was asked for."""

    checks: int
    cases: int


class SuiteFault(TypedDict):
    """Something that broke in the suite itself; no word on the target."""

    case: str
    message: str


class SitesCoverage(TypedDict, total=False):
    """Sites of one kind: with a case, with a reason why there can be none, without either."""

    covered: int
    unreachable: int
    gap: int


class ErrorsCoverage(TypedDict, total=False):
    """Pairs of an operation and an error: provoked, listed with a reason, or neither."""

    provoked: int
    listed: int
    gap: int


class FactsCoverage(TypedDict, total=False):
    """Facts of the documentation: judged, out of reach, not observable, or not known for sure."""

    covered: int
    unreachable: int
    unobservable: int
    unknown: int


class Coverage(TypedDict, total=False):
    """What the suite covers, each part if it was counted.

    Any other key has how much of one thing this run came to judge: `{"covered", "total"}`.
    """

    sites: dict[str, SitesCoverage]
    errors: ErrorsCoverage
    facts: FactsCoverage


class Choice(TypedDict):
    """What the target does where no source tells what is right."""

    fact: str
    question: str
    chosen: str
    case: str


class Report(TypedDict):
    """A whole report.json."""

    schema: Literal["conformance-report/1"]
    tool: Tool
    started: str
    duration_s: float
    seed: int
    complete: bool
    stopped: str
    planned: int
    catalogue: NotRequired[CatalogueFacts]
    options: dict[str, Any]
    contract: ContractFacts
    target: TargetFacts
    summary: Summary
    ledger: LedgerFacts | None
    faults: list[SuiteFault]
    coverage: Coverage
    operations: dict[str, OperationFacts]
    checks: dict[str, CheckFacts]
    facts: dict[str, str]
    choices: list[Choice]
    notes: list[str]
    results: list[Result]

"""Protected queries and jobs as state machines on the clock: each state follows from the time."""

from __future__ import annotations

from typing import Any, Final

from attrs import Factory, define, frozen

from conformance.reference.clock import Pace
from conformance.reference.resources.records import Membership
from conformance.reference.world import Record

#: How long a query may run before it times out, in seconds.
LONGEST_RUN: Final = 24 * 60 * 60.0
ENDED: Final = frozenset({"SUCCESS", "FAILED", "CANCELLED", "TIMED_OUT"})


@frozen
class Failure:
    """Why an analysis fails."""

    code: str
    message: str


@define(eq=False, kw_only=True)
class Analysis(Record):
    """A protected query or job, run by a membership.

    Attributes:
        pace: how long it takes.
        times_out: whether it ends when it runs for too long.
        failure: what it ends with, unless it succeeds.
        payer: the account that pays.
        receivers: the accounts that get the results.
        viewers: the memberships in whose lists it is, by identifier; the runner's is the first.
        cancelled: when it was asked to stop.
        made_for: the intermediate table that it populates: identifier, ARN and name.
    """

    membership: Membership
    pace: Pace
    times_out: bool
    payer: str
    receivers: tuple[str, ...]
    viewers: tuple[str, ...]
    failure: Failure | None = None
    cancelled: float | None = None
    made_for: dict[str, Any] | None = None
    results: dict[str, Any] = Factory(dict)

    def status_at(self, now: float) -> tuple[str, float | None]:
        """Its status at a time, and when it has ended, if it has."""
        if self.cancelled is not None:
            end = self.cancelled + self.pace.cancelling
            return ("CANCELLED", end) if now >= end else ("CANCELLING", None)
        started = self.created + self.pace.submitted
        if now < started:
            return "SUBMITTED", None
        runs = self.pace.running
        outcome = "FAILED" if self.failure else "SUCCESS"
        if self.times_out and runs > LONGEST_RUN:
            runs, outcome = LONGEST_RUN, "TIMED_OUT"
        if now < started + runs:
            return "STARTED", None
        return outcome, started + runs

    def describe_at(self, now: float) -> dict[str, Any]:
        """The members that queries and jobs answer alike."""
        status, ended = self.status_at(now)
        described: dict[str, Any] = self.describe() | {
            "membershipId": self.membership.id,
            "membershipArn": self.membership.arn,
            "status": status,
        }
        if ended is not None:
            millis = round((ended - self.created) * 1000)
            # Units are worker hours; what a worker does is not modelled.
            units = round(millis / 3_600_000, 6)
            described["statistics"] = {
                "totalDurationInMillis": millis,
                "billedResourceUtilization": {"units": units},
            }
        if status == "SUCCESS" and self.results:
            described["result"] = {"output": self.results}
        if status == "FAILED" and self.failure:
            described["error"] = {"code": self.failure.code, "message": self.failure.message}
        return described

    def summary_at(self, now: float) -> dict[str, Any]:
        """The members that the summaries of queries and jobs have alike."""
        receivers = {"receiverAccountIds": list(self.receivers)}
        return self.describe_at(now) | {
            "receiverConfigurations": [
                {
                    "analysisType": "DIRECT_ANALYSIS",
                    "configurationDetails": {"directAnalysisConfigurationDetails": receivers},
                }
            ],
            "intermediateTableConfiguration": self.made_for,
        }

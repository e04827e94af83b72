"""Protected jobs: PySpark analyses of templates that the table owners allow."""

from __future__ import annotations

from typing import Any, Final

from attrs import define

from conformance.reference.calls import Answer, Call, handles
from conformance.reference.errors import AccessDeniedError, InvalidError, NotFoundError
from conformance.reference.resources import runs
from conformance.reference.resources.access import active_membership
from conformance.reference.resources.analyses import Analysis
from conformance.reference.resources.analysis_templates import (
    AnalysisTemplate,
    describe,
    find_template,
)
from conformance.reference.resources.payments import COSTS
from conformance.reference.resources.protected_queries import refuse_values
from conformance.reference.resources.query_rules import Asker, judge_job
from conformance.reference.resources.records import Membership
from conformance.reference.resources.relations import Relation
from conformance.reference.resources.schemas import visible_relation

JOBS: Final = "protected jobs"
_COST: Final = next(cost for cost in COSTS if cost.path == ("jobCompute",))


@define(eq=False, kw_only=True)
class ProtectedJob(Analysis):
    """A protected job."""

    def at(self, now: float) -> dict[str, Any]:
        """The job as it is at a time."""
        return self.describe_at(now) | {"jobComputePayerAccountId": self.payer}

    def summary(self, now: float) -> dict[str, Any]:
        """Its row at a time."""
        return self.summary_at(now) | {"jobComputePayerAccountId": self.payer}


@handles("StartProtectedJob")
def start_protected_job(call: Call) -> Answer:
    """Starts a job; the member who can run jobs may."""
    membership = active_membership(call)
    if not membership.member.can("CAN_RUN_JOB"):
        raise AccessDeniedError("Only the member who can run jobs may start jobs.")
    stated = call.get("resultConfiguration") or membership.stated.get(
        "defaultJobResultConfiguration"
    )
    if stated is None:
        text = "is needed, as the membership has no default"
        raise InvalidError(f"resultConfiguration {text}.", ("resultConfiguration", text))
    ((arm, inner),) = stated["outputConfiguration"].items()
    receiver = inner["accountId"] if arm == "member" else membership.owner
    runs.refuse_as_receiver(membership.collaboration, receiver)
    job = run_job(
        call,
        membership,
        parameters=call["jobParameters"],
        payer=call.get("jobComputePayerAccountId"),
        receivers=(receiver,),
        stated={
            **call.stated("jobParameters", "computeConfiguration"),
            "resultConfiguration": {"outputConfiguration": {arm: inner}},
        },
    )
    members = [{"accountId": receiver}]
    job.results = (
        {"memberList": members} if arm == "member" else {"s3": runs.s3_location(inner, job.id)}
    )
    return {"protectedJob": job.at(call.world.now())}


@handles("GetProtectedJob")
def get_protected_job(call: Call) -> Answer:
    """A job as its runner, and those who are concerned by it, see it."""
    job = runs.seen(call, ProtectedJob, call["protectedJobIdentifier"])
    return {"protectedJob": job.at(call.world.now())}


@handles("ListProtectedJobs")
def list_protected_jobs(call: Call) -> Answer:
    """The jobs that a membership sees, newest first."""
    return runs.list_seen(call, "protectedJobs", JOBS)


@handles("UpdateProtectedJob")
def update_protected_job(call: Call) -> Answer:
    """Cancels a job that has not ended."""
    job = runs.cancel(call, ProtectedJob, call["protectedJobIdentifier"])
    return {"protectedJob": job.at(call.world.now())}


def run_job(
    call: Call,
    membership: Membership,
    *,
    parameters: dict[str, Any],
    payer: str | None,
    receivers: tuple[str, ...],
    stated: dict[str, Any],
    made_for: dict[str, Any] | None = None,
) -> ProtectedJob:
    """Starts a job of a membership; the arguments are those of ``run_query``.

    Raises:
        InvalidError: the template is none of PySpark, a rule does not allow it, or nobody pays.
        NotFoundError: there is no such template.
        QuotaExceededError: too many jobs are running.
    """
    world = call.world
    template = find_job_template(call, membership, parameters.get("analysisTemplateArn"))
    refuse_values(template, parameters.get("parameters", {}))
    relations = _relations(template)
    payer = runs.payer(membership, _COST, payer)
    world.quotas.check("ongoing_jobs", runs.count_ongoing(world, membership, JOBS) + 1)
    judge_job(world, relations, Asker(membership.owner, receivers, template))
    job = ProtectedJob(
        **world.birth(membership.owner),
        membership=membership,
        pace=world.pace,
        times_out=False,
        payer=payer,
        receivers=receivers,
        viewers=runs.viewers(membership, relations, [*receivers, payer]),
        made_for=made_for,
        stated=stated,
    )
    runs.keep(world, job, JOBS)
    return job


def find_job_template(call: Call, membership: Membership, arn: str | None) -> AnalysisTemplate:
    """The PySpark template of that ARN.

    Raises:
        InvalidError: no ARN is stated, or it is one of an SQL template.
        NotFoundError: there is no such template.
    """
    if arn is None:
        raise _invalid("needs analysisTemplateArn")
    template = find_template(call.world, membership.collaboration, arn)
    if template is None:
        raise NotFoundError("COLLABORATION", arn)
    if template.is_sql:
        raise _invalid("names an analysis template of SQL")
    return template


def _relations(template: AnalysisTemplate) -> list[Relation]:
    """The relations that a template says it reads; its artifacts are not looked into."""
    names = describe(template)["schema"].get("referencedTables", [])
    found = (visible_relation(template.collaboration, name) for name in names)
    return [relation for relation in found if relation is not None]


def _invalid(text: str) -> InvalidError:
    return InvalidError(f"jobParameters {text}.", ("jobParameters", text))

"""Protected queries: what the member who can query asks, who pays and who gets the results."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from attrs import define

from conformance.reference.calls import Answer, Call, handles
from conformance.reference.errors import AccessDeniedError, InvalidError, NotFoundError
from conformance.reference.resources import runs
from conformance.reference.resources.access import active_membership
from conformance.reference.resources.analyses import Analysis, Failure
from conformance.reference.resources.analysis_templates import AnalysisTemplate, find_template
from conformance.reference.resources.payments import COSTS
from conformance.reference.resources.query_rules import Asker, judge
from conformance.reference.resources.records import Collaboration, Membership
from conformance.reference.resources.relations import Relation
from conformance.reference.resources.schemas import visible_relation
from conformance.reference.resources.sql import Query, read_sql

QUERIES: Final = "protected queries"
_COST: Final = next(cost for cost in COSTS if cost.path == ("queryCompute",))


@define(eq=False, kw_only=True)
class ProtectedQuery(Analysis):
    """A protected query."""

    def at(self, now: float) -> dict[str, Any]:
        """The query as it is at a time."""
        return self.describe_at(now) | {"queryComputePayerAccountId": self.payer}

    def summary(self, now: float) -> dict[str, Any]:
        """Its row at a time."""
        return self.summary_at(now) | {"queryComputePayerAccountId": self.payer}


@handles("StartProtectedQuery")
def start_protected_query(call: Call) -> Answer:
    """Starts a query, unless an analysis rule forbids it; the member who can query may."""
    membership = active_membership(call)
    if not membership.member.can("CAN_QUERY"):
        raise AccessDeniedError("Only the member who can query may start queries.")
    configuration = call.get("resultConfiguration") or membership.stated.get(
        "defaultResultConfiguration"
    )
    if configuration is None:
        text = "is needed, as the membership has no default"
        raise InvalidError(f"resultConfiguration {text}.", ("resultConfiguration", text))
    output = configuration["outputConfiguration"]
    for account in _receivers(membership, output):
        runs.refuse_as_receiver(membership.collaboration, account)
    stated = call.stated("sqlParameters", "computeConfiguration")
    stated["resultConfiguration"] = {"outputConfiguration": output}
    query = run_query(
        call,
        membership,
        parameters=call["sqlParameters"],
        payer=call.get("queryComputePayerAccountId"),
        receivers=tuple(dict.fromkeys(_receivers(membership, output))),
        stated=stated,
    )
    query.results = _results(output, query.id)
    return {"protectedQuery": query.at(call.world.now())}


@handles("GetProtectedQuery")
def get_protected_query(call: Call) -> Answer:
    """A query as its runner, and those who are concerned by it, see it."""
    query = runs.seen(call, ProtectedQuery, call["protectedQueryIdentifier"])
    return {"protectedQuery": query.at(call.world.now())}


@handles("ListProtectedQueries")
def list_protected_queries(call: Call) -> Answer:
    """The queries that a membership sees, newest first."""
    return runs.list_seen(call, "protectedQueries", QUERIES)


@handles("UpdateProtectedQuery")
def update_protected_query(call: Call) -> Answer:
    """Cancels a query that has not ended."""
    query = runs.cancel(call, ProtectedQuery, call["protectedQueryIdentifier"])
    return {"protectedQuery": query.at(call.world.now())}


def run_query(
    call: Call,
    membership: Membership,
    *,
    parameters: dict[str, Any],
    payer: str | None,
    receivers: tuple[str, ...],
    stated: dict[str, Any],
    made_for: dict[str, Any] | None = None,
) -> ProtectedQuery:
    """Starts a query of a membership.

    Args:
        call: the call that asks for it.
        membership: the runner's.
        parameters: the text, or the template and its parameters.
        payer: the account that is to pay, if the call names one.
        receivers: the accounts that get the results.
        stated: what answers repeat.
        made_for: the intermediate table that it populates.

    Raises:
        InvalidError: the text is missing, a rule does not allow it, or nobody pays.
        NotFoundError: there is no such template.
        QuotaExceededError: too many queries are running.
    """
    world = call.world
    asked, template = read_query(call, membership.collaboration, parameters)
    if template is not None:
        refuse_values(template, parameters.get("parameters", {}))
    relations, missing = resolve(membership.collaboration, asked)
    payer = runs.payer(membership, _COST, payer)
    world.quotas.check("ongoing_queries", runs.count_ongoing(world, membership, QUERIES) + 1)
    judge(world, asked, relations, Asker(membership.owner, receivers, template))
    failure = None
    if missing:
        failure = Failure("RESOURCE_NOT_FOUND", f"There is no table {', '.join(missing)}.")
    query = ProtectedQuery(
        **world.birth(membership.owner),
        membership=membership,
        pace=world.pace,
        times_out=True,
        payer=payer,
        receivers=receivers,
        viewers=runs.viewers(membership, relations, [*receivers, payer]),
        failure=failure,
        made_for=made_for,
        stated=stated,
    )
    runs.keep(world, query, QUERIES)
    return query


def read_query(
    call: Call, collaboration: Collaboration, parameters: dict[str, Any]
) -> tuple[Query, AnalysisTemplate | None]:
    """What the parameters of a query ask, and the template that they name.

    Raises:
        InvalidError: they have neither a text nor a template, or both.
        NotFoundError: there is no such template.
    """
    arn = parameters.get("analysisTemplateArn")
    if (arn is None) == ("queryString" not in parameters):
        raise _invalid("has either queryString or analysisTemplateArn")
    if arn is None:
        if parameters.get("parameters"):
            raise _invalid("has parameters of an analysis template, but names none")
        return read_sql(parameters["queryString"]), None
    template = find_template(call.world, collaboration, arn)
    if template is None:
        raise NotFoundError("COLLABORATION", arn)
    if not template.is_sql:
        raise _invalid("names an analysis template that is no SQL")
    return read_sql(template.text), template


def refuse_values(template: AnalysisTemplate, values: dict[str, str]) -> None:
    """Refuses values for a template's parameters that are not the ones it needs.

    Raises:
        InvalidError: it has no such parameter, or one without default has no value.
    """
    parameters = template.stated.get("analysisParameters", [])
    unknown = sorted(values.keys() - {each["name"] for each in parameters})
    needed = {each["name"] for each in parameters if "defaultValue" not in each}
    missing = sorted(needed - values.keys())
    if unknown:
        raise _invalid(f"has values for unknown parameters {', '.join(unknown)}")
    if missing:
        raise _invalid(f"has no values for the parameters {', '.join(missing)}")


def resolve(collaboration: Collaboration, query: Query) -> tuple[list[Relation], list[str]]:
    """The relations that a query names, and the names that no relation has."""
    relations, missing = [], []
    for name in query.tables:
        relation = visible_relation(collaboration, name)
        if relation is None:
            missing.append(name)
        else:
            relations.append(relation)
    return relations, missing


def _receivers(membership: Membership, output: dict[str, Any]) -> Iterator[str]:
    ((arm, inner),) = output.items()
    if arm == "s3":
        yield membership.owner
    elif arm == "member":
        yield inner["accountId"]
    elif arm == "distribute":
        yield from _distributed(membership, inner["locations"])
    else:
        raise _invalid_output("results go to an intermediate table when it is populated only")


def _distributed(membership: Membership, locations: list[dict[str, Any]]) -> Iterator[str]:
    arms = [next(iter(location)) for location in locations]
    if arms.count("s3") > 1:
        raise _invalid_output("one location in S3 at most")
    for location in locations:
        if location.get("member", {}).get("accountId") == membership.owner:
            raise _invalid_output("who runs the query gets results in S3")
        yield from _receivers(membership, location)


def _results(output: dict[str, Any], identifier: str) -> dict[str, Any]:
    """Where results are once the query has succeeded."""
    ((arm, inner),) = output.items()
    if arm == "s3":
        return {"s3": runs.s3_location(inner, identifier)}
    if arm == "member":
        return {"memberList": [{"accountId": inner["accountId"]}]}
    distributed: dict[str, Any] = {}
    for location in inner["locations"]:
        if "s3" in location:
            distributed["s3"] = runs.s3_location(location["s3"], identifier)
        else:
            distributed.setdefault("memberList", []).append(
                {"accountId": location["member"]["accountId"]}
            )
    return {"distribute": distributed}


def _invalid(text: str) -> InvalidError:
    return InvalidError(f"sqlParameters {text}.", ("sqlParameters", text))


def _invalid_output(text: str) -> InvalidError:
    member = "resultConfiguration.outputConfiguration"
    return InvalidError(f"{member}: {text}.", (member, text))

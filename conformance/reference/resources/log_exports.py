"""Analysis log exports: redacted logs of a query, for those who ran or paid it."""

from __future__ import annotations

from typing import Any, Final

from attrs import define

from conformance.reference.calls import Answer, Call, handles
from conformance.reference.errors import AccessDeniedError, InvalidError, NotFoundError
from conformance.reference.paging import page
from conformance.reference.resources.access import active_membership, own_membership
from conformance.reference.resources.analyses import ENDED
from conformance.reference.resources.protected_queries import ProtectedQuery
from conformance.reference.resources.records import Membership
from conformance.reference.world import Record

LOG_EXPORTS: Final = "analysis log exports"
_ABILITY: Final = "CAN_EXPORT_QUERY_ANALYSIS_LOG"


@define(eq=False, kw_only=True)
class LogExport(Record):
    """An export of a query's logs."""

    membership: Membership
    lasts: float

    def status(self, now: float) -> str:
        """Whether it is done."""
        return "SUCCESS" if now >= self.created + self.lasts else "IN_PROGRESS"

    def describe_at(self, now: float) -> dict[str, Any]:
        """The export as it is at a time."""
        done = self.status(now) == "SUCCESS"
        return self.describe() | {
            "analysisLogExportId": self.id,
            "membershipId": self.membership.id,
            "status": self.status(now),
            "updateTime": self.created + self.lasts if done else self.created,
        }


@handles("StartAnalysisLogExport")
def start_analysis_log_export(call: Call) -> Answer:
    """Starts an export, which goes on by itself and cannot be cancelled."""
    membership = active_membership(call)
    world, identifier = call.world, call["analysisId"]
    if not membership.member.can(_ABILITY):
        raise AccessDeniedError(f"Only a member with {_ABILITY} may export logs.")
    query = world.find(ProtectedQuery, identifier)
    if query is None or query.membership.collaboration is not membership.collaboration:
        raise NotFoundError("MEMBERSHIP", identifier)
    if call.account not in (query.owner, query.payer):
        raise AccessDeniedError("Logs are for the account that ran the query or paid for it.")
    status = query.status_at(world.now())[0]
    if status not in ENDED:
        text = f"names a query whose status is {status}"
        raise InvalidError(f"analysisId {text}.", ("analysisId", text))
    shelf = world.shelf(LOG_EXPORTS, membership.id)
    running = sum(1 for each in shelf if each.status(world.now()) == "IN_PROGRESS")
    world.quotas.check("analysis_log_exports", running + 1)
    export = LogExport(
        **world.birth(call.account),
        membership=membership,
        lasts=world.pace.exporting,
        stated=call.stated("analysisId", "analysisType", "resultConfiguration"),
    )
    world.add(export, (LOG_EXPORTS, membership.id))
    return {"analysisLogExport": export.describe_at(world.now())}


@handles("GetAnalysisLogExport")
def get_analysis_log_export(call: Call) -> Answer:
    """An export of the caller's membership."""
    membership = own_membership(call)
    identifier = call["analysisLogExportIdentifier"]
    export = call.world.find(LogExport, identifier)
    if export is None or export.membership is not membership:
        raise NotFoundError("MEMBERSHIP", identifier)
    return {"analysisLogExport": export.describe_at(call.world.now())}


@handles("ListAnalysisLogExports")
def list_analysis_log_exports(call: Call) -> Answer:
    """The exports of the caller's membership, the latest first."""
    membership = own_membership(call)
    now = call.world.now()
    analysis, status = call.get("analysisIdentifier"), call.get("status")
    return page(
        call,
        "analysisLogExports",
        call.world.shelf(LOG_EXPORTS, membership.id),
        lambda export: export.describe_at(now),
        where=lambda export: (
            analysis in (None, export.stated["analysisId"]) and status in (None, export.status(now))
        ),
        newest_first=True,
    )

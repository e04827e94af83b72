"""A collaboration of three accounts in which everything can be tried: owner, runner, receiver."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reference_support import (
    ONE,
    REGION,
    TABLE,
    THREE,
    TWO,
    Account,
    collaborate,
    join,
    member,
    new_app,
)

from conformance.reference import ManualClock, ReferenceTarget

ROLE = "arn:aws:iam::111111111111:role/service/read-tables"
RUNNER = ("CAN_QUERY", "CAN_RECEIVE_RESULTS", "CAN_RUN_JOB", "CAN_EXPORT_QUERY_ANALYSIS_LOG")
S3 = {"s3": {"resultFormat": "CSV", "bucket": "results", "keyPrefix": "daily"}}
TO_S3 = {"outputConfiguration": S3}
#: More than any query or job takes.
LONG = 10.0


def custom(*analyses: str, **more: Any) -> dict[str, Any]:
    return {"v1": {"custom": {"allowedAnalyses": list(analyses), **more}}}


def any_query(**more: Any) -> dict[str, Any]:
    return custom("ANY_QUERY", "ANY_JOB", allowedAnalysisProviders=[TWO], **more)


class Story:
    """One owns tables and created the collaboration, two runs analyses, three receives results."""

    def __init__(
        self,
        app: ReferenceTarget | None = None,
        clock: ManualClock | None = None,
        client: Callable[[ReferenceTarget, str], Any] = Account,
        **settings: Any,
    ) -> None:
        self.clock = clock or ManualClock()
        self.app = app or new_app(clock=self.clock, **settings)
        self.operations = self.app.contract.operations
        self.one, self.two, self.three = (client(self.app, each) for each in (ONE, TWO, THREE))
        known = self.app.contract.shapes["MemberAbility"].enum
        runner = member(TWO, *(ability for ability in RUNNER if ability in known))
        self.collaboration = collaborate(self.one, runner, member(THREE, "CAN_RECEIVE_RESULTS"))
        self.owner = join(self.one, self.collaboration)
        self.runner = join(self.two, self.collaboration)
        self.receiver = join(self.three, self.collaboration)
        self.in_collaboration = {"collaborationIdentifier": self.collaboration}
        self.in_owner = {"membershipIdentifier": self.owner}
        self.in_runner = {"membershipIdentifier": self.runner}
        self.in_receiver = {"membershipIdentifier": self.receiver}

    def table(self, policy: dict[str, Any] | None = None, **more: Any) -> str:
        """A configured table of the owner's, with a rule if a policy is given."""
        created = self.one.CreateConfiguredTable(**{**TABLE, **more})["configuredTable"]
        identifier: str = created["id"]
        if policy is not None:
            self.one.CreateConfiguredTableAnalysisRule(
                configuredTableIdentifier=identifier,
                analysisRuleType=kind_of(policy),
                analysisRulePolicy=policy,
            )
        return identifier

    def associate(self, table: str, name: str = "orders", **more: Any) -> dict[str, Any]:
        """An association of a table of the owner's."""
        created: dict[str, Any] = self.one.CreateConfiguredTableAssociation(
            **self.in_owner, name=name, configuredTableIdentifier=table, roleArn=ROLE, **more
        )["configuredTableAssociation"]
        return created

    def allow(self, association: str, kind: str = "CUSTOM", **policy: Any) -> None:
        """The collaboration analysis rule of an association."""
        self.one.CreateConfiguredTableAssociationAnalysisRule(
            **self.in_owner,
            configuredTableAssociationIdentifier=association,
            analysisRuleType=kind,
            analysisRulePolicy={"v1": {kind.lower(): policy}},
        )

    def ready(
        self, policy: dict[str, Any] | None = None, name: str = "orders", **table: Any
    ) -> str:
        """An association that can be queried."""
        policy = policy or any_query()
        association: str = self.associate(self.table(policy, **table), name)["id"]
        self.allow(association, kind_of(policy), allowedResultReceivers=[TWO, THREE])
        return association

    def template(self, text: str = "select id from orders", **more: Any) -> dict[str, Any]:
        """An SQL template of the runner's."""
        created: dict[str, Any] = self.two.CreateAnalysisTemplate(
            **{**self.in_runner, "name": "t", "format": "SQL", "source": {"text": text}, **more}
        )["analysisTemplate"]
        return created

    def job_template(self, **more: Any) -> dict[str, Any]:
        """A PySpark template of the runner's."""
        location = {"location": {"bucket": "code", "key": "main.py"}}
        source = {"artifacts": {"entryPoint": location, "roleArn": ROLE}}
        return self.template(format="PYSPARK_1_0", source=source, **more)

    def query(self, text: str = "select id from orders", **more: Any) -> dict[str, Any]:
        """A query of the runner's, as it is right after its start."""
        started: dict[str, Any] = self.two.StartProtectedQuery(
            **{
                **self.in_runner,
                "type": "SQL",
                "sqlParameters": {"queryString": text},
                "resultConfiguration": TO_S3,
                **more,
            }
        )["protectedQuery"]
        return started

    def query_now(self, identifier: str) -> dict[str, Any]:
        """A query of the runner's as it is now."""
        found: dict[str, Any] = self.two.GetProtectedQuery(
            **self.in_runner, protectedQueryIdentifier=identifier
        )["protectedQuery"]
        return found

    def job(self, template: str, **more: Any) -> dict[str, Any]:
        """A job of the runner's, as it is right after its start."""
        started: dict[str, Any] = self.two.StartProtectedJob(
            **{
                **self.in_runner,
                "type": "PYSPARK",
                "jobParameters": {"analysisTemplateArn": template},
                "resultConfiguration": {"outputConfiguration": {"member": {"accountId": THREE}}},
                **more,
            }
        )["protectedJob"]
        return started

    def namespace(
        self, account: Account, membership: str, name: str, **more: Any
    ) -> dict[str, Any]:
        """An ID namespace association."""
        arn = f"arn:aws:entityresolution:{REGION}:{account.id}:idnamespace/{name}"
        created: dict[str, Any] = account.CreateIdNamespaceAssociation(
            membershipIdentifier=membership,
            name=name,
            inputReferenceConfig={"inputReferenceArn": arn, "manageResourcePolicies": True},
            **more,
        )["idNamespaceAssociation"]
        return created

    def mapping_table(self, name: str = "id_map", **more: Any) -> dict[str, Any]:
        """An ID mapping table of the owner's; the two namespaces must be there."""
        arn = f"arn:aws:entityresolution:{REGION}:{ONE}:idmappingworkflow/flow"
        created: dict[str, Any] = self.one.CreateIdMappingTable(
            **self.in_owner,
            name=name,
            inputReferenceConfig={"inputReferenceArn": arn, "manageResourcePolicies": True},
            **more,
        )["idMappingTable"]
        return created

    def intermediate(
        self, text: str = "select id from orders", name: str = "mid", **more: Any
    ) -> dict[str, Any]:
        """An intermediate table of the runner's."""
        created: dict[str, Any] = self.two.CreateIntermediateTable(
            **{
                **self.in_runner,
                "name": name,
                "populationAnalysisConfiguration": {"sqlParameters": {"queryString": text}},
                **more,
            }
        )["intermediateTable"]
        return created

    def schema(self, name: str, account: Account | None = None) -> dict[str, Any]:
        """A schema as a member sees it."""
        found: dict[str, Any] = (account or self.three).GetSchema(
            **self.in_collaboration, name=name
        )["schema"]
        return found

    def reasons(self, name: str, analysis: int = 0) -> list[str]:
        """Why a schema is not ready."""
        details = self.schema(name)["schemaStatusDetails"][analysis]
        reasons = [reason["code"] for reason in details.get("reasons", [])]
        assert details["status"] == ("NOT_READY" if reasons else "READY")
        return reasons


def kind_of(policy: dict[str, Any]) -> str:
    return next(iter(policy["v1"])).upper()

"""Analysis templates: queries and jobs that table owners can read before they allow them."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any, Final

from attrs import define

from conformance.reference.calls import Answer, Call, handles
from conformance.reference.errors import InvalidError, NotFoundError
from conformance.reference.resources.access import active_membership, joined_collaboration
from conformance.reference.resources.families import Family, update
from conformance.reference.resources.records import Collaboration, MembershipResource
from conformance.reference.resources.sql import read_sql
from conformance.reference.world import World

_NAME: Final = re.compile(r"[a-z0-9_]{1,128}")
_PRIVATE_AGGREGATES: Final = frozenset({"AVG", "COUNT", "COUNT_DISTINCT", "SUM", "STDDEV"})


@define(eq=False, kw_only=True)
class AnalysisTemplate(MembershipResource):
    """An analysis template."""

    @property
    def is_sql(self) -> bool:
        """Whether queries run it; jobs run the others."""
        return bool(self.stated["format"] == "SQL")

    @property
    def text(self) -> str:
        """The SQL text; empty where there is none."""
        text: str = self.stated["source"].get("text", "")
        return text


TEMPLATES: Final = Family(
    type=AnalysisTemplate,
    shelf="analysis_templates",
    arn_path="membership/{membership}/analysistemplate/{id}",
    identifier="analysisTemplateIdentifier",
)


@handles("CreateAnalysisTemplate")
def create_analysis_template(call: Call) -> Answer:
    """Creates a template of SQL text or of PySpark artifacts; only its description can change."""
    membership = active_membership(call)
    wanted = "text" if call["format"] == "SQL" else "artifacts"
    if wanted not in call["source"]:
        text = f"the format {call['format']} has the source {wanted}"
        raise InvalidError(f"source: {text}.", ("source", text))
    names = [parameter["name"] for parameter in call.get("analysisParameters", [])]
    if len(names) != len(set(names)):
        text = "names a parameter more than once"
        raise InvalidError(f"analysisParameters {text}.", ("analysisParameters", text))
    template = TEMPLATES.create(
        call,
        membership,
        stated=call.stated(
            "description",
            "name",
            "format",
            "source",
            "analysisParameters",
            "schema",
            "errorMessageConfiguration",
            "syntheticDataParameters",
        ),
    )
    return {"analysisTemplate": describe(template)}


@handles("GetAnalysisTemplate")
def get_analysis_template(call: Call) -> Answer:
    """The owner's view."""
    return {"analysisTemplate": describe(TEMPLATES.own(call))}


@handles("ListAnalysisTemplates")
def list_analysis_templates(call: Call) -> Answer:
    """Those of the caller's membership."""
    return TEMPLATES.list_own(call, "analysisTemplateSummaries", _summary)


@handles("UpdateAnalysisTemplate")
def update_analysis_template(call: Call) -> Answer:
    """Changes the description."""
    template = TEMPLATES.own_to_change(call)
    update(call, template, **call.stated("description"))
    return {"analysisTemplate": describe(template)}


@handles("DeleteAnalysisTemplate")
def delete_analysis_template(call: Call) -> Answer:
    """Deletes a template, also one that analysis rules name."""
    TEMPLATES.delete(call, TEMPLATES.own(call))
    return {}


@handles("GetCollaborationAnalysisTemplate")
def get_collaboration_analysis_template(call: Call) -> Answer:
    """Any member reads any template of the collaboration, by its ARN."""
    collaboration = joined_collaboration(call)
    arn = call["analysisTemplateArn"]
    template = find_template(call.world, collaboration, arn)
    if template is None:
        raise NotFoundError("COLLABORATION", arn)
    return {"collaborationAnalysisTemplate": describe(template)}


@handles("ListCollaborationAnalysisTemplates")
def list_collaboration_analysis_templates(call: Call) -> Answer:
    """Those of all members."""
    return TEMPLATES.list_shared(call, "collaborationAnalysisTemplateSummaries", _summary)


@handles("BatchGetCollaborationAnalysisTemplate")
def batch_get_collaboration_analysis_template(call: Call) -> Answer:
    """Templates by ARN, and an error for each that there is not."""
    collaboration = joined_collaboration(call)
    found, errors = [], []
    for arn in dict.fromkeys(call["analysisTemplateArns"]):
        template = find_template(call.world, collaboration, arn)
        if template is None:
            message = f"The collaboration has no analysis template {arn}."
            errors.append({"arn": arn, "code": NotFoundError.code, "message": message})
        else:
            found.append(describe(template))
    return {"collaborationAnalysisTemplates": found, "errors": errors}


def find_template(world: World, collaboration: Collaboration, arn: str) -> AnalysisTemplate | None:
    """The template of an active member of the collaboration with that ARN."""
    template = world.find_by_arn(arn)
    if not isinstance(template, AnalysisTemplate) or not template.membership.active:
        return None
    return template if template.collaboration is collaboration else None


def describe(template: AnalysisTemplate) -> dict[str, Any]:
    """A template with what the service works out: tables, hashes, validations."""
    source = template.stated["source"]
    described = template.describe()
    described.setdefault("schema", {"referencedTables": _tables(template.text)})
    if "artifacts" in source:
        described["sourceMetadata"] = {"artifacts": _hashes(source["artifacts"])}
    else:
        described["validations"] = [_validation(template.text)]
    return described


def _summary(template: AnalysisTemplate) -> dict[str, Any]:
    synthetic = "syntheticDataParameters" in template.stated
    return template.describe() | {"isSyntheticData": synthetic}


def _tables(text: str) -> list[str]:
    return [name for name in read_sql(text).tables if _NAME.fullmatch(name)]


def _hashes(artifacts: dict[str, Any]) -> dict[str, Any]:
    """Hashes that stay the same for the same location; the artifacts themselves are not read."""

    def hash_of(artifact: dict[str, Any]) -> dict[str, str]:
        location = artifact["location"]
        place = f"{location['bucket']}/{location['key']}"
        return {"sha256": sha256(place.encode()).hexdigest()}

    others = [hash_of(artifact) for artifact in artifacts.get("additionalArtifacts", [])]
    return {
        "entryPointHash": hash_of(artifacts["entryPoint"]),
        "additionalArtifactHashes": others or None,
    }


def _validation(text: str) -> dict[str, Any]:
    """Whether a query could run with differential privacy: it must aggregate, and nothing else."""
    query = read_sql(text)
    validation: dict[str, Any] = {"type": "DIFFERENTIAL_PRIVACY", "status": "VALID"}
    if not query.tables:
        return validation | {
            "status": "UNABLE_TO_VALIDATE",
            "reasons": [{"message": "The query names no table."}],
        }
    functions = {aggregate.function for aggregate in query.aggregates}
    if not functions or not functions <= _PRIVATE_AGGREGATES:
        return validation | {
            "status": "INVALID",
            "reasons": [{"message": "The query must aggregate by AVG, COUNT, SUM or STDDEV."}],
        }
    return validation

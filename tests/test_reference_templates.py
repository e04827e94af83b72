"""Analysis templates, audience models, ID namespaces and mapping tables of the reference target."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest
from reference_story import ROLE, Story
from reference_support import ONE, TWO, UNKNOWN_ID, needs, refused, shared_view

MODEL = "arn:aws:cleanrooms-ml:us-east-1:111111111111:configured-audience-model/m"


@pytest.fixture
def story() -> Story:
    return Story()


def test_a_template_lives_and_dies_on_both_sides(story: Story) -> None:
    parameters = [{"name": "since", "type": "DATE", "defaultValue": "2026-01-01"}]
    created = story.template(
        "select count(id) from orders join lists on 1=1", analysisParameters=parameters
    )
    assert created["arn"].endswith(
        f":{TWO}:membership/{story.runner}/analysistemplate/{created['id']}"
    )
    assert created["schema"] == {"referencedTables": ["orders", "lists"]}
    assert created["analysisParameters"] == parameters
    assert created["validations"] == [{"type": "DIFFERENTIAL_PRIVACY", "status": "VALID"}]
    key = {**story.in_runner, "analysisTemplateIdentifier": created["id"]}
    assert story.two.GetAnalysisTemplate(**key)["analysisTemplate"] == created
    by_arn = {**story.in_collaboration, "analysisTemplateArn": created["arn"]}
    seen = story.three.GetCollaborationAnalysisTemplate(**by_arn)["collaborationAnalysisTemplate"]
    assert seen == shared_view(created) | {"creatorAccountId": TWO}
    (row,) = story.one.all("ListCollaborationAnalysisTemplates", **story.in_collaboration)
    assert (row["id"], row["creatorAccountId"]) == (created["id"], TWO)
    assert row.keys().isdisjoint({"source", "schema", "format", "membershipId"})
    story.clock.advance(1)
    changed = story.two.UpdateAnalysisTemplate(**key, description="new")["analysisTemplate"]
    expected = created | {"description": "new", "updateTime": created["updateTime"] + 1}
    assert changed == expected
    story.two.DeleteAnalysisTemplate(**key)
    assert refused(story.two.GetAnalysisTemplate, **key).status == 404
    assert refused(story.one.GetCollaborationAnalysisTemplate, **by_arn).status == 404
    assert story.two.all("ListAnalysisTemplates", **story.in_runner) == []


def test_a_template_of_artifacts_has_hashes(story: Story) -> None:
    created = story.job_template()
    assert created["sourceMetadata"] == {
        "artifacts": {"entryPointHash": {"sha256": sha256(b"code/main.py").hexdigest()}}
    }
    assert created["schema"] == {"referencedTables": []}
    assert "validations" not in created


@pytest.mark.parametrize(
    "stated",
    [
        {"format": "PYSPARK_1_0"},
        {"source": {"artifacts": {"entryPoint": {"location": {"bucket": "bbb", "key": "k"}},
                                  "roleArn": ROLE}}},
        {"source": {"text": "x", "artifacts": {}}},
        {"analysisParameters": [{"name": "a", "type": "DATE"}, {"name": "a", "type": "INT"}]},
    ],
)  # fmt: skip
def test_a_template_that_does_not_fit_together_is_refused(
    story: Story, stated: dict[str, Any]
) -> None:
    assert refused(story.template, **stated).status == 400


@pytest.mark.parametrize(
    ("text", "status"),
    [("select 1", "UNABLE_TO_VALIDATE"), ("select id from orders", "INVALID")],
)
def test_a_template_says_whether_differential_privacy_can_hold(
    story: Story, text: str, status: str
) -> None:
    (validation,) = story.template(text)["validations"]
    assert validation["status"] == status
    assert validation["reasons"][0]["message"]


def test_templates_are_read_in_batches_by_arn(story: Story) -> None:
    created = story.template()
    unknown = created["arn"][:-36] + UNKNOWN_ID
    answer = story.one.BatchGetCollaborationAnalysisTemplate(
        **story.in_collaboration, analysisTemplateArns=[unknown, created["arn"]]
    )
    (found,) = answer["collaborationAnalysisTemplates"]
    assert found["id"] == created["id"]
    assert [(e["arn"], e["code"]) for e in answer["errors"]] == [
        (unknown, "ResourceNotFoundException")
    ]


def test_a_template_of_another_collaboration_is_not_found(story: Story) -> None:
    created = story.template()
    other = Story(story.app)
    refusal = refused(
        story.two.GetCollaborationAnalysisTemplate,
        **other.in_collaboration,
        analysisTemplateArn=created["arn"],
    )
    assert refusal.status == 404


def test_an_audience_model_association_lives_and_dies_on_both_sides(story: Story) -> None:
    created = story.one.CreateConfiguredAudienceModelAssociation(
        **story.in_owner,
        configuredAudienceModelArn=MODEL,
        configuredAudienceModelAssociationName="lookalikes",
        manageResourcePolicies=True,
    )["configuredAudienceModelAssociation"]
    assert created["name"] == "lookalikes"
    assert created["manageResourcePolicies"] is True
    own = {**story.in_owner, "configuredAudienceModelAssociationIdentifier": created["id"]}
    shared = own | story.in_collaboration
    del shared["membershipIdentifier"]
    assert story.one.GetConfiguredAudienceModelAssociation(**own) == {
        "configuredAudienceModelAssociation": created
    }
    seen = story.two.GetCollaborationConfiguredAudienceModelAssociation(**shared)
    assert seen["collaborationConfiguredAudienceModelAssociation"] == shared_view(
        created, "manageResourcePolicies"
    ) | {"creatorAccountId": ONE}
    rows = story.two.all(
        "ListCollaborationConfiguredAudienceModelAssociations", **story.in_collaboration
    )
    assert "configuredAudienceModelArn" not in rows[0]
    changed = story.one.UpdateConfiguredAudienceModelAssociation(**own, name="twins")
    assert changed["configuredAudienceModelAssociation"]["name"] == "twins"
    foreign = refused(story.two.GetConfiguredAudienceModelAssociation, **own)
    assert foreign.status == 403
    story.one.DeleteConfiguredAudienceModelAssociation(**own)
    assert refused(story.one.GetConfiguredAudienceModelAssociation, **own).status == 404
    gone = refused(story.two.GetCollaborationConfiguredAudienceModelAssociation, **shared)
    assert gone.status == 404
    assert story.one.all("ListConfiguredAudienceModelAssociations", **story.in_owner) == []


def test_an_id_namespace_association_lives_and_dies_on_both_sides(story: Story) -> None:
    created = story.namespace(story.one, story.owner, "source", description="ours")
    assert created["inputReferenceProperties"] == {
        "idNamespaceType": "SOURCE",
        "idMappingWorkflowsSupported": [],
    }
    own = {**story.in_owner, "idNamespaceAssociationIdentifier": created["id"]}
    shared = {**story.in_collaboration, "idNamespaceAssociationIdentifier": created["id"]}
    assert story.one.GetIdNamespaceAssociation(**own)["idNamespaceAssociation"] == created
    seen = story.two.GetCollaborationIdNamespaceAssociation(**shared)
    expected = shared_view(created) | {"creatorAccountId": ONE}
    assert seen["collaborationIdNamespaceAssociation"] == expected
    (row,) = story.three.all("ListCollaborationIdNamespaceAssociations", **story.in_collaboration)
    assert row["inputReferenceProperties"] == {"idNamespaceType": "SOURCE"}
    changed = story.one.UpdateIdNamespaceAssociation(
        **own, idMappingConfig={"allowUseAsDimensionColumn": True}
    )["idNamespaceAssociation"]
    assert changed["idMappingConfig"] == {"allowUseAsDimensionColumn": True}
    assert changed["description"] == "ours"
    story.one.DeleteIdNamespaceAssociation(**own)
    assert refused(story.one.GetIdNamespaceAssociation, **own).status == 404
    assert story.one.all("ListIdNamespaceAssociations", **story.in_owner) == []


def test_an_id_namespace_must_be_the_callers(story: Story) -> None:
    arn = f"arn:aws:entityresolution:us-east-1:{TWO}:idnamespace/source"
    refusal = refused(
        story.one.CreateIdNamespaceAssociation,
        **story.in_owner,
        name="theirs",
        inputReferenceConfig={"inputReferenceArn": arn, "manageResourcePolicies": True},
    )
    assert (refusal.status, refusal.code) == (400, "ValidationException")


@needs("IdMappingTableSchemaTypeProperties.idMappingTableId")
def test_an_id_mapping_table_maps_a_source_and_a_target(story: Story) -> None:
    assert refused(story.mapping_table).status == 400
    source = story.namespace(story.one, story.owner, "customers")
    target = story.namespace(story.two, story.runner, "visitors")
    created = story.mapping_table("Id_Map")
    sources = [
        {"idNamespaceAssociationId": source["id"], "type": "SOURCE"},
        {"idNamespaceAssociationId": target["id"], "type": "TARGET"},
    ]
    assert created["inputReferenceProperties"] == {"idMappingTableInputSource": sources}
    key = {**story.in_owner, "idMappingTableIdentifier": created["id"]}
    assert story.one.GetIdMappingTable(**key)["idMappingTable"] == created
    (row,) = story.one.all("ListIdMappingTables", **story.in_owner)
    assert row.keys() == created.keys() - {"inputReferenceProperties"}
    schema = story.schema("id_map")
    assert (schema["type"], schema["name"]) == ("ID_MAPPING_TABLE", "Id_Map")
    assert schema["schemaTypeProperties"]["idMappingTable"] == {
        "idMappingTableInputSource": sources,
        "idMappingTableId": created["id"],
    }
    kms = "arn:aws:kms:us-east-1:111111111111:key/abc"
    changed = story.one.UpdateIdMappingTable(**key, kmsKeyArn=kms)["idMappingTable"]
    assert changed["kmsKeyArn"] == kms
    story.one.DeleteIdMappingTable(**key)
    assert refused(story.one.GetIdMappingTable, **key).status == 404
    assert refused(story.schema, name="id_map").status == 404


@needs("PopulateIdMappingTableInput.jobType")
def test_a_mapping_table_is_ready_once_populated_and_wiped_with_its_namespace(
    story: Story,
) -> None:
    source = story.namespace(story.one, story.owner, "source")
    story.namespace(story.two, story.runner, "target")
    created = story.mapping_table()
    key = {**story.in_owner, "idMappingTableIdentifier": created["id"]}
    assert story.reasons("id_map") == ["ID_MAPPING_TABLE_NOT_POPULATED"]
    story.one.PopulateIdMappingTable(**key, jobType="DELETE_ONLY")
    assert story.reasons("id_map") == ["ID_MAPPING_TABLE_NOT_POPULATED"]
    answer = story.one.PopulateIdMappingTable(**key)
    assert answer.keys() == {"idMappingJobId"}
    assert story.reasons("id_map") == []
    story.one.DeleteIdNamespaceAssociation(
        **story.in_owner, idNamespaceAssociationIdentifier=source["id"]
    )
    assert story.reasons("id_map") == ["ID_MAPPING_TABLE_NOT_POPULATED"]
    assert refused(story.one.PopulateIdMappingTable, **key).status == 409


def test_the_rule_of_a_mapping_table_protects_what_may_not_be_a_dimension(story: Story) -> None:
    dimension = {"idMappingConfig": {"allowUseAsDimensionColumn": True}}
    story.namespace(story.one, story.owner, "source", **dimension)
    story.namespace(story.two, story.runner, "target")
    story.mapping_table()
    rule = story.three.GetSchemaAnalysisRule(
        **story.in_collaboration, name="id_map", type="ID_MAPPING_TABLE"
    )["analysisRule"]
    assert rule["policy"]["v1"]["idMappingTable"] == {
        "joinColumns": ["source_id", "target_id"],
        "queryConstraints": [{"requireOverlap": {"columns": ["target_id"]}}],
        "dimensionColumns": ["source_id"],
    }

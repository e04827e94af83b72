"""Privacy budget templates: how much may be learned from a member's tables, and how often used."""

from __future__ import annotations

from typing import Any, Final

from attrs import Factory, define

from conformance.reference.calls import Answer, Call, handles
from conformance.reference.errors import ConflictError, InvalidError, NotFoundError
from conformance.reference.resources.access import active_membership
from conformance.reference.resources.families import Family
from conformance.reference.resources.records import Membership, MembershipResource
from conformance.reference.resources.relations import Association, IntermediateTable
from conformance.reference.world import World

_ARMS: Final = {"DIFFERENTIAL_PRIVACY": "differentialPrivacy", "ACCESS_BUDGET": "accessBudget"}


@define(eq=False, kw_only=True)
class PrivacyBudgetTemplate(MembershipResource):
    """A privacy budget template, and what was spent of its budget.

    Attributes:
        type: DIFFERENTIAL_PRIVACY or ACCESS_BUDGET.
        parameters: what stands under the arm of its type.
        budget_id: the identifier of its budget.
        spent: by aggregation or by period: when the period began, and how much was spent in it.
        in_use: whether a query was run under it.
    """

    type: str
    parameters: dict[str, Any]
    budget_id: str
    spent: dict[str, tuple[float, int]] = Factory(dict)
    in_use: bool = False


BUDGET_TEMPLATES: Final = Family(
    type=PrivacyBudgetTemplate,
    shelf="privacy_budget_templates",
    arn_path="privacybudgettemplate/{id}",
    identifier="privacyBudgetTemplateIdentifier",
)


@handles("CreatePrivacyBudgetTemplate")
def create_privacy_budget_template(call: Call) -> Answer:
    """Sets a budget: one for differential privacy, one for the accesses to each table."""
    membership = active_membership(call)
    type_ = call["privacyBudgetType"]
    parameters = _parameters(type_, call["parameters"])
    if type_ == "ACCESS_BUDGET":
        _judge_access_budget(call, membership, parameters)
    elif differential_privacy(call.world, membership) is not None:
        raise ConflictError(
            "The membership has a template of type DIFFERENTIAL_PRIVACY; update that one.",
            "ALREADY_EXISTS",
        )
    template = BUDGET_TEMPLATES.create(
        call,
        membership,
        type=type_,
        parameters=parameters,
        budget_id=call.world.new_id(),
        stated={"privacyBudgetType": type_, "autoRefresh": call.get("autoRefresh", "NONE")},
    )
    return {"privacyBudgetTemplate": _describe(template)}


@handles("GetPrivacyBudgetTemplate")
def get_privacy_budget_template(call: Call) -> Answer:
    """The owner's view."""
    return {"privacyBudgetTemplate": _describe(BUDGET_TEMPLATES.own(call))}


@handles("ListPrivacyBudgetTemplates")
def list_privacy_budget_templates(call: Call) -> Answer:
    """Those of the caller's membership."""
    return BUDGET_TEMPLATES.list_own(call, "privacyBudgetTemplateSummaries", _describe)


@handles("UpdatePrivacyBudgetTemplate")
def update_privacy_budget_template(call: Call) -> Answer:
    """Changes parameters; of epsilon nothing can be taken back once a query was run."""
    template = BUDGET_TEMPLATES.own_to_change(call)
    if call["privacyBudgetType"] != template.type:
        text = f"the template's is {template.type}"
        raise InvalidError(f"privacyBudgetType: {text}.", ("privacyBudgetType", text))
    if "parameters" in call.params:
        changes = _parameters(template.type, call["parameters"])
        _refuse_to_take_back(template, changes)
        if "budgetParameters" in changes:
            _refuse_repetition(changes["budgetParameters"])
        template.parameters = template.parameters | changes
        template.updated = call.world.now()
    return {"privacyBudgetTemplate": _describe(template)}


@handles("DeletePrivacyBudgetTemplate")
def delete_privacy_budget_template(call: Call) -> Answer:
    """Takes the budget away; tables under differential privacy cannot be queried without."""
    BUDGET_TEMPLATES.delete(call, BUDGET_TEMPLATES.own(call))
    return {}


@handles("GetCollaborationPrivacyBudgetTemplate")
def get_collaboration_privacy_budget_template(call: Call) -> Answer:
    """The view of the collaboration's other members."""
    template = BUDGET_TEMPLATES.shared(call)
    return {"collaborationPrivacyBudgetTemplate": _describe(template)}


@handles("ListCollaborationPrivacyBudgetTemplates")
def list_collaboration_privacy_budget_templates(call: Call) -> Answer:
    """Those of all members."""
    return BUDGET_TEMPLATES.list_shared(
        call, "collaborationPrivacyBudgetTemplateSummaries", _describe
    )


def differential_privacy(world: World, membership: Membership) -> PrivacyBudgetTemplate | None:
    """The template by which a member's tables are queried with differential privacy."""
    shelf = world.shelf(BUDGET_TEMPLATES.shelf, membership.id)
    return next((each for each in shelf if each.type == "DIFFERENTIAL_PRIVACY"), None)


def access_budget(world: World, resource: MembershipResource) -> PrivacyBudgetTemplate | None:
    """The template that limits how often a table is used."""
    shelf = world.shelf(BUDGET_TEMPLATES.shelf, resource.membership.id)
    arns = ((each, each.parameters.get("resourceArn")) for each in shelf)
    return next((each for each, arn in arns if arn == resource.arn), None)


def _describe(template: PrivacyBudgetTemplate) -> dict[str, Any]:
    return template.describe() | {"parameters": {_ARMS[template.type]: template.parameters}}


def _parameters(type_: str, parameters: dict[str, Any]) -> dict[str, Any]:
    ((arm, inner),) = parameters.items()
    if arm != _ARMS[type_]:
        text = f"a template of type {type_} has {_ARMS[type_]}"
        raise InvalidError(f"parameters: {text}.", ("parameters", text))
    stated: dict[str, Any] = inner
    return stated


def _judge_access_budget(call: Call, membership: Membership, parameters: dict[str, Any]) -> None:
    arn = parameters["resourceArn"]
    resource = call.world.find_by_arn(arn)
    if not isinstance(resource, Association | IntermediateTable):
        raise NotFoundError("CONFIGURED_TABLE_ASSOCIATION", arn)
    if resource.membership is not membership:
        raise NotFoundError("CONFIGURED_TABLE_ASSOCIATION", arn)
    if access_budget(call.world, resource) is not None:
        raise ConflictError("The table has an access budget.", "ALREADY_EXISTS")
    _refuse_repetition(parameters["budgetParameters"])
    shelf = call.world.shelf(BUDGET_TEMPLATES.shelf, membership.collaboration.id)
    count = sum(1 for each in shelf if each.type == "ACCESS_BUDGET")
    call.world.quotas.check("access_budget_templates", count + 1)


def _refuse_repetition(budgets: list[dict[str, Any]]) -> None:
    """One budget for a period and one for the lifetime, at most."""
    lifetimes = [budget["type"] == "LIFETIME" for budget in budgets]
    if len(lifetimes) != len(set(lifetimes)):
        text = "one budget for a period and one for the lifetime, at most"
        raise InvalidError(f"budgetParameters: {text}.", ("budgetParameters", text))


def _refuse_to_take_back(template: PrivacyBudgetTemplate, changes: dict[str, Any]) -> None:
    epsilon = changes.get("epsilon")
    if template.in_use and epsilon is not None and epsilon < template.parameters["epsilon"]:
        raise ConflictError(
            "epsilon cannot be decreased once queries were run under the budget.", "INVALID_STATE"
        )

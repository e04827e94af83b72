"""What policies of analysis rules have in common, whatever they are attached to."""

from __future__ import annotations

from typing import Any, Final

from conformance.reference.errors import InvalidError

WILDCARDS: Final = ("ANY_QUERY", "ANY_JOB")


def policy_of_type(rule_type: str, policy: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The arm of a policy and what it holds.

    Raises:
        InvalidError: the arm is not the one of the rule's type (CTAR-06).
    """
    version = policy["v1"]
    ((arm, inner),) = version.items()
    if arm != rule_type.lower():
        raise invalid_policy(f"a rule of type {rule_type} has the policy {rule_type.lower()}")
    return arm, inner


def judge_custom(policy: dict[str, Any]) -> None:
    """Refuses a custom policy that says neither who nor what, or both (CTAR-21, CTAR-23).

    Raises:
        InvalidError: it does.
    """
    analyses = policy.get("allowedAnalyses", [])
    providers = policy.get("allowedAnalysisProviders", [])
    if "ANY_QUERY" in analyses and not providers:
        raise invalid_policy("ANY_QUERY needs allowedAnalysisProviders")
    templates = [each for each in analyses if each not in WILDCARDS]
    if templates and providers:
        raise invalid_policy("either analysis templates or allowedAnalysisProviders, not both")


def invalid_policy(text: str) -> InvalidError:
    """The refusal of an analysis rule's policy."""
    return InvalidError(f"analysisRulePolicy: {text}.", ("analysisRulePolicy", text))

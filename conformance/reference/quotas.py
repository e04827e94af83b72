"""How much of everything an account may have.

The service's numbers drift from year to year, so none holds unless it is asked for.
"""

from __future__ import annotations

from math import inf
from typing import Final

from attrs import evolve, fields, frozen

from conformance.errors import unknown
from conformance.reference.errors import QuotaExceededError


@frozen
class Quotas:
    """The largest number of each; infinite where nothing is said."""

    collaborations: float = inf
    memberships: float = inf
    configured_tables: float = inf
    members_per_collaboration: float = inf
    allowed_columns: float = inf
    analysis_rule_bytes: float = inf
    configured_table_associations: float = inf
    analysis_templates: float = inf
    id_mapping_tables: float = inf
    id_namespace_associations: float = inf
    configured_audience_model_associations: float = inf
    privacy_budget_templates: float = inf
    access_budget_templates: float = inf
    intermediate_tables: float = inf
    analysis_log_exports: float = inf
    change_requests: float = inf
    ongoing_queries: float = inf
    ongoing_jobs: float = inf

    def check(self, name: str, count: float) -> None:
        """Refuses a count above the quota of that name.

        Raises:
            QuotaExceededError: it is.
        """
        limit = getattr(self, name)
        if count > limit:
            raise QuotaExceededError(name.replace("_", " "), limit)

    def with_(self, **numbers: float) -> Quotas:
        """The same with other numbers for some.

        Raises:
            UsageError: there is no quota of that name.
        """
        names = [attribute.name for attribute in fields(Quotas)]
        for name in numbers:
            if name not in names:
                raise unknown("quota", name, names)
        return evolve(self, **numbers)


#: The numbers of the service's documentation (its newest page, in 2026).
DOCUMENTED: Final = Quotas(
    collaborations=500,
    memberships=500,
    configured_tables=250,
    members_per_collaboration=5,
    allowed_columns=100,
    analysis_rule_bytes=100 * 1024,
    configured_table_associations=100,
    analysis_templates=100,
    id_mapping_tables=5,
    id_namespace_associations=10,
    configured_audience_model_associations=5,
    access_budget_templates=25,
    intermediate_tables=25,
    analysis_log_exports=5,
    ongoing_queries=5,
    ongoing_jobs=1,
)

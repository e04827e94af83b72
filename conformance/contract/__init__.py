"""The contract: what the botocore model says of a service, and nothing else.

Knows no documentation beyond the model, no target and no test. Everything here is immutable.
"""

from conformance.contract.load import available_services, load
from conformance.contract.model import (
    Contract,
    ErrorShape,
    Location,
    Member,
    Operation,
    Paginator,
    Shape,
)
from conformance.contract.paths import Path
from conformance.contract.patterns import Pattern
from conformance.contract.schema import json_schema
from conformance.contract.sites import (
    ConstraintSite,
    UnionSite,
    constraint_sites,
    output_union_sites,
    union_sites,
)
from conformance.contract.validation import Problem, validator

__all__ = [
    "ConstraintSite",
    "Contract",
    "ErrorShape",
    "Location",
    "Member",
    "Operation",
    "Paginator",
    "Path",
    "Pattern",
    "Problem",
    "Shape",
    "UnionSite",
    "available_services",
    "constraint_sites",
    "json_schema",
    "load",
    "output_union_sites",
    "union_sites",
    "validator",
]

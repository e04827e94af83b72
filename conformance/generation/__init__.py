"""Values from the contract: smallest ones, random ones, and those that break one constraint."""

from conformance.generation.applied import broken_params
from conformance.generation.inputs import inputs, values
from conformance.generation.minimal import (
    Unsatisfiable,
    extended,
    fullest,
    smallest,
    smallest_of,
)
from conformance.generation.union_violations import UnionKind, union_violation, union_violations
from conformance.generation.violations import Unviolable, Violation, violation

__all__ = [
    "UnionKind",
    "Unsatisfiable",
    "Unviolable",
    "Violation",
    "broken_params",
    "extended",
    "fullest",
    "inputs",
    "smallest",
    "smallest_of",
    "union_violation",
    "union_violations",
    "values",
    "violation",
]

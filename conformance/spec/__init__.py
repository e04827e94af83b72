"""The spec: what the documentation of a service says beyond its model, as typed data.

A service has one where ``specs/<service>/`` exists; without one a spec is empty, and the checks
that need nothing but the contract still run.
"""

from conformance.spec.claims import Claim, Fact, Level
from conformance.spec.load import load, parse
from conformance.spec.model import EMPTY, NotFound, Resource, Spec, Transition
from conformance.spec.scenarios import Scenario

__all__ = [
    "EMPTY",
    "Claim",
    "Fact",
    "Level",
    "NotFound",
    "Resource",
    "Scenario",
    "Spec",
    "Transition",
    "load",
    "parse",
]

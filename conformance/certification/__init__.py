"""Certification: what a report proves of a target, held against frozen sets of requirements.

This package knows reports and the published sets; how a run is made, and what a check does, it does
not know.
"""

from conformance.certification.certificate import Certificate, certify
from conformance.certification.levels import Level, Requirements, levels_for

__all__ = ["Certificate", "Level", "Requirements", "certify", "levels_for"]

"""Every broken target that the suite has to catch: the reference target with one fault each.

`broken_*.py` declare them by what they break; `harmless_targets.py` has those that are not broken.
"""

from __future__ import annotations

from typing import Final

from broken_acceptance import ACCEPTANCE
from broken_errors import ERRORS
from broken_framing import FRAMING
from broken_inputs import INPUTS
from broken_lifecycles import LIFECYCLES
from broken_pages import PAGES
from broken_protocol import PROTOCOL
from broken_responses import RESPONSES
from broken_scenarios import SCENARIOS
from broken_sequences import SEQUENCES
from broken_signatures import SIGNATURES
from broken_tags import TAGS
from suite_support import BrokenTarget

BROKEN: Final[tuple[BrokenTarget, ...]] = (
    *RESPONSES,
    *ERRORS,
    *INPUTS,
    *ACCEPTANCE,
    *LIFECYCLES,
    *PAGES,
    *PROTOCOL,
    *FRAMING,
    *SCENARIOS,
    *SEQUENCES,
    *SIGNATURES,
    *TAGS,
)

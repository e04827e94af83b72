"""The ledger of known deviations: what a target's owner knows of, with a reason for each.

A YAML file. Its rows each name a ``case`` or a ``cause`` (``*`` stands for anything), a ``reason``,
and as one likes a ``link``, a day on which it ``expires``, and the ``operations`` that it is known
of. The file is either a list of rows, or
a mapping of ``entries``, that list, and ``made_from``: how much the run judged that it was made
from. This package knows a report only as data, and not how a run is made.
"""

from conformance.ledger.model import Entry, Ledger, MadeFrom, Passing, Shortfall, Stale
from conformance.ledger.reading import load, parse

__all__ = ["Entry", "Ledger", "MadeFrom", "Passing", "Shortfall", "Stale", "load", "parse"]

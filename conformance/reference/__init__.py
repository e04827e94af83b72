"""The embedded reference target: a Clean Rooms to run the suite against without any account.

``create_app()`` makes the WSGI application, ``serve`` puts it on a socket. It knows the contract
and the documentation, and nothing of checks or specs. What the documentation leaves open is
decided in ``CHOICES.md``.
"""

from conformance.reference.app import ReferenceTarget, Served, Settings, create_app
from conformance.reference.callers import Accounts
from conformance.reference.clock import ManualClock, Pace, ShiftedClock, wall_clock
from conformance.reference.control import PREFIX, Control
from conformance.reference.faults import Fault
from conformance.reference.quotas import DOCUMENTED, Quotas
from conformance.reference.server import Listener, request_log, serve

__all__ = [
    "DOCUMENTED",
    "PREFIX",
    "Accounts",
    "Control",
    "Fault",
    "Listener",
    "ManualClock",
    "Pace",
    "Quotas",
    "ReferenceTarget",
    "Served",
    "Settings",
    "ShiftedClock",
    "create_app",
    "request_log",
    "serve",
    "wall_clock",
]

"""Contract tests and a conformance suite for AWS APIs."""

__version__ = "0.1.0"

"""Loads the plugin from the checkout where the package is not installed."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution

try:
    distribution("aws-conformance")
except PackageNotFoundError:
    # An installed distribution brings the plugin by its entry point; twice would be once too often.
    pytest_plugins = ["conformance.plugin"]

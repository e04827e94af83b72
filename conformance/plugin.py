"""The pytest plugin: options, and the suite's own plugin where a run asks for the suite.

It is loaded into every pytest run on a machine where the package is installed, so it imports
nothing else unless the suite is asked for.
"""

from __future__ import annotations

import pytest

_SINGLE = {
    "service": "the service to test, by botocore's name (default: cleanrooms)",
    "endpoint-url": "the endpoint to test; 'aws' for the real service; default: "
    "AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL, or the embedded reference target",
    "region": "the AWS region that requests are signed for",
    "ca-bundle": "a bundle of certificates to check TLS by",
    "level": "the least level of checks to run: must, should or may",
    "max-examples": "random examples for each check that draws them",
    "explore": "sequences of calls to explore for each kind of resource; 0 for none",
    "seed": "the seed of everything random",
    "max-time": "stop cleanly after so many seconds, with a partial report that says so",
    "timeout": "seconds to wait for a response",
    "rate": "send at most so many requests each second",
    "control-url": "where the target has a control for failures on demand",
    "ledger": "a YAML list of known deviations, each with a reason",
    "prerequisites": "a YAML file with what exists in the account: buckets, roles, tables",
    "out": "the folder for report.json and what comes with it",
}
_REPEATED = {
    "profile": "a profile of the AWS configuration, one for each account",
    "check": "run only checks whose id matches, e.g. 'union.*'",
    "operation": "run only cases of operations whose name matches, e.g. 'Create*'",
    "case": "run only cases whose name matches",
}
_FLAGS = {
    "quick": "fewer random examples, and one case where many say the same",
    "no-verify-ssl": "do not check TLS certificates",
    "read-only": "send nothing that could change something",
    "verifies-signatures": "hold the target to verifying signatures; the embedded one then does",
}
_SUITE = "conformance.suite"

#: The names of all options, as they are spelled in ini keys behind the prefix.
NAMES = tuple(name.replace("-", "_") for name in (*_SINGLE, *_REPEATED, *_FLAGS))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds our options and ini keys, all behind one prefix."""
    group = parser.getgroup("conformance", "conformance of an AWS endpoint")
    for name, text in _SINGLE.items():
        group.addoption(f"--conformance-{name}", dest=_dest(name), metavar="VALUE", help=text)
        parser.addini(_dest(name), text)
    for name, text in _REPEATED.items():
        group.addoption(
            f"--conformance-{name}", dest=_dest(name), action="append", metavar="VALUE", help=text
        )
        parser.addini(_dest(name), text, type="linelist")
    for name, text in _FLAGS.items():
        group.addoption(f"--conformance-{name}", dest=_dest(name), action="store_true", help=text)
        parser.addini(_dest(name), text, type="bool", default=False)


def pytest_configure(config: pytest.Config) -> None:
    """Makes a run that names the suite one of the suite.

    The suite's ``conftest.py`` does the same, but the controller of xdist never gets to load it.
    """
    if any(str(arg).startswith(_SUITE) for arg in config.args):
        from conformance.suite.session import register  # noqa: PLC0415 - it imports botocore

        register(config)


def _dest(name: str) -> str:
    return "conformance_" + name.replace("-", "_")

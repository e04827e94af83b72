"""Every operation and every paginator of the reference target, called by the JavaScript SDK v3.

``CONFORMANCE_JAVASCRIPT`` names the folder whose ``node_modules`` hold the SDK, where it is not
``tests/javascript``. Where there is no Node the tests are skipped, but not in CI.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from reference_story import Story
from reference_support import (
    ONE,
    STRANGER,
    UNKNOWN_ID,
    collaboration_input,
    listening,
    new_app,
)
from reference_tour import tour

from conformance.contract import load
from conformance.reference import ManualClock, ReferenceTarget

HERE = Path(__file__).parent / "javascript"
NODE = shutil.which("node")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(NODE is None and "CI" not in os.environ, reason="Node is not installed"),
]


@pytest.fixture(scope="module")
def folder() -> Path:
    """Where the SDK is; in CI it is installed if need be."""
    assert NODE is not None, "in CI Node has to be there"
    folder = Path(os.environ.get("CONFORMANCE_JAVASCRIPT", HERE))
    if (folder / "node_modules" / "@aws-sdk" / "client-cleanrooms").exists():
        return folder
    if "CI" not in os.environ:
        pytest.skip(f"the JavaScript SDK is not installed: npm install --prefix {HERE}")
    subprocess.run(["npm", "install", "--no-audit", "--no-fund"], cwd=HERE, check=True, timeout=300)
    return HERE


class ThrownError(Exception):
    """What the SDK has thrown."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(str(error))
        self.error = error


class JavaScriptAccount:
    """An account whose calls are made by the SDK in a process of its own."""

    def __init__(self, folder: Path, url: str, account: str) -> None:
        assert NODE is not None
        self.id = account
        self.called: set[str] = set()
        self.process = subprocess.Popen(
            [NODE, str(HERE / "driver.cjs"), str(folder), url, account],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.offer = self.hear()

    def hear(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        heard: dict[str, Any] = json.loads(self.process.stdout.readline())
        return heard

    def ask(self, operation: str, params: dict[str, Any], *, paginate: bool) -> dict[str, Any]:
        assert self.process.stdin is not None
        self.called.add(operation)
        request = {"operation": operation, "input": params, "paginate": paginate}
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = self.hear()
        if "error" in answer:
            raise ThrownError(answer["error"])
        return answer

    def __getattr__(self, name: str) -> Any:
        return lambda **params: self.ask(name, params, paginate=False)["output"]

    def all(self, name: str, **params: Any) -> list[Any]:
        pages = self.ask(name, params, paginate=True)["pages"]
        ((key, _),) = [(k, v) for k, v in pages[0].items() if isinstance(v, list)]
        assert all(len(page[key]) <= 1 for page in pages)
        return [row for page in pages for row in page[key]]

    def error(self, name: str, **params: Any) -> dict[str, Any]:
        with pytest.raises(ThrownError) as thrown:
            self.ask(name, params, paginate=False)
        return thrown.value.error

    def close(self) -> None:
        self.process.communicate(timeout=10)


@pytest.fixture
def app() -> ReferenceTarget:
    return new_app(clock=ManualClock())


@pytest.fixture
def url(app: ReferenceTarget) -> Iterator[str]:
    with listening(app) as url:
        yield url
    assert list(app.crashes) == []


class OfferedStory(Story):
    """A story of the operations that both the SDK and the installed botocore know."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        offered = self.one.offer["operations"]
        self.operations = {k: v for k, v in self.operations.items() if k in offered}


def test_the_sdk_calls_every_operation_and_walks_every_list(
    app: ReferenceTarget, url: str, folder: Path
) -> None:
    accounts: list[JavaScriptAccount] = []
    with ExitStack() as stack:

        def client(_app: ReferenceTarget, account: str) -> JavaScriptAccount:
            accounts.append(JavaScriptAccount(folder, url, account))
            stack.callback(accounts[-1].close)
            return accounts[-1]

        story = OfferedStory(app, app.settings.clock, client)
        tour(story)
    called = set().union(*(account.called for account in accounts))
    offered = set(accounts[0].offer["operations"])
    assert called == offered & set(load("cleanrooms").operations)
    assert set(accounts[0].offer["paginators"]) & set(load("cleanrooms").paginators) <= called


def test_the_sdk_raises_typed_exceptions(url: str, folder: Path) -> None:
    one, stranger = (JavaScriptAccount(folder, url, account) for account in (ONE, STRANGER))
    known = one.CreateCollaboration(**collaboration_input())["collaboration"]["id"]
    denied = stranger.error("GetCollaboration", collaborationIdentifier=known)
    assert (denied["name"], denied["typed"], denied["status"]) == (
        "AccessDeniedException",
        True,
        403,
    )
    missing = one.error("GetConfiguredTable", configuredTableIdentifier=UNKNOWN_ID)
    assert (missing["name"], missing["typed"]) == ("ResourceNotFoundException", True)
    assert missing["resourceType"] == "CONFIGURED_TABLE"
    invalid = one.error("ListCollaborations", maxResults=0)
    assert (invalid["name"], invalid["typed"]) == ("ValidationException", True)
    assert invalid["fieldList"][0]["name"] == "maxResults"
    for account in (one, stranger):
        account.close()

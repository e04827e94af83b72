"""Runs the main job against a real moto server, and holds what it finds against what is there.

`python tests/run_against_moto.py [--out DIR]`: exit status 0 if it found what there is.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from moto.server import ThreadedMotoServer

from conformance.report.causes import causes

#: What moto's Clean Rooms has; more is welcome, less is a fault of the suite.
OPERATIONS = 19
PAIRS = 60
CAUSES = 20


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, default=None)
    arguments = parser.parse_args()
    out = arguments.out or Path(tempfile.mkdtemp(), "report")
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    try:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "conformance", "run", "cleanrooms"),
                *("--endpoint-url", f"http://{host}:{port}", "--out", str(out)),
            ],
            check=False,
        )
    finally:
        server.stop()
    return judge(done.returncode, json.loads((out / "report.json").read_text("utf-8")))


def judge(status: int, report: dict[str, object]) -> int:
    results = report["results"]
    assert isinstance(results, list)
    operations = report["operations"]
    assert isinstance(operations, dict)
    deviating = [result for result in results if result["verdict"] == "deviates"]
    found = {
        "exit status": status,
        "operations": sum(o["implemented"] is True for o in operations.values()),
        "pairs": len({(result["check"], result["operation"]) for result in deviating}),
        "causes": len(causes(report)),  # type: ignore[arg-type]
        "inconclusive": sum(result["verdict"] == "inconclusive" for result in results),
    }
    sys.stdout.write(f"{found}\n")
    right = (
        found["exit status"] == 1
        and found["operations"] >= OPERATIONS
        and found["pairs"] >= PAIRS
        and found["causes"] >= CAUSES
    )
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())

"""What an import costs, and how large the wheel is. Bytes a fragment come from benches/rust."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

from benches.timing import Bench, turns

ROOT = Path(__file__).parent.parent


def run(code: str) -> float:
    """The seconds of its own that an interpreter takes for some code, start and end included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def imports(bench: Bench) -> None:
    """`import fragview` over an interpreter that imports nothing."""
    # Once, so that all files are in the page cache.
    run("import fragview")
    pairs = turns(lambda: run("import fragview"), lambda: run("pass"), bench.effort)
    milliseconds = [(one - other) * 1e3 for one, other in pairs]
    bench.figure(
        "`import fragview`",
        "a new process",
        milliseconds,
        unit="ms",
        bar=15.0,
        against="over a bare interpreter",
    )


def wheel(bench: Bench) -> None:
    """The wheel that `make bench` has built."""
    for path in sorted((ROOT / "dist").glob("*.whl")):
        megabytes = path.stat().st_size / 1e6
        bench.figure("the wheel", path.name, [megabytes], unit="MB", bar=1.5)


def measure(bench: Bench) -> None:
    """All rows of this page."""
    imports(bench)
    wheel(bench)

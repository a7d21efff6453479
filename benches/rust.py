"""The rows of benches/rust, which is a program of its own, and criterion's figures for it."""

from __future__ import annotations

import json
import os
import subprocess
import tomllib
from pathlib import Path
from typing import Any

from benches.timing import Row, show

CRATE = Path(__file__).parent / "rust"
PEERS = ("buf-list", "bytes", "bytes-utils", "opendal-core", "vm-memory")


def lines(program: str, *arguments: str) -> list[dict[str, Any]]:
    """What a program of the crate prints, line by line."""
    found = []
    # Machine code for the processor at hand would be another program than the one users get.
    environment = {name: value for name, value in os.environ.items() if name != "RUSTFLAGS"}
    command = ["cargo", "run", "--quiet", "--release", "--bin", program, "--", *arguments]
    with subprocess.Popen(command, cwd=CRATE, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        for line in process.stdout:
            found.append(json.loads(line))
            if "what" in found[-1]:
                show(row(found[-1]))
            else:
                print(line, end="", flush=True)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return found


def row(line: dict[str, Any]) -> Row:
    """A row from its line."""
    page = {"memory": "memory", "scan": "records"}.get(line["group"], "rust")
    return Row(page=page, **line)


def rows(*, full: bool) -> list[Row]:
    """All ratios."""
    return [row(line) for line in lines("ratios", *(["--full"] if full else []))]


def growth() -> tuple[list[Row], list[dict[str, Any]]]:
    """Bytes a fragment, and how cost grows."""
    found = lines("growth")
    return [row(line) for line in found if "what" in line], [line for line in found if "growth" in line]


def absolute() -> list[dict[str, Any]]:
    """Criterion's medians, with the bounds that hold 95 % of them, in nanoseconds."""
    subprocess.run(["cargo", "bench", "--quiet", "--bench", "absolute"], cwd=CRATE, check=True)
    figures = []
    for estimates in sorted((CRATE / "target" / "criterion").glob("*/*/new/estimates.json")):
        name = json.loads((estimates.parent / "benchmark.json").read_text())["group_id"]
        median = json.loads(estimates.read_text())["median"]
        bounds = median["confidence_interval"]
        figures.append(
            {
                "what": name,
                "median": median["point_estimate"],
                "low": bounds["lower_bound"],
                "high": bounds["upper_bound"],
            }
        )
    return figures


def versions() -> dict[str, str]:
    """The peers' versions."""
    packages = tomllib.loads((CRATE / "Cargo.lock").read_text())["package"]
    compiler = subprocess.run(["rustc", "--version"], check=True, capture_output=True, text=True).stdout
    found = {package["name"]: package["version"] for package in packages if package["name"] in PEERS}
    return {"rustc": compiler.split()[1], **found}

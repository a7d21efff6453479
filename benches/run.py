"""Measure, and write benches/results/<date>-<machine>.json and docs/benchmarks.md.

python -m benches.run [--full] [--only PAGE ...] [--into RESULTS.json]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

from benches import access, build, bulk, files, growth, memory, native, outcome, peers, records, report, rust
from benches.timing import FULL, QUICK, Bench, Row

# In Python. With the table that each belongs to.
PAGES: dict[str, tuple[Callable[[Bench], None], str]] = {
    "access": (access.measure, "python"),
    "bulk": (bulk.measure, "python"),
    "build": (build.measure, "python"),
    "files": (files.measure, "python"),
    "peers": (peers.measure, "peers"),
    "records": (records.measure, "records"),
    "memory": (memory.measure, "memory"),
    "native": (native.measure, "native"),
}


def main() -> None:
    """Run the pages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--full", action="store_true", help="longer, with less spread, and criterion's figures"
    )
    parser.add_argument("--only", nargs="+", choices=[*PAGES, "rust", "growth"], help="write nothing")
    parser.add_argument("--into", type=Path, help="with --only: put the pages' rows into these results")
    options = parser.parse_args()
    effort = FULL if options.full else QUICK
    wanted = options.only or [*PAGES, "rust", "growth"]
    about, start = outcome.machine(full=options.full), time.monotonic()
    rows: list[Row] = []
    for name, (measure, page) in PAGES.items():
        if name in wanted:
            bench = Bench(effort, name, page)
            measure(bench)
            rows += bench.rows
    points = growth.measure(effort) if "growth" in wanted else []
    if "growth" in wanted:
        measured, more = rust.growth()
        rows, points = rows + measured, points + more
    if "rust" in wanted:
        rows += rust.rows(full=options.full)
    absolute = rust.absolute() if options.full and "rust" in wanted else []
    print(f"{time.monotonic() - start:.0f} s")
    if not options.only:
        report.write(outcome.Results(about, rows, points, absolute))
    elif options.into is not None:
        report.write(outcome.load(options.into).with_rows(about, rows))


if __name__ == "__main__":
    main()

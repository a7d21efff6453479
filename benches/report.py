"""The tables of docs/benchmarks.md.

`python -m benches.report RESULTS.json` writes them again, without measuring.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable
from pathlib import Path

from benches import outcome, plots
from benches.outcome import Results
from benches.timing import Row

ROOT = Path(__file__).parent.parent
# As rustfmt.toml has it; `make lint` looks at this page, too.
WIDTH = 110
# Written by hand: why a bar is missed. The report takes it in as it is.
NOTES = Path(__file__).parent / "notes.md"

HEAD = """# Benchmarks

`make bench` makes this page, its pictures and the [figures behind it](../benches/results); `make
bench-full` measures longer. A bar is a limit that the project sets itself. Rows that miss it stay in.

- A **ratio** is fragview's time over the other's; below 1 fragview is quicker. The two run in turn,
  A B A B, a few milliseconds each, in one process, timed by the process's own time. The figure is
  the median of the ratios of neighbours, and in brackets are the quartiles.
- **Quickest** is the ratio of the quickest turns of both sides, which noise can't lengthen.
- Python statements stand ten times in the loop of `timeit`, with their names as locals, so that the
  loop counts for little.
- Rust lookups are at random offsets, and the sum of the bytes found is used. Fragments lie in order,
  with up to 16 other bytes between them. "Skewed sizes" are 99.9 % of up to 31 B and the rest of
  32 to 96 KiB. "Prefix sum" is a `Vec` of slices and one of their starts, searched by bisection.
"""
GROWTH = """## How cost grows

Fragments of 64 B in the mean, from 10 to 10,000,000. In Rust at random offsets: the memory shown
grows to 640 MB and no longer fits the caches, which is in these times too. In Python at one place.

![Time by number of fragments](benchmarks/growth.svg)

![Bytes a fragment](benchmarks/memory.svg)
"""


def write(found: Results) -> None:
    """Save the results; write the page and its pictures."""
    path = found.save()
    pictures = ROOT / "docs" / "benchmarks"
    pictures.mkdir(exist_ok=True)
    plots.draw(found, pictures)
    page = ROOT / "docs" / "benchmarks.md"
    page.write_text("\n".join(parts(found)))
    barred = [row for row in found.rows if row.bar is not None]
    for row in barred:
        if not row.met:
            where = f"{row.what}, {row.layout}, against {row.against}"
            print(f"MISSED {where}: {figure(row.value)}, at most {row.bar:g}")
    print(f"{sum(row.met for row in barred)} of {len(barred)} bars met; wrote {path}, {page} and {pictures}")


def parts(found: Results) -> Iterable[str]:
    """The page, part by part."""
    barred = [row for row in found.rows if row.bar is not None]
    yield HEAD
    yield about(found)
    yield f"**{sum(row.met for row in barred)} of {len(barred)} bars are met.**\n"
    yield "![Time over that of others, by subject](benchmarks/bars.svg)\n"
    if NOTES.exists():
        yield NOTES.read_text()
    sections = [
        ("python", "Python, against the built-ins", found.rows),
        ("rust", "Rust, rows with a bar", barred),
        ("records", "Records", found.rows),
        ("memory", "Memory, import, wheel", found.rows),
        ("native", "Contiguous pages, fragments in C", found.rows),
    ]
    for page, title, rows in sections:
        yield f"## {title}\n"
        yield bars([row for row in rows if row.page == page])
    yield GROWTH
    yield growth(found)
    yield "## Python, against other libraries\n"
    yield from matrices([row for row in found.rows if row.page == "peers"])
    yield "## Rust, against other crates and code by hand\n"
    yield from matrices([row for row in found.rows if row.page == "rust" and not row.unit])
    if found.absolute:
        yield "## Criterion's figures for fragview\n"
        yield absolute(found)


def about(found: Results) -> str:
    """Machine and versions."""
    machine = found.about
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    run = "full" if machine["full"] else "quick"
    hardware = f"{machine['processor']}, {machine['cores']} cores, {machine['system']}"
    measured = f"Measured on {machine['date']}: {hardware}, load {machine['load']} at the start, {run} run."
    for group, later in machine.get("later", {}).items():
        measured += f" The rows of `{group}`: on {later['date']}, load {later['load']} at the start."
    return f"{textwrap.fill(measured, WIDTH)}\n\n{textwrap.fill(versions + '.', WIDTH)}\n"


def table(head: list[str], lines: Iterable[list[str]]) -> str:
    """Markdown."""
    rule = ["---"] * len(head)
    return "".join(f"| {' | '.join(line)} |\n" for line in [head, rule, *lines])


def figure(value: float) -> str:
    """Three digits, more before the point where there are."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def spread(row: Row) -> str:
    """The median and the quartiles."""
    return f"{figure(row.value)} ({figure(row.low)} … {figure(row.high)})"


def cost(value: float | None, unit: str) -> str:
    """Seconds as people read them."""
    if value is None:
        return ""
    if unit != "s":
        return f"{figure(value)} {unit}"
    for scale, name in ((1e-9, "ns"), (1e-6, "µs"), (1e-3, "ms")):
        if value < 1000 * scale:
            return f"{figure(value / scale)} {name}"
    return f"{figure(value)} s"


def bars(rows: list[Row]) -> str:
    """Rows one by one."""
    head = ["what", "on", "against", "at most", "ratio", "quickest", "met", "fragview", "the other"]
    return table(head, [line(row) for row in rows])


def line(row: Row) -> list[str]:
    """A row of a table of bars."""
    unit = row.unit and f" {row.unit}"
    met = "" if row.bar is None else "yes" if row.met else "**no**"
    return [
        row.what,
        row.layout,
        row.against,
        "" if row.bar is None else f"{row.bar:g}{unit}",
        spread(row) + unit,
        "" if row.best is None else figure(row.best),
        met,
        cost(row.ours, row.cost),
        cost(row.theirs, row.cost),
    ]


def matrices(rows: list[Row]) -> Iterable[str]:
    """A table an operation: layouts down, peers across."""
    for what in dict.fromkeys(row.what for row in rows):
        mine = [row for row in rows if row.what == what]
        peers = list(dict.fromkeys(row.against for row in mine))
        layouts = list(dict.fromkeys(row.layout for row in mine))
        cells = {(row.layout, row.against): row for row in mine}
        lines = []
        for layout in layouts:
            found = [cells.get((layout, peer)) for peer in peers]
            ours = sorted(row.ours for row in found if row and row.ours is not None)
            lines.append(
                [
                    layout,
                    cost(ours[len(ours) // 2], "s"),
                    *(spread(row) if row else "" for row in found),
                ]
            )
        yield f"### {what}\n"
        yield table(["on", "fragview", *(f"against {peer}" for peer in peers)], lines)


def growth(found: Results) -> str:
    """The figures of the plots."""
    sides = {
        "rust": ["get", "slice", "read", "prefix", "build", "directory", "entries", "bytes"],
        "python": ["get", "slice", "read", "build"],
    }
    names = {
        "get": "get, ns",
        "slice": "slice, ns",
        "read": "u32 read, ns",
        "prefix": "prefix sum get, ns",
        "build": "build, ns a fragment",
        "directory": "first lookup, ns a fragment",
        "entries": "heap, B a fragment",
        "bytes": "with directory, B a fragment",
    }
    parts = []
    for side, keys in sides.items():
        points = [point for point in found.growth if point["growth"] == side]
        lines = [[f"{point['fragments']:,}", *(figure(point[key]) for key in keys)] for point in points]
        parts.append(table([f"{side.title()}, fragments", *(names[key] for key in keys)], lines))
    return "\n".join(parts)


def absolute(found: Results) -> str:
    """Criterion's medians."""
    lines = [
        [
            entry["what"],
            cost(entry["median"] * 1e-9, "s"),
            f"{cost(entry['low'] * 1e-9, 's')} … {cost(entry['high'] * 1e-9, 's')}",
        ]
        for entry in found.absolute
    ]
    return table(["what", "median", "95 %"], lines)


if __name__ == "__main__":
    write(outcome.load(Path(sys.argv[1])))

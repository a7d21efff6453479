"""The pictures of docs/benchmarks.md, as SVG."""

from __future__ import annotations

from math import exp, log
from pathlib import Path
from statistics import fmean
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot

from benches.outcome import Results
from benches.timing import Row

MET, MISSED, NO_BAR = "#2a7f62", "#c0392b", "#888888"
# The ends of the axis; what lies beyond them is drawn at them.
LEFT, RIGHT = 0.001, 30
# What each part of the picture shows: pages and groups of rows.
SUBJECTS = {
    "Python: items and slices": [("python", "access")],
    "Python: whole views": [("python", "bulk")],
    "Python: search": [],
    "Python: building, files, sockets": [("python", "build"), ("python", "files")],
    "Python: other libraries": [("peers", "peers")],
    "Python: contiguous pages, fragments in C": [("native", "native")],
    "Records": [("records", "records"), ("records", "scan")],
    "Rust: lookups": [("rust", "get"), ("rust", "read")],
    "Rust: copies and loops": [
        ("rust", name) for name in ("copy out", "copy in", "by byte", "by chunk", "shared", "find")
    ],
    "Rust: other crates": [],
}
CRATES = ("bytes-utils", "buf-list", "opendal", "vm-memory")
# Rows against code of ours: they say nothing of who is ahead.
OURS = ("frozen memory", "scan of one fragment", "the same, 10 of", "256 MiB", "1 GiB")
# The same input gives the same file. Words are paths: a reader's fonts, wider than ours, would cut them off.
mpl.rcParams.update({"svg.hashsalt": "fragview", "svg.fonttype": "path", "font.size": 9, "axes.grid": True})
mpl.rcParams.update({"grid.alpha": 0.3, "axes.spines.top": False, "axes.spines.right": False})


def draw(found: Results, folder: Path) -> None:
    """All pictures."""
    bars(found, folder / "bars.svg")
    growth(found, folder / "growth.svg")
    memory(found, folder / "memory.svg")


def save(figure: Any, path: Path) -> None:
    """Write a picture, without the day it was made."""
    for axes in figure.axes:
        axes.minorticks_off()
    figure.savefig(path, metadata={"Date": None}, bbox_inches="tight")
    pyplot.close(figure)


def label(text: str) -> str:
    """Return a row's words without Markdown."""
    return text.replace("`", "")


def subjects(rows: list[Row]) -> dict[str, dict[str, list[Row]]]:
    """Rows that compare with others' code, by subject and by what a line of the picture says."""
    found: dict[str, dict[str, list[Row]]] = {name: {} for name in SUBJECTS}
    barred = {(row.what, row.against) for row in rows if row.bar is not None}
    for row in rows:
        if row.unit or row.against.startswith(OURS):
            continue
        if row.page == "peers":
            found["Python: other libraries"].setdefault(f"{row.against}, all operations", []).append(row)
        elif row.page == "rust" and any(row.against.startswith(crate) for crate in CRATES):
            crate = next(crate for crate in CRATES if row.against.startswith(crate))
            found["Rust: other crates"].setdefault(f"{crate}, all operations", []).append(row)
        else:
            subject = next((name for name, groups in SUBJECTS.items() if (row.page, row.group) in groups), "")
            if row.group == "bulk" and "needle" in row.what:
                subject = "Python: search"
            # Of Rust's rows those that have a bar on some layout; docs/benchmarks.md has all.
            if subject and (row.page != "rust" or (row.what, row.against) in barred):
                found[subject].setdefault(f"{row.what}, against {row.against}", []).append(row)
    return {name: lines for name, lines in found.items() if lines}


def bars(found: Results, path: Path) -> None:
    """How much longer or shorter than others', by subject: a dot a layout, and the bars."""
    grouped = subjects(found.rows)
    count = sum(len(lines) + 2 for lines in grouped.values())
    figure, axes = pyplot.subplots(figsize=(10, 0.2 * count + 0.8))
    axes.axvspan(LEFT, 1, color=MET, alpha=0.07, linewidth=0)
    axes.axvspan(1, RIGHT, color=MISSED, alpha=0.07, linewidth=0)
    axes.axvline(1, color="#444444", linewidth=1)
    at, ticks = 0.0, []
    for subject, lines in grouped.items():
        axes.text(LEFT * 1.1, at, subject, weight="bold", va="center")
        at += 1
        for words, rows in sorted(lines.items(), key=lambda line: middle(line[1])):
            values = [min(max(row.value, LEFT * 1.15), RIGHT / 1.15) for row in rows]
            colours = [NO_BAR if row.bar is None else MET if row.met else MISSED for row in rows]
            axes.hlines(at, min(values), max(values), colors="#bbbbbb", linewidth=2, zorder=2)
            axes.scatter(values, [at] * len(values), s=16, c=colours, zorder=3)
            limits = sorted({row.bar for row in rows if row.bar is not None})
            axes.scatter(limits, [at] * len(limits), s=50, c="#444444", marker="|", linewidths=1, zorder=4)
            ticks.append((at, label(words)))
            at += 1
        at += 0.6
    axes.set_xscale("log")
    axes.set_xlim(LEFT, RIGHT)
    axes.set_xticks([0.01, 0.1, 0.5, 1, 2, 10], ["1/100", "1/10", "1/2", "the same", "2 x", "10 x"])
    axes.tick_params(axis="x", top=True, labeltop=True)
    axes.set_yticks([at for at, _ in ticks], [words for _, words in ticks], fontsize=8)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(at - 0.6, -1)
    axes.grid(visible=False, axis="y")
    axes.set_title("fragview's time over the other's; green field: fragview is quicker", fontsize=10)
    axes.set_xlabel(
        "a dot for each layout of fragments: green meets its bar (the small stroke), red misses it, "
        "grey has none"
    )
    save(figure, path)


def middle(rows: list[Row]) -> float:
    """Return the geometric mean of the ratios."""
    return exp(fmean(log(max(row.value, 1e-6)) for row in rows))


def growth(found: Results, path: Path) -> None:
    """Time by number of fragments."""
    figure, pair = pyplot.subplots(1, 2, figsize=(9, 3.4), sharey=True)
    lines = {
        "get": "get",
        "read": "u32 read",
        "slice": "slice",
        "build": "build, a fragment",
        "prefix": "prefix sum, get",
    }
    for axes, side in zip(pair, ("rust", "python"), strict=True):
        points = [point for point in found.growth if point["growth"] == side]
        counts = [point["fragments"] for point in points]
        for key, name in lines.items():
            if points and key in points[0]:
                style = "--" if key == "prefix" else "-"
                axes.plot(
                    counts, [point[key] for point in points], style, marker="o", markersize=3, label=name
                )
        axes.set(xscale="log", yscale="log", xlabel="fragments", title=side.title())
        axes.legend(fontsize=7)
    pair[0].set_ylabel("ns")
    save(figure, path)


def memory(found: Results, path: Path) -> None:
    """Bytes of heap by number of fragments."""
    figure, axes = pyplot.subplots(figsize=(4.5, 2.6))
    points = [point for point in found.growth if point["growth"] == "rust"]
    counts = [point["fragments"] for point in points]
    axes.plot(
        counts, [point["bytes"] for point in points], marker="o", markersize=3, label="with the directory"
    )
    axes.plot(
        counts, [point["entries"] for point in points], marker="o", markersize=3, label="before any lookup"
    )
    axes.axhline(20, color="#444444", linewidth=1)
    axes.set(xscale="log", xlabel="fragments", ylabel="bytes a fragment", ylim=(0, 40))
    axes.legend(fontsize=7)
    save(figure, path)

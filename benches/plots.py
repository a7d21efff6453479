"""The pictures of docs/benchmarks.md, as SVG."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot

from benches.outcome import Results
from benches.timing import Row

MET, MISSED = "#2a7f62", "#c0392b"
# The same input gives the same file; words stay words.
mpl.rcParams.update({"svg.hashsalt": "fragview", "svg.fonttype": "none", "font.size": 9, "axes.grid": True})
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


def label(row: Row) -> str:
    """What a row is called beside its dot."""
    return f"{row.what}, {row.layout}, against {row.against}".replace("`", "").removesuffix(", against ")


def bars(found: Results, path: Path) -> None:
    """Each ratio over its bar, with the quartiles."""
    rows = [row for row in found.rows if row.bar is not None][::-1]
    figure, axes = pyplot.subplots(figsize=(7, 0.19 * len(rows) + 0.6))
    colours = [MET if row.met else MISSED for row in rows]
    low, value, high = (
        [max(getattr(row, name), 1e-6) / (row.bar or 1) for row in rows] for name in ("low", "value", "high")
    )
    axes.hlines(range(len(rows)), low, high, colors=colours, linewidth=3, alpha=0.35)
    axes.scatter(value, range(len(rows)), s=14, c=colours, zorder=3)
    axes.axvline(1, color="#444444", linewidth=1)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_yticks(range(len(rows)), [label(row) for row in rows], fontsize=6)
    axes.set_ylim(-1, len(rows))
    axes.grid(visible=False, axis="y")
    axes.set_xlabel("ratio over its bar, median and quartiles; left of the line the bar is met")
    save(figure, path)


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

"""How cost grows with the number of fragments, in Python."""

from __future__ import annotations

import timeit
from typing import Any

from benches.layouts import Layout
from benches.timing import CLOCK, Effort, Statement, quartiles
from fragview import FragView


def measure(effort: Effort) -> list[dict[str, Any]]:
    """Nanoseconds at each number of fragments."""
    return [point(10**power, effort) for power in range(1, 8)]


def point(count: int, effort: Effort) -> dict[str, Any]:
    """Nanoseconds an operation, and a fragment for the build."""
    layout = Layout(count, 64, equal=False)
    view = layout.view()
    length = len(view)
    names = {
        "v": view,
        "c": view.cast("<I"),
        "i": length // 2 + 13,
        "k": length // 8 + 3,
        "a": length // 4,
        "b": length // 4 + 100,
    }
    statements = {"get": "v[i]", "slice": "v[a:b]", "read": "c[k]"}
    medians = {what: median(Statement(source, names, effort)) for what, source in statements.items()}
    build = timeit.Timer(lambda: FragView.from_extents(layout.arena, layout.extents), timer=CLOCK)
    repeats = max(1, 10_000 // count)
    builds = [build.timeit(repeats) / (repeats * count) for _ in range(5)]
    medians["build"] = quartiles(builds)[1]
    figures = {what: round(seconds * 1e9, 2) for what, seconds in medians.items()}
    print(f"{count:,} fragments: {figures} ns", flush=True)
    return {"growth": "python", "fragments": count, **figures}


def median(statement: Statement) -> float:
    """The seconds of one execution."""
    return quartiles([statement.turn() for _ in range(9)])[1]

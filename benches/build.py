"""Making views, and making real memoryviews of them."""

from __future__ import annotations

import timeit
from itertools import accumulate

from benches import layouts
from benches.layouts import Layout
from benches.timing import CLOCK, Bench
from fragview import FragView


def from_list(bench: Bench, layout: Layout) -> None:
    """`FragView(list)` against a join of the list, which copies."""
    names = {"FragView": FragView, "pieces": layout.pieces()}
    peers = {'`b"".join(list)`': ("b''.join(pieces)", 2.0)}
    bench.ratio("`FragView(list of memoryviews)`", layout.name, "FragView(pieces)", peers, names)


def from_extents(bench: Bench, layout: Layout) -> None:
    """`from_extents(source, array)` against the prefix sum that a class in Python needs."""
    pairs = [(start, length) for start, length in layout.extents.tolist()]
    names = {
        "FragView": FragView,
        "source": layout.arena,
        "extents": layout.extents,
        "pairs": pairs,
        "accumulate": accumulate,
    }
    peers = {
        "a prefix list by a loop, from the array": (LOOP.replace("pairs", "extents.tolist()"), 0.1),
        "a prefix list by a loop, from a list of pairs": (LOOP, None),
        "a prefix list by `accumulate`, from a list of pairs": (
            "list(accumulate(length for _, length in pairs))",
            None,
        ),
    }
    ours = "FragView.from_extents(source, extents)"
    bench.ratio("`from_extents(source, array)`", layout.name, ours, peers, names)


LOOP = """
starts, at = [], 0
for _, length in pairs:
    starts.append(at)
    at += length
"""


def export(bench: Bench, layout: Layout) -> None:
    """The table behind `memoryview(v)`, a pointer an item."""
    view = layout.view()
    table = timeit.Timer("memoryview(v).release()", timer=CLOCK, globals={"v": view})
    values = [table.timeit(1) / len(view) * 1e9 for _ in range(bench.effort.rounds)]
    bench.figure("`memoryview(v)`: the table", layout.name, values, unit="ns an item", bar=2.0)


def measure(bench: Bench) -> None:
    """All rows of this page."""
    for layout in (layouts.million(), layouts.million_mixed()):
        from_list(bench, layout)
        from_extents(bench, layout)
    for layout in (layouts.thousand(), layouts.thousand_mixed()):
        export(bench, layout)

"""One item or one slice at a time, against memoryview on the same bytes in contiguous memory."""

from __future__ import annotations

import random
import struct

from benches import layouts
from benches.layouts import Layout
from benches.timing import Bench

LOOKUPS = 1000


def items(bench: Bench, layout: Layout) -> None:
    """`v[i]`, `v[-i]`, `v[i] = x`, `len(v)`."""
    memory = memoryview(layout.whole())
    names = {"v": layout.view(), "m": memory, "i": len(memory) // 2 + 13}
    for what in ("v[i]", "v[-i]", "v[i] = 7", "len(v)"):
        theirs = what.replace("v", "m")
        bench.ratio(f"`{what}`", layout.name, what, {"memoryview": (theirs, 1.25)}, names)


def slices(bench: Bench, layout: Layout) -> None:
    """`v[a:b]`."""
    memory = memoryview(layout.whole())
    length = len(memory)
    names = {"v": layout.view(), "m": memory, "a": length // 4 + 1, "b": length // 2 + 5}
    bench.ratio("`v[a:b]`", layout.name, "v[a:b]", {"memoryview": ("m[a:b]", 2.0)}, names)


def same_cost(bench: Bench) -> None:
    """A slice of a view of a million fragments against a slice of a view of ten."""
    few, many = Layout(10, 4096, equal=True), layouts.million()
    names = {"v": many.view(), "w": few.view(), "a": 1001, "b": 30005}
    bench.ratio("`v[a:b]`", many.name, "v[a:b]", {f"the same, {few.name}": ("w[a:b]", 1.1)}, names)


def numbers(bench: Bench, layout: Layout) -> None:
    """`cast('<I')[k]`: anywhere, and across seams only."""
    memory = memoryview(layout.whole()).cast("I")
    source = random.Random(2)
    anywhere = [source.randrange(len(memory)) for _ in range(LOOKUPS)]
    across = source.choices(layouts.seams(layout, 4) or anywhere, k=LOOKUPS)
    names = {"v": layout.view().cast("<I"), "m": memory, "k": anywhere[0]}
    bench.ratio("`cast('<I')[k]`", layout.name, "v[k]", {"memoryview": ("m[k]", 1.4)}, names)
    rows = [("anywhere", anywhere, 1.4), ("across seams only", across, None)]
    for where, indices, bar in rows:
        if indices is across and layout.equal:
            continue
        names |= {"indices": indices}
        bench.ratio(
            f"`cast('<I')[k]`, a loop over random `k`, {where}",
            layout.name,
            "for k in indices: v[k]",
            {"memoryview": ("for k in indices: m[k]", bar)},
            names,
        )


def structs(bench: Bench, layout: Layout) -> None:
    """`unpack_from`, with the format as text and as a `struct.Struct`."""
    memory = memoryview(layout.whole())
    header = struct.Struct(">HI")
    names = {"v": layout.view(), "m": memory, "at": len(memory) // 2, "struct": struct, "header": header}
    formats = {"'>HI'": "struct.unpack_from('>HI', m, at)", "header": "header.unpack_from(m, at)"}
    for what, theirs in formats.items():
        ours = f"v.unpack_from({what}, at)"
        copied = "header.unpack(v[at : at + 6].tobytes())"
        peers: dict[str, tuple[str, float | None]] = {
            "`struct` on a memoryview": (theirs, None),
            "`header.unpack(v[…].tobytes())`": (copied, None),
        }
        bench.ratio(f"`{ours}`", layout.name, ours, peers, names)


def random_items(bench: Bench, layout: Layout) -> None:
    """Random `v[i]` on more memory than the caches hold."""
    memory = memoryview(layout.whole())
    source = random.Random(3)
    indices = [source.randrange(len(memory)) for _ in range(100_000)]
    names = {"v": layout.view(), "m": memory, "indices": indices}
    bench.ratio(
        "random `v[i]`",
        layout.name,
        "for i in indices: v[i]",
        {"memoryview": ("for i in indices: m[i]", 2.5)},
        names,
    )


def exported(bench: Bench, layout: Layout) -> None:
    """Reads through `memoryview(v)`."""
    memory = memoryview(layout.whole())
    anywhere = random.Random(4).sample(range(len(memory)), LOOKUPS)
    start = anywhere[0] // 2
    places = {"in order": range(start, start + LOOKUPS), "at random": anywhere}
    exported = memoryview(layout.view())
    for where, indices in places.items():
        bench.ratio(
            f"1,000 reads of `memoryview(v)`, {where}",
            layout.name,
            "for i in indices: v[i]",
            {"memoryview": ("for i in indices: m[i]", 1.1)},
            {"v": exported, "m": memory, "indices": list(indices)},
        )


def measure(bench: Bench) -> None:
    """All rows of this page."""
    thousand, mixed, million, million_mixed = (
        layouts.thousand(),
        layouts.thousand_mixed(),
        layouts.million(),
        layouts.million_mixed(),
    )
    for layout in (thousand, mixed):
        items(bench, layout)
        numbers(bench, layout)
        exported(bench, layout)
        structs(bench, layout)
    for layout in (Layout(10, 4096, equal=True), thousand, mixed, million, million_mixed):
        slices(bench, layout)
    same_cost(bench)
    for layout in (million, million_mixed):
        random_items(bench, layout)

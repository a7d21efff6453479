"""Many bytes at a time: copies, comparison, hash, iteration."""

from __future__ import annotations

from benches import layouts
from benches.layouts import Layout
from benches.timing import Bench
from fragview import FragView


def whole(bench: Bench, layout: Layout) -> None:
    """Operations on the whole view against those of memoryview on contiguous bytes."""
    data = bytes(layout.whole())
    memory = memoryview(bytearray(data))
    names = {"v": layout.view(), "m": memory, "data": data}
    rows = [
        ("for x in v", "for x in v: pass", 1.05),
        ("v.tolist()", "v.tolist()", 1.05),
        ("v.hex()", "v.hex()", 1.05),
        ("v == data", "v == data", 1.05),
        ("v[:] = data", "v[:] = data", 1.2),
    ]
    for what, statement, bar in rows:
        theirs = statement.replace("v", "m")
        bench.ratio(f"`{what}`", layout.name, statement, {"memoryview": (theirs, bar)}, names)
    # A new view each time, because both remember their hash.
    frozen = {"v": FragView.from_extents(bytes(layout.arena), layout.extents), "m": memoryview(data)}
    bench.ratio("`hash(v[:])`", layout.name, "hash(v[:])", {"memoryview": ("hash(m[:])", 1.05)}, frozen)


def tobytes(bench: Bench, layout: Layout, bar: float) -> None:
    """`tobytes` against a join of the fragments, and against memoryview's."""
    names = {"v": layout.view(), "pieces": layout.pieces(), "m": memoryview(layout.whole())}
    peers = {'`b"".join(pieces)`': ("b''.join(pieces)", bar), "memoryview": ("m.tobytes()", None)}
    bench.ratio("`v.tobytes()`", layout.name, "v.tobytes()", peers, names)


def find(bench: Bench, layout: Layout, bar: float) -> None:
    """Searches that look at all bytes."""
    view = layout.view()
    data = bytes(layout.whole())
    # Its bytes are common, but it is not there: all memory is searched.
    needle = data[100:104] + bytes(8) + data[200:204]
    names = {"v": view, "data": data, "needle": needle}
    peers = {
        "`bytes.find`": ("data.find(needle)", bar),
        "`v.tobytes().find`": ("v.tobytes().find(needle)", None),
    }
    bench.ratio("`v.find(needle)`", layout.name, "v.find(needle)", peers, names)
    for statement in ("v.rfind(needle)", "v.count(needle)", "needle in v"):
        theirs = statement.replace("v.", "data.").replace("in v", "in data")
        bench.ratio(f"`{statement}`", layout.name, statement, {"bytes": (theirs, None)}, names)


def measure(bench: Bench) -> None:
    """All rows of this page."""
    for layout in (layouts.thousand(), layouts.thousand_mixed()):
        whole(bench, layout)
        tobytes(bench, layout, 1.05)
        find(bench, layout, 1.0)
    for layout in (layouts.million(), layouts.million_mixed()):
        tobytes(bench, layout, 0.5)
        find(bench, layout, 3.0)

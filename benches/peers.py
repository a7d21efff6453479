"""Against what is there already: a class by hand, dissect.util, tensorstore, pyarrow.

Each operation is what the peer documents for it. Where a peer lacks an operation, or can't hold a
layout, there is no row.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

import numpy as np
import pyarrow as pa
import tensorstore as ts
from dissect.util.stream import MappingStream, RunlistStream

from benches import layouts
from benches.layouts import GAP, Layout
from benches.piecelist import PieceList
from benches.timing import Bench
from fragview import FragView

# RunlistStream counts in blocks; all fragments here are made of these.
BLOCK = 8
# A slice that crosses seams in every layout.
WIDTH = 10_000

OURS = {
    "one byte": "v[i]",
    "write one byte": "v[i] = 7",
    "a slice": "v[a:b]",
    "10,000 bytes, copied": "v[a:b].tobytes()",
    "one u32": "v.unpack_from('<I', a)",
    "all bytes, copied": "v.tobytes()",
    "build": "FragView(pieces)",
}


@dataclass
class Peer:
    """Statements for the operations that the peer has."""

    name: str
    statements: dict[str, str]
    names: dict[str, Any] = field(default_factory=dict)


def by_hand(pieces: list[memoryview]) -> Peer:
    """A list of fragments and bisect."""
    statements = {
        "one byte": "p[i]",
        "write one byte": "p[i] = 7",
        "10,000 bytes, copied": "p[a:b]",
        "one u32": "int.from_bytes(p[a:a+4], 'little')",
        "all bytes, copied": "p[:]",
        "build": "PieceList(pieces)",
    }
    return Peer("a class with bisect", statements, {"p": PieceList(pieces), "PieceList": PieceList})


def joined(pieces: list[memoryview]) -> Peer:
    """One copy of it all, to begin with."""
    statements = {
        "one byte": "p[i]",
        "a slice": "p[a:b]",
        "10,000 bytes, copied": "p[a:b].tobytes()",
        "one u32": "int.from_bytes(p[a:a+4], 'little')",
        "all bytes, copied": "p.tobytes()",
        "build": "b''.join(pieces)",
    }
    return Peer('`b"".join`, then memoryview', statements, {"p": memoryview(b"".join(pieces))})


STREAM = {
    "one byte": "p.seek(i); p.read(1)",
    "10,000 bytes, copied": "p.seek(a); p.read(10_000)",
    "one u32": "p.seek(a); int.from_bytes(p.read(4), 'little')",
    "all bytes, copied": "p.seek(0); p.read()",
}


def runlist(layout: Layout) -> Peer:
    """Runs of blocks of one file."""
    source = io.BytesIO(layout.arena)
    runs = [(start // BLOCK, length // BLOCK) for start, length in layout.extents.tolist()]
    total = int(layout.extents[:, 1].sum())
    names = {"RunlistStream": RunlistStream, "source": source, "runs": runs, "total": total, "block": BLOCK}
    build = "RunlistStream(source, runs, total, block, align=8192)"
    names["p"] = RunlistStream(source, runs, total, BLOCK, align=8192)
    return Peer("dissect.util RunlistStream", {**STREAM, "build": build}, names)


MAPPING = """
s = MappingStream()
for at, length, start in mapping:
    s.add(at, length, source, start)
"""


def mapping(layout: Layout) -> Peer:
    """Ranges of files; it sorts them all at each one added, so a million can't be built."""
    extents = layout.extents.tolist()
    starts = layouts.starts([length for _, length in extents])
    ranges = [(at, length, start) for at, (start, length) in zip(starts, extents, strict=True)]
    source = io.BytesIO(layout.arena)
    stream = MappingStream()
    for at, length, start in ranges:
        stream.add(at, length, source, start)
    names = {"MappingStream": MappingStream, "mapping": ranges, "source": source, "p": stream}
    return Peer("dissect.util MappingStream", {**STREAM, "build": MAPPING}, names)


def chunked(pieces: list[memoryview]) -> Peer:
    """A column of many arrays."""
    build = "pa.chunked_array([pa.Array.from_buffers(t, len(p), [None, pa.py_buffer(p)]) for p in pieces])"
    names = {"pa": pa, "t": pa.uint8()}
    statements = {
        "one byte": "p[i].as_py()",
        "a slice": "p.slice(a, 10_000)",
        "10,000 bytes, copied": "p.slice(a, 10_000).to_numpy().tobytes()",
        "one u32": "int.from_bytes(p.slice(a, 4).to_numpy().tobytes(), 'little')",
        "all bytes, copied": "p.to_numpy().tobytes()",
        "build": build,
    }
    names["p"] = pa.chunked_array(
        [pa.Array.from_buffers(names["t"], len(piece), [None, pa.py_buffer(piece)]) for piece in pieces]
    )
    return Peer("pyarrow ChunkedArray", statements, names)


def concatenated(pieces: list[memoryview]) -> Peer:
    """A virtual array of arrays."""
    build = "ts.concat([ts.array(np.frombuffer(p, np.uint8)) for p in pieces], axis=0)"
    statements = {
        "one byte": "p[i].read().result()",
        "write one byte": "p[i].write(7).result()",
        "a slice": "p[a:b]",
        "10,000 bytes, copied": "p[a:b].read().result().tobytes()",
        "one u32": "int.from_bytes(p[a:a+4].read().result().tobytes(), 'little')",
        "all bytes, copied": "p.read().result().tobytes()",
        "build": build,
    }
    whole = ts.concat([ts.array(np.frombuffer(piece, np.uint8)) for piece in pieces], axis=0)
    return Peer("tensorstore concat", statements, {"ts": ts, "np": np, "p": whole})


def compare(bench: Bench, layout: Layout, peers: list[Peer]) -> None:
    """All operations against all peers that have them."""
    pieces = layout.pieces()
    view = FragView(pieces)
    at = len(view) // 3 + 1
    ours = {"v": view, "FragView": FragView, "pieces": pieces, "i": at + 5, "a": at, "b": at + WIDTH}
    for peer in peers:
        names = {**ours, **peer.names}
        for what, statement in OURS.items():
            if what in peer.statements:
                bench.ratio(what, layout.name, statement, {peer.name: (peer.statements[what], None)}, names)


def measure(bench: Bench) -> None:
    """All rows of this page."""
    layout = layouts.thousand()
    assert layout.size % BLOCK == GAP % BLOCK == 0
    pieces = layout.pieces()
    peers = [by_hand(pieces), joined(pieces), runlist(layout), mapping(layout), chunked(pieces)]
    compare(bench, layout, [*peers, concatenated(pieces)])
    layout = layouts.million()
    pieces = layout.pieces()
    compare(bench, layout, [by_hand(pieces), joined(pieces), runlist(layout), chunked(pieces)])


def versions() -> dict[str, str]:
    """The peers' versions."""
    return {name: version(name) for name in ("dissect.util", "numpy", "pyarrow", "tensorstore")}

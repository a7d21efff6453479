"""Views of 2**62 bytes and of millions of fragments: answers and refusals at once, and Ctrl-C in between.

What looked at each byte would take years, and run into pytest's timeout.
"""

from __future__ import annotations

import itertools
import os
import pickle
import signal
import subprocess
import sys
import textwrap
from typing import Any

import numpy as np
import pytest

import fragview.re
from fragview import FragBuffer, FragView, RecordLayout, formats

VAST = 2**62
REFUSALS = (MemoryError, OverflowError, BufferError)


def vast() -> FragView[int]:
    """A byte, zeros of a hole, a byte."""
    return FragView.from_extents(b"ab", [(0, 1), (None, VAST - 2), (1, 1)])


def repeated(source: Any, blocks: int = 2**22) -> FragView[int]:
    """The same memory many times over: 2**42 bytes for a page of 2**20."""
    return FragView.from_blocks(source, np.zeros(blocks, np.int64), len(source))


def test_vast_views_are_indexed_and_sliced() -> None:
    view = vast()
    expected = range(VAST)  # a sequence of the same length, whose slices are arithmetic too
    for key in (
        slice(None, None, -1),
        slice(5, -5, 7),
        slice(None, None, 2**61),
        slice(-3, None),
        slice(None, None, -sys.maxsize - 1),
        slice(2**64, -(2**64), -(2**70)),
        slice(VAST, None),
    ):
        part, indices = view[key], expected[key]
        assert len(part) == len(indices)
        for index in {0, len(indices) // 2, len(indices) - 1} if indices else ():
            assert part[index] == {0: ord("a"), VAST - 1: ord("b")}.get(indices[index], 0)
        with pytest.raises(IndexError):
            part[len(indices)]
    assert view[:: 2**61].tolist() == [97, 0]
    assert view.cast("Q")[-1] == int.from_bytes(b"\0" * 7 + b"b", sys.byteorder)
    assert len(view.cast("<IHH")) == VAST // 8
    assert view != view[1:]
    assert view == view[:]
    assert view.locate(-1) == (2, 0)
    assert view.extents()[1] == (-1, 0, VAST - 2)
    assert repr(view)


# More than an address space: a CPython without a GIL promises memory that is not there, up to that.
@pytest.mark.parametrize("make", [vast, lambda: repeated(bytes(2**30), 2**18)])
def test_copies_are_refused(make: Any) -> None:
    view = make()
    for call in (
        view.tobytes,
        view.tolist,
        view.hex,
        lambda: bytes(view),
        lambda: bytearray(view),
        lambda: memoryview(view),
        lambda: list(view),
        lambda: view.gather().__enter__(),
        lambda: view.to_numpy(),
        lambda: view.open().read(),
        lambda: view[::-1].tobytes(),
        lambda: view.find(view[:-1]),
    ):
        with pytest.raises(REFUSALS):
            call()
    # A hole is a hole in a pickle; memory that is there many times is there once from protocol 5 on.
    if view.nbytes == VAST:
        assert len(pickle.loads(pickle.dumps(view))) == VAST
    else:
        buffers: list[Any] = []
        small = pickle.dumps(view, 5, buffer_callback=buffers.append)
        assert len(pickle.loads(small, buffers=buffers)) == view.nbytes
        assert len(buffers) == 1
        with pytest.raises(REFUSALS):
            pickle.dumps(view, 4)


def test_writes_that_need_a_scratch_are_refused_whole() -> None:
    source = bytearray(bytes(2**20 - 1) + b"x")
    view = repeated(source)
    before = bytes(source)
    with pytest.raises(MemoryError):
        view[:] = view[::-1]
    with pytest.raises(MemoryError):
        view[:-1] = view[1:]
    assert source == before


def test_totals_past_sys_maxsize_are_refused() -> None:
    view = vast()
    buffer = FragBuffer()
    buffer.append(view)
    for call in (
        lambda: view + view,
        lambda: view.splice(0, 0, view),
        lambda: FragView([view, view]),
        lambda: FragView(itertools.repeat(view)),
        lambda: FragView.from_extents(b"", [(None, sys.maxsize), (None, 1)]),
        lambda: FragView.from_blocks(b"", itertools.repeat(-1), VAST),
        lambda: buffer.append(view),
    ):
        with pytest.raises(OverflowError):
            call()
    assert len(buffer) == VAST
    assert len(view.splice(0, 1, view)) == 2**63 - 1


def test_gaps_past_any_table_are_refused() -> None:
    """A slice with a step is arithmetic; its fragments, one a byte, would be 2**41."""
    view = repeated(bytes(2**20))[::2]
    assert len(view) == 2**41
    for call in (
        lambda: view.splice(0, 1),
        lambda: view + view,
        lambda: FragView([view, b"x"]),
    ):
        with pytest.raises(REFUSALS):
            call()
    assert len(view.fragments) == 2**41  # made when they are asked for
    assert len(vast()[::2].fragments) == 2


def test_ten_million_fragments() -> None:
    count = 10_000_000
    base = np.arange(1 << 16, dtype=np.uint32).astype(np.uint8)
    offsets = (np.arange(count, dtype=np.int64) * 40_503) % 65_000
    lengths = 1 + np.arange(count, dtype=np.int64) % 3
    view = FragView.from_extents(base, np.stack([offsets, lengths], axis=1))
    starts = np.cumsum(lengths) - lengths
    for index in range(0, count, 99_991):
        at, offset = int(starts[index]), int(offsets[index])
        assert view[at : at + int(lengths[index])].tobytes() == base[offset:][: lengths[index]].tobytes()
    assert len(view.fragments) == count
    assert len(view.splice(9, len(view) - 9)) == 18
    del view


def test_a_million_slices_of_slices() -> None:
    source = bytearray(b"ab") * 1_000_001
    view = FragView([source, b"c"])
    kept = []
    for _ in range(1_000_000):
        view = view[1:]
        kept.append(view)
    assert (len(view), view[0], view[-1]) == (1_000_003, ord("a"), ord("c"))
    with pytest.raises(BufferError):
        source.append(0)
    del view, kept
    source.append(0)


def test_long_chains() -> None:
    """Edits, sums, and views of views: none of them leans on the one before."""
    source = bytearray(b"0123456789")
    view = FragView([source[:5], source[5:]])
    oracle = bytearray(source)
    for index in range(10_000):
        at = index * 7919 % 9
        view = view.splice(at, at + 1, b"x")
        oracle[at] = ord("x")
    assert view == oracle
    total = FragView()
    for _ in range(2_000):
        total = total + b"ab"
    assert total == b"ab" * 2_000
    for _ in range(10_000):
        view = FragView(memoryview(FragView([FragView(view)])))
    assert view == oracle
    assert len(view.fragments) <= 11
    del view, total


INTERRUPTED = {
    "eq": "a == b",
    "count": "a.count(b'x')",
    "find": "a.find(b'xy')",
    "rfind": "a.rfind(b'xy')",
    "index": "a.index(99)",
    "in": "99 in a",
    "startswith": "a.startswith(b)",
    "search": "fragview.re.search(b'x+y', a)",
    "match": "fragview.re.match(b'(q|\\0)*b', a)",
    "findall": "fragview.re.findall(b'\\0', a)",
    "split": "fragview.re.split(b'\\0', a)",
    "finditer": "list(fragview.re.finditer(b'\\0', a))",
    "scan": "RecordLayout('B', ['x'], length=0).scan(a)",
    "scan of a hole": "RecordLayout('<Q', ['x'], length=0).scan(hole)",
    "scan of far records": "RecordLayout('<I', ['x'], length=2**16).scan(hole, strict=False)",
    "formats": "formats.open(a, 'fortran')",
    "extents": "hole[::3].extents()[:]",
    "write_to": "hole.write_to(os.open('/dev/null', os.O_WRONLY))",
    "read_from": "repeated(bytearray(2**20)).read_from(os.open('/dev/zero', os.O_RDONLY))",
    "iter_unpack": "sum(1 for _ in a.iter_unpack('<Q'))",
    "readline": "a.open().readline()",
}


@pytest.mark.unix
@pytest.mark.parametrize("name", INTERRUPTED)
def test_ctrl_c_gets_through(name: str) -> None:
    """What has to look at each byte of a vast view does, until somebody has enough."""
    program = f"""
        import os, resource, signal
        import numpy as np
        import fragview.re
        from fragview import FragView, RecordLayout, formats
        if "ASAN_OPTIONS" not in os.environ:  # which reserves a part of the address space
            resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))  # a table of records may fill it first
        def repeated(source):
            return FragView.from_blocks(source, np.zeros(2**22, np.int64), len(source))
        a, b = repeated(bytes(2**20)), repeated(bytes(2**20))
        hole = FragView.from_extents(b"", [(None, 2**62)])
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        signal.signal(signal.SIGALRM, signal.default_int_handler)
        try:
            {INTERRUPTED[name]}
        except KeyboardInterrupt:
            print("interrupted")
        assert a[0] == 0 and b.readonly  # and goes on as if nothing had been
    """
    result = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, timeout=240, check=False
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, b"interrupted\n", b"")


@pytest.mark.unix
@pytest.mark.thread_unsafe(reason="signal handlers run in the main thread")
def test_a_handler_that_returns_changes_nothing() -> None:
    """Signals during a scan and during a format: the result is the same."""
    seen = []
    before = signal.signal(signal.SIGALRM, lambda *_: seen.append(1))
    signal.setitimer(signal.ITIMER_REAL, 0.02, 0.02)
    try:
        hole = FragView.from_extents(b"", [(None, 2**22 * 5)])
        while len(seen) < 5:
            assert len(RecordLayout("<IB", ["a", "b"], length=0).scan(hole)) == 2**22
            text = FragView([b"\0" * 7, b"ab" * 1000])
            assert fragview.re.findall(b"b", text) == [b"b"] * 1000
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert os.getpid() > 0
    with pytest.raises(formats.FormatError):
        formats.open(hole)


def test_a_walk_through_a_hole_ends() -> None:
    """Zeros are records of Fortran: opening gives up after some steps, and says where."""
    with pytest.raises(fragview.FormatError, match="hole"):
        fragview.formats.open(FragView.from_extents(b"", [(None, 2**62)]), "fortran")


def test_files_in_holes_end() -> None:
    """Headers of zeros in a hole that a step or a buffer shows: a refusal in words."""
    hole = FragView.from_extents(bytes(70), [(0, 70), (None, 2**60)])
    buffer = FragBuffer([hole])
    for source in (hole[::2], hole[::-1], buffer.view(), buffer.view()[::3]):
        with pytest.raises(formats.FormatError, match="in a hole"):
            formats.open(source, "fortran", strict=False)

"""`RecordLayout.scan`: a table holds its source; bytes that change, callbacks and threads meanwhile."""

from __future__ import annotations

import gc
import itertools
import struct
import threading
import weakref
from typing import Any

import numpy as np
import pytest

from fragmented import FragView, needs_fragview

pytestmark = needs_fragview

fragview = pytest.importorskip("fragview")
from record_oracle import records  # noqa: E402

RecordError, RecordLayout = fragview.RecordError, fragview.RecordLayout


SMALL = records(">H", [b"abc", b"", b"d", b"ef"], b"!")


def test_source_is_held() -> None:
    """A table keeps the source's memory where it is, until the table and all views are gone."""
    data = bytearray(SMALL)
    table = RecordLayout(">H", "length", trailer=1).scan(data)
    with pytest.raises(BufferError):
        data.append(0)
    record, view = table[0], table.join()
    del table
    gc.collect()
    with pytest.raises(BufferError):
        data.append(0)
    del record
    gc.collect()
    with pytest.raises(BufferError):
        data.append(0)
    view.release()
    gc.collect()
    data.append(0)


def test_failed_scan_lets_go() -> None:
    data = bytearray(b"\0\5")
    with pytest.raises(RecordError):
        RecordLayout(">H", "length").scan(data)
    gc.collect()
    data.append(0)


def test_released_source() -> None:
    """Releasing the view that was scanned, or the memoryview, leaves the table whole."""
    data = bytearray(SMALL)
    view, memory = FragView(data), memoryview(data)
    layout = RecordLayout(">H", "length", trailer=1)
    first, second = layout.scan(view), layout.scan(memory[:])
    view.release()
    assert first.join().tobytes() == second.join().tobytes() == b"abcdef"
    with pytest.raises(BufferError):
        data.append(0)


def test_write_shows() -> None:
    """The columns are what the scan read; the contents are the memory."""
    data = bytearray(b"\0\1a\0\1b")
    table = RecordLayout(">H", "length").scan(data)
    data[:] = b"\0\2x\0\2y"
    assert table["length"].tolist() == [1, 1]
    assert table.join().tobytes() == b"xy"


class Owner(bytearray):
    """Memory that can hold what is made of it."""

    made: Any


@pytest.mark.parametrize("what", ["table", "record", "error", "layout", "view", "column"])
def test_cycles(what: str, collected: None) -> None:
    """A cycle through a table and its source is collected."""
    owner = Owner(b"\0\1a\0\5")
    table = RecordLayout(">H", "length").scan(owner, strict=False)
    owner.made = {
        "table": table,
        "record": table[0],
        "error": table.error,
        "layout": RecordLayout,
        "view": table.join(),
        "column": (table.offsets, table),
    }[what]
    gone = weakref.ref(owner)
    del owner, table
    gc.collect()
    assert gone() is None


def test_bounds_that_release() -> None:
    """Bounds that release the source or change it in the middle of a call."""

    class Evil:
        def __init__(self, value: int) -> None:
            self.value = value

        def __index__(self) -> int:
            view.release()
            try:
                data.clear()
            except BufferError:
                data[:] = bytes(len(data))
            return self.value

    layout = RecordLayout(">H", "length", trailer=1)
    for bounds in [(Evil(0),), (0, Evil(len(SMALL)))]:
        data = bytearray(SMALL)
        view = FragView(data)
        try:
            table = layout.scan(view, *bounds, strict=False)
        except ValueError:
            continue
        assert len(table.join().tobytes()) == sum(table.lengths)


def test_other_threads_write_meanwhile() -> None:
    """A source that changes while it is scanned gives some table or an error, no crash."""
    data = bytearray(b"\0\1" * 40_000)
    layout = RecordLayout(">H", "length", bias=0)
    done = threading.Event()

    def scribble() -> None:
        while not done.is_set():
            for place in range(0, len(data), 97):
                data[place] ^= 1

    thread = threading.Thread(target=scribble)
    thread.start()
    try:
        for _ in range(20):
            table = layout.scan(data, strict=False)
            assert sum(table.lengths) <= len(data)
            assert len(table.join()) == sum(table.lengths)
    finally:
        done.set()
        thread.join()


def test_scans_in_many_threads() -> None:
    """One layout and one source, many scans at once."""
    data = records(">H", [bytes(n % 50) for n in range(5_000)])
    layout = RecordLayout(">H", "length")
    wanted = layout.scan(data).offsets.tolist()
    fragments = FragView([data[i : i + 1_000] for i in range(0, len(data), 1_000)])
    results: list[list[int]] = []
    threads = [
        threading.Thread(target=lambda: results.append(layout.scan(fragments).offsets.tolist()))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [wanted] * 8


def test_many_records() -> None:
    """Over the sizes at which tables grow."""
    rng = np.random.default_rng(7)
    lengths = rng.integers(0, 120, 20_000)
    data = b"".join(struct.pack("<HB", n, n % 7) + bytes([n % 251]) * n for n in lengths.tolist())
    places = np.sort(rng.integers(0, len(data), 3_000)).tolist()
    fragments = [data[a:b] for a, b in itertools.pairwise([0, *places, len(data)])]
    layout = RecordLayout("<HB", "length kind")
    for source in (data, FragView(fragments)):
        table = layout.scan(source)
        assert np.array_equal(np.asarray(table.lengths), lengths)
        assert np.array_equal(np.asarray(table["kind"]), lengths % 7)
        assert np.array_equal(np.asarray(table.offsets), np.cumsum(lengths + 3) - lengths - 3)
        wanted = b"".join(bytes([n % 251]) * n for n in lengths.tolist())
        assert table.join().tobytes() == wanted

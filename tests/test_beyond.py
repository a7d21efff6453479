"""What memoryview has not: memmove over shared memory, all or nothing, fragments, extents, locate."""

from __future__ import annotations

import hashlib
import itertools
import os
import random
import socket
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fragmented import FragView, cut, exporters, needs_fragview, place, spans

pytestmark = needs_fragview

DATA = bytes(range(65, 89))
LAYOUTS = [
    [(0, 8), (0, 8)],
    [(0, 6), (3, 6), (1, 4)],
    [(7, 1), (6, 1), (5, 1), (4, 1), (3, 1), (2, 1), (1, 1), (0, 1)],
    [(0, 5), (2, 5), (4, 5), (0, 1), (8, 1), (3, 0), (0, 9)],
    [(4, 4), (0, 4), (4, 4)],
    [(2, 1)] * 6,
]
KEYS = [slice(*row) for row in itertools.product([None, 1, -3], [None, 5, -1], [1, 2, -1, -3])]


def positions(layout: list[tuple[int, int]]) -> list[int]:
    """Where in the arena each logical byte lies."""
    return [start + i for start, length in layout for i in range(length)]


@pytest.mark.parametrize("layout", LAYOUTS, ids=repr)
def test_writes_to_repeated_memory(layout: list[tuple[int, int]]) -> None:
    """Bytes are written in logical order: where memory repeats, the last one stays."""
    where = positions(layout)
    for key in KEYS:
        arena, model = bytearray(range(9)), bytearray(range(9))
        view = FragView(spans(arena, layout))
        values = bytes(range(100, 100 + len(where[key])))
        for at, value in zip(where[key], values, strict=True):
            model[at] = value
        view[key] = values
        assert arena == model, key


@pytest.mark.parametrize("layout", LAYOUTS, ids=repr)
def test_memmove(layout: list[tuple[int, int]]) -> None:
    """A view assigned to itself is as if the source were copied first."""
    where = positions(layout)
    for target, source in itertools.product(KEYS, repeat=2):
        n = min(len(where[target]), len(where[source]))
        arena, model = bytearray(range(9)), bytearray(range(9))
        view = FragView(spans(arena, layout))
        copied = bytes(model[at] for at in where[source][:n])
        for at, value in zip(where[target][:n], copied, strict=True):
            model[at] = value
        view[target][:n] = view[source][:n]
        assert arena == model, (target, source)


@pytest.mark.parametrize("layout", LAYOUTS, ids=repr)
def test_memmove_with_other_buffers(layout: list[tuple[int, int]]) -> None:
    """The source may be the same memory by any other way."""
    where = positions(layout)
    n = min(len(where), 9)
    ways = [
        lambda arena, view: memoryview(arena)[:n],
        lambda arena, view: memoryview(arena)[::-1][:n],
        lambda arena, view: memoryview(view)[::-1][:n],
        lambda arena, view: np.frombuffer(arena, np.uint8)[:n],
        lambda arena, view: FragView([memoryview(arena)[i : i + 1] for i in range(9)][::-1])[:n],
        lambda arena, view: view.cast("B", (1, len(view))).cast("B")[::-1][:n],
    ]
    for way in ways:
        arena, model = bytearray(range(9)), bytearray(range(9))
        view = FragView(spans(arena, layout))
        source = way(arena, view)
        for at, value in zip(where[:n], bytes(source), strict=True):
            model[at] = value
        view[:n] = source
        assert arena == model


def test_memmove_of_items() -> None:
    """Typed items too, where seams cut them."""
    for shift in range(1, 8):
        arena = bytearray(range(24))
        view = FragView(spans(arena, [(0, 7), (7, 9), (16, 8)])).cast("H")
        expected = bytearray(range(24))
        expected[2 * shift :] = expected[: 24 - 2 * shift]
        view[shift:] = view[:-shift]
        assert arena == expected


def test_all_or_nothing() -> None:
    """A write that fails for any reason has changed nothing."""
    view = FragView([place(DATA[:8]), place(DATA[8:16], "bytes"), place(DATA[16:])])
    whole = cut(DATA, (8, 8, 8)).view()
    for call, kinds in [
        (lambda: view.__setitem__(slice(0, 24), DATA[::-1]), TypeError),
        (lambda: view.__setitem__(slice(7, 9), b"ab"), TypeError),
        (lambda: view.cast("Q").__setitem__(1, 0), TypeError),
        (lambda: view[4:12].cast("Q").__setitem__(0, 0), TypeError),
        (lambda: view[4:12].cast("<Q").__setitem__(0, 0), TypeError),
        (lambda: view.pack_into("<QQ", 0, 0, 0), (TypeError, BufferError)),
        (lambda: whole.pack_into("<QH", 6, 0, 2**16), Exception),
        (lambda: whole.pack_into("<QQ", 16, 0, 0), Exception),
        (lambda: whole[4:20].cast("<QII").__setitem__(0, (0, 0, -1)), Exception),
    ]:
        with pytest.raises(kinds):
            call()
        assert view.tobytes() == whole.tobytes() == DATA


def test_fragments() -> None:
    """A lazy sequence of contiguous memoryviews, each of the memory itself."""
    fragmented = cut(DATA, (5, 0, 1, 2, 16), ["bytearray", "mmap", "numpy"])
    fragments = fragmented.view().fragments
    assert len(fragments) == 4
    assert [len(part) for part in fragments] == [5, 1, 2, 16]
    for part in fragments:
        assert type(part) is memoryview
        assert (part.contiguous, part.ndim, part.readonly) == (True, 1, False)
    assert b"".join(fragments) == DATA
    assert [bytes(p) for p in reversed(fragments)] == [bytes(p) for p in list(fragments)[::-1]]
    for i in range(-4, 4):
        assert fragments[i] == list(fragments)[i]
    for i in (4, -5, 2**63, -(2**70)):
        with pytest.raises(IndexError):
            fragments[i]
    for key in ("a", None, 1.0):
        with pytest.raises(TypeError):
            fragments[key]
    fragments[2][0] = 1
    fragmented.check(DATA[:6] + b"\x01" + DATA[7:])
    assert isinstance(fragments, Sequence)
    assert repr(fragments) == "<4 fragments of 24 bytes>"
    assert repr(FragView(b"a").fragments) == "<1 fragment of 1 byte>"
    assert repr(FragView().fragments) == "<0 fragments of 0 bytes>"
    with pytest.raises(IndexError, match=r"\(1 fragment\)"):
        FragView(b"a").fragments[1]


@pytest.mark.parametrize(
    "key",
    [slice(None, None, 2), slice(None, None, -1), slice(2, 20), slice(6, 6), slice(7, 8)],
    ids=repr,
)
def test_fragments_of_slices(key: slice) -> None:
    """Only the range's runs: one per run of neighbours."""
    for sizes in [(24,), (5, 0, 1, 2, 16), (1,) * 24]:
        view = cut(DATA, sizes).view()[key]
        found = [bytes(part) for part in view.fragments]
        assert b"".join(found) == DATA[key]
        assert all(found)
        if key.step in (2, -1):
            assert len(found) == len(DATA[key])


def test_fragments_of_typed_views() -> None:
    """They are the bytes below the items, whatever the format, also where a seam cuts an item."""
    for args in [("H",), ("d",), ("<IHH",), ("B", (4, 6))]:
        view = cut(DATA, (5, 0, 1, 2, 16)).view().cast(*args)
        assert [part.nbytes for part in view.fragments] == [5, 1, 2, 16]
        assert b"".join(view.fragments) == DATA
    typed = cut(DATA, (5, 19)).view("H")[::2]
    assert b"".join(typed.fragments) == typed.tobytes()


def test_fragments_hold_the_view() -> None:
    """A fragment is an export: its memory stays as long as it lives."""
    source = bytearray(DATA)
    view = FragView([memoryview(source)[:5], memoryview(source)[9:]])
    part = view.fragments[1]
    del view
    with pytest.raises(BufferError):
        source.append(1)
    assert part.tobytes() == DATA[9:]
    part.release()
    del part
    source.append(1)


def test_fragments_of_read_only_memory() -> None:
    """Each fragment is as writable as its own memory; those of `toreadonly` are not."""
    view = FragView([place(b"ab"), place(b"cd", "bytes"), place(b"ef", "toreadonly"), place(b"gh")])
    assert [part.readonly for part in view.fragments] == [False, True, True, False]
    assert all(part.readonly for part in view.toreadonly().fragments)


def test_fragments_in_use(tmp_path: Path) -> None:
    """writev, sendmsg, hashlib and zlib take them as they are."""
    data = random.Random(1).randbytes(3000)
    view = cut(data, [100] * 30).view()
    with (tmp_path / "out").open("wb") as file:
        assert os.writev(file.fileno(), view.fragments) == 3000
    assert (tmp_path / "out").read_bytes() == data
    one, two = socket.socketpair()
    with one, two:
        assert one.sendmsg(view.fragments) == 3000
        assert two.recv(3000, socket.MSG_WAITALL) == data
    digest, crc = hashlib.sha256(), 0
    for part in view.fragments:
        digest.update(part)
        crc = zlib.crc32(part, crc)
    assert (digest.digest(), crc) == (hashlib.sha256(data).digest(), zlib.crc32(data))


def test_extents() -> None:
    """Rows of (source index, offset in the source, length), which NumPy reads as one table."""
    one, two = bytearray(DATA), bytearray(DATA)
    view = FragView([memoryview(one)[3:9], two, memoryview(one)[0:1], b"", memoryview(two)[20:]])
    table = np.asarray(view.extents())
    assert table.shape == (4, 3)
    assert np.issubdtype(table.dtype, np.integer)
    assert table[:, 1:].tolist() == [[3, 6], [0, 24], [0, 1], [20, 4]]
    assert [exporters(view)[s] for s in table[:, 0]] == [one, two, one, two]
    assert all(exporters(view)[s] is o for s, o in zip(table[:, 0], (one, two, one, two), strict=True))
    again = FragView.from_extents(one, np.ascontiguousarray(table[table[:, 0] == table[0, 0]][:, 1:]))
    assert again.tobytes() == DATA[3:9] + DATA[0:1]


@pytest.mark.parametrize(
    "key",
    [
        slice(None),
        slice(2, 20),
        slice(6, 6),
        slice(None, None, 2),
        slice(None, None, -1),
        slice(20, 1, -3),
    ],
    ids=repr,
)
def test_extents_of_slices(key: slice) -> None:
    """They say where the range's own bytes lie, in its order."""
    one, two = bytearray(DATA), bytearray(DATA[::-1])
    view = FragView([memoryview(one)[3:9], memoryview(two)[4:20], memoryview(one)[9:11]])[key]
    table = memoryview(view.extents())
    assert table.ndim == 2
    assert table.shape[1] == 3
    assert len(table) == len(view.fragments)
    assert b"".join(bytes(exporters(view)[s])[o : o + n] for s, o, n in table.tolist()) == view.tobytes()
    typed = view[: len(view) // 2 * 2] if key.step in (None, 1) else None
    if typed is not None and len(typed):
        assert memoryview(typed.cast("H").extents()) == memoryview(typed.extents())


def test_extents_of_holes() -> None:
    """A hole has the source -1."""
    view = FragView.from_extents(DATA, [(3, 2), (None, 7), (0, 1)])
    rows = memoryview(view.extents()).tolist()
    assert [row[0] for row in rows] == [0, -1, 0]
    assert [row[2] for row in rows] == [2, 7, 1]
    assert memoryview(view[4:6].extents()).tolist()[0][::2] == [-1, 2]
    assert np.asarray(FragView().extents()).shape == (0, 3)


def test_locate() -> None:
    """The fragment of an index and the offset in it, for each index of each slice."""
    for sizes in [(24,), (5, 0, 1, 2, 16), (1,) * 24]:
        for key in (slice(None), slice(3, 20), slice(None, None, -1), slice(1, None, 3)):
            view = cut(DATA, sizes).view()[key]
            fragments = list(view.fragments)
            for i in range(-len(view), len(view)):
                number, offset = view.locate(i)
                assert fragments[number][offset] == view[i]
                assert 0 <= number < len(fragments)
                start = sum(map(len, fragments[:number]))
                assert start + offset == i % len(view)
            for i in (len(view), -len(view) - 1, 2**63, -(2**70)):
                with pytest.raises(IndexError):
                    view.locate(i)
    for wrong in ("a", None, 1.0, slice(1)):
        with pytest.raises(TypeError):
            view.locate(wrong)
    with pytest.raises(IndexError):
        FragView().locate(0)


def test_locate_agrees_with_numpy() -> None:
    """Over many unequal fragments, against a search in the running sums."""
    sizes = [i * i % 13 for i in range(2000)]
    source = memoryview(bytes(13 * 2000))
    view = FragView([source[13 * i : 13 * i + n] for i, n in enumerate(sizes)])
    lengths = np.array([n for n in sizes if n])
    ends = np.cumsum(lengths)
    for i in range(0, len(view), 37):
        number = int(np.searchsorted(ends, i, side="right"))
        assert tuple(view.locate(i)) == (number, i - int(ends[number] - lengths[number]))


def test_tobytes_is_a_copy() -> None:
    """`tobytes` and `tolist` do not follow later writes."""
    view: Any = cut(DATA, (5, 19)).view()
    copied, listed = view.tobytes(), view.tolist()
    view[:] = bytes(24)
    assert (copied, bytes(listed)) == (DATA, DATA)

"""`to_numpy`, and how NumPy and Arrow read views and fragments."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from fragmented import all_splits, cut, needs_fragview
from fragview import FragView

pytestmark = needs_fragview


def test_one_fragment_is_no_copy() -> None:
    arena = bytearray(range(24))
    view = FragView(arena)
    array = view.to_numpy()
    assert (array.dtype, array.shape, array.flags.writeable) == (np.dtype("u1"), (24,), True)
    array[3] = 99
    assert (arena[3], view[3]) == (99, 99)
    for part, expected in (
        (view[2:9], arena[2:9]),
        (view[::3], arena[::3]),
        (view[::-1], arena[::-1]),
    ):
        assert np.shares_memory(part.to_numpy(copy=False), array)
        assert part.to_numpy().tobytes() == expected
    assert not FragView(b"abc").to_numpy().flags.writeable
    assert not view.toreadonly().to_numpy(copy=False).flags.writeable
    assert FragView([arena, b""]).to_numpy(copy=False).tobytes() == arena


@pytest.mark.parametrize("fmt", ["b", "H", "<I", ">I", "q", "e", "<f", ">d", "?"])
def test_formats(fmt: str) -> None:
    data = bytes([0, 1]) * 20 if fmt == "?" else bytes(range(40))
    for sizes in ((40,), (7, 33), (1, 2, 37)):
        view = cut(data, sizes).view().cast(fmt)
        array = view.to_numpy()
        assert array.dtype == np.dtype(fmt)
        np.testing.assert_array_equal(array, np.frombuffer(data, fmt))
        # A copy that nobody asked for takes no writes, which would be lost.
        assert array.flags.writeable is (len(sizes) == 1)
        assert view.to_numpy(copy=True).flags.writeable


def test_structs_and_shapes() -> None:
    data = bytes(range(24))
    view = FragView([data[:5], data[5:]])
    array = view.cast("<IHH").to_numpy()
    assert [tuple(row) for row in array.tolist()] == view.cast("<IHH").tolist()
    assert view.cast("B", [2, 3, 4]).to_numpy().tolist() == view.cast("B", [2, 3, 4]).tolist()
    assert FragView(data).cast("B", [4, 6]).to_numpy(copy=False).shape == (4, 6)
    assert FragView([data[:3], data[3:4]]).cast("<I", []).to_numpy().shape == ()
    assert FragView(np.eye(3)).to_numpy(copy=False).tolist() == np.eye(3).ravel().tolist()


def test_every_split() -> None:
    for sizes in all_splits(8):
        view = cut(bytes(range(8)), sizes).view("H")
        assert view.to_numpy().tolist() == view.tolist()
        assert view[::-1].to_numpy().tolist() == view[::-1].tolist()


def test_copy() -> None:
    arena = bytearray(b"abcdef")
    one, many = FragView(arena), FragView([memoryview(arena)[:2], memoryview(arena)[3:]])
    assert not np.shares_memory(one.to_numpy(copy=True), one.to_numpy())
    assert np.shares_memory(one.to_numpy(copy=None), one.to_numpy(copy=False))
    assert not many.to_numpy(copy=None).flags.writeable
    many.to_numpy(copy=True)[0] = 0
    assert many.tobytes() == b"abdef"
    with pytest.raises(ValueError, match=r"lies in 2 fragments.*tobytes\(\).*gather\(\).*fragments"):
        many.to_numpy(copy=False)
    with pytest.raises(TypeError):
        one.to_numpy(copy="yes")


def test_dtype_converts_values() -> None:
    one, many = FragView([b"\1\2\xff"]), FragView([b"\1", b"\2\xff"])
    for view in (one, many):
        array = view.to_numpy("f4")
        assert (array.dtype, array.tolist()) == (np.dtype("f4"), [1, 2, 255])
        assert view.to_numpy(np.uint8).tolist() == [1, 2, 255]
    assert one.to_numpy("u1", copy=False).tolist() == [1, 2, 255]
    with pytest.raises(ValueError, match=r"uint8.*float32.*cast\(\)"):
        one.to_numpy("f4", copy=False)
    with pytest.raises(TypeError):
        one.to_numpy("no such type")


def test_empty_and_holes() -> None:
    for view in (FragView(), FragView(b"abcd").cast("<I")[:0], FragView([b"ab", b"cd"])[2:2]):
        assert view.to_numpy().tolist() == view.to_numpy(copy=False).tolist() == []
    assert FragView(b"abcd").cast("<I")[:0].to_numpy().dtype == np.dtype("<u4")
    hole = FragView.from_extents(b"", [(None, 3)])
    assert hole.to_numpy().tolist() == [0, 0, 0]
    with pytest.raises(ValueError, match="copy"):
        hole.to_numpy(copy=False)


def test_an_array_keeps_the_view_from_being_released() -> None:
    view = FragView(bytearray(b"abc"))
    array = view.to_numpy()
    with pytest.raises(BufferError):
        view.release()
    del array
    view.release()
    with pytest.raises(ValueError, match="released"):
        view.to_numpy()


def test_what_asarray_says() -> None:
    assert np.asarray(FragView(b"abc")).tolist() == [97, 98, 99]
    with pytest.raises(BufferError, match="suboffsets"):
        np.asarray(FragView([b"ab", b"c"]))


def test_extents_are_columns() -> None:
    view = FragView.from_extents(b"abcdef", [(0, 1), (None, 2), (4, 2)])
    assert np.asarray(view.extents()).tolist() == [[0, 0, 1], [-1, 0, 2], [0, 4, 2]]


def test_arrow_reads_fragments() -> None:
    view = FragView([struct.pack("<3i", 1, 2, 3), struct.pack("<2i", 4, 5)])
    buffers = [pa.py_buffer(fragment) for fragment in view.fragments]
    arrays: list[Any] = [pa.Array.from_buffers(pa.int32(), len(b) // 4, [None, b]) for b in buffers]
    chunked = pa.chunked_array(arrays)
    assert chunked.to_pylist() == [1, 2, 3, 4, 5]
    assert buffers[0].address == np.frombuffer(view.fragments[0], "u1").ctypes.data
    assert pa.py_buffer(FragView(b"abc")).to_pybytes() == b"abc"
    with pytest.raises(BufferError):
        pa.py_buffer(view)


def test_an_item_across_a_seam_is_refused_by_name() -> None:
    """NumPy would take a view that refuses the buffer protocol for one object, and say nothing."""
    view = FragView([b"abc", b"def"]).cast("<H")
    for convert in (np.asarray, np.sum, lambda v: np.asarray(v, "<u4"), lambda v: np.concatenate([[1], v])):
        with pytest.raises(ValueError, match=r"to_numpy\(\) copies"):
            convert(view)
    with pytest.raises(ValueError, match=r"to_numpy\(\) copies"):
        np.array([1, 2, 3]) == view
    # Who says `copy` gets one.
    array = np.array(view)
    assert array.dtype == np.dtype("<u2")
    assert array.tolist() == view.tolist()
    assert array.flags.writeable
    one = FragView(bytearray(b"abcd"))
    assert np.shares_memory(one.__array__(), one.to_numpy())
    assert not np.shares_memory(one.__array__(copy=True), one.to_numpy())
    assert one.__array__(np.dtype("u1")).tolist() == [97, 98, 99, 100]

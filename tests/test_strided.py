"""Sources whose items lie one step apart: `memoryview(b)[::2]`, `np.broadcast_to(x, n)`."""

from __future__ import annotations

import array
import ctypes
import itertools
import pickle
import sys
import tracemalloc
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.lib.stride_tricks import as_strided

from fragview import FragBuffer, FragView

STEPS = (1, 2, 3, -1, -2, -5)
BOUNDS = (None, 0, 1, 3, 6, -1, -4)


def slices() -> list[slice]:
    """Every step with every pair of bounds."""
    return [slice(*key) for key in itertools.product(BOUNDS, BOUNDS, STEPS)]


def sources() -> Iterator[Any]:
    """Small one-dimensional strided buffers, as memoryviews of fresh writable memory where that can be."""
    for step in (2, 3, -1, -2, 7, 100):
        yield memoryview(bytearray(range(13)))[::step]
        yield memoryview(array.array("H", range(13)))[::step]
        yield np.arange(13, dtype=np.int32)[::step]
    yield memoryview(bytes(range(9)))[1::2]
    yield memoryview(bytearray(b"abcdef"))[3:3:2]
    yield memoryview(bytearray(b"abcdef"))[3:4:2]
    yield np.broadcast_to(np.array([7], np.uint8), 6)
    yield np.broadcast_to(np.array([-3], np.int16), 6)
    yield np.arange(30, dtype=np.uint8).reshape(6, 5)[:, 2]
    yield np.arange(30, dtype=np.uint8).reshape(6, 5)[:, 2:3]
    yield np.broadcast_to(np.uint8(9), (2, 3))
    # Items that overlap: each begins a byte behind the one before.
    yield as_strided(np.arange(9, dtype=np.uint8).view(), (3, 2), (1, 1))[:, 0]
    yield as_strided(np.arange(16, dtype=np.uint8)[:14].view(">u2"), (8,), (1,))


def name(source: Any) -> str:
    """What distinguishes the sources."""
    layout = memoryview(source)
    return f"{layout.format}{layout.shape}{layout.strides}"


ALL = pytest.mark.parametrize("source", list(sources()), ids=name)


def line(source: Any) -> Any:
    """The source in one dimension, by NumPy, without a copy."""
    one = np.asarray(source)
    steps = [stride for count, stride in zip(one.shape, one.strides, strict=True) if count > 1]
    return one if one.ndim == 1 else as_strided(one, (one.size,), (steps[-1],))


def flat(source: Any) -> memoryview:
    """As `line`, by memoryview: it keeps a step where there is but one item, which NumPy forgets."""
    return source if isinstance(source, memoryview) else memoryview(line(source))


@ALL
def test_attributes_are_memoryviews(source: Any) -> None:
    """Also `strides`, and what is contiguous."""
    view, oracle = FragView(source), flat(source)
    for attribute in ("nbytes", "itemsize", "format", "ndim", "shape", "strides", "readonly", "contiguous"):
        # What has no bytes holds no source, and so nothing that could be written.
        if attribute != "readonly" or view.nbytes:
            assert getattr(view, attribute) == getattr(oracle, attribute), attribute
    assert view.c_contiguous == oracle.c_contiguous
    assert view.f_contiguous == oracle.f_contiguous
    assert len(view) == len(oracle)
    assert view.tobytes() == oracle.tobytes()
    assert view.hex() == oracle.tobytes().hex()


@ALL
def test_indices_and_slices(source: Any) -> None:
    """Every index, every slice, and slices of slices."""
    view, oracle = FragView(source), line(source)
    expected = oracle.tolist()
    assert view.tolist() == list(view) == expected
    assert list(reversed(view)) == expected[::-1]
    for i in range(-len(expected), len(expected)):
        assert view[i] == expected[i]
    for i in (len(expected), -len(expected) - 1):
        with pytest.raises(IndexError):
            view[i]
    for key in slices():
        part = view[key]
        assert part.tolist() == expected[key]
        if len(part):
            assert part.strides == flat(source)[key].strides
        for inner in (slice(None, None, -1), slice(1, None, 2)):
            assert part[inner].tolist() == expected[key][inner]


def test_the_export_is_the_memory_itself() -> None:
    """`memoryview`, `to_numpy` and `gather` show the source's own addresses and strides."""
    for source in sources():
        oracle = line(source)
        view = FragView(source)
        if not view.nbytes:
            continue
        array_ = view.to_numpy(copy=False)
        assert np.shares_memory(array_, oracle)
        assert array_.dtype == oracle.dtype
        assert array_.strides == oracle.strides or len(oracle) == 1
        assert array_.ctypes.data == oracle.ctypes.data
        exported = memoryview(view)
        assert exported.tobytes() == oracle.tobytes()
        assert exported.strides == flat(source).strides
        assert exported.suboffsets == ()
        with view.gather(writeback=False) as whole:
            assert whole.tobytes() == oracle.tobytes()


def test_writing_every_slice() -> None:
    """Items and slices are written as memoryview writes them, and nothing between them changes."""
    for step in (2, 3, -1, -2, -5):
        for key in slices():
            owner, other = bytearray(range(13)), bytearray(range(13))
            view, oracle = FragView(memoryview(owner)[::step]), memoryview(other)[::step]
            data = bytes(100 + i for i in range(len(oracle[key])))
            view[key] = data
            oracle[key] = data
            assert owner == other
        owner, other = bytearray(range(13)), bytearray(range(13))
        view, oracle = FragView(memoryview(owner)[::step]), memoryview(other)[::step]
        for i in range(len(oracle)):
            view[i] = oracle[i] = 200 + i
            assert owner == other


def test_assigning_is_a_memmove() -> None:
    """Between strided views of one memory: as if all were read before the first write."""
    for to, by in itertools.product((2, 3, -2, -1, 1), repeat=2):
        owner = bytearray(range(24))
        target, origin = memoryview(owner)[::to], memoryview(owner)[::by]
        count = min(len(target), len(origin))
        expected = bytearray(owner)
        memoryview(expected)[::to][:count] = bytes(origin[:count])
        FragView(target)[:count] = FragView(origin)[:count]
        assert owner == expected


def test_assigning_from_and_to_repeated_memory() -> None:
    """A byte that is shown many times is read many times; written, it has the last value."""
    target = bytearray(6)
    FragView(target)[:] = np.broadcast_to(np.array([5], np.uint8), 6)
    assert target == b"\5" * 6
    one = np.zeros(1, np.uint8)
    view = FragView(as_strided(one, (4,), (0,)))
    view[:] = b"abcd"
    assert one.tobytes() == b"d"
    assert view.tobytes() == b"dddd"
    view[2] = 9
    assert view.tolist() == [9] * 4
    overlapping = np.arange(5, dtype=np.uint8)
    view = FragView(as_strided(overlapping.view(), (4,), (1,)))
    view[::2] = b"xy"
    assert overlapping.tobytes() == b"x\1y\3\4"


@ALL
def test_equality_and_search(source: Any) -> None:
    """==, count, index, in; find on bytes."""
    view, oracle = FragView(source), line(source)
    expected = oracle.tolist()
    assert view == oracle
    assert view == FragView([oracle[:2], oracle[2:]]) or not len(oracle)
    assert view == memoryview(oracle)
    assert not len(oracle) or view != oracle[1:]
    for value in {*expected, 111}:
        assert view.count(value) == expected.count(value)
        assert (value in view) == (value in expected)
        if value in expected:
            assert view.index(value) == expected.index(value)
    if view.format == "B":
        data = bytes(expected)
        for start, stop in itertools.combinations(range(len(data) + 1), 2):
            needle = data[start:stop]
            assert view.find(needle) == data.find(needle)
            assert view.rfind(needle) == data.rfind(needle)
            assert view.count(needle) == data.count(needle)
            assert view.find(FragView(np.frombuffer(needle, np.uint8)[::-1])) == data.find(needle[::-1])
        assert view.find(b"") == 0


@ALL
def test_cast_is_refused_as_memoryview_refuses_it(source: Any) -> None:
    """What has gaps can't be cast; joined by a list, it can."""
    view, oracle = FragView(source), flat(source)
    if view.format == "B":
        if oracle.contiguous:
            assert view.cast("b").tolist() == oracle.cast("b").tolist()
        else:
            with pytest.raises(TypeError, match="C-contiguous"):
                view.cast("b")
            assert FragView([view]).cast("b").tobytes() == oracle.tobytes()


@ALL
def test_what_flattens(source: Any) -> None:
    """Fragments, extents, files, joins, edits, buffers of streams, pickles, extents of a strided source."""
    view, oracle = FragView(source), line(source)
    data, size = oracle.tobytes(), oracle.itemsize
    assert b"".join(bytes(part) for part in view.fragments) == data
    assert sum(length for _, _, length in view.extents()) == len(data)
    assert view.open().read() == data
    assert FragView([view, view[::-1]]).tobytes() == data + oracle[::-1].tobytes()
    assert (view + view).tobytes() == data * 2
    if len(view) > 2:
        assert view.splice(1, 2, view[:1]).tobytes() == data[:size] + data[:size] + data[2 * size :]
        assert FragView.from_extents(source, [(1, 2), (None, 1), (0, 1)]).tobytes() == (
            data[1:3] + b"\0" + data[:1]
        )
    assert FragBuffer([source, source]).view().tobytes() == data * 2
    again = pickle.loads(pickle.dumps(view, 5))
    assert (again.tobytes(), again.format, again.shape) == (data, view.format, view.shape)
    assert again.readonly == view.readonly or not data
    with view.gather(writeback=False) as whole:
        assert whole.tobytes() == data


@ALL
def test_release_and_the_source(source: Any) -> None:
    """`obj` is the exporter; while the view lives the source is held, afterwards it is not."""
    view = FragView(source)
    exporter = memoryview(source).obj if isinstance(source, memoryview) else source
    assert view.obj is exporter or not view.nbytes
    view.release()
    with pytest.raises(ValueError, match="released"):
        view[0]


def test_resizing_waits_for_the_view() -> None:
    """One export, of the bytearray under the memoryview; the memoryview itself may go."""
    owner = bytearray(20)
    memory = memoryview(owner)[::2]
    view = FragView(memory)
    memory.release()
    part = view[::-3]
    view.release()
    with pytest.raises(BufferError):
        owner.append(1)
    assert part.tolist() == [0] * 4
    part.release()
    owner.append(1)


def test_a_strided_memoryview_of_a_view() -> None:
    """It shows the view's own memory, one fragment, and no chain grows."""
    owner = bytearray(range(20))
    inner = FragView(owner)[2:]
    view = FragView(memoryview(inner)[::-3])
    assert view.tolist() == list(owner[2:][::-3])
    assert view.strides == (-3,)
    assert view.obj is owner
    view[0] = 255
    assert 255 in owner
    seams = FragView([owner[:7], owner[7:]])
    assert FragView(memoryview(seams)[::3]).tolist() == list(owner[::3])


def test_a_view_with_a_step_stays_one() -> None:
    """`FragView(v[::2])` is `v[::2]`; in a list it is joined."""
    view = FragView([b"abc", b"defgh"])[::2]
    same = FragView(view)
    assert (same.strides, same.tobytes()) == ((2,), b"aceg")
    joined = FragView([view])
    assert (joined.strides, joined.tobytes(), joined.contiguous) == ((1,), b"aceg", True)


@pytest.mark.parametrize("count", [5_000_000, sys.maxsize])
def test_many_items_take_no_memory(count: int) -> None:
    """A broadcast byte, however often it is shown, and a long step: O(1)."""
    one = np.broadcast_to(np.array([3], np.uint8), count)
    tracemalloc.start()
    view = FragView(one)
    assert tracemalloc.get_traced_memory()[1] < 10_000
    tracemalloc.stop()
    assert (len(view), view[0], view[-1], view.strides) == (count, 3, 3, (0,))
    assert view[count // 2 :: 7][1] == 3
    assert view.to_numpy().strides == (0,)
    assert view.readonly
    assert len(FragView(view[::-1])) == count


def test_sources_that_differ_each_time_they_are_asked() -> None:
    """A structure over foreign memory that lies about nothing, but has a negative step and one item."""
    numbers = (ctypes.c_int16 * 6)(*range(6))
    array_ = np.ctypeslib.as_array(numbers)
    assert FragView(array_[5:0:-2]).tolist() == [5, 3, 1]
    assert FragView(array_[5:4:-2]).tolist() == [5]
    assert FragView(array_[5:4:-2]).strides == memoryview(array_[5:4:-2]).strides


def test_index_buffers_may_have_a_step() -> None:
    """What `from_extents` and `from_blocks` take as numbers."""
    source = bytes(range(64))
    blocks = np.array([1, 9, 0, 9, 3, 9])[::2]
    assert FragView.from_blocks(source, blocks, 4).tobytes() == source[4:8] + source[:4] + source[12:16]
    pairs = np.array([[1, 2], [9, 9], [-1, 3], [9, 9]])[::2]
    assert FragView.from_extents(source, pairs).tobytes() == b"\1\2\0\0\0"
    wide = np.array([[1, 2, 9], [-1, 3, 9]])[:, :2]
    assert FragView.from_extents(source, wide).tobytes() == b"\1\2\0\0\0"
    every = np.arange(16).reshape(4, 4)[:, ::2]
    assert FragView.from_extents(source, every).tobytes() == b"".join(source[a : a + b] for a, b in every)
    assert FragView.from_blocks(source, np.broadcast_to(np.array([2]), 3), 2).tobytes() == source[4:6] * 3


@pytest.mark.parametrize("shape", [(3, 4), (2, 3, 2)])
def test_more_dimensions(shape: tuple[int, ...]) -> None:
    """Dimensions that one step leads through are one; else a fragment a contiguous run."""
    base = np.arange(100, dtype=np.uint8)
    whole = base[: int(np.prod(shape))].reshape(shape)
    assert FragView(whole[..., ::-1][..., ::-1]).strides == (1,)
    assert FragView(base[::2][: whole.size].reshape(shape)).strides == (2,)
    assert FragView(base[::-1][: whole.size].reshape(shape)).strides == (-1,)
    assert FragView(np.broadcast_to(np.uint8(1), shape)).strides == (0,)
    for part in (whole.T, whole[:, 1:], whole[..., ::2], whole[::-1]):
        view = FragView(part)
        assert view.tobytes() == part.tobytes()
        assert len(view.fragments) <= part.size

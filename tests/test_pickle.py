"""Pickles and copies: out of band without a copy, in band with one; read-only ranges and holes stay so."""

from __future__ import annotations

import array
import copy
import pickle
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fragmented import all_splits, cut, needs_fragview
from fragview import FragView

pytestmark = needs_fragview

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


def round_trip(view: Any, protocol: int = 5) -> Any:
    return pickle.loads(pickle.dumps(view, protocol))


def out_of_band(view: Any) -> tuple[bytes, list[pickle.PickleBuffer]]:
    buffers: list[pickle.PickleBuffer] = []
    return pickle.dumps(view, 5, buffer_callback=buffers.append), buffers


def same(one: Any, other: Any) -> None:
    assert one.tobytes() == other.tobytes()
    for name in ("format", "itemsize", "shape", "ndim", "nbytes", "readonly"):
        assert getattr(one, name) == getattr(other, name), name


def test_every_split_and_protocol() -> None:
    for sizes in all_splits(7):
        view = cut(b"abcdefg", sizes, ("bytearray", "bytes", "mmap")).view()
        for protocol in PROTOCOLS:
            same(round_trip(view, protocol), view)
        data, buffers = out_of_band(view)
        assert len(buffers) == len(view.fragments)
        same(pickle.loads(data, buffers=buffers), view)


def test_out_of_band_is_the_memory_itself() -> None:
    fragmented = cut(bytes(4000), (1000, 3000))
    view = fragmented.view()
    data, buffers = out_of_band(view)
    assert len(data) < 400
    assert [len(buffer.raw()) for buffer in buffers] == [1000, 3000]
    loaded = pickle.loads(data, buffers=buffers)
    loaded[998:1002] = b"here"
    assert view[998:1002] == b"here"


def test_buffers_that_came_over_a_wire() -> None:
    view = cut(b"abcdef", (2, 3, 1), ("bytearray", "bytes")).view()
    data, buffers = out_of_band(view)
    arrived = [bytearray(buffer.raw()) for buffer in buffers]
    loaded = pickle.loads(data, buffers=arrived)
    assert loaded == view
    # What was read-only stays so, whatever the buffer is.
    assert (loaded[:2].readonly, loaded[2:5].readonly, loaded[5:].readonly) == (False, True, False)
    frozen = pickle.loads(data, buffers=[bytes(part) for part in arrived])
    assert frozen[:2].readonly
    with pytest.raises(ValueError, match="in a buffer of 2 bytes"):
        pickle.loads(data, buffers=[part[:2] for part in arrived])


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_read_only_belongs_to_the_range(protocol: int) -> None:
    view = cut(b"abcdef", (2, 3, 1), ("bytearray", "bytes")).view()
    loaded = round_trip(view, protocol)
    assert (loaded.readonly, loaded[:2].readonly, loaded[2:5].readonly, loaded[5:].readonly) == (
        True, False, True, False,
    )  # fmt: skip
    assert round_trip(view[:2].toreadonly(), protocol).readonly
    loaded[:2] = b"XY"
    assert view[:2] == b"ab"


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_formats_and_shapes(protocol: int) -> None:
    data = bytes(range(24))
    for view in (
        cut(data, (5, 19)).view("<I"),
        cut(data, (5, 19)).view("d"),
        cut(data, (5, 19)).view("c"),
        FragView([data[:5], data[5:]]).cast("<IHH"),
        cut(data, (5, 19)).view("B", [2, 3, 4]),
        cut(data, (5, 19)).view(">H", [4, 3]),
        FragView([data[:3], data[3:4]]).cast("<I", []),
        FragView([array.array("q", [1, 2]), array.array("q", [3])]),
        FragView(np.zeros(3, dtype=[("a", "u1"), ("b", "<f4")])),
        FragView(),
        FragView([data]).cast("<I")[:0],
    ):
        loaded = round_trip(view, protocol)
        same(loaded, view)
        if not view.format.startswith("T{"):
            assert loaded.tolist() == view.tolist()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_holes_stay_holes(protocol: int) -> None:
    view = FragView.from_extents(bytearray(b"abcdef"), [(None, 1 << 40), (1, 2), (None, 5), (0, 1)])
    data = pickle.dumps(view, protocol)
    assert len(data) < 2000
    loaded = pickle.loads(data)
    assert len(loaded) == len(view)
    assert loaded[-8:].tobytes() == b"bc\0\0\0\0\0a"
    assert [row[0] < 0 for row in loaded.extents()] == [True, False, True, False]
    assert not loaded[-1:].readonly


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_slice_takes_its_range_only(protocol: int) -> None:
    view = cut(bytes(100_000), (40_000, 60_000)).view()
    assert len(pickle.dumps(view[39_990:40_010], protocol)) < 2000
    assert len(pickle.dumps(view[::1000], protocol)) < 2500
    numbered = cut(bytes(range(100)), (33, 67)).view()
    for part in (numbered[::7], numbered[::-1], numbered[50:10:-3], numbered.cast("H")[::3]):
        same(round_trip(part, protocol), part)


def test_repeated_fragments_travel_once() -> None:
    arena = bytearray(b"abc")
    view = FragView([arena, b"-", arena, arena])
    data, buffers = out_of_band(view)
    assert len(buffers) == 2
    loaded = pickle.loads(data, buffers=[bytearray(b.raw()) for b in buffers])
    loaded[:1] = b"X"
    assert loaded.tobytes() == b"Xbc-XbcXbc"


def test_many_fragments_in_old_protocols_are_few_copies() -> None:
    view = FragView([bytearray(b"ab")] * 3 + [bytearray(b"cd") for _ in range(1000)])
    assert len(pickle.dumps(view, 2)) < 40_000


def test_released_and_in_use() -> None:
    view = FragView([bytearray(b"ab"), b"c"])
    _, buffers = out_of_band(view)
    view.release()
    assert bytes(buffers[0].raw()) == b"ab"
    with pytest.raises(ValueError, match="released"):
        pickle.dumps(view)


def test_copy_and_deepcopy() -> None:
    fragmented = cut(b"abcdef", (2, 3, 1))
    view = fragmented.view("H")
    twin, other = copy.copy(view), copy.deepcopy(view)
    same(twin, view)
    same(other, view)
    twin[0] = 0x4141
    fragmented.check(b"AAcdef")
    assert view[0] == 0x4141
    assert other.tobytes() == b"abcdef"
    other[2] = 0
    fragmented.check(b"AAcdef")
    released = copy.copy(view)
    released.release()
    for call in (copy.copy, copy.deepcopy):
        with pytest.raises(ValueError, match="released"):
            call(released)
    assert copy.deepcopy([view, view])[0] is not view


@pytest.mark.parametrize(
    "arguments",
    [
        ([b"abc"], b"1234567", "B", 1, (3,)),
        ([b"abc"], struct.pack("<qqq", 0, 0, 3), "B", 1, (3,)),
        ([b"abc"], struct.pack("<qqqq", 1, 0, 3, 0), "B", 1, (3,)),
        ([b"abc"], struct.pack("<qqqq", -2, 0, 3, 0), "B", 1, (3,)),
        ([b"abc"], struct.pack("<qqqq", 0, 1, 3, 0), "B", 1, (3,)),
        ([b"abc"], struct.pack("<qqqq", 0, -1, 3, 0), "B", 1, (3,)),
        ([b"abc"], struct.pack("<qqqq", 0, 1, 2**63 - 1, 0), "B", 1, (3,)),
        ([b"abc"], struct.pack("<qqqq", 0, 0, 3, 0), "B", 1, (4,)),
        ([b"abc"], struct.pack("<qqqq", 0, 0, 3, 0), "B", 0, (3,)),
        ([b"abc"], struct.pack("<qqqq", 0, 0, 3, 0), "H", 2, (1,)),
        ([b"abc"], struct.pack("<qqqq", 0, 0, 3, 0), "B", 1, (2**63, 2**63)),
        ([b"abc"], struct.pack("<qqqq", 0, 0, 3, 0), "B", 1, (0, 3)),
        ([b"abc"], b"", "B", 1, (4, 0)),
        ([b"abc"], b"", "B", 1, (0, 0)),
        ([b"abc"], b"", "B", 1, (0, 2**62, 4)),
        ([b"abc"], b"", "d", 8, (0, 2**62)),
        ([b"abc"], struct.pack("<qqqq", 0, 0, 1, 0), "B", 1, (1,) * 65),
    ],
)
def test_pickles_that_make_no_sense(arguments: Any) -> None:
    from fragview._fragview import rebuild_view

    with pytest.raises((ValueError, TypeError, OverflowError)):
        rebuild_view(*arguments)


@given(
    st.lists(st.tuples(st.sampled_from(["bytes", "bytearray", "hole"]), st.binary(max_size=8)), max_size=8),
    st.integers(-30, 30),
    st.integers(-30, 30),
    st.sampled_from([1, 2, 3, -1, -2]),
    st.sampled_from(PROTOCOLS),
)
def test_any_slice(parts: list[tuple[str, bytes]], start: int, stop: int, step: int, protocol: int) -> None:
    def fragment(kind: str, data: bytes) -> Any:
        if kind == "hole":
            return FragView.from_extents(b"", [(None, len(data))])
        return data if kind == "bytes" else bytearray(data)

    view = FragView([fragment(*part) for part in parts])[start:stop:step]
    loaded = round_trip(view, protocol)
    assert loaded.tobytes() == view.tobytes()
    if len(view):
        assert [loaded[i : i + 1].readonly for i in range(len(loaded))] == [
            view[i : i + 1].readonly for i in range(len(view))
        ]


def test_long_rows_of_small_fragments_travel_as_one_buffer() -> None:
    """More than 64 neighbours below 4 KiB, all writable or none; all others are shared as they are."""
    small = [bytearray([index]) * 100 for index in range(65)]
    frozen = [bytes([index]) * 7 for index in range(70)]
    few = [bytearray([index]) * 3 for index in range(64)]
    parts = [*small, *frozen, bytearray(4096), *few, bytearray(5000), small[3], frozen[69]]
    view = FragView(parts)
    data, buffers = out_of_band(view)
    assert [len(buffer.raw()) for buffer in buffers] == [6500, 490, 4096, *[3] * 64, 5000]
    assert [buffer.raw().readonly for buffer in buffers[:3]] == [False, True, False]
    for again in (pickle.loads(data, buffers=buffers), round_trip(view), round_trip(view, 4)):
        same(again, view)
        assert again[:6500].readonly is False
        assert again[6500:6990].readonly
    loaded = pickle.loads(data, buffers=buffers)
    # The copy is one memory: what is there twice changes twice; the source does not.
    loaded[300] = 255
    assert loaded[-107] == 255
    assert view[300] == 3
    # Large fragments are the memory itself.
    loaded[6990] = 255
    assert view[6990] == 255


def test_repeated_small_fragments_travel_once() -> None:
    one, two = bytearray(b"ab" * 50), bytearray(b"cd" * 50)
    view = FragView([one, two] * 500)
    data, buffers = out_of_band(view)
    assert [buffer.raw().nbytes for buffer in buffers] == [100, 100]
    same(pickle.loads(data, buffers=buffers), view)
    loaded = pickle.loads(data, buffers=buffers)
    loaded[200] = 1
    assert one[0] == 1


def test_rows_between_holes() -> None:
    source = bytes(range(256))
    extents: list[tuple[int | None, int]] = [(index * 3, 2) for index in range(80)]
    extents[40:40] = [(None, 9)]
    view = FragView.from_extents(source, [*extents, (None, 1)])
    data, buffers = out_of_band(view)
    assert len(buffers) == 80
    extents[40:41] = []
    view = FragView.from_extents(source, [(None, 1), *extents, (None, 1)])
    data, buffers = out_of_band(view)
    assert [buffer.raw().nbytes for buffer in buffers] == [160]
    same(pickle.loads(data, buffers=buffers), view)

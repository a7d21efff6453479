"""What other code sees of a view: a real memoryview across seams, plain memory within one fragment."""

from __future__ import annotations

import array
import binascii
import hashlib
import io
import operator
import pickle
import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from fragmented import KINDS, ORACLE, FragView, cut, needs_fragview, place, same, same_error

DATA = bytes(range(65, 89))
SPLITS = [(24,), (1,) * 24, (5, 0, 1, 2, 16), (12, 12), (23, 1)]
KEYS = [slice(*row) for row in [(None,), (3, 17), (0, 0), (5, 6), (2, 22, 2), (None, None, -1), (20, 2, -3)]]


@pytest.mark.parametrize("sizes", SPLITS)
@pytest.mark.parametrize("key", KEYS, ids=repr)
def test_memoryview_across_seams(key: slice, sizes: tuple[int, ...]) -> None:
    """`memoryview(view)` is a built-in memoryview that reads and slices like one of the joined bytes."""
    view = cut(DATA, sizes).view()[key]
    memory, expected = memoryview(view), memoryview(bytearray(DATA))[key]
    assert type(memory) is memoryview
    for name in ("shape", "format", "itemsize", "ndim", "nbytes"):
        assert getattr(memory, name) == getattr(expected, name)
    assert memory.tobytes() == expected.tobytes()
    assert memory.tolist() == expected.tolist()
    assert list(memory) == list(expected)
    assert memory == expected
    assert expected == memory
    for inner in KEYS:
        assert memory[inner].tolist() == expected[inner].tolist()
        assert memory[inner].tobytes() == expected[inner].tobytes()
    for i in range(-len(expected), len(expected)):
        assert memory[i] == expected[i]
    same_error(operator.getitem, memory, expected, len(expected))
    assert (bytes(view), bytearray(view)) == (expected.tobytes(), expected.tobytes())


@pytest.mark.parametrize("sizes", SPLITS)
def test_the_memoryview_is_live(sizes: tuple[int, ...]) -> None:
    """It writes to the memory, and sees what is written there."""
    fragmented = cut(DATA, sizes)
    view = fragmented.view()
    memory = memoryview(view)
    assert memory.readonly is False
    memory[7] = 1
    memory[3:9:2] = b"xyz"
    memory[::-1][0] = 2
    expected = bytearray(DATA)
    expected[7], expected[23] = 1, 2
    expected[3:9:2] = b"xyz"
    fragmented.check(expected)
    view[0] = 200
    assert memory[0] == 200
    memory[:] = DATA[::-1]
    fragmented.check(DATA[::-1])
    fragmented.write(DATA)
    assert memory.tobytes() == DATA


def test_transfers_both_ways() -> None:
    """A memoryview takes a view, a view takes a memoryview, a bytearray takes a view."""
    for sizes in SPLITS:
        view = cut(DATA, sizes).view()
        target = bytearray(24)
        memoryview(target)[:] = view
        assert target == DATA
        memoryview(target)[::-2] = view[:12]
        assert target[::-2] == DATA[:12]
        memoryview(target)[:5] = view[::-1][:5]
        assert target[:5] == DATA[::-1][:5]
        for other in SPLITS:
            second = cut(bytes(24), other).view()
            second[:] = view
            assert second == view
            second[2:20] = memoryview(view)[4:22]
            assert second[2:20].tobytes() == DATA[4:22]
        assert bytearray(view[1:9:2]) == DATA[1:9:2]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_memory(kind: str) -> None:
    """The exported memoryview is writable where the memory is."""
    fragmented = cut(DATA, (5, 7, 12), [kind])
    memory = memoryview(fragmented.view())
    assert memory.tobytes() == DATA
    assert memory.readonly is fragmented.parts[0].readonly
    if memory.readonly:
        with pytest.raises(TypeError):
            memory[0] = 1
    else:
        memory[4:6] = b"zz"
    fragmented.check(DATA if memory.readonly else DATA[:4] + b"zz" + DATA[6:])


@pytest.mark.parametrize("sizes", [(24,), (4, 8, 12), (4,) * 6])
@pytest.mark.parametrize(
    "args",
    [("I",), ("H",), ("B", (4, 6)), ("H", (2, 3, 2)), ("I", (6, 1)), ("I", (1, 6))],
    ids=repr,
)
def test_typed_and_shaped_exports(args: tuple[Any, ...], sizes: tuple[int, ...]) -> None:
    """Formats and shapes go along where no item lies across a seam."""
    fragmented = cut(DATA, sizes)
    expected = memoryview(bytearray(DATA)).cast(*args)
    memory = memoryview(fragmented.view(*args))
    for name in ("shape", "format", "itemsize", "ndim", "nbytes"):
        assert getattr(memory, name) == getattr(expected, name)
    assert memory.tolist() == expected.tolist()
    assert memory.tobytes() == DATA
    assert memory == expected
    last = (-1,) * expected.ndim
    memory[last] = expected[last] = 9
    fragmented.check(expected.tobytes())


CONTIGUOUS: dict[str, Callable[[Any], Any]] = {
    "sha256": lambda b: hashlib.sha256(b).hexdigest(),
    "crc32": zlib.crc32,
    "compress": zlib.compress,
    "unpack_from": lambda b: struct.unpack_from("<IH", b, 3),
    "int.from_bytes": lambda b: int.from_bytes(b, "big"),
    "join": lambda b: b"-".join([b, b]),
    "write": lambda b: io.BytesIO().write(b),
    "readinto": lambda b: io.BytesIO(b"12345").readinto(b),
    "hexlify": binascii.hexlify,
    "frombuffer": lambda b: np.frombuffer(b, np.uint8).tolist(),
    "concat": lambda b: b"<" + b,
    "find": lambda b: (DATA * 2).find(b),
    "str": lambda b: str(b, "latin-1"),
}


@pytest.mark.parametrize("name", CONTIGUOUS)
def test_one_fragment_serves_any_request(name: str) -> None:
    """A range within one fragment is plain memory for C code, also when it is a slice of more."""
    call = CONTIGUOUS[name]
    for sizes, key in [
        ((24,), slice(None)),
        ((4, 0, 16, 4), slice(4, 20)),
        ((4, 16, 4), slice(6, 17)),
    ]:
        fragmented = cut(DATA, sizes)
        expected = bytearray(DATA[key])
        assert call(fragmented.view()[key]) == call(memoryview(expected))
        fragmented.check(DATA[: key.start or 0] + expected + DATA[24 if key.stop is None else key.stop :])


@needs_fragview
@pytest.mark.parametrize("name", CONTIGUOUS)
def test_across_seams_contiguous_requests_are_refused(name: str) -> None:
    """No hidden copy: an error, and where it is the view's own it names the calls that help."""
    view = cut(DATA, (5, 19)).view()
    if name == "int.from_bytes":  # It makes bytes() of what is no bytes: a copy that was asked for.
        assert CONTIGUOUS[name](view) == int.from_bytes(DATA, "big")
        return
    with pytest.raises((BufferError, TypeError)) as caught:
        CONTIGUOUS[name](view)
    if name in ("sha256", "crc32"):
        assert caught.type is BufferError
    if caught.type is BufferError and name != "frombuffer":  # That goes through a memoryview.
        for word in ("tobytes()", "fragments", "gather()"):
            assert word in str(caught.value)


@needs_fragview
def test_numpy_never_sees_the_pointers() -> None:
    """NumPy has no suboffsets: it refuses, or reads the right values, but never the table."""
    view = cut(DATA, (5, 19)).view()
    for call in (np.asarray, np.array, lambda v: np.frombuffer(v, np.uint8)):
        try:
            got = call(view)
        except (BufferError, ValueError, TypeError):
            continue
        assert got.tolist() == list(DATA)
    one = place(DATA)
    shared = np.asarray(FragView(one)[2:9])
    shared[0] = 1
    assert one[2] == 1


def test_shared_memory() -> None:
    """What is exported of one fragment is the memory itself."""
    fragmented = cut(DATA, (4, 16, 4))
    shared = np.frombuffer(fragmented.view()[4:20], np.uint8)
    shared[:2] = 7
    fragmented.check(DATA[:4] + b"\x07\x07" + DATA[6:])
    shared = np.asarray(fragmented.view()[4:20].cast("H"))
    assert shared.dtype == np.uint16
    shared[-1] = 0
    assert fragmented.data()[18:20] == b"\0\0"


@needs_fragview
def test_neighbours_in_memory_are_contiguous() -> None:
    """Fragments that touch in memory are one run, however they came."""
    part = place(DATA)
    for view in (
        FragView([part[:4], part[4:9], part[9:]]),
        FragView([part[i : i + 1] for i in range(24)]),
        FragView([FragView(part)[:7], part[7:]]),
        FragView.from_extents(part.obj, [(5, 4), (9, 20)]),
    ):
        assert hashlib.sha256(view).digest() == hashlib.sha256(DATA).digest()
        memoryview(view)[3:6] = b"abc"
        assert view.tobytes() == DATA[:3] + b"abc" + DATA[6:]
        view[:] = DATA


@needs_fragview
def test_holes() -> None:
    """Holes are exported as zeros, read-only."""
    view = FragView.from_extents(bytearray(DATA), [(2, 3), (None, 5), (0, 2)])
    memory = memoryview(view)
    assert memory.tobytes() == bytes(view) == DATA[2:5] + bytes(5) + DATA[:2]
    assert memory.readonly
    assert memory[::-1].tolist() == list(bytes(view)[::-1])
    with pytest.raises(TypeError):
        memory[0] = 1
    assert bytes(view[4:7]) == bytes(3)
    assert memoryview(view[:3]).readonly is False


def test_empty_views() -> None:
    """Nothing can be exported to anybody."""
    views = [cut(DATA, (5, 19)).view()[5:5], cut(b"", ()).view(), cut(DATA, (5, 19)).view()[9:2:3]]
    for view in views:
        assert bytes(view) == bytearray(view) == memoryview(view).tobytes() == b""
        assert memoryview(view).tolist() == []
    for view in views[:2]:
        assert hashlib.sha256(view).digest() == hashlib.sha256(b"").digest()
        assert zlib.crc32(view) == 0
        assert b"".join([view, b"a"]) == b"a"


@needs_fragview
def test_release_with_exports() -> None:
    """A view can't be released while a memoryview of it, or a slice of that one, lives."""
    for sizes in SPLITS:
        view = cut(DATA, sizes).view()
        memory = memoryview(view)
        part = memory[2:4]
        for _ in range(2):
            with pytest.raises(BufferError):
                view.release()
        with pytest.raises(BufferError), view:
            pass
        assert view.tobytes() == DATA
        other = view[3:]
        other.release()
        memory.release()
        with pytest.raises(BufferError):
            view.release()
        part.release()
        view.release()
        with pytest.raises(ValueError):
            view.tobytes()


def test_exports_outlive_the_name() -> None:
    """An export keeps the view and its memory alive."""
    for sizes in SPLITS:
        memory = memoryview(cut(DATA, sizes).view()[1:20])
        array.array("B", bytes(10_000))
        assert memory.tobytes() == DATA[1:20]
        memory[0] = 1
        assert memory[0] == 1


@needs_fragview
def test_sources_while_exported() -> None:
    """The source is held as long as a memoryview of the view lives, not longer."""
    one, two = bytearray(b"abc"), bytearray(b"def")
    memory = memoryview(FragView([one, two]))
    for source in (one, two):
        with pytest.raises(BufferError):
            source.append(1)
    memory.release()
    del memory
    one.append(1)
    two.append(1)


def test_casting_the_export() -> None:
    """A memoryview with suboffsets can't be cast, one without can: memoryview's own rules."""
    fragmented = cut(DATA, (24,))
    assert memoryview(fragmented.view()).cast("H").tolist() == memoryview(DATA).cast("H").tolist()
    if not ORACLE:
        with pytest.raises(TypeError):
            memoryview(cut(DATA, (5, 19)).view()).cast("H")


def test_pickle_buffer() -> None:
    """PickleBuffer takes any buffer; its raw() only contiguous ones."""
    view = cut(DATA, (5, 19)).view()
    held = pickle.PickleBuffer(view)
    assert memoryview(held).tobytes() == DATA
    if not ORACLE:
        with pytest.raises(BufferError):
            held.raw()
    with pytest.raises(BufferError):
        view.release()
    held.release()
    view.release()


@needs_fragview
def test_thousands_of_fragments() -> None:
    """A memoryview over thousands of unequal fragments of bytearrays, mmaps and arrays."""
    data = bytes(i * 7 % 256 for i in range(12_000))
    sizes, at = [], 0
    while at < len(data):
        sizes.append(min(1 + len(sizes) % 5, len(data) - at))
        at += sizes[-1]
    fragmented = cut(data, sizes, ["bytearray", "mmap", "array", "numpy"])
    view = fragmented.view()
    memory = memoryview(view)
    assert len(view.fragments) == len(sizes) > 3000
    assert memory.tobytes() == data
    memory[:] = data[::-1]
    fragmented.check(data[::-1])
    same(lambda v: v[5000:7000:3], memory, memoryview(bytearray(data[::-1])))

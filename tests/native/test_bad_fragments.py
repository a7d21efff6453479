"""Producers that lie, by structs made with ctypes: each is an error in words, and each struct is released."""

from __future__ import annotations

import ctypes
import gc
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from fragview import FragView

NAME = b"fragview_fragments"
# On the longest line an offset is an `isize`.
LIMIT = 2**63


class Iovec(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("len", ctypes.c_size_t)]


class Fragments(ctypes.Structure):
    pass


RELEASE = ctypes.CFUNCTYPE(None, ctypes.POINTER(Fragments))
Fragments._fields_ = [
    ("version", ctypes.c_int64),
    ("nbytes", ctypes.c_int64),
    ("itemsize", ctypes.c_int64),
    ("format", ctypes.c_char_p),
    ("count", ctypes.c_int64),
    ("fragments", ctypes.POINTER(Iovec)),
    ("readonly", ctypes.POINTER(ctypes.c_uint8)),
    ("release", RELEASE),
    ("private_data", ctypes.c_void_p),
]

new_capsule = ctypes.pythonapi.PyCapsule_New
new_capsule.restype = ctypes.py_object
new_capsule.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]


class Producer:
    """Two fragments, `b"abc"` writable and `b"de"` read-only, as another package gives them; `fields` are
    the lies."""

    def __init__(self, name: bytes = NAME, rows: list[tuple[int | None, int]] | None = None, **fields: Any):
        self.memory = ctypes.create_string_buffer(b"abcde", 5)
        first = ctypes.addressof(self.memory)
        if rows is None:
            rows = [(first, 3), (first + 3, 2)]
        self.rows = (Iovec * len(rows))(*rows)
        self.readonly = (ctypes.c_uint8 * max(len(rows), 2))(0, 1)
        self.name = name
        self.released = 0

        def release(fragments: Any) -> None:
            self.released += 1
            fragments.contents.release = RELEASE()

        self.callback = RELEASE(release)
        good = {
            "version": 1,
            "nbytes": sum(length for _, length in rows) % 2**63,
            "itemsize": 1,
            "format": None,
            "count": len(rows),
            "fragments": self.rows,
            "readonly": self.readonly,
            "release": self.callback,
            "private_data": None,
        }
        self.struct = Fragments(**{**good, **fields})

    def __fragview_c_fragments__(self, *, writable: bool = False) -> Any:
        return new_capsule(ctypes.addressof(self.struct), self.name, None)


def test_a_good_one() -> None:
    producer = Producer()
    view = FragView(producer)
    assert view.tobytes() == b"abcde"
    assert (view[:3].readonly, view[3:].readonly, view.readonly) == (False, True, True)
    view[0] = 65
    assert producer.memory.raw == b"Abcde"
    with pytest.raises(TypeError, match="read-only"):
        view[4] = 1
    # A request to write all of it is refused by the view, not by the producer's word.
    with pytest.raises(BufferError, match="read-only"):
        view.__fragview_c_fragments__(writable=True)
    assert producer.released == 0
    del view
    gc.collect()
    assert producer.released == 1


def test_no_fragments() -> None:
    producer = Producer(rows=[], fragments=None, readonly=None)
    assert FragView(producer).tobytes() == b""
    gc.collect()
    assert producer.released == 1


def test_a_null_fragment_is_a_hole() -> None:
    producer = Producer(rows=[(None, 2**62)])
    view = FragView(producer)
    assert len(view) == 2**62
    assert view[2**61 : 2**61 + 3] == bytes(3)
    assert view.readonly


# A page that no process has.
NOWHERE = 2**64 - 10

LIES: list[tuple[dict[str, Any], str]] = [
    ({"version": 0}, "version 0; this is version 1"),
    ({"version": 2}, "version 2"),
    ({"version": -(2**63)}, "version -9223372036854775808"),
    ({"nbytes": 4}, "5 bytes together, not 4"),
    ({"nbytes": -1}, "nbytes can't be -1"),
    ({"nbytes": 2**63 - 1}, "5 bytes together, not 9223372036854775807"),
    ({"itemsize": 0}, "itemsize can't be 0"),
    ({"itemsize": -8}, "itemsize can't be -8"),
    ({"itemsize": 2}, "itemsize can't be 2"),
    ({"count": -1}, "count can't be -1"),
    ({"count": 2**63 - 1}, "count can't be 9223372036854775807"),
    ({"fragments": None}, "pointer to the fragments is null"),
    ({"format": b"\xff"}, "not text"),
    ({"rows": [(1, LIMIT)]}, "fragment 0 of 9223372036854775808 bytes"),
    ({"rows": [(1, 2**64 - 1)]}, "fragment 0 of 18446744073709551615 bytes"),
    ({"rows": [(None, 2**64 - 1)]}, "fragment 0 of 18446744073709551615 bytes"),
    ({"rows": [(1, LIMIT - 1), (1, LIMIT - 1), (1, 2)]}, "fragment 2 of 2 bytes"),
    ({"rows": [(None, LIMIT - 1), (None, 1)], "nbytes": LIMIT - 1}, "bytes together"),
    ({"rows": [(NOWHERE, 11)]}, "fragment 0 of 11 bytes reaches past the end of the address space"),
]


@pytest.mark.parametrize(("lie", "words"), LIES, ids=lambda value: str(value)[:40])
def test_lies(lie: dict[str, Any], words: str) -> None:
    for wrap in (lambda producer: producer, lambda producer: [b"x", producer]):
        producer = Producer(**lie)
        with pytest.raises(ValueError, match=words):
            FragView(wrap(producer))
        gc.collect()
        assert producer.released == 1


@pytest.mark.parametrize("format", ["?!", "I", "<IH", "x", ""])
def test_formats_that_are_none_of_these_items(format: str) -> None:
    """As of a buffer: the text shows and the bytes move, but there are no items."""
    view = FragView(Producer(format=format.encode()))
    assert (view.format, view.itemsize, view.tobytes()) == (format, 1, b"abcde")
    with pytest.raises(NotImplementedError, match="not supported"):
        view[0]
    with pytest.raises(ValueError, match="formats differ"):
        FragView([b"x", Producer(format=format.encode())])


@pytest.mark.parametrize("name", [b"", b"fragview", b"fragview_fragments\n", b"arrow_array_stream"])
def test_names_of_capsules(name: bytes) -> None:
    producer = Producer(name)
    with pytest.raises(TypeError, match="capsule named 'fragview_fragments'"):
        FragView(producer)
    # What is not ours to take is left alone.
    assert producer.released == 0


def test_taken_twice() -> None:
    producer = Producer()
    capsule = producer.__fragview_c_fragments__()
    view = FragView(producer)
    with pytest.raises(ValueError, match="taken or released before"):
        FragView(producer)
    assert view == b"abcde"
    assert producer.released == 0
    del view, capsule
    gc.collect()
    assert producer.released == 1


@pytest.mark.parametrize("given", [None, 7, b"fragview_fragments", [1], object()])
def test_what_is_no_capsule(given: Any) -> None:
    class Liar:
        def __fragview_c_fragments__(self) -> Any:
            return given

    with pytest.raises(TypeError, match="must return a capsule named 'fragview_fragments'"):
        FragView(Liar())


def test_a_producer_that_raises() -> None:
    class Raises:
        def __fragview_c_fragments__(self) -> Any:
            raise KeyError("mine")

    class RaisesLater:
        @property
        def __fragview_c_fragments__(self) -> Any:
            raise ZeroDivisionError

    with pytest.raises(KeyError, match="mine"):
        FragView(Raises())
    with pytest.raises(KeyError, match="mine"):
        FragView([b"a", Raises()])
    with pytest.raises(ZeroDivisionError):
        FragView(RaisesLater())


def test_a_producer_that_releases_the_view_it_joins() -> None:
    memory = bytearray(b"xyz")
    view = FragView(memory)

    class Rude(Producer):
        def __fragview_c_fragments__(self, *, writable: bool = False) -> Any:
            view.release()
            memory.clear()
            return super().__fragview_c_fragments__()

    try:
        joined = FragView([view, Rude()])
    except (BufferError, ValueError):
        return
    assert joined.tobytes()[-5:] == b"abcde"


def test_a_cycle_through_the_producer_is_collected() -> None:
    class Node(Producer):
        view: Any

    node = Node()
    # ctypes' own callback keeps the node: the test looks at the view.
    node.view = FragView(node)
    watch = weakref.ref(node.view)
    node.view = None
    del node
    gc.collect()
    assert watch() is None


@pytest.fixture
def given() -> Iterator[FragView]:
    view = FragView([bytearray(b"ab"), bytearray(b"c")])
    yield view
    view.release()


def pointer_of(capsule: Any) -> Any:
    get = ctypes.pythonapi.PyCapsule_GetPointer
    get.restype, get.argtypes = ctypes.POINTER(Fragments), [ctypes.py_object, ctypes.c_char_p]
    return get(capsule, NAME)


def test_the_struct_says_what_the_view_is(given: FragView) -> None:
    capsule = given.__fragview_c_fragments__()
    told = pointer_of(capsule).contents
    rows = [(told.fragments[index].base, told.fragments[index].len) for index in range(told.count)]
    assert (told.version, told.nbytes, told.itemsize, told.format) == (1, 3, 1, b"B")
    assert rows == [tuple(row) for row in np.asarray(given.segments()).tolist()]
    assert not told.readonly
    # Whoever releases the struct ends the export; the capsule that goes later does nothing more.
    with pytest.raises(BufferError, match="1 exported buffer"):
        given.release()
    told.release(ctypes.byref(told))
    given.release()
    del capsule


def test_flags_of_fragments() -> None:
    view = FragView([bytearray(b"ab"), b"c", bytearray(b"d")]) + FragView.from_extents(b"", [(None, 5)])
    for part, flags in [(view, [0, 1, 0, 1]), (view[1:3], [0, 1]), (view[2:], [1, 0, 1]), (view[:2], None)]:
        capsule = part.__fragview_c_fragments__()
        told = pointer_of(capsule).contents
        found = told.readonly and [told.readonly[index] for index in range(told.count)]
        assert (found or None) == flags
    capsule = view.toreadonly()[:2].__fragview_c_fragments__()
    assert pointer_of(capsule).contents.readonly[0] == 1


def test_formats_go_both_ways() -> None:
    view = FragView([bytearray(b"abc"), bytearray(b"defgh")]).cast("<I")
    capsule = view.__fragview_c_fragments__()
    told = pointer_of(capsule).contents
    assert (told.nbytes, told.itemsize, told.format) == (8, 4, b"<I")
    assert FragView(Producer(rows=[(None, 8)], itemsize=4, format=b"<I")).tolist() == [0, 0]


def test_of_a_released_view() -> None:
    view = FragView(b"abc")
    view.release()
    for call in (view.__fragview_c_fragments__, view.segments, view.remap, view.can_remap):
        with pytest.raises(ValueError, match="released"):
            call()

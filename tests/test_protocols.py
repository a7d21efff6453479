"""What a class promises that says it is a Sequence: the abstract class's methods, and the C API's."""

from __future__ import annotations

import bisect
import collections.abc
import ctypes
import itertools
import operator
import random
from typing import Any

import pytest

from fragmented import needs_fragview

fragview = pytest.importorskip("fragview")
FragView = fragview.FragView

pytestmark = needs_fragview

DATA = bytes(range(100, 112))
HOLES = [(0, 3), (None, 2), (3, 1), (8, 4)]

API = ctypes.pythonapi


def c(name: str, result: Any, *arguments: Any) -> Any:
    """Return a function of the C API, which raises the exception that it sets."""
    function = ctypes.PYFUNCTYPE(result, *arguments)((name, API))
    assert callable(function)
    return function


OBJECT, SIZE = ctypes.py_object, ctypes.c_ssize_t
object_size = c("PyObject_Size", SIZE, OBJECT)
sequence_check = c("PySequence_Check", ctypes.c_int, OBJECT)
sequence_size = c("PySequence_Size", SIZE, OBJECT)
sequence_length = c("PySequence_Length", SIZE, OBJECT)
sequence_get = c("PySequence_GetItem", OBJECT, OBJECT, SIZE)
sequence_slice = c("PySequence_GetSlice", OBJECT, OBJECT, SIZE, SIZE)
sequence_contains = c("PySequence_Contains", ctypes.c_int, OBJECT, OBJECT)
sequence_count = c("PySequence_Count", SIZE, OBJECT, OBJECT)
sequence_index = c("PySequence_Index", SIZE, OBJECT, OBJECT)
sequence_list = c("PySequence_List", OBJECT, OBJECT)
sequence_tuple = c("PySequence_Tuple", OBJECT, OBJECT)
sequence_fast = c("PySequence_Fast", OBJECT, OBJECT, ctypes.c_char_p)
sequence_set = c("PySequence_SetItem", ctypes.c_int, OBJECT, SIZE, OBJECT)
mapping_check = c("PyMapping_Check", ctypes.c_int, OBJECT)
mapping_size = c("PyMapping_Size", SIZE, OBJECT)
mapping_length = c("PyMapping_Length", SIZE, OBJECT)
length_hint = c("PyObject_LengthHint", SIZE, OBJECT, SIZE)

SIZES = [object_size, sequence_size, sequence_length, mapping_size, mapping_length, len, operator.length_hint]


def sequences() -> list[Any]:
    """Return a sequence of each kind, with the list that it must be like."""
    cut = FragView([DATA[:5], DATA[5:6], b"", DATA[6:]])
    holed = FragView.from_extents(DATA, HOLES)
    found = []
    for name, view in [
        ("one", FragView(DATA)),
        ("seams", cut),
        ("holes", holed),
        ("empty", cut[:0]),
        ("gaps", cut[1::3]),
        ("backwards", cut[::-2]),
        ("shorts", cut.cast("H")),
    ]:
        joined = memoryview(view.tobytes()).cast(view.format)
        found.append(pytest.param(view, joined.tolist(), id=f"FragView-{name}"))
        pieces = [bytes(piece) for piece in view.fragments]
        found.append(pytest.param(view.fragments, pieces, id=f"Fragments-{name}"))
        rows = [tuple(row) for row in memoryview(view.extents()).tolist()]
        found.append(pytest.param(view.extents(), rows, id=f"Extents-{name}"))
    return found


def outcome(call: Any, *arguments: Any) -> Any:
    """Return what a call gives, or the class of its exception."""
    try:
        return call(*arguments)
    except Exception as error:
        return type(error)


@pytest.mark.parametrize(("sequence", "items"), sequences())
def test_sequence(sequence: Any, items: list[Any]) -> None:
    """A `collections.abc.Sequence` in all of its methods."""
    assert isinstance(sequence, collections.abc.Sequence)
    assert isinstance(sequence, collections.abc.Reversible)
    assert not isinstance(sequence, collections.abc.Mapping)
    for name in (
        "__getitem__",
        "__len__",
        "__contains__",
        "__iter__",
        "__reversed__",
        "index",
        "count",
    ):
        assert callable(getattr(sequence, name)), name
    assert list(sequence) == items
    assert list(iter(sequence)) == items
    assert list(reversed(sequence)) == items[::-1]
    count = len(items)
    for index in range(-count - 2, count + 2):
        assert outcome(operator.getitem, sequence, index) == outcome(operator.getitem, items, index)
    for start in (None, 0, 1, 3, -1, -2, 100, -100, 2**70):
        for stop in (None, 0, 2, 5, -1, 100, -100, -(2**70)):
            for step in (None, 1, 2, 5, -1, -3):
                key = slice(start, stop, step)
                assert list(sequence[key]) == items[key]
    with pytest.raises(ValueError, match="zero"):
        sequence[::0]
    for wrong in ("0", None, 1.0, b""):
        with pytest.raises(TypeError):
            sequence[wrong]
    for item in [*items, object(), None]:
        assert (item in sequence) is (item in items)
        assert sequence.count(item) == items.count(item)
        for bounds in [(), (1,), (0, 3), (-2,), (2, -1), (5, 2), (0, 2**70), (-(2**70),), (3, 100)]:
            assert outcome(sequence.index, item, *bounds) == outcome(items.index, item, *bounds), (
                item,
                bounds,
            )
    match sequence:
        case [*found]:
            assert found == items
        case _:
            pytest.fail("a pattern of a sequence does not match")


@pytest.mark.parametrize(("sequence", "items"), sequences())
def test_iterators(sequence: Any, items: list[Any]) -> None:
    """An iterator is its own, tells what is left, ends for good, and keeps the sequence."""
    for make, expected in ((iter, items), (reversed, items[::-1])):
        step: Any = make(sequence)  # type: ignore[operator]
        assert iter(step) is step
        for done, item in enumerate(expected):
            assert operator.length_hint(step, -1) in (len(expected) - done, -1)
            assert next(step) == item
        assert next(step, None) is None
        assert next(step, None) is None
        two = make(sequence), make(sequence)  # type: ignore[operator]
        assert list(zip(*two, strict=True)) == list(zip(expected, expected, strict=True))


@pytest.mark.parametrize(("sequence", "items"), sequences())
def test_sequence_in_c(sequence: Any, items: list[Any]) -> None:
    """What C code asks of a sequence, and of whatever has a length."""
    count = len(items)
    assert sequence_check(sequence) == 1
    assert mapping_check(sequence) == 1
    for size in SIZES:
        assert size(sequence) == count, size
    assert length_hint(sequence, 7) == count
    for index in range(-count, count + 1):
        assert outcome(sequence_get, sequence, index) == outcome(sequence_get, items, index)
    for start in range(-1, count + 2):
        for stop in range(-1, count + 2):
            assert list(sequence_slice(sequence, start, stop)) == sequence_slice(items, start, stop)
    for item in [*items, object()]:
        assert sequence_contains(sequence, item) == sequence_contains(items, item)
        assert sequence_count(sequence, item) == sequence_count(items, item)
        assert outcome(sequence_index, sequence, item) == outcome(sequence_index, items, item)
    assert sequence_list(sequence) == items
    assert sequence_tuple(sequence) == tuple(items)
    assert list(sequence_fast(sequence, b"no sequence")) == items


def test_writing_in_c() -> None:
    """`PySequence_SetItem`, backwards too."""
    source = bytearray(DATA)
    view = FragView([memoryview(source)[:5], memoryview(source)[5:]])
    for index in (0, 5, -1, -12):
        sequence_set(view, index, 7)
        assert source[index] == 7
    for index in (12, 100):
        with pytest.raises(IndexError):
            sequence_set(view, index, 7)
    with pytest.raises(TypeError):
        sequence_set(view.extents(), 0, (0, 0, 1))


def test_lengths_in_c() -> None:
    """Whatever has a `len()` tells it in each way in which C code asks for it."""
    table = fragview.RecordLayout(">HB", "length kind").scan(b"\0\2\1ab\0\1\2c")
    for counted, count in [(table, 2), (table[0], 2), (fragview.FragBuffer([b"ab", b"c"]), 3)]:
        for size in SIZES:
            assert size(counted) == count, (type(counted), size)
    released = FragView(DATA)
    released.release()
    for size in SIZES[:-1]:
        with pytest.raises(ValueError, match="released"):
            size(released)
    point = FragView(DATA[:1]).cast("B", [])
    for size in SIZES[:-1]:
        with pytest.raises(TypeError, match="0-dim"):
            size(point)


def test_bisect() -> None:
    """The standard library's binary search, in C."""
    numbers = random.Random(5).choices(range(256), k=1000)
    joined = bytes(sorted(numbers))
    view = FragView([joined[:7], joined[7:500], joined[500:]])
    for number in range(-1, 257):
        assert bisect.bisect_left(view, number) == bisect.bisect_left(joined, number)
        assert bisect.bisect_right(view, number, 3, 900) == bisect.bisect_right(joined, number, 3, 900)


def test_pyarrow() -> None:
    """`pyarrow.array` of a view across seams: its items."""
    arrow = pytest.importorskip("pyarrow")
    view = FragView([DATA[:5], DATA[5:]])
    assert arrow.array(view).to_pylist() == list(DATA)
    assert arrow.array(view, arrow.uint8()).to_pylist() == list(DATA)


def test_bitarray_and_cbor2() -> None:
    """Two libraries in C that ask for a sequence's size."""
    bitarray = pytest.importorskip("bitarray")
    bits = FragView([b"\0\1", b"\1"])
    assert bitarray.bitarray(bits) == bitarray.bitarray([0, 1, 1])
    cbor2 = pytest.importorskip("cbor2")
    assert cbor2.loads(cbor2.dumps(bits)) == [0, 1, 1]


@pytest.mark.parametrize("cut", [(12,), (1,) * 12, (5, 0, 1, 6)])
def test_extents_make_the_view_again(cut: tuple[int, ...]) -> None:
    """`from_extents` takes what `extents` gives."""
    ends = [sum(cut[:index]) for index in range(len(cut) + 1)]
    rows = [(start, stop - start) for start, stop in itertools.pairwise(ends)]
    random.Random(3).shuffle(rows)
    source = bytearray(DATA)
    for some in (rows, [*rows, (None, 3), *rows]):
        view = FragView.from_extents(source, some)
        for part in (view, view[1:-1], view[::2], view[:0]):
            again = FragView.from_extents(source, part.extents())
            assert again.tobytes() == part.tobytes()
            assert again.readonly is part.readonly or not len(part)
    writable = FragView.from_extents(source, FragView.from_extents(source, rows).extents())
    writable[0] = 1
    assert source[rows[0][0] if rows[0][1] else rows[1][0]] in (1, *DATA)


def test_extents_of_several_sources() -> None:
    """One source has not the bytes of two: a ValueError that names the row."""
    view = FragView([DATA[:4], bytes(4)])
    with pytest.raises(ValueError, match=r"extent 1: .*source 1"):
        FragView.from_extents(DATA, view.extents())
    # Three columns of anybody else may mean anything.
    with pytest.raises(TypeError, match=r"shape \(n, 2\)"):
        FragView.from_extents(DATA, memoryview(bytes(48)).cast("q", [2, 3]))

"""`==`, `!=`, ordering and `hash`: by value as memoryview's, and independent of the fragments."""

from __future__ import annotations

import array
import itertools
import math
import operator
import struct
from collections.abc import Iterator
from typing import Any

import pytest

from fragmented import ORACLE, FragView, cut, needs_fragview, outcome, place, same_error

DATA = bytes(range(1, 25))
SPLITS = [(24,), (1,) * 24, (5, 0, 1, 2, 16), (12, 12), (23, 1)]


def views(data: bytes, *args: Any) -> Iterator[Any]:
    for sizes in SPLITS:
        yield cut(data, sizes).view(*args)


OTHERS: list[Any] = [
    DATA,
    bytearray(DATA),
    memoryview(DATA),
    array.array("B", DATA),
    array.array("H", DATA),
    array.array("H", list(DATA)),
    array.array("d", list(DATA)),
    memoryview(DATA)[::-1],
    memoryview(DATA[::-1])[::-1],
    memoryview(DATA).cast("b"),
    memoryview(DATA).cast("c"),
    memoryview(DATA).cast("I"),
    memoryview(DATA).cast("B", (2, 12)),
    memoryview(DATA).cast("B", (1, 24)),
    DATA[:-1],
    DATA + b"\0",
    DATA[:-1] + b"\0",
    b"",
    "text",
    None,
    5,
    list(DATA),
    tuple(DATA),
    float("nan"),
]


@pytest.mark.parametrize("other", OTHERS, ids=lambda o: f"{type(o).__name__}")
@pytest.mark.parametrize(
    "args", [(), ("b",), ("c",), ("H",), ("d",), ("B", (2, 12)), ("H", (1, 12))], ids=repr
)
def test_equality(args: tuple[Any, ...], other: Any) -> None:
    """Both ways, equal and unequal, against what memoryview says of the same bytes."""
    memory = memoryview(DATA).cast(*args) if args else memoryview(DATA)
    expected = (memory == other, memory != other)
    # bytearray compares bytes where it gets contiguous memory, else it asks the other side.
    reflected = {expected, (other == memory, other != memory)}
    for view in views(DATA, *args):
        assert (view == other, view != other) == expected
        assert (other == view, other != view) in reflected
        assert (view[::1] == other) == expected[0] or view.ndim > 1


@pytest.mark.parametrize(
    "key", [slice(2, 9), slice(None, None, -1), slice(1, None, 3), slice(4, 4)], ids=repr
)
def test_equality_of_slices(key: slice) -> None:
    """Slices and strides compare by their logical bytes, at any alignment of two maps."""
    for one, two in itertools.product(views(DATA), views(DATA)):
        assert one == two
        assert one[key] == two[key] == DATA[key]
        assert (one[key] == two) is False
        two[7] ^= 1
        assert one != two
        assert (one[key] == two[key]) is (7 not in range(24)[key])
        two[7] ^= 1


@pytest.mark.parametrize("at", range(24))
def test_one_byte_differs(at: int) -> None:
    """A difference in any byte is seen."""
    other = bytearray(DATA)
    other[at] ^= 0x80
    for view in views(DATA):
        assert (view == other, view != other) == (False, True)
        assert view[:at] == other[:at]
        assert view[at + 1 :] == other[at + 1 :]


@pytest.mark.parametrize(("one", "two"), list(itertools.product("bBhHiIlLqQnNfd", repeat=2)))
def test_formats_that_differ_with_equal_values(one: str, two: str) -> None:
    """Items are compared as values, not as bytes."""
    values = [0, 1, 100, 27]
    first, second = struct.pack("4" + one, *values), struct.pack("4" + two, *values)
    memory = memoryview(second).cast(two)
    for sizes in ([len(first)], [1] * len(first), [len(first) // 2 + 1, len(first) // 2 - 1]):
        view = cut(first, sizes).view(one)
        assert view == memory
        assert memory == view
        assert view == cut(second, [len(second)]).view(two)
        assert view[:3] != memory
        assert view[::-1] == memory[::-1]
        view[2] = 99
        assert view != memory


def test_floats() -> None:
    """NaN is not itself, zeros of both signs are equal."""
    data = struct.pack("3d", math.nan, 0.0, 1.0)
    for sizes in ([24], [1] * 24, [5, 19]):
        view = cut(data, sizes).view("d")
        memory = memoryview(data).cast("d")
        assert (view == view, view == memory, memory == view) == (memory == memory,) * 3
        assert view[1:] == memoryview(struct.pack("2d", -0.0, 1.0)).cast("d")
        assert view[1:] != memoryview(struct.pack("2d", -0.0, 2.0)).cast("d")


def test_truth_values_and_chars() -> None:
    """'?' compares as truth values, or in older versions as bytes; 'c' as bytes."""
    for code, first, second in [
        ("?", b"\0\1\2\3", b"\0\1\1\1"),
        ("c", b"abcd", b"abce"),
        ("?", b"\0\1\0\1", b"\1\1\0\1"),
        ("?", b"\0\1\0\1", b"\0\1\0\1"),
    ]:
        one, two = memoryview(first).cast(code), memoryview(second).cast(code)
        view = cut(first, (1, 3)).view(code)
        assert (view == two, two == view) == (one == two, one == two)


@needs_fragview
def test_byte_orders_and_structs() -> None:
    """Values decide also where the byte orders differ; struct items compare as tuples."""
    little, big = struct.pack("<3H", 1, 2, 300), struct.pack(">3H", 1, 2, 300)
    for sizes in ([6], [1] * 6, [3, 3]):
        assert cut(little, sizes).view("<H") == cut(big, sizes).view(">H") == array.array("H", [1, 2, 300])
        assert cut(little, sizes).view("<H") != cut(little, sizes).view(">H")
        assert cut(little, sizes).view("<HHH") == cut(little, (2, 4)).view("<HHH")
        assert cut(little, sizes).view("<HHH") == cut(big, (2, 4)).view(">HHH")
        assert cut(little, sizes).view("<HHH") != cut(little, sizes).view(">HHH")


def test_order() -> None:
    """There is no order."""
    memory = memoryview(DATA)
    for view in views(DATA):
        for call in (operator.lt, operator.le, operator.gt, operator.ge):
            for other in (DATA, memory, 5):
                same_error(call, view, memory, other)
                with pytest.raises(TypeError):
                    call(other, view)
            with pytest.raises(TypeError):
                call(view, view)


def test_released() -> None:
    """A released view equals only itself."""
    for view in views(DATA):
        other = view[:]
        view.release()
        assert (view == view, view != view) == (True, False)
        for value in (other, DATA, memoryview(DATA), b"", None):
            assert (view == value, view != value, value != view) == (False, True, True)
    released = memoryview(DATA)
    released.release()
    for view in views(DATA):
        assert view != released
        assert released != view


def test_foreign_types() -> None:
    """`__eq__` of the other side is asked."""

    class Anything:
        def __eq__(self, other: object) -> bool:
            return True

        def __hash__(self) -> int:
            return 0

    for view in views(DATA):
        assert view == Anything()
        assert view.__eq__(5) is NotImplemented
        assert view.__lt__(DATA) is NotImplemented


@pytest.mark.parametrize(
    "key",
    [slice(None), slice(2, 9), slice(None, None, -1), slice(1, None, 3), slice(4, 4)],
    ids=repr,
)
@pytest.mark.parametrize("code", ["B", "b", "c"])
def test_hash(code: str, key: slice) -> None:
    """hash(view) == hash(view.tobytes()), whatever the fragments."""
    for sizes in SPLITS:
        view = cut(DATA, sizes, ["bytes"]).view(code)[key]
        assert hash(view) == hash(memoryview(DATA).cast(code)[key]) == hash(DATA[key])
        assert hash(view) == hash(view)
        assert {view: 1}[DATA[key] if code == "B" else view] == 1


def test_hash_of_shapes() -> None:
    """The shape plays no part."""
    for sizes in SPLITS:
        assert hash(cut(DATA, sizes, ["bytes"]).view("B", (2, 3, 4))) == hash(DATA)


@pytest.mark.parametrize("code", ["H", "I", "d", "?", "Q"])
def test_hash_of_other_formats(code: str) -> None:
    """Refused as memoryview refuses it."""
    for sizes in SPLITS:
        same_error(hash, cut(DATA, sizes, ["bytes"]).view(code), memoryview(DATA).cast(code))


def test_hash_of_writable_memory() -> None:
    """Refused; and `toreadonly` of memory whose owner has no hash is refused too, as memoryview's."""
    for sizes in SPLITS:
        view = cut(DATA, sizes).view()
        same_error(hash, view, memoryview(bytearray(DATA)))
        expected = outcome(hash, memoryview(bytearray(DATA)).toreadonly())
        assert outcome(hash, view.toreadonly()).kind is expected.kind


@needs_fragview
def test_hash_by_range() -> None:
    """A range that is read-only can be hashed, though the rest is writable."""
    view = FragView([place(b"abc", "bytes"), place(b"def"), place(b"ghi", "bytes")])
    with pytest.raises((ValueError, TypeError)):
        hash(view)
    with pytest.raises((ValueError, TypeError)):
        hash(view[2:5])


def test_hash_after_release() -> None:
    """A hash once made stays; a first one after the release is an error."""
    for sizes in SPLITS:
        fragmented = cut(DATA, sizes, ["bytes"])
        view = fragmented.view()
        assert hash(view) == hash(DATA)
        view.release()
        assert hash(view) == hash(DATA)
        fresh = fragmented.view()
        fresh.release()
        with pytest.raises(ValueError, match="released"):
            hash(fresh)


def test_oracle_switch() -> None:
    """The class under test is the one that was asked for."""
    assert (FragView is memoryview) is ORACLE

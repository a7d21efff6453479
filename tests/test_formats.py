"""Typed items: every format, every cut, so that items lie across seams too.

The oracles are `memoryview` for native formats and `struct` for byte orders and whole structs.
"""

from __future__ import annotations

import itertools
import math
import operator
import struct
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from fragmented import ORACLE, Cut, cut, cuts_of, needs_fragview, same, same_error

INTEGERS = "bBhHiIlLqQnN"
HALF = "e" if sys.version_info >= (3, 12) or not ORACLE else ""
FLOATS = "fd" + HALF
NATIVE = "c?P" + INTEGERS + FLOATS
ORDERED = [o + c for o in "<>=!" for c in "cbB?hHiIlLqQefd"]
STRUCTS = [
    "<IHH",
    ">HBq",
    "=bd",
    "!3sB",
    "<B2xh",
    "@BI",
    "BI",
    "<2H",
    "<5s",
    "<4p",
    "hbc?",
    "> H H",
]
BYTES = bytes(range(1, 250, 7)) + bytes(range(12))
FINITE = bytes.fromhex("003c00bc 00400080 ff03017c 007e4248 0000803f 000000c0 5555d53f 182d4454fb210940")


def limits(code: str) -> tuple[int, int]:
    """The least and the largest integer of a native format."""
    bits = 8 * struct.calcsize(code)
    return (-(1 << bits - 1), (1 << bits - 1) - 1) if code.islower() else (0, (1 << bits) - 1)


def three_items(fmt: str) -> Iterator[Cut]:
    """Memory for three items of a format, cut in all ways."""
    yield from cuts_of((BYTES * 3)[: 3 * struct.calcsize(fmt)])


def other_cuts(data: bytes) -> Iterator[Cut]:
    """A few cuts for tests that need not see each seam."""
    n = len(data)
    yield cut(data, [n])
    yield cut(data, [1, n - 1])
    yield cut(data, [n // 2 + 1, 0, n - n // 2 - 1])
    yield cut(data, [1] * n)


@pytest.mark.parametrize("prefix", ["", "@"])
@pytest.mark.parametrize("code", NATIVE)
def test_native_reading(code: str, prefix: str) -> None:
    """Casting, the attributes and each item read as memoryview's, wherever the seams lie."""
    fmt = prefix + code
    for fragmented in three_items(code):
        memory = memoryview(fragmented.data()).cast(fmt) if code not in "e" or HALF_ORACLE else None
        view = fragmented.view(fmt)
        expected = list(struct.unpack("3" + code, fragmented.data()))
        assert repr(view.tolist()) == repr(expected)
        assert [repr(view[i]) for i in (0, 1, 2, -1, -2, -3)] == [
            repr(expected[i]) for i in (0, 1, 2, -1, -2, -3)
        ]
        assert repr(list(view)) == repr(expected)
        assert repr(view[::-2].tolist()) == repr(expected[::-2])
        assert view.tobytes() == fragmented.data()
        assert (view.itemsize, view.nbytes, len(view)) == (
            struct.calcsize(code),
            len(fragmented.data()),
            3,
        )
        if memory is not None:
            for name in ("format", "itemsize", "shape", "strides", "ndim", "nbytes"):
                assert getattr(view, name) == getattr(memory, name)
            same_error(operator.getitem, view, memory, 3)
            same_error(operator.getitem, view, memory, -4)


HALF_ORACLE = sys.version_info >= (3, 12)


@pytest.mark.parametrize("code", INTEGERS)
def test_native_integers_writing(code: str) -> None:
    """Integers at their limits are written; outside of them it is a ValueError and no byte changes."""
    low, high = limits(code)
    for fragmented in three_items(code):
        view = fragmented.view(code)
        expected = bytearray(fragmented.data())
        memory = memoryview(expected).cast(code)
        for i, value in itertools.product(range(-3, 3), (low, low + 1, 0, 1, high - 1, high, True)):
            view[i] = memory[i] = value
            fragmented.check(expected)
        for value in (low - 1, high + 1, -(2**70), 2**70, 1.0, "a", b"a", None, (1,)):
            same_error(operator.setitem, view, memory, 1, value)
            fragmented.check(expected)


@pytest.mark.parametrize("code", FLOATS)
def test_native_floats_writing(code: str) -> None:
    """Floats with their special values are written; what is no float is memoryview's error."""
    values = [0.0, -0.0, 1.5, -2.25, math.inf, -math.inf, math.nan, 65504.0, 3, True, 2**20]
    for fragmented in three_items(code):
        view = fragmented.view(code)
        expected = bytearray(fragmented.data())
        for value in values:
            if code == "e" and value == 2**20:
                continue
            view[1] = value
            struct.pack_into(code, expected, struct.calcsize(code), value)
            fragmented.check(expected)
        if code == "e" and not HALF_ORACLE:
            continue
        memory = memoryview(expected).cast(code)
        for wrong in ("a", b"a", None, 1j, [], 10**400):
            same_error(operator.setitem, view, memory, 1, wrong)
            fragmented.check(expected)


@pytest.mark.parametrize(("code", "value"), [("f", 1e39), ("f", -1e300), ("e", 65520.0), ("e", 1e9)])
def test_floats_too_large(code: str, value: float) -> None:
    """A double beyond the format: whatever memoryview does (it differs by format), the view does."""
    if code == "e" and not HALF_ORACLE:
        pytest.skip("memoryview has 'e' from 3.12")
    for fragmented in three_items(code):
        expected = bytearray(fragmented.data())
        memory = memoryview(expected).cast(code)
        same(operator.setitem, fragmented.view(code), memory, 1, value)
        fragmented.check(expected)


@pytest.mark.parametrize("code", ["c", "?", "P"])
def test_native_others_writing(code: str) -> None:
    """Bytes of length one, truth values and pointers."""
    good = {
        "c": [b"a", b"\x00", b"\xff"],
        "?": [0, 1, True, "", "x", None, []],
        "P": [0, 1, 2**64 - 1],
    }
    wrong = {
        "c": [b"", b"ab", 1, "a", None, bytearray(b"a"), 256],
        "?": [],
        "P": [-1, 2**64, "a", None, 1.0, b"a"],
    }
    for fragmented in three_items(code):
        view = fragmented.view(code)
        expected = bytearray(fragmented.data())
        memory = memoryview(expected).cast(code)
        for value in good[code]:
            same(operator.setitem, view, memory, 1, value)
            fragmented.check(expected)
        for value in wrong[code]:
            same(operator.setitem, view, memory, 1, value)
            fragmented.check(expected)


def test_a_truth_value_that_raises() -> None:
    """An exception of `__bool__` or `__float__` comes out, and nothing is written."""

    class Bad:
        def __bool__(self) -> bool:
            raise RuntimeError("mine")

        __float__ = __bool__  # type: ignore[assignment]
        __index__ = __bool__  # type: ignore[assignment]

    for code in "?dB":
        for fragmented in three_items(code):
            before = fragmented.data()
            with pytest.raises(RuntimeError, match="mine"):
                fragmented.view(code)[1] = Bad()
            fragmented.check(before)


@pytest.mark.parametrize("code", "bhiqHIdf")
def test_slice_assignment_of_items(code: str) -> None:
    """Slices of items take buffers of the same format, with any step."""
    for fragmented in three_items(code):
        for key in (
            slice(None),
            slice(None, None, -1),
            slice(0, 2),
            slice(None, None, 2),
            slice(1, 1),
        ):
            expected = bytearray(fragmented.data())
            memory = memoryview(expected).cast(code)
            view = fragmented.view(code)
            source = memoryview(bytes(range(struct.calcsize(code) * len(memory[key])))).cast(code)
            view[key] = source
            memory[key] = source
            fragmented.check(expected)
        other = memoryview(bytes(3 * struct.calcsize(code))).cast("b" if code != "b" else "B")
        same_error(operator.setitem, fragmented.view(code), memory, slice(None), other)


@pytest.mark.parametrize(("first", "second"), list(itertools.product("BHIqd", repeat=2)))
def test_cast_to_and_fro(first: str, second: str) -> None:
    """From one format through bytes to another; without bytes between them it is memoryview's error."""
    data = BYTES[:32]
    for fragmented in other_cuts(data):
        view, memory = fragmented.view(first), memoryview(fragmented.data() if ORACLE else data).cast(first)
        assert view.cast("B").tolist() == list(data)
        assert view.cast("B").cast(second).tolist() == memoryview(data).cast(second).tolist()
        if "B" in (first, second):
            assert view.cast(second).tobytes() == data
        else:
            same_error(lambda v: v.cast(second), view, memory)


def cast(view: Any, *args: Any) -> Any:
    return view.cast(*args)


@pytest.mark.parametrize(
    "args",
    [
        ("H",),
        ("I",),
        ("q",),
        ("",),
        ("B", [3]),
        ("B", (8,)),
        (1,),
        (None,),
        (b"B",),
        (),
        ("B", (7,), 1),
    ],
    ids=repr,
)
def test_wrong_casts(args: tuple[Any, ...]) -> None:
    """Lengths that are no multiple, empty formats and wrong types: memoryview's error type."""
    with pytest.raises((TypeError, ValueError)) as expected:
        memoryview(BYTES[:7]).cast(*args)
    for fragmented in other_cuts(BYTES[:7]):
        with pytest.raises(expected.type):
            fragmented.view().cast(*args)
        fragmented.check(BYTES[:7])


@pytest.mark.parametrize(
    "fmt", ["Z", "<Z", "%", "I<", "0", "3", "<", "@@I", "<<I", "\0", "é", "9" * 30 + "s"]
)
def test_unknown_formats(fmt: str) -> None:
    """A format that neither memoryview nor struct knows is an error, never a crash."""
    for fragmented in other_cuts(bytes(24)):
        with pytest.raises((ValueError, TypeError, struct.error)):
            fragmented.view().cast(fmt)


def test_cast_of_strided_views() -> None:
    """Only contiguous views can be cast: memoryview's error."""
    memory = memoryview(BYTES[:16])
    for fragmented in other_cuts(BYTES[:16]):
        for key in (slice(None, None, 2), slice(None, None, -1)):
            with pytest.raises(TypeError):
                memory[key].cast("H")
            with pytest.raises(TypeError):
                fragmented.view()[key].cast("H")
        assert fragmented.view()[2:14].cast("H").tolist() == memory[2:14].cast("H").tolist()


@needs_fragview
@pytest.mark.parametrize("fmt", ORDERED)
def test_byte_orders(fmt: str) -> None:
    """Formats with a byte order read and write what `struct` does."""
    size = struct.calcsize(fmt)
    new = FINITE[-size:] if fmt[-1] != "?" else b"\x01"
    for fragmented in three_items(fmt):
        view = fragmented.view(fmt)
        expected = bytearray(fragmented.data())
        items = [row[0] for row in struct.iter_unpack(fmt, expected)]
        assert repr(view.tolist()) == repr(items)
        assert repr([view[i] for i in range(-3, 3)]) == repr(items + items)
        assert (view.format, view.itemsize, len(view)) == (fmt, size, 3)
        value = struct.unpack(fmt, new)[0]
        view[1] = value
        struct.pack_into(fmt, expected, size, value)
        fragmented.check(expected)
        assert repr(view[1]) == repr(struct.unpack_from(fmt, expected, size)[0])
        assert view.cast("B").tobytes() == bytes(expected)


@needs_fragview
@pytest.mark.parametrize("fmt", [f for f in ORDERED if f[-1] in "bBhHiIlLqQ"])
def test_byte_orders_refuse(fmt: str) -> None:
    """What does not fit is a ValueError, a wrong type a TypeError; no byte changes."""
    bits = 8 * struct.calcsize(fmt)
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if fmt[-1].islower() else (0, (1 << bits) - 1)
    for fragmented in other_cuts(BYTES[: 3 * struct.calcsize(fmt)]):
        view, before = fragmented.view(fmt), fragmented.data()
        for value in (low - 1, high + 1, 2**70, -(2**70)):
            with pytest.raises(ValueError):
                view[1] = value
        for wrong in (1.0, "a", b"a", None, (1,)):
            with pytest.raises(TypeError):
                view[1] = wrong
        fragmented.check(before)


@needs_fragview
@pytest.mark.parametrize("fmt", STRUCTS)
def test_struct_formats(fmt: str) -> None:
    """A whole struct is one item: a tuple, or the value where it has only one."""
    size = struct.calcsize(fmt)
    for fragmented in three_items(fmt):
        view = fragmented.view(fmt)
        expected = bytearray(fragmented.data())
        rows = list(struct.iter_unpack(fmt, expected))
        items: list[Any] = [row if len(row) > 1 else row[0] for row in rows]
        assert repr(view.tolist()) == repr(items)
        assert repr(list(view[::-1])) == repr(items[::-1])
        assert (view.format, view.itemsize, view.shape) == (fmt, size, (3,))
        view[0] = items[2]
        struct.pack_into(fmt, expected, 0, *rows[2])
        after = fragmented.data()
        assert struct.unpack_from(fmt, after) == rows[2]
        assert after[size:] == bytes(expected[size:])
        assert view.cast("B").tobytes() == after


@needs_fragview
def test_struct_formats_refuse() -> None:
    """A tuple of a wrong length or with one wrong value writes nothing at all."""
    for fragmented in other_cuts(bytes(24)):
        view = fragmented.view("<IHH")
        for wrong in [
            (1,),
            (1, 2),
            (1, 2, 3, 4),
            (1, 2, 65536),
            (1, 2, "a"),
            (1, 2, None),
            (1, 2, 3.0),
            5,
            "abc",
            None,
        ]:
            with pytest.raises((TypeError, ValueError, struct.error)):
                view[1] = wrong
            fragmented.check(bytes(24))
        view[1] = (1, 2, 3)
        fragmented.check(bytes(8) + struct.pack("<IHH", 1, 2, 3) + bytes(8))
        assert view.cast("B").cast(">IHH")[1] == (0x01000000, 0x0200, 0x0300)

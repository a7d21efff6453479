"""N-dimensional casts: shapes, tuple indices and their errors are memoryview's, with seams anywhere."""

from __future__ import annotations

import itertools
import operator
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from fragmented import ORACLE, Cut, cut, same, same_error

DATA = bytes(range(100, 124))
SHAPES = [(24,), (2, 12), (12, 2), (2, 3, 4), (4, 3, 2), (1, 24, 1), (2, 2, 2, 3), (1,) * 5 + (24,)]
SPLITS = [(24,), (1,) * 24, (5, 1, 2, 0, 16), (7, 10, 7), (12, 12), (2, 0, 0, 21, 1)]


def splits() -> Iterator[Cut]:
    for sizes in SPLITS:
        yield cut(DATA, sizes)


def cast(view: Any, *args: Any) -> Any:
    return view.cast(*args)


@pytest.mark.parametrize("shape", SHAPES, ids=repr)
@pytest.mark.parametrize("code", ["B", "b", "c", "H", "I"])
def test_shapes(code: str, shape: tuple[int, ...]) -> None:
    """Attributes, nested lists and bytes; as a list, as a tuple, by keyword."""
    size = memoryview(bytes(24)).cast(code).itemsize
    if shape[-1] % size:
        pytest.skip("this shape does not hold whole items")
    shape = (*shape[:-1], shape[-1] // size)
    memory = memoryview(DATA).cast(code, shape)
    for fragmented in splits():
        base = fragmented.view()
        for view in (
            base.cast(code, shape),
            base.cast(code, list(shape)),
            base.cast(format=code, shape=shape),
        ):
            for name in ("shape", "ndim", "strides", "suboffsets", "itemsize", "format", "nbytes"):
                assert getattr(view, name) == getattr(memory, name), name
            for name in ("contiguous", "c_contiguous", "f_contiguous"):
                assert getattr(view, name) == getattr(memory, name), name
            assert view.tolist() == memory.tolist()
            assert view.tobytes() == DATA
            assert view.hex() == DATA.hex()
            assert len(view) == len(memory)
            assert view == memory


@pytest.mark.parametrize("shape", SHAPES, ids=repr)
def test_tuple_indices(shape: tuple[int, ...]) -> None:
    """Each item by its tuple, negative too; one past each end is memoryview's IndexError."""
    memory = memoryview(DATA).cast("B", shape)
    ranges = [sorted({-n, -1, 0, n // 2, n - 1}) for n in shape]
    for fragmented in splits():
        view = fragmented.view("B", shape)
        for key in itertools.product(*ranges):
            assert view[key] == memory[key]
        for axis, size in enumerate(shape):
            for bad in (size, -size - 1, 2**70):
                key = tuple(bad if i == axis else 0 for i in range(len(shape)))
                same_error(operator.getitem, view, memory, key)


def test_tuple_writes() -> None:
    """Writing by tuple changes one item in C order."""
    for fragmented in splits():
        expected = bytearray(DATA)
        memory = memoryview(expected).cast("H", (2, 3, 2))
        view = fragmented.view("H", (2, 3, 2))
        for number, key in enumerate(itertools.product((0, -1), (0, 1, 2), (1, -2))):
            view[key] = memory[key] = number * 1000
            fragmented.check(expected)
        for key, value in [
            ((0, 0, 0), -1),
            ((0, 0, 0), "a"),
            ((0, 0, 2), 1),
            ((0, 0), 1),
            ((0, 0, 0, 0), 1),
        ]:
            same_error(operator.setitem, view, memory, key, value)
        fragmented.check(expected)


@pytest.mark.parametrize(
    "key",
    [
        0,
        -1,
        5,
        (0,),
        (0, 0, 0, 0),
        (),
        slice(0, 1),
        slice(None),
        (slice(0, 1), 0),
        (slice(0, 1),) * 3,
        ...,
        None,
        "a",
        (0, "a", 0),
        (0, None, 0),
        (0.0, 0, 0),
        (..., 0),
    ],
    ids=repr,
)
def test_other_keys(key: Any) -> None:
    """Sub-views, multi-dimensional slices and wrong keys: what memoryview says."""
    memory = memoryview(bytearray(DATA)).cast("B", (2, 3, 4))
    for fragmented in splits():
        view = fragmented.view("B", (2, 3, 4))
        same(operator.getitem, view, memory, key)
        same_error(operator.delitem, view, memory, key)
        fragmented.check(DATA)


def test_assignment_of_other_keys() -> None:
    """Assigning with keys that memoryview refuses is refused in the same way."""
    for key in (
        0,
        (0,),
        (0, 0, 0, 0),
        slice(0, 1),
        slice(None),
        (slice(0, 1), 0),
        (slice(0, 1),) * 3,
        "a",
        None,
    ):
        memory = memoryview(bytearray(DATA)).cast("B", (2, 3, 4))
        for fragmented in splits():
            same_error(operator.setitem, fragmented.view("B", (2, 3, 4)), memory, key, b"a")
            fragmented.check(DATA)


@pytest.mark.parametrize(
    "key",
    [slice(0, 1), slice(1, None), slice(None, None, -1), slice(2, 2), slice(None, None, 2)],
    ids=repr,
)
def test_slicing_the_first_dimension(key: slice) -> None:
    """A slice of an N-D view slices its first dimension, as memoryview's."""
    memory = memoryview(DATA).cast("B", (4, 3, 2))
    for fragmented in splits():
        view = fragmented.view("B", (4, 3, 2))
        try:
            expected = memory[key]
        except NotImplementedError:
            with pytest.raises(NotImplementedError):
                view[key]
            continue
        part = view[key]
        assert part.shape == expected.shape
        assert part.strides == expected.strides
        assert part.tolist() == expected.tolist()
        assert part.tobytes() == expected.tobytes()
        assert part.contiguous == expected.contiguous
        assert (part == expected) is True


def test_iteration_of_nd() -> None:
    """Iteration, `in`, and reversed over an N-D view do what memoryview does."""
    memory = memoryview(DATA).cast("B", (2, 12))
    for fragmented in splits():
        view = fragmented.view("B", (2, 12))
        for call in (list, lambda v: list(reversed(v))):
            same_error(call, view, memory)
        with pytest.raises(NotImplementedError):
            operator.contains(view, 3)


@pytest.mark.parametrize(
    "args",
    [
        ("B", (2, 3, 5)),
        ("B", (25,)),
        ("B", (0, 24)),
        ("B", (-1, -24)),
        ("B", (-24,)),
        ("B", (24.0,)),
        ("B", ("24",)),
        ("B", 24),
        ("B", "24"),
        ("B", {24}),
        ("B", [2**63]),
        ("B", [2**70]),
        ("B", [2**32, 2**32]),
        ("B", (1,) * 65),
        ("B", (1,) * 64 + (24,)),
        ("B", [24] + [1] * 200),
        ("B", []),
        ("H", (24,)),
        ("H", (5, 2)),
        ("B", None, 1),
    ],
    ids=repr,
)
def test_wrong_shapes(args: tuple[Any, ...]) -> None:
    """A shape whose product does not match, or that is no shape: memoryview's type of error."""
    with pytest.raises((TypeError, ValueError, OverflowError)) as expected:
        memoryview(DATA).cast(*args)
    for fragmented in splits():
        with pytest.raises(expected.type):
            fragmented.view().cast(*args)
        fragmented.check(DATA)


def test_the_most_dimensions() -> None:
    """64 dimensions are allowed."""
    shape = (1,) * 63 + (24,)
    memory = memoryview(DATA).cast("B", shape)
    for fragmented in splits():
        view = fragmented.view("B", shape)
        assert view.ndim == 64
        assert view[(0,) * 63 + (5,)] == DATA[5]
        assert view.tolist() == memory.tolist()


def test_casting_nd_again() -> None:
    """From N-D only to one dimension and back; N-D to N-D is memoryview's error."""
    memory = memoryview(bytearray(DATA)).cast("B", (2, 12))
    for fragmented in splits():
        view = fragmented.view("B", (2, 12))
        assert view.cast("B").tolist() == list(DATA)
        assert view.cast("B").cast("B", (3, 8)).tolist() == memory.cast("B").cast("B", (3, 8)).tolist()
        for args in (("B", (3, 8)), ("H",), ("H", (12,)), ("B", (24,))):
            same(cast, view, memory, *args)


def test_zero_dimensions() -> None:
    """An empty shape makes a view of one item with no dimension."""
    data = b"\x01\x02\x03\x04"
    for sizes in [(4,), (1, 3), (1, 1, 1, 1)]:
        fragmented = cut(data, sizes)
        expected = bytearray(data)
        view, memory = fragmented.view("I", []), memoryview(expected).cast("I", [])
        for name in ("shape", "ndim", "strides", "suboffsets", "nbytes", "itemsize", "contiguous"):
            assert getattr(view, name) == getattr(memory, name), name
        for call in (list, lambda v: v.tolist(), lambda v: v.tobytes()):
            same(call, view, memory)
        if not ORACLE or sys.version_info >= (3, 12):
            with pytest.raises(TypeError, match="0-dim"):  # Python 3.11 said 1.
                len(view)
        for key in ((), ..., 0, slice(None), (0,)):
            same(operator.getitem, view, memory, key)
        view[()] = memory[()] = 2**32 - 1
        fragmented.check(expected)
        view[...] = memory[...] = 77
        fragmented.check(expected)
        for key, value in [((), -1), ((), "a"), (0, 1), (slice(None), b"abcd")]:
            same(operator.setitem, view, memory, key, value)
        fragmented.check(expected)
        assert view.cast("B").tobytes() == bytes(expected)
        assert view == memory


def test_empty_shapes() -> None:
    """A dimension of zero: memoryview's answer, error or view."""
    for shape in ([0], (0,), (0, 3), (3, 0), None):
        view, memory = cut(b"", (0, 0)).view(), memoryview(b"")
        same(
            lambda v, s=shape: v.toreadonly().cast("B", s) if s else v.toreadonly().cast("B"),
            view,
            memory,
        )
    same(lambda v: v.toreadonly().cast("I"), cut(b"", (0,)).view(), memoryview(b""))

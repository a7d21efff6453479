"""Reading: each index and each (start, stop, step) gives what a memoryview of the joined bytes gives."""

from __future__ import annotations

import itertools
import operator
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from fragmented import KINDS, Cut, FragView, all_splits, cut, needs_fragview, same, same_error, spans

DATA = bytes(range(10, 18))
BOUNDS = [None, *range(-len(DATA) - 1, len(DATA) + 2)]
STEPS = [None, -4, -3, -2, -1, 1, 2, 3, 4]
SLICES = [slice(*row) for row in itertools.product(BOUNDS, BOUNDS, STEPS)]
FEW_SLICES = [slice(*row) for row in itertools.product([None, -5, 1, 7], [None, -2, 0, 6], STEPS)]


class Index:
    """An object that is an integer for indexing."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __index__(self) -> int:
        return self.value


def splits() -> Iterator[Cut]:
    for sizes in all_splits(len(DATA)):
        yield cut(DATA, sizes)


def test_every_index_of_every_split() -> None:
    """Each index in and out of range, for reading."""
    memory = memoryview(DATA)
    expected = {}
    for i in range(-12, 13):
        try:
            expected[i] = memory[i]
        except IndexError as error:
            expected[i] = str(error)
    for fragmented in splits():
        view = fragmented.view()
        for i, value in expected.items():
            if isinstance(value, int):
                assert view[i] == value
            else:
                with pytest.raises(IndexError, match=value):
                    view[i]
        fragmented.check(DATA)


def test_every_slice_of_every_split() -> None:
    """Each slice shows the bytes it should; nothing is written while reading."""
    expected = [DATA[key] for key in SLICES]
    for fragmented in splits():
        view = fragmented.view()
        for key, value in zip(SLICES, expected, strict=True):
            part = view[key]
            assert part.tobytes() == value
            assert len(part) == len(value)
        fragmented.check(DATA)


@pytest.mark.parametrize("sizes", [(8,), (1,) * 8, (2, 1, 5), (5, 0, 0, 2, 1), (0, 1, 5, 2, 0)])
def test_slices_of_slices(sizes: tuple[int, ...]) -> None:
    """A slice of a slice, with each pair of steps, items and attributes included."""
    view = cut(DATA, sizes, ["bytes"]).view()
    memory = memoryview(DATA)
    for first in FEW_SLICES:
        part, memory_part = view[first], memory[first]
        for second in FEW_SLICES:
            inner, memory_inner = part[second], memory_part[second]
            assert inner.tolist() == memory_inner.tolist()
            assert inner.shape == memory_inner.shape
        assert list(part) == list(memory_part)
        assert [part[i] for i in range(-len(part), len(part))] == [
            memory_part[i] for i in range(-len(part), len(part))
        ]
        assert part.nbytes == memory_part.nbytes


def test_three_slices_deep() -> None:
    """Strides multiply and starts add, also through empty slices."""
    data = bytes(range(60))
    view = cut(data, (5, 1, 2, 20, 0, 1, 1, 30)).view()
    keys = [slice(None, None, s) for s in (-3, -2, -1, 2, 3)] + [
        slice(3, -3),
        slice(50, 2, -2),
        slice(4, 4),
    ]
    for a, b, c in itertools.product(keys, repeat=3):
        assert view[a][b][c].tolist() == list(data[a][b][c])


@pytest.mark.parametrize("key", [2**31, 2**63 - 1, 2**63, 2**64, 2**200, -(2**63), -(2**63) - 1, -(2**200)])
def test_huge_indices(key: int) -> None:
    """An index of any size is an IndexError as memoryview's, and a slice bound of any size is clipped."""
    view, memory = cut(DATA, (1, 2, 5), ["bytes"]).view(), memoryview(DATA)
    same_error(operator.getitem, view, memory, key)
    for bounds in [
        (key,),
        (key, None),
        (None, key),
        (key, key),
        (None, None, key),
        (key, 3, -1),
        (3, key, -1),
    ]:
        same(operator.getitem, view, memory, slice(*bounds))


def test_steps_at_the_limits() -> None:
    """A step as large as sys.maxsize overflows nothing."""
    view, memory = cut(DATA, (1, 2, 5), ["bytes"]).view(), memoryview(DATA)
    for step in (sys.maxsize, sys.maxsize - 1, -sys.maxsize, -sys.maxsize - 1, 2**62, -(2**62)):
        for start, stop in itertools.product([None, 0, 3, 7, -1], [None, 0, 8, -8]):
            key = slice(start, stop, step)
            same(operator.getitem, view, memory, key)
            assert view[key][::-1].tolist() == list(DATA[key][::-1])


@pytest.mark.parametrize(
    "key",
    [
        None,
        0.0,
        1.5,
        "a",
        b"a",
        [],
        {},
        object,
        (),
        (0,),
        (0, 0),
        (slice(1), 0),
        (slice(1), slice(1)),
    ],
    ids=repr,
)
def test_wrong_keys(key: Any) -> None:
    """A key of a wrong type is the error that memoryview raises, for reading, writing and deleting."""
    memory = memoryview(bytearray(DATA))
    fragmented = cut(DATA, (2, 1, 5))
    same(operator.getitem, fragmented.view(), memory, key)
    same_error(operator.setitem, fragmented.view(), memory, key, b"a")
    same_error(operator.delitem, fragmented.view(), memory, key)
    fragmented.check(DATA)


@pytest.mark.parametrize(
    "key", [slice("a", None), slice(None, 1.0), slice(None, None, "x"), slice(0, 5, 0)], ids=repr
)
def test_wrong_slices(key: slice) -> None:
    """A slice with a wrong part or a zero step is memoryview's error."""
    memory = memoryview(bytearray(DATA))
    fragmented = cut(DATA, (2, 1, 5))
    same_error(operator.getitem, fragmented.view(), memory, key)
    same_error(operator.setitem, fragmented.view(), memory, key, b"")
    fragmented.check(DATA)


def test_index_objects_and_ellipsis() -> None:
    """`__index__` and bool are indices; `...` is what it is for a memoryview."""
    view, memory = cut(DATA, (2, 1, 5), ["bytes"]).view(), memoryview(DATA)
    for key in (Index(3), Index(-8), Index(8), True, False, Index(2**80)):
        same(operator.getitem, view, memory, key)
    for key in (slice(Index(1), Index(7), Index(2)), slice(True, None), ..., (...,)):
        same(operator.getitem, view, memory, key)


def test_a_raising_index() -> None:
    """An exception of `__index__` comes out as it is."""

    class Bad:
        def __index__(self) -> int:
            raise RuntimeError("from __index__")

    view = cut(DATA, (2, 1, 5)).view()
    for key in (Bad(), slice(Bad(), None), slice(None, Bad()), slice(None, None, Bad())):
        with pytest.raises(RuntimeError, match="from __index__"):
            view[key]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_memory(kind: str) -> None:
    """Reading does not depend on what owns the memory."""
    view = cut(DATA, (1, 2, 0, 5), [kind]).view()
    for key in FEW_SLICES:
        assert view[key].tobytes() == DATA[key]


def test_kinds_mixed() -> None:
    """One view over bytes, bytearray, mmap, array and NumPy memory."""
    fragmented = cut(DATA, (1, 1, 1, 1, 2, 2), KINDS)
    assert fragmented.view().tolist() == list(DATA)
    assert fragmented.view()[::-1].tobytes() == DATA[::-1]


def test_the_view_is_live() -> None:
    """A change of the memory shows in views and slices made before."""
    fragmented = cut(DATA, (2, 1, 5))
    view = fragmented.view()
    part, back = view[1:7], view[::-2]
    new = bytes(range(90, 98))
    fragmented.write(new)
    assert view.tobytes() == new
    assert part.tobytes() == new[1:7]
    assert back.tobytes() == new[::-2]


@needs_fragview
def test_repeated_and_overlapping_fragments() -> None:
    """The same memory twice, and fragments that overlap, read as the joined copy."""
    arena = bytearray(range(40, 52))
    wanted = [(0, 4), (2, 5), (0, 4), (11, 1), (3, 0), (6, 6), (1, 1), (1, 1)]
    joined = b"".join(arena[start : start + size] for start, size in wanted)
    view = FragView(spans(arena, wanted))
    assert view.tobytes() == joined
    bounds = [None, -30, -7, 0, 3, 9, 20]
    for row in itertools.product(bounds, bounds, STEPS):
        assert view[slice(*row)].tobytes() == joined[slice(*row)]

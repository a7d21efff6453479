"""Making views of buffers: what is accepted, how it is flattened, and how misuse is refused."""

from __future__ import annotations

import array
import ctypes
import itertools
import mmap
import re
from collections import deque
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from fragmented import KINDS, FragView, cut, needs_fragview, place

pytestmark = needs_fragview


@pytest.mark.parametrize("kind", KINDS)
def test_one_buffer(kind: str) -> None:
    """A buffer is one fragment, with the attributes of its memoryview."""
    part = place(b"abcdef", kind)
    view, memory = FragView(part), memoryview(part)
    assert view.tobytes() == b"abcdef"
    for name in (
        "format",
        "itemsize",
        "shape",
        "strides",
        "ndim",
        "readonly",
        "nbytes",
        "contiguous",
    ):
        assert getattr(view, name) == getattr(memory, name)
    assert view.obj is memory.obj
    assert len(view.fragments) == 1


@pytest.mark.parametrize(
    "source",
    [
        b"abcd",
        bytearray(b"abcd"),
        array.array("H", [1, 2]),
        np.arange(3, dtype="f8"),
        (ctypes.c_int * 3)(1, 2, 3),
    ],
    ids=lambda s: type(s).__name__,
)
def test_buffers_of_many_types(source: Any) -> None:
    """A buffer is taken as a buffer, also where it could be iterated; the items are memoryview's."""
    view, memory = FragView(source), memoryview(source)
    assert view.obj is source
    assert view.itemsize == memory.itemsize
    assert view.tobytes() == memory.tobytes()
    assert view.tolist() == list(source)


def test_mmap() -> None:
    """An mmap is a buffer."""
    source = mmap.mmap(-1, 100)
    view = FragView(source)
    view[99] = 7
    assert source[99] == 7
    view.release()
    source.close()


def test_empty() -> None:
    """No source, no items, or only empty ones: an empty view of bytes."""
    for view in (
        FragView(),
        FragView(()),
        FragView([]),
        FragView(b""),
        FragView([b"", bytearray(), FragView()]),
    ):
        assert (len(view), view.format, view.nbytes, view.shape) == (0, "B", 0, (0,))
        assert (view.tobytes(), view.tolist(), bytes(view)) == (b"", [], b"")
        assert len(view.fragments) == 0
        assert view == b""
        assert not view
        with pytest.raises(IndexError):
            view[0]
        assert view[:].tobytes() == view[::-1].tobytes() == b""


@pytest.mark.parametrize(
    "container",
    [list, tuple, deque, iter, lambda x: (y for y in x), lambda x: dict.fromkeys(map(bytes, x))],
)
def test_iterables(container: Any) -> None:
    """Any iterable of buffers is joined in order."""
    assert FragView(container([memoryview(b"ab"), memoryview(b""), memoryview(b"cde")])).tobytes() == b"abcde"


def test_writes_go_to_the_sources() -> None:
    """Nothing is copied: a write shows in the source, a change of the source in the view."""
    one, two = bytearray(b"abc"), np.zeros(3, np.uint8)
    view = FragView([one, two])
    view[2:4] = b"XY"
    assert one == b"abX"
    assert two.tolist() == [ord("Y"), 0, 0]
    one[0] = 1
    two[2] = 2
    assert view.tolist() == [1, ord("b"), ord("X"), ord("Y"), 0, 2]


def test_views_are_flattened() -> None:
    """FragViews in the iterable, to any depth and sliced, give the fragments below them."""
    fragmented = cut(b"abcdefgh", (3, 5))
    inner = fragmented.view()
    view = FragView([inner, FragView([inner[2:4], b"xyz"]), inner[::-1], inner[4:4]])
    assert view.tobytes() == b"abcdefgh" + b"cd" + b"xyz" + b"hgfedcba"
    assert len(view.fragments) == 2 + 2 + 1 + 8
    view[0:8][2] = ord("!")
    assert view.tobytes() == b"ab!defgh" + b"!d" + b"xyz" + b"hgfed!ba"
    nested = fragmented.view()
    for _ in range(1000):
        nested = FragView([nested])
    assert nested.tobytes() == fragmented.data()
    assert len(nested.fragments) == 2


def test_a_view_of_a_view() -> None:
    """FragView(FragView) is the same memory; releasing the first leaves the second."""
    fragmented = cut(b"abcdefgh", (3, 5))
    inner = fragmented.view()
    for view in (FragView(inner), FragView([inner]), FragView(inner[:])):
        assert view == inner
        assert len(view.fragments) == 2
    kept = FragView([inner, inner])
    inner.release()
    assert kept.tobytes() == b"abcdefgh" * 2
    with pytest.raises(ValueError, match="released"):
        FragView(inner)
    with pytest.raises(ValueError, match="released"):
        FragView([b"a", inner])


def test_a_view_of_a_memoryview_of_a_view() -> None:
    """A memoryview with suboffsets is a source like any other, sliced and reversed too."""
    fragmented = cut(b"abcdefgh", (3, 0, 4, 1))
    memory = memoryview(fragmented.view())
    for key in (slice(None), slice(2, 5), slice(None, None, -1), slice(6, None, -2), slice(3, 3)):
        view = FragView(memory[key])
        assert view.tobytes() == b"abcdefgh"[key]
        assert FragView([b"<", memory[key]]).tobytes() == b"<" + b"abcdefgh"[key]
        if len(view):
            view[0] = ord("!")
            assert fragmented.data().count(b"!") == 1
            fragmented.write(b"abcdefgh")


@pytest.mark.parametrize(
    "key", [slice(None, None, s) for s in (2, 3, -1, -2, -7, 100)] + [slice(8, 2, -3)], ids=repr
)
def test_strided_memoryviews(key: slice) -> None:
    """A strided buffer keeps its step; joined with others, it becomes one fragment per item, in order."""
    source = bytearray(range(12))
    memory = memoryview(source)[key]
    view = FragView(memory)
    assert view.tolist() == memory.tolist()
    assert view.obj is source
    assert len(view.fragments) == len(memory)
    assert (view.ndim, view.strides, view.contiguous) == (1, memory.strides, memory.contiguous)
    joined = FragView([memory])
    assert (joined.tolist(), joined.strides, joined.contiguous) == (memory.tolist(), (1,), True)
    for i in range(len(view)):
        view[i] = 200 + i
    assert memory.tolist() == list(range(200, 200 + len(memory)))
    items = memoryview(array.array("H", range(12)))[key]
    assert FragView(items).tolist() == items.tolist()
    assert FragView(items).format == "H"


def arrays() -> Iterator[tuple[Any, int]]:
    """NumPy arrays and how many contiguous runs they have."""
    grid = np.arange(48, dtype=np.int32).reshape(6, 8)
    cube = np.arange(60, dtype=np.int16).reshape(3, 4, 5)
    yield grid, 1
    yield grid[1:4], 1
    yield grid[:, 2:5], 6
    yield grid[::2], 3
    yield grid[::-1], 6
    yield grid[:, ::-1], 48
    yield grid[1:5, 3:4], 4
    yield np.asfortranarray(grid), 48
    yield grid.T, 48
    yield cube, 1
    yield cube[:, 1:3], 3
    yield cube[:, :, 1:3], 12
    yield cube[::2, ::-1, 1:4], 8
    yield np.arange(5.0)[2:2], 0
    yield np.zeros((3, 0)), 0


@pytest.mark.thread_unsafe(reason="all threads would write the same arrays")
@pytest.mark.parametrize(("source", "runs"), list(arrays()), ids=lambda a: str(getattr(a, "strides", a)))
def test_numpy_layouts(source: Any, runs: int) -> None:
    """The logical C order of the items in one dimension; one fragment per contiguous run; no copy."""
    view = FragView(source)
    assert view.tolist() == source.ravel(order="C").tolist()
    assert view.tobytes() == source.tobytes()
    assert (view.ndim, view.shape) == (1, (source.size,))
    assert view.itemsize == source.itemsize or not source.size
    assert len(view.fragments) == runs
    for i in range(0, len(view), 5):
        view[i] = -i
        assert source.ravel(order="C")[i] == -i


def test_zero_dimensions() -> None:
    """A buffer of no dimension is one item."""
    value = ctypes.c_double(1.5)
    view = FragView(value)
    assert (len(view), view.ndim, view.nbytes) == (1, 1, 8)
    assert view.tolist() == [1.5]
    view[0] = 2.5
    assert value.value == 2.5


@pytest.mark.parametrize(("one", "two"), [("i", "d"), ("B", "b"), ("H", "B"), ("I", "i")])
def test_formats_that_disagree(one: str, two: str) -> None:
    """ValueError that names both formats."""
    parts = [array.array(one, [1]), array.array(one, [2]), array.array(two, [3])]
    with pytest.raises(ValueError, match=rf"'{one}'.*'{two}'|'{two}'.*'{one}'"):
        FragView(parts)
    with pytest.raises(ValueError, match=rf"'{one}'.*'{two}'|'{two}'.*'{one}'"):
        FragView([FragView(parts[:2]), FragView(parts[2])])


def test_words_for_formats_that_disagree() -> None:
    words = "formats differ: 'B' (1 byte an item) and 'd' (8 bytes an item); cast them to one format"
    with pytest.raises(ValueError, match=f"^{re.escape(words)}$"):
        FragView([b"a", array.array("d", [1])])


def test_formats_that_agree() -> None:
    """Typed sources join item by item."""
    view = FragView([array.array("i", [1, -2]), np.array([3, 4], np.int32), memoryview(bytes(8)).cast("i")])
    assert view.format == "i"
    assert view.tolist() == [1, -2, 3, 4, 0, 0]
    view[1:3] = array.array("i", [7, 8])[::1]
    assert view[:4].tolist() == [1, 7, 8, 4]


@pytest.mark.parametrize("source", ["text", ["text"], [b"a", "text"], [[b"a"], "b"]], ids=repr)
def test_str_is_refused(source: Any) -> None:
    """A str is no buffer, and is not taken for an iterable; the message says so."""
    with pytest.raises(TypeError, match=r"str|list"):
        FragView(source)


@pytest.mark.parametrize(
    "source", [5, 1.5, None, object, [1, 2], [b"a", None], [b"a", 3], range(3), len], ids=repr
)
def test_wrong_types(source: Any) -> None:
    """Neither a buffer nor an iterable of buffers: TypeError."""
    with pytest.raises(TypeError):
        FragView(source)


def test_wrong_calls() -> None:
    """The source is positional and single."""
    for args, kwargs in [((b"a", b"b"), {}), ((), {"source": b"a"}), ((b"a",), {"x": 1})]:
        with pytest.raises(TypeError):
            FragView(*args, **kwargs)
    for count in (2, 3):
        words = f"FragView() takes at most 1 argument ({count} given); join several as FragView([a, b])"
        with pytest.raises(TypeError, match=f"^{re.escape(words)}$"):
            FragView(*[b"a"] * count)


def test_generator_that_raises() -> None:
    """The exception comes out, and what was taken before is let go."""
    taken = bytearray(b"abc")

    def parts() -> Iterator[Any]:
        yield taken
        with pytest.raises(BufferError):
            taken.append(1)
        raise LookupError("no more")

    with pytest.raises(LookupError, match="no more"):
        FragView(parts())
    taken.append(1)
    with pytest.raises(TypeError):
        FragView([taken, 5])
    with pytest.raises(ValueError):
        FragView([taken, array.array("d", [1])])
    taken.append(2)


def test_released_memoryviews() -> None:
    """A released memoryview is memoryview's error; one that is released later changes nothing."""
    memory = memoryview(b"abc")
    view = FragView([memory, b"d"])
    memory.release()
    assert view.tobytes() == b"abcd"
    with pytest.raises(ValueError, match="released"):
        FragView(memory)
    with pytest.raises(ValueError, match="released"):
        FragView([b"a", memory])


def test_many_fragments() -> None:
    """A hundred thousand unequal fragments: any index, any seam."""
    source = bytearray(itertools.islice(itertools.cycle(range(251)), 450_000))
    whole = memoryview(source)
    parts, expected, at = [], bytearray(), 0
    for i in range(100_000):
        size = i * i % 8
        parts.append(whole[at : at + size])
        expected += source[at : at + size]
        at += size + i % 2
    view = FragView(parts)
    assert view.tobytes() == expected
    assert view.obj is source
    for i in range(0, len(expected), 997):
        assert view[i] == expected[i]
        assert view[i : i + 30].tobytes() == expected[i : i + 30]
        assert view[-i - 1] == expected[-i - 1]

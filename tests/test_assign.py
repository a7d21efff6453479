"""Writing by item and by slice: the memory changes exactly as a memoryview's would, and no byte beside it."""

from __future__ import annotations

import array
import itertools
import operator
import re
from collections.abc import Callable
from typing import Any

import pytest

from fragmented import (
    WRITABLE_KINDS,
    FragView,
    all_splits,
    cut,
    needs_fragview,
    place,
    same,
    same_error,
)

DATA = bytes(range(10, 18))
NEW = bytes(range(200, 208))
BOUNDS = [None, *range(-len(DATA) - 1, len(DATA) + 2)]
STEPS = [None, -4, -3, -2, -1, 1, 2, 3, 4]
SLICES = [slice(*row) for row in itertools.product(BOUNDS, BOUNDS, STEPS)]
FEW_SLICES = [slice(*row) for row in itertools.product([None, -5, 1, 7], [None, -2, 0, 6], STEPS)]


def test_every_item_of_every_split() -> None:
    """Writing item i changes byte i and nothing else; out of range nothing."""
    for sizes in all_splits(len(DATA)):
        fragmented = cut(DATA, sizes)
        expected = bytearray(DATA)
        view = fragmented.view()
        for i in range(-len(DATA), len(DATA)):
            view[i] = expected[i] = (i * 7) % 256
            fragmented.check(expected)
        for i in (len(DATA), -len(DATA) - 1, 2**63, -(2**70)):
            with pytest.raises(IndexError):
                view[i] = 1
        fragmented.check(expected)


def test_every_slice_of_every_split() -> None:
    """Writing a slice changes its bytes in its order, and nothing else."""
    results = []
    for key in SLICES:
        values = NEW[: len(DATA[key])]
        after = bytearray(DATA)
        memoryview(after)[key] = values
        results.append((key, values, bytes(after)))
    for sizes in all_splits(len(DATA)):
        fragmented = cut(DATA, sizes)
        view = fragmented.view()
        for key, values, after in results:
            view[key] = values
            assert view.tobytes() == after
            view[:] = DATA
        fragmented.check(DATA)


def sources(values: bytes) -> list[tuple[str, Any]]:
    """The same bytes as many kinds of source."""
    n = len(values)
    made = [
        ("bytes", values),
        ("bytearray", bytearray(values)),
        ("array", array.array("B", values)),
        ("memoryview", memoryview(values)),
        ("reversed", memoryview(values[::-1])[::-1]),
        (
            "strided",
            memoryview(bytes(2 * n)).cast("B")
            if not n
            else memoryview(bytes(b for v in values for b in (v, 0)))[::2],
        ),
        ("view", cut(values, [n // 2, n - n // 2]).view()),
        ("view by byte", cut(values, [1] * n).view()),
    ]
    if n:
        made.append(("view reversed", cut(values[::-1], [1] * n).view()[::-1]))
    return made


@pytest.mark.parametrize("sizes", [(8,), (1,) * 8, (2, 1, 5), (5, 0, 0, 2, 1)])
def test_kinds_of_source(sizes: tuple[int, ...]) -> None:
    """Any buffer of the right size and format can be assigned, also one that is itself in fragments."""
    fragmented = cut(DATA, sizes)
    view = fragmented.view()
    for key in FEW_SLICES:
        values = NEW[: len(DATA[key])]
        expected = bytearray(DATA)
        memoryview(expected)[key] = values
        for name, source in sources(values):
            view[key] = source
            assert view.tobytes() == expected, name
            view[:] = DATA
    fragmented.check(DATA)


@pytest.mark.parametrize("sizes", [(8,), (1,) * 8, (2, 1, 5), (5, 0, 0, 2, 1)])
def test_a_view_into_itself(sizes: tuple[int, ...]) -> None:
    """A slice assigned to another slice of the same view is a memmove, for each pair of slices."""
    fragmented = cut(DATA, sizes)
    view = fragmented.view()
    count = 0
    for target, source in itertools.product(FEW_SLICES, repeat=2):
        if len(DATA[target]) != len(DATA[source]):
            continue
        expected = bytearray(DATA)
        memoryview(expected)[target] = DATA[source]
        view[target] = view[source]
        assert view.tobytes() == expected, (target, source)
        view[:] = DATA
        count += 1
    assert count > 1000
    fragmented.check(DATA)


@pytest.mark.parametrize("kind", WRITABLE_KINDS)
def test_every_kind_of_memory(kind: str) -> None:
    """A write goes to the memory whatever owns it."""
    fragmented = cut(DATA, (1, 2, 0, 5), [kind])
    view = fragmented.view()
    view[0] = 255
    view[1:7:2] = b"\x01\x02\x03"
    fragmented.check(bytes([255, 1, 12, 2, 14, 3, 16, 17]))


WRONG: list[tuple[str, Callable[[Any], Any], Any, Any]] = [
    ("too long", operator.setitem, slice(0, 3), b"abcd"),
    ("too short", operator.setitem, slice(0, 3), b"ab"),
    ("empty into one", operator.setitem, slice(0, 1), b""),
    ("one into empty", operator.setitem, slice(3, 3), b"a"),
    ("other format", operator.setitem, slice(0, 4), array.array("b", b"abcd")),
    ("other itemsize", operator.setitem, slice(0, 4), array.array("H", [1, 2, 3, 4])),
    ("two dimensions", operator.setitem, slice(0, 4), memoryview(b"abcd").cast("B", (2, 2))),
    ("not a buffer", operator.setitem, slice(0, 1), 65),
    ("a list", operator.setitem, slice(0, 1), [65]),
    ("a str", operator.setitem, slice(0, 1), "A"),
    ("None", operator.setitem, slice(0, 1), None),
    ("item: bytes", operator.setitem, 2, b"a"),
    ("item: None", operator.setitem, 2, None),
    ("item: float", operator.setitem, 2, 1.0),
    ("item: too large", operator.setitem, 2, 256),
    ("item: negative", operator.setitem, 2, -1),
    ("item: huge", operator.setitem, 2, 2**100),
    ("item: out of range", operator.setitem, 8, 1),
    ("tuple out of range", operator.setitem, (8,), 1),
]


@pytest.mark.parametrize(("name", "call", "key", "value"), WRONG, ids=[row[0] for row in WRONG])
def test_wrong_values(name: str, call: Callable[..., Any], key: Any, value: Any) -> None:
    """A value that does not fit is memoryview's error, text included, and changes nothing."""
    memory = memoryview(bytearray(DATA))
    for sizes in [(8,), (1,) * 8, (2, 1, 5)]:
        fragmented = cut(DATA, sizes)
        same_error(call, fragmented.view(), memory, key, value)
        fragmented.check(DATA)


@pytest.mark.parametrize("kind", ["bytes", "toreadonly"])
def test_read_only(kind: str) -> None:
    """A write to read-only memory is refused before anything else is looked at."""
    memory = memoryview(DATA)
    for sizes in [(8,), (1,) * 8, (2, 1, 5)]:
        fragmented = cut(DATA, sizes, [kind])
        view = fragmented.view()
        for key, value in [
            (0, 1),
            (0, b"x"),
            (100, 1),
            (slice(0, 2), b"ab"),
            (slice(0, 0), b""),
            ("a", 1),
        ]:
            same_error(operator.setitem, view, memory, key, value)
        same_error(operator.delitem, view, memory, 0)
        fragmented.check(DATA)


def test_delete() -> None:
    """Nothing can be deleted."""
    memory = memoryview(bytearray(DATA))
    fragmented = cut(DATA, (2, 1, 5))
    for key in (0, 100, slice(0, 2), slice(0, 0)):
        same_error(operator.delitem, fragmented.view(), memory, key)
    fragmented.check(DATA)


def test_writes_through_slices() -> None:
    """A slice of a slice writes to the same memory, in its own order."""
    fragmented = cut(DATA, (1, 2, 5))
    view = fragmented.view()
    view[6:0:-1][::2][:] = b"\x01\x02\x03"
    expected = bytearray(DATA)
    memoryview(expected)[6:0:-1][::2][:] = b"\x01\x02\x03"
    fragmented.check(expected)


def test_values_by_index_method() -> None:
    """An object with `__index__` is written as its integer."""

    class Seven:
        def __index__(self) -> int:
            return 7

    for value in (Seven(), True, False):
        fragmented = cut(DATA, (2, 1, 5))
        memory = memoryview(bytearray(DATA))
        same(operator.setitem, fragmented.view(), memory, 2, value)
        fragmented.check(memory.tobytes())


@needs_fragview
def test_readonly_belongs_to_the_range() -> None:
    """A slice that touches only writable fragments is writable, and the rest is not."""
    parts = [
        place(b"ab"),
        place(b"cd", "bytes"),
        place(b"ef"),
        place(b"gh", "toreadonly"),
        place(b""),
    ]
    view = FragView(parts)
    writable = [True, True, False, False, True, True, False, False]
    assert view.readonly is True
    for start, stop in itertools.combinations(range(9), 2):
        part = view[start:stop]
        assert part.readonly is not all(writable[start:stop]), (start, stop)
        before = view.tobytes()
        if all(writable[start:stop]):
            part[:] = before[start:stop].upper()
            assert part.tobytes() == before[start:stop].upper()
            part[0] = before[start]
        else:
            with pytest.raises(TypeError, match="read-only"):
                part[:] = before[start:stop].swapcase()
            assert view.tobytes() == before
    with pytest.raises(TypeError, match="read-only"):
        view[3] = 1


@needs_fragview
def test_all_or_nothing_over_mixed_memory() -> None:
    """A slice assignment that ends in read-only memory does not change the writable part either."""
    parts = [place(b"abcd"), place(b"efgh", "bytes")]
    view = FragView(parts)
    with pytest.raises(TypeError, match="read-only"):
        view[2:6] = b"WXYZ"
    with pytest.raises(TypeError, match="read-only"):
        view[::-1] = b"WXYZWXYZ"
    assert view.tobytes() == b"abcdefgh"


@needs_fragview
def test_words_for_different_structures() -> None:
    """How many items of which format there are, and were given."""
    view = FragView([bytearray(3), bytearray(5)])
    start = "memoryview assignment: lvalue and rvalue have different structures"
    for key, value, more in [
        (slice(0, 5), b"abcdef", "5 items of 'B', given 6 of 'B'"),
        (slice(0, 1), b"", "1 item of 'B', given 0 of 'B'"),
        (slice(0, 4), memoryview(bytes(4)).cast("b"), "4 items of 'B', given 4 of 'b'"),
        (slice(0, 4), memoryview(bytes(4)).cast("B", [2, 2]), "1 dimension, given 2 dimensions"),
        (slice(0, 4), FragView(bytes(4)).cast("B", [2, 2]), "1 dimension, given 2 dimensions"),
    ]:
        with pytest.raises(ValueError, match=f"^{re.escape(start)} \\({re.escape(more)}\\)$"):
            view[key] = value
    assert view == bytes(8)


@needs_fragview
def test_words_for_read_only_fragments() -> None:
    """Of many fragments: which item can't be written, and where it lies."""
    view = FragView([bytearray(3), b"abcd", FragView.from_extents(bytearray(2), [(0, 1), (None, 4), (1, 1)])])
    start = "cannot modify read-only memory"
    for key, value, more in [
        (3, 1, ": item 3 is in fragment 1, which is read-only"),
        (-2, 1, ": item 11 is in fragment 3, which is a hole"),
        (slice(None), bytes(13), ": item 3 is in fragment 1, which is read-only"),
        (slice(7, None), bytes(6), ": item 8 is in fragment 3, which is a hole"),
        (slice(2, 12, 3), bytes(4), ": item 5 is in fragment 1, which is read-only"),
        (slice(None, None, -1), bytes(13), ": item 11 is in fragment 3, which is a hole"),
    ]:
        with pytest.raises(TypeError, match=f"^{start}{more}$"):
            view[key] = value
    part = view[2:9]
    with pytest.raises(TypeError, match=f"^{start}: item 1 is in fragment 1, which is read-only$"):
        part[1] = 0
    with pytest.raises(TypeError, match=f"^{start}: item 1 is a hole$"):
        view[::-1][1] = 0
    with pytest.raises(TypeError, match=f"^{start}: item 1 is in fragment 1, which is read-only$"):
        view[1:].cast("H")[1] = 0
    # In one fragment, or in several dimensions, memoryview's words are all there is to say.
    for wrong, key in (
        (FragView(b"abc"), 0),
        (view[3:6], 0),
        (view.toreadonly(), 3),
        (view[:12].cast("B", [3, 4]), (1, 0)),
    ):
        with pytest.raises(TypeError, match=f"^{start}$"):
            wrong[key] = 0
    assert view == bytes(3) + b"abcd" + bytes(6)


@needs_fragview
def test_all_or_nothing() -> None:
    """A write that fails for any reason has changed nothing."""
    data = bytes(range(65, 89))
    view = FragView([place(data[:8]), place(data[8:16], "bytes"), place(data[16:])])
    whole = cut(data, (8, 8, 8)).view()
    for call, kinds in [
        (lambda: view.__setitem__(slice(0, 24), data[::-1]), TypeError),
        (lambda: view.__setitem__(slice(7, 9), b"ab"), TypeError),
        (lambda: view.cast("Q").__setitem__(1, 0), TypeError),
        (lambda: view[4:12].cast("Q").__setitem__(0, 0), TypeError),
        (lambda: view[4:12].cast("<Q").__setitem__(0, 0), TypeError),
        (lambda: view.pack_into("<QQ", 0, 0, 0), (TypeError, BufferError)),
        (lambda: whole.pack_into("<QH", 6, 0, 2**16), Exception),
        (lambda: whole.pack_into("<QQ", 16, 0, 0), Exception),
        (lambda: whole[4:20].cast("<QII").__setitem__(0, (0, 0, -1)), Exception),
    ]:
        with pytest.raises(kinds):
            call()
        assert view.tobytes() == whole.tobytes() == data

"""`from_extents` and `from_blocks`: geometry from numbers, holes, merging, and every way to get it wrong."""

from __future__ import annotations

import array
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fragmented import FragView, needs_fragview

pytestmark = needs_fragview

DATA = bytes(range(100, 132))
DTYPES = ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]
FORMS: list[Callable[[Any], Any]] = [
    list,
    tuple,
    iter,
    lambda rows: (row for row in rows),
    lambda rows: [list(row) for row in rows],
    lambda rows: np.array(rows, np.int64).reshape(-1, 2),
    lambda rows: memoryview(np.array(rows, np.int64).reshape(-1, 2)),
    lambda rows: np.array(rows, np.int64).reshape(-1, 2)[::-1][::-1],
    lambda rows: np.asfortranarray(np.array(rows, np.int64).reshape(-1, 2)),
]


def rows_of(view: Any) -> list[tuple[int, ...]]:
    """What `extents()` says, by the buffer protocol."""
    return [tuple(row) for row in memoryview(view.extents()).tolist()]


@pytest.mark.parametrize("form", FORMS)
def test_from_extents(form: Callable[[Any], Any]) -> None:
    """Tuples, generators and integer arrays: overlaps, repeats, empties and any order."""
    rows = [(4, 3), (0, 2), (5, 4), (31, 1), (7, 0), (32, 0), (0, 32), (0, 2)]
    source = bytearray(DATA)
    view = FragView.from_extents(source, form(rows))
    assert view.tobytes() == b"".join(DATA[o : o + n] for o, n in rows)
    assert (view.format, view.itemsize, view.readonly) == ("B", 1, False)
    assert view.obj is source
    assert rows_of(view) == [(0, o, n) for o, n in rows if n]
    view[0] = 7
    assert source[4] == 7


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("order", ["<", ">", "="])
def test_integer_types(dtype: str, order: str) -> None:
    """Any integer type and byte order of an (n, 2) array, strided too."""
    table = np.array([[4, 3], [0, 2], [30, 2]]).astype(order + dtype)
    wide = np.zeros((3, 5), order + dtype)
    wide[:, 1:5:2] = table
    for rows in (table, wide[:, 1:5:2]):
        assert FragView.from_extents(DATA, rows).tobytes() == DATA[4:7] + DATA[0:2] + DATA[30:]
    if dtype.startswith("i"):
        table[1, 0] = -1
        assert FragView.from_extents(DATA, table).tobytes() == DATA[4:7] + bytes(2) + DATA[30:]


def test_no_extents() -> None:
    """None at all, or only empty ones."""
    for rows in (
        [],
        iter(()),
        np.zeros((0, 2), np.int64),
        [(0, 0)],
        [(None, 0)],
        [(32, 0), (5, 0)],
    ):
        view = FragView.from_extents(DATA, rows)
        assert (len(view), view.format, view.tobytes()) == (0, "B", b"")
        assert len(view.fragments) == 0


def test_touching_extents_merge() -> None:
    """Neighbours that touch are one fragment; a gap, an overlap or another order is not a touch."""
    cases = [
        ([(0, 4), (4, 4), (8, 1)], 1),
        ([(0, 4), (4, 0), (4, 4)], 1),
        ([(0, 4), (9, 0), (4, 4)], 1),
        ([(0, 4), (5, 4)], 2),
        ([(0, 4), (3, 4)], 2),
        ([(4, 4), (0, 4)], 2),
        ([(0, 4), (None, 2), (4, 4)], 3),
        ([(None, 4), (None, 4)], 1),
        ([(i, 1) for i in range(32)], 1),
    ]
    for rows, expected in cases:
        for made in (rows, np.array([(-1 if o is None else o, n) for o, n in rows])):
            assert len(FragView.from_extents(DATA, made).fragments) == expected, rows


def test_extents_are_in_bytes() -> None:
    """The source's format does not matter, nor its shape."""
    source = np.arange(12, dtype=np.int32).reshape(3, 4)
    view = FragView.from_extents(source, [(3, 6), (40, 8)])
    raw = source.tobytes()
    assert view.tobytes() == raw[3:9] + raw[40:]
    view[0] = 0xFF
    assert source.tobytes()[3] == 0xFF


def test_holes() -> None:
    """A hole is zeros: readable, not writable, without memory."""
    for rows in ([(2, 3), (None, 4), (0, 1)], np.array([(2, 3), (-1, 4), (0, 1)])):
        source = bytearray(DATA)
        view = FragView.from_extents(source, rows)
        assert view.tobytes() == DATA[2:5] + bytes(4) + DATA[:1]
        assert view.tolist()[::-1] == list(view[::-1])
        assert (view[:3].readonly, view[3:7].readonly, view.readonly) == (False, True, True)
        assert rows_of(view)[0] == (0, 2, 3)
        assert rows_of(view)[1][0] == -1
        assert rows_of(view)[1][2] == 4
        for key, value in [(3, 1), (slice(2, 4), b"ab"), (slice(3, 7), bytes(4))]:
            with pytest.raises(TypeError, match="read-only"):
                view[key] = value
        view[:3][:] = b"xyz"
        assert source == DATA[:2] + b"xyz" + DATA[5:]


def test_huge_holes() -> None:
    """Holes cost nothing, up to sys.maxsize bytes; beyond that it is an OverflowError."""
    view = FragView.from_extents(b"ab", [(0, 1), (None, sys.maxsize - 2), (1, 1)])
    assert len(view) == view.nbytes == sys.maxsize
    assert (view[0], view[1], view[2**62], view[-2], view[-1]) == (97, 0, 0, 0, 98)
    assert view[:: 2**61].tolist()[0] == 97
    assert view[-3:].tobytes() == b"\0\0b"
    assert view[::-1][0] == 98
    assert len(FragView.from_extents(b"", [(None, 2**62), (None, 2**62 - 1)])) == sys.maxsize
    for rows in ([(None, 2**62)] * 3, [(None, 2**62)] * 2, [(None, sys.maxsize), (None, 1)]):
        with pytest.raises(OverflowError):
            FragView.from_extents(b"", rows)
        with pytest.raises(OverflowError):
            FragView.from_extents(b"", np.array([(-1, n) for _, n in rows]))
    big = FragView.from_extents(b"", [(None, 2**62)])
    with pytest.raises(OverflowError):
        FragView([big, big])
    for call in (big.tobytes, big.tolist, lambda: bytes(big), lambda: memoryview(big)):
        with pytest.raises((MemoryError, OverflowError, BufferError)):
            call()
    for call in (big.tobytes, lambda: memoryview(big), lambda: big.fragments[0]):
        with pytest.raises(MemoryError, match=f"^no memory for {2**62} bytes$"):
            call()


@pytest.mark.unix
def test_fragments_of_huge_holes() -> None:
    """A hole's fragment is a memoryview of zeros that take no memory, so all fragments can be looked at."""
    size = 2**40
    view = FragView.from_extents(bytearray(b"abc"), [(0, 1), (None, size), (1, 1), (None, size // 2), (2, 1)])
    before = resident()
    fragments = list(view.fragments)
    assert [len(fragment) for fragment in fragments] == [1, size, 1, size // 2, 1]
    assert [fragment.readonly for fragment in fragments] == [False, True, False, True, False]
    for fragment in fragments[1::2]:
        assert type(fragment) is memoryview
        assert (fragment[0], fragment[-1], fragment[12_345_678_901]) == (0, 0, 0)
        assert fragment[1:8].tobytes() == bytes(7)
        with pytest.raises(TypeError):
            fragment[0] = 1
        assert np.asarray(fragment)[:: 2**36].sum() == 0
    assert resident() - before < 2**28
    assert view.fragments[1][:100] == bytes(100)
    assert memoryview(FragView.from_extents(b"", [(None, size)])).nbytes == size
    typed = FragView.from_extents(b"", [(None, size)]).cast("d", [2**20, 2**17])
    assert memoryview(typed)[5, 7] == 0.0
    assert memoryview(typed).strides == (2**20, 8)
    # The fragments are counted as before.
    assert view.locate(size + 1) == (2, 0)
    assert view.locate(size) == (1, size - 1)
    assert FragView(fragments).extents()[1] == (-1, 0, size)


def test_holes_of_all_sizes() -> None:
    """One after the other, growing and shrinking: zeros all of them, each valid while it is held."""
    held = []
    for size in [1, 2**20, 2**20 + 1, 5, 2**33, 2**21, 7, 2**34 + 3, 1]:
        fragment = FragView.from_extents(b"", [(None, size)]).fragments[0]
        held.append((size, fragment))
    for size, fragment in held:
        assert (len(fragment), fragment[0], fragment[size - 1], fragment.readonly) == (size, 0, 0, True)
    assert FragView.from_extents(b"", [(None, 3)]).cast("B", [3]).fragments[0].tobytes() == bytes(3)


def resident() -> int:
    """Bytes of memory that this process has."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


BAD_EXTENTS = [
    (33, 0),
    (33, 1),
    (30, 3),
    (0, 33),
    (-2, 1),
    (0, -1),
    (5, -3),
    (2**63 - 1, 1),
    (2**63 - 1, 2**63 - 1),
    (1, 2**63 - 1),
    (-(2**63), 1),
    (0, -(2**63)),
    (-(2**63), -(2**63)),
]


@pytest.mark.parametrize("bad", BAD_EXTENTS, ids=repr)
def test_out_of_range(bad: tuple[int, int]) -> None:
    """ValueError with the extent's index, for a list and an array; the source is let go."""
    source = bytearray(DATA)
    for rows in (
        [(0, 1), (2, 3), (4, 5), bad, (0, 1)],
        np.array([(0, 1), (2, 3), (4, 5), bad, (0, 1)], np.int64),
    ):
        with pytest.raises(ValueError, match=r"\b3\b"):
            FragView.from_extents(source, rows)
    source.append(1)


@pytest.mark.parametrize(
    "bad",
    [(2**63, 1), (0, 2**63), (2**64 - 1, 2), (2**64, 0), (2**200, 1), (0, 2**200), (0, -(2**200))],
)
def test_huge_numbers(bad: tuple[int, int]) -> None:
    """Numbers beyond 63 bits are errors like other numbers out of range."""
    with pytest.raises((ValueError, OverflowError)):
        FragView.from_extents(DATA, [bad])
    if min(bad) >= 0 and max(bad) < 2**64:
        with pytest.raises((ValueError, OverflowError)):
            FragView.from_extents(DATA, np.array([bad], np.uint64))
    with pytest.raises((ValueError, OverflowError)):
        FragView.from_extents(DATA, [(None, bad[1] if abs(bad[1]) > 2**60 else bad[0])])


@pytest.mark.parametrize(
    "rows",
    [
        5,
        None,
        [5],
        [(1,)],
        [(1, 2, 3)],
        [()],
        ["ab"],
        [(0, 1.0)],
        [(0.0, 1)],
        [("0", 1)],
        [(0, None)],
        [None],
        np.zeros((2, 2)),
        np.zeros((2, 3), int),
        np.zeros(4, int),
        np.zeros((1, 2, 1), int),
        np.zeros((2, 2), "?"),
        b"abcd",
        array.array("q", [0, 1]),
    ],
    ids=repr,
)
def test_wrong_rows(rows: Any) -> None:
    """What is no table of integer pairs is a TypeError or a ValueError."""
    with pytest.raises((TypeError, ValueError)):
        FragView.from_extents(DATA, rows)


@pytest.mark.parametrize(
    ("rows", "kind", "words"),
    [
        ([("a", 4)], TypeError, "extent 0: offset must be an integer or None, not 'str'"),
        ([(0, 1), (1.5, 4)], TypeError, "extent 1: offset must be an integer or None, not 'float'"),
        ([(0, None)], TypeError, "extent 0: length must be an integer, not 'NoneType'"),
        (
            [(0, 1), (-1, 2)],
            ValueError,
            "extent 1: offset -1 + length 2 is out of range for a source of 32 bytes; "
            "a hole's offset is None, or -1 in a buffer",
        ),
        (
            np.zeros((1, 3), "l"),
            TypeError,
            "an integer buffer of shape (n, 2) is required, not one of format 'l' and shape (1, 3)",
        ),
        (
            np.zeros((1, 2)),
            TypeError,
            "an integer buffer of shape (n, 2) is required, not one of format 'd' and shape (1, 2)",
        ),
        (
            b"ab",
            TypeError,
            "an integer buffer of shape (n, 2) is required, not one of format 'B' and shape (2,)",
        ),
    ],
    ids=repr,
)
def test_words_for_wrong_rows(rows: Any, kind: type[Exception], words: str) -> None:
    """Which extent, what is wrong with it, and what would be right."""
    with pytest.raises(kind, match=f"^{re.escape(words)}$"):
        FragView.from_extents(DATA, rows)


@pytest.mark.parametrize(
    ("indices", "options", "kind", "words"),
    [
        ([2, None], {}, TypeError, "block 1: index must be an integer (a hole is -1), not 'NoneType'"),
        (["a"], {}, TypeError, "block 0: index must be an integer (a hole is -1), not 'str'"),
        ([0], {"start": -1}, ValueError, "start must be 0 or more, not -1"),
        ([0], {"start": "a"}, TypeError, "start must be an integer, not 'str'"),
        ([0], {"length": -5}, ValueError, "length must be 0 or more, not -5"),
        ([0], {"length": 2**70}, ValueError, f"length is too large: {2**70}"),
        ([0], {"size": 0}, ValueError, "block_size must be 1 or more, not 0"),
    ],
    ids=repr,
)
def test_words_for_wrong_blocks(indices: Any, options: Any, kind: type[Exception], words: str) -> None:
    options = {"size": 4, **options}
    size = options.pop("size")
    with pytest.raises(kind, match=f"^{re.escape(words)}$"):
        FragView.from_blocks(DATA, indices, size, **options)


def test_numbers_that_raise() -> None:
    """An exception of a number's own code is none of ours."""

    class Broken:
        def __index__(self) -> int:
            raise TypeError("mine")

    for call in (
        lambda: FragView.from_extents(DATA, [(Broken(), 1)]),
        lambda: FragView.from_extents(DATA, [(0, Broken())]),
        lambda: FragView.from_blocks(DATA, [Broken()], 1),
        lambda: FragView.from_blocks(DATA, [0], Broken()),
    ):
        with pytest.raises(TypeError, match=r"^mine$"):
            call()


def test_wrong_sources() -> None:
    """The source must be a buffer."""
    for source in (5, None, "text", object()):
        with pytest.raises(TypeError):
            FragView.from_extents(source, [(0, 0)])
        with pytest.raises(TypeError):
            FragView.from_blocks(source, [0], 1)


def test_an_iterable_that_raises() -> None:
    """The exception comes out, and the source is let go."""

    def rows() -> Any:
        yield (0, 1)
        raise LookupError("mine")

    source = bytearray(DATA)
    with pytest.raises(LookupError, match="mine"):
        FragView.from_extents(source, rows())
    with pytest.raises(LookupError, match="mine"):
        FragView.from_blocks(source, (row[0] for row in rows()), 4)
    source.append(1)


@pytest.mark.parametrize("form", [list, tuple, iter, *(lambda x, d=d: np.array(x, d) for d in DTYPES[:4])])
def test_from_blocks(form: Callable[[Any], Any]) -> None:
    """Block i lies at start + i * block_size; -1 is a hole; neighbours merge."""
    source = bytearray(DATA)
    view = FragView.from_blocks(source, form([3, 0, 1, -1, 2, 2]), 5, start=4)
    blocks = [DATA[4 + 5 * i : 9 + 5 * i] for i in range(4)]
    assert view.tobytes() == blocks[3] + blocks[0] + blocks[1] + bytes(5) + blocks[2] + blocks[2]
    assert view.format == "B"
    assert len(view.fragments) == 5
    view[:5][0] = 9
    assert source[19] == 9


def test_blocks_trimmed() -> None:
    """`length` trims the end, to nothing at the least."""
    blocks = DATA[8:16] + DATA[0:8] + bytes(8)
    for length in range(25):
        view = FragView.from_blocks(DATA, [1, 0, -1], 8, length=length)
        assert view.tobytes() == blocks[:length]
    assert FragView.from_blocks(DATA, [1, 0, -1], 8, length=None).tobytes() == blocks
    assert len(FragView.from_blocks(DATA, [], 8)) == len(FragView.from_blocks(DATA, [], 8, length=0)) == 0


@pytest.mark.parametrize(
    ("indices", "size", "kwargs"),
    [
        ([0, 1, 4], 8, {}),
        ([0, 1, -2], 8, {}),
        ([0, 0, 2**62], 8, {}),
        ([0, 0, 2**63 - 1], 8, {}),
        ([0, 0, 3], 8, {"start": 1}),
        (np.array([0, 1, 4]), 8, {}),
        (np.array([0, 1, 2**63 - 1]), 8, {}),
        (np.array([0, 1, -(2**63)]), 8, {}),
    ],
)
def test_blocks_out_of_range(indices: Any, size: int, kwargs: Any) -> None:
    """ValueError that names the place in the list; the source is let go."""
    source = bytearray(DATA)
    with pytest.raises(ValueError, match=r"\b2\b"):
        FragView.from_blocks(source, indices, size, **kwargs)
    source.append(1)


@pytest.mark.parametrize(
    ("size", "kwargs"),
    [
        (0, {}),
        (-8, {}),
        (8, {"start": -1}),
        (8, {"start": 100}),
        (8, {"length": -1}),
        (8, {"length": 17}),
        (2**70, {}),
        (8, {"start": 2**70}),
        (8, {"length": 2**70}),
        (2**63 - 1, {}),
    ],
)
def test_blocks_with_wrong_numbers(size: int, kwargs: Any) -> None:
    """Sizes, starts and lengths that can't be."""
    with pytest.raises((ValueError, OverflowError)):
        FragView.from_blocks(DATA, [0, 1], size, **kwargs)


def test_blocks_with_wrong_types() -> None:
    """TypeError for what is no integer."""
    for args, kwargs in [
        (([0], 8.0), {}),
        (([0.0], 8), {}),
        ((["0"], 8), {}),
        (([None, "a"], 8), {}),
        ((5, 8), {}),
        (([0],), {}),
        (([0], 8, 0), {}),
        (([0], 8), {"start": "1"}),
        (([0], 8), {"length": "1"}),
        ((np.zeros(2), 8), {}),
    ]:
        with pytest.raises((TypeError, ValueError)):
            FragView.from_blocks(DATA, *args, **kwargs)


def test_huge_blocks() -> None:
    """Holes by blocks, to sys.maxsize and over it."""
    assert len(FragView.from_blocks(b"", [-1], sys.maxsize)) == sys.maxsize
    with pytest.raises(OverflowError):
        FragView.from_blocks(b"", [-1, -1], 2**62)
    assert len(FragView.from_blocks(b"", [-1], 2**62, length=3)) == 3

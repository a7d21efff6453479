"""Rows of a `RecordTable` by slice, mask and indices; the oracle is a list of rows."""

from __future__ import annotations

import array
import itertools
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from fragmented import FragView, needs_fragview
from record_rows import ROWS, Number, same_rows

pytestmark = needs_fragview


SLICES = [slice(*bounds) for bounds in itertools.product((None, 0, 2, -3, 99, -99), repeat=2)]
SLICES += [slice(None, None, step) for step in (1, 2, -1, -4, 99)] + [slice(9, 1, -3), slice(1, 9, 3)]


@pytest.mark.parametrize("key", SLICES, ids=repr)
def test_slice(table: Any, key: slice) -> None:
    picked = table[key]
    same_rows(picked, ROWS[key])
    assert picked.offsets.tolist() == table.offsets.tolist()[key]


def test_wrong_slice(table: Any) -> None:
    with pytest.raises(ValueError, match="zero"):
        table[::0]
    with pytest.raises(TypeError):
        table["a":"b"]


MASK = [kind == b"AA" for kind, _, _ in ROWS]
MASKS: list[Callable[[list[bool]], Any]] = [
    list,
    tuple,
    iter,
    np.array,
    lambda mask: np.array(mask).tolist(),
    lambda mask: list(np.array(mask)),
    lambda mask: np.repeat(np.array(mask), 2)[::2],
    lambda mask: np.array(mask[::-1])[::-1],
    lambda mask: memoryview(np.array(mask)),
    lambda mask: FragView(np.array(mask)),
    lambda mask: FragView([np.array(mask[:4]), np.array(mask[4:])]),
]


@pytest.mark.parametrize("form", MASKS)
def test_mask(table: Any, form: Callable[[list[bool]], Any]) -> None:
    same_rows(table[form(MASK)], [row for row, keep in zip(ROWS, MASK, strict=True) if keep])
    same_rows(table[form([True] * len(ROWS))], ROWS)
    same_rows(table[form([False] * len(ROWS))], [])


def test_mask_from_columns(table: Any) -> None:
    """NumPy's comparisons of columns are masks."""
    mask = (np.asarray(table["part"]) >= 0) & (np.asarray(table["kind"]) == b"AA")
    same_rows(table[mask], [row for row in ROWS if row[0] == b"AA" and row[1] >= 0])


INDICES = [0, 3, -1, 3, 3, -len(ROWS), 14, 2]


@pytest.mark.parametrize(
    "form",
    [
        list,
        tuple,
        iter,
        np.array,
        lambda i: np.array(i, np.int8),
        lambda i: np.array(i, ">i4"),
        lambda i: list(np.array(i, np.int8)),
        lambda i: list(np.array(i, np.int64)),
        lambda i: np.repeat(np.array(i), 3)[::3],
        lambda i: array.array("q", i),
        lambda i: [Number(n) for n in i],
        lambda i: FragView(np.array(i)),
    ],
)
def test_indices(table: Any, form: Callable[[list[int]], Any]) -> None:
    """Any order, repeats and negative ones, as of a list."""
    same_rows(table[form(INDICES)], [ROWS[index] for index in INDICES])


def test_one_number_by_index(table: Any) -> None:
    assert table[Number(2)].content.tobytes() == b"two!"


def test_unsigned_indices(table: Any) -> None:
    for dtype in (np.uint8, np.uint64, ">u2"):
        same_rows(table[np.array([0, 3, 14], dtype)], [ROWS[0], ROWS[3], ROWS[14]])
    with pytest.raises(IndexError):
        table[np.array([2**64 - 1], np.uint64)]


def test_no_indices(table: Any) -> None:
    for key in ([], (), np.zeros(0, np.int64), iter([])):
        same_rows(table[key], [])


@pytest.mark.parametrize("length", [0, 1, len(ROWS) - 1, len(ROWS) + 1])
def test_mask_of_another_length(table: Any, length: int) -> None:
    for mask in ([True] * length, np.ones(length, bool)):
        if len(mask) or not isinstance(mask, list):
            with pytest.raises(IndexError, match="mask"):
                table[mask]
        values = f"{length} value{'' if length == 1 else 's'}"
        words = f"a mask of {values} for 15 records; it needs one truth value a record"
        for form in (list, tuple, lambda m: np.array(m, bool), lambda m: np.array(m, np.int16)):
            with pytest.raises(ValueError, match=f"^{re.escape('messages(): ' + words)}$"):
                table.messages(form(mask))
    endless = itertools.cycle([1, 0])
    with pytest.raises(ValueError, match="a mask of more than 15 values for 15 records"):
        table.messages(endless)


@pytest.mark.parametrize(
    "key",
    [
        1.5,
        None,
        object(),
        [1.5],
        ["a"],
        [None],
        [True, 1],
        [1, True],
        True,
        np.array([1.0]),
        np.array(["a"]),
        array.array("d", [1.0]),
    ],
)
def test_wrong_pick(table: Any, key: Any) -> None:
    with pytest.raises(TypeError):
        table[key]


@pytest.mark.parametrize(
    ("key", "given"),
    [
        (1.5, "'float'"),
        (None, "'NoneType'"),
        (("part", "kind"), "'tuple' of 'str'"),
        ([1.5], "'list' of 'float'"),
        (object(), "'object'"),
    ],
)
def test_words_for_a_wrong_pick(table: Any, key: Any, given: str) -> None:
    words = f"records are picked by an index, slice, mask, array of indices or field name, not {given}"
    with pytest.raises(TypeError, match=f"^{words}$"):
        table[key]


def test_table_of_a_table(table: Any) -> None:
    """Picks of picks, on the same source."""
    same_rows(table[::2][1:][[-1, 0]], [ROWS[::2][1:][-1], ROWS[::2][1]])
    assert table[3:][2].offset == table.offsets[5]

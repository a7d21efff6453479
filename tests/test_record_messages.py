"""`group_by` and `messages` of a `RecordTable`; the oracle is a list of rows."""

from __future__ import annotations

import array
import itertools
import struct
from typing import Any

import numpy as np
import pytest

from fragmented import FragView, needs_fragview
from record_rows import FIELDS, LAYOUT, ROWS, Number, RecordLayout, contents, same_rows

pytestmark = needs_fragview


@pytest.mark.parametrize("field", FIELDS)
def test_group_by(table: Any, field: str) -> None:
    groups = table.group_by(field)
    wanted: dict[Any, list[int]] = {}
    for index, record in enumerate(table):
        wanted.setdefault(record[field], []).append(index)
    assert list(groups) == list(wanted)
    for value, indices in wanted.items():
        same_rows(groups[value], [ROWS[i] for i in indices])


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("f", [0.0, -0.0, 1.5, 0.0]),
        ("d", [-0.0, 0.0]),
        ("e", [0.0, -0.0]),
        ("4p", [b"\1axy", b"\1azz", b"\2abc", b"\xffabc", b"\4abc"]),
        ("?", [b"\0", b"\1", b"\2", b"\xff"]),
    ],
)
def test_group_by_equal_values(code: str, values: list[Any]) -> None:
    """Different bytes of one value are one group: no record is lost."""
    raw = [v if isinstance(v, bytes) else struct.pack("<" + code, v) for v in values]
    table = RecordLayout("<B" + code, "length value").scan(b"".join(b"\0" + r for r in raw))
    read = [struct.unpack("<" + code, r)[0] for r in raw]
    assert table["value"].tolist() == read
    wanted: dict[Any, list[int]] = {}
    for index, value in enumerate(read):
        wanted.setdefault(value, []).append(index * (1 + len(raw[0])))
    groups = table.group_by("value")
    assert {value: group.offsets.tolist() for value, group in groups.items()} == wanted


def test_group_by_of_nothing() -> None:
    assert LAYOUT.scan(b"").group_by("kind") == {}


def test_messages(table: Any) -> None:
    starts = [i for i, (_, part, _) in enumerate(ROWS) if part == 0][1:]
    wanted = [b"".join(contents(ROWS[a:b])) for a, b in itertools.pairwise([*starts, len(ROWS)])]
    mask = [i in starts for i in range(len(ROWS))]
    numbers = [int(truth) for truth in mask]
    forms: list[Any] = [
        mask,
        tuple(mask),
        iter(mask),
        (truth for truth in mask),
        np.array(mask),
        list(np.array(mask)),
        numbers,
        (number for number in numbers),
        [7 * number for number in numbers],
        [Number(number) for number in numbers],
        [*mask[:3], *numbers[3:]],
        bytes(numbers),
        array.array("i", numbers),
        FragView(np.array(numbers)),
        memoryview(np.array(mask)),
        np.repeat(np.array(numbers), 2)[::2],
        *(np.array(numbers, kind) for kind in ("b", "B", "<u2", ">u2", ">i4", "q", "Q")),
        np.array(numbers, np.int16) * -300,
    ]
    for form in forms:
        assert [view.tobytes() for view in table.messages(form)] == wanted
    assert table.messages([False] * len(ROWS)) == table.messages(bytes(len(ROWS))) == []
    assert [view.tobytes() for view in table.messages([True] * len(ROWS))] == contents(ROWS)
    first, last = [0] * len(ROWS), [0] * len(ROWS)
    first[0] = last[-1] = 1
    assert table.messages(first)[0].tobytes() == b"".join(contents(ROWS))
    assert [view.tobytes() for view in table.messages(last)] == [ROWS[-1][-1]]


def test_messages_by_a_column() -> None:
    """A field that is 1 where a message begins is the mask, and no list of indices."""
    for code, one in (("B", 1), (">H", 1), ("<q", -1), ("?", True), (">I", 0x80000000)):
        order, letter = (code[0], code[1]) if len(code) == 2 else ("<", code)
        header = f"{order}B{letter}"
        rows = [(one, b"one, "), (0, b"two"), (one, b"three"), (0, b"!")]
        data = b"".join(struct.pack(header, len(c), first) + c for first, c in rows)
        table = RecordLayout(header, "length first").scan(data)
        column = table["first"]
        for starts in (column, np.asarray(column), column.tolist(), (record.first for record in table)):
            assert [view.tobytes() for view in table.messages(starts)] == [b"one, two", b"three!"]


def test_messages_of_nothing() -> None:
    empty = LAYOUT.scan(b"")
    for mask in ([], (), iter(()), np.zeros(0, bool), b""):
        assert empty.messages(mask) == []
    with pytest.raises(ValueError, match="a mask of 1 value for 0 records"):
        empty.messages([True])


def test_wrong_messages(table: Any) -> None:
    count = len(ROWS)
    for starts in (
        0,
        None,
        "a" * count,
        ["a"] * count,
        [1.5] * count,
        [None] * count,
        [0] * (count - 1) + [b"x"],
    ):
        with pytest.raises(TypeError, match="mask"):
            table.messages(starts)
    for starts in (np.zeros(count), np.array([b"a"] * count), array.array("d", [1.0] * count)):
        with pytest.raises(TypeError, match="mask"):
            table.messages(starts)

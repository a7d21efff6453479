"""`Record`: its fields, its place, equality and hash."""

from __future__ import annotations

import collections
import gc
import itertools
import struct
from typing import Any

import numpy as np
import pytest

from fragmented import FragView, needs_fragview
from record_rows import DATA, FIELDS, HEADER, LAYOUT, ROWS, Record, RecordLayout, contents

pytestmark = needs_fragview


@pytest.mark.parametrize("index", [0, 1, -1, -len(ROWS), len(ROWS) - 1, np.int8(3), np.uint64(2)])
def test_record(table: Any, index: Any) -> None:
    record = table[index]
    kind, part, content = ROWS[int(index)]
    assert isinstance(record, Record)
    assert record.offset == table.offsets[int(index)]
    assert record.content.tobytes() == content
    assert (record.length, record.kind, record.part, record.real) == (
        len(content),
        kind.ljust(2, b"\0"),
        part,
        part / 4,
    )
    values = tuple(record)
    assert values == (len(content), kind.ljust(2, b"\0"), part, part / 4)
    assert len(record) == 4
    assert [record[i] for i in range(-4, 4)] == list(values) * 2
    assert record[1:3] == values[1:3]
    assert record[::-1] == values[::-1]
    assert [record[name] for name in FIELDS] == list(values)
    assert set(FIELDS) | {"offset", "content"} <= set(dir(record))
    text = repr(record)
    for name in FIELDS:
        assert f"{name}={record[name]!r}" in text


def test_wrong_field_of_a_record(table: Any) -> None:
    record = table[0]
    with pytest.raises(AttributeError, match="'kinds'"):
        record.kinds
    assert not hasattr(record, "kinds")
    with pytest.raises(KeyError, match="kinds"):
        record["kinds"]
    for index in (4, -5, 2**70):
        with pytest.raises(IndexError):
            record[index]
    for key in (1.5, None, b"kind"):
        with pytest.raises(TypeError):
            record[key]
    with pytest.raises(AttributeError):
        record.kind = b"XX"


@pytest.mark.parametrize("index", [len(ROWS), -len(ROWS) - 1, 2**63, -(2**63) - 1, 2**70])
def test_no_such_record(table: Any, index: int) -> None:
    for key in (index, [index], [0, index], np.array([index], object).tolist()):
        with pytest.raises(IndexError):
            table[key]


def test_records_are_equal_by_value(table: Any) -> None:
    """Fields, place and memory; the same record of another table of the same source is the same."""
    records, again = list(table), list(table)
    assert records == again
    assert [hash(record) for record in records] == [hash(record) for record in again]
    assert len(set(records + again)) == len(ROWS)
    for i, j in itertools.product(range(5), range(len(ROWS))):
        assert (table[i] == table[j]) == (i == j)
        assert (table[i] != table[j]) == (i != j)
    assert table[::2][1] == table[2]
    assert hash(table.where(kind=b"C")[0]) == hash(table[3])
    assert table.where(kind=b"C")[0] == table[3]
    # Another content is another record.
    trimmed = table[:1].trim(1)[0]
    assert trimmed != table[0]
    assert trimmed == table[:1].trim(1)[0]
    assert table[0] != tuple(table[0])
    assert table[0] != None  # noqa: E711
    with pytest.raises(TypeError):
        table[0] < table[1]


def test_records_of_several_scans() -> None:
    """Scans of one memory give the same records; those of a copy are others."""
    memory = bytearray(DATA)
    whole = memoryview(memory)
    sources = [
        memory,
        whole,
        FragView(memory),
        FragView([whole[:30], whole[30:]]),
        FragView([whole[:3], whole[3:]]),
    ]
    tables = [LAYOUT.scan(source) for source in sources]
    for one, other in itertools.product(tables, repeat=2):
        assert list(one) == list(other)
        assert hash(one[1]) == hash(other[1])
    copy = LAYOUT.scan(bytearray(DATA))
    assert all(one != other for one, other in zip(copy, tables[0], strict=True))
    # Another place of the same memory.
    twice = bytearray(DATA * 2)
    first, second = LAYOUT.scan(memoryview(twice)[: len(DATA)]), LAYOUT.scan(memoryview(twice)[len(DATA) :])
    assert first[0] != second[0]
    assert LAYOUT.scan(twice, 0, len(DATA))[0] == first[0]
    # Other names, other records.
    assert RecordLayout(HEADER, "length kind part other", trailer=1).scan(memory)[0] != tables[0][0]
    # One memory that has changed meanwhile.
    memory[2] ^= 1
    assert LAYOUT.scan(memory)[0] != tables[0][0]
    assert LAYOUT.scan(memory)[1] == tables[0][1]


def test_equal_values_of_a_record() -> None:
    """A value that is no number is itself; what Python takes for equal is equal."""
    memory = bytearray(struct.pack("<Bd", 0, float("nan")))
    table = RecordLayout("<Bd", "length value").scan(memory)
    assert table[0] == table[0]
    assert hash(table[0]) == hash(table[0])
    memory[1:] = struct.pack("<d", 0.0)
    zero = RecordLayout("<Bd", "length value").scan(memory)
    memory[1:] = struct.pack("<d", -0.0)
    minus = RecordLayout("<Bd", "length value").scan(memory)
    assert zero[0] == minus[0] != table[0]
    assert hash(zero[0]) == hash(minus[0])


def test_fields_can_not_be_set(table: Any) -> None:
    record = table[0]
    for name in ("kind", "offset", "content", "nothing"):
        with pytest.raises(AttributeError, match=r"^fields can't be set; write to the source$"):
            setattr(record, name, 3)
        with pytest.raises(AttributeError):
            delattr(record, name)
    assert record == table[0]


def test_iteration(table: Any) -> None:
    for records in (list(table), list(iter(table)), [*table]):
        assert [record.content.tobytes() for record in records] == contents(ROWS)
        assert [record.part for record in records] == [part for _, part, _ in ROWS]
    assert [record.part for record in reversed(table)] == [part for _, part, _ in ROWS[::-1]]
    assert isinstance(table, collections.abc.Iterable)
    assert isinstance(table[0], collections.abc.Iterable)


def test_record_holds_the_table() -> None:
    source = bytearray(DATA)
    record = LAYOUT.scan(source)[3]
    gc.collect()
    assert record.content.tobytes() == b"x"
    with pytest.raises(BufferError):
        source.clear()

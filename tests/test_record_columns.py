"""Columns of a `RecordTable`: fields and places, read by NumPy, pyarrow and polars."""

from __future__ import annotations

import gc
import struct
from typing import Any

import numpy as np
import pytest

from fragmented import needs_fragview
from record_rows import DATA, FIELDS, LAYOUT, ROWS, RecordLayout

pytestmark = needs_fragview


@pytest.mark.parametrize("order", ["<", ">", "=", "@"])
@pytest.mark.parametrize("code", [*"bBhHiIlLqQefd?", "c", "5s"])
def test_column(order: str, code: str) -> None:
    """NumPy reads a column without a copy, in this machine's byte order; read-only."""
    values: list[Any] = [0, 1, 2, 100] * 5
    if code == "?":
        values = [False, True] * 5
    elif code == "c":
        values = [b"a", b"b", b"\0"]
    elif code == "5s":
        values = [b"abcde", b"ab\0\0\0", b"\0" * 5]
    header = order + "B" + code
    table = RecordLayout(header, "length value").scan(b"".join(struct.pack(header, 0, v) for v in values))
    column = table["value"]
    assert column.tolist() == values
    assert list(column) == values
    assert column.readonly
    assert len(column) == len(values)
    array = np.asarray(column)
    assert array.dtype.isnative
    assert array.dtype.itemsize == struct.calcsize(order + code)
    assert array.tolist() == [value.rstrip(b"\0") if isinstance(value, bytes) else value for value in values]
    assert not array.flags.owndata
    assert not array.flags.writeable
    assert np.shares_memory(array, np.asarray(column))
    assert memoryview(column).contiguous
    with pytest.raises(TypeError):
        column[0] = values[1]
    with pytest.raises((ValueError, BufferError)):
        np.frombuffer(column, np.uint8).flags.writeable = True


def test_pascal_column() -> None:
    table = RecordLayout("B4p", "length name").scan(struct.pack("B4pB4p", 0, b"ab", 0, b"abcd"))
    assert table["name"].tolist() == [b"ab", b"abc"]
    assert [record.name for record in table] == [b"ab", b"abc"]
    assert table["name"].tobytes() == struct.pack("4p4p", b"ab", b"abc")


def test_columns_of_places(table: Any) -> None:
    for column in (table.offsets, table.starts, table.lengths):
        array = np.asarray(column)
        assert array.dtype == np.int64
        assert not array.flags.owndata
        assert not array.flags.writeable
        assert array.tolist() == column.tolist()


def test_column_outlives_the_table() -> None:
    """A column stays what it is; with the last of them the source is free."""
    source = bytearray(DATA)
    table = LAYOUT.scan(source)
    column, array = table["part"], np.asarray(table.offsets)
    wanted = array.tolist()
    del table
    gc.collect()
    assert column.tolist() == [part for _, part, _ in ROWS]
    assert array.tolist() == wanted
    column.release()
    del column, array
    gc.collect()
    source.clear()


def test_empty_columns() -> None:
    table = LAYOUT.scan(b"")
    for column in (table.offsets, table.starts, table.lengths, *(table[name] for name in FIELDS)):
        assert len(column) == 0
        assert column.tolist() == []
        assert len(np.asarray(column)) == 0
    assert np.asarray(table.offsets).dtype == np.int64
    assert np.asarray(table["real"]).dtype == np.float32


def test_no_such_column(table: Any) -> None:
    for call in (
        lambda: table["kinds"],
        lambda: table.group_by("kinds"),
        lambda: table.where(kinds=1),
        lambda: table[""],
        lambda: table["\udc80"],
    ):
        with pytest.raises(KeyError):
            call()
    names = "there are 'length', 'kind', 'part', 'real'"
    for call in (
        lambda: table["kinds"],
        lambda: table.group_by("kinds"),
        lambda: table.where(kinds=1),
        lambda: table[0]["kinds"],
    ):
        with pytest.raises(KeyError, match=names):
            call()
    with pytest.raises(AttributeError, match=names):
        table[0].kinds


def test_words_for_columns(table: Any) -> None:
    """Columns compare as sequences do, and what is beside the fields has other names."""
    with pytest.raises(TypeError, match=r"not 'bool'; where\(field=value\) picks by a value"):
        table[table["kind"] == 7]
    for name in ("offset", "starts"):
        with pytest.raises(KeyError, match="`offsets` tells where records begin, `starts` where contents do"):
            table[name]
    with pytest.raises(KeyError, match="`lengths` tells"):
        table["lengths"]


# --- Arrow ---


def test_arrow(table: Any) -> None:
    """A reader of Arrow's capsules gets a column a field, and where the contents lie."""
    pyarrow = pytest.importorskip("pyarrow")
    made = pyarrow.table(table)
    made.validate(full=True)
    assert made.num_rows == len(ROWS)
    assert made["part"].to_pylist() == table["part"].tolist()
    assert made["real"].to_pylist() == table["real"].tolist()
    assert made["kind"].to_pylist() == table["kind"].tolist()
    assert made["length"].to_pylist() == table["length"].tolist()
    assert made["_length"].to_pylist() == table.lengths.tolist()
    picked = table[::-2]
    del table
    gc.collect()
    assert pyarrow.table(picked)["part"].to_pylist() == [part for _, part, _ in ROWS[::-2]]
    assert pyarrow.table(LAYOUT.scan(b"")).num_rows == 0


def test_polars(table: Any) -> None:
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame(table)
    assert frame.height == len(ROWS)
    assert frame["part"].to_list() == table["part"].tolist()
    assert frame["kind"].to_list() == table["kind"].tolist()
    assert frame.filter(polars.col("part") >= 0).height == sum(part >= 0 for _, part, _ in ROWS)


@pytest.mark.parametrize("code", [*"bBhHiIqQefd?", "c", "5s"])
def test_arrow_types(code: str) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    for order in "<>":
        header = f"{order}B{code}"
        raw = [bytes([0]) + bytes([n] * (struct.calcsize(header) - 1)) for n in (0, 1, 3, 0x41)]
        table = RecordLayout(header, "length value").scan(b"".join(raw))
        made = pyarrow.table(table)
        made.validate(full=True)
        got = made["value"].to_pylist()
        if code == "c":
            got = [value if isinstance(value, bytes) else bytes([value]) for value in got]
        assert repr(got) == repr([record.value for record in table])

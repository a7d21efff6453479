"""A record table as an Arrow stream, by the PyCapsule interface."""

from __future__ import annotations

import gc
from typing import Any

import pytest

from fragmented import needs_fragview

fragview = pytest.importorskip("fragview")
arrow: Any = pytest.importorskip("pyarrow")
pytestmark = needs_fragview

FILE = b"\0\2\1ab\0\1\2c\0\0\3"


def table() -> Any:
    """Return a table of three records."""
    return fragview.RecordLayout(">HB", "length kind").scan(FILE)


def test_the_stream_is_the_array() -> None:
    """One batch, with the rows and the schema that the array interface gives."""
    reader = arrow.RecordBatchReader.from_stream(table())
    batches = list(reader)
    assert len(batches) == 1
    assert batches[0].equals(arrow.record_batch(table()))
    assert reader.schema == arrow.schema(table())
    assert batches[0].column("kind").to_pylist() == [1, 2, 3]
    with pytest.raises(StopIteration):
        reader.read_next_batch()


def test_empty_tables() -> None:
    """No rows, and the schema all the same."""
    empty = table()[:0]
    read = arrow.RecordBatchReader.from_stream(empty).read_all()
    assert (read.num_rows, read.schema) == (0, arrow.schema(table()))


def test_a_stream_outlives_its_table() -> None:
    """The batch holds its columns."""
    reader = arrow.RecordBatchReader.from_stream(table())
    gc.collect()
    batch = reader.read_next_batch()
    del reader
    gc.collect()
    assert batch.column("length").to_pylist() == [2, 1, 0]


def test_nobody_takes_it() -> None:
    """A capsule that is never read, and one that is read twice."""
    for _ in range(1000):
        table().__arrow_c_stream__()
    capsule = table().__arrow_c_stream__(None)
    assert "arrow_array_stream" in repr(capsule)

    class Once:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            return capsule

    assert arrow.RecordBatchReader.from_stream(Once()).read_all().num_rows == 3
    with pytest.raises(arrow.ArrowInvalid):
        arrow.RecordBatchReader.from_stream(Once())

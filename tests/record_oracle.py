"""The oracle for record layouts: the loop with `struct` that a user writes without the library."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from fragview import RecordError, RecordLayout, RecordTable


@dataclass
class Row:
    """A record: where it begins, where its content lies, the values of its header."""

    offset: int
    start: int
    length: int
    values: tuple[Any, ...]


@dataclass
class Plan:
    """A layout, for the loop and for the library."""

    header: str
    fields: Sequence[str]
    length: str | int = "length"
    bias: int = 0
    scale: int = 1
    trailer: int = 0
    align: int = 1
    block: int | None = None
    until: dict[str, Any] = field(default_factory=dict)

    def layout(self) -> RecordLayout:
        """The library's layout."""
        return RecordLayout(
            self.header,
            self.fields,
            length=self.length,
            bias=self.bias,
            scale=self.scale,
            trailer=self.trailer,
            align=self.align,
            block=self.block,
            until=self.until or None,
        )

    def loop(
        self, data: bytes, start: int = 0, stop: int | None = None
    ) -> tuple[list[Row], tuple[int, int] | None]:
        """All records up to the first fault, and the fault's offset and index."""
        rows: list[Row] = []
        size = struct.calcsize(self.header)
        end = len(data) if stop is None else min(stop, len(data))
        at = start
        while at < end:
            limit = end
            if self.block is not None:
                left = self.block - (at - start) % self.block
                if left < size:
                    at += left
                    continue
                limit = min(end, at + left)
            if at + size > end:
                return rows, (at, len(rows))
            values = struct.unpack_from(self.header, data, at)
            named = dict(zip(self.fields, values, strict=True))
            count = named[self.length] if isinstance(self.length, str) else self.length
            content = count * self.scale + self.bias
            if content < 0 or at + size + content + self.trailer > limit:
                return rows, (at, len(rows))
            rows.append(Row(at, at + size, content, values))
            if self.until and all(named[name] == value for name, value in self.until.items()):
                break
            at = start - (start - at - size - content - self.trailer) // self.align * self.align
        return rows, None

    def check(self, source: Any, data: bytes, start: int = 0, stop: int | None = None) -> RecordTable:
        """The scan of `source`, which holds `data`, says what the loop says, strict or not."""
        rows, fault = self.loop(data, start, stop)
        layout = self.layout()
        table = layout.scan(source, start, stop, strict=False)
        self.check_rows(table, rows, data)
        if fault is None:
            assert table.error is None
            self.check_rows(layout.scan(source, start, stop), rows, data)
            return table
        assert isinstance(table.error, RecordError)
        assert (table.error.offset, table.error.index) == fault
        assert table.error.table is table
        with pytest.raises(RecordError) as caught:
            layout.scan(source, start, stop)
        error = caught.value
        assert (error.offset, error.index) == fault
        assert str(error) == str(table.error)
        self.check_rows(error.table, rows, data)
        return table

    def check_rows(self, table: RecordTable, rows: list[Row], data: bytes) -> None:
        """The table has these rows."""
        assert len(table) == len(rows)
        assert table.offsets.tolist() == [row.offset for row in rows]
        assert table.starts.tolist() == [row.start for row in rows]
        assert table.lengths.tolist() == [row.length for row in rows]
        for place, name in enumerate(self.fields):
            # repr, as NaN differs from itself.
            assert repr(table[name].tolist()) == repr([row.values[place] for row in rows])
        contents = [data[row.start : row.start + row.length] for row in rows]
        assert table.join().tobytes() == b"".join(contents)
        assert [view.tobytes() for view in table.views()] == contents
        assert list(table.iter_bytes()) == contents


def records(header: str, contents: list[bytes], trailer: bytes = b"", more: int = 0) -> bytes:
    """Records whose only field counts content and `more`."""
    return b"".join(struct.pack(header, len(c) + more) + c + trailer for c in contents)

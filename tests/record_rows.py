"""The table that the tests of records share, and what it must hold."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import pytest

fragview = pytest.importorskip("fragview")
RecordLayout, RecordTable, Record = fragview.RecordLayout, fragview.RecordTable, fragview.Record
HEADER = ">H2sbf"
FIELDS = ["length", "kind", "part", "real"]
LAYOUT = RecordLayout(HEADER, FIELDS, trailer=1)
ROWS = [(b"AA", 0, b"one"), (b"BB", -1, b""), (b"AA", 1, b"two!"), (b"C", -1, b"x"), (b"BB", 0, b"yz")] * 3
DATA = b"".join(struct.pack(HEADER, len(c), k, p, p / 4) + c + b"!" for k, p, c in ROWS)
SIZE = struct.calcsize(HEADER)


def contents(rows: list[Any]) -> list[bytes]:
    return [row[-1] for row in rows]


def same_rows(table: Any, rows: list[Any]) -> None:
    """The table has these rows of `ROWS`."""
    assert len(table) == len(rows)
    assert table["kind"].tolist() == [kind.ljust(2, b"\0") for kind, _, _ in rows]
    assert table["part"].tolist() == [part for _, part, _ in rows]
    assert [view.tobytes() for view in table.views()] == contents(rows)
    assert list(table.iter_bytes()) == contents(rows)
    assert table.join().tobytes() == b"".join(contents(rows))


class Number:
    """A number, as NumPy's are, by `__index__` alone."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __index__(self) -> int:
        return self.value


class Evil:
    """Does something when it is asked for a number."""

    def __init__(self, deed: Callable[[], Any], value: int = 0) -> None:
        self.deed = deed
        self.value = value

    def __index__(self) -> int:
        self.deed()
        return self.value

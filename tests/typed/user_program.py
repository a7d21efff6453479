"""A user's program as a strict type checker sees it; mypy checks it, and `test_typed.py` runs it."""

from __future__ import annotations

import array
import mmap
from collections.abc import Sequence
from pathlib import Path
from struct import Struct
from typing import Any, BinaryIO, assert_type

import numpy as np
import numpy.typing as npt

import fragview
from fragview import (
    Extents,
    FragBuffer,
    Fragments,
    FragView,
    Gather,
    Record,
    RecordError,
    RecordLayout,
    RecordTable,
    formats,
)

Bytes = npt.NDArray[np.uint8]
LAYOUT = RecordLayout(">HB", ["length", "kind"], trailer=0, until={"kind": 9})
LOG = b"\0\3\1one\0\3\2two\0\0\x09"


def fragments(data: Bytes) -> Fragments:
    """NumPy's arrays are buffers, whatever type checkers know of Python 3.11."""
    view = FragView([data, data[:2], b"xy", memoryview(b"z"), array.array("B", [1])])
    view[0:2] = data[1:3]
    assert_type(FragView(data), FragView)
    assert_type(FragView.from_extents(data, np.array([(0, 2), (-1, 1)])), FragView)
    assert_type(FragView.from_extents(data, [(0, 2), (None, 1)]), FragView)
    assert_type(FragView.from_blocks(data, np.array([1, 0]), 2), FragView)
    where: Extents = view.extents()
    rows: npt.NDArray[np.int64] = np.asarray(where)
    assert_type(where[0], tuple[int, int, int])
    assert rows.shape[1] == 3
    return view.fragments


def whole(gathered: Gather) -> int:
    """Take the context manager by its type."""
    with gathered as memory:
        assert_type(memory, memoryview)
        return memory.nbytes


def kinds(table: RecordTable) -> dict[Any, int]:
    """Pick, group and join records."""
    first: Record = table[0]
    assert_type(first.content, FragView)
    assert_type(table[1:], RecordTable)
    mask: npt.NDArray[np.bool_] = np.asarray(table["kind"]) == 1
    assert_type(table[mask], RecordTable)
    assert_type(table[np.argsort(np.asarray(table.lengths))], RecordTable)
    assert_type(table[[0, 1]], RecordTable)
    assert_type(table[np.int64(1)], Record)
    assert_type(table.where(kind=[1, 2.0, np.float32(3)]), RecordTable)
    assert_type(table.messages(np.asarray(table["kind"])), list[FragView])
    assert_type(table.messages(record.kind == 1 for record in table), list[FragView])
    assert_type(table.trim(np.zeros(len(table), np.int64)).views(), list[FragView])
    assert_type(first == table[0], bool)
    return {kind: len(group.join()) for kind, group in table.group_by("kind").items()}


def fault(data: bytes) -> int:
    """Ask an error where it is."""
    try:
        LAYOUT.scan(data)
    except RecordError as error:
        return error.offset + len(error.table)
    return -1


def streams(file: str | Path | mmap.mmap | Bytes | list[bytes]) -> list[str]:
    """Open a file however it is given."""
    with formats.open(file) as container:
        return list(container.streams)


def like_a_binary_file(file: BinaryIO) -> bytes:
    """A view's file goes where a binary file goes."""
    return file.read()


def parser_with_a_compiled_struct(view: FragView) -> list[bytes]:
    """What serious parsers have."""
    header = Struct(">IH")
    (length, _) = view.unpack_from(header, 0)
    view.pack_into(header, 0, length, 7)
    assert_type(FragBuffer(view).unpack(header), tuple[Any, ...])
    like_a_binary_file(view.open())
    return [part.tobytes() for part in fragview.re.split(rb"\n", view)]


def searches(view: FragView[int], more: Sequence[int]) -> list[bool]:
    """`in` takes items and bytes, under `mypy --strict` too; a view is a Sequence of its items."""
    return [b"ab" in view, bytearray(b"b") in view, 97 in view, b"x" not in view, 97 in more]


def labelled(view: FragView[Any]) -> str:
    """Extents make a view again."""
    rows = view.extents()
    again = FragView.from_extents(b"abc", rows)
    offsets = [offset for _, offset, _ in reversed(rows[:2])]
    first = view.fragments[0] in view.fragments
    return f"{again.tobytes()!r} {offsets} {rows[-1]} {first} {view.without_suboffsets().nbytes}"


def main(folder: Path) -> None:
    """Run all of it."""
    data = np.arange(1, 9, dtype=np.uint8)
    assert [fragment.nbytes for fragment in fragments(data)] == [8, 2, 2, 1, 1]
    assert searches(FragView([b"a", b"b"]), FragView(b"abc")) == [True] * 5
    assert labelled(FragView(b"abc")) == "b'abc' [0] (0, 0, 3) True 3"
    assert whole(FragView([b"a", b"b"]).gather(writeback=False)) == 2
    assert kinds(LAYOUT.scan(LOG)) == {1: 3, 2: 3, 9: 0}
    assert fault(b"\0\5\1ab") == 0
    gif = b"GIF89a\1\0\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0;"
    path = folder / "one.gif"
    path.write_bytes(gif)
    for file in (str(path), path, np.frombuffer(gif, np.uint8), [gif[:7], gif[7:]]):
        assert streams(file) == ["image0.lzw"]
    parsed = parser_with_a_compiled_struct(FragView([bytearray(b"\0\0\0"), bytearray(b"\1\0\2a\nb")]))
    assert parsed == [b"\0\0\0\1\0\7a", b"b"]

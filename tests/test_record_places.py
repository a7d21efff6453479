"""Where the parts of a record lie: header, trailer, end; and fields that are written in place."""

from __future__ import annotations

import mmap
import struct
from typing import Any

import numpy as np
import pytest

from fragmented import FragView, cut, needs_fragview
from record_rows import DATA, HEADER, LAYOUT, ROWS, SIZE, Evil, Number, RecordLayout

pytestmark = needs_fragview


def places() -> list[tuple[int, int]]:
    """The start and the end of each record, by the loop."""
    at, found = 0, []
    for *_, content in ROWS:
        found.append((at, at + SIZE + len(content) + 1))
        at = found[-1][1]
    return found


SIZES = [[len(DATA)], [5, len(DATA) - 5], [7] * (len(DATA) // 7) + [len(DATA) % 7], [1] * len(DATA)]


@pytest.mark.parametrize("sizes", SIZES)
def test_parts_of_a_record(sizes: list[int]) -> None:
    table = LAYOUT.scan(cut(DATA, sizes).view())
    for place, (record, (start, end)) in enumerate(zip(table, places(), strict=True)):
        assert (record.offset, record.end, record.index) == (start, end, place)
        assert record.header == DATA[start : start + SIZE]
        assert record.trailer == DATA[end - 1 : end]
        whole = FragView([record.header, record.content, record.trailer])
        assert whole == DATA[start:end]
    assert table.trailers == b"!" * len(ROWS)
    assert table.end == len(DATA)


def test_parts_of_a_selection() -> None:
    """Picks and trims keep the records' own places; the index is that of the new table."""
    table, where = LAYOUT.scan(DATA), places()
    for chosen in (table[3:8], table[np.arange(3, 8)], table.trim(0)[3:8], table[3:8].trim(0)):
        assert [(r.offset, r.end, r.index) for r in chosen] == [(*where[3 + i], i) for i in range(5)]
        assert chosen.end == where[7][1]
        assert chosen.trailers == b"!" * 5
    long = table[table.lengths.to_numpy() > 1]
    short = long.trim(1).trim(0, 1)
    for record, cut_off in zip(long, short, strict=True):
        assert cut_off.content == record.content[1:-1]
        assert cut_off.header == record.header
        assert (cut_off.trailer.tobytes(), cut_off.end) == (b"!", record.end)
    assert table[:0].end == 0
    assert LAYOUT.scan(DATA, where[2][0])[:0].end == where[2][0]
    assert RecordLayout("B", length=0).scan(b"ab", 1)[:0].trailers == b""


def test_trailers_as_numbers() -> None:
    layout = RecordLayout(">B", "length", trailer=4)
    data = b"".join(bytes([n]) + b"x" * n + struct.pack(">I", n * 1000) for n in range(9))
    assert layout.scan(data).trailers.cast(">I").tolist() == [n * 1000 for n in range(9)]
    memory = bytearray(data)
    layout.scan(memory).trailers.cast(">I")[8] = 7
    assert memory[-4:] == b"\0\0\0\7"


def test_a_scan_continues_at_the_end() -> None:
    layout = RecordLayout("B", "length", until={"length": 0})
    data = b"\1a\0\2bc\0\0"
    ends, at = [], 0
    while at < len(data):
        at = layout.scan(data, at).end
        ends.append(at)
    assert ends == [3, 7, 8]
    assert RecordLayout("B", "length", align=4).scan(b"\1a\0\0\1b").end == 6


def test_fields_hide_attributes() -> None:
    """What a user calls his fields was free before these attributes were there, and is."""
    layout = RecordLayout("5B", "header trailer end index length", trailer=1)
    record = layout.scan(b"\1\2\3\4\0!")[0]
    assert (record.header, record.trailer, record.end, record.index) == (1, 2, 3, 4)
    assert sorted(set(dir(record))) == sorted(dir(record))
    with pytest.raises(AttributeError):
        record.end = 3


@pytest.mark.parametrize("sizes", SIZES)
def test_pack_into(sizes: list[int]) -> None:
    """Only the bytes of the named fields change, wherever they lie."""
    memory = cut(DATA, sizes)
    source = memory.view()
    table = LAYOUT.scan(source)
    expected = bytearray(DATA)
    for at, (start, _) in enumerate(places()):
        length, kind, _, real = struct.unpack_from(HEADER, DATA, start)
        struct.pack_into(HEADER, expected, start, length, b"Z\0", at - 3, real)
        LAYOUT.pack_into(source, table[at] if at % 2 else start, part=at - 3, kind=b"Z")
        memory.check(expected)
        assert kind != b"Z\0"
    LAYOUT.pack_into(source, Number(0), real=0.1)
    LAYOUT.pack_into(source, 0)
    expected[5:9] = struct.pack(">f", 0.1)
    memory.check(expected)


def test_pack_into_is_all_or_nothing() -> None:
    memory = bytearray(DATA)
    layout = RecordLayout(HEADER, "length kind part real", trailer=1, expect={"kind": b"AA"})
    for fields, error in [
        ({"part": 5, "kind": b"AAA"}, ValueError),
        ({"part": 5, "nothing": 1}, ValueError),
        ({"part": 128}, ValueError),
        ({"part": 5, "length": -1}, ValueError),
        ({"part": 5, "length": 2**70}, ValueError),
        ({"part": 5, "length": 1.5}, ValueError),
        ({"part": 5, "kind": "AA"}, TypeError),
        ({"part": 5, "kind": b"BB"}, ValueError),
    ]:
        with pytest.raises(error):
            layout.pack_into(memory, 0, **fields)
        assert memory == DATA
    with pytest.raises(ValueError, match=r"^the header at offset 13: the field 'kind' is b'BB', not b'AA'$"):
        layout.pack_into(memory, 13, part=1)
    for offset in (len(DATA), len(DATA) - SIZE + 1, 2**62, 2**63 - 1):
        with pytest.raises(ValueError, match="is not within the source of"):
            LAYOUT.pack_into(memory, offset, part=1)
    with pytest.raises(ValueError):
        LAYOUT.pack_into(memory, -1, part=1)
    with pytest.raises(TypeError, match="read-only"):
        LAYOUT.pack_into(DATA, 0, part=1)
    # A field in read-only memory keeps the others from being written; one that is not written may be there.
    mixed = FragView([memoryview(memory)[:4], bytes(memory[4:])])
    with pytest.raises(TypeError):
        LAYOUT.pack_into(mixed, 0, length=1, part=1)
    assert memory == DATA
    LAYOUT.pack_into(mixed, 0, length=2)
    assert memory[:2] == b"\0\2"


def test_pack_into_and_callbacks() -> None:
    """A value's own code may release the view: then nothing is written."""
    memory = bytearray(DATA)
    view = FragView(memory)
    with pytest.raises(ValueError, match="released"):
        LAYOUT.pack_into(view, Evil(view.release), part=1)
    view = FragView(memory)
    with pytest.raises(ValueError, match="released"):
        LAYOUT.pack_into(view, 0, part=Evil(view.release, 1))
    assert memory == DATA
    LAYOUT.pack_into(memory, 0, part=Evil(lambda: memory.extend(b"more"), 1))
    assert memory[4] == 1


def test_pack_into_a_file(tmp_path: Any) -> None:
    path = tmp_path / "log"
    path.write_bytes(DATA)
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as mapped:
        table = LAYOUT.scan(mapped)
        LAYOUT.pack_into(mapped, table[1], part=99)
        del table
    assert path.read_bytes()[places()[1][0] + 4] == 99

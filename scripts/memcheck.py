"""Walk through the package for `make memcheck`: each way in which memory moves, on small odd fragments."""

from __future__ import annotations

import os
import struct
import tempfile
from pathlib import Path

import fragview
import fragview.re
from fragview import FragBuffer, FragView, RecordLayout, formats


def views(data: bytearray) -> None:
    """Use a view cut in all sizes from 0 to 70: items, slices, casts, copies, searches, exports, edits."""
    whole = memoryview(data)
    parts, at = [], 0
    for size in range(71):
        parts.append(whole[at : at + size])
        at += size
    view = FragView([*parts, FragView.from_extents(data, [(None, 33), (5, 9), (6, 2)])])
    assert bytes(view) == view.tobytes() == bytes(list(view)) == b"".join(view.fragments)
    for width in range(1, 80):
        part = view[width : 2 * width + 40]
        assert part.tobytes() == bytes(view)[width : 2 * width + 40]
        assert part[::-1].tobytes() == part.tobytes()[::-1]
        if width < 60:
            view[width : 2 * width] = view[width + 1 : 2 * width + 1]
            view[3 * width : 4 * width] = bytes([width]) * width
    words = view[: len(view) // 8 * 8]
    for code in ("I", "<H", ">d", "q", "<IHH"):
        items = words.cast(code)
        assert len(items.tolist()) == len(items)
        items[1] = items[2]
    assert view.find(b"\5\6") == bytes(view).find(b"\5\6")
    assert view.rfind(bytes([60])) == bytes(view).rfind(bytes([60]))
    assert view.count(b"\0") == bytes(view).count(b"\0")
    assert view == bytes(view)
    assert view.hex() == bytes(view).hex()
    assert memoryview(view)[100] == view[100]
    with view[:500].gather() as memory:
        memory[100:110] = b"0123456789"
    edited = view.splice(10, 20, b"new")
    assert edited.tobytes() == bytes(view)[:10] + b"new" + bytes(view)[20:]
    view.release()


def streams(data: bytes) -> None:
    """Use files, descriptors, buffers, patterns."""
    view = FragView([data[i : i + 7] for i in range(0, 700, 7)])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data"
        with path.open("wb") as file:
            assert view.write_to(file) == 700
        with fragview.open(path) as mapped:
            assert mapped == view
    read, write = os.pipe()
    view.write_to(write)
    target = FragView([bytearray(13) for _ in range(50)])
    assert target.read_from(read) == 650
    assert target == view[:650]
    os.close(read)
    os.close(write)
    over_view = view.open()
    assert over_view.read(10) + over_view.readline() + over_view.read() == data[:700]
    buffer = FragBuffer()
    for i in range(0, 700, 9):
        buffer.append(data[i : i + 9])
    assert buffer.unpack(">H") == struct.unpack(">H", data[:2])
    assert buffer.consume(100) == data[2:102]
    found = fragview.re.compile(rb"\x05(.)\x07").search(view)
    assert found is not None
    assert found.group(1).tobytes() == b"\6"


def records() -> None:
    """Scan records, and open a container."""
    data = b"".join(struct.pack(">HB", size, size % 3) + bytes(size) for size in range(50))
    table = RecordLayout(">HB", "length kind").scan(FragView([data[:100], data[100:]]))
    assert len(table) == 50
    assert table.where(kind=1).join().nbytes == sum(size for size in range(50) if size % 3 == 1)
    wave = b"RIFF" + struct.pack("<I", 4 + 8 + 6) + b"WAVEdata" + struct.pack("<I", 6) + b"sounds"
    with formats.open(wave) as container:
        assert any(stream.tobytes() == b"sounds" for stream in container.streams.values())


if __name__ == "__main__":
    numbers = bytes(i % 251 for i in range(4000))
    views(bytearray(numbers))
    streams(numbers)
    records()
    print("memcheck: nothing to tell")

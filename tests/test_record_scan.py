"""`RecordLayout.scan` against the loop that users write with `struct`."""

from __future__ import annotations

import array
import ctypes
import gc
import itertools
import mmap
import struct
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fragmented import FragView, all_splits, cut, cuts_of, needs_fragview

pytestmark = needs_fragview

fragview = pytest.importorskip("fragview")
from record_oracle import Plan, records  # noqa: E402

RecordError, RecordLayout = fragview.RecordError, fragview.RecordLayout

CODES = {1: "bB", 2: "hH", 4: "iIlL", 8: "qQ"}
LENGTHS = [order + code for order in "<>!=" for codes in CODES.values() for code in codes]
NATIVE = list("bBhHiIlLqQnN") + ["@" + code for code in "bBhHiIlLqQnN"]
CONTENTS = [b"abc", b"", b"d", b"", b"e" * 100, b"fg"]


@pytest.mark.parametrize("header", LENGTHS + NATIVE)
def test_width_and_order(header: str) -> None:
    """Every width, both byte orders, signed and not, from every kind of memory."""
    data = records(header, CONTENTS)
    plan = Plan(header, ["length"])
    table = plan.check(data, data)
    assert table.join() == b"".join(CONTENTS)
    assert len(plan.check(bytearray(data), data)) == len(CONTENTS)
    plan.check(FragView([data[:7], data[7:]]), data)


@pytest.mark.parametrize("header", LENGTHS)
def test_lengths_that_make_none(header: str) -> None:
    """The largest length, the smallest one, and those that only just don't fit."""
    bits = 8 * struct.calcsize(header)
    signed = header[-1].islower()
    top = 2 ** (bits - signed) - 1
    for length in {0, 1, 2, 3, top, top - 1, top // 2} | ({-1, -2, -top - 1} if signed else set()):
        good = struct.pack(header, 1) + b"a"
        data = good + struct.pack(header, length) + b"xy"
        for bias, scale in [(0, 1), (-1, 1), (-2, 1), (1, 1), (0, 2), (0, 0), (2**62, 2**63), (-(2**62), 1)]:
            plan = Plan(header, ["length"], bias=bias, scale=scale)
            plan.check(data, data)
        with pytest.raises(RecordError) as caught:
            RecordLayout(header, "length").scan(good + struct.pack(header, 127) + b"xy")
        assert (caught.value.offset, caught.value.index) == (len(good), 1)


@pytest.mark.parametrize("header", LENGTHS)
def test_what_the_length_counts(header: str) -> None:
    """The content only; itself too; the whole header; the record with its trailer; words instead of bytes."""
    order, code = (header[0], header[-1])
    width = struct.calcsize(header)
    wide = f"{order}2s{code}"
    trailer = b"CRC!"
    for more, bias in [(0, 0), (width, -width), (2 + width, -2 - width), (6 + width, -6 - width)]:
        data = b"".join(
            struct.pack(wide, b"ID", len(c) + more) + c + trailer for c in CONTENTS if len(c) + more < 128
        )
        table = Plan(wide, ["id", "length"], bias=bias, trailer=4).check(data, data)
        assert table.error is None
        assert len(table) == len([c for c in CONTENTS if len(c) + more < 128])
    words = [c + b"." * (-len(c) % 4) for c in CONTENTS]
    data = b"".join(struct.pack(wide, b"ID", len(w) // 4 + 1) + w for w in words)
    assert Plan(wide, ["id", "length"], scale=4, bias=-4).check(data, data).join() == b"".join(words)


def test_length_in_the_middle() -> None:
    """A header with fields of all kinds around the length."""
    header = ">3sxB?fhHq5pc"
    fields = ["tag", "small", "flag", "real", "signed", "length", "long", "name", "letter"]
    data = b""
    for n in range(20):
        values = (b"TAG", n, n % 2 == 1, n / 2, -n, n, -(10**n % 2**62), b"n" * (n % 5), b"%c" % n)
        data += struct.pack(header, *values) + bytes([n]) * n
    for made in (cut(data, [len(data)]), cut(data, [1] * len(data)), cut(data, [200, len(data) - 200])):
        table = Plan(header, fields).check(made.view(), data)
        assert len(table) == 20
    native = "BHqb3sn"
    data = b"".join(struct.pack(native, n, n, -n, -n, b"abc", n) + bytes(n) for n in range(9))
    assert len(Plan(native, ["a", "length", "b", "c", "d", "e"]).check(data, data)) == 9


@pytest.mark.parametrize("align", [1, 2, 3, 4, 8, 512])
@pytest.mark.parametrize("trailer", [0, 1, 4])
@pytest.mark.parametrize("start", [0, 1, 5])
def test_align(align: int, trailer: int, start: int) -> None:
    """Records start at multiples, counted from the scan's start; the last padding may be missing."""
    data = b"!" * start
    for content in CONTENTS:
        data += b"." * ((start - len(data)) % align)
        data += struct.pack(">H", len(content)) + content + b"t" * trailer
    plan = Plan(">H", ["length"], align=align, trailer=trailer)
    table = plan.check(data, data, start)
    assert len(table) == len(CONTENTS)
    assert all((offset - start) % align == 0 for offset in table.offsets)
    assert len(plan.check(data + b"." * ((start - len(data)) % align), data, start)) == len(CONTENTS)
    cutting = cut(data, [1] * len(data))
    plan.check(cutting.view(), data, start)


def blocks(size: int, start: int, contents: list[bytes], trailer: int = 0) -> bytes:
    """Records of a 2-byte length in blocks; where none fits, the block is filled up with one more record."""
    data = b"!" * start
    for content in contents:
        left = size - (len(data) - start) % size
        if left < 2:
            data += b"\xff" * left
        elif left < 2 + len(content) + trailer:
            fill = left - 2 - trailer
            if fill < 0:
                raise AssertionError("the block's rest holds a header, but no record")
            data += struct.pack(">H", fill) + b"f" * fill + b"t" * trailer
        data += struct.pack(">H", len(content)) + content + b"t" * trailer
    return data


@pytest.mark.parametrize("size", [8, 13, 32])
@pytest.mark.parametrize("start", [0, 3])
def test_blocks(size: int, start: int) -> None:
    """No record crosses a block; a rest too small for a header is skipped."""
    contents = [b"a" * (n % (size - 1)) for n in range(60)]
    data = blocks(size, start, contents)
    plan = Plan(">H", ["length"], block=size)
    table = plan.check(data, data, start)
    assert table.error is None
    assert len(table) >= len(contents)
    assert {(offset - start) // size for offset in table.offsets} == set(
        range(-(-(len(data) - start) // size))
    )
    for end in range(start, min(len(data), 90)):
        plan.check(data[:end], data[:end], start)
    plan.check(cut(data, [1] * len(data)).view(), data, start)


def test_record_across_a_block() -> None:
    data = b"\0\1a" + b"\0\4bcde"
    plan = Plan(">H", ["length"], block=8)
    with pytest.raises(RecordError, match="block") as caught:
        plan.layout().scan(data)
    assert (caught.value.offset, caught.value.index, len(caught.value.table)) == (3, 1, 1)
    plan.check(data, data)


@pytest.mark.parametrize(
    ("until", "count"),
    [
        ({}, 5),
        ({"kind": b"END"}, 3),
        ({"kind": b"END\0"}, 3),
        ({"number": 7}, 2),
        ({"kind": b"END", "number": 9}, 4),
        ({"number": 9, "kind": b"END"}, 4),
        ({"kind": b"none"}, 5),
        ({"number": -1}, 5),
        ({"number": np.int16(7)}, 2),
    ],
)
def test_until(until: dict[str, Any], count: int) -> None:
    """The last record is the first one that meets all conditions; nothing after it is looked at."""
    rows = [(b"DATA", 1), (b"DATA", 7), (b"END", 7), (b"END", 9), (b"DATA", 3)]
    header = ">4shH"
    data = b"".join(struct.pack(header, kind, number, 2) + b"xy" for kind, number in rows)
    plan = Plan(header, ["kind", "number", "length"], until=until)
    for made in cuts_of(data):
        table = plan.layout().scan(made.view())
        assert len(table) == count
    if count < len(rows):
        tail = data[: 10 * count] + b"\xff\xff"
        assert len(plan.layout().scan(tail)) == count


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("b", -5),
        ("B", 200),
        ("h", -500),
        ("I", 2**32 - 1),
        ("q", -(2**63)),
        ("Q", 2**64 - 1),
        ("f", 0.5),
        ("d", -1e300),
        ("e", 2.0),
        ("?", True),
        ("?", False),
        ("c", b"E"),
        ("3s", b"END"),
        ("4p", b"END"),
    ],
)
def test_until_of_each_type(code: str, value: Any) -> None:
    other = {"?": not value}.get(code, {bytes: b"x", int: 1, float: 1.0}.get(type(value), False))
    for order in "<>":
        rows = [(0, other), (1, value), (1, value)]
        data = b"".join(struct.pack(f"{order}B{code}", n, v) + b"c" * n for n, v in rows)
        layout = RecordLayout(f"{order}B{code}", "length kind", until={"kind": value})
        assert len(layout.scan(data)) == 2
        assert len(layout.scan(FragView([data[:3], data[3:]]))) == 2


SMALL = records(">H", [b"abc", b"", b"d", b"ef"], b"!")


def test_every_split() -> None:
    """Headers, fields, contents and trailers across seams: each way to cut a small file."""
    plan = Plan(">H", ["length"], trailer=1)
    for sizes in all_splits(len(SMALL) // 2, (0, 1, 2, 5)):
        rest = len(SMALL) - sum(sizes)
        table = plan.check(cut(SMALL, [*sizes, rest], ("bytearray", "bytes", "numpy")).view(), SMALL)
        assert len(table) == 4
    for count in (1, 2, 3):
        for places in itertools.combinations(range(1, len(SMALL)), count):
            ends = [0, *places, len(SMALL)]
            sizes = [b - a for a, b in itertools.pairwise(ends)]
            assert len(plan.layout().scan(cut(SMALL, sizes).view())) == 4


def test_sources(tmp_path: Path) -> None:
    """Whatever has a buffer."""
    plan = Plan(">H", ["length"], trailer=1)
    data = SMALL
    path = tmp_path / "records"
    path.write_bytes(data)
    spread = bytearray(2 * len(data))
    spread[::2] = data
    backwards = bytearray(data[::-1])
    grid = np.zeros((len(data), 3), np.uint8)
    grid[:, 1] = list(data)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        sources = [
            data,
            bytearray(data),
            memoryview(data),
            mapped,
            array.array("B", data),
            array.array("b", data),
            array.array("H", data),
            np.frombuffer(data, np.uint8),
            np.frombuffer(data, ">u2"),
            np.frombuffer(data, np.uint8).reshape(2, -1),
            (ctypes.c_char * len(data)).from_buffer_copy(data),
            memoryview(spread)[::2],
            memoryview(backwards)[::-1],
            grid[:, 1],
            FragView(data),
            FragView(spread)[::2],
            FragView(backwards)[::-1],
            FragView(data).cast("H"),
            FragView([data[:5], data[5:]]).cast("B", (2, len(data) // 2)),
            FragView.from_extents(backwards, [(i, 1) for i in reversed(range(len(data)))]),
            [data[:1], data[1:8], data[8:]],
        ]
        for source in sources:
            table = plan.check(source, data)
            assert len(table) == 4
        del source, sources, table
        gc.collect()


def test_source_of_another_type() -> None:
    layout = RecordLayout("B", "length")
    for source in (5, None, "text", [1, 2], object()):
        with pytest.raises(TypeError, match=r"^RecordLayout\.scan\(\)"):
            layout.scan(source)
    released = FragView(b"\0")
    released.release()
    with pytest.raises(ValueError, match="released"):
        layout.scan(released)


@pytest.mark.parametrize("start", [0, 1, 2, 6, len(SMALL) - 1, len(SMALL)])
def test_start_and_stop(start: int) -> None:
    """A range of the source; offsets stay those of the source."""
    plan = Plan(">H", ["length"], trailer=1)
    for stop in (None, 0, 1, start, 6, 7, len(SMALL) - 1, len(SMALL), len(SMALL) + 9, sys.maxsize):
        plan.check(SMALL, SMALL, start, stop)
        plan.check(FragView([SMALL[:4], SMALL[4:]]), SMALL, start, stop)


def test_wrong_start_and_stop() -> None:
    layout = RecordLayout("B", "length")
    for bounds, words in [
        ((-1,), "start must be 0 or more, not -1"),
        ((0, -1), "stop must be 0 or more, not -1"),
        ((2,), "start 2 is past the end of a source of 1 byte"),
        ((sys.maxsize, 0), f"start {sys.maxsize} is past the end of a source of 1 byte"),
        ((2**70,), f"start is too large: {2**70}"),
    ]:
        with pytest.raises(ValueError, match=f"^{words}$"):
            layout.scan(b"\0", *bounds)
    with pytest.raises(ValueError, match=r"^start 5 is past the end of a source of 4 bytes$"):
        layout.scan(FragView([b"ab", b"cd"]), 5)
    # A stop past the end is the end, as of a slice.
    assert len(layout.scan(b"\0\0", 1, sys.maxsize)) == 1
    assert len(layout.scan(b"\0\0", 2)) == 0
    for bounds in [(1.0,), ("0",), (None,), (0, 1.5)]:
        with pytest.raises(TypeError):
            layout.scan(b"\0", *bounds)
    with pytest.raises(TypeError):
        layout.scan(b"\0", 0, None, False)
    assert len(layout.scan(b"\0\0\0", np.int64(1), np.uint8(2))) == 1


def test_nothing_to_scan() -> None:
    for source in (b"", FragView(), bytearray(), [], np.zeros(0, np.uint8)):
        table = RecordLayout(">H4s", "length type").scan(source)
        assert len(table) == 0
        assert table.error is None
        assert table.join().tobytes() == b""
        assert list(table) == table.views() == []


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Layouts of all kinds."""
    order = draw(st.sampled_from("<>=!@"))
    some = st.sampled_from(["b", "B", "h", "H", "i", "I", "q", "Q", "2s", "x", "?", "f", "3p"])
    codes = draw(st.lists(some, max_size=5))
    codes.insert(draw(st.integers(0, len(codes))), draw(st.sampled_from("bBhHiIqQ")))
    header = order + " ".join(codes)
    kept = [code for code in codes if code != "x"]
    fields = [f"f{n}" for n in range(len(kept))]
    counts = [name for name, code in zip(fields, kept, strict=True) if code in "bBhHiIqQ"]
    size = struct.calcsize(header)
    until = {}
    if draw(st.booleans()):
        until[draw(st.sampled_from(counts))] = draw(st.integers(0, 3))
    return Plan(
        header,
        fields,
        length=draw(st.one_of(st.sampled_from(counts), st.integers(0, 9))),
        bias=draw(st.sampled_from([0, 0, -1, 1, -size, 7])),
        scale=draw(st.sampled_from([1, 1, 0, 2, 4])),
        trailer=draw(st.sampled_from([0, 0, 1, 4])),
        align=draw(st.sampled_from([1, 1, 2, 4, 7])),
        block=draw(st.sampled_from([None, None, size, size + 1, size + 20])),
        until=until,
    )


@given(data=st.data())
def test_any_layout_on_any_bytes(data: Any) -> None:
    """Layouts, bytes, cuts and ranges at random: what the loop says."""
    plan = data.draw(plans())
    # Small numbers, so that some of them are lengths.
    content = bytes(data.draw(st.lists(st.sampled_from([0, 0, 0, 1, 2, 3, 5, 0x7F, 0xFF]), max_size=120)))
    ends = sorted(data.draw(st.lists(st.integers(0, len(content)), max_size=8)))
    sizes = [b - a for a, b in itertools.pairwise([0, *ends, len(content)])]
    start = data.draw(st.integers(0, len(content)))
    stop = data.draw(st.one_of(st.none(), st.integers(0, len(content) + 1)))
    plan.check(cut(content, sizes).view(), content, start, stop)
    plan.check(content, content, start, stop)


@given(contents=st.lists(st.binary(max_size=30)), align=st.sampled_from([1, 2, 4]), trailer=st.integers(0, 3))
def test_what_is_written_is_read(contents: list[bytes], align: int, trailer: int) -> None:
    data = b""
    for content in contents:
        data += struct.pack("<I", len(content) + 4) + content + b"t" * trailer
        data += b"." * (-len(data) % align)
    plan = Plan("<I", ["length"], bias=-4, align=align, trailer=trailer)
    table = plan.check(FragView([data[i : i + 3] for i in range(0, len(data), 3)]), data)
    assert [view.tobytes() for view in table.views()] == contents

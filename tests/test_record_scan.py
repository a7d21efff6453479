"""`RecordLayout.scan` against the loop that users write with `struct`."""

from __future__ import annotations

import array
import copy
import ctypes
import gc
import itertools
import mmap
import pickle
import struct
import sys
import threading
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fragmented import FragView, all_splits, cut, cuts_of, needs_fragview

pytestmark = needs_fragview

fragview = pytest.importorskip("fragview")
from record_oracle import Plan  # noqa: E402

RecordError, RecordLayout = fragview.RecordError, fragview.RecordLayout

CODES = {1: "bB", 2: "hH", 4: "iIlL", 8: "qQ"}
LENGTHS = [order + code for order in "<>!=" for codes in CODES.values() for code in codes]
NATIVE = list("bBhHiIlLqQnN") + ["@" + code for code in "bBhHiIlLqQnN"]
CONTENTS = [b"abc", b"", b"d", b"", b"e" * 100, b"fg"]


def records(header: str, contents: list[bytes], trailer: bytes = b"", more: int = 0) -> bytes:
    """Records whose only field counts content and `more`."""
    return b"".join(struct.pack(header, len(c) + more) + c + trailer for c in contents)


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


FULL = [
    Plan(">H", ["length"], trailer=1),
    Plan("<I2s", ["length", "kind"], bias=-6, align=4),
    Plan(">hBb", ["length", "kind", "more"], scale=2, until={"kind": 0xEE}),
    Plan("<H", ["length"], block=9),
    Plan(">3sB", ["kind", "length"], trailer=2, block=16, align=2, until={"kind": b"END", "length": 0}),
    Plan(">BI", ["a", "b"], length=3),
]


def sample(plan: Plan) -> bytes:
    """A few whole records of a layout."""
    data = b""
    for n in (1, 0, 3, 2):
        content = n if isinstance(plan.length, str) else (int(plan.length) * plan.scale + plan.bias)
        content *= plan.scale
        values: list[Any] = []
        for name, code in zip(
            plan.fields, plan.header.replace("3s", "t").replace("2s", "t")[1:], strict=True
        ):
            if name == plan.length:
                values.append((content - plan.bias) // plan.scale)
            else:
                values.append(b"kk" if code == "t" else n)
        size = struct.calcsize(plan.header) + content + plan.trailer
        if plan.block and plan.block - len(data) % plan.block < size:
            data += b"\0" * (plan.block - len(data) % plan.block)
        data += struct.pack(plan.header, *values) + b"c" * content + b"t" * plan.trailer
        data += b"." * (-len(data) % plan.align)
    return data


@pytest.mark.parametrize("plan", FULL)
def test_cut_off_at_each_byte(plan: Plan) -> None:
    data = sample(plan)
    for end in range(len(data) + 1):
        plan.check(data[:end], data[:end])
        plan.check(FragView([data[: end // 2], data[end // 2 : end]]), data[:end])


@pytest.mark.parametrize("plan", FULL)
def test_each_byte_flipped(plan: Plan) -> None:
    """Whatever a header says, the scan says the same as the loop."""
    data = sample(plan)
    for place in range(len(data)):
        for mask in (0x01, 0x10, 0x80, 0xFF):
            broken = bytearray(data)
            broken[place] ^= mask
            plan.check(bytes(broken), bytes(broken))


def test_error() -> None:
    """Where, which, what, and all before it; a ValueError."""
    data = b"\0\1a" + b"\0\2bc" + b"\0\5d"
    layout = RecordLayout(">H", "length")
    with pytest.raises(RecordError, match="record 2 at offset 7") as caught:
        layout.scan(data)
    error = caught.value
    assert isinstance(error, ValueError)
    assert (error.offset, error.index) == (7, 2)
    assert error.table.join().tobytes() == b"abc"
    assert error.table.error is not None
    table = layout.scan(data, strict=False)
    assert isinstance(table.error, RecordError)
    assert str(table.error) == str(error)
    assert table.error.table is table
    assert table[:1].error is None
    assert layout.scan(data[:7], strict=False).error is None
    with pytest.raises(RecordError, match="header") as caught:
        layout.scan(data[:8])
    assert (caught.value.offset, caught.value.index) == (7, 2)


def test_error_in_another_process() -> None:
    """It pickles and copies without its table, whose memory no other process has."""
    with pytest.raises(RecordError) as caught:
        RecordLayout(">H", "length").scan(b"\0\1a\0\5d")
    error = caught.value
    copies = [pickle.loads(pickle.dumps(error, protocol)) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)]
    for again in [*copies, copy.copy(error), copy.deepcopy(error)]:
        assert type(again) is RecordError
        assert (str(again), again.offset, again.index) == (str(error), 3, 1)
        with pytest.raises(AttributeError, match="has no table"):
            again.table
        with pytest.raises(AttributeError, match="no attribute 'nothing'"):
            again.nothing
    assert error.table.join().tobytes() == b"a"


def test_error_of_a_later_scan_start() -> None:
    with pytest.raises(RecordError) as caught:
        RecordLayout(">H", "length").scan(b"..\0\1a\0\5", 2)
    assert (caught.value.offset, caught.value.index) == (5, 1)


def test_source_is_held() -> None:
    """A table keeps the source's memory where it is, until the table and all views are gone."""
    data = bytearray(SMALL)
    table = RecordLayout(">H", "length", trailer=1).scan(data)
    with pytest.raises(BufferError):
        data.append(0)
    record, view = table[0], table.join()
    del table
    gc.collect()
    with pytest.raises(BufferError):
        data.append(0)
    del record
    gc.collect()
    with pytest.raises(BufferError):
        data.append(0)
    view.release()
    gc.collect()
    data.append(0)


def test_failed_scan_lets_go() -> None:
    data = bytearray(b"\0\5")
    with pytest.raises(RecordError):
        RecordLayout(">H", "length").scan(data)
    gc.collect()
    data.append(0)


def test_released_source() -> None:
    """Releasing the view that was scanned, or the memoryview, leaves the table whole."""
    data = bytearray(SMALL)
    view, memory = FragView(data), memoryview(data)
    layout = RecordLayout(">H", "length", trailer=1)
    first, second = layout.scan(view), layout.scan(memory[:])
    view.release()
    assert first.join().tobytes() == second.join().tobytes() == b"abcdef"
    with pytest.raises(BufferError):
        data.append(0)


def test_write_shows() -> None:
    """The columns are what the scan read; the contents are the memory."""
    data = bytearray(b"\0\1a\0\1b")
    table = RecordLayout(">H", "length").scan(data)
    data[:] = b"\0\2x\0\2y"
    assert table["length"].tolist() == [1, 1]
    assert table.join().tobytes() == b"xy"


class Owner(bytearray):
    """Memory that can hold what is made of it."""

    made: Any


@pytest.mark.parametrize("what", ["table", "record", "error", "layout", "view", "column"])
def test_cycles(what: str, collected: None) -> None:
    """A cycle through a table and its source is collected."""
    owner = Owner(b"\0\1a\0\5")
    table = RecordLayout(">H", "length").scan(owner, strict=False)
    owner.made = {
        "table": table,
        "record": table[0],
        "error": table.error,
        "layout": RecordLayout,
        "view": table.join(),
        "column": (table.offsets, table),
    }[what]
    gone = weakref.ref(owner)
    del owner, table
    gc.collect()
    assert gone() is None


def test_bounds_that_release() -> None:
    """Bounds that release the source or change it in the middle of a call."""

    class Evil:
        def __init__(self, value: int) -> None:
            self.value = value

        def __index__(self) -> int:
            view.release()
            try:
                data.clear()
            except BufferError:
                data[:] = bytes(len(data))
            return self.value

    layout = RecordLayout(">H", "length", trailer=1)
    for bounds in [(Evil(0),), (0, Evil(len(SMALL)))]:
        data = bytearray(SMALL)
        view = FragView(data)
        try:
            table = layout.scan(view, *bounds, strict=False)
        except ValueError:
            continue
        assert len(table.join().tobytes()) == sum(table.lengths)


def test_other_threads_write_meanwhile() -> None:
    """A source that changes while it is scanned gives some table or an error, no crash."""
    data = bytearray(b"\0\1" * 40_000)
    layout = RecordLayout(">H", "length", bias=0)
    done = threading.Event()

    def scribble() -> None:
        while not done.is_set():
            for place in range(0, len(data), 97):
                data[place] ^= 1

    thread = threading.Thread(target=scribble)
    thread.start()
    try:
        for _ in range(20):
            table = layout.scan(data, strict=False)
            assert sum(table.lengths) <= len(data)
            assert len(table.join()) == sum(table.lengths)
    finally:
        done.set()
        thread.join()


def test_scans_in_many_threads() -> None:
    """One layout and one source, many scans at once."""
    data = records(">H", [bytes(n % 50) for n in range(5_000)])
    layout = RecordLayout(">H", "length")
    wanted = layout.scan(data).offsets.tolist()
    fragments = FragView([data[i : i + 1_000] for i in range(0, len(data), 1_000)])
    results: list[list[int]] = []
    threads = [
        threading.Thread(target=lambda: results.append(layout.scan(fragments).offsets.tolist()))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [wanted] * 8


def test_many_records() -> None:
    """Over the sizes at which tables grow."""
    rng = np.random.default_rng(7)
    lengths = rng.integers(0, 120, 20_000)
    data = b"".join(struct.pack("<HB", n, n % 7) + bytes([n % 251]) * n for n in lengths.tolist())
    places = np.sort(rng.integers(0, len(data), 3_000)).tolist()
    fragments = [data[a:b] for a, b in itertools.pairwise([0, *places, len(data)])]
    layout = RecordLayout("<HB", "length kind")
    for source in (data, FragView(fragments)):
        table = layout.scan(source)
        assert np.array_equal(np.asarray(table.lengths), lengths)
        assert np.array_equal(np.asarray(table["kind"]), lengths % 7)
        assert np.array_equal(np.asarray(table.offsets), np.cumsum(lengths + 3) - lengths - 3)
        wanted = b"".join(bytes([n % 251]) * n for n in lengths.tolist())
        assert table.join().tobytes() == wanted


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

"""`RecordLayout.scan`: files that are cut off or damaged, and the error with its offset and its table."""

from __future__ import annotations

import copy
import pickle
import struct
from typing import Any

import pytest

from fragmented import FragView, needs_fragview

pytestmark = needs_fragview

fragview = pytest.importorskip("fragview")
from record_oracle import Plan  # noqa: E402

RecordError, RecordLayout = fragview.RecordError, fragview.RecordLayout


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

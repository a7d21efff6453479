"""What a layout expects of every header; lengths of 24 bits, and those that follow the header."""

from __future__ import annotations

import copy
import pickle
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fragmented import FragView, cuts_of, needs_fragview

pytestmark = needs_fragview

fragview = pytest.importorskip("fragview")
RecordError, RecordLayout = fragview.RecordError, fragview.RecordLayout

MAGIC = RecordLayout("<2sHB", "magic length kind", expect={"magic": b"RH"})
GOOD = b"RH\1\0\7aRH\2\0\7bc"


@pytest.mark.parametrize("place", range(5))
def test_a_wrong_beginning_fails_at_once(place: int) -> None:
    """The issue's case: a scan that begins wrong is an error, not a table of garbage."""
    if place == 0:
        assert MAGIC.scan(GOOD).join() == b"abc"
        return
    with pytest.raises(RecordError) as caught:
        MAGIC.scan(GOOD, place)
    error = caught.value
    found = GOOD[place : place + 2]
    assert (error.offset, error.index, len(error.table)) == (place, 0, 0)
    assert str(error) == f"record 0 at offset {place}: the field 'magic' is {found!r}, not b'RH'"


def test_a_later_record() -> None:
    """Every record is looked at: a scan that is lost stops at the next header."""
    data = GOOD + b"XX\0\0\7" + GOOD
    with pytest.raises(RecordError, match=r"^record 2 at offset 13: the field 'magic' is b'XX'") as caught:
        MAGIC.scan(data)
    assert caught.value.table.join() == b"abc"
    table = MAGIC.scan(data, strict=False)
    assert (len(table), table.error.offset, table.end) == (2, 13, 13)
    # A length that is wrong leads into the content.
    lost = bytearray(GOOD)
    lost[2] = 0
    assert MAGIC.scan(lost, strict=False).error.offset == 5


def test_values_are_compared_as_until_compares() -> None:
    """Numbers by value whatever their type, short texts NUL-padded; every field must be as expected."""
    data = struct.pack("<Bf4s", 0, 2.0, b"ab")
    for value in (2, 2.0, True + 1, np.float32(2)):
        layout = RecordLayout("<Bf4s", "length real text", expect={"real": value, "text": b"ab"})
        assert len(layout.scan(data)) == 1
    wrong = RecordLayout("<Bf4s", "length real text", expect={"real": 2, "text": b"abc"})
    with pytest.raises(RecordError, match=r"the field 'text' is b'ab\\x00\\x00', not b'abc\\x00'$"):
        wrong.scan(data)
    for code, value, shown in [("h", -3, "-3"), ("?", True, "True"), ("c", b"x", "b'x'"), ("d", 0.5, "0.5")]:
        layout = RecordLayout(f"<B{code}", "length value", expect={"value": value})
        header = struct.pack(f"<B{code}", 0, value)
        assert len(layout.scan(header)) == 1
        with pytest.raises(RecordError, match=f"not {shown}$"):
            layout.scan(bytes(len(header)))


def test_expectations_that_are_none() -> None:
    with pytest.raises(ValueError, match="no field is named 'magi'"):
        RecordLayout("<2sH", "magic length", expect={"magi": b"RH"})
    with pytest.raises(ValueError, match="can't have this value"):
        RecordLayout("<2sH", "magic length", expect={"magic": b"RHX"})
    with pytest.raises(TypeError):
        RecordLayout("<2sH", "magic length", expect=b"RH")  # type: ignore[arg-type]


def test_the_last_record_is_expected_too() -> None:
    layout = RecordLayout("<2sB", "magic length", expect={"magic": b"RH"}, until={"length": 0})
    assert layout.scan(b"RH\1aRH\0rest").end == 7
    with pytest.raises(RecordError, match="record 1 at offset 4"):
        layout.scan(b"RH\1aXX\0rest")


@pytest.mark.parametrize("options", [{"align": 4}, {"block": 64}, {"scale": 2}, {"trailer": 1}])
def test_expected_of_every_kind_of_scan(options: dict[str, int]) -> None:
    layout = RecordLayout("<2sH", "magic length", expect={"magic": b"RH"}, **options)
    table = layout.scan(b"RH\0\0" + bytes(options.get("trailer", 0)) + b"XX\0\0\0", strict=False)
    assert (len(table), table.error.index, "'magic'" in str(table.error)) == (1, 1, True)


def number(size: int, value: int, order: str) -> bytes:
    return value.to_bytes(size, "big" if order in (">", "!") else "little")


@pytest.mark.parametrize("order", ["<", ">", "!", "=", ""])
@pytest.mark.parametrize("size", [3, 5, 6, 7])
def test_lengths_of_any_number_of_bytes(size: int, order: str) -> None:
    """`3s` as the length is a number of 24 bits, in the header's byte order, in every way it shows."""
    contents = [b"abc", b"", b"x" * 200]
    data = b"".join(b"\5" + number(size, len(text), order) + text for text in contents)
    layout = RecordLayout(f"{order}B{size}s", "kind length")
    for source in (data, FragView([data[:3], data[3:]])):
        table = layout.scan(source)
        assert [view.tobytes() for view in table.views()] == contents
        assert [record.length for record in table] == table["length"].tolist() == [3, 0, 200]
        assert table["length"].format == ("I" if size <= 4 else "Q")
        assert len(table.where(length=[0, 200])) == 2
        assert table[[2]]["length"].tolist() == [200]
    target = bytearray(data)
    layout.pack_into(target, 0, length=2)
    assert target[1 : 1 + size] == number(size, 2, order)
    with pytest.raises(ValueError, match="can't have this value"):
        layout.pack_into(target, 0, length=256**size)
    last = RecordLayout(f"{order}B{size}s", "kind length", until={"length": 0})
    assert len(last.scan(data)) == 2
    with pytest.raises(RecordError, match=f"trailer of {256**size - 1} bytes are cut off after 0"):
        layout.scan(b"\5" + b"\xff" * size)


def test_bytes_that_are_no_length() -> None:
    """A number of 1, 2, 4 or 8 bytes has a code of its own."""
    for header in (">B1s", ">B2s", ">B4s", ">B8s", ">B9s", ">B0s", ">B3p", ">Bf"):
        with pytest.raises(ValueError, match="not an integer"):
            RecordLayout(header, "kind length")


def test_http2_frames() -> None:
    """RFC 9113, 4.1: a length of 24 bits, a type, flags, a stream."""
    frames = [(0, 1, 1, b"hello"), (1, 4, 3, b""), (0, 0, 1, b"x" * 70_000)]
    data = b"".join(
        len(text).to_bytes(3, "big") + struct.pack(">BBI", kind, flags, stream) + text
        for kind, flags, stream, text in frames
    )
    layout = RecordLayout(">3sBBI", "length kind flags stream")
    table = layout.scan(data)
    assert [(r.kind, r.flags, r.stream, r.content.tobytes()) for r in table] == frames
    assert table.where(stream=1).join() == b"hello" + b"x" * 70_000


Boxes = list[tuple[bytes, bytes, bool]]


def boxes(items: Boxes) -> bytes:
    """ISO 14496-12, 4.2: a size that counts the header; 1 says that 64 bits follow."""
    data = b""
    for kind, text, wide in items:
        if wide:
            data += struct.pack(">I4sQ", 1, kind, 16 + len(text)) + text
        else:
            data += struct.pack(">I4s", 8 + len(text), kind) + text
    return data


def mp4() -> Any:
    return RecordLayout(">I4s", "length kind", bias=-8, escapes={1: "Q", 0: None})


BOX = st.tuples(st.sampled_from([b"moov", b"mdat"]), st.binary(max_size=9), st.booleans())


@given(
    st.lists(BOX, max_size=9),
    st.one_of(st.none(), st.binary(max_size=5)),
)
def test_boxes(items: Boxes, rest: bytes | None) -> None:
    """Against the loop above, whole and in fragments, and cut off everywhere."""
    data = boxes(items)
    contents = [text for _, text, _ in items]
    if rest is not None:
        data += b"\0\0\0\0last" + rest
        contents.append(rest)
    table = mp4().scan(data)
    assert [view.tobytes() for view in table.views()] == contents
    assert table.end == len(data)
    whole = [record.header.tobytes() + record.content.tobytes() for record in table]
    assert b"".join(whole) == data
    assert [len(record.header) for record in table] == [16 if wide else 8 for _, _, wide in items] + [8] * (
        rest is not None
    )
    ends = [record.end for record in table]
    for stop in range(len(data)):
        some = mp4().scan(data, 0, stop, strict=False)
        if rest is None or stop < len(data) - len(rest):
            assert [record.end for record in some] == [end for end in ends if end <= stop]
            assert (some.error is None) == (stop == 0 or stop in ends)
    source = FragView([data[:11], data[11:20], data[20:]])
    assert mp4().scan(source).lengths.tolist() == table.lengths.tolist()


def test_every_split_of_a_box() -> None:
    data = boxes([(b"mdat", b"abcd", True), (b"free", b"", False)])
    for pieces in cuts_of(data):
        assert mp4().scan(pieces.view()).join() == b"abcd"


def test_escapes_of_a_length_that_does_not_count_itself() -> None:
    """DWARF 5, 7.4: 0xffffffff, and then 64 bits; WebSocket's 126 and 127 (RFC 6455, 5.2, without a mask)."""
    dwarf = RecordLayout("<I", "length", escapes={0xFFFFFFFF: "Q"})
    data = struct.pack("<I", 2) + b"ab" + struct.pack("<IQ", 0xFFFFFFFF, 3) + b"cde"
    assert dwarf.scan(data).lengths.tolist() == [2, 3]
    socket = RecordLayout("!BB", "kind length", escapes={126: "H", 127: "Q"})
    texts = [b"a", b"b" * 200, b"c" * 70_000]
    headers = [b"\x82\1", struct.pack("!BBH", 0x82, 126, 200), struct.pack("!BBQ", 0x82, 127, 70_000)]
    data = b"".join(header + text for header, text in zip(headers, texts, strict=True))
    assert [view.tobytes() for view in socket.scan(data).views()] == texts
    # A format with a byte order has its own.
    mixed = RecordLayout(">B", "length", escapes={255: "<H"})
    assert mixed.scan(b"\xff\1\0a").lengths.tolist() == [1]


def test_escapes_with_other_rules() -> None:
    layout = RecordLayout(">B", "length", escapes={255: "H", 0: None}, trailer=1, align=4, scale=2)
    data = b"\1ab!" + b"\xff\0\1cd!\0\0" + b"\0rest!"
    table = layout.scan(data)
    assert [view.tobytes() for view in table.views()] == [b"ab", b"cd", b"rest"]
    assert table.trailers == b"!!!"
    assert [record.end for record in table] == [4, 10, 18]
    with pytest.raises(RecordError, match="are cut off after 0"):
        layout.scan(b"\0")
    in_blocks = RecordLayout(">B", "length", escapes={0: None}, block=4)
    assert in_blocks.scan(b"\0abc\1x\0y").lengths.tolist() == [3, 1, 1]


@pytest.mark.parametrize("wide", ["", "2Q", "f", "4s", "z"])
def test_escapes_that_are_none(wide: str) -> None:
    with pytest.raises(ValueError, match=r"format|integer"):
        RecordLayout(">I", "length", escapes={1: wide})
    with pytest.raises(TypeError):
        RecordLayout(">I", "length", escapes={"1": "Q"})  # type: ignore[dict-item]


def test_layouts_with_these_options_print_and_pickle() -> None:
    layout = RecordLayout(
        ">3sB2s", "length kind magic", expect={"magic": b"RH", "kind": 1}, escapes={1: "Q", 0: None}
    )
    text = (
        "RecordLayout('>3sB2s', ['length', 'kind', 'magic'], expect={'magic': b'RH', 'kind': 1}, "
        "escapes={1: 'Q', 0: None})"
    )
    assert repr(layout) == text
    for again in (eval(text), copy.copy(layout), pickle.loads(pickle.dumps(layout))):
        assert repr(again) == text
        assert again.scan(b"\0\0\2\1RHab").join() == b"ab"

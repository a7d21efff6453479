"""`RecordLayout`: what it takes, what it refuses, and what it says about itself."""

from __future__ import annotations

import copy
import keyword
import pickle
import re
import struct
import subprocess
import sys
from collections import namedtuple
from typing import Any

import numpy as np
import pytest

from fragmented import needs_fragview
from record_rows import Evil

pytestmark = needs_fragview

fragview = pytest.importorskip("fragview")
RecordLayout = fragview.RecordLayout

HEADERS = [
    "B",
    ">H",
    "<I4s",
    ">I4s",
    "!QHb",
    "=hhx",
    "<2sxx3B",
    "BHIQ",
    "@bqb",
    "nNP",
    "<efd",
    "?c5p",
    "<3H2s",
]


@pytest.mark.parametrize("header", HEADERS)
def test_header(header: str) -> None:
    """The header's size and its number of values are those of `struct`, native padding included."""
    layout = RecordLayout(header, length=0)
    count = len(struct.unpack(header, bytes(struct.calcsize(header))))
    assert layout.header == header
    assert layout.header_size == struct.calcsize(header)
    assert layout.fields == [f"field{i}" for i in range(count)]


@pytest.mark.parametrize(
    "form",
    [
        "kind length flags",
        "kind, length, flags",
        "kind,length,flags",
        ["kind", "length", "flags"],
        ("kind", "length", "flags"),
        pytest.param(
            iter(["kind", "length", "flags"]),
            marks=pytest.mark.thread_unsafe(reason="an iterator serves once"),
        ),
        dict.fromkeys(["kind", "length", "flags"]),
    ],
)
def test_names(form: Any) -> None:
    """A list or one string, as namedtuple takes them."""
    layout = RecordLayout(">HHB", form)
    assert layout.fields == ["kind", "length", "flags"]


@pytest.mark.parametrize(
    "names",
    [
        "a class",
        "a _b",
        "a a",
        "a 1b",
        "a b-c",
        ["a", ""],
        ["a", "b c"],
        ["a", 1],
        ["a", "\udc80"],
        *([name, "b"] for name in keyword.kwlist),
    ],
)
def test_bad_names(names: Any) -> None:
    """namedtuple's rules, and its words."""
    with pytest.raises(ValueError) as wanted:
        namedtuple("Record", names)  # noqa: PYI024
    with pytest.raises(ValueError, match=re.escape(str(wanted.value))):
        RecordLayout(">HB", names, length=0)


def test_names_that_are_no_names() -> None:
    for names in (5, 1.5, object()):
        with pytest.raises(TypeError):
            RecordLayout(">HB", names, length=0)


def test_names_that_raise() -> None:
    """An exception from the names comes through."""

    def names() -> Any:
        yield "a"
        raise LookupError("no more")

    with pytest.raises(LookupError, match="no more"):
        RecordLayout(">HB", names(), length=0)


def test_names_that_python_knows() -> None:
    """Names of methods are no keywords."""
    layout = RecordLayout("3B", "index count length")
    record = layout.scan(b"\1\2\1x")[0]
    assert (record.index, record["count"], record.length) == (1, 2, 1)


@pytest.mark.parametrize("name", ["offset", "content"])
def test_names_of_the_record_itself(name: str) -> None:
    """`record.offset` can't be two things."""
    with pytest.raises(
        ValueError, match=f"^a field can't be named '{name}': it is the record's own attribute$"
    ):
        RecordLayout("2B", ["length", name])
    # What a class has, and a record has not, is free.
    assert RecordLayout("2B", "length mro").fields == ["length", "mro"]


@pytest.mark.parametrize("names", ["a", "a b c", []])
def test_wrong_number_of_names(names: Any) -> None:
    count = len(names) if isinstance(names, list) else len(names.split())
    verb = "is" if count == 1 else "are"
    with pytest.raises(ValueError, match=f"^the header has 2 values, {count} {verb} named$"):
        RecordLayout(">HB", names, length=0)
    with pytest.raises(ValueError, match=r"^the header has 1 value, 2 are named$"):
        RecordLayout(">H", "a b", length=0)


@pytest.mark.parametrize("header", ["", "4x", "0B", "0s0H", "<"])
def test_empty_header(header: str) -> None:
    """A header without values would never advance."""
    with pytest.raises(ValueError, match="header"):
        RecordLayout(header, length=1)


@pytest.mark.parametrize("header", ["z", "<P", "<n", "H>", "3", "H B!", "é", "9" * 30 + "s"])
def test_bad_header(header: str) -> None:
    with pytest.raises((struct.error, UnicodeError)):
        struct.calcsize(header)
    with pytest.raises(ValueError, match="header format"):
        RecordLayout(header, length=0)


def test_header_of_another_type() -> None:
    for header in (5, None, ["H"]):
        with pytest.raises(TypeError):
            RecordLayout(header, length=0)


def test_length_field() -> None:
    """The field is called `length`, or named."""
    assert RecordLayout(">HB", "length x").scan(b"\0\1xy").lengths.tolist() == [1]
    assert RecordLayout(">HB", "x size", length="size").scan(b"\0\0\1y").lengths.tolist() == [1]
    # Another field may be the length, though one is called so.
    assert RecordLayout(">BB", "length x", length="x").scan(b"\5\1y").lengths.tolist() == [1]
    for fields in (None, "a b"):
        with pytest.raises(ValueError, match="length="):
            RecordLayout(">HB", fields)
    with pytest.raises(ValueError, match="'size'"):
        RecordLayout(">HB", "length x", length="size")


@pytest.mark.parametrize("code", ["f", "d", "e", "?", "c", "4s", "4p"])
def test_length_that_counts_nothing(code: str) -> None:
    """Only an integer can be a length."""
    with pytest.raises(ValueError, match="not an integer"):
        RecordLayout("<B" + code, "x size", length="size")
    with pytest.raises(ValueError, match="not an integer"):
        RecordLayout("<B" + code, "x length")


def test_constant_length() -> None:
    layout = RecordLayout("<H", "kind", length=3)
    assert layout.scan(b"\1\0abc\2\0def").join().tobytes() == b"abcdef"
    # In the unit of `scale`, and with the bias.
    layout = RecordLayout("<H", "kind", length=np.int64(3), scale=2, bias=-5)
    assert layout.scan(b"\1\0a\2\0b").join().tobytes() == b"ab"
    # A constant beats the field that is called length.
    assert RecordLayout("B", "length", length=1).scan(b"\x09a").lengths.tolist() == [1]


@pytest.mark.parametrize(
    "options",
    [
        {"length": -1},
        {"length": 2**64},
        {"scale": -1},
        {"scale": 2**64},
        {"trailer": -1},
        {"trailer": 2**64},
        {"bias": 2**63},
        {"bias": -(2**63) - 1},
        {"align": 0},
        {"align": -1},
        {"align": 2**64},
        {"block": 0},
        {"block": 2},
        {"block": -1},
        {"block": 2**64},
    ],
)
def test_numbers_out_of_range(options: dict[str, Any]) -> None:
    ((name, number),) = options.items()
    least = {"align": "1", "bias": str(-(2**63))}.get(name, "0")
    if name == "block" and 0 <= number < 3:
        words = f"block must be at least the header's 3 bytes, not {number}"
    elif number < int(least):
        words = f"{name} must be {least} or more, not {number}"
    else:
        words = f"{name} is too large: {number}"
    with pytest.raises(ValueError, match=f"^{words}$"):
        RecordLayout("<HB", "length x", **options)


@pytest.mark.parametrize(
    "options",
    [
        {"length": 1.5},
        {"length": b"length"},
        {"length": ["length"]},
        {"scale": 1.0},
        {"scale": None},
        {"bias": "1"},
        {"trailer": None},
        {"align": 1.0},
        {"block": "4"},
        {"until": [("x", 1)]},
        {"until": {"x": "1"}},
        {"until": {"x": None}},
        {"until": {"x": [1]}},
        {"until": {1: 1}},
    ],
)
def test_options_of_another_type(options: dict[str, Any]) -> None:
    ((name, value),) = options.items()
    words = f"{name} must be an integer, not '{type(value).__name__}'" if name != "until" else None
    with pytest.raises(TypeError, match=words):
        RecordLayout("<HB", "length x", **options)


def test_options_are_keywords() -> None:
    with pytest.raises(TypeError):
        RecordLayout("<HB", "length x", "length")
    with pytest.raises(TypeError):
        RecordLayout("<HB", "length x", size="length")


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("B", 256),
        ("B", -1),
        ("b", 128),
        ("H", b"ab"),
        ("H", 1.5),
        ("4s", 1),
        ("4s", b"abcde"),
        ("4p", b"abcd"),
        ("c", b"ab"),
        ("c", b""),
    ],
)
def test_until_that_can_not_be(code: str, value: Any) -> None:
    """A last record that can't come is a mistake."""
    with pytest.raises(ValueError, match="'kind'"):
        RecordLayout("<B" + code, "length kind", until={"kind": value})


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("B", 1.0),
        ("b", -2.0),
        ("?", 1),
        ("?", 1.0),
        ("f", 3),
        ("d", 2**53),
        ("B", np.float32(7)),
        ("Q", 2.0**63),
    ],
)
def test_until_of_an_equal_number(code: str, value: Any) -> None:
    """Numbers compare by value, whatever their type."""
    layout = RecordLayout("<B" + code, "length kind", until={"kind": value})
    data = struct.pack(
        "<B" + code, 0, type(struct.unpack("<" + code, bytes(8)[: struct.calcsize("<" + code)])[0])(value)
    )
    assert len(layout.scan(data + b"rest")) == 1


@pytest.mark.parametrize(
    ("code", "value"),
    [("f", 0.1), ("B", 0.5), ("?", 2), ("d", 2**53 + 1), ("d", float("nan")), ("Q", 2.0**64)],
)
def test_until_of_a_number_that_none_equals(code: str, value: Any) -> None:
    with pytest.raises(ValueError, match="'kind'"):
        RecordLayout("<B" + code, "length kind", until={"kind": value})


def test_until_of_no_field() -> None:
    with pytest.raises(ValueError, match="'king'"):
        RecordLayout("<BB", "length kind", until={"king": 1})


def test_bounds() -> None:
    """The largest numbers are taken; what they lead to is told by the scan."""
    for options in (
        {"bias": 2**63 - 1},
        {"bias": -(2**63)},
        {"scale": 2**64 - 1},
        {"trailer": 2**63 - 1},
        {"align": 2**63 - 1},
        {"block": 2**63 - 1},
    ):
        layout = RecordLayout("<Q", "length", **options)
        for data in (bytes(8), b"\xff" * 8, b"\1" + bytes(8)):
            table = layout.scan(data, strict=False)
            assert len(table) <= 1


def test_huge_header() -> None:
    """A header far longer than memory is no reason to take that memory."""
    code = """
import fragview
for options in ({}, {"until": {"text": b"x"}}):
    try:
        layout = fragview.RecordLayout("<1000000000000sB", "text length", **options)
        table = layout.scan(b"abc", strict=False)
    except (ValueError, MemoryError):
        continue
    assert len(table) == 0 and table.error.offset == 0
"""
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


REPRS = [
    "RecordLayout('>I4s', ['length', 'type'])",
    "RecordLayout('<HB', ['size', 'kind'], length='size', bias=-3, scale=2, trailer=4, align=8, block=512)",
    "RecordLayout('<HB', ['field0', 'field1'], length=7)",
    "RecordLayout('<H', ['length'], length=7)",
    "RecordLayout('>I4s?d', ['length', 'type', 'a', 'b'], until={'type': b'IEND', 'a': True, 'b': -0.5})",
    "RecordLayout('<Q', ['length'], bias=-9223372036854775808, scale=18446744073709551615, align=4096)",
]


@pytest.mark.parametrize("text", REPRS)
def test_repr(text: str) -> None:
    """An expression that makes the layout, with what is not as it is by default."""
    layout = eval(text, {"RecordLayout": RecordLayout})
    assert repr(layout) == text
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert repr(pickle.loads(pickle.dumps(layout, protocol))) == text
    assert repr(copy.copy(layout)) == repr(copy.deepcopy(layout)) == text


def test_repr_of_defaults() -> None:
    layout = RecordLayout(
        ">I4s", "length, type", length="length", bias=0, scale=True, trailer=0, align=1, block=None, until={}
    )
    assert repr(layout) == "RecordLayout('>I4s', ['length', 'type'])"
    layout = RecordLayout("<H", "length", block=np.uint8(9), until={"length": np.float32(3)})
    assert repr(layout) == "RecordLayout('<H', ['length'], block=9, until={'length': 3.0})"
    assert repr(eval(repr(layout))) == repr(layout)


def test_a_pickled_layout_scans() -> None:
    data = b"\5\0\0\1A..\5\0\0\2B..\5\0\0\3C..rest"
    layout = RecordLayout("<I", ["length"], bias=-0x2000000, until={"length": 0x3000005})
    again = pickle.loads(
        pickle.dumps(RecordLayout("<HH", "length kind", bias=-4, trailer=2, until={"kind": 1}))
    )
    assert again.scan(b"\5\0\0\0a..\4\0\1\0..rest").join().tobytes() == b"a"
    assert repr(pickle.loads(pickle.dumps(layout)).scan(data, strict=False)) == repr(
        layout.scan(data, strict=False)
    )


def test_no_subclass() -> None:
    with pytest.raises(TypeError):
        type("Mine", (RecordLayout,), {})


def test_until_that_changes_meanwhile() -> None:
    """A value that empties, fills or exchanges the dict it is in: an error or a layout, no crash."""

    def empty() -> None:
        until.clear()

    def fill() -> None:
        until.update((f"x{i}", i) for i in range(100))

    def swap() -> None:
        until.pop("y", None)
        until["z"] = 3

    for deed in (empty, fill, swap):
        until: dict[str, Any] = {}
        until.update(x=Evil(deed, 1), y=2)
        try:
            layout = RecordLayout("3B", "length x y", until=until)
        except (ValueError, RuntimeError):
            continue
        assert layout.fields == ["length", "x", "y"]


def test_until_that_raises() -> None:
    def fail() -> None:
        raise LookupError("no number")

    with pytest.raises(LookupError, match="no number"):
        RecordLayout("2B", "length x", until={"x": Evil(fail, 1)})


def test_light_import() -> None:
    """`import fragview` does not load what only formats and type checkers need."""
    code = "import sys, fragview; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False
    )
    if run.returncode:  # Installed by a .pth file, which needs `site`.
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        base = subprocess.run(
            [sys.executable, "-c", "import sys; print(*sys.modules)"],
            capture_output=True,
            text=True,
            check=True,
        )
        loaded = set(run.stdout.split()) - set(base.stdout.split())
    else:
        loaded = set(run.stdout.split())
    assert "fragview.errors" in loaded
    assert not loaded & {"fragview.formats", "mmap", "typing", "typing_extensions", "numpy", "re", "inspect"}

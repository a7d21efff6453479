"""`unpack_from`, `pack_into` and `iter_unpack`: the `struct` module is the oracle, errors included."""

from __future__ import annotations

import contextlib
import itertools
import struct
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import fragview
from fragmented import Cut, FragView, cut, needs_fragview, outcome, place
from fragview import FragBuffer

pytestmark = needs_fragview

DATA = bytes((i * 37 + 11) % 256 for i in range(26))
FORMATS = [
    "B",
    "<IH",
    ">Hq",
    "=bd",
    "3s",
    "<B2xh",
    "BI",
    "",
    "0s",
    "4x",
    "2H",
    "?c",
    "@P",
    "!e",
    "5p",
    "<0I",
    "<H H",
]
SPLITS = [(26,), (1,) * 26, (5, 0, 1, 2, 18), (13, 13), (25, 1)]
OFFSETS = [0, 1, 4, 5, 9, 17, 18, 25, 26, 27, -1, -8, -26, -27, 2**31, 2**63 - 1, -(2**63)]


def splits(data: bytes = DATA) -> Iterator[Cut]:
    for sizes in SPLITS:
        yield cut(data, sizes)


def alike(view: Any, data: bytes | bytearray, name: str, fmt: Any, *args: Any, **kwargs: Any) -> None:
    """The call gives the same value or the same error, text included, as struct's for `data`."""

    def ask(call: Callable[..., Any], *first: Any) -> Any:
        got = call(*first, *args, **kwargs)
        return list(got) if name == "iter_unpack" else got

    expected = outcome(ask, getattr(struct, name), fmt, data)
    assert repr(outcome(ask, getattr(view, name), fmt)) == repr(expected), (name, fmt, args, kwargs)


@pytest.mark.parametrize("fmt", FORMATS)
def test_unpack_from(fmt: str) -> None:
    """At each offset, negative and out of range too."""
    for fragmented in splits():
        view = fragmented.view()
        alike(view, DATA, "unpack_from", fmt)
        for offset in OFFSETS:
            alike(view, DATA, "unpack_from", fmt, offset)
            alike(view, DATA, "unpack_from", fmt, offset=offset)


def test_unpack_from_each_place() -> None:
    """A header at each offset: inside a fragment and across every seam."""
    for fragmented in splits():
        view = fragmented.view()
        for offset in range(26 - 8 + 1):
            assert view.unpack_from("<IHBb", offset) == struct.unpack_from("<IHBb", DATA, offset)


@pytest.mark.parametrize("fmt", FORMATS)
def test_pack_into(fmt: str) -> None:
    """The same bytes in the same places, pad bytes included, and canaries alive."""
    values = struct.unpack_from(fmt, bytes([1]) * 32)
    for fragmented in splits():
        for offset in OFFSETS:
            model = bytearray(DATA)
            alike(fragmented.view(), model, "pack_into", fmt, offset, *values)
            fragmented.check(model)
            fragmented.write(DATA)


@pytest.mark.parametrize(
    "values",
    [
        (),
        (1,),
        (1, 2, 3),
        (1, 2**16),
        (-1, 2),
        (1, "a"),
        ("a", 1),
        (1, None),
        (1, 2.0),
        (2**100, 1),
        (b"a", 1),
    ],
    ids=repr,
)
def test_pack_into_refuses(values: tuple[Any, ...]) -> None:
    """A wrong number, type or size of values: struct's error, and not one byte changed."""
    for fragmented in splits():
        for offset in (0, 3, 20):
            alike(fragmented.view(), bytearray(DATA), "pack_into", "<IH", offset, *values)
            fragmented.check(DATA)


def test_pack_into_read_only_memory() -> None:
    """TypeError or BufferError as for struct, before anything is written, also at a seam."""
    for fragmented in [cut(DATA, sizes, ["bytes"]) for sizes in SPLITS]:
        with pytest.raises((TypeError, BufferError)):
            fragmented.view().pack_into("<I", 0, 1)
        fragmented.check(DATA)
    view = FragView([place(DATA[:6]), place(DATA[6:], "bytes")])
    with pytest.raises((TypeError, BufferError)):
        view[4:10].pack_into("<I", 0, 1)
    assert view.tobytes() == DATA
    view[:6].pack_into("<I", 2, 1)
    assert view[:6].tobytes() == DATA[:2] + b"\x01\0\0\0"


def test_pack_into_evaluates_first() -> None:
    """A value whose conversion raises at the end has not let the first ones through."""

    class Bad:
        def __index__(self) -> int:
            raise LookupError("mine")

    for fragmented in splits():
        with pytest.raises(LookupError, match="mine"):
            fragmented.view().pack_into("<IIH", 2, 1, 2, Bad())
        fragmented.check(DATA)


@pytest.mark.parametrize(
    "fmt", ["B", "<H", ">BB", "<13s", "26B", "<6sB6s", "<I", "5s", "", "0s", "<Q", "@HB", "27s"]
)
def test_iter_unpack(fmt: str) -> None:
    """Item after item; a length that does not divide is struct's error."""
    for fragmented in splits():
        view = fragmented.view()
        alike(view, DATA, "iter_unpack", fmt)
        for key in (slice(2, 24), slice(1, 14), slice(0, 0)):
            alike(view[key], DATA[key], "iter_unpack", fmt)


def test_iter_unpack_is_lazy() -> None:
    """It is an iterator, sees later writes, and keeps the memory."""
    for fragmented in splits():
        step = fragmented.view().iter_unpack("<H")
        assert iter(step) is step
        assert next(step) == struct.unpack_from("<H", DATA)
        fragmented.write(bytes(26))
        assert next(step) == (0,)
        assert len(list(step)) == 11
        assert next(step, None) is None


@pytest.mark.parametrize("fmt", ["Z", "<", "I<", "3", "é", "<P", "9" * 30 + "s", "\0"])
def test_unknown_formats(fmt: str) -> None:
    """struct's error for each of the three."""
    for fragmented in splits():
        view = fragmented.view()
        alike(view, DATA, "unpack_from", fmt)
        alike(view, bytearray(DATA), "pack_into", fmt, 0)
        alike(view, DATA, "iter_unpack", fmt)
        fragmented.check(DATA)


def test_wrong_types() -> None:
    """Formats that are no text, offsets that are no integers."""
    view = cut(DATA, (5, 21)).view()
    for fmt, offset in itertools.product([5, None, ["B"]], [0]):
        for call in (view.unpack_from, view.pack_into):
            with pytest.raises(TypeError):
                call(fmt, offset)
        with pytest.raises(TypeError):
            view.iter_unpack(fmt)
    for offset in ("a", None, 1.0, b"1"):
        with pytest.raises((TypeError, struct.error)):
            view.unpack_from("B", offset)
        with pytest.raises((TypeError, struct.error)):
            view.pack_into("B", offset, 1)
    for offset in (2**64, -(2**64), 2**200):
        with pytest.raises((struct.error, OverflowError, IndexError, ValueError)):
            view.unpack_from("B", offset)
        with pytest.raises((struct.error, OverflowError, IndexError, ValueError)):
            view.pack_into("B", offset, 1)
    with pytest.raises(TypeError):
        view.unpack_from()
    with pytest.raises((TypeError, struct.error)):
        view.pack_into("B")


def test_bytes_formats() -> None:
    """The format may be bytes, as struct's."""
    view = cut(DATA, (5, 21)).view()
    assert view.unpack_from(b"<IH", 3) == struct.unpack_from(b"<IH", DATA, 3)
    assert list(view.iter_unpack(b"<H")) == list(struct.iter_unpack(b"<H", DATA))


def test_typed_views() -> None:
    """Offsets count bytes whatever the view's own format is."""
    view = cut(DATA, (5, 21)).view("H")
    assert view.unpack_from("<IH", 3) == struct.unpack_from("<IH", DATA, 3)
    assert list(view.iter_unpack("<13s")) == list(struct.iter_unpack("<13s", DATA))


def test_holes() -> None:
    """Zeros are read and never written."""
    view = FragView.from_extents(bytearray(DATA), [(0, 2), (None, 4), (2, 4)])
    assert view.unpack_from("<Hi", 0) == (struct.unpack_from("<H", DATA)[0], 0)
    with pytest.raises((TypeError, BufferError)):
        view.pack_into("<I", 0, 1)
    assert view.tobytes() == DATA[:2] + bytes(4) + DATA[2:6]


def test_a_struct_object_is_a_format() -> None:
    """What a parser has compiled once, subclasses of it too."""

    class Mine(struct.Struct):
        pass

    data = bytearray(range(40))
    for view in (FragView(data), FragView([memoryview(data)[:3], memoryview(data)[3:]])):
        for made in (struct.Struct(">IH"), Mine(">IH"), struct.Struct(b">IH")):
            assert view.unpack_from(made, 1) == made.unpack_from(data, 1)
            assert FragBuffer(view).unpack_from(made, 1) == made.unpack_from(data, 1)
            assert FragBuffer(view).unpack(made) == made.unpack_from(data, 0)
            assert list(view[:36].iter_unpack(made)) == list(made.iter_unpack(data[:36]))
            view.pack_into(made, 2, 7, 8)
            assert made.unpack_from(data, 2) == (7, 8)


def test_more_formats_than_are_kept() -> None:
    """Formats are kept for the next call, and forgotten where they are many."""
    data = bytes(range(250))
    view = FragView([data[:7], data[7:]])
    for _ in range(2):
        for n in range(1, 240):
            assert view.unpack_from(f"<H{n}s", 3) == struct.unpack_from(f"<H{n}s", data, 3)


@pytest.mark.parametrize("size", [-1, -(2**63), 2**63 - 1, 2**63, 2**63 + 5, 2**64 - 1, 2**64, None, 3, 100])
def test_a_struct_that_lies(size: Any) -> None:
    """A subclass may say what it likes: errors, and nothing beside the view is read or written."""

    class Liar(struct.Struct):
        @property
        def size(self) -> Any:
            return size

        def pack(self, *values: Any) -> bytes:
            return b"too long by far"

        def unpack(self, data: Any) -> Any:
            return (len(data),)

    fragmented = cut(bytes(range(12)), (5, 7))
    view, liar = fragmented.view(), Liar("<H")
    refused = (ValueError, TypeError, OverflowError, struct.error, fragview.NotEnoughDataError)
    for call in (
        lambda: view.unpack_from(liar, 1),
        lambda: view.unpack_from(liar, -1),
        lambda: list(view.iter_unpack(liar)),
        lambda: FragBuffer(view).unpack(liar),
        lambda: FragBuffer(view).unpack_from(liar, 2),
    ):
        with contextlib.suppress(refused):
            assert call() in ((3,), [(3,)] * 4)
    with pytest.raises(refused):
        view.pack_into(liar, 1, 7)
    fragmented.check(bytes(range(12)))

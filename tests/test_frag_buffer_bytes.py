"""A `FragBuffer` beside bytes: equality, needles and structs."""

from __future__ import annotations

import array
import struct
from typing import Any

import pytest

from fragmented import FragView, needs_fragview

fragview = pytest.importorskip("fragview")
FragBuffer = fragview.FragBuffer
pytestmark = needs_fragview

DATA = b"one string"


def test_equality() -> None:
    """Equal to whatever has the same bytes, as a bytearray is; to nothing else."""
    same: list[Any] = [
        DATA,
        bytearray(DATA),
        memoryview(DATA),
        memoryview(DATA).cast("H"),
        array.array("B", DATA),
        FragView([DATA[:3], DATA[3:]]),
        FragView(DATA[:1])[:0] + DATA,
        FragBuffer(DATA),
        FragBuffer([DATA[:1], b"", DATA[1:]]),
    ]
    for buffer in (FragBuffer(DATA), FragBuffer([DATA[:3], DATA[3:4], DATA[4:]])):
        for other in same:
            assert buffer == other
            assert other == buffer
            assert not buffer != other  # noqa: SIM202
        for other in (
            b"",
            DATA[:-1],
            DATA + b"x",
            b"One string",
            FragView(b"x"),
            FragBuffer(),
            5,
            None,
            DATA.decode(),
        ):
            assert buffer != other
            assert not buffer == other  # noqa: SIM201
        assert buffer == buffer
        for other in same:
            with pytest.raises(TypeError):
                buffer < other
    assert FragBuffer() == b""
    released = FragView(DATA)
    released.release()
    assert FragBuffer(DATA) != released
    # What is equal now may not be later, so that there is no hash: as a bytearray.
    with pytest.raises(TypeError, match="unhashable"):
        hash(FragBuffer(DATA))


def test_it_stays_as_it_was() -> None:
    """A comparison takes nothing, and holds nothing."""
    source = bytearray(DATA)
    buffer = FragBuffer(source)
    assert buffer == DATA
    assert buffer != b"x"
    assert len(buffer) == len(DATA)
    buffer.clear()
    source.append(1)


def test_vast_needles() -> None:
    """A needle longer than all there is is not looked at: as long as no memory is."""
    vast = FragView.from_extents(b"", [(None, 1 << 60)])
    assert FragBuffer(DATA).find(vast) == -1
    assert FragBuffer(DATA).find(vast, 3) == -1
    assert FragBuffer(DATA).find(vast, -3) == -1
    view = FragView([DATA[:3], DATA[3:]])
    assert (view.find(vast), view.rfind(vast), view.count(vast), vast in view) == (-1, -1, 0, False)
    assert not view.startswith(vast)
    with pytest.raises(ValueError, match="not found"):
        view.index(vast)
    # Between bounds as well: the part that is searched is what counts.
    long = FragView.from_extents(b"", [(None, 1 << 61)])
    assert (long.find(vast, 0, 1000), long.count(vast, 1 << 60, -1)) == (-1, 0)


def test_find() -> None:
    """As `bytes.find`, also where the needle does not fit any more."""
    for buffer in (FragBuffer(DATA), FragBuffer([DATA[:3], DATA[3:4], DATA[4:]])):
        for needle in (b"", b"o", b"string", DATA, DATA + b"x", 110, b"gg"):
            assert buffer.find(needle) == DATA.find(needle)
            for start in (*range(-12, 13), 2**70, -(2**70)):
                assert buffer.find(needle, start) == DATA.find(needle, start), (needle, start)
        for wrong in (256, -1, 2**70):
            with pytest.raises(ValueError, match="range"):
                buffer.find(wrong)
        for wrong in ("o", None, 1.0):
            with pytest.raises(TypeError, match="integer or bytes-like"):
                buffer.find(wrong)


def test_a_struct_that_raises() -> None:
    """`unpack` takes the bytes only where there are values to show for them."""

    class Broken(struct.Struct):
        def unpack(self, data: Any) -> Any:
            raise KeyError(bytes(data))

    buffer = FragBuffer([DATA[:3], DATA[3:]])
    with pytest.raises(KeyError, match="one st"):
        buffer.unpack(Broken("6s"))
    assert buffer == DATA
    with pytest.raises(fragview.NotEnoughDataError):
        buffer.unpack("11s")
    assert buffer == DATA
    assert buffer.unpack("3s") == (b"one",)
    assert buffer == DATA[3:]


def test_vast_holes_are_equal() -> None:
    """Bytes that lie in holes on both sides take no time to compare."""
    holes = [(None, 1 << 61), (0, 3), (None, 1 << 60)]
    left, right = (FragView.from_extents(bytearray(b"abc"), holes) for _ in range(2))
    assert left == right
    assert left[::2] == right[::2]
    assert left[::-1] == right[::-1]
    assert left[:-1] != right[1:]
    other = FragView.from_extents(b"abd", holes)
    assert left != other
    for code in ("d", "<d", "?", "<BHB", ">I"):
        size = struct.calcsize(code)
        one, two = left[::1][: (1 << 60)].cast(code), right[: 1 << 60].cast(code)
        assert (len(one), one == two) == ((1 << 60) // size, True)
    assert left[: 1 << 60].cast("c") != right[: 1 << 60]
    assert left[: 1 << 60].cast("B", [4, 1 << 58]) == right[: 1 << 60].cast("B", [4, 1 << 58])

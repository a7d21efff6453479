"""`blocks()` against slices of bytes; `write_to` a file that takes bytes by calls, a block a call."""

from __future__ import annotations

import gzip
import hashlib
import io
import itertools
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from fragmented import needs_fragview
from fragview import FragView

pytestmark = needs_fragview

DATA = b"abcdefgh"
KIB = 1 << 10


def splits() -> Iterator[list[bytes]]:
    """Every way to split the data, with empty fragments."""
    for seams in itertools.product([False, True], repeat=len(DATA) - 1):
        parts, start = [b""], 0
        for at, seam in enumerate((*seams, True), 1):
            if seam:
                parts += [DATA[start:at], b""]
                start = at
        yield parts


def test_all_splits_and_sizes() -> None:
    for parts in splits():
        view = FragView(parts)
        ends = list(itertools.accumulate(map(len, parts)))
        for size in range(1, 10):
            blocks = list(view.blocks(size))
            expected = [DATA[at : at + size] for at in range(0, len(DATA), size)]
            assert blocks == expected
            for at, block in zip(range(0, len(DATA), size), blocks, strict=True):
                assert isinstance(block, memoryview)
                assert block.readonly
                assert block.contiguous
                last = at + len(block) - 1
                whole = sum(end <= at for end in ends) == sum(end <= last for end in ends)
                # What lies in one fragment is lent: it is a FragView that the memoryview shows.
                assert isinstance(block.obj, FragView) == whole


@pytest.mark.parametrize("step", [-3, -1, 2, 3])
def test_steps(step: int) -> None:
    for parts in splits():
        some = FragView(parts)[::step]
        for size in (1, 2, 3, 64):
            assert b"".join(some.blocks(size)) == DATA[::step]
            assert [len(block) for block in some.blocks(size)][:-1] == [size] * (-(-len(some) // size) - 1)


def test_items_and_dimensions() -> None:
    array = np.arange(24, dtype="<u4").reshape(4, 6)
    view = FragView(array[:, ::2])
    assert b"".join(view.blocks(5)) == array[:, ::2].tobytes()
    assert list(FragView([]).blocks()) == []


def test_holes() -> None:
    view = FragView.from_extents(b"abc", [(0, 2), (None, 5), (2, 1)])
    assert list(view.blocks(3)) == [b"ab\0", bytes(3), b"\0c"]
    vast = FragView.from_extents(b"abc", [(None, 1 << 60)])
    blocks = vast.blocks(1 << 20)
    assert next(blocks) == bytes(1 << 20)
    assert blocks.__length_hint__() == (1 << 40) - 1  # type: ignore[attr-defined]


def test_the_memory_is_lent() -> None:
    """Writes show in a block that is lent; one that was copied keeps its bytes."""
    source = bytearray(b"abcd"), bytearray(b"ef")
    lent, copied = FragView(source).blocks(3)
    source[0][:] = b"ABCD"
    assert bytes(lent) == b"ABC"
    assert bytes(copied) == b"def"


def test_release() -> None:
    """The memory stays until the blocks are gone; a released view gives none."""
    source = bytearray(b"abc")
    view = FragView([source, b"d"])
    blocks = view.blocks(2)
    first = next(blocks)
    with pytest.raises(BufferError):
        source.append(1)
    view.release()
    assert (bytes(first), bytes(next(blocks))) == (b"ab", b"cd")
    with pytest.raises(ValueError, match="released"):
        view.blocks()
    first.release()
    del blocks
    source.append(1)


@pytest.mark.parametrize("size", [0, -1, -(1 << 100)])
def test_sizes_below_one(size: int) -> None:
    with pytest.raises(ValueError, match="size must be 1 or more, not"):
        FragView(b"abc").blocks(size)


def test_other_sizes() -> None:
    assert list(FragView([b"ab", b"c"]).blocks((1 << 63) - 1)) == [b"abc"]
    assert list(FragView([b"ab", b"c"]).blocks(size=np.int64(2))) == [b"ab", b"c"]
    with pytest.raises(TypeError, match="size must be an integer, not 'str'"):
        FragView(b"abc").blocks("1")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="size is too large"):
        FragView(b"abc").blocks(1 << 100)


def test_size_releases_the_view() -> None:
    view = FragView([b"ab", b"c"])

    class Size:
        def __index__(self) -> int:
            view.release()
            return 2

    with pytest.raises(ValueError, match="released"):
        view.blocks(Size())


def test_consumers() -> None:
    data = bytes(range(256)) * 2000
    view = FragView([data[at : at + 1000] for at in range(0, len(data), 1000)])
    digest, crc = hashlib.sha256(), 0
    for block in view.blocks():
        digest.update(block)
        crc = zlib.crc32(block, crc)
    assert (digest.digest(), crc) == (hashlib.sha256(data).digest(), zlib.crc32(data))


def test_threads_share_an_iterator() -> None:
    """Each block is given once."""
    data = bytes(range(250)) * 40
    blocks = FragView([data[:999], data[999:]]).blocks(100)
    taken: list[list[bytes]] = [[], [], [], []]

    def take(into: list[bytes]) -> None:
        into.extend(bytes(block) for block in blocks)

    threads = [threading.Thread(target=take, args=(into,)) for into in taken]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = [data[at : at + 100] for at in range(0, len(data), 100)]
    assert sorted(itertools.chain.from_iterable(taken)) == sorted(expected)


# --- write_to ---


class Counting(io.BytesIO):
    """Remembers the length of each write."""

    def __init__(self) -> None:
        super().__init__()
        self.lengths: list[int] = []

    def write(self, data: object, /) -> int:
        count = super().write(data)  # type: ignore[arg-type]
        self.lengths.append(count)
        return count


def test_neighbours_are_written_together() -> None:
    sizes = [100] * 2000 + [70 * KIB, 1, 64 * KIB, 3, 64 * KIB - 3, 1 << 20]
    parts = [bytes([index & 255]) * size for index, size in enumerate(sizes)]
    target = Counting()
    assert FragView(parts).write_to(target) == sum(sizes)
    assert target.getvalue() == b"".join(parts)
    small = [65_500, 65_500, 65_500, 3_500]
    assert target.lengths == [*small, 70 * KIB, 1, 64 * KIB, 64 * KIB, 1 << 20]


def test_gzip(tmp_path: Path) -> None:
    parts = [bytes([index & 255]) * (index % 300) for index in range(3000)]
    with gzip.open(tmp_path / "a.gz", "wb") as file:
        FragView(parts).write_to(file)
    assert gzip.decompress((tmp_path / "a.gz").read_bytes()) == b"".join(parts)


def test_a_raw_target_that_takes_little() -> None:
    """Each call takes seven bytes; the rest is offered again."""
    taken = bytearray()

    class Raw(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data: object, /) -> int:
            part = bytes(data)[:7]  # type: ignore[call-overload]
            taken.extend(part)
            return len(part)

    parts = [b"ab" * index for index in range(40)]
    assert FragView(parts).write_to(Raw()) == sum(map(len, parts))
    assert taken == b"".join(parts)


def test_an_error_tells_how_far_it_came() -> None:
    class Full(io.RawIOBase):
        left = 1000

        def writable(self) -> bool:
            return True

        def write(self, data: object, /) -> int:
            count = min(len(bytes(data)), self.left)  # type: ignore[call-overload]
            self.left -= count
            if not count:
                raise OSError("full")
            return count

    with pytest.raises(OSError, match="full") as caught:
        FragView([b"abc"] * 1000).write_to(Full())
    assert caught.value.characters_written == 1000  # type: ignore[attr-defined]

"""What broke once: each bug an attack found, as the smallest script that showed it."""

from __future__ import annotations

import itertools
import sys
from typing import Any

import numpy as np
import pytest

from fragview import FragView

# More than there are addresses: some allocators promise more memory than there is.
HUGE = 10**15


def test_gappy_slices_of_one_exporter_are_not_mixed_up() -> None:
    """A strided memoryview of a strided array begins where the array begins, and is another view."""
    array = np.arange(40, dtype="u1")[::2]
    memory = memoryview(array)
    for key in (slice(None, None, 2), slice(None, 3), slice(3, None), slice(None, None, -1), slice(None)):
        assert FragView(memory[key]).tolist() == memory[key].tolist()
    both = FragView([memory[::2], memory[:3], array])
    assert both.tolist() == [*memory[::2], *memory[:3], *array]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="__buffer__ is new in 3.12")
def test_exports_of_one_object_that_differ_are_both_held() -> None:
    """An exporter that shows other memory each time: joining two views of it keeps both exports."""

    class Exporter:
        def __init__(self, view: Any) -> None:
            self.view = view

        def __buffer__(self, flags: int) -> memoryview:
            return memoryview(self.view)

    one, two, three = sorted(
        (bytearray(64) for _ in range(3)), key=lambda a: np.frombuffer(a, "u1").ctypes.data
    )
    three[:] = bytes(range(64))
    exporter = Exporter(FragView([memoryview(one)[:8], memoryview(two)[:8]]))
    first = FragView(exporter)
    exporter.view = FragView([memoryview(one)[:8], memoryview(three)])
    second = FragView(exporter)
    joined = FragView([first, second])
    expected = joined.tobytes()
    exporter.view = None
    del first, second
    with pytest.raises(BufferError):
        three.clear()
    assert joined.tobytes() == expected


def test_extents_and_blocks_of_a_slice() -> None:
    """Offsets count from the view's first byte, and end where it ends."""
    source = bytearray(range(100))
    for view in (FragView(source), FragView([memoryview(source)[:13], bytearray(source[13:])])):
        part = view[10:20]
        assert FragView.from_extents(part, [(0, 5), (7, 3)]).tolist() == [10, 11, 12, 13, 14, 17, 18, 19]
        assert FragView.from_blocks(part, [1, 0], 5).tolist() == [15, 16, 17, 18, 19, 10, 11, 12, 13, 14]
        for extent in [(50, 5), (8, 3), (10, 1)]:
            with pytest.raises(ValueError, match="extent 0"):
                FragView.from_extents(part, [extent])


def test_read_only_views_give_read_only_extents() -> None:
    """What `toreadonly` sealed stays sealed, in one fragment and in several."""
    source, other = bytearray(8), bytearray(8)
    for sealed in (FragView(source).toreadonly(), FragView([source, other]).toreadonly()):
        for view in (
            FragView.from_extents(sealed, [(0, 4)]),
            FragView.from_blocks(sealed, [0], 4),
            FragView.from_extents(sealed, [(4, 4)]),
            FragView([sealed]),
        ):
            assert view.readonly
            with pytest.raises(TypeError):
                view[0] = 1
    assert source == other == bytearray(8)


def test_views_of_memoryviews_of_views_do_not_chain() -> None:
    """Twenty thousand levels are as deep as one, so that freeing them needs no deep stack."""
    for source in (np.zeros(8, "u1")[::2], bytearray(8), FragView([bytearray(3), bytearray(5)])):
        view = FragView(source)
        for _ in range(20_000):
            view = FragView(memoryview(view))
        assert view.tolist() == [0] * len(view)
        del view


def test_holes_through_a_memoryview() -> None:
    """A memoryview's zeros are a hole again."""
    view = FragView([b"ab", FragView.from_extents(b"", [(None, 3)]), bytearray(b"cd")])
    again = FragView(memoryview(view))
    assert again.tobytes() == b"ab\0\0\0cd"
    assert [row[0] for row in again.extents()] == [0, -1, 1]
    assert FragView(memoryview(view)[::-1]).tobytes() == b"dc\0\0\0ba"


def test_items_larger_than_memory() -> None:
    """A MemoryError, not the end of the process."""
    hole = FragView.from_extents(b"", [(None, HUGE)]).cast(f"{HUGE}s")
    mixed = FragView([bytearray(8), FragView.from_extents(b"", [(None, HUGE - 8)])]).cast(f"{HUGE}s")
    for call in (
        lambda: hole == mixed,
        hole.tolist,
        mixed.tolist,
        lambda: mixed[0],
        mixed.tobytes,
        lambda: list(mixed),
    ):
        with pytest.raises(MemoryError):
            call()
    with pytest.raises((MemoryError, TypeError)):
        mixed[0] = b"x"


def test_vast_views_answer_at_once() -> None:
    """Comparisons and flattening of 2**62 bytes that need no look at each."""
    vast = FragView.from_extents(b"", [(None, 2**62)])
    assert vast == vast
    assert len(vast[::2].fragments) == 1
    assert FragView([vast[::2], b""]).nbytes == 2**61
    broadcast = FragView(np.broadcast_to(np.uint8(1), (2**60,)))
    assert (len(broadcast), broadcast.strides, broadcast[-1]) == (2**60, (0,), 1)
    assert FragView.from_blocks(b"", itertools.repeat(-1), 4, length=10).tobytes() == bytes(10)


def test_errors_of_an_extent_are_its_own() -> None:
    """What an extent's own code raises is not taken for a wrong type."""

    class Broken:
        def __iter__(self) -> Any:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        FragView.from_extents(b"abc", [Broken()])

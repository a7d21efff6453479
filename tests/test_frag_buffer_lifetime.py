"""`FragBuffer`: how long it holds memory, and what runs when memory goes."""

from __future__ import annotations

import gc
import sys
import weakref
from typing import Any

import pytest

from fragmented import needs_fragview, resizable
from fragview import FragBuffer, FragView, NotEnoughDataError

pytestmark = needs_fragview


class Source(bytearray):
    """Memory that can refer to anything, and be referred to weakly."""

    other: Any


def test_memory_is_held_until_nobody_needs_it() -> None:
    """Until its bytes are consumed, or forgotten, and no view shows them."""
    one, two, three = bytearray(b"one"), bytearray(b"two"), bytearray(b"three")
    buffer = FragBuffer([one, two, three])
    buffer.discard(2)
    assert not resizable(one)
    view = buffer.consume(2)
    assert [resizable(source) for source in (one, two, three)] == [False, False, False]
    part = view[1:]
    del view
    buffer.discard(2)
    assert [resizable(source) for source in (one, two, three)] == [False, False, False]
    part.release()
    assert [resizable(source) for source in (one, two, three)] == [True, True, False]
    ahead = buffer.peek(1)
    buffer.clear()
    assert not resizable(three)
    ahead.release()
    assert resizable(three)
    buffer.append(one)
    buffer.prepend(memoryview(two)[1:])
    del buffer
    assert resizable(one)
    assert resizable(two)
    with pytest.raises(NotEnoughDataError):
        FragBuffer(one).consume(9)
    assert resizable(one)


def test_slices_of_one_memory_share_one_export() -> None:
    """Packets are often slices of one big block: one export is enough for those that follow each other."""
    block = bytearray(range(256)) * 4
    whole = memoryview(block)
    before = sys.getrefcount(block)
    buffer = FragBuffer()
    for at in range(0, 1024, 8):
        buffer.append(whole[at : at + 8])
    assert sys.getrefcount(block) - before <= 4
    assert buffer.view() == block
    assert buffer.view().obj is block
    buffer.append(whole[:8].toreadonly())
    assert buffer.view()[:1024].readonly is False
    assert buffer.view()[1024:].readonly is True
    del buffer, whole
    assert resizable(block)


def test_cycles() -> None:
    """A source that refers to a buffer that holds it is collected; not while the buffer is in use."""
    sources = [Source(b"abc") for _ in range(100)]
    buffer = FragBuffer(sources)
    buffer.append(FragView(sources))
    sources[0].other = buffer
    sources[1].other = buffer.peek(5)
    taken = buffer.consume(4)
    alive = [weakref.ref(source) for source in sources]
    del sources
    for _ in range(3):
        gc.collect()
    assert all(reference() for reference in alive)
    assert buffer.view().tobytes() == (b"abc" * 200)[4:]
    reference = weakref.ref(buffer)
    del buffer
    gc.collect()
    assert reference() is not None, "the view's source refers to it"
    del taken
    gc.collect()
    assert reference() is None
    assert not any(reference() for reference in alive)


def test_python_code_that_runs_when_memory_goes() -> None:
    """What runs when a source is let go may use the buffer itself."""
    buffer = FragBuffer()
    log: list[int] = []

    class Busy(bytearray):
        def __del__(self) -> None:
            buffer.append(b"late")
            log.append(len(buffer))

    for act in (buffer.consume, buffer.discard, lambda n: buffer.unpack(f"{n}s"), lambda _: buffer.clear()):
        buffer.clear()
        log.clear()
        for _ in range(3):
            buffer.append(Busy(b"abc"))
        act(9)
        assert log == [4, 8, 12]
        assert buffer.view() == b"late" * 3

    class Index:
        def __index__(self) -> int:
            buffer.clear()
            return 2

    buffer.append(b"abcdef")
    with pytest.raises(NotEnoughDataError):
        buffer.consume(Index())
    buffer.append(b"abcdef")
    assert buffer.find(b"a", Index()) == -1


def test_a_released_view_is_not_appended() -> None:
    buffer, view = FragBuffer(b"abc"), FragView(b"d")
    view.release()
    for put in (buffer.append, buffer.prepend, buffer.find, FragBuffer, lambda v: FragBuffer([v])):
        with pytest.raises(ValueError, match="released"):
            put(view)
    assert buffer.view() == b"abc"

"""`write_to` and `read_from`: pipes, holes, signals, threads, views that are released meanwhile."""

from __future__ import annotations

import io
import os
import signal
import socket
import tempfile
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fragmented import all_splits, cut, needs_fragview
from fragview import FragView
from transfers import drain, many, pattern, running

pytestmark = needs_fragview


def test_every_split_through_a_pipe() -> None:
    for sizes in all_splits(7):
        fragmented, target = cut(b"abcdefg", sizes, ("bytearray", "bytes")), cut(bytes(7), sizes[::-1])
        read, write = os.pipe()
        try:
            assert fragmented.view().write_to(write) == 7
            assert target.view().read_from(read) == 7
        finally:
            os.close(read)
            os.close(write)
        target.check(b"abcdefg")


def test_holes_and_gaps() -> None:
    view = FragView.from_extents(b"abcdef", [(0, 2), (None, 10_000), (3, 3)])
    with tempfile.TemporaryFile() as file:
        assert view.write_to(file) == 10_005
        file.seek(0)
        assert file.read() == b"ab" + bytes(10_000) + b"def"
    numbers = FragView([b"\0\1\0", b"\2\0\3\0\4"]).cast(">H")
    read, write = os.pipe()
    assert numbers[::-2].write_to(write) == 4
    assert os.read(read, 10) == b"\0\4\0\2"
    fragmented = cut(bytes(8), (3, 5))
    os.write(write, b"\1\2\3\4")
    os.close(write)
    assert fragmented.view().cast("<H")[::-2].read_from(read) == 4
    fragmented.check(b"\0\0\3\4\0\0\1\2")
    os.close(read)


def test_empty_views_move_nothing() -> None:
    assert FragView().write_to(io.BytesIO()) == 0
    read, write = os.pipe()
    assert FragView().write_to(write) == FragView().read_from(read) == 0
    os.close(read)
    os.close(write)


def test_read_only_views_are_not_read_into() -> None:
    read, write = os.pipe()
    os.write(write, b"abcdef")
    for view in (
        FragView([bytearray(2), b"cd"]),
        FragView.from_extents(bytearray(4), [(0, 2), (None, 2)]),
        FragView([bytearray(4)]).toreadonly(),
    ):
        with pytest.raises(TypeError, match="read-only"):
            view.read_from(read)
    assert os.read(read, 10) == b"abcdef"
    os.close(read)
    os.close(write)


@pytest.mark.unix
@pytest.mark.thread_unsafe(reason="signal handlers are the main thread's")
def test_a_signal_interrupts_and_the_transfer_goes_on() -> None:
    calls = []
    previous = signal.signal(signal.SIGALRM, lambda *_: calls.append(1))
    read, write = os.pipe()
    data = pattern(1_000_000)

    def drain_slowly() -> bytes:
        got = bytearray()
        while part := os.read(read, 20_000):
            got += part
            time.sleep(0.002)
        return bytes(got)

    signal.setitimer(signal.ITIMER_REAL, 0.005, 0.005)
    try:
        with running(drain_slowly) as got:
            assert many(data, 123).write_to(write) == len(data)
            os.close(write)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
    os.close(read)
    assert got == [data]
    assert calls


@pytest.mark.unix
@pytest.mark.parametrize("timeout", [None, 60.0])
@pytest.mark.thread_unsafe(reason="signal handlers are the main thread's")
def test_a_handler_that_raises_ends_the_transfer(timeout: float | None) -> None:
    class EnoughError(Exception):
        pass

    def handler(*_: object) -> None:
        raise EnoughError

    previous = signal.signal(signal.SIGALRM, handler)
    ours, theirs = socket.socketpair()
    view = many(pattern(30_000_000), 5000)
    with ours, theirs:
        ours.settimeout(timeout)
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        try:
            with pytest.raises(EnoughError) as caught:
                view.write_to(ours)
            moved = caught.value.characters_written  # type: ignore[attr-defined]
            ours.close()
            assert len(drain(theirs)) == moved
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, previous)


def test_other_threads_run_meanwhile() -> None:
    read, write = os.pipe()
    target = FragView([bytearray(2), bytearray(2)])
    with running(lambda: target.read_from(read)) as got:
        time.sleep(0.05)
        # The view is in use, and can't be released under the system call.
        with pytest.raises(BufferError):
            target.release()
        os.write(write, b"abcd")
    assert got == [4]
    os.close(read)
    os.close(write)


def test_released_views_and_callbacks_that_release() -> None:
    view = FragView([b"abc", b"de"])
    view.release()
    with pytest.raises(ValueError, match="released"):
        view.write_to(io.BytesIO())
    other = FragView([b"abc", b"de"])

    class Releasing(io.BytesIO):
        def write(self, data: Any) -> int:
            with pytest.raises(BufferError):
                other.release()
            return super().write(data)

    assert other.write_to(Releasing()) == 5

    class ReleasingFileno:
        def fileno(self) -> int:
            target.release()
            return 0

    # The descriptor is fetched before the memory is looked at.
    target = FragView([bytearray(2)])
    with pytest.raises(ValueError, match="released"):
        target.write_to(ReleasingFileno())
    target = FragView([bytearray(2)])
    with pytest.raises(ValueError, match="released"):
        target.read_from(ReleasingFileno())


@given(st.lists(st.binary(max_size=50), max_size=30), st.lists(st.integers(0, 60), max_size=20))
def test_any_fragments_into_any_fragments(parts: list[bytes], sizes: list[int]) -> None:
    view, target = FragView(parts), FragView([bytearray(size) for size in sizes])
    data = b"".join(parts)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert view.write_to(ours) == len(data)
        ours.close()
        count = target.read_from(theirs)
        assert count == min(len(data), len(target))
        assert target[:count] == data[:count]
        assert not any(target[count:])
        assert drain(theirs) == data[count:]

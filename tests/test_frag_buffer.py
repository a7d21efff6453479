"""`FragBuffer`: against bytes that are appended to and cut from the front."""

from __future__ import annotations

import array
import gc
import io
import pickle
import socket
import struct
import sys
import threading
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fragview
from fragmented import all_splits, needs_fragview
from fragview import FragBuffer, FragView, NotEnoughDataError
from interrupted import raises_soon

pytestmark = needs_fragview

DATA = b"abcabcdab"


def fragments(data: bytes, sizes: tuple[int, ...]) -> list[bytes]:
    """`data` in fragments of these sizes."""
    ends = [sum(sizes[: i + 1]) for i in range(len(sizes))]
    return [data[end - size : end] for end, size in zip(ends, sizes, strict=True)]


def test_every_split_in_steps_of_every_size() -> None:
    for sizes in all_splits(7):
        parts = fragments(DATA[:7], sizes)
        for step in range(1, 9):
            buffer, other = FragBuffer(parts), FragBuffer()
            for part in reversed(parts):
                other.prepend(part)
            whole = buffer.view()
            for each in (buffer, other):
                left = DATA[:7]
                while left:
                    n = min(step, len(left))
                    assert len(each) == len(left)
                    assert each.peek(n).tobytes() == left[:n]
                    assert each.view() == left
                    assert each.consume(n).tobytes() == left[:n]
                    left = left[n:]
                assert not each
                assert each.consume(0).tobytes() == b""
            assert whole.tobytes() == DATA[:7], "a view outlives what the buffer does"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (b"abc", b"abc"),
        (array.array("H", [0x6261]), b"ab"),
        (np.arange(6, dtype=np.uint8).reshape(2, 3), bytes(range(6))),
        (np.arange(6, dtype=np.uint8).reshape(2, 3)[:, ::2], bytes([0, 2, 3, 5])),
        (memoryview(b"abcd")[::-2], b"db"),
        (FragView([b"ab", b"cd"])[::-1], b"dcba"),
        (FragView([b"ab", b"cd"]).cast("H"), b"abcd"),
        (FragView.from_extents(b"ab", [(1, 1), (None, 2)]), b"b\0\0"),
        ([], b""),
        ([b"a", array.array("H", [0x6463]), FragView([b"e", b"f"]), b""], b"acdef"),
        pytest.param(
            iter([b"a", b"b"]), b"ab", marks=pytest.mark.thread_unsafe(reason="an iterator serves once")
        ),
    ],
)
def test_what_it_takes(source: Any, expected: bytes) -> None:
    """Items of any format are bytes."""
    whole = isinstance(source, (list, type(iter([]))))
    appended, prepended = FragBuffer(), FragBuffer(b"!")
    if not whole:
        appended.append(source)
        prepended.prepend(source)
        assert prepended.view().tobytes() == expected + b"!"
        assert appended.view().tobytes() == expected
    buffer = FragBuffer(source)
    assert len(buffer) == len(expected)
    assert buffer.view().format == "B"
    assert buffer.consume(len(expected)).tobytes() == expected


@pytest.mark.parametrize("source", ["text", 5, None, object()])
def test_what_it_does_not_take(source: Any) -> None:
    buffer = FragBuffer(b"abc")
    with pytest.raises(
        TypeError, match=r"FragBuffer\(\): a bytes-like object or an iterable of them is required, not"
    ):
        FragBuffer(source)
    with pytest.raises(TypeError, match=r"FragBuffer\(\) item 1: a bytes-like object is required, not"):
        FragBuffer([b"a", source])
    with pytest.raises(TypeError, match=r"append\(\): a bytes-like object is required, not"):
        buffer.append(source)
    with pytest.raises(TypeError, match=r"prepend\(\): a bytes-like object is required, not"):
        buffer.prepend(source)
    with pytest.raises(TypeError, match="append"):
        buffer.append([b"a"])
    assert buffer.view() == b"abc"


def test_what_is_not_there_yet() -> None:
    """The error says how much is missing, and nothing is taken."""
    buffer = FragBuffer([b"a", b"bc"])
    calls: list[tuple[Any, int]] = [
        (lambda: buffer.consume(4), 4),
        (lambda: buffer.consume(2**70), 2**64 - 1),
        (lambda: buffer.peek(5), 5),
        (lambda: buffer.discard(4), 4),
        (lambda: buffer.unpack(">I"), 4),
        (lambda: buffer.unpack("1000000000s"), 1_000_000_000),
        (lambda: buffer.unpack_from(">H", 2), 4),
        (lambda: buffer.unpack_from("", 4), 4),
    ]
    for call, needed in calls:
        with pytest.raises(NotEnoughDataError, match="bytes are needed, the buffer has 3") as caught:
            call()
        assert isinstance(caught.value, ValueError)
        assert (caught.value.needed, caught.value.available) == (needed, 3)
        again = pickle.loads(pickle.dumps(caught.value))
        assert (str(again), again.needed, again.available) == (str(caught.value), needed, 3)
    for call in (buffer.consume, buffer.peek, buffer.discard, lambda n: buffer.unpack_from("B", n)):
        with pytest.raises(ValueError, match=r"a number of bytes cannot be negative: -1"):
            call(-1)
        with pytest.raises(TypeError, match="integer"):
            call(1.0)
    with pytest.raises(struct.error):
        buffer.unpack("what")
    assert buffer.view() == b"abc"


def test_typed_reads() -> None:
    buffer = FragBuffer([struct.pack(">HB", 513, 7)[i : i + 1] for i in range(3)])
    buffer.append(b"rest")
    assert buffer.unpack_from(">HB") == (513, 7)
    assert buffer.unpack_from(">B", offset=2) == (7,)
    assert buffer.unpack(">HB") == (513, 7)
    assert buffer.unpack("") == ()
    assert buffer.unpack(b"4s") == (b"rest",)
    assert len(buffer) == 0


def test_find_as_bytes_find() -> None:
    for sizes in all_splits(len(DATA), (1, 2, 5)):
        buffer = FragBuffer(fragments(DATA, sizes))
        for needle in (b"", b"a", b"ab", b"abcd", b"cabcdab", b"x", DATA, DATA + b"x", 98, np.uint8(100)):
            for start in (None, *range(-11, 12), 10**30, -(10**30)):
                plain = int(needle) if isinstance(needle, np.uint8) else needle
                assert buffer.find(needle, start) == DATA.find(plain, start)
    buffer = FragBuffer([b"abc", b"def"])
    assert buffer.find(bytearray(b"cd")) == 2
    assert buffer.find(FragView([b"c", b"d"])) == 2
    assert buffer.find(memoryview(b"d.c")[::-2]) == 2
    for needle, error in (
        ("a", TypeError),
        (None, TypeError),
        (1.5, TypeError),
        (256, ValueError),
        (-1, ValueError),
    ):
        with pytest.raises(error) as ours:
            buffer.find(needle)  # type: ignore[arg-type]
        with pytest.raises(error) as theirs:
            b"".find(needle)  # type: ignore[arg-type]
        assert str(ours.value) == str(theirs.value) or sys.version_info < (3, 13)
    with pytest.raises(TypeError, match="slice indices"):
        buffer.find(b"a", "1")  # type: ignore[arg-type]


def test_find_in_much() -> None:
    """More than a megabyte is searched while other threads run; the answer is the same."""
    buffer = FragBuffer([b"." * 1000 for _ in range(3000)])
    assert buffer.find(b"needle") == -1
    for place in (1_500_000, 2_000_997, 2_999_998):
        buffer = FragBuffer(
            [b"." * 1000 for _ in range(place // 1000)] + [b"." * (place % 1000) + b"nee", b"dle" + b"." * 9]
        )
        assert buffer.find(b"needle") == place
        assert buffer.find(b"needle", place) == place
        assert buffer.find(b"needle", -20) == (place if place >= len(buffer) - 20 else -1)
        assert buffer.find(b"needle", place + 1) == -1


@pytest.mark.unix
@pytest.mark.thread_unsafe(reason="signal handlers run in the main thread")
def test_find_in_much_more() -> None:
    """A hole costs nothing, and a signal ends a long search."""
    hole = FragView.from_extents(b"headtail", [(0, 4), (None, 2**60), (4, 4)])
    buffer = FragBuffer(hole)
    assert buffer.find(b"tail") == buffer.find(b"il", 2**59) - 2 == 2**60 + 4
    assert buffer.find(b"\1") == buffer.find(b"head", 1) == -1
    page = bytes(1 << 24)
    much = FragBuffer([page] * 4096)

    raises_soon(lambda: much.find(b"needle"))


def test_lines_as_they_arrive() -> None:
    """The pattern of the docs: no byte is searched twice, whatever the fragments."""
    text = b"one\r\ntwo two\r\n\r\nlast\r\nrest"
    for size in range(1, 30):
        buffer, lines, searched = FragBuffer(), [], 0
        for at in range(0, len(text), size):
            buffer.append(text[at : at + size])
            while (end := buffer.find(b"\r\n", searched)) >= 0:
                lines.append(buffer.consume(end).tobytes())
                buffer.discard(2)
                searched = 0
            searched = max(0, len(buffer) - 1)
        assert lines == [b"one", b"two two", b"", b"last"]
        assert buffer.view() == b"rest"


def test_views_are_of_the_memory_itself() -> None:
    packet, frozen = bytearray(b"abcdef"), b"xyz"
    buffer = FragBuffer([packet, frozen, memoryview(packet).toreadonly(), FragView(packet).toreadonly()])
    view = buffer.consume(3)
    view[0] = ord("A")
    ahead = buffer.peek(4)
    assert (packet, ahead.tobytes()) == (b"Abcdef", b"defx")
    assert [buffer.peek(n).readonly for n in (1, 3, 4)] == [False, False, True]
    ahead[:3] = b"DEF"
    buffer.discard(6)
    assert buffer.view().tobytes() == b"AbcDEFAbcDEF"
    assert all(buffer.view()[i : i + 1].readonly for i in range(12))
    assert buffer.view().obj is packet
    buffer.append(packet)
    assert not buffer.view()[12:].readonly
    packet[0] = 0
    assert buffer.view()[0] == buffer.view()[12] == 0


def test_repr_and_the_rest() -> None:
    buffer = FragBuffer([b"a", b"bc"])
    assert repr(buffer).startswith("<FragBuffer of 3 bytes in 2 fragments, at 0x")
    assert repr(FragBuffer(b"a")).startswith("<FragBuffer of 1 byte in 1 fragment, at 0x")
    assert bool(buffer)
    assert not FragBuffer()
    assert FragBuffer(b"a") == FragBuffer(b"a") != FragBuffer(b"b")
    assert weakref.ref(buffer)() is buffer
    assert fragview.FragBuffer is FragBuffer
    with pytest.raises(TypeError):
        memoryview(buffer)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        pickle.dumps(buffer)
    huge = FragView.from_extents(b"", [(None, 2**63 - 1)])
    with pytest.raises(OverflowError):
        buffer.append(huge)
    with pytest.raises(OverflowError):
        buffer.prepend(huge)
    assert buffer.view() == b"abc"


def test_many_packets() -> None:
    """Half a million packets, taken while more arrive: no step costs more for what is there."""
    buffer, total, packet = FragBuffer(), 0, bytes(range(10))
    for _ in range(500_000):
        buffer.append(packet)
    while len(buffer) >= 12:
        total += buffer.unpack(">I")[0] & 1
        view = buffer.consume(8)
        assert len(view) == 8
    assert len(buffer) == 5_000_000 % 12
    assert total > 0


def test_packets_from_a_socket() -> None:
    """A parser of messages with a length before each, on what recv() happens to give."""
    messages = [bytes([i % 256]) * (i * i % 3000) for i in range(200)]
    ours, theirs = socket.socketpair()

    def send() -> None:
        with theirs:
            for message in messages:
                theirs.sendall(struct.pack(">I", len(message)) + message)

    thread = threading.Thread(target=send)
    thread.start()
    got, buffer = [], FragBuffer()
    with ours:
        while packet := ours.recv(777):
            buffer.append(packet)
            while len(buffer) >= 4:
                (length,) = buffer.unpack_from(">I")
                if len(buffer) < 4 + length:
                    break
                buffer.discard(4)
                got.append(buffer.consume(length))
    thread.join()
    assert [view.tobytes() for view in got] == messages
    assert not buffer


@pytest.mark.thread_unsafe(reason="sets the switch interval, and has threads of its own")
def test_threads() -> None:
    """Many threads append and consume at once: no byte is lost, none comes twice, packets stay whole."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    buffer, taken, errors = FragBuffer(), [], []
    count, done = 400, threading.Event()

    def produce(number: int) -> None:
        for i in range(count):
            buffer.append(bytearray(struct.pack(">HH", number, i)))

    def consume() -> None:
        try:
            while True:
                try:
                    taken.append(struct.unpack(">HH", buffer.consume(4).tobytes()))
                except NotEnoughDataError:
                    if done.is_set() and not buffer:
                        return
                assert len(buffer.peek()) % 4 == 0
                assert buffer.find(b"nowhere") == -1
                gc.collect(0)
        except BaseException as error:
            errors.append(error)

    try:
        producers = [threading.Thread(target=produce, args=(n,)) for n in range(4)]
        consumers = [threading.Thread(target=consume) for _ in range(3)]
        for thread in producers + consumers:
            thread.start()
        for thread in producers:
            thread.join(timeout=120)
        done.set()
        for thread in consumers:
            thread.join(timeout=120)
    finally:
        sys.setswitchinterval(before)
    assert errors == []
    assert sorted(taken) == [(n, i) for n in range(4) for i in range(count)]


def test_what_to_pass_instead() -> None:
    """A buffer is no source, and neither is a name of a file."""
    buffer = FragBuffer(b"abc")
    for call, words in (
        (lambda: FragView(buffer), r"not 'FragBuffer'; pass its view\(\)"),
        (lambda: fragview.re.search(b"b", buffer), r"not 'FragBuffer'; its view\(\) is one"),
        (
            lambda: FragView("abc"),
            r"not 'str'; encode\(\) a text, and open a file with fragview\.open\(path\)",
        ),
        (lambda: FragView(Path("abc")), r"'; open a file with fragview\.open\(path\)"),
        (lambda: FragView(1.5), r"not 'float'$"),
        (
            lambda: FragBuffer(io.BytesIO(b"a\nb")),
            r"is a file, whose lines would be copies; pass its getbuffer\(\)",
        ),
    ):
        with pytest.raises(TypeError, match=words):
            call()
    assert {"open", "formats", "re"} <= set(dir(fragview))

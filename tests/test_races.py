"""Every operation while other threads release, close, resize, append: errors or successes, and no crash.

The memory's bytes are of a small alphabet, and no operation writes others, so a byte from elsewhere shows.
When all is over each source can be resized again: nothing holds an export for ever.
"""

from __future__ import annotations

import contextlib
import gc
import io
import itertools
import operator
import os
import pickle
import random
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import fragview.re
from fragmented import needs_fragview
from fragview import FragBuffer, FragView, RecordLayout
from threads import WITHOUT_GIL, in_threads

pytestmark = [
    needs_fragview,
    pytest.mark.thread_unsafe(reason="sets the switch interval, and has threads of its own"),
]

THREADS = 6
ROUNDS = int(os.environ.get("FRAGVIEW_RACES_ROUNDS", "500"))
LETTERS = b"ab\n\0"
# What an operation on something that another thread takes away, moves or uses may say.
ALLOWED = (ValueError, BufferError, IndexError, RuntimeError, StopIteration, io.UnsupportedOperation)
Operation = Callable[[Any], Any]


@pytest.fixture(autouse=True)
def _quick_switches() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)
    gc.collect()


class Source:
    """A bytearray that threads may export and resize at once, also where CPython's own may not be.

    CPython 3.13 counts exports without a lock where it has no GIL. Elsewhere it is the bytearray itself.
    """

    # One for all: while a thread has it, the garbage collector may release a buffer of another source.
    lock = threading.RLock()

    def __new__(cls, data: bytes) -> Any:
        if not WITHOUT_GIL or sys.version_info >= (3, 14):
            return bytearray(data)
        return super().__new__(cls)

    def __init__(self, data: bytes) -> None:
        self.data = bytearray(data)

    def __buffer__(self, flags: int) -> memoryview:
        with self.lock:
            return memoryview(self.data)

    def __release_buffer__(self, buffer: memoryview) -> None:
        with self.lock:
            buffer.release()

    def append(self, byte: int) -> None:
        with self.lock:
            self.data.append(byte)

    def pop(self) -> int:
        with self.lock:
            return self.data.pop()


def sources() -> list[Any]:
    return [Source(LETTERS * count) for count in (1, 30, 7, 300)]


def storm(
    uses: list[Operation],
    made: Callable[[], Any],
    disturb: list[Operation],
    *more: type[Exception],
) -> None:
    """Uses of one object in all threads; one disturbs it, and puts another in its place now and then."""
    shared = [made()]

    def work(number: int) -> None:
        draw = random.Random(number)
        for _ in range(ROUNDS):
            disturbing = number == 0 and draw.random() < 0.3
            operation = draw.choice(disturb if disturbing else uses)
            with contextlib.suppress(*ALLOWED, *more):
                operation(shared[0])
            if number == 0 and draw.random() < 0.1:
                shared[0] = made()

    in_threads(work, THREADS, timeout=200)


def known(data: bytes) -> None:
    assert not data.strip(LETTERS), f"a byte from elsewhere: {data!r}"


def entered(view: Any, writeback: bool) -> None:
    with view.gather(writeback=writeback) as memory:
        known(memory.tobytes())
        if not memory.readonly:
            memory[:3] = b"aab"


def through_a_pipe(view: Any) -> None:
    read, write = os.pipe()
    try:
        view[:2000].write_to(write)
        view[:100].read_from(read)
    finally:
        os.close(read)
        os.close(write)


def steps(iterator: Any) -> None:
    for _ in itertools.islice(iterator, 5):
        pass


PATTERN = fragview.re.compile(rb"a(b+)?\n|(?P<zero>\x00)")

VIEW_USES: list[Operation] = [
    lambda v: known(bytes([v[5]])),
    lambda v: known(bytes([v[-1]])),
    len,
    lambda v: v.__setitem__(3, ord("b")),
    lambda v: v.__setitem__(slice(10, 14), b"abba"),
    lambda v: v.__setitem__(slice(0, 300), v[100:400]),
    lambda v: known(v[2:400:3].tobytes()),
    lambda v: known(bytes(v)),
    lambda v: known(bytearray(v)),
    lambda v: known(bytes(v.tolist())),
    lambda v: known(bytes(list(v))),
    lambda v: known(bytes(list(reversed(v))[:50])),
    lambda v: known(v.toreadonly().tobytes()),
    lambda v: known(bytes.fromhex(v.hex())),
    lambda v: known(memoryview(v).tobytes()),
    lambda v: memoryview(v).__setitem__(1, ord("a")),
    lambda v: v[:128].cast("I").tolist(),
    lambda v: v[:128].cast("<H", (8, 8)).tolist(),
    lambda v: v == v[:],
    lambda v: v == bytes(v),
    lambda v: hash(FragView(bytes(v))),
    lambda v: (v.obj, v.format, v.shape, v.strides, v.readonly, v.nbytes, v.contiguous),
    repr,
    lambda v: known(b"".join(v.fragments)),
    lambda v: known(bytes(v.fragments[-1])),
    lambda v: memoryview(v.extents()).tolist(),
    lambda v: v.locate(9),
    lambda v: v.unpack_from("<IH", 3),
    lambda v: v.pack_into("2s", 3, b"ba"),
    lambda v: list(v[:126].iter_unpack("<IH")),
    lambda v: entered(v, True),
    lambda v: entered(v, False),
    lambda v: known((v + v[3:]).tobytes()),
    lambda v: known(v.splice(3, 9, b"ab").tobytes()),
    lambda v: known(FragView([v, v[3:]]).tobytes()),
    lambda v: known(FragView.from_extents(v, [(1, 5), (900, 50)]).tobytes()),
    lambda v: known(FragView.from_blocks(v, [3, 1], 4).tobytes()),
    lambda v: (v.find(b"\0a"), v.rfind(b"b\n"), v.count(b"a"), b"ab" in v, v.startswith(b"ab"), v.index(97)),
    lambda v: known(pickle.loads(pickle.dumps(v)).tobytes()),
    lambda v: known(v.open().read()),
    lambda v: through_a_pipe(v),
    lambda v: [known(found.group().tobytes()) for found in PATTERN.finditer(v)],
    lambda v: PATTERN.split(v, 5),
    lambda v: FragBuffer(v).consume(10),
]


def test_views() -> None:
    """Views that other threads release, and whose sources they resize."""
    arrays = sources()
    resize: list[Operation] = [
        lambda v: v.release(),
        lambda v: v.release(),
        lambda v: arrays[1].append(97),
        lambda v: arrays[3].pop(),
        lambda v: gc.collect(0),
    ]
    storm(VIEW_USES, lambda: FragView(arrays), resize)
    gc.collect()
    for array in arrays:
        array.append(1)
        array.pop()


def test_read_only_views_with_holes() -> None:
    """Reads of a view with memory of three kinds; writes are refused."""
    array = Source(LETTERS * 200)

    def made() -> Any:
        return FragView([LETTERS, array, FragView.from_extents(array, [(None, 300), (0, 3)])]).toreadonly()

    disturb: list[Operation] = [lambda v: v.release(), lambda v: array.append(97), lambda v: array.pop()]
    storm(VIEW_USES, made, disturb, TypeError)
    gc.collect()
    array.append(1)


def test_iterators() -> None:
    """One iterator that all threads advance; its view goes while they do."""
    arrays = sources()

    def made() -> Any:
        view = FragView(arrays)
        words = view[: len(view) // 4 * 4]
        return view, [
            iter(view),
            reversed(view),
            iter(words.cast("I")),
            words.iter_unpack("<HH"),
            iter(view.fragments),
            PATTERN.finditer(view),
        ]

    storm(
        [
            lambda made: steps(random.choice(made[1])),
            lambda made: operator.length_hint(random.choice(made[1])),
        ],
        made,
        [lambda made: made[0].release(), lambda made: arrays[1].append(97)],
    )


def test_files() -> None:
    """One file in all threads: reads take turns, writes are whole, closing ends them."""
    arrays = sources()
    uses: list[Operation] = [
        lambda f: known(f.read(7)),
        lambda f: known(f.read()),
        lambda f: known(f.readline()),
        lambda f: known(b"".join(f.readlines(20))),
        lambda f: known(next(f)),
        lambda f: f.readinto(bytearray(9)),
        lambda f: f.write(b"abba"),
        lambda f: f.writelines([b"a", b"b"]),
        lambda f: f.seek(random.randrange(900)),
        lambda f: f.seek(-5, 2),
        lambda f: f.tell(),
        lambda f: known(f.getvalue()),
        lambda f: known(f.getbuffer().tobytes()),
        lambda f: known(f.peek(5)),
        lambda f: known(f.read1(5)),
        lambda f: (f.closed, f.writable(), repr(f)),
        lambda f: setattr(f, "name", [1]),
        lambda f: f.name,
        lambda f: pickle.loads(pickle.dumps(f)).close(),
    ]
    disturb: list[Operation] = [lambda f: f.close(), lambda f: arrays[2].append(97)]
    # A file has no name until one is set.
    storm(uses, lambda: FragView(arrays).open(), disturb, AttributeError)
    gc.collect()
    for array in arrays:
        array.append(1)


def test_buffers() -> None:
    """One buffer of a stream in all threads."""
    arrays = sources()
    uses: list[Operation] = [
        lambda b: b.append(LETTERS),
        lambda b: b.append(arrays[2]),
        lambda b: b.append(FragView(arrays[:2])),
        lambda b: b.prepend(b"ab"),
        lambda b: known(b.consume(3).tobytes()),
        lambda b: known(b.peek(3).tobytes()),
        lambda b: known(b.view().tobytes()),
        lambda b: b.discard(2),
        lambda b: b.unpack("<H"),
        lambda b: b.unpack_from("<H", 1),
        lambda b: b.find(b"b\n"),
        len,
        repr,
    ]

    def small(buffer: Any) -> None:
        if len(buffer) > 5000:
            buffer.clear()

    clear: list[Operation] = [
        small,
        lambda b: b.clear(),
        lambda b: arrays[2].append(97),
        lambda b: gc.collect(0),
    ]
    storm([*uses, small], lambda: FragBuffer(b"abab"), clear)
    gc.collect()
    for array in arrays:
        array.append(1)


def test_tables() -> None:
    """One table of records in all threads; the view that was scanned goes."""
    array = Source(
        b"".join(bytes([size, kind]) + b"ab\n\0"[:size] for size, kind in [(1, 97), (4, 98), (0, 0)] * 40)
    )
    layout = RecordLayout("BB", "length kind")

    def made() -> Any:
        view = FragView([array])
        return view, layout.scan(view)

    uses: list[Operation] = [
        lambda made: known(made[1][3].content.tobytes()),
        lambda made: [record.kind for record in made[1]],
        lambda made: made[1]["kind"].tolist(),
        lambda made: memoryview(made[1].offsets).tolist(),
        lambda made: made[1].lengths.tolist(),
        lambda made: made[1][::2].join().tobytes(),
        lambda made: known(made[1].where(kind=97).join().tobytes()),
        lambda made: made[1].trim(0).views(),
        lambda made: made[1].group_by("kind"),
        lambda made: made[1].messages([record.kind == 97 for record in made[1]]),
        lambda made: made[1][[0, 5, -1]],
        lambda made: repr(made[1]),
        lambda made: made[1][0] == made[1][3],
        lambda made: layout.scan(made[0]),
        lambda made: pickle.dumps(made[0]),
    ]
    storm(
        uses,
        made,
        [lambda made: made[0].release(), lambda made: array.append(97), lambda made: gc.collect(0)],
    )
    gc.collect()
    array.append(1)


def test_matches() -> None:
    """Matches and patterns in all threads; the view goes."""
    arrays = sources()

    def made() -> Any:
        view = FragView(arrays)
        return view, PATTERN.search(view)

    uses: list[Operation] = [
        lambda made: known(made[1].group().tobytes()),
        lambda made: (made[1].groups(), made[1].groupdict(), made[1].span()),
        lambda made: repr(made[1]),
        lambda made: PATTERN.search(made[0]),
        lambda made: PATTERN.match(made[0], 3),
        lambda made: PATTERN.fullmatch(made[0]),
        lambda made: PATTERN.findall(made[0]),
        lambda made: sum(1 for _ in PATTERN.finditer(made[0])),
        lambda made: PATTERN.split(made[0], 3),
        lambda made: pickle.loads(pickle.dumps(PATTERN)),
    ]
    storm(uses, made, [lambda made: made[0].release(), lambda made: arrays[1].append(97)])
    gc.collect()
    for array in arrays:
        array.append(1)


def test_release_against_glances() -> None:
    """A view that all threads read and one releases: each read is right, or says that the view is gone."""
    array = Source(b"a" * 1000)
    for _ in range(30):
        view = FragView([array])
        wrong: list[Any] = []

        def work(number: int, view: Any = view, wrong: list[Any] = wrong) -> None:
            try:
                for i in itertools.count():
                    if number == 0 and i == 200:
                        while True:
                            with contextlib.suppress(BufferError):
                                view.release()
                                return
                    if view[i % 1000] != ord("a"):
                        wrong.append(i)
            except ValueError as gone:
                if "released" not in str(gone):
                    wrong.append(gone)

        in_threads(work, THREADS)
        assert wrong == []
        array.append(ord("a"))

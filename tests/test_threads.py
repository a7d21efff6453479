"""Threads that read, write, slice, export and release the same views at once: errors, but no crash."""

from __future__ import annotations

import contextlib
import functools
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import fragview
import fragview.re
from fragmented import ORACLE, FragView, cut, needs_fragview, spans
from threads import WITHOUT_GIL, in_threads

pytestmark = pytest.mark.thread_unsafe(reason="sets the switch interval, and has threads of its own")

THREADS = 8
ROUNDS = 400
ALLOWED = (ValueError, BufferError, IndexError)


@pytest.fixture(autouse=True)
def _quick_switches() -> Any:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def run(work: Callable[[int], None]) -> None:
    """`work(number)` in all threads at once."""
    in_threads(work, THREADS)


def test_reading() -> None:
    """Readers of one view do not disturb each other."""
    data = bytes(i % 251 for i in range(5000))
    view = cut(data, [i % 9 for i in range(1111)] + [5000 - sum(i % 9 for i in range(1111))]).view()

    def work(number: int) -> None:
        for i in range(ROUNDS):
            at = (i * 37 + number * 611) % 5000
            assert view[at] == data[at]
            assert view[at : at + 50].tobytes() == data[at : at + 50]
            assert view[at::-7].tolist() == list(data[at::-7])

    run(work)
    assert view.tobytes() == data


@pytest.mark.skipif(not WITHOUT_GIL or sys.version_info < (3, 14), reason="of a CPython 3.14 without a GIL")
def test_classes_are_not_counted() -> None:
    """Threads that make objects of one class would wait for each other at its count of references."""
    import fragview
    from fragview.re import Match

    immortal: Callable[[Any], bool] = sys._is_immortal  # type: ignore[attr-defined]
    for cls in (fragview.FragView, fragview.Record, Match):
        assert immortal(cls)
    assert not immortal(fragview.FragView(b"x"))


def test_writing_apart() -> None:
    """Writers of different ranges all get what they wrote."""
    fragmented = cut(bytes(800), [7] * 114 + [2])
    view = fragmented.view()

    def work(number: int) -> None:
        own = view[number * 100 : number * 100 + 100]
        for i in range(ROUNDS):
            own[i % 100] = number + 1
            own[10:20] = bytes([i % 256] * 10)
            assert own[10:20].tobytes() == bytes([i % 256] * 10)
        own[:] = bytes([number + 1] * 100)

    run(work)
    fragmented.check(b"".join(bytes([n + 1] * 100) for n in range(THREADS)))


def test_everything_at_once() -> None:
    """One shared slot; threads use, replace and release the view that is in it."""
    fragmented = cut(bytes(64), (5, 1, 2, 20, 0, 36))
    shared = [fragmented.view()]
    uses: list[Callable[[Any], Any]] = [
        lambda v: v[5],
        lambda v: v.__setitem__(3, 7),
        lambda v: v[2:40:3].tobytes(),
        lambda v: v.__setitem__(slice(4, 9), b"hello"),
        lambda v: v.__setitem__(slice(0, 30), v[30:60]),
        lambda v: memoryview(v).tobytes(),
        lambda v: list(v),
        lambda v: v.cast("I").tolist(),
        lambda v: v == v[:],
        lambda v: v.toreadonly().hex(),
        lambda v: v.release(),
        repr,
    ]
    if not ORACLE:
        uses += [
            lambda v: [bytes(part) for part in v.fragments],
            lambda v: memoryview(v.extents()).tolist(),
            lambda v: v.locate(9),
            lambda v: v.unpack_from("<IH", 3),
            lambda v: v.pack_into("<IH", 3, 1, 2),
            lambda v: list(v.iter_unpack("<I")),
            lambda v: v.gather(writeback=False).__enter__().tobytes(),
            lambda v: FragView([v, v[3:]]).tobytes(),
            lambda v: v.count(7),
        ]

    def work(number: int) -> None:
        for i in range(ROUNDS):
            with contextlib.suppress(*ALLOWED):
                uses[(i * 7 + number * 5) % len(uses)](shared[0])
            if i % 10 == number:
                shared[0] = fragmented.view()

    run(work)
    assert len(fragmented.data()) == 64


def test_exports_and_release() -> None:
    """While one thread exports, another releases: afterwards the source is free again."""
    source = bytearray(1000)
    for _ in range(20):
        parts = memoryview(source) if ORACLE else spans(source, [(i, 9) for i in range(0, 990, 10)])
        view = FragView(parts)
        del parts

        def work(number: int, view: Any = view) -> None:
            for _ in range(30):
                try:
                    if number % 2:
                        with memoryview(view) as memory:
                            memory[0] = number
                    else:
                        view.release()
                except ALLOWED:
                    pass

        run(work)
        view.release()
        del view, work
        source.append(1)
        source.pop()


@needs_fragview
def test_sources_under_pressure() -> None:
    """Threads that try to resize the sources of living views only ever get BufferError."""
    sources = [bytearray(b"x" * 50) for _ in range(4)]
    view = FragView(sources)

    def work(number: int) -> None:
        for i in range(ROUNDS):
            if number % 2:
                assert view[i % 200] == ord("x")
                assert view[i % 100 :].tobytes() == b"x" * (200 - i % 100)
            else:
                with pytest.raises(BufferError):
                    sources[i % 4].append(1)

    run(work)
    view.release()
    for source in sources:
        source.append(1)


def test_hashing_and_first_use() -> None:
    """What is made on first use (the hash, the directory) is made once, and right, by any thread."""
    data = bytes(i % 256 for i in range(3000))
    for _ in range(10):
        view = cut(data, [1, 2] * 1000, ["bytes"]).view()
        got: list[Any] = []

        def work(number: int, view: Any = view, got: list[Any] = got) -> None:
            got.append((view[number * 300], hash(view), len(bytes(view))))

        run(work)
        assert sorted(got) == sorted((data[n * 300], hash(data), 3000) for n in range(THREADS))


@functools.cache
def shared(name: str) -> Any:
    """What is made once for all tries."""
    many = 1 << 18
    made: dict[str, Callable[[], Any]] = {
        "hash": lambda: FragView([bytes(1 << 20)] * 256),
        "rows": lambda: np.zeros((many * 8, 2), np.int64),
        "table": lambda: fragview.RecordLayout("B", "a", length=0).scan(bytes(many)),
        "bytes": lambda: FragView.from_extents(bytearray(b"a-a"), np.array([(0, 1), (2, 1)] * many)),
    }
    return made[name]()


LONG_WORK: dict[str, Callable[[FragView[int], FragView[int]], object]] = {
    "equal": lambda one, other: one == other,
    "equal steps": lambda one, other: one[::64] == other[::64],
    "assign": lambda one, other: one.__setitem__(slice(None), other),
    "tobytes": lambda one, _: one[: 1 << 28].tobytes(),
    "bytes": lambda one, _: bytes(one[: 1 << 28]),
    "find": lambda one, _: one.find(b"xy"),
    "file": lambda one, _: one.open().read(1 << 28),
    "memoryview": lambda one, _: memoryview(one[: 1 << 25]).release(),
    "to_numpy": lambda one, _: one[: 1 << 28].to_numpy(),
    "gather": lambda one, _: one[: 1 << 28].gather(writeback=False).__enter__(),
    "hex": lambda one, _: one[: 1 << 27].hex(),
    "hash": lambda *_: hash(shared("hash")[:]),
    "from_extents": lambda *_: FragView.from_extents(b"abc", shared("rows")),
    "views": lambda *_: shared("table").views(),
    "pickle": lambda *_: shared("bytes").__reduce_ex__(5),
    "findall": lambda *_: fragview.re.compile(b"a").findall(shared("bytes")),
    "fortran": lambda one, _: one[: 1 << 24].cast("B", (1 << 12, 1 << 12)).tobytes("F"),
}


@needs_fragview
@pytest.mark.parametrize("name", LONG_WORK)
def test_long_work_lets_others_run(name: str) -> None:
    """Who waits for one long operation gets many turns meanwhile, where it would get none until the end."""
    blocks = np.zeros(1 << 11, np.int64)
    one, other = (FragView.from_blocks(bytearray(1 << 20), blocks, 1 << 20) for _ in range(2))

    def turns() -> int:
        count = taken = 0

        def work() -> None:
            nonlocal taken
            before = count
            LONG_WORK[name](one, other)
            taken = count - before

        thread = threading.Thread(target=work)
        thread.start()
        while thread.is_alive():
            time.sleep(0.0001)
            count += 1
        return taken

    # A busy machine may let this thread sleep through the whole of an operation, but not each time.
    assert any(turns() > 10 for _ in range(20))

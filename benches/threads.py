"""How reading one view from many threads scales, beside a built-in memoryview.

`make bench-threads` runs it by a free-threaded Python. Each row reads the same object, or a slice of its own,
in 1, 2 and 8 threads, and tells how many times the work of one thread got done in the same time, and the CPU
time that a work took, as many times that of one thread: medians of the rounds' ratios.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from statistics import median
from typing import Any, NamedTuple

from fragview import FragView

LENGTH = 1 << 20
ROUNDS = 15
WINDOW = 0.08
"""Seconds."""
THREADS = (1, 2, 8)
Work = Callable[[Any], object]


def nothing(view: Any) -> None:
    """Loop without an object: what the machine, as busy as it is, can give."""
    for i in range(50_000):
        i * i


def items(view: Any) -> int:
    """Sum up items, by index.

    CPython 3.14 lends `view` to the expression. In a loop whose first word it is, and in all loops of 3.13,
    each turn counts a reference to it, and threads wait for each other at that count, whatever the object is.
    """
    total = 0
    for i in range(20_000):
        total += view[i]
    return total


def iteration(view: Any) -> None:
    """The items of a slice of the thread's own, by an iterator."""
    for _ in view[:50_000]:
        pass


def iteration_of_one(view: Any) -> None:
    """The items, by an iterator over the shared object itself."""
    for _, _ in zip(view, range(50_000)):  # noqa: B905
        pass


def slices(view: Any) -> None:
    """Small parts, copied."""
    for i in range(0, 500_000, 100):
        bytes(view[i : i + 50])


def slices_of_own(view: Any) -> None:
    """Small parts, copied, of a view that the thread makes of the same memory."""
    slices(FragView([view]) if isinstance(view, FragView) else memoryview(view.obj))


def own_slice(view: Any) -> None:
    """Items by index, through a slice of the thread's own."""
    items(view[:])


WORK: dict[str, Work] = {
    "items by index, one object": items,
    "items by index, a slice each": own_slice,
    "iteration, one object": iteration_of_one,
    "iteration, a slice each": iteration,
    "slices of 50 bytes, copied, one object": slices,
    "slices of 50 bytes, copied, a view each": slices_of_own,
}


class Rate(NamedTuple):
    """What threads together got done in a window."""

    works: float
    """Works a second."""
    cpu: float
    """CPU seconds a work: it rises where threads wait for each other's cache lines."""


def rate(work: Work, view: Any, threads: int) -> Rate:
    """Repeat a work in this many threads, for a window's time."""
    start = threading.Barrier(threads)
    spans: list[tuple[float, float, int]] = []
    failures: list[Exception] = []

    def body() -> None:
        start.wait()
        began = now = time.perf_counter()
        works = 0
        try:
            while now < began + WINDOW:
                work(view)
                works += 1
                now = time.perf_counter()
        except Exception as failure:
            failures.append(failure)
        spans.append((began, now, works))

    workers = [threading.Thread(target=body) for _ in range(threads)]
    cpu = time.process_time()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    cpu = time.process_time() - cpu
    if failures:
        raise failures[0]
    # By the workers' own clocks: a main thread that is woken late would tell of a part of the work only.
    seconds = max(end for _, end, _ in spans) - min(began for began, _, _ in spans)
    works = sum(works for _, _, works in spans)
    return Rate(works / seconds, cpu / works)


def row(work: Work, make: Callable[[], Any]) -> str:
    """Return the cells of a row: the time in one thread, then the work and the CPU time in several.

    A round measures all numbers of threads one after the other, so that a machine's slow moments are in all
    of them. Each window has a new object, for a memoryview may be unusable after one.
    """
    times: list[float] = []
    ratios: dict[int, list[Rate]] = {threads: [] for threads in THREADS[1:]}
    failures: dict[int, list[Exception]] = {threads: [] for threads in THREADS[1:]}
    for _ in range(ROUNDS):
        one = rate(work, make(), 1)
        times.append(1e6 / one.works)
        for threads, found in ratios.items():
            try:
                several = rate(work, make(), threads)
            except Exception as failure:
                failures[threads].append(failure)
            else:
                found.append(Rate(several.works / one.works, several.cpu / one.cpu))
    cells = [f"{median(times):.0f}"]
    for threads, found in ratios.items():
        words = []
        if found:
            words.append(f"{median(r.works for r in found):.2f} x, CPU {median(r.cpu for r in found):.2f} x")
        if failures[threads]:
            words.append(f"{len(failures[threads])} of {ROUNDS}: {failures[threads][0]}")
        cells.append("; ".join(words))
    return " | ".join(cells)


def main() -> None:
    """Print the table."""
    gil = getattr(sys, "_is_gil_enabled", lambda: True)()
    print(f"CPython {sys.version.split()[0]}, {'with' if gil else 'without'} the GIL, {os.cpu_count()} cores")
    data = bytearray(i % 251 for i in range(LENGTH))
    pieces = [memoryview(data)[i : i + 4096] for i in range(0, LENGTH, 4096)]
    subjects: dict[str, Callable[[], Any]] = {
        "memoryview": lambda: memoryview(data),
        "FragView, 1 fragment": lambda: FragView(data),
        "FragView, 256 fragments": lambda: FragView(pieces),
    }
    print(f"an empty loop: {row(nothing, lambda: None)}")
    print(f"| work | object | µs in 1 thread | {' | '.join(f'in {n} threads' for n in THREADS[1:])} |")
    print("| --- " * (3 + len(THREADS) - 1) + "|")
    for name, work in WORK.items():
        for subject, make in subjects.items():
            print(f"| {name} | {subject} | {row(work, make)} |", flush=True)


if __name__ == "__main__":
    main()

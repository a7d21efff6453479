"""How reading one view from many threads scales, beside a built-in memoryview.

`make bench-threads` runs it by a free-threaded Python. Each row reads the same object, or a slice of its own,
in 1, 2 and 8 threads, and tells how many times the work of one thread got done in the same time, and the CPU
time that a work took, as many times that of one thread; the best of many short rounds.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from fragview import FragView

LENGTH = 1 << 20
ROUNDS = 30
THREADS = (1, 2, 8)
Work = Callable[[Any], None]


def nothing(view: Any) -> None:
    """Loop without an object: what the machine, as busy as it is, can give."""
    for i in range(50_000):
        i * i


def items(view: Any) -> None:
    """One item after the other, by index."""
    for i in range(20_000):
        view[i]


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


def own_slice(view: Any) -> None:
    """Items by index, through a slice of the thread's own."""
    items(view[:])


WORK: dict[str, Work] = {
    "items by index, one object": items,
    "items by index, a slice each": own_slice,
    "iteration, one object": iteration_of_one,
    "iteration, a slice each": iteration,
    "slices of 50 bytes, copied": slices,
}


class Rate(NamedTuple):
    """What threads together got done."""

    seconds: float
    """Wall time a work."""
    cpu: float
    """CPU time a work: it rises where threads wait for each other's cache lines."""


def rate(work: Work, view: Any, threads: int) -> Rate:
    """Time a work, where so many threads do it at once."""
    times = max(1, 8 // threads)
    start = threading.Barrier(threads + 1)
    done = threading.Barrier(threads + 1)
    failures: list[Exception] = []

    def body() -> None:
        start.wait()
        try:
            for _ in range(times):
                work(view)
        except Exception as failure:
            failures.append(failure)
        done.wait()

    workers = [threading.Thread(target=body) for _ in range(threads)]
    for worker in workers:
        worker.start()
    start.wait()
    began, cpu_began = time.perf_counter(), time.process_time()
    done.wait()
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu_began
    for worker in workers:
        worker.join()
    if failures:
        raise failures[0]
    return Rate(seconds / (threads * times), cpu / (threads * times))


def row(work: Work, view: Any) -> str:
    """Return the cells of a row: the time in one thread, then the work and the CPU time in several."""
    cells = []
    first = Rate(0, 0)
    for threads in THREADS:
        try:
            rates = [rate(work, view, threads) for _ in range(ROUNDS)]
        except Exception as failure:
            cells.append(f"{type(failure).__name__}: {failure}")
            continue
        best = Rate(min(r.seconds for r in rates), min(r.cpu for r in rates))
        if threads == 1:
            first = best
            cells.append(f"{best.seconds * 1e6:.0f}")
        else:
            cells.append(f"{first.seconds / best.seconds:.2f} x, CPU {best.cpu / first.cpu:.2f} x")
    return " | ".join(cells)


def main() -> None:
    """Print the table."""
    gil = getattr(sys, "_is_gil_enabled", lambda: True)()
    print(f"CPython {sys.version.split()[0]}, {'with' if gil else 'without'} the GIL, {os.cpu_count()} cores")
    data = bytearray(i % 251 for i in range(LENGTH))
    whole = memoryview(data)
    pieces = FragView([whole[i : i + 4096] for i in range(0, LENGTH, 4096)])
    subjects = {
        "memoryview": whole,
        "FragView, 1 fragment": FragView(data),
        "FragView, 256 fragments": pieces,
    }
    print(f"an empty loop: {row(nothing, None)}")
    print(f"| work | object | µs in 1 thread | {' | '.join(f'in {n} threads' for n in THREADS[1:])} |")
    print("| --- " * (3 + len(THREADS) - 1) + "|")
    for name, work in WORK.items():
        for subject, view in subjects.items():
            print(f"| {name} | {subject} | {row(work, view)} |", flush=True)


if __name__ == "__main__":
    main()

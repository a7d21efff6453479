"""How reading one view from many threads scales, beside a built-in memoryview.

`make bench-threads` runs it by a free-threaded Python. Each row reads the same object, or a slice of its own,
in 1, 2 and 8 threads, and tells how many times the work of one thread got done in the same time, best of
several rounds.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from fragview import FragView

LENGTH = 1 << 20
ROUNDS = 5
THREADS = (1, 2, 8)
Work = Callable[[Any], None]


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


def copies(view: Any) -> None:
    """All of it, copied."""
    for _ in range(4):
        view.tobytes()


def own_slice(view: Any) -> None:
    """Items by index, through a slice of the thread's own."""
    items(view[:])


WORK: dict[str, Work] = {
    "items by index, one object": items,
    "items by index, a slice each": own_slice,
    "iteration, one object": iteration_of_one,
    "iteration, a slice each": iteration,
    "slices of 50 bytes, copied": slices,
    "1 MiB copied": copies,
}


def rate(work: Work, view: Any, threads: int) -> float:
    """How often a second `work` gets done by so many threads together."""
    times = max(1, 8 // threads)
    start = threading.Barrier(threads + 1)
    done = threading.Barrier(threads + 1)

    def body() -> None:
        start.wait()
        for _ in range(times):
            work(view)
        done.wait()

    workers = [threading.Thread(target=body) for _ in range(threads)]
    for worker in workers:
        worker.start()
    start.wait()
    began = time.perf_counter()
    done.wait()
    seconds = time.perf_counter() - began
    for worker in workers:
        worker.join()
    return threads * times / seconds


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
    print(f"| work | object | µs in 1 thread | {' | '.join(f'in {n} threads' for n in THREADS[1:])} |")
    print("| --- " * (3 + len(THREADS) - 1) + "|")
    for name, work in WORK.items():
        for subject, view in subjects.items():
            rates = [max(rate(work, view, threads) for _ in range(ROUNDS)) for threads in THREADS]
            scaled = " | ".join(f"{r / rates[0]:.2f} x" for r in rates[1:])
            print(f"| {name} | {subject} | {1e6 / rates[0]:.0f} | {scaled} |", flush=True)


if __name__ == "__main__":
    main()

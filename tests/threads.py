"""Threads that begin at once, for tests of what they do to each other."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable

WITHOUT_GIL = not getattr(sys, "_is_gil_enabled", lambda: True)()


def in_threads(work: Callable[[int], None], count: int, timeout: float = 120) -> None:
    """`work(number)` in so many threads at once; any exception that it lets through, or a hang, fails."""
    errors: list[BaseException] = []
    start = threading.Barrier(count)

    def body(number: int) -> None:
        try:
            start.wait(timeout=60)
            work(number)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=body, args=(number,), daemon=True) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=timeout)
    assert not any(thread.is_alive() for thread in threads), "a thread hangs"
    assert errors == []

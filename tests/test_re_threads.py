"""`fragview.re` and other threads: signals, bytes that change, one pattern in many threads."""

from __future__ import annotations

import random
import signal
import threading
import time
from typing import Any

import pytest

from fragmented import ORACLE, FragView
from interrupted import raises_soon

pytestmark = pytest.mark.skipif(ORACLE, reason="memoryview does not have it")
fre: Any
if not ORACLE:
    from fragview import re as fre


@pytest.mark.unix
@pytest.mark.thread_unsafe(reason="signal handlers are the main thread's")
def test_a_search_can_be_interrupted() -> None:
    """A signal's exception ends a search that would take for ever: in the automata, and among groups."""
    view = FragView.from_extents(b"x", [(None, 2**60), (0, 1)])
    raises_soon(lambda: fre.search(rb"(?:\x00\x00\x00)*y", view))
    raises_soon(lambda: fre.search(rb"(\x00*)x", view))


@pytest.mark.unix
@pytest.mark.parametrize(
    "pattern",
    [
        rb"[ab]*a[ab]{400}c",
        rb"(?:[ab]*a[ab]{50}){20}c",
        rb"([ab]*)a([ab]{400})([ab]*)",
        rb"((?:a|b|ab){1,2000})+\z",
    ],
)
@pytest.mark.thread_unsafe(reason="signal handlers run in the main thread")
def test_slow_patterns_let_others_run(pattern: bytes) -> None:
    """A byte may cost microseconds: signals come through all the same, and other threads run."""
    shuffled = random.Random(1).choices(b"ab", k=1 << 16)
    view = FragView([bytes(shuffled[i : i + 1000]) for i in range(0, 1 << 16, 1000)] * 64)
    searches, searched_all = threading.Event(), False

    def interrupt() -> None:
        """Send the signal that ends the search, after some turns of this thread while it goes on."""
        searches.wait()
        for _ in range(10):
            time.sleep(0.001)
        signal.pthread_kill(threading.main_thread().ident, signal.SIGALRM)  # type: ignore[arg-type]

    def ring(*_: Any) -> None:
        raise TimeoutError("enough")

    thread = threading.Thread(target=interrupt)
    old = signal.signal(signal.SIGALRM, ring)
    thread.start()
    try:
        with pytest.raises(TimeoutError):
            searches.set()
            fre.search(pattern, view)
            # Without turns for others, or without a look at signals, the search ends before they come.
            searched_all = True
            thread.join()
    finally:
        thread.join()
        signal.signal(signal.SIGALRM, old)
    assert not searched_all


def test_other_threads_change_bytes() -> None:
    """Bytes that change during a search give some match or none, and nothing worse."""
    source = bytearray(b"ab " * 300_000)
    view = FragView(memoryview(source)[i : i + 1000] for i in range(0, len(source), 1000))
    stop = False

    def scribble() -> None:
        while not stop:
            source[:] = source[1:] + source[:1]

    thread = threading.Thread(target=scribble)
    thread.start()
    try:
        for _ in range(10):
            for pattern in (rb"(a)(b) c|\w+ab$", rb"(?:ab )+$", rb"|b", rb"((a)b )+(b a)+x", rb"\bb\b"):
                found = fre.search(pattern, view)
                assert found is None or 0 <= found.start() <= found.end() <= len(source)
    finally:
        stop = True
        thread.join()


def test_one_pattern_in_many_threads() -> None:
    """A pattern may search in many threads at once."""
    pattern = fre.compile(rb"(\w+)@(\w+)")
    view = FragView([b"mail to me@h", b"ome or yo", b"u@work"] * 50)
    expected = [found.span() for found in pattern.finditer(view)]
    wrong: list[Any] = []

    def work() -> None:
        for _ in range(20):
            got = [found.span() for found in pattern.finditer(view)]
            if got != expected:
                wrong.append(got)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong

"""What the tests of `write_to` and `read_from` share: streams, and memory in many fragments."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from fragview import FragView


def tcp() -> tuple[socket.socket, socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        ours = socket.create_connection(server.getsockname())
        theirs, _ = server.accept()
    return ours, theirs


@contextlib.contextmanager
def running(call: Callable[[], Any]) -> Iterator[list[Any]]:
    """Run a call in a thread; its result is in the list after the block."""
    result: list[Any] = []
    thread = threading.Thread(target=lambda: result.append(call()))
    thread.start()
    yield result
    thread.join(60)
    assert not thread.is_alive()


def drain(source: socket.socket) -> bytes:
    parts = []
    while part := source.recv(1 << 16):
        parts.append(part)
    return b"".join(parts)


def pattern(size: int) -> bytes:
    return np.arange(size // 4 + 1, dtype=">u4").tobytes()[:size]


def many(data: bytes, size: int) -> FragView[int]:
    """Fragments of `data` that do not touch: each second one lies elsewhere."""
    memory = memoryview(bytearray(data)), memory_of(data)
    return FragView([memory[i // size % 2][i : i + size] for i in range(0, len(data), size)])


def memory_of(data: bytes) -> memoryview:
    return memoryview(bytearray(data))

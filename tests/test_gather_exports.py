"""The end of a `gather()` block where something still shows its memory."""

from __future__ import annotations

import gc
from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest

from fragmented import FragView, needs_fragview

pytestmark = needs_fragview


def consumers() -> list[Any]:
    """Return what keeps a buffer of a memoryview that it is given."""
    found: list[Any] = [np.asarray, memoryview, FragView]
    arrow = pytest.importorskip("pyarrow")
    return [*found, arrow.py_buffer]


def two() -> tuple[bytearray, bytearray, Any]:
    """Return two sources, and a view of both."""
    head, tail = bytearray(b"head"), bytearray(b"tail")
    return head, tail, FragView([head, tail])


def test_one_piece() -> None:
    """Where the memory is lent itself, nothing is lost: it lives on until the last export of it goes."""
    for keep in consumers():
        for options in ({}, {"writeback": False}):
            source = bytearray(b"a good block")
            with FragView([b"", source]).gather(**options) as memory:
                kept = keep(memory)
            assert bytes(memoryview(kept)) == b"a good block"
            source[:1] = b"A"
            assert bytes(memoryview(kept))[:1] == b"A"
            with pytest.raises(BufferError):
                source.append(0)
            del kept, memory
            gc.collect()
            source.append(0)


def test_a_copy_to_read() -> None:
    """A copy that is not written back may live on as well."""
    for keep in consumers():
        head, _, view = two()
        with view.gather(writeback=False) as memory:
            kept = keep(memory)
        assert bytes(memoryview(kept)) == b"headtail"
        head[:1] = b"X"
        assert bytes(memoryview(kept)) == b"headtail"
        view.release()
        with FragView([b"read", b"only"]).gather() as memory:
            kept = keep(memory)
        assert bytes(memoryview(kept)) == b"readonly"


def test_a_copy_that_is_written_back() -> None:
    """It was written back, once; what comes later would be lost, so that the end says what to do.

    What takes a memoryview of its own holds no export of this one: it shows the copy, and nobody knows.
    """
    for keep in consumers():
        head, tail, view = two()
        block = view.gather()
        known = keep not in (memoryview, FragView, np.asarray)
        told = r"was written back.*release it before the block ends.*writeback=False"
        with pytest.raises(BufferError, match=told) if known else nullcontext(), block as memory:
            memory[3:5] = b"DT"
            kept = keep(memory)
        assert (head, tail) == (b"heaD", b"Tail")
        head[:1] = b"x"
        with pytest.raises(RuntimeError, match="not entered"):
            block.__exit__(None, None, None)
        assert head == b"xeaD"
        # The view is free, and so is the gather.
        with block as memory:
            assert bytes(memory) == b"xeaDTail"
        del kept
        view.release()


def test_an_exception_of_the_block() -> None:
    """It comes out as it is; nothing is written back."""
    for keep in consumers():
        head, _, view = two()
        with pytest.raises(KeyError) as caught, view.gather() as memory:
            memory[0] = 1
            kept = keep(memory)
            raise KeyError("mine")
        assert caught.value.__context__ is None
        assert head == b"head"
        assert bytes(memoryview(kept))[:1] == b"\1"
        view.release()

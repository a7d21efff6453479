"""Memory to test with: fragments between canaries, and the class under test.

`FRAGVIEW_TEST_CLASS=memoryview` runs every test that a plain `memoryview` can pass against a `memoryview`
of the joined bytes: the oracle against itself, which shows that a test asks for nothing that Python has not.
"""

from __future__ import annotations

import array
import mmap
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pytest

ORACLE = os.environ.get("FRAGVIEW_TEST_CLASS", "fragview") == "memoryview"

FragView: Any
if ORACLE:
    FragView = memoryview
else:
    from fragview import FragView

needs_fragview = pytest.mark.skipif(ORACLE, reason="memoryview does not have it")

CANARY = b"\xa5\x5a\xc3\x3c\x99"
SIZES = (0, 1, 2, 5)
WRITABLE_KINDS = ("bytearray", "mmap", "array", "numpy")
READONLY_KINDS = ("bytes", "toreadonly")
KINDS = WRITABLE_KINDS + READONLY_KINDS


def place(data: bytes, kind: str = "bytearray") -> memoryview:
    """Memory of this kind that holds `data` between two canaries: the middle of it."""
    framed = CANARY + data + CANARY
    owner: Any
    if kind == "bytes":
        owner = framed
    elif kind in ("bytearray", "toreadonly"):
        owner = bytearray(framed)
    elif kind == "mmap":
        owner = mmap.mmap(-1, len(framed))
        owner[:] = framed
    elif kind == "array":
        owner = array.array("B", framed)
    elif kind == "numpy":
        owner = np.array(list(framed), dtype=np.uint8)
    else:
        raise AssertionError(kind)
    middle = memoryview(owner)[len(CANARY) : len(CANARY) + len(data)]
    return middle.toreadonly() if kind == "toreadonly" else middle


class Cut:
    """Fragments of memory in their logical order, and views of them."""

    def __init__(self, parts: Iterable[memoryview]) -> None:
        self.parts = list(parts)
        joined = b"".join(self.parts)
        self._joined: bytes | bytearray = joined
        if any(not part.readonly for part in self.parts):
            self._joined = bytearray(joined)

    def view(self, fmt: str = "B", shape: Sequence[int] | None = None) -> Any:
        """A new view of all fragments, cast where asked."""
        made = memoryview(self._joined) if ORACLE else FragView(self.parts)
        if shape is not None:
            return made.cast(fmt, shape)
        return made if fmt == "B" else made.cast(fmt)

    def data(self) -> bytes:
        """What the memory holds now."""
        return bytes(self._joined) if ORACLE else b"".join(self.parts)

    def write(self, data: bytes) -> None:
        """Put these bytes into the (writable) memory, not through the view."""
        if ORACLE:
            memoryview(self._joined)[:] = data
            return
        at = 0
        for part in self.parts:
            part[:] = data[at : at + len(part)]
            at += len(part)

    def check(self, expected: bytes | bytearray) -> None:
        """The memory holds `expected`, and no canary has changed."""
        assert self.data() == bytes(expected)
        for part in self.parts:
            whole = bytes(memoryview(part.obj))
            assert whole.startswith(CANARY), "a write before the fragment"
            assert whole.endswith(CANARY), "a write behind the fragment"


def cut(data: bytes, sizes: Sequence[int], kinds: Sequence[str] = ("bytearray",)) -> Cut:
    """`data` in fragments of these sizes (kinds in turn), each between its own canaries."""
    assert sum(sizes) == len(data)
    parts = []
    at = 0
    for number, size in enumerate(sizes):
        parts.append(place(data[at : at + size], kinds[number % len(kinds)]))
        at += size
    return Cut(parts)


def all_splits(total: int, sizes: Sequence[int] = SIZES) -> Iterator[tuple[int, ...]]:
    """Each way to write `total` as a row of these sizes; with 0 among them, also with 0 at all places."""

    def rows(rest: int) -> Iterator[tuple[int, ...]]:
        if rest == 0:
            yield ()
        for size in sizes:
            if 0 < size <= rest:
                for row in rows(rest - size):
                    yield (size, *row)

    for row in rows(total):
        yield row
        if 0 in sizes:
            spread = [0]
            for size in row:
                spread += [size, 0]
            yield tuple(spread)


def cuts_of(data: bytes) -> Iterator[Cut]:
    """`data` whole, cut at each single place, and byte by byte."""
    yield cut(data, [len(data)])
    for at in range(1, len(data)):
        yield cut(data, [at, len(data) - at])
    yield cut(data, [1] * len(data))


def spans(arena: bytearray, wanted: Iterable[tuple[int, int]]) -> list[memoryview]:
    """Fragments of one memory: they may repeat and overlap."""
    whole = memoryview(arena)
    return [whole[start : start + length] for start, length in wanted]


class Failure(NamedTuple):
    """An exception, as far as two of them can be compared."""

    kind: type[BaseException]
    text: str


def normal(text: str) -> str:
    """An error's text, with the name of the class left open."""
    return re.sub(r"memoryview|(fragview\.)?FragView", "view", text)


def plain(value: Any) -> Any:
    """A value that can be compared: a view becomes what it shows."""
    if isinstance(value, (memoryview, FragView)):
        # An empty range of mixed memory has no memory whose writability it could show.
        readonly = value.readonly if value.nbytes else None
        return "view", value.format, tuple(value.shape), readonly, value.tolist()
    return value


def outcome(call: Callable[..., Any], *args: Any) -> Any:
    """What a call returns, or the Failure it raises."""
    try:
        return plain(call(*args))
    except Exception as error:
        return Failure(type(error), normal(str(error)))


def same(call: Callable[..., Any], view: Any, memory: Any, *args: Any) -> Any:
    """`call` gives the same for the view as for the memoryview: the value, or the error and its text.

    The view's text may go on after memoryview's with what it knows besides: "…: …" or "… (…)".
    """
    expected = outcome(call, memory, *args)
    got = outcome(call, view, *args)
    if isinstance(expected, Failure) and isinstance(got, Failure):
        goes_on = expected.text and got.text.startswith((expected.text + ": ", expected.text + " ("))
        got = Failure(got.kind, expected.text) if goes_on else got
    # repr, as NaN differs from itself and -0.0 does not differ from 0.0.
    assert repr(got) == repr(expected), (call, args)
    return expected


def same_error(call: Callable[..., Any], view: Any, memory: Any, *args: Any) -> Failure:
    """As `same`, and it must be an error."""
    expected = same(call, view, memory, *args)
    assert isinstance(expected, Failure), f"memoryview returns {expected!r}"
    return expected


def exporters(view: Any) -> tuple[Any, ...]:
    """`obj` as a tuple, also where there is one exporter."""
    return view.obj if isinstance(view.obj, tuple) else (view.obj,)


def resizable(source: bytearray) -> bool:
    """True where nobody holds the memory."""
    try:
        source.append(0)
    except BufferError:
        return False
    del source[-1]
    return True

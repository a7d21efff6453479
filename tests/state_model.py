"""The model of the state machine: a `bytearray` a source; for each byte of a view, its source and place."""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from hypothesis.stateful import RuleBasedStateMachine

from fragview import FragBuffer

Cell = tuple[int, int] | None
"""A byte's source and its place there; None in a hole."""

MOST_VIEWS, MOST_KEPT, MOST_BYTES = 6, 6, 160


class Source:
    """Memory that views show, and what must be in it."""

    def __init__(self, kind: str, data: bytes) -> None:
        self.kind = kind
        self.model = bytearray(data)
        self.memory: Any = data
        if kind == "bytearray":
            self.memory = bytearray(data)
        elif kind == "mmap":
            self.model += bytes(1) * (not data)
            self.memory = mmap.mmap(-1, len(self.model))
            self.memory[:] = bytes(self.model)
        elif kind == "numpy":
            self.memory = np.frombuffer(bytearray(data), np.uint8) if data else np.zeros(0, np.uint8)
        self.writable = kind != "bytes"
        self.closed = False


class Seen:
    """A view and what it must show: cells, so many an item."""

    def __init__(self, view: Any, cells: list[Cell], held: Iterable[int], fmt: str = "B") -> None:
        self.view, self.cells, self.fmt = view, cells, fmt
        self.held = frozenset(held)
        self.sealed = False
        self.gaps = False

    @property
    def size(self) -> int:
        return struct.calcsize(self.fmt)

    def items(self, key: slice) -> list[Cell]:
        """The cells of the items that a slice picks."""
        at = range(len(self.cells) // self.size)[key]
        return [cell for i in at for cell in self.cells[i * self.size : (i + 1) * self.size]]


class Kept(NamedTuple):
    """What keeps a view from being released, or lives on after it: an export, an array, a fragment."""

    thing: Any
    cells: list[Cell]
    held: frozenset[int]
    owner: Any
    """The view that it exports; None where it holds the memory itself."""


class Model(RuleBasedStateMachine):
    """Sources, views and what keeps them, as they must be."""

    def __init__(self) -> None:
        super().__init__()
        self.sources: list[Source] = []
        self.seen: list[Seen] = []
        self.kept: list[Kept] = []
        self.buffer = FragBuffer()
        self.queue: list[Cell] = []
        # Sources of which some view was made that shows nothing of them; they may be held or not.
        self.unsure: set[int] = set()

    def bytes_of(self, cells: Iterable[Cell]) -> bytes:
        return bytes(0 if cell is None else self.sources[cell[0]].model[cell[1]] for cell in cells)

    def may_write(self, seen: Seen, cells: Iterable[Cell]) -> bool:
        return not seen.sealed and all(c is not None and self.sources[c[0]].writable for c in cells)

    def put(self, cells: Iterable[Cell], data: bytes) -> None:
        for cell, byte in zip(cells, data, strict=True):
            assert cell is not None
            self.sources[cell[0]].model[cell[1]] = byte

    def add(self, view: Any, cells: list[Cell], held: Iterable[int] | None = None, fmt: str = "B") -> Seen:
        """Keeps a view; by default it holds the sources that it shows."""
        if held is None:
            held = {cell[0] for cell in cells if cell}
        seen = Seen(view, cells, held, fmt)
        self.seen.append(seen)
        if len(self.seen) > MOST_VIEWS:
            self.drop(1)
        return seen

    def drop(self, index: int) -> None:
        """Forgets a view and what was exported from it."""
        gone = self.seen.pop(index)
        self.kept = [kept for kept in self.kept if kept.owner is not gone.view]

    def keep(self, thing: Any, cells: list[Cell], held: frozenset[int], owner: Any) -> None:
        self.kept.append(Kept(thing, cells, held, owner))
        del self.kept[:-MOST_KEPT]

    def one(self, pick: int) -> Seen:
        return self.seen[pick % len(self.seen)]

    def memory(self, seen: Seen) -> memoryview:
        """A memoryview that shows what the view must; of native formats only."""
        return memoryview(bytearray(self.bytes_of(seen.cells))).cast(seen.fmt)

    def held(self) -> set[int]:
        sources = {number for seen in self.seen for number in seen.held}
        sources |= {number for kept in self.kept for number in kept.held}
        return sources | {cell[0] for cell in self.queue if cell}

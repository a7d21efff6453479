"""Writes to memory that overlaps or repeats: a `memmove`, whatever the fragments."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from fragmented import FragView, needs_fragview, spans

pytestmark = needs_fragview

LAYOUTS = [
    [(0, 8), (0, 8)],
    [(0, 6), (3, 6), (1, 4)],
    [(7, 1), (6, 1), (5, 1), (4, 1), (3, 1), (2, 1), (1, 1), (0, 1)],
    [(0, 5), (2, 5), (4, 5), (0, 1), (8, 1), (3, 0), (0, 9)],
    [(4, 4), (0, 4), (4, 4)],
    [(2, 1)] * 6,
]
KEYS = [slice(*row) for row in itertools.product([None, 1, -3], [None, 5, -1], [1, 2, -1, -3])]


def positions(layout: list[tuple[int, int]]) -> list[int]:
    """Where in the arena each logical byte lies."""
    return [start + i for start, length in layout for i in range(length)]


@pytest.mark.parametrize("layout", LAYOUTS, ids=repr)
def test_writes_to_repeated_memory(layout: list[tuple[int, int]]) -> None:
    """Bytes are written in logical order: where memory repeats, the last one stays."""
    where = positions(layout)
    for key in KEYS:
        arena, model = bytearray(range(9)), bytearray(range(9))
        view = FragView(spans(arena, layout))
        values = bytes(range(100, 100 + len(where[key])))
        for at, value in zip(where[key], values, strict=True):
            model[at] = value
        view[key] = values
        assert arena == model, key


@pytest.mark.parametrize("layout", LAYOUTS, ids=repr)
def test_memmove(layout: list[tuple[int, int]]) -> None:
    """A view assigned to itself is as if the source were copied first."""
    where = positions(layout)
    for target, source in itertools.product(KEYS, repeat=2):
        n = min(len(where[target]), len(where[source]))
        arena, model = bytearray(range(9)), bytearray(range(9))
        view = FragView(spans(arena, layout))
        copied = bytes(model[at] for at in where[source][:n])
        for at, value in zip(where[target][:n], copied, strict=True):
            model[at] = value
        view[target][:n] = view[source][:n]
        assert arena == model, (target, source)


@pytest.mark.parametrize("layout", LAYOUTS, ids=repr)
def test_memmove_with_other_buffers(layout: list[tuple[int, int]]) -> None:
    """The source may be the same memory by any other way."""
    where = positions(layout)
    n = min(len(where), 9)
    ways = [
        lambda arena, view: memoryview(arena)[:n],
        lambda arena, view: memoryview(arena)[::-1][:n],
        lambda arena, view: memoryview(view)[::-1][:n],
        lambda arena, view: np.frombuffer(arena, np.uint8)[:n],
        lambda arena, view: FragView([memoryview(arena)[i : i + 1] for i in range(9)][::-1])[:n],
        lambda arena, view: view.cast("B", (1, len(view))).cast("B")[::-1][:n],
    ]
    for way in ways:
        arena, model = bytearray(range(9)), bytearray(range(9))
        view = FragView(spans(arena, layout))
        source = way(arena, view)
        for at, value in zip(where[:n], bytes(source), strict=True):
            model[at] = value
        view[:n] = source
        assert arena == model


def test_memmove_of_items() -> None:
    """Typed items too, where seams cut them."""
    for shift in range(1, 8):
        arena = bytearray(range(24))
        view = FragView(spans(arena, [(0, 7), (7, 9), (16, 8)])).cast("H")
        expected = bytearray(range(24))
        expected[2 * shift :] = expected[: 24 - 2 * shift]
        view[shift:] = view[:-shift]
        assert arena == expected

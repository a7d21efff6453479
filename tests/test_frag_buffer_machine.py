"""`FragBuffer`: a state machine of appends, reads and writes in any order."""

from __future__ import annotations

import gc
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from fragmented import needs_fragview, resizable
from fragview import FragBuffer, FragView, NotEnoughDataError

pytestmark = needs_fragview


class Machine(RuleBasedStateMachine):
    """Random steps; the buffer is a list of places in some memories, which are written meanwhile."""

    @initialize()
    def start(self) -> None:
        self.arenas = [bytearray(range(i * 20, i * 20 + 20)) for i in range(3)]
        self.buffer, self.model = FragBuffer(), []
        self.views: list[tuple[FragView, list[Any]]] = []

    def bytes_of(self, places: list[Any]) -> bytes:
        return bytes(p if isinstance(p, int) else self.arenas[p[0]][p[1]] for p in places)

    @rule(
        arena=st.integers(0, 2),
        first=st.integers(0, 19),
        count=st.integers(0, 9),
        front=st.booleans(),
        kind=st.integers(0, 3),
    )
    def put(self, arena: int, first: int, count: int, front: bool, kind: int) -> None:
        fragment: Any = memoryview(self.arenas[arena])[first : first + count]
        places: list[Any] = [(arena, at) for at in range(first, min(first + count, 20))]
        if kind == 1:
            fragment, places = bytes(fragment), self.bytes_of(places)
        elif kind == 2:
            fragment, places = FragView([fragment, b"-", fragment]), [*places, ord("-"), *places]
        elif kind == 3:
            fragment, places = fragment[::-2], places[::-2]
        if front:
            self.buffer.prepend(fragment)
            self.model[:0] = places
        else:
            self.buffer.append(fragment)
            self.model += places

    @precondition(lambda self: self.views)
    @rule(index=st.integers(0, 100), front=st.booleans())
    def put_back(self, index: int, front: bool) -> None:
        view, places = self.views[index % len(self.views)]
        if len(self.model) < 500:
            (self.buffer.prepend if front else self.buffer.append)(view)
            self.model[:] = places + self.model if front else self.model + places

    @rule(n=st.integers(0, 40), how=st.sampled_from(["consume", "peek", "discard", "unpack", "unpack_from"]))
    def take(self, n: int, how: str) -> None:
        places = self.model[:n]
        call = getattr(self.buffer, how)
        argument = f"{n}s" if how.startswith("unpack") else n
        if n > len(self.model):
            with pytest.raises(NotEnoughDataError) as caught:
                call(argument)
            assert (caught.value.needed, caught.value.available) == (n, len(self.model))
            return
        result = call(argument)
        if how.startswith("unpack"):
            assert result == (self.bytes_of(places),)
        elif how != "discard":
            self.views.append((result, places))
        if how in ("consume", "discard", "unpack"):
            del self.model[:n]

    @rule(arena=st.integers(0, 2), at=st.integers(0, 19), byte=st.integers(0, 255))
    def write(self, arena: int, at: int, byte: int) -> None:
        self.arenas[arena][at] = byte

    @rule(
        needle=st.binary(max_size=2),
        first=st.integers(0, 60),
        count=st.integers(0, 4),
        start=st.integers(-50, 50),
    )
    def find(self, needle: bytes, first: int, count: int, start: int) -> None:
        content = self.bytes_of(self.model)
        for wanted in (needle, content[first : first + count]):
            assert self.buffer.find(wanted, start) == content.find(wanted, start)

    @rule()
    def clear(self) -> None:
        self.buffer.clear()
        self.model.clear()

    @invariant()
    def same(self) -> None:
        assert len(self.buffer) == len(self.model)
        assert self.buffer.view().tobytes() == self.bytes_of(self.model)
        for view, places in self.views[-5:]:
            assert view.tobytes() == self.bytes_of(places)

    def teardown(self) -> None:
        if hasattr(self, "buffer"):
            del self.buffer, self.views
            gc.collect()  # an exception that was looked at refers to the frame it passed
            assert all(resizable(arena) for arena in self.arenas)


TestMachine = pytest.mark.thread_unsafe(reason="one object holds the state of the machine")(Machine.TestCase)

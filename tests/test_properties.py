"""Hypothesis: random memory (repeats, overlaps, empties, read-only) and random operations.

The model is one `bytearray` and, for each logical byte, where it lies in it.
"""

from __future__ import annotations

import struct
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import assume, given
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from fragmented import Failure, FragView, cut, needs_fragview, outcome, spans

SIZE = 24
NATIVE = "bBhHiIlLqQnNfd?c"

spots = st.tuples(st.integers(0, SIZE), st.integers(0, SIZE)).map(lambda t: (min(t), abs(t[0] - t[1])))
layouts = st.lists(spots, max_size=8)
bounds = st.one_of(st.none(), st.integers(-30, 30), st.sampled_from([2**63, -(2**63), 2**80]))
steps = st.one_of(st.none(), st.integers(-5, 5).filter(bool), st.sampled_from([2**62, -(2**70)]))
slices = st.builds(slice, bounds, bounds, steps)


@st.composite
def sized(draw: Any, minimum: int = 0) -> tuple[bytes, list[int]]:
    """Data and the sizes of its fragments."""
    sizes = draw(st.lists(st.sampled_from([0, 1, 1, 2, 3, 5, 8, 13]), min_size=1, max_size=10))
    if sum(sizes) < minimum:
        sizes.append(minimum - sum(sizes))
    return draw(st.binary(min_size=sum(sizes), max_size=sum(sizes))), sizes


@given(sized(), st.lists(slices, max_size=4))
def test_slices_of_slices(made: tuple[bytes, list[int]], keys: list[slice]) -> None:
    """Any chain of slices shows what it shows of bytes."""
    data, sizes = made
    view, expected = cut(data, sizes).view(), data
    for key in keys:
        view, expected = view[key], expected[key]
    assert view.tobytes() == bytes(view) == expected
    assert list(view) == view.tolist() == list(expected)
    assert view == expected
    assert memoryview(view).tobytes() == expected
    assert view[::-1].tobytes() == expected[::-1]


@given(sized(8), st.sampled_from(NATIVE), st.data())
def test_items(made: tuple[bytes, list[int]], code: str, data: st.DataObject) -> None:
    """Typed items read and write as memoryview's, across any seam."""
    raw, sizes = made
    whole = len(raw) // 8 * 8
    fragmented = cut(raw, sizes)
    model = bytearray(raw)
    view, memory = fragmented.view()[:whole].cast(code), memoryview(model)[:whole].cast(code)
    assert repr(view.tolist()) == repr(memory.tolist())
    i, j = (data.draw(st.integers(0, len(memory) - 1)) for _ in range(2))
    view[i] = view[j]
    memory[i] = memory[j]
    key = data.draw(slices)
    source = data.draw(st.binary(min_size=memory[key].nbytes, max_size=memory[key].nbytes))
    view[key] = memory[key] = memoryview(source).cast(code)
    assert repr(view[::-1].tolist()) == repr(memory[::-1].tolist())
    fragmented.check(model)


@given(sized(), sized())
def test_equality(one: tuple[bytes, list[int]], two: tuple[bytes, list[int]]) -> None:
    """Equal if and only if the bytes are, with equal hashes, however they are cut."""
    first, second = cut(one[0], one[1], ["bytes"]).view(), cut(two[0], two[1], ["bytes"]).view()
    assert (first == second) is (one[0] == two[0])
    again = cut(one[0], [1] * len(one[0]), ["bytes"]).view()
    assert first == again
    assert hash(first) == hash(again) == hash(one[0])


@needs_fragview
@given(layouts, st.binary(min_size=SIZE, max_size=SIZE), slices, slices)
def test_memmove(layout: list[tuple[int, int]], data: bytes, target: slice, source: slice) -> None:
    """Over repeated and overlapping memory: copy first, then write in order."""
    where = [start + i for start, length in layout for i in range(length)]
    n = min(len(where[target]), len(where[source]))
    assume(n)
    arena, model = bytearray(data), bytearray(data)
    view = FragView(spans(arena, layout))
    assert view.tobytes() == bytes(model[at] for at in where)
    copied = [model[at] for at in where[source][:n]]
    for at, value in zip(where[target][:n], copied, strict=True):
        model[at] = value
    view[target][:n] = view[source][:n]
    assert arena == model


@needs_fragview
@given(st.lists(st.one_of(spots, st.tuples(st.none(), st.integers(0, 9))), max_size=9), slices)
def test_extents(rows: list[tuple[int | None, int]], key: slice) -> None:
    """from_extents reads what its rows say, and extents() says what it was made of."""
    data = bytes(range(100, 100 + SIZE))
    view = FragView.from_extents(data, rows)
    expected = b"".join(bytes(n) if at is None else data[at : at + n] for at, n in rows)
    assert view.tobytes() == expected
    part = view[key]
    table = memoryview(part.extents()).tolist()
    assert b"".join(bytes(n) if s < 0 else data[o : o + n] for s, o, n in table) == expected[key]
    assert b"".join(part.fragments) == expected[key]
    for i in range(len(part)):
        number, offset = part.locate(i)
        assert part.fragments[number][offset] == expected[key][i]


@needs_fragview
@given(sized(), st.sampled_from(["<IH", ">bd", "B", "=3sH", "@BI", "!2xQ"]), st.integers(-70, 70))
def test_struct_calls(made: tuple[bytes, list[int]], fmt: str, offset: int) -> None:
    """The struct module agrees, errors included."""
    data, sizes = made
    fragmented = cut(data, sizes)
    expected = outcome(struct.unpack_from, fmt, data, offset)
    assert repr(outcome(fragmented.view().unpack_from, fmt, offset)) == repr(expected)
    if not isinstance(expected, Failure):
        model = bytearray(data)
        struct.pack_into(fmt, model, offset, *expected)
        fragmented.view().pack_into(fmt, offset, *expected)
        fragmented.check(model)


class Machine(RuleBasedStateMachine):
    """Views of one arena: made, sliced, joined, written, exported and released in any order."""

    views = Bundle("views")
    exports = Bundle("exports")

    def __init__(self) -> None:
        super().__init__()
        self.arena = bytearray(range(SIZE))
        self.model = bytearray(range(SIZE))

    def shown(self, where: list[int]) -> bytes:
        return bytes(self.model[at] for at in where)

    @rule(target=views, layout=layouts)
    def make(self, layout: list[tuple[int, int]]) -> Any:
        where = [start + i for start, length in layout for i in range(length)]
        return FragView(spans(self.arena, layout)), where

    @rule(target=views, layout=layouts)
    def make_of_extents(self, layout: list[tuple[int, int]]) -> Any:
        where = [start + i for start, length in layout for i in range(length)]
        return FragView.from_extents(self.arena, layout), where

    @rule(target=views, one=views, key=slices)
    def cut(self, one: Any, key: slice) -> Any:
        view, where = one
        return view[key], where[key]

    @rule(target=views, one=views, two=views)
    def join(self, one: Any, two: Any) -> Any:
        assume(len(one[1]) + len(two[1]) < 500)
        return FragView([one[0], two[0]]), one[1] + two[1]

    @rule(target=views, one=views)
    def through_memoryview(self, one: Any) -> Any:
        view, where = one
        return FragView(memoryview(view)), where

    @rule(one=views, value=st.integers(0, 255), data=st.data())
    def set_item(self, one: Any, value: int, data: st.DataObject) -> None:
        view, where = one
        assume(where)
        i = data.draw(st.integers(-len(where), len(where) - 1))
        view[i] = value
        self.model[where[i]] = value
        assert view[i] == value

    @rule(one=views, key=slices, value=st.integers(0, 255))
    def set_slice(self, one: Any, key: slice, value: int) -> None:
        view, where = one
        assume(where)  # A view of nothing is read-only.
        values = bytes((value + i) % 256 for i in range(len(where[key])))
        view[key] = values
        for at, byte in zip(where[key], values, strict=True):
            self.model[at] = byte

    @rule(one=views, two=views)
    def copy(self, one: Any, two: Any) -> None:
        n = min(len(one[1]), len(two[1]))
        assume(n)
        copied = self.shown(two[1][:n])
        one[0][:n] = two[0][:n]
        for at, byte in zip(one[1][:n], copied, strict=True):
            self.model[at] = byte

    @rule(one=views, code=st.sampled_from("HIQ"), value=st.integers(0, 65535), data=st.data())
    def set_typed(self, one: Any, code: str, value: int, data: st.DataObject) -> None:
        view, where = one
        n = len(where) // struct.calcsize(code)
        assume(n)
        assume(view.contiguous)
        typed = view[: n * struct.calcsize(code)].cast(code)
        i = data.draw(st.integers(0, n - 1))
        typed[i] = value
        start = i * struct.calcsize(code)
        for at, byte in zip(where[start:], struct.pack(code, value), strict=False):
            self.model[at] = byte

    @rule(one=views, two=views)
    def compare(self, one: Any, two: Any) -> None:
        assert (one[0] == two[0]) is (self.shown(one[1]) == self.shown(two[1]))
        assert one[0].toreadonly() == self.shown(one[1])

    @rule(target=exports, one=views)
    def export(self, one: Any) -> Any:
        return memoryview(one[0]), one[1]

    @rule(export=exports, value=st.integers(0, 255), data=st.data())
    def write_export(self, export: Any, value: int, data: st.DataObject) -> None:
        memory, where = export
        assert memory.tobytes() == self.shown(where)
        assume(where)
        i = data.draw(st.integers(0, len(where) - 1))
        memory[i] = value
        self.model[where[i]] = value

    @rule(export=consumes(exports))
    def drop_export(self, export: Any) -> None:
        export[0].release()

    @rule(one=consumes(views))
    def release(self, one: Any) -> None:
        view, where = one
        try:
            view.release()
        except BufferError:
            assert view.tobytes() == self.shown(where)
            return
        try:
            view.tobytes()
        except ValueError:
            return
        raise AssertionError("a released view still reads")

    @rule(one=views)
    def read(self, one: Any) -> None:
        view, where = one
        assert view.tobytes() == bytes(view) == self.shown(where)
        assert b"".join(view.fragments) == self.shown(where)

    @invariant()
    def memory_is_the_model(self) -> None:
        assert self.arena == self.model


TestMachine = pytest.mark.thread_unsafe(reason="one object holds the state of the machine")(
    needs_fragview(Machine.TestCase)
)

"""A state machine: sources, views of them, and all that keeps them, in any order.

The model is a `bytearray` a source and, for each byte of a view, the source and the place where it lies. So
it knows what every view must show, and who holds which source: one that is held can't be resized or closed,
any other can.

`make fuzz-python` runs it for long.
"""

from __future__ import annotations

import contextlib
import io
import struct
from collections.abc import Callable
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis.stateful import initialize, invariant, precondition, rule

from fragmented import needs_fragview, outcome
from fragview import FragView, NotEnoughDataError
from state_model import MOST_BYTES, Cell, Model, Source

pytestmark = needs_fragview

FORMATS = ["B", "b", "c", "?", "H", "I", "q", "f", "<H", ">I", "<BH", "3s"]

picks = st.integers(0, 1000)
bounds = st.one_of(st.none(), st.integers(-40, 40), st.sampled_from([2**63, -(2**63), 2**80]))
steps = st.one_of(st.none(), st.none(), st.integers(-4, 4).filter(bool), st.sampled_from([2**62, -(2**70)]))
slices = st.builds(slice, bounds, bounds, steps)
contents = st.binary(max_size=12)


class Machine(Model):
    """Everything that can be done to views, at any time."""

    # --- sources and views of them ---

    @initialize(data=st.binary(min_size=4, max_size=30), other=contents)
    def begin(self, data: bytes, other: bytes) -> None:
        self.source("bytearray", data)
        self.source("bytes", other)
        self.join([0, 1, 0])

    @precondition(lambda self: len(self.sources) < 12)
    @rule(kind=st.sampled_from(["bytearray", "bytes", "mmap", "numpy"]), data=contents)
    def source(self, kind: str, data: bytes) -> None:
        self.sources.append(Source(kind, data))

    def alive(self, pick: int) -> int:
        numbers = [number for number, source in enumerate(self.sources) if not source.closed]
        return numbers[pick % len(numbers)]

    @rule(parts=st.lists(picks, max_size=4), key=slices)
    def join(self, parts: list[int], key: slice = slice(None)) -> None:
        """Sources, and views of bytes, laid end to end."""
        buffers, cells, held = [], [], set()
        for part in parts:
            number = self.alive(part)
            source = self.sources[number]
            buffers.append(memoryview(source.memory)[key] if part % 3 else source.memory)
            at = range(len(source.model))[key if part % 3 else slice(None)]
            cells += [(number, i) for i in at]
            (held if at else self.unsure).add(number)
            seen = self.one(part) if self.seen else None
            if part % 5 == 0 and seen and seen.fmt == "B" and not seen.sealed:
                buffers.append(seen.view)
                cells += seen.cells
                held |= {cell[0] for cell in seen.cells if cell}
        if len(cells) <= MOST_BYTES:
            self.add(FragView(buffers), cells, held)

    @rule(pick=picks, rows=st.lists(st.tuples(st.integers(-1, 14), st.integers(0, 6)), max_size=6))
    def extents(self, pick: int, rows: list[tuple[int, int]]) -> None:
        number = self.alive(pick)
        source = self.sources[number]
        rows = [(at, n) for at, n in rows if at < 0 or at + n <= len(source.model)]
        cells: list[Cell] = []
        for at, n in rows:
            cells += [None] * n if at < 0 else [(number, i) for i in range(at, at + n)]
        table: Any = np.array(rows, np.int64).reshape(-1, 2)
        if pick % 2:
            table = [(None if at < 0 else at, n) for at, n in rows]
        if not any(cells):
            self.unsure.add(number)
        self.add(FragView.from_extents(source.memory, table), cells)

    # --- views of views ---

    @precondition(lambda self: self.seen)
    @rule(pick=picks, key=slices)
    def slice(self, pick: int, key: slice) -> None:
        seen = self.one(pick)
        new = self.add(seen.view[key], seen.items(key), seen.held, seen.fmt)
        new.sealed, new.gaps = seen.sealed, seen.gaps or key.step not in (None, 1)

    @precondition(lambda self: self.seen)
    @rule(pick=picks, fmt=st.sampled_from(FORMATS))
    def cast(self, pick: int, fmt: str) -> None:
        seen = self.one(pick)
        if not seen.view.c_contiguous:
            assert seen.gaps
            with pytest.raises(TypeError, match="contiguous"):
                seen.view.cast(fmt)
            return
        # From a number to another number the way leads over bytes, as memoryview has it.
        view = seen.view if seen.fmt in "Bbc" or fmt in "Bbc" else seen.view.cast("B")
        if len(seen.cells) % struct.calcsize(fmt):
            with pytest.raises(TypeError, match="multiple"):
                view.cast(fmt)
        else:
            new = self.add(view.cast(fmt), seen.cells, seen.held, fmt)
            new.sealed = seen.sealed

    @precondition(lambda self: self.seen)
    @rule(pick=picks)
    def seal(self, pick: int) -> None:
        seen = self.one(pick)
        new = self.add(seen.view.toreadonly(), seen.cells, seen.held, seen.fmt)
        new.sealed, new.gaps = True, seen.gaps

    @precondition(lambda self: self.seen)
    @rule(pick=picks, other=picks)
    def plus(self, pick: int, other: int) -> None:
        left, right = self.one(pick), self.one(other)
        if left.fmt != right.fmt:
            if not (left.cells and right.cells):
                # An empty one drops out, whatever its format.
                return
            with pytest.raises(ValueError, match="formats differ"):
                left.view + right.view
        elif len(left.cells) + len(right.cells) <= MOST_BYTES and left.sealed == right.sealed:
            new = self.add(left.view + right.view, left.cells + right.cells, None, left.fmt)
            new.sealed = left.sealed

    @precondition(lambda self: self.seen)
    @rule(
        pick=picks,
        start=st.integers(-20, 20),
        stop=st.integers(-20, 20),
        other=picks,
        data=st.none() | contents,
    )
    def splice(self, pick: int, start: int, stop: int, other: int, data: bytes | None) -> None:
        seen, put = self.one(pick), self.one(other)
        if data is not None and seen.fmt == "B" and not seen.sealed:
            self.sources.append(Source("bytes", data))
            cells: list[Cell] = [(len(self.sources) - 1, i) for i in range(len(data))]
            what = self.sources[-1].memory
        elif seen.fmt == put.fmt and seen.sealed == put.sealed:
            cells, what = put.cells, put.view
        else:
            return
        if len(seen.cells) + len(cells) > MOST_BYTES or len(self.sources) > 40:
            return
        start, stop, _ = slice(start, stop).indices(len(seen.view))
        stop = max(start, stop)
        cells = seen.items(slice(0, start)) + cells + seen.items(slice(stop, None))
        new = self.add(seen.view.splice(start, stop, what), cells, None, seen.fmt)
        new.sealed = seen.sealed

    # --- reads and writes ---

    @precondition(lambda self: self.seen)
    @rule(pick=picks, index=st.integers(-60, 60), key=slices, needle=st.binary(max_size=2))
    def read(self, pick: int, index: int, key: slice, needle: bytes) -> None:
        seen = self.one(pick)
        data = self.bytes_of(seen.cells)
        if seen.fmt in "BbcHIqf?":
            memory = self.memory(seen)
            assert repr(outcome(seen.view.__getitem__, index)) == repr(outcome(memory.__getitem__, index))
            assert repr(seen.view[key].tolist()) == repr(memory[key].tolist())
            assert repr(list(reversed(seen.view))) == repr(memory.tolist()[::-1])
            if seen.fmt not in "f?":
                assert seen.view == memory
        else:
            items = [item if len(item) > 1 else item[0] for item in struct.iter_unpack(seen.fmt, data)]
            assert seen.view.tolist() == items
        assert seen.view[key].hex() == self.bytes_of(seen.items(key)).hex()
        if seen.fmt in "Bbc":
            for name in ("find", "rfind", "count", "startswith", "endswith"):
                start = index if key.step else None
                assert getattr(seen.view, name)(needle, start) == getattr(data, name)(needle, start)
            assert (needle in seen.view) is (needle in data)
        with FragView([needle, data]) as other:
            assert (seen.view.cast("B") if seen.view.c_contiguous else seen.view) is not None
            assert other[len(needle) :] == data

    @precondition(lambda self: self.seen)
    @rule(pick=picks, key=slices, other=picks, turned=slices)
    def move(self, pick: int, key: slice, other: int, turned: slice) -> None:
        """From view to view, as memmove does, though they show the same memory."""
        to, source = self.one(pick), self.one(other)
        part, given = to.items(key), source.items(turned)
        call: Callable[[], None] = lambda: to.view.__setitem__(key, source.view[turned])  # noqa: E731
        if not part:
            # No memory tells whether it may be written.
            with contextlib.suppress(TypeError, ValueError):
                call()
        elif not self.may_write(to, part):
            fits = to.fmt == source.fmt and len(part) == len(given)
            with pytest.raises(TypeError if fits or to.sealed else (TypeError, ValueError)):
                call()
        elif to.fmt != source.fmt or len(part) != len(given):
            with pytest.raises(ValueError, match="different structures"):
                call()
        else:
            data = self.bytes_of(given)
            call()
            self.put(part, data)

    @precondition(lambda self: self.seen)
    @rule(pick=picks, index=st.integers(-60, 60), value=st.integers(0, 260))
    def item(self, pick: int, index: int, value: int) -> None:
        seen = self.one(pick)
        n = len(seen.view)
        if seen.fmt not in ("B", "H", "I", "<H", ">I"):
            return
        at = index + n if index < 0 else index
        part = seen.items(slice(at, at + 1)) if 0 <= at < n else []
        if not part or not self.may_write(seen, part) or value >> 8 * seen.size:
            with pytest.raises((TypeError, ValueError, IndexError)):
                seen.view[index] = value
        else:
            seen.view[index] = value
            self.put(part, struct.pack(seen.fmt, value))

    @precondition(lambda self: self.seen)
    @rule(pick=picks, offset=st.integers(-30, 30), value=st.integers(0, 2**16 - 1))
    def pack(self, pick: int, offset: int, value: int) -> None:
        seen = self.one(pick)
        data = bytearray(self.bytes_of(seen.cells))
        if seen.gaps:
            return
        expected = outcome(struct.pack_into, ">HB", data, offset, value, 7)
        at = offset + len(data) if offset < 0 else offset
        if expected is not None or not self.may_write(seen, seen.cells[at : at + 3]):
            with pytest.raises((TypeError, ValueError, struct.error)):
                seen.view.pack_into(">HB", offset, value, 7)
        else:
            seen.view.pack_into(">HB", offset, value, 7)
            self.put(seen.cells[at : at + 3], struct.pack(">HB", value, 7))

    @precondition(lambda self: self.seen)
    @rule(pick=picks, data=contents, fails=st.booleans(), writeback=st.booleans())
    def gather(self, pick: int, data: bytes, fails: bool, writeback: bool) -> None:
        seen = self.one(pick)
        before = self.bytes_of(seen.cells)
        with contextlib.suppress(LookupError), seen.view.gather(writeback=writeback) as whole:
            assert whole.nbytes == len(before)
            assert whole.tobytes() == before
            with pytest.raises(BufferError):
                seen.view.release()
            inside = whole.cast("B") if whole.format != "B" else whole
            writable = bool(before) and self.may_write(seen, seen.cells)
            assert not before or whole.readonly is not (writable and writeback)
            if not whole.readonly and len(set(seen.cells)) == len(seen.cells):
                n = min(len(data), len(before))
                inside[:n] = data[:n]
                # The memory itself where it is one run; else a copy, written back at the end.
                if len(seen.view.fragments) == 1 or (writeback and not fails):
                    self.put(seen.cells[:n], data[:n])
            if inside is not whole:
                inside.release()
            if fails:
                raise LookupError

    # --- what keeps memory ---

    @precondition(lambda self: self.seen)
    @rule(pick=picks, number=picks)
    def export(self, pick: int, number: int) -> None:
        seen = self.one(pick)
        try:
            exported = memoryview(seen.view)
        except BufferError:
            # Some item lies across a seam.
            assert seen.size > 1
            return
        assert exported.readonly == seen.view.readonly
        assert repr(exported.tolist()) == repr(seen.view.tolist()) if seen.fmt in "BbcHIqf?" else True
        self.keep(exported, seen.cells, seen.held, seen.view)
        if seen.fmt == "B" and exported.nbytes and not exported.readonly:
            at = number % exported.nbytes
            exported[at] = number % 256
            self.put([seen.cells[at]], bytes([number % 256]))

    @precondition(lambda self: self.seen)
    @rule(pick=picks, number=picks)
    def array(self, pick: int, number: int) -> None:
        """An array of one fragment's memory."""
        seen = self.one(pick)
        if seen.fmt != "B" or seen.gaps or not seen.cells:
            return
        fragments = seen.view.fragments
        index = number % len(fragments)
        first = sum(len(fragment) for fragment in fragments[:index])
        n = len(fragments[index])
        cells = seen.cells[first : first + n]
        part = seen.view[first : first + n]
        array = np.frombuffer(part, np.uint8)
        assert array.flags.writeable is self.may_write(seen, cells)
        self.keep(array, cells, seen.held, part)
        with pytest.raises(BufferError):
            part.release()
        if array.flags.writeable:
            array[number % n] = number % 251
            self.put([cells[number % n]], bytes([number % 251]))

    @precondition(lambda self: self.seen)
    @rule(pick=picks, number=picks)
    def fragment(self, pick: int, number: int) -> None:
        seen = self.one(pick)
        fragments = seen.view.fragments
        assert b"".join(fragments) == self.bytes_of(seen.cells)
        if len(fragments):
            index = number % len(fragments)
            first = sum(each.nbytes for each in fragments[:index])
            cells = seen.cells[first : first + fragments[index].nbytes]
            self.keep(fragments[index], cells, seen.held, None)

    @precondition(lambda self: self.kept)
    @rule(pick=picks)
    def forget(self, pick: int) -> None:
        del self.kept[pick % len(self.kept)]

    # --- files ---

    @precondition(lambda self: self.seen)
    @rule(pick=picks, steps=st.lists(st.tuples(st.integers(0, 6), st.integers(-9, 30)), max_size=8))
    def file(self, pick: int, steps: list[tuple[int, int]]) -> None:
        """What BytesIO does, but that it does not grow."""
        seen = self.one(pick)
        if seen.gaps:
            return
        with seen.view.open() as file:
            for what, n in steps:
                same = io.BytesIO(self.bytes_of(seen.cells))
                same.seek(at := file.tell())
                if what == 0:
                    assert file.read(n) == same.read(n)
                elif what == 1:
                    assert file.readline(n) == same.readline(n)
                elif what == 2:
                    target, expected = bytearray(max(n, 0)), bytearray(max(n, 0))
                    assert file.readinto(target) == same.readinto(expected)
                    assert target == expected
                elif what == 3:
                    assert outcome(file.seek, n, 2) == outcome(same.seek, n, 2)
                elif what == 4:
                    assert file.seek(max(n, 0)) == same.seek(max(n, 0))
                elif what == 5:
                    assert file.readlines(n) == same.readlines(n)
                elif file.writable():
                    data = bytes(range(max(n, 0)))
                    cells = seen.cells[at : at + len(data)]
                    if len(cells) < len(data):
                        with pytest.raises(
                            (BufferError, io.UnsupportedOperation), match="nothing was written"
                        ):
                            file.write(data)
                    elif cells and not self.may_write(seen, cells):
                        with pytest.raises(io.UnsupportedOperation, match="nothing was written"):
                            file.write(data)
                    else:
                        assert file.write(data) == len(data)
                        self.put(cells, data)
                    continue
                assert file.tell() == same.tell()

    # --- streams ---

    @rule(pick=picks, front=st.booleans())
    def arrive(self, pick: int, front: bool) -> None:
        number = self.alive(pick)
        what, cells = (
            self.sources[number].memory,
            [(number, i) for i in range(len(self.sources[number].model))],
        )
        if pick % 2 and self.seen:
            seen = self.one(pick)
            what, cells = seen.view, seen.cells
            if seen.sealed:
                return
        if len(self.queue) + len(cells) > MOST_BYTES:
            return
        if front:
            self.buffer.prepend(what)
            self.queue = cells + self.queue
        else:
            self.buffer.append(what)
            self.queue = self.queue + cells

    @rule(n=st.integers(0, 40), how=st.integers(0, 4), needle=st.binary(max_size=2))
    def leave(self, n: int, how: int, needle: bytes) -> None:
        data = self.bytes_of(self.queue)
        assert len(self.buffer) == len(data)
        assert self.buffer.find(needle, n) == data.find(needle, n)
        if how == 4:
            self.buffer.clear()
            self.queue = []
        elif n > len(data):
            with pytest.raises(NotEnoughDataError) as error:
                (self.buffer.peek, self.buffer.discard, self.buffer.consume)[how % 3](n)
            assert (error.value.needed, error.value.available) == (n, len(data))
        elif how == 0:
            self.add(self.buffer.peek(n), self.queue[:n])
        elif how == 1:
            self.buffer.discard(n)
            del self.queue[:n]
        elif how == 2:
            self.add(self.buffer.consume(n), self.queue[:n])
            del self.queue[:n]
        elif n >= 3:
            assert self.buffer.unpack(">HB") == struct.unpack(">HB", data[:3])
            del self.queue[:3]

    # --- the end of things ---

    @precondition(lambda self: self.seen)
    @rule(pick=picks)
    def release(self, pick: int) -> None:
        index = pick % len(self.seen)
        seen = self.seen[index]
        if any(kept.owner is seen.view for kept in self.kept):
            with pytest.raises(BufferError, match="export"):
                seen.view.release()
            return
        seen.view.release()
        for use in (
            len,
            list,
            bytes,
            lambda v: v[0],
            lambda v: v[:],
            lambda v: v.cast("B"),
            lambda v: v.open(),
        ):
            with pytest.raises(ValueError, match="released"):
                use(seen.view)
        self.seen.pop(index)

    @precondition(lambda self: self.seen)
    @rule(pick=picks)
    def abandon(self, pick: int) -> None:
        """Without release; what was exported keeps it."""
        self.seen.pop(pick % len(self.seen))

    @rule(pick=picks, data=contents)
    def resize(self, pick: int, data: bytes) -> None:
        """Refused while anything holds the source, and else fine: nobody has held on to it."""
        number = self.alive(pick)
        source = self.sources[number]
        held = number in self.held()
        if number in self.unsure and not held:
            return
        if source.kind == "bytearray" and data:
            if held:
                with pytest.raises(BufferError):
                    source.memory.extend(data)
            else:
                source.memory.extend(data)
                source.model.extend(data)
        elif source.kind == "mmap":
            if held:
                with pytest.raises(BufferError):
                    source.memory.close()
            elif len(self.sources) > 3:
                source.memory.close()
                source.closed = True

    @rule(pick=picks, value=st.integers(0, 255))
    def outside(self, pick: int, value: int) -> None:
        """A write to a source shows in its views."""
        source = self.sources[self.alive(pick)]
        if source.writable and source.model:
            at = pick % len(source.model)
            source.memory[at] = value
            source.model[at] = value

    @invariant()
    def shows_what_it_must(self) -> None:
        for source in self.sources:
            if not source.closed:
                assert bytes(source.memory) == source.model, "a write went astray"
        for seen in self.seen:
            data = self.bytes_of(seen.cells)
            assert seen.view.tobytes() == data
            assert (seen.view.nbytes, seen.view.format) == (len(data), seen.fmt)
            if data:
                assert seen.view.readonly is not self.may_write(seen, seen.cells)
        for kept in self.kept:
            assert kept.thing.tobytes() == self.bytes_of(kept.cells)
        assert self.buffer.view().tobytes() == self.bytes_of(self.queue)


TestMachine = Machine.TestCase

"""Python code that runs in the middle of an operation and releases, resizes or replaces what it works on."""

from __future__ import annotations

import array
import contextlib
import gc
import operator
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fragmented import ORACLE, FragView, cut, needs_fragview

SIZE = 128
SPLITS = [(128,), (1,) * 128, (1, 100, 27), (64, 64), (3, 0, 5, 120)]
needs_lookup = pytest.mark.skipif(ORACLE and sys.version_info < (3, 14), reason="memoryview has it from 3.14")


class Evil:
    """Does something when it is asked for a number, a truth value or equality; then answers."""

    def __init__(self, deed: Callable[[], Any], value: Any = 4) -> None:
        self.deed = deed
        self.value = value

    def __index__(self) -> int:
        self.deed()
        return int(self.value)

    def __float__(self) -> float:
        self.deed()
        return float(self.value)

    def __bool__(self) -> bool:
        self.deed()
        return bool(self.value)

    def __eq__(self, other: object) -> bool:
        self.deed()
        return other == self.value

    __hash__ = None  # type: ignore[assignment]


class Victim:
    """A view over memory that is gone once the view is released."""

    def __init__(self, sizes: tuple[int, ...], fmt: str = "B", shape: Any = None) -> None:
        self.sources = [bytearray(b"\xff" * size) for size in sizes]
        if ORACLE:
            self.sources = [bytearray(b"\xff" * SIZE)]
            self.view = memoryview(self.sources[0])
        else:
            self.view = FragView(self.sources)
        if fmt != "B" or shape:
            base = self.view
            self.view = base.cast(fmt, shape) if shape else base.cast(fmt)
            base.release()

    def kill(self) -> None:
        """Release the view, and make the memory move and go."""
        self.view.release()
        for source in self.sources:
            try:
                source.clear()
            except BufferError:  # A result that is being made holds it.
                source[:] = bytes(len(source))
        self.other = [bytearray(size) for size in (128, 64, 27, 3)]


def victims(*args: Any) -> Iterator[Victim]:
    for sizes in SPLITS:
        yield Victim(sizes, *args)


def test_reading_by_an_evil_index() -> None:
    """An item of a released view is a ValueError."""
    for victim in victims():
        with pytest.raises(ValueError, match="released"):
            victim.view[Evil(victim.kill)]
    for shape, place in [((64, 2), 0), ((2, 64), 1)]:
        for victim in victims("B", shape):
            key: list[Any] = [0, 0]
            key[place] = Evil(victim.kill, 1)
            with pytest.raises(ValueError, match="released"):
                victim.view[tuple(key)]


@pytest.mark.parametrize("part", range(3))
def test_slicing_by_an_evil_bound(part: int) -> None:
    """A slice of a view that is released meanwhile is either good or refused; it never dangles."""
    for victim in victims():
        bounds: list[Any] = [None, None, None]
        bounds[part] = Evil(victim.kill)
        expected = {bytes(SIZE)[slice(*(4 if b else None for b in bounds))]}
        expected |= {b"\xff" * len(value) for value in expected}
        try:
            got = victim.view[slice(*bounds)]
        except ValueError:
            continue
        assert got.tobytes() in expected


def test_writing_by_an_evil_index() -> None:
    """Nothing is written where the key releases the view."""
    for victim in victims():
        with pytest.raises(ValueError, match="released"):
            victim.view[Evil(victim.kill)] = 42
        check_untouched(victim)
    for shape, place in [((64, 2), 0), ((2, 64), 1)]:
        for victim in victims("B", shape):
            key: list[Any] = [0, 0]
            key[place] = Evil(victim.kill, 1)
            with pytest.raises(ValueError, match="released"):
                victim.view[tuple(key)] = 42
            check_untouched(victim)
    for part in range(2):
        for victim in victims():
            bounds: list[Any] = [0, 4]
            bounds[part] = Evil(victim.kill, bounds[part])
            with pytest.raises(ValueError, match="released"):
                victim.view[slice(*bounds)] = b"spam"
            check_untouched(victim)


def check_untouched(victim: Victim) -> None:
    assert all(not any(source) for source in victim.other + victim.sources)


@pytest.mark.parametrize("fmt", "bBhHiIlLqQnNfd?")
def test_writing_an_evil_value(fmt: str) -> None:
    """Nothing is written where the value releases the view, for any format."""
    for victim in victims(fmt):
        with pytest.raises(ValueError, match="released"):
            victim.view[0] = Evil(victim.kill)
        check_untouched(victim)


@needs_fragview
@pytest.mark.parametrize("fmt", ["<I", ">d", "=?", "<IHH", ">Bd?2x"])
def test_writing_an_evil_value_by_struct(fmt: str) -> None:
    """The same for byte orders and structs, by item and by pack_into."""
    for place in range(3 if fmt[1:] not in "Id?" else 1):
        for sizes in SPLITS:
            for by_item in (True, False):
                victim = Victim(sizes)
                typed = victim.view[:96].cast(fmt) if by_item else victim.view
                victim.view, old = typed, victim.view
                values: list[Any] = [1] * (3 if fmt[1:] not in "Id?" else 1)
                values[place] = Evil(lambda v=victim, o=old: (o.release(), v.kill()))
                with pytest.raises(ValueError, match="released"):
                    if by_item:
                        typed[0] = tuple(values) if len(values) > 1 else values[0]
                    else:
                        typed.pack_into(fmt, 0, *values)
                check_untouched(victim)


@needs_lookup
def test_searching_with_an_evil_value() -> None:
    """`in`, count and index stop when the view goes."""
    for victim in victims():
        with pytest.raises(ValueError):
            victim.view.count(Evil(victim.kill))
    for victim in victims():
        with pytest.raises(ValueError):
            victim.view.index(Evil(victim.kill))
    for victim in victims():
        with pytest.raises(ValueError):
            victim.view.index(4, Evil(victim.kill), 100)


def test_containing_an_evil_value() -> None:
    """`in` over a view that goes meanwhile: the iterator's error."""
    for victim in victims():
        with pytest.raises((ValueError, IndexError)):
            operator.contains(victim.view, Evil(victim.kill))


def test_casting_to_an_evil_shape() -> None:
    """A shape whose numbers release the view: an error or a good view."""

    class EvilList(list[int]):
        def __iter__(self) -> Iterator[int]:
            victim.kill()
            return super().__iter__()

    for victim in victims():
        try:
            got = victim.view.cast("B", [Evil(victim.kill, 2), 64])  # type: ignore[list-item]
        except (ValueError, TypeError):
            continue
        assert got.nbytes == SIZE
    for victim in victims():
        try:
            got = victim.view.cast("B", EvilList([2, 64]))
        except (ValueError, TypeError):
            continue
        assert got.nbytes == SIZE


@needs_fragview
def test_struct_calls_with_an_evil_offset() -> None:
    """unpack_from and pack_into ask for the offset first, and then find the view released."""
    for victim in victims():
        with pytest.raises(ValueError, match="released"):
            victim.view.unpack_from("<I", Evil(victim.kill))
    for victim in victims():
        with pytest.raises(ValueError, match="released"):
            victim.view.pack_into("<I", Evil(victim.kill), 1)
        check_untouched(victim)
    for victim in victims():
        with pytest.raises(ValueError, match="released"):
            victim.view.locate(Evil(victim.kill))


@needs_fragview
def test_evil_numbers_in_extents() -> None:
    """Numbers that try to resize the source meet its lock, or the source as it is then."""
    source = bytearray(b"abcdefgh")

    def shrink() -> None:
        with contextlib.suppress(BufferError):
            del source[2:]

    for call in (
        lambda: FragView.from_extents(source, [(0, 8), (Evil(shrink), 4)]),
        lambda: FragView.from_extents(source, [(4, Evil(shrink)), (0, 1)]),
        lambda: FragView.from_blocks(source, [1, Evil(shrink, 0), 0], 4),
        lambda: FragView.from_blocks(source, [0, 1], Evil(shrink)),
    ):
        source[:] = b"abcdefgh"
        try:
            view = call()
        except ValueError:
            continue
        assert set(view.tobytes()) <= set(b"abcdefgh")
        with pytest.raises(BufferError):
            source.append(1)
        del view


@needs_fragview
def test_evil_iterables() -> None:
    """A generator that releases the views it has just handed out."""
    source = bytearray(b"abcdef")
    view = FragView(source)

    def parts() -> Iterator[Any]:
        yield view
        view.release()
        yield b"gh"

    assert FragView(parts()).tobytes() == b"abcdefgh"
    memory = memoryview(source)

    def fragments() -> Iterator[Any]:
        yield memory[:3]
        memory.release()
        with contextlib.suppress(BufferError):
            source.clear()
        yield b"gh"

    assert FragView(fragments()).tobytes() == b"abcgh"


def test_iterators_of_a_released_view() -> None:
    """The next step is a ValueError, for each kind of iterator."""
    for make in (iter, reversed):
        for victim in victims():
            step = make(victim.view)
            next(step)
            victim.kill()
            with pytest.raises(ValueError, match="released"):
                next(step)
    if not ORACLE:
        for victim in victims():
            step = victim.view.iter_unpack("<I")
            next(step)
            try:
                victim.kill()
            except BufferError:  # It holds the view: fine too.
                continue
            with contextlib.suppress(ValueError):
                next(step)


@needs_fragview
def test_fragments_of_a_released_view() -> None:
    """The sequence asks again at each step: an error or memory that is still held."""
    for victim in victims():
        fragments = victim.view.fragments
        step = iter(fragments)
        first = next(step)
        with pytest.raises(BufferError):
            victim.sources[0].append(1)
        with contextlib.suppress(BufferError):
            victim.view.release()
        assert bytes(first) == b"\xff" * len(first)
        for call in (operator.itemgetter(0), lambda _, s=step: next(s), len):
            try:
                got = call(fragments)
            except (ValueError, StopIteration):
                continue
            assert not isinstance(got, memoryview) or set(got) == {255}


@needs_fragview
def test_release_within_gather() -> None:
    """Releasing the view in the block can't pull the memory away."""
    for victim in victims():
        try:
            with victim.view.gather() as memory:
                with contextlib.suppress(BufferError):
                    victim.view.release()
                assert memory.tobytes() == b"\xff" * SIZE
                memory[0] = 1
        except ValueError:
            continue
        assert victim.sources[0][:1] == b"\x01" or len(victim.sources[0]) == 0


@needs_fragview
@pytest.mark.skipif(sys.version_info < (3, 12), reason="__buffer__ is new in 3.12")
def test_an_exporter_that_releases() -> None:
    """`__buffer__` of the assigned object releases the view it is assigned to."""

    class Exporter:
        def __init__(self, deed: Callable[[], Any]) -> None:
            self.deed = deed

        def __buffer__(self, flags: int) -> memoryview:
            self.deed()
            return memoryview(b"spam")

    # A view that is held while the other side is asked refuses the release: that is as good.
    for victim in victims():
        with pytest.raises((ValueError, BufferError)):
            victim.view[0:4] = Exporter(victim.kill)
        assert b"spam" not in b"".join(victim.sources)
    for victim in victims():
        with contextlib.suppress(ValueError, BufferError):
            assert victim.view != Exporter(victim.kill)
    for victim in victims():
        with pytest.raises((ValueError, BufferError)):
            FragView([Exporter(victim.kill), victim.view])
    assert FragView(Exporter(gc.collect)).tobytes() == b"spam"


def test_sources_cannot_be_resized() -> None:
    """Each way to resize, for each kind of source, while a view lives."""
    one, two = bytearray(b"abcdef"), array.array("B", b"abcdef")
    sources = [one] if ORACLE else [one, two]
    view = FragView(one) if ORACLE else FragView(sources)
    for source in sources:
        calls = [
            lambda s=source: s.append(1),
            lambda s=source: s.extend(b"abc"),
            lambda s=source: s.pop(),
            lambda s=source: s.__delitem__(0),
            lambda s=source: s.__setitem__(
                slice(0, 2), type(s)(b"") if isinstance(s, bytearray) else array.array("B")
            ),
            lambda s=source: s.__imul__(100),
            lambda s=source: s.insert(0, 1),
        ]
        for call in calls:
            with pytest.raises(BufferError):
                call()
    assert view.tobytes() == b"abcdef" * len(sources)


def test_finalizers_that_use_the_view() -> None:
    """`__del__` of the source's owner meets the view during collection."""
    seen = []

    class Owner:
        def __init__(self) -> None:
            self.view = cut(b"abcdef", (2, 4)).view()
            self.me = self

        def __del__(self) -> None:
            seen.append(self.view.tobytes())
            self.view.release()

    Owner()
    gc.collect()
    assert seen == [b"abcdef"]


@needs_fragview
def test_hashes_that_release() -> None:
    """The hash of an exporter can't release the view that asks for it."""

    class Exporter(array.array):
        def __hash__(self) -> int:
            view.release()
            return 123

    exporter = Exporter("B", b"A" * 64)
    view = FragView([exporter, b"B"]).toreadonly()
    with pytest.raises(BufferError):
        hash(view)
    with pytest.raises(BufferError):
        del exporter[:]
    assert view[63:].tobytes() == b"AB"


@needs_fragview
def test_separators_that_release() -> None:
    """Nor can the length of a separator."""

    class Separator(bytes):
        def __len__(self) -> int:
            victim.view.release()
            return 1

    for victim in victims():
        # Some versions of CPython do not ask it.
        with contextlib.suppress(BufferError):
            assert victim.view.hex(Separator(b":")) == bytes(victim.view).hex(":")
        assert victim.view[0] == 0xFF

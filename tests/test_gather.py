"""`gather()`: contiguous memory for code that needs it: the memory itself, or a copy that is written back."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import io
import weakref

import pytest

from fragmented import FragView, cut, needs_fragview, place

pytestmark = needs_fragview

DATA = bytes(range(65, 89))
KEYS = [
    slice(*row)
    for row in [(None,), (2, 20), (6, 6), (6, 6, -2), (None, None, 2), (None, None, -1), (20, 1, -3)]
]


@pytest.mark.parametrize("sizes", [(24,), (5, 0, 1, 2, 16), (1,) * 24])
@pytest.mark.parametrize("key", KEYS, ids=repr)
def test_reading(key: slice, sizes: tuple[int, ...]) -> None:
    """A contiguous memoryview of the same bytes, good for any C code."""
    fragmented = cut(DATA, sizes)
    with fragmented.view()[key].gather() as memory:
        assert type(memory) is memoryview
        assert memory.contiguous
        assert memory.tobytes() == DATA[key]
        assert hashlib.sha256(memory).digest() == hashlib.sha256(DATA[key]).digest()
    fragmented.check(DATA)


def test_one_run_is_the_memory_itself() -> None:
    """No copy where there is one run: writes show at once."""
    for options in ({}, {"writeback": True}):
        fragmented = cut(DATA, (4, 16, 4))
        view = fragmented.view()
        with view[5:19].gather(**options) as memory:
            memory[0] = 1
            assert view[5] == 1
            view[6] = 2
            assert memory[1] == 2
        fragmented.check(DATA[:5] + b"\x01\x02" + DATA[7:])


@pytest.mark.parametrize("key", KEYS, ids=repr)
def test_write_back(key: slice) -> None:
    """A scratch copy goes back when the block ends, and not before."""
    for options in ({}, {"writeback": True}):
        fragmented = cut(DATA, (5, 0, 1, 2, 16))
        with fragmented.view()[key].gather(**options) as memory:
            new = bytes(range(len(memory)))
            memory[:] = new
            if len(memory) > 2:
                fragmented.check(DATA)
        expected = bytearray(DATA)
        memoryview(expected)[key] = new
        fragmented.check(expected)


def test_no_write_back_after_an_exception() -> None:
    """An exception in the block leaves the memory alone, and comes out."""
    fragmented = cut(DATA, (5, 19))
    with pytest.raises(LookupError, match="mine"), fragmented.view().gather() as memory:
        memory[:] = bytes(24)
        raise LookupError("mine")
    fragmented.check(DATA)


def test_no_write_back_when_not_wanted() -> None:
    """`writeback=False` gives what can't be written to, in one fragment and in several."""
    for sizes in ((24,), (5, 19), (0, 24, 0)):
        fragmented = cut(DATA, sizes)
        with fragmented.view().gather(writeback=False) as memory:
            assert memory.tobytes() == DATA
            assert memory.readonly
            with pytest.raises(TypeError, match="cannot modify read-only memory"):
                memory[:] = bytes(24)
        fragmented.check(DATA)


def test_read_only_memory() -> None:
    """Read-only views give read-only memory, gathered or not."""
    mixed = FragView([place(DATA[:8]), place(DATA[8:], "bytes")])
    for view in (
        cut(DATA, (5, 19), ["bytes"]).view(),
        cut(DATA, (24,), ["bytes"]).view(),
        cut(DATA, (5, 19)).view().toreadonly(),
        mixed,
    ):
        with view.gather() as memory:
            assert memory.readonly
            assert memory.tobytes() == DATA
            with pytest.raises(TypeError):
                memory[0] = 1
        assert view.tobytes() == DATA
    with mixed[:8].gather() as memory:
        memory[0] = 1
    assert mixed[0] == 1


def test_holes() -> None:
    """Zeros, read-only."""
    view = FragView.from_extents(bytearray(DATA), [(0, 2), (None, 3), (2, 1)])
    with view.gather() as memory:
        assert memory.tobytes() == DATA[:2] + bytes(3) + DATA[2:3]
        assert memory.readonly


def test_typed_views() -> None:
    """The bytes of the items, also those that a seam cuts."""
    fragmented = cut(DATA, (5, 19))
    for args in [("H",), ("<d",), ("<IHH",), ("B", (4, 6))]:
        with fragmented.view().cast(*args).gather() as memory:
            assert memory.contiguous
            assert memory.nbytes == 24
            assert bytes(memory) == DATA
            assert memory.cast("B").tobytes() == DATA
    with fragmented.view("H").gather() as memory:
        memory.cast("B")[4:6] = b"xy"
    fragmented.check(DATA[:4] + b"xy" + DATA[6:])


def test_for_readinto() -> None:
    """The use it is made for: C code that fills contiguous memory."""
    fragmented = cut(DATA, (5, 1, 18))
    with fragmented.view()[2:12].gather() as memory:
        assert io.BytesIO(b"0123456789abc").readinto(memory) == 10
    fragmented.check(DATA[:2] + b"0123456789" + DATA[12:])


def test_nested() -> None:
    """Several at once, of ranges that do not touch and of the same range for reading."""
    fragmented = cut(DATA, (5, 19))
    view = fragmented.view()
    with (
        view[:10].gather() as one,
        view[10:].gather() as two,
        view.gather(writeback=False) as three,
    ):
        one[:] = bytes(10)
        two[:1] = b"!"
        assert three[:10].tobytes() == DATA[:10]
    fragmented.check(bytes(10) + b"!" + DATA[11:])


def test_again() -> None:
    """The view can be gathered again and again, and sees what was written between."""
    view = cut(bytes(24), (5, 19)).view()
    for i in range(1, 100):
        with view.gather() as memory:
            assert set(memory.tolist()) == {i - 1}
            memory[:] = bytes([i] * 24)


def test_memory_is_let_go() -> None:
    """After the block nothing holds the sources longer than the view."""
    for parts in (1, 2):
        source = bytearray(DATA)
        whole = memoryview(source)
        view = FragView([whole[:5], whole[9:]] if parts == 2 else whole)
        del whole
        with view.gather() as memory:
            with pytest.raises(BufferError):
                source.append(1)
            memory[0] = 0
        del memory
        gc.collect()
        view.release()
        source.append(1)


def test_a_scratch_that_is_kept() -> None:
    """Memory kept beyond the block is safe, and writes to it reach nothing."""
    fragmented = cut(DATA, (5, 19))
    with fragmented.view().gather() as memory:
        pass
    with contextlib.suppress(ValueError):
        memory[0] = 0
    fragmented.check(DATA)


@pytest.mark.parametrize("sizes", [(24,), (5, 19)])
def test_release_waits_for_the_block(sizes: tuple[int, ...]) -> None:
    """As with any export: no edit is lost because there is nothing left to write to."""
    fragmented = cut(DATA, sizes)
    for options in ({}, {"writeback": False}):
        view = fragmented.view()
        with view.gather(**options) as memory:
            with pytest.raises(BufferError, match="memoryview has 1 exported buffer"):
                view.release()
            with pytest.raises(BufferError), view:
                pass
            with view.gather(writeback=False), pytest.raises(BufferError, match="2 exported buffers"):
                view.release()
            if not options:
                memory[:3] = b"new"
        view.release()
        with pytest.raises(ValueError, match="released"):
            view.tobytes()
    fragmented.check(b"new" + DATA[3:])


def test_release_after_an_exception() -> None:
    fragmented = cut(DATA, (5, 19))
    view = fragmented.view()
    with pytest.raises(LookupError), view.gather():
        raise LookupError
    view.release()


def test_block_that_is_never_left() -> None:
    """A context manager that is dropped, or garbage, lets the view go."""
    view = cut(DATA, (5, 19)).view()
    entered = view.gather()
    memory = entered.__enter__()
    with pytest.raises(BufferError):
        view.release()
    del entered
    view.release()
    assert memory.tobytes() == DATA

    class Owner(bytearray):
        made: object

    owner = Owner(DATA)
    whole = memoryview(owner)
    owner.made = FragView([whole[:5], whole[9:]]).gather()
    owner.made.__enter__()
    gone = weakref.ref(owner)
    del owner, whole
    gc.collect()
    assert gone() is None


def test_wrong_calls() -> None:
    """`writeback` is a keyword, and there is no other."""
    view = cut(DATA, (5, 19)).view()
    with pytest.raises(TypeError):
        view.gather(nothing=1)
    with pytest.raises(TypeError):
        view.gather(True, False)

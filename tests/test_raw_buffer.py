"""The buffer protocol at the level of C: each set of flags, one fragment and many."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from fragmented import ORACLE, FragView, cut, needs_fragview, place, same_error
from rawbuffer import FORMAT, INDIRECT, LAYOUTS, STRIDES, WRITABLE, Answer, answer, item, request

DATA = bytes(range(65, 89))
FLAGS = {
    f"{name}{'|FORMAT' * f}{'|WRITABLE' * w}": flags | f * FORMAT | w * WRITABLE
    for (name, flags), f, w in itertools.product(LAYOUTS.items(), (0, 1), (0, 1))
}
MAKERS: dict[str, Any] = {
    "bytes": lambda v: v,
    "slice": lambda v: v[3:17],
    "empty": lambda v: v[3:3],
    "H": lambda v: v.cast("H"),
    "d": lambda v: v.cast("d"),
    "c": lambda v: v.cast("c"),
    "2-D": lambda v: v.cast("B", (4, 6)),
    "3-D": lambda v: v.cast("H", (2, 3, 2)),
    "row": lambda v: v.cast("B", (1, 24)),
    "column": lambda v: v.cast("B", (24, 1)),
    "0-D": lambda v: v[:8].cast("d", []),
    "readonly": lambda v: v.toreadonly(),
}


@pytest.mark.parametrize("flags", FLAGS)
@pytest.mark.parametrize("make", MAKERS)
def test_one_fragment(make: str, flags: str) -> None:
    """A contiguous range answers exactly as a memoryview of the same memory."""
    part = place(DATA)
    view = MAKERS[make](FragView(part))
    expected = answer(MAKERS[make](part), FLAGS[flags])
    got = answer(view, FLAGS[flags])
    if make == "empty" and isinstance(expected, Answer) and isinstance(got, Answer):
        # Where nothing begins does not matter.
        expected, got = expected._replace(buf=0), got._replace(buf=0)
        expected, got = expected._replace(readonly=False), got._replace(readonly=False)
    assert got == expected


@pytest.mark.parametrize("flags", FLAGS)
def test_one_read_only_fragment(flags: str) -> None:
    """Read-only memory refuses a writable request."""
    for kind in ("bytes", "toreadonly"):
        part = place(DATA, kind)
        got = answer(FragView(part), FLAGS[flags])
        assert got == answer(part, FLAGS[flags])
        assert got is BufferError or not FLAGS[flags] & WRITABLE


@needs_fragview
@pytest.mark.parametrize("flags", FLAGS)
@pytest.mark.parametrize("sizes", [(24,), (4, 0, 20), (8, 8, 8), (2,) * 12, (6, 6, 12)], ids=repr)
@pytest.mark.parametrize("make", [name for name in MAKERS if name != "d"])
def test_many_fragments(make: str, sizes: tuple[int, ...], flags: str) -> None:
    """Across seams only INDIRECT is granted; then each item is found by the rules of PEP 3118."""
    wanted = FLAGS[flags]
    fragmented = cut(DATA, sizes)
    view, memory = MAKERS[make](fragmented.view()), MAKERS[make](memoryview(bytearray(DATA)))
    contiguous = len(view.fragments) <= 1
    got = answer(view, wanted)
    if wanted & WRITABLE and memory.readonly:
        assert got is BufferError
        return
    if not contiguous and (wanted & INDIRECT != INDIRECT or make == "0-D"):
        assert got is BufferError
        return
    expected = answer(memory, wanted)
    if not isinstance(expected, Answer):
        assert got is expected
        return
    assert isinstance(got, Answer)
    for name in ("len", "itemsize", "ndim", "format", "shape"):
        assert getattr(got, name) == getattr(expected, name), name
    if make != "empty":
        assert got.readonly == expected.readonly
    if wanted & INDIRECT != INDIRECT:
        return
    if not contiguous:
        assert got.suboffsets is not None
        assert max(got.suboffsets) >= 0
    shape = memory.shape
    with request(view, wanted) as held:
        found = b"".join(item(held, key) for key in itertools.product(*map(range, shape)))
    assert found == memory.tobytes()
    fragmented.check(DATA)


@needs_fragview
def test_strided_views() -> None:
    """A strided view is granted with strides at the most, and its items are the right ones."""
    for sizes in [(24,), (5, 19), (1,) * 24]:
        view = cut(DATA, sizes).view()
        for key in (slice(None, None, 2), slice(None, None, -1), slice(20, 3, -3)):
            for name, flags in FLAGS.items():
                got = answer(view[key], flags)
                if flags & INDIRECT == INDIRECT:
                    with request(view[key], flags) as held:
                        found = b"".join(item(held, (i,)) for i in range(len(DATA[key])))
                    assert found == DATA[key]
                elif flags & 0xFF & ~(STRIDES | FORMAT | WRITABLE) or not flags & 0x10:
                    assert got is BufferError, name


@needs_fragview
def test_a_seam_inside_an_item() -> None:
    """An item across a seam can't be exported at all, and the message says what to do."""
    view = cut(DATA, (5, 19)).view("H")
    for flags in FLAGS.values():
        assert answer(view, flags) is BufferError
    assert isinstance(answer(view[3:], FLAGS["SIMPLE"]), Answer)
    assert isinstance(answer(view[:2], FLAGS["SIMPLE"]), Answer)
    with pytest.raises(BufferError) as caught:
        memoryview(view)
    for name in ("tobytes()", "fragments", "gather()"):
        assert name in str(caught.value)


@needs_fragview
def test_mixed_memory() -> None:
    """A writable request needs every fragment of the range writable."""
    view = FragView([place(DATA[:8]), place(DATA[8:16], "bytes"), place(DATA[16:])])
    for flags in FLAGS.values():
        if flags & WRITABLE:
            assert answer(view, flags) is BufferError
            assert isinstance(answer(view[:8], flags), Answer) or (flags & FORMAT and not flags & 8)
        if flags & INDIRECT == INDIRECT and not flags & WRITABLE:
            got = answer(view, flags)
            assert isinstance(got, Answer)
            assert got.readonly


def test_a_released_view() -> None:
    """A released view grants nothing."""
    view, memory = cut(DATA, (24,)).view(), memoryview(bytearray(DATA))
    view.release()
    memory.release()
    for flags in FLAGS.values():
        error = same_error(lambda v, f=flags: request(v, f).__enter__(), view, memory)
        assert error.kind is ValueError


def test_a_held_buffer_holds_the_view() -> None:
    """While a buffer is held the view can't be released; after it, it can."""
    for sizes in [(24,), (5, 19)]:
        if ORACLE and len(sizes) > 1:
            continue
        view = cut(DATA, sizes).view()
        with request(view, INDIRECT), request(view, INDIRECT | FORMAT):
            with pytest.raises(BufferError):
                view.release()
            assert view[0] == DATA[0]
        view.release()

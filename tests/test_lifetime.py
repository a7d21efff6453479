"""Release, `with`, weak references, cycles, and how long sources stay held."""

from __future__ import annotations

import array
import contextlib
import gc
import mmap
import sys
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from fragmented import FragView, cut, needs_fragview

DATA = bytes(range(97, 121))
SPLITS = [(24,), (1,) * 24, (5, 0, 1, 2, 16)]

# Each attribute and method that memoryview has on every version, and how a released one is asked.
USES: dict[str, Callable[[Any], Any]] = {
    name: (lambda v, n=name: getattr(v, n))
    for name in [
        "obj",
        "nbytes",
        "readonly",
        "format",
        "itemsize",
        "ndim",
        "shape",
        "strides",
        "suboffsets",
        "c_contiguous",
        "f_contiguous",
        "contiguous",
    ]
}
USES |= {
    "len": len,
    "item": lambda v: v[0],
    "slice": lambda v: v[1:],
    "set item": lambda v: v.__setitem__(0, 1),
    "set slice": lambda v: v.__setitem__(slice(0, 1), b"a"),
    "delete": lambda v: v.__delitem__(0),
    "wrong item": lambda v: v["a"],
    "cast": lambda v: v.cast("B"),
    "wrong cast": lambda v: v.cast("Z"),
    "tobytes": lambda v: v.tobytes(),
    "tolist": lambda v: v.tolist(),
    "hex": lambda v: v.hex(),
    "toreadonly": lambda v: v.toreadonly(),
    "hash": hash,
    "iter": list,
    "reversed": lambda v: list(reversed(v)),
    "in": lambda v: 3 in v,
    "memoryview": memoryview,
    "bytes": bytes,
    "enter": lambda v: v.__enter__(),
}
BEYOND: dict[str, Callable[[Any], Any]] = {
    "count": lambda v: v.count(1),
    "index": lambda v: v.index(1),
    "fragments": lambda v: len(v.fragments),
    "extents": lambda v: v.extents(),
    "locate": lambda v: v.locate(0),
    "gather": lambda v: v.gather().__enter__(),
    "unpack_from": lambda v: v.unpack_from("B"),
    "pack_into": lambda v: v.pack_into("B", 0, 1),
    "iter_unpack": lambda v: list(v.iter_unpack("B")),
}

ONE_DIMENSION = ("iter", "reversed", "in", "count", "index")


@pytest.mark.parametrize("use", [*USES, *(pytest.param(n, marks=needs_fragview) for n in BEYOND)])
def test_a_released_view(use: str) -> None:
    """Everything but repr, release and comparison is a ValueError, for each split and after each way."""
    for sizes in SPLITS:
        fragmented = cut(DATA, sizes)
        view = fragmented.view()
        with view:
            view.tolist()
        shaped = fragmented.view("B", (2, 12))
        shaped.release()
        # Iteration of more dimensions is refused before the release is seen.
        for released in (view,) if use in ONE_DIMENSION else (view, shaped):
            with pytest.raises(ValueError, match="released"):
                (USES | BEYOND)[use](released)
        fragmented.check(DATA)


def test_release() -> None:
    """Twice is fine; slices and casts made before live on, each with its own release."""
    for sizes in SPLITS:
        view = cut(DATA, sizes).view()
        part, typed, frozen = view[2:5], view.cast("H"), view.toreadonly()
        assert view.release() is None
        assert view.release() is None
        assert part.tobytes() == DATA[2:5]
        typed.release()
        assert frozen.tobytes() == DATA
        part[0] = 1
        assert frozen[2] == 1


def test_context_manager() -> None:
    """`with` gives the view itself and releases it, also when the block raises."""
    view = cut(DATA, (5, 19)).view()
    with view as inside:
        assert inside is view
        with view[2:]:
            pass
        view[0] = 1
    with pytest.raises(ValueError, match="released"):
        view.tolist()
    view = cut(DATA, (5, 19)).view()
    with pytest.raises(LookupError), view:
        raise LookupError
    with pytest.raises(ValueError, match="released"):
        view.tolist()
    with cut(DATA, (5, 19)).view() as view:
        view.release()


@needs_fragview
def test_sources_are_held_and_let_go() -> None:
    """While any view or slice lives, bytearrays can't resize, mmaps can't close, arrays can't grow."""
    sources: list[Any] = [bytearray(b"abcdef"), mmap.mmap(-1, 6), array.array("B", b"abcdef")]

    def change() -> list[str]:
        refused = []
        for source, name in zip(sources, ("append", "close", "append"), strict=True):
            try:
                getattr(source, name)(*([1] if name == "append" else []))
            except BufferError:
                refused.append(type(source).__name__)
        return refused

    view = FragView(sources)
    part = view[2:4]
    assert len(change()) == 3
    view.release()
    assert len(change()) == 3
    memory = memoryview(part)
    del part
    assert len(change()) == 3
    memory.release()
    del memory
    gc.collect()
    assert change() == []
    assert sources[1].closed


@needs_fragview
def test_one_export_for_many_slices() -> None:
    """Slices of one exporter share one export: none is left behind, however many there were."""
    source = bytearray(200_000)
    whole = memoryview(source)
    view = FragView([whole[i : i + 1] for i in range(0, 200_000, 2)])
    assert len(view) == 100_000
    assert view.obj is source
    del whole
    with pytest.raises(BufferError):
        source.append(1)
    parts = [view[i:] for i in range(1000)]
    view.release()
    with pytest.raises(BufferError):
        source.append(1)
    del parts
    source.append(1)


@needs_fragview
def test_slices_of_a_released_memoryview() -> None:
    """The view's hold on the memory does not depend on the memoryviews it was made of."""
    source = bytearray(b"abcdef")
    parts = [memoryview(source)[i : i + 1] for i in range(6)]
    view = FragView(parts)
    for part in parts:
        part.release()
    with pytest.raises(BufferError):
        source.append(1)
    assert view.tobytes() == b"abcdef"
    view.release()
    source.append(1)


@needs_fragview
def test_references_are_given_back() -> None:
    """Making, slicing, casting, failing and releasing leave the source's reference count as it was."""
    source = bytearray(DATA)
    before = sys.getrefcount(source)
    for _ in range(50):
        view = FragView([source, memoryview(source)[3:9], b"x"])
        part = view[2:30:3]
        typed = view[:24].cast("H")
        memory = memoryview(view)
        list(view.fragments)
        view.extents()
        with contextlib.suppress(TypeError):
            view.cast("I")
        with contextlib.suppress(TypeError):
            FragView([source, None])
        with contextlib.suppress(ValueError):
            FragView.from_extents(source, [(100, 1)])
        assert view.obj
        del part, typed, memory, view
    gc.collect()
    assert sys.getrefcount(source) == before
    source.append(1)


def test_weak_references() -> None:
    """A view can be referred to weakly; the callback runs when it goes."""
    view = cut(DATA, (5, 19)).view()
    gone: list[Any] = []
    reference = weakref.ref(view, gone.append)
    assert reference() is view
    table = weakref.WeakValueDictionary({1: view})
    assert table[1] is view
    del view
    gc.collect()
    assert reference() is None
    assert gone == [reference]
    assert len(table) == 0


class Source(bytearray):
    """Memory that can refer to anything."""

    other: Any


@pytest.mark.usefixtures("collected")
@pytest.mark.parametrize(
    "make",
    [
        lambda s: FragView(s),
        pytest.param(lambda s: FragView([s, b"abc", memoryview(s)[1:3]]), marks=needs_fragview),
        pytest.param(lambda s: FragView([FragView(s), s])[::2], marks=needs_fragview),
        lambda s: FragView(s).cast("H"),
        lambda s: iter(FragView(s)),
        lambda s: [FragView(s)],
        pytest.param(lambda s: FragView([s, b"abc"]).fragments, marks=needs_fragview),
        pytest.param(lambda s: FragView(s).iter_unpack("<H"), marks=needs_fragview),
    ],
)
def test_cycles(make: Callable[[Any], Any]) -> None:
    """A source that refers to a view of itself is collected."""
    source = Source(b"abcdef")
    source.other = make(source)
    alive = weakref.ref(source)
    del source
    gc.collect()
    assert alive() is None


@pytest.mark.usefixtures("collected")
@needs_fragview
def test_a_cycle_of_two_sources() -> None:
    """Two sources that refer to views of each other are collected."""
    one, two = Source(b"abc"), Source(b"def")
    one.other, two.other = FragView([two, b"x"]), FragView([one, two])
    alive = [weakref.ref(one), weakref.ref(two)]
    del one, two
    gc.collect()
    assert [r() for r in alive] == [None, None]


@pytest.mark.usefixtures("collected")
@needs_fragview
def test_collection_with_a_live_export() -> None:
    """The collector may meet a view whose memory is exported; the memoryview stays good."""
    source = Source(DATA)
    source.other = FragView([memoryview(source)[:7], memoryview(source)[9:]])
    memory = memoryview(source.other)
    del source
    for _ in range(3):
        gc.collect()
    assert memory.tobytes() == DATA[:7] + DATA[9:]
    memory[0] = 1
    assert memory[0] == 1


def test_garbage_of_many_views() -> None:
    """A thousand short-lived views leave no garbage behind."""
    fragmented = cut(DATA, (5, 19))
    gc.collect()
    for _ in range(1000):
        fragmented.view()[1:5].cast("H").tolist()
    assert gc.collect() < 1000
    assert gc.garbage == []

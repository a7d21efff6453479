"""`a + b` and `splice`: new views, against what a bytearray does."""

from __future__ import annotations

import array
import gc
import itertools
import struct
import weakref
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fragmented import all_splits, cut, exporters, needs_fragview, resizable, spans
from fragview import FragView

pytestmark = needs_fragview

DATA = bytes(range(65, 72))
BOUNDS = (None, *range(-9, 10), -(10**30), 10**30)


def edited(data: bytes, start: int | None, stop: int | None, put: bytes) -> bytes:
    """What slice assignment makes of it."""
    expected = bytearray(data)
    expected[start:stop] = put
    return bytes(expected)


def check(view: FragView, expected: bytes) -> None:
    """All ways to read say the same."""
    assert view.tobytes() == expected
    assert len(view) == len(expected)
    assert view.tolist() == list(expected)
    assert [view[i] for i in range(len(expected))] == list(expected)
    assert b"".join(view.fragments) == expected
    assert all(len(fragment) for fragment in view.fragments)


def test_every_range_of_every_split() -> None:
    for sizes in itertools.islice(all_splits(len(DATA)), 0, None, 7):
        fragmented = cut(DATA, sizes, ("bytearray", "bytes", "numpy"))
        view = fragmented.view()
        for start, stop in itertools.product(BOUNDS, BOUNDS):
            check(view.splice(start, stop), edited(DATA, start, stop, b""))
            check(view.splice(start, stop, b"xy"), edited(DATA, start, stop, b"xy"))
        for start, stop in itertools.product(range(8), range(8)):
            check(view.splice(start, stop, view), edited(DATA, start, stop, DATA))
            check(view.splice(start, stop, view[start:stop]), edited(DATA, start, stop, DATA[start:stop]))
            check(view.splice(start, stop, view[::-2]), edited(DATA, start, stop, DATA[::-2]))
            check(view[::-1].splice(start, stop, b"!"), edited(DATA[::-1], start, stop, b"!"))
            check(view[1::2].splice(start, stop, view), edited(DATA[1::2], start, stop, DATA))
            check(view[start:] + view[:stop], DATA[start:] + DATA[:stop])
        fragmented.check(DATA)


@pytest.mark.parametrize(
    ("put", "expected"),
    [
        (b"", b""),
        (bytearray(b"ab"), b"ab"),
        (memoryview(b"abcd")[::2], b"ac"),
        (np.frombuffer(b"abcdef", np.uint8).reshape(3, 2)[:, 0], b"ace"),
        (array.array("B", b"xyz"), b"xyz"),
        (FragView([b"a", b"bc"])[1:], b"bc"),
        (FragView.from_extents(b"abc", [(2, 1), (None, 2)]), b"c\0\0"),
        ([], b""),
        ([b"a", bytearray(b"b"), FragView(b"cd"), b""], b"abcd"),
        pytest.param(
            (fragment for fragment in (b"a", b"b")),
            b"ab",
            marks=pytest.mark.thread_unsafe(reason="a generator serves once"),
        ),
    ],
)
def test_what_may_be_put_in(put: Any, expected: bytes) -> None:
    view = FragView([b"12", b"345"])
    check(view.splice(1, -1, put), b"1" + expected + b"5")
    check(view.splice(replacement=[], stop=None, start=None), b"")


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        (
            (0, 1, "text"),
            TypeError,
            r"splice\(\): a bytes-like object or an iterable of them is required, not 'str'",
        ),
        ((0, 1, 5), TypeError, r"splice\(\): a bytes-like object or an iterable"),
        ((0, 1, None), TypeError, r"splice\(\): a bytes-like object or an iterable"),
        ((0, 1, [b"a", "b"]), TypeError, r"splice\(\) item 1: a bytes-like object is required, not 'str'"),
        ((0.5, 1), TypeError, "slice indices must be integers"),
        ((0, "1"), TypeError, "slice indices must be integers"),
        ((0,), TypeError, "stop"),
        ((0, 1, array.array("H", [1])), ValueError, r"formats differ: 'B' \(1 byte.* and 'H' \(2 bytes"),
        ((0, 1, [b"a", array.array("H", [1])]), ValueError, "formats differ: 'B' .* and 'H'"),
    ],
)
def test_what_may_not(arguments: Any, error: type[Exception], text: str) -> None:
    view = FragView([b"12", b"345"])
    with pytest.raises(error, match=text):
        view.splice(*arguments)
    check(view, b"12345")


def test_items_of_any_format() -> None:
    numbers = FragView([b"\1\0\2", b"\0\3\0\4\0"]).cast("H")
    new = numbers.splice(1, 2, array.array("H", [7, 8, 9]))
    assert (new.format, new.itemsize, new.tolist()) == ("H", 2, [1, 7, 8, 9, 3, 4])
    assert numbers.splice(1, 3).tolist() == [1, 4]
    assert numbers.splice(-1, None, b"").tolist() == [1, 2, 3], "nothing has no format that could differ"
    assert (numbers + numbers[::-1]).tolist() == [1, 2, 3, 4, 4, 3, 2, 1]
    assert (numbers + b"").tolist() == [1, 2, 3, 4]
    records = FragView([struct.pack("<HB", 1, 2), struct.pack("<HB", 3, 4)]).cast("<HB")
    assert (records.splice(0, 0, records[1:]) + records[:1]).tolist() == [(3, 4), (1, 2), (3, 4), (1, 2)]
    with pytest.raises(ValueError, match=r"formats differ: 'H' .* and '<HB' .*cast them to one format"):
        numbers.splice(0, 0, records)
    with pytest.raises(ValueError, match=r"formats differ: '<HB' .* and 'B'"):
        records + b"abc"


def test_dimensions() -> None:
    """As for slices: one dimension only. A sum has one, as a join of views has."""
    grid = FragView([b"abc", b"def"]).cast("B", (2, 3))
    with pytest.raises(NotImplementedError, match="multi-dimensional"):
        grid.splice(0, 1)
    with pytest.raises(TypeError, match="0-dim"):
        FragView(b"a").cast("B", ()).splice(0, 1)
    assert ((grid + b"!").shape, (FragView(b"!") + grid[1:]).tobytes()) == ((7,), b"!def")
    assert (FragView(b"a").cast("B", ()) + b"b").tobytes() == b"ab"
    check(FragView(b"..").splice(1, 1, grid[::-1]), b".defabc.")


def test_sums() -> None:
    view = FragView([b"b", b"c"])
    for other in (b"a", bytearray(b"a"), memoryview(b"a"), array.array("B", b"a"), FragView(b"a")):
        assert type(view + other) is FragView
        check(view + other, b"bca")
        check(FragView(other) + view, b"abc")
    check(sum([view, view], start=FragView()), b"bcbc")
    total = view
    total += b"d"
    check(total, b"bcd")
    check(view, b"bc")
    for other in (5, 1.5, "a", None, [b"a"], (b"a",), object()):
        with pytest.raises(TypeError, match=r"unsupported operand type\(s\) for \+: 'fragview.FragView' and"):
            view + other
        with pytest.raises(TypeError):
            other + view
        assert view.__add__(other) is NotImplemented


def test_bytes_on_the_left() -> None:
    """The operator is then that of bytes, and gives bytes, as with a memoryview."""
    assert type(b"a" + FragView(b"b")) is bytes
    assert type(bytearray(b"a") + FragView(b"b")) is bytearray
    with pytest.raises((TypeError, BufferError)):
        b"a" + FragView([b"b", b"c"])


def test_writes_go_to_the_memory_that_is_shown() -> None:
    """An edit moves no byte: old and new views, and their exports, show the same memory."""
    one, two = bytearray(b"abcdef"), bytearray(b"12")
    view = FragView([one, bytearray(b"-")])
    part, export = view[1:4], memoryview(view)
    new = view.splice(2, 5, two)
    new[1:4] = b"BXY"
    assert (one, two) == (b"aBcdef", b"XY")
    assert (bytes(part), bytes(export)) == (b"Bcd", b"aBcdef-")
    export[0] = ord("A")
    assert new.tobytes() == b"ABXYf-"
    old_export = memoryview(new)
    for old in (export, part, view):
        old.release()
    two[0] = ord("Z")
    assert bytes(old_export) == b"ABZYf-"
    repeated = new.splice(0, 0, new[:2])
    repeated[0] = 1
    assert (repeated[2], new[0], one[0]) == (1, 1, 1)


def test_readonly_belongs_to_the_range() -> None:
    writable = bytearray(b"abc")
    view = FragView([writable, b"def"]).splice(1, 1, b"__").splice(0, 0, FragView(writable).toreadonly())
    assert view.tobytes() == b"abca__bcdef"
    flags = [not view[i : i + 1].readonly for i in range(len(view))]
    assert flags == [False] * 3 + [True, False, False, True, True] + [False] * 3
    sealed = FragView(writable).toreadonly()
    mixed = sealed.splice(1, 2, writable) + bytearray(b"!")
    assert [mixed[i : i + 1].readonly for i in range(len(mixed))] == [True, False, False, False, True, False]
    with pytest.raises(TypeError, match="read-only"):
        mixed[:2] = b"xy"
    assert mixed.tobytes() == b"aabcc!"


def test_released_views_and_those_that_become_so() -> None:
    view = FragView([b"abc", b"d"])

    class Index:
        def __index__(self) -> int:
            view.release()
            return 1

    def fragments() -> Any:
        yield b"x"
        view.release()

    with pytest.raises(ValueError, match="released"):
        view.splice(Index(), 2)
    for call in (lambda: view.splice(0, 1), lambda: view + b"", lambda: FragView() + view):
        with pytest.raises(ValueError, match="released"):
            call()
    view = FragView([b"abc", b"d"])
    with pytest.raises(ValueError, match="released"):
        view.splice(0, 1, fragments())
    other = FragView(b"x")
    view, released = FragView([b"abc", b"d"]), FragView(b"y")
    released.release()
    for put in (released, [other, released]):
        with pytest.raises(ValueError, match="released"):
            view.splice(0, 1, put)

    def broken() -> Any:
        yield b"x"
        raise LookupError

    with pytest.raises(LookupError):
        view.splice(0, 1, broken())
    check(view, b"abcd")


def test_too_long() -> None:
    huge = FragView.from_extents(b"", [(None, 2**63 - 2)])
    with pytest.raises(OverflowError):
        huge + b"ab"
    with pytest.raises(OverflowError):
        huge.splice(0, 1, huge)
    assert len(huge + b"a") == 2**63 - 1
    assert huge.splice(1, -1, b"a").tobytes() == b"\0a\0"


@given(
    st.lists(
        st.tuples(
            st.integers(-30, 40),
            st.integers(-30, 40),
            st.one_of(
                st.binary(max_size=4),
                st.tuples(st.integers(-20, 20), st.integers(-20, 20), st.sampled_from([1, 1, -1, 2, -3])),
                st.lists(st.tuples(st.integers(0, 20), st.integers(0, 5)), max_size=4),
            ),
        ),
        max_size=30,
    ),
    st.integers(0, 255),
)
def test_random_edits(edits: list[Any], byte: int) -> None:
    """Any edits of any versions; each version stays what it was, and writes show in all of them."""
    arena = bytearray(range(100, 126))
    # What each byte of a version is: a place in the arena, or a constant.
    view, model = FragView(arena), list(range(26))
    versions = [(view, model)]
    for start, stop, put in edits:
        if isinstance(put, bytes):
            content, added = put, [-1 - value for value in put]
        elif isinstance(put, tuple):
            old_view, old_model = versions[start % len(versions)]
            content, added = old_view[slice(*put)], old_model[slice(*put)]
        else:
            content = spans(arena, put)
            added = [place for first, length in put for place in range(first, first + length)]
        view, model = view.splice(start, stop, content), model.copy()
        model[start:stop] = added
        if len(model) > 300:
            view, model = view[:50], model[:50]
        versions.append((view, model))
    for index in range(0, 26, 3):
        arena[index] = (byte + index) % 256
    for view, model in versions:
        expected = bytes(arena[place] if place >= 0 else -1 - place for place in model)
        assert view.tobytes() == expected
        objects = exporters(view)
        # Where a fragment lies: in the arena, or in bytes that were put in.
        for (source, first, length), fragment in zip(view.extents(), view.fragments, strict=True):
            assert bytes(objects[source][first : first + length]) == bytes(fragment)


def test_where_the_bytes_lie_after_many_edits() -> None:
    """`obj`, `extents()` and `locate()` with hundreds of sources, which edited views share."""
    sources = [bytearray([i % 256]) * 4 for i in range(300)]
    view, model = FragView(sources), [(i, at) for i in range(300) for at in range(4)]
    extra = [bytearray(b"new!") for _ in range(500)]
    old = view
    for step, new in enumerate(extra):
        start = step * 7919 % len(model)
        view = view.splice(start, start + 5, new)
        model[start : start + 5] = [(300 + step, at) for at in range(4)]
        sources.append(new)
    objects = view.obj
    places = [(id(objects[s]), first + i) for s, first, length in view.extents() for i in range(length)]
    assert places == [(id(sources[s]), at) for s, at in model]
    assert len({id(exporter) for exporter in objects}) == len(objects)
    assert view.tobytes() == bytes(sources[s][at] for s, at in model)
    for index in range(0, len(model), 37):
        fragment, within = view.locate(index)
        assert view.fragments[fragment][within] == view[index]
    assert old.obj == tuple(sources[:300])
    total = old + view + old
    assert total.tobytes() == old.tobytes() + view.tobytes() + old.tobytes()
    assert [id(o) for o in total.obj[:300]] == [id(s) for s in sources[:300]]


def test_ten_thousand_edits() -> None:
    """They neither nest nor pile up; to let the last view go is no deeper than to let the first one go."""
    view = FragView([b"%07d" % i for i in range(2000)])
    expected = bytearray(view)
    versions = []
    for step in range(10_000):
        start = step * 7919 % len(expected)
        put = b"<%d>" % step
        view = view.splice(start, start + len(put), put)
        expected[start : start + len(put)] = put
        if step % 1000 == 0:
            versions.append((view, bytes(expected)))
    check(view[:500], bytes(expected[:500]))
    assert view == expected
    assert len(view.fragments) <= 2000 + 2 * 10_000
    for version, content in versions:
        assert version == content
    small = FragView(b"ab")
    for _ in range(100_000):
        small = small.splice(1, 2, b"c")
    check(small, b"ac")
    assert len(small.obj) <= 3


class Source(bytearray):
    """Memory that can refer to anything, and be referred to weakly."""

    other: Any


@pytest.mark.parametrize("count", [3, 300])
def test_sources_are_let_go(count: int) -> None:
    """With few owners and with many, which are shared: all are free once no view shows them."""
    sources = [Source(b"abc") for _ in range(count)]
    view = FragView(sources)
    new = view.splice(4, 5, b"x")
    newer = new.splice(0, 1) + view
    part = newer[2:]
    for kept in (view, new, newer):
        del kept
    del view, new
    with pytest.raises(BufferError):
        sources[0].append(1)
    assert part.tobytes() == (b"abcaxc" + b"abc" * (count - 2) + b"abc" * count)[3:]
    del newer, part
    for source in sources:
        source.append(1)


@pytest.mark.parametrize("count", [3, 300])
def test_cycles_through_edits(count: int) -> None:
    """Sources that refer to views made of each other are collected, but not while one is in use."""
    sources = [Source(b"abc") for _ in range(count)]
    view = FragView(sources)
    edits = [view.splice(i, i + 2, b"x") for i in range(4)]
    edits += [edits[0] + view, edits[1].splice(2, 3, edits[2])]
    for source, edit in zip(sources, itertools.cycle([view, *edits]), strict=False):
        source.other = edit
    alive = [weakref.ref(source) for source in sources]
    kept = edits[-1]
    expected = kept.tobytes()
    del source, sources, view, edits, edit
    for _ in range(3):
        gc.collect()
        assert kept.tobytes() == expected
    assert any(reference() for reference in alive)
    kept[:2].tobytes()
    del kept
    gc.collect()
    assert [reference() for reference in alive] == [None] * count


def test_the_collector_sees_each_owner_once() -> None:
    """A list of owners that memories share must not count once for each: that would free what is in use."""
    sources = [Source(b"abc") for _ in range(200)]
    alive = [weakref.ref(source) for source in sources]
    views = [FragView(sources)]
    del sources
    for step in range(50):
        views.append(views[-1].splice(step, step + 1, Source(b"n")))
    for _ in range(3):
        gc.collect()
    assert all(reference() for reference in alive)
    holder: list[Any] = [views[:25]]
    holder.append(holder)
    del holder, views[:25]
    gc.collect()
    assert all(reference() is not None for reference in alive)
    assert all(view.tobytes().endswith(b"abc") for view in views)
    del views
    gc.collect()
    assert not any(reference() for reference in alive)


def test_a_small_rest_holds_what_it_shows() -> None:
    """An edit of a small part of a view does not hold all that the view holds."""
    sources = [bytearray(b"abc") for _ in range(1000)]
    part = FragView(sources)[:30].splice(1, 2, b"x")
    for source in sources[10:]:
        source.append(1)
    with pytest.raises(BufferError):
        sources[9].append(1)
    assert part.tobytes() == b"axc" + b"abc" * 9


def test_a_view_of_an_edited_view_holds_what_it_shows() -> None:
    sources = [bytearray(b"abc") for _ in range(300)]
    edited = FragView(sources).splice(0, 450)
    assert not any(resizable(source) for source in sources), "half of a list is held whole"
    lean = FragView([edited])
    del edited
    assert [resizable(source) for source in sources] == [True] * 150 + [False] * 150
    assert lean.tobytes() == b"abc" * 150

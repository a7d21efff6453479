"""`find` and the like, against `bytes` on the same bytes."""

from __future__ import annotations

import array
import itertools
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fragmented import FragView, all_splits, cut, cuts_of, needs_fragview, normal
from interrupted import raises_soon

pytestmark = needs_fragview

METHODS = ("find", "rfind", "index", "count", "startswith", "endswith")


def outcome(call: Callable[..., Any], *args: Any) -> Any:
    try:
        return call(*args)
    except Exception as error:
        return type(error), normal(str(error))


def same(view: Any, data: bytes, *args: Any, methods: Sequence[str] = METHODS) -> None:
    """All methods give what those of `data` give, the words of errors included."""
    for name in methods:
        expected = outcome(getattr(data, name), *args)
        assert outcome(getattr(view, name), *args) == expected, (name, data, args)


def texts(letters: str, most: int) -> Iterator[bytes]:
    for length in range(most + 1):
        for text in itertools.product(letters, repeat=length):
            yield "".join(text).encode()


def test_every_small_haystack_and_needle() -> None:
    """Exhaustive, over several ways to cut each haystack."""
    needles = list(texts("ab", 3))
    for data in texts("ab", 6):
        for made in cuts_of(data):
            view = made.view()
            for needle in needles:
                same(view, data, needle)
                assert (needle in view) is (needle in data)


BOUNDS = (None, 0, 1, 3, 5, 6, 7, 100, -1, -5, -6, -7, -100, 2**100, -(2**100), sys.maxsize, -sys.maxsize - 1)


def test_every_bound() -> None:
    """Bounds that are absent, None, negative, huge, in any order."""
    data = b"abaaba"
    for sizes in [(6,), (1,) * 6, (2, 0, 3, 1)]:
        view = cut(data, sizes).view()
        for needle in (b"", b"a", b"ab", b"aba", b"abaaba", b"abaabaa", b"x"):
            same(view, data, needle)
            for start in BOUNDS:
                same(view, data, needle, start)
                for stop in BOUNDS:
                    same(view, data, needle, start, stop)


def test_bounds_of_other_types() -> None:
    """What has `__index__` is a bound, and other things are not."""
    view, data = cut(b"abaaba", (2, 4)).view(), b"abaaba"
    for bound in (True, np.int8(2), np.uint64(2**63)):
        same(view, data, b"a", bound)
        same(view, data, b"a", 0, bound)
    for bound in (1.0, "1", b"1", [], object):
        same(view, data, b"a", bound)
        same(view, data, b"a", 0, bound)
    assert view.find(b"a", *(1, 3)) == 2
    for name in METHODS:
        with pytest.raises(TypeError):
            getattr(view, name)(b"a", 0, 1, 2)
        with pytest.raises(TypeError):
            getattr(view, name)()


def test_single_integers() -> None:
    """A byte is an integer of 0 to 255; `bytes` says what else is wrong."""
    data = bytes(range(256)) + b"\x05\xff"
    for sizes in [(258,), (1,) * 258, (100, 158)]:
        view = cut(data, sizes).view()
        for byte in [*range(256), True, np.uint8(7)]:
            same(view, data, byte, methods=("find", "rfind", "count"))
            assert byte in view
            assert view.index(byte) == data.index(byte)
        for wrong in (-1, 256, 2**70, -(2**70), 1.0, "a", None, [1], object()):
            same(view, data, wrong, methods=("find", "rfind"))
    # NumPy's integers are buffers, and `bytes` takes them so where it finds.
    same(view, data, np.int16(0x0706), methods=("find", "rfind"))


def test_items_stay_items() -> None:
    """`count`, `index` and `in` keep memoryview's meaning for what is no buffer."""
    data = b"abcabc"
    for code in "Bbc":
        view, items = cut(data, (1, 3, 2)).view(code), memoryview(data).cast(code).tolist()
        for value in (97, 97.0, -1, 256, 2**70, None, "a", True, *items):
            if isinstance(value, bytes) and code != "c":
                continue
            assert view.count(value) == items.count(value)
            assert (value in view) is (value in items)
            assert outcome(view.index, value, 1) == (
                items.index(value, 1)
                if value in items[1:]
                else (ValueError, normal("memoryview.index(x): x not found"))
            )
            if code != "c" or not isinstance(value, bytes):
                assert view.count(value, 1) == items[1:].count(value)
                assert view.count(value, -4, 5) == items[-4:5].count(value)
                assert view.count(value, None, -3) == items[:-3].count(value)
    signed = cut(b"\xff\x80\x7f", (2, 1)).view("b")
    assert (signed.count(-1), signed.index(-128), 127 in signed, 255 in signed) == (1, 1, True, False)
    assert signed.find(255) == 0
    with pytest.raises(TypeError):
        signed.index(-1, None)


def test_needles_of_all_kinds() -> None:
    """Any buffer is a needle: its bytes in order, whatever its format, also with gaps."""
    data = b"one string, two strings"
    view = cut(data, (5, 3, 4, 11)).view()
    arena = bytearray(b"s-t-r-i-n-g-s")
    needles: list[Any] = [
        bytearray(b"string"),
        memoryview(b"string"),
        array.array("H", b"string"),
        np.frombuffer(b"string", dtype=np.uint16),
        np.array([[115, 116, 114], [105, 110, 103]], dtype=np.uint8),
        memoryview(arena)[:-2:2],
        FragView([b"str", b"ing"]),
        FragView([b"str", b"ing"]).cast("H"),
        FragView(arena)[:-2:2],
        view[4:10],
    ]
    for needle in needles:
        assert (view.find(needle), view.rfind(needle), view.index(needle)) == (4, 16, 4)
        assert view.count(needle) == 2
        assert needle in view
        assert view.startswith(needle, 4)
        assert view.startswith((b"x", needle), 4)
        assert view.endswith(needle, None, 10)
        assert not view.startswith(needle)
    backwards = view[::-1]
    assert backwards.find(b"gnirts") == 1
    assert backwards.find(view[9:3:-1]) == 1
    assert view[::2].count(data[::2]) == 1
    assert view in view
    assert FragView() in view


def test_affixes() -> None:
    """`startswith` and `endswith`: tuples, and the words of their errors."""
    data = b"abaaba"
    for sizes in [(6,), (1,) * 6, (2, 4)]:
        view = cut(data, sizes).view()
        affixes: list[Any] = [
            (),
            (b"",),
            (b"x", b"ab"),
            (b"x", b"ba"),
            (b"abaabaa",),
            (b"ab", 1),
            (1, b"ab"),
            ((b"ab",),),
            1,
            "ab",
            None,
            [b"ab"],
        ]
        for affix in affixes:
            same(view, data, affix, methods=("startswith", "endswith"))
            same(view, data, affix, 2, methods=("startswith", "endswith"))
            same(view, data, affix, -4, 5, methods=("startswith", "endswith"))


def test_only_bytes() -> None:
    """Views of other items are refused, with the call that helps; other dimensions and released views too."""
    view = cut(bytes(8), (3, 5)).view()
    for other in (view.cast("H"), view.cast("<I"), view.cast("d")):
        for name in ("find", "rfind", "startswith", "endswith"):
            with pytest.raises(TypeError, match=r"cast\('B'\)"):
                getattr(other, name)(b"\0\0")
        assert b"\0\0" not in other
        assert other.count(b"\0\0") == 0
    for name in METHODS:
        with pytest.raises(NotImplementedError):
            getattr(view.cast("B", (2, 4)), name)(b"\0")
    view.release()
    for name in METHODS:
        with pytest.raises(ValueError, match="released"):
            getattr(view, name)(b"\0")
    with pytest.raises(ValueError, match="released"):
        b"\0" in cut(b"a", (1,)).view()[:0] or b"\0" in view
    other = cut(b"ab", (1, 1)).view()
    with pytest.raises(ValueError, match="released"):
        other.find(view)


class Evil:
    """Releases a view when it is asked for its number."""

    def __init__(self, view: Any) -> None:
        self.view = view

    def __index__(self) -> int:
        self.view.release()
        return 1


def test_a_bound_that_releases_the_view() -> None:
    """All arguments are fetched before the memory is touched."""
    for name in METHODS:
        for args in ((0,), (0, 1)):
            source = bytearray(b"ab")
            view = FragView([source, b"c"])
            with pytest.raises(ValueError, match="released"):
                getattr(view, name)(b"b", *args[:-1], Evil(view))
            source.clear()
    view = FragView([bytearray(b"ab"), b"c"])
    with pytest.raises(ValueError, match="released"):
        view.find(Evil(view))


def test_long_needles_of_small_fragments() -> None:
    """Needles longer than any fragment, periodic ones, and those that end one byte wrong.

    A quadratic search takes hours, and runs into pytest's timeout.
    """
    data = b"ab" * 150_000 + b"b"
    views = [FragView([data]), FragView(memoryview(data)[i : i + 1] for i in range(len(data)))]
    for view in views:
        for needle in (data, data[1:], data[:-1], data[1:-1], b"ab" * 70_000 + b"b", b"ab" * 70_000 + b"x"):
            for name in METHODS:
                expected = outcome(getattr(data, name), needle) if len(needle) > 200_000 else None
                got = outcome(getattr(view, name), needle)
                if expected is not None:
                    assert got == expected
        assert view.find(b"ab" * 70_000 + b"b") == 160_000
        assert view.rfind(b"ab" * 70_000 + b"x") == -1


def test_holes() -> None:
    """Holes are zeros, of any length, and cost nothing."""
    huge = 2**60
    view = FragView.from_extents(b"headtail", [(0, 4), (None, huge), (4, 4), (None, huge)])
    assert view.find(b"tail") == huge + 4
    assert view.find(b"\0tail\0") == huge + 3
    assert view.rfind(b"d\0") == 3
    assert view.find(b"\0x\0") == view.rfind(b"\0x\0") == -1
    assert view.count(0) == 2 * huge
    assert view.count(b"\0\0\0") == 2 * (huge // 3)
    assert view.count(b"") == len(view) + 1
    assert view.rfind(bytes(100)) == len(view) - 100
    assert view[::-1].find(b"liat") == huge
    assert 1 not in view
    assert view.startswith(b"head\0\0")
    assert view.endswith(bytes(1000))
    # A needle is copied, so that it stays the same while it is searched for.
    with pytest.raises(MemoryError):
        view.find(view[1:])
    assert view.find(view, 1) == -1


PARTS = st.lists(
    st.tuples(st.sampled_from((1, 3, 64, 1000, 16384, 40000)), st.sampled_from((b"a", b"ab", b"\0", b"aab"))),
    min_size=1,
    max_size=6,
)


@given(PARTS, st.data())
@example([(40000, b"ab"), (1, b"a")], None)
def test_large_fragments(parts: list[tuple[int, bytes]], draw: Any) -> None:
    """Large and small fragments beside each other; needles from around the seams."""
    fragments = [(pattern * length)[:length] for length, pattern in parts]
    data = b"".join(fragments)
    view = FragView(fragments)
    if draw is None:
        start, length = 39_990, 11
    else:
        start = draw.draw(st.integers(0, len(data)))
        length = draw.draw(st.sampled_from((0, 1, 2, 5, 100, 20_000, 40_000)))
    needle = data[start : start + length]
    low = draw.draw(st.integers(-len(data), len(data))) if draw else 0
    for wanted in (needle, needle + b"x", needle[::-1]):
        same(view, data, wanted)
        same(view, data, wanted, low)


@given(st.binary(max_size=40), st.lists(st.sampled_from((0, 1, 2, 5)), max_size=12), st.data())
def test_any_bytes(data: bytes, sizes: list[int], draw: Any) -> None:
    """Any bytes, cut anywhere, any needle, any bounds, any step."""
    sizes = [
        size for total, size in zip(itertools.accumulate(sizes), sizes, strict=True) if total <= len(data)
    ]
    view = cut(data, [*sizes, len(data) - sum(sizes)]).view()
    step = draw.draw(st.sampled_from((1, 1, 2, -1, -3)))
    view, data = view[::step], data[::step]
    some = st.integers(0, 40)
    start = draw.draw(some)
    needle = draw.draw(st.one_of(st.binary(max_size=3), st.just(data[start : start + draw.draw(some)])))
    bounds = draw.draw(st.lists(st.one_of(st.none(), st.integers(-50, 50)), max_size=2))
    same(view, data, needle, *bounds)
    assert (needle in view) is (needle in data)


def test_every_split() -> None:
    """One text, cut in all ways."""
    data = b"abcabcab"
    for sizes in all_splits(len(data)):
        view = cut(data, sizes).view()
        for start, stop in itertools.combinations(range(len(data) + 1), 2):
            same(view, data, data[start:stop])


def test_other_threads_run_and_change_bytes() -> None:
    """A long search lets other threads run, which may write what is searched, and cannot release it."""
    source = bytearray(8 << 20)
    view = FragView(memoryview(source)[i : i + 4096] for i in range(0, len(source), 4096))
    stop = False
    refused = 0

    def scribble() -> None:
        nonlocal refused
        value = 0
        while not stop:
            value = (value + 1) % 250
            source[value :: 1 << 16] = bytes([value]) * len(source[value :: 1 << 16])
            try:
                view[:1].release()
                view.cast("B").release()
            except BufferError:
                refused += 1

    thread = threading.Thread(target=scribble)
    thread.start()
    try:
        for _ in range(20):
            assert view.find(b"\xff") == -1
            assert view.rfind(b"\xff\xff") == -1
            assert view.count(b"\xff" * 1000) == 0
            assert view.find(b"\0\0") >= 0
    finally:
        stop = True
        thread.join()


@pytest.mark.unix
@pytest.mark.thread_unsafe(reason="signal handlers are the main thread's")
def test_a_search_can_be_interrupted() -> None:
    """A signal's exception ends a search that would take for ever."""
    thin = FragView.from_blocks(bytes(1 << 20), [0] * (1 << 20), 1 << 20)[::2]
    for call in (lambda: thin[::-1].count(b"\0\1"), lambda: thin.count(b"x\1")):
        raises_soon(call)

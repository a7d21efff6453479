"""The view as a sequence: iteration, `in`, count, index, patterns and the abstract classes."""

from __future__ import annotations

import collections.abc
import sys
from typing import Any

import pytest

from fragmented import ORACLE, FragView, cut, needs_fragview, same_error

DATA = bytes([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8])
SPLITS = [(12,), (1,) * 12, (5, 0, 1, 2, 4), (6, 6), (11, 1)]
needs_lookup = pytest.mark.skipif(ORACLE and sys.version_info < (3, 14), reason="memoryview has it from 3.14")


@pytest.mark.parametrize("code", ["B", "c", "H", "i"])
def test_iteration(code: str) -> None:
    """Forward and backward, with strides, twice, and by hand."""
    memory = memoryview(DATA).cast(code)
    for sizes in SPLITS:
        view = cut(DATA, sizes).view(code)
        for key in (slice(None), slice(None, None, -1), slice(1, None, 2), slice(2, 2)):
            assert list(view[key]) == list(memory[key])
            assert list(reversed(view[key])) == list(reversed(memory[key]))
        step = iter(view)
        assert iter(step) is step
        assert [next(step), next(step), *step] == list(memory)
        assert next(step, None) is None
        first, *rest = view
        assert [first, *rest] == list(memory)


def test_two_iterators() -> None:
    """Iterators do not disturb each other, and see writes made meanwhile."""
    for sizes in SPLITS:
        view = cut(DATA, sizes).view()
        assert [(a, b) for a in view for b in view] == [(a, b) for a in DATA for b in DATA]
        step = iter(view)
        next(step)
        view[1] = 77
        assert next(step) == 77


def test_an_iterator_keeps_the_view() -> None:
    """A view that only its iterator knows lives on."""
    step = iter(cut(DATA, (5, 7)).view())
    back = reversed(cut(DATA, (5, 7)).view())
    assert list(step) == list(DATA)
    assert list(back) == list(DATA[::-1])


def test_in() -> None:
    """Every byte value, other types, and the empty view."""
    for sizes in SPLITS:
        view = cut(DATA, sizes).view()
        for value in range(256):
            assert (value in view) is (value in DATA)
        assert 3.0 in view
        assert True in view
        for value in (None, "3", 3.5, -1, 256, 2**70, (), float("nan")):
            assert value not in view
        assert 9 not in view[6:]
        assert 9 in view[::-1]
    assert 0 not in cut(b"", ()).view()


@needs_lookup
def test_count() -> None:
    """Items that are equal, as list.count has it."""
    for sizes in SPLITS:
        for code in "Bc":
            view = cut(DATA, sizes).view(code)
            items = memoryview(DATA).cast(code).tolist()
            for value in [*items, 0, 3.0, True, None, "a", 2**70]:
                assert view.count(value) == items.count(value)
                assert view[::-2].count(value) == items[::-2].count(value)
    assert cut(b"", ()).view().count(0) == 0


@needs_lookup
@pytest.mark.parametrize("sizes", SPLITS)
def test_index(sizes: tuple[int, ...]) -> None:
    """The first position between start and stop, as list.index has it."""
    view, items = cut(DATA, sizes).view(), list(DATA)
    bounds = [-(2**70), -20, -12, -5, -1, 0, 1, 6, 11, 12, 20, 2**70]
    for value in (1, 3, 5, 8, 5.0, 77, None, "a", 2**70):
        assert_same_index(view, items, (value,))
        for start in bounds:
            assert_same_index(view, items, (value, start))
            for stop in bounds:
                assert_same_index(view, items, (value, start, stop))


def assert_same_index(view: Any, items: list[Any], args: tuple[Any, ...]) -> None:
    try:
        expected = items.index(*args)
    except ValueError:
        with pytest.raises(ValueError):
            view.index(*args)
    else:
        assert view.index(*args) == expected


@needs_lookup
def test_index_and_count_of_items() -> None:
    """Typed items, also across seams; NaN is found by identity only, so never."""
    data = memoryview(bytes(range(24))).cast("H")
    for sizes in [(24,), (1,) * 24, (5, 19)]:
        view = cut(bytes(range(24)), sizes).view("H")
        for i, value in enumerate(data.tolist()):
            assert view.index(value) == i
            assert view.count(value) == 1
            assert value in view
    with pytest.raises(TypeError):
        view.index(1, "a")
    with pytest.raises(TypeError):
        view.index(1, 0, 1.0)


@needs_lookup
def test_lookup_in_other_dimensions() -> None:
    """Only one dimension can be searched."""
    for shape in [(2, 6), (12, 1), (1, 2, 6)]:
        view = cut(DATA, (5, 7)).view("B", shape)
        with pytest.raises(NotImplementedError):
            view.index(1)
        with pytest.raises(NotImplementedError):
            view.count(1)
    view = cut(DATA[:1], (1,)).view("B", [])
    for call in (view.index, view.count):
        with pytest.raises(TypeError):
            call(1)


@needs_lookup
def test_lookup_with_a_raising_eq() -> None:
    """An exception of `__eq__` comes out."""

    class Bad:
        def __eq__(self, other: object) -> bool:
            raise LookupError("mine")

        __hash__ = None  # type: ignore[assignment]

    view = cut(DATA, (5, 7)).view()
    for call in (
        view.index,
        view.count,
        view.__contains__ if hasattr(view, "__contains__") else view.index,
    ):
        with pytest.raises(LookupError, match="mine"):
            call(Bad())


def test_patterns() -> None:
    """A view matches sequence patterns."""
    for sizes in SPLITS:
        match cut(DATA, sizes).view():
            case [3, second, *rest]:
                assert second == 1
                assert rest == list(DATA[2:])
            case _:
                pytest.fail("no sequence")
        match cut(DATA, sizes).view()[:0]:
            case []:
                pass
            case _:
                pytest.fail("not empty")


def test_abstract_classes() -> None:
    """`collections.abc` knows what a view is."""
    view = cut(DATA, (5, 7)).view()
    for name in ("Sequence", "Reversible", "Sized", "Iterable", "Hashable"):
        assert isinstance(view, getattr(collections.abc, name))
        assert issubclass(FragView, getattr(collections.abc, name))
    assert isinstance(view, collections.abc.Sequence)
    assert not isinstance(view, collections.abc.Mapping)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="Buffer is new in 3.12")
def test_buffer_class() -> None:
    """`collections.abc.Buffer` and `__buffer__`."""
    view = cut(DATA, (12,)).view()
    assert isinstance(view, collections.abc.Buffer)
    assert issubclass(FragView, collections.abc.Buffer)
    assert view.__buffer__(0).tolist() == list(DATA)


@pytest.mark.skipif(ORACLE and sys.version_info < (3, 14), reason="memoryview has it from 3.14")
def test_generic() -> None:
    """FragView[int] is a generic alias for type hints."""
    alias = FragView[int]
    assert alias.__origin__ is FragView
    assert alias.__args__ == (int,)


def test_no_other_operators() -> None:
    """What bytes have and memoryview has not is a TypeError, not a surprise."""
    view, memory = cut(DATA, (5, 7)).view(), memoryview(DATA)
    for call in (lambda v: v * 2, lambda v: v % (), lambda v: -v, lambda v: v()):
        same_error(call, view, memory)


@needs_fragview
def test_module() -> None:
    """The class says where it lives, as a user imports it."""
    assert FragView.__module__ == "fragview"
    assert FragView.__qualname__ == FragView.__name__ == "FragView"
    assert FragView.__doc__

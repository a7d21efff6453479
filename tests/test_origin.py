"""`origin`: where an item lies, against the rows of `extents()`."""

from __future__ import annotations

import array
import itertools
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fragmented import FragView, needs_fragview

pytestmark = needs_fragview

formats = pytest.importorskip("fragview.formats")


def expected(view: Any) -> list[tuple[int, int]]:
    """The source and offset of each item's first byte, from the rows of `extents()`."""
    flat = [
        (source, offset + step if source >= 0 else 0)
        for source, offset, length in view.extents()
        for step in range(length)
    ]
    return flat[:: view.itemsize]


def check(view: Any) -> None:
    """Every index, from either end, as numbers and as arrays of several types."""
    places = expected(view)
    assert len(places) == len(view)
    assert [view.origin(i) for i in range(len(view))] == places
    assert [view.origin(i - len(view)) for i in range(len(view))] == places
    for kind in ("int64", "uint16", ">i4"):
        sources, offsets = view.origin(np.arange(len(view)).astype(kind))
        assert (sources.dtype, offsets.dtype) == (np.int64, np.int64)
        assert list(zip(sources.tolist(), offsets.tolist(), strict=True)) == places
    for index in (len(view), -len(view) - 1, 2**62):
        with pytest.raises(IndexError, match="out of bounds"):
            view.origin(index)


SOURCES = [bytes(range(20)), bytearray(30), b"x" * 7]
extents = st.lists(
    st.tuples(st.one_of(st.none(), st.integers(0, 15)), st.integers(0, 4)), min_size=0, max_size=12
)


@given(st.lists(st.tuples(st.integers(0, 1), extents), max_size=4))
def test_against_extents(parts: list[tuple[int, list[tuple[int | None, int]]]]) -> None:
    view = FragView([FragView.from_extents(SOURCES[which], rows) for which, rows in parts])
    check(view)
    for start, stop in itertools.product((None, 1, 5), (None, 3, -1)):
        check(view[start:stop])
    if len(view) % 2 == 0:
        check(view.cast("H"))


@pytest.mark.parametrize("step", [2, 3, -1, -3])
def test_with_a_step(step: int) -> None:
    view = FragView([b"abc", SOURCES[0], b"xyz", SOURCES[1]])
    check(view[::step])
    check(view.cast("H")[::step])


def test_strided_and_typed_sources() -> None:
    check(FragView(np.arange(9, dtype="<i4")[::2]))
    check(FragView(np.arange(9, dtype="<i4")))


def test_many_sources() -> None:
    """Sources are numbered as in `obj`, each once, and for each range anew."""
    buffers = [bytes([n]) * 3 for n in range(200)]
    view = FragView([*buffers, *buffers[::-1]])
    check(view)
    part = view[300:900]
    check(part)
    check(view[1:-1])
    assert part.obj[part.origin(7)[0]] is buffers[(300 + 7) // 3]


def test_arrays_of_other_kinds() -> None:
    view = FragView.from_extents(b"3:one4:some", [(2, 3), (7, 4)])
    sources, offsets = view.origin(array.array("i", [0, 3, -1]))
    assert isinstance(offsets, memoryview)
    assert (sources.tolist(), offsets.tolist(), offsets.format) == ([0, 0, 0], [2, 7, 10], "q")
    assert [a.tolist() for a in view.origin(np.array([], np.int64))] == [[], []]
    assert view.origin(np.int64(3)) == (0, 7)
    with pytest.raises(IndexError, match=r"^index 1: 7 is out of bounds of a view of 7 items$"):
        view.origin(np.array([6, 7]))
    for wrong in (1.5, "1", None, [1, 2], np.array([1.5]), np.zeros((2, 2), int)):
        with pytest.raises(TypeError):
            view.origin(wrong)
    grid = view[:6].cast("B", (2, 3))
    with pytest.raises(NotImplementedError):
        grid.origin(0)
    view.release()
    with pytest.raises(ValueError, match="released"):
        view.origin(0)


def test_callbacks() -> None:
    view = FragView(b"abc")

    class Evil:
        def __index__(self) -> int:
            view.release()
            return 1

    with pytest.raises(ValueError, match="released"):
        view.origin(Evil())


def records(*contents: bytes) -> bytes:
    sizes = [len(text).to_bytes(4, "little") for text in contents]
    return b"".join(size + text + size for size, text in zip(sizes, contents, strict=True))


def test_container(tmp_path: Any) -> None:
    """The offset is that of the file, also of a stream within a stream, and of joined volumes."""
    inner = records(b"one", b"three")
    outer = records(b"x", inner)
    path = tmp_path / "outer"
    path.write_bytes(outer)
    with formats.open(path, "fortran") as container:
        for name in container:
            view = container[name]
            for index in range(-len(view), len(view)):
                source, offset = container.origin(name, index)
                assert (source, outer[offset]) == (0, view[index])
        again = container.open("record[1]", "fortran")
        sources, offsets = again.origin("all_records_joined", np.arange(8))
        assert bytes(outer[offset] for offset in offsets) == b"onethree"
        assert not sources.any()
        with pytest.raises(KeyError):
            container.origin("nothing", 0)
        assert pickle.loads(pickle.dumps(container)).origin("record[0]", 0) == (0, 4)
    with pytest.raises(ValueError, match="closed"):
        container.origin("record[0]", 0)
    cuts = [outer[:20], outer[20:21], outer[21:]]
    joined = formats.open(cuts, "fortran")
    for name in joined:
        places = [joined.origin(name, index) for index in range(len(joined[name]))]
        assert bytes(cuts[source][offset] for source, offset in places) == joined[name].tobytes()
        sources, offsets = joined.origin(name, np.arange(len(places)))
        assert list(zip(sources.tolist(), offsets.tolist(), strict=True)) == places


def test_an_index_costs_no_list_of_extents() -> None:
    """A million fragments: a hundred thousand indices in less than the lists of a hundred would take."""
    view = FragView.from_extents(bytes(3_000_000), [(at * 3, 2) for at in range(1_000_000)])
    indices = np.arange(0, 2_000_000, 20)
    sources, offsets = view.origin(indices)
    assert offsets.tolist() == (indices // 2 * 3 + indices % 2).tolist()
    assert not sources.any()

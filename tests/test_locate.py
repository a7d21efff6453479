"""`extents()` and `locate`: where the bytes of a view lie."""

from __future__ import annotations

import numpy as np
import pytest

from fragmented import FragView, cut, exporters, needs_fragview

pytestmark = needs_fragview

DATA = bytes(range(65, 89))


def test_extents() -> None:
    """Rows of (source index, offset in the source, length), which NumPy reads as one table."""
    one, two = bytearray(DATA), bytearray(DATA)
    view = FragView([memoryview(one)[3:9], two, memoryview(one)[0:1], b"", memoryview(two)[20:]])
    table = np.asarray(view.extents())
    assert table.shape == (4, 3)
    assert np.issubdtype(table.dtype, np.integer)
    assert table[:, 1:].tolist() == [[3, 6], [0, 24], [0, 1], [20, 4]]
    assert [exporters(view)[s] for s in table[:, 0]] == [one, two, one, two]
    assert all(exporters(view)[s] is o for s, o in zip(table[:, 0], (one, two, one, two), strict=True))
    again = FragView.from_extents(one, np.ascontiguousarray(table[table[:, 0] == table[0, 0]][:, 1:]))
    assert again.tobytes() == DATA[3:9] + DATA[0:1]


@pytest.mark.parametrize(
    "key",
    [
        slice(None),
        slice(2, 20),
        slice(6, 6),
        slice(None, None, 2),
        slice(None, None, -1),
        slice(20, 1, -3),
    ],
    ids=repr,
)
def test_extents_of_slices(key: slice) -> None:
    """They say where the range's own bytes lie, in its order."""
    one, two = bytearray(DATA), bytearray(DATA[::-1])
    view = FragView([memoryview(one)[3:9], memoryview(two)[4:20], memoryview(one)[9:11]])[key]
    table = memoryview(view.extents())
    assert table.ndim == 2
    assert table.shape[1] == 3
    assert len(table) == len(view.fragments)
    assert b"".join(bytes(exporters(view)[s])[o : o + n] for s, o, n in table.tolist()) == view.tobytes()
    typed = view[: len(view) // 2 * 2] if key.step in (None, 1) else None
    if typed is not None and len(typed):
        assert memoryview(typed.cast("H").extents()) == memoryview(typed.extents())


def test_extents_of_holes() -> None:
    """A hole has the source -1."""
    view = FragView.from_extents(DATA, [(3, 2), (None, 7), (0, 1)])
    rows = memoryview(view.extents()).tolist()
    assert [row[0] for row in rows] == [0, -1, 0]
    assert [row[2] for row in rows] == [2, 7, 1]
    assert memoryview(view[4:6].extents()).tolist()[0][::2] == [-1, 2]
    assert np.asarray(FragView().extents()).shape == (0, 3)


def test_locate() -> None:
    """The fragment of an index and the offset in it, for each index of each slice."""
    for sizes in [(24,), (5, 0, 1, 2, 16), (1,) * 24]:
        for key in (slice(None), slice(3, 20), slice(None, None, -1), slice(1, None, 3)):
            view = cut(DATA, sizes).view()[key]
            fragments = list(view.fragments)
            for i in range(-len(view), len(view)):
                number, offset = view.locate(i)
                assert fragments[number][offset] == view[i]
                assert 0 <= number < len(fragments)
                start = sum(map(len, fragments[:number]))
                assert start + offset == i % len(view)
            for i in (len(view), -len(view) - 1, 2**63, -(2**70)):
                with pytest.raises(IndexError):
                    view.locate(i)
    for wrong in ("a", None, 1.0, slice(1)):
        with pytest.raises(TypeError):
            view.locate(wrong)
    with pytest.raises(IndexError):
        FragView().locate(0)


def test_locate_agrees_with_numpy() -> None:
    """Over many unequal fragments, against a search in the running sums."""
    sizes = [i * i % 13 for i in range(2000)]
    source = memoryview(bytes(13 * 2000))
    view = FragView([source[13 * i : 13 * i + n] for i, n in enumerate(sizes)])
    lengths = np.array([n for n in sizes if n])
    ends = np.cumsum(lengths)
    for i in range(0, len(view), 37):
        number = int(np.searchsorted(ends, i, side="right"))
        assert tuple(view.locate(i)) == (number, i - int(ends[number] - lengths[number]))

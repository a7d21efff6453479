"""Items that are addresses of Python objects (format `O`): shown, never written, cast, pickled or copied."""

from __future__ import annotations

import copy
import ctypes
import io
import pickle
import struct
import sys
from typing import Any

import numpy as np
import pytest

from fragview import FragBuffer, FragView
from fragview._fragview import rebuild_view


def sources() -> list[Any]:
    """Arrays and structures with objects in them; the objects live for ever."""
    record = np.zeros(3, dtype=[("number", "i4"), ("it", "O"), ("O", "i2")])
    return [
        np.array([None, True, ...], dtype=object),
        np.array([None, True, ...], dtype=object)[::2],
        (ctypes.py_object * 3)(None, True, ...),
        record,
        memoryview(np.array([None, True, ...], dtype=object)),
    ]


ALL = pytest.mark.parametrize("source", sources(), ids=lambda source: memoryview(source).format)


@ALL
def test_nothing_is_written(source: Any) -> None:
    """By no door: items, slices, files, structs, edits, streams, other exports."""
    before = memoryview(source).tobytes()
    size = memoryview(source).itemsize
    view = FragView(source)
    assert view.readonly
    views = [view, FragView([view, view]), FragView(memoryview(view)), view[1:], view + view]
    views += [FragView.from_extents(source, [(0, size)]), FragBuffer([source]).view(), view.splice(0, 1)]
    views += [view[::-1]]
    for each in views:
        assert each.readonly
        with pytest.raises((TypeError, NotImplementedError)):
            each[0] = 1
        with pytest.raises((TypeError, ValueError, NotImplementedError)):
            each[:] = each
        with pytest.raises((TypeError, struct.error, NotImplementedError)):
            each.pack_into("B", 0, 1)
        with pytest.raises((TypeError, io.UnsupportedOperation)):
            each.open().write(b"\1")
        with pytest.raises((TypeError, io.UnsupportedOperation)):
            each.read_from(io.BytesIO(bytes(size)))
        assert memoryview(each[:1]).readonly
        with each[:1].gather() as one:
            assert one.readonly
    with pytest.raises(TypeError):
        FragView(bytes(size)).open().readinto(source)
    assert memoryview(source).tobytes() == before


@ALL
def test_casts_are_refused(source: Any) -> None:
    """As NumPy refuses them; memoryview casts, and lets its user write addresses."""
    with pytest.raises(TypeError, match="addresses of Python objects"):
        FragView([source]).cast("B")
    with pytest.raises(TypeError, match="array of references"):
        np.array([None], object).view("B")
    with pytest.raises(ValueError, match="is not"):
        FragView(bytes(8)).cast("O")


@ALL
@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickles_and_copies_are_refused(source: Any, protocol: int) -> None:
    view = FragView(source)
    with pytest.raises(TypeError, match="addresses of Python objects"):
        pickle.dumps(view, protocol)
    with pytest.raises(TypeError, match="addresses of Python objects"):
        copy.deepcopy(view)
    with pytest.raises(BufferError, match="addresses of Python objects"):
        FragView([view, view]).gather().__enter__()


def test_a_pickle_makes_no_objects() -> None:
    """Bytes of a stranger are never taken for addresses."""
    size = struct.calcsize("P")
    row = struct.pack("<4q", 0, 0, size, 1)
    assert rebuild_view([bytes(size)], row, "P", size, [1])[0] == 0
    for fmt in ("O", "<O", "T{O:a:}", "T{i:O:O:b:}"):
        with pytest.raises(ValueError, match="pickle of the FragView is invalid"):
            rebuild_view([bytes(size)], row, fmt, size, [1])
    assert rebuild_view([bytes(size)], row, "T{q:O:}", size, [1]).format == "T{q:O:}"


def test_reading_is_numpys() -> None:
    """An array of the view has the objects themselves, while the source lives."""
    marker = object()
    source = np.array([marker, None], dtype=object)
    count = sys.getrefcount(marker)
    array = np.asarray(FragView(source))
    assert array.dtype == object
    assert array[0] is marker
    with pytest.raises(ValueError, match="read-only"):
        array[0] = None
    del array
    assert sys.getrefcount(marker) == count


def test_names_of_fields_are_no_formats() -> None:
    """A field that is called `O` is none of objects."""
    record = np.zeros(2, dtype=[("O", "i4"), ("Oo", "u1")])
    view = FragView(record)
    assert not view.readonly
    assert pickle.loads(pickle.dumps(view)).tobytes() == record.tobytes()

"""The attributes of a view and the calls without arguments, against memoryview's."""

from __future__ import annotations

import inspect
import sys
from typing import Any

import numpy as np
import pytest

from fragmented import ORACLE, FragView, cut, exporters, needs_fragview, place, same, spans

DATA = bytes(range(97, 121))
SPLITS = [(24,), (1,) * 24, (5, 0, 1, 2, 16), (12, 12)]
NAMES = ["nbytes", "format", "itemsize", "ndim", "shape", "strides", "suboffsets", "readonly"]
FLAGS = ["contiguous", "c_contiguous", "f_contiguous"]
SLICES = [slice(*row) for row in [(None,), (3, 17), (0, 0), (5, 6), (2, 22, 2), (None, None, -1)]]
SLICES += [slice(20, 2, -3), slice(1, 5, 100), slice(9, 3)]


@pytest.mark.parametrize("sizes", SPLITS)
@pytest.mark.parametrize("key", SLICES, ids=repr)
@pytest.mark.parametrize("code", ["B", "c", "H", "d"])
def test_attributes(code: str, key: slice, sizes: tuple[int, ...]) -> None:
    """Each attribute of each slice is memoryview's: contiguity is logical, suboffsets are none."""
    for kind in ("bytearray", "bytes"):
        view = cut(DATA, sizes, [kind]).view(code)[key]
        memory = memoryview(bytearray(DATA) if kind == "bytearray" else DATA).cast(code)[key]
        for name in NAMES + FLAGS:
            if name == "readonly" and not len(memory):
                continue  # It belongs to the range, and an empty range has no memory.
            got, expected = getattr(view, name), getattr(memory, name)
            assert got == expected, name
            assert type(got) is type(expected), name
        assert len(view) == len(memory)


def test_attributes_are_read_only() -> None:
    """No attribute can be set, and no new one added."""
    view = cut(DATA, (12, 12)).view()
    for name in [*NAMES, *FLAGS, "obj", "mine"]:
        with pytest.raises(AttributeError):
            setattr(view, name, 1)
        with pytest.raises(AttributeError):
            delattr(view, name)


def test_values_of_calls() -> None:
    """tobytes, tolist and hex over views and slices."""
    memory = memoryview(DATA)
    for sizes in SPLITS:
        view = cut(DATA, sizes, ["bytes"]).view()
        for key in SLICES:
            for name in ("tobytes", "tolist", "hex"):
                same(lambda v, n=name, k=key: getattr(v[k], n)(), view, memory)
            for args in [(":",), ("-", 2), ("_", -4), (b" ", 3), (":", 0)]:
                same(lambda v, a=args, k=key: v[k].hex(*a), view, memory)
        for args in [("::",), (1,), ("é",), ("",), (":", "x"), (None,)]:
            same(lambda v, a=args: type(v.hex(*a)), view, memory)
        same(lambda v: v.hex(sep=":", bytes_per_sep=5), view, memory)


@pytest.mark.parametrize("order", ["C", "F", "A", None, "X", 1])
def test_tobytes_order(order: Any) -> None:
    """`tobytes(order)` for one and more dimensions, strided and not."""
    for sizes in SPLITS:
        view, memory = cut(DATA, sizes).view(), memoryview(bytearray(DATA))
        for one, two in [
            (view, memory),
            (view[::-2], memory[::-2]),
            (view.cast("B", (2, 3, 4)), memory.cast("B", (2, 3, 4))),
            (view.cast("H", (3, 4)), memory.cast("H", (3, 4))),
        ]:
            same(lambda v: v.tobytes(order), one, two)
            same(lambda v: v.tobytes(order=order), one, two)


def test_len_is_of_the_first_dimension() -> None:
    """len counts items, not bytes."""
    view = cut(DATA, (5, 19)).view()
    assert (len(view), len(view.cast("I")), len(view.cast("H", (3, 4)))) == (24, 6, 3)


def test_toreadonly() -> None:
    """The copy is read-only and live; the first stays writable."""
    fragmented = cut(DATA, (5, 0, 19))
    view = fragmented.view()
    frozen = view.toreadonly()
    assert (view.readonly, frozen.readonly, frozen[3:9].readonly) == (False, True, True)
    assert frozen.cast("H").readonly
    assert memoryview(frozen).readonly
    view[0] = 1
    assert frozen[0] == 1
    with pytest.raises(TypeError, match="read-only"):
        frozen[0] = 2
    frozen.release()
    view[0] = 3
    again = view.toreadonly().toreadonly()
    view.release()
    assert again[0] == 3
    fragmented.check(b"\x03" + DATA[1:])


def test_repr() -> None:
    """The text of a live view and of a released one can be told apart."""
    view = cut(DATA, (5, 19)).view()
    assert repr(view).startswith("<")
    assert "released" not in repr(view)
    text = repr(view)
    assert str(view) == text
    view.release()
    assert "released memory" in repr(view)
    assert "released memory" in str(view)


def test_sizeof() -> None:
    """A view's own size is small, and does not count the memory."""
    view = cut(bytes(100_000), (50_000, 50_000)).view()
    assert 0 < sys.getsizeof(view) < 1000


@needs_fragview
def test_obj_of_one_exporter() -> None:
    """The exporter itself, also below memoryviews, slices, casts and many fragments of it."""
    source = bytearray(DATA)
    whole = memoryview(source)
    views = [
        FragView(source),
        FragView([source]),
        FragView(whole[3:9]),
        FragView([whole[3:9], whole[0:2], whole[::2], whole]),
        FragView.from_extents(source, [(0, 3), (9, 2)]),
        FragView.from_blocks(whole, [2, 0], 4),
    ]
    views += [
        FragView(views),
        views[3][2:5],
        views[3].cast("H"),
        views[3].toreadonly(),
        views[3][::-1],
    ]
    for view in views:
        assert view.obj is source


@needs_fragview
def test_obj_of_many_exporters() -> None:
    """A tuple of the exporters, each once."""
    one, two, three = bytearray(b"abc"), bytes(bytearray(b"def")), np.zeros(4, np.uint8)
    view = FragView([one, memoryview(two)[1:], three, one, memoryview(three), two])
    assert isinstance(view.obj, tuple)
    assert {id(o) for o in view.obj} == {id(o) for o in (one, two, three)}
    assert len(view.obj) == 3
    # Each row of extents() counts in this tuple.
    rebuilt = b"".join(
        bytes(memoryview(exporters(view)[s]))[o : o + n] for s, o, n in memoryview(view.extents()).tolist()
    )
    assert rebuilt == view.tobytes()


@needs_fragview
def test_obj_tells_equal_exporters_apart() -> None:
    """Exporters are told apart by identity, not by equality."""
    one, two = bytearray(b"abc"), bytearray(b"abc")
    view = FragView([one, two])
    assert len(view.obj) == 2
    assert view.obj[0] is one
    assert view.obj[1] is two


@needs_fragview
def test_readonly_of_overlaps() -> None:
    """The same memory, once writable and once read-only: it depends on the fragment."""
    arena = bytearray(DATA)
    parts = spans(arena, [(0, 8), (4, 8)])
    view = FragView([parts[0], parts[1].toreadonly()])
    assert (view.readonly, view[:8].readonly, view[8:].readonly) == (True, False, True)
    view[:8][5] = 1
    assert view[9] == 1


@pytest.mark.skipif(ORACLE, reason="FragView's keyword names")
def test_signatures() -> None:
    """Keyword arguments have memoryview's names; positional-only ones have none."""
    view = FragView([place(DATA[:5]), place(DATA[5:])])
    assert view.cast(format="H", shape=[12]).tolist() == memoryview(DATA).cast("H").tolist()
    assert view.tobytes(order="C") == DATA
    for name, args, kwargs in [
        ("tobytes", (1, 2), {}),
        ("tolist", (1,), {}),
        ("release", (1,), {}),
        ("toreadonly", (1,), {}),
        ("cast", ("B",), {"other": 1}),
        ("hex", (), {"other": 1}),
        ("count", (), {}),
        ("count", (1, 2, 3, 4), {}),
        ("index", (), {}),
        ("index", (1, 2, 3, 4), {}),
    ]:
        with pytest.raises(TypeError):
            getattr(view, name)(*args, **kwargs)


@pytest.mark.skipif(ORACLE, reason="FragView's own")
@pytest.mark.parametrize(
    "name", ["FragView", "Extents", "Fragments", "Gather", "Record", "RecordLayout", "RecordTable"]
)
def test_tools_read_the_signatures(name: str) -> None:
    """`inspect`, and so `help()`, IDEs and Sphinx, know what each method takes."""
    fragview = pytest.importorskip("fragview")
    assert name in fragview.__all__
    cls = getattr(fragview, name)
    for attribute, value in vars(cls).items():
        if callable(value) and not attribute.startswith("__"):
            assert inspect.signature(value).parameters, attribute
        if attribute in {"__enter__", "__exit__"}:
            assert value.__doc__
            assert not value.__doc__.startswith("Implement")


@pytest.mark.skipif(ORACLE, reason="FragView's own")
def test_signature_of_hex() -> None:
    assert str(inspect.signature(FragView.hex)) == "(self, /, sep=Ellipsis, bytes_per_sep=1)"


@needs_fragview
def test_tobytes_is_a_copy() -> None:
    """`tobytes` and `tolist` do not follow later writes."""
    view: Any = cut(DATA, (5, 19)).view()
    copied, listed = view.tobytes(), view.tolist()
    view[:] = bytes(24)
    assert (copied, bytes(listed)) == (DATA, DATA)

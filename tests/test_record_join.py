"""`trim`, `join` and `views` of a `RecordTable`: contents, joined and written through."""

from __future__ import annotations

import gc
import itertools
import struct
from typing import Any

import numpy as np
import pytest

from fragmented import FragView, cut, needs_fragview
from record_rows import DATA, LAYOUT, ROWS, SIZE, Number, RecordLayout

pytestmark = needs_fragview


@pytest.mark.parametrize("source", ["bytes", "fragments"])
def test_trim(source: str) -> None:
    rows = [b"abcd", b"efgh", b"ijklmn"]
    data = b"".join(struct.pack(">H", len(c)) + c for c in rows)
    table = RecordLayout(">H", "length").scan(
        data if source == "bytes" else cut(data, [1] * len(data)).view()
    )
    for front, back in itertools.product(range(3), range(3)):
        wanted = [c[front : len(c) - back] for c in rows]
        for trimmed in (
            table.trim(front, back),
            table.trim(front, back=back),
            table.trim([front] * 3, back),
            table.trim(front, np.full(3, back)),
            table.trim(np.full(3, front, np.uint8), (back,) * 3),
            table.trim(np.int64(front), Number(back)),
            table.trim(front).trim(0, back),
        ):
            assert [view.tobytes() for view in trimmed.views()] == wanted
            assert trimmed.lengths.tolist() == [len(c) for c in wanted]
            assert trimmed.starts.tolist() == [start + front for start in table.starts]
            # What the header says stays.
            assert trimmed.offsets == table.offsets
            assert trimmed["length"].tolist() == [4, 4, 6]
    wanted = [c[f : len(c) - b] for c, f, b in zip(rows, [0, 4, 1], [4, 0, 2], strict=True)]
    for form in (list, np.array, iter):
        trimmed = table.trim(form([0, 4, 1]), form([4, 0, 2]))
        assert [view.tobytes() for view in trimmed.views()] == wanted
    assert table.trim(0).lengths == table.lengths
    assert table.lengths.tolist() == [4, 4, 6]


@pytest.mark.parametrize(
    "amounts",
    [(5,), (0, 5), (3, 2), ([0, 5, 0],), (4, [0, 0, 3]), (2**63,), (2**64 - 1, 2**64 - 1), (0, 2**63 - 1)],
)
def test_trim_too_much(amounts: tuple[Any, ...]) -> None:
    table = RecordLayout("B", "length").scan(b"\4abcd\4efgh\6ijklmn")
    with pytest.raises(ValueError, match=r"record \d"):
        table.trim(*amounts)


@pytest.mark.parametrize(
    "wrong", [-1, [0, -1, 0], [1, 1], [1, 1, 1, 1], np.array([1]), np.array([-1, 0, 0]), []]
)
def test_trim_by_no_numbers(wrong: Any) -> None:
    """Negative ones, too few, too many."""
    table = RecordLayout("B", "length").scan(b"\4abcd\4efgh\6ijklmn")
    for call in (lambda: table.trim(wrong), lambda: table.trim(0, wrong)):
        with pytest.raises((ValueError, OverflowError)):
            call()


@pytest.mark.parametrize(
    "wrong", [1.5, "1", None, [1.5, 0, 0], [True, False, True], np.ones(3, bool), np.ones(3)]
)
def test_trim_by_another_type(wrong: Any) -> None:
    table = RecordLayout("B", "length").scan(b"\4abcd\4efgh\6ijklmn")
    with pytest.raises(TypeError):
        table.trim(wrong)


def test_trim_by_a_column() -> None:
    """A prefix whose length each record tells."""
    data = b"".join(
        struct.pack("BB", n + len(c), n) + b"p" * n + c for n, c in [(1, b"ab"), (0, b"c"), (3, b"")]
    )
    table = RecordLayout("BB", "length prefix").scan(data)
    assert table.trim(table["prefix"]).join().tobytes() == b"abc"
    assert table.trim(np.asarray(table["prefix"])).join().tobytes() == b"abc"


# --- join, views, write through ---


def test_write_through() -> None:
    """A write to a join, a view or a content is in the source."""
    arena = bytearray(DATA)
    for source in (arena, FragView(arena), FragView([memoryview(arena)[:50], memoryview(arena)[50:]])):
        arena[:] = DATA
        table = LAYOUT.scan(source)
        joined = table.where(kind=b"AA").join()
        assert not joined.readonly
        joined[:] = bytes(range(len(joined)))
        assert table.where(kind=b"AA").join().tobytes() == bytes(range(len(joined)))
        rows = [(k, p, b"") for k, p, _ in ROWS]
        assert [table[i].kind.rstrip(b"\0") for i in range(len(ROWS))] == [k for k, _, _ in rows]
        same = LAYOUT.scan(bytes(arena))
        assert same.offsets == table.offsets
        table[0].content[0] = 0x55
        table.views()[2][1] = 0x66
        assert arena[table.starts[0]] == 0x55
        assert arena[table.starts[2] + 1] == 0x66
        unchanged = set(range(len(DATA))) - {
            p for r in table for p in range(r.offset + SIZE, r.offset + SIZE + 4)
        }
        assert all(arena[place] == DATA[place] for place in unchanged)


def test_read_only_stays() -> None:
    arena = bytearray(DATA)
    for source in (DATA, memoryview(arena).toreadonly(), FragView(arena).toreadonly()):
        table = LAYOUT.scan(source)
        for view in (table.join(), table[0].content, table.views()[0]):
            assert view.readonly
            with pytest.raises(TypeError):
                view[0] = 1
    mixed = LAYOUT.scan(FragView([DATA[:30], arena[30:]]))
    assert mixed[0].content.readonly
    assert not mixed[-1].content.readonly
    assert mixed.join().readonly


def test_join_has_no_more_fragments_than_needed() -> None:
    """Empty contents make none, and contents that touch are one."""
    table = RecordLayout("B", "a", length=0).scan(bytes(9))
    assert len(table.join().fragments) == 0
    table = RecordLayout("B", "length").scan(b"\0\3abc\0\0\2de\0")
    assert len(table.join().fragments) == 2
    table = RecordLayout("B", "length").scan(b"\3abc\2de")
    assert len(table.join().fragments) == 2


def many_sources(data: bytes) -> dict[str, Any]:
    """`data` in memory of all kinds, some of which may be written."""
    memory = bytearray(data)
    whole = memoryview(memory)
    wide = np.zeros(2 * len(data), np.uint8)
    wide[::2] = list(data)
    half = len(data) // 2
    return {
        "bytes": data,
        "bytearray": memory,
        "slice": FragView([b"..", memory, b".."])[2 : 2 + len(data)],
        "sealed": FragView(memory).toreadonly(),
        "two of one": FragView([whole[:half], whole[half:]]),
        "read-only of one": FragView([whole[:half].toreadonly(), whole[half:]]),
        "many": FragView([data[i : i + 997] for i in range(0, len(data), 997)]),
        "mixed": FragView(
            [[bytes, bytearray][i % 2](data[i * 997 : i * 997 + 997]) for i in range(len(data) // 997 + 1)]
        ),
        "strided": wide[::2],
        "backwards": FragView(data[::-1])[::-1],
    }


@pytest.mark.parametrize("kind", list(many_sources(b"12")))
def test_join_of_many(kind: str) -> None:
    """More records than are joined one by one: the same view as fragment by fragment."""
    rows = [bytes([i % 251]) * (i % 7) for i in range(12_000)]
    data = b"".join(struct.pack("BB", len(c), i % 3) + c for i, c in enumerate(rows))
    source = many_sources(data)[kind]
    table = RecordLayout("BB", "length kind").scan(source)
    joined, parts = table.join(), FragView(table.views())
    assert joined == b"".join(rows)
    merged = RecordLayout("BB", "length kind").scan(FragView(source))
    assert np.array_equal(np.asarray(joined.extents()), np.asarray(merged.join().extents()))
    assert joined.readonly == parts.readonly
    for at in range(0, len(joined) - 50, 3_571):
        assert joined[at : at + 40].readonly == parts[at : at + 40].readonly
    used = {id(exporter) for exporter in (joined.obj if isinstance(joined.obj, tuple) else (joined.obj,))}
    wanted = {id(exporter) for exporter in (parts.obj if isinstance(parts.obj, tuple) else (parts.obj,))}
    assert used == wanted
    if not joined.readonly:
        joined[:] = bytes(len(joined))
        assert not any(table.join())
    groups = table.group_by("kind")
    assert sum(len(group.join()) for group in groups.values()) == len(joined)


def test_join_of_many_holds_only_what_it_uses() -> None:
    """A join of a part of the sources lets the others go."""
    parts = [bytearray(b"\1x\0" * 3_000), bytearray(b"\1y\0" * 3_000)]
    table = RecordLayout("B", "length").scan(FragView(parts))
    joined = table.where(length=1)[:3_000].join()
    many = RecordLayout("B", "a", length=0).scan(bytes(10_000)).join()
    assert len(many) == 0
    del table
    gc.collect()
    parts[1].clear()
    with pytest.raises(BufferError):
        parts[0].clear()
    assert joined == b"x" * 3_000


def test_join_of_holes() -> None:
    """Contents in holes are holes."""
    source = FragView.from_extents(b"\4ab\0c", [(0, 3), (None, 1), (4, 1)] * 6_000)
    assert len(source.fragments) == 18_000
    table = RecordLayout("B", "length").scan(source)
    joined = table.join()
    assert joined == b"ab\0c" * 6_000
    assert [joined.extents()[i][0] for i in range(3)] == [0, -1, 0]


def test_joined_join_is_flat() -> None:
    """Records inside records: the fragments lie in the file itself."""
    message = b"\6hello \5world\1!"
    places = [0, 4, 5, 11, len(message)]
    file = b"".join(b"\xaa" + bytes([b - a]) + message[a:b] + b"\xbb" for a, b in itertools.pairwise(places))
    outer = RecordLayout("BB", "mark length", trailer=1).scan(file)
    inner = RecordLayout("B", "length").scan(outer.join())
    assert inner.join().tobytes() == b"hello world!"
    assert [view.tobytes() for view in inner.views()] == [b"hello ", b"world", b"!"]
    view = inner.join()
    assert view.obj is file
    assert b"".join(file[o : o + n] for _, o, n in view.extents()) == b"hello world!"
    assert len(view.fragments) == len(view.extents())


def test_join_with_repeats(table: Any) -> None:
    picked = table[[0, 0, 2, 0]]
    assert picked.join().tobytes() == b"oneonetwo!one"
    assert [view.tobytes() for view in picked.views()] == [b"one", b"one", b"two!", b"one"]


def test_views_are_many_and_live(table: Any) -> None:
    views = table.views()
    assert len(views) == len(ROWS)
    views[0].release()
    assert views[2].tobytes() == b"two!"
    assert table[0].content.tobytes() == b"one"
    for view in views[1:]:
        view.release()

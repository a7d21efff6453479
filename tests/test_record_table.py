"""`RecordTable`: what it is and shows, and Python code that runs in the middle of its calls."""

from __future__ import annotations

import gc
import itertools
import re
import struct
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fragmented import FragView, cut, needs_fragview
from record_rows import (
    DATA,
    FIELDS,
    LAYOUT,
    ROWS,
    SIZE,
    Evil,
    Record,
    RecordLayout,
    RecordTable,
    contents,
    same_rows,
)

pytestmark = needs_fragview


def test_basics(table: Any) -> None:
    same_rows(table, ROWS)
    assert table.fields == FIELDS
    assert table.error is None
    assert table.starts.tolist() == [offset + SIZE for offset in table.offsets]


def test_no_constructor() -> None:
    for cls in (RecordTable, Record):
        with pytest.raises(TypeError):
            cls()
        with pytest.raises(TypeError):
            type("Mine", (cls,), {})


# --- what it shows ---


def test_repr(table: Any) -> None:
    """A table of the first rows."""
    lines = repr(table).splitlines()
    assert lines[0] == f"RecordTable of {len(ROWS)} records"
    assert lines[1].split() == ["offset", "content", *FIELDS]
    assert lines[2].split() == ["0", "0", "3", "3", "b'AA'", "0", "0.0"]
    assert len({len(line) for line in lines[1:]}) == 1
    assert lines[-1].split() == ["..."] * (3 + len(FIELDS))
    assert len(lines) == 2 + 10 + 1
    assert "..." not in repr(table[:10])
    assert repr(table[:1]).startswith("RecordTable of 1 record\n")
    assert repr(table[:0]).startswith("RecordTable of 0 records")
    broken = LAYOUT.scan(DATA[:-1], strict=False)
    assert "cut off" in repr(broken).splitlines()[0]


def test_html() -> None:
    """Well-formed, and escaped."""
    data = b"\0<b>&\"'\0</table>"
    table = RecordLayout("B6s", "length text").scan(data[:14])
    html = table._repr_html_()
    assert html.startswith("<table")
    assert html.endswith("</table>")
    cells = re.findall(r"<td>(.*?)</td>", html)
    assert cells[3:5] == ["0", cells[4]]
    text = re.sub(r"</?(table|caption|thead|tbody|tr|th|td)>", "", html)
    assert "<" not in text
    assert ">" not in text
    assert "&lt;b&gt;&amp;" in text
    assert html.count("<tr>") == html.count("</tr>") == 3
    assert html.count("<th>") == 5
    assert LAYOUT.scan(b"")._repr_html_().count("<td>") == 0
    broken = RecordLayout("B", "length").scan(b"\5", strict=False)
    assert "cut off" in broken._repr_html_()


# --- code that runs in between ---


def test_numbers_that_release() -> None:
    """Keys, masks and amounts that release the view that was scanned and empty its memory."""

    def kill() -> None:
        view.release()
        with pytest.raises(BufferError):
            source.clear()
        for column in columns:
            column.release()

    class Yes:
        def __iter__(self) -> Any:
            for _ in range(len(ROWS)):
                kill()
                yield True

    calls: list[Callable[[Any], Any]] = [
        lambda table: table[Evil(kill)],
        lambda table: table[Evil(kill) : Evil(kill, 5)],
        lambda table: table[[Evil(kill), Evil(kill, 2)]],
        lambda table: table[Yes()],
        lambda table: table.trim(Evil(kill)),
        lambda table: table.trim([Evil(kill)] * len(ROWS), [Evil(kill)] * len(ROWS)),
        lambda table: table.where(part=Evil(kill)),
        lambda table: table.where(part=[Evil(kill), 1]),
        lambda table: table.messages([Evil(kill)] * len(ROWS)),
        lambda table: table.messages(Yes()),
        lambda table: table[0][Evil(kill)],
    ]
    for call in calls:
        source = bytearray(DATA)
        view = FragView(source)
        table = LAYOUT.scan(view)
        columns = [table.offsets, table["part"]]
        call(table)
        assert table.join().tobytes() == b"".join(contents(ROWS))
        with pytest.raises(ValueError, match="released"):
            view[0]


def test_list_that_changes_meanwhile() -> None:
    """A list of indices that its own items empty or extend."""
    table = LAYOUT.scan(DATA)
    keys: list[Any] = []

    def extend() -> None:
        if len(keys) < 99:
            keys.append(1)

    for deed in (keys.clear, extend):
        keys += [Evil(deed) for _ in range(5)]
        assert len(table[keys]) <= 99


def test_numbers_that_raise() -> None:
    def fail() -> None:
        raise LookupError("no number")

    table = LAYOUT.scan(DATA)
    calls: list[Callable[[], Any]] = [
        lambda: table[Evil(fail)],
        lambda: table[[Evil(fail)]],
        lambda: table[Evil(fail) :],
        lambda: table.trim(Evil(fail)),
        lambda: table.trim([Evil(fail)] * len(ROWS)),
        lambda: table.where(part=Evil(fail)),
        lambda: table.where(part=[Evil(fail)]),
        lambda: table.messages([Evil(fail)]),
    ]
    for call in calls:
        with pytest.raises(LookupError, match="no number"):
            call()


def test_keys_that_are_the_table() -> None:
    """A column picks, trims and is searched for in its own table."""
    table = RecordLayout("B", "length").scan(b"\1a\0\2bc\1d")
    assert table[table["length"]].offsets.tolist() == [2, 0, 3, 2]
    assert table.trim(table.lengths).join().tobytes() == b""
    assert len(table.where(length=table["length"])) == 4
    assert [view.tobytes() for view in table.messages(table["length"])] == [b"a", b"bc", b"d"]


class Owner(bytearray):
    """Memory that can hold what is made of it."""

    made: Any


@pytest.mark.parametrize(
    "make",
    [
        lambda table: table[1:],
        lambda table: table[0],
        lambda table: table.trim(0),
        lambda table: table.where(part=0),
        lambda table: table.join(),
        lambda table: table.views(),
        lambda table: table.group_by("kind"),
        lambda table: table.messages([1] * len(ROWS)),
        lambda table: iter(table),
        lambda table: table[0].content,
    ],
)
def test_cycles(make: Callable[[Any], Any], collected: None) -> None:
    owner = Owner(DATA)
    owner.made = make(LAYOUT.scan(owner))
    gone = weakref.ref(owner)
    del owner
    gc.collect()
    assert gone() is None


@given(data=st.data())
def test_anything(data: Any) -> None:
    """Picks, trims and joins at random, against lists."""
    rows = data.draw(st.lists(st.tuples(st.integers(0, 3), st.binary(max_size=6)), max_size=12))
    raw = b"".join(struct.pack("BB", len(c), k) + c for k, c in rows)
    ends = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=4)))
    sizes = [b - a for a, b in itertools.pairwise([0, *ends, len(raw)])]
    table = RecordLayout("BB", "length kind").scan(cut(raw, sizes).view())
    wanted = list(rows)
    for _ in range(data.draw(st.integers(0, 4))):
        step = data.draw(st.sampled_from(["mask", "indices", "slice", "where", "trim"]))
        count = len(wanted)
        if step == "mask":
            mask = data.draw(st.lists(st.booleans(), min_size=count, max_size=count))
            table = table[np.array(mask, bool)]
            wanted = [row for row, keep in zip(wanted, mask, strict=True) if keep]
        elif step == "indices":
            picks = data.draw(st.lists(st.integers(-count, count - 1), max_size=12)) if count else []
            table, wanted = table[picks], [wanted[i] for i in picks]
        elif step == "slice":
            key = data.draw(st.slices(count))
            table, wanted = table[key], wanted[key]
        elif step == "where":
            kinds = data.draw(st.lists(st.integers(-1, 4), max_size=3))
            table, wanted = table.where(kind=kinds), [row for row in wanted if row[0] in kinds]
        else:
            front = [data.draw(st.integers(0, len(c))) for _, c in wanted]
            back = [data.draw(st.integers(0, len(c) - f)) for (_, c), f in zip(wanted, front, strict=True)]
            table = table.trim(front, np.array(back, np.int64))
            wanted = [(k, c[f : len(c) - b]) for (k, c), f, b in zip(wanted, front, back, strict=True)]
    assert table["kind"].tolist() == [k for k, _ in wanted]
    assert [view.tobytes() for view in table.views()] == [c for _, c in wanted]
    assert table.join().tobytes() == b"".join(c for _, c in wanted)
    assert table.lengths.tolist() == [len(c) for _, c in wanted]
    groups = {}
    for k, c in wanted:
        groups[k] = groups.get(k, b"") + c
    assert {k: t.join().tobytes() for k, t in table.group_by("kind").items()} == groups

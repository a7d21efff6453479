"""`RecordTable` and `Record`: columns, picks, joins, groups, messages; the oracle is a list of rows."""

from __future__ import annotations

import array
import collections
import contextlib
import decimal
import fractions
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

pytestmark = needs_fragview

fragview = pytest.importorskip("fragview")
RecordLayout, RecordTable, Record = fragview.RecordLayout, fragview.RecordTable, fragview.Record

HEADER = ">H2sbf"
FIELDS = ["length", "kind", "part", "real"]
LAYOUT = RecordLayout(HEADER, FIELDS, trailer=1)
ROWS = [(b"AA", 0, b"one"), (b"BB", -1, b""), (b"AA", 1, b"two!"), (b"C", -1, b"x"), (b"BB", 0, b"yz")] * 3
DATA = b"".join(struct.pack(HEADER, len(c), k, p, p / 4) + c + b"!" for k, p, c in ROWS)
SIZE = struct.calcsize(HEADER)


def contents(rows: list[Any]) -> list[bytes]:
    return [row[-1] for row in rows]


def same_rows(table: Any, rows: list[Any]) -> None:
    """The table has these rows of `ROWS`."""
    assert len(table) == len(rows)
    assert table["kind"].tolist() == [kind.ljust(2, b"\0") for kind, _, _ in rows]
    assert table["part"].tolist() == [part for _, part, _ in rows]
    assert [view.tobytes() for view in table.views()] == contents(rows)
    assert table.join().tobytes() == b"".join(contents(rows))


@pytest.fixture(params=["bytes", "fragments"])
def table(request: pytest.FixtureRequest) -> Any:
    """The same records in one fragment of memory, and byte by byte."""
    source = DATA if request.param == "bytes" else cut(DATA, [1] * len(DATA)).view()
    return LAYOUT.scan(source)


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


# --- columns ---


@pytest.mark.parametrize("order", ["<", ">", "=", "@"])
@pytest.mark.parametrize("code", [*"bBhHiIlLqQefd?", "c", "5s"])
def test_column(order: str, code: str) -> None:
    """NumPy reads a column without a copy, in this machine's byte order; read-only."""
    values: list[Any] = [0, 1, 2, 100] * 5
    if code == "?":
        values = [False, True] * 5
    elif code == "c":
        values = [b"a", b"b", b"\0"]
    elif code == "5s":
        values = [b"abcde", b"ab\0\0\0", b"\0" * 5]
    header = order + "B" + code
    table = RecordLayout(header, "length value").scan(b"".join(struct.pack(header, 0, v) for v in values))
    column = table["value"]
    assert column.tolist() == values
    assert list(column) == values
    assert column.readonly
    assert len(column) == len(values)
    array = np.asarray(column)
    assert array.dtype.isnative
    assert array.dtype.itemsize == struct.calcsize(order + code)
    assert array.tolist() == [value.rstrip(b"\0") if isinstance(value, bytes) else value for value in values]
    assert not array.flags.owndata
    assert not array.flags.writeable
    assert np.shares_memory(array, np.asarray(column))
    assert memoryview(column).contiguous
    with pytest.raises(TypeError):
        column[0] = values[1]
    with pytest.raises((ValueError, BufferError)):
        np.frombuffer(column, np.uint8).flags.writeable = True


def test_pascal_column() -> None:
    table = RecordLayout("B4p", "length name").scan(struct.pack("B4pB4p", 0, b"ab", 0, b"abcd"))
    assert table["name"].tolist() == [b"ab", b"abc"]
    assert [record.name for record in table] == [b"ab", b"abc"]
    assert table["name"].tobytes() == struct.pack("4p4p", b"ab", b"abc")


def test_columns_of_places(table: Any) -> None:
    for column in (table.offsets, table.starts, table.lengths):
        array = np.asarray(column)
        assert array.dtype == np.int64
        assert not array.flags.owndata
        assert not array.flags.writeable
        assert array.tolist() == column.tolist()


def test_column_outlives_the_table() -> None:
    """A column stays what it is; with the last of them the source is free."""
    source = bytearray(DATA)
    table = LAYOUT.scan(source)
    column, array = table["part"], np.asarray(table.offsets)
    wanted = array.tolist()
    del table
    gc.collect()
    assert column.tolist() == [part for _, part, _ in ROWS]
    assert array.tolist() == wanted
    column.release()
    del column, array
    gc.collect()
    source.clear()


def test_empty_columns() -> None:
    table = LAYOUT.scan(b"")
    for column in (table.offsets, table.starts, table.lengths, *(table[name] for name in FIELDS)):
        assert len(column) == 0
        assert column.tolist() == []
        assert len(np.asarray(column)) == 0
    assert np.asarray(table.offsets).dtype == np.int64
    assert np.asarray(table["real"]).dtype == np.float32


def test_no_such_column(table: Any) -> None:
    for call in (
        lambda: table["kinds"],
        lambda: table.group_by("kinds"),
        lambda: table.where(kinds=1),
        lambda: table[""],
        lambda: table["\udc80"],
    ):
        with pytest.raises(KeyError):
            call()
    names = "there are 'length', 'kind', 'part', 'real'"
    for call in (
        lambda: table["kinds"],
        lambda: table.group_by("kinds"),
        lambda: table.where(kinds=1),
        lambda: table[0]["kinds"],
    ):
        with pytest.raises(KeyError, match=names):
            call()
    with pytest.raises(AttributeError, match=names):
        table[0].kinds


# --- records ---


@pytest.mark.parametrize("index", [0, 1, -1, -len(ROWS), len(ROWS) - 1, np.int8(3), np.uint64(2)])
def test_record(table: Any, index: Any) -> None:
    record = table[index]
    kind, part, content = ROWS[int(index)]
    assert isinstance(record, Record)
    assert record.offset == table.offsets[int(index)]
    assert record.content.tobytes() == content
    assert (record.length, record.kind, record.part, record.real) == (
        len(content),
        kind.ljust(2, b"\0"),
        part,
        part / 4,
    )
    values = tuple(record)
    assert values == (len(content), kind.ljust(2, b"\0"), part, part / 4)
    assert len(record) == 4
    assert [record[i] for i in range(-4, 4)] == list(values) * 2
    assert record[1:3] == values[1:3]
    assert record[::-1] == values[::-1]
    assert [record[name] for name in FIELDS] == list(values)
    assert set(FIELDS) | {"offset", "content"} <= set(dir(record))
    text = repr(record)
    for name in FIELDS:
        assert f"{name}={record[name]!r}" in text


def test_wrong_field_of_a_record(table: Any) -> None:
    record = table[0]
    with pytest.raises(AttributeError, match="'kinds'"):
        record.kinds
    assert not hasattr(record, "kinds")
    with pytest.raises(KeyError, match="kinds"):
        record["kinds"]
    for index in (4, -5, 2**70):
        with pytest.raises(IndexError):
            record[index]
    for key in (1.5, None, b"kind"):
        with pytest.raises(TypeError):
            record[key]
    with pytest.raises(AttributeError):
        record.kind = b"XX"


@pytest.mark.parametrize("index", [len(ROWS), -len(ROWS) - 1, 2**63, -(2**63) - 1, 2**70])
def test_no_such_record(table: Any, index: int) -> None:
    for key in (index, [index], [0, index], np.array([index], object).tolist()):
        with pytest.raises(IndexError):
            table[key]


def test_records_are_equal_by_value(table: Any) -> None:
    """Fields, place and memory; the same record of another table of the same source is the same."""
    records, again = list(table), list(table)
    assert records == again
    assert [hash(record) for record in records] == [hash(record) for record in again]
    assert len(set(records + again)) == len(ROWS)
    for i, j in itertools.product(range(5), range(len(ROWS))):
        assert (table[i] == table[j]) == (i == j)
        assert (table[i] != table[j]) == (i != j)
    assert table[::2][1] == table[2]
    assert hash(table.where(kind=b"C")[0]) == hash(table[3])
    assert table.where(kind=b"C")[0] == table[3]
    # Another content is another record.
    trimmed = table[:1].trim(1)[0]
    assert trimmed != table[0]
    assert trimmed == table[:1].trim(1)[0]
    assert table[0] != tuple(table[0])
    assert table[0] != None  # noqa: E711
    with pytest.raises(TypeError):
        table[0] < table[1]


def test_records_of_several_scans() -> None:
    """Scans of one memory give the same records; those of a copy are others."""
    memory = bytearray(DATA)
    whole = memoryview(memory)
    sources = [
        memory,
        whole,
        FragView(memory),
        FragView([whole[:30], whole[30:]]),
        FragView([whole[:3], whole[3:]]),
    ]
    tables = [LAYOUT.scan(source) for source in sources]
    for one, other in itertools.product(tables, repeat=2):
        assert list(one) == list(other)
        assert hash(one[1]) == hash(other[1])
    copy = LAYOUT.scan(bytearray(DATA))
    assert all(one != other for one, other in zip(copy, tables[0], strict=True))
    # Another place of the same memory.
    twice = bytearray(DATA * 2)
    first, second = LAYOUT.scan(memoryview(twice)[: len(DATA)]), LAYOUT.scan(memoryview(twice)[len(DATA) :])
    assert first[0] != second[0]
    assert LAYOUT.scan(twice, 0, len(DATA))[0] == first[0]
    # Other names, other records.
    assert RecordLayout(HEADER, "length kind part other", trailer=1).scan(memory)[0] != tables[0][0]
    # One memory that has changed meanwhile.
    memory[2] ^= 1
    assert LAYOUT.scan(memory)[0] != tables[0][0]
    assert LAYOUT.scan(memory)[1] == tables[0][1]


def test_equal_values_of_a_record() -> None:
    """A value that is no number is itself; what Python takes for equal is equal."""
    memory = bytearray(struct.pack("<Bd", 0, float("nan")))
    table = RecordLayout("<Bd", "length value").scan(memory)
    assert table[0] == table[0]
    assert hash(table[0]) == hash(table[0])
    memory[1:] = struct.pack("<d", 0.0)
    zero = RecordLayout("<Bd", "length value").scan(memory)
    memory[1:] = struct.pack("<d", -0.0)
    minus = RecordLayout("<Bd", "length value").scan(memory)
    assert zero[0] == minus[0] != table[0]
    assert hash(zero[0]) == hash(minus[0])


def test_fields_can_not_be_set(table: Any) -> None:
    record = table[0]
    for name in ("kind", "offset", "content", "nothing"):
        with pytest.raises(AttributeError, match=r"^fields can't be set; write to the source$"):
            setattr(record, name, 3)
        with pytest.raises(AttributeError):
            delattr(record, name)
    assert record == table[0]


def test_iteration(table: Any) -> None:
    for records in (list(table), list(iter(table)), [*table]):
        assert [record.content.tobytes() for record in records] == contents(ROWS)
        assert [record.part for record in records] == [part for _, part, _ in ROWS]
    assert [record.part for record in reversed(table)] == [part for _, part, _ in ROWS[::-1]]
    assert isinstance(table, collections.abc.Iterable)
    assert isinstance(table[0], collections.abc.Iterable)


def test_record_holds_the_table() -> None:
    source = bytearray(DATA)
    record = LAYOUT.scan(source)[3]
    gc.collect()
    assert record.content.tobytes() == b"x"
    with pytest.raises(BufferError):
        source.clear()


# --- Arrow ---


def test_arrow(table: Any) -> None:
    """A reader of Arrow's capsules gets a column a field, and where the contents lie."""
    pyarrow = pytest.importorskip("pyarrow")
    made = pyarrow.table(table)
    made.validate(full=True)
    assert made.num_rows == len(ROWS)
    assert made["part"].to_pylist() == table["part"].tolist()
    assert made["real"].to_pylist() == table["real"].tolist()
    assert made["kind"].to_pylist() == table["kind"].tolist()
    assert made["length"].to_pylist() == table["length"].tolist()
    assert made["_length"].to_pylist() == table.lengths.tolist()
    picked = table[::-2]
    del table
    gc.collect()
    assert pyarrow.table(picked)["part"].to_pylist() == [part for _, part, _ in ROWS[::-2]]
    assert pyarrow.table(LAYOUT.scan(b"")).num_rows == 0


def test_polars(table: Any) -> None:
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame(table)
    assert frame.height == len(ROWS)
    assert frame["part"].to_list() == table["part"].tolist()
    assert frame["kind"].to_list() == table["kind"].tolist()
    assert frame.filter(polars.col("part") >= 0).height == sum(part >= 0 for _, part, _ in ROWS)


@pytest.mark.parametrize("code", [*"bBhHiIqQefd?", "c", "5s"])
def test_arrow_types(code: str) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    for order in "<>":
        header = f"{order}B{code}"
        raw = [bytes([0]) + bytes([n] * (struct.calcsize(header) - 1)) for n in (0, 1, 3, 0x41)]
        table = RecordLayout(header, "length value").scan(b"".join(raw))
        made = pyarrow.table(table)
        made.validate(full=True)
        got = made["value"].to_pylist()
        if code == "c":
            got = [value if isinstance(value, bytes) else bytes([value]) for value in got]
        assert repr(got) == repr([record.value for record in table])


# --- picks ---

SLICES = [slice(*bounds) for bounds in itertools.product((None, 0, 2, -3, 99, -99), repeat=2)]
SLICES += [slice(None, None, step) for step in (1, 2, -1, -4, 99)] + [slice(9, 1, -3), slice(1, 9, 3)]


@pytest.mark.parametrize("key", SLICES, ids=repr)
def test_slice(table: Any, key: slice) -> None:
    picked = table[key]
    same_rows(picked, ROWS[key])
    assert picked.offsets.tolist() == table.offsets.tolist()[key]


def test_wrong_slice(table: Any) -> None:
    with pytest.raises(ValueError, match="zero"):
        table[::0]
    with pytest.raises(TypeError):
        table["a":"b"]


MASK = [kind == b"AA" for kind, _, _ in ROWS]
MASKS: list[Callable[[list[bool]], Any]] = [
    list,
    tuple,
    iter,
    np.array,
    lambda mask: np.array(mask).tolist(),
    lambda mask: list(np.array(mask)),
    lambda mask: np.repeat(np.array(mask), 2)[::2],
    lambda mask: np.array(mask[::-1])[::-1],
    lambda mask: memoryview(np.array(mask)),
    lambda mask: FragView(np.array(mask)),
    lambda mask: FragView([np.array(mask[:4]), np.array(mask[4:])]),
]


@pytest.mark.parametrize("form", MASKS)
def test_mask(table: Any, form: Callable[[list[bool]], Any]) -> None:
    same_rows(table[form(MASK)], [row for row, keep in zip(ROWS, MASK, strict=True) if keep])
    same_rows(table[form([True] * len(ROWS))], ROWS)
    same_rows(table[form([False] * len(ROWS))], [])


def test_mask_from_columns(table: Any) -> None:
    """NumPy's comparisons of columns are masks."""
    mask = (np.asarray(table["part"]) >= 0) & (np.asarray(table["kind"]) == b"AA")
    same_rows(table[mask], [row for row in ROWS if row[0] == b"AA" and row[1] >= 0])


INDICES = [0, 3, -1, 3, 3, -len(ROWS), 14, 2]


@pytest.mark.parametrize(
    "form",
    [
        list,
        tuple,
        iter,
        np.array,
        lambda i: np.array(i, np.int8),
        lambda i: np.array(i, ">i4"),
        lambda i: list(np.array(i, np.int8)),
        lambda i: list(np.array(i, np.int64)),
        lambda i: np.repeat(np.array(i), 3)[::3],
        lambda i: array.array("q", i),
        lambda i: [Number(n) for n in i],
        lambda i: FragView(np.array(i)),
    ],
)
def test_indices(table: Any, form: Callable[[list[int]], Any]) -> None:
    """Any order, repeats and negative ones, as of a list."""
    same_rows(table[form(INDICES)], [ROWS[index] for index in INDICES])


class Number:
    """A number, as NumPy's are, by `__index__` alone."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __index__(self) -> int:
        return self.value


def test_one_number_by_index(table: Any) -> None:
    assert table[Number(2)].content.tobytes() == b"two!"


def test_unsigned_indices(table: Any) -> None:
    for dtype in (np.uint8, np.uint64, ">u2"):
        same_rows(table[np.array([0, 3, 14], dtype)], [ROWS[0], ROWS[3], ROWS[14]])
    with pytest.raises(IndexError):
        table[np.array([2**64 - 1], np.uint64)]


def test_no_indices(table: Any) -> None:
    for key in ([], (), np.zeros(0, np.int64), iter([])):
        same_rows(table[key], [])


@pytest.mark.parametrize("length", [0, 1, len(ROWS) - 1, len(ROWS) + 1])
def test_mask_of_another_length(table: Any, length: int) -> None:
    for mask in ([True] * length, np.ones(length, bool)):
        if len(mask) or not isinstance(mask, list):
            with pytest.raises(IndexError, match="mask"):
                table[mask]
        values = f"{length} value{'' if length == 1 else 's'}"
        words = f"a mask of {values} for 15 records; it needs one truth value a record"
        for form in (list, tuple, lambda m: np.array(m, bool), lambda m: np.array(m, np.int16)):
            with pytest.raises(ValueError, match=f"^{re.escape('messages(): ' + words)}$"):
                table.messages(form(mask))
    endless = itertools.cycle([1, 0])
    with pytest.raises(ValueError, match="a mask of more than 15 values for 15 records"):
        table.messages(endless)


@pytest.mark.parametrize(
    "key",
    [
        1.5,
        None,
        object(),
        [1.5],
        ["a"],
        [None],
        [True, 1],
        [1, True],
        True,
        np.array([1.0]),
        np.array(["a"]),
        array.array("d", [1.0]),
    ],
)
def test_wrong_pick(table: Any, key: Any) -> None:
    with pytest.raises(TypeError):
        table[key]


@pytest.mark.parametrize(
    ("key", "given"),
    [
        (1.5, "'float'"),
        (None, "'NoneType'"),
        (("part", "kind"), "'tuple' of 'str'"),
        ([1.5], "'list' of 'float'"),
        (object(), "'object'"),
    ],
)
def test_words_for_a_wrong_pick(table: Any, key: Any, given: str) -> None:
    words = f"records are picked by an index, slice, mask, array of indices or field name, not {given}"
    with pytest.raises(TypeError, match=f"^{words}$"):
        table[key]


def test_table_of_a_table(table: Any) -> None:
    """Picks of picks, on the same source."""
    same_rows(table[::2][1:][[-1, 0]], [ROWS[::2][1:][-1], ROWS[::2][1]])
    assert table[3:][2].offset == table.offsets[5]


# --- where ---


@pytest.mark.parametrize(
    ("conditions", "keep"),
    [
        ({}, lambda k, p: True),
        ({"kind": b"AA"}, lambda k, p: k == b"AA"),
        ({"kind": b"C"}, lambda k, p: k == b"C"),
        ({"kind": b"C\0"}, lambda k, p: k == b"C"),
        ({"kind": b"none"}, lambda k, p: False),
        ({"kind": bytearray(b"AA")}, lambda k, p: k == b"AA"),
        ({"kind": [b"AA", b"C", b"zz"]}, lambda k, p: k in (b"AA", b"C")),
        ({"kind": np.array([b"AA", b"C"])}, lambda k, p: k in (b"AA", b"C")),
        ({"kind": np.bytes_(b"AA")}, lambda k, p: k == b"AA"),
        ({"part": -1}, lambda k, p: p == -1),
        ({"part": 0}, lambda k, p: p == 0),
        ({"part": False}, lambda k, p: p == 0),
        ({"part": range(5)}, lambda k, p: p in (0, 1)),
        ({"part": {1, -1}}, lambda k, p: p),
        ({"part": np.int64(1)}, lambda k, p: p == 1),
        ({"part": np.array([1, -1])}, lambda k, p: p),
        ({"part": Number(1)}, lambda k, p: p == 1),
        ({"part": []}, lambda k, p: False),
        ({"part": 500}, lambda k, p: False),
        ({"part": [500, 1]}, lambda k, p: p == 1),
        ({"part": 2**70}, lambda k, p: False),
        ({"part": -(2**70)}, lambda k, p: False),
        ({"part": 1.0}, lambda k, p: p == 1),
        ({"part": -1.0}, lambda k, p: p == -1),
        ({"part": [1.0, 0.5]}, lambda k, p: p == 1),
        ({"part": True}, lambda k, p: p == 1),
        ({"part": np.float32(1)}, lambda k, p: p == 1),
        ({"part": np.float16(1)}, lambda k, p: p == 1),
        ({"part": np.longdouble(1)}, lambda k, p: p == 1),
        ({"part": np.bool_(True)}, lambda k, p: p == 1),
        ({"part": np.array(1.0)}, lambda k, p: p == 1),
        ({"part": np.array([1.0, -1.0])}, lambda k, p: p),
        ({"part": np.array([1.0])}, lambda k, p: p == 1),
        ({"part": fractions.Fraction(1)}, lambda k, p: p == 1),
        ({"part": fractions.Fraction(1, 2)}, lambda k, p: False),
        ({"part": decimal.Decimal(-1)}, lambda k, p: p == -1),
        ({"part": float("nan")}, lambda k, p: False),
        ({"part": [float("inf"), float("-inf"), 1e300]}, lambda k, p: False),
        ({"real": fractions.Fraction(1, 4)}, lambda k, p: p == 1),
        ({"real": True}, lambda k, p: False),
        ({"real": np.longdouble("0.25") + np.finfo(np.longdouble).eps}, lambda k, p: False),
        ({"kind": []}, lambda k, p: False),
        ({"real": 0.25}, lambda k, p: p == 1),
        ({"real": [0.25, -0.25]}, lambda k, p: p),
        ({"real": 0}, lambda k, p: p == 0),
        ({"real": -0.0}, lambda k, p: p == 0),
        ({"kind": b"AA", "part": 0}, lambda k, p: k == b"AA" and p == 0),
        ({"kind": [b"AA", b"BB"], "part": [0, 1]}, lambda k, p: k in (b"AA", b"BB") and p in (0, 1)),
    ],
)
def test_where(table: Any, conditions: dict[str, Any], keep: Callable[[bytes, int], bool]) -> None:
    """The records that have the value, or one of the values; a value that can't be is in none."""
    same_rows(table.where(**conditions), [row for row in ROWS if keep(row[0], row[1])])


def test_where_by_an_iterator(table: Any) -> None:
    same_rows(table.where(part=iter([1, 0])), [row for row in ROWS if row[1] in (0, 1)])
    same_rows(table.where(kind=(k for k in [b"C"])), [row for row in ROWS if row[0] == b"C"])


def test_where_of_another_type(table: Any) -> None:
    for value in ("AA", None, object(), [None], ["AA"], 1j, np.array(["AA"]), np.str_("1")):
        with pytest.raises(TypeError):
            table.where(kind=value)
        with pytest.raises(TypeError):
            table.where(part=value)
    with pytest.raises(TypeError):
        table.where(b"AA")
    with pytest.raises(
        TypeError, match="'kind': a number, bytes or an iterable of them is required, not 'NoneType'"
    ):
        table.where(kind=None)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("part", b"AA", "field 'part' holds integers, not bytes"),
        ("part", [1, bytearray(b"a")], "field 'part' holds integers, not bytes"),
        ("real", b"AA", "field 'real' holds floats, not bytes"),
        ("kind", 1, "field 'kind' holds bytes, not numbers"),
        ("kind", 2**70, "field 'kind' holds bytes, not numbers"),
        ("kind", [b"AA", 1.0], "field 'kind' holds bytes, not numbers"),
        ("kind", True, "field 'kind' holds bytes, not numbers"),
    ],
)
def test_where_bytes_are_no_numbers(table: Any, field: str, value: Any, words: str) -> None:
    """A mistake, and no search that finds nothing."""
    with pytest.raises(TypeError, match=f"^{words}$"):
        table.where(**{field: value})


NUMBERS: list[Any] = [0, 1, 2, -1, 255, 256, 2**53, 2**53 + 1, 2**63 - 1, 2**63, 2**64 - 1, -(2**63)]
NUMBERS += [float(n) for n in NUMBERS] + [0.5, -0.0, 0.1, float("nan"), float("inf"), 1e300, True, False]
NUMBERS += [np.float32(0.1), np.float32(16777216), np.uint64(2**64 - 1), np.int8(-1), decimal.Decimal("0.1")]
NUMBERS += [
    decimal.Decimal(2**64 - 1),
    decimal.Decimal(2**53 + 1),
    fractions.Fraction(2**63 - 1),
    decimal.Decimal("nan"),
]


@pytest.mark.parametrize("code", [*"bBhHiIlLqQefd?"])
def test_where_compares_as_python_does(code: str) -> None:
    """Each number in each field: those records whose value `==` it."""
    fields = []
    for number in NUMBERS:
        with contextlib.suppress(struct.error, OverflowError, ValueError, TypeError):
            fields.append(struct.pack("<" + code, number))
    table = RecordLayout("<B" + code, "length value").scan(b"".join(b"\0" + field for field in fields))
    values = table["value"].tolist()
    for number in NUMBERS:
        # NumPy's integers are compared as floats where the other side is one; the integer itself is not.
        plain = number.item() if isinstance(number, np.generic) else number
        wanted = [index for index, value in enumerate(values) if value == plain]
        found = (table.where(value=number).offsets.tolist(), table.where(value=[number]).offsets.tolist())
        size = 1 + struct.calcsize("<" + code)
        assert found == ([index * size for index in wanted],) * 2, number


def test_where_by_truth() -> None:
    """Any byte but 0 is true, as `struct` reads it."""
    layout = RecordLayout("B?", "length flag")
    table = layout.scan(bytes([0, 0, 0, 1, 0, 2, 0, 255]))
    assert table["flag"].tolist() == [False, True, True, True]
    assert table.where(flag=True).offsets.tolist() == [2, 4, 6]
    assert table.where(flag=1).offsets.tolist() == [2, 4, 6]
    assert table.where(flag=False).offsets.tolist() == [0]
    assert table.where(flag=2).offsets.tolist() == []


# --- trim ---


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


# --- groups and messages ---


@pytest.mark.parametrize("field", FIELDS)
def test_group_by(table: Any, field: str) -> None:
    groups = table.group_by(field)
    wanted: dict[Any, list[int]] = {}
    for index, record in enumerate(table):
        wanted.setdefault(record[field], []).append(index)
    assert list(groups) == list(wanted)
    for value, indices in wanted.items():
        same_rows(groups[value], [ROWS[i] for i in indices])


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("f", [0.0, -0.0, 1.5, 0.0]),
        ("d", [-0.0, 0.0]),
        ("e", [0.0, -0.0]),
        ("4p", [b"\1axy", b"\1azz", b"\2abc", b"\xffabc", b"\4abc"]),
        ("?", [b"\0", b"\1", b"\2", b"\xff"]),
    ],
)
def test_group_by_equal_values(code: str, values: list[Any]) -> None:
    """Different bytes of one value are one group: no record is lost."""
    raw = [v if isinstance(v, bytes) else struct.pack("<" + code, v) for v in values]
    table = RecordLayout("<B" + code, "length value").scan(b"".join(b"\0" + r for r in raw))
    read = [struct.unpack("<" + code, r)[0] for r in raw]
    assert table["value"].tolist() == read
    wanted: dict[Any, list[int]] = {}
    for index, value in enumerate(read):
        wanted.setdefault(value, []).append(index * (1 + len(raw[0])))
    groups = table.group_by("value")
    assert {value: group.offsets.tolist() for value, group in groups.items()} == wanted


def test_group_by_of_nothing() -> None:
    assert LAYOUT.scan(b"").group_by("kind") == {}


def test_messages(table: Any) -> None:
    starts = [i for i, (_, part, _) in enumerate(ROWS) if part == 0][1:]
    wanted = [b"".join(contents(ROWS[a:b])) for a, b in itertools.pairwise([*starts, len(ROWS)])]
    mask = [i in starts for i in range(len(ROWS))]
    numbers = [int(truth) for truth in mask]
    forms: list[Any] = [
        mask,
        tuple(mask),
        iter(mask),
        (truth for truth in mask),
        np.array(mask),
        list(np.array(mask)),
        numbers,
        (number for number in numbers),
        [7 * number for number in numbers],
        [Number(number) for number in numbers],
        [*mask[:3], *numbers[3:]],
        bytes(numbers),
        array.array("i", numbers),
        FragView(np.array(numbers)),
        memoryview(np.array(mask)),
        np.repeat(np.array(numbers), 2)[::2],
        *(np.array(numbers, kind) for kind in ("b", "B", "<u2", ">u2", ">i4", "q", "Q")),
        np.array(numbers, np.int16) * -300,
    ]
    for form in forms:
        assert [view.tobytes() for view in table.messages(form)] == wanted
    assert table.messages([False] * len(ROWS)) == table.messages(bytes(len(ROWS))) == []
    assert [view.tobytes() for view in table.messages([True] * len(ROWS))] == contents(ROWS)
    first, last = [0] * len(ROWS), [0] * len(ROWS)
    first[0] = last[-1] = 1
    assert table.messages(first)[0].tobytes() == b"".join(contents(ROWS))
    assert [view.tobytes() for view in table.messages(last)] == [ROWS[-1][-1]]


def test_messages_by_a_column() -> None:
    """A field that is 1 where a message begins is the mask, and no list of indices."""
    for code, one in (("B", 1), (">H", 1), ("<q", -1), ("?", True), (">I", 0x80000000)):
        order, letter = (code[0], code[1]) if len(code) == 2 else ("<", code)
        header = f"{order}B{letter}"
        rows = [(one, b"one, "), (0, b"two"), (one, b"three"), (0, b"!")]
        data = b"".join(struct.pack(header, len(c), first) + c for first, c in rows)
        table = RecordLayout(header, "length first").scan(data)
        column = table["first"]
        for starts in (column, np.asarray(column), column.tolist(), (record.first for record in table)):
            assert [view.tobytes() for view in table.messages(starts)] == [b"one, two", b"three!"]


def test_messages_of_nothing() -> None:
    empty = LAYOUT.scan(b"")
    for mask in ([], (), iter(()), np.zeros(0, bool), b""):
        assert empty.messages(mask) == []
    with pytest.raises(ValueError, match="a mask of 1 value for 0 records"):
        empty.messages([True])


def test_wrong_messages(table: Any) -> None:
    count = len(ROWS)
    for starts in (
        0,
        None,
        "a" * count,
        ["a"] * count,
        [1.5] * count,
        [None] * count,
        [0] * (count - 1) + [b"x"],
    ):
        with pytest.raises(TypeError, match="mask"):
            table.messages(starts)
    for starts in (np.zeros(count), np.array([b"a"] * count), array.array("d", [1.0] * count)):
        with pytest.raises(TypeError, match="mask"):
            table.messages(starts)


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


class Evil:
    """Does something when it is asked for a number."""

    def __init__(self, deed: Callable[[], Any], value: int = 0) -> None:
        self.deed = deed
        self.value = value

    def __index__(self) -> int:
        self.deed()
        return self.value


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


def test_words_for_columns(table: Any) -> None:
    """Columns compare as sequences do, and what is beside the fields has other names."""
    with pytest.raises(TypeError, match=r"not 'bool'; where\(field=value\) picks by a value"):
        table[table["kind"] == 7]
    for name in ("offset", "starts"):
        with pytest.raises(KeyError, match="`offsets` tells where records begin, `starts` where contents do"):
            table[name]
    with pytest.raises(KeyError, match="`lengths` tells"):
        table["lengths"]

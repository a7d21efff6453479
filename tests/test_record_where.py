"""`RecordTable.where` against Python's `==`."""

from __future__ import annotations

import contextlib
import decimal
import fractions
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from fragmented import needs_fragview
from record_rows import ROWS, Number, RecordLayout, same_rows

pytestmark = needs_fragview


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

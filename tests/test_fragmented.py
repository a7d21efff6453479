"""The helpers do what the other tests believe: splits are complete, and a canary that dies is seen."""

from __future__ import annotations

import operator

import pytest

from fragmented import CANARY, KINDS, Cut, all_splits, cut, cuts_of, place, same, same_error


def test_all_splits_are_all() -> None:
    """Every row of sizes sums to the total, none is missing, and empty fragments are among them."""
    rows = list(all_splits(5))
    assert all(sum(row) == 5 for row in rows)
    assert {row for row in rows if 0 not in row} == {
        (5,),
        *{(1, 1, 1, 1, 1), (2, 1, 1, 1), (1, 2, 1, 1), (1, 1, 2, 1), (1, 1, 1, 2)},
        *{(2, 2, 1), (2, 1, 2), (1, 2, 2)},
    }
    assert (0, 5, 0) in rows


@pytest.mark.parametrize("kind", KINDS)
def test_place(kind: str) -> None:
    """The middle of the memory is the data."""
    part = place(b"data", kind)
    assert bytes(part) == b"data"
    assert bytes(memoryview(part.obj)) == CANARY + b"data" + CANARY
    assert part.readonly is (kind in ("bytes", "toreadonly"))


@pytest.mark.parametrize("at", [0, -1])
def test_a_dead_canary_is_seen(at: int) -> None:
    """`check` fails when a byte beside the fragment changes."""
    fragmented = Cut([place(b"abc"), place(b"de")])
    fragmented.check(b"abcde")
    fragmented.parts[1].obj[at] ^= 1
    with pytest.raises(AssertionError):
        fragmented.check(b"abcde")


def test_cut_and_cuts_of() -> None:
    """All cuts hold the same data."""
    assert cut(b"abcdef", (1, 0, 5)).data() == b"abcdef"
    found = list(cuts_of(b"abcd"))
    assert [len(c.parts) for c in found] == [1, 2, 2, 2, 4]
    assert {c.data() for c in found} == {b"abcd"}


def test_same_sees_a_difference() -> None:
    """`same` compares values, error types and texts."""
    one, two = memoryview(b"abc"), memoryview(b"abd")
    same(operator.getitem, one, two, 0)
    same_error(operator.getitem, one, two, 3)
    with pytest.raises(AssertionError):
        same(operator.getitem, one, two, 2)
    with pytest.raises(AssertionError):
        same_error(operator.getitem, one, two, 0)
    with pytest.raises(AssertionError):
        same(operator.getitem, one, two.cast("B", (3, 1)), 0)

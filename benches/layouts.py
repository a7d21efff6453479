"""Fragmented memory, and the same bytes in contiguous memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import accumulate, pairwise

import numpy as np
import numpy.typing as npt

from fragview import FragView

# Bytes between two fragments, so that they do not touch.
GAP = 8


@dataclass
class Layout:
    """Fragments of one arena, in order, which do not touch."""

    # Even.
    count: int
    size: int
    # All fragments of one size, or of random sizes whose mean is `size`.
    equal: bool
    arena: bytearray = field(init=False, repr=False)
    extents: npt.NDArray[np.int64] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Lay the fragments out."""
        source = np.random.default_rng(1)
        lengths = np.full(self.count, self.size, dtype=np.int64)
        if not self.equal:
            half = self.size // 2
            lengths = source.integers(half, self.size + half + 1, self.count, dtype=np.int64)
            # As many bytes as equal fragments have, so that the peers on contiguous memory are the same.
            lengths[1::2] = 2 * self.size - lengths[::2]
        starts = np.cumsum(lengths + GAP) - (lengths + GAP)
        self.extents = np.stack([starts, lengths], axis=1)
        self.arena = bytearray(source.bytes(int(lengths.sum()) + GAP * self.count))

    @property
    def name(self) -> str:
        """How the tables call it."""
        size = f"{self.size // 1024} KiB" if self.size >= 1024 else f"{self.size} B"
        return f"{self.count:,} of {size}{'' if self.equal else ' in the mean'}"

    def pieces(self) -> list[memoryview]:
        """The fragments as memoryviews."""
        arena = memoryview(self.arena)
        return [arena[start : start + length] for start, length in self.extents.tolist()]

    def view(self) -> FragView:
        """The fragments as one view."""
        return FragView.from_extents(self.arena, self.extents)

    def whole(self) -> bytearray:
        """The same bytes in contiguous memory."""
        return bytearray().join(self.pieces())


def thousand() -> Layout:
    """What most bars speak of."""
    return Layout(1000, 4096, equal=True)


def thousand_mixed() -> Layout:
    """As many bytes in fragments of many sizes, with numbers across seams."""
    return Layout(1000, 4096, equal=False)


def million() -> Layout:
    """Many tiny fragments."""
    return Layout(1_000_000, 64, equal=True)


def million_mixed() -> Layout:
    """Many tiny fragments of many sizes."""
    return Layout(1_000_000, 64, equal=False)


def starts(lengths: list[int]) -> list[int]:
    """The start of each fragment, laid end to end."""
    return list(accumulate(lengths[:-1], initial=0))


def seams(layout: Layout, item: int) -> list[int]:
    """The items of `item` bytes that lie in two fragments."""
    ends = list(accumulate(layout.extents[:, 1].tolist()))
    return [end // item for end, _ in pairwise(ends) if end % item]

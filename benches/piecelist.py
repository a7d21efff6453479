"""The class that users write: a list of fragments, and bisect."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate


class PieceList:
    """Fragments laid end to end. A slice is a copy."""

    def __init__(self, pieces: Iterable[memoryview]) -> None:
        """Keep the start of each fragment."""
        self.pieces = list(pieces)
        self.starts = list(accumulate(map(len, self.pieces), initial=0))

    def __len__(self) -> int:
        """All bytes."""
        return self.starts[-1]

    def __getitem__(self, key: int | slice) -> int | bytes:
        """One byte, or a copy of some."""
        if isinstance(key, slice):
            start, stop, _ = key.indices(len(self))
            return self.copy(start, stop)
        index = bisect_right(self.starts, key) - 1
        return self.pieces[index][key - self.starts[index]]

    def __setitem__(self, key: int, value: int) -> None:
        """Write one byte."""
        index = bisect_right(self.starts, key) - 1
        self.pieces[index][key - self.starts[index]] = value

    def copy(self, start: int, stop: int) -> bytes:
        """The bytes from `start` to `stop`."""
        parts = []
        index = bisect_right(self.starts, start) - 1
        while start < stop:
            inner = start - self.starts[index]
            part = self.pieces[index][inner : inner + stop - start]
            parts.append(part)
            start += len(part)
            index += 1
        return b"".join(parts)

"""The exceptions of scans and formats. Both are a `ValueError` that says where."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fragview._fragview import RecordTable


class RecordError(ValueError):
    """A record that is cut off, or makes no sense."""

    offset: int
    """Where the record begins, in bytes from the source's start."""
    index: int
    """The record's index: as many records before it are whole."""
    table: RecordTable
    """The records before it."""

    def __init__(self, message: str, offset: int, index: int, table: RecordTable) -> None:
        """Say what is wrong with record `index`, which begins at `offset`."""
        super().__init__(message)
        self.offset = offset
        self.index = index
        self.table = table


class FormatError(ValueError):
    """A file that is not what its format demands."""

    format: str
    """The format's name."""
    offset: int
    """Where the fault is, in bytes from the file's start."""

    def __init__(self, message: str, format: str, offset: int) -> None:
        """Say what is wrong at `offset`."""
        super().__init__(message)
        self.format = format
        self.offset = offset

    def __reduce__(self) -> tuple[type[FormatError], tuple[str, str, int]]:
        """Pickle, so that a worker process can raise it."""
        return type(self), (str(self), self.format, self.offset)

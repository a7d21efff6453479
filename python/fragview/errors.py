"""The exceptions of the package: each is a `ValueError` with the place or the size of the fault."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fragview._fragview import RecordTable


class RecordError(ValueError):
    """Raised by a scan for a record that is truncated or invalid."""

    offset: int
    """The record's offset, in bytes from the source's start."""
    index: int
    """The record's index, which is the number of records before it."""
    table: RecordTable
    """The records before it. An error that was pickled or copied has no table."""

    def __init__(self, message: str, offset: int, index: int, table: RecordTable | None = None) -> None:
        """Say what is wrong with record `index`, which begins at `offset`."""
        super().__init__(message)
        self.offset = offset
        self.index = index
        if table is not None:
            self.table = table

    def __reduce__(self) -> tuple[type[RecordError], tuple[str, int, int]]:
        """Pickle without the table, whose memory no other process has."""
        return type(self), (str(self), self.offset, self.index)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            """Say why there is no table."""
            if name == "table":
                raise AttributeError("a RecordError that was pickled or copied has no table")
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


class FormatError(ValueError):
    """Raised for a file that breaks the rules of its format."""

    format: str
    """The format's name."""
    offset: int
    """The fault's offset, in bytes from the file's start."""

    def __init__(self, message: str, format: str, offset: int) -> None:
        """Say what is wrong at `offset`."""
        super().__init__(message)
        self.format = format
        self.offset = offset

    def __reduce__(self) -> tuple[type[FormatError], tuple[str, str, int]]:
        """Pickle, so that a worker process can raise it."""
        return type(self), (str(self), self.format, self.offset)


class NotEnoughDataError(ValueError):
    """Raised by a `FragBuffer` with fewer bytes than were asked for. The buffer is unchanged."""

    needed: int
    """The number of bytes that the buffer must have, counted from its front."""
    available: int
    """The number of bytes that it had."""

    def __init__(self, message: str, needed: int, available: int) -> None:
        """Say that `needed` bytes are needed where `available` are."""
        super().__init__(message)
        self.needed = needed
        self.available = available

    def __reduce__(self) -> tuple[type[NotEnoughDataError], tuple[str, int, int]]:
        """Pickle, so that a worker process can raise it."""
        return type(self), (str(self), self.needed, self.available)


class PatternError(ValueError):
    """Raised for a pattern that is invalid or not supported by `fragview.re`."""

    msg: str
    """The message without the place."""
    pattern: bytes
    """The pattern."""
    pos: int | None
    """The offset of the fault in the pattern, or None."""

    def __init__(self, msg: str, pattern: bytes, pos: int | None = None) -> None:
        """Say what is wrong with `pattern` at `pos`."""
        super().__init__(msg if pos is None else f"{msg} at position {pos}")
        self.msg = msg
        self.pattern = pattern
        self.pos = pos

    def __reduce__(self) -> tuple[type[PatternError], tuple[str, bytes, int | None]]:
        """Pickle, so that a worker process can raise it."""
        return type(self), (self.msg, self.pattern, self.pos)

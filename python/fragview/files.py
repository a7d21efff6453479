"""Files as views: `open` maps a file, and views of it travel to other processes by its name."""

from __future__ import annotations

import errno
import mmap
import os
import stat
from pathlib import Path

from fragview._fragview import FragView

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal, Self

__all__ = ["MappedFile", "open"]


class MappedFile(mmap.mmap):
    """A mapped file: what the views of `open` show, and what their `obj` is.

    It is an `mmap.mmap`, so that `flush()` writes what was changed to the file. It pickles as the file's
    path, its size and the time of its last change, and whoever unpickles it maps the file anew.
    """

    path: str
    """The file's absolute path."""
    mode: Literal["r", "r+"]
    """How it was opened."""

    _status: os.stat_result

    def __new__(cls, path: str | os.PathLike[str], mode: Literal["r", "r+"] = "r") -> Self:
        """Map a file."""
        if mode not in ("r", "r+"):
            raise ValueError(f"mode must be 'r' or 'r+', not {mode!r}; a view is of bytes in either")
        name = os.path.abspath(os.fsdecode(path))  # noqa: PTH100 (`Path` keeps `..`, or follows links)
        flags = os.O_RDONLY if mode == "r" else os.O_RDWR
        # A pipe must not make us wait for its other end to find out that it is one.
        flags |= getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
        descriptor = os.open(name, flags)
        try:
            status = os.fstat(descriptor)
            if stat.S_ISDIR(status.st_mode):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), name)
            if not stat.S_ISREG(status.st_mode):
                raise OSError(errno.EINVAL, "not a regular file: it can't be mapped", name)
            if status.st_size:
                access = mmap.ACCESS_READ if mode == "r" else mmap.ACCESS_WRITE
                self = super().__new__(cls, descriptor, status.st_size, access=access)
            else:
                # A map of nothing can't be made: one byte of no file, which no view shows.
                self = super().__new__(cls, -1, 1)
        finally:
            os.close(descriptor)
        self.path = name
        self.mode = mode
        self._status = status
        return self

    def view(self) -> FragView[int]:
        """Return a view of the whole file."""
        return FragView(self)[: self._status.st_size]

    def __reduce__(self) -> tuple[object, tuple[str, str, int, int]]:
        """Pickle by reference; an OSError where the path leads to another file by now."""
        if self.mode == "r+":
            self.flush()
        now = Path(self.path).stat()
        if not os.path.samestat(now, self._status):
            raise _changed(self.path, "the file was replaced since it was opened")
        if now.st_size != self._status.st_size:
            sizes = f"{self._status.st_size} bytes then, {now.st_size} now"
            raise _changed(self.path, f"the file's size changed since it was opened: {sizes}")
        return _map_again, (self.path, self.mode, now.st_size, now.st_mtime_ns)


def _map_again(path: str, mode: Literal["r", "r+"], size: int, mtime_ns: int) -> MappedFile:
    """Map a file that must be as it was when its view was pickled."""
    mapped = MappedFile(path, mode)
    now = mapped._status
    if (now.st_size, now.st_mtime_ns) != (size, mtime_ns):
        mapped.close()
        raise _changed(
            path,
            f"the file changed since its view was pickled: {size} bytes, changed at {mtime_ns} ns then; "
            f"{now.st_size} bytes, changed at {now.st_mtime_ns} ns now",
        )
    return mapped


def _changed(path: str, why: str) -> OSError:
    return OSError(errno.ESTALE, why, path)


def open(path: str | os.PathLike[str], mode: Literal["r", "r+"] = "r") -> FragView[int]:
    """Map a file and return a view of it; with mode "r+" writes go to the file.

    The file is read as it is needed, and the view's size stays what it was. `view.obj.flush()` waits until
    what was written is on the disk; the system writes it sooner or later anyway, and other processes see it
    at once. Release the view, or let it go, to unmap the file.

    The view pickles by reference, its slices too: as the file's path, its size and the time of its last
    change. Unpickling maps the file again, and is an OSError (ESTALE) where it has changed.
    """
    return MappedFile(path, mode).view()

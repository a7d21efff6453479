"""Files as views: `open` maps a file, and views of it travel to other processes by its name."""

from __future__ import annotations

import errno
import mmap
import os
import platform
import stat
from hashlib import blake2b
from pathlib import Path

from fragview._fragview import FragView

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal, Self

# Not `open`: `from fragview.files import *` must not hide the built-in one.
__all__ = ["MappedFile"]


class MappedFile(mmap.mmap):
    """A mapped file: what the views of `open` show, and what their `obj` is.

    It is an `mmap.mmap`, so that `flush()` writes what was changed to the file. It pickles as the file's
    path, its size, the time of its last change and its place on this machine (device and inode), and
    whoever unpickles it maps the file anew.
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
        # What it is comes first: to open a device may do something, and a pipe waits for its other end.
        _check_regular(os.stat(name), name)  # noqa: PTH116
        flags |= getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
        descriptor = os.open(name, flags)
        try:
            status = os.fstat(descriptor)
            # Another file may stand there since.
            _check_regular(status, name)
            if status.st_size:
                access = mmap.ACCESS_READ if mode == "r" else mmap.ACCESS_WRITE
                self = super().__new__(cls, descriptor, status.st_size, access=access)
            elif os.read(descriptor, 1):
                # Such are the files of /proc, which are made when they are read.
                text = "the file says it is empty, and is not: it can't be mapped"
                raise OSError(errno.EINVAL, f"{text}; read it, as FragView(file.read())", name)
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

    def __reduce__(self) -> tuple[object, tuple[str, str, int, int, tuple[str, int, int]]]:
        """Pickle by reference; an OSError where the path leads to another file by now."""
        if self.mode == "r+":
            self.flush()
        now = Path(self.path).stat()
        if not os.path.samestat(now, self._status):
            raise _changed(self.path, "the file was replaced since it was opened")
        if now.st_size != self._status.st_size:
            sizes = f"{self._status.st_size} bytes then, {now.st_size} now"
            raise _changed(self.path, f"the file's size changed since it was opened: {sizes}")
        place = (_machine(), now.st_dev, now.st_ino)
        return _map_again, (self.path, self.mode, now.st_size, now.st_mtime_ns, place)


def _map_again(
    path: str, mode: Literal["r", "r+"], size: int, mtime_ns: int, place: tuple[str, int, int] | None = None
) -> MappedFile:
    """Map a file that must be as it was when its view was pickled.

    Elsewhere the same file, on a shared disk or as a copy, has another device and another inode. So `place`
    counts on the machine only that it tells of.
    """
    mapped = MappedFile(path, mode)
    now = mapped._status
    if place is not None and place[0] == _machine() and place[1:] != (now.st_dev, now.st_ino):
        mapped.close()
        raise _changed(path, "the file was replaced since its view was pickled")
    if (now.st_size, now.st_mtime_ns) != (size, mtime_ns):
        mapped.close()
        raise _changed(
            path,
            f"the file changed since its view was pickled: {size} bytes, changed at {mtime_ns} ns then; "
            f"{now.st_size} bytes, changed at {now.st_mtime_ns} ns now",
        )
    return mapped


def _machine() -> str:
    """Name this machine, until it boots again: devices have other numbers then. No pickle tells its host."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text()
    except OSError:
        boot = ""
    return blake2b(f"{platform.node()} {boot}".encode(), digest_size=8).hexdigest()


def _check_regular(status: os.stat_result, name: str) -> None:
    """Refuse what can't be mapped."""
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), name)
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "not a regular file: it can't be mapped", name)


def _changed(path: str, why: str) -> OSError:
    return OSError(errno.ESTALE, why, path)


def open(path: str | os.PathLike[str], mode: Literal["r", "r+"] = "r") -> FragView[int]:
    """Map a file and return a view of it; with mode "r+" writes go to the file.

    The file is read as it is needed, and the view's size stays what it was. `view.obj.flush()` waits until
    what was written is on the disk; the system writes it sooner or later anyway, and other processes see it
    at once. Release the view, or let it go, to unmap the file.

    The view pickles by reference, its slices too: as the file's path, its size, the time of its last change
    and its place on this machine. Unpickling maps the file again, and is an OSError (ESTALE) where it has
    changed. A file that is made when it is read, as those of /proc, can't be mapped, and is an OSError.
    """
    return MappedFile(path, mode).view()

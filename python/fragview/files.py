"""Files as views: `open` maps a file; views of it pickle by the file's path."""

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

    It is an `mmap.mmap`, so `flush()` writes changes to the file. It pickles as the file's path, its size,
    the time of its last change and its place on this machine (device and inode); unpickling maps the file
    again.

    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile() as file:
    ...     _ = file.write(b"one string"), file.flush()
    ...     mapped = MappedFile(file.name)
    ...     mapped.mode, mapped.view()[4:].tobytes()
    ('r', b'string')
    """

    path: str
    """The file's absolute path."""
    mode: Literal["r", "r+"]
    """The mode it was opened with."""

    _status: os.stat_result

    def __new__(cls, path: str | os.PathLike[str], mode: Literal["r", "r+"] = "r") -> Self:
        """Map a file."""
        if mode not in ("r", "r+"):
            raise ValueError(f"mode must be 'r' or 'r+', not {mode!r}; a view is of bytes in either")
        name = os.path.abspath(os.fsdecode(path))  # noqa: PTH100 (`Path` keeps `..`, or follows links)
        flags = os.O_RDONLY if mode == "r" else os.O_RDWR
        # Check before opening: opening a device can have effects, and opening a pipe waits for its other end.
        _check_regular(os.stat(name), name)  # noqa: PTH116
        flags |= getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
        descriptor = os.open(name, flags)
        try:
            status = os.fstat(descriptor)
            # The path can name another file by now.
            _check_regular(status, name)
            if status.st_size:
                access = mmap.ACCESS_READ if mode == "r" else mmap.ACCESS_WRITE
                self = super().__new__(cls, descriptor, status.st_size, access=access)
            elif os.read(descriptor, 1):
                # The files of /proc have size 0, and are made when they are read.
                text = "the file says it is empty, and is not: it can't be mapped"
                raise OSError(errno.EINVAL, f"{text}; read it, as FragView(file.read())", name)
            else:
                # mmap refuses an empty file: map one anonymous byte, which no view shows.
                self = super().__new__(cls, -1, 1)
        finally:
            os.close(descriptor)
        self.path = name
        self.mode = mode
        self._status = status
        return self

    def view(self) -> FragView[int]:
        """Return a view of the whole file. O(1).

        >>> import tempfile
        >>> with tempfile.NamedTemporaryFile() as file:
        ...     _ = file.write(b"one string"), file.flush()
        ...     MappedFile(file.name).view()[4:].tobytes()
        b'string'
        """
        return FragView(self)[: self._status.st_size]

    def __reduce__(self) -> tuple[object, tuple[str, str, int, int, tuple[str, int, int]]]:
        """Pickle by reference. If the path leads to another file by now, OSError is raised."""
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
    """Map a file, which must be unchanged since its view was pickled.

    On another machine the same file, on a shared disk or as a copy, has another device and another inode. So
    `place` is compared only on the machine that it names.
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
    """Return a hash that names this machine until it boots again, because a boot renumbers the devices."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text()
    except OSError:
        boot = ""
    return blake2b(f"{platform.node()} {boot}".encode(), digest_size=8).hexdigest()


def _check_regular(status: os.stat_result, name: str) -> None:
    """Raise OSError for a directory, a device or a pipe, which can't be mapped."""
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), name)
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "not a regular file: it can't be mapped", name)


def _changed(path: str, why: str) -> OSError:
    return OSError(errno.ESTALE, why, path)


def open(path: str | os.PathLike[str], mode: Literal["r", "r+"] = "r") -> FragView[int]:
    """Map a file and return a view of it; with mode "r+", writes go to the file. O(1).

    The system reads the file as it is needed; the view's size is fixed. Other processes see a write at once,
    and the system writes it to the disk later; `view.obj.flush()` waits for that. Releasing the last view of
    the file unmaps it.

    The view and its slices pickle by reference: as the file's path, its size, the time of its last change and
    its place on this machine. Unpickling maps the file again; if the file has changed, it raises OSError
    (ESTALE).

    Another mode raises ValueError. A path that can't be opened raises OSError, as does a file that can't be
    mapped: a directory, a device, a pipe, and a file of /proc, which is made when it is read.

    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile() as file:
    ...     _ = file.write(b"one string"), file.flush()
    ...     open(file.name)[4:].tobytes()
    b'string'
    """
    return MappedFile(path, mode).view()

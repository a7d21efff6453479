r"""Real formats as views: `open` a file, get its logical streams.

>>> from fragview import formats
>>> file = b"\x89PNG\r\n\x1a\n"
>>> for kind, content in [(b"IHDR", bytes(13)), (b"IDAT", b"abc"), (b"IDAT", b"de"), (b"IEND", b"")]:
...     file += len(content).to_bytes(4, "big") + kind + content + b"CRC."
>>> with formats.open(file) as container:
...     print(container.format, container.streams["idat"].tobytes())
png b'abcde'
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Mapping
from types import MappingProxyType, TracebackType

from fragview._fragview import FragView, format_names, open_format
from fragview.files import MappedFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from typing_extensions import Buffer

__all__ = ["Container", "names", "open"]


class Container:
    """A file's logical streams. A context manager that releases them, and the file, when its block ends."""

    format: str
    """The format's name."""
    streams: Mapping[str, FragView[int]]
    """The streams by name, in the format's order; nothing is copied."""

    def __init__(self, source: Buffer, format: str | None, verify: bool, mapped: mmap.mmap | None) -> None:
        """Open the bytes of `source`; `open` is the way to call this."""
        self._mapped = mapped
        self.format, streams = open_format(source, format, verify)
        self.streams = MappingProxyType(dict(streams))

    def close(self) -> None:
        """Release the streams, and close the file where `open` has mapped it.

        A BufferError where a view of a stream, or a memoryview, is still in use.
        """
        for view in self.streams.values():
            view.release()
        if self._mapped is not None:
            self._mapped.close()

    def __enter__(self) -> Self:
        """Return the container."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the container."""
        self.close()

    def __repr__(self) -> str:
        """Say what it is."""
        plural = "" if len(self.streams) == 1 else "s"
        return f"<{self.format} container of {len(self.streams)} stream{plural}>"


def open(
    path_or_buffer: str | os.PathLike[str] | Buffer, format: str | None = None, *, verify: bool = False
) -> Container:
    """Open a file, or a buffer, as the streams in it.

    A path is mapped, and the mapping held by the streams; they pickle by reference, as the views of
    `fragview.open` do. Without `format` (one of `names()`) the format is found by its magic. `verify=True`
    checks the checksums that the format has, which reads the whole file. A file that is not what its format
    demands is a `FormatError`, with the offset. Time and memory follow the number of records, not the bytes.
    """
    if not isinstance(path_or_buffer, (str, os.PathLike)):
        return Container(path_or_buffer, format, verify, None)
    mapped = MappedFile(path_or_buffer)
    if not mapped.view():
        return Container(b"", format, verify, None)
    try:
        return Container(mapped, format, verify, mapped)
    except BaseException:
        mapped.close()
        raise


def names() -> list[str]:
    """Return the names of the formats."""
    return format_names()

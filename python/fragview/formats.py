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

import os
from collections.abc import Mapping
from types import MappingProxyType, TracebackType

from fragview._fragview import FragView, format_names, open_format
from fragview.errors import FormatError
from fragview.files import MappedFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self, TypeAlias

    from fragview._fragview import _Buffer

    _Source: TypeAlias = _Buffer | Iterable[_Buffer]

__all__ = ["Container", "names", "open"]


class Container:
    """A file's logical streams. A context manager that lets go of them when its block ends.

    A view that is held longer stays valid; a file that `open` has mapped is unmapped when the last one goes.
    """

    format: str
    """The format's name."""

    def __init__(self, source: _Source, format: str | None, verify: bool) -> None:
        """Open the bytes of `source`; `open` is the way to call this."""
        self.format, streams = open_format(source, format, verify)
        self._streams: Mapping[str, FragView[int]] | None = MappingProxyType(dict(streams))

    @property
    def streams(self) -> Mapping[str, FragView[int]]:
        """The streams by name, in the format's order; nothing is copied. ValueError after `close()`."""
        if self._streams is None:
            raise ValueError("the container is closed: open it again, or keep the views that are needed")
        return self._streams

    def close(self) -> None:
        """Let go of the streams. Views of them that are still held stay valid, and hold the file."""
        self._streams = None

    def __enter__(self) -> Self:
        """Return the container; ValueError if it is closed."""
        self.streams  # noqa: B018
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
        if self._streams is None:
            return f"<closed {self.format} container>"
        plural = "" if len(self._streams) == 1 else "s"
        return f"<{self.format} container of {len(self._streams)} stream{plural}>"


def open(
    path_or_buffer: str | os.PathLike[str] | _Source, format: str | None = None, *, verify: bool = False
) -> Container:
    """Open a file, or a buffer, as the streams in it.

    A path is mapped, and unmapped when the last view of a stream goes; views of it pickle by reference, as
    those of `fragview.open` do. An open file is refused, because its lines would be copies. Without `format`
    (one of `names()`) the format is found by its magic. `verify=True` checks the checksums that the format
    has, which reads the whole file. A file that is not what its format demands is a `FormatError`, with the
    offset. Time and memory follow the number of records, not the bytes.
    """
    if not isinstance(path_or_buffer, (str, os.PathLike)):
        return Container(path_or_buffer, format, verify)
    mapped = MappedFile(path_or_buffer)
    try:
        return Container(mapped if mapped.view() else b"", format, verify)
    except BaseException as error:
        mapped.close()
        if isinstance(error, FormatError):
            error.args = (f"{os.fsdecode(path_or_buffer)}: {error}",)
        raise


def names() -> list[str]:
    """Return the names of the formats."""
    return format_names()

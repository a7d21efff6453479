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
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, overload

from fragview._fragview import FragView, Streams, format_names, open_format
from fragview.errors import FormatError
from fragview.files import MappedFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType
    from typing import Literal, Self, TypeAlias

    from fragview._fragview import _Buffer

    _Source: TypeAlias = _Buffer | Iterable[_Buffer]

__all__ = ["Container", "Family", "Fault", "names", "open"]


class Fault(NamedTuple):
    """What was wrong with a file that was read all the same."""

    what: str
    """What is wrong, in a few words."""
    offset: int
    """Where, in bytes from the file's start."""
    streams: tuple[str, ...]
    """The names of the streams that miss bytes, or end early, by this fault."""


class Container(Mapping[str, "FragView[int]"]):
    """A file's logical streams: a mapping from names to views, in the format's order.

    Views are made when they are asked for, so a file of a million records opens at once: a stream takes a few
    bytes of memory until then. A context manager that lets go of the file when its block ends; a view that is
    held longer stays valid, and a file that `open` has mapped is unmapped when the last one goes.

    It pickles by its file: a mapped file as path, size and time of the last change, and whoever unpickles it
    opens it there; a buffer with its bytes.

    >>> file = b"".join(len(s).to_bytes(4, "little") + s + len(s).to_bytes(4, "little") for s in [b"ab", b"c"])
    >>> container = open(file, "fortran")
    >>> list(container)
    ['all_records_joined', 'record[0]', 'record[1]']
    >>> container["record[1]"].tobytes(), len(container), "record[2]" in container
    (b'c', 3, False)
    >>> [view.tobytes() for view in container.family("record")[::-1]]
    [b'c', b'ab']
    """

    __slots__ = ("__weakref__", "_format", "_options", "_streams")

    def __init__(
        self, source: _Source, format: str | None = None, strict: bool = True, verify: bool = False
    ) -> None:
        """Open the bytes of `source`; `open` is the way to call this."""
        self._streams: Streams | None = open_format(source, format, strict, verify)
        self._format = self._streams.format
        self._options = (strict, verify)

    @property
    def format(self) -> str:
        """The format's name."""
        return self._format

    def _opened(self) -> Streams:
        if self._streams is None:
            raise ValueError("the container is closed: open it again, or keep the views that are needed")
        return self._streams

    @property
    def streams(self) -> Mapping[str, FragView[int]]:
        """The container itself, as a mapping. ValueError after `close()`."""
        self._opened()
        return self

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What was wrong with the file; empty where it was opened with `strict=True`."""
        return tuple(Fault(what, offset, tuple(names)) for what, offset, names in self._opened().faults)

    def __getitem__(self, name: str) -> FragView[int]:
        """Return the stream of this name as a view; KeyError if there is none. Nothing is copied."""
        streams = self._opened()
        position = streams.position(name) if isinstance(name, str) else None
        if position is None:
            raise KeyError(name)
        return streams.view(position)

    def __contains__(self, name: object) -> bool:
        """Return whether a stream has this name."""
        return isinstance(name, str) and self._opened().position(name) is not None

    def __iter__(self) -> Iterator[str]:
        """Return an iterator over the names; each is made when it comes."""
        streams = self._opened()
        return (streams.name(position) for position in range(len(streams)))

    def __len__(self) -> int:
        """Return the number of streams."""
        return len(self._opened())

    def family(self, name: str) -> Family:
        """Return the numbered streams of a name as a sequence: `family("record")` has `record[0]`, `record[1]`…

        The name is what stands before the number, without a bracket, or has `{}` where the number stands:
        `image{}.lzw`. KeyError if there is no such family.
        """
        count = self._opened().count(name)
        if count is None:
            raise KeyError(name)
        return Family(self, name, range(count))

    @property
    def records(self) -> Family:
        """The streams `record[0]`, `record[1]`…, as a sequence. AttributeError if the format has none."""
        try:
            return self.family("record")
        except KeyError:
            raise AttributeError(f"a {self._format} container has no records") from None

    def open(
        self, name: str, format: str | None = None, *, strict: bool = True, verify: bool = False
    ) -> Container:
        """Open the format inside a stream: a picture within a compound file, say. As the function `open`."""
        return Container(self[name], format, strict, verify)

    def close(self) -> None:
        """Let go of the file. Views that are still held stay valid, and hold it."""
        self._streams = None

    def __enter__(self) -> Self:
        """Return the container; ValueError if it is closed."""
        self._opened()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the container."""
        self.close()

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by the file, as its view does; ValueError if it is closed."""
        return Container, (self._opened().source, self._format, self._options[0])

    def __repr__(self) -> str:
        """Say what it is."""
        if self._streams is None:
            return f"<closed {self._format} container>"
        plural = "" if len(self) == 1 else "s"
        return f"<{self._format} container of {len(self)} stream{plural}>"


class Family(Sequence["FragView[int]"]):
    """The numbered streams of a container that share a name: a sequence of views, each made when asked for.

    A slice is such a sequence again; neither takes memory for each stream.
    """

    __slots__ = ("_container", "_name", "_numbers")

    def __init__(self, container: Container, name: str, numbers: range) -> None:
        """Make a part of a family; `Container.family` is the way to get one."""
        self._container = container
        self._name = name
        self._numbers = numbers

    def __len__(self) -> int:
        """Return the number of streams."""
        return len(self._numbers)

    @overload
    def __getitem__(self, index: int) -> FragView[int]: ...
    @overload
    def __getitem__(self, index: slice) -> Family: ...
    def __getitem__(self, index: int | slice) -> FragView[int] | Family:
        """Return the view of a stream, or the family of a slice."""
        if isinstance(index, slice):
            return Family(self._container, self._name, self._numbers[index])
        streams = self._container._opened()
        position = streams.numbered(self._name, self._numbers[index])
        if position is None:
            raise IndexError(f"the container has no stream {index} of the family {self._name!r}")
        return streams.view(position)

    def __repr__(self) -> str:
        """Say what it is."""
        plural = "" if len(self) == 1 else "s"
        return f"<family {self._name!r} of {len(self)} stream{plural}>"


def open(
    path_or_buffer: str | bytes | os.PathLike[str] | os.PathLike[bytes] | _Source,
    format: str | None = None,
    *,
    strict: bool = True,
    verify: bool = False,
    mode: Literal["r", "r+"] = "r",
) -> Container:
    """Open a file, or a buffer, as the streams in it.

    A path is mapped, and unmapped when the last view of a stream goes; views of it pickle by reference, as
    those of `fragview.open` do. With mode "r+" what is written to a view goes to the file. A path is a `str`
    or an `os.PathLike`; `bytes` are a file's contents, and `os.fsdecode(path)` makes a path of them. An open
    file is refused, because its lines would be copies. Without `format` (one of `names()`) the format is
    found by its magic. `verify=True` checks the checksums that the format has, which reads the whole file. A
    file that is not what its format demands is a `FormatError`, with the offset. Time and memory follow the
    number of records, not the bytes.
    """
    if not isinstance(path_or_buffer, (str, os.PathLike)):
        if mode != "r":
            raise ValueError("mode is for a path: a buffer is writable or not by itself")
        return Container(path_or_buffer, format, strict, verify)
    mapped = MappedFile(os.fsdecode(path_or_buffer), mode)
    try:
        return Container(mapped if mapped.view() else b"", format, strict, verify)
    except BaseException as error:
        mapped.close()
        if isinstance(error, FormatError):
            error.args = (f"{os.fsdecode(path_or_buffer)}: {error}",)
        raise


def names() -> list[str]:
    """Return the names of the formats."""
    return format_names()

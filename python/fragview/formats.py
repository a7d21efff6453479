r"""Logical streams of files as views: `open` finds the format of a file and returns its streams by name.

>>> from fragview import formats
>>> file = b"\x89PNG\r\n\x1a\n"
>>> for kind, content in [(b"IHDR", bytes(13)), (b"IDAT", b"abc"), (b"IDAT", b"de"), (b"IEND", b"")]:
...     file += len(content).to_bytes(4, "big") + kind + content + b"CRC."
>>> with formats.open(file) as container:
...     print(container.format, container.streams["idat"].tobytes())
png b'abcde'
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, overload

from fragview import registry
from fragview._fragview import FragView, RecordTable, Streams, backing_format, format_names, open_format
from fragview.errors import FormatError
from fragview.files import MappedFile
from fragview.registry import OwnStreams, register, unregister

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType
    from typing import Any, Literal, Self, SupportsIndex, TypeAlias

    from numpy.typing import NDArray
    from typing_extensions import Buffer

    from fragview._fragview import _Buffer

    _Source: TypeAlias = _Buffer | Iterable[_Buffer]

__all__ = ["Container", "Family", "Fault", "names", "open", "register", "unregister"]


class Fault(NamedTuple):
    """A fault of a file that was opened with `strict=False`."""

    what: str
    """A description of the fault."""
    offset: int
    """The fault's offset, in bytes from the file's start."""
    streams: tuple[str, ...]
    """The names of the streams that miss bytes or end early because of this fault."""


def _streams(
    source: _Source, format: str | None, strict: bool, verify: bool, image: int | None
) -> Streams | OwnStreams:
    """Open a file by its format's name, or by what knows it: registered, built-in, installed formats."""
    if isinstance(source, Iterator) and not hasattr(source, "read"):
        # Each format reads it; files are refused below.
        source = list(source)
    if format is not None and not isinstance(format, str):
        raise TypeError(f"the name of a format is a str, not {type(format).__name__!r}")
    if format is not None and format not in format_names():
        own = registry.named(format)
        if own is None:
            known = "', '".join(names())
            raise ValueError(f"no format is named '{format}'; there are '{known}'")
        return OwnStreams(own, _bytes(source), strict, verify)
    if format is None and (registered := registry.registered()):
        view = _bytes(source)
        own = registry.detected(registered, view)
        if own is not None:
            return OwnStreams(own, view, strict, verify)
    try:
        return open_format(source, format, strict, verify, image)
    except FormatError as error:
        if format is not None or error.format != "formats":
            raise
        view = _bytes(source)
        own, broken = registry.detected_by_others(view)
        if own is None:
            others = registry.names()
            more = "; others are '" + "', '".join(others) + "'" if others else ""
            error.args = ("; ".join([f"{error}{more}", *broken]),)
            raise
    return OwnStreams(own, view, strict, verify)


def _bytes(source: _Source) -> FragView[int]:
    """Return a source as a view of bytes."""
    view = FragView(source)
    return view if view.format == "B" and view.ndim == 1 else view.cast("B")


class Container(Mapping[str, "FragView[int]"]):
    r"""A file's logical streams: a mapping from names to views, in the format's order.

    Each view is made when it is asked for; until then its stream takes a few bytes of memory, so a file of a
    million records opens at once. The container is a context manager: the end of its block releases the file.
    Views that are held longer stay valid. A file that `open` has mapped is unmapped with the last of them.

    A container of a mapped file pickles as the path, the size and the time of the last change; unpickling
    opens the file there. A container of a buffer pickles with the bytes.

    >>> file = b"\2\0\0\0ab\2\0\0\0" + b"\1\0\0\0c\1\0\0\0"
    >>> container = open(file, "fortran")
    >>> list(container)
    ['all_records_joined', 'record[0]', 'record[1]']
    >>> container["record[1]"].tobytes(), len(container), "record[2]" in container
    (b'c', 3, False)
    >>> [view.tobytes() for view in container.family("record")[::-1]]
    [b'c', b'ab']
    """

    __slots__ = ("__weakref__", "_format", "_image", "_last", "_options", "_streams")

    def __init__(
        self,
        source: _Source,
        format: str | None = None,
        strict: bool = True,
        verify: bool = False,
        image: int | None = None,
    ) -> None:
        """Open the bytes of `source`. Call the function `open` instead."""
        self._streams: Streams | OwnStreams | None = _streams(source, format, strict, verify, image)
        self._image = image
        self._format = self._streams.format
        self._options = (strict, verify)
        # The stream whose origins were asked for last: its name, its view, the numbers of its sources.
        self._last: tuple[str, FragView[int], list[int] | None] | None = None

    @property
    def format(self) -> str:
        r"""The format's name. O(1).

        >>> open(b"\1\0\0\0a\1\0\0\0", "fortran").format
        'fortran'
        """
        return self._format

    def _opened(self) -> Streams | OwnStreams:
        if self._streams is None:
            raise ValueError("the container is closed: open it again, or keep the views that are needed")
        return self._streams

    @property
    def streams(self) -> Mapping[str, FragView[int]]:
        r"""The container itself, as a mapping. A closed container raises ValueError. O(1).

        >>> list(open(b"\1\0\0\0a\1\0\0\0", "fortran").streams)
        ['all_records_joined', 'record[0]']
        """
        self._opened()
        return self

    @property
    def faults(self) -> tuple[Fault, ...]:
        r"""What is wrong in the file, up to 256 faults. O(faults).

        With `strict=True` these are faults of what can be left out, as a broken ICC profile; any other one is
        the error of `open`.

        >>> open(b"\1\0\0\0a\1\0\0\0", "fortran", strict=False).faults
        ()
        """
        return tuple(Fault(what, offset, tuple(names)) for what, offset, names in self._opened().faults)

    def __getitem__(self, name: str) -> FragView[int]:
        """Return the stream of this name as a view, without a copy. An unknown name raises KeyError."""
        streams = self._opened()
        position = streams.position(name) if isinstance(name, str) else None
        if position is None:
            raise KeyError(name)
        return streams.view(position)

    def __contains__(self, name: object) -> bool:
        """Return whether a stream has this name."""
        return isinstance(name, str) and self._opened().position(name) is not None

    def __iter__(self) -> Iterator[str]:
        """Return an iterator over the names, which makes each name at its step."""
        streams = self._opened()
        return (streams.name(position) for position in range(len(streams)))

    def __len__(self) -> int:
        """Return the number of streams."""
        return len(self._opened())

    def attributes(self, name: str) -> dict[str, str]:
        r"""Return what the format says of a stream's bytes: `codec`, where they are compressed or encrypted.

        The codec has the format's own name, as `deflate`, `avc1` or a DICOM transfer syntax; several stand in
        the order in which they were applied, as `gzip, br`. The dict is empty where the bytes are the data
        themselves, or the format does not tell. An unknown name raises KeyError. O(log streams).

        >>> file = b"FLV\1\1\0\0\0\x09\0\0\0\0" + b"\x09\0\0\2\0\0\0\0\0\0\0\x12v\0\0\0\x0d"
        >>> open(file).attributes("stream0_video")
        {'codec': 'h263'}
        """
        streams = self._opened()
        position = streams.position(name) if isinstance(name, str) else None
        if position is None:
            raise KeyError(name)
        codec = streams.codec(position)
        return {} if codec is None else {"codec": codec}

    def family(self, name: str) -> Family:
        r"""Return the numbered streams of a name as a sequence: `record[0]`, `record[1]`… for "record".

        The name is the text before the number, without a bracket, or has `{}` in the number's place:
        `image{}.lzw`. An unknown family raises KeyError. O(1).

        >>> [view.tobytes() for view in open(b"\1\0\0\0a\1\0\0\0", "fortran").family("record")]
        [b'a']
        """
        count = self._opened().count(name)
        if count is None:
            raise KeyError(name)
        return Family(self, name, range(count))

    @property
    def records(self) -> Family:
        r"""The streams `record[0]`, `record[1]`… as a sequence. O(1). AttributeError if the format has none.

        >>> open(b"\1\0\0\0a\1\0\0\0", "fortran").records[0].tobytes()
        b'a'
        """
        try:
            return self.family("record")
        except KeyError:
            raise AttributeError(f"a {self._format} container has no records") from None

    def open(
        self, name: str, format: str | None = None, *, strict: bool = True, verify: bool = False
    ) -> Container:
        r"""Open a stream as a container of its own, such as a picture within a compound file.

        Arguments, errors and cost are those of the function `open`; an unknown name raises KeyError.

        >>> inner = b"\1\0\0\0a\1\0\0\0"
        >>> outer = open(b"\x09\0\0\0" + inner + b"\x09\0\0\0", "fortran")
        >>> outer.open("record[0]", "fortran")["record[0]"].tobytes()
        b'a'
        """
        return Container(self[name], format, strict, verify)

    @overload
    def origin(  # type: ignore[overload-overlap]
        self, name: str, index: NDArray[Any]
    ) -> tuple[NDArray[Any], NDArray[Any]]: ...
    @overload
    def origin(self, name: str, index: SupportsIndex) -> tuple[int, int]: ...
    @overload
    def origin(self, name: str, index: Buffer) -> tuple[memoryview, memoryview]: ...
    def origin(self, name: str, index: Any) -> tuple[Any, Any]:
        r"""Return where byte `index` of a stream lies: the source and the offset in it.

        The source is 0 for a file or one buffer, else the index in `container.source.obj`. A hole has the
        source -1 and the offset 0. Of a buffer of integers, return two arrays, as `FragView.origin` does. An
        unknown name raises KeyError, an index out of bounds IndexError. O(1) in the mean for the stream that
        was asked for last; O(extents) to change the stream.

        >>> open(b"\1\0\0\0a\1\0\0\0" * 2, "fortran").origin("all_records_joined", 1)
        (0, 13)
        """
        last = self._last
        if last is None or last[0] != name or self._streams is None:
            view = self[name]
            last = (name, view, _numbers(self.source, view))
            self._last = last
        _, view, numbers = last
        if numbers is None:
            return view.origin(index)
        sources, offsets = view.origin(index)
        if isinstance(sources, int):
            return numbers[sources], offsets
        for place, source in enumerate(sources):
            sources[place] = numbers[source]
        return sources, offsets

    @property
    def source(self) -> FragView[int]:
        r"""The whole file as a view. A closed container raises ValueError. O(1).

        >>> len(open(b"\1\0\0\0a\1\0\0\0", "fortran").source)
        9
        """
        return self._opened().source

    def close(self) -> None:
        r"""Release the file. Views that are held stay valid and keep it. Later use raises ValueError. O(1).

        >>> container = open(b"\1\0\0\0a\1\0\0\0", "fortran")
        >>> container.close()
        >>> len(container)
        Traceback (most recent call last):
        ValueError: the container is closed...
        """
        self._streams = self._last = None

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
        return Container, (self._opened().source, self._format, self._options[0], False, self._image)

    def __repr__(self) -> str:
        """Say what it is."""
        if self._streams is None:
            return f"<closed {self._format} container>"
        plural = "" if len(self) == 1 else "s"
        return f"<{self._format} container of {len(self)} stream{plural}>"


def _numbers(whole: FragView[int], part: FragView[int]) -> list[int] | None:
    """Return the index in `whole.obj` of each source of `part`, and -1 for a hole; None if there is one."""
    if not isinstance(whole.obj, tuple):
        return None
    places = {id(source): place for place, source in enumerate(whole.obj)}
    sources = part.obj if isinstance(part.obj, tuple) else (part.obj,)
    return [*(places.get(id(source), -1) for source in sources), -1]


class Family(Sequence["FragView[int]"]):
    r"""A sequence of the numbered streams of a container that share a name; `Container.family` returns it.

    Each view is made when it is asked for. A slice is a family too, or a RecordTable where a format of others
    has one; `table()` gives the table of a built-in format. A family takes no memory for each stream.

    >>> records = open(b"\1\0\0\0a\1\0\0\0" * 3, "fortran").family("record")
    >>> len(records), records[-1].tobytes(), len(records[1:])
    (3, b'a', 2)
    """

    __slots__ = ("_container", "_name", "_numbers")

    def __init__(self, container: Container, name: str, numbers: range) -> None:
        """Make the family of these numbers. Call `Container.family` instead."""
        self._container = container
        self._name = name
        self._numbers = numbers

    def __len__(self) -> int:
        """Return the number of streams."""
        return len(self._numbers)

    @overload  # type: ignore[override]
    def __getitem__(self, index: int) -> FragView[int]: ...
    @overload
    def __getitem__(self, index: slice) -> Family | RecordTable: ...
    def __getitem__(self, index: int | slice) -> FragView[int] | Family | RecordTable:
        """Return the view of a stream; of a slice the table of its records, or else its family."""
        streams = self._container._opened()
        if isinstance(index, slice):
            if isinstance(streams, OwnStreams):
                # A format of others gives a table, whose records have fields.
                return self._part(index).table()
            return self._part(index)
        position = streams.numbered(self._name, self._numbers[index])
        if position is None:
            raise IndexError(f"the container has no stream {index} of the family {self._name!r}")
        return streams.view(position)

    def _part(self, index: slice) -> Family:
        """Return the family of a slice."""
        return Family(self._container, self._name, self._numbers[index])

    def table(self) -> RecordTable:
        r"""Return the streams as a table: columns of places and lengths, selections, joins, Arrow.

        ValueError if one of them lies in several fragments, or is a hole. 24 bytes a stream; O(streams).

        >>> records = open(b"\1\0\0\0a\1\0\0\0" * 3, "fortran").records
        >>> table = records[1:].table()
        >>> table.offsets.tolist(), table.lengths.tolist(), table.join().tobytes()
        ([13, 22], [1, 1], b'aa')
        """
        streams, numbers = self._container._opened(), self._numbers
        # The start of an empty range may be -1.
        table = streams.table(self._name, max(numbers.start, 0), len(numbers), numbers.step)
        if table is None:
            raise ValueError(
                f"a stream of {self._name!r} lies in several fragments: a table has a place for each; "
                "take the views of the family instead"
            )
        return table

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
    backing: str | os.PathLike[str] | Container | _Source | None = None,
) -> Container:
    r"""Open a file or a buffer and return its streams as a `Container`.

    A path is a `str` or an `os.PathLike`; `bytes` are a file's contents, and `os.fsdecode(path)` makes a path
    of them. The file is mapped, and unmapped with the last view of a stream; views of it pickle by reference,
    as those of `fragview.open` do. With mode "r+", writes to a view go to the file. An open file raises
    TypeError, because its lines would be copies.

    `format` is one of `names()`; by default the file's magic decides. `verify=True` checks the format's
    checksums, which reads the whole file. A file that breaks its format's rules raises `FormatError` with the
    offset; `strict=False` opens it all the same, if its streams can be found, and lists the faults in
    `faults`. O(records), in time and memory, whatever the number of bytes.

    `backing` is the backing file of a QCOW2 image: a path, which is opened in the format that the image
    names, or found by its magic; a container, of which the stream `raw_disk` is taken; or a buffer or a view,
    which is the disk itself. The disk is one view of both files.

    >>> container = open(b"\1\0\0\0a\1\0\0\0", "fortran")
    >>> container["record[0]"].tobytes()
    b'a'
    """
    if backing is not None and format not in {None, "qcow2"}:
        raise ValueError(f"backing= is for QCOW2 images, not for {format}")
    if not isinstance(path_or_buffer, (str, os.PathLike)):
        if mode != "r":
            raise ValueError("mode is for a path: a buffer is writable or not by itself")
        if backing is not None:
            return _open_over(path_or_buffer, backing, strict, verify)
        return Container(path_or_buffer, format, strict, verify)
    mapped = MappedFile(os.fsdecode(path_or_buffer), mode)
    try:
        if backing is not None:
            return _open_over(mapped.view(), backing, strict, verify)
        return Container(mapped if mapped.view() else b"", format, strict, verify)
    except BaseException as error:
        # A joined view, or code of others, may still hold it, and lets go of it with the error's traceback.
        with contextlib.suppress(BufferError):
            mapped.close()
        if isinstance(error, FormatError):
            error.args = (f"{os.fsdecode(path_or_buffer)}: {error}",)
        raise


def _open_over(
    image: _Source, backing: str | os.PathLike[str] | Container | _Source, strict: bool, verify: bool
) -> Container:
    """Open a QCOW2 image over the disk in its backing file."""
    view = FragView(image)
    disk = _disk(backing, backing_format(view))
    return Container(FragView([view, disk]), "qcow2", strict, verify, len(view))


def _disk(backing: str | os.PathLike[str] | Container | _Source, format: str | None) -> FragView[int]:
    """Return the disk in a backing file of this format; of `None` the magic decides, as in QEMU."""
    if isinstance(backing, Container):
        return backing["raw_disk"]
    if not isinstance(backing, (str, os.PathLike)):
        return FragView(backing)
    if format != "raw":
        try:
            container = open(backing, {"vpc": "vhd"}.get(format, format) if format else None)
        except FormatError as error:
            if format or error.format in _DISKS:
                raise
        else:
            if format or container.format in _DISKS:
                return container["raw_disk"]
    return MappedFile(os.fspath(backing), "r").view()


# The formats with a stream `raw_disk`.
_DISKS = frozenset({"qcow2", "vdi", "vhd", "vmdk"})


def names() -> list[str]:
    """Return the names of the formats, as `open` takes them: built-in, registered, installed. O(formats).

    >>> "png" in names()
    True
    """
    return [*format_names(), *registry.names()]

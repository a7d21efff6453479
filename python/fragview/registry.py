"""Formats of others: those that a program registers, and those that installed packages bring."""

from __future__ import annotations

import warnings
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import entry_points
from typing import NamedTuple, Protocol

from fragview._fragview import FragView, RecordTable, format_names
from fragview.errors import FormatError, RecordError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.metadata import EntryPoint
    from typing import TypeAlias

    _Contents: TypeAlias = FragView[int] | RecordTable | Iterable[tuple[int | None, int]]
    _Opened: TypeAlias = (
        Mapping[str, _Contents] | tuple[Mapping[str, _Contents], Iterable[tuple[str, int, Iterable[str]]]]
    )

GROUP = "fragview.formats"
"""The group of the entry points."""


class Opener(Protocol):
    """The function that opens a file of a format."""

    def __call__(self, source: FragView[int], /, *, strict: bool, verify: bool) -> _Opened:
        """Return the contents of each stream, and the faults if there are any."""
        ...


class Format(NamedTuple):
    """A format of others."""

    name: str
    detect: Callable[[FragView[int]], object] | None
    open: Opener


_registered: dict[str, Format] = {}


def register(name: str, detect: Callable[[FragView[int]], object] | None, open: Opener) -> None:
    r"""Make a format of your own known to `formats.open`, in this process.

    `detect` gets the file as a view and tells whether it has the format; with None the format is opened by
    its name only. Registered formats are asked first, the latest one before the others.

    `open` gets the view, and `strict` and `verify` as keywords. It returns a mapping from each stream's name
    to its contents: a view, the (offset, length) pairs of its extents, or a RecordTable, whose records become
    the streams `name[0]`, `name[1]`… With `strict=False` it may return a tuple of this mapping and the
    faults, each a description, an offset and the names of the streams that miss bytes. It reports a file that
    breaks the format's rules with `FormatError`; a `RecordError` becomes one.

    A built-in name raises ValueError; another one that is there is replaced. O(1).

    >>> from fragview import RecordLayout, formats
    >>> layout = RecordLayout(">2sH", "magic length", expect={"magic": b"RH"})
    >>> def read(source, *, strict, verify):
    ...     table = layout.scan(source, strict=strict)
    ...     return {"all": table.join(), "record": table}
    >>> formats.register("rh", lambda source: source[:2] == b"RH", read)
    >>> container = formats.open(b"RH\0\3oneRH\0\3two")
    >>> container.format, list(container), container["all"].tobytes()
    ('rh', ['all', 'record[0]', 'record[1]'], b'onetwo')
    >>> formats.unregister("rh")
    """
    if not isinstance(name, str) or not name:
        raise TypeError("the name of a format is a str that is not empty")
    if not callable(open) or not (detect is None or callable(detect)):
        raise TypeError("detect and open are functions; detect may be None")
    if name in format_names():
        raise ValueError(f"{name!r} is a built-in format")
    _registered.pop(name, None)
    _registered[name] = Format(name, detect, open)


def unregister(name: str) -> None:
    """Forget a format that was registered. An unknown name raises KeyError. O(1)."""
    del _registered[name]


def registered() -> list[Format]:
    """Return the registered formats, the latest one first."""
    return list(_registered.values())[::-1]


def installed() -> list[EntryPoint]:
    """Return the entry points of installed packages, without loading them. O(packages)."""
    known = {*format_names(), *_registered}
    return [point for point in entry_points(group=GROUP) if point.name not in known]


def load(point: EntryPoint) -> Format:
    """Load an entry point: an object with the functions `detect` and `open`, such as a module."""
    found = point.load()
    return Format(point.name, getattr(found, "detect", None), found.open)


def _told(doing: str, error: Exception) -> str:
    """Warn of the error of a format of others, and return the words."""
    words = f"{doing} failed: {type(error).__name__}: {error}"
    warnings.warn(words, RuntimeWarning, stacklevel=6)
    return words


def _detects(format: Format, view: FragView[int]) -> bool:
    """Return whether the format knows the file. An error is told, and means that it does not."""
    try:
        return format.detect is not None and bool(format.detect(view))
    except Exception as error:
        _told(f"detect() of the format {format.name!r}", error)
        return False


def detected(formats: Iterable[Format], view: FragView[int]) -> Format | None:
    """Return the first of the formats that knows the file."""
    return next((format for format in formats if _detects(format, view)), None)


def detected_by_others(view: FragView[int]) -> tuple[Format | None, list[str]]:
    """Return the installed format that knows the file, and the words of those that can't be loaded."""
    broken = []
    for point in installed():
        try:
            format = load(point)
        except Exception as error:
            broken.append(_told(f"the entry point {point.name!r} = {point.value!r} of {GROUP!r}", error))
            continue
        if _detects(format, view):
            return format, broken
    return None, broken


def named(name: str) -> Format | None:
    """Return the format of others of this name; ValueError if its entry point can't be loaded."""
    if name in _registered:
        return _registered[name]
    for point in installed():
        if point.name == name:
            try:
                return load(point)
            except Exception as error:
                raise ValueError(
                    f"the entry point {point.name!r} = {point.value!r} of {GROUP!r} can't be loaded: "
                    f"{type(error).__name__}: {error}"
                ) from error
    return None


def names() -> list[str]:
    """Return the names of the formats of others: registered ones, and installed ones."""
    return [*_registered, *dict.fromkeys(point.name for point in installed())]


class OwnStreams:
    """The streams of a file of a registered format, by their places; as `_fragview.Streams` has them."""

    def __init__(self, format: Format, source: FragView[int], strict: bool, verify: bool) -> None:
        """Open the file."""
        self.format = format.name
        self.source = source
        try:
            opened = format.open(source, strict=strict, verify=verify)
        except RecordError as error:
            raise FormatError(f"{format.name}: {error}", format.name, error.offset) from error
        if isinstance(opened, tuple):
            opened, faults = opened
        else:
            faults = ()
        self.faults = [(str(what), int(offset), list(streams)) for what, offset, streams in faults]
        self._contents: list[FragView[int] | RecordTable] = []
        self._names = {str(name): place for place, name in enumerate(opened)}
        self._labels = list(self._names)
        self._starts = [0]
        for contents in opened.values():
            if not isinstance(contents, (FragView, RecordTable)):
                contents = FragView.from_extents(source, contents)
            self._contents.append(contents)
            count = len(contents) if isinstance(contents, RecordTable) else 1
            self._starts.append(self._starts[-1] + count)

    def __len__(self) -> int:
        """Return the number of streams."""
        return self._starts[-1]

    def _find(self, position: int) -> tuple[int, int | None]:
        """Return the place of a stream's contents, and its number in a table. O(log contents)."""
        if not 0 <= position < len(self):
            raise IndexError("there is no stream at this place")
        place = bisect_right(self._starts, position) - 1
        is_table = isinstance(self._contents[place], RecordTable)
        return place, position - self._starts[place] if is_table else None

    def position(self, name: str, /) -> int | None:
        """Return the place of the stream of this name, or None."""
        place = self._names.get(name)
        if place is not None and not isinstance(self._contents[place], RecordTable):
            return self._starts[place]
        family, bracket, number = name.rpartition("[")
        digits = number.removesuffix("]")
        if not bracket or not digits.isdecimal() or f"{family}[{int(digits)}]" != name:
            return None
        return self.numbered(family, int(digits))

    def name(self, position: int, /) -> str:
        """Return the name of the stream at a place; IndexError past the last."""
        place, number = self._find(position)
        return self._labels[place] if number is None else f"{self._labels[place]}[{number}]"

    def view(self, position: int, /) -> FragView[int]:
        """Return the view of the stream at a place; IndexError past the last."""
        place, number = self._find(position)
        contents = self._contents[place]
        if isinstance(contents, RecordTable):
            return contents[number or 0].content
        return contents

    def count(self, family: str, /) -> int | None:
        """Return the number of streams of a family; None if there is no such family."""
        table = self._table(family)
        return None if table is None else len(table)

    def numbered(self, family: str, number: int, /) -> int | None:
        """Return the place of a family's stream by its number, or None."""
        table = self._table(family)
        if table is None or not 0 <= number < len(table):
            return None
        return self._starts[self._names[family]] + number

    def codec(self, position: int, /) -> None:
        """Return no codec: formats of others have none."""

    def table(self, family: str, start: int, count: int, step: int, /) -> RecordTable | None:
        """Return the table of a family's streams from `start` on, or None."""
        table = self._table(family)
        if table is None:
            return None
        stop = start + count * step
        return table[slice(start, stop if stop >= 0 else None, step)]

    def _table(self, family: str, /) -> RecordTable | None:
        """Return the table of a family, or None."""
        place = self._names.get(family)
        contents = None if place is None else self._contents[place]
        return contents if isinstance(contents, RecordTable) else None

"""A `memoryview` of fragmented memory.

`FragView` shows many fragments of memory (slices of an mmap, of `bytes`, `bytearray`, NumPy arrays) as one
array. Reading, writing and slicing work across the seams; nothing is copied.
"""

from collections.abc import Sequence
from io import BufferedIOBase

from fragview._fragview import (
    Extents,
    FragBuffer,
    FragFile,
    Fragments,
    FragView,
    Gather,
    Record,
    RecordLayout,
    RecordTable,
    Segments,
    __version__,
)
from fragview.errors import FormatError, NotEnoughDataError, RecordError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fragview import formats as formats
    from fragview import re as re
    from fragview.files import MappedFile
    from fragview.files import open as open

# Not `open`: `from fragview import *` must not hide the built-in one.
__all__ = [
    "Extents",
    "FormatError",
    "FragBuffer",
    "FragFile",
    "FragView",
    "Fragments",
    "Gather",
    "MappedFile",
    "NotEnoughDataError",
    "Record",
    "RecordError",
    "RecordLayout",
    "RecordTable",
    "Segments",
    "__version__",
    "get_include",
]

# Sequence patterns (`match view: case [first, *rest]`) look for this.
for _class in (FragView, Fragments, Extents):
    Sequence.register(_class)
del _class


def get_include() -> str:
    """Return the folder of `fragview.h` and `fragview.pxd`, for extension modules (docs/native.md)."""
    from pathlib import Path

    return str(Path(__file__).parent / "include")


def __getattr__(name: str) -> object:
    """Import on first use: the modules, and the names that need `mmap`."""
    if name in ("formats", "re"):
        from importlib import import_module

        return import_module(f"fragview.{name}")
    if name not in ("MappedFile", "open"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from fragview import files

    globals().update(MappedFile=files.MappedFile, open=files.open)
    return getattr(files, name)


def __dir__() -> list[str]:
    return [*__all__, "formats", "open", "re"]


# FragFile has all methods of io's buffered files; readers check `isinstance(file, io.IOBase)`.
BufferedIOBase.register(FragFile)

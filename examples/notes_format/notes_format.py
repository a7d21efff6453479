"""A file format of one's own: a magic, and then notes of several authors, each in records with a checksum.

`formats.open` finds it once the package is installed, by its entry point in pyproject.toml.
"""

from __future__ import annotations

import zlib
from typing import Any

from fragview import FragView, RecordError, RecordLayout, RecordTable
from fragview.errors import FormatError

MAGIC = b"NOTES\r\n\0"
LAYOUT = RecordLayout(">2s3sB", "magic length author", trailer=4, expect={"magic": b"NT"})


def detect(source: FragView[int]) -> bool:
    """Tell by the magic whether a file is one of notes."""
    return source.startswith(MAGIC)


def open(source: FragView[int], *, strict: bool, verify: bool) -> Any:
    """Return the streams: each author's notes as one, and each note."""
    notes = LAYOUT.scan(source, len(MAGIC), strict=strict)
    if verify:
        check(notes)
    streams: dict[str, FragView[int] | RecordTable] = {
        f"author/{number}": table.join() for number, table in notes.group_by("author").items()
    }
    streams["note"] = notes
    error: RecordError | None = notes.error
    return streams, [] if error is None else [(str(error), error.offset, ["note"])]


def check(notes: RecordTable) -> None:
    """Compare each checksum with that of the content."""
    for note in notes:
        if note.trailer.cast(">I")[0] != zlib.crc32(note.content.tobytes()):
            raise FormatError(f"notes: a wrong checksum at offset {note.offset}", "notes", note.offset)

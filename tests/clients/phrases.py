"""Texts that several clients share: calls to make instead, and faults."""

from __future__ import annotations

TOLD = "It shows by `str()` what an object is, unless that is `bytes`; so it is for a memoryview, too."


def fed(start: str, update: str = "h.update(part)", end: str = "h.digest()") -> str:
    """A call for each fragment."""
    return f"h = {start}\nfor part in v.fragments: {update}\n{end}"


def joined(start: str, method: str = "decompress") -> str:
    """A call for each fragment, whose results are joined."""
    return f"d = {start}; b''.join(map(d.{method}, v.fragments))"


OBJECT = "It keeps what is no list as one object."


SUBOFFSETS = (
    "It asks for any kind of buffer, ignores PEP 3118's suboffsets, and takes the table of pointers for the "
    "bytes: wrong data, and addresses of this process. `v.without_suboffsets()` is refused."
)


VALUE = (
    "It reads from `bytes`, `bytearray`, `memoryview` and files. It takes anything else for the value itself."
)

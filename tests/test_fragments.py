"""`fragments`: a lazy sequence of contiguous memoryviews of the memory itself."""

from __future__ import annotations

import hashlib
import os
import random
import socket
import zlib
from collections.abc import Sequence
from pathlib import Path

import pytest

from fragmented import FragView, cut, needs_fragview, place

pytestmark = needs_fragview

DATA = bytes(range(65, 89))


def test_fragments() -> None:
    """A lazy sequence of contiguous memoryviews, each of the memory itself."""
    fragmented = cut(DATA, (5, 0, 1, 2, 16), ["bytearray", "mmap", "numpy"])
    fragments = fragmented.view().fragments
    assert len(fragments) == 4
    assert [len(part) for part in fragments] == [5, 1, 2, 16]
    for part in fragments:
        assert type(part) is memoryview
        assert (part.contiguous, part.ndim, part.readonly) == (True, 1, False)
    assert b"".join(fragments) == DATA
    assert [bytes(p) for p in reversed(fragments)] == [bytes(p) for p in list(fragments)[::-1]]
    for i in range(-4, 4):
        assert fragments[i] == list(fragments)[i]
    for i in (4, -5, 2**63, -(2**70)):
        with pytest.raises(IndexError):
            fragments[i]
    for key in ("a", None, 1.0):
        with pytest.raises(TypeError):
            fragments[key]
    fragments[2][0] = 1
    fragmented.check(DATA[:6] + b"\x01" + DATA[7:])
    assert isinstance(fragments, Sequence)
    assert repr(fragments) == "<4 fragments of 24 bytes>"
    assert repr(FragView(b"a").fragments) == "<1 fragment of 1 byte>"
    assert repr(FragView().fragments) == "<0 fragments of 0 bytes>"
    with pytest.raises(IndexError, match=r"\(1 fragment\)"):
        FragView(b"a").fragments[1]


@pytest.mark.parametrize(
    "key",
    [slice(None, None, 2), slice(None, None, -1), slice(2, 20), slice(6, 6), slice(7, 8)],
    ids=repr,
)
def test_fragments_of_slices(key: slice) -> None:
    """Only the range's runs: one per run of neighbours."""
    for sizes in [(24,), (5, 0, 1, 2, 16), (1,) * 24]:
        view = cut(DATA, sizes).view()[key]
        found = [bytes(part) for part in view.fragments]
        assert b"".join(found) == DATA[key]
        assert all(found)
        if key.step in (2, -1):
            assert len(found) == len(DATA[key])


def test_fragments_of_typed_views() -> None:
    """They are the bytes below the items, whatever the format, also where a seam cuts an item."""
    for args in [("H",), ("d",), ("<IHH",), ("B", (4, 6))]:
        view = cut(DATA, (5, 0, 1, 2, 16)).view().cast(*args)
        assert [part.nbytes for part in view.fragments] == [5, 1, 2, 16]
        assert b"".join(view.fragments) == DATA
    typed = cut(DATA, (5, 19)).view("H")[::2]
    assert b"".join(typed.fragments) == typed.tobytes()


def test_fragments_hold_the_view() -> None:
    """A fragment is an export: its memory stays as long as it lives."""
    source = bytearray(DATA)
    view = FragView([memoryview(source)[:5], memoryview(source)[9:]])
    part = view.fragments[1]
    del view
    with pytest.raises(BufferError):
        source.append(1)
    assert part.tobytes() == DATA[9:]
    part.release()
    del part
    source.append(1)


def test_fragments_of_read_only_memory() -> None:
    """Each fragment is as writable as its own memory; those of `toreadonly` are not."""
    view = FragView([place(b"ab"), place(b"cd", "bytes"), place(b"ef", "toreadonly"), place(b"gh")])
    assert [part.readonly for part in view.fragments] == [False, True, True, False]
    assert all(part.readonly for part in view.toreadonly().fragments)


def test_fragments_in_use(tmp_path: Path) -> None:
    """writev, sendmsg, hashlib and zlib take them as they are."""
    data = random.Random(1).randbytes(3000)
    view = cut(data, [100] * 30).view()
    with (tmp_path / "out").open("wb") as file:
        assert os.writev(file.fileno(), view.fragments) == 3000
    assert (tmp_path / "out").read_bytes() == data
    one, two = socket.socketpair()
    with one, two:
        assert one.sendmsg(view.fragments) == 3000
        assert two.recv(3000, socket.MSG_WAITALL) == data
    digest, crc = hashlib.sha256(), 0
    for part in view.fragments:
        digest.update(part)
        crc = zlib.crc32(part, crc)
    assert (digest.digest(), crc) == (hashlib.sha256(data).digest(), zlib.crc32(data))

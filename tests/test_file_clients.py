"""`FragView.open`: the file in the hands of zipfile, tarfile, Pillow, pickle and others."""

from __future__ import annotations

import gzip
import io
import pickle
import shutil
import struct
import tarfile
import zipfile
from typing import Any

import pytest
from PIL import Image

from fragmented import needs_fragview
from fragview import FragView

pytestmark = needs_fragview


TEXT = b"ab\n\ncde\nf"


def cuts(data: bytes, size: int = 7) -> Any:
    """A file over fragments of `size` bytes, writable."""
    return FragView([bytearray(data[i : i + size]) for i in range(0, len(data), size)]).open()


def test_zipfile() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", "some text " * 50)
        archive.writestr("b.bin", bytes(1000))
    with zipfile.ZipFile(cuts(made.getvalue())) as archive:
        assert archive.testzip() is None
        assert archive.read("a.txt") == b"some text " * 50
        with archive.open("b.bin") as member:
            member.seek(990)
            assert member.read() == bytes(10)


def test_zipfile_written_into_memory_of_fixed_size() -> None:
    room = cuts(bytes(300))
    with zipfile.ZipFile(room, "w") as archive:
        archive.writestr("a.txt", "text")
    size = room.tell()
    with zipfile.ZipFile(io.BytesIO(room.getvalue()[:size])) as archive:
        assert archive.read("a.txt") == b"text"


def test_tarfile_and_gzip() -> None:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        info = tarfile.TarInfo("a.bin")
        info.size = 3000
        archive.addfile(info, cuts(b"abc" * 1000))
    with tarfile.open(fileobj=cuts(made.getvalue())) as archive:
        member = archive.extractfile("a.bin")
        assert member is not None
        assert member.read() == b"abc" * 1000
    with gzip.GzipFile(fileobj=cuts(gzip.compress(b"lines\n" * 100))) as unzipped:
        assert unzipped.readlines() == [b"lines\n"] * 100


def test_pillow() -> None:
    made = io.BytesIO()
    picture = Image.effect_noise((40, 30), 50)
    picture.save(made, "PNG")
    assert Image.open(cuts(made.getvalue(), 100)).tobytes() == picture.tobytes()
    room = cuts(bytes(10_000))
    picture.save(room, "PNG")
    assert room.getvalue()[: room.tell()] == made.getvalue()


def test_pickle_load_and_dump() -> None:
    value = {"a": list(range(100)), "b": b"bytes" * 1000}
    data = pickle.dumps(value, 5)
    assert pickle.load(cuts(data)) == value
    room = cuts(bytes(len(data)))
    pickle.dump(value, room, 5)
    assert room.getvalue() == data
    with pytest.raises(BufferError):
        pickle.dump(value, cuts(bytes(10)), 5)


def test_text_wrapper_and_buffered_reader() -> None:
    text = "häuser\r\nzwei\n€uro\n" * 20
    wrapped = io.TextIOWrapper(cuts(text.encode()), "utf-8")
    assert wrapped.read() == text.replace("\r\n", "\n")
    wrapped.seek(0)
    assert wrapped.readline() == "häuser\n"
    room = cuts(bytes(20))
    writer = io.TextIOWrapper(room, "utf-8", newline="")
    writer.write("€uro\n")
    writer.flush()
    assert room.getvalue().rstrip(b"\0") == "€uro\n".encode()
    assert io.BufferedReader(cuts(TEXT)).readlines() == io.BytesIO(TEXT).readlines()
    buffered = io.BufferedRandom(cuts(TEXT))
    buffered.write(b"X")
    buffered.seek(0)
    assert buffered.read() == b"X" + TEXT[1:]


def test_struct_loop_and_copyfileobj() -> None:
    data = b"".join(struct.pack("<HI", i, i * i) for i in range(500))
    file, got = cuts(data), []
    while header := file.read(6):
        got.append(struct.unpack("<HI", header))
    assert got == [(i, i * i) for i in range(500)]
    target = io.BytesIO()
    file.seek(0)
    shutil.copyfileobj(file, target)
    assert target.getvalue() == data

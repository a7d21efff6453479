"""`write_to` and `read_from` of files, raw or buffered, and of other objects with a file's methods."""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from fragmented import needs_fragview
from fragview import FragView
from transfers import many, pattern

pytestmark = needs_fragview


@pytest.mark.parametrize("buffering", [-1, 0])
def test_files_keep_their_positions(tmp_path: Path, buffering: int) -> None:
    path = tmp_path / "file"
    view = many(pattern(10_000), 100)
    with path.open("w+b", buffering=buffering) as file:
        file.write(b"before")
        assert view.write_to(file) == 10_000
        assert file.tell() == 10_006
        file.write(b"after")
        file.seek(3)
        assert file.read(3) == b"ore"
        target = FragView([bytearray(6_000), bytearray(4_000)])
        assert target.read_from(file) == 10_000
        assert target == view
        assert (file.tell(), file.read()) == (10_006, b"after")
    assert path.read_bytes() == b"before" + view.tobytes() + b"after"
    with path.open("rb", buffering=buffering) as file:
        assert file.readline(4) == b"befo"
        assert target[:2].read_from(file) == 2
        assert target[:2] == b"re"
        assert target.read_from(file) == 10_000
        assert file.read(3) == b"aft"
        assert (target.read_from(file), target[:2].tobytes(), target.read_from(file)) == (2, b"er", 0)
    with path.open("ab", buffering=buffering) as file:
        file.write(b"1")
        assert FragView([b"2", b"3"]).write_to(file) == 2
        file.write(b"4")
    assert path.read_bytes().endswith(b"after1234")


@pytest.mark.parametrize("buffering", [-1, 0])
def test_files_open_the_other_way(tmp_path: Path, buffering: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"abc")
    with path.open("rb", buffering=buffering) as file:
        with pytest.raises(io.UnsupportedOperation, match="writ"):
            FragView([b"x"]).write_to(file)
        file.close()
        with pytest.raises(ValueError, match="closed"):
            FragView([bytearray(1)]).read_from(file)
    with path.open("wb", buffering=buffering) as file, pytest.raises(io.UnsupportedOperation, match="read"):
        FragView([bytearray(1)]).read_from(file)


def test_files_with_something_in_between(tmp_path: Path) -> None:
    """They have a descriptor, but the bytes that go through it are others."""
    view = many(pattern(5000), 300)
    with gzip.open(tmp_path / "a.gz", "wb") as packed:
        assert view.write_to(packed) == 5000
    assert gzip.decompress((tmp_path / "a.gz").read_bytes()) == view
    target = FragView([bytearray(2000), bytearray(3000)])
    with gzip.open(tmp_path / "a.gz", "rb") as packed:
        assert target.read_from(packed) == 5000
    assert target == view
    with (tmp_path / "text").open("w") as text, pytest.raises(TypeError):
        view.write_to(text)
    with tempfile.NamedTemporaryFile() as named:
        named.write(b"a")
        assert view.write_to(named) == 5000
        named.seek(1)
        assert target.read_from(named) == 5000


def test_memory_files() -> None:
    view = many(pattern(1000), 70)
    memory = io.BytesIO()
    assert view.write_to(memory) == 1000
    assert memory.getvalue() == view
    memory.seek(0)
    target = FragView([bytearray(500), bytearray(700)])
    assert target.read_from(memory) == 1000
    assert target[:1000] == view
    assert view.write_to(target.open()) == 1000
    assert target.read_from(view.open()) == 1000


def test_subprocess_pipes() -> None:
    data = pattern(300_000)
    echo = "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read())"
    command = [sys.executable, "-c", echo]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert many(data, 1000).write_to(child.stdin) == len(data)
        child.stdin.close()
        target = many(bytes(len(data)), 10_000)
        assert target.read_from(child.stdout) == len(data)
    assert target == data


class Raw(io.RawIOBase):
    """A raw file that moves three bytes a call, and now and then none."""

    def __init__(self, data: bytes = b"", pauses: bool = False) -> None:
        self.data = bytearray(data)
        self.calls = 0
        self.pauses = pauses

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int | None:  # type: ignore[override]
        self.calls += 1
        if self.pauses and self.calls % 3 == 1:
            return None
        self.data += data[:3]
        return min(3, len(data))

    def readinto(self, buffer: Any) -> int | None:
        self.calls += 1
        if self.pauses and self.calls % 3 == 1:
            return None
        count = min(3, len(buffer), len(self.data))
        buffer[:count] = self.data[:count]
        del self.data[:count]
        return count


def test_raw_files_of_ones_own() -> None:
    view = FragView([b"abcd", b"e", b"fghij"])
    raw = Raw()
    assert view.write_to(raw) == 10
    assert raw.data == view
    target = FragView([bytearray(7), bytearray(5)])
    assert target.read_from(raw) == 10
    assert target[:10] == view
    pausing = Raw(pauses=True)
    with pytest.raises(BlockingIOError):
        view.write_to(pausing)
    moved = view.write_to(pausing)
    assert pausing.data == view[:moved]
    assert 0 < moved < 10


def test_other_objects() -> None:
    class Writer:
        def __init__(self, answer: object) -> None:
            self.answer = answer

        def write(self, data: Any) -> object:
            return self.answer

    view = FragView([b"abc", b"de"])
    assert view.write_to(Writer(None)) == 5
    for answer, match in ((0, "took nothing"), (4, "invalid length 4"), (-1, "invalid length -1")):
        with pytest.raises(OSError, match=match):
            view.write_to(Writer(answer))
    with pytest.raises(TypeError):
        view.write_to(Writer("3"))

    class Reader:
        def __init__(self, *answers: Any) -> None:
            self.answers = list(answers)

        def read(self, size: int) -> Any:
            return self.answers.pop(0)

    target = FragView([bytearray(3), bytearray(2)])
    assert target.read_from(Reader(b"ab", b"c", b"d", b"")) == 4
    assert target.tobytes() == b"abcd\0"
    with pytest.raises(OSError, match=r"read\(3\) returned 4 bytes"):
        target.read_from(Reader(b"1234"))
    with pytest.raises(TypeError, match="should return bytes, not 'str'"):
        target.read_from(Reader("1"))
    with pytest.raises(ZeroDivisionError) as caught:
        target.read_from(type("R", (), {"read": lambda self, n: 1 // 0})())
    assert caught.value.characters_written == 0  # type: ignore[attr-defined]

    class OnlyFileno:
        def fileno(self) -> int:
            return write

    read, write = os.pipe()
    assert view.write_to(OnlyFileno()) == 5
    assert os.read(read, 9) == b"abcde"
    os.close(read)
    os.close(write)


@pytest.mark.parametrize("wrong", ["path", None, 1.5, b"abc", [], object()])
def test_what_is_no_file(wrong: Any) -> None:
    for call in (FragView([b"a"]).write_to, FragView([bytearray(1)]).read_from):
        with pytest.raises(TypeError, match="must be a binary file, a socket or a file descriptor, not"):
            call(wrong)


def test_text_files_are_refused_with_what_helps(tmp_path: Path) -> None:
    with (tmp_path / "text").open("w+") as file:
        for call in (FragView([b"ab"]).write_to, FragView([bytearray(2)]).read_from):
            with pytest.raises(TypeError, match=r"not a text file \('TextIOWrapper'\); its buffer is one"):
                call(file)
            with pytest.raises(TypeError, match=r"not a text file \('StringIO'\)$"):
                call(io.StringIO("text"))
        assert FragView([b"ab", b"c"]).write_to(file.buffer) == 3


def test_what_cannot_be_shown_is_told_too() -> None:
    """A hole that no address space has room for comes after some bytes."""
    view = FragView.from_extents(b"head", [(0, 4), (None, 2**60)])
    with pytest.raises(MemoryError) as caught:
        view.write_to(io.BytesIO())
    assert caught.value.characters_written == 4  # type: ignore[attr-defined]


@pytest.mark.thread_unsafe(reason="a number that is closed is given to another thread")
def test_bad_descriptors() -> None:
    with pytest.raises(OverflowError, match="file descriptor"):
        FragView([b"ab"]).write_to(2**40)
    with pytest.raises(ValueError, match=r"cannot be a negative integer \(-1\)"):
        FragView([b"a"]).write_to(-1)
    with pytest.raises(OverflowError):
        FragView([b"a"]).write_to(2**40)
    read, write = os.pipe()
    os.close(read)
    os.close(write)
    for call in (FragView([b"a"]).write_to, FragView([bytearray(1)]).read_from):
        with pytest.raises(OSError, match="Bad file descriptor"):
            call(write)

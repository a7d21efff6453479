"""`fragview.formats`: opening files and buffers, closing them, and what is no file of any format."""

from __future__ import annotations

import doctest
import gc
import inspect
import os
import pickle
from pathlib import Path
from typing import Any

import pytest

from pieces import FragView, cut, needs_fragview

pytestmark = needs_fragview

fragview = pytest.importorskip("fragview")
formats = pytest.importorskip("fragview.formats")

CHUNKS = [(b"IHDR", bytes(13)), (b"IDAT", b"abc"), (b"IDAT", b""), (b"IDAT", b"de"), (b"IEND", b"")]
PNG = b"\x89PNG\r\n\x1a\n" + b"".join(len(c).to_bytes(4, "big") + kind + c + b"CRC." for kind, c in CHUNKS)

needs_png = pytest.mark.skipif("png" not in formats.names(), reason="there is no format png yet")


def test_names() -> None:
    names = formats.names()
    assert all(isinstance(name, str) and name for name in names)
    assert len(set(names)) == len(names)
    names.clear()
    assert formats.names() != names or not formats.names()


@needs_png
def test_docstring() -> None:
    result = doctest.testmod(formats)
    assert result.attempted > 0
    assert result.failed == 0


@needs_png
@pytest.mark.parametrize("name", [None, "png"])
def test_buffers(name: str | None) -> None:
    for source in (PNG, bytearray(PNG), memoryview(PNG), FragView(PNG), cut(PNG, [1] * len(PNG)).view()):
        with formats.open(source, name) as container:
            assert isinstance(container, formats.Container)
            assert container.format == "png"
            assert container.streams["idat"].tobytes() == b"abcde"
            assert repr(container).startswith("<png container of ")


@needs_png
@pytest.mark.parametrize("kind", [str, Path, os.fspath])
def test_paths(kind: Any, tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(PNG)
    with formats.open(kind(path)) as container:
        view = container.streams["idat"]
        assert view.readonly
        assert view.tobytes() == b"abcde"
    with pytest.raises(ValueError, match="released"):
        view.tobytes()


@needs_png
def test_write_through() -> None:
    """The streams of a writable buffer are writable."""
    source = bytearray(PNG)
    with formats.open(source) as container:
        container.streams["idat"][1:4] = b"XYZ"
    assert source == PNG.replace(b"abc", b"aXY").replace(b"de", b"Ze")
    source.clear()


@needs_png
def test_close(tmp_path: Path) -> None:
    """Closing waits for nobody: what is still in use is a BufferError, and it can be tried again."""
    path = tmp_path / "picture.png"
    path.write_bytes(PNG)
    container = formats.open(path)
    part = container.streams["idat"][1:3]
    memory = memoryview(container.streams["idat"][:1])
    with pytest.raises(BufferError):
        container.close()
    assert part.tobytes() == b"bc"
    memory.release()
    part.release()
    gc.collect()
    container.close()
    container.close()
    with pytest.raises(ValueError, match="released"):
        container.streams["idat"].tobytes()


@needs_png
def test_streams_can_not_be_replaced() -> None:
    container = formats.open(PNG)
    with pytest.raises(TypeError):
        container.streams["idat"] = FragView()
    assert list(container.streams) == list(dict(container.streams))
    assert "nothing" not in container.streams
    with pytest.raises(KeyError):
        container.streams["nothing"]


@needs_png
def test_stream_outlives_the_container(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(PNG)
    view = formats.open(path).streams["idat"]
    gc.collect()
    path.unlink()
    assert view.tobytes() == b"abcde"


@pytest.mark.parametrize("source", [b"", b"\0", b"no format has this magic", bytes(1_000)])
def test_no_format(source: bytes, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(source)
    for file in (source, path, str(path)):
        with pytest.raises(fragview.FormatError) as caught:
            formats.open(file)
        assert isinstance(caught.value, ValueError)
        assert caught.value.offset == 0
        for name in formats.names():
            if name not in {"leveldb_log", "fortran", "tfrecord"}:  # An empty log is a log.
                with pytest.raises(fragview.FormatError) as caught:
                    formats.open(file, name)
                assert caught.value.format in formats.names()
    path.unlink()


@pytest.mark.parametrize("name", ["", "PNG", "png ", "nothing", "png\0", "\u00e9"])
def test_no_such_format(name: str) -> None:
    for source in (PNG, b""):
        with pytest.raises(ValueError, match="format"):
            formats.open(source, name)


def test_wrong_arguments() -> None:
    for source in (None, 5, 1.5, ["a"]):
        with pytest.raises(TypeError):
            formats.open(source)
    for name in (5, b"png"):
        with pytest.raises(TypeError):
            formats.open(PNG, name)
    with pytest.raises(TypeError):
        formats.open(PNG, "png", True)


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        formats.open(tmp_path / "none.png")
    with pytest.raises(OSError):
        formats.open(tmp_path)


@needs_png
def test_failure_lets_go(tmp_path: Path) -> None:
    """A file that is refused is closed, and a buffer free."""
    source = bytearray(PNG[:-3])
    path = tmp_path / "cut.png"
    path.write_bytes(source)
    with pytest.raises(fragview.FormatError):
        formats.open(path)
    with pytest.raises(fragview.FormatError) as caught:
        formats.open(source)
    gc.collect()
    source.clear()
    assert caught.value.format == "png"
    assert 0 < caught.value.offset < len(PNG)


@needs_png
def test_verify() -> None:
    """Checksums are looked at on request."""
    formats.open(PNG)
    with pytest.raises(fragview.FormatError, match=r"(?i)crc|checksum"):
        formats.open(PNG, verify=True)


@needs_png
def test_mutations() -> None:
    """Each cut and each flipped byte: a container or a FormatError."""
    broken = [PNG[:end] for end in range(len(PNG))]
    for place in range(len(PNG)):
        for mask in (0x01, 0x20, 0x80, 0xFF):
            data = bytearray(PNG)
            data[place] ^= mask
            broken.append(bytes(data))
    for data in broken:
        for verify in (False, True):
            try:
                container = formats.open(data, "png", verify=verify)
            except fragview.FormatError as error:
                assert 0 <= error.offset <= len(data)  # noqa: PT017
                continue
            assert sum(map(len, container.streams.values())) <= len(data)


def test_format_error() -> None:
    error = fragview.FormatError("what is wrong", "png", 7)
    assert (str(error), error.format, error.offset) == ("what is wrong", "png", 7)
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.format, again.offset) == (type(error), str(error), "png", 7)


def test_signature() -> None:
    """As the contract has it."""
    assert str(inspect.signature(formats.open)).startswith("(path_or_buffer")
    assert list(inspect.signature(formats.open).parameters) == ["path_or_buffer", "format", "verify"]

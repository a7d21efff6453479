"""`fragview.formats`: opening files and buffers, closing them, and what is no file of any format."""

from __future__ import annotations

import doctest
import gc
import inspect
import io
import mmap
import os
import pickle
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest

from fragmented import FragView, cut, needs_fragview

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
@pytest.mark.thread_unsafe(reason="doctest takes sys.stdout")
def test_docstring() -> None:
    result = doctest.testmod(formats, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
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
        assert container.streams["idat"].readonly
        assert container.streams["idat"].tobytes() == b"abcde"
    with pytest.raises(ValueError, match="closed"):
        container.streams


@needs_png
def test_write_through() -> None:
    """The streams of a writable buffer are writable."""
    source = bytearray(PNG)
    with formats.open(source) as container:
        container.streams["idat"][1:4] = b"XYZ"
    assert source == PNG.replace(b"abc", b"aXY").replace(b"de", b"Ze")
    source.clear()


def mapped(path: Path) -> bool:
    """The file is in this process's memory."""
    return str(path) in Path("/proc/self/maps").read_text()


@pytest.mark.unix
@needs_png
def test_close(tmp_path: Path) -> None:
    """Closing lets go of the streams; it waits for no view, and breaks none. The last one unmaps the file."""
    path = tmp_path / "picture.png"
    path.write_bytes(PNG)
    container = formats.open(path)
    stream = container.streams["idat"]
    part = stream[1:3]
    memory = memoryview(stream[:1])
    table = fragview.RecordLayout("B", "kind", length=0).scan(stream)
    container.close()
    container.close()
    assert repr(container) == "<closed png container>"
    assert container.format == "png"
    for call in (lambda: container.streams, container.__enter__):
        with pytest.raises(ValueError, match="the container is closed"):
            call()
    assert (stream.tobytes(), part.tobytes(), memory.tobytes()) == (b"abcde", b"bc", b"a")
    assert mapped(path)
    for name in ("stream", "part", "memory"):
        assert mapped(path), name
        if name == "stream":
            stream.release()
        elif name == "part":
            part.release()
        else:
            memory.release()
    assert mapped(path)
    assert table["kind"].tolist() == list(b"abcde")
    del table, memory
    gc.collect()
    assert not mapped(path)


@pytest.mark.unix
@needs_png
def test_leaving_the_block_lets_go(tmp_path: Path) -> None:
    """Without a view that is kept, the file is unmapped when the block ends."""
    path = tmp_path / "picture.png"
    path.write_bytes(PNG)
    with formats.open(path):
        assert mapped(path)
    assert not mapped(path)
    source = bytearray(PNG)
    with formats.open(source), pytest.raises(BufferError):
        source.clear()
    source.clear()


@needs_png
def test_views_outlive_the_block(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(PNG)
    with formats.open(path) as container:
        part = container.streams["idat"][1:]
        whole = container.streams["idat"]
        held = memoryview(whole[:3])
    assert (part.tobytes(), whole.tobytes(), held.tobytes()) == (b"bcde", b"abcde", b"abc")


@needs_png
def test_the_users_own_exception(tmp_path: Path) -> None:
    """It comes out of the block, whatever views are held."""
    path = tmp_path / "picture.png"
    path.write_bytes(PNG)
    with pytest.raises(LookupError, match="mine") as caught, formats.open(path) as container:
        held = container.streams["idat"][1:]
        raise LookupError("mine")
    assert caught.value.__context__ is None
    assert held.tobytes() == b"bcde"


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
        words = "the file is empty" if source == b"" else f"the file begins with {source[:8]!r}"
        if source:
            words += "; the formats are 'png', '"
        words = f"unknown format: {words}"
        text = str(caught.value)
        assert text.startswith(words if file is source else f"{path}: {words}")
        assert "; name it with format=" in text
        assert ("RecordLayout" in text) == bool(source)
        assert caught.value.offset == 0
        for name in formats.names():
            if name not in {"leveldb_log", "fortran", "tar", "tfrecord"}:  # An empty log is a log.
                with pytest.raises(fragview.FormatError) as caught:
                    formats.open(file, name)
                assert caught.value.format in formats.names()
    path.unlink()


@pytest.mark.parametrize("name", ["", "PNG", "png ", "nothing", "png\0", "\u00e9"])
def test_no_such_format(name: str) -> None:
    for source in (PNG, b""):
        words = f"no format is named '{name}'; there are 'png', 'gif', "
        with pytest.raises(ValueError, match=f"^{re.escape(words)}") as caught:
            formats.open(source, name)
        assert type(caught.value) is ValueError


def test_wrong_arguments() -> None:
    for source in (None, 5, 1.5, ["a"]):
        with pytest.raises(TypeError, match=r"^formats\.open\(\)"):
            formats.open(source)
    for name in (5, b"png"):
        with pytest.raises(TypeError):
            formats.open(PNG, name)
    with pytest.raises(TypeError):
        formats.open(PNG, "png", True)


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        formats.open(tmp_path / "none.png")
    with pytest.raises(IsADirectoryError) as caught:
        formats.open(tmp_path)
    assert caught.value.filename == str(tmp_path)


@needs_png
def test_open_files(tmp_path: Path) -> None:
    """An open file is an iterable of lines, which are copies: refused, wherever a source is taken."""
    path = tmp_path / "picture.png"
    path.write_bytes(PNG)
    mapping = "fragview.open(path), or mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)"

    class Duck:
        """Delegates, as the files of `tempfile` do."""

        def __init__(self, file: Any) -> None:
            self.file = file

        def __getattr__(self, name: str) -> Any:
            return getattr(self.file, name)

        def __iter__(self) -> Any:
            return iter(self.file)

    scan = fragview.RecordLayout("B", "length").scan
    calls = [
        ("FragView()", FragView),
        ("RecordLayout.scan()", scan),
        ("formats.open()", formats.open),
        ("FragView.from_extents()", lambda file: FragView.from_extents(file, [(0, 1)])),
        ("FragView.from_blocks()", lambda file: FragView.from_blocks(file, [0], 1)),
    ]
    with path.open("rb") as binary, path.open("rb", 0) as raw, tempfile.NamedTemporaryFile() as temporary:
        for file, kind, instead in (
            (binary, "BufferedReader", mapping),
            (raw, "FileIO", mapping),
            (temporary, "_TemporaryFileWrapper", mapping),
            (Duck(raw), "Duck", mapping),
            (io.BytesIO(PNG), "BytesIO", "its getbuffer()"),
        ):
            for name, call in calls:
                words = f"{name}: '{kind}' is a file, whose lines would be copies; pass {instead}"
                with pytest.raises(TypeError, match=f"^{re.escape(words)}$"):
                    call(file)
        with mmap.mmap(binary.fileno(), 0, access=mmap.ACCESS_READ) as file:
            assert FragView(file) == PNG
            with formats.open(file) as container:
                assert container.streams["idat"] == b"abcde"
            gc.collect()


@pytest.mark.unix
@needs_png
def test_failure_lets_go(tmp_path: Path) -> None:
    """A file that is refused is closed, and a buffer free."""
    source = bytearray(PNG[:-3])
    path = tmp_path / "cut.png"
    path.write_bytes(source)
    with pytest.raises(fragview.FormatError, match=rf"^{re.escape(str(path))}: png: ") as held:
        formats.open(path)
    assert not mapped(path)
    with pytest.raises(fragview.FormatError, match=r"^png: ") as caught:
        formats.open(source)
    assert (held.value.format, held.value.offset) == (caught.value.format, caught.value.offset)
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
    names = ["path_or_buffer", "format", "strict", "verify", "mode", "backing"]
    assert list(inspect.signature(formats.open).parameters) == names

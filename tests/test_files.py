"""`fragview.open`: mapped files, read and written through; empty ones; by reference in pickles."""

from __future__ import annotations

import copy
import errno
import gc
import mmap
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import fragview
from fragmented import needs_fragview
from fragview import FragView, MappedFile

# The file is made by a fixture, once for all threads.
pytestmark = [needs_fragview, pytest.mark.thread_unsafe(reason="changes the file that its fixture made")]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "data.bin"
    file.write_bytes(b"0123456789")
    return file


def test_reads(path: Path) -> None:
    view = fragview.open(path)
    assert (view.tobytes(), view.readonly, view.format, len(view)) == (b"0123456789", True, "B", 10)
    assert isinstance(view.obj, MappedFile)
    assert isinstance(view.obj, mmap.mmap)
    assert (view.obj.path, view.obj.mode) == (str(path), "r")
    with pytest.raises(TypeError, match="read-only"):
        view[0] = 1
    assert fragview.open(str(path)).tobytes() == fragview.open(os.fsencode(path)).tobytes() == b"0123456789"


def test_writes_through(path: Path) -> None:
    with fragview.open(path, "r+") as view:
        view[2:4] = b"ab"
        assert path.read_bytes() == b"01ab456789"
        view.obj.flush()
        view[8:].obj.flush()
        # And what others write shows.
        with path.open("r+b") as file:
            file.write(b"X")
        assert view[0] == ord("X")
    with pytest.raises(ValueError, match="released"):
        view[0]


@pytest.mark.unix
def test_release_unmaps(path: Path) -> None:
    def maps() -> int:
        return Path("/proc/self/maps").read_text().count(str(path))

    if not Path("/proc/self/maps").exists():
        pytest.skip("no /proc")
    view = fragview.open(path)
    part = view[3:5]
    assert maps() == 1
    view.release()
    gc.collect()
    assert (maps(), part.tobytes()) == (1, b"34")
    part.release()
    gc.collect()
    assert maps() == 0


def test_close_is_refused_while_a_view_lives(path: Path) -> None:
    view = fragview.open(path)
    with pytest.raises(BufferError):
        view.obj.close()


@pytest.mark.parametrize("mode", ["r", "r+"])
def test_empty_file(tmp_path: Path, mode: Any) -> None:
    file = tmp_path / "empty"
    file.touch()
    view = fragview.open(file, mode)
    assert (len(view), view.tobytes(), list(view.fragments), view.open().read()) == (0, b"", [], b"")
    view.obj.flush()
    assert view.obj.path == str(file)
    assert pickle.loads(pickle.dumps(view)).tobytes() == b""


@pytest.mark.parametrize("mode", ["w", "rb", "", "a", None, "r+b"])
def test_other_modes(path: Path, mode: Any) -> None:
    with pytest.raises(ValueError, match=r"mode must be 'r' or 'r\+', not"):
        fragview.open(path, mode)


@pytest.mark.unix
def test_what_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        fragview.open(tmp_path / "none")
    with pytest.raises(IsADirectoryError):
        fragview.open(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="not a regular file") as caught:
        fragview.open(tmp_path / "pipe")
    assert caught.value.errno == errno.EINVAL
    for wrong in (5, None, object()):
        with pytest.raises(TypeError):
            fragview.open(wrong)  # type: ignore[arg-type]


def test_pickles_by_reference(path: Path) -> None:
    view = fragview.open(path)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        data = pickle.dumps(view[3:7], protocol)
        assert b"3456" not in data
        loaded = pickle.loads(data)
        assert (loaded.tobytes(), loaded.readonly, loaded.obj.path) == (b"3456", True, str(path))
        assert list(loaded.extents()) == [(0, 3, 4)]


def test_pickles_that_write_through(path: Path) -> None:
    view = fragview.open(path, "r+")
    view[0:1] = b"X"
    loaded = pickle.loads(pickle.dumps(view))
    loaded[1:2] = b"Y"
    assert (view[:2].tobytes(), path.read_bytes()[:2], loaded.readonly) == (b"XY", b"XY", False)
    assert pickle.loads(pickle.dumps(view.toreadonly())).readonly
    # One mapping for all views of a pickle.
    first, second = pickle.loads(pickle.dumps([view[:2], view[2:]]))
    assert first.obj is second.obj


def test_many_extents_are_a_small_pickle(tmp_path: Path) -> None:
    file = tmp_path / "big"
    file.write_bytes(bytes(range(256)) * 256)
    view = FragView.from_extents(fragview.open(file).obj, [(i * 64, 32) for i in range(1000)])
    data = pickle.dumps(view)
    assert len(data) < 40_000
    loaded = pickle.loads(data)
    assert loaded == view
    assert list(loaded.extents()) == list(view.extents())
    assert pickle.loads(pickle.dumps(view[::3])) == view[::3]


def test_mixed_sources(path: Path) -> None:
    view = FragView([fragview.open(path)[:4], b"bytes", bytearray(b"array")])
    buffers: list[pickle.PickleBuffer] = []
    data = pickle.dumps(view, 5, buffer_callback=buffers.append)
    assert len(buffers) == 2
    loaded = pickle.loads(data, buffers=buffers)
    assert loaded == view
    assert isinstance(loaded.obj[0], MappedFile)


def test_deep_copy_copies(path: Path) -> None:
    view = fragview.open(path, "r+")
    twin = copy.deepcopy(view)
    twin[0:1] = b"X"
    assert (path.read_bytes()[:1], twin.readonly) == (b"0", False)


def stale(data: bytes) -> str:
    with pytest.raises(OSError, match="the file changed since its view was pickled") as caught:
        pickle.loads(data)
    assert caught.value.errno == errno.ESTALE
    return str(caught.value)


def test_a_file_that_changed_is_an_error(path: Path) -> None:
    data = pickle.dumps(fragview.open(path))
    before = path.stat()
    path.write_bytes(b"01234")
    assert "10 bytes" in stale(data)
    path.write_bytes(b"0123456789")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert str(path) in stale(data)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert pickle.loads(data).tobytes() == b"0123456789"
    path.unlink()
    with pytest.raises(FileNotFoundError):
        pickle.loads(data)


def test_a_file_that_was_replaced_cannot_be_pickled(path: Path) -> None:
    view = fragview.open(path)
    other = path.with_name("other")
    other.write_bytes(b"9876543210")
    other.replace(path)
    assert view.tobytes() == b"0123456789"
    with pytest.raises(OSError, match="replaced since it was opened"):
        pickle.dumps(view)
    grown = fragview.open(path)
    with path.open("ab") as file:
        file.write(b"more")
    with pytest.raises(OSError, match="10 bytes then, 14 now"):
        pickle.dumps(grown)


def test_another_process_maps_the_file_itself(path: Path) -> None:
    view = fragview.open(path, "r+")
    code = (
        "import pickle, sys; v = pickle.load(sys.stdin.buffer); v[0:1] = b'Z'; print(v.obj.path, v.tobytes())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=pickle.dumps(view[2:]), capture_output=True, check=True
    )
    assert done.stdout.decode().strip() == f"{path} b'Z3456789'"
    assert view.tobytes() == b"01Z3456789"

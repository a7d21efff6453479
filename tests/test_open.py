"""`fragview.open`: which files it maps, and which a pickle finds again."""

from __future__ import annotations

import errno
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fragmented import needs_fragview

fragview = pytest.importorskip("fragview")
files = pytest.importorskip("fragview.files")
pytestmark = needs_fragview


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_files_that_say_they_are_empty() -> None:
    """A file of /proc has bytes and says it has none: an error that says what to do, and no empty view."""
    for path in ("/proc/self/status", "/proc/version"):
        with pytest.raises(OSError, match=r"says it is empty, and is not.*FragView") as caught:
            fragview.open(path)
        assert (caught.value.errno, caught.value.filename) == (errno.EINVAL, path)


def test_empty_files(tmp_path: Path) -> None:
    """A file that is empty is an empty view, in both modes."""
    path = tmp_path / "empty"
    path.touch()
    for mode in ("r", "r+"):
        assert len(fragview.open(path, mode)) == 0
        assert len(pickle.loads(pickle.dumps(fragview.open(path, mode)))) == 0


@pytest.mark.skipif(os.name != "posix", reason="needs devices and pipes")
def test_devices_are_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is no file is refused before it is opened, which may do something."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    opened: list[Any] = []
    monkeypatch.setattr(files.os, "open", lambda *arguments: opened.append(arguments))
    for path in (fifo, "/dev/null", "/dev/zero", "/dev/tty"):
        if Path(path).exists():
            with pytest.raises(OSError, match="not a regular file"):
                fragview.open(path)
    with pytest.raises(IsADirectoryError):
        fragview.open(tmp_path)
    with pytest.raises(FileNotFoundError):
        fragview.open(tmp_path / "none")
    # A pickle is no better than a path.
    for path in (fifo, Path("/dev/null")):
        with pytest.raises(OSError, match="not a regular file"):
            files._map_again(str(path), "r", 0, path.stat().st_mtime_ns)
    assert opened == []


@pytest.mark.skipif(os.name != "posix", reason="needs pipes")
def test_a_path_that_changes_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe that takes the place of the file between the look and the opening: refused, and nobody waits."""
    path = tmp_path / "file"
    path.write_bytes(b"abc")
    real = os.stat

    def stat(name: Any, *arguments: Any, **options: Any) -> os.stat_result:
        status = real(name, *arguments, **options)
        if str(name) == str(path):
            monkeypatch.setattr(files.os, "stat", real)
            path.unlink()
            os.mkfifo(path)
        return status

    monkeypatch.setattr(files.os, "stat", stat)
    with pytest.raises(OSError, match="not a regular file"):
        fragview.open(path)


def twins(folder: Path) -> tuple[Path, Path]:
    """Return two files of the same size and time."""
    first, second = folder / "first", folder / "second"
    for path, data in ((first, b"first"), (second, b"other")):
        path.write_bytes(data)
        os.utime(path, ns=(10**18, 10**18))
    return first, second


def test_another_file_of_the_same_size_and_time(tmp_path: Path) -> None:
    """On this machine the file's device and inode count."""
    first, second = twins(tmp_path)
    pickled = pickle.dumps(fragview.open(first))
    assert pickle.loads(pickled) == b"first"
    second.rename(first)
    with pytest.raises(OSError, match="replaced since its view was pickled") as caught:
        pickle.loads(pickled)
    assert (caught.value.errno, caught.value.filename) == (errno.ESTALE, str(first))


def test_another_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Elsewhere the same file has another device and inode: size and time have to do."""
    first, second = twins(tmp_path)
    pickled = pickle.dumps(fragview.open(first)[1:])
    second.write_bytes(b"first")
    os.utime(second, ns=(10**18, 10**18))
    second.rename(first)
    monkeypatch.setattr(files, "_machine", lambda: "another one")
    assert pickle.loads(pickled) == b"irst"
    os.utime(first, ns=(10**18, 10**18 + 1))
    with pytest.raises(OSError, match="changed since"):
        pickle.loads(pickled)


def test_another_process(tmp_path: Path) -> None:
    """Another process of this machine knows that it is on this machine."""
    first, second = twins(tmp_path)
    pickled = pickle.dumps(fragview.open(first))
    program = "import pickle, sys; print(pickle.load(sys.stdin.buffer).tobytes())"

    def load() -> subprocess.CompletedProcess[bytes]:
        return subprocess.run([sys.executable, "-c", program], input=pickled, capture_output=True, timeout=60)

    assert load().stdout.strip() == b"b'first'"
    second.rename(first)
    assert b"replaced since its view was pickled" in load().stderr


def test_pickles_of_earlier_versions(tmp_path: Path) -> None:
    """They know size and time alone."""
    first, _ = twins(tmp_path)
    assert files._map_again(str(first), "r", 5, 10**18).view() == b"first"
    with pytest.raises(OSError, match="changed since"):
        files._map_again(str(first), "r", 6, 10**18)


def test_import_star() -> None:
    """`from fragview import *` leaves the built-in `open` alone; `fragview.open` is there all the same."""
    for module in ("fragview", "fragview.files"):
        names: dict[str, Any] = {}
        exec(f"from {module} import *\nfile = open", names)
        assert names["file"] is open
        assert "MappedFile" in names
    assert "open" in dir(fragview)
    assert fragview.open is files.open

"""`remap()`: the pages of a view's fragments, side by side. The oracle is the view's own `tobytes()`."""

from __future__ import annotations

import gc
import hashlib
import mmap
import os
import pickle
import re
import struct
import subprocess
import sys
import threading
import zlib
from multiprocessing import shared_memory
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fragview
from fragview import FragView

PAGE = mmap.PAGESIZE

pytestmark = pytest.mark.skipif(
    sys.platform not in ("linux", "darwin"), reason="other systems do not map a mapping a second time"
)
linux = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux' /proc or memfd")


def bytes_of(pages: int) -> bytes:
    return np.arange(pages * PAGE // 4, dtype="<u4").tobytes()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "pages.bin"
    path.write_bytes(bytes_of(16))
    return path


def shuffled(source: Any) -> FragView:
    return FragView.from_extents(
        source, [(5 * PAGE, PAGE), (PAGE, 2 * PAGE), (9 * PAGE, PAGE), (3 * PAGE, 100)]
    )


def mapped_pages() -> int:
    return len(Path("/proc/self/maps").read_text().splitlines())


def source(path: Path, kind: str) -> Any:
    if kind == "open":
        return fragview.open(path)
    if kind == "open r+":
        return fragview.open(path, "r+")
    if kind in ("mmap", "numpy"):
        with path.open("r+b") as file:
            mapped = mmap.mmap(file.fileno(), 0)
        return np.frombuffer(mapped, "u1") if kind == "numpy" else mapped
    if kind == "anonymous":
        anonymous = mmap.mmap(-1, 16 * PAGE)
        anonymous[:] = bytes_of(16)
        return anonymous
    assert kind == "memfd"
    descriptor = os.memfd_create("pages")
    os.write(descriptor, bytes_of(16))
    memfd = mmap.mmap(descriptor, 0)
    os.close(descriptor)
    return memfd


KINDS = ["open", "open r+", "mmap", "anonymous", "numpy", pytest.param("memfd", marks=linux)]


@pytest.mark.parametrize("kind", KINDS)
def test_one_fragment_of_the_same_pages(path: Path, kind: str) -> None:
    view = shuffled(source(path, kind))
    assert view.can_remap() is True
    one = view.remap()
    data = view.tobytes()
    assert len(one.fragments) == 1
    assert one == view
    assert one.tobytes() == data
    assert one.readonly is view.readonly
    # What needs contiguous memory takes it.
    assert hashlib.sha256(one).digest() == hashlib.sha256(data).digest()
    assert zlib.crc32(one) == zlib.crc32(data)
    assert np.array_equal(np.asarray(one), np.frombuffer(data, "u1"))
    assert struct.unpack_from("<I", one, PAGE - 2) == struct.unpack_from("<I", data, PAGE - 2)
    assert [match.start() for match in re.finditer(rb"\x00\x01", one)] == [
        match.start() for match in re.finditer(rb"\x00\x01", data)
    ]
    if not view.readonly:
        np.asarray(one)[PAGE - 1 : PAGE + 1] = 7
        assert view[PAGE - 1 : PAGE + 1] == b"\7\7"
        view[0] = 9
        assert one[0] == 9


def test_decompress(tmp_path: Path) -> None:
    packed = zlib.compress(os.urandom(5 * PAGE))
    file = tmp_path / "packed"
    pages = [packed[at : at + PAGE] for at in range(0, len(packed), PAGE)]
    file.write_bytes(b"".join(page.ljust(PAGE, b"!") for page in reversed(pages)))
    last = len(pages) - 1
    extents = [((last - index) * PAGE, len(page)) for index, page in enumerate(pages)]
    view = FragView.from_extents(fragview.open(file), extents)
    with pytest.raises(BufferError):
        zlib.decompress(view)
    assert zlib.decompress(view.remap()) == zlib.decompress(packed)


def test_shared_memory() -> None:
    memory = shared_memory.SharedMemory(create=True, size=4 * PAGE)
    try:
        view = FragView.from_extents(memory.buf, [(2 * PAGE, PAGE), (0, PAGE)])
        one = view.remap()
        one[PAGE - 1 : PAGE + 1] = b"ab"
        assert (memory.buf[3 * PAGE - 1], memory.buf[0]) == (97, 98)
        del one, view
        gc.collect()
    finally:
        memory.close()
        memory.unlink()


def test_holes_are_pages_of_zeros(path: Path) -> None:
    view = FragView.from_extents(fragview.open(path, "r+"), [(PAGE, PAGE), (None, 3 * PAGE), (0, 10)])
    one = view.remap()
    assert one.tobytes() == view.tobytes()
    assert one[:PAGE].readonly is False
    assert one[PAGE : 2 * PAGE].readonly is True
    assert one.readonly is True
    assert memoryview(one).readonly
    assert memoryview(one).c_contiguous
    one[0] = 1
    assert view[0] == 1
    with pytest.raises(TypeError):
        one[PAGE] = 1


@pytest.mark.parametrize("format", ["B", "<I", "<IHH"])
def test_format_shape_and_slices_stay(path: Path, format: str) -> None:
    view = shuffled(fragview.open(path))[: 4 * PAGE].cast(format)
    one = view.remap()
    assert (one.format, one.shape, one.itemsize) == (view.format, view.shape, view.itemsize)
    assert one.tolist() == view.tolist()
    grid = view.cast("B").cast("B", (2, 2 * PAGE))
    assert grid.remap().shape == (2, 2 * PAGE)
    assert grid.remap()[1, 5] == grid[1, 5]
    point = view.cast("B")[:1].cast("B", ())
    assert point.remap()[()] == point[()]
    inner = view.cast("B")[PAGE - 7 : PAGE + 9]
    assert inner.remap().tobytes() == inner.tobytes()
    assert one[1:5].remap() == view[1:5]


def test_an_empty_view() -> None:
    assert FragView().can_remap()
    assert FragView().remap().tobytes() == b""


def test_what_is_in_the_way_is_named(path: Path) -> None:
    mapped = fragview.open(path)
    cases = [
        (FragView([mapped[:PAGE], bytearray(PAGE)]), rf"fragment 1 \(at {PAGE}\) lies in private memory"),
        (
            FragView.from_extents(mapped, [(0, PAGE), (PAGE + 3, PAGE)]),
            "begins 3 bytes past a border of pages",
        ),
        (FragView.from_extents(mapped, [(0, 5), (PAGE, PAGE)]), r"fragment 1 \(at 5\)"),
        (mapped[::2], "gaps"),
        (FragView(mmap.mmap(-1, PAGE, flags=mmap.MAP_PRIVATE)), "private memory"),
    ]
    for view, text in cases:
        assert view.can_remap() is False
        with pytest.raises(BufferError, match=text) as error:
            view.remap()
        assert "gather()" in str(error.value)


@linux
def test_too_many_mappings(path: Path) -> None:
    limit = int(Path("/proc/sys/vm/max_map_count").read_text())
    if limit > 1 << 20:
        pytest.skip("this system allows millions of mappings")
    view = FragView.from_blocks(fragview.open(path), [0, 2] * (limit // 2 + 1), PAGE)
    with pytest.raises(BufferError, match=r"vm\.max_map_count"):
        view.remap()


@linux
def test_the_mapping_goes_with_the_last_of_it(path: Path) -> None:
    view = shuffled(fragview.open(path))
    before = mapped_pages()
    one = view.remap()
    assert mapped_pages() > before
    export = memoryview(one[5:])
    with pytest.raises(BufferError):
        export.obj.release()
    del one, view
    gc.collect()
    assert export[0] == bytes_of(16)[5 * PAGE + 5]
    del export
    gc.collect()
    assert mapped_pages() < before


def test_pickles_by_reference_to_the_original(path: Path) -> None:
    one = shuffled(fragview.open(path)).remap()
    data = pickle.dumps(one[PAGE - 3 : PAGE + 3], 5)
    assert len(data) < 1000
    assert pickle.loads(data) == one[PAGE - 3 : PAGE + 3]
    # Another process maps the file itself.
    program = "import pickle,sys; print(pickle.load(sys.stdin.buffer).hex())"
    done = subprocess.run([sys.executable, "-c", program], input=data, capture_output=True, check=True)
    assert done.stdout.decode().strip() == one[PAGE - 3 : PAGE + 3].hex()


def test_a_child_sees_the_same_pages(path: Path) -> None:
    one = shuffled(fragview.open(path, "r+")).remap()
    child = os.fork()
    if child == 0:
        one[0] = 42
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert one[0] == 42


def test_in_threads(path: Path) -> None:
    view = shuffled(fragview.open(path))
    data, wrong = view.tobytes(), []

    def work() -> None:
        for _ in range(50):
            wrong.extend([1] * (view.remap() != data))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_of_a_remapped_view(path: Path) -> None:
    one = shuffled(fragview.open(path)).remap()
    two = FragView.from_extents(one, [(2 * PAGE, 2 * PAGE), (0, PAGE)])
    assert two.remap() == two

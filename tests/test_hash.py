"""`hash(v)` is `hash(v.tobytes())`, whatever the fragments, without joining them."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import sysconfig
import textwrap
from pathlib import Path

import pytest

import fragview
from fragview import FragView

BLOCK = 1 << 16
SIZES = (0, 1, 2, 7, 8, 9, 63, BLOCK - 1, BLOCK, BLOCK + 1, BLOCK + 7, 2 * BLOCK + 5, (1 << 20) + 3)


def cuts(data: bytes) -> list[FragView[int]]:
    """The same bytes in one fragment, in some, and in fragments of 0 to 40 bytes."""
    numbers, small, at = random.Random(3), [], 0
    while at < len(data):
        count = numbers.choice((0, 1, 8, 40, 5000))
        small.append(data[at : at + count])
        at += count
    half = len(data) // 2
    return [FragView(data), FragView([data[:half], b"", data[half:]]), FragView(small)]


@pytest.mark.parametrize("size", SIZES)
def test_every_length_and_cut(size: int) -> None:
    data = random.Random(size).randbytes(size)
    for view in cuts(data):
        assert hash(view) == hash(data)
        assert hash(view[::-1]) == hash(data[::-1])
        assert hash(view[::2]) == hash(data[::2])
        assert hash(view.cast("b")) == hash(view.cast("c")) == hash(data)
    if size % 2 == 0 and size:
        grid = FragView(data).cast("B", (2, size // 2))
        assert hash(grid) == hash(data)


def test_rows_with_gaps() -> None:
    """A memoryview of several dimensions hashes its items in C order."""
    data = random.Random(1).randbytes(6 * BLOCK)
    grid = FragView([data[:100], data[100:]]).cast("B", (6, BLOCK))
    assert hash(grid[::2]) == hash(grid[::2].tobytes())


def test_holes_and_broadcasts() -> None:
    hole = FragView.from_extents(b"", [(None, 3 * BLOCK)])
    assert hash(hole) == hash(bytes(3 * BLOCK))
    mixed = FragView([b"x" * 100, hole])
    assert hash(mixed) == hash(b"x" * 100 + bytes(3 * BLOCK))


@pytest.mark.parametrize("seed", ["0", "1", "4294967295", "random"])
def test_every_key(seed: str) -> None:
    """The key of each process is its own."""
    program = """
    from fragview import FragView
    data = bytes(range(256)) * 5000
    assert hash(FragView([data[:70001], data[70001:]])) == hash(data)
    print("done")
    """
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env=os.environ | {"PYTHONHASHSEED": seed},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert run.stdout == b"done\n", run.stderr.decode()


def test_without_the_key() -> None:
    """Where the interpreter does not give its key, the bytes are joined, and the hash is the same."""
    program = """
    import sys
    sys.modules["ctypes"] = None
    from fragview import FragView
    data = bytes(range(256)) * 5000
    assert hash(FragView([data[:70001], data[70001:]])) == hash(data)
    print("done")
    """
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, timeout=60, check=False
    )
    assert run.stdout == b"done\n", run.stderr.decode()


@pytest.mark.unix
def test_a_large_file_is_not_joined(tmp_path: Path) -> None:
    """64 MiB of a mapped file, with room for 16 MiB: not one copy of it."""
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(64 << 20)
    program = """
    import resource, sys
    import ctypes
    import fragview
    from fragview import FragView
    one = fragview.open(sys.argv[1])
    two = FragView([one[:1000], one[1000:]])
    hash(FragView([bytes(70000)]))
    pages = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (pages + (16 << 20),) * 2)
    first, second = hash(one), hash(two)
    try:
        one.tobytes()
    except MemoryError:
        print(first == second)
    """
    if sys.platform != "linux":
        pytest.skip("reads /proc")
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        pytest.skip("its allocator has reserved more than the limit before that is set")
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), str(path)],
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert run.stdout == b"True\n", run.stderr.decode()


def test_it_is_kept(tmp_path: Path) -> None:
    """As memoryview's: the first one stays, also after the release and when the bytes change."""
    path = tmp_path / "file"
    path.write_bytes(b"before")
    view, writer = fragview.open(path), fragview.open(path, "r+")
    first = hash(view)
    writer[:] = b"behind"
    assert hash(view) == first == hash(b"before")
    assert hash(view[:]) == hash(b"behind")
    view.release()
    assert hash(view) == first

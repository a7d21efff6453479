"""A C extension walks views by `fragview.h`, and gives fragments of its own."""

from __future__ import annotations

import gc
import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import fragview
from fragview import FragView

HERE = Path(__file__).parent
pytestmark = [
    pytest.mark.unix,
    pytest.mark.skipif(shutil.which("gcc") is None, reason="needs gcc"),
]


def compiler_environment() -> dict[str, str]:
    """The environment for a compiler: a sanitizer that watches the tests does not look for its leaks."""
    options = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
    return os.environ | {"ASAN_OPTIONS": options, "CFLAGS": os.environ.get("FRAGVIEW_TEST_CFLAGS", "")}


def build(target: Path, *sources: Path, flags: tuple[str, ...] = ()) -> Path:
    """Compile a shared library of C sources, with warnings as errors."""
    include = [f"-I{fragview.get_include()}", f"-I{sysconfig.get_path('include')}"]
    strict = ["-Wall", "-Wextra", "-Werror", "-O2", "-fPIC", "-shared", "-pthread"]
    strict += os.environ.get("FRAGVIEW_TEST_CFLAGS", "").split()
    command = ["gcc", *strict, *include, *flags, *map(str, sources), "-o", str(target)]
    subprocess.run(command, check=True, env=compiler_environment())
    return target


def load(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def walker(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return load("walker", build(tmp_path_factory.mktemp("c") / "walker.so", HERE / "walker.c"))


def spread(count: int, size: int = 3) -> tuple[np.ndarray, FragView]:
    """`count` fragments of `size` bytes each, with a gap between them."""
    memory = np.arange(count * (size + 1), dtype="u8").astype("u1")
    offsets = np.arange(count) * (size + 1)
    extents = np.column_stack([offsets, np.full(count, size)])
    return memory, FragView.from_extents(memory, extents)


def is_filled(memory: np.ndarray, byte: int, size: int = 3) -> bool:
    """Whether the memory of `spread` has `byte` in all fragments, and what it had between them."""
    rows = memory.reshape(-1, size + 1)
    gaps = np.arange(size, memory.size, size + 1, dtype="u8").astype("u1")
    return bool((rows[:, :size] == byte).all()) and np.array_equal(rows[:, size], gaps)


def kept_over_release(view: FragView, kept: bool, drop: Callable[[], bool]) -> None:
    """While the fragments of a view are kept, its memory stays; the thread that drops them lets it go."""
    assert kept
    with pytest.raises(BufferError, match="1 exported buffer"):
        view.release()
    assert drop()
    view.release()


@pytest.mark.parametrize("count", [0, 1, 2, 1000, 1_000_000])
def test_c(walker: Any, count: int, tmp_path: Path) -> None:
    memory, view = spread(count)
    expected = view.tobytes()
    assert walker.sum(view) == sum(np.frombuffer(expected, "u1").tolist())
    with (tmp_path / "out").open("wb") as file:
        assert walker.write_out(view, file.fileno()) == len(expected)
    assert (tmp_path / "out").read_bytes() == expected
    assert walker.fill(view, 77) == len(view.fragments)
    assert is_filled(memory, 77)
    kept_over_release(view, walker.keep(view) == count, lambda: walker.drop_in_thread() is None)


def test_every_range_over_every_seam(walker: Any) -> None:
    _, view = spread(4)
    for start in range(len(view) + 1):
        for stop in range(start, len(view) + 1):
            assert walker.sum(view[start:stop]) == sum(view[start:stop])


def test_fragments_keep_the_view_and_a_foreign_thread_lets_go(walker: Any) -> None:
    memory = bytearray(b"abcdef")
    view = FragView([memory, b"x", memory])
    assert walker.keep(view) == 3
    with pytest.raises(BufferError, match="1 exported buffer"):
        view.release()
    with pytest.raises(BufferError):
        memory.append(1)
    walker.drop_in_thread()
    view.release()
    memory.append(1)


def test_fragments_outlive_every_name_of_the_view(walker: Any) -> None:
    memory = bytearray(b"abcdef")
    walker.keep(FragView([memory, memory]))
    gc.collect()
    with pytest.raises(BufferError):
        memory.append(1)
    walker.drop_in_thread()
    memory.append(1)


def test_refusals(walker: Any) -> None:
    view = FragView([bytearray(4), bytearray(4)])
    with pytest.raises(BufferError, match="gaps"):
        walker.sum(view[::2])
    with pytest.raises(BufferError, match="read-only"):
        walker.fill(FragView([bytearray(1), b"x"]), 1)
    with pytest.raises(BufferError, match="read-only"):
        walker.fill(view.toreadonly(), 1)
    capsule = view.__fragview_c_fragments__()
    with pytest.raises(BufferError):
        view.release()
    del capsule  # nobody took it: it frees itself
    view.release()
    with pytest.raises(ValueError, match="released"):
        view.__fragview_c_fragments__()


class Rope:
    """Another package's segmented buffer."""

    def __init__(self, capsule: Any) -> None:
        self.capsule = capsule

    def __fragview_c_fragments__(self, *, writable: bool = False) -> Any:
        return self.capsule


def test_the_other_way_round(walker: Any) -> None:
    before = walker.count_released()
    view = FragView(Rope(walker.make(7, 21)))
    data = bytes(0 if at // 3 % 3 == 2 else at for at in range(21))
    assert view.tobytes() == data
    assert len(view.fragments) == 7
    assert view[:3].readonly is False
    assert view[3:6].readonly is True
    view[0] = 200
    assert view[0] == 200
    part = view[10:]
    del view
    gc.collect()
    assert walker.count_released() == before
    assert part.tobytes() == data[10:]
    del part
    gc.collect()
    assert walker.count_released() == before + 1


def test_foreign_fragments_join_and_go_on(walker: Any) -> None:
    view = FragView([b"<", Rope(walker.make(2, 6)), b">"])
    assert view.tobytes() == b"<" + bytes(range(6)) + b">"
    assert walker.sum(view) == sum(view)
    assert FragView.from_extents(Rope(walker.make(2, 6)), [(1, 4)]).tobytes() == bytes(range(1, 5))


def test_lies_and_strangers(walker: Any) -> None:
    before = walker.count_released()
    with pytest.raises(ValueError, match="21 bytes together, not 22"):
        FragView(Rope(walker.make(7, 22)))
    with pytest.raises(ValueError, match="nbytes can't be -1"):
        FragView(Rope(walker.make(1, -1)))
    gc.collect()
    assert walker.count_released() == before + 2
    capsule = walker.make(1, 3)
    FragView(Rope(capsule))
    with pytest.raises(ValueError, match="taken or released"):
        FragView(Rope(capsule))
    with pytest.raises(TypeError, match="fragview_fragments"):
        FragView(Rope(42))
    import datetime

    with pytest.raises(TypeError, match="fragview_fragments"):
        FragView(Rope(datetime.datetime_CAPI))  # type: ignore[attr-defined]


def test_segments() -> None:
    memory = np.arange(16, dtype="u1")
    view = FragView([memory[2:5], b"", memory[8:9]]) + FragView.from_extents(memory, [(None, 4)])
    segments = view.segments()
    table = np.asarray(segments)
    assert table.dtype == np.int64
    address = memory.ctypes.data
    assert table.tolist() == [[address + 2, 3], [address + 8, 1], [0, 4]]
    assert (len(segments), segments[1], segments[-1]) == (3, (address + 8, 1), (0, 4))
    owner = bytearray(5)
    segments = FragView(owner).segments()
    with pytest.raises(BufferError):
        owner.append(1)  # the table holds the memory
    del segments
    owner.append(1)
    with pytest.raises(BufferError, match="gaps"):
        view[::2].segments()

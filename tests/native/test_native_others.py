"""Fragments for Cython, PyO3, cffi and ctypes: each reads, and those that can write, a view in pieces."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_native_c import build, compiler_environment, is_filled, kept_over_release, load, spread

import fragview
from fragview import FragView

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
pytestmark = [
    pytest.mark.unix,
    pytest.mark.skipif(shutil.which("gcc") is None, reason="needs gcc"),
]


def in_thread(call: Callable[[], Any]) -> bool:
    """Call it in another thread."""
    thread = threading.Thread(target=call)
    thread.start()
    thread.join()
    return True


@pytest.fixture(scope="module")
def cython(tmp_path_factory: pytest.TempPathFactory) -> Any:
    pytest.importorskip("Cython")
    # Not imported here: where something has imported `distutils` before, on 3.11, that fails.
    if importlib.util.find_spec("setuptools") is None:
        pytest.skip("setuptools is not installed")
    folder = tmp_path_factory.mktemp("cython")
    for file in (HERE / "cython_reader").iterdir():
        shutil.copy(file, folder)
    command = [sys.executable, "setup.py", "-q", "build_ext", "--inplace"]
    subprocess.run(command, cwd=folder, check=True, env=compiler_environment() | {"PYTHONWARNINGS": "ignore"})
    (module,) = folder.glob("reader*.so")
    return load("reader", module)


@pytest.fixture(scope="module")
def rust(tmp_path_factory: pytest.TempPathFactory) -> Any:
    if shutil.which("cargo") is None:
        pytest.skip("needs cargo")
    target = ROOT / "target" / "native"
    manifest = HERE / "pyo3_reader" / "Cargo.toml"
    command = ["cargo", "build", "--quiet", "--manifest-path", str(manifest), "--target-dir", str(target)]
    built = target / "debug"
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        command.append("--no-default-features")
    # The compiler itself is not watched.
    environment = {key: value for key, value in os.environ.items() if key not in ("RUSTFLAGS", "LD_PRELOAD")}
    if flags := os.environ.get("FRAGVIEW_TEST_RUSTFLAGS"):
        # With a target of its own, so that build scripts and macros, which cargo runs, are without them.
        version = subprocess.run(
            ["rustc", "-vV"], check=True, capture_output=True, text=True, env=environment
        ).stdout
        host = re.search("^host: (.*)$", version, re.MULTILINE)
        assert host is not None
        command += ["--target", host[1]]
        built = target / host[1] / "debug"
        environment |= {"RUSTFLAGS": flags, "RUSTC_BOOTSTRAP": "1"}
    # As maturin does: the symbols of CPython are the running one's, no library that is linked.
    environment |= {"PYO3_PYTHON": sys.executable, "PYO3_BUILD_EXTENSION_MODULE": "1"}
    subprocess.run(command, check=True, env=environment)
    module = tmp_path_factory.mktemp("rust") / "pyo3_reader.so"
    shutil.copy(built / "libpyo3_reader.so", module)
    return load("pyo3_reader", module)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("plain") / "plain.so", HERE / "plain.c")


@pytest.mark.parametrize("count", [0, 1, 3, 1_000_000])
def test_cython(cython: Any, count: int, tmp_path: Path) -> None:
    memory, view = spread(count)
    data = view.tobytes()
    assert cython.total(view) == int(np.frombuffer(data, "u1").sum())
    with (tmp_path / "out").open("wb") as file:
        assert cython.write_out(view, file.fileno()) == len(data)
    assert (tmp_path / "out").read_bytes() == data
    assert cython.fill(view, 7) == count
    assert is_filled(memory, 7)
    kept_over_release(view, cython.keep(view) == count, lambda: in_thread(cython.drop))


def test_cython_refusals(cython: Any) -> None:
    with pytest.raises(BufferError, match="read-only"):
        cython.fill(FragView([b"ab", b"c"]), 1)
    with pytest.raises(BufferError, match="gaps"):
        cython.total(FragView(b"abc")[::2])


@pytest.mark.parametrize("count", [0, 1, 3, 1_000_000])
def test_rust(rust: Any, count: int, tmp_path: Path) -> None:
    memory, view = spread(count)
    data = view.tobytes()
    total = sum(data)
    assert rust.total(view) == total
    assert rust.find(view, b"zzzz") is None
    if count:
        assert rust.find(view, data[-5:]) == data.find(data[-5:])
    with (tmp_path / "out").open("wb") as file:
        assert rust.write_out(view, file.fileno()) == len(data)
    assert (tmp_path / "out").read_bytes() == data
    rust.fill(view, 9)
    assert is_filled(memory, 9)
    kept_over_release(view, rust.keep(view) == len(data), lambda: rust.drop_in_thread() == 9 * len(data))
    with pytest.raises(ValueError, match="released"):
        rust.total(view)


class Iovec(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("len", ctypes.c_size_t)]


def pointer_of(capsule: Any) -> int:
    get = ctypes.pythonapi.PyCapsule_GetPointer
    get.restype, get.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    pointer = get(capsule, b"fragview_fragments")
    assert isinstance(pointer, int)
    return pointer


def test_ctypes(plain: Path) -> None:
    library = ctypes.CDLL(str(plain))
    library.sum_fragments.restype = library.sum_segments.restype = ctypes.c_uint64
    _, view = spread(1000)
    expected = sum(view)
    capsule = view.__fragview_c_fragments__()
    assert library.sum_fragments(ctypes.c_void_p(pointer_of(capsule))) == expected
    segments = view.segments()
    address = np.asarray(segments).ctypes.data
    assert library.sum_segments(ctypes.c_void_p(address), ctypes.c_int64(len(segments))) == expected


@pytest.mark.parametrize("count", [0, 1, 3, 1_000_000])
def test_cffi(plain: Path, count: int, tmp_path: Path) -> None:
    cffi = pytest.importorskip("cffi")
    ffi = cffi.FFI()
    header = (Path(fragview.get_include()) / "fragview.h").read_text()
    start = header.index("struct fragview_fragments {")
    struct = header[start : header.index("};", start) + 2]
    ffi.cdef("struct iovec { void *iov_base; size_t iov_len; };" + struct)
    ffi.cdef(
        "uint64_t sum_fragments(const struct fragview_fragments *);"
        "uint64_t sum_segments(const int64_t (*)[2], int64_t);"
        "int64_t fill_fragments(const struct fragview_fragments *, uint8_t);"
        "int64_t write_fragments(const struct fragview_fragments *, int);"
        "void take_fragments(struct fragview_fragments *, struct fragview_fragments *);"
    )
    library = ffi.dlopen(str(plain))
    memory, view = spread(count)
    data = view.tobytes()
    segments = view.segments()
    table = ffi.from_buffer("int64_t[][2]", segments)
    assert library.sum_segments(table, len(segments)) == sum(data)
    capsule = view.__fragview_c_fragments__(writable=True)
    taken = ffi.new("struct fragview_fragments *")
    library.take_fragments(ffi.cast("struct fragview_fragments *", pointer_of(capsule)), taken)
    del capsule
    assert (taken.count, taken.nbytes) == (count, 3 * count)
    assert library.sum_fragments(taken) == sum(data)
    with (tmp_path / "out").open("wb") as file:
        assert library.write_fragments(taken, file.fileno()) == len(data)
    assert (tmp_path / "out").read_bytes() == data
    assert library.fill_fragments(taken, 5) == count
    assert is_filled(memory, 5)
    kept_over_release(view, bool(taken.release), lambda: in_thread(lambda: taken.release(taken)))
    assert not taken.release


def test_numpy_reads_segments_without_a_loop() -> None:
    memory, view = spread(5)
    table = np.asarray(view.segments())
    assert (table[:, 0] - memory.ctypes.data).tolist() == [0, 4, 8, 12, 16]
    assert table[:, 1].sum() == len(view)

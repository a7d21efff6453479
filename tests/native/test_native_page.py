"""The programs of docs/native.md, compiled and called."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_native_c import build, compiler_environment, load

from fragview import FragView

PAGE = (Path(__file__).parent.parent.parent / "docs" / "native.md").read_text()

pytestmark = [
    pytest.mark.unix,
    pytest.mark.skipif(shutil.which("gcc") is None, reason="needs gcc"),
]

# What the page leaves out.
MODULE = """
static PyMethodDef methods[] = {{"sum", sum, METH_O, NULL}, {NULL, NULL, 0, NULL}};
static PyModuleDef_Slot slots[] = {
#if PY_VERSION_HEX >= 0x030d0000
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL},
};
static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, .m_name = "page", .m_size = 0, .m_methods = methods, .m_slots = slots};
PyMODINIT_FUNC PyInit_page(void) { return PyModuleDef_Init(&definition); }
"""
SETUP = """
from Cython.Build import cythonize
from setuptools import Extension, setup
import fragview
include = fragview.get_include()
extension = Extension("page_reader", ["page_reader.pyx"], include_dirs=[include])
directives = {"language_level": 3, "freethreading_compatible": True}
modules = cythonize([extension], include_path=[include], compiler_directives=directives)
setup(name="page_reader", ext_modules=modules)
"""


def program(language: str) -> str:
    """The page's one program in a language. Blocks of `py` are not run as the page's examples are."""
    (text,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert isinstance(text, str)
    return text


@pytest.fixture(params=[0, 1, 5])
def view(request: pytest.FixtureRequest) -> Iterator[FragView]:
    parts = [bytearray([7 * at + 250 & 255]) * (at + 1) for at in range(request.param)]
    view = FragView(parts) + FragView.from_extents(b"", [(None, 4)])
    yield view
    # Each program has let go of the memory.
    view.release()


@pytest.fixture(scope="module")
def in_c(tmp_path_factory: pytest.TempPathFactory) -> Any:
    source = tmp_path_factory.mktemp("page") / "page.c"
    source.write_text(
        program("c").replace("PyObject *module,", "PyObject *module __attribute__((unused)),") + MODULE
    )
    return load("page", build(source.with_suffix(".so"), source))


def test_c(in_c: Any, view: FragView) -> None:
    assert in_c.sum(view) == sum(view)


@pytest.fixture(scope="module")
def in_cython(tmp_path_factory: pytest.TempPathFactory) -> Any:
    pytest.importorskip("Cython")
    # Not imported here: where something has imported `distutils` before, on 3.11, that fails.
    if importlib.util.find_spec("setuptools") is None:
        pytest.skip("setuptools is not installed")
    folder = tmp_path_factory.mktemp("cython_page")
    (folder / "page_reader.pyx").write_text(program("cython"))
    (folder / "setup.py").write_text(SETUP)
    command = [sys.executable, "setup.py", "-q", "build_ext", "--inplace"]
    subprocess.run(
        command, cwd=folder, check=True, env={**compiler_environment(), "PYTHONWARNINGS": "ignore"}
    )
    (module,) = folder.glob("page_reader*.so")
    return load("page_reader", module)


def test_cython(in_cython: Any, view: FragView) -> None:
    assert in_cython.total(view) == sum(view)


@pytest.fixture(scope="module")
def in_numba() -> Any:
    pytest.importorskip("numba", reason="numba is not installed")
    names: dict[str, Any] = {}
    exec(program("py"), names)
    return names["total_of"]


@pytest.mark.skipif("ASAN_OPTIONS" in os.environ, reason="LLVM leaks and is slow under a sanitizer")
def test_numba(in_numba: Any, view: FragView) -> None:
    assert in_numba(view) == sum(view)

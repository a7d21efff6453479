"""PyObject_GetBuffer by hand: what an exporter answers to each set of flags."""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Iterator
from typing import Any, NamedTuple

SIMPLE = 0
WRITABLE = 0x1
FORMAT = 0x4
ND = 0x8
STRIDES = 0x10 | ND
C_CONTIGUOUS = 0x20 | STRIDES
F_CONTIGUOUS = 0x40 | STRIDES
ANY_CONTIGUOUS = 0x80 | STRIDES
INDIRECT = 0x100 | STRIDES
LAYOUTS = {
    "SIMPLE": SIMPLE,
    "ND": ND,
    "STRIDES": STRIDES,
    "C_CONTIGUOUS": C_CONTIGUOUS,
    "F_CONTIGUOUS": F_CONTIGUOUS,
    "ANY_CONTIGUOUS": ANY_CONTIGUOUS,
    "INDIRECT": INDIRECT,
}


class Py_buffer(ctypes.Structure):  # noqa: N801
    """The C structure."""

    _fields_ = (
        ("buf", ctypes.c_void_p),
        ("obj", ctypes.c_void_p),
        ("len", ctypes.c_ssize_t),
        ("itemsize", ctypes.c_ssize_t),
        ("readonly", ctypes.c_int),
        ("ndim", ctypes.c_int),
        ("format", ctypes.c_char_p),
        ("shape", ctypes.POINTER(ctypes.c_ssize_t)),
        ("strides", ctypes.POINTER(ctypes.c_ssize_t)),
        ("suboffsets", ctypes.POINTER(ctypes.c_ssize_t)),
        ("internal", ctypes.c_void_p),
    )


class Answer(NamedTuple):
    """What a request got; None where the pointer was NULL."""

    buf: int
    len: int
    itemsize: int
    readonly: bool
    ndim: int
    format: bytes | None
    shape: tuple[int, ...] | None
    strides: tuple[int, ...] | None
    suboffsets: tuple[int, ...] | None


_get = ctypes.pythonapi.PyObject_GetBuffer
_get.argtypes = [ctypes.py_object, ctypes.POINTER(Py_buffer), ctypes.c_int]
_get.restype = ctypes.c_int
_release = ctypes.pythonapi.PyBuffer_Release
_release.argtypes = [ctypes.POINTER(Py_buffer)]
_release.restype = None


@contextlib.contextmanager
def request(exporter: Any, flags: int) -> Iterator[Answer]:
    """The answer, while the buffer is held. A refusal is the exporter's own exception."""
    raw = Py_buffer()
    _get(exporter, ctypes.byref(raw), flags)
    try:
        assert raw.obj, "a buffer without an owner"

        def row(pointer: Any) -> tuple[int, ...] | None:
            return tuple(pointer[i] for i in range(raw.ndim)) if pointer else None

        yield Answer(
            raw.buf or 0,
            raw.len,
            raw.itemsize,
            bool(raw.readonly),
            raw.ndim,
            raw.format,
            row(raw.shape),
            row(raw.strides),
            row(raw.suboffsets),
        )
    finally:
        _release(ctypes.byref(raw))


def answer(exporter: Any, flags: int) -> Answer | type[Exception]:
    """The answer, the buffer released; or the type of the refusal."""
    try:
        with request(exporter, flags) as got:
            return got
    except Exception as error:
        return type(error)


def item(got: Answer, index: tuple[int, ...]) -> bytes:
    """The bytes of one item, found as PEP 3118 says: strides, then a pointer where there is a suboffset."""
    at = got.buf
    for axis, i in enumerate(index):
        at += got.strides[axis] * i if got.strides else got.itemsize * i
        if got.suboffsets and got.suboffsets[axis] >= 0:
            at = (ctypes.c_void_p.from_address(at).value or 0) + got.suboffsets[axis]
    return ctypes.string_at(at, got.itemsize)

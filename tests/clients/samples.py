"""Bytes to try clients with: about `n` of them."""

from __future__ import annotations

import importlib
import random
from collections.abc import Callable
from typing import Any


def text(n: int) -> bytes:
    """ASCII letters and spaces in lines, the period of which no seam hits twice."""
    words = b"The quick brown fox jumps over the lazy dog; 0123456789, and back again.\n"
    return (words * (n // len(words) + 1))[:n]


def noise(n: int) -> bytes:
    """What can't be compressed."""
    return random.Random(n).randbytes(n)


def rising(n: int) -> bytes:
    """Sorted bytes."""
    return bytes(i * 256 // n for i in range(n))


def digits(n: int) -> bytes:
    """A number, short enough for `int`."""
    return b"12345678901234567890"


def exactly(data: bytes) -> Callable[[int], bytes]:
    """These bytes, whatever the number asked for."""
    return lambda n: data


def made_by(function: Callable[[bytes], bytes], of: Callable[[int], bytes] = noise) -> Callable[[int], bytes]:
    """What the function makes of bytes."""
    return lambda n: function(of(n))


def made(module: str, function: str) -> Callable[[int], bytes]:
    """What a function of a library makes of noise."""

    def make(n: int) -> bytes:
        value: Any = getattr(importlib.import_module(module), function)(noise(n))
        return bytes(value)

    return make

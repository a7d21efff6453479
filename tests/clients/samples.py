"""Bytes to try clients with: about `n` of them."""

from __future__ import annotations

import random


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


def zeros(n: int) -> bytes:
    """Zeros, as many as asked for and a few."""
    return bytes(n)


def exactly(data: bytes) -> object:
    """These bytes, whatever the number asked for."""
    return lambda n: data

"""Runs CPython's own tests of `io.BytesIO` (`test.test_memoryio`) with a file over a FragView of fragments.

    python run_test_memoryio.py FRAGMENTS

`io.BytesIO(initial)` becomes a FragView over a copy of `initial` in FRAGMENTS, opened. What differs on
purpose, mostly because the size of a view is fixed, is the table below; a test that is in it and passes is a
failure too. With FRAGVIEW_TEST_CLASS=memoryview the substitute is `io.BytesIO` itself and nothing may differ.
"""

from __future__ import annotations

import io
import itertools
import os
import sys
import unittest
from collections.abc import Callable
from typing import Any, NamedTuple

from differing import run

ORACLE = os.environ.get("FRAGVIEW_TEST_CLASS", "fragview") == "memoryview"


class Difference(NamedTuple):
    """Why a test can't pass, and for which versions it can't."""

    reason: str
    applies: Callable[[], bool] = lambda: True


def if_there(name: str, difference: Difference) -> dict[str, Difference]:
    """The entry of a test that came with a bug fix, and so is not in each patch release."""
    try:
        from test import test_memoryio
    except ImportError:
        return {}
    return {name: difference} if hasattr(test_memoryio.CBytesIOTest, name) else {}


FIXED_SIZE = Difference("the size of a view is fixed: no write grows it, truncate() is refused")
NO_CLASS = Difference("`FragView.open()` makes it: no class to construct, derive from or add attributes to")
STATE = Difference("it pickles as a view and a position, without BytesIO's `__getstate__`")
TWO_LOOKS = Difference(
    "a buffer's layout is looked at before the buffer is taken, so `__buffer__` is called twice",
    lambda: sys.version_info >= (3, 12),
)
IN_FRAGMENTS = Difference(
    "memory in fragments has no buffer to get: `view()` shows it, and who looks for `getbuffer` reads"
)
COPY_ON_WRITE = Difference("a view never shares a bytes object to copy it at the first write")

DIFFERENCES: dict[str, Difference] = {
    "test_cow_setstate": COPY_ON_WRITE,
    "test_cow_truncate": COPY_ON_WRITE,
    "test_cow_write": COPY_ON_WRITE,
    "test_getbuffer": IN_FRAGMENTS,
    "test_getbuffer_empty": IN_FRAGMENTS,
    "test_getstate": STATE,
    "test_init": NO_CLASS,
    "test_overseek": FIXED_SIZE,
    "test_pickling": NO_CLASS,
    "test_setstate": STATE,
    "test_subclassing": NO_CLASS,
    "test_truncate": FIXED_SIZE,
    "test_write": FIXED_SIZE,
    "test_writelines": FIXED_SIZE,
    "test_writelines_error": FIXED_SIZE,
    **if_there("test_getbuffer_gc_collect", IN_FRAGMENTS),
    **if_there("test_write_concurrent_export", IN_FRAGMENTS),
    **if_there("test_write_mutating_buffer", TWO_LOOKS),
    **if_there("test_writelines_concurrent_export", IN_FRAGMENTS),
}


def substitute(fragments: int) -> Any:
    """What the tests get for `io.BytesIO`."""
    if ORACLE:
        return io.BytesIO
    from fragview import FragView

    def make(initial_bytes: Any = b"") -> Any:
        data = bytes(initial_bytes or b"")
        n = len(data)
        cuts = [n * i // fragments for i in range(fragments + 1)]
        return FragView([bytearray(data[a:b]) for a, b in itertools.pairwise(cuts)]).open()

    return make


def name_of(test: unittest.TestCase) -> str:
    return test.id().split(".")[-1]


def expected(name: str) -> bool:
    found = DIFFERENCES.get(name)
    return found is not None and not ORACLE and found.applies()


def main(fragments: int) -> int:
    """Run all tests; 0 where each one does what it should."""
    try:
        from test import test_memoryio as module
    except ImportError as error:
        print(f"this Python comes without its tests: {error}")
        return 77
    case: Any = module.CBytesIOTest
    case.ioclass = staticmethod(substitute(fragments))
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(case)
    names = set(unittest.defaultTestLoader.getTestCaseNames(case))
    reasons = {name: difference.reason for name, difference in DIFFERENCES.items()}
    title = f"{fragments} fragments"
    return run(suite, names, reasons, name_of=name_of, expected=expected, title=title)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))

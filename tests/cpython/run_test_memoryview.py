"""Runs CPython's own `test.test_memoryview` with its `memoryview` replaced by a FragView over fragments.

    python run_test_memoryview.py FRAGMENTS

The module's global name `memoryview` becomes a function that cuts the exporter's own memory into FRAGMENTS
runs (at bytes, so that items lie across seams) and joins them again. Writable memory is not copied, so that
tests of references and of writes to the exporter mean what they meant. What differs on purpose is the table
below; a test that is in it and passes is a failure too. With FRAGVIEW_TEST_CLASS=memoryview the substitute is
the built-in class and nothing may differ.
"""

from __future__ import annotations

import os
import sys
import unittest
from collections.abc import Callable
from typing import Any, NamedTuple

from differing import run

ORACLE = os.environ.get("FRAGVIEW_TEST_CLASS", "fragview") == "memoryview"


class Difference(NamedTuple):
    """Why a test can't pass, and for which numbers of fragments and versions it can't."""

    reason: str
    applies: Callable[[int], bool] = lambda fragments: True


ACROSS_SEAMS = Difference(
    'str(v, "utf-8") asks for contiguous memory; across seams that is a BufferError, never a copy',
    lambda fragments: fragments > 1,
)
AN_EMPTY_ITERABLE = Difference("FragView({}) is legal: a dict is an iterable, here of no buffers")

REFERENCE_LOOP = "OtherTest.test_buffer_reference_loop"
DIFFERENCES: dict[str, Difference] = {
    "BytesMemoryviewTest.test_getbuffer": ACROSS_SEAMS,
    "BytesMemorySliceTest.test_getbuffer": ACROSS_SEAMS,
    "BytesMemorySliceSliceTest.test_getbuffer": ACROSS_SEAMS,
    "BytesMemoryviewTest.test_getbuf_fail": AN_EMPTY_ITERABLE,
    "ArrayMemoryviewTest.test_getbuf_fail": AN_EMPTY_ITERABLE,
    "BytesMemorySliceTest.test_getbuf_fail": AN_EMPTY_ITERABLE,
    "ArrayMemorySliceTest.test_getbuf_fail": AN_EMPTY_ITERABLE,
    "BytesMemorySliceSliceTest.test_getbuf_fail": AN_EMPTY_ITERABLE,
    "ArrayMemorySliceSliceTest.test_getbuf_fail": AN_EMPTY_ITERABLE,
    "BytesMemoryviewTest.test_constructor": Difference(
        "the source is positional only, and FragView() is an empty view"
    ),
    REFERENCE_LOOP: Difference(
        "__buffer__(0) asks for contiguous memory; across seams that is a BufferError, never a copy",
        lambda fragments: fragments > 1 and sys.version_info >= (3, 12),
    ),
    "OtherTest.test_copy": Difference("copy.copy() gives another view of the same memory"),
    "OtherTest.test_pickle": Difference("a FragView can be pickled"),
}


def substitute(fragments: int) -> Any:
    """What the module gets for its name `memoryview`."""
    if ORACLE:
        return memoryview
    from fragview import FragView

    def cut(view: Any) -> list[Any]:
        n = len(view)
        return [view[n * i // fragments : n * (i + 1) // fragments] for i in range(fragments)]

    def make(*args: Any, **kwargs: Any) -> Any:
        if len(args) != 1 or kwargs:
            return FragView(*args, **kwargs)
        (source,) = args
        if isinstance(source, FragView):
            return FragView(cut(source)) if fragments > 1 and source.ndim == 1 else FragView(source)
        try:
            whole = memoryview(source)
        except TypeError:
            return FragView(source)
        if fragments == 1:
            return FragView(source)
        parts = cut(whole.cast("B"))
        if whole.readonly:
            # Fragments that touch in memory are exported as one run. Where nobody writes, a copy can't be
            # told from the original, and it makes seams that exports have to see.
            parts[1:] = [memoryview(bytes(part)) for part in parts[1:]]
        view = FragView(parts)
        return view if whole.format == "B" else view.cast(whole.format)

    return make


def name_of(test: unittest.TestCase) -> str:
    return ".".join(test.id().split(".")[-2:])


def main(fragments: int) -> int:
    """Run all tests; 0 where each one does what it should."""
    try:
        from test import test_memoryview as module
    except ImportError as error:
        print(f"this Python comes without its tests: {error}")
        return 77
    module.memoryview = substitute(fragments)  # type: ignore[attr-defined]
    suite = unittest.defaultTestLoader.loadTestsFromModule(module)
    names = {name_of(test) for group in suite for test in group}  # type: ignore[union-attr]
    # It came with a bug fix, and so is not in each patch release.
    if REFERENCE_LOOP not in names:
        del DIFFERENCES[REFERENCE_LOOP]

    def expected(name: str) -> bool:
        found = DIFFERENCES.get(name)
        return found is not None and not ORACLE and found.applies(fragments)

    reasons = {name: difference.reason for name, difference in DIFFERENCES.items()}
    title = f"{fragments} fragments"
    return run(suite, names, reasons, name_of=name_of, expected=expected, title=title)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))

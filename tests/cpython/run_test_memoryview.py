"""Runs CPython's own `test.test_memoryview` with its `memoryview` replaced by a FragView over fragments.

    python run_test_memoryview.py PIECES

The module's global name `memoryview` becomes a function that cuts the exporter's own memory into PIECES
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
    "OtherTest.test_buffer_reference_loop": Difference(
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


class Result(unittest.TextTestResult):
    """Sorts failures into those of the table and others."""

    fragments = 1

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.differing: set[str] = set()
        self.unexpected: list[str] = []

    def expected(self, name: str) -> bool:
        found = DIFFERENCES.get(name)
        return found is not None and not ORACLE and found.applies(self.fragments)

    def sort(self, test: unittest.TestCase, kind: str) -> None:
        name = name_of(test)
        if self.expected(name):
            self.differing.add(name)
        else:
            self.unexpected.append(f"{kind}: {name}")

    def addError(self, test: Any, err: Any) -> None:  # noqa: N802
        super().addError(test, err)
        self.sort(test, "error")

    def addFailure(self, test: Any, err: Any) -> None:  # noqa: N802
        super().addFailure(test, err)
        self.sort(test, "failure")

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:  # noqa: N802
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.sort(test, f"failure in {subtest}")

    def addUnexpectedSuccess(self, test: Any) -> None:  # noqa: N802
        super().addUnexpectedSuccess(test)
        self.unexpected.append(f"unexpected success: {name_of(test)}")


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
    Result.fragments = fragments
    suite = unittest.defaultTestLoader.loadTestsFromModule(module)
    names = {name_of(test) for group in suite for test in group}  # type: ignore[union-attr]
    result: Any = unittest.TextTestRunner(resultclass=Result, verbosity=1).run(suite)
    skipped = {name_of(test) for test, _ in result.skipped}
    for name in sorted(names - skipped - result.differing):
        if result.expected(name):
            result.unexpected.append(f"passes, but is in the table of differences: {name}")
    for name in sorted(DIFFERENCES.keys() - names):
        # A test that this version has not yet, or no longer.
        if DIFFERENCES[name].applies(fragments) and name != "OtherTest.test_buffer_reference_loop":
            result.unexpected.append(f"in the table of differences, but no test: {name}")
    for name in sorted(result.differing):
        print(f"differs: {name}: {DIFFERENCES[name].reason}")
    for line in result.unexpected:
        print(f"UNEXPECTED {line}")
    print(
        f"{sys.version.split()[0]}, {fragments} fragments: {result.testsRun} run, {len(skipped)} skipped, "
        f"{len(result.differing)} differ on purpose, {len(result.unexpected)} unexpected"
    )
    return 1 if result.unexpected or not result.testsRun else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))

"""Runs a suite of CPython's: what fails stands in a table of differences, and what stands there fails."""

from __future__ import annotations

import sys
import unittest
from collections.abc import Callable, Mapping
from typing import Any


class Result(unittest.TextTestResult):
    """Sorts failures into those of the table and others."""

    name_of: Callable[[unittest.TestCase], str]
    expected: Callable[[str], bool]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.differing: set[str] = set()
        self.unexpected: list[str] = []

    def sort(self, test: unittest.TestCase, kind: str) -> None:
        name = self.name_of(test)
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
        self.unexpected.append(f"unexpected success: {self.name_of(test)}")


def run(
    suite: unittest.TestSuite,
    names: set[str],
    reasons: Mapping[str, str],
    *,
    name_of: Callable[[unittest.TestCase], str],
    expected: Callable[[str], bool],
    title: str,
) -> int:
    """Run the tests, whose names these are, and say what differs; 0 if each test does what it should.

    `expected` says whether a test of the table, `reasons`, applies here.
    """
    methods = {"name_of": staticmethod(name_of), "expected": staticmethod(expected)}
    kind: Any = type("Result", (Result,), methods)
    result: Any = unittest.TextTestRunner(resultclass=kind, verbosity=1).run(suite)
    skipped = {name_of(test) for test, _ in result.skipped}
    for name in sorted(names - skipped - result.differing):
        if expected(name):
            result.unexpected.append(f"passes, but is in the table of differences: {name}")
    for name in sorted(reasons.keys() - names):
        # A test that this version has not yet, or no longer, must say so in the table.
        if expected(name):
            result.unexpected.append(f"in the table of differences, but no test: {name}")
    for name in sorted(result.differing):
        print(f"differs: {name}: {reasons[name]}")
    for line in result.unexpected:
        print(f"UNEXPECTED {line}")
    print(
        f"{sys.version.split()[0]}, {title}: {result.testsRun} run, {len(skipped)} skipped, "
        f"{len(result.differing)} differ on purpose, {len(result.unexpected)} unexpected"
    )
    return 1 if result.unexpected or not result.testsRun else 0

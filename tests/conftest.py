"""Fixtures and the settings of Hypothesis for all tests."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "bounded",
    deadline=None,
    max_examples=int(os.environ.get("FRAGVIEW_TEST_EXAMPLES", "150")),
    stateful_step_count=30,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("bounded")


def pytest_report_header() -> str:
    """Say which class is under test."""
    return f"class under test: {os.environ.get('FRAGVIEW_TEST_CLASS', 'fragview')}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out, on Windows, what needs fork, interval timers, limits, or /proc and /dev."""
    if sys.platform == "win32":
        for item in items:
            if item.get_closest_marker("unix"):
                item.add_marker(pytest.mark.skip(reason="needs Unix"))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say how many streams of the corpus have come out, by shape: streams matched / in the manifest."""
    shapes: dict[str, list[int]] = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", None) != "call":
                continue
            for name, value in report.user_properties:
                if name == "corpus":
                    shape, matched, wanted = value
                    row = shapes.setdefault(shape, [0, 0])
                    row[0] += matched
                    row[1] += wanted
    if shapes:
        found, wanted = (sum(row[i] for row in shapes.values()) for i in (0, 1))
        parts = ", ".join(f"{shape} {a}/{b}" for shape, (a, b) in sorted(shapes.items()) if b)
        terminalreporter.write_line(f"streams of real files: {found}/{wanted} ({parts})")


@pytest.fixture
def collected() -> Iterator[None]:
    """Start from a heap without garbage, and leave one."""
    gc.collect()
    yield
    gc.collect()


@pytest.fixture(params=["bytes", "fragments"])
def table(request: pytest.FixtureRequest) -> Any:
    """The records of `record_rows` in one fragment, and byte by byte."""
    from fragmented import cut
    from record_rows import DATA, LAYOUT

    source = DATA if request.param == "bytes" else cut(DATA, [1] * len(DATA)).view()
    return LAYOUT.scan(source)

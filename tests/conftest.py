"""Fixtures and the settings of Hypothesis for all tests."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

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


@pytest.fixture
def collected() -> Iterator[None]:
    """Start from a heap without garbage, and leave one."""
    gc.collect()
    yield
    gc.collect()

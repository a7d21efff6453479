"""Runs the examples in the class's docstrings."""

import doctest

import fragview


def test_docstrings() -> None:
    """There are examples, and each does what it says."""
    result = doctest.testmod(fragview)
    assert result.attempted > 0
    assert result.failed == 0

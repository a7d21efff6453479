"""The client matrix: `pytest -m clients` for other libraries (`make test-clients` installs them); the
standard library always.

No result may be silently wrong, unless the client names the library's own fault.
"""

from __future__ import annotations

import gc
import importlib.metadata
import os
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from fragmented import needs_fragview

from . import cost, page
from .cells import Outcome, instead, outcome
from .client import FAULT, OTHER, REFUSALS, SAME, WAYS, Client
from .families import libraries, standard, third

EXACT = sys.version_info[:2] == (3, 11) and sys.platform == "linux"
"""Elsewhere a function may refuse with another exception, or take more."""

REQUIRED = bool(os.environ.get("FRAGVIEW_TEST_CLIENTS"))
"""Whether a library that is not installed is a failure."""

pytestmark = [
    needs_fragview,
    pytest.mark.unix,
    pytest.mark.thread_unsafe(
        reason="files, sockets and servers, and what warnings do, belong to the process"
    ),
    # Other libraries' warnings are theirs.
    pytest.mark.filterwarnings("ignore"),
]


@pytest.fixture(scope="module", autouse=True)
def nothing_left() -> Iterator[None]:
    """What a client has left open is found here, not in the middle of another file's tests: without a GIL,
    objects that other threads have held go when the collector runs."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gc.collect()


def missing() -> list[str]:
    """The libraries that are not installed."""
    found = {dist.name.lower().replace("_", "-") for dist in importlib.metadata.distributions()}
    return [name for name in libraries() if name.lower() not in found]


def name_of(client: Client) -> str:
    return f"{client.library}: {client.shown[0] or client.call}"


@pytest.fixture(scope="module")
def installed() -> None:
    """Skip where not all libraries are installed: versions are then not those of the matrix, either."""
    if gone := missing():
        assert not REQUIRED, f"not installed: {', '.join(gone)}"
        pytest.skip(f"{len(gone)} libraries of the group `clients` are not installed")


def check(client: Client) -> None:
    for way in WAYS:
        got, expected = outcome(client, way), client.cell(way)
        assert (got.letter not in (FAULT, OTHER) and not got.letter.islower()) or expected == got.letter, (
            f"silently wrong by {way}: {got.text}"
        )
        if EXACT:
            assert got.letter == expected, f"by {way}: {got.letter} instead of {expected}: {got.text}"
        elif expected == SAME:
            assert got == Outcome(SAME), f"by {way}"
    if client.instead:
        assert instead(client) == Outcome(SAME)


@pytest.mark.parametrize("client", standard(), ids=name_of)
def test_standard_library(client: Client) -> None:
    check(client)


@pytest.mark.clients
@pytest.mark.parametrize("client", third(), ids=name_of)
def test_libraries(client: Client, installed: None) -> None:
    check(client)


@pytest.mark.clients
@pytest.mark.timeout(900)
@pytest.mark.skipif(not EXACT, reason="it reads /proc; other versions have other allocators")
def test_the_memory_that_calls_take(installed: None) -> None:
    """What a call takes beyond what it takes for `bytes` is what its client says, or nothing: as many bytes a
    byte."""
    wrong = []
    for client, way, extra in cost.measured():
        said = client.costs.get(way, 0)
        if extra > said + 0.9 or (said and extra < said - 0.6):
            wrong.append(f"{name_of(client)} by {way}: {extra} instead of {said}")
    assert not wrong


def test_the_matrix_is_wide() -> None:
    """As the project promises: a hundred functions of the standard library, sixty other libraries."""
    assert len(standard()) >= 100
    assert len(libraries()) >= 60


def test_what_is_wrong_is_explained() -> None:
    """Each fault has its reason, and there is no reason without a fault."""
    for client in [*standard(), *third()]:
        letters = set(client.cells) - {SAME, OTHER, FAULT}
        assert {letter.upper() for letter in letters} <= REFUSALS.keys()
        assert len(client.cells) == len(WAYS)
        faulty = {way for way in WAYS if client.cell(way) == FAULT or client.cell(way).islower()}
        assert {way for way in WAYS if client.fault(way)} == faulty, name_of(client)
        if client.cell("view") != SAME:
            assert client.instead or client.cell("gather") == SAME, f"{name_of(client)}: what else to call?"


def test_each_client_is_there_once() -> None:
    counts = Counter((client.library, client.call, client.takes) for client in [*standard(), *third()])
    assert max(counts.values()) == 1


@pytest.mark.skipif(not EXACT, reason="other versions word their refusals otherwise")
def test_the_page_of_the_standard_library() -> None:
    """`docs/clients.md` has what the generator makes."""
    assert page.section(page.PAGE.read_text(), page.STANDARD_TITLE) == page.section(
        page.matrix(libraries=False), page.STANDARD_TITLE
    )


@pytest.mark.clients
@pytest.mark.skipif(not EXACT, reason="other versions word their refusals otherwise")
def test_the_page(installed: None) -> None:
    """`docs/clients.md` is what the generator makes."""
    assert page.PAGE.read_text() == page.matrix()


def test_the_checks_can_fail() -> None:
    """What is silently wrong, what is refused, and what leaves harm behind are told apart."""
    wrong: dict[str, Any] = {"call": "len(x) if isinstance(x, (bytes, memoryview)) else 7", "cells": SAME * 6}
    assert [outcome(Client("stdlib", **wrong), way).letter for way in WAYS[:2]] == [FAULT, FAULT]
    with pytest.raises(AssertionError, match="silently wrong by whole"):
        check(Client("stdlib", **wrong))
    if EXACT:
        with pytest.raises(AssertionError, match="by memoryview: = instead of !"):
            check(Client("stdlib", **wrong | {"cells": FAULT * 6}))
    assert outcome(Client("stdlib", "1 / (type(x) is bytes)", "E" * 6), "view").letter == "E"
    harm = Client("stdlib", "a = []; a.append(1); a[type(x) is not bytes]", "E" * 6, unharmed="not a")
    assert outcome(harm, "view").letter == "e"
    assert outcome(Client("stdlib", "type(x).__name__ == 'bytes'", "~" * 6), "memoryview").letter == OTHER

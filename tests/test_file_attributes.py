"""Attributes of a file over a view: as many as io.BytesIO takes, and where they go."""

from __future__ import annotations

import gc
import io
import pickle
import weakref
from typing import Any

import pytest

from fragmented import FragView, needs_fragview

pytestmark = needs_fragview


def files() -> list[Any]:
    """Return a file over a view, and one of the standard library."""
    return [FragView([b"ab", b"c"]).open(), io.BytesIO(b"abc")]


def test_attributes() -> None:
    """Set, read, delete; `vars`; and what is not there."""
    for file in files():
        file.content_type = "text/plain"
        file.mode = "rb"
        assert vars(file) == {"content_type": "text/plain", "mode": "rb"}
        assert (file.content_type, file.mode) == ("text/plain", "rb")
        del file.mode
        with pytest.raises(AttributeError):
            file.mode
        with pytest.raises(AttributeError):
            file.closed = True
        assert file.read() == b"abc"
        assert not file.closed


def test_pickles() -> None:
    """They travel with the file, as BytesIO's do."""
    for file in files():
        file.label = ["a", 1]
        file.seek(2)
        again = pickle.loads(pickle.dumps(file))
        assert (again.label, again.tell(), again.read()) == (["a", 1], 2, b"c")
    bare = FragView(b"abc").open()
    assert vars(pickle.loads(pickle.dumps(bare))) == {}


def test_collected() -> None:
    """A cycle through an attribute is seen by the collector."""

    class Canary:
        pass

    file = FragView(b"abc").open()
    file.canary = Canary()
    file.itself = file
    gone = weakref.ref(file.canary)
    del file
    gc.collect()
    assert gone() is None

"""A client: a call of a library's function, as text, and what is known of it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .samples import text

WAYS = ("whole", "view", "memoryview", "open", "fragments", "gather")
"""How a view is given: a view of one fragment; a view with seams; and of the latter `memoryview(v)`,
`v.open()`, `v.fragments` and `v.gather()`."""

SAME = "="
OTHER = "~"
FAULT = "!"
REFUSALS: dict[str, type[BaseException]] = {
    "B": BufferError,
    "T": TypeError,
    "V": ValueError,
    "A": AttributeError,
    "E": Exception,  # of a class of the library's own, or any other
    "P": BaseException,  # a panic of a library in Rust
}
"""The letters of a cell for a refusal. The others: `=`, the result for `bytes`; `~`, not that, but what any
memoryview gives, or any file in place of `v.open()`, or any list of memoryviews in place of `v.fragments`;
`!`, neither of the two, which `faults` explains. A small letter is a refusal that leaves harm behind;
`faults` names it, too."""

Names = Mapping[str, Any]


@dataclass(frozen=True)
class Client:
    """A call that takes bytes."""

    library: str
    """What is installed from PyPI, or `stdlib`."""
    call: str
    """Statements of which the last is an expression: the result. `x` is the buffer, `data` its bytes, `n`
    their number."""
    cells: str
    """A letter for each of `WAYS`."""
    imports: str = ""
    """Import statements. What the call names at its roots is imported without them."""
    data: Callable[[int], bytes] = text
    """The bytes: about as many as asked for."""
    given: Callable[[], contextlib.AbstractContextManager[Names]] = contextlib.nullcontext  # type: ignore[assignment]
    """More names for the call: files, sockets, servers."""
    takes: str = "bytes"
    """What the function is made for: `bytes`, a `file`, or a `list` of buffers."""
    fills: bool = False
    """The call writes: `x` is writable memory of zeros at first, and what it holds at the end counts as a
    result."""
    scales: bool = True
    """The bytes may be many, so the cost is measured."""
    instead: str = ""
    """What to call with a view `v` for the same result."""
    faults: Mapping[str, str] = field(default_factory=dict)
    """The library's own fault, by the ways, with spaces between them, that are silently wrong or leave harm
    behind."""
    costs: Mapping[str, int] = field(default_factory=dict)
    """How many bytes of memory more than `bytes` take, for each byte of the view, in the ways that work at
    such a cost."""
    unharmed: str = ""
    """An expression that is true where a refusal has left nothing behind."""
    shown: tuple[str, str] = ("", "")
    """What the page shows for `call` and `instead`, where a helper stands in them."""

    def fault(self, way: str) -> str:
        """The library's own fault in this way, or nothing."""
        return next((reason for ways, reason in self.faults.items() if way in ways.split()), "")

    def cell(self, way: str) -> str:
        """The letter expected for this way."""
        return self.cells[WAYS.index(way)]


def std(call: str, cells: str, **more: object) -> Client:
    """A client of the standard library."""
    return Client("stdlib", call, cells, **more)  # type: ignore[arg-type]

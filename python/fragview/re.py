r"""Regular expressions over a view, which is not joined: the functions of the module `re` for `FragView`.

>>> from fragview import FragView, re
>>> log = FragView([b"level=in", b"fo id=7\nlevel=wa", b"rn id=8\n"])
>>> found = re.search(rb"level=(?P<level>\w+) id=(\d+)", log)
>>> found.span(), found["level"].tobytes(), found[2].tobytes()
((0, 15), b'info', b'7')
>>> [part.tobytes() for part in re.findall(rb"\d+", log)]
[b'7', b'8']

Patterns are bytes, in the syntax of `re`. A pattern means what it means there, or it is refused with a
`PatternError` that tells the place: there are no references to groups, no lookahead and no
lookbehind. In return each search takes linear time. docs/search.md lists what is refused, and what differs.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from re import (
    ASCII,
    DOTALL,
    IGNORECASE,
    MULTILINE,
    VERBOSE,
    A,
    I,
    M,
    RegexFlag,
    S,
    X,
    escape,
)

from fragview._fragview import FragView, Match, Pattern, compile_pattern
from fragview.errors import PatternError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, SupportsIndex

__all__ = [
    "ASCII",
    "DOTALL",
    "IGNORECASE",
    "MULTILINE",
    "VERBOSE",
    "A",
    "I",
    "M",
    "Match",
    "Pattern",
    "PatternError",
    "RegexFlag",
    "S",
    "X",
    "compile",
    "error",
    "escape",
    "findall",
    "finditer",
    "fullmatch",
    "match",
    "purge",
    "search",
    "split",
]

error = PatternError

_compile = lru_cache(maxsize=512)(compile_pattern)


def compile(pattern: bytes | Pattern, flags: int = 0) -> Pattern:
    """Compile a pattern, for several searches. An invalid one raises PatternError, with the place."""
    if isinstance(pattern, Pattern):
        if flags:
            raise ValueError("cannot process flags argument with a compiled pattern")
        return pattern
    # What is not bytes may have no hash, and is refused with better words.
    make = _compile if isinstance(pattern, bytes) else compile_pattern
    return make(pattern, int(flags))


def purge() -> None:
    """Forget the patterns compiled so far."""
    _compile.cache_clear()


def search(pattern: bytes | Pattern, view: FragView[Any], flags: int = 0) -> Match | None:
    """Return the first match anywhere in the view, or None."""
    return compile(pattern, flags).search(view)


def match(pattern: bytes | Pattern, view: FragView[Any], flags: int = 0) -> Match | None:
    """Return the match that begins with the view's first byte, or None."""
    return compile(pattern, flags).match(view)


def fullmatch(pattern: bytes | Pattern, view: FragView[Any], flags: int = 0) -> Match | None:
    """Return the match that is the whole view, or None."""
    return compile(pattern, flags).fullmatch(view)


def finditer(pattern: bytes | Pattern, view: FragView[Any], flags: int = 0) -> Iterator[Match]:
    """Return an iterator of the matches that do not overlap, from left to right."""
    return compile(pattern, flags).finditer(view)


def findall(pattern: bytes | Pattern, view: FragView[Any], flags: int = 0) -> list[Any]:
    """Return all matches as views; of the group where there is one, tuples where there are more."""
    return compile(pattern, flags).findall(view)


def split(
    pattern: bytes | Pattern, view: FragView[Any], maxsplit: SupportsIndex = 0, flags: int = 0
) -> list[FragView[Any] | Any]:
    """Return the parts of the view between the matches, with the groups of the matches between them."""
    return compile(pattern, flags).split(view, maxsplit)


_MISSING = {
    **dict.fromkeys(
        ("sub", "subn"),
        "a view is not rewritten; find the places with finditer(), and replace them with view.splice()",
    ),
    **dict.fromkeys(("LOCALE", "UNICODE"), "patterns are bytes, and of ASCII"),
}


def __getattr__(name: str) -> object:
    why = f": {_MISSING[name]}" if name in _MISSING else ""
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}{why}")

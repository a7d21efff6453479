r"""Regular expressions on views, also across seams: the functions of the module `re` for `FragView`.

>>> from fragview import FragView, re
>>> log = FragView([b"level=in", b"fo id=7\nlevel=wa", b"rn id=8\n"])
>>> found = re.search(rb"level=(?P<level>\w+) id=(\d+)", log)
>>> found.span(), found["level"].tobytes(), found[2].tobytes()
((0, 15), b'info', b'7')
>>> [view.tobytes() for view in re.findall(rb"\d+", log)]
[b'7', b'8']

Patterns are bytes, in the syntax of `re`, with the same meaning. A pattern that can't have that meaning
raises `PatternError` with the place: references to groups, lookahead and lookbehind are not supported. In
return each search takes linear time. docs/search.md lists the unsupported syntax and the differences.
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
    r"""Compile a pattern for several searches. An invalid pattern raises PatternError with the place.

    O(pattern). Up to 512 compiled patterns are kept, so that a second call with the same arguments is quick.

    >>> number = compile(rb"\d+")
    >>> number.search(FragView([b"id=4", b"2"])).span()
    (3, 5)
    """
    if isinstance(pattern, Pattern):
        if flags:
            raise ValueError("cannot process flags argument with a compiled pattern")
        return pattern
    # Other types may have no hash; compile_pattern refuses them with a better message.
    make = _compile if isinstance(pattern, bytes) else compile_pattern
    return make(pattern, int(flags))


def purge() -> None:
    """Empty the cache of compiled patterns. O(patterns).

    >>> purge()
    """
    _compile.cache_clear()


def search(pattern: bytes | Pattern, view: FragView[Any], flags: int = 0) -> Match | None:
    r"""Return the first match in the view, or None. O(bytes).

    An invalid pattern raises PatternError; another object than a view raises TypeError.

    >>> search(rb"\d+", FragView([b"id=4", b"2"])).span()
    (3, 5)
    """
    return compile(pattern, flags).search(view)


def match(pattern: bytes | Pattern, view: FragView[Any], flags: int = 0) -> Match | None:
    r"""Return the match that begins at the view's first byte, or None. O(bytes).

    >>> match(rb"\w+", FragView([b"i", b"d=42"])).span()
    (0, 2)
    """
    return compile(pattern, flags).match(view)


def fullmatch(pattern: bytes | Pattern, view: FragView[Any], flags: int = 0) -> Match | None:
    r"""Return the match that is the whole view, or None. O(bytes).

    >>> fullmatch(rb"\w+=\d+", FragView([b"i", b"d=42"])).span()
    (0, 5)
    """
    return compile(pattern, flags).fullmatch(view)


def finditer(pattern: bytes | Pattern, view: FragView[Any], flags: int = 0) -> Iterator[Match]:
    r"""Return an iterator over the matches from left to right; matches do not overlap. O(bytes) for all.

    >>> [match.span() for match in finditer(rb"\d+", FragView([b"a1", b"2b3"]))]
    [(1, 3), (4, 5)]
    """
    return compile(pattern, flags).finditer(view)


def findall(pattern: bytes | Pattern, view: FragView[Any], flags: int = 0) -> list[Any]:
    r"""Return a list of all matches as views. O(bytes).

    If the pattern has one group, the list has that group of each match; if it has more, tuples of them.

    >>> [view.tobytes() for view in findall(rb"\d+", FragView([b"a1", b"2b3"]))]
    [b'12', b'3']
    """
    return compile(pattern, flags).findall(view)


def split(
    pattern: bytes | Pattern, view: FragView[Any], maxsplit: SupportsIndex = 0, flags: int = 0
) -> list[FragView[Any] | Any]:
    r"""Return a list of the views between the matches, with the groups of the matches between them. O(bytes).

    `maxsplit` limits the number of splits, if it is not 0.

    >>> [view.tobytes() for view in split(rb", *", FragView([b"a,", b" b,c"]))]
    [b'a', b'b', b'c']
    """
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

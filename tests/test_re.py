"""`fragview.re` against the module `re` on the same bytes in one fragment."""

from __future__ import annotations

import copy
import gc
import itertools
import pickle
import re
import sys
import threading
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fragmented import ORACLE, FragView, cut, cuts_of

pytestmark = pytest.mark.skipif(ORACLE, reason="memoryview does not have it")
fre: Any
if not ORACLE:
    from fragview import re as fre

# Patterns that mean the same to both.
PATTERNS = [
    rb"",
    rb"a",
    rb"ab",
    rb"a*",
    rb"a+b",
    rb"a*?b",
    rb"(a)(b)?",
    rb"(a|ab)(c|bcd)?",
    rb"(a|b)*c",
    rb"((a)|(b))+",
    rb"(?:a|b)+?c",
    rb"^a",
    rb"^a*\Z",
    rb"\Aab",
    rb"b\Z",
    rb"(?m)^a",
    rb"(?m)b$",
    rb"\ba",
    rb"a\b",
    rb"\b(\w+)\b",
    rb"(?i)AB",
    rb"[^a]",
    rb"[^a]+(b)?",
    rb".",
    rb".*",
    rb"(?s).*",
    rb"(?s)(.)(.)?\Z",
    rb"a{2}|b{2,}",
    rb"(ab){2,3}",
    rb"(?P<x>a)|(?P<y>b)",
    rb"aab|aa|a",
    rb"\xff|\n",
    b"\xff+",
    rb"b.*a|b",
    rb"[ab]c?(?:a|\Z)",
    rb"\d+|\s+|[\w.]+",
]


def plain(value: Any) -> Any:
    """Views as the bytes they show, in lists and tuples too."""
    if isinstance(value, FragView):
        return value.tobytes()
    if isinstance(value, (list, tuple)):
        return type(value)(map(plain, value))
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


def told(found: Any) -> Any:
    """All that a match tells."""
    if found is None:
        return None
    names = found.re.groupindex
    groups = [*range(found.re.groups + 1), *names]
    return (
        [found.span(group) for group in groups],
        [found.start(group) for group in groups],
        [found.end(group) for group in groups],
        [plain(found[group]) for group in groups],
        plain(found.group()),
        plain(found.group(*groups)),
        plain(found.groups()),
        plain(found.groups(7)),
        plain(found.groupdict()),
        plain(found.groupdict(b"no")),
        found.pos,
        found.endpos,
    )


def same(pattern: bytes, view: Any, data: bytes, *args: int) -> None:
    """All methods tell what those of `re` tell."""
    ours, theirs = fre.compile(pattern), re.compile(pattern)
    for name in ("search", "match", "fullmatch"):
        expected = told(getattr(theirs, name)(data, *args))
        assert told(getattr(ours, name)(view, *args)) == expected, (name, pattern, data, args)
    expected = [told(found) for found in theirs.finditer(data, *args)]
    assert [told(found) for found in ours.finditer(view, *args)] == expected, (pattern, data, args)
    # An unmatched group is an empty view, as it is empty bytes.
    assert plain(ours.findall(view, *args)) == theirs.findall(data, *args)
    if not args:
        for most in (0, 1, 2, -1):
            assert plain(ours.split(view, most)) == theirs.split(data, most), (pattern, data, most)


def texts(letters: bytes, most: int) -> Iterator[bytes]:
    for length in range(most + 1):
        for text in itertools.product(letters, repeat=length):
            yield bytes(text)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_small_haystacks(pattern: bytes) -> None:
    """Exhaustive, cut in turn at each place."""
    for number, data in enumerate(texts(b"abc\n", 4)):
        made = list(cuts_of(data))
        same(pattern, made[number % len(made)].view(), data)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_bounds(pattern: bytes) -> None:
    """`pos` and `endpos`, negative, huge and crossed."""
    data = b"abcab\xff aab 12.a"
    for sizes in [(15,), (1,) * 15, (3, 0, 8, 4)]:
        view = cut(data, sizes).view()
        same(pattern, view, data)
        for pos in (-sys.maxsize, -3, 0, 1, 6, 14, 15, 16, sys.maxsize):
            same(pattern, view, data, pos)
            for endpos in (-1, 0, 3, 7, 15, sys.maxsize):
                if min(max(pos, 0), len(data)) <= min(max(endpos, 0), len(data)):
                    same(pattern, view, data, pos, endpos)
                else:
                    # `re` finds an empty match here, in `match` only.
                    assert fre.compile(pattern).match(view, pos, endpos) is None
                    assert not list(fre.compile(pattern).finditer(view, pos, endpos))


@given(
    st.lists(st.binary(max_size=6), max_size=8),
    st.sampled_from(PATTERNS),
    st.sampled_from((1, 1, 1, 2, -1)),
)
def test_any_bytes(parts: list[bytes], pattern: bytes, step: int) -> None:
    """Any bytes, cut anywhere, with gaps and backwards too."""
    data = b"".join(parts)[::step]
    same(pattern, FragView(parts)[::step], data)


# No more than `re` can do soon: some of these take it time that is quadratic.
@settings(max_examples=25)
@given(st.lists(st.sampled_from((b"a", b"ab", b"b" * 400, b" ", b"abc" * 300)), max_size=5))
def test_long_matches(parts: list[bytes]) -> None:
    """Matches and groups across many fragments, large and small."""
    data = b"".join(parts)
    for pattern in (rb"\w+", rb"(\w+) (\w+)?", rb"(a|b)+c", rb"(?P<all>(?s:.)*)b", rb"b{200,}c?"):
        same(pattern, FragView(parts), data)


def test_huge_bounds() -> None:
    """Integers that no index can be are cut; `re` refuses them."""
    view = FragView([b"ab", b"c"])
    assert fre.compile(b"b").search(view, -(2**70), 2**70).span() == (1, 2)
    assert fre.compile(b"b").search(view, 2**70) is None


def test_groups_are_views() -> None:
    """A group is memory, not a copy: a write shows in the source."""
    sources = [bytearray(b"key=va"), bytearray(b"lue;")]
    found = fre.search(rb"=(\w+);", FragView(sources))
    found[1][:] = b"VALUE"
    assert sources == [b"key=VA", b"LUE;"]
    assert found.view.obj == tuple(sources)
    assert found.re.pattern == rb"=(\w+);"
    assert not found[1].readonly
    signed = FragView([b"\xff\xfe"]).cast("b")
    assert fre.search(rb"\xfe", signed).group().tolist() == [-2]
    assert fre.search(rb"(x)?\xfe", signed)[1] is None


def test_match_object() -> None:
    """Groups that there are not, and the repr."""
    view = FragView([b"ab", b"c"])
    found = fre.search(rb"(?P<x>b)(y)?", view)
    for group in (3, -1, "y", b"x", None, 1.0, 2**70):
        for call in (found.group, found.start, found.end, found.span, found.__getitem__):
            with pytest.raises(IndexError, match="no such group"):
                call(group)
    assert repr(found) == "<fragview.re.Match object; span=(1, 2), match=b'b'>"
    assert "..." in repr(fre.search(rb".*", FragView([b"a" * 60])))
    assert (found.span("x"), found.span(2), found.group("x", 2)[1]) == ((1, 2), (-1, -1), None)
    view.release()
    assert found.span() == (1, 2)
    with pytest.raises(ValueError, match="released"):
        found.group()
    assert "released" in repr(found)


def test_pattern_object() -> None:
    """Attributes, equality, copies and pickles."""
    pattern = fre.compile(rb"(?P<x>a)(b)(?P<y>c)", fre.I | fre.S)
    assert (pattern.pattern, pattern.groups, pattern.flags) == (rb"(?P<x>a)(b)(?P<y>c)", 3, fre.I | fre.S)
    assert dict(pattern.groupindex) == {"x": 1, "y": 3}
    assert pattern == fre.compile(rb"(?P<x>a)(b)(?P<y>c)", 18) != fre.compile(rb"(?P<x>a)(b)(?P<y>c)")
    assert hash(pattern) == hash(fre.compile(pattern.pattern, 18))
    assert pattern != "a"
    for other in (pickle.loads(pickle.dumps(pattern)), copy.copy(pattern), copy.deepcopy(pattern)):
        assert other == pattern
        assert other.search(FragView(b"ABC")).span() == (0, 3)
    assert repr(pattern) == r"fragview.re.compile(b'(?P<x>a)(b)(?P<y>c)', 18)"
    assert fre.compile(pattern) is pattern
    fre.purge()


def test_functions() -> None:
    """The functions of the module, with flags."""
    view = FragView([b"one Tw", b"o three"])
    assert fre.search(rb"tw", view) is None
    assert fre.search(rb"tw", view, fre.IGNORECASE).span() == (4, 6)
    assert fre.match(rb"one", view).span() == (0, 3)
    assert fre.match(rb"Two", view) is None
    assert fre.fullmatch(rb"one", view) is None
    assert fre.fullmatch(rb"O N E # x", view[:3], fre.I | fre.X | fre.A)
    assert [found.start() for found in fre.finditer(rb"\w+", view)] == [0, 4, 8]
    assert plain(fre.findall(rb"\w+", view)) == [b"one", b"Two", b"three"]
    assert plain(fre.split(rb" ", view)) == [b"one", b"Two", b"three"]
    assert plain(fre.split(rb" ", view, 1)) == [b"one", b"Two three"]
    assert plain(fre.split(rb"T", view, flags=fre.I, maxsplit=2)) == [b"one ", b"wo ", b"hree"]
    assert fre.search(fre.escape(b"a.b-c d#"), FragView([b"xa.b-", b"c d#"])).span() == (1, 9)


@pytest.mark.parametrize(
    ("pattern", "place", "text"),
    [
        (rb"(a", 0, "unterminated subpattern"),
        (rb"a)", 1, "unbalanced parenthesis"),
        (rb"*", 0, "nothing to repeat"),
        (rb"a\1", 1, "references to groups"),
        (rb"(?=a)", 0, "lookahead"),
        (rb"(?<!a)b", 0, "lookbehind"),
        (rb"(?>a)", 0, "atomic"),
        (rb"(a)?(?(1)b|c)", 4, "conditional"),
        (rb"a*+", 2, "possessive"),
        (rb"[b-a]", 1, "bad character range b-a"),
        (rb"(?P<x>a)(?P<x>b)", 12, "redefinition"),
        (b"\xff\xfe(", 2, "unterminated"),
        (rb"a{5,2}", 2, "min repeat greater"),
        (rb"(?u:\w)", 3, "cannot use 'u' flag"),
        (rb"(?L:\w)", 4, "'L' is not supported"),
        (rb"a$b", 1, "at the end of a pattern only"),
        (rb"(a*)*", 4, "may match nothing"),
        (rb"\pL", 0, "bad escape"),
        (rb"(?:a{1000}){1000}{1000}", 17, "multiple repeat"),
        (rb"(?:(?:a{1000}){1000}){1000}", None, "too large"),
        (rb"\q", 0, "bad escape"),
    ],
)
def test_patterns_that_are_none(pattern: bytes, place: int | None, text: str) -> None:
    """An error is a ValueError with the place."""
    with pytest.raises(fre.PatternError, match=f"(?i){text}") as caught:
        fre.compile(pattern)
    error = caught.value
    assert isinstance(error, ValueError)
    assert fre.error is fre.PatternError
    assert error.pattern == pattern
    if place is not None:
        assert error.pos == place
        assert str(error) == f"{error.msg} at position {place}"
    again = pickle.loads(pickle.dumps(error))
    assert (again.msg, again.pattern, again.pos, str(again)) == (error.msg, pattern, error.pos, str(error))


def test_wrong_arguments() -> None:
    """Patterns are bytes, and what is searched is a view of bytes."""
    view = FragView([b"ab", b"c" * 6])
    for wrong in ("a", bytearray(b"a"), None, 1, [b"a"]):
        with pytest.raises(TypeError, match="bytes pattern"):
            fre.compile(wrong)
    for wrong in (b"a", bytearray(b"a"), "a", None, memoryview(b"a")):
        with pytest.raises(TypeError, match="FragView"):
            fre.search(b"a", wrong)
    with pytest.raises(TypeError, match=r"cast\('B'\)"):
        fre.search(b"a", view.cast("H"))
    with pytest.raises(NotImplementedError):
        fre.search(b"a", view.cast("B", (2, 4)))
    with pytest.raises(ValueError, match="flag"):
        fre.compile(b"a", re.LOCALE)
    with pytest.raises(ValueError, match="compiled"):
        fre.compile(fre.compile(b"a"), fre.I)
    for wrong in ("1", 1.5, None):
        with pytest.raises(TypeError):
            fre.compile(b"a").search(view, wrong)
    matches = fre.finditer(b"b|c", view)
    assert next(matches).span() == (1, 2)
    view.release()
    with pytest.raises(ValueError, match="released"):
        next(matches)
    for call in (fre.search, fre.match, fre.fullmatch, fre.finditer, fre.findall, fre.split):
        with pytest.raises(ValueError, match="released"):
            call(b"a", view)

    class Evil:
        def __index__(self) -> int:
            other.release()
            return 0

    other = FragView([b"ab", b"c"])
    with pytest.raises(ValueError, match="released"):
        fre.compile(b"a").search(other, Evil())


def test_no_instances() -> None:
    """Patterns come from compile(), matches from a search."""
    for cls in (fre.Pattern, fre.Match):
        assert cls.__module__ == "fragview.re"
        with pytest.raises(TypeError):
            cls()


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_differences_that_the_docs_tell() -> None:
    """Where the same pattern means something else than to `re` of some version."""
    assert fre.search(rb"\B", FragView(b"")).span() == (0, 0)
    assert (re.search(rb"\B", b"") is None) == (sys.version_info < (3, 14))
    assert fre.search(rb"a\z", FragView(b"ba")).span() == (1, 2)
    # What did differ, and no longer does.
    line = FragView([b"a", b"\n"])
    assert fre.search(rb"a$", line).span() == re.search(rb"a$", b"a\n").span() == (0, 1)
    assert fre.search(rb"[a&&b]", line)
    assert [found.span() for found in fre.finditer(rb"a??", FragView(b"a"))] == [(0, 0), (0, 1), (1, 1)]


def test_an_iterator_looks_ahead() -> None:
    """Matches that are close together are found in batches; any number of threads gets each of them once."""
    data = b"ab " * 3000
    pattern, expected = fre.compile(rb"\w+|$"), [found.span() for found in re.finditer(rb"\w+|$", data)]
    view = FragView(data[i : i + 1000] for i in range(0, len(data), 1000))
    matches, told = pattern.finditer(view), []

    def work() -> None:
        told.extend(found.span() for found in matches)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == expected
    assert next(matches, None) is None


def test_matches_around_a_batch() -> None:
    """As many matches as a batch has, and one less and more, with empty ones at its end."""
    for count in (0, 1, 2, 4, 5, 6, 20, 21, 22, 84, 85, 86, 255, 256, 257, 340, 341, 342, 597, 1000):
        for pattern in (rb"a", rb"a??", rb"(a)|b", rb"a*?$", rb"|a"):
            data = b"ab"[: 1 + count % 2] * count
            view = FragView(data[i : i + 100] for i in range(0, len(data), 100))
            same(pattern, view, data)


def test_linear() -> None:
    """Patterns that take `re` for ever, and that would run into pytest's timeout."""
    data = b"a" * 20_000
    view = FragView(data[i : i + 7] for i in range(0, len(data), 7))
    for pattern in (rb"(?:a*)*b", rb"(a|a)*b", rb"(a+)+\Z.", rb"(?:a?){30}a{30}b"):
        assert fre.search(pattern, view) is None
    assert fre.fullmatch(rb"(a|aa)*", view)


def test_holes() -> None:
    """A hole costs nothing where the pattern does not count in it."""
    view = FragView.from_extents(b"headtail", [(0, 4), (None, 2**60), (4, 4)])
    assert fre.search(rb"tail\z", view).span() == (2**60 + 4, 2**60 + 8)
    assert fre.search(rb"\x00+", view).span() == (4, 2**60 + 4)
    assert fre.search(rb"(?s)d.*t", view).span() == (3, 2**60 + 5)
    assert fre.search(rb"x", view) is None


def test_matches_hold_the_view() -> None:
    """A match keeps its view; both are garbage when nobody has them, in a cycle too."""
    found = fre.search(b"b", FragView([b"a", b"b"]))
    assert found.view.tobytes() == b"ab"
    assert sys.getrefcount(found.view) > 1

    class Node(bytearray):
        pass

    node = Node(b"abc")
    view = FragView(node)
    node.match = fre.search(b"b", view)
    node.matches = fre.finditer(b"b", view)
    gone = weakref.ref(view)
    del node, view
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize("name", ["sub", "subn", "LOCALE"])
def test_what_is_not_there_says_what_is(name: str) -> None:
    with pytest.raises(AttributeError, match=f"has no attribute '{name}': .*(splice|ASCII)"):
        getattr(fre, name)
    with pytest.raises(AttributeError, match=r"has no attribute 'nothing'$"):
        fre.nothing

"""The syntax of `fragview.re` against that of `re`: a pattern means the same to both, or is refused.

`re` of the running Python is the oracle. What ours refuses and `re` does not, it refuses in its own words,
with the place; what both refuse, in the same words at the same place.
"""

from __future__ import annotations

import importlib
import itertools
import random
import re
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from fragmented import ORACLE, FragView

pytestmark = [
    pytest.mark.skipif(ORACLE, reason="memoryview does not have it"),
    pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning"),
    pytest.mark.thread_unsafe(reason="`re` warns the thread that compiles a pattern"),
]
fre: Any
if not ORACLE:
    from fragview import re as fre

# The words with which ours refuses what `re` takes; docs/search.md lists them.
OURS = (
    "references to groups are not supported",
    "lookahead is not supported",
    "lookbehind is not supported",
    "atomic groups are not supported",
    "conditional groups are not supported",
    "possessive quantifiers are not supported",
    "the flag 'L' is not supported",
    "'$' is supported at the end of a pattern only",
    "a repetition of what may match nothing is not supported",
    "bad character in group name",  # Of other bytes than ASCII: `re` refuses them from 3.12 on.
    "the pattern is too large",
)
# What CPython has from 3.14 on, and ours on all.
NEW = (rb"\z",)

EVERY_BYTE = bytes(range(256))
TEXTS = (
    b"",
    b"a",
    b"b",
    b"\n",
    b"ab",
    b"a\n",
    b"ba\n",
    b"aab",
    b"a\nb\n",
    b"abc ab\n\n",
    b"aaa",
    b"cab b\na",
)


def spans(found: Any) -> Any:
    """Where a match and its groups are."""
    return found and [found.span(group) for group in range(found.re.groups + 1)]


def outcome(pattern: bytes, flags: int = 0) -> tuple[Any, Any]:
    """The pattern, compiled by ours and by `re`; an error where one refuses it."""
    ours: Any
    theirs: Any
    try:
        ours = fre.compile(pattern, flags)
    except fre.PatternError as error:
        ours = error
    try:
        theirs = re.compile(pattern, flags)
    except (re.error, OverflowError, RecursionError) as error:
        theirs = error
    return ours, theirs


def compare(pattern: bytes, texts: tuple[bytes, ...] = TEXTS, flags: int = 0) -> bool:
    """Both compile the pattern and find the same, which is True; or ours refuses it with a place."""
    ours, theirs = outcome(pattern, flags)
    if sys.version_info < (3, 14) and any(new in pattern for new in NEW):
        return False  # `re` refuses it.
    if isinstance(ours, Exception):
        assert ours.pattern == pattern
        if "too large" not in ours.msg:
            assert 0 <= ours.pos <= len(pattern), (pattern, ours)
        if isinstance(theirs, re.error) and not ours.msg.startswith(OURS):
            # `re` words names and bad ranges as text; the place is the same.
            assert ours.pos == theirs.pos, (pattern, ours, theirs)
            if pattern.isascii():  # Letters of Latin-1 are flags that `re` does not know.
                assert ours.msg.split()[:2] == theirs.msg.split()[:2], (pattern, ours, theirs)
        if not isinstance(theirs, Exception):
            assert ours.msg.startswith(OURS), (pattern, ours)
        return False
    assert not isinstance(theirs, Exception), (pattern, theirs)
    assert ours.groups == theirs.groups
    assert dict(ours.groupindex) == dict(theirs.groupindex)
    for text in texts:
        if not text and rb"\B" in pattern and sys.version_info < (3, 14):
            continue  # CPython 3.14 changed that; docs/search.md tells it.
        for cut in {0, 1, len(text) // 2}:
            view = FragView([text[:cut], text[cut:]])
            for name in ("search", "match", "fullmatch"):
                expected = spans(getattr(theirs, name)(text))
                assert spans(getattr(ours, name)(view)) == expected, (pattern, text, name)
            expected = [spans(found) for found in theirs.finditer(text)]
            assert [spans(found) for found in ours.finditer(view)] == expected, (pattern, text)
    return True


@pytest.mark.parametrize(
    "form", [b"\\%b", b"a\\%bb", b"[\\%b]", b"[^\\%b]", b"[\\%b-\xff]", b"[a\\%b]", b"\\%b*"]
)
@pytest.mark.parametrize("flags", [0, int(re.I), int(re.X), int(re.M | re.S)])
def test_every_escape(form: bytes, flags: int) -> None:
    """A backslash and each of the 256 bytes, in a set and out of one, with what numbers may follow."""
    taken = 0
    for number in range(256):
        byte = bytes([number])
        for tail in (b"", b"1", b"41", b"0041", b"{41}", b"{start}", b"777", b"n"):
            taken += compare(form % (byte + tail), (EVERY_BYTE, b"", b"aab"), flags)
    assert taken > 500


@pytest.mark.parametrize(
    "form", [b"(?%b)a", b"(?%ba)", b"a(?%bb)", b"(?%b:A)b", b"(?%bx>a)", b"(?%b=a)", b"(?%b!a)", b"(?i%b:a)"]
)
def test_every_extension(form: bytes) -> None:
    """`(?` and each of the 256 bytes."""
    for number in range(256):
        if number == ord("t") and sys.version_info < (3, 13):
            continue  # A flag that nobody documented, and that is gone.
        compare(form % bytes([number]))


def test_every_extension_of_names() -> None:
    """`(?P` and `(?<`, and each of the 256 bytes; names of all kinds."""
    for number in range(256):
        byte = bytes([number])
        for form in (b"(?P%bn>a)", b"(?<%bn>a)", b"(?P<%b>a)", b"(?P<n%b>a)", b"(?P<n%b", b"(?P=%b)"):
            compare(form % byte)
    for pattern in (
        b"(?P<>a)",
        b"(?P<",
        b"(?P",
        b"(?P<a>b)(?P<a>c)",
        b"(?P<a_1>b)(?P<A>c)",
        b"(?P<n\\>a)",
        b"(?",
        b"(",
    ):
        compare(pattern)


def test_flags_in_patterns() -> None:
    """All flags of up to two letters on and off, at the start and elsewhere."""
    letters = [bytes(pair).strip(b"-") for pair in itertools.product(b"aiLmsux-", repeat=2)]
    taken = 0
    for on, off in itertools.product([b"", *letters], [b"", b"-", b"-i", b"-sm", b"-a", b"-L", b"-xu"]):
        for form in (
            b"(?%b%b)A .\n|^b$",
            b"(?%b%b:A .\n|^b)",
            b"c|(?%b%b)b",
            b"(?#c)(?%b%b)B",
            b"((?%b%b)b)",
            b"(?%b%b",
        ):
            taken += compare(form % (on, off))
    assert taken > 100


@pytest.mark.parametrize(
    "item", [b"a", b"[ab]", b"(a)", b"(?:ab)", b"(?:a|b)", b"^", b"$", rb"\b", b"(?:)", b"(?i:a)", b"", b"a|"]
)
def test_quantifiers(item: bytes) -> None:
    """Every quantifier, two of them, and what looks like one."""
    forms = [
        b"*",
        b"+",
        b"?",
        b"{2}",
        b"{,3}",
        b"{1,}",
        b"{,}",
        b"{}",
        b"{",
        b"{1",
        b"{1,",
        b"{a}",
        b"{1,2",
        b"{ 1}",
        b"{1, 2}",
    ]
    forms += [
        b"{2,1}",
        b"{0}",
        b"{0,1}",
        b"{01}",
        b"{4294967295}",
        b"{99999999999999999999}",
        b"{1,4294967295}",
        b"}",
        b"{\\1}",
    ]
    for first in forms:
        for second in ("", "?", "+", "*", "??", "{2}", " ?", "(?#c)?", "{,"):
            for flags in (0, int(re.X)):
                compare(item + first + second.encode() + b"b?", flags=flags)


def test_sets() -> None:
    """What stands in brackets: sets of sets mean nothing, brackets and signs of ranges in odd places do."""
    parts = (
        b"a",
        b"]",
        b"[",
        b"^",
        b"-",
        b"&&",
        b"--",
        b"||",
        b"~~",
        b"\\d",
        b"\\]",
        b"z",
        b" ",
        b"#",
        b"[:alpha:]",
        b"\\",
    )
    taken = 0
    for count in (0, 1, 2, 3):
        for chosen in itertools.product(parts, repeat=count):
            for form in (b"[%b]", b"[^%b]b"):
                taken += compare(
                    form % b"".join(chosen), (EVERY_BYTE, b"aab"), int(re.X | re.I) if count == 2 else 0
                )
    assert taken > 4000


def test_verbose() -> None:
    """White space and comments, where they are nothing and where not."""
    for pattern in (
        b" a # b\n b",
        b"a\\ b",
        b"a [ b]",
        b"a * b",
        b"a + ?",
        b"(?: a ) (?P<n> b ) # (",
        b"( ?:a)",
        b"(? :a)",
        b"a{1, 2}",
        b"# only",
        b"#\\\nb\na",
        b"a#\\)\nb",
        b"(?-x: a)b c",
        b"(?#)) a",
        b"(?#\\)) a)",
        b"\va\fb\r",
        b"\\",
        b"a\\\\",
    ):
        for flags in (0, int(re.X)):
            compare(pattern, (*TEXTS, b" a", b"a b", b"aa", b"a b)"), flags)
            compare(b"(?x)" + pattern, (*TEXTS, b" a", b"a b", b"aa"), flags)


def test_dollar() -> None:
    """The end, or before a last newline: in searches, in groups, among alternatives, in all matches."""
    texts = (*TEXTS, b"\n\n", b"a\n\n", b"b\n", b"ab\nab", b" \n", b"a b \n")
    for pattern in (
        *(
            b"$",
            b"a$",
            b"a*$",
            b"a*?$",
            b"(a|b)$",
            b"(a$)|b",
            b"a$|b\n",
            b"b\n|a$",
            b"(?:a$|b)",
            b"(a)?(b$)?",
            b"()$",
            b"($)",
        ),
        *(
            rb"\s*$",
            rb"\s*?$",
            rb"\n?$",
            rb"\n??$",
            rb"(\n?)$",
            rb"(?:|\n)$",
            b"(?s:.)*$",
            b"(?s:.)*?$",
            b"(?m)a$",
            b"(?m)a$|$",
        ),
        *(rb"^$", rb"\b$", b"(?P<x>a|b$|$)", b"($|a)", b"(a|$)", b"a?$|b", b"(?:$)?", b"(?:b|$){0,1}"),
    ):
        assert compare(pattern, texts), pattern
    for pattern, place in (
        (b"a$b", 1),
        (b"$*", 1),
        (b"(a$|b)c", 2),
        (b"(?:a|$)*", 5),
        (b"$\n", 0),
        (b"$$", 0),
    ):
        with pytest.raises(fre.PatternError) as caught:
            fre.compile(pattern)
        assert caught.value.pos == place


def test_repetitions_of_nothing() -> None:
    """Where the rule of `re` for an empty turn shows, the pattern is refused; where it can't, it is taken."""
    for pattern in (
        b"(?:a*)*b",
        b"(?:a?b?)*c",
        b"(?:a*)+",
        b"(a?){3}",
        b"(?:a*|b){2}",
        rb"(?:\ba?)*",
        b"(a*)?",
        b"(?:(?:a*)*)*",
    ):
        assert compare(pattern), pattern
    for pattern, place in (
        (b"(a*)*", 4),
        (b"(?:a|b?|c)*", 10),
        (b"(a?|b)*", 6),
        (b"(?:a*?)+", 7),
        (b"(?:a*)*?", 6),
        (b"(a?){2,3}", 4),
    ):
        with pytest.raises(fre.PatternError, match="may match nothing") as caught:
            fre.compile(pattern)
        assert caught.value.pos == place


def test_what_prefers_nothing() -> None:
    """An empty match is followed by what matches at the same place, as in `re`."""
    for pattern in (
        b"a??",
        b"|a",
        b"(|a)(|b)",
        b"a*?",
        b"(?:a|b)*?",
        b"(a)??b??",
        rb"\b|a",
        b"(?:)|(ab)",
        b"a??$",
        rb"(?:|\n)$",
    ):
        assert compare(pattern, (*TEXTS, b"a b", b"abab\n")), pattern


def generated(choose: random.Random, depth: int) -> bytes:
    """Any pattern of up to 2**depth parts."""
    kind = choose.random()
    if depth == 0 or kind < 0.3:
        atoms = rb"a b c \n . [ab] [^a] \w \b \B ^ $ \Z \A ab \s (?m:$) (?m:^) (?s:.) (?i:A) (?:)"
        return choose.choice(atoms.split(b" "))
    if kind < 0.5:
        return generated(choose, depth - 1) + generated(choose, depth - 1)
    if kind < 0.75:
        form = b"(?:%b|%b)" if kind < 0.65 else b"(%b|%b)"
        return form % (generated(choose, depth - 1), generated(choose, depth - 1))
    group = choose.choice((b"(%b)", b"(?:%b)")) % generated(choose, depth - 1)
    quantifier = choose.choice(b"* + ? *? +? ?? {2} {1,2} {,2} {2,} {0} {1,2}?".split(b" "))
    return group if kind < 0.85 else group + quantifier


@pytest.mark.parametrize("seed", range(4))
def test_generated_patterns(seed: int) -> None:
    """1,500 patterns of all parts together."""
    choose = random.Random(seed)
    taken = sum(compare(generated(choose, choose.randrange(1, 5))) for _ in range(1500))
    assert taken > 1000


def suite() -> Iterator[tuple[bytes, bytes]]:
    """The patterns of CPython's own tests, with what they are tried on."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tests = importlib.import_module("test.re_tests").tests
        except ImportError:
            pytest.skip("this Python has no test.re_tests")
    for pattern, text, *_ in tests:
        try:
            yield pattern.encode("latin-1"), text.encode("latin-1")
        except UnicodeEncodeError:
            continue


def test_cpython_suite() -> None:
    """CPython's `re_tests`: the same result, or a refusal with a place."""
    taken = [compare(pattern, (text, text + b"\n")) for pattern, text in suite()]
    # Most of the rest are errors to `re`, too, or refer to groups.
    assert len(taken) > 350
    assert sum(taken) > 270


def test_deep_and_large() -> None:
    """A pattern that is too deep or too large is refused, whatever it is made of."""
    assert fre.compile(b"(" * 249 + b"a" + b")" * 249).groups == 249
    with pytest.raises(fre.PatternError, match="in each other"):
        fre.compile(b"(?:" * 100_000)
    with pytest.raises(fre.PatternError, match="too large"):
        fre.compile(b"(?:(?:a{1000}){1000}){1000}")
    with pytest.raises(fre.PatternError, match="unbalanced parenthesis at position 1"):
        fre.compile(b"a)")

"""The standard library: built-in types and functions, and sequences."""

from __future__ import annotations

from .client import std
from .phrases import TOLD
from .samples import digits, exactly, rising

DECODED = "v.tobytes().decode('ascii')"


CLIENTS = (
    # Built-in types and functions.
    std("bytes(x)", "===TT=", costs={"view": 1, "memoryview": 2}),
    std("bytearray(x)", "===TT=", instead="bytearray(bytes(v))", costs={"view": 9, "memoryview": 1}),
    std("memoryview(x).tobytes()", "===TT=", instead="v.tobytes()", costs={"view": 9, "memoryview": 1}),
    std("list(x)", "===~~=", instead="v.tolist()"),
    std("sum(x)", "===TT="),
    std("max(x)", "===~T="),
    std("sorted(x)", "===~T=", scales=False),
    std("list(reversed(x))", "===T~="),
    std("list(enumerate(x))[5]", "===~~=", scales=False),
    std("len(x)", "===T~="),
    std("x[1:5]", "===T~="),
    std("x[::-3]", "===T~="),
    std("bool(x)", "======"),
    std("x == data", "===~~=", instead="v == data"),
    std(
        "hash(x)",
        "===!!T",
        faults={
            "open fragments": "A file and `v.fragments` are hashed by what they are, not by what they hold."
        },
        costs={"memoryview": 2},
    ),
    std("{data: 1}[x]", "===EET", instead="{data: 1}[bytes(v)]", costs={"memoryview": 2}),
    std("b'fox' in x", "==~~~~"),
    std("122 in x", "===~~="),
    std("x in b'<' + data + b'>'", "=BBTT=", instead="bytes(v) in b'<' + data + b'>'"),
    std("str(x, 'ascii')", "=TTTT=", instead=DECODED),
    std("'%s' % x", "!!~!!~", instead="'%s' % bytes(v)", faults={"whole view open fragments": TOLD}),
    std("b'%b' % x", "===TT=", instead="b'%b' % bytes(v)", costs={"view": 1, "memoryview": 1}),
    std("b'<' + x", "=TTTT=", instead="b'<' + bytes(v)"),
    std("x + b'>'", "==TTTT", instead="v + b'>'"),
    std("b'-'.join([x, x])", "=TTTT=", instead="b'-'.join(map(bytes, [v, v]))"),
    std("a = bytearray(b'<'); a += x; a", "=TTTT=", instead="a = bytearray(b'<'); a += bytes(v); a"),
    std(
        "a = bytearray(b'<'); a.extend(x); a", "=TTTT=", instead="a = bytearray(b'<'); a.extend(bytes(v)); a"
    ),
    std(
        "a = bytearray(n); a[:] = x; a",
        "===TT=",
        instead="a = bytearray(n); a[:] = bytes(v); a",
        costs={"view": 9, "memoryview": 1},
    ),
    std(
        "a = bytearray(n); memoryview(a)[:] = x; a",
        "===TT=",
        instead="a = bytearray(n); FragView(a)[:] = v; a",
        costs={"view": 9, "memoryview": 1},
    ),
    std("memoryview(data) == x", "===~~=", instead="v == data", costs={"view": 8}),
    std("(b'<' + data + b'>').find(x)", "=BBTT=", instead="(b'<' + data + b'>').find(bytes(v))"),
    std("data.startswith(x)", "=BBTT=", instead="data.startswith(bytes(v))"),
    std("(data + b'>').replace(x, b'')", "=BBTT=", instead="(data + b'>').replace(bytes(v), b'')"),
    std("(data + b'>').split(x)", "=BBTT=", instead="(data + b'>').split(bytes(v))"),
    std("(data + b'>').strip(x)", "=BBTT=", instead="(data + b'>').strip(bytes(v))"),
    std(
        "data.translate(x)",
        "=BBTT=",
        data=exactly(bytes(range(256))[::-1]),
        scales=False,
        instead="data.translate(bytes(v))",
    ),
    std("int(x)", "=TTTT=", data=digits, scales=False, instead="int(bytes(v))"),
    std("float(x)", "=TTTT=", data=digits, scales=False, instead="float(bytes(v))"),
    std("int.from_bytes(x, 'big')", "===TT=", costs={"view": 1, "memoryview": 1}),
    std("eval(x)", "=TTTT=", data=digits, scales=False, instead="eval(bytes(v))"),
    std(
        "len(compile(x, '', 'exec').co_names)",
        "=TTTT=",
        data=exactly(b"import sys, os"),
        scales=False,
        instead="len(compile(bytes(v), '', 'exec').co_names)",
    ),
    # Sequences.
    std("bisect.bisect(x, 99)", "===TT=", data=rising),
    std("collections.Counter(x)", "===~~=", scales=False),
    std("list(collections.deque(x, 5))", "===~~=", scales=False),
    std("list(itertools.islice(x, 3, 9))", "===~~="),
    std("random.Random(1).sample(x, 3)", "===T~=", instead="random.Random(1).sample(v, 3)"),
    std("random.Random(1).choice(x)", "===T~="),
    std("statistics.mean(x)", "===TT=", scales=False),
    std("operator.indexOf(x, 122)", "===VV="),
    std("operator.countOf(x, 122)", "===~~=", scales=False),
    std(
        "difflib.SequenceMatcher(None, x, b'the lazy dog').find_longest_match().size", "===T~=", scales=False
    ),
    std("copy.copy(x)", "==T~TT"),
    std("copy.deepcopy(x)", "==T~TT", costs={"view": 1}),
    std("functools.reduce(operator.xor, x)", "===TT=", scales=False),
    std("list(heapq.merge(x, b'xyz'))", "===TT=", data=rising, scales=False),
)

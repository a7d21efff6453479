"""What a signal's handler raises comes out; long loops heed signals and let other threads run."""

from __future__ import annotations

import ctypes
import gc
import itertools
import operator
import pickle
import re
import signal
import struct
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fragview.re
from fragview import FragBuffer, FragView, RecordLayout, _fragview

BINDING = Path(__file__).parents[1] / "crates" / "fragview-python" / "src"

pytestmark = pytest.mark.thread_unsafe(reason="signal handlers run in the main thread")


class RaisedError(Exception):
    """What the handler raises."""


@pytest.fixture
def handler() -> Any:
    """A handler of SIGINT that raises."""

    def handle(*_: object) -> None:
        raise RaisedError

    before = signal.signal(signal.SIGINT, handle)
    yield
    signal.signal(signal.SIGINT, before)


def trip() -> int:
    """Note that a signal has come, as the C handler does. No Python code runs before the next call."""
    return ctypes.pythonapi.PyErr_SetInterruptEx(int(signal.SIGINT))


_trip = ctypes.pythonapi.PyErr_SetInterruptEx
_trip.argtypes = [ctypes.c_int]


def after_a_signal(function: Any, *arguments: Any) -> list[Any]:
    """What `function(*arguments)` gives where a signal came just before; no bytecode runs between the two."""
    results: list[Any] = []
    calls = [(_trip, int(signal.SIGINT)), (function, *arguments)]
    # The collector may run a finalizer in the middle of the call; what the handler raises there is lost.
    gc.collect()
    gc.disable()
    try:
        with pytest.raises(RaisedError):
            results.extend(itertools.starmap(operator.call, calls))
            # Where the call did not look at signals, the handler runs here.
            for _ in range(1000):
                pass
    finally:
        gc.enable()
    return results[1:]


TABLE = RecordLayout(">H", "length").scan(b"\0\1a\0\2bc")
MANY = RecordLayout("B", "a", length=0).scan(bytes(1 << 16))
PATTERN = fragview.re.compile(b"b(c)")
REPRS = {
    "pattern": PATTERN,
    "match": PATTERN.search(FragView(b"abc")),
    "layout": RecordLayout(">IB", "length kind", until={"kind": 3}),
    "record": TABLE[0],
    "table": TABLE,
}


@pytest.mark.usefixtures("handler")
@pytest.mark.parametrize("name", REPRS)
def test_no_exception_is_swallowed_in_a_repr(name: str) -> None:
    """The handler's exception is raised; no text says `<unprintable ... object>`."""
    thing = REPRS[name]
    for text in after_a_signal(type(thing).__repr__, thing):
        assert text == repr(thing)
    if name == "table":
        for text in after_a_signal(type(thing)._repr_html_, thing):
            assert text == thing._repr_html_()


ERRORS: dict[str, tuple[Any, ...]] = {
    "find": (FragView.find, FragView(b"abc"), object()),
    "assign": (FragView.__setitem__, FragView(bytearray(3)), slice(0, 1), object()),
    "cast": (FragView.cast, FragView(b"abc"), 3),
    "write": (type(FragView(b"").open()).write, FragView(bytearray(3)).open(), object()),
    "readinto": (type(FragView(b"").open()).readinto, FragView(bytearray(3)).open(), object()),
    "number": (FragView.from_blocks, FragView(b"abc"), [], -(10**30)),
    "pack_into": (FragView.pack_into, FragView(bytearray(3)), "BB", 0, 1),
}


@pytest.mark.usefixtures("handler")
@pytest.mark.parametrize("name", ERRORS)
def test_no_exception_is_swallowed_in_an_error(name: str) -> None:
    """A message with a type's name or a number in it: it is the message, or the handler's exception."""
    function, *arguments = ERRORS[name]
    with pytest.raises(Exception) as plain:
        function(*arguments)
    calls = [(_trip, int(signal.SIGINT)), (function, *arguments)]
    with pytest.raises(RaisedError) as caught:
        try:
            list(itertools.starmap(operator.call, calls))
        finally:
            # Where the call did not look at signals, the handler runs here, and the error is its context.
            for _ in range(1000):
                pass
    assert caught.value.__context__ is None or str(caught.value.__context__) == str(plain.value)


def test_no_display_of_a_python_string() -> None:
    """`Display` of a Python object runs handlers and swallows what they raise: use `repr_of`, `type_name`."""
    shown = re.compile(
        r"\.(?:name|qualname|fully_qualified_name|repr|str)\(\)\s*\?(?!\s*\.to_)|"
        r"(?:\.repr\(\)\??|\.value\(py\)|\.str\(\)\??)\s*\.to_string\(\)"
    )
    faults = [
        f"{path.relative_to(BINDING)}:{text.count(chr(10), 0, found.start()) + 1}: {found.group()}"
        for path in sorted(BINDING.rglob("*.rs"))
        for text in [path.read_text()]
        for found in shown.finditer(text)
    ]
    assert faults == []


def forever(item: Any) -> Any:
    """An iterator in C that never ends, whose first item brings a signal."""
    first = map(operator.methodcaller("__call__"), [lambda: (_trip(int(signal.SIGINT)), item)[1]])
    return itertools.chain(first, itertools.repeat(item, 1 << 22))


ENDLESS: dict[str, Callable[[], Any]] = {
    "FragView": lambda: FragView(forever(b"x")),
    "FragBuffer": lambda: FragBuffer(forever(b"x")),
    "splice": lambda: FragView(b"abc").splice(1, 2, forever(b"x")),
    "from_extents": lambda: FragView.from_extents(b"abc", forever((0, 1))),
    "from_blocks": lambda: FragView.from_blocks(b"abc", forever(1), 1),
    "indices": lambda: TABLE[forever(1)],
    "where": lambda: TABLE.where(length=forever(1)),
    "trim": lambda: TABLE.trim(forever(0)),
    "messages": lambda: MANY.messages(forever(0)),
    "writelines": lambda: FragView(bytearray(3)).open().writelines(forever(b"")),
}


@pytest.mark.usefixtures("handler")
@pytest.mark.parametrize("name", ENDLESS)
def test_long_iterables_heed_signals(name: str) -> None:
    """Items that C code makes: no bytecode runs that would look at signals instead of us."""
    with pytest.raises(RaisedError):
        ENDLESS[name]()


BYTES = FragView([bytes(1)] * (1 << 16))
LOOPS: dict[str, tuple[Any, ...]] = {
    "views": (type(MANY).views, MANY),
    "messages": (type(MANY).messages, MANY, np.ones(len(MANY), bool)),
    "where": (operator.methodcaller("where", a=0), MANY),
    "group_by": (type(MANY).group_by, MANY, "a"),
    "join": (type(MANY).join, MANY),
    "trailers": (operator.attrgetter("trailers"), MANY),
    "trim": (type(MANY).trim, MANY, 0),
    "a mask": (operator.getitem, MANY, np.ones(len(MANY), bool)),
    "indices": (operator.getitem, MANY, np.arange(len(MANY))),
    "a slice": (operator.getitem, MANY, slice(None)),
    "a long mask": (operator.getitem, MANY, np.ones(1 << 20, bool)),
    "scan": (RecordLayout.scan, RecordLayout("B", "a", length=0), FragView([bytes(1 << 16)] * 2)),
    "readlines": (type(BYTES.open()).readlines, FragView([b"\n" * 99] * 99).open()),
    "memoryview": (memoryview, FragView([bytes(1 << 20)] * 2)),
    "memoryview with a step": (memoryview, FragView([bytes(1 << 21)] * 2)[::2]),
    "splice": (FragView.splice, FragView(bytes(3 << 20))[::2], 0, 1, b"x"),
    "add": (operator.add, FragView(bytes(3 << 20))[::2], b"x"),
    "pickle with a step": (
        FragView.__reduce_ex__,
        FragView([bytearray(4)] * (1 << 14))[::2],
        5,
    ),
    "findall": (type(PATTERN).findall, fragview.re.compile(b"\0"), BYTES),
    "split": (type(PATTERN).split, fragview.re.compile(b"\0"), BYTES),
    "pickle": (FragView.__reduce_ex__, FragView([bytearray(1)] * (1 << 16)), 5),
    "from_extents": (FragView.from_extents, b"abc", np.zeros((1 << 17, 2), np.int64)),
    "from_blocks": (FragView.from_blocks, b"abc", np.zeros(1 << 17, np.int64), 1),
    "hash": (FragView.__hash__, FragView([bytes(1 << 24)] * 3)),
    "tobytes": (FragView.tobytes, FragView([bytes(1 << 24)] * 3)),
    "hex": (FragView.hex, FragView([bytes(1 << 24)] * 3)),
    "fortran": (FragView.tobytes, FragView(bytes(1 << 22)).cast("B", (1 << 11, 1 << 11)), "F"),
    "to_numpy": (FragView.to_numpy, FragView([bytes(1 << 24)] * 3)),
    "read": (type(BYTES.open()).read, FragView([bytes(1 << 24)] * 3).open()),
    "gather": (type(BYTES.gather()).__enter__, FragView([bytes(1 << 24)] * 3).gather()),
}


@pytest.mark.usefixtures("handler")
@pytest.mark.parametrize("name", LOOPS)
def test_long_loops_heed_signals(name: str) -> None:
    """A loop over what is large already looks at signals before it is done: it gives no result."""
    function, *arguments = LOOPS[name]
    assert after_a_signal(function, *arguments) == []


WRITES: dict[str, Callable[[FragView[int]], tuple[Any, ...]]] = {
    "assign": lambda view: (operator.setitem, view, slice(None), FragView([b"ab" * len(view)])[::2]),
    "assign bytes": lambda view: (operator.setitem, view, slice(None), b"a" * len(view)),
    "write": lambda view: (type(view.open()).write, view.open(), b"a" * len(view)),
    "readinto": lambda view: (type(view.open()).readinto, FragView(b"a" * len(view)).open(), view),
}


@pytest.mark.usefixtures("handler")
@pytest.mark.parametrize("name", WRITES)
def test_writes_are_not_interrupted(name: str) -> None:
    """All or nothing: a write that has begun goes on to its end, and then the handler runs."""
    target = bytearray(3 << 20)
    # `readinto` takes a buffer without seams.
    view = (
        FragView(target) if name == "readinto" else FragView([memoryview(target)[:9], memoryview(target)[9:]])
    )
    function, *arguments = WRITES[name](view)
    assert after_a_signal(function, *arguments) in ([None], [len(target)])
    assert target == b"a" * len(target)


@pytest.mark.usefixtures("handler")
def test_writing_back_is_not_interrupted() -> None:
    """The end of a block of `gather()`."""
    target = bytearray(3 << 20)
    gathered = FragView([memoryview(target)[:9], memoryview(target)[9:]]).gather()
    memory = gathered.__enter__()
    memory[:] = b"a" * len(target)
    assert after_a_signal(type(gathered).__exit__, gathered, None, None, None) in ([None], [False])
    assert target == b"a" * len(target)


def tiff(count: int) -> bytes:
    """A TIFF file with so many strips of no bytes."""
    entries = [(273, 38), (279, 38 + 2 * count)]
    packed = [struct.pack("<HHII", tag, 3, count, offset) for tag, offset in entries]
    return (b"II*\0\x08\0\0\0\2\0" + b"".join(packed) + bytes(4)).ljust(38 + 4 * count, b"\0")


MANY_STREAMS = {
    "fortran": b"\1\0\0\0a\1\0\0\0" * 8192,
    "riff": b"RIFF" + struct.pack("<I", 4 + 10 * 8192) + b"WAVE" + b"data\1\0\0\0a\0" * 8192,
    "gif": b"GIF89a\1\0\1\0\0\0\0" + b"\x21\xfe\1a\0" * 8192 + b"\x3b",
    "png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR.............crc!"
    + b"\0\0\0\1tEXtacrc!" * 8192
    + b"\0\0\0\1IDATacrc!"
    + b"\0\0\0\0IENDcrc!",
    "flv": b"FLV\1\4\0\0\0\t\0\0\0\0" + b"\x08\0\0\1\0\0\0\0\0\0\0\x2f\0\0\0\x0c" * 8192,
    "http": b"GET / HTTP/1.1\nContent-Length:1\n\nx" * 8192,
    "tiff": tiff(60_000),
}


@pytest.mark.usefixtures("handler")
@pytest.mark.parametrize("cut", [0, 7])
@pytest.mark.parametrize("name", MANY_STREAMS)
def test_files_of_many_streams_heed_signals(name: str, cut: int) -> None:
    """Opening looks at signals after some thousand reads, in one fragment or in several."""
    data = MANY_STREAMS[name]
    file = FragView([data[:cut], data[cut:]])
    # Such a file opens; and `formats.open()` is Python code, which looks at signals for us.
    assert len(_fragview.open_format(file, name, True, False)) > 4096
    assert after_a_signal(_fragview.open_format, file, name, True, False) == []


def test_a_layout_of_countless_fields_is_refused() -> None:
    """A header is some numbers; one of millions would take minutes and gigabytes."""
    with pytest.raises(ValueError, match="fields"):
        RecordLayout("67108864B", length=0)
    with pytest.raises(ValueError, match="fields"):
        RecordLayout("70000B", length=0)
    assert len(RecordLayout("65535B", length=0).fields) == 65535


def test_lost_memory_is_a_memory_error() -> None:
    """An IndexError for whose own text there is no memory is a MemoryError; the process goes on."""
    pytest.importorskip("_testcapi")
    program = """
    import _testcapi
    from fragview import FragView, RecordLayout, re

    view = FragView([b"abc", b"def"])
    grid = FragView(bytes(6)).cast("B", (2, 3))
    table = RecordLayout("B", "a", length=0).scan(b"abc")
    extents, fragments, match = view.extents(), view.fragments, re.compile(b"b").search(view)
    calls = [
        lambda: view[9999], lambda: view[-9999], lambda: extents[99], lambda: fragments[99],
        lambda: table[99], lambda: match[9], lambda: grid[9, 9], lambda: view.locate(99),
        lambda: list(extents), lambda: list(fragments), lambda: table[[99]],
    ]
    for call in calls:
        try:
            # Classes and names are made at first use.
            call()
        except IndexError:
            pass
        for start in range(12):
            try:
                _testcapi.set_nomemory(start, start + 1)
                try:
                    call()
                finally:
                    _testcapi.remove_mem_hooks()
            except (IndexError, MemoryError):
                pass
            except BaseException as error:
                # PyO3 makes the tuples of extents, and leaves no other way.
                assert type(error).__name__ == "PanicException" and call is calls[8], error
    print("done")
    """
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, timeout=120, check=False
    )
    assert (run.returncode, run.stdout) == (0, b"done\n"), run.stderr.decode()[-2000:]


def test_pickles_of_many_fragments_still_load() -> None:
    """The loops that pause give what they gave."""
    view = FragView([bytearray([i % 256]) for i in range(10_000)])
    assert pickle.loads(pickle.dumps(view, 5)) == view

"""`v.open()` against io.BytesIO: the same calls give the same bytes, positions and errors, but for growth."""

from __future__ import annotations

import array
import copy
import gc
import hashlib
import io
import itertools
import pickle
import struct
import threading
import weakref
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fragmented import all_splits, cut, needs_fragview
from fragview import FragFile, FragView

pytestmark = needs_fragview

TEXT = b"ab\n\ncde\nf"


def pair(data: bytes, sizes: tuple[int, ...] | None = None) -> tuple[Any, io.BytesIO]:
    """A file over fragments of `data`, and a BytesIO of it."""
    if sizes is None:
        third = len(data) // 3
        sizes = (third, third, len(data) - 2 * third)
    return cut(data, sizes).view().open(), io.BytesIO(data)


def outcome(file: Any, name: str, *args: Any) -> Any:
    try:
        return getattr(file, name)(*args)
    except Exception as error:
        return type(error), str(error)


READS = [
    *itertools.product(("read", "read1", "readline"), ((), (-1,), (None,), (0,), (1,), (3,), (100,))),
    *itertools.product(("readlines",), ((), (None,), (0,), (4,), (-2,))),
    ("tell", ()),
    ("getvalue", ()),
]


def test_every_read_at_every_position_of_every_split() -> None:
    for sizes in all_splits(len(TEXT)):
        ours, theirs = pair(TEXT, sizes)
        for position, (name, args) in itertools.product(range(len(TEXT) + 3), READS):
            for file in (ours, theirs):
                file.seek(position)
            assert getattr(ours, name)(*args) == getattr(theirs, name)(*args), (sizes, position, name, args)
            assert ours.tell() == theirs.tell()


@pytest.mark.parametrize("name", ["readinto", "readinto1"])
def test_readinto(name: str) -> None:
    for size, position in itertools.product((0, 1, 4, 20), range(len(TEXT) + 3)):
        ours, theirs = pair(TEXT)
        buffers = bytearray(b"-" * size), bytearray(b"-" * size)
        for file in (ours, theirs):
            file.seek(position)
        assert getattr(ours, name)(buffers[0]) == getattr(theirs, name)(buffers[1])
        assert buffers[0] == buffers[1]
        assert ours.tell() == theirs.tell()
    ours, _ = pair(TEXT)
    target = array.array("H", [0, 0])
    assert ours.readinto(target) == 4
    assert target.tobytes() == TEXT[:4]
    # A view across seams takes bytes too, even one of the same memory.
    arena = bytearray(b"abcdef")
    whole = memoryview(arena)
    assert FragView([whole[:4]]).open().readinto(FragView([whole[3:], whole[2:3]])) == 4
    assert arena == b"abdabc"


def test_errors_are_those_of_bytesio() -> None:
    calls: list[tuple[str, tuple[Any, ...]]] = [
        ("seek", (-1,)),
        ("seek", (0, 3)),
        ("seek", (0, -1)),
        ("seek", (1.5,)),
        ("seek", (2**63 - 1, 2)),
        ("read", (1.5,)),
        ("read", ("1",)),
        ("read", (2**80,)),
        ("readline", ("1",)),
        ("readlines", ("1",)),
        ("readinto", (b"abc",)),
        ("readinto", ("abc",)),
        ("readinto", (5,)),
        ("write", ("abc",)),
        ("write", (5,)),
        ("writelines", (None,)),
        ("writelines", (["a"],)),
        ("fileno", ()),
        ("detach", ()),
        ("nothing", ()),
    ]
    for name, args in calls:
        ours, theirs = pair(TEXT)
        got, expected = (outcome(file, name, *args) for file in (ours, theirs))
        assert isinstance(expected, tuple), (name, args, expected)
        assert got[0] is expected[0], (name, args, got, expected)
        if name not in ("nothing", "seek", "writelines"):
            assert got[1] == expected[1], (name, args)
    for whence, offset in itertools.product(range(3), (-100, -3, 0, 3, 100)):
        for start in (0, 4, 50):
            ours, theirs = pair(TEXT)
            for file in (ours, theirs):
                file.seek(start)
            seeks = [outcome(file, "seek", offset, whence) for file in (ours, theirs)]
            assert seeks[0] == seeks[1]
            assert ours.tell() == theirs.tell()


CLOSED = [
    ("read", ()), ("read1", ()), ("readall", ()), ("readline", ()), ("readlines", ()), ("peek", ()),
    ("readinto", (bytearray(2),)), ("write", (b"a",)), ("writelines", ([],)), ("seek", (0,)), ("tell", ()),
    ("getvalue", ()), ("view", ()), ("truncate", ()), ("isatty", ()), ("fileno", ()), ("readable", ()),
    ("writable", ()), ("seekable", ()), ("flush", ()), ("__iter__", ()), ("__next__", ()), ("__enter__", ()),
]  # fmt: skip


@pytest.mark.parametrize(("name", "args"), CLOSED)
def test_closed(name: str, args: tuple[Any, ...]) -> None:
    ours, _ = pair(TEXT)
    assert not ours.closed
    ours.close()
    ours.close()
    assert ours.closed
    with pytest.raises(ValueError, match="I/O operation on closed file"):
        getattr(ours, name)(*args)


def test_is_a_file() -> None:
    ours, _ = pair(TEXT)
    assert isinstance(ours, FragFile)
    assert isinstance(ours, io.BufferedIOBase)
    assert isinstance(ours, io.IOBase)
    assert (ours.readable(), ours.seekable(), ours.writable(), ours.isatty()) == (True, True, True, False)
    assert list(ours) == list(io.BytesIO(TEXT))
    with ours as inside:
        assert inside is ours
    assert ours.closed
    with pytest.raises(TypeError):
        FragFile()


def test_readers_that_like_one_fragment_best() -> None:
    """Who asks whether there is a `getbuffer` wants memory in one fragment; without it he reads."""
    data = bytes(range(256)) * 1000
    for view in (FragView(data), FragView([data[:1000], data[1000:]])):
        file = view.open()
        assert hashlib.file_digest(file, "sha256").digest() == hashlib.sha256(data).digest()
        assert file.view() == data
    with pytest.raises(TypeError, match=r"'FragFile' is a file, .* pass its view\(\)"):
        FragView(file)


def test_lines_longer_than_memory() -> None:
    view = FragView.from_extents(b"one\n", [(0, 4), (None, 2**60), (0, 4)])
    file = view.open()
    assert file.readline() == b"one\n"
    for call in (file.readline, file.readlines, lambda: next(file), file.read):
        with pytest.raises(MemoryError):
            call()
        assert file.tell() == 4
    assert file.readline(1000) == bytes(1000)
    file.seek(-2, io.SEEK_END)
    assert file.readline() == b"e\n"
    # Around what is looked at first, and across seams.
    for length in (126, 127, 128, 129, 130, 5000, 70_000, 3_000_000):
        line = b"x" * length + b"\n"
        fragments = [line[:100], line[100:128], line[128:], b"rest"]
        ours, theirs = FragView(fragments).open(), io.BytesIO(line + b"rest")
        for size in (-1, length, length + 1, 1):
            ours.seek(0)
            theirs.seek(0)
            assert ours.readline(size) == theirs.readline(size)
            assert ours.tell() == theirs.tell()
            assert list(ours) == list(theirs)


def test_all_lines_about_a_block() -> None:
    """readlines() cuts blocks of 64 KiB into lines, which end in one, at its end, behind it, or nowhere."""
    block = 1 << 16
    firsts, seconds = (0, 1, 128, 129, block - 2, block - 1, block), (0, 1, block - 1, 3 * block)
    for first, second in itertools.product(firsts, seconds):
        for end in (b"", b"\n", b"\n\n", b"\nrest"):
            data = b"x" * first + b"\n" + b"y" * second + end
            for view in (
                FragView([data[at : at + 999] for at in range(0, len(data), 999)]),
                FragView(data[::-1])[::-1],
            ):
                ours, theirs = view.open(), io.BytesIO(data)
                for position in (0, 1, first, first + 1, len(data), len(data) + 5):
                    for file in (ours, theirs):
                        file.seek(position)
                    assert ours.readlines() == theirs.readlines()
                    assert ours.tell() == theirs.tell()


def test_threads_share_lines() -> None:
    """Each line goes to one of the threads that read them, whole."""
    lines = [b"%d\n" % number for number in range(50_000)]
    data = b"".join(lines)
    file = FragView([data[at : at + 1000] for at in range(0, len(data), 1000)]).open()
    got: list[bytes] = []

    def read() -> None:
        got.extend(file.readlines())

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got, key=int) == lines


def test_short_reads_after_seeks() -> None:
    """The fragment of the last read is only a hint: reads are the same wherever the file goes."""
    data = bytes(range(256)) * 4
    view = FragView([data[:1], data[1:4], data[4:300], data[300:300], data[300:301], data[301:]])
    for ours in (view.open(), view.cast("I").open(), FragView(data[::-1])[::-1].open()):
        theirs = io.BytesIO(data)
        for turn in range(3000):
            position, size = turn * 7919 % 1030, turn % 131
            for file in (ours, theirs):
                file.seek(position)
            assert ours.read(size) == theirs.read(size)
            assert ours.tell() == theirs.tell()


def test_short_reads_see_writes() -> None:
    """A read sees the memory as it is then, not as an earlier read left it."""
    array = bytearray(b"one\ntwo\n")
    file = FragView([array, b"end"]).open()
    assert file.readline() == b"one\n"
    array[4:7] = b"TWO"
    assert file.read(2) == b"TW"
    array[6:7] = b"o"
    assert file.readlines() == [b"o\n", b"end"]


def test_peek_does_not_move() -> None:
    ours, _ = pair(TEXT)
    assert (ours.peek(), ours.peek(2), ours.tell()) == (TEXT, b"ab", 0)
    ours.seek(100)
    assert ours.peek(1) == b""


def test_name() -> None:
    ours, _ = pair(TEXT)
    with pytest.raises(AttributeError):
        _ = ours.name
    ours.name = "picture.png"
    assert ours.name == "picture.png"


def test_writes_go_to_the_memory() -> None:
    for sizes in all_splits(6):
        for position, count in itertools.product(range(8), range(8)):
            fragmented = cut(b"abcdef", sizes)
            file, data = fragmented.view().open(), b"XYZUVWQ"[:count]
            file.seek(position)
            if count and position + count > 6:
                with pytest.raises(
                    BufferError, match=f"writing {count} bytes at {position} .* \\(6 bytes\\)"
                ):
                    file.write(data)
                fragmented.check(b"abcdef")
                assert file.tell() == position
                continue
            assert file.write(data) == count
            expected = bytearray(b"abcdef")
            expected[position : position + count] = data
            fragmented.check(expected[:6])
            assert file.tell() == position + count


def test_writes_of_other_things() -> None:
    fragmented = cut(bytes(12), (5, 1, 6))
    file = fragmented.view().open()
    assert file.write(array.array("I", [1])) == 4
    file.writelines([b"ab", bytearray(b"c"), memoryview(b"x-y-")[::2]])
    assert file.write(FragView([b"1", b"23"])) == 3
    fragmented.check(struct.pack("I", 1) + b"abcxy123")
    with pytest.raises(BufferError):
        file.write(b"4")
    # The lines before the one that fails stay, as the ones of a real file do.
    file.seek(8)
    with pytest.raises(BufferError):
        file.writelines([b"zz", b"000"])
    fragmented.check(struct.pack("I", 1) + b"abcxzz23")


def test_read_only() -> None:
    file = cut(b"abcd", (2, 2), ("bytes",)).view().open()
    assert not file.writable()
    for call in (lambda: file.write(b"x"), lambda: file.writelines([b"x"]), lambda: file.write(b"")):
        with pytest.raises(io.UnsupportedOperation):
            call()
    # Writability belongs to the range.
    fragmented = cut(b"abcd", (2, 2), ("bytes", "bytearray"))
    file = fragmented.view().open()
    assert file.writable()
    with pytest.raises(io.UnsupportedOperation, match=r"bytes 0 to 3 touch read-only memory"):
        file.write(b"xyz")
    assert (file.tell(), file.seek(2), file.write(b"YZ")) == (0, 2, 2)
    fragmented.check(b"abYZ")
    assert not fragmented.view().toreadonly().open().writable()


def test_truncate_is_refused() -> None:
    file, _ = pair(TEXT)
    for args in ((), (3,), (len(TEXT),)):
        with pytest.raises(io.UnsupportedOperation, match="fixed"):
            file.truncate(*args)


def test_the_file_keeps_the_memory_and_no_more() -> None:
    arena = bytearray(b"abcdef")
    view = FragView([memoryview(arena)[:2], memoryview(arena)[3:]])
    file = view.open()
    view.release()
    assert file.read() == b"abdef"
    with pytest.raises(BufferError):
        arena.append(0)
    shown = file.view()
    file.close()
    assert shown.tobytes() == b"abdef"
    shown.release()
    arena.append(0)
    with pytest.raises(ValueError, match="released"):
        view.open()


def test_other_shapes() -> None:
    numbers = FragView([struct.pack("<H", 1), struct.pack("<HH", 2, 3)]).cast("<H")
    assert numbers.open().read() == b"\1\0\2\0\3\0"
    assert numbers[::-2].open().read() == b"\3\0\1\0"
    assert FragView([bytes(range(4)), b"45"]).cast("B", [2, 3]).open().read() == b"\0\1\2\x0345"
    assert FragView().open().read() == b""
    assert FragView.from_extents(b"abc", [(0, 1), (None, 3), (2, 1)]).open().read() == b"a\0\0\0c"


def test_reads_see_the_memory_as_it_is() -> None:
    arena = bytearray(b"one\ntwo\n")
    file = FragView([memoryview(arena)[:5], memoryview(arena)[5:]]).open()
    assert file.readline() == b"one\n"
    arena[4:7] = b"TWO"
    assert file.readline() == b"TWO\n"


def test_pickles_and_copies() -> None:
    file, _ = pair(TEXT)
    file.seek(4)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        loaded = pickle.loads(pickle.dumps(file, protocol))
        assert (loaded.tell(), loaded.read(), file.tell()) == (4, TEXT[4:], 4)
    twin = copy.copy(file)
    twin.write(b"X")
    assert file.read(1) == b"X"
    other = copy.deepcopy(twin)
    other.write(b"Y")
    assert file.read(1) == TEXT[5:6]
    file.close()
    with pytest.raises(ValueError, match="closed"):
        pickle.dumps(file)


def test_cycles_are_collected() -> None:
    gc.collect()
    file, _ = pair(TEXT)
    gone = weakref.ref(file)
    file.name = file
    del file
    gc.collect()
    assert gone() is None


def test_callbacks_may_close_the_file() -> None:
    class Size:
        def __index__(self) -> int:
            file.close()
            return 3

    file: Any = None
    for name in ("read", "seek", "readline", "readlines", "peek"):
        file, _ = pair(TEXT)
        with pytest.raises(ValueError, match="closed"):
            getattr(file, name)(Size())

    class Lines:
        def __iter__(self) -> Any:
            yield b"x"
            file.close()
            yield b"y"

    fragmented = cut(TEXT, (4, 5))
    file = fragmented.view().open()
    with pytest.raises(ValueError, match="closed"):
        file.writelines(Lines())
    fragmented.check(b"x" + TEXT[1:])


def test_threads_share_no_byte() -> None:
    data = bytes(range(256)) * 400
    file = cut(data, (1, 50_000, len(data) - 50_001)).view().open()
    got: list[list[bytes]] = [[] for _ in range(4)]

    def read(parts: list[bytes]) -> None:
        while part := file.read(100):
            parts.append(part)

    threads = [threading.Thread(target=read, args=(parts,)) for parts in got]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(itertools.chain(*got)) == sorted(data[i : i + 100] for i in range(0, len(data), 100))


# --- what others do with files ---


OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["read", "read1", "readline", "peek"]), st.integers(-1, 30)),
        st.tuples(st.just("readinto"), st.integers(0, 20)),
        st.tuples(st.just("write"), st.binary(max_size=12)),
        st.tuples(st.just("seek"), st.integers(0, 45)),
        st.tuples(st.just("readlines"), st.integers(-1, 20)),
    ),
    max_size=30,
)


@given(st.lists(st.binary(max_size=9).map(lambda b: b.replace(b"\1", b"\n")), max_size=8), OPERATIONS)
def test_sequences(parts: list[bytes], operations: list[tuple[str, Any]]) -> None:
    data = b"".join(parts)
    fragmented = cut(data, [len(part) for part in parts])
    ours, theirs = fragmented.view().open(), io.BytesIO(data)
    for name, argument in operations:
        if name == "readinto":
            buffers = bytearray(argument), bytearray(argument)
            assert ours.readinto(buffers[0]) == theirs.readinto(buffers[1])
            assert buffers[0] == buffers[1]
        elif name == "peek":
            at = ours.tell()
            assert ours.peek(argument) == theirs.getvalue()[at:][: argument if argument > 0 else 8192]
        elif name == "write" and theirs.tell() + len(argument) > len(data) and argument:
            with pytest.raises(BufferError):
                ours.write(argument)
        else:
            assert getattr(ours, name)(argument) == getattr(theirs, name)(argument)
        assert ours.tell() == theirs.tell()
        fragmented.check(theirs.getvalue())

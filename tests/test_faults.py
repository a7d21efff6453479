"""Peers that go, disks that are full, files that shrink, processes that fork and interpreters that end."""

from __future__ import annotations

import errno
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from fragview import FragView

DATA = random.Random(1).randbytes(300_000)


def _starts(length: int, size: int) -> list[int]:
    starts, at = [], 0
    while at < length:
        starts.append(at)
        at += size - at % 2
    return starts


def run(program: str, *args: object, timeout: float = 60) -> subprocess.CompletedProcess[bytes]:
    """Run a program in an interpreter of its own, with faults told. `make asan` leaves SIGBUS to it."""
    return subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", textwrap.dedent(program), *map(str, args)],
        capture_output=True,
        timeout=timeout,
        check=False,
        env=os.environ | {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":handle_sigbus=0"},
    )


def tcp() -> tuple[socket.socket, socket.socket]:
    """Two ends of a connection with the smallest buffers there are."""
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        server.bind(("127.0.0.1", 0))
        server.listen(1)
        one = socket.socket()
        one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
        one.connect(server.getsockname())
        other, _ = server.accept()
    return one, other


def scattered(data: bytes | bytearray) -> FragView[int]:
    """The data backwards by blocks of some bytes: no two fragments touch."""
    starts = _starts(len(data), 61)
    ends = [*starts[1:], len(data)]
    return FragView.from_extents(
        data, [(start, end - start) for start, end in zip(starts, ends, strict=True)][::-1]
    )


@pytest.mark.parametrize("way", ["write_to", "read_from"])
def test_a_connection_reset_in_the_middle(way: str) -> None:
    """An OSError that says how much had gone, and the view goes on."""
    source = bytearray(2_000_000)
    view = scattered(source)
    one, other = tcp()
    moved = 10_000

    def peer() -> None:
        if way == "write_to":
            left = moved
            while left > 0:
                left -= len(other.recv(min(left, 1000)))
        else:
            other.sendall(b"x" * moved)
            time.sleep(0.05)
        other.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        other.close()

    thread = threading.Thread(target=peer)
    thread.start()
    with one, pytest.raises(ConnectionError) as caught:
        getattr(view, way)(one)
    thread.join()
    count = caught.value.characters_written  # type: ignore[attr-defined]
    assert (moved <= count < len(source)) if way == "write_to" else (count == moved)
    assert caught.value.__notes__ == [f"{count} bytes were moved before"]
    if way == "read_from":
        assert view.tobytes() == b"x" * count + bytes(len(source) - count)
    view.release()
    source.append(0)


@pytest.mark.unix
@pytest.mark.thread_unsafe(reason="signal handlers run in the main thread")
def test_tiny_buffers_and_a_storm_of_signals() -> None:
    """Each call moves a few bytes, and is interrupted; nothing is lost, doubled, or out of order."""
    target = bytearray(len(DATA))
    out, into = scattered(DATA), scattered(target)
    one, other = tcp()
    seen = []
    before = signal.signal(signal.SIGALRM, lambda *_: seen.append(1))
    failed: list[BaseException] = []

    def send() -> None:
        try:
            assert out.write_to(one) == len(DATA)
        except BaseException as error:
            failed.append(error)
        finally:
            one.close()

    sender = threading.Thread(target=send)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    try:
        sender.start()
        assert into.read_from(other) == len(DATA)
        assert into.read_from(other) == 0
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    sender.join()
    other.close()
    assert failed == []
    assert target == DATA
    assert seen


@pytest.mark.unix
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full")
@pytest.mark.parametrize("buffering", [0, 4096])
def test_a_full_device(buffering: int) -> None:
    view = scattered(DATA)
    with pytest.raises(OSError) as caught, open("/dev/full", "wb", buffering=buffering) as file:  # noqa: PTH123
        view.write_to(file)
    assert caught.value.errno == errno.ENOSPC
    assert caught.value.characters_written == 0  # type: ignore[attr-defined]
    assert view.tobytes() == scattered(DATA).tobytes()


@pytest.mark.unix
def test_a_file_that_may_not_grow(tmp_path: Path) -> None:
    """What fits is written, and the error says how much that was."""
    result = run(
        """
        import resource, sys
        from fragview import FragView
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_001, 10_001))
        view = FragView.from_extents(bytes(range(256)) * 100, [(at, 50) for at in range(0, 25_600, 64)])
        with open(sys.argv[1], "wb", buffering=0) as file:
            try:
                view.write_to(file)
            except OSError as error:
                print(error.errno, error.characters_written, file.tell())
        with open(sys.argv[1], "rb") as file:
            assert file.read() == view[:10_001].tobytes()
        """,
        tmp_path / "file",
    )
    assert (result.returncode, result.stderr) == (0, b"")
    assert result.stdout.split() == [str(errno.EFBIG).encode(), b"10001", b"10001"]


@pytest.mark.unix
def test_a_mapped_file_that_shrinks(tmp_path: Path) -> None:
    """The system ends the process (SIGBUS) at the page that is gone, as with any mapping: docs/safety.md."""
    path = tmp_path / "file"
    path.write_bytes(bytes(5 * 4096))
    program = """
        import os, sys
        import fragview
        view = fragview.open(sys.argv[1])
        os.truncate(sys.argv[1], 4096)
        print(view[:4096].tobytes() == bytes(4096), len(view), flush=True)  # what is still there
        view[4 * 4096]
        print("not reached")
    """
    result = run(program, path)
    assert result.returncode == -signal.SIGBUS
    assert result.stdout == b"True 20480\n"
    # Where it is longer than before, the view is not.
    path.write_bytes(b"x" * 10)
    result = run(
        """
        import sys
        import fragview
        view = fragview.open(sys.argv[1])
        with open(sys.argv[1], "ab") as file:
            file.write(b"y" * 9000)
        assert view.tobytes() == b"x" * 10
        """,
        path,
    )
    assert (result.returncode, result.stderr) == (0, b"")


@pytest.mark.unix
def test_a_full_disk_under_a_mapped_file(tmp_path: Path) -> None:
    """A sparse file's page that finds no room: SIGBUS as well; and what was written before is there."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("a small disk needs the right to mount one")
    try:
        path = disk / "file"
        with path.open("wb") as file:
            file.truncate(1 << 20)
        program = """
            import sys
            import fragview
            view = fragview.open(sys.argv[1], "r+")
            view[:8192] = b"x" * 8192
            print("written", flush=True)
            view[:] = b"y" * len(view)
            print("not reached")
        """
        result = run(program, path)
        assert result.returncode == -signal.SIGBUS
        assert result.stdout == b"written\n"
        with path.open("rb") as file:
            assert file.read(8192) in (b"x" * 8192, b"y" * 8192)
    finally:
        # A child that another thread forks may hold the file for a moment.
        subprocess.run(["umount", "--lazy", disk], check=True)


@pytest.mark.unix
def test_fork_with_live_views(tmp_path: Path) -> None:
    """Both processes read, release and exit; private memory is private, and a mapped file is shared."""
    path = tmp_path / "file"
    path.write_bytes(b"mapped file")
    result = run(
        """
        import os, re as builtin, sys
        import fragview, fragview.re
        from fragview import FragView, FragBuffer
        source = bytearray(b"abcdef" * 1000)
        view = FragView.from_extents(source, [(at, 5) for at in range(0, 6000, 6)])
        mapped = fragview.open(sys.argv[1], "r+")
        export, items = memoryview(view), iter(view)
        matches = fragview.re.finditer(b"a", view)
        buffer = FragBuffer()
        buffer.append(view)
        gathered = view.gather()
        whole = gathered.__enter__()
        next(items), next(matches)
        child = os.fork()
        mapped[0] = ord("M") if child else ord("M")
        assert bytes(export[:5]) == b"abcde" and next(items) == ord("b") and next(matches).start() == 5
        if not child:
            view[0] = ord("X")  # of the child's own memory
            mapped[1:6] = b"APPED"
            whole[1] = ord("Y")
            gathered.__exit__(None, None, None)
            assert view[:3].tobytes() == b"aYc"  # written back, whole
            whole.release(), export.release()
            del items, matches, buffer
            view.release()
            source.append(0)
            mapped.release()
            sys.exit(7)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
        assert view[:3].tobytes() == b"abc" and mapped == b"MAPPED file"
        assert buffer.consume(10) == b"abcdeabcde"
        gathered.__exit__(None, None, None)
        whole.release(), export.release()
        del items, matches, buffer
        view.release()
        source.append(0)
        print("parent done")
        """,
        path,
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, b"parent done\n", b"")
    assert path.read_bytes() == b"MAPPED file"


ENDINGS = {
    "exports": "kept = [memoryview(view), memoryview(view)[::2], view.fragments[0], view.fragments]",
    "iterators": "kept = [iter(view), reversed(view), view.iter_unpack('<H')]; [next(one) for one in kept]",
    "matches": "kept = fragview.re.finditer(b'a', view); match = next(kept)",
    "gather": "kept = view.gather(); whole = kept.__enter__(); whole[0] = 1",
    "generator": "def g():\n  with view.gather() as w:\n    yield w\nkept = g(); next(kept)",
    "file": "kept = view.open(); kept.readline()",
    "buffer": "kept = FragBuffer(); kept.append(view); part = kept.peek(9)",
    "mapped": "kept = fragview.open(sys.executable); part = kept[5:]",
    "records": "kept = RecordLayout('B', ['x'], length=3).scan(view); record = kept[1]; column = kept['x']",
    "cycle": "class C(bytearray): pass\nkept = C(9); kept.view = FragView(kept); kept.again = kept",
    "holes": "kept = memoryview(FragView.from_extents(b'a', [(0, 1), (None, 99)]))",
    "module": "sys.modules['x'] = view; sys.keep = memoryview(view)",
    "atexit": "import atexit; atexit.register(view.release); atexit.register(view.tobytes)",
    "finalizer": "class D:\n  def __del__(self): memoryview(view).tobytes()\nkept = D()",
    "weakref": "import weakref; kept = weakref.finalize(view, print, 'gone', file=sys.stdout)",
    "os._exit": "import os; kept = memoryview(view); os._exit(0)",
}


@pytest.mark.parametrize("name", ENDINGS)
def test_an_interpreter_that_ends(name: str) -> None:
    """With exports, iterators and files still open."""
    program = f"""
import sys
import fragview, fragview.re
from fragview import FragBuffer, FragView, RecordLayout
source = bytearray(b"abcdef\\n" * 1000)
view = FragView.from_extents(source, [(at, 6) for at in range(0, 7000, 7)])
{ENDINGS[name]}
"""
    result = run(program)
    assert (result.returncode, result.stderr) == (0, b"")


BUSY = {
    "find": "view.find(b'xy')",
    "compare": "view == other",
    "copy": "view[:2**31].tobytes()",
    "assign": "target[:] = view[:len(target)]",
    "regex": "fragview.re.search(b'x+y', view)",
    "scan": "RecordLayout('<Q', ['x'], length=0).scan(view[:2**33])",
    "format": "formats.open(view, 'fortran')",
    "pipe": "view.read_from(os.pipe()[0])",
    "items": "for item in view: pass",
    "build": "FragView.from_extents(page, [(0, 1)] * 10**6)",
    "exports": "memoryview(small)[3:7].release()",
}


@pytest.mark.parametrize("name", BUSY)
def test_an_interpreter_that_ends_in_the_middle(name: str) -> None:
    """Daemon threads are in the middle of an operation, most of them without the GIL."""
    program = f"""
import os, sys, threading, time
import numpy as np
import fragview.re
from fragview import FragView, RecordLayout, formats
page = bytearray(2**20)
view = FragView.from_blocks(page, np.zeros(2**14, np.int64), 2**20)
other = FragView.from_blocks(bytes(page), np.zeros(2**14, np.int64), 2**20)
target = FragView.from_blocks(bytearray(2**20), np.zeros(2**10, np.int64), 2**20)
small = FragView.from_extents(page, [(at, 6) for at in range(0, 700, 7)])
def work():
    while True:
        {BUSY[name]}
for _ in range(3):
    threading.Thread(target=work, daemon=True).start()
time.sleep(0.3)
"""
    for _ in range(3):
        result = run(program)
        assert (result.returncode, result.stderr) == (0, b"")


def test_sub_interpreters_are_refused_in_words() -> None:
    """Classes and caches are the process's, so one interpreter has them."""
    result = run(
        """
        import sys, fragview
        if sys.version_info >= (3, 13):
            import _interpreters as interpreters
        else:
            import _xxsubinterpreters as interpreters
        number = interpreters.create()
        code = '''if True:
            try:
                import fragview
            except ImportError as error:
                print(error)
            else:
                print("imported")
        '''
        failed = interpreters.run_string(number, code)
        assert failed is None, failed
        interpreters.destroy(number)
        assert fragview.FragView(b"abc")[1:].tobytes() == b"bc"
        """
    )
    assert (result.returncode, result.stderr) == (0, b"")
    assert b"interpreter" in result.stdout, result.stdout


def test_python_memory_that_runs_out() -> None:
    """Each of Python's own allocations fails in turn: a MemoryError, and all is as it was.

    Rust's allocations are refused in the core's `out_of_memory.rs`.
    """
    pytest.importorskip("_testcapi")
    result = run(
        """
        import _testcapi
        import fragview.re
        from fragview import FragView, RecordLayout
        source = bytearray(range(200))
        extents = [(at, 6) for at in range(0, 190, 7)]
        view = FragView.from_extents(source, extents)
        words, layout = view.cast("H"), RecordLayout("B", ["x"], length=3)
        expected, pattern = view.tobytes(), fragview.re.compile(b"[a-c]+(d)")
        def gather():
            with view.gather():
                pass
        operations = [
            lambda: FragView([source, view]),
            lambda: FragView.from_extents(source, extents),
            lambda: FragView.from_blocks(source, [1, 3, -1, 2], 8),
            lambda: view[3:90:2],
            lambda: view[::-1].tobytes(),
            lambda: words.tolist(),
            lambda: view.hex(":", 2),
            lambda: memoryview(view),
            lambda: bytes(view),
            lambda: list(view),
            lambda: view.splice(3, 9, b"abc"),
            lambda: view + b"abc",
            lambda: view[::2] == expected[::2],
            lambda: view.open().read(4),
            lambda: view.open().readline(),
            lambda: view.open().readlines(),
            lambda: list(view.blocks(8)),
            lambda: list(layout.scan(view, strict=False).iter_bytes()),
            lambda: pattern.findall(view),
            lambda: [match.span() for match in pattern.finditer(view)],
            lambda: view.unpack_from("<IHH", 3),
            lambda: list(view[:96].iter_unpack("<IHH")),
            lambda: layout.scan(view, strict=False).join(),
            gather,
        ]
        for operation in operations:
            operation()  # imports and caches
            failures, number = 0, 0
            while number < 20 + 2 * failures:
                _testcapi.set_nomemory(number, number + 1)
                try:
                    operation()
                except MemoryError:
                    failures += 1
                finally:
                    _testcapi.remove_mem_hooks()
                number += 1
            assert failures, operation
        assert view.tobytes() == expected
        del operation, operations, words, gather
        view.release()
        source.append(0)
        print("done")
        """,
        timeout=200,
    )
    assert (result.returncode, result.stdout) == (0, b"done\n"), result.stderr


def test_no_handler_of_ours_is_left(tmp_path: Path) -> None:
    """The library sets no signal handlers, and starts no threads."""
    result = run(
        """
        import signal, threading
        before = {number: signal.getsignal(number) for number in signal.valid_signals()}
        import fragview, fragview.re, fragview.formats
        fragview.FragView([b"abc", b"def"]).write_to(1)
        assert before == {number: signal.getsignal(number) for number in signal.valid_signals()}
        assert threading.active_count() == 1
        """
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, b"abcdef", b"")

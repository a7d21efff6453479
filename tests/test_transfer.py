"""`write_to` and `read_from`: real sockets, pipes and files, slow and closed peers, signals, other files."""

from __future__ import annotations

import contextlib
import errno
import gzip
import io
import os
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fragmented import all_splits, cut, needs_fragview
from fragview import FragView

pytestmark = needs_fragview


def tcp() -> tuple[socket.socket, socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        ours = socket.create_connection(server.getsockname())
        theirs, _ = server.accept()
    return ours, theirs


@pytest.fixture(
    params=[
        pytest.param(kind, marks=pytest.mark.thread_unsafe(reason="one stream would serve all threads"))
        for kind in ("unix", "tcp")
    ]
)
def peers(request: pytest.FixtureRequest) -> Iterator[tuple[socket.socket, socket.socket]]:
    """Two ends of a stream."""
    ours, theirs = socket.socketpair() if request.param == "unix" else tcp()
    with ours, theirs:
        yield ours, theirs


@contextlib.contextmanager
def running(call: Callable[[], Any]) -> Iterator[list[Any]]:
    """Run a call in a thread; its result is in the list after the block."""
    result: list[Any] = []
    thread = threading.Thread(target=lambda: result.append(call()))
    thread.start()
    yield result
    thread.join(60)
    assert not thread.is_alive()


def drain(source: socket.socket) -> bytes:
    parts = []
    while part := source.recv(1 << 16):
        parts.append(part)
    return b"".join(parts)


def pattern(size: int) -> bytes:
    return np.arange(size // 4 + 1, dtype=">u4").tobytes()[:size]


def many(data: bytes, size: int) -> FragView[int]:
    """Fragments of `data` that do not touch: each second one lies elsewhere."""
    memory = memoryview(bytearray(data)), memory_of(data)
    return FragView([memory[i // size % 2][i : i + size] for i in range(0, len(data), size)])


def memory_of(data: bytes) -> memoryview:
    return memoryview(bytearray(data))


# --- sockets ---


def test_more_fragments_than_a_call_takes(peers: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = peers
    data = pattern(5000 * 100)
    view = many(data, 100)
    assert len(view.fragments) == 5000
    target = many(bytes(len(data)), 77)
    with running(lambda: target.read_from(theirs)) as read:
        assert view.write_to(ours) == len(data)
        ours.close()
    assert read == [len(data)]
    assert target == data
    assert view == data


def test_the_end_of_the_stream_ends_a_read(peers: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = peers
    view = cut(bytes(10), (3, 7)).view()
    ours.sendall(b"abcde")
    ours.close()
    assert view.read_from(theirs) == 5
    assert view.tobytes() == b"abcde\0\0\0\0\0"
    assert view.read_from(theirs) == 0


def test_a_slow_reader(peers: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = peers
    data = pattern(2_000_000)

    def read() -> bytes:
        got = bytearray()
        while part := theirs.recv(50_000):
            got += part
            time.sleep(0.001)
        return bytes(got)

    with running(read) as got:
        assert many(data, 333).write_to(ours) == len(data)
        ours.shutdown(socket.SHUT_WR)
    assert got == [data]


def test_a_peer_that_closes(peers: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = peers
    view = many(pattern(20_000_000), 1000)
    before = view.tobytes()

    def read_some() -> int:
        count = len(theirs.recv(100_000))
        theirs.close()
        return count

    with running(read_some) as got, pytest.raises((BrokenPipeError, ConnectionResetError)) as caught:
        view.write_to(ours)
    error: Any = caught.value
    assert error.errno in (errno.EPIPE, errno.ECONNRESET)
    # What the peer has read went, and all that went was counted, in the system's buffers or not.
    assert got[0] <= error.characters_written < len(view)
    assert error.__notes__ == [f"{error.characters_written} bytes were moved before"]
    assert view == before
    with pytest.raises((BrokenPipeError, ConnectionResetError)) as caught:
        view.write_to(ours)
    assert caught.value.characters_written == 0  # type: ignore[attr-defined]


def test_sockets_that_do_not_block(peers: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = peers
    ours.setblocking(False)
    theirs.setblocking(False)
    data = pattern(30_000_000)
    view, target = many(data, 1024), FragView([bytearray(1 << 20)] * 1)
    with pytest.raises(BlockingIOError) as caught:
        target.read_from(theirs)
    assert (caught.value.characters_written, caught.value.errno) == (0, errno.EAGAIN)
    sent = view.write_to(ours)
    assert 0 < sent < len(data)
    with pytest.raises(BlockingIOError) as caught:
        while True:
            sent += view[sent:].write_to(ours)
    assert caught.value.characters_written == 0
    got = bytearray()
    while len(got) < len(data):
        with contextlib.suppress(BlockingIOError):
            got += target[: target.read_from(theirs)]
        with contextlib.suppress(BlockingIOError):
            sent += view[sent:].write_to(ours)
    assert got == data


def test_timeouts(peers: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = peers
    ours.settimeout(0.1)
    theirs.settimeout(0.1)
    target = FragView([bytearray(3), bytearray(3)])
    with pytest.raises(TimeoutError, match="timed out") as caught:
        target.read_from(theirs)
    assert caught.value.characters_written == 0  # type: ignore[attr-defined]
    ours.sendall(b"abcd")
    with pytest.raises(TimeoutError) as caught:
        target.read_from(theirs)
    assert caught.value.characters_written == 4  # type: ignore[attr-defined]
    assert target[:4] == b"abcd"
    view = many(pattern(30_000_000), 4096)
    with pytest.raises(TimeoutError) as caught:
        view.write_to(ours)
    assert 0 < caught.value.characters_written < len(view)  # type: ignore[attr-defined]


def test_a_timeout_that_is_not_reached(peers: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = peers
    for end in peers:
        end.settimeout(30)
    data = pattern(3_000_000)
    target = many(bytes(len(data)), 5000)
    with running(lambda: target.read_from(theirs)) as read:
        assert many(data, 999).write_to(ours) == len(data)
    assert read == [len(data)]
    assert target == data


def test_closed_sockets() -> None:
    ours, theirs = socket.socketpair()
    theirs.close()
    ours.close()
    for call in (FragView([b"ab"]).write_to, FragView([bytearray(2)]).read_from):
        with pytest.raises(OSError, match="Bad file descriptor") as caught:
            call(ours)
        assert caught.value.errno == errno.EBADF


@pytest.mark.parametrize("way", ["write_to", "read_from"])
def test_sockets_closed_during_a_transfer(way: str) -> None:
    """The number of a closed socket may be another file's at once: that one is left alone."""
    ours, theirs = socket.socketpair()
    view = FragView([bytearray(1000)] * 10_000)
    other = tempfile.TemporaryFile()  # noqa: SIM115 (the number of the socket is taken over)
    other.write(b"x" * 20_000_000)
    other.seek(0)
    failed: list[OSError] = []

    def move() -> None:
        try:
            getattr(view, way)(ours)
        except OSError as error:
            failed.append(error)

    with other, theirs:
        theirs.settimeout(20)
        thread = threading.Thread(target=move)
        thread.start()
        time.sleep(0.1)
        number = ours.fileno()
        ours.close()
        os.dup2(other.fileno(), number)
        if way == "write_to":
            drained = drain(theirs)
        else:
            theirs.sendall(b"y" * 10)
            drained = b""
        thread.join(20)
        os.close(number)
        assert not thread.is_alive()
        assert [error.errno for error in failed] == [errno.EBADF]
        assert failed[0].characters_written > 0  # type: ignore[attr-defined]
        assert drained.count(0) == len(drained)
        assert os.lseek(other.fileno(), 0, os.SEEK_CUR) == 0
        other.seek(0)
        assert other.read(10) == b"x" * 10


def test_tls_gets_its_own_bytes(tmp_path: Path) -> None:
    """A TLS socket is a socket with a descriptor; what goes through that must not be plain text."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "1",
         "-keyout", str(key), "-out", str(certificate)],
        capture_output=True, check=False,
    )  # fmt: skip
    if made.returncode:
        pytest.skip("no openssl to make a certificate with")
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    server.load_cert_chain(certificate, key)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    data = pattern(100_000)
    target = many(bytes(len(data)), 7000)
    ours, theirs = tcp()

    def read() -> int:
        with server.wrap_socket(theirs, server_side=True) as tls:
            count = target.read_from(tls)
            tls.sendall(b"!")
            return count

    with running(read) as got, client.wrap_socket(ours) as tls:
        assert many(data, 3000).write_to(tls) == len(data)
        assert tls.recv(1) == b"!"
    assert got == [len(data)]
    assert target == data


# --- pipes and signals ---


def test_every_split_through_a_pipe() -> None:
    for sizes in all_splits(7):
        fragmented, target = cut(b"abcdefg", sizes, ("bytearray", "bytes")), cut(bytes(7), sizes[::-1])
        read, write = os.pipe()
        try:
            assert fragmented.view().write_to(write) == 7
            assert target.view().read_from(read) == 7
        finally:
            os.close(read)
            os.close(write)
        target.check(b"abcdefg")


def test_holes_and_gaps() -> None:
    view = FragView.from_extents(b"abcdef", [(0, 2), (None, 10_000), (3, 3)])
    with tempfile.TemporaryFile() as file:
        assert view.write_to(file) == 10_005
        file.seek(0)
        assert file.read() == b"ab" + bytes(10_000) + b"def"
    numbers = FragView([b"\0\1\0", b"\2\0\3\0\4"]).cast(">H")
    read, write = os.pipe()
    assert numbers[::-2].write_to(write) == 4
    assert os.read(read, 10) == b"\0\4\0\2"
    fragmented = cut(bytes(8), (3, 5))
    os.write(write, b"\1\2\3\4")
    os.close(write)
    assert fragmented.view().cast("<H")[::-2].read_from(read) == 4
    fragmented.check(b"\0\0\3\4\0\0\1\2")
    os.close(read)


def test_empty_views_move_nothing() -> None:
    assert FragView().write_to(io.BytesIO()) == 0
    read, write = os.pipe()
    assert FragView().write_to(write) == FragView().read_from(read) == 0
    os.close(read)
    os.close(write)


def test_read_only_views_are_not_read_into() -> None:
    read, write = os.pipe()
    os.write(write, b"abcdef")
    for view in (
        FragView([bytearray(2), b"cd"]),
        FragView.from_extents(bytearray(4), [(0, 2), (None, 2)]),
        FragView([bytearray(4)]).toreadonly(),
    ):
        with pytest.raises(TypeError, match="read-only"):
            view.read_from(read)
    assert os.read(read, 10) == b"abcdef"
    os.close(read)
    os.close(write)


@pytest.mark.unix
@pytest.mark.thread_unsafe(reason="signal handlers are the main thread's")
def test_a_signal_interrupts_and_the_transfer_goes_on() -> None:
    calls = []
    previous = signal.signal(signal.SIGALRM, lambda *_: calls.append(1))
    read, write = os.pipe()
    data = pattern(1_000_000)

    def drain_slowly() -> bytes:
        got = bytearray()
        while part := os.read(read, 20_000):
            got += part
            time.sleep(0.002)
        return bytes(got)

    signal.setitimer(signal.ITIMER_REAL, 0.005, 0.005)
    try:
        with running(drain_slowly) as got:
            assert many(data, 123).write_to(write) == len(data)
            os.close(write)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
    os.close(read)
    assert got == [data]
    assert calls


@pytest.mark.unix
@pytest.mark.parametrize("timeout", [None, 60.0])
@pytest.mark.thread_unsafe(reason="signal handlers are the main thread's")
def test_a_handler_that_raises_ends_the_transfer(timeout: float | None) -> None:
    class EnoughError(Exception):
        pass

    def handler(*_: object) -> None:
        raise EnoughError

    previous = signal.signal(signal.SIGALRM, handler)
    ours, theirs = socket.socketpair()
    view = many(pattern(30_000_000), 5000)
    with ours, theirs:
        ours.settimeout(timeout)
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        try:
            with pytest.raises(EnoughError) as caught:
                view.write_to(ours)
            moved = caught.value.characters_written  # type: ignore[attr-defined]
            ours.close()
            assert len(drain(theirs)) == moved
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, previous)


def test_other_threads_run_meanwhile() -> None:
    read, write = os.pipe()
    target = FragView([bytearray(2), bytearray(2)])
    with running(lambda: target.read_from(read)) as got:
        time.sleep(0.05)
        # The view is in use, and can't be released under the system call.
        with pytest.raises(BufferError):
            target.release()
        os.write(write, b"abcd")
    assert got == [4]
    os.close(read)
    os.close(write)


# --- files ---


@pytest.mark.parametrize("buffering", [-1, 0])
def test_files_keep_their_positions(tmp_path: Path, buffering: int) -> None:
    path = tmp_path / "file"
    view = many(pattern(10_000), 100)
    with path.open("w+b", buffering=buffering) as file:
        file.write(b"before")
        assert view.write_to(file) == 10_000
        assert file.tell() == 10_006
        file.write(b"after")
        file.seek(3)
        assert file.read(3) == b"ore"
        target = FragView([bytearray(6_000), bytearray(4_000)])
        assert target.read_from(file) == 10_000
        assert target == view
        assert (file.tell(), file.read()) == (10_006, b"after")
    assert path.read_bytes() == b"before" + view.tobytes() + b"after"
    with path.open("rb", buffering=buffering) as file:
        assert file.readline(4) == b"befo"
        assert target[:2].read_from(file) == 2
        assert target[:2] == b"re"
        assert target.read_from(file) == 10_000
        assert file.read(3) == b"aft"
        assert (target.read_from(file), target[:2].tobytes(), target.read_from(file)) == (2, b"er", 0)
    with path.open("ab", buffering=buffering) as file:
        file.write(b"1")
        assert FragView([b"2", b"3"]).write_to(file) == 2
        file.write(b"4")
    assert path.read_bytes().endswith(b"after1234")


@pytest.mark.parametrize("buffering", [-1, 0])
def test_files_open_the_other_way(tmp_path: Path, buffering: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"abc")
    with path.open("rb", buffering=buffering) as file:
        with pytest.raises(io.UnsupportedOperation, match="writ"):
            FragView([b"x"]).write_to(file)
        file.close()
        with pytest.raises(ValueError, match="closed"):
            FragView([bytearray(1)]).read_from(file)
    with path.open("wb", buffering=buffering) as file, pytest.raises(io.UnsupportedOperation, match="read"):
        FragView([bytearray(1)]).read_from(file)


def test_files_with_something_in_between(tmp_path: Path) -> None:
    """They have a descriptor, but the bytes that go through it are others."""
    view = many(pattern(5000), 300)
    with gzip.open(tmp_path / "a.gz", "wb") as packed:
        assert view.write_to(packed) == 5000
    assert gzip.decompress((tmp_path / "a.gz").read_bytes()) == view
    target = FragView([bytearray(2000), bytearray(3000)])
    with gzip.open(tmp_path / "a.gz", "rb") as packed:
        assert target.read_from(packed) == 5000
    assert target == view
    with (tmp_path / "text").open("w") as text, pytest.raises(TypeError):
        view.write_to(text)
    with tempfile.NamedTemporaryFile() as named:
        named.write(b"a")
        assert view.write_to(named) == 5000
        named.seek(1)
        assert target.read_from(named) == 5000


def test_memory_files() -> None:
    view = many(pattern(1000), 70)
    memory = io.BytesIO()
    assert view.write_to(memory) == 1000
    assert memory.getvalue() == view
    memory.seek(0)
    target = FragView([bytearray(500), bytearray(700)])
    assert target.read_from(memory) == 1000
    assert target[:1000] == view
    assert view.write_to(target.open()) == 1000
    assert target.read_from(view.open()) == 1000


def test_subprocess_pipes() -> None:
    data = pattern(300_000)
    echo = "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read())"
    command = [sys.executable, "-c", echo]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert many(data, 1000).write_to(child.stdin) == len(data)
        child.stdin.close()
        target = many(bytes(len(data)), 10_000)
        assert target.read_from(child.stdout) == len(data)
    assert target == data


class Raw(io.RawIOBase):
    """A raw file that moves three bytes a call, and now and then none."""

    def __init__(self, data: bytes = b"", pauses: bool = False) -> None:
        self.data = bytearray(data)
        self.calls = 0
        self.pauses = pauses

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int | None:  # type: ignore[override]
        self.calls += 1
        if self.pauses and self.calls % 3 == 1:
            return None
        self.data += data[:3]
        return min(3, len(data))

    def readinto(self, buffer: Any) -> int | None:
        self.calls += 1
        if self.pauses and self.calls % 3 == 1:
            return None
        count = min(3, len(buffer), len(self.data))
        buffer[:count] = self.data[:count]
        del self.data[:count]
        return count


def test_raw_files_of_ones_own() -> None:
    view = FragView([b"abcd", b"e", b"fghij"])
    raw = Raw()
    assert view.write_to(raw) == 10
    assert raw.data == view
    target = FragView([bytearray(7), bytearray(5)])
    assert target.read_from(raw) == 10
    assert target[:10] == view
    pausing = Raw(pauses=True)
    with pytest.raises(BlockingIOError):
        view.write_to(pausing)
    moved = view.write_to(pausing)
    assert pausing.data == view[:moved]
    assert 0 < moved < 10


def test_other_objects() -> None:
    class Writer:
        def __init__(self, answer: object) -> None:
            self.answer = answer

        def write(self, data: Any) -> object:
            return self.answer

    view = FragView([b"abc", b"de"])
    assert view.write_to(Writer(None)) == 5
    for answer, match in ((0, "took nothing"), (4, "invalid length 4"), (-1, "invalid length -1")):
        with pytest.raises(OSError, match=match):
            view.write_to(Writer(answer))
    with pytest.raises(TypeError):
        view.write_to(Writer("3"))

    class Reader:
        def __init__(self, *answers: Any) -> None:
            self.answers = list(answers)

        def read(self, size: int) -> Any:
            return self.answers.pop(0)

    target = FragView([bytearray(3), bytearray(2)])
    assert target.read_from(Reader(b"ab", b"c", b"d", b"")) == 4
    assert target.tobytes() == b"abcd\0"
    with pytest.raises(OSError, match=r"read\(3\) returned 4 bytes"):
        target.read_from(Reader(b"1234"))
    with pytest.raises(TypeError, match="should return bytes, not 'str'"):
        target.read_from(Reader("1"))
    with pytest.raises(ZeroDivisionError) as caught:
        target.read_from(type("R", (), {"read": lambda self, n: 1 // 0})())
    assert caught.value.characters_written == 0  # type: ignore[attr-defined]

    class OnlyFileno:
        def fileno(self) -> int:
            return write

    read, write = os.pipe()
    assert view.write_to(OnlyFileno()) == 5
    assert os.read(read, 9) == b"abcde"
    os.close(read)
    os.close(write)


@pytest.mark.parametrize("wrong", ["path", None, 1.5, b"abc", [], object()])
def test_what_is_no_file(wrong: Any) -> None:
    for call in (FragView([b"a"]).write_to, FragView([bytearray(1)]).read_from):
        with pytest.raises(TypeError, match="must be a binary file, a socket or a file descriptor, not"):
            call(wrong)


def test_text_files_are_refused_with_what_helps(tmp_path: Path) -> None:
    with (tmp_path / "text").open("w+") as file:
        for call in (FragView([b"ab"]).write_to, FragView([bytearray(2)]).read_from):
            with pytest.raises(TypeError, match=r"not a text file \('TextIOWrapper'\); its buffer is one"):
                call(file)
            with pytest.raises(TypeError, match=r"not a text file \('StringIO'\)$"):
                call(io.StringIO("text"))
        assert FragView([b"ab", b"c"]).write_to(file.buffer) == 3


def test_what_cannot_be_shown_is_told_too() -> None:
    """A hole that no address space has room for comes after some bytes."""
    view = FragView.from_extents(b"head", [(0, 4), (None, 2**60)])
    with pytest.raises(MemoryError) as caught:
        view.write_to(io.BytesIO())
    assert caught.value.characters_written == 4  # type: ignore[attr-defined]


@pytest.mark.thread_unsafe(reason="a number that is closed is given to another thread")
def test_bad_descriptors() -> None:
    with pytest.raises(OverflowError, match="file descriptor"):
        FragView([b"ab"]).write_to(2**40)
    with pytest.raises(ValueError, match=r"cannot be a negative integer \(-1\)"):
        FragView([b"a"]).write_to(-1)
    with pytest.raises(OverflowError):
        FragView([b"a"]).write_to(2**40)
    read, write = os.pipe()
    os.close(read)
    os.close(write)
    for call in (FragView([b"a"]).write_to, FragView([bytearray(1)]).read_from):
        with pytest.raises(OSError, match="Bad file descriptor"):
            call(write)


def test_released_views_and_callbacks_that_release() -> None:
    view = FragView([b"abc", b"de"])
    view.release()
    with pytest.raises(ValueError, match="released"):
        view.write_to(io.BytesIO())
    other = FragView([b"abc", b"de"])

    class Releasing(io.BytesIO):
        def write(self, data: Any) -> int:
            with pytest.raises(BufferError):
                other.release()
            return super().write(data)

    assert other.write_to(Releasing()) == 5

    class ReleasingFileno:
        def fileno(self) -> int:
            target.release()
            return 0

    # The descriptor is fetched before the memory is looked at.
    target = FragView([bytearray(2)])
    with pytest.raises(ValueError, match="released"):
        target.write_to(ReleasingFileno())
    target = FragView([bytearray(2)])
    with pytest.raises(ValueError, match="released"):
        target.read_from(ReleasingFileno())


@given(st.lists(st.binary(max_size=50), max_size=30), st.lists(st.integers(0, 60), max_size=20))
def test_any_fragments_into_any_fragments(parts: list[bytes], sizes: list[int]) -> None:
    view, target = FragView(parts), FragView([bytearray(size) for size in sizes])
    data = b"".join(parts)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert view.write_to(ours) == len(data)
        ours.close()
        count = target.read_from(theirs)
        assert count == min(len(data), len(target))
        assert target[:count] == data[:count]
        assert not any(target[count:])
        assert drain(theirs) == data[count:]

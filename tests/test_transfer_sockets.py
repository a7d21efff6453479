"""`write_to` and `read_from` of sockets: slow and closed peers, timeouts, TLS."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fragmented import cut, needs_fragview
from fragview import FragView
from transfers import drain, many, pattern, running, tcp

pytestmark = needs_fragview


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

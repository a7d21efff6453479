"""What clients are given besides the bytes: files, sockets, servers, archives, databases."""

from __future__ import annotations

import contextlib
import dbm.dumb
import io
import socket
import sqlite3
import tempfile
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from .client import Names
from .samples import text


@contextlib.contextmanager
def a_file() -> Iterator[Names]:
    """`path` in an empty folder, and `file` open for writing and reading there."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        with path.open("w+b") as file:
            yield {"path": path, "file": file, "fd": file.fileno()}


@contextlib.contextmanager
def a_full_file() -> Iterator[Names]:
    """`file` that holds text, from its start."""
    with a_file() as names:
        names["path"].write_bytes(text(1 << 13))
        yield names


@contextlib.contextmanager
def two_sockets() -> Iterator[Names]:
    """`here` and `there`, connected; what comes to `there` is read by a thread: `received()` shuts `here` and
    tells it."""
    here, there = socket.socketpair()
    here.settimeout(20)
    there.settimeout(20)
    arrived: list[bytes] = []

    def read() -> None:
        with contextlib.suppress(OSError):
            while part := there.recv(1 << 16):
                arrived.append(part)

    reader = threading.Thread(target=read)
    reader.start()

    def received() -> bytes:
        with contextlib.suppress(OSError):
            here.shutdown(socket.SHUT_WR)
        reader.join(20)
        return b"".join(arrived)

    with here, there:
        try:
            yield {"here": here, "there": there, "received": received}
        finally:
            received()


@contextlib.contextmanager
def a_sender() -> Iterator[Names]:
    """`here`, to which text has come."""
    here, there = socket.socketpair()
    here.settimeout(20)
    with here, there:
        there.sendall(text(1 << 13))
        yield {"here": here}


@contextlib.contextmanager
def connections() -> Iterator[Names]:
    """`here`, a connection of multiprocessing; `received()` is the message at its other end, `waiting()` what
    is unread there."""
    from multiprocessing import Pipe

    here, there = Pipe()

    def received() -> bytes:
        return there.recv_bytes() if there.poll(5) else b""

    with here, there:
        yield {"here": here, "there": there, "received": received}


@contextlib.contextmanager
def web() -> Iterator[Names]:
    """`url` of a server, which answers each POST with its body and the length that was announced."""

    class Echo(BaseHTTPRequestHandler):
        timeout = 0.5

        def do_POST(self) -> None:
            said = self.headers["Content-Length"]
            if said is None:
                body = b""
                while size := int(self.rfile.readline() or b"0", 16):
                    body += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
            else:
                body = self.rfile.read(int(said))
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            pass

    class Server(HTTPServer):
        def handle_error(self, *_: object) -> None:
            """A client that breaks off is no news."""

    with Server(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        port = server.server_address[1]
        try:
            yield {"url": f"http://127.0.0.1:{port}/", "host": "127.0.0.1", "port": port}
        finally:
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def a_table() -> Iterator[Names]:
    """`db`, a database with a table `t` of blobs `b`."""
    with contextlib.closing(sqlite3.connect(":memory:")) as db:
        db.execute("create table t (b)")
        yield {"db": db}


@contextlib.contextmanager
def a_dbm() -> Iterator[Names]:
    """`d`, a database of `dbm.dumb`."""
    with a_file() as names, dbm.dumb.open(str(names["path"])) as d:
        yield {"d": d}


@contextlib.contextmanager
def streams() -> Iterator[Names]:
    """`sent(x)`: what arrives of a write to a stream of asyncio; `sent_lines(parts)`: by `writelines`."""
    import asyncio
    import logging

    async def both(write: str, x: object) -> bytes:
        here, there = socket.socketpair()
        _, writer = await asyncio.open_connection(sock=here)
        reader, other = await asyncio.open_connection(sock=there)
        try:
            getattr(writer, write)(x)
            await writer.drain()
            writer.write_eof()
            return await asyncio.wait_for(reader.read(), 10)
        finally:
            writer.close()
            other.close()

    log = logging.getLogger("asyncio")
    log.disabled = True
    try:
        yield {"sent": lambda x: both("write", x), "sent_lines": lambda x: both("writelines", x)}
    finally:
        log.disabled = False


@contextlib.contextmanager
def an_archive() -> Iterator[Names]:
    """`z`, an archive that is being written to `out` and has one member, `a`."""
    out = io.BytesIO()
    archive = zipfile.ZipFile(out, "w")
    archive.writestr("a", b"first")
    try:
        yield {"z": archive, "out": out}
    finally:
        with contextlib.suppress(Exception):
            archive.close()

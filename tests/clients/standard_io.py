"""The standard library: files, sockets, processes, archives, documents, databases, patterns."""

from __future__ import annotations

import contextlib
import dbm.dumb
import io
import socket
import sqlite3
import tarfile
import tempfile
import threading
import wave
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from .client import Client, Names
from .samples import exactly, text


def std(call: str, cells: str, **more: object) -> Client:
    """A client of the standard library."""
    return Client("stdlib", call, cells, **more)  # type: ignore[arg-type]


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


def zipped(n: int) -> bytes:
    """An archive with one member, `a`, of text."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a", text(n))
    return out.getvalue()


def tarred(n: int) -> bytes:
    """An archive with one member, `a`, of text."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("a")
        info.size = n
        archive.addfile(info, io.BytesIO(text(n)))
    return out.getvalue()


def sound(n: int) -> bytes:
    """A WAVE file."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(text(n // 2 * 2))
    return out.getvalue()


def database(n: int) -> bytes:
    """A database with a table of one blob."""
    connection = sqlite3.connect(":memory:")
    connection.execute("create table t (b)")
    connection.execute("insert into t values (?)", (text(n),))
    connection.commit()
    return connection.serialize()


def markup(n: int) -> bytes:
    """XML with a long text."""
    return b"<a><b>" + text(n) + b"</b></a>"


def mail(n: int) -> bytes:
    """A message with a header and a body."""
    return b"Subject: hello\n\n" + text(n)


FILE = {"given": a_file}
FULL = {"given": a_full_file, "fills": True}
SOCKETS = {"given": two_sockets}
ETREE = {"imports": "from xml.etree import ElementTree", "data": markup}

CLIENTS = (
    # Files.
    std(
        "file.write(x), file.flush(), path.read_bytes()",
        "=BBTT=",
        **FILE,
        instead="v.write_to(file), file.flush(), path.read_bytes()",
    ),
    std(
        "file.writelines([x]), file.flush(), path.read_bytes()",
        "=BBTT=",
        **FILE,
        instead="file.writelines(v.fragments), file.flush(), path.read_bytes()",
    ),
    std("os.write(fd, x), path.read_bytes()", "=BBTT=", **FILE, instead="v.write_to(fd), path.read_bytes()"),
    std(
        "os.pwrite(fd, x, 0), path.read_bytes()",
        "=BBTT=",
        **FILE,
        instead="os.pwritev(fd, v.fragments, 0), path.read_bytes()",
    ),
    std(
        "os.writev(fd, [x]), path.read_bytes()", "=BBTT=", **FILE, instead="v.write_to(fd), path.read_bytes()"
    ),
    std(
        "path.write_bytes(x), path.read_bytes()",
        "=BBTT=",
        **FILE,
        instead="v.write_to(file), file.flush() or path.read_bytes()",
    ),
    std(
        "shutil.copyfileobj(x, file), file.flush(), path.read_bytes()",
        "AAA=AA",
        takes="file",
        **FILE,
        instead="shutil.copyfileobj(v.open(), file), file.flush(), path.read_bytes()",
    ),
    std("file.readinto(x)", "=TTTT=", **FULL, instead="v.read_from(file)"),
    std("os.readv(fd, [x])", "=BBTT=", **FULL, instead="v.read_from(fd)"),
    std("io.BytesIO(x).read()", "=BBTT=", instead="v.open().read()"),
    std(
        "f = io.BytesIO(); f.write(x); f.getvalue()",
        "=BBTT=",
        instead="f = io.BytesIO(); v.write_to(f); f.getvalue()",
    ),
    std(
        "io.BytesIO(b'z' * n).readinto(x)", "=TTTT=", fills=True, instead="v.read_from(io.BytesIO(b'z' * n))"
    ),
    std(
        "io.TextIOWrapper(x).readlines()",
        "AAA=AA",
        takes="file",
        instead="io.TextIOWrapper(v.open()).readlines()",
    ),
    std("io.BufferedReader(x).read()", "AAA=AA", takes="file", instead="v.open().read()", costs={"open": 1}),
    std(
        "f = tempfile.SpooledTemporaryFile(1 << 30); f.write(x); f.seek(0); f.read()",
        "=BBTT=",
        instead="f = tempfile.SpooledTemporaryFile(1 << 30); f.writelines(v.fragments); f.seek(0); f.read()",
    ),
    std(
        "m = mmap.mmap(-1, n); m[:] = x; m[:]",
        "=BBTT=",
        instead="m = mmap.mmap(-1, n); FragView(m)[:] = v; m[:]",
    ),
    std(
        "m = mmap.mmap(-1, n); m.write(x); m[:]",
        "=BBTT=",
        instead="m = mmap.mmap(-1, n)\nfor part in v.fragments: m.write(part)\nm[:]",
    ),
    std(
        "m = mmap.mmap(-1, n); m[:] = data; m.find(x)",
        "=BBTT=",
        instead="m = mmap.mmap(-1, n); m[:] = data; FragView(m).find(v)",
    ),
    # Sockets and asyncio.
    std(
        "here.send(x), received()", "=BBTT=", **SOCKETS, scales=False, instead="v.write_to(here), received()"
    ),
    std("here.sendall(x), received()", "=BBTT=", **SOCKETS, instead="v.write_to(here) and None, received()"),
    std(
        "here.sendmsg([x]), received()",
        "=BBTT=",
        **SOCKETS,
        scales=False,
        instead="v.write_to(here), received()",
    ),
    std("here.recv_into(x)", "=TTTT=", given=a_sender, fills=True, scales=False, instead="v.read_from(here)"),
    std(
        "here.recvmsg_into([x])[0]",
        "=TTTT=",
        given=a_sender,
        fills=True,
        scales=False,
        instead="here.recvmsg_into(v.fragments)[0]",
    ),
    std(
        "f = here.makefile('wb'); f.write(x); f.flush(); received()",
        "=BBTT=",
        **SOCKETS,
        instead="f = here.makefile('wb'); v.write_to(f); f.flush(); received()",
    ),
    std(
        "asyncio.run(sent(x))",
        "TTETT=",
        given=lambda: streams(),
        scales=False,
        instead="asyncio.run(sent_lines(v.fragments))",
        shown=("asyncio.StreamWriter.write(x)", "writer.writelines(v.fragments)"),
    ),
    std(
        "s = asyncio.StreamReader(loop=asyncio.new_event_loop()); s.feed_data(x); bytes(s._buffer)",
        "=TTTT=",
        instead="s = asyncio.StreamReader(loop=asyncio.new_event_loop())\nfor part in v.fragments: s.feed_data(part)\nbytes(s._buffer)",
    ),
    std(
        "bio = ssl.MemoryBIO(); bio.write(x); bio.read()",
        "=BBTT=",
        instead="bio = ssl.MemoryBIO()\nfor part in v.fragments: bio.write(part)\nbio.read()",
    ),
    std("ssl.DER_cert_to_PEM_cert(x)", "=BBTT=", instead="ssl.DER_cert_to_PEM_cert(bytes(v))"),
    # Processes.
    std(
        "here.send_bytes(x), received()",
        "=TTTT=",
        given=connections,
        scales=False,
        instead="here.send_bytes(bytes(v)), received()",
        unharmed="not there.poll(0.05)",
    ),
    std(
        "here.send_bytes(x), received()  # over 16 KiB",
        "=bbTT=",
        given=connections,
        data=lambda n: text(40_000),
        scales=False,
        instead="here.send_bytes(bytes(v)), received()",
        unharmed="not there.poll(0.05)",
        faults={
            "view memoryview": "It sends the length before it asks for the memory. The other end waits for bytes that don't come."
        },
    ),
    std("here.send(x), there.recv()", "==T~TT", given=connections, scales=False),
    std(
        "there.send_bytes(b'z' * n), here.recv_bytes_into(x)",
        "=TTTT=",
        given=connections,
        fills=True,
        scales=False,
        instead="there.send_bytes(b'z' * n); v[:] = here.recv_bytes()\nNone",
    ),
    std(
        "bytes(multiprocessing.sharedctypes.RawArray('B', x))",
        "===TT=",
        imports="import multiprocessing.sharedctypes",
        scales=False,
    ),
    std(
        "subprocess.run(['cat'], input=x, stdout=-1).stdout",
        "=BBTT=",
        scales=False,
        instead="subprocess.run(['cat'], input=bytes(v), stdout=-1).stdout",
    ),
    # The web.
    std(
        "c = http.client.HTTPConnection(host, port, timeout=10); c.request('POST', '/', x); c.getresponse().read()",
        "=BB===",
        imports="import http.client",
        given=web,
        scales=False,
        instead="c = http.client.HTTPConnection(host, port, timeout=10); c.request('POST', '/', v.open(), {'Content-Length': str(v.nbytes)}); c.getresponse().read()",
    ),
    std(
        "urllib.request.urlopen(url, x, 10).read()",
        "=BB===",
        imports="import urllib.request",
        given=web,
        scales=False,
        instead="urllib.request.urlopen(urllib.request.Request(url, v.open(), {'Content-Length': str(v.nbytes)}), None, 10).read()",
    ),
    std(
        "xmlrpc.client.dumps((xmlrpc.client.Binary(x),))",
        "TTTTTT",
        imports="import xmlrpc.client",
        instead="xmlrpc.client.dumps((xmlrpc.client.Binary(bytes(v)),))",
    ),
    # Archives.
    std(
        "zipfile.ZipFile(x).read('a')",
        "AAA=AA",
        takes="file",
        data=zipped,
        instead="zipfile.ZipFile(v.open()).read('a')",
    ),
    std("zipfile.is_zipfile(x)", "TTT=TT", takes="file", data=zipped, instead="zipfile.is_zipfile(v.open())"),
    std(
        "z.writestr('b', x); z.close(); zipfile.ZipFile(out).read('b')",
        "=bbTt=",
        given=lambda: an_archive(),
        instead="with z.open('b', 'w') as f: v.write_to(f)\nz.close(); zipfile.ZipFile(out).read('b')",
        unharmed="z.namelist() == ['a'] and z.close() is None and zipfile.ZipFile(out).testzip() is None",
        faults={
            "view memoryview fragments": "It writes the head of the member before it asks for the memory. The archive keeps a member that is broken."
        },
    ),
    std(
        "tarfile.open(fileobj=x).extractfile('a').read()",
        "AAA=AA",
        takes="file",
        data=tarred,
        instead="tarfile.open(fileobj=v.open()).extractfile('a').read()",
    ),
    std(
        "info = tarfile.TarInfo('a'); info.size = n; out = io.BytesIO(); t = tarfile.open(fileobj=out, mode='w'); t.addfile(info, x); out.getvalue()",
        "AAA=AA",
        takes="file",
        instead="info = tarfile.TarInfo('a'); info.size = n; out = io.BytesIO(); t = tarfile.open(fileobj=out, mode='w'); t.addfile(info, v.open()); out.getvalue()",
    ),
    std(
        "wave.open(x).readframes(9)",
        "AAA=AA",
        takes="file",
        data=sound,
        instead="wave.open(v.open()).readframes(9)",
    ),
    std(
        "out = io.BytesIO(); w = wave.open(out, 'wb'); w.setparams((1, 2, 8000, 0, 'NONE', '')); w.writeframes(x); w.close(); out.getvalue()",
        "=TTTT=",
        data=lambda n: text(n // 2 * 2),
        instead="out = io.BytesIO(); w = wave.open(out, 'wb'); w.setparams((1, 2, 8000, 0, 'NONE', '')); w.writeframes(bytes(v)); w.close(); out.getvalue()",
    ),
    std("d['a'] = x; d['a']", "TTTTTT", given=a_dbm, scales=False, instead="d['a'] = bytes(v); d['a']"),
    # Documents.
    std(
        "ElementTree.fromstring(x)[0].text",
        "=BBTT=",
        **ETREE,
        instead="ElementTree.parse(v.open()).getroot()[0].text",
    ),
    std(
        "ElementTree.parse(x).getroot()[0].text",
        "TTT=TT",
        takes="file",
        **ETREE,
        instead="ElementTree.parse(v.open()).getroot()[0].text",
    ),
    std(
        "p = ElementTree.XMLPullParser(); p.feed(x); [e.tag for _, e in p.read_events()]",
        "=BBTT=",
        **ETREE,
        instead="p = ElementTree.XMLPullParser()\nfor part in v.fragments: p.feed(part)\n[e.tag for _, e in p.read_events()]",
    ),
    std(
        "p = xml.parsers.expat.ParserCreate(); p.Parse(x, True)",
        "=BBTT=",
        imports="import xml.parsers.expat",
        data=markup,
        instead="p = xml.parsers.expat.ParserCreate(); p.ParseFile(v.open())",
    ),
    std(
        "xml.dom.minidom.parseString(x).documentElement.tagName",
        "=BBTT=",
        imports="import xml.dom.minidom",
        data=markup,
        instead="xml.dom.minidom.parse(v.open()).documentElement.tagName",
    ),
    std(
        "xml.sax.parseString(x, xml.sax.ContentHandler())",
        "=BBTT=",
        imports="import xml.sax",
        data=markup,
        instead="xml.sax.parse(v.open(), xml.sax.ContentHandler())",
    ),
    std(
        "email.message_from_bytes(x)['subject']",
        "AAAAAA",
        imports="import email",
        data=mail,
        instead="email.message_from_binary_file(v.open())['subject']",
    ),
    std(
        "email.message_from_binary_file(x)['subject']",
        "AAA=AA",
        imports="import email",
        takes="file",
        data=mail,
        instead="email.message_from_binary_file(v.open())['subject']",
    ),
    std(
        "p = email.parser.BytesFeedParser(); p.feed(x); p.close()['subject']",
        "AAAAAA",
        imports="import email.parser",
        data=mail,
        scales=False,
        instead="p = email.parser.BytesFeedParser()\nfor part in v.fragments: p.feed(bytes(part))\np.close()['subject']",
    ),
    std(
        "email.mime.application.MIMEApplication(x).get_payload()",
        "=BBTT=",
        imports="import email.mime.application",
        instead="email.mime.application.MIMEApplication(bytes(v)).get_payload()",
    ),
    std(
        "m = email.message.EmailMessage(); m.set_content(x, 'image', 'png'); m.get_content()",
        "EEBEE=",
        imports="import email.message",
        scales=False,
        instead="m = email.message.EmailMessage(); m.set_content(bytes(v), 'image', 'png'); m.get_content()",
    ),
    std(
        "len(list(tokenize.tokenize(x.readline)))",
        "AAA=AA",
        takes="file",
        data=exactly(b"import sys\nprint(1)\n" * 30),
        scales=False,
        instead="len(list(tokenize.tokenize(v.open().readline)))",
    ),
    std(
        "ast.dump(ast.parse(x))",
        "=TTTT=",
        data=exactly(b"import sys\nprint(1)\n" * 30),
        scales=False,
        instead="ast.dump(ast.parse(bytes(v)))",
    ),
    std(
        "importlib.util.decode_source(x)",
        "ABBTTA",
        imports="import importlib.util",
        instead="importlib.util.decode_source(bytes(v))",
    ),
    # Databases.
    std(
        "db.execute('insert into t values (?)', (x,)); db.execute('select b from t').fetchone()",
        "=BBEE=",
        given=a_table,
        instead="db.execute('insert into t values (?)', (bytes(v),)); db.execute('select b from t').fetchone()",
    ),
    std(
        "db = sqlite3.connect(':memory:'); db.deserialize(x); db.execute('select b from t').fetchone()",
        "=BBTT=",
        data=database,
        instead="db = sqlite3.connect(':memory:'); db.deserialize(bytes(v)); db.execute('select b from t').fetchone()",
    ),
    std(
        "db.execute('insert into t values (zeroblob(?))', (n,)); b = db.blobopen('t', 'b', 1); b.write(x); b.seek(0); b.read()",
        "=BBTT=",
        given=a_table,
        scales=False,
        instead="db.execute('insert into t values (zeroblob(?))', (n,)); b = db.blobopen('t', 'b', 1)\nfor part in v.fragments: b.write(part)\nb.seek(0); b.read()",
    ),
    # Patterns.
    std("re.search(rb'l.zy', x).span()", "=TTTT=", instead="fragview.re.search(rb'l.zy', v).span()"),
    std("re.findall(rb'[a-z]+', x)", "=TTTT=", scales=False, instead="fragview.re.findall(rb'[a-z]+', v)"),
    std("re.sub(rb'o', b'0', x)", "=TTTT=", scales=False, instead="re.sub(rb'o', b'0', bytes(v))"),
    std("re.split(rb' ', x)", "=TTTT=", scales=False, instead="fragview.re.split(rb' ', v)"),
    std(
        "re.compile(rb'The').match(x).group()",
        "=TTTT=",
        instead="fragview.re.compile(rb'The').match(v).group()",
    ),
)


@contextlib.contextmanager
def streams() -> Iterator[Names]:
    """`sent(x)`: writes to a stream of asyncio and tells what arrives; `sent_lines(parts)` by `writelines`."""
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

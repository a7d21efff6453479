"""The standard library: files, sockets, processes, the web."""

from __future__ import annotations

from .client import std
from .given import a_file, a_full_file, a_sender, connections, streams, two_sockets, web
from .samples import text

FILE = {"given": a_file}


FULL = {"given": a_full_file, "fills": True}


SOCKETS = {"given": two_sockets}


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
        given=streams,
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
            "view memoryview": "It sends the length before it asks for the memory. The other end waits for bytes that don't come. `v.without_suboffsets()` is refused before that."
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
)

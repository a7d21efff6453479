"""Libraries of the web, of protocols and of event loops."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import struct
import threading
from collections.abc import Iterator
from typing import Any

from .client import Client, Names
from .samples import exactly, text
from .standard_io import web
from .third_data import SUBOFFSETS

RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n" + text(400)
REPLY = b"$400\r\n" + text(400) + b"\r\n"
WEB: dict[str, Any] = {"given": web, "scales": False}


def length(n: int) -> bytes:
    return text(n)


@contextlib.contextmanager
def messages() -> Iterator[Names]:
    """`here` and `there`, connected sockets of ZeroMQ."""
    import zmq

    with zmq.Context() as context:
        here, there = context.socket(zmq.PAIR), context.socket(zmq.PAIR)
        here.bind("inproc://here")
        there.connect("inproc://here")
        there.setsockopt(zmq.RCVTIMEO, 2000)
        with here, there:
            yield {"here": here, "there": there}


@contextlib.contextmanager
def redis_server() -> Iterator[Names]:
    """`db`, a client of a server that answers SET with what it has got, as an error text."""
    import redis

    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError, ValueError):
            connection, _ = listener.accept()
            connection.settimeout(3)
            with connection, connection.makefile("rb") as file:
                while line := file.readline():
                    parts = []
                    for _ in range(int(line[1:])):
                        size = int(file.readline()[1:])
                        parts.append(file.read(size + 2)[:size])
                    body = parts[2] if parts[0] == b"SET" else b"OK"
                    connection.sendall(b"$%d\r\n%b\r\n" % (len(body), body))

    thread = threading.Thread(target=serve)
    thread.start()
    port = listener.getsockname()[1]
    db = redis.Redis("127.0.0.1", port, protocol=2, socket_timeout=3, retry=None, driver_info=None)
    db.response_callbacks.clear()
    with listener, db:
        try:
            yield {"db": db}
        finally:
            db.close()
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
            thread.join(5)


@contextlib.contextmanager
def aiohttp_client() -> Iterator[Names]:
    """`by_aiohttp(x)`: POSTs it by aiohttp."""
    import aiohttp

    async def post(url: str, x: Any) -> bytes:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(5)) as session,
            session.post(url, data=x) as response,
        ):
            return await response.read()

    with web() as names:
        yield {"by_aiohttp": lambda x: asyncio.run(post(names["url"], x))}


@contextlib.contextmanager
def httpx_client() -> Iterator[Names]:
    """`by_httpx(x)`: POSTs it by httpx."""
    import httpx

    with web() as names, httpx.Client(timeout=5, trust_env=False) as client:
        yield {"by_httpx": lambda x: client.post(names["url"], content=x).content}


@contextlib.contextmanager
def tornado_client() -> Iterator[Names]:
    """`by_tornado(x)`: POSTs it by Tornado."""
    from tornado.httpclient import AsyncHTTPClient

    async def post(url: str, x: Any) -> bytes:
        reply = await AsyncHTTPClient(force_instance=True).fetch(
            url, method="POST", body=x, request_timeout=5
        )
        return bytes(reply.body)

    with web() as names:
        yield {"by_tornado": lambda x: asyncio.run(post(names["url"], x))}


@contextlib.contextmanager
def loops() -> Iterator[Names]:
    """`sent_by_uvloop(x)`, `sent_by_trio(x)`, `sent_by_anyio(x)`: what arrives at a socket's other end."""
    import anyio
    import trio
    import uvloop

    async def with_uvloop(x: Any, method: str) -> bytes:
        here, there = socket.socketpair()
        _, writer = await asyncio.open_connection(sock=here)
        reader, other = await asyncio.open_connection(sock=there)
        try:
            getattr(writer, method)(x)
            await asyncio.wait_for(writer.drain(), 5)
            writer.write_eof()
            return await asyncio.wait_for(reader.read(), 5)
        finally:
            writer.close()
            other.close()

    async def with_trio(x: Any) -> bytes:
        here, there = trio.socket.socketpair()
        async with trio.SocketStream(here) as one, trio.SocketStream(there) as other:
            await one.send_all(x)
            await one.send_eof()
            return b"".join([part async for part in other])

    async def with_anyio(x: Any) -> bytes:
        here, there = socket.socketpair()
        here.setblocking(False)
        there.setblocking(False)
        async with (
            await anyio.abc.SocketStream.from_socket(here) as one,
            await anyio.abc.SocketStream.from_socket(there) as other,
        ):
            await one.send(x)
            await one.send_eof()
            return b"".join([part async for part in other])

    def run_uvloop(x: Any, method: str = "write") -> bytes:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(with_uvloop(x, method))

    log = logging.getLogger("asyncio")
    log.disabled = True
    try:
        yield {
            "sent_by_uvloop": run_uvloop,
            "sent_by_trio": lambda x: trio.run(with_trio, x),
            "sent_by_anyio": lambda x: anyio.run(with_anyio, x),
        }
    finally:
        log.disabled = False


@contextlib.contextmanager
def http_parsers() -> Iterator[Names]:
    """`body_of(x)`: by httptools. `h11_client`, which expects a response. `h2_pair()`: a client and a stream."""
    import h2.connection
    import h11
    import httptools

    def body_of(*parts: Any) -> bytes:
        class Protocol:
            def __init__(self) -> None:
                self.body = b""

            def on_body(self, body: bytes) -> None:
                self.body += body

        protocol = Protocol()
        parser = httptools.HttpResponseParser(protocol)
        for part in parts:
            parser.feed_data(part)
        return protocol.body

    client = h11.Connection(h11.CLIENT)
    client.send(h11.Request(method="GET", target="/", headers=[("Host", "h")]))
    client.send(h11.EndOfMessage())
    sender = h11.Connection(h11.CLIENT)
    sender.send(
        h11.Request(method="POST", target="/", headers=[("Host", "h"), ("Transfer-Encoding", "chunked")])
    )
    two = h2.connection.H2Connection()
    two.initiate_connection()
    two.send_headers(1, [(":method", "POST"), (":path", "/"), (":scheme", "http"), (":authority", "h")])
    two.data_to_send()
    yield {"body_of": body_of, "h11_client": client, "h11_sender": sender, "two": two}


@contextlib.contextmanager
def websocket() -> Iterator[Names]:
    """`client` and `server`: the two ends of a WebSocket without a network, of two libraries."""
    import wsproto
    from websockets.client import ClientProtocol
    from websockets.protocol import OPEN
    from websockets.server import ServerProtocol
    from websockets.uri import parse_uri

    yield {
        "client": ClientProtocol(parse_uri("ws://h/"), state=OPEN),
        "server": ServerProtocol(state=OPEN),
        "ws": wsproto.connection.Connection(wsproto.ConnectionType.SERVER),
        "ws_client": wsproto.connection.Connection(wsproto.ConnectionType.CLIENT),
    }


def frame(n: int) -> bytes:
    """A binary message of a WebSocket from a server."""
    return b"\x82\x7e" + struct.pack(">H", n) + text(n)


def form(n: int) -> bytes:
    """A form with one part."""
    return b'--border\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + text(n) + b"\r\n--border--\r\n"


def pg_binary(n: int) -> bytes:
    return text(n)


HTTP: dict[str, Any] = {"given": http_parsers, "scales": False}
WS: dict[str, Any] = {"given": websocket, "scales": False}
LOOPS: dict[str, Any] = {"given": loops, "scales": False}
DNS = bytes.fromhex(
    "1234010000010000000000000766726167 6d656e7403 6f7267 0000010001".replace(" ", "")
).replace(b"\x07fragment", b"\x08fragment")

CLIENTS = (
    # The web.
    Client(
        "requests",
        "requests.post(url, data=x, timeout=5).content",
        "=BB=!=",
        **WEB,
        instead="requests.post(url, data=v.open(), timeout=5).content",
        faults={
            "fragments": "It announces `len()` of the sequence, the number of fragments, as the length of the body."
        },
    ),
    Client(
        "requests",
        "requests.post(url, files={'a': x}, timeout=5).content.count(data)",
        "=BB=T=",
        **WEB,
        instead="requests.post(url, files={'a': v.open()}, timeout=5).content.count(data)",
    ),
    Client(
        "urllib3",
        "urllib3.request('POST', url, body=x, timeout=5, retries=False).data",
        "=BB===",
        **WEB,
        instead="urllib3.request('POST', url, body=v.open(), headers={'Content-Length': str(v.nbytes)}, timeout=5).data",
    ),
    Client(
        "httpx",
        "by_httpx(x)",
        "TTT==T",
        given=httpx_client,
        scales=False,
        instead="by_httpx(v.open())",
        shown=("httpx.post(url, content=x).content", "httpx.post(url, content=v.open()).content"),
    ),
    Client(
        "aiohttp",
        "by_aiohttp(x)",
        "TTE=T=",
        given=aiohttp_client,
        scales=False,
        instead="by_aiohttp(v.open())",
        shown=("aiohttp.ClientSession().post(url, data=x)", "session.post(url, data=v.open())"),
    ),
    Client(
        "tornado",
        "by_tornado(x)",
        "TTTTTT",
        given=tornado_client,
        scales=False,
        instead="by_tornado(bytes(v))",
        shown=(
            "AsyncHTTPClient().fetch(url, method='POST', body=x)",
            "AsyncHTTPClient().fetch(url, method='POST', body=bytes(v))",
        ),
    ),
    Client(
        "werkzeug",
        "Response(x).get_data()",
        "TTT==T",
        imports="from werkzeug.wrappers import Response",
        instead="Response(v.fragments, direct_passthrough=True).response and bytes(v)",
        scales=False,
    ),
    Client(
        "werkzeug",
        "Request.from_values(input_stream=x, content_length=n).get_data()",
        "AAA=AA",
        imports="from werkzeug.wrappers import Request",
        takes="file",
        instead="Request.from_values(input_stream=v.open(), content_length=v.nbytes).get_data()",
    ),
    Client(
        "python-multipart",
        "parts = []; p = MultipartParser('border', {'on_part_data': lambda d, a, b: parts.append(bytes(d[a:b]))}); p.write(x); b''.join(parts)",
        "AAATAA",
        imports="from python_multipart.multipart import MultipartParser",
        data=form,
        scales=False,
        instead="parts = []; p = MultipartParser('border', {'on_part_data': lambda d, a, b: parts.append(bytes(d[a:b]))})\nfor part in v.fragments: p.write(bytes(part))\nb''.join(parts)",
    ),
    Client(
        "fsspec",
        "fs = fsspec.filesystem('memory'); fs.pipe('/a', x); fs.cat('/a')",
        "=BBTT=",
        instead="fs = fsspec.filesystem('memory')\nwith fs.open('/a', 'wb') as f: v.write_to(f)\nfs.cat('/a')",
    ),
    # Protocols.
    Client(
        "h11",
        "h11_client.receive_data(x); h11_client.next_event(); bytes(h11_client.next_event().data)",
        "=TTTT=",
        **HTTP,
        data=exactly(RESPONSE),
        instead="for part in v.fragments: h11_client.receive_data(part)\nh11_client.next_event(); bytes(h11_client.next_event().data)",
    ),
    Client(
        "h11", "h11_sender.send(h11.Data(x))", "=TTTT=", **HTTP, instead="h11_sender.send(h11.Data(bytes(v)))"
    ),
    Client(
        "h2",
        "two.send_data(1, x); two.data_to_send()",
        "=T=TT=",
        **HTTP,
        instead="two.send_data(1, bytes(v)); two.data_to_send()",
    ),
    Client(
        "h2",
        "[type(e).__name__ for e in two.receive_data(x)]",
        "=TTTT=",
        **HTTP,
        data=exactly(bytes(3) + b"\x04" + bytes(5)),
        instead="[type(e).__name__ for part in v.fragments for e in two.receive_data(bytes(part))]",
    ),
    Client(
        "httptools",
        "body_of(x)",
        "=BETT=",
        **HTTP,
        data=exactly(RESPONSE),
        instead="body_of(*v.fragments)",
        shown=(
            "httptools.HttpResponseParser(protocol).feed_data(x)",
            "for part in v.fragments: parser.feed_data(part)",
        ),
    ),
    Client(
        "wsproto",
        "ws.send(wsproto.events.BytesMessage(x))",
        "TT=TT=",
        imports="import wsproto.events",
        **WS,
        instead="ws.send(wsproto.events.BytesMessage(bytes(v)))",
    ),
    Client(
        "wsproto",
        "ws_client.receive_data(x); b''.join(bytes(e.data) for e in ws_client.events())",
        "=TTTT=",
        **WS,
        data=frame,
        instead="for part in v.fragments: ws_client.receive_data(bytes(part))\nb''.join(bytes(e.data) for e in ws_client.events())",
    ),
    Client(
        "websockets",
        "server.send_binary(x); b''.join(server.data_to_send())",
        "=BBTT=",
        **WS,
        instead="server.send_binary(bytes(v)); b''.join(server.data_to_send())",
    ),
    Client(
        "websockets",
        "client.receive_data(x); client.events_received()[0].data",
        "=TTTT=",
        **WS,
        data=frame,
        instead="for part in v.fragments: client.receive_data(part)\nclient.events_received()[0].data",
    ),
    Client(
        "hiredis",
        "hiredis.pack_command(('SET', 'a', x))",
        "TT!TT=",
        instead="hiredis.pack_command(('SET', 'a', bytes(v)))",
        faults={"memoryview": SUBOFFSETS},
    ),
    Client(
        "hiredis",
        "r = hiredis.Reader(); r.feed(x); r.gets()",
        "=BBTT=",
        data=exactly(REPLY),
        scales=False,
        instead="r = hiredis.Reader()\nfor part in v.fragments: r.feed(part)\nr.gets()",
    ),
    Client(
        "redis", "db.set('a', x)", "EE=EE=", given=redis_server, scales=False, instead="db.set('a', bytes(v))"
    ),
    Client(
        "pyzmq",
        "here.send(x); there.recv()",
        "=BBTT=",
        given=messages,
        scales=False,
        instead="here.send(bytes(v)); there.recv()",
    ),
    Client(
        "pyzmq",
        "here.send(x, copy=False); there.recv()",
        "=BBTT=",
        given=messages,
        scales=False,
        instead="here.send(bytes(v), copy=False); there.recv()",
    ),
    Client(
        "pyzmq",
        "here.send_multipart([b'id', x]); there.recv_multipart()",
        "=BBTT=",
        given=messages,
        scales=False,
        instead="here.send_multipart([b'id', bytes(v)]); there.recv_multipart()",
    ),
    Client(
        "psycopg",
        "bytes(Transformer().as_literal(x))",
        "EEBEE=",
        imports="from psycopg.adapt import Transformer",
        scales=False,
        instead="bytes(Transformer().as_literal(bytes(v)))",
    ),
    Client(
        "dnspython",
        "str(dns.message.from_wire(x).question[0].name)",
        "ABBTEA",
        imports="import dns.message",
        data=exactly(DNS),
        scales=False,
        instead="str(dns.message.from_wire(bytes(v)).question[0].name)",
    ),
    # Event loops.
    Client(
        "uvloop",
        "sent_by_uvloop(x)",
        "=TTTT=",
        **LOOPS,
        instead="sent_by_uvloop(v.fragments, 'writelines')",
        shown=("asyncio.StreamWriter.write(x)  # on uvloop", "writer.writelines(v.fragments)"),
    ),
    Client(
        "trio",
        "sent_by_trio(x)",
        "=BBTT=",
        **LOOPS,
        instead="sent_by_trio(bytes(v))",
        shown=("trio.SocketStream.send_all(x)", "stream.send_all(bytes(v))"),
    ),
    Client(
        "anyio",
        "sent_by_anyio(x)",
        "TT!TT=",
        **LOOPS,
        instead="sent_by_anyio(bytes(v))",
        faults={"memoryview": "asyncio closes the connection over what it can't send, and tells a log only."},
        shown=("anyio.abc.SocketStream.send(x)", "stream.send(bytes(v))"),
    ),
)

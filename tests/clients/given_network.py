"""What clients of network libraries are given: sockets, servers, loops, parsers."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
from collections.abc import Iterator
from typing import Any

from .client import Names
from .given import web


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
    """`body_of(x)`, by httptools; connections `h11_client`, `h11_sender`, and `two` of HTTP/2."""
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

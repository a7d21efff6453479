"""Libraries of the web, of protocols and of event loops."""

from __future__ import annotations

import struct
from typing import Any

from .client import Client
from .given import web
from .given_network import (
    aiohttp_client,
    http_parsers,
    httpx_client,
    loops,
    messages,
    redis_server,
    tornado_client,
    websocket,
)
from .phrases import SUBOFFSETS
from .samples import exactly, text

RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n" + text(400)


REPLY = b"$400\r\n" + text(400) + b"\r\n"


WEB: dict[str, Any] = {"given": web, "scales": False}


def frame(n: int) -> bytes:
    """A binary message of a WebSocket from a server."""
    return b"\x82\x7e" + struct.pack(">H", n) + text(n)


def form(n: int) -> bytes:
    """A form with one part."""
    return b'--border\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + text(n) + b"\r\n--border--\r\n"


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

"""Hives, logs, web archives, messages and layered disks against independent readers and programs:
python-registry, PostgreSQL, warcio, wsproto, QEMU. Each test is skipped where its reader is not installed."""

from __future__ import annotations

import io
import json
import os
import random
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fragmented import FragView, needs_fragview
from test_formats_disk import both, run, tool

pytestmark = needs_fragview

fragview = pytest.importorskip("fragview")
formats = pytest.importorskip("fragview.formats")


# --- registry hives ---


class Hive:
    """A registry hive that is written cell by cell, as the specification has them."""

    def __init__(self) -> None:
        self.bins = bytearray(b"hbin").ljust(32, b"\0")

    def cell(self, content: bytes) -> int:
        at = len(self.bins)
        size = -(-(len(content) + 4) // 8) * 8
        self.bins += struct.pack("<i", -size) + content.ljust(size - 4, b"\0")
        return at

    def value(self, name: str, data: bytes, kind: int = 3) -> int:
        if len(data) <= 4:
            size, where = len(data) | 1 << 31, data.ljust(4, b"\0")
        elif len(data) <= 16_344:
            size, where = len(data), struct.pack("<I", self.cell(data))
        else:
            parts = [self.cell(data[at : at + 16_344] + bytes(4)) for at in range(0, len(data), 16_344)]
            listed = self.cell(struct.pack(f"<{len(parts)}I", *parts))
            size, where = (
                len(data),
                struct.pack("<I", self.cell(struct.pack("<2sHI", b"db", len(parts), listed))),
            )
        raw = name.encode("latin-1")
        return self.cell(struct.pack("<2sHI4sIHH", b"vk", len(raw), size, where, kind, 1, 0) + raw)

    def key(self, name: str, keys: list[int], values: list[int], flags: int = 0x20) -> int:
        nil = 0xFFFF_FFFF
        under = self.cell(
            struct.pack("<2sH", b"lh", len(keys)) + b"".join(struct.pack("<II", key, 0) for key in keys)
        )
        of = self.cell(struct.pack(f"<{len(values)}I", *values)) if values else nil
        raw = name.encode("latin-1")
        counts = (0, 0, len(keys), 0, under if keys else nil, nil, len(values), of, nil, nil)
        head = struct.pack("<2sHQ10I20xHH", b"nk", flags, 0, *counts, len(raw), 0)
        return self.cell(head + raw)

    def file(self, root: int) -> bytes:
        self.bins += bytes(-len(self.bins) % 4096)
        struct.pack_into("<II", self.bins, 4, 0, len(self.bins))
        base = bytearray(4096)
        struct.pack_into("<4sIIQIIIIIII", base, 0, b"regf", 1, 1, 0, 1, 5, 0, 1, root, len(self.bins), 1)
        checksum = 0
        for (word,) in struct.iter_unpack("<I", base[:508]):
            checksum ^= word
        struct.pack_into("<I", base, 508, checksum)
        return bytes(base + self.bins)


def hive() -> tuple[bytes, dict[str, bytes]]:
    """A hive with data of all sizes, and the values in it."""
    rng = random.Random(5)
    made, expected = Hive(), {}

    def key(path: str, name: str, depth: int) -> int:
        under = [key(f"{path}key{index}/", f"key{index}", depth - 1) for index in range(3 if depth else 0)]
        values = []
        for size in (0, 1, 4, 5, 300, 16_344, 16_345, 70_000):
            data = rng.randbytes(size)
            values.append(made.value(f"value{size}", data))
            expected[f"{path}value{size}"] = data
        return made.key(name, under, values)

    return made.file(key("", "ROOT", 2)), expected


def test_hive_as_python_registry_reads_it() -> None:
    registry = pytest.importorskip("Registry.Registry", reason="python-registry is not installed")
    file, expected = hive()
    found = {}

    def walk(key: Any, path: str) -> None:
        for value in key.values():
            found[f"{path}{value.name()}"] = value.raw_data()[: len(expected[f"{path}{value.name()}"])]
        for inner in key.subkeys():
            walk(inner, f"{path}{inner.name()}/")

    walk(registry.Registry(io.BytesIO(file)).root(), "")
    with both(file, "regf") as container:
        formats.open(file, verify=True).close()
        assert {name: view.tobytes() for name, view in container.items()} == expected == found
        assert len(container["value70000"].extents()) == 5


# --- PostgreSQL ---


def postgres(name: str) -> str:
    """A program of PostgreSQL's, which Debian keeps out of the path."""
    found = shutil.which(name)
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    if found is None and not places:
        pytest.skip(f"{name} of PostgreSQL is not installed")
    return found or str(places[-1])


def log(tmp_path: Path) -> Path:
    """The folder of a log that a server wrote, with records over many pages."""
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    data = tmp_path / "data"
    tmp_path.chmod(0o777)
    run(*user, postgres("initdb"), "-D", data, "-A", "trust", "--no-sync", "--wal-segsize=1")
    statements = [
        "CREATE TABLE t (a int, b text);\n",
        "INSERT INTO t SELECT i, repeat(md5(i::text), i % 90) FROM generate_series(1, 3000) i;\n",
        "UPDATE t SET b = b || 'x' WHERE a % 3 = 0;\n",
    ]
    single = (
        postgres("postgres"),
        "--single",
        "-D",
        data,
        "-c",
        "fsync=off",
        "-c",
        "wal_keep_size=500MB",
        "postgres",
    )
    run(*user, *single, input="".join(statements).encode())
    return data / "pg_wal"


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that the server's user reaches too: a server does not run as root."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def test_log_as_pg_waldump_reads_it(open_folder: Path) -> None:
    dump = postgres("pg_waldump")
    folder = log(open_folder)
    names = sorted(name for name in (path.name for path in folder.iterdir()) if len(name) == 24)
    assert len(names) > 1
    files = [(folder / name).read_bytes() for name in names]
    found = subprocess.run(
        [dump, "-p", str(folder), names[0], names[-1]],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    lines = [line for line in found.stdout.splitlines() if line.startswith("rmgr:")]
    expected = []
    for line in lines:
        high, low = line.split("lsn: ")[1].split(",")[0].split("/")
        length = int(line.split("tot): ")[1].split(",")[0].split("/")[1])
        expected.append(((int(high, 16) << 32) + int(low, 16), length))
    whole = b"".join(files)
    apart = formats.open(FragView(files))
    with both(whole, "pg_wal") as container:
        formats.open(whole, verify=True).close()
        (base,) = struct.unpack_from("<Q", whole, 8)
        ours = [(base + view.extents()[0][1], len(view)) for view in container.family("record")]
        assert len(apart) == len(container)
        assert all(apart[name] == view for name, view in container.items())
    assert len(ours) > 3_000
    # pg_waldump begins with the first record of the first file.
    assert ours == expected
    # Each segment by itself: its records, and those that go over its borders. Files to come have an older
    # segment in them.
    total = 0
    for number, file in enumerate(files):
        if struct.unpack_from("<Q", file, 8)[0] != base + (number << 20):
            break
        with both(file, "pg_wal") as container:
            total += len(container.family("record"))
    assert len(ours) - len(files) <= total <= len(ours)


# --- web archives ---


# warcio leaves its temporary files open.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
def test_archive_as_warcio_reads_it() -> None:
    warcio = pytest.importorskip("warcio", reason="warcio is not installed")
    from warcio.archiveiterator import ArchiveIterator
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    rng = random.Random(11)
    target = io.BytesIO()
    writer = WARCWriter(target, gzip=False)
    writer.write_record(writer.create_warcinfo_record("a.warc", {"software": "test"}))
    for index in range(40):
        body = rng.randbytes(rng.choice([0, 1, 700, 40_000]))
        fields = [("Content-Type", "application/octet-stream")]
        if index % 3 == 1:
            chunks = [body[at : at + 1_000] for at in range(0, len(body), 1_000)]
            body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
            fields.append(("Transfer-Encoding", "chunked"))
        else:
            fields.append(("Content-Length", str(len(body))))
        head = StatusAndHeaders("200 OK", fields, protocol="HTTP/1.1")
        uri = f"http://example.com/{index}"
        kind = "resource" if index % 5 == 0 else "response"
        extra = {} if kind == "resource" else {"http_headers": head}
        writer.write_record(writer.create_warc_record(uri, kind, payload=io.BytesIO(body), **extra))
    file = target.getvalue()
    assert warcio
    with both(file, "warc") as container:
        count = 0
        for index, record in enumerate(ArchiveIterator(io.BytesIO(file))):
            has_payload = record.rec_type == "response"
            content = record.content_stream().read()
            name = f"record{index}/{'payload' if has_payload else 'block'}"
            assert (container[name] if content or not has_payload else b"") == content
            count += 1
        assert count == 41


# --- WebSocket ---


def test_messages_as_wsproto_reads_them() -> None:
    pytest.importorskip("wsproto", reason="wsproto is not installed")
    from wsproto import ConnectionType
    from wsproto.connection import Connection
    from wsproto.events import BytesMessage, CloseConnection, Ping, TextMessage

    rng = random.Random(2)
    sides = {side: Connection(side) for side in (ConnectionType.CLIENT, ConnectionType.SERVER)}
    for side, connection in sides.items():
        wire, sent = b"", []
        for index in range(30):
            parts = [rng.randbytes(rng.choice([0, 5, 125, 126, 70_000])) for _ in range(1 + index % 3)]
            is_text = index % 4 == 0
            for number, part in enumerate(parts):
                text = part.hex()
                last = number == len(parts) - 1
                event = (
                    TextMessage(text, message_finished=last)
                    if is_text
                    else BytesMessage(part, message_finished=last)
                )
                wire += connection.send(event)
                if not last:
                    wire += connection.send(Ping(b"still there"))
                parts[number] = text.encode() if is_text else part
            sent.append(b"".join(parts))
        wire += connection.send(CloseConnection(code=1000, reason="done"))
        suffix = ".masked" if side is ConnectionType.CLIENT else ""
        strict, lenient = formats.open(wire, "websocket"), formats.open(wire, "websocket", strict=False)
        assert list(strict) == list(lenient)
        assert len(strict.family("header")) == len(sent)
        for index, message in enumerate(sent):
            payload = strict[f"message[{index}]{suffix}"].tobytes()
            header = strict[f"header[{index}]"]
            if suffix:
                payload = unmask(payload, header)
            assert payload == message
            assert header[0] & 15 == (1 if index % 4 == 0 else 2)
        # What wsproto reads of the same bytes.
        other = Connection(ConnectionType.SERVER if suffix else ConnectionType.CLIENT)
        other.receive_data(wire)
        received, current = [], b""
        for event in other.events():
            if isinstance(event, (TextMessage, BytesMessage)):
                data = event.data
                current += data.encode() if isinstance(data, str) else bytes(data)
                if event.message_finished:
                    received.append(current)
                    current = b""
        assert received == sent


def capture(parts: list[tuple[bool, bytes]], size: int) -> bytes:
    """A capture of one TCP connection: what each side sends in turn, in segments of up to `size` bytes."""
    file = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 1 << 17, 1)
    sent = [1_000, 2_000]
    segments = [(0, 2, b""), (1, 0x12, b"")]
    for is_server, data in parts:
        cuts = [data[at : at + size] for at in range(0, len(data), size)]
        segments += [(int(is_server), 0x18, part) for part in cuts]
    for side, flags, data in segments:
        ports = struct.pack(">HH", *((4_242, 80) if side == 0 else (80, 4_242)))
        numbers = struct.pack(">II", sent[side], sent[1 - side] if flags & 0x10 else 0)
        tcp = ports + numbers + struct.pack(">BBHHH", 0x50, flags, 1 << 14, 0, 0) + data
        hosts = [bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2])][:: 1 if side == 0 else -1]
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0) + b"".join(hosts)
        packet = bytes(12) + b"\x08\0" + ip + tcp
        file += struct.pack("<IIII", 0, 0, len(packet), len(packet)) + packet
        sent[side] += len(data) + (1 if flags & 2 else 0)
    return file


@pytest.mark.parametrize("size", [7, 1_400, 60_000])
def test_messages_in_a_capture(size: int) -> None:
    """An upgrade over HTTP and messages both ways in a TCP connection, as wsproto writes and reads them."""
    pytest.importorskip("wsproto", reason="wsproto is not installed")
    from wsproto import ConnectionType, WSConnection
    from wsproto.events import AcceptConnection, BytesMessage, CloseConnection, Ping, Request, TextMessage

    rng = random.Random(size)
    client, server = WSConnection(ConnectionType.CLIENT), WSConnection(ConnectionType.SERVER)
    parts: list[tuple[bool, bytes]] = []
    received: list[list[bytes]] = [[], []]

    def send(is_server: bool, event: Any) -> list[Any]:
        one, other = (server, client) if is_server else (client, server)
        data = one.send(event)
        parts.append((is_server, data))
        other.receive_data(data)
        return list(other.events())

    send(False, Request(host="example.com", target="/chat"))
    send(True, AcceptConnection())
    for index in range(24):
        is_server = index % 3 == 0
        lengths = [0, 20, 200, 3_000] if size < 100 else [0, 20, 126, 66_000]
        pieces = [rng.randbytes(rng.choice(lengths)) for _ in range(1 + index % 2)]
        whole = b""
        for number, piece in enumerate(pieces):
            last = number == len(pieces) - 1
            for event in send(is_server, BytesMessage(piece, message_finished=last)):
                whole += event.data
            if not last:
                send(is_server, Ping(b"between"))
        assert whole == b"".join(pieces)
        received[is_server].append(whole)
    for event in send(False, TextMessage("gr\u00fc\u00df dich")):
        received[0].append(event.data.encode())
    send(False, CloseConnection(code=1000))

    file = capture(parts, size)
    names = ["stream0:10.0.0.1:4242->10.0.0.2:80", "stream0:10.0.0.2:80->10.0.0.1:4242"]
    # A capture is `pcap` unless it is named.
    with formats.open(file, "websocket") as container:
        for side, prefix in enumerate(["client", "server"]):
            family = f"stream0/{prefix}/message[{{}}]" + (".masked" if side == 0 else "")
            payloads = [view.tobytes() for view in container.family(family)]
            if side == 0:
                headers = container.family("stream0/client/header")
                payloads = [unmask(data, header) for data, header in zip(payloads, headers, strict=True)]
            assert payloads == received[side]
    # One direction of the connection, opened by itself, is the same memory.
    connections = formats.open(file, "pcap")
    assert list(connections) == names
    for side, name in enumerate(names):
        inner = connections.open(name)
        assert inner.format == "websocket"
        views = list(inner.family("message[{}].masked" if side == 0 else "message"))
        payloads = [view.tobytes() for view in views]
        if side == 0:
            payloads = [unmask(*pair) for pair in zip(payloads, inner.family("header"), strict=True)]
        assert payloads == received[side]
        assert all(view.obj is file for view in views if len(view))


def unmask(payload: bytes, header: Any) -> bytes:
    """The payload of a masked message, frame by frame, by the keys in the frames' headers."""
    plain, at = bytearray(), 0
    raw = header.tobytes()
    while raw:
        size = {126: 4, 127: 10}.get(raw[1] & 127, 2)
        length = int.from_bytes(raw[2:size], "big") if size > 2 else raw[1] & 127
        key, raw = raw[size : size + 4], raw[size + 4 :]
        mask = int.from_bytes((key * (length // 4 + 1))[:length], "big")
        plain += (int.from_bytes(payload[at : at + length], "big") ^ mask).to_bytes(length, "big")
        at += length
    return bytes(plain)


# --- layered disks ---


@pytest.mark.parametrize("name", ["raw", "qcow2", "vmdk", "vdi", "vpc"])
@pytest.mark.parametrize("options", [[], ["extended_l2=on,cluster_size=128k"]], ids=["plain", "subclusters"])
def test_backing_file(tmp_path: Path, name: str, options: list[str]) -> None:
    """A disk over another one, which is longer or shorter, as QEMU writes it and reads it."""
    image = tool("qemu-img")
    rng = random.Random(9)
    base, over = tmp_path / "base", tmp_path / "over"
    raw = bytearray(6 << 20)
    for start in (0, 1 << 20, (3 << 20) + 512):
        raw[start : start + 200_000] = rng.randbytes(200_000)
    (tmp_path / "raw").write_bytes(raw)
    run(image, "convert", "-f", "raw", "-O", name, tmp_path / "raw", base)
    more = [option for given in options for option in ("-o", given)]
    run(image, "create", "-q", "-f", "qcow2", "-b", base, "-F", name, *more, over, "9M")
    (tmp_path / "part").write_bytes(rng.randbytes(70_000))
    commands = [f"write -s {tmp_path / 'part'} {at} 70000" for at in (4_096, 1_100_000, 6_200_000)]
    commands += ["write -z 2M 64k", "write -z 1310720 8k"]
    arguments = [argument for command in commands for argument in ("-c", command)]
    run(tool("qemu-io"), "-f", "qcow2", *arguments, over)
    run(image, "convert", "-f", "qcow2", "-O", "raw", over, tmp_path / "whole")
    expected = (tmp_path / "whole").read_bytes()
    with pytest.raises(fragview.FormatError, match="backing file"):
        formats.open(over)
    with formats.open(over, backing=base) as container:
        assert container["raw_disk"] == expected
    disk = formats.open(base)["raw_disk"] if name != "raw" else fragview.open(base)
    given = [disk, disk.tobytes()] if name == "raw" else [disk, formats.open(base)]
    for backing in given:
        with formats.open(over, "qcow2", backing=backing) as container:
            view = container["raw_disk"]
            assert view == expected
            assert {source for source, *_ in view.extents()} >= {0, 1}
    # A third layer, by the second one's container.
    top = tmp_path / "top"
    run(image, "create", "-q", "-f", "qcow2", "-b", over, "-F", "qcow2", top)
    run(tool("qemu-io"), "-f", "qcow2", "-c", f"write -s {tmp_path / 'part'} 123904 70000", top)
    run(image, "convert", "-f", "qcow2", "-O", "raw", top, tmp_path / "whole")
    with formats.open(top, backing=formats.open(over, backing=base)) as container:
        assert container["raw_disk"] == (tmp_path / "whole").read_bytes()
    with pytest.raises(ValueError, match="for QCOW2 images"):
        formats.open(top, "png", backing=base)
    if name == "qcow2":
        with pytest.raises(fragview.FormatError, match="the image has none"):
            formats.open(base, backing=b"")


def test_backing_of_the_magic(tmp_path: Path) -> None:
    """An image that does not name its backing file's format."""
    image = tool("qemu-img")
    (tmp_path / "raw").write_bytes(b"raw disk" * 8192)
    run(image, "create", "-q", "-f", "qcow2", tmp_path / "over", "1M")
    changed = bytearray((tmp_path / "over").read_bytes())
    place = json.loads(run(image, "info", "--output=json", tmp_path / "over"))["cluster-size"] - 8
    changed[place : place + 3] = b"raw"
    struct.pack_into(">QI", changed, 8, place, 3)
    (tmp_path / "over").write_bytes(changed)
    with formats.open(tmp_path / "over", backing=tmp_path / "raw") as container:
        assert container["raw_disk"][:16] == b"raw disk" * 2

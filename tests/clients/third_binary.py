"""Libraries that describe binary formats, or read programs and packets."""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Iterator
from typing import Any

from .client import Client, Names
from .phrases import VALUE
from .samples import exactly, noise, text


def program(n: int) -> bytes:
    """An ELF file: its header, and no sections."""
    return struct.pack(
        "<4sBBBB8xHHIQQQIHHHHHH", b"\x7fELF", 2, 1, 1, 0, 2, 62, 1, 0x400000, 0, 0, 0, 64, 56, 0, 64, 0, 0
    ) + bytes(64)


def windows_program(n: int) -> bytes:
    """A PE file without sections."""
    dos = b"MZ" + bytes(58) + struct.pack("<I", 64)
    head = b"PE\0\0" + struct.pack("<HHIIIHH", 0x8664, 0, 0, 0, 0, 240, 0x22)
    optional = struct.pack(
        "<HBBIIIIIQIIHHHHHHIIIIHHQQQQII",
        0x20B,
        14,
        0,
        *[0] * 5,
        1 << 22,
        4096,
        512,
        *[6, 0, 0, 0, 6, 0],
        0,
        8192,
        512,
        0,
        3,
        0,
        *[4096] * 4,
        0,
        16,
    )
    return (dos + head + optional).ljust(1024, b"\0")


def packet(n: int) -> bytes:
    """An Ethernet frame with IPv4 and UDP."""
    payload = text(n)[:1200]
    udp = struct.pack(">HHHH", 1000, 2000, 8 + len(payload), 0) + payload
    ip = struct.pack(
        ">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0, bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2])
    )
    return bytes(range(12)) + b"\x08\x00" + ip + udp


def capture(n: int) -> bytes:
    """A pcap file of one packet."""
    frame = packet(n)
    return (
        struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
        + struct.pack("<IIII", 1, 2, len(frame), len(frame))
        + frame
    )


def records(n: int) -> bytes:
    """A count of numbers, and the numbers."""
    return struct.pack("<H", 40) + noise(80)


@contextlib.contextmanager
def schema() -> Iterator[Names]:
    """The same record in the languages of several libraries."""
    from construct import Array, Int16ul, Struct, this
    from dissect.cstruct import cstruct
    from kaitaistruct import KaitaiStruct

    class Kaitai(KaitaiStruct):  # type: ignore[misc]
        def __init__(self, stream: Any) -> None:
            super().__init__(stream)
            self.items = [stream.read_u2le() for _ in range(stream.read_u2le())]

    types = cstruct("struct record { uint16 count; uint16 items[count]; };")
    yield {
        "layout": Struct("count" / Int16ul, "items" / Array(this.count, Int16ul)),
        "types": types,
        "Kaitai": Kaitai,
    }


SCHEMA: dict[str, Any] = {"given": schema, "data": records, "scales": False}


CLIENTS = (
    # Binary formats, described.
    Client(
        "construct",
        "list(layout.parse(x)['items'])",
        "=BBTT=",
        **SCHEMA,
        instead="list(layout.parse_stream(v.open())['items'])",
    ),
    Client(
        "construct",
        "list(layout.parse_stream(x)['items'])",
        "EEE=EE",
        takes="file",
        **SCHEMA,
        instead="list(layout.parse_stream(v.open())['items'])",
    ),
    Client(
        "construct",
        "construct.GreedyBytes.build(x)",
        "EEETEE",
        instead="construct.GreedyBytes.build(bytes(v))",
    ),
    Client(
        "kaitaistruct",
        "Kaitai.from_bytes(x).items",
        "=BBTT=",
        **SCHEMA,
        instead="Kaitai.from_io(v.open()).items",
    ),
    Client(
        "kaitaistruct",
        "Kaitai.from_io(x).items",
        "AAA=AA",
        takes="file",
        **SCHEMA,
        instead="Kaitai.from_io(v.open()).items",
    ),
    Client(
        "dissect.cstruct",
        "list(types.record(x).items)",
        "!!B=~=",
        **SCHEMA,
        instead="list(types.record(v.open()).items)",
        faults={"whole view": VALUE},
    ),
    Client(
        "dissect.cstruct",
        "list(types.record.read(x).items)",
        "TTB=T=",
        **SCHEMA,
        instead="list(types.record.read(v.open()).items)",
    ),
    Client(
        "dissect.cstruct", "int(types.uint16(x))", "VTB=T=", **SCHEMA, instead="int(types.uint16(v.open()))"
    ),
    Client(
        "dissect.cstruct",
        "list(types.uint16[3](x))",
        "!!B=~=",
        **SCHEMA,
        instead="list(types.uint16[3](v.open()))",
        faults={"whole view": VALUE},
    ),
    # Programs and packets.
    Client(
        "pyelftools",
        "ELFFile(x).header['e_entry']",
        "AAA=AA",
        imports="from elftools.elf.elffile import ELFFile",
        takes="file",
        data=program,
        scales=False,
        instead="ELFFile(v.open()).header['e_entry']",
    ),
    Client(
        "pefile",
        "pefile.PE(data=x).OPTIONAL_HEADER.ImageBase",
        "=BATTA",
        data=windows_program,
        scales=False,
        instead="pefile.PE(data=bytes(v)).OPTIONAL_HEADER.ImageBase",
    ),
    Client(
        "lief",
        "lief.parse(x).header.entrypoint",
        "AAA=AA",
        imports="import lief\nlief.logging.disable()",
        data=program,
        scales=False,
        instead="lief.parse(v.open()).header.entrypoint",
    ),
    Client(
        "capstone",
        "[i.mnemonic for i in capstone.Cs(3, 8).disasm(x, 0)]",
        "===TT=",
        data=exactly(b"\x55\x48\x8b\x05\xb8\x13\x00\x00\xc3" * 3),
        scales=False,
        instead="[i.mnemonic for i in capstone.Cs(3, 8).disasm(bytes(v), 0)]",
    ),
    Client(
        "yara-x",
        "[r.identifier for r in yara_x.compile('rule fox { strings: $a = \"lazy\" condition: $a }').scan(x).matching_rules]",
        "TTTTTT",
        scales=False,
        instead="[r.identifier for r in yara_x.compile('rule fox { strings: $a = \"lazy\" condition: $a }').scan(bytes(v)).matching_rules]",
    ),
    Client(
        "dpkt",
        "bytes(dpkt.ethernet.Ethernet(x).data.data.data)",
        "=BBTT=",
        imports="import dpkt",
        data=packet,
        scales=False,
        instead="bytes(dpkt.ethernet.Ethernet(bytes(v)).data.data.data)",
    ),
    Client(
        "dpkt",
        "[len(b) for _, b in dpkt.pcap.Reader(x)]",
        "AAA=AA",
        imports="import dpkt",
        takes="file",
        data=capture,
        scales=False,
        instead="[len(b) for _, b in dpkt.pcap.Reader(v.open())]",
    ),
    Client(
        "scapy",
        "bytes(Ether(x).payload.payload.payload)",
        "=B~TT~",
        imports="from scapy.layers.l2 import Ether\nfrom scapy.layers import inet",
        data=packet,
        scales=False,
        instead="bytes(Ether(bytes(v)).payload.payload.payload)",
    ),
    Client(
        "scapy",
        "[len(p) for p in PcapReader(x)]",
        "AAA=AA",
        imports="from scapy.utils import PcapReader\nfrom scapy.layers import l2",
        takes="file",
        data=capture,
        scales=False,
        instead="[len(p) for p in PcapReader(v.open())]",
    ),
)

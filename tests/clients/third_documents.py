"""Libraries of documents, pictures, sounds, programs and packets, and those that describe binary formats."""

from __future__ import annotations

import contextlib
import io
import struct
from collections.abc import Iterator
from typing import Any

from .client import Client, Names
from .samples import exactly, noise, text

XML = b"<a><b>" + text(500) + b"</b></a>"
HTML = b"<html><body><p>" + text(500) + b"</p></body></html>"


def markup(n: int) -> bytes:
    return b"<a><b>" + text(n) + b"</b></a>"


def page(n: int) -> bytes:
    return b"<html><body><p>" + text(n) + b"</p></body></html>"


def picture(n: int) -> bytes:
    """A PNG."""
    from PIL import Image

    out = io.BytesIO()
    Image.frombytes("L", (n // 10, 10), noise(n // 10 * 10)).save(out, "png")
    return out.getvalue()


def bitmap(n: int) -> bytes:
    """A TIFF."""
    from PIL import Image

    out = io.BytesIO()
    Image.frombytes("L", (n // 10, 10), noise(n // 10 * 10)).save(out, "tiff")
    return out.getvalue()


def pdf(n: int) -> bytes:
    import pikepdf

    out = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(out, static_id=True)
    return out.getvalue()


def workbook(n: int) -> bytes:
    import openpyxl

    out = io.BytesIO()
    book = openpyxl.Workbook()
    book.active["A1"] = "cell"
    book.save(out)
    return out.getvalue()


def compound(n: int) -> bytes:
    """An empty compound file: a header, an allocation table, a directory."""
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    head += struct.pack(
        "<HHHHH6xIIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0
    )
    head = (head + b"\xff" * 512)[:512]
    table = struct.pack("<II", 0xFFFFFFFD, 0xFFFFFFFE) + b"\xff" * 504
    name = "Root Entry".encode("utf-16-le")
    root = name.ljust(64, b"\0") + struct.pack("<HBBIII", len(name) + 2, 5, 1, *[0xFFFFFFFF] * 3)
    root = root.ljust(116, b"\0") + struct.pack("<II", 0xFFFFFFFE, 0)
    empty = bytes(64) + struct.pack("<HBBIII", 0, 0, 0, *[0xFFFFFFFF] * 3)
    return head + table + root.ljust(128, b"\0") + empty.ljust(128, b"\0") * 3


def dicom(n: int) -> bytes:
    import pydicom
    from pydicom.uid import ExplicitVRLittleEndian

    dataset = pydicom.Dataset()
    dataset.PatientName = "Fragment"
    dataset.SOPClassUID = dataset.SOPInstanceUID = "1.2.3"
    dataset.file_meta = pydicom.dataset.FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    out = io.BytesIO()
    pydicom.dcmwrite(out, dataset, enforce_file_format=True)
    return out.getvalue()


def sound(n: int) -> bytes:
    import numpy as np
    import soundfile

    out = io.BytesIO()
    soundfile.write(out, np.frombuffer(text(n // 2 * 2), "<i2"), 8000, format="FLAC")
    return out.getvalue()


def fits(n: int) -> bytes:
    import numpy as np
    from astropy.io import fits

    out = io.BytesIO()
    fits.PrimaryHDU(np.frombuffer(noise(n // 8 * 8), ">f4")).writeto(out)
    return out.getvalue()


def font(n: int) -> bytes:
    from fontTools.fontBuilder import FontBuilder
    from fontTools.ttLib.tables._g_l_y_f import Glyph

    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef"])
    builder.setupCharacterMap({})
    builder.setupGlyf({".notdef": Glyph()})
    builder.setupHorizontalMetrics({".notdef": (500, 0)})
    builder.setupHorizontalHeader()
    builder.setupNameTable({"familyName": "Fragments"})
    builder.setupOS2()
    builder.setupPost()
    out = io.BytesIO()
    builder.save(out)
    return out.getvalue()


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
PIL = "import io\nfrom PIL import Image, ImageFile"
VALUE = (
    "It reads from `bytes`, `bytearray`, `memoryview` and files. It takes anything else for the value itself."
)
CV = "import cv2\nimport numpy as np"

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
    # Documents.
    Client(
        "lxml",
        "etree.fromstring(x)[0].text",
        "=TTTT=",
        imports="from lxml import etree",
        data=markup,
        instead="etree.parse(v.open()).getroot()[0].text",
    ),
    Client(
        "lxml",
        "etree.parse(x).getroot()[0].text",
        "TTT=TT",
        imports="from lxml import etree",
        takes="file",
        data=markup,
        instead="etree.parse(v.open()).getroot()[0].text",
    ),
    Client(
        "lxml",
        "p = etree.XMLPullParser(); p.feed(x); [e.tag for _, e in p.read_events()]",
        "TTTTTT",
        imports="from lxml import etree",
        data=markup,
        instead="p = etree.XMLPullParser()\nfor part in v.fragments: p.feed(bytes(part))\n[e.tag for _, e in p.read_events()]",
    ),
    Client(
        "lxml",
        "html.fromstring(x).tag",
        "TTTTTT",
        imports="from lxml import html",
        data=page,
        instead="html.parse(v.open()).getroot().tag",
    ),
    Client(
        "beautifulsoup4",
        "BeautifulSoup(x, 'html.parser').p.text",
        "TTT=TT",
        imports="from bs4 import BeautifulSoup",
        data=page,
        scales=False,
        instead="BeautifulSoup(v.open(), 'html.parser').p.text",
    ),
    Client(
        "selectolax",
        "LexborHTMLParser(x).css_first('p').text()",
        "TTTTTT",
        imports="from selectolax.lexbor import LexborHTMLParser",
        data=page,
        instead="LexborHTMLParser(bytes(v)).css_first('p').text()",
    ),
    Client(
        "pypdf",
        "len(pypdf.PdfReader(x).pages)",
        "AAA=AA",
        takes="file",
        data=pdf,
        scales=False,
        instead="len(pypdf.PdfReader(v.open()).pages)",
    ),
    Client(
        "pikepdf",
        "len(pikepdf.open(x).pages)",
        "TTT=TT",
        takes="file",
        data=pdf,
        scales=False,
        instead="len(pikepdf.open(v.open()).pages)",
    ),
    Client(
        "openpyxl",
        "openpyxl.load_workbook(x).active['A1'].value",
        "TTT=TT",
        takes="file",
        data=workbook,
        scales=False,
        instead="openpyxl.load_workbook(v.open()).active['A1'].value",
    ),
    Client(
        "olefile",
        "olefile.isOleFile(x)",
        "TTT=TT",
        data=compound,
        scales=False,
        instead="olefile.isOleFile(v.open())",
    ),
    Client(
        "olefile",
        "olefile.OleFileIO(x).listdir()",
        "TTT=TT",
        data=compound,
        scales=False,
        instead="olefile.OleFileIO(v.open()).listdir()",
    ),
    Client(
        "fonttools",
        "TTFont(x).getGlyphOrder()",
        "TTT=TT",
        imports="from fontTools.ttLib import TTFont",
        takes="file",
        data=font,
        scales=False,
        instead="TTFont(v.open()).getGlyphOrder()",
    ),
    Client(
        "filetype",
        "filetype.guess(x).mime",
        "TT==T=",
        data=picture,
        scales=False,
        instead="filetype.guess(v.open()).mime",
    ),
    Client(
        "puremagic",
        "puremagic.from_string(x)",
        "===TE=",
        data=picture,
        scales=False,
        instead="puremagic.from_stream(v.open())",
    ),
    # Pictures and sounds.
    Client(
        "Pillow",
        "Image.open(x).tobytes()",
        "AAA=AA",
        imports=PIL,
        takes="file",
        data=picture,
        instead="Image.open(v.open()).tobytes()",
    ),
    Client(
        "Pillow",
        "Image.frombytes('L', (n // 10, 10), x).tobytes()",
        "=BBTT=",
        imports=PIL,
        data=lambda n: noise(n // 10 * 10),
        instead="Image.frombytes('L', (n // 10, 10), bytes(v)).tobytes()",
    ),
    Client(
        "Pillow",
        "Image.frombuffer('L', (n // 10, 10), x, 'raw', 'L', 0, 1).tobytes()",
        "=BBTT=",
        imports=PIL,
        data=lambda n: noise(n // 10 * 10),
        instead="Image.frombytes('L', (n // 10, 10), bytes(v)).tobytes()",
    ),
    Client(
        "Pillow",
        "p = ImageFile.Parser(); p.feed(x); p.close().tobytes()",
        "=BBTT=",
        imports=PIL,
        data=picture,
        scales=False,
        instead="Image.open(v.open()).tobytes()",
    ),
    Client(
        "tifffile",
        "tifffile.imread(x)",
        "TTT=TT",
        takes="file",
        data=bitmap,
        instead="tifffile.imread(v.open())",
    ),
    Client(
        "opencv-python-headless",
        "cv2.imdecode(np.frombuffer(x, np.uint8), 0)",
        "=BBTT=",
        imports=CV,
        data=picture,
        instead="cv2.imdecode(v.to_numpy(), 0)",
    ),
    Client(
        "pydicom",
        "str(pydicom.dcmread(x).PatientName)",
        "TTT=TT",
        takes="file",
        data=dicom,
        scales=False,
        instead="str(pydicom.dcmread(v.open()).PatientName)",
    ),
    Client(
        "astropy",
        "fits.open(x)[0].data.tobytes()",
        "EEE=EE",
        imports="from astropy.io import fits",
        takes="file",
        data=fits,
        instead="fits.open(v.open())[0].data.tobytes()",
    ),
    Client(
        "soundfile",
        "soundfile.read(x)[0]",
        "TTT=TT",
        takes="file",
        data=sound,
        scales=False,
        instead="soundfile.read(v.open())[0]",
    ),
    Client(
        "soundfile",
        "out = io.BytesIO(); f = soundfile.SoundFile(out, 'w', 8000, 1, 'PCM_16', format='WAV'); f.buffer_write(x, 'int16'); f.close(); out.getvalue()",
        "=BBTT=",
        data=lambda n: text(n // 2 * 2),
        instead="out = io.BytesIO(); f = soundfile.SoundFile(out, 'w', 8000, 1, 'PCM_16', format='WAV'); f.buffer_write(bytes(v), 'int16'); f.close(); out.getvalue()",
    ),
    Client(
        "mutagen",
        "mutagen.File(x).info.sample_rate",
        "VVV=VV",
        takes="file",
        data=sound,
        scales=False,
        instead="mutagen.File(v.open()).info.sample_rate",
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

"""Libraries of documents, pictures and sounds."""

from __future__ import annotations

import io
import struct

from .client import Client
from .samples import noise, text


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


PIL = "import io\nfrom PIL import Image, ImageFile"


CV = "import cv2\nimport numpy as np"


CLIENTS = (
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
)

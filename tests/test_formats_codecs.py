"""Codecs that attributes of streams name, against readers and writers that know them; families as tables."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest

from fragmented import needs_fragview

pytestmark = needs_fragview

fragview = pytest.importorskip("fragview")
formats = pytest.importorskip("fragview.formats")

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"


def codecs(source: Any, format: str | None = None) -> dict[str, str]:
    """The codec of each stream that has one."""
    container = formats.open(source, format)
    return {
        name: found["codec"]
        for name in container
        if (found := container.attributes(name)).keys() == {"codec"}
    }


def of_corpus(name: str) -> Path:
    """A file of the corpus."""
    path = CORPUS / name
    if not path.exists():
        pytest.skip(f"{name} is not there: the corpus lies next to the repository")
    return path


def chunks(*parts: tuple[bytes, bytes]) -> bytes:
    """A PNG of these chunks."""
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I4s", len(data), kind) + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )


def test_names() -> None:
    container = formats.open(b"\1\0\0\0a\1\0\0\0", "fortran")
    assert container.attributes("record[0]") == {}
    for name in ("record[1]", 7, None):
        with pytest.raises(KeyError):
            container.attributes(name)
    container.close()
    with pytest.raises(ValueError, match="closed"):
        container.attributes("record[0]")


def test_png() -> None:
    control = struct.pack(">IIIIIHHBB", 0, 1, 1, 0, 0, 1, 1, 0, 0)
    data = zlib.compress(b"\0\7")
    file = chunks(
        (b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)),
        (b"acTL", struct.pack(">II", 2, 0)),
        (b"fcTL", control),
        (b"IDAT", data[:3]),
        (b"IDAT", data[3:]),
        (b"fcTL", b"\0\0\0\1" + control[4:]),
        (b"fdAT", b"\0\0\0\2" + data),
        (b"tEXt", b"a\0b"),
        (b"IEND", b""),
    )
    assert codecs(file) == {"idat": "zlib", "frame0": "zlib", "frame1": "zlib"}
    container = formats.open(file)
    for name in ("idat", "frame0", "frame1"):
        assert zlib.decompress(container[name].tobytes()) == b"\0\7"


def test_zip() -> None:
    methods = {
        zipfile.ZIP_STORED: "",
        zipfile.ZIP_DEFLATED: "deflate",
        zipfile.ZIP_BZIP2: "bzip2",
        zipfile.ZIP_LZMA: "lzma",
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(9):
            method = [*methods][number % 4]
            archive.writestr(zipfile.ZipInfo(f"dir/{number}"), b"abc" * 50, method)
    container = formats.open(file.getvalue())
    found = [container.attributes(name).get("codec", "") for name in container]
    assert found == [methods[[*methods][number % 4]] for number in range(9)]
    for name in container:
        if container.attributes(name) == {"codec": "deflate"}:
            assert zlib.decompress(container[name].tobytes(), -15) == b"abc" * 50


@pytest.mark.parametrize("codec", ["NONE", "SNAPPY", "GZIP", "BROTLI", "ZSTD", "LZ4"])
@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_parquet(codec: str, version: str) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    file = io.BytesIO()
    table = pyarrow.table({"a": list(range(2000)), "b": ["x", "y"] * 1000})
    compression = {"a": codec, "b": "NONE"}
    parquet.write_table(table, file, compression=compression, row_group_size=700, data_page_version=version)
    metadata = parquet.read_metadata(io.BytesIO(file.getvalue()))
    # What is told of the file by its other reader; LZ4 is written as its raw blocks.
    names = [metadata.row_group(0).column(place).compression.lower() for place in range(2)]
    known = {"uncompressed": "", "lz4": "lz4_raw"}
    container = formats.open(file.getvalue())
    for name in container:
        wanted = known.get(names["ab".index(name[0])], names["ab".index(name[0])])
        assert container.attributes(name).get("codec", "") == wanted, name


@pytest.mark.parametrize("codec", [None, "packbits", "tiff_lzw", "tiff_adobe_deflate", "jpeg"])
def test_tiff(codec: str | None) -> None:
    image = pytest.importorskip("PIL.Image")
    file = io.BytesIO()
    pages = [image.new("L", (64, 200), shade) for shade in (1, 200)]
    pages[0].save(file, "TIFF", compression=codec, save_all=True, append_images=pages[1:])
    with image.open(io.BytesIO(file.getvalue())) as read:
        told = read.info["compression"]
    known = {"raw": "", "tiff_lzw": "lzw", "tiff_adobe_deflate": "zlib"}
    container = formats.open(file.getvalue())
    pixels = [name for name in container if name.startswith("page") and "." not in name]
    assert pixels == ["page0", "page1"]
    for name in container:
        if name in pixels or ".strip" in name:
            assert container.attributes(name).get("codec", "") == known.get(told, told), name
        else:
            assert container.attributes(name) == {}


def test_messages() -> None:
    body = zlib.compress(b"hello")
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nContent-Encoding: Deflate , br\r\n\r\n" % len(body)
    chunked = (
        b"HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\n"
        b"Transfer-Encoding: gzip, chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"
    )
    file = head + body + b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi" + chunked
    assert codecs(file) == {"response0/body": "deflate, br", "response2/body": "gzip"}
    long = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Encoding: " + b"a" * 70 + b", gzip\r\n\r\nx"
    assert codecs(long) == {"response0/body": "gzip"}
    warc = (
        b"WARC/1.1\r\nWARC-Type: response\r\nContent-Type: application/http;msgtype=response\r\n"
        b"Content-Length: %d\r\n\r\n" % (len(head) + len(body)) + head + body + b"\r\n\r\n"
    )
    assert codecs(warc) == {"record0/payload": "deflate, br"}


def test_media() -> None:
    gif = b"GIF89a\1\0\1\0\0\0\0\x2c\0\0\0\0\1\0\1\0\0\2\2\x44\1\0\x3b"
    assert codecs(gif) == {"image0.lzw": "lzw"}
    for name in ("mp4/iscc_8s.mp4", "matroska/iscc_8s.mkv", "flv/iscc_8s.flv"):
        path = of_corpus(name)
        found = codecs(path)
        container = formats.open(path)
        tracks = [stream for stream in container if stream.startswith("stream") and "." not in stream]
        assert tracks
        for track in tracks:
            assert found[track], (name, track)
            assert found.get(f"{track}.packet[0]", found[track]) == found[track]
    assert "avc1" in codecs(of_corpus("mp4/iscc_8s.mp4")).values()
    assert "V_MPEG4/ISO/AVC" in codecs(of_corpus("matroska/iscc_8s.mkv")).values()
    assert codecs(of_corpus("flv/iscc_8s.flv"))["stream1_video"] == "h263"


def test_dicom() -> None:
    path = of_corpus("dicom/emri_small_RLE.dcm")
    assert set(codecs(path).values()) == {"1.2.840.10008.1.2.5"}
    assert "pixel_data" in codecs(path)


def test_what_is_not_decoded() -> None:
    """Streams of a codec are its input; the others are data."""
    for name in ("woff/press-start-2p-latin-400-normal.woff", "bgzf/ex1.bam"):
        container = formats.open(of_corpus(name))
        count = 0
        for stream in container:
            codec = container.attributes(stream).get("codec")
            assert (codec is not None) == stream.endswith((".zlib", ".deflate"))
            if codec is not None:
                assert (
                    zlib.decompress(container[stream].tobytes(), 15 if codec == "zlib" else -15) is not None
                )
                count += 1
        assert count
    for name in ("avro/test-null.avro", "avro/java-generated-uuid.avro"):
        container = formats.open(of_corpus(name))
        told = container["meta/avro.codec"].tobytes().decode() if "meta/avro.codec" in container else "null"
        assert container.attributes("block[0]").get("codec", "null") == told


# --- families as tables ---


def log(lengths: list[int]) -> bytes:
    """A file of unformatted records."""
    return b"".join(
        struct.pack("<I", length) + bytes([index % 256]) * length + struct.pack("<I", length)
        for index, length in enumerate(lengths)
    )


SLICES = [
    slice(None),
    slice(1, 3),
    slice(None, None, -1),
    slice(5, 1, -2),
    slice(2, 2),
    slice(0, 0, -1),
    slice(1, 99, 3),
]


@pytest.mark.parametrize("cut", SLICES, ids=str)
@pytest.mark.parametrize("lengths", [[1] * 200, [index * 7919 % 83 for index in range(200)], [0, 3, 0], [5]])
def test_tables(lengths: list[int], cut: slice) -> None:
    file = log([1, *lengths])
    family = formats.open(file, "fortran").records
    views = family[cut]
    table = views.table()
    assert isinstance(table, fragview.RecordTable)
    assert len(table) == len(views) == len(range(len(lengths) + 1)[cut])
    assert table.lengths.tolist() == [len(view) for view in views]
    assert [view.tobytes() for view in table.views()] == [view.tobytes() for view in views]
    assert table.join().tobytes() == b"".join(view.tobytes() for view in views)
    assert [record.content.tobytes() for record in table] == [view.tobytes() for view in views]
    for index, view in enumerate(views):
        if len(view):
            assert table.offsets[index] == next(iter(view.extents()))[1]


def test_tables_to_arrow() -> None:
    pyarrow = pytest.importorskip("pyarrow")
    table = formats.open(log([3, 4]), "fortran").records.table()
    assert pyarrow.table(table)["_length"].to_pylist() == [3, 4]


def test_no_table() -> None:
    """A record in parts has no place in a table."""
    parts = (
        struct.pack("<i", -2)
        + b"ab"
        + struct.pack("<i", 2)
        + struct.pack("<i", 1)
        + b"c"
        + struct.pack("<i", -1)
    )
    family = formats.open(log([2]) + parts + log([1]), "fortran").records
    assert [view.tobytes() for view in family] == [b"\0\0", b"abc", b"\0"]
    with pytest.raises(ValueError, match="lies in several fragments"):
        family.table()
    with pytest.raises(ValueError, match="lies in several fragments"):
        family[1:].table()
    assert family[:1].table().lengths.tolist() == [2]
    assert family[::2].table().lengths.tolist() == [2, 1]

"""Libraries of checksums and compression."""

from __future__ import annotations

import gzip
import zlib

from .client import Client
from .phrases import fed, joined
from .samples import made, noise, text


def zlib_data(n: int) -> bytes:
    return zlib.compress(noise(n))


def gzip_data(n: int) -> bytes:
    return gzip.compress(noise(n))


def blosc_data(n: int) -> bytes:
    import blosc2

    return bytes(blosc2.compress2(noise(n)))


def seven_zip(n: int) -> bytes:
    """An archive with one member."""
    import io

    import py7zr

    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w") as archive:
        archive.writestr(text(n), "a")
    return out.getvalue()


CLIENTS = (
    # Checksums and digests.
    Client("xxhash", "xxhash.xxh64(x).digest()", "=BBTT=", instead=fed("xxhash.xxh64()")),
    Client(
        "xxhash", "h = xxhash.xxh3_128(); h.update(x); h.digest()", "=BBTT=", instead=fed("xxhash.xxh3_128()")
    ),
    Client("mmh3", "mmh3.hash(x)", "TTTTTT", instead="mmh3.hash(bytes(v))"),
    Client(
        "mmh3",
        "h = mmh3.mmh3_x64_128(); h.update(x); h.digest()",
        "=BBTT=",
        instead=fed("mmh3.mmh3_x64_128()"),
    ),
    Client("blake3", "blake3.blake3(x).digest()", "=BBTT=", instead=fed("blake3.blake3()")),
    Client(
        "google-crc32c",
        "google_crc32c.value(x)",
        "TTTTTT",
        instead="c = 0\nfor part in v.fragments: c = google_crc32c.extend(c, bytes(part))\nc",
    ),
    Client(
        "crc32c",
        "crc32c.crc32c(x)",
        "=BBTT=",
        instead="c = 0\nfor part in v.fragments: c = crc32c.crc32c(part, c)\nc",
    ),
    Client(
        "crcmod-plus",
        "crcmod.predefined.mkCrcFun('crc-32c')(x)",
        "=BBTT=",
        imports="import crcmod.predefined",
        instead="f = crcmod.predefined.mkCrcFun('crc-32c'); c = 0\nfor part in v.fragments: c = f(part, c)\nc",
    ),
    # Compression.
    Client(
        "lz4",
        "lz4.frame.decompress(lz4.frame.compress(x))",
        "=BBTT=",
        imports="import lz4.frame",
        instead="c = lz4.frame.LZ4FrameCompressor(); lz4.frame.decompress(c.begin() + b''.join(map(c.compress, v.fragments)) + c.flush())",
    ),
    Client(
        "lz4",
        "lz4.frame.decompress(x)",
        "=BBTT=",
        imports="import lz4.frame",
        data=made("lz4.frame", "compress"),
        instead=joined("lz4.frame.LZ4FrameDecompressor()"),
    ),
    Client(
        "lz4",
        "lz4.frame.open(x).read()",
        "TTT=TT",
        imports="import lz4.frame",
        takes="file",
        data=made("lz4.frame", "compress"),
        instead="lz4.frame.open(v.open()).read()",
    ),
    Client(
        "lz4",
        "lz4.block.decompress(lz4.block.compress(x))",
        "=BBTT=",
        imports="import lz4.block",
        instead="lz4.block.decompress(lz4.block.compress(bytes(v)))",
    ),
    Client(
        "zstandard",
        "zstandard.decompress(zstandard.compress(x))",
        "=BBTT=",
        instead="c = zstandard.ZstdCompressor().compressobj(); zstandard.ZstdDecompressor().decompressobj().decompress(b''.join(map(c.compress, v.fragments)) + c.flush())",
    ),
    Client(
        "zstandard",
        "zstandard.decompress(x)",
        "=BBTT=",
        data=made("zstandard", "compress"),
        instead=joined("zstandard.ZstdDecompressor().decompressobj()"),
    ),
    Client(
        "zstandard",
        "zstandard.ZstdDecompressor().stream_reader(x).read()",
        "=BB=T=",
        data=made("zstandard", "compress"),
        instead="zstandard.ZstdDecompressor().stream_reader(v.open()).read()",
    ),
    Client(
        "backports.zstd",
        "zstd.decompress(zstd.compress(x))",
        "=BBTT=",
        imports="from backports import zstd",
        instead="c = zstd.ZstdCompressor(); zstd.decompress(b''.join(map(c.compress, v.fragments)) + c.flush())",
    ),
    Client(
        "backports.zstd",
        "zstd.decompress(x)",
        "=BBTT=",
        imports="from backports import zstd",
        data=made("zstandard", "compress"),
        instead=joined("zstd.ZstdDecompressor()"),
    ),
    Client(
        "pyzstd",
        "pyzstd.decompress(x)",
        "=BBTT=",
        data=made("zstandard", "compress"),
        instead="pyzstd.ZstdFile(v.open()).read()",
    ),
    Client(
        "brotli",
        "brotli.decompress(brotli.compress(x, quality=1))",
        "=TTTT=",
        instead="c = brotli.Compressor(quality=1); brotli.decompress(b''.join(map(c.process, v.fragments)) + c.finish())",
    ),
    Client(
        "brotli",
        "brotli.decompress(x)",
        "=TTTT=",
        data=made("brotli", "compress"),
        scales=False,
        instead=joined("brotli.Decompressor()", "process"),
    ),
    Client(
        "cramjam",
        "bytes(cramjam.snappy.decompress(cramjam.snappy.compress(x)))",
        "=TTTT=",
        instead="bytes(cramjam.snappy.decompress(cramjam.snappy.compress(bytes(v))))",
    ),
    Client(
        "cramjam",
        "bytes(cramjam.gzip.decompress(x))",
        "=TTTT=",
        data=gzip_data,
        instead="bytes(cramjam.gzip.decompress(bytes(v)))",
    ),
    Client(
        "cramjam",
        "cramjam.gzip.decompress_into(data, x)",
        "=TTTT=",
        data=gzip_data,
        fills=True,
        scales=False,
        instead="with v.gather() as whole: cramjam.gzip.decompress_into(data, whole)\nNone",
    ),
    Client(
        "python-snappy",
        "snappy.decompress(bytes(snappy.compress(x)))",
        "=TTTT=",
        instead="snappy.decompress(bytes(snappy.compress(bytes(v))))",
    ),
    Client(
        "zlib-ng",
        "zlib_ng.crc32(x)",
        "=BBTT=",
        imports="from zlib_ng import zlib_ng",
        instead="c = 0\nfor part in v.fragments: c = zlib_ng.crc32(part, c)\nc",
    ),
    Client(
        "zlib-ng",
        "zlib_ng.decompress(x)",
        "=BBTT=",
        imports="from zlib_ng import zlib_ng",
        data=zlib_data,
        instead=joined("zlib_ng.decompressobj()"),
    ),
    Client(
        "isal",
        "isal_zlib.crc32(x)",
        "=BBTT=",
        imports="from isal import isal_zlib",
        instead="c = 0\nfor part in v.fragments: c = isal_zlib.crc32(part, c)\nc",
    ),
    Client(
        "isal",
        "isal_zlib.decompress(x)",
        "=BBTT=",
        imports="from isal import isal_zlib",
        data=zlib_data,
        instead=joined("isal_zlib.decompressobj()"),
    ),
    Client(
        "isal",
        "igzip.open(x).read()",
        "TTT=TT",
        imports="from isal import igzip",
        takes="file",
        data=gzip_data,
        instead="igzip.open(v.open()).read()",
    ),
    Client(
        "numcodecs",
        "numcodecs.Zstd().decode(numcodecs.Zstd().encode(x))",
        "=BBTT=",
        instead="numcodecs.Zstd().decode(numcodecs.Zstd().encode(bytes(v)))",
    ),
    Client(
        "numcodecs", "numcodecs.CRC32().encode(x)", "=BBTT=", instead="numcodecs.CRC32().encode(bytes(v))"
    ),
    Client(
        "blosc2",
        "blosc2.decompress(blosc2.compress(x))",
        "=BBTV=",
        instead="blosc2.decompress(blosc2.compress(bytes(v)))",
    ),
    Client(
        "blosc2", "blosc2.decompress2(x)", "=TTTT=", data=blosc_data, instead="blosc2.decompress2(bytes(v))"
    ),
    Client(
        "py7zr",
        "py7zr.SevenZipFile(x).namelist()",
        "TTT=TT",
        takes="file",
        data=seven_zip,
        scales=False,
        instead="py7zr.SevenZipFile(v.open()).namelist()",
    ),
)

"""Libraries of checksums, digests, compression, encodings and cryptography."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from typing import Any

from .client import Client
from .samples import exactly, noise, text


def fed(start: str, update: str = "h.update(part)", end: str = "h.digest()") -> str:
    """A call for each fragment."""
    return f"h = {start}\nfor part in v.fragments: {update}\n{end}"


def joined(start: str, method: str = "decompress") -> str:
    """A call for each fragment, whose results are joined."""
    return f"d = {start}; b''.join(map(d.{method}, v.fragments))"


def made(module: str, function: str) -> Callable[[int], bytes]:
    """What a function of a library makes of noise."""

    def make(n: int) -> bytes:
        import importlib

        value: Any = getattr(importlib.import_module(module), function)(noise(n))
        return bytes(value)

    return make


def zlib_data(n: int) -> bytes:
    return zlib.compress(noise(n))


def gzip_data(n: int) -> bytes:
    return gzip.compress(noise(n))


def blosc_data(n: int) -> bytes:
    import blosc2

    return bytes(blosc2.compress2(noise(n)))


AES = "from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes"
HASH = "from cryptography.hazmat.primitives import hashes"
CIPHER = "Cipher(algorithms.AES(bytes(16)), modes.CTR(bytes(16))).encryptor()"
KEY = noise(32)

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
        data=lambda n: gzip_data(n),
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
        data=lambda n: seven_zip(n),
        scales=False,
        instead="py7zr.SevenZipFile(v.open()).namelist()",
    ),
    # Encodings.
    Client("pybase64", "pybase64.b64encode(x)", "=BBTT=", instead="pybase64.b64encode(bytes(v))"),
    Client(
        "pybase64",
        "pybase64.b64decode(x)",
        "=BBTT=",
        data=made("base64", "b64encode"),
        instead="pybase64.b64decode(bytes(v))",
    ),
    Client(
        "charset-normalizer",
        "charset_normalizer.from_bytes(x).best().encoding",
        "TTTTTT",
        scales=False,
        instead="charset_normalizer.from_bytes(bytes(v)).best().encoding",
    ),
    Client(
        "charset-normalizer",
        "charset_normalizer.from_fp(x).best().encoding",
        "AAA=AA",
        takes="file",
        scales=False,
        instead="charset_normalizer.from_fp(v.open()).best().encoding",
    ),
    # Cryptography.
    Client(
        "cryptography",
        "h = hashes.Hash(hashes.SHA256()); h.update(x); h.finalize()",
        "=BBTT=",
        imports=HASH,
        instead=fed("hashes.Hash(hashes.SHA256())", end="h.finalize()"),
    ),
    Client(
        "cryptography",
        "c = Cipher(algorithms.AES(bytes(16)), modes.CTR(bytes(16))).encryptor(); c.update(x)",
        "=BBTT=",
        imports=AES,
        instead=joined(CIPHER, "update"),
    ),
    Client(
        "cryptography",
        "c = Cipher(algorithms.AES(bytes(16)), modes.CTR(bytes(16))).encryptor(); c.update_into(data, x)",
        "=BBTT=",
        imports=AES,
        fills=True,
        instead=f"with v.gather() as whole: {CIPHER}.update_into(data, whole)\nNone",
    ),
    Client(
        "cryptography",
        "AESGCM(bytes(16)).encrypt(bytes(12), x, b'')",
        "=BBTT=",
        imports="from cryptography.hazmat.primitives.ciphers.aead import AESGCM",
        instead="AESGCM(bytes(16)).encrypt(bytes(12), bytes(v), b'')",
    ),
    Client(
        "cryptography",
        "Ed25519PrivateKey.from_private_bytes(x).sign(b'message')",
        "=BBTT=",
        imports="from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey",
        data=exactly(KEY),
        scales=False,
        instead="Ed25519PrivateKey.from_private_bytes(bytes(v)).sign(b'message')",
    ),
    Client(
        "cryptography",
        "Ed25519PrivateKey.from_private_bytes(bytes(32)).sign(x)",
        "=BBTT=",
        imports="from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey",
        instead="Ed25519PrivateKey.from_private_bytes(bytes(32)).sign(bytes(v))",
    ),
    Client(
        "cryptography",
        "load_pem_x509_certificate(x).serial_number",
        "TTTTTT",
        imports="from cryptography.x509 import load_pem_x509_certificate",
        data=lambda n: certificate(),
        scales=False,
        instead="load_pem_x509_certificate(bytes(v)).serial_number",
    ),
    Client(
        "pycryptodome",
        "SHA256.new(x).digest()",
        "TTBTT=",
        imports="from Crypto.Hash import SHA256",
        instead=fed("SHA256.new()"),
    ),
    Client(
        "pycryptodome",
        "AES.new(bytes(16), AES.MODE_CTR, nonce=bytes(8)).encrypt(x)",
        "TTBTT=",
        imports="from Crypto.Cipher import AES",
        instead=joined("AES.new(bytes(16), AES.MODE_CTR, nonce=bytes(8))", "encrypt"),
    ),
    Client(
        "pycryptodome",
        "AES.new(bytes(16), AES.MODE_CTR, nonce=bytes(8)).encrypt(data, output=x)",
        "TTBTT=",
        imports="from Crypto.Cipher import AES",
        fills=True,
        instead="with v.gather() as whole: AES.new(bytes(16), AES.MODE_CTR, nonce=bytes(8)).encrypt(data, output=whole)\nNone",
    ),
    Client(
        "pycryptodome",
        "pad(x, 16)",
        "==TTTT",
        imports="from Crypto.Util.Padding import pad",
        instead="pad(bytes(v), 16)",
    ),
    Client(
        "pycryptodome",
        "strxor(x, data)",
        "TTBTV=",
        imports="from Crypto.Util.strxor import strxor",
        instead="strxor(bytes(v), data)",
    ),
    Client(
        "PyNaCl",
        "nacl.hash.sha256(x)",
        "TTTTTT",
        imports="import nacl.hash",
        instead="nacl.hash.sha256(bytes(v))",
    ),
    Client(
        "PyNaCl",
        "nacl.secret.SecretBox(bytes(32)).encrypt(x, bytes(24))",
        "TTTTTT",
        imports="import nacl.secret",
        instead="nacl.secret.SecretBox(bytes(32)).encrypt(bytes(v), bytes(24))",
    ),
    Client(
        "bcrypt",
        "bcrypt.hashpw(x, b'$2b$04$abcdefghijklmnopqrstuu')",
        "TTTTTT",
        data=lambda n: text(40),
        scales=False,
        instead="bcrypt.hashpw(bytes(v), b'$2b$04$abcdefghijklmnopqrstuu')",
    ),
    Client(
        "bcrypt",
        "bcrypt.kdf(b'password', x, 16, 1, True)",
        "TTTTTT",
        data=lambda n: text(40),
        scales=False,
        instead="bcrypt.kdf(b'password', bytes(v), 16, 1, True)",
    ),
    Client(
        "pyasn1",
        "int(decode(x)[0][1])",
        "EEE=EE",
        imports="from pyasn1.codec.der.decoder import decode",
        data=exactly(bytes.fromhex("3007020101020205d3")),
        scales=False,
        instead="int(decode(bytes(v))[0][1])",
    ),
    Client(
        "asn1crypto",
        "Sequence.load(x)[1].native",
        "TTTTTT",
        imports="from asn1crypto.core import Sequence",
        data=exactly(bytes.fromhex("3007020101020205d3")),
        scales=False,
        instead="Sequence.load(bytes(v))[1].native",
    ),
)


def seven_zip(n: int) -> bytes:
    """An archive with one member."""
    import io

    import py7zr

    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w") as archive:
        archive.writestr(text(n), "a")
    return out.getvalue()


def certificate() -> bytes:
    """A self-signed certificate, as PEM."""
    import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding

    key = Ed25519PrivateKey.from_private_bytes(KEY)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "fragview")])
    day = datetime.datetime(2026, 1, 1)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 7, day, day + datetime.timedelta(1))
    return builder.sign(key, None).public_bytes(Encoding.PEM)

"""The standard library: conversion, packing, compression, digests."""

from __future__ import annotations

import base64
import binascii
import bz2
import gzip
import json
import lzma
import marshal
import pickle
import plistlib
import quopri
import zlib

from .client import std
from .phrases import TOLD
from .samples import exactly, made_by, noise, text

CLIENTS = (
    # Converting.
    std("binascii.hexlify(x)", "=BBTT=", instead="v.hex().encode()"),
    std(
        "binascii.unhexlify(x)",
        "=TTTT=",
        data=made_by(binascii.hexlify),
        instead="binascii.unhexlify(bytes(v))",
    ),
    std(
        "bytes.fromhex(str(x, 'ascii'))",
        "=TTTT=",
        data=made_by(binascii.hexlify),
        instead="bytes.fromhex(v.tobytes().decode())",
    ),
    std("binascii.b2a_base64(x)", "=BBTT=", instead="binascii.b2a_base64(bytes(v))"),
    std(
        "binascii.a2b_base64(x)",
        "=TTTT=",
        data=made_by(binascii.b2a_base64),
        instead="binascii.a2b_base64(bytes(v))",
    ),
    std(
        "binascii.crc32(x)",
        "=BBTT=",
        instead="crc = 0\nfor part in v.fragments: crc = binascii.crc32(part, crc)\ncrc",
    ),
    std(
        "binascii.crc_hqx(x, 0)",
        "=BBTT=",
        instead="crc = 0\nfor part in v.fragments: crc = binascii.crc_hqx(part, crc)\ncrc",
    ),
    std("binascii.b2a_qp(x)", "=BBTT=", instead="binascii.b2a_qp(bytes(v))"),
    std("base64.b64encode(x)", "=BBTT=", instead="base64.b64encode(bytes(v))"),
    std(
        "base64.b64decode(x)",
        "===TT=",
        data=made_by(base64.b64encode),
        instead="base64.b64decode(bytes(v))",
        costs={"view": 9, "memoryview": 1},
    ),
    std("base64.urlsafe_b64encode(x)", "=BBTT=", instead="base64.urlsafe_b64encode(bytes(v))"),
    std("base64.b32encode(x)", "===TT=", scales=False, instead="base64.b32encode(bytes(v))"),
    std(
        "base64.b32decode(x)",
        "===TT=",
        scales=False,
        data=made_by(base64.b32encode),
        instead="base64.b32decode(bytes(v))",
    ),
    std("base64.b16encode(x)", "=BBTT=", scales=False, instead="base64.b16encode(bytes(v))"),
    std("base64.b85encode(x)", "===TT=", scales=False, instead="base64.b85encode(bytes(v))"),
    std(
        "base64.b85decode(x)",
        "===TT=",
        scales=False,
        data=made_by(base64.b85encode),
        instead="base64.b85decode(bytes(v))",
    ),
    std("base64.a85encode(x)", "===TT=", scales=False, instead="base64.a85encode(bytes(v))"),
    std("base64.encodebytes(x)", "=BBTT=", instead="base64.encodebytes(bytes(v))"),
    std(
        "out = io.BytesIO(); base64.encode(x, out); out.getvalue()",
        "AAA=AA",
        takes="file",
        instead="out = io.BytesIO(); base64.encode(v.open(), out); out.getvalue()",
    ),
    std(
        "quopri.decodestring(x)",
        "=TTTT=",
        data=made_by(quopri.encodestring),
        instead="quopri.decodestring(bytes(v))",
    ),
    std("codecs.decode(x, 'utf-8')", "=BBTT=", instead="codecs.decode(bytes(v), 'utf-8')"),
    std("codecs.encode(x, 'hex')", "=BBTT=", instead="codecs.encode(bytes(v), 'hex')"),
    std(
        "codecs.getincrementaldecoder('utf-8')().decode(x)",
        "=TTTT=",
        instead="d = codecs.getincrementaldecoder('utf-8')(); ''.join(map(d.decode, v.fragments))",
    ),
    std(
        "''.join(codecs.iterdecode(x, 'utf-8'))",
        "TTT==T",
        takes="list",
        instead="''.join(codecs.iterdecode(v.fragments, 'utf-8'))",
        costs={"open": 1},
    ),
    std(
        "codecs.getreader('utf-8')(x).read()",
        "AAA=AA",
        takes="file",
        instead="codecs.getreader('utf-8')(v.open()).read()",
        costs={"open": 1},
    ),
    # Packing.
    std(
        "struct.unpack('<5IH', x)",
        "=BBTT=",
        data=exactly(noise(22)),
        scales=False,
        instead="v.unpack_from('<5IH')",
    ),
    std("struct.unpack_from('<5IH', x, 3)", "=BBTT=", instead="v.unpack_from('<5IH', 3)"),
    std(
        "struct.Struct('<5IH').unpack_from(x, 3)", "=BBTT=", instead="v.unpack_from(struct.Struct('<5IH'), 3)"
    ),
    std(
        "list(struct.iter_unpack('<BH', x))",
        "=BBTT=",
        data=lambda n: noise(n // 3 * 3),
        instead="list(v.iter_unpack('<BH'))",
    ),
    std("struct.pack('10s', x)", "EEEEEE", instead="struct.pack('10s', bytes(v))"),
    std(
        "struct.pack_into('<5IH', x, 3, *range(6))",
        "=TTTT=",
        fills=True,
        instead="v.pack_into('<5IH', 3, *range(6))",
    ),
    std("array.array('B', x)", "===TT=", instead="array.array('B', bytes(v))"),
    std(
        "array.array('H', x)",
        "~~~TT~",
        data=lambda n: noise(n // 2 * 2),
        instead="array.array('H', bytes(v))",
    ),
    std(
        "a = array.array('H'); a.frombytes(x); a",
        "=BBTT=",
        data=lambda n: noise(n // 2 * 2),
        instead="a = array.array('H'); a.frombytes(bytes(v)); a",
    ),
    std(
        "a = array.array('H'); a.fromfile(x, n // 2); a",
        "AAA=AA",
        takes="file",
        data=lambda n: noise(n // 2 * 2),
        instead="a = array.array('H', bytes(v)); a",
        costs={"open": 1},
    ),
    std("a = array.array('B'); a.extend(x); a", "===TT="),
    std(
        "(ctypes.c_char * n).from_buffer_copy(x).raw",
        "=BBTT=",
        instead="(ctypes.c_char * n).from_buffer_copy(bytes(v)).raw",
    ),
    std(
        "(ctypes.c_char * n).from_buffer(x)[0:n]",
        "=TTTT=",
        fills=True,
        instead="with v.gather() as whole: (ctypes.c_char * n).from_buffer(whole)[0:n]\nNone",
    ),
    std("bytes((ctypes.c_ubyte * n)(*x))", "===TT=", scales=False),
    std("ctypes.create_string_buffer(x).raw", "TTTTTT", instead="ctypes.create_string_buffer(bytes(v)).raw"),
    std("pickle.loads(x)", "=BBTT=", data=made_by(pickle.dumps), instead="pickle.load(v.open())"),
    std(
        "pickle.load(x)", "TTT=TT", takes="file", data=made_by(pickle.dumps), instead="pickle.load(v.open())"
    ),
    std("pickle.loads(pickle.dumps(x))", "==T~TT"),
    std("marshal.loads(x)", "=BBTT=", data=made_by(marshal.dumps), instead="marshal.loads(bytes(v))"),
    std("marshal.loads(marshal.dumps(x))", "=VVVV=", instead="marshal.loads(marshal.dumps(bytes(v)))"),
    std("plistlib.loads(x)", "=BBTT=", data=made_by(plistlib.dumps), instead="plistlib.load(v.open())"),
    std(
        "plistlib.loads(plistlib.dumps({'a': x}))",
        "TTTTTT",
        instead="plistlib.loads(plistlib.dumps({'a': bytes(v)}))",
    ),
    std(
        "json.loads(x)",
        "TTTTTT",
        data=lambda n: json.dumps([text(n).decode()]).encode(),
        instead="json.load(v.open())",
    ),
    std(
        "json.load(x)",
        "AAA=AA",
        takes="file",
        data=lambda n: json.dumps([text(n).decode()]).encode(),
        instead="json.load(v.open())",
        costs={"open": 1},
    ),
    std(
        "tomllib.load(x)",
        "AAA=AA",
        takes="file",
        data=lambda n: b"a = '%b'\n" % noise(n).hex().encode(),
        instead="tomllib.load(v.open())",
        costs={"open": 1},
    ),
    std(
        "uuid.UUID(bytes=x)",
        "EEETVE",
        data=exactly(bytes(range(16))),
        scales=False,
        instead="uuid.UUID(bytes=bytes(v))",
    ),
    std(
        "ipaddress.ip_address(x)",
        "VVVVVV",
        data=exactly(bytes([127, 0, 0, 1])),
        scales=False,
        instead="ipaddress.ip_address(bytes(v))",
    ),
    std("random.Random(x).random()", "TTTTTT", instead="random.Random(bytes(v)).random()"),
    std(
        "urllib.parse.quote(x)",
        "TTTTTT",
        imports="import urllib.parse",
        instead="urllib.parse.quote(bytes(v))",
    ),
    std(
        "urllib.parse.quote_from_bytes(x)",
        "TTTTTT",
        imports="import urllib.parse",
        instead="urllib.parse.quote_from_bytes(bytes(v))",
    ),
    std(
        "urllib.parse.unquote_to_bytes(x)",
        "AAAAAA",
        imports="import urllib.parse",
        instead="urllib.parse.unquote_to_bytes(bytes(v))",
    ),
    std(
        "urllib.parse.urlencode({'a': x})",
        "!!~!!~",
        imports="import urllib.parse",
        instead="urllib.parse.urlencode({'a': bytes(v)})",
        faults={"whole view open fragments": TOLD},
    ),
    # Compressing.
    std(
        "zlib.crc32(x)",
        "=BBTT=",
        instead="crc = 0\nfor part in v.fragments: crc = zlib.crc32(part, crc)\ncrc",
    ),
    std(
        "zlib.adler32(x)",
        "=BBTT=",
        instead="sum = 1\nfor part in v.fragments: sum = zlib.adler32(part, sum)\nsum",
    ),
    std(
        "zlib.decompress(zlib.compress(x))",
        "=BBTT=",
        instead="c = zlib.compressobj(); zlib.decompress(b''.join(map(c.compress, v.fragments)) + c.flush())",
    ),
    std(
        "zlib.decompress(x)",
        "=BBTT=",
        data=made_by(zlib.compress),
        instead="d = zlib.decompressobj(); b''.join(map(d.decompress, v.fragments))",
    ),
    std(
        "zlib.compressobj(zdict=x).compress(data)",
        "=BBTT=",
        scales=False,
        instead="zlib.compressobj(zdict=bytes(v)).compress(data)",
    ),
    std(
        "zlib.decompressobj().decompress(x)",
        "=BBTT=",
        data=made_by(zlib.compress),
        instead="d = zlib.decompressobj(); b''.join(map(d.decompress, v.fragments))",
    ),
    std(
        "bz2.decompress(bz2.compress(x))",
        "=BBTT=",
        scales=False,
        instead="c = bz2.BZ2Compressor(); bz2.decompress(b''.join(map(c.compress, v.fragments)) + c.flush())",
    ),
    std(
        "bz2.decompress(x)",
        "=BBTT=",
        data=made_by(bz2.compress),
        scales=False,
        instead="d = bz2.BZ2Decompressor(); b''.join(map(d.decompress, v.fragments))",
    ),
    std(
        "bz2.BZ2File(x).read()",
        "TTT=TT",
        takes="file",
        data=made_by(bz2.compress),
        scales=False,
        instead="bz2.BZ2File(v.open()).read()",
    ),
    std(
        "lzma.decompress(lzma.compress(x))",
        "=BBTT=",
        scales=False,
        instead="c = lzma.LZMACompressor(); lzma.decompress(b''.join(map(c.compress, v.fragments)) + c.flush())",
    ),
    std(
        "lzma.decompress(x)",
        "=BBTT=",
        data=made_by(lzma.compress),
        scales=False,
        instead="d = lzma.LZMADecompressor(); b''.join(map(d.decompress, v.fragments))",
    ),
    std(
        "gzip.decompress(gzip.compress(x))",
        "=BBTT=",
        instead="out = io.BytesIO()\nwith gzip.open(out, 'wb') as file: v.write_to(file)\ngzip.decompress(out.getvalue())",
    ),
    std("gzip.decompress(x)", "=BBTT=", data=made_by(gzip.compress), instead="gzip.open(v.open()).read()"),
    std(
        "gzip.GzipFile(fileobj=x).read()",
        "AAA=AA",
        takes="file",
        data=made_by(gzip.compress),
        instead="gzip.open(v.open()).read()",
    ),
    std(
        "out = io.BytesIO(); f = gzip.GzipFile('', 'wb', 1, out, 0); f.write(x); f.close(); out.getvalue()",
        "=BBTT=",
        instead="out = io.BytesIO(); f = gzip.GzipFile('', 'wb', 1, out, 0); v.write_to(f); f.close(); out.getvalue()",
    ),
    # Digests.
    std("hashlib.sha256(x).digest()", "=BBTT=", instead="hashlib.file_digest(v.open(), 'sha256').digest()"),
    std(
        "h = hashlib.blake2b(); h.update(x); h.digest()",
        "=BBTT=",
        instead="h = hashlib.blake2b()\nfor part in v.fragments: h.update(part)\nh.digest()",
    ),
    std(
        "hashlib.file_digest(x, 'sha256').digest()",
        "VVV=VV",
        takes="file",
        instead="hashlib.file_digest(v.open(), 'sha256').digest()",
    ),
    std(
        "hashlib.pbkdf2_hmac('sha256', b'password', x, 1)",
        "=BBTT=",
        scales=False,
        instead="hashlib.pbkdf2_hmac('sha256', b'password', bytes(v), 1)",
    ),
    std(
        "hashlib.blake2b(key=x).digest()",
        "=BBTT=",
        data=exactly(noise(64)),
        scales=False,
        instead="hashlib.blake2b(key=bytes(v)).digest()",
    ),
    std(
        "hmac.digest(b'key', x, 'sha256')",
        "=BBTT=",
        instead="h = hmac.new(b'key', digestmod='sha256')\nfor part in v.fragments: h.update(part)\nh.digest()",
    ),
    std(
        "hmac.new(x, b'message', 'sha256').digest()",
        "TTTTTT",
        scales=False,
        instead="hmac.new(bytes(v), b'message', 'sha256').digest()",
    ),
    std("hmac.compare_digest(x, data)", "=BBTT=", instead="hmac.compare_digest(bytes(v), data)"),
)

"""Libraries of serialisation, text and patterns."""

from __future__ import annotations

import json
from typing import Any

from .client import Client
from .samples import noise, text


def jsoned(n: int) -> bytes:
    return json.dumps([text(n).decode()]).encode()


def yamled(n: int) -> bytes:
    return b"a: 1\nb: [2, 3]\n"


def packed(module: str, function: str = "dumps", binary: bool = True) -> Any:
    """A list of some bytes, serialised by a library."""

    def make(n: int) -> bytes:
        import importlib

        value: Any = getattr(importlib.import_module(module), function)(
            [noise(n) if binary else text(n).decode()]
        )
        return bytes(value)

    return make


def bson(n: int) -> bytes:
    import bson

    return bytes(bson.encode({"a": noise(n)}))


def proto(n: int) -> bytes:
    from google.protobuf.wrappers_pb2 import BytesValue

    return BytesValue(value=noise(n)).SerializeToString()


CLIENTS = (
    # Serialisation.
    Client(
        "msgpack",
        "msgpack.unpackb(x)",
        "===TT=",
        data=packed("msgpack"),
        instead="msgpack.unpackb(bytes(v))",
        costs={"view": 9, "memoryview": 1},
    ),
    Client(
        "msgpack",
        "u = msgpack.Unpacker(); u.feed(x); u.unpack()",
        "===TT=",
        data=packed("msgpack"),
        instead="u = msgpack.Unpacker()\nfor part in v.fragments: u.feed(part)\nu.unpack()",
        costs={"view": 7, "memoryview": 1},
    ),
    Client(
        "msgpack",
        "msgpack.Unpacker(x).unpack()",
        "AAA=AA",
        takes="file",
        data=packed("msgpack"),
        instead="msgpack.Unpacker(v.open()).unpack()",
    ),
    Client(
        "msgpack",
        "msgpack.unpackb(msgpack.packb([x]))",
        "TTBTT=",
        instead="msgpack.unpackb(msgpack.packb([bytes(v)]))",
    ),
    Client(
        "ormsgpack",
        "ormsgpack.unpackb(x)",
        "VVVVV=",
        data=packed("ormsgpack", "packb"),
        instead="ormsgpack.unpackb(bytes(v))",
    ),
    Client(
        "ormsgpack",
        "ormsgpack.unpackb(ormsgpack.packb([x]))",
        "TTTTT=",
        instead="ormsgpack.unpackb(ormsgpack.packb([bytes(v)]))",
    ),
    Client(
        "msgspec",
        "msgspec.msgpack.decode(x)",
        "=BBTT=",
        imports="import msgspec.msgpack",
        data=packed("msgpack"),
        instead="msgspec.msgpack.decode(bytes(v))",
    ),
    Client(
        "msgspec",
        "msgspec.json.decode(x)",
        "=BBTT=",
        imports="import msgspec.json",
        data=jsoned,
        instead="msgspec.json.decode(bytes(v))",
    ),
    Client(
        "msgspec",
        "msgspec.msgpack.decode(msgspec.msgpack.encode([x]))",
        "TTBTT=",
        imports="import msgspec.msgpack",
        instead="msgspec.msgpack.decode(msgspec.msgpack.encode([bytes(v)]))",
    ),
    Client(
        "cbor2",
        "cbor2.loads(x)",
        "===TT=",
        data=packed("cbor2"),
        instead="cbor2.load(v.open())",
        costs={"view": 9, "memoryview": 1},
    ),
    Client(
        "cbor2", "cbor2.load(x)", "VVV=VV", takes="file", data=packed("cbor2"), instead="cbor2.load(v.open())"
    ),
    Client(
        "cbor2",
        "cbor2.loads(cbor2.dumps([x]))",
        "~~~E~~",
        scales=False,
        instead="cbor2.loads(cbor2.dumps([bytes(v)]))",
    ),
    Client("pymongo", "bson.decode(x)", "=BBTT=", data=bson, instead="bson.decode(bytes(v))"),
    Client(
        "pymongo",
        "bson.decode(bson.encode({'a': x}))",
        "EEEEEE",
        instead="bson.decode(bson.encode({'a': bytes(v)}))",
    ),
    Client(
        "pymongo",
        "list(bson.decode_file_iter(x))",
        "AAA=AA",
        takes="file",
        data=bson,
        instead="list(bson.decode_file_iter(v.open()))",
    ),
    Client(
        "protobuf",
        "BytesValue.FromString(x).value",
        "TT=TT=",
        imports="from google.protobuf.wrappers_pb2 import BytesValue",
        data=proto,
        instead="BytesValue.FromString(bytes(v)).value",
    ),
    Client(
        "protobuf",
        "BytesValue(value=x).value",
        "TTTTTT",
        imports="from google.protobuf.wrappers_pb2 import BytesValue",
        instead="BytesValue(value=bytes(v)).value",
    ),
    Client(
        "flatbuffers",
        "flatbuffers.encode.Get(flatbuffers.packer.uint32, x, 5)",
        "=BBTT=",
        imports="import flatbuffers",
        instead="v.unpack_from('<I', 5)[0]",
    ),
    Client(
        "flatbuffers",
        "b = flatbuffers.Builder(); b.Finish(b.CreateByteVector(x)); bytes(b.Output())",
        "TTTTTT",
        imports="import flatbuffers",
        instead="b = flatbuffers.Builder(); b.Finish(b.CreateByteVector(bytes(v))); bytes(b.Output())",
    ),
    Client("orjson", "orjson.loads(x)", "EEEEE=", data=jsoned, instead="orjson.loads(bytes(v))"),
    Client("ujson", "ujson.loads(x)", "TTTTTT", data=jsoned, instead="ujson.loads(bytes(v))"),
    Client(
        "python-rapidjson", "rapidjson.loads(x)", "TTTTTT", data=jsoned, instead="rapidjson.load(v.open())"
    ),
    Client("simplejson", "simplejson.loads(x)", "TTTTTT", data=jsoned, instead="simplejson.load(v.open())"),
    Client(
        "pysimdjson",
        "simdjson.Parser().parse(x).as_list()",
        "=BBTT=",
        data=jsoned,
        instead="simdjson.Parser().parse(bytes(v)).as_list()",
    ),
    Client(
        "ijson",
        "list(ijson.items(x, 'item'))",
        "TTT=VT",
        data=jsoned,
        instead="list(ijson.items(v.open(), 'item'))",
    ),
    Client(
        "pydantic",
        "pydantic.TypeAdapter(list).validate_json(x)",
        "EEEEEE",
        data=jsoned,
        instead="pydantic.TypeAdapter(list).validate_json(bytes(v))",
    ),
    Client(
        "pydantic",
        "pydantic.TypeAdapter(bytes).validate_python(x)",
        "EEEEEE",
        instead="pydantic.TypeAdapter(bytes).validate_python(bytes(v))",
    ),
    Client(
        "pydantic",
        "pydantic.TypeAdapter(list[int]).validate_python(x)",
        "===EE=",
        takes="memoryview",
        scales=False,
        instead="pydantic.TypeAdapter(list[int]).validate_python(v.tolist())",
    ),
    Client(
        "PyYAML", "yaml.safe_load(x)", "AAA=AA", data=yamled, scales=False, instead="yaml.safe_load(v.open())"
    ),
    Client(
        "PyYAML",
        "yaml.safe_load(yaml.safe_dump(x))",
        "EEEEEE",
        scales=False,
        instead="yaml.safe_load(yaml.safe_dump(bytes(v)))",
    ),
    # Text and patterns.
    Client(
        "regex",
        "regex.search(rb'l.zy', x).span()",
        "=BBTT=",
        instead="fragview.re.search(rb'l.zy', v).span()",
    ),
    Client(
        "regex",
        "regex.findall(rb'[a-z]+', x)",
        "=BBTT=",
        scales=False,
        instead="fragview.re.findall(rb'[a-z]+', v)",
    ),
    Client(
        "pyahocorasick",
        "a = ahocorasick.Automaton(); a.add_word('lazy', 1); a.make_automaton(); list(a.iter(str(x, 'ascii')))",
        "=TTTT=",
        scales=False,
        instead="a = ahocorasick.Automaton(); a.add_word('lazy', 1); a.make_automaton(); list(a.iter(v.tobytes().decode('ascii')))",
    ),
    Client(
        "rapidfuzz",
        "rapidfuzz.fuzz.ratio(x, b'the lazy dog')",
        "===T~=",
        imports="import rapidfuzz.fuzz",
        scales=False,
        instead="rapidfuzz.fuzz.ratio(bytes(v), b'the lazy dog')",
    ),
    Client(
        "rapidfuzz",
        "rapidfuzz.distance.Levenshtein.distance(x, b'the lazy dog')",
        "===T~=",
        imports="import rapidfuzz.distance",
        scales=False,
    ),
)

"""Libraries of arrays, tables, serialisation and text."""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .client import Client, Names
from .samples import noise, text

NP = "import numpy as np"
PA = "import pyarrow as pa"
PL = "import polars as pl"
OBJECT = "It keeps what is no list as one object."
SUBOFFSETS = (
    "It asks for any kind of buffer, ignores PEP 3118's suboffsets, and takes the table of pointers for the bytes: "
    "wrong data, and addresses of this process."
)
PD = "import io\nimport pandas as pd"


def evens(n: int) -> bytes:
    return noise(n // 8 * 8)


def csv(n: int) -> bytes:
    """Two columns of numbers."""
    rows = b"".join(b"%d,%d\n" % (i, i * i) for i in range(n // 10))
    return b"a,b\n" + rows


def jsoned(n: int) -> bytes:
    return json.dumps([text(n).decode()]).encode()


def lines(n: int) -> bytes:
    return b'{"a": 1, "b": "two"}\n' * (n // 21 + 1)


def yamled(n: int) -> bytes:
    return b"a: 1\nb: [2, 3]\n" * 1


def table_of(n: int) -> Any:
    import pyarrow as pa

    return pa.table({"a": list(range(n // 8))})


def arrow_stream(n: int) -> bytes:
    import pyarrow as pa

    out = io.BytesIO()
    table = table_of(n)
    with pa.ipc.new_stream(out, table.schema) as writer:
        writer.write_table(table)
    return out.getvalue()


def arrow_file(n: int) -> bytes:
    import pyarrow as pa

    out = io.BytesIO()
    table = table_of(n)
    with pa.ipc.new_file(out, table.schema) as writer:
        writer.write_table(table)
    return out.getvalue()


def parquet(n: int) -> bytes:
    import pyarrow.parquet as pq

    out = io.BytesIO()
    pq.write_table(table_of(n), out)
    return out.getvalue()


def npy(n: int) -> bytes:
    import numpy as np

    out = io.BytesIO()
    np.save(out, np.frombuffer(noise(n), np.uint8))
    return out.getvalue()


def hdf(n: int) -> bytes:
    import h5py
    import numpy as np

    out = io.BytesIO()
    with h5py.File(out, "w") as file:
        file["a"] = np.frombuffer(noise(n), np.uint8)
    return out.getvalue()


def avro(n: int) -> bytes:
    import fastavro

    out = io.BytesIO()
    schema = {"type": "record", "name": "r", "fields": [{"name": "a", "type": "bytes"}]}
    fastavro.writer(out, schema, [{"a": noise(n)}])
    return out.getvalue()


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


def tensors(n: int) -> bytes:
    import numpy as np
    from safetensors.numpy import save

    return save({"a": np.frombuffer(noise(n), np.uint8)})


def bitmap(n: int) -> bytes:
    import pyroaring

    return bytes(pyroaring.BitMap(range(0, n, 3)).serialize())


def shape(n: int) -> bytes:
    import shapely

    return bytes(shapely.to_wkb(shapely.Point(1, 2)))


def proto(n: int) -> bytes:
    from google.protobuf.wrappers_pb2 import BytesValue

    return BytesValue(value=noise(n)).SerializeToString()


@contextlib.contextmanager
def a_folder() -> Iterator[Names]:
    """`folder`, an empty one."""
    with tempfile.TemporaryDirectory() as folder:
        yield {"folder": Path(folder)}


CLIENTS = (
    # Arrays.
    Client("numpy", "np.frombuffer(x, np.uint8)", "=BBTT=", imports=NP, instead="v.to_numpy()"),
    Client(
        "numpy",
        "np.frombuffer(x, '<u4')",
        "=BBTT=",
        imports=NP,
        data=evens,
        instead="v.cast('<I').to_numpy()",
    ),
    Client("numpy", "np.asarray(x)", "=BB~V=", imports=NP, takes="memoryview", instead="v.to_numpy()"),
    Client(
        "numpy",
        "np.array(x, copy=True)",
        "=BB~V=",
        imports=NP,
        takes="memoryview",
        instead="v.to_numpy(copy=True)",
    ),
    Client("numpy", "np.sum(x)", "=BB~V=", imports=NP, takes="memoryview", instead="np.sum(v.to_numpy())"),
    Client("numpy", "np.load(x)", "TTT=TT", imports=NP, takes="file", data=npy, instead="np.load(v.open())"),
    Client(
        "numpy",
        "a = np.zeros(n, np.uint8); a[:] = x; a",
        "=BBTV=",
        imports=NP,
        takes="memoryview",
        instead="a = np.zeros(n, np.uint8); FragView(a)[:] = v; a",
    ),
    Client(
        "numpy",
        "np.array_equal(x, np.frombuffer(data, np.uint8))",
        "=!!~~=",
        imports=NP,
        takes="memoryview",
        instead="v == np.frombuffer(data, np.uint8)",
        faults={"view memoryview": "It takes every refusal of a buffer for `not equal`."},
    ),
    Client(
        "numpy",
        "a = np.frombuffer(x, np.uint8); a += 1; int(a[0])",
        "=BBTT=",
        imports=NP,
        fills=True,
        scales=False,
        instead="with v.gather() as whole: a = np.frombuffer(whole, np.uint8); a += 1; del a\nNone",
    ),
    Client(
        "numcodecs",
        "numcodecs.compat.ensure_ndarray(x)",
        "=BBTT=",
        imports="import numcodecs.compat",
        takes="memoryview",
        instead="v.to_numpy()",
    ),
    Client(
        "bitarray",
        "bitarray.bitarray(x).tobytes()",
        "VVVTTV",
        scales=False,
        instead="b = bitarray.bitarray()\nfor part in v.fragments: b.frombytes(part)\nb.tobytes()",
    ),
    Client(
        "bitarray",
        "b = bitarray.bitarray(); b.frombytes(x); b.tobytes()",
        "=BBTT=",
        instead="b = bitarray.bitarray()\nfor part in v.fragments: b.frombytes(part)\nb.tobytes()",
    ),
    Client(
        "bitarray",
        "bitarray.bitarray(buffer=x).count()",
        "=BBTT=",
        instead="sum(bitarray.bitarray(buffer=part).count() for part in v.fragments)",
    ),
    Client(
        "bitarray",
        "b = bitarray.bitarray(); b.fromfile(x); b.tobytes()",
        "AAA=AA",
        takes="file",
        instead="b = bitarray.bitarray(); b.fromfile(v.open()); b.tobytes()",
    ),
    Client(
        "bitstring",
        "bitstring.Bits(x).tobytes()",
        "TT=TT=",
        scales=False,
        instead="bitstring.Bits(bytes(v)).tobytes()",
    ),
    Client(
        "bitstring",
        "bitstring.Bits.from_bytes(x).tobytes()",
        "TT=TT=",
        scales=False,
        instead="bitstring.Bits.from_bytes(bytes(v)).tobytes()",
    ),
    Client(
        "pyroaring",
        "len(pyroaring.BitMap.deserialize(x))",
        "=BBTT=",
        data=bitmap,
        instead="len(pyroaring.BitMap.deserialize(bytes(v)))",
    ),
    Client(
        "h5py",
        "h5py.File(x)['a'][:]",
        "TTT=TT",
        takes="file",
        data=hdf,
        instead="h5py.File(v.open())['a'][:]",
    ),
    Client(
        "zarr",
        "a = zarr.create_array(store={}, shape=n, dtype='u1'); a[:] = np.frombuffer(x, 'u1'); a[:]",
        "=BBTT=",
        imports=NP,
        scales=False,
        instead="a = zarr.create_array(store={}, shape=n, dtype='u1'); a[:] = v.to_numpy(); a[:]",
    ),
    Client(
        "safetensors",
        "load(x)",
        "TTTTTT",
        imports="from safetensors.numpy import load",
        data=tensors,
        instead="load(bytes(v))",
    ),
    Client(
        "cffi",
        "f = cffi.FFI(); bytes(f.buffer(f.from_buffer(x)))",
        "=BBTT=",
        instead="f = cffi.FFI(); b''.join(bytes(f.buffer(f.from_buffer(part))) for part in v.fragments)",
    ),
    Client(
        "cffi",
        "cffi.FFI().memmove(cffi.FFI().from_buffer(x), b'abc', 3)",
        "=BBTT=",
        fills=True,
        instead="v[:3] = b'abc'\nNone",
    ),
    Client(
        "cffi",
        "f = cffi.FFI(); bytes(f.buffer(f.new('char[]', x)))",
        "TTTTTT",
        instead="f = cffi.FFI(); bytes(f.buffer(f.new('char[]', bytes(v))))",
    ),
    # Tables.
    Client(
        "pyarrow",
        "pa.py_buffer(x).to_pybytes()",
        "=BBTT=",
        imports=PA,
        instead="b''.join(map(bytes, map(pa.py_buffer, v.fragments)))",
    ),
    Client(
        "pyarrow",
        "pa.array(x).to_pylist()",
        "===~~=",
        imports=PA,
        scales=False,
        instead="pa.array(v.to_numpy()).to_pylist()",
    ),
    Client(
        "pyarrow",
        "pa.scalar(x).as_py()",
        "EE=EE=",
        imports=PA,
        instead="pa.scalar(bytes(v)).as_py()",
        costs={"memoryview": 1},
    ),
    Client(
        "pyarrow",
        "pa.array([x], pa.binary())[0].as_py()",
        "EE=EE=",
        imports=PA,
        instead="pa.array([bytes(v)], pa.binary())[0].as_py()",
        costs={"memoryview": 1},
    ),
    Client(
        "pyarrow", "pa.BufferReader(x).read()", "=BBTT=", imports=PA, instead="pa.PythonFile(v.open()).read()"
    ),
    Client(
        "pyarrow",
        "pa.ipc.open_stream(x).read_all().num_rows",
        "=BB=T=",
        imports=PA,
        data=arrow_stream,
        instead="pa.ipc.open_stream(v.open()).read_all().num_rows",
        costs={"open": 1},
    ),
    Client(
        "pyarrow",
        "pq.read_table(x).num_rows",
        "TTT=TT",
        imports="import pyarrow.parquet as pq",
        takes="file",
        data=parquet,
        scales=False,
        instead="pq.read_table(v.open()).num_rows",
    ),
    Client(
        "pyarrow",
        "pacsv.read_csv(x).num_rows",
        "TTT=TT",
        imports="import pyarrow.csv as pacsv",
        takes="file",
        data=csv,
        scales=False,
        instead="pacsv.read_csv(v.open()).num_rows",
    ),
    Client(
        "pyarrow",
        "pa.compress(x, 'lz4', True)",
        "=BBTT=",
        imports=PA,
        instead="pa.compress(bytes(v), 'lz4', True)",
    ),
    Client(
        "arro3-core",
        "bytes(arro3.core.Buffer(x))",
        "=!!VV=",
        imports="import arro3.core",
        instead="bytes(arro3.core.Buffer(bytes(v)))",
        faults={"view memoryview": SUBOFFSETS},
    ),
    Client(
        "nanoarrow", "bytes(nanoarrow.c_buffer(x))", "=BBVV=", instead="bytes(nanoarrow.c_buffer(bytes(v)))"
    ),
    Client(
        "polars",
        "pl.Series([x]).to_list()",
        "===~!=",
        imports=PL,
        scales=False,
        instead="pl.Series([bytes(v)]).to_list()",
        faults={"fragments": OBJECT},
    ),
    Client(
        "polars",
        "pl.read_csv(x).shape",
        "TTT=TT",
        imports=PL,
        data=csv,
        scales=False,
        instead="pl.read_csv(v.open()).shape",
    ),
    Client(
        "polars",
        "pl.read_ipc(x).shape",
        "TTT=TT",
        imports=PL,
        data=arrow_file,
        scales=False,
        instead="pl.read_ipc(v.open()).shape",
    ),
    Client(
        "polars",
        "pl.read_parquet(x).shape",
        "TTT=TT",
        imports=PL,
        data=parquet,
        scales=False,
        instead="pl.read_parquet(v.open()).shape",
    ),
    Client(
        "pandas",
        "pd.read_csv(x).shape",
        "VVV=VV",
        imports=PD,
        takes="file",
        data=csv,
        scales=False,
        instead="pd.read_csv(v.open()).shape",
    ),
    Client(
        "pandas",
        "pd.Series(x).tolist()",
        "=B=~~=",
        imports=PD,
        takes="memoryview",
        scales=False,
        instead="pd.Series(v.to_numpy()).tolist()",
    ),
    Client(
        "pandas",
        "pd.DataFrame({'a': [x]})['a'][0]",
        "===~!=",
        imports=PD,
        scales=False,
        faults={"fragments": OBJECT},
    ),
    Client(
        "duckdb",
        "duckdb.execute('select $1::blob', [x]).fetchone()",
        "EEBEE=",
        scales=False,
        instead="duckdb.execute('select $1::blob', [bytes(v)]).fetchone()",
    ),
    Client(
        "fastavro",
        "list(fastavro.reader(x))",
        "AAA=AA",
        takes="file",
        data=avro,
        instead="list(fastavro.reader(v.open()))",
    ),
    Client(
        "shapely",
        "shapely.from_wkb(x).wkt",
        "TBBTTT",
        data=shape,
        scales=False,
        instead="shapely.from_wkb(bytes(v)).wkt",
    ),
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

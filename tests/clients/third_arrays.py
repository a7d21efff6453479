"""Libraries of arrays."""

from __future__ import annotations

import io

from .client import Client
from .samples import noise

NP = "import numpy as np"


def evens(n: int) -> bytes:
    return noise(n // 8 * 8)


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


def tensors(n: int) -> bytes:
    import numpy as np
    from safetensors.numpy import save

    return save({"a": np.frombuffer(noise(n), np.uint8)})


def bitmap(n: int) -> bytes:
    import pyroaring

    return bytes(pyroaring.BitMap(range(0, n, 3)).serialize())


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
)

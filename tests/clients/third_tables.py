"""Libraries of tables."""

from __future__ import annotations

import io
from typing import Any

from .client import Client
from .phrases import OBJECT, SUBOFFSETS
from .samples import noise

PA = "import pyarrow as pa"


PL = "import polars as pl"


PD = "import io\nimport pandas as pd"


def csv(n: int) -> bytes:
    """Two columns of numbers."""
    rows = b"".join(b"%d,%d\n" % (i, i * i) for i in range(n // 10))
    return b"a,b\n" + rows


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


def avro(n: int) -> bytes:
    import fastavro

    out = io.BytesIO()
    schema = {"type": "record", "name": "r", "fields": [{"name": "a", "type": "bytes"}]}
    fastavro.writer(out, schema, [{"a": noise(n)}])
    return out.getvalue()


def shape(n: int) -> bytes:
    import shapely

    return bytes(shapely.to_wkb(shapely.Point(1, 2)))


CLIENTS = (
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
)

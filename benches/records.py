"""Scanning records against the loop that users write, and the opening of a large file."""

from __future__ import annotations

import mmap
import os
import resource
import struct
import tempfile
import timeit
from array import array

from benches.timing import CLOCK, Bench, ratio_row
from fragview import RecordLayout, formats

# What users write: fields and content of each record.
LOOP = """
at, records = 0, []
while at < len(view):
    length, kind, flags = unpack_from('<IHH', view, at)
    records.append((kind, flags, view[at + 8 : at + 8 + length]))
    at += 8 + length
"""
# The least that finds the records; a table has the fields, too.
BARE_LOOP = """
at, offsets = 0, []
while at < len(data):
    length, kind, flags = unpack_from('<IHH', data, at)
    offsets.append(at)
    at += 8 + length
"""
RECORDS = 200_000


def scan(bench: Bench) -> None:
    """A scan of records of 64 bytes."""
    lengths = [32 + index * 7919 % 65 for index in range(RECORDS)]
    data = b"".join(
        struct.pack("<IHH", length, index & 0xFFFF, 1) + bytes(length) for index, length in enumerate(lengths)
    )
    names = {
        "layout": RecordLayout("<IHH", "length kind flags"),
        "data": data,
        "view": memoryview(data),
        "unpack_from": struct.unpack_from,
    }
    bench.ratio(
        "scan",
        f"{RECORDS:,} records of 64 B",
        "layout.scan(data)",
        {
            "a loop with `struct.unpack_from`, contents kept": (LOOP, 0.02),
            "such a loop, offsets only": (BARE_LOOP, 0.02),
        },
        names,
    )
    # As programs run. It is off in timeit, and a loop that keeps objects makes it work.
    bench.ratio(
        "scan, garbage collector on",
        f"{RECORDS:,} records of 64 B",
        "layout.scan(data)",
        {
            "a loop with `struct.unpack_from`, contents kept": (LOOP, 0.02),
            "such a loop, offsets only": (BARE_LOOP, None),
        },
        names,
        setup="import gc; gc.enable()",
    )


def containers(bench: Bench) -> None:
    """The opening of files of many records: nanoseconds a stream, names and views not made."""
    for format, layout, data in (
        ("fortran", "records of 80 B", (struct.pack("<I", 80) + bytes(80) + struct.pack("<I", 80)) * RECORDS),
        ("gif", "frames of 15 B", GIF + (FRAME + b"\2\2\x44\1\0") * RECORDS + b"\x3b"),
        ("avro", "blocks of 38 B", b"Obj\1\0" + bytes(16) + (b"\2\x28" + bytes(36)) * RECORDS),
    ):
        values = []
        for _ in range(bench.effort.rounds):
            start = CLOCK()
            container = formats.open(data, format)
            values.append((CLOCK() - start) * 1e9 / len(container))
        bench.figure(
            f"open a file, `{format}`", f"{RECORDS:,} {layout}", values, unit="ns a stream", bar=60.0
        )


GIF = b"GIF89a\1\0\1\0\0\0\0"
FRAME = b"\x2c\0\0\0\0\1\0\1\0\0"


def origins(bench: Bench) -> None:
    """Where a byte of a stream lies, against the list of extents that a user would search."""
    data = (struct.pack("<I", 80) + bytes(80) + struct.pack("<I", 80)) * RECORDS
    container = formats.open(data, "fortran")
    names = {
        "view": container["all_records_joined"],
        "indices": array("q", (index * 7919 % (80 * RECORDS) for index in range(1000))),
    }
    bench.ratio(
        "`view.origin(indices)`, 1,000 at random",
        f"{RECORDS:,} fragments of 80 B",
        "view.origin(indices)",
        {"a loop with `view.origin(i)`": ("for i in indices: view.origin(i)", 1.0)},
        names,
    )


class LargeFile:
    """A file with holes, whose records have headers and hardly anything else on disk."""

    def __init__(self, size: int, count: int) -> None:
        """Write the headers."""
        # A buffered file would have to be flushed.
        self.file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115
        self.file.truncate(size)
        step = size // count
        for index in range(count):
            os.pwrite(self.file.fileno(), struct.pack("<II", step - 8, index), index * step)
        self.layout = RecordLayout("<II", "length kind")

    def open(self) -> tuple[float, int]:
        """The seconds and the pages that a scan of the mapped file takes."""
        with mmap.mmap(self.file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            mapped.madvise(mmap.MADV_RANDOM)
            before = faults()
            seconds = timeit.timeit(lambda: self.layout.scan(mapped), timer=CLOCK, number=1)
            return seconds, faults() - before


def faults() -> int:
    """Pages of which this process has had the first look so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_minflt + usage.ru_majflt


def large_files(bench: Bench) -> None:
    """Time and pages follow the records, not the bytes."""
    names = {
        (1 << 28, 1024): "256 MiB, 1,024 records",
        (1 << 30, 1024): "1 GiB, 1,024 records",
        (1 << 30, 4096): "1 GiB, 4,096 records",
    }
    files = {key: LargeFile(*key) for key in names}
    rounds = [{key: file.open() for key, file in files.items()} for _ in range(bench.effort.rounds)]
    comparisons = [((1 << 30, 1024), (1 << 28, 1024), 1.5), ((1 << 30, 4096), (1 << 30, 1024), 6.0)]
    for one, other, bar in comparisons:
        for index, what in enumerate(("open a file: time", "open a file: pages touched")):
            pairs = [(float(costs[one][index]), float(costs[other][index])) for costs in rounds]
            row = ratio_row(
                pairs,
                page=bench.page,
                group=bench.group,
                what=what,
                layout=names[one],
                against=names[other],
                bar=bar,
                cost="pages" if index else "s",
            )
            bench.add(row)
    for file in files.values():
        file.file.close()


def measure(bench: Bench) -> None:
    """All rows of this page."""
    scan(bench)
    containers(bench)
    origins(bench)
    large_files(bench)

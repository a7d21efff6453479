"""A structure within a structure within a file: the shared strings of an Excel workbook.

    python examples/nested.py [WORKBOOK.xls]

An .xls file is a compound file: a small file system of 512-byte sectors. Its stream `Workbook` lies in a
chain of them. That stream is a run of records, and the table of shared strings is spread over several of
those. So the strings are a view of a view: they lie in records, which lie in sectors. Without an argument
the workbook is one that xlwt writes here; xlrd, which is independent of all this, checks what is read and
what is changed.
"""

from __future__ import annotations

import contextlib
import io
import mmap
import shutil
import sys
import tempfile
from pathlib import Path

import xlrd
import xlwt

from fragview import FragView, RecordLayout, formats

# A BIFF record's header: type and length ([MS-XLS] 2.1.4).
RECORD = RecordLayout("<HH", "type length")
SHARED_STRINGS, CONTINUE, LAST = 0x00FC, 0x003C, 0x000A
OLD, NEW = "string number 1234", "STRING NUMBER 1234"


def plural(count: int, one: str) -> str:
    """Count things in words."""
    return f"{count:,} {one}{'' if count == 1 else 's'}"


def write_workbook(path: Path) -> None:
    """Write a workbook with 3,000 different strings."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("strings")
    for row in range(3000):
        sheet.write(row, 0, f"string number {row}, long enough to fill some records")
    book.save(str(path))


def strings_of(path: Path) -> list[str]:
    """Read the first column with xlrd."""
    with contextlib.redirect_stdout(io.StringIO()):
        sheet = xlrd.open_workbook(path).sheet_by_index(0)
    return [str(sheet.cell_value(row, 0)) for row in range(sheet.nrows)] if sheet.ncols else []


def workbook_stream(container: formats.Container) -> FragView[int]:
    """Find the workbook's stream, however its name is written."""
    return next(view for name, view in container.streams.items() if name.lower() == "workbook")


def shared_strings(stream: FragView[int]) -> FragView[int]:
    """Find the table of shared strings in the workbook's stream: one record, and those that continue it."""
    table = RECORD.scan(stream, strict=False)
    types = table["type"].tolist()
    first = types.index(SHARED_STRINGS)
    last = first + 1
    while last < len(types) and types[last] == CONTINUE:
        last += 1
    rest = plural(last - first - 1, "CONTINUE record")
    print(f"  records in it     {len(types):,}; the strings have 1 SST record and {rest}")
    return table[first:last].join()


def change(path: Path, old: bytes, new: bytes) -> None:
    """Write through the view of the view into the file."""
    with (
        path.open("r+b") as file,
        mmap.mmap(file.fileno(), 0) as mapped,
        formats.open(mapped, "ole") as container,
        shared_strings(workbook_stream(container)) as strings,
    ):
        at = strings.tobytes().index(old)
        strings[at : at + len(old)] = new
        fragment, _ = strings.locate(at)
        print(f"  written           {len(new)} bytes at {at:,} of the strings, in fragment {fragment}")


def main() -> None:
    """Show the nested structure, and check it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "workbook.xls"
        if len(sys.argv) > 1:
            shutil.copy(sys.argv[1], path)
        else:
            write_workbook(path)
        print(f"file                {path.name}, {path.stat().st_size:,} bytes")
        expected = strings_of(path)
        with formats.open(path, "ole") as container:
            stream = workbook_stream(container)
            runs = plural(len(stream.fragments), "run")
            print(f"  stream Workbook   {len(stream):,} bytes in {runs} of sectors")
            with shared_strings(stream) as strings:
                fragments = plural(len(strings.fragments), "fragment")
                print(f"  shared strings    {len(strings):,} bytes in {fragments} of the file")
                total, unique = strings.unpack_from("<II")
                print(f"  their header      {plural(total, 'cell')}, {plural(unique, 'string')}")
                same = all(text.encode("latin-1", "ignore") in strings.tobytes() for text in expected[:100])
                if len(sys.argv) == 1 and not (same and unique == len(expected)):
                    raise SystemExit("the strings are not those that xlrd reads")
        print(f"  ✓ xlrd reads {plural(len(expected), 'cell')}")
        if OLD in " ".join(expected):
            change(path, OLD.encode(), NEW.encode())
            if not any(text.startswith(NEW) for text in strings_of(path)):
                raise SystemExit("xlrd does not see the change")
            print(f"  ✓ xlrd reads {NEW!r} from the changed file")


if __name__ == "__main__":
    main()

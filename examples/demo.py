"""The main job on a real file: see the pixel stream of a PNG, spread over many records, as one array.

Run it with `make demo`, or `make demo FILE=picture.png`.
"""

import mmap
import shutil
import sys
import zlib
from pathlib import Path

from PIL import Image

from fragview import FragView
from png_file import (
    PictureHeader,
    deflate_to,
    paint_bottom,
    read_headers,
    require_png,
    same_pixels,
    sketch,
    undo_filters,
)


def check(what: str, detail: object, *, ok: bool) -> None:
    """Print a step and how it went. A step that failed ends the demo."""
    print(f"  {'✓' if ok else '✗'} {what:<44} {detail}")
    if not ok:
        sys.exit(1)


def read_across_a_seam(file: mmap.mmap, stream: FragView, extents: list[tuple[int, int]]) -> None:
    """Index, slice and read a number where one record ends and the next one begins."""
    if len(extents) == 1:
        print("\nThis file has one record only: there is no seam to cross.")
        return
    # The records in the middle of the file, and the seam between them.
    middle = len(extents) // 2
    seam = sum(length for _, length in extents[:middle])
    end = sum(extents[middle - 1])
    # The way without a view: all records copied together. It says what the view must show.
    joined = b"".join(file[offset : offset + length] for offset, length in extents)
    start = max(seam - 2, 0)
    around = joined[start : start + 4]
    number = int.from_bytes(around, "big")

    begin = extents[middle][0]
    print(f"\nA seam: stream[{seam - 1}] is byte {end - 1} of the file, stream[{seam}] is byte {begin}")
    pair = (stream[seam - 1], stream[seam])
    check(f"stream[{seam - 1}], stream[{seam}]", pair, ok=pair == (joined[seam - 1], joined[seam]))
    part = stream[start : start + 4]
    check(f"stream[{start}:{start + 4}]", part.hex(" "), ok=part == around)
    typed = part.cast(">I")
    check("a number across the seam: .cast('>I')[0]", typed[0], ok=typed[0] == number)
    unpacked = stream.unpack_from(">I", start)
    check(f"stream.unpack_from('>I', {start})", unpacked, ok=unpacked == (number,))


def inflate(stream: FragView) -> bytes:
    """Hand the stream to zlib, which knows nothing of fragview, in three ways."""
    print("\nHanded to zlib")
    packer = zlib.decompressobj()
    data = b"".join([packer.decompress(run) for run in stream.fragments])
    check("record by record: stream.fragments", f"{len(data):,} bytes inflated", ok=packer.eof)
    with memoryview(stream) as view:
        again = zlib.decompress(bytes(view))
        check("one bytes copy: bytes(memoryview(stream))", f"{len(again):,} bytes inflated", ok=again == data)
    with stream.gather(writeback=False) as scratch:
        again = zlib.decompress(scratch)
    check("one scratch copy: stream.gather()", f"{len(again):,} bytes inflated", ok=again == data)
    return data


def read(path: Path) -> tuple[PictureHeader, int, bytes]:
    """Read the picture at `path` through a view: its header, its stream's length, its stream inflated."""
    with path.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as file:
        header, extents = read_headers(file)
        size = sum(length for _, length in extents)
        pixels = f"{header.width} x {header.height} pixels"
        count = len(extents)
        print(f"{count} fragment{'' if count == 1 else 's'} of a file, seen as one memoryview\n")
        print(f"{path.name}: {pixels}, their stream in {count} of the file's records")
        with FragView.from_extents(file, extents) as stream:
            whole = len(stream) == size
            check("FragView.from_extents(file, extents)", f"{size:,} bytes, none copied", ok=whole)
            read_across_a_seam(file, stream, extents)
            data = inflate(stream)
    if header.plain:
        same = same_pixels(header, undo_filters(header, data), path)
        check("the pixels are the ones Pillow decodes", f"{header.height} lines compared", ok=same)
    else:
        print("    Interlaced, or less than 8 bits a sample: the pixels are not compared with Pillow's.")
    return header, size, data


def write(original: Path, copy: Path, painted: bytes, packed: bytes) -> None:
    """Put another stream of the same length into a copy of the file, through a view."""
    print(f"\nWritten through the view, into a copy of the file: {copy}")
    shutil.copyfile(original, copy)
    with copy.open("r+b") as opened, mmap.mmap(opened.fileno(), 0) as file:
        _, extents = read_headers(file)
        checksums = [(offset + length, 4) for offset, length in extents]
        with FragView.from_extents(file, extents) as stream, FragView.from_extents(file, checksums) as raw:
            stream[:] = packed
            check("stream[:] = packed", f"{len(extents)} records, one assignment", ok=not stream.readonly)
            with raw.cast(">I") as crcs:
                for i, crc in enumerate([zlib.crc32(run, zlib.crc32(b"IDAT")) for run in stream.fragments]):
                    crcs[i] = crc
                check("the records' checksums: crcs[i] = crc", f"{len(crcs)} numbers, one array", ok=True)

    with copy.open("rb") as written, mmap.mmap(written.fileno(), 0, access=mmap.ACCESS_READ) as file:
        _, extents = read_headers(file)
        on_disk = zlib.decompress(b"".join(file[offset : offset + length] for offset, length in extents))
        as_written = on_disk == painted and len(file) == original.stat().st_size
    check("read back from disk", "the new picture, in a file of the same size", ok=as_written)
    with Image.open(copy) as picture:
        picture.verify()
    check("Pillow finds every checksum right", "and draws:", ok=True)
    print()
    for left, right in zip(sketch(original), sketch(copy), strict=True):
        print(f"      {left}   {right}".rstrip())


def main(name: str) -> None:
    """Read the picture, then paint the last third of it black in a copy."""
    path = Path(name)
    try:
        require_png(path)
        header, size, data = read(path)
        painted = paint_bottom(header, data)
        packed = deflate_to(size, painted)
        folder = Path("demo-out")
        folder.mkdir(exist_ok=True)
        write(path, folder / f"painted-{path.name}", painted, packed)
    except (OSError, zlib.error) as error:
        sys.exit(f"{path}: {error}")


if __name__ == "__main__":
    main(*sys.argv[1:])

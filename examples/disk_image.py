"""A picture in a volume in a disk image: three calls, and one view of the image's memory.

    python examples/disk_image.py PICTURE.png

The disk image is made here: a FAT16 volume in which the picture's clusters are scattered, in a QCOW2 image in
which the volume's clusters are scattered again.
"""

from __future__ import annotations

import random
import struct
import sys
import tempfile
import zlib
from pathlib import Path

from fragview import formats

CLUSTER = 2048
IMAGE_CLUSTER = 4096


def fat_volume(name: bytes, content: bytes) -> bytes:
    """Make a FAT16 volume with one file, whose clusters are in no order."""
    parts = [content[at : at + CLUSTER] for at in range(0, len(content), CLUSTER)]
    count = max(4200, 2 * len(parts))
    per_table = -(-(count + 2) * 2 // 512)
    sectors = 1 + per_table + 4 + count * 4
    boot = struct.pack("<3s8sHBHBHHBHHHII", b"\xeb\x3c\x90", b"EXAMPLE ", 512, 4, 1, 1, 64, 0, 0xF8,
                       per_table, 1, 1, 0, sectors)  # fmt: skip
    table = [0xFFF8, 0xFFFF] + [0] * count
    chain = random.Random(1).sample(range(2, count + 2), len(parts))
    data = bytearray(count * CLUSTER)
    for index, number in enumerate(chain):
        table[number] = chain[index + 1] if index + 1 < len(chain) else 0xFFFF
        data[(number - 2) * CLUSTER : (number - 2) * CLUSTER + len(parts[index])] = parts[index]
    entry = struct.pack("<11sB14xHI", name, 0x20, chain[0], len(content))
    tables = struct.pack(f"<{len(table)}H", *table).ljust(per_table * 512, b"\0")
    return boot.ljust(510, b"\0") + b"\x55\xaa" + tables + entry.ljust(64 * 32, b"\0") + bytes(data)


def qcow2_image(disk: bytes) -> bytes:
    """Make a QCOW2 image of a disk, whose clusters are in no order."""
    disk += bytes(-len(disk) % IMAGE_CLUSTER)
    count = len(disk) // IMAGE_CLUSTER
    per_table = IMAGE_CLUSTER // 8
    tables = -(-count // per_table)
    places = list(range(2 + tables, 2 + tables + count))
    random.Random(2).shuffle(places)
    header = struct.pack(">4sIQIIQIIQ", b"QFI\xfb", 2, 0, 0, 12, len(disk), 0, tables, IMAGE_CLUSTER)
    first = struct.pack(f">{tables}Q", *(((2 + index) * IMAGE_CLUSTER) | 1 << 63 for index in range(tables)))
    second = struct.pack(f">{count}Q", *((place * IMAGE_CLUSTER) | 1 << 63 for place in places))
    data = bytearray(count * IMAGE_CLUSTER)
    for index, place in enumerate(places):
        at = (place - 2 - tables) * IMAGE_CLUSTER
        data[at : at + IMAGE_CLUSTER] = disk[index * IMAGE_CLUSTER : (index + 1) * IMAGE_CLUSTER]
    head = header.ljust(IMAGE_CLUSTER, b"\0") + first.ljust(IMAGE_CLUSTER, b"\0")
    return head + second.ljust(tables * IMAGE_CLUSTER, b"\0") + bytes(data)


def main(path: Path) -> None:
    """Open the picture within the disk image, and compare it with the picture's own file."""
    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder) / "disk.qcow2"
        image.write_bytes(qcow2_image(fat_volume(b"PICTURE PNG", path.read_bytes())))
        disk = formats.open(image)
        volume = disk.open("raw_disk")
        (name,) = volume
        picture = volume.open(name, verify=True)
        pixels = picture["idat"]
        print(
            f"\n{image.name} ({disk.format}) > raw_disk ({volume.format}) > {name} ({picture.format}) > idat"
        )
        print(f"  {len(pixels):,} bytes in {len(pixels.fragments):,} fragments of the image, none copied")
        packer = zlib.decompressobj()
        inflated = b"".join(packer.decompress(fragment) for fragment in pixels.fragments)
        if not packer.eof or pixels != formats.open(path)["idat"]:
            raise SystemExit("the picture in the disk image is not the one in the file")
        print(f"  ✓ inflated to {len(inflated):,} bytes, as the picture's own file")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

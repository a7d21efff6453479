"""What the demo knows about PNG: records, line filters, deflate. Nothing here is about fragview."""

import struct
import sys
import zlib
from collections.abc import Iterator
from mmap import mmap
from pathlib import Path
from typing import NamedTuple

from PIL import Image

SIGNATURE = b"\x89PNG\r\n\x1a\n"
RECORD_HEADER = struct.Struct(">I4s")
PICTURE_HEADER = struct.Struct(">IIBBBBB")
CRC_BYTES = 4
SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


class PictureHeader(NamedTuple):
    """What the first record of a PNG says."""

    width: int
    height: int
    depth: int
    colour: int
    compression: int
    filter: int
    interlace: int

    @property
    def pixel_bits(self) -> int:
        """The size of a pixel."""
        return self.depth * SAMPLES[self.colour]

    @property
    def line_bytes(self) -> int:
        """The size of a line of pixels, its filter byte left out."""
        return (self.width * self.pixel_bits + 7) // 8

    @property
    def plain(self) -> bool:
        """Whether this reader can undo the filters: whole bytes, not interlaced."""
        return self.depth >= 8 and not self.interlace


def require_png(path: Path) -> None:
    """End the program where `path` is no PNG."""
    with path.open("rb") as opened:
        if opened.read(len(SIGNATURE)) != SIGNATURE:
            sys.exit(f"{path} is not a PNG file.")


def records(file: mmap) -> Iterator[tuple[bytes, int, int]]:
    """Yield the kind of each record, and where its content lies: the offset and the length."""
    offset = len(SIGNATURE)
    while offset < len(file):
        length, kind = 0, b""
        if offset + RECORD_HEADER.size <= len(file):
            length, kind = RECORD_HEADER.unpack_from(file, offset)
        if offset + RECORD_HEADER.size + length + CRC_BYTES > len(file):
            sys.exit(f"The record at byte {offset:,} of the file is cut short.")
        yield kind, offset + RECORD_HEADER.size, length
        offset += RECORD_HEADER.size + length + CRC_BYTES


def read_headers(file: mmap) -> tuple[PictureHeader, list[tuple[int, int]]]:
    """Walk from header to header. Return the picture's own, and the extents of its pixel stream."""
    header = None
    extents = []
    for kind, offset, length in records(file):
        if kind == b"IHDR" and length == PICTURE_HEADER.size:
            header = PictureHeader(*PICTURE_HEADER.unpack_from(file, offset))
        elif kind == b"IDAT" and length:
            extents.append((offset, length))
    if header is None or header.colour not in SAMPLES or not extents:
        sys.exit("This PNG has no picture in it.")
    return header, extents


def undo_filters(header: PictureHeader, data: bytes) -> bytes:
    """Turn an inflated stream into pixels. Each line starts with the kind of filter it went through."""
    back, size = header.pixel_bits // 8, header.line_bytes
    pixels = bytearray()
    above = bytearray(size)
    for start in range(0, len(data), size + 1):
        kind = data[start]
        line = bytearray(data[start + 1 : start + 1 + size])
        for i in range(size if kind else 0):
            a, c = (line[i - back], above[i - back]) if i >= back else (0, 0)
            b = above[i]
            if kind == 1:
                guess = a
            elif kind == 2:
                guess = b
            elif kind == 3:
                guess = (a + b) // 2
            else:
                to_a, to_b, to_c = abs(b - c), abs(a - c), abs(a + b - c - c)
                guess = a if to_a <= to_b and to_a <= to_c else b if to_b <= to_c else c
            line[i] = (line[i] + guess) & 255
        pixels += line
        above = line
    return bytes(pixels)


def same_pixels(header: PictureHeader, pixels: bytes, path: Path) -> bool:
    """Compare with what Pillow decodes. It keeps the high bytes of 16-bit colours."""
    with Image.open(path) as picture:
        decoded = picture.tobytes()
        little_endian = picture.mode.startswith("I;16")
    if header.depth == 16:
        return pixels[::2] == (decoded[1::2] if little_endian else decoded)
    return pixels == decoded


def paint_bottom(header: PictureHeader, data: bytes) -> bytes:
    """Paint the last third of the lines black: no filter, and zeros."""
    line = header.line_bytes + 1
    kept = len(data) * 2 // 3 // line * line
    return data[:kept] + bytes(len(data) - kept)


def deflate_to(size: int, data: bytes) -> bytes:
    """Deflate to exactly `size` bytes. Empty blocks, of 5 and of 6 bytes, fill the room that is left."""
    packer = zlib.compressobj(9)
    body = packer.compress(data) + packer.flush(zlib.Z_SYNC_FLUSH)
    end = packer.flush()
    fives, sixes = divmod(size - len(body) - len(end), 5)
    if fives < sixes:
        sys.exit("The painted picture does not fit into the room of the old one.")
    return body + b"\x02\0\0\0\xff\xff" * sixes + b"\0\0\0\xff\xff" * (fives - sixes) + end


def sketch(path: Path, columns: int = 32, lines: int = 10) -> list[str]:
    """Draw the picture with characters."""
    with Image.open(path) as picture:
        grey = picture.convert("RGB").convert("L").resize((columns, lines), Image.Resampling.BOX)
    shades = " .:-=+*#%@"
    text = "".join(shades[value * len(shades) // 256] for value in grey.tobytes())
    return [text[i : i + columns] for i in range(0, len(text), columns)]

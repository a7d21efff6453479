"""`remap()` of streams of real files: disk images, file systems in them, core files, MSF. What a file has at
which place is told by the program that made it, or by a reader of its own here."""

from __future__ import annotations

import hashlib
import mmap
import os
import random
import shutil
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fragview import FragView, formats

PAGE = mmap.PAGESIZE
CLUSTER = 64 << 10
CORPUS = Path(__file__).parent.parent.parent / "shared" / "corpus"

pytestmark = [
    pytest.mark.skipif(
        sys.platform not in ("linux", "darwin"), reason="other systems do not map a mapping a second time"
    ),
    pytest.mark.skipif(PAGE != 4096, reason="the blocks of these files are pages of 4 KiB"),
]


def tool(name: str) -> str:
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


def run(*command: Any, **options: Any) -> bytes:
    done = subprocess.run([str(part) for part in command], check=True, capture_output=True, **options)
    return done.stdout


def corpus(name: str) -> Path:
    path = CORPUS / name
    if not path.exists():
        pytest.skip(f"the corpus of real files is not beside this checkout: no {name}")
    return path


def remapped(view: FragView, data: bytes) -> FragView:
    """The view as one fragment, which has these bytes, for consumers of contiguous memory too."""
    assert view.can_remap()
    one = view.remap()
    assert len(one.fragments) == 1
    assert hashlib.sha256(one).digest() == hashlib.sha256(data).digest()
    assert np.frombuffer(one, "u1").tobytes() == data
    return one


# --- QCOW2, read by The Sleuth Kit ---


def qcow2(path: Path, disk: bytes, seed: int = 1) -> int:
    """Write `disk` as QCOW2, its clusters of 64 KiB in random order and those of zeros left out; returns the
    number of clusters that are there."""
    clusters = [disk[at : at + CLUSTER] for at in range(0, len(disk), CLUSTER)]
    used = [index for index, cluster in enumerate(clusters) if cluster.strip(b"\0")]
    # Header, L1, L2, the table of reference counts and a block of them come first.
    places = list(range(5, 5 + len(used)))
    random.Random(seed).shuffle(places)
    tables = np.zeros(CLUSTER // 8, ">u8")
    tables[used] = [(1 << 63) | (place * CLUSTER) for place in places]
    counts = np.zeros(CLUSTER // 2, ">u2")
    counts[: 5 + len(used)] = 1
    head = struct.pack(
        ">4sIQIIQIIQQIIQ",
        b"QFI\xfb",
        2,
        0,
        0,
        16,
        len(disk),
        0,
        1,
        CLUSTER,
        3 * CLUSTER,
        1,
        0,
        0,
    )
    with path.open("wb") as file:
        for index, block in enumerate(
            [
                head,
                struct.pack(">Q", (1 << 63) | (2 * CLUSTER)),
                tables.tobytes(),
                struct.pack(">Q", 4 * CLUSTER),
                counts.tobytes(),
            ]
        ):
            file.seek(index * CLUSTER)
            file.write(block)
        for index, place in zip(used, places, strict=True):
            file.seek(place * CLUSTER)
            file.write(clusters[index].ljust(CLUSTER, b"\0"))
    return len(used)


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes]]:
    """A file system of ext4, and its files."""
    folder = tmp_path_factory.mktemp("disk")
    rng = random.Random(7)
    files = {f"f{index}": rng.randbytes(rng.choice([0, 1, 5_000, 300_000])) for index in range(12)}
    (folder / "in").mkdir()
    for name, content in files.items():
        (folder / "in" / name).write_bytes(content)
    image = folder / "raw"
    with image.open("wb") as file:
        file.truncate(16 << 20)
    run(tool("mke2fs"), "-q", "-F", "-t", "ext4", "-b", "4096", "-d", folder / "in", image)
    return image, files


def test_qcow2(disk: tuple[Path, dict[str, bytes]], tmp_path: Path) -> None:
    data = disk[0].read_bytes()
    image = tmp_path / "image.qcow2"
    used = qcow2(image, data)
    with formats.open(image) as container:
        view = container["raw_disk"]
        # Some neighbours may have stayed together.
        assert used // 2 < len(view.extents()) <= len(data) // CLUSTER
        one = remapped(view, data)
        assert one[: len(data)].readonly


def test_the_generator_by_qemu(disk: tuple[Path, dict[str, bytes]], tmp_path: Path) -> None:
    image, raw = tmp_path / "image.qcow2", tmp_path / "raw"
    qcow2(image, disk[0].read_bytes())
    run(tool("qemu-img"), "check", "-f", "qcow2", image)
    run(tool("qemu-img"), "convert", "-f", "qcow2", "-O", "raw", image, raw)
    assert raw.read_bytes() == disk[0].read_bytes()


def test_qcow2_of_qemu(disk: tuple[Path, dict[str, bytes]], tmp_path: Path) -> None:
    image = tmp_path / "image.qcow2"
    options = "cluster_size=64k"
    run(tool("qemu-img"), "convert", "-f", "raw", "-O", "qcow2", "-o", options, disk[0], image)
    with formats.open(image) as container:
        remapped(container["raw_disk"], disk[0].read_bytes())


def test_the_sleuth_kit_reads_pages_of_qcow2(disk: tuple[Path, dict[str, bytes]], tmp_path: Path) -> None:
    """A reader of raw disks gets the image as one piece of memory: only what it reads is copied, by it."""
    pytsk3 = pytest.importorskip("pytsk3", reason="pytsk3 is not installed")
    image = tmp_path / "image.qcow2"
    qcow2(image, disk[0].read_bytes())

    class Memory(pytsk3.Img_Info):  # type: ignore[misc]
        """What a user of pytsk3 writes for a disk that is in memory."""

        def __init__(self, memory: memoryview) -> None:
            self.memory = memory
            self.read_bytes = 0
            super().__init__(url="", type=pytsk3.TSK_IMG_TYPE_EXTERNAL)

        def read(self, offset: int, length: int) -> bytes:
            self.read_bytes += length
            return self.memory[offset : offset + length].tobytes()

        def get_size(self) -> int:
            return len(self.memory)

    with formats.open(image) as container:
        whole = memoryview(container["raw_disk"].remap())
        assert whole.c_contiguous
        reader = Memory(whole)
        system = pytsk3.FS_Info(reader)
        assert system.info.ftype == pytsk3.TSK_FS_TYPE_EXT4
        found = {}
        for entry in system.open_dir("/"):
            name = entry.info.name.name.decode()
            if entry.info.meta is not None and entry.info.meta.type == pytsk3.TSK_FS_META_TYPE_REG:
                size = entry.info.meta.size
                found[name] = entry.read_random(0, size) if size else b""
        assert found == disk[1]
        assert 0 < reader.read_bytes < len(whole)
        del entry, system, reader, whole


def test_qcow2_of_the_corpus(tmp_path: Path) -> None:
    path = corpus("qcow2/shuffled_c4k.qcow2")
    run(tool("qemu-img"), "convert", "-f", "qcow2", "-O", "raw", path, tmp_path / "raw")
    with formats.open(path) as container:
        view = container["raw_disk"]
        assert len(view.extents()) > 10
        remapped(view, (tmp_path / "raw").read_bytes())


# --- core files ---


def loads(data: bytes) -> list[tuple[int, int, int]]:
    """The address, offset and length of each segment of a core file of 64 bits."""
    (table,) = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    rows = [struct.unpack_from("<IIQQQQQ", data, table + index * size) for index in range(count)]
    return [(row[3], row[2], row[5]) for row in rows if row[0] == 1 and row[5]]


def test_a_core_file_by_address(tmp_path: Path) -> None:
    """The memory of a process, holes and all, as one piece: an address is an index."""
    rng = random.Random(8)
    base, pages = 0x7F12_3456_0000, [0, 1, 2, 5, 6, 9, 14]
    order = rng.sample(pages, len(pages))
    head = b"\x7fELF\2\1\1".ljust(16, b"\0")
    head += struct.pack("<HHIQQQIHHHHHH", 4, 62, 1, 0, 64, 0, 0, 64, 56, len(pages), 0, 0, 0)
    memory, body = bytearray(15 * PAGE), b""
    for page in pages:
        offset, address = PAGE * (1 + order.index(page)), base + page * PAGE
        head += struct.pack("<IIQQQQQQ", 1, 6, offset, address, 0, PAGE, PAGE, PAGE)
    for page in order:
        block = rng.randbytes(PAGE)
        memory[page * PAGE : (page + 1) * PAGE] = block
        body += block
    path = tmp_path / "core"
    path.write_bytes(head.ljust(PAGE, b"\0") + body)
    with formats.open(path) as container:
        one = remapped(container["memory"], bytes(memory))
        at = base + 5 * PAGE - base
        assert struct.unpack_from("<Q", one, at) == struct.unpack_from("<Q", memory, at)
        joined = container[f"va_{base:x}"]
        remapped(joined, bytes(memory[: 3 * PAGE]))


def test_a_core_file_of_the_corpus() -> None:
    path = corpus("elf_core/core_linux64.elf")
    data = path.read_bytes()
    rows = loads(data)
    assert len(rows) > 10
    with formats.open(path) as container:
        found = 0
        for name, view in container.items():
            if not name.startswith("va_"):
                continue
            first = int(name[3:], 16)
            inside = [row for row in rows if first <= row[0] < first + len(view)]
            remapped(view, b"".join(data[offset : offset + length] for _, offset, length in sorted(inside)))
            found += len(inside)
        assert found == len(rows)


# --- files of file systems ---


def fragmented_ext4(folder: Path) -> tuple[Path, bytes]:
    """A file whose blocks lie between those of others."""
    (folder / "in").mkdir()
    for index in range(120):
        (folder / "in" / f"small{index:03}").write_bytes(bytes([index]) * PAGE)
    image = folder / "image"
    with image.open("wb") as file:
        file.truncate(2 << 20)
    run(
        tool("mke2fs"),
        "-q",
        "-F",
        "-t",
        "ext4",
        "-b",
        "4096",
        "-O",
        "^has_journal",
        "-d",
        folder / "in",
        image,
    )
    content = random.Random(5).randbytes(100 * PAGE - 5)
    (folder / "big").write_bytes(content)
    commands = [*(f"rm small{index:03}" for index in range(0, 120, 2)), f"write {folder / 'big'} big"]
    (folder / "commands").write_text("\n".join(commands))
    run(tool("debugfs"), "-w", "-f", folder / "commands", image)
    return image, content


def test_a_file_of_ext4(tmp_path: Path) -> None:
    image, content = fragmented_ext4(tmp_path)
    with formats.open(image) as container:
        view = container["big"]
        assert len(view.extents()) > 5
        one = remapped(view, content)
        assert len(one) == len(content)


def test_a_file_of_ntfs(tmp_path: Path) -> None:
    image = tmp_path / "image"
    with image.open("wb") as file:
        file.truncate(8 << 20)
    run(tool("mkntfs"), "-F", "-Q", "-q", "-c", "4096", image)
    rng = random.Random(6)
    content = rng.randbytes(0)
    # The file grows, and each time another takes the clusters behind it.
    for step in range(6):
        content += rng.randbytes(3 * PAGE)
        (tmp_path / "file").write_bytes(content)
        run(tool("ntfscp"), "-f", "-q", image, tmp_path / "file", "big")
        (tmp_path / "other").write_bytes(rng.randbytes(2 * PAGE))
        run(tool("ntfscp"), "-f", "-q", image, tmp_path / "other", f"other{step}")
    with formats.open(image) as container:
        view = container["big"]
        assert len(view.extents()) > 1
        remapped(view, content)


# --- MSF ---


def test_a_stream_of_pages_of_a_pdb() -> None:
    path = corpus("pdb_msf/attach_amd64.pdb")
    data = path.read_bytes()
    page, _, _, size, _, place = struct.unpack_from("<6I", data, 32)
    if page % PAGE:
        pytest.skip(f"the corpus' file has pages of {page} bytes")
    directory_pages = np.frombuffer(data, "<u4", -(-size // page), place * page)
    directory = b"".join(data[at * page : (at + 1) * page] for at in directory_pages)[:size]
    (count,) = struct.unpack_from("<I", directory)
    sizes = [number & 0x7FFFFFFF for number in struct.unpack_from(f"<{count}i", directory, 4)]
    at = 4 + 4 * count
    streams = []
    for length in sizes:
        pages = struct.unpack_from(f"<{-(-length // page)}I", directory, at)
        at += 4 * len(pages)
        streams.append(b"".join(data[first * page : (first + 1) * page] for first in pages)[:length])
    with formats.open(path) as container:
        views = list(container.values())
        scattered = [view for view in views if len(view.extents()) > 1]
        assert scattered
        for view in scattered:
            assert view.tobytes() in streams
            remapped(view, streams[streams.index(view.tobytes())])

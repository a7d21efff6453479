"""Databases, archives and file systems against the programs that made them: SQLite, `tarfile`, `zipfile`,
QEMU, and the file systems' own tools where they are installed."""

from __future__ import annotations

import hashlib
import lzma
import mmap
import os
import random
import shutil
import sqlite3
import struct
import subprocess
import tarfile
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest

from fragmented import FragView, needs_fragview

pytestmark = needs_fragview

fragview = pytest.importorskip("fragview")
formats = pytest.importorskip("fragview.formats")


def tool(name: str) -> str:
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


def run(*command: Any, **options: Any) -> bytes:
    done = subprocess.run(
        [str(part) for part in command], check=True, capture_output=True, timeout=60, **options
    )
    return done.stdout


def both(source: Any, name: str) -> Any:
    """The container, found by its magic; lenient gives the same of a sound file."""
    container = formats.open(source)
    assert container.format == name
    lenient = formats.open(source, name, strict=False)
    assert list(lenient) == list(container)
    assert not lenient.faults
    for key in container:
        assert list(lenient[key].extents()) == list(container[key].extents())
    return container


# --- SQLite ---


def fill(connection: sqlite3.Connection, seed: int) -> None:
    rng = random.Random(seed)
    connection.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b BLOB, [c d] TEXT, e AS (a + 1), f)")
    connection.execute("CREATE TABLE w (k TEXT PRIMARY KEY, v BLOB) WITHOUT ROWID")
    connection.execute("CREATE INDEX i ON t (f)")
    for _ in range(400):
        rowid = rng.choice([rng.randrange(2_000), rng.randrange(-(2**63), 2**63)])
        blob = rng.randbytes(rng.choice([0, 5, 40, 400, 5_000, 30_000]))
        text = "é" * rng.randrange(200)
        connection.execute(
            "INSERT OR REPLACE INTO t (a, b, [c d], f) VALUES (?, ?, ?, ?)", (rowid, blob, text, 1.5)
        )
        connection.execute("INSERT OR REPLACE INTO w VALUES (?, ?)", (str(rng.random()), blob))
    connection.execute("DELETE FROM t WHERE a % 3 = 0")
    connection.commit()


def check_rows(container: Any, connection: sqlite3.Connection, encoding: str) -> None:
    rows = list(connection.execute("SELECT rowid, b, [c d] FROM t ORDER BY rowid"))
    names = [name for name in container if name.startswith("t/") and name.count("/") == 1]
    assert sorted(names) == sorted(f"t/{rowid}" for rowid, *_ in rows)
    for rowid, blob, text in rows:
        assert blob in container[f"t/{rowid}"].tobytes()
        if len(blob) >= 32:
            assert container[f"t/{rowid}/b"] == blob
        raw = text.encode(encoding)
        assert (f"t/{rowid}/c d" in container) == (len(raw) >= 32)
        if len(raw) >= 32:
            assert container[f"t/{rowid}/c d"] == raw
    keys = list(connection.execute("SELECT k, v FROM w ORDER BY k"))
    for number, (key, blob) in enumerate(keys):
        assert container[f"w/{number}"].tobytes().endswith(key.encode(encoding) + blob)
    assert f"w/{len(keys)}" not in container


@pytest.mark.parametrize("size", [512, 4_096, 65_536])
@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le", "UTF-16be"])
def test_sqlite(tmp_path: Path, size: int, encoding: str) -> None:
    path = tmp_path / "a.db"
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA page_size = {size}")
    connection.execute(f"PRAGMA encoding = '{encoding}'")
    fill(connection, size)
    with both(path, "sqlite") as container:
        check_rows(container, connection, encoding)
    connection.close()


def test_sqlite_log(tmp_path: Path) -> None:
    """Committed frames of the write-ahead log count; what was not committed does not."""
    path = tmp_path / "a.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    fill(connection, 7)
    connection.execute("PRAGMA wal_checkpoint")
    connection.execute("UPDATE t SET f = 2.5")
    connection.execute("DELETE FROM t WHERE a < 0")
    connection.commit()
    database, log = path.read_bytes(), Path(f"{path}-wal").read_bytes()
    assert log
    with both(FragView([database, log]), "sqlite") as container:
        check_rows(container, connection, "UTF-8")
    # A frame that is torn takes what follows with it: here all since the checkpoint.
    torn = bytearray(log)
    torn[32 + 24 + 100] ^= 1
    with formats.open(FragView([database, bytes(torn)])) as container:
        assert any(name.startswith("t/-") for name in container)
    connection.close()


# --- archives ---


def tree(folder: Path) -> dict[str, bytes]:
    rng = random.Random(1)
    files = {
        "empty": b"",
        "one": b"x",
        "folder/deeper/long name, quite long indeed, with spaces and an ä.bin": rng.randbytes(70_000),
        **{f"folder/f{index}": rng.randbytes(index * 37) for index in range(60)},
        f"{'n' * 120}.bin": rng.randbytes(5_000),
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return files


def same(container: Any, files: dict[str, bytes]) -> None:
    assert set(container) == set(files)
    for name, content in files.items():
        assert container[name] == content, name


@pytest.mark.parametrize("kind", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_tar(tmp_path: Path, kind: int) -> None:
    files = tree(tmp_path / "in")
    if kind == tarfile.USTAR_FORMAT:
        files = {name: content for name, content in files.items() if len(name) < 100}
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w", format=kind) as archive:
        for name in files:
            archive.add(tmp_path / "in" / name, name)
    with both(path, "tar") as container:
        same(container, files)


@pytest.mark.parametrize("version", ["gnu", "0.0", "0.1", "1.0"])
def test_tar_sparse(tmp_path: Path, version: str) -> None:
    content = bytearray(3_000_000)
    for start in range(0, 3_000_000, 200_000):
        content[start : start + 4_096] = b"x" * 4_096
    (tmp_path / "a").write_bytes(b"")
    with (tmp_path / "a").open("r+b") as file:
        for start in range(0, 3_000_000, 200_000):
            file.seek(start)
            file.write(b"x" * 4_096)
        file.truncate(3_000_000)
    kind = ["--format=gnu"] if version == "gnu" else ["--format=pax", f"--sparse-version={version}"]
    run(tool("tar"), "-S", *kind, "-cf", tmp_path / "a.tar", "-C", tmp_path, "a")
    if (tmp_path / "a.tar").stat().st_size > 1_000_000:
        pytest.skip("the file system has no holes")
    with both(tmp_path / "a.tar", "tar") as container:
        same(container, {"a": bytes(content)})


def test_zip(tmp_path: Path) -> None:
    files = tree(tmp_path / "in")
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in files:
            archive.write(tmp_path / "in" / name, name)
    with both(path, "zip") as container:
        same(container, files)


# --- disks ---


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("vmdk", []),
        ("vdi", []),
        ("vdi", ["static=on"]),
        ("vpc", ["force_size=on"]),
        ("vpc", ["force_size=on", "subformat=fixed"]),
    ],
)
def test_disks(tmp_path: Path, name: str, options: list[str]) -> None:
    rng = random.Random(3)
    disk = bytearray(24 << 20)
    for start in (0, 5 << 20, (7 << 20) + 512, (24 << 20) - 4_096):
        disk[start : start + 4_096] = rng.randbytes(4_096)
    (tmp_path / "raw").write_bytes(disk)
    image = tmp_path / "image"
    options = ["-o", ",".join(options)] if options else []
    run(tool("qemu-img"), "convert", "-f", "raw", "-O", name, *options, tmp_path / "raw", image)
    with both(image, "vhd" if name == "vpc" else name) as container:
        assert container["raw_disk"] == bytes(disk)


# --- file systems ---


def blank(tmp_path: Path, mebibytes: int) -> Path:
    path = tmp_path / "image"
    with path.open("wb") as file:
        file.truncate(mebibytes << 20)
    return path


@pytest.mark.parametrize(("width", "size", "more"), [(12, 2, []), (16, 16, []), (32, 40, ["-s", "1"])])
def test_fat(tmp_path: Path, width: int, size: int, more: list[str]) -> None:
    files = tree(tmp_path / "in")
    image = blank(tmp_path, size)
    run(tool("mkfs.fat"), "-F", width, *more, image)
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "MTOOLS_SKIP_CHECK": "1"}
    run(tool("mcopy"), "-s", "-i", image, *(tmp_path / "in").iterdir(), "::", env=environment)
    with both(image, "fat") as container:
        same(container, files)


@pytest.mark.parametrize(
    "options",
    [
        ["-t", "ext2"],
        ["-t", "ext3"],
        ["-t", "ext4"],
        ["-t", "ext4", "-b", "4096", "-O", "inline_data"],
        ["-t", "ext4", "-O", "meta_bg,^resize_inode"],
        ["-t", "ext2", "-r", "0", "-I", "128"],
    ],
    ids=" ".join,
)
def test_ext(tmp_path: Path, options: list[str]) -> None:
    files = tree(tmp_path / "in")
    sparse = bytearray(900_000)
    sparse[500_000:500_010] = b"0123456789"
    with (tmp_path / "in/sparse").open("wb") as file:
        file.seek(500_000)
        file.write(b"0123456789")
        file.truncate(900_000)
    files["sparse"] = bytes(sparse)
    image = blank(tmp_path, 24)
    run(tool("mke2fs"), "-q", "-F", *options, "-d", tmp_path / "in", image)
    # mke2fs ends a sparse file with its last block where it has inline data: e2fsprogs' own reader says so.
    run(tool("debugfs"), "-R", f"dump sparse {tmp_path / 'read'}", image)
    files["sparse"] = (tmp_path / "read").read_bytes()
    assert files["sparse"].rstrip(b"\0") == bytes(sparse).rstrip(b"\0")
    with both(image, "ext") as container:
        same(container, files)


@pytest.mark.parametrize("options", [["-J", "-r"], ["-J"], ["-r"]], ids=" ".join)
def test_iso9660(tmp_path: Path, options: list[str]) -> None:
    files = tree(tmp_path / "in")
    if options == ["-J"]:
        files = {name: content for name, content in files.items() if len(name.split("/")[-1]) <= 64}
        for path in (tmp_path / "in").rglob("*"):
            if path.is_file() and len(path.name) > 64:
                path.unlink()
    image = tmp_path / "image"
    run(tool("xorriso"), "-as", "mkisofs", "-quiet", *options, "-o", image, tmp_path / "in")
    with both(image, "iso9660") as container:
        same(container, files)


def test_ntfs(tmp_path: Path) -> None:
    files = {name.split("/")[-1]: content for name, content in tree(tmp_path / "in").items()}
    image = blank(tmp_path, 16)
    run(tool("mkntfs"), "-F", "-Q", "-q", image)
    for name, content in files.items():
        (tmp_path / "file").write_bytes(content)
        run(
            tool("ntfscp"),
            "-f",
            "-q",
            image,
            tmp_path / "file",
            name,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        )
    (tmp_path / "file").write_bytes(b"another stream" * 100)
    run(tool("ntfscp"), "-f", "-q", "-N", "more", image, tmp_path / "file", "one")
    with both(image, "ntfs") as container:
        for name, content in files.items():
            assert container[name] == content, name
        assert container["one:more"] == b"another stream" * 100
        assert container["$Boot"][3:7] == b"NTFS"
        assert struct.unpack_from("<4s", container["$MFT"]) == (b"FILE",)


# --- files within streams ---


SHAPES = {"exfat": "fat", "vfat": "fat", "ntfs": "ntfs", "ext2": "ext", "ext4": "ext"}
SAMPLES = Path(os.environ.get("FORENSICS_SAMPLES", "/usr/share/forensics-samples"))


@pytest.mark.parametrize("name", ["exfat", "vfat", "ntfs", "ext2", "ext4"])
def test_samples(tmp_path: Path, name: str) -> None:
    """Real volumes with deleted files, of Debian's packages forensics-samples-*, against The Sleuth Kit."""
    pytsk3 = pytest.importorskip("pytsk3", reason="pytsk3 is not installed")
    packed = SAMPLES / f"fs.{name}.xz"
    if not packed.exists():
        pytest.skip(f"{packed} is not there: it is in Debian's package forensics-samples-{name}")
    disk = tmp_path / "disk"
    disk.write_bytes(lzma.decompress(packed.read_bytes()))
    image = pytsk3.Img_Info(str(disk))
    # The one volume of a disk with a partition table, or the disk.
    try:
        starts = [part.start * 512 for part in pytsk3.Volume_Info(image) if part.flags == 1]
    except OSError:
        starts = [0]
    files = {}

    def walk(folder: Any, path: str) -> None:
        for entry in folder:
            meta, label = entry.info.meta, entry.info.name.name.decode()
            if label in {".", ".."} or meta is None or not meta.flags & pytsk3.TSK_FS_META_FLAG_ALLOC:
                continue
            if meta.type == pytsk3.TSK_FS_META_TYPE_DIR and not label.startswith("$"):
                walk(entry.as_directory(), f"{path}{label}/")
            elif meta.type == pytsk3.TSK_FS_META_TYPE_REG and not label.startswith("$"):
                data = entry.read_random(0, meta.size) if meta.size else b""
                files[path + label] = hashlib.sha256(data).hexdigest()

    walk(pytsk3.FS_Info(image, offset=starts[0]).open_dir("/"), "")
    with both(fragview.open(disk)[starts[0] :], SHAPES[name]) as container:
        ours = {key: hashlib.sha256(container[key].tobytes()).hexdigest() for key in container}
    assert files
    assert {key: ours[key] for key in ours if not key.startswith("$")} == files


def test_picture_in_a_disk_in_an_image(tmp_path: Path) -> None:
    """A PNG in an NTFS volume in a QCOW2 image: three calls, and one map on the image's memory."""
    rng = random.Random(8)
    chunks = [(b"IHDR", bytes(13)), *((b"IDAT", rng.randbytes(9_000)) for _ in range(20)), (b"IEND", b"")]
    picture = b"\x89PNG\r\n\x1a\n" + b"".join(
        len(content).to_bytes(4, "big") + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")
        for kind, content in chunks
    )
    volume = blank(tmp_path, 16)
    run(tool("mkntfs"), "-F", "-Q", "-q", volume)
    (tmp_path / "file").write_bytes(picture)
    run(tool("ntfscp"), "-f", "-q", volume, tmp_path / "file", "a.png")
    image = tmp_path / "a.qcow2"
    run(tool("qemu-img"), "convert", "-f", "raw", "-O", "qcow2", volume, image)
    disk = formats.open(image)
    files = disk.open("raw_disk")
    container = files.open("a.png", verify=True)
    assert (disk.format, files.format, container.format) == ("qcow2", "ntfs", "png")
    pixels = container["idat"]
    assert pixels == b"".join(content for kind, content in chunks if kind == b"IDAT")
    # No view of a view: the fragments lie in the image itself.
    whole = image.read_bytes()
    assert isinstance(pixels.obj, mmap.mmap)
    assert len(pixels.extents()) >= 20
    for (source, offset, length), fragment in zip(pixels.extents(), pixels.fragments, strict=True):
        assert source == 0
        assert whole[offset : offset + length] == fragment

"""Real files: every logical stream that is a plain view must come out, and what is malformed must be refused.

The files lie in `../shared/corpus`, next to the repository; without them the tests say so and are skipped.
"""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

import pytest

from fragmented import FragView, needs_fragview

pytestmark = needs_fragview

fragview = pytest.importorskip("fragview")
formats = pytest.importorskip("fragview.formats")

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "corpus"
MANIFEST = FOLDER / "MANIFEST.json"
# The manifest's shapes that are formats of ours.
FORMATS = {
    "png": "png",
    "apng": "png",
    "gif": "gif",
    "jpeg_segments": "jpeg",
    "tiff": "tiff",
    "riff_wav": "riff",
    "avi": "riff",
    "dicom": "dicom",
    "ogg": "ogg",
    "mpegts": "mpegts",
    "leveldb_log": "leveldb_log",
    "rocksdb_wal": "leveldb_log",
    "fortran": "fortran",
    "tfrecord": "tfrecord",
    "elf_core": "elf_core",
    "qcow2": "qcow2",
    "ole": "ole",
    "xls_biff8": "biff8",
    "tcp_pcap": "pcap",
    "tls_pcap": "tls",
    "sqlite_overflow": "sqlite",
    "tar_sparse": "tar",
    "tar_multivolume": "tar",
    "vmdk_vhd": "vmdk",
    "pdb_msf": "pdb",
    "minidump": "minidump",
    "fat": "fat",
    "ext": "ext",
    "mp4": "mp4",
    "mp4_fragmented": "mp4",
    "matroska": "matroska",
    "flv": "flv",
    "asf": "asf",
    "mpegps": "mpegps",
    "woff": "woff",
    "avro": "avro",
    "bgzf": "bgzf",
    "netcdf3_records": "netcdf3",
    "parquet": "parquet",
    "http_chunked": "http",
}
# Read by name only: by its magic such a file is a capture.
BY_NAME = {"http_chunked"}
# What a decoder makes of the bytes is no view of them.
DECODED = re.compile("decoded|decompressed|inflated|scanlines|array|json")

ENTRIES: list[dict[str, Any]] = []
if MANIFEST.is_file():
    ENTRIES = [entry for entry in json.loads(MANIFEST.read_text()) if entry["shape"] in FORMATS]


def needs_more(entry: dict[str, Any]) -> bool:
    """Bytes that are compressed in the file, or in another file, are no view of it: a clear error."""
    # BGZF's compressed blocks come out as their deflate streams.
    codec = entry["expect"] == "codec_needed" and entry["shape"] != "bgzf"
    return codec or (bool(entry.get("companions")) and not is_joined(entry))


def is_joined(entry: dict[str, Any]) -> bool:
    """Volumes, which are opened as one view of all of them."""
    return entry["shape"] == "tar_multivolume"


def source(entry: dict[str, Any]) -> Any:
    """What is opened: a path, or the view of all volumes."""
    if not is_joined(entry):
        return FOLDER / entry["file"]
    files = [entry["file"], *(companion["file"] for companion in entry["companions"])]
    return FragView([(FOLDER / file).read_bytes() for file in files])


def contents(entry: dict[str, Any]) -> bytes:
    """The bytes of the file, or of all volumes."""
    opened = source(entry)
    return opened.read_bytes() if isinstance(opened, Path) else bytes(opened)


def is_view(stream: dict[str, Any]) -> bool:
    return not DECODED.search(stream["name"])


GOOD = [entry for entry in ENTRIES if entry["expect"] != "malformed" and not needs_more(entry)]
REFUSED = [entry for entry in ENTRIES if entry["expect"] == "malformed" or needs_more(entry)]
BY_FILE = pytest.mark.parametrize("entry", GOOD, ids=[entry["file"] for entry in GOOD])


def skip_unless_there(entry: dict[str, Any]) -> str:
    """The entry's format."""
    name = FORMATS[entry["shape"]]
    if name not in formats.names():
        pytest.skip(f"there is no format {name} yet")
    return name


def test_corpus_is_there() -> None:
    if not ENTRIES:
        pytest.skip(f"no real files: {MANIFEST} is not there")
    assert len(GOOD) > 40
    assert {entry["shape"] for entry in ENTRIES} == set(FORMATS)


def digest(view: Any) -> str:
    """The SHA-256 of a view's bytes, fragment by fragment."""
    sha256 = hashlib.sha256()
    for fragment in view.fragments:
        sha256.update(fragment)
    return sha256.hexdigest()


def joins(streams: Collection[tuple[str, Any]]) -> Iterable[tuple[str, Any]]:
    """Streams whose names differ in their numbers only, end to end; and all streams."""
    groups: dict[str, list[Any]] = {}
    for name, view in streams:
        groups.setdefault(re.sub(r"\d+", "#", name), []).append(view)
    groups["all"] = [view for _, view in streams]
    for name, views in groups.items():
        yield name, FragView(views)


@BY_FILE
@pytest.mark.parametrize("by_name", [False, True], ids=["magic", "name"])
def test_streams(entry: dict[str, Any], by_name: bool, record_property: Any) -> None:
    """Each logical stream is among the streams, found by its hash."""
    name = skip_unless_there(entry)
    path = source(entry)
    by_name = by_name or entry["shape"] in BY_NAME
    wanted = [stream for stream in entry["logical"] if is_view(stream)]
    with formats.open(path, name if by_name else None) as container:
        # By its magic a file may also be found to be more: a capture of TLS, a compound file with a workbook.
        assert container.format == name or not by_name
        found = {digest(view): key for key, view in container.streams.items()}
        missing = [stream for stream in wanted if stream["sha256"] not in found]
        if any("joined" in stream["name"] for stream in missing):
            for key, view in joins(container.streams.items()):
                found.setdefault(digest(view), key)
                view.release()
            missing = [stream for stream in missing if stream["sha256"] not in found]
        if not by_name:
            record_property("corpus", (entry["shape"], len(wanted) - len(missing), len(wanted)))
        assert not missing, (
            [stream["name"] for stream in missing],
            {key: len(view) for key, view in container.streams.items()},
        )


@BY_FILE
def test_streams_are_views(entry: dict[str, Any]) -> None:
    """Whatever comes out lies in the file and is read-only; a file in fragments gives the same."""
    name = skip_unless_there(entry)
    data = contents(entry)
    container = formats.open(data, name)
    fragments = [data[start : start + 1_021] for start in range(0, len(data), 1_021)]
    apart = formats.open(FragView(fragments), name)
    assert list(apart.streams) == list(container.streams)
    total = 0
    for key, view in container.streams.items():
        assert view.readonly or not len(view)
        assert (view.format, view.ndim) == ("B", 1)
        for source, offset, length in view.extents():
            # A hole lies nowhere.
            assert source < 0 or 0 <= offset <= offset + length <= len(data)
        total += len(view)
        assert digest(apart.streams[key]) == digest(view)
    assert container.streams or not any(is_view(stream) for stream in entry["logical"])


@BY_FILE
def test_checksums(entry: dict[str, Any]) -> None:
    """The checksums of a good file are right."""
    name = skip_unless_there(entry)
    path = source(entry)
    with formats.open(path, name) as container, formats.open(path, name, verify=True) as checked:
        assert list(checked.streams) == list(container.streams)


@pytest.mark.parametrize("entry", REFUSED, ids=[entry["file"] for entry in REFUSED])
@pytest.mark.parametrize("by_name", [False, True], ids=["magic", "name"])
def test_refused(entry: dict[str, Any], by_name: bool, record_property: Any) -> None:
    """A FormatError that says what and where."""
    name = skip_unless_there(entry)
    path = FOLDER / entry["file"]
    with pytest.raises(fragview.FormatError) as caught:
        formats.open(path, name if by_name else None)
    # A workbook is first of all a compound file, TLS a capture.
    assert caught.value.format in formats.names()
    assert 0 <= caught.value.offset <= path.stat().st_size
    assert str(caught.value.offset) in str(caught.value)
    if not by_name:
        record_property("corpus", (entry["shape"], 0, 0))


@BY_FILE
def test_inflated(entry: dict[str, Any]) -> None:
    """What a decoder makes of a stream, where the standard library has the decoder."""
    wanted = {stream["sha256"] for stream in entry["logical"] if "scanlines" in stream["name"]}
    if not wanted:
        pytest.skip("no stream of this file is inflated by the standard library")
    skip_unless_there(entry)
    with formats.open(FOLDER / entry["file"]) as container:
        with container.streams["idat"].gather(writeback=False) as stream:
            pixels = zlib.decompress(stream)
        assert {hashlib.sha256(pixels).hexdigest()} == wanted


def test_deflate_blocks() -> None:
    """BGZF's compressed blocks, inflated by the standard library, are what htslib makes of the file."""
    for entry in ENTRIES:
        if entry["shape"] == "bgzf":
            name = skip_unless_there(entry)
            whole = hashlib.sha256()
            with formats.open(FOLDER / entry["file"], name) as container:
                for key, view in container.items():
                    if key.endswith(".deflate"):
                        whole.update(zlib.decompress(view.tobytes(), wbits=-15))
                    elif key != "decompressed":
                        whole.update(view.tobytes())
            assert whole.hexdigest() == entry["logical"][0]["sha256"]


def test_woff_tables() -> None:
    """Tables inflated by the standard library, joined in the directory's order, are what fontTools reads."""
    for entry in ENTRIES:
        if entry["shape"] == "woff":
            name = skip_unless_there(entry)
            whole = hashlib.sha256()
            with formats.open(FOLDER / entry["file"], name) as container:
                for key, view in container.items():
                    whole.update(zlib.decompress(view.tobytes()) if key.endswith(".zlib") else view.tobytes())
            assert whole.hexdigest() == entry["logical"][0]["sha256"]


def test_packets() -> None:
    """The packets of media streams are as long as an independent demuxer's."""
    units = {"mp4", "mp4_fragmented", "matroska", "flv", "asf"}
    seen = set()
    for entry in ENTRIES:
        if entry["shape"] in units:
            name = skip_unless_there(entry)
            with formats.open(FOLDER / entry["file"], name) as container:
                for stream in entry["logical"]:
                    packets = container.family(f"{stream['name']}.packet")
                    assert len(packets) == stream["units"], (entry["file"], stream["name"])
                    seen.add(entry["shape"])
    assert not ENTRIES or seen == units


@BY_FILE
def test_cut_off(entry: dict[str, Any]) -> None:
    """A file that was cut off somewhere opens or is refused; nothing else."""
    name = skip_unless_there(entry)
    data = contents(entry)
    step = max(len(data) // 40, 1)
    for end in [*range(0, len(data), step), *range(min(len(data), 60)), len(data) - 1]:
        try:
            container = formats.open(memoryview(data)[:end], name)
        except fragview.FormatError as error:
            # A fault lies in what is there, or right behind it.
            assert error.offset <= len(data), error  # noqa: PT017
            continue
        assert sum(len(view.extents()) for view in container.streams.values()) <= 64 * (end + 1)

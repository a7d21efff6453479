"""Formats that programs register, and those that installed packages bring."""

from __future__ import annotations

import importlib
import importlib.util
import os
import pickle
import shutil
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fragmented import FragView, needs_fragview

pytestmark = needs_fragview

fragview = pytest.importorskip("fragview")
formats = pytest.importorskip("fragview.formats")
RecordLayout, FormatError = fragview.RecordLayout, importlib.import_module("fragview.errors").FormatError
EXAMPLE = Path(__file__).parent.parent / "examples" / "notes_format"
LAYOUT = RecordLayout(">2sH", "magic length", expect={"magic": b"RH"})
FILE = b"RH\0\3oneRH\0\0RH\0\3two"


def read(source: Any, *, strict: bool, verify: bool) -> Any:
    """Open a file of records: a view, extents, a table."""
    table = LAYOUT.scan(source, strict=strict)
    faults = [] if table.error is None else [(str(table.error), table.error.offset, ["record"])]
    return {"all": table.join(), "record": table, "magic": [(0, 2)], "zeros": [(None, 3)]}, faults


@pytest.fixture
def rh() -> Iterator[None]:
    formats.register("rh", lambda source: source[:2] == b"RH", read)
    yield
    formats.unregister("rh")


@pytest.mark.usefixtures("rh")
@pytest.mark.parametrize("source", [FILE, [FILE[:1], FILE[1:9], FILE[9:]], FragView([FILE[:9], FILE[9:]])])
def test_a_registered_format(source: Any) -> None:
    """It is a container as any other: by magic or by name, from any source."""
    for container in (formats.open(source), formats.open(source, "rh")):
        assert container.format == "rh"
        assert list(container) == ["all", "record[0]", "record[1]", "record[2]", "magic", "zeros"]
        expected = [b"onetwo", b"one", b"", b"two", b"RH", bytes(3)]
        assert [view.tobytes() for view in container.values()] == expected
        assert (len(container), container.faults) == (6, ())
        assert [view.tobytes() for view in container.records] == [b"one", b"", b"two"]
        assert container.records[1:].join() == b"two"
        for name in ("record[3]", "record[-1]", "record[01]", "record", "record[]", "nothing", "all[0]"):
            assert name not in container
            with pytest.raises(KeyError):
                container[name]
        with pytest.raises(KeyError):
            container.family("all")
    assert "rh" in formats.names()


@pytest.mark.usefixtures("rh")
def test_a_file_of_a_registered_format(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(FILE)
    with formats.open(path, mode="r+") as container:
        container["record[2]"][:] = b"TWO"
        again = pickle.loads(pickle.dumps(container))
        assert again["all"] == b"oneTWO"
        assert container.origin("all", 3) == (0, FILE.index(b"two"))
    assert path.read_bytes() == FILE.replace(b"two", b"TWO")
    # A stream of another format is one, too.
    inside = len(FILE).to_bytes(4, "little") + FILE + len(FILE).to_bytes(4, "little")
    outer = formats.open(inside, "fortran")
    assert outer.open("record[0]").format == "rh"


@pytest.mark.usefixtures("rh")
def test_faults_of_a_registered_format() -> None:
    with pytest.raises(FormatError, match=r"^rh: record 1 at offset 7: .* not b'RH'$") as caught:
        formats.open(FILE[:7] + b"XXXX")
    assert (caught.value.format, caught.value.offset) == ("rh", 7)
    lenient = formats.open(FILE[:7] + b"XXXX", strict=False)
    assert lenient["all"] == b"one"
    assert [(fault.offset, fault.streams) for fault in lenient.faults] == [(7, ("record",))]


@pytest.mark.usefixtures("rh")
def test_a_registered_format_comes_first() -> None:
    """The latest one before the others, and before the built-in ones."""
    fortran = b"\1\0\0\0a\1\0\0\0"
    formats.register("mine", lambda source: source[:2] in (b"RH", b"\1\0"), lambda source, **_: {"a": source})
    try:
        assert formats.open(FILE).format == "mine"
        assert formats.open(fortran).format == "mine"
        assert formats.open(fortran, "fortran").format == "fortran"
    finally:
        formats.unregister("mine")
    assert formats.open(FILE).format == "rh"
    assert formats.open(fortran).format == "fortran"


def test_what_can_not_be_registered() -> None:
    for arguments in [(1, None, read), ("", None, read), ("x", 1, read), ("x", None, None)]:
        with pytest.raises(TypeError):
            formats.register(*arguments)
    with pytest.raises(ValueError, match="'png' is a built-in format"):
        formats.register("png", None, read)
    with pytest.raises(KeyError):
        formats.unregister("x")
    with pytest.raises(ValueError, match=r"no format is named 'rh'; there are 'png', '"):
        formats.open(FILE, "rh")


def test_by_name_only() -> None:
    formats.register("silent", None, read)
    try:
        with pytest.raises(FormatError):
            formats.open(FILE)
        assert formats.open(FILE, "silent")["all"] == b"onetwo"
    finally:
        formats.unregister("silent")


def test_a_detector_that_fails_is_told() -> None:
    def detect(source: Any) -> bool:
        raise RuntimeError("oh no")

    formats.register("broken", detect, read)
    try:
        with pytest.warns(
            RuntimeWarning, match=r"detect\(\) of the format 'broken' failed: RuntimeError: oh"
        ):
            assert formats.open(b"\1\0\0\0a\1\0\0\0").format == "fortran"
    finally:
        formats.unregister("broken")


def test_an_unknown_file_is_told_what_there_is() -> None:
    """All formats, and what reads the others."""
    with pytest.raises(FormatError) as caught:
        formats.open(b"what is this?")
    text = str(caught.value)
    assert all(f"'{name}'" in text for name in formats.names())
    assert text.startswith("unknown format: the file begins with b'what is '; the formats are 'png', ")
    assert "RecordLayout" in text


def install(package: Path, target: Path) -> None:
    """Install a package into a folder, without the network."""
    options = [
        "install",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--target",
        str(target),
        str(package),
    ]
    if importlib.util.find_spec("pip") is not None:
        command = [sys.executable, "-m", "pip", *options, "--no-index"]
    elif (uv := shutil.which("uv")) is not None:
        command = [uv, "pip", *options, "--offline", "--python", sys.executable]
    else:
        pytest.skip("neither pip nor uv is here")
    subprocess.run(command, check=True, timeout=120)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder where the example and a broken package are installed."""
    if importlib.util.find_spec("setuptools") is None:
        pytest.skip("setuptools is not here")
    folder = tmp_path_factory.mktemp("site")
    package = tmp_path_factory.mktemp("package") / "notes"
    shutil.copytree(EXAMPLE, package, ignore=shutil.ignore_patterns("build", "*.egg-info", "__pycache__"))
    install(package, folder)
    info = folder / "broken-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[fragview.formats]\nbroken = no_such_module\npng = no_such_module\n"
    )
    return folder


def run(site: Path, code: str, *options: str) -> str:
    """What a fresh interpreter prints that has the packages."""
    folders = [str(site), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(folders)}
    command = [sys.executable, *options, "-c", code]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def notes() -> bytes:
    def note(author: int, text: bytes) -> bytes:
        head = b"NT" + len(text).to_bytes(3, "big") + bytes([author])
        return head + text + zlib.crc32(text).to_bytes(4, "big")

    return b"NOTES\r\n\0" + note(1, b"Hel") + note(2, b"other") + note(1, b"lo")


def test_the_example_package_is_found(site: Path, tmp_path: Path) -> None:
    """By its magic, by its name, with checksums, and after a pickle in another process."""
    path = tmp_path / "notes.bin"
    path.write_bytes(notes())
    wrong = tmp_path / "wrong.bin"
    wrong.write_bytes(notes()[:-1] + b"?")
    code = f"""
import pickle, sys, warnings
from fragview import formats
assert "notes_format" not in sys.modules
assert {{"notes", "broken"}} <= set(formats.names()) and "notes_format" not in sys.modules
assert formats.open(b"\\1\\0\\0\\0a\\1\\0\\0\\0").format == "fortran" and "notes_format" not in sys.modules
named = formats.open({str(path)!r}, "notes", verify=True)
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    found = formats.open({str(path)!r})
print(found.format, list(found), found["author/1"].tobytes(), list(named) == list(found))
print([str(warning.message) for warning in told])
print(pickle.loads(pickle.dumps(named))["note[1]"].tobytes())
for call in [lambda: formats.open({str(wrong)!r}, "notes", verify=True), lambda: formats.open(b"?", "broken"),
             lambda: formats.open(b"no notes")]:
    try:
        call()
    except ValueError as error:
        print(type(error).__name__, error)
lenient = formats.open({str(path)!r} and open({str(path)!r}, "rb").read()[:-3], "notes", strict=False)
print(lenient["author/1"].tobytes(), lenient.faults[0].offset)
"""
    lines = run(site, code, "-W", "ignore").splitlines()
    streams = ["author/1", "author/2", "note[0]", "note[1]", "note[2]"]
    assert lines[0] == f"notes {streams} b'Hello' True"
    assert "'broken' = 'no_such_module'" in lines[1] or lines[1] == "[]"
    assert lines[2] == "b'other'"
    assert lines[3].endswith("notes: a wrong checksum at offset 36")
    assert lines[4].startswith("ValueError the entry point 'broken' = 'no_such_module'")
    assert "ModuleNotFoundError" in lines[4]
    assert lines[5].startswith("FormatError unknown format")
    assert "others are" in lines[5]
    assert "'notes'" in lines[5]
    assert (
        "the entry point 'broken' = 'no_such_module' of 'fragview.formats' failed: ModuleNotFound" in lines[5]
    )
    assert lines[6] == "b'Hel' 36"


def test_the_example_is_short() -> None:
    lines = (EXAMPLE / "notes_format.py").read_text().splitlines()
    assert len(lines) <= 42

"""Print the path of a free-threaded CPython in the cache; with --build, build one there first if none is.

The source is Debian's: the newest 3.14 that the mirror gives, else the newest 3.13. The indexes of the suites
tell the newest versions and their SHA-256; where a mirror lists what it does not give, an earlier patch
release may be there, with its SHA-256 in Debian's description of it (.dsc). Suites move on, so no version is
written down here. It takes some minutes, once.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import lzma
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

MIRROR = os.environ.get("DEBIAN_MIRROR", "https://deb.debian.org/debian")
SUITES = ("sid", "forky", "trixie")
# PyO3 supports 3.14. Its code still has what 3.13 needs, and only refuses it, which the Makefile turns off.
WANTED = ("python3.14", "python3.13")
CACHE = Path(os.environ.get("FRAGVIEW_CACHE", Path.home() / ".cache" / "fragview"))


class Source(NamedTuple):
    """A source archive, as an index tells of it."""

    version: tuple[int, ...]
    url: str
    sha256: str

    @property
    def name(self) -> str:
        """The version in words."""
        return ".".join(map(str, self.version))


def log(text: str) -> None:
    """Say what goes on, beside the path that is the output."""
    print(text, file=sys.stderr, flush=True)


def fetch(url: str) -> bytes:
    """Return the body of a page."""
    with urllib.request.urlopen(url, timeout=120) as answer:
        return bytes(answer.read())


def sources_in(index: str) -> list[Source]:
    """Return the archives of the wanted packages that an index lists."""
    found = []
    for paragraph in index.split("\n\n"):
        package = re.search(r"^Package: (\S+)$", paragraph, re.M)
        if package is None or package[1] not in WANTED:
            continue
        folder = re.search(r"^Directory: (\S+)$", paragraph, re.M)
        archive = re.search(r"^ ([0-9a-f]{64}) \d+ (\S+_([0-9.]+)\.orig\.tar\.xz)$", paragraph, re.M)
        if folder and archive:
            version = tuple(map(int, archive[3].split(".")))
            found.append(Source(version, f"{MIRROR}/{folder[1]}/{archive[2]}", archive[1]))
    return found


def earlier(newest: Source) -> Iterator[Source]:
    """Yield the earlier patch releases that the mirror describes, the newest first."""
    *minor, last = newest.version
    for patch in range(last - 1, -1, -1):
        version = (*minor, patch)
        url = newest.url.replace(newest.name, ".".join(map(str, version)))
        try:
            description = fetch(url.replace(".orig.tar.xz", "-1.dsc")).decode()
        except (urllib.error.URLError, TimeoutError):
            continue
        digest = re.search(rf"^ ([0-9a-f]{{64}}) \d+ {re.escape(url.rpartition('/')[2])}$", description, re.M)
        if digest:
            yield Source(version, url, digest[1])


def candidates(known: set[Source]) -> Iterator[Source]:
    """Yield what may be there, the newest first."""
    for _, minor in itertools.groupby(sorted(known, reverse=True), key=lambda one: one.version[:2]):
        listed = list(minor)
        yield from listed
        yield from earlier(listed[-1])


def source() -> tuple[Source, bytes]:
    """Return the newest source that the mirror lists and gives."""
    known: set[Source] = set()
    for suite in SUITES:
        try:
            packed = fetch(f"{MIRROR}/dists/{suite}/main/source/Sources.xz")
        except (urllib.error.URLError, TimeoutError) as error:
            log(f"{suite}: {error}")
            continue
        known.update(sources_in(lzma.decompress(packed).decode()))
    for candidate in candidates(known):
        try:
            archive = fetch(candidate.url)
        except (urllib.error.URLError, TimeoutError) as error:
            log(f"{candidate.url}: {error}")
            continue
        if hashlib.sha256(archive).hexdigest() != candidate.sha256:
            raise SystemExit(f"{candidate.url}: the SHA-256 is not the index's")
        return candidate, archive
    raise SystemExit(f"{MIRROR} gives no source of {' or '.join(WANTED)}")


def built() -> Path | None:
    """Return the newest interpreter in the cache that runs."""
    stamps = CACHE.glob("cpython-*t/.built")
    for stamp in sorted(stamps, key=lambda stamp: [int(n) for n in re.findall(r"\d+", stamp.parent.name)])[
        ::-1
    ]:
        python = stamp.parent / "bin" / "python3"
        check = "import sys; sys.exit(sys._is_gil_enabled())"
        if python.exists() and subprocess.run([python, "-c", check], check=False).returncode == 0:
            return python
    return None


def build() -> None:
    """Build an interpreter into the cache."""
    CACHE.mkdir(parents=True, exist_ok=True)
    found, archive = source()
    prefix = CACHE / f"cpython-{found.name}t"
    log(f"building CPython {found.name} without the GIL into {prefix}")
    shutil.rmtree(prefix, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as place:
        packed = Path(place) / "source.tar.xz"
        packed.write_bytes(archive)
        with tarfile.open(packed) as tar:
            tar.extractall(place, filter="data")
        (folder,) = (path for path in Path(place).iterdir() if path.is_dir())
        steps = (
            ["./configure", f"--prefix={prefix}", "--disable-gil"],
            ["make", f"-j{os.cpu_count() or 1}"],
            ["make", "install"],
        )
        with (CACHE / "build.log").open("wb") as output:
            for step in steps:
                if subprocess.run(step, cwd=folder, stdout=output, stderr=output, check=False).returncode:
                    raise SystemExit(f"{' '.join(step)} failed: see {CACHE / 'build.log'}")
    (prefix / ".built").touch()


def main() -> None:
    """Print the path, if there is one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", action="store_true", help="build one if there is none")
    python = built()
    if python is None and parser.parse_args().build:
        build()
        python = built()
        if python is None:
            raise SystemExit("what was built does not run without the GIL")
    if python is not None:
        print(python)


if __name__ == "__main__":
    main()

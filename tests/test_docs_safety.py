"""docs/safety.md names tests, and they are there; and what it says of files that are cut short is so."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fragmented import needs_fragview

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "safety.md").read_text()
NAMED = sorted(set(re.findall(r"`((?:tests|crates|fuzz)/[\w/.]+)(?:::(\w+))?`", PAGE)))


def test_the_page_names_tests() -> None:
    """In each of the five promises; a name that is written another way is not overlooked."""
    parts = re.split(r"^## ", PAGE, flags=re.M)
    promises = [part for part in parts if part[:1].isdigit()]
    assert len(promises) == 5
    for promise in promises:
        assert re.search(r"`tests/test_\w+\.py::\w+`", promise), promise[:40]
    assert PAGE.count("::") == sum(len(re.findall(rf"`{re.escape(f)}::{n}`", PAGE)) for f, n in NAMED if n)


@pytest.mark.parametrize(("file", "name"), NAMED, ids=["::".join(each) for each in NAMED])
def test_named_tests_exist(file: str, name: str) -> None:
    """As a file and, where one is named, as a test in it."""
    text = (ROOT / file).read_text()
    if not name:
        return
    if file.endswith(".py"):
        assert re.search(rf"^(def {name}\(|class {name}\b)", text, re.M)
    else:
        assert re.search(rf"#\[test\]\s+fn {name}\(|^    fn {name}\(", text, re.M)


CUT_SHORT = """
import mmap, os, resource, sys
import fragview
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
view = fragview.open(sys.argv[1])
os.truncate(sys.argv[1], 1)
here, there = os.pipe()
try:
    view[mmap.PAGESIZE:].write_to(there)
except OSError as error:
    print(error.errno, flush=True)
print(view[0], flush=True)
view[mmap.PAGESIZE]
print("not reached", flush=True)
"""


@needs_fragview
@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other signals, or refuse")
def test_a_file_cut_short_ends_the_process(tmp_path: Path) -> None:
    """SIGBUS where the page is gone; a system call is an OSError; what is still there can be read."""
    path = tmp_path / "data"
    path.write_bytes(b"x" * 20_000)
    command = [sys.executable, "-c", CUT_SHORT, str(path)]
    # `make asan` leaves the signal to us.
    environment = os.environ | {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":handle_sigbus=0"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.stdout.split() == ["14", str(ord("x"))]  # 14 is EFAULT
    assert done.returncode == -signal.SIGBUS

"""Searches and comparisons of shared memory copy to a scratch of fixed size: never the view."""

from __future__ import annotations

import subprocess
import sys

import pytest

from fragmented import needs_fragview

pytestmark = needs_fragview

PROGRAM = """
import mmap, resource
from fragview import FragView, re

length = 1 << 26
one, other = mmap.mmap(-1, length), mmap.mmap(-1, length)
view = FragView([memoryview(one)[:99], memoryview(one)[99:]])
like = FragView([memoryview(other)[:9999], memoryview(other)[9999:]])
pattern = re.compile(b"ab+c")
# Made before there is a limit: what the modules need, and all pages of the memory.
small = FragView([b"ab", b"cd"])
assert small.find(b"bc") == 1 and pattern.search(small) and hash(small) and list(pattern.finditer(small))
assert view == like
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (1 << 24), resource.RLIM_INFINITY))
assert view.find(b"abc") == view.rfind(b"abc") == -1
assert view.find(b"a") == view.rfind(b"a") == -1
assert view.count(b"abc") == 0 and b"abc" not in view
assert not view.startswith(b"a") and not view.endswith(b"a")
assert view == like and view == other and view[::-1] == like[::-1]
assert view.cast("I") == like.cast("I")
assert pattern.search(view) is None and list(pattern.finditer(view)) == []
print("ok")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc and RLIMIT_AS")
def test_no_copy_of_what_is_read() -> None:
    """With 16 MiB to spare, operations on views of 64 MiB with a seam."""
    run = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=100)
    assert (run.stdout, run.stderr) == ("ok\n", "")

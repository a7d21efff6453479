"""Memoryviews and views of them in cycles: the collector takes them apart in any order."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

#: How the view is made of the memoryview `m`.
MADE = {
    "view": "FragView(m)",
    "slice": "FragView(m[1:9])",
    "strided": "FragView(m[::2])",
    "joined": "FragView([m, m[3:], m])",
    "exported": "memoryview(FragView(m))",
    "extents": "FragView.from_extents(m, [(1, 2), (5, 3)])",
    "stream": "FragBuffer([m]).view()",
    "file": "FragView(m).open()",
    "iterator": "iter(FragView(m))",
    "table": "RecordLayout('B', 'a', length=0).scan(m)",
    "gather": "entered(FragView(m).gather())",
    "oracle": "memoryview(m)",
}

PROGRAM = """
import ctypes, gc, itertools, weakref
from fragview import FragBuffer, FragView, RecordLayout

memory = ctypes.create_string_buffer(b"x" * 64)
of_address = ctypes.pythonapi.PyMemoryView_FromMemory
of_address.restype, of_address.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_ssize_t, ctypes.c_int]

class Array(bytearray):
    pass

def without_object():
    m = of_address(ctypes.addressof(memory), 64, 0x200)
    assert m.obj is None
    return m

def entered(block):
    block.__enter__()
    return block

class Node:
    pass

gone = []

def make(order, source):
    node, m = Node(), source()
    node.itself = node
    parts = dict(m=m, v={made})
    for name in order:
        setattr(node, name, parts[name])
    if isinstance(m.obj, Array):
        m.obj.node = node
    node.all = [*(parts[name] for name in order), node]
    gone.append(weakref.ref(node))

gc.disable()
for source in (without_object, lambda: memoryview(Array(64)), lambda: memoryview(Array(64))[::-1]):
    for order in itertools.permutations("mv"):
        for _ in range(50):
            make(order, source)
        gc.collect()
        gc.collect()
print(sum(it() is not None for it in gone), len(gone))
"""


@pytest.mark.parametrize("name", MADE)
def test_a_memoryview_and_a_view_of_it(name: str) -> None:
    """With an exporter and without one, made in either order: nothing crashes, and nothing is left."""
    program = textwrap.dedent(PROGRAM).replace("{made}", MADE[name])
    run = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", program], capture_output=True, timeout=60, check=False
    )
    assert (run.returncode, run.stdout) == (0, b"0 300\n"), run.stderr.decode()[-2000:]

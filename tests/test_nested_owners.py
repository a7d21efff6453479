"""Owners of owners of owners: a chain of a million levels comes apart in constant stack, whoever ends it."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest

#: FRAGVIEW_TEST_LEVELS=1000000 makes it a million: 10 to 250 s and up to 3 GiB a chain.
LEVELS = int(os.environ.get("FRAGVIEW_TEST_LEVELS", "20000"))

#: Bytes of stack that a chain comes apart in.
STACK = 256 << 10

#: CPython 3.13 lets 10,000 of its own dicts be freed within each other, where others let 50 (its "trashcan"
#: counts calls of C). A chain of instances of a Python class ends a smaller stack there, without us.
STACK_OF_DICTS = 8 << 20 if sys.version_info[:2] == (3, 13) else STACK

#: A statement that makes a level more of `it`, through each class of ours that may own another object.
CHAINS = {
    "columns": "it = layout.scan(it)['a']",
    "columns of offsets": "it = FragView(layout.scan(it).offsets).cast('B')[:1]",
    "records": "it = FragView(np.asarray(header.scan(FragView([b'h', it]))[0].content))",
    "tables joined": "it = FragView(np.asarray(header.scan(FragView([b'h', it])).join()))",
    "arrays": "it = FragView(np.asarray(it))",
    "memoryviews between": "it = FragView(memoryview(np.asarray(memoryview(it))))",
    "strided": "it = FragView(np.asarray(it)[::-1])",
    "file names": "file = FragView(b'x').open(); file.name = it; it = file",
    "file attributes": "file = FragView(b'x').open(); file.it = it; it = file",
    "streams": "it = FragBuffer([np.asarray(it)]).view()",
    "joined": "it = FragView([np.asarray(it)])",
    "edited": "it = FragView(np.asarray(it)) + b''",
    "blocks of gather": (
        "held = FragView([np.asarray(it)]).gather(); it = FragView(np.asarray(held.__enter__()))"
    ),
    "C fragments": "it = FragView(Foreign(it))",
    "segments": "it = FragView(memoryview(it.segments()).cast('B'))[:1]",
}

PROGRAM = """
import gc, sys, threading
import numpy as np
from fragview import FragBuffer, FragView, RecordLayout

layout = RecordLayout("B", "a", length=0)
header = RecordLayout("B", "a", length=1)

def chain(levels):
    it = FragView(bytes(1))
    for _ in range(levels):
        {step}
    return it

class Node:
    pass

class Foreign:
    def __init__(self, it):
        self.it = it

    def __fragview_c_fragments__(self, **keywords):
        return self.it.__fragview_c_fragments__(**keywords)

def work():
    gc.disable()
    it = chain(levels)
    del it
    # By the collector: a cycle that nothing but the chain's beginning and end are in.
    node = Node()
    node.it, node.itself = chain(levels), node
    del node
    gc.collect()

levels = {levels}
threading.stack_size({stack})
thread = threading.Thread(target=work)
thread.start()
thread.join()
print("done")
"""


@pytest.mark.parametrize("name", CHAINS)
def test_a_long_chain_comes_apart(name: str) -> None:
    """By deletion and by the collector, in a thread of 256 KiB."""
    stack = STACK_OF_DICTS if name == "file attributes" else STACK
    program = textwrap.dedent(PROGRAM).format(step=CHAINS[name], levels=LEVELS, stack=stack)
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=600, check=False)
    assert (run.returncode, run.stdout) == (0, b"done\n"), run.stderr.decode()[-2000:]


def test_a_chain_goes_in_order_and_at_once() -> None:
    """What is deep waits, but no longer than the statement that lets it go: its source is free then."""
    program = """
    import numpy as np
    from fragview import FragView
    source = bytearray(8)
    it = FragView(source)
    for _ in range(1000):
        it = FragView(np.asarray(it))
    try:
        source.append(1)
    except BufferError:
        del it
        source.append(1)
        print("done")
    """
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, timeout=60, check=False
    )
    assert (run.returncode, run.stdout) == (0, b"done\n"), run.stderr.decode()

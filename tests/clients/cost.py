"""The memory that a call takes for a view beyond what it takes for `bytes`.

`python -m tests.clients.cost` prints JSON: the client's number, the way, and how many bytes more for each
byte of the view. The allocator is told to give big blocks back at once, so that the process's peak shows each
of them. Linux only.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import Mapping
from pathlib import Path

from fragview import FragView

from .cells import evaluate, fragments_of, given, namespace, standard
from .client import SAME, Client
from .families import standard as standard_clients
from .families import third

LARGE = 1 << 20
FRAGMENT = 1 << 14
ROUNDS = 2
TOO_LONG = 20
WAYS = ("view", "memoryview", "open", "fragments")
"""Those that can hide a copy: one fragment is the memory itself, and `gather` copies by name."""

ENVIRONMENT = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536", "MALLOC_ARENA_MAX": "1"}
STATUS = Path("/proc/self/status")


def memory(field: str) -> int:
    """A size of this process in bytes: `VmHWM`, the peak, or `VmRSS`."""
    for line in STATUS.read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) * 1024
    raise LookupError(field)


def peak_of(call: str, names: Mapping[str, object]) -> int:
    """The most memory in use while it runs, beyond that before: of Python's allocator or of the system,
    whichever is more."""
    Path("/proc/self/clear_refs").write_text("5")
    before = memory("VmRSS")
    tracemalloc.start()
    try:
        result = evaluate(call, dict(names))
        traced = tracemalloc.get_traced_memory()[1]
        system = memory("VmHWM") - before
        del result
    finally:
        tracemalloc.stop()
    return max(traced, system)


def extra(client: Client, way: str) -> float:
    """Bytes of memory for each byte of the view, beyond those for `bytes`."""
    data = client.data(LARGE)
    sizes = [FRAGMENT] * (len(data) // FRAGMENT) + [len(data) % FRAGMENT]
    view = FragView(fragments_of(bytes(len(data)) if client.fills else data, sizes, writable=client.fills))
    ours, theirs = [], []
    for _ in range(ROUNDS):
        source = standard(client.takes, bytearray(len(data)) if client.fills else data)
        with namespace(client, data) as names:
            theirs.append(peak_of(client.call, {**names, "x": source}))
        with namespace(client, data) as names, given(view, way) as x:
            ours.append(peak_of(client.call, {**names, "x": x}))
    return (min(ours) - min(theirs)) / len(data)


def apart(client: Client, way: str) -> float:
    """The same, by a child, whose memory no other client has been in."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        code = 1
        try:
            signal.alarm(TOO_LONG)
            os.write(writing, f"{extra(client, way):.2f}".encode())
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    with open(reading, "rb") as file:  # noqa: PTH123
        told = file.read()
    _, status = os.waitpid(child, 0)
    if status:
        raise RuntimeError(f"{client.library}: {client.call} by {way}: the child ended with {status}")
    return float(told)


def numbered() -> list[tuple[int, Client]]:
    """The clients that can be measured, by their numbers among all."""
    return [
        (number, client) for number, client in enumerate([*standard_clients(), *third()]) if client.scales
    ]


def measured(library: str = "") -> list[tuple[Client, str, float]]:
    """Measure each working way of all clients, or of one library, by a process with these settings."""
    command = [sys.executable, "-m", f"{__package__}.cost", library]
    folder = Path(__file__).parents[str(__package__).count(".") + 1]
    environment = os.environ | ENVIRONMENT
    done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    clients = dict(numbered())
    rows = json.loads(done.stdout.splitlines()[-1])
    return [(clients[number], way, extra) for number, way, extra in rows]


if __name__ == "__main__":
    print(
        json.dumps(
            [
                (number, way, apart(client, way))
                for number, client in numbered()
                if sys.argv[1:] in ([], [""], [client.library])
                for way in WAYS
                if client.cell(way) == SAME
            ]
        )
    )

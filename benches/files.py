"""Views as files, and views to sockets."""

from __future__ import annotations

import io
import socket
import threading
import time
from collections.abc import Callable

from benches import layouts
from benches.layouts import Layout
from benches.timing import Bench, ratio_row

READ_ALL = "f.seek(0)\nwhile f.read(65536): pass"


def read(bench: Bench, layout: Layout) -> None:
    """A file over a view, read in blocks of 64 KiB."""
    names = {"f": layout.view().open(), "b": io.BytesIO(layout.whole())}
    theirs = READ_ALL.replace("f.", "b.")
    bench.ratio("`v.open()` read by 64 KiB", layout.name, READ_ALL, {"`io.BytesIO`": (theirs, 1.3)}, names)


def to_socket(send: Callable[[socket.socket], object], total: int) -> float:
    """The seconds until a socket's other end has all bytes: time as it passes, because two threads work."""
    one, other = socket.socketpair()
    with one, other:

        def drain() -> None:
            buffer, got = bytearray(1 << 20), 0
            while got < total:
                got += other.recv_into(buffer)

        reader = threading.Thread(target=drain)
        reader.start()
        start = time.perf_counter()
        send(one)
        reader.join()
        return time.perf_counter() - start


def write(bench: Bench) -> None:
    """A million fragments to a socket, against joining them first."""
    layout = Layout(1_000_000, 1024, equal=True)
    view, pieces = layout.view(), layout.pieces()
    total = len(view)
    pairs = [
        (to_socket(view.write_to, total), to_socket(lambda s: s.sendall(b"".join(pieces)), total))
        for _ in range(5)
    ]
    row = ratio_row(
        pairs,
        page=bench.page,
        group=bench.group,
        what="`v.write_to(socket)`",
        layout=layout.name,
        against='`sendall(b"".join(pieces))`',
        bar=0.8,
    )
    bench.add(row)


def measure(bench: Bench) -> None:
    """All rows of this page."""
    for layout in (layouts.thousand(), layouts.million()):
        read(bench, layout)
    write(bench)

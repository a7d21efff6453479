"""Doors for code that needs contiguous memory, or walks fragments natively.

`remap()` against copies, and a C extension that takes the fragments against one that is given a copy. Needs
Linux and a C compiler.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sysconfig
import tempfile
import timeit
from pathlib import Path
from typing import Any

import numpy as np

import fragview
from benches.layouts import Layout
from benches.timing import CLOCK, Bench
from fragview import FragView

ROOT = Path(__file__).parent.parent
# All views of pages have as many bytes.
TOTAL = 16 << 20
SIZES = (4 << 10, 16 << 10, 64 << 10, 1 << 20)
READS = 100_000


def extension() -> Any:
    """Compile benches/native.c and import it."""
    folder = ROOT / "target" / "bench-native"
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "bench_native.so"
    include = [f"-I{fragview.get_include()}", f"-I{sysconfig.get_path('include')}"]
    source = str(Path(__file__).with_suffix(".c"))
    command = ["gcc", "-O3", "-Wall", "-Wextra", "-fPIC", "-shared", *include, source, "-o", str(target)]
    subprocess.run(command, check=True)
    spec = importlib.util.spec_from_file_location("bench_native", target)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pages(bench: Bench, native: Any, path: Path) -> None:
    """`remap()` against the calls that copy, alone and with what a user does next."""
    mapped = fragview.open(path)
    rng = np.random.default_rng(1)
    for size in SIZES:
        count = TOTAL // size
        # In random order, and no two of them neighbours.
        view = FragView.from_extents(mapped, [(2 * int(at) * size, size) for at in rng.permutation(count)])
        layout = f"{count:,} of {size >> 10:,} KiB" if size < 1 << 20 else f"{count:,} of 1 MiB"
        names = {
            "v": view,
            "total": native.sum_buffer,
            "np": np,
            "at": rng.integers(0, TOTAL, READS),
            "gathered": gathered,
            "gathered_total": gathered_total,
            "gathered_reads": gathered_reads,
        }
        bench.ratio(
            "`v.remap()`",
            layout,
            "v.remap()",
            {"`v.gather()`": ("gathered(v)", None), "`v.tobytes()`": ("v.tobytes()", None)},
            names,
        )
        bench.ratio(
            "`v.remap()`, all bytes read",
            layout,
            "total(v.remap())",
            {
                "`v.gather()`": ("gathered_total(v, total)", None),
                "`v.tobytes()`": ("total(v.tobytes())", None),
            },
            names,
        )
        bench.ratio(
            f"`v.remap()`, {READS:,} random reads",
            layout,
            "np.asarray(v.remap())[at]",
            {
                "`v.gather()`": ("gathered_reads(v, at)", None),
                "`v.tobytes()`": ("np.frombuffer(v.tobytes(), np.uint8)[at]", None),
            },
            names,
        )


def gathered(view: FragView) -> None:
    """A block of `gather()` that does nothing."""
    with view.gather(writeback=False):
        pass


def gathered_total(view: FragView, total: Any) -> int:
    """All bytes read in a block of `gather()`."""
    with view.gather(writeback=False) as whole:
        found: int = total(whole)
        return found


def gathered_reads(view: FragView, at: Any) -> Any:
    """Bytes at random read in a block of `gather()`."""
    with view.gather(writeback=False) as whole:
        return np.asarray(whole)[at]


def fragments(bench: Bench, native: Any) -> None:
    """A sum in C over fragments, the capsule included, against a copy and a contiguous sum."""
    layout = Layout(271_000, 1024, equal=True)
    view = layout.view()
    names = {"v": view, "native": native, "np": np}
    assert native.sum_fragments(view) == native.sum_buffer(view.tobytes())
    by_numpy = "sum(int(np.frombuffer(f, np.uint8).sum()) for f in v.fragments)"
    peers = {
        "`v.tobytes()`, a sum in C": ("native.sum_buffer(v.tobytes())", 0.2),
        "NumPy, a fragment at a time": (by_numpy, None),
    }
    bench.ratio("a sum in C over the fragments", layout.name, "native.sum_fragments(v)", peers, names)
    layout = Layout(1_000_000, 64, equal=True)
    view = layout.view()
    take = timeit.Timer("take(v)", timer=CLOCK, globals={"take": native.take_fragments, "v": view})
    take.timeit(1)
    values = [take.timeit(1) / layout.count * 1e9 for _ in range(bench.effort.rounds)]
    bench.figure("the capsule, taken and released", layout.name, values, unit="ns a fragment", bar=10.0)


def measure(bench: Bench) -> None:
    """All rows of this page."""
    native = extension()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pages"
        path.write_bytes(os.urandom(2 * TOTAL))
        pages(bench, native, path)
    fragments(bench, native)

"""The asyncio example, with more than a few bytes."""

from __future__ import annotations

import asyncio
import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from fragmented import needs_fragview
from fragview import FragView

pytestmark = needs_fragview

EXAMPLE = Path(__file__).parent.parent / "examples" / "asyncio_example.py"


def load() -> Any:
    spec = importlib.util.spec_from_file_location("asyncio_example", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_example_runs() -> None:
    done = subprocess.run([sys.executable, str(EXAMPLE)], capture_output=True, text=True, check=True)
    assert done.stdout == "16 bytes of 4 fragments arrived as b'Hello, ' and b'fragments'\n"


def test_many_fragments_of_many_sizes() -> None:
    data = np.arange(500_000, dtype="<u4").tobytes()
    cuts = np.cumsum(np.random.default_rng(0).integers(1, 3000, 1200))
    source = FragView([data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)])
    target = FragView([bytearray(1 << 12) for _ in range(len(source) // (1 << 12) + 1)])
    assert asyncio.run(load().transfer(source, target)) == len(source) == len(data)
    assert target[: len(data)] == data
    target.release()

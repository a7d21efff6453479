"""Views with gaps: what costs nothing without gaps costs nothing with them, in memory and in a pickle."""

from __future__ import annotations

import copy
import itertools
import pickle
import re
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fragmented import FragView, cut, needs_fragview

fragview = pytest.importorskip("fragview")
pytestmark = needs_fragview

DATA = bytes(range(48))
SPLITS = [(48,), (1,) * 48, (5, 0, 1, 2, 40)]
STEPS = [2, 3, 7, -1, -2, -5]
FORMATS = ["B", "H", "<I", "<BHB"]


@pytest.mark.parametrize("sizes", SPLITS)
@pytest.mark.parametrize("format", FORMATS)
def test_struct_calls(sizes: tuple[int, ...], format: str) -> None:
    """`unpack_from`, `pack_into`, `iter_unpack` at each offset, as on the items joined."""
    for step in STEPS:
        fragmented = cut(DATA, sizes)
        view = fragmented.view()
        items = (view if format == "B" else view.cast(format))[::step]
        joined = items.tobytes()
        for code in ("B", "<H", "<3s", "<Q"):
            size = struct.calcsize(code)
            for offset in range(-len(joined) - 1, len(joined) + 2):
                try:
                    expected = struct.unpack_from(code, joined, offset)
                except struct.error as error:
                    with pytest.raises(struct.error, match=f"^{re.escape(str(error))}$"):
                        items.unpack_from(code, offset)
                    with pytest.raises(struct.error):
                        items.pack_into(code, offset, *struct.unpack(code, bytes(size)))
                else:
                    assert items.unpack_from(code, offset) == expected
                    values = struct.unpack(code, b"\xa5" * size)
                    items.pack_into(code, offset, *values)
                    target = bytearray(joined)
                    struct.pack_into(code, target, offset, *values)
                    assert items.tobytes() == target
                    items.pack_into(code, offset, *expected)
            if len(joined) % size == 0:
                found = items.iter_unpack(code)
                assert found.__length_hint__() == len(joined) // size
                assert list(found) == list(struct.iter_unpack(code, joined))
        fragmented.check(DATA)


@pytest.mark.parametrize("sizes", SPLITS)
@pytest.mark.parametrize("format", FORMATS)
def test_fragments_and_locate(sizes: tuple[int, ...], format: str) -> None:
    """A fragment a contiguous run, and `locate` tells which."""
    for step in STEPS:
        view = cut(DATA, sizes).view()
        items = (view if format == "B" else view.cast(format))[::step]
        fragments = items.fragments
        assert b"".join(fragments) == items.tobytes()
        assert [bytes(piece) for piece in reversed(fragments)] == [bytes(piece) for piece in fragments][::-1]
        starts = list(itertools.accumulate(map(len, fragments), initial=0))
        for index in range(-len(items), len(items)):
            fragment, within = items.locate(index)
            assert starts[fragment] + within == index % len(items) * items.itemsize
            assert within < len(fragments[fragment])
        for index in (len(items), -len(items) - 1):
            with pytest.raises(IndexError, match="out of bounds"):
                items.locate(index)


def test_fragments_are_the_memory() -> None:
    """Writes to a piece of a view with gaps go to the source."""
    source = bytearray(DATA)
    for view in (FragView(source)[::3], FragView([memoryview(source)[:7], memoryview(source)[7:]])[::3]):
        for value, piece in enumerate(view.fragments, 100):
            piece[0] = value
        assert list(source[::3]) == list(range(100, 116))
    assert [piece.readonly for piece in FragView(DATA)[::20].fragments] == [True] * 3
    assert [piece.readonly for piece in FragView(source)[::20].toreadonly().fragments] == [True] * 3


@pytest.mark.parametrize("sizes", SPLITS)
def test_files(sizes: tuple[int, ...]) -> None:
    """A file over a view with gaps reads and writes the items alone."""
    for format, step in itertools.product(FORMATS, STEPS):
        fragmented = cut(DATA, sizes)
        view = fragmented.view()
        items = (view if format == "B" else view.cast(format))[::step]
        joined = items.tobytes()
        file = items.open()
        assert file.read(3) == joined[:3]
        assert file.peek(2)[:2] == joined[3:5]
        assert file.readline() == joined[3 : joined.find(b"\n", 3) + 1 or None]
        file.seek(1)
        target = bytearray(4)
        assert file.readinto(target) == 4
        assert target == joined[1:5]
        file.seek(2)
        assert file.write(b"\xee\xef\xf0") == 3
        assert items.tobytes() == joined[:2] + b"\xee\xef\xf0" + joined[5:]
        with pytest.raises(BufferError, match="past the end"):
            file.write(bytes(len(joined)))
        file.seek(2)
        file.write(joined[2:5])
        assert file.getvalue() == joined
        assert file.view().tobytes() == joined
        fragmented.check(DATA)


PROGRAM = """
import mmap, resource, struct, sys
from fragview import FragView

length = 1 << 28
source = mmap.mmap(-1, length)
# Made before there is a limit: the directory of fragments, and what the modules need.
FragView(b"abc").open().read()
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (1 << 26), resource.RLIM_INFINITY))
for view in (FragView(source)[::2], FragView([memoryview(source)[:99], memoryview(source)[99:]])[::-3]):
    for _ in range(1000):
        assert view.unpack_from("<I", 1000) == (0,)
        view.pack_into("<I", 2000, 0)
        assert view.locate(12345) == (12345, 0)
        assert view.open().read(1) == b"\\0"
        assert len(view.fragments) == len(view)
        assert view.fragments[-1] == b"\\0"
    assert next(view[: 1 << 20].iter_unpack("<I")) == (0,)
# As many items of four bytes: the calls that need no joined view.
view = FragView(source).cast("I")[::2]
for _ in range(1000):
    assert view.unpack_from("<Q", 1001) == (0,)
    view.pack_into("<Q", 2001, 0)
    assert view.locate(12345) == (12345, 0)
    assert len(view.fragments) == len(view)
# A stepped assignment where nothing overlaps needs no memory at all.
half = length // 2
view = FragView(source)
view[: half : 2] = view[half :: 2]
view[: half : 2] = view[: half - 1 : -2]
print("ok")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc and RLIMIT_AS")
def test_memory() -> None:
    """With 64 MiB to spare, calls on views of 2^27 items: a fragment for each would take 2 GiB."""
    run = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=100)
    assert (run.stdout, run.stderr) == ("ok\n", "")


def test_pickles_of_a_mapped_file(tmp_path: Path) -> None:
    """A stepped view of a mapped file is pickled by reference, in some hundred bytes."""
    path = tmp_path / "file"
    path.write_bytes(DATA * 2000)
    whole = fragview.open(path)
    parts = [whole[::2], whole[::-1], whole[10:1000:7], whole[1000:10:-7], whole.cast("<I")[::3]]
    parts += [whole.cast("H")[::-5], whole.cast("B", [2000, 48])[::2], whole.cast("<H", [20, 100, 24])[::-3]]
    holed = FragView.from_extents(whole, [(5, 10), (None, 1 << 40), (20, 15)])
    parts += [whole[::5].without_suboffsets(), holed[::3][: 1 << 38]]
    for part in parts:
        for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
            pickled = pickle.dumps(part, protocol)
            assert len(pickled) < 1000
            again = pickle.loads(pickled)
            assert (again.format, again.shape, again.strides) == (part.format, part.shape, part.strides)
            assert again.readonly is part.readonly
            assert again[:50].tobytes() == part[:50].tobytes()
            if part.nbytes < 1 << 20:
                assert again == part
                assert again.obj.path == str(path)
            assert pickle.loads(pickle.dumps(again)) == again if part.nbytes < 1 << 20 else True


def test_other_pickles_have_the_items_alone() -> None:
    """What lies in the gaps of memory is not pickled: a copy of the items is."""
    source = bytearray(b"a-b-c-d-" * 5000)
    for part in (FragView(source)[::2], FragView(bytes(source))[::2], FragView([source, b"x-y-"])[::2]):
        for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
            pickled = pickle.dumps(part, protocol)
            assert len(pickled) < len(part) + 1000
            assert pickled.count(b"-") < 20
            again = pickle.loads(pickled)
            assert again == part
            assert again.readonly is part.readonly
        assert copy.deepcopy(part) == part
    mixed = FragView([source, bytes(4)])[::2]
    assert (mixed[:20000].readonly, mixed.readonly) == (False, True)
    again = pickle.loads(pickle.dumps(mixed))
    assert (again[:20000].readonly, again[20000:].readonly) == (False, True)


def test_malformed_steps() -> None:
    """A pickle that lies about its step is a ValueError."""
    from fragview._fragview import rebuild_view

    plan = struct.pack("<4q", 0, 0, 10, 1)

    def rebuild(format: str, size: int, shape: list[int], step: Any) -> Any:
        return rebuild_view((bytes(range(10)),), plan, format, size, shape, step)

    assert rebuild("B", 1, [4], 3).tolist() == [0, 3, 6, 9]
    assert rebuild("B", 1, [4], -3).tolist() == [9, 6, 3, 0]
    assert rebuild("<H", 2, [3], 4).tolist() == [0x100, 0x504, 0x908]
    assert rebuild("B", 1, [2, 2], -8).tolist() == [[8, 9], [0, 1]]
    # Items that overlap, as those of `np.lib.stride_tricks.as_strided`.
    assert rebuild("<H", 2, [9], 1).tolist() == [i + (i + 1 << 8) for i in range(9)]
    for format, size, shape, step in [
        ("B", 1, [5], 3),
        ("B", 1, [4], 2),
        ("B", 1, [4], 0),
        ("B", 1, [10], 0),
        ("B", 1, [], 3),
        ("B", 1, [4, 0], 3),
        ("B", 1, [2, 6], 4),
        ("B", 1, [1, 2**62, 4], 1),
        ("<H", 2, [8], 1),
        ("<H", 2, [10], 1),
        ("B", 1, [4], -(2**63)),
        ("B", 1, [2] * 65, 3),
    ]:
        with pytest.raises(ValueError, match="is invalid"):
            rebuild(format, size, shape, step)

"""`remap()` and the system: failures, limits, holes, files cut short, forks, threads."""

from __future__ import annotations

import gc
import mmap
import os
import pickle
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import fragview
from fragview import FragView

PAGE = mmap.PAGESIZE

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads Linux' /proc")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "pages.bin"
    path.write_bytes(np.arange(16 * PAGE // 4, dtype="<u4").tobytes())
    return path


def mappings(of: str = "") -> int:
    """The number of the process' mappings, or of those of one file."""
    return sum(of in line for line in Path("/proc/self/maps").read_text().splitlines())


def child(program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a program of its own, which may be ended by a signal."""
    begin = "import mmap, os, sys, fragview; from fragview import FragView; PAGE = mmap.PAGESIZE\n"
    command = [sys.executable, "-c", begin + program, *map(str, arguments)]
    # A sanitizer leaves the signals to the test.
    options = os.environ.get("ASAN_OPTIONS", "") + ":handle_sigbus=0:handle_segv=0"
    environment = os.environ | {"ASAN_OPTIONS": options}
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=environment)


# --- failures ---


def test_nothing_is_mapped_after_a_failure(path: Path) -> None:
    view = fragview.open(path)
    good = FragView.from_extents(view, [(2 * PAGE, PAGE), (0, PAGE)])
    bad = [
        FragView([good, bytearray(PAGE)]),
        FragView([good, FragView(mmap.mmap(-1, PAGE, flags=mmap.MAP_PRIVATE))]),
        FragView([good, view[3:]]),
        good[::2],
    ]
    gc.collect()
    before = mappings(path.name)
    for wrong in bad:
        for _ in range(20):
            with pytest.raises(BufferError):
                wrong.remap()
        assert not wrong.can_remap()
    assert mappings(path.name) == before


LIMITED = """
limit = int(open("/proc/sys/vm/max_map_count").read())
path = sys.argv[1]
mapped = fragview.open(path)
count = lambda: sum(path in line for line in open("/proc/self/maps"))
before = count()
refused = taken = 0
# Around the limit, where the system may refuse in the middle.
present = sum(1 for _ in open("/proc/self/maps"))
for more in (-40, -12, -8, -6, -5, -4, -3, -2, -1, 0, 1, 2):
    pages = [0, 2] * ((limit - present + more) // 2 + 1)
    view = FragView.from_blocks(mapped, pages[: limit - present + more], PAGE)
    try:
        one = view.remap()
    except BufferError as error:
        assert "vm.max_map_count" in str(error) and "gather()" in str(error), error
        refused += 1
    else:
        assert one[:: PAGE] == view[:: PAGE]
        taken += 1
        del one
    assert count() == before
print(refused, taken)
"""


def test_at_the_limit_of_mappings(path: Path) -> None:
    """Either all of it is mapped, or nothing is and the error says so."""
    if int(Path("/proc/sys/vm/max_map_count").read_text()) > 1 << 17:
        pytest.skip("this system allows many mappings")
    done = child(LIMITED, path)
    assert done.returncode == 0, done.stderr
    refused, taken = map(int, done.stdout.split())
    assert refused
    assert taken


FULL = """
limit = int(open("/proc/sys/vm/max_map_count").read())
mapped = fragview.open(sys.argv[1])
pages = lambda count: FragView.from_blocks(mapped, [0, 2] * (count // 2), PAGE)
count = lambda: sum(1 for _ in open("/proc/self/maps"))
small = pages(200)
kept = pages(limit - count() - 260).remap()
one = small.remap()
before = count()
try:
    small.remap()
except BufferError as error:
    print(str(error).partition(";")[0])
print(count() - before)
"""


def test_few_fragments_at_the_limit_of_mappings(path: Path) -> None:
    """The system's own refusal comes in the middle, and is told as the limit that it is."""
    if int(Path("/proc/sys/vm/max_map_count").read_text()) > 1 << 17:
        pytest.skip("this system allows many mappings")
    done = child(FULL, path)
    assert done.returncode == 0, done.stderr
    text, more = done.stdout.splitlines()
    assert text == "remap(): the fragments need 200 mappings"
    assert int(more) == 0


def read_by_this_thread() -> int:
    """The bytes that this thread has read from files by system calls."""
    (line,) = (line for line in Path("/proc/thread-self/io").read_text().splitlines() if "rchar" in line)
    return int(line.split()[1])


def test_the_list_of_mappings_is_not_read_for_few_fragments(path: Path) -> None:
    """A chain of remaps, and many small ones, take no time for each mapping of the process."""
    if tuple(map(int, os.uname().release.split(".")[:2])) < (6, 11):
        pytest.skip("Linux answers for one mapping from 6.11 on")
    views = [FragView.from_extents(fragview.open(path, "r+"), [(PAGE, PAGE), (0, PAGE)])]
    listed = len(Path("/proc/self/maps").read_bytes())
    before = read_by_this_thread()
    for _ in range(100):
        assert views[0].can_remap()
        views.append(FragView.from_blocks(views[-1], [1, 0], PAGE).remap())
        views[0].remap().release()
    # Reading the count itself is some hundred bytes.
    assert read_by_this_thread() - before < min(listed, 2000)
    views[-1][0] = 77
    assert all(view[PAGE if at % 2 else 0] == 77 for at, view in enumerate(reversed(views[:-1]), 1))


@pytest.mark.skipif("ASAN_OPTIONS" in os.environ, reason="a sanitizer has reserved the addresses")
def test_no_room_for_addresses(path: Path) -> None:
    program = """
import resource
view = FragView.from_blocks(fragview.open(sys.argv[1]), [0, 2] * 8192, PAGE)
resource.setrlimit(resource.RLIMIT_AS, (1 << 20, resource.RLIM_INFINITY))
try:
    view.remap()
except (BufferError, MemoryError) as error:
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print(type(error).__name__)
"""
    done = child(program, path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() in ("BufferError", "MemoryError")


# --- what the pages are ---


def test_neighbours_share_a_mapping(path: Path) -> None:
    view = FragView.from_extents(fragview.open(path), [(at * PAGE, PAGE) for at in (0, 1, 2, 3, 8, 9)])
    before = mappings(path.name)
    one = view.remap()
    assert mappings(path.name) == before + 2
    assert one == view


def test_holes_take_no_memory(path: Path) -> None:
    size = 512 << 20
    view = FragView.from_extents(fragview.open(path), [(PAGE, PAGE), (None, size), (0, PAGE)])
    one = view.remap()
    before = resident()
    assert int(np.frombuffer(one[PAGE : PAGE + (64 << 20)], "u1").max()) == 0
    assert resident() - before < 16 << 20
    assert one[PAGE : PAGE + size].readonly


def resident() -> int:
    """The process' own memory, files not counted."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if "RssAnon" in line)
    return int(line.split()[1]) << 10


def test_a_hole_can_not_be_written(path: Path) -> None:
    """Not by an address either."""
    program = """
import ctypes
view = FragView.from_extents(fragview.open(sys.argv[1], "r+"), [(0, PAGE), (None, PAGE)])
one = view.remap()
address = next(iter(one.segments()))[0]
ctypes.memset(address, 1, PAGE)
print(view[0], flush=True)
ctypes.memset(address + PAGE, 1, 1)
"""
    done = child(program, path)
    assert (done.returncode, done.stdout.strip()) == (-signal.SIGSEGV, "1"), done.stderr


def test_readonly_pages_stay_so(path: Path) -> None:
    """A mapping that the source can't write can't be written by the new addresses."""
    program = """
import ctypes
one = FragView.from_extents(fragview.open(sys.argv[1]), [(PAGE, PAGE), (0, PAGE)]).remap()
ctypes.memset(next(iter(one.segments()))[0], 1, 1)
"""
    assert child(program, path).returncode == -signal.SIGSEGV


def test_a_file_that_is_cut_short_ends_the_process(path: Path) -> None:
    program = """
one = FragView.from_extents(fragview.open(sys.argv[1]), [(5 * PAGE, PAGE), (0, PAGE)]).remap()
os.truncate(sys.argv[1], PAGE)
print(one[PAGE], flush=True)
one[0]
"""
    done = child(program, path)
    assert (done.returncode, done.stdout.strip()) == (-signal.SIGBUS, "0"), done.stderr


def test_a_file_that_is_removed_stays(path: Path) -> None:
    one = FragView.from_extents(fragview.open(path), [(5 * PAGE, PAGE), (0, PAGE)]).remap()
    path.unlink()
    gc.collect()
    assert one[:4] == (5 * PAGE // 4).to_bytes(4, "little")


# --- forks, threads, pickles, release ---


def test_fork(path: Path) -> None:
    """Parent and child share the pages of the file, and a hole stays a hole."""
    view = FragView.from_extents(fragview.open(path, "r+"), [(PAGE, PAGE), (None, PAGE), (0, PAGE)])
    one = view.remap()
    one[5] = 1
    pid = os.fork()
    if pid == 0:
        good = one[5] == 1 and one[PAGE : 2 * PAGE] == bytes(PAGE)
        one[7] = 77
        view.release()
        made = FragView.from_extents(one, [(2 * PAGE, PAGE), (0, PAGE)]).remap()
        good = good and made[PAGE + 7] == 77
        os._exit(0 if good else 1)
    assert os.waitpid(pid, 0)[1] == 0
    assert (one[7], view[7]) == (77, 77)


def test_a_child_outlives_its_parents_mapping(path: Path) -> None:
    view = FragView.from_extents(fragview.open(path, "r+"), [(PAGE, PAGE), (0, PAGE)])
    one = view.remap()
    ready, go = os.pipe(), os.pipe()
    pid = os.fork()
    if pid == 0:
        os.read(go[0], 1)
        one[0] = 55
        os._exit(0)
    one.release()
    view.release()
    os.write(go[1], b"!")
    assert os.waitpid(pid, 0)[1] == 0
    assert path.read_bytes()[PAGE] == 55
    for descriptor in (*ready, *go):
        os.close(descriptor)


def test_threads_map_write_and_release(path: Path) -> None:
    view = FragView.from_extents(fragview.open(path, "r+"), [(PAGE, PAGE), (0, PAGE), (3 * PAGE, PAGE)])
    before, wrong = mappings(path.name), []
    barrier = threading.Barrier(4)

    def work(index: int) -> None:
        barrier.wait()
        for step in range(60):
            one = view.remap()
            one[PAGE * 2 + index] = step
            if view[PAGE * 2 + index] != step:
                wrong.append((index, step))
            one.release()

    threads = [threading.Thread(target=work, args=(index,)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    gc.collect()
    assert not wrong
    assert mappings(path.name) == before


def test_one_mapping_used_and_released_by_threads(path: Path) -> None:
    """An operation works on pages that are there, or says that the view was released."""
    view = FragView.from_extents(fragview.open(path), [(PAGE, PAGE), (0, PAGE)])
    expected = view.tobytes()
    for _ in range(30):
        one, problems = view.remap(), []

        def read(one: FragView = one, problems: list[object] = problems) -> None:
            try:
                while True:
                    if one.tobytes() != expected:
                        problems.append("bytes")
            except ValueError as error:
                if "released" not in str(error):
                    problems.append(error)

        threads = [threading.Thread(target=read) for _ in range(3)]
        for thread in threads:
            thread.start()
        while True:
            try:
                one.release()
                break
            except BufferError:
                continue
        for thread in threads:
            thread.join()
        assert not problems


def test_release_and_exports(path: Path) -> None:
    view = FragView.from_extents(fragview.open(path), [(PAGE, PAGE), (0, PAGE)])
    before = mappings(path.name)
    one = view.remap()
    export = memoryview(one)
    with pytest.raises(BufferError, match="1 exported buffer"):
        one.release()
    # The original has nothing to do with the new pages.
    view.release()
    assert export[0] == (PAGE // 4) & 255
    export.release()
    one.release()
    with pytest.raises(ValueError, match="released"):
        one[0]
    gc.collect()
    assert mappings(path.name) < before


def test_pickles_are_references(path: Path) -> None:
    view = FragView.from_extents(fragview.open(path), [(5 * PAGE, PAGE), (PAGE, 2 * PAGE)])
    one = view.remap()
    for part in (one, one[1:-1], one.cast("<I"), one[PAGE:]):
        data = pickle.dumps(part, 5)
        assert len(data) < 1000
        again = pickle.loads(data)
        assert again == part
        assert again.format == part.format
    # With the extents of the file, as the view itself.
    assert list(pickle.loads(pickle.dumps(one)).extents()) == list(view.extents())
    other = path.with_name("other")
    other.write_bytes(bytes(5))
    other.replace(path)
    with pytest.raises((ValueError, OSError)):
        pickle.loads(data)

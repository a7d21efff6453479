"""Views in other processes, sent by dask.distributed and by Ray: `pytest -m distributed`."""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import fragview
from fragmented import needs_fragview
from fragview import FragView

pytestmark = [
    needs_fragview,
    pytest.mark.distributed,
    pytest.mark.timeout(300),
    # Their warnings are theirs.
    pytest.mark.filterwarnings("ignore"),
]


def views(path: Path) -> dict[str, FragView[int]]:
    path.write_bytes(b"0123456789" * 1000)
    arena = bytearray(range(256)) * 400
    whole = memoryview(arena)
    return {
        "fragments": FragView([whole[:50_000], bytes(1000), whole[60_000:]]),
        "items": FragView([whole[:5], whole[9:12]]).cast("<I"),
        "holes": FragView.from_extents(arena, [(5, 3), (None, 10_000), (0, 5)]),
        "file": fragview.open(path)[5:50],
        "steps": FragView([whole[:7], whole[20:30]])[::-2],
    }


def looker() -> Any:
    """A function that tells what a worker sees of a view; by value, as no worker can import this file."""

    def look(view: Any) -> tuple[Any, ...]:
        import os

        return os.getpid(), view.tobytes(), view.format, view.readonly, getattr(view.obj, "path", None)

    return look


def check(name: str, seen: tuple[Any, ...], view: Any) -> None:
    assert seen[0] != os.getpid()
    assert seen[1:3] == (view.tobytes(), view.format), name
    assert seen[4] == getattr(view.obj, "path", None)


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    distributed = pytest.importorskip(
        "distributed", reason="dask.distributed is not installed (group `distributed`)"
    )
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def test_dask(client: Any, tmp_path: Path) -> None:
    look = looker()
    for name, view in views(tmp_path / "file").items():
        # To a worker, back, and from one worker to the other.
        check(name, client.submit(look, view, pure=False).result(60), view)
        assert client.submit(lambda v: v, view, pure=False).result(60) == view
        [future] = client.scatter([view], broadcast=True)
        first, second = (
            client.submit(look, future, pure=False, workers=[worker]) for worker in client.ncores()
        )
        check(name, first.result(60), view)
        check(name, second.result(60), view)


def test_dask_tells_of_a_changed_file(client: Any, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"one")
    view = fragview.open(path)
    data = pickle.dumps(view)
    path.write_bytes(b"three")
    with pytest.raises(OSError, match="changed since its view was pickled: 3 bytes"):
        client.submit(pickle.loads, data, pure=False).result(60)
    # Here it is seen before anything is sent; dask says so in its own words.
    with pytest.raises(TypeError) as caught:
        client.submit(len, view, pure=False).result(60)
    causes, error = [], caught.value.__cause__
    while error is not None:
        causes.append(str(error))
        error = error.__cause__ or error.__context__
    assert any("3 bytes then, 5 now" in cause for cause in causes)


@pytest.fixture(scope="module")
def ray() -> Iterator[Any]:
    ray = pytest.importorskip("ray", reason="Ray is not installed (group `distributed`)")
    ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False, configure_logging=False)
    yield ray
    ray.shutdown()


def test_ray(ray: Any, tmp_path: Path) -> None:
    remote = ray.remote(looker())
    for name, view in views(tmp_path / "file").items():
        check(name, ray.get(remote.remote(view), timeout=120), view)
        stored = ray.get(ray.put(view), timeout=60)
        assert stored == view
